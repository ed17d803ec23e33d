// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The rows of `make bench`: TIPC, TCP and AF_UNIX doing the same things.
 *
 * Meant for QEMU with -icount shift=0, where the time-stamp counter counts guest
 * instructions. A row is TEST/PROTOCOL/SIZE; for each it prints
 * "row<TAB>ROW<TAB>instructions of one<TAB>bytes sent by this namespace's devices<TAB>bytes
 * that had to go", or "failed<TAB>ROW<TAB>why" and goes on.
 *
 *   rtt    round trip, two processes         self    send and receive, one process
 *   oneway messages, two processes           conn    connect, accept, close, close
 *   socket socket() and close()              bind    bind and unbind
 *   mcast1 mcast8  one multicast (or so many sends) and its receptions, one process
 *   same   SIZE sockets bind one name        unsame  and withdraw it again (of each)
 *   many   four senders and four receivers, of each message
 *   idle   nothing, for SIZE seconds: what the machine does by itself
 *
 * table [-m ROW] [-r NAMESPACE] [-a ADDRESS] [-o | -s] ROW ...: with -r the other end is in that
 * namespace, with -o in another machine, where table -s runs with the same rows (and says "served<TAB>ROW"
 * for each that came to its end); -a is its IP address. With -m that row, or all of them, stand
 * between the markers of tools/bench/plugin/tbprof.c.
 *
 * The parts are in perf/table/.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "table/table.h"

const char *namespace, *address = "127.0.0.1", *marked, *row;
unsigned int place = 20000;
long size;
int other_machine;
static int serving;

static void one(const char *test)
{
	int echo = !strcmp(test, "rtt");

	if (serving)
		serve_row(echo);
	else if (echo || (other_machine && !strcmp(test, "oneway")))
		do_pair(echo);
	else if (!strcmp(test, "oneway") || !strcmp(test, "many"))
		do_rounds(test[0] == 'm' ? 4 : 1);
	else if (!strcmp(test, "self"))
		do_self();
	else if (!strcmp(test, "conn"))
		do_connect();
	else if (!strcmp(test, "socket") || !strcmp(test, "bind"))
		do_calls(test[0] == 'b');
	else if (!strncmp(test, "mcast", 5) && (test[5] == '1' || test[5] == '8'))
		do_multicast(test[5] - '0');
	else if (!strcmp(test, "same") || !strcmp(test, "unsame"))
		do_same(test[0] == 'u');
	else if (!strcmp(test, "idle"))
		do_idle();
	else
		errx(2, "%s: no such test", test);
	fflush(stdout);
}

/* is the row TEST/PROTOCOL/SIZE? if so it is the current one */
static void parse(char *text, char *test)
{
	char name[16] = "";

	row = text;
	if (sscanf(text, "%15[^/]/%15[^/]/%ld", test, name, &size) != 3 || size < 1 || size > MAX_SIZE)
		errx(2, "%s: not TEST/PROTOCOL/SIZE", text);
	if (!find_protocol(name))
		errx(2, "%s: no such protocol", text);
}

static void run(char *text)
{
	char test[16] = "";
	int status;
	pid_t pid;

	parse(text, test);
	place += 100;
	/* a process for each row, so that one that fails leaves the others alone */
	pid = fork();
	if (!pid) {
		alarm(serving ? 0 : !strcmp(test, "idle") ? size + 90 : other_machine ? 120 : 30);
		one(test);
		_exit(0);
	}
	if (pid < 0)
		err(1, "fork");
	if (serving)
		return;
	if (waitpid(pid, &status, 0) < 0)
		err(1, "fork");
	if (status)
		printf("failed\t%s\t%x\n", row, status);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "m:r:a:os")) != -1) {
		if (c == 'm')
			marked = optarg;
		else if (c == 'r')
			namespace = optarg;
		else if (c == 'a')
			address = optarg;
		else if (c == 'o')
			other_machine = 1;
		else if (c == 's')
			serving = 1;
		else
			return 2;
	}
	/* Let what boot left behind come to rest; costs nothing under sleep=off. */
	if (!serving)
		sleep(10);
	for (; optind < argc; optind++)
		run(argv[optind]);
	while (serving && wait(NULL) > 0)
		;
	return 0;
}
