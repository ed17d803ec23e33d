// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * What many cost: a message by name and a binding more when there are N bindings,
 * each on a name of its own or all on one name; a message by socket address when
 * there are N sockets; a multicast to N sockets.
 *
 * Meant for QEMU with -icount shift=0, where the time-stamp counter counts
 * guest instructions. Prints "row<TAB>name<TAB>N<TAB>insns".
 *
 * scale [-o MOST] [N ...]: with -o also all on one name, up to MOST. N ascend.
 */
#include <err.h>
#include <linux/tipc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS 1000
#define SOCKETS 50000	/* they are freed in batches of thousands */
#define SPREAD 18888
#define ONE 28888
#define EXTRA 7777777

static char buf[64];

static uint64_t now(void)
{
	uint32_t lo, hi;

	asm volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

static void row(const char *name, long n, uint64_t begin, long turns)
{
	printf("row\t%s\t%ld\t%llu\n", name, n, (unsigned long long)(now() - begin) / turns);
	fflush(stdout);
}

static int open_socket(void)
{
	int fd = socket(AF_TIPC, SOCK_RDM, 0);

	if (fd < 0)
		err(1, "TIPC socket");
	return fd;
}

static int bind_to(int fd, uint32_t type, uint32_t instance, int scope)
{
	struct sockaddr_tipc a = {
		.family = AF_TIPC,
		.addrtype = TIPC_SERVICE_RANGE,
		.scope = scope,
		.addr.nameseq = { type, instance, instance },
	};

	return bind(fd, (void *)&a, sizeof(a));
}

/* the n-th of a permutation of the first 2^16 numbers, so that none is next to the one before */
static uint32_t shuffled(uint32_t n)
{
	return (n * 40503u + 12345u) & 0xffff;
}

static void turn(int tx, int rx, const struct sockaddr_tipc *to)
{
	if (sendto(tx, buf, sizeof(buf), 0, (void *)to, sizeof(*to)) != sizeof(buf))
		err(1, "send");
	if (recv(rx, buf, sizeof(buf), 0) != sizeof(buf))
		err(1, "receive");
}

/* the receiver has bound n names, or one n times */
static void names(uint32_t type, const char *lookup, const char *more, const long *list, int lists)
{
	struct sockaddr_tipc to = { .family = AF_TIPC, .addrtype = TIPC_SERVICE_ADDR };
	int rx = open_socket(), tx = open_socket(), extra = open_socket(), spread = type == SPREAD, i, k;
	uint64_t begin;
	long n = 0, t;

	to.addr.name.name.type = type;
	for (i = 0; i < lists; i++) {
		for (; n < list[i]; n++)
			if (bind_to(rx, type, spread ? shuffled(n) : 0, TIPC_CLUSTER_SCOPE))
				err(1, "binding %ld", n);
		for (k = 0; k < 2; k++) {	/* once to warm up */
			begin = now();
			for (t = 0; t < TURNS; t++) {
				to.addr.name.name.instance = spread ? shuffled(t * 61 % n) : 0;
				turn(tx, rx, &to);
			}
		}
		row(lookup, n, begin, TURNS);
		for (k = 0; k < 2; k++) {
			begin = now();
			for (t = 0; t < TURNS; t++)
				if (bind_to(extra, type, spread ? EXTRA + t : 0, TIPC_CLUSTER_SCOPE) ||
				    bind_to(extra, type, spread ? EXTRA + t : 0, -TIPC_CLUSTER_SCOPE))
					err(1, "bind and unbind");
		}
		row(more, n, begin, TURNS);
	}
	/* withdraws them all */
	begin = now();
	close(rx);
	row(spread ? "close" : "close-one", n, begin, n);
	close(tx);
	close(extra);
}

/* n more sockets are open */
static void sockets(const long *list, int lists)
{
	static int fd[100000];
	int rx = open_socket(), tx = open_socket(), i, k;
	struct sockaddr_tipc to;
	socklen_t len = sizeof(to);
	uint64_t begin;
	long n = 0, t;

	if (getsockname(rx, (void *)&to, &len))
		err(1, "getsockname");
	for (i = 0; i < lists; i++) {
		for (; n < list[i] && n < 100000; n++)
			fd[n] = open_socket();
		for (k = 0; k < 2; k++) {
			begin = now();
			for (t = 0; t < TURNS; t++)
				turn(tx, rx, &to);
		}
		row("port", n, begin, TURNS);
		for (k = 0; k < 2; k++) {
			begin = now();
			for (t = 0; t < SOCKETS; t++)
				close(open_socket());
		}
		row("socket", n, begin, SOCKETS);
	}
	while (n--)
		close(fd[n]);
	close(rx);
	close(tx);
}

/* n sockets have bound one name; what one multicast costs for each */
static void multicast(const long *list, int lists)
{
	static int fd[100000];
	struct sockaddr_tipc to = { .family = AF_TIPC, .addrtype = TIPC_SERVICE_RANGE };
	int tx = open_socket(), i;
	uint64_t begin = 0;
	long n = 0, t, k;

	to.addr.nameseq.type = SPREAD;
	to.addr.nameseq.upper = 9;
	for (i = 0; i < lists; i++) {
		for (; n < list[i] && n < 100000; n++) {
			fd[n] = open_socket();
			if (bind_to(fd[n], SPREAD, 5, TIPC_CLUSTER_SCOPE))
				err(1, "bind");
		}
		for (t = 0; t < 5; t++) {
			if (t == 1)
				begin = now();
			if (sendto(tx, buf, sizeof(buf), 0, (void *)&to, sizeof(to)) != sizeof(buf))
				err(1, "send");
			for (k = 0; k < n; k++)
				if (recv(fd[k], buf, sizeof(buf), MSG_DONTWAIT) != sizeof(buf))
					err(1, "receive");
		}
		row("multicast", n, begin, 4 * n);
	}
	while (n--)
		close(fd[n]);
	close(tx);
}

/* how many of the numbers are at most this */
static int upto(const long *list, int lists, long most)
{
	int n = 0;

	while (n < lists && list[n] <= most)
		n++;
	return n;
}

int main(int argc, char **argv)
{
	long list[16] = { 1, 1000, 10000, 65000 }, one = 0;
	struct rlimit lim = { 120000, 120000 };
	int lists = 4, c, i;

	while ((c = getopt(argc, argv, "o:")) != -1) {
		if (c != 'o')
			return 2;
		one = atol(optarg);
	}
	if (optind < argc)
		for (lists = 0; optind < argc && lists < 16; lists++, optind++)
			list[lists] = atol(argv[optind]);
	for (i = 0; i < lists; i++)
		if (list[i] < 1 || list[i] > 65000 || (i && list[i] < list[i - 1]))
			errx(2, "numbers of 1 to 65000 that ascend");
	if (setrlimit(RLIMIT_NOFILE, &lim))
		err(1, "setrlimit");
	/* Let what boot left behind come to rest; costs nothing under sleep=off. */
	sleep(10);
	names(SPREAD, "lookup", "bind", list, lists);
	sockets(list, upto(list, lists, 10000));
	/* the C module's time grows with the square of them */
	multicast(list, upto(list, lists, 1000));
	if (upto(list, lists, one))
		names(ONE, "lookup-one", "bind-one", list, upto(list, lists, one));
	return 0;
}
