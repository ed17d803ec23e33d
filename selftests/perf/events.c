// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * What it costs to be told: bind a name, read the event, unbind it, read the
 * event. One process, as in rdm.c, whose conventions this follows; the C module
 * has two kernel threads in it.
 *
 * Prints "row<TAB>events<TAB>SUBSCRIBERS<TAB>insns" for each number of
 * subscribers, all of which hear and read both events.
 *
 * events [-m NAME] [-n COUNT] [SUBSCRIBERS ...]
 */
#include <err.h>
#include <linux/tipc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WARM_UP 300
#define MOST 200
#define TYPE 18889

static uint64_t now(void)
{
	uint32_t lo, hi;

	asm volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

static int subscriber(void)
{
	struct sockaddr_tipc a = {
		.family = AF_TIPC,
		.addrtype = TIPC_SERVICE_ADDR,
		.addr.name.name = { .type = TIPC_TOP_SRV, .instance = TIPC_TOP_SRV },
	};
	struct tipc_subscr s = {
		.seq = { .type = TYPE, .lower = 0, .upper = ~0 },
		.timeout = TIPC_WAIT_FOREVER,
		.filter = TIPC_SUB_PORTS,
	};
	int fd = socket(AF_TIPC, SOCK_SEQPACKET, 0);

	if (fd < 0 || connect(fd, (void *)&a, sizeof(a)))
		err(1, "topology server");
	if (send(fd, &s, sizeof(s), 0) != sizeof(s))
		err(1, "subscription");
	return fd;
}

static void turns(int b, const int *fd, int count, long times)
{
	struct sockaddr_tipc a = {
		.family = AF_TIPC,
		.addrtype = TIPC_SERVICE_RANGE,
		.addr.nameseq = { .type = TYPE, .lower = 17, .upper = 17 },
	};
	struct tipc_event e;

	while (times--) {
		for (a.scope = 1; a.scope >= -1; a.scope -= 2) {
			if (bind(b, (void *)&a, sizeof(a)))
				err(1, "bind");
			for (int i = 0; i < count; i++)
				if (recv(fd[i], &e, sizeof(e), 0) != sizeof(e))
					err(1, "event");
		}
	}
}

int main(int argc, char **argv)
{
	const char *marked = NULL;
	long times = 3000;
	int c;

	while ((c = getopt(argc, argv, "m:n:")) != -1) {
		if (c == 'm')
			marked = optarg;
		else if (c == 'n')
			times = atol(optarg);
		else
			return 2;
	}
	if (times < 1)
		errx(2, "a count of at least 1");
	for (int i = optind; i == optind || i < argc; i++) {
		int count = i < argc ? atoi(argv[i]) : 1, fd[MOST], b, mark;
		uint64_t begin, end;

		if (count < 0 || count > MOST)
			errx(2, "0 to %d subscribers", MOST);
		b = socket(AF_TIPC, SOCK_RDM, 0);
		if (b < 0)
			err(1, "TIPC socket");
		for (int k = 0; k < count; k++)
			fd[k] = subscriber();
		turns(b, fd, count, WARM_UP);
		mark = marked && !strcmp(marked, "events");
		if (mark)
			asm volatile("mov $0x7e570001, %%ebx" : : : "ebx", "memory");
		begin = now();
		turns(b, fd, count, times);
		end = now();
		if (mark)
			asm volatile("mov $0x7e570002, %%ebx" : : : "ebx", "memory");
		printf("row\tevents\t%d\t%llu\n", count, (unsigned long long)(end - begin) / times);
		fflush(stdout);
		while (count--)
			close(fd[count]);
		close(b);
	}
	return 0;
}
