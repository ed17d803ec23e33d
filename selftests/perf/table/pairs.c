// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* The rows of two processes, the other one maybe in another namespace or in another machine. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "table.h"

#define NEWNET 0x40000000
#define LAPS 9

static void wait_byte(int fd)
{
	char c;

	if (recv(fd, &c, 1, 0) != 1)
		err(1, "acknowledgement");
}

/* messages per acknowledgement where the protocol has no flow control of its own */
static long window(void)
{
	long n = 65536 / size;

	return n > 64 ? 64 : n < 4 ? 4 : n;
}

/* turns of a lap between machines: what goes one way in many, as few acknowledgements come of them */
long lap_of(int echo)
{
	return size <= 1024 ? (echo ? 256 : 1024) : size <= 4096 ? 128 : size <= 16384 ? 48 : 16;
}

/* messages of `count` for which the other end answers once */
long batch_of(int echo, long count)
{
	return echo ? 1 : connected() ? count : window();
}

/* The other end: sends each message back, or takes `batch` and acknowledges. */
static void serve(int fd, long batch, void (*taken)(long))
{
	struct end from;
	long n = 0;

	if (connected())
		fd = accept(fd, NULL, NULL);
	while (fd >= 0) {
		if (connected()) {
			take(fd);
		} else {
			from.len = sizeof(from.a);
			if (recvfrom(fd, buf, size, 0, (void *)&from.a, &from.len) != size)
				err(1, "receive");
		}
		n++;
		if (taken)
			taken(n);
		if (n % batch == 0)
			give(fd, connected() ? NULL : &from, batch > 1 ? 1 : size);
	}
	err(1, "accept");
}

/* ours closes as soon as it has accepted; theirs sees the end and closes */
static void serve_connections(int fd)
{
	for (;;) {
		int c = accept(fd, NULL, NULL);

		if (c < 0)
			err(1, "accept");
		close(c);
	}
}

/* the other end, in a process of its own; `batch` 0: of connections alone */
pid_t start_server(const struct end *at, long batch)
{
	int ready[2];
	char c;
	pid_t pid;

	if (pipe(ready) || (pid = fork()) < 0)
		err(1, "fork");
	if (!pid) {
		int fd;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (namespace) {
			fd = open(namespace, O_RDONLY);
			if (fd < 0 || setns(fd, NEWNET))
				err(1, "%s", namespace);
		}
		fd = listener(at);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		if (batch)
			serve(fd, batch, NULL);
		serve_connections(fd);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		errx(1, "no server");
	close(ready[0]);
	return pid;
}

static void round_trips(int fd, const struct end *to, long count)
{
	while (count--) {
		give(fd, direct(to), size);
		take(fd);
	}
}

void one_way(int fd, const struct end *to, long count, long batch)
{
	long credit = 2 * batch;

	for (long i = 0; i < count; i++) {
		if (!credit) {
			wait_byte(fd);
			credit += batch;
		}
		give(fd, direct(to), size);
		credit--;
	}
	while (credit < 2 * batch) {
		wait_byte(fd);
		credit += batch;
	}
}

static long probes, of_lap;

/* the other end of a row between machines: the same marks as there, once message `n` is here */
static void mark_taken(long n)
{
	n -= probes + of_lap;	/* the first lap warms up */
	if (n == 0)
		mark_begin();
	else if (n > 0 && n <= LAPS * of_lap && n % of_lap == 0)
		mark_lap();
	if (n == LAPS * of_lap) {
		mark_end();
		printf("served\t%s\n", row);
		fflush(stdout);
	}
}

/* the far end of a row whose near end is in another machine, until killed */
void serve_row(int echo)
{
	struct end at, to;
	long batch;

	of_lap = lap_of(echo);
	batch = batch_of(echo, of_lap);
	probes = p->type == SOCK_RDM ? batch : 0;
	addresses(&at, &to, place);
	serve(listener(&at), batch, mark_taken);
}

/* the probe that found an RDM peer is answered, or begins a batch */
void answer_probe(int fd, const struct end *to, int echo, long batch)
{
	if (p->type != SOCK_RDM)
		return;
	if (echo) {
		take(fd);
		return;
	}
	for (long i = 1; i < batch; i++)
		give(fd, to, size);
	wait_byte(fd);
}

void do_pair(int echo)
{
	long count = other_machine ? lap_of(echo) : count_of(), batch = batch_of(echo, count);
	int laps = other_machine ? LAPS : 1;
	struct end at, to;
	pid_t server = 0;
	int fd;

	addresses(&at, &to, place);
	if (!other_machine)
		server = start_server(&at, batch);
	fd = reach(&to);
	answer_probe(fd, &to, echo, batch);
	for (int k = 0; k <= laps; k++) {	/* once to warm up */
		if (k == 1)
			begin();
		if (echo)
			round_trips(fd, &to, count);
		else
			one_way(fd, &to, count, batch);
		if (k >= 1 && other_machine)
			lap();
	}
	end(laps * count, laps * count * size);
	if (server) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	close(fd);
}

void do_connect(void)
{
	struct end at, to;
	pid_t server;

	addresses(&at, &to, place);
	server = start_server(&at, 0);
	close(reach(&to));
	for (int k = 0; k < 2; k++) {
		if (k)
			begin();
		for (int i = 0; i < 1000; i++) {
			int fd = open_socket();

			if (connect(fd, (void *)&to.a, to.len))
				err(1, "connect");
			if (recv(fd, buf, 1, 0) > 0)
				errx(1, "data");
			close(fd);
		}
	}
	/* at least a request and a good-bye, each with a header of 24 bytes or more */
	end(1000, 1000 * 2 * 24);
	kill(server, SIGKILL);
}
