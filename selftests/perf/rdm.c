// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * What one message costs, send and receive in one process: TIPC RDM by service
 * address, and AF_UNIX datagram beside it. No scheduler in it, so it is the
 * sharpest view of the path.
 *
 * Meant for QEMU with -icount shift=0, where the time-stamp counter counts
 * guest instructions. Prints "row<TAB>name<TAB>size<TAB>insns" for each size.
 *
 * rdm [-m NAME] [-n COUNT] [SIZE ...]: with -m, the measured loop of row NAME
 * stands between two marker instructions for tools/bench/plugin/tbprof.c.
 */
#include <err.h>
#include <linux/tipc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WARM_UP 500
#define MAX_SIZE 66000

static char buf[MAX_SIZE] __attribute__((aligned(4096)));

static uint64_t now(void)
{
	uint32_t lo, hi;

	asm volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

static void mark_start(void)
{
	asm volatile("mov $0x7e570001, %%ebx" : : : "ebx", "memory");
}

static void mark_stop(void)
{
	asm volatile("mov $0x7e570002, %%ebx" : : : "ebx", "memory");
}

struct pair {
	int tx, rx;
	struct sockaddr_storage to;
	socklen_t to_len;
};

static void turns(const struct pair *p, size_t size, long count)
{
	const struct sockaddr *to = p->to_len ? (const void *)&p->to : NULL;

	while (count--) {
		if (sendto(p->tx, buf, size, 0, to, p->to_len) != (ssize_t)size)
			err(1, "send of %zu bytes", size);
		if (recv(p->rx, buf, sizeof(buf), 0) != (ssize_t)size)
			err(1, "receive of %zu bytes", size);
	}
}

static void measure(const char *name, const struct pair *p, size_t size, long count, int mark)
{
	uint64_t begin, end;

	turns(p, size, WARM_UP);
	if (mark)
		mark_start();
	begin = now();
	turns(p, size, count);
	end = now();
	if (mark)
		mark_stop();
	printf("row\t%s\t%zu\t%llu\n", name, size, (unsigned long long)(end - begin) / count);
	fflush(stdout);
}

static struct pair open_rdm(void)
{
	struct pair p = { .to_len = sizeof(struct sockaddr_tipc) };
	struct sockaddr_tipc a = {
		.family = AF_TIPC,
		.addrtype = TIPC_SERVICE_RANGE,
		.scope = TIPC_CLUSTER_SCOPE,
		.addr.nameseq = { .type = 18888, .lower = 17, .upper = 17 },
	};

	p.rx = socket(AF_TIPC, SOCK_RDM, 0);
	p.tx = socket(AF_TIPC, SOCK_RDM, 0);
	if (p.rx < 0 || p.tx < 0)
		err(1, "TIPC socket");
	if (bind(p.rx, (void *)&a, sizeof(a)))
		err(1, "TIPC bind");
	memset(&a.addr, 0, sizeof(a.addr));
	a.addrtype = TIPC_SERVICE_ADDR;
	a.scope = 0;
	a.addr.name.name.type = 18888;
	a.addr.name.name.instance = 17;
	memcpy(&p.to, &a, sizeof(a));
	return p;
}

static struct pair open_unix(void)
{
	struct pair p = { .to_len = 0 };
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "\0tipc-rdm-bench" };
	socklen_t len = offsetof(struct sockaddr_un, sun_path) + 15;

	p.rx = socket(AF_UNIX, SOCK_DGRAM, 0);
	p.tx = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (p.rx < 0 || p.tx < 0)
		err(1, "AF_UNIX socket");
	if (bind(p.rx, (void *)&a, len) || connect(p.tx, (void *)&a, len))
		err(1, "AF_UNIX bind");
	return p;
}

static void row(const char *name, struct pair p, size_t size, long count, const char *marked)
{
	measure(name, &p, size, count, marked && !strcmp(marked, name));
	close(p.tx);
	close(p.rx);
}

int main(int argc, char **argv)
{
	const char *marked = NULL;
	long count = 3000;
	int c;

	while ((c = getopt(argc, argv, "m:n:")) != -1) {
		if (c == 'm')
			marked = optarg;
		else if (c == 'n')
			count = atol(optarg);
		else
			return 2;
	}
	if (count < 1)
		errx(2, "a count of at least 1");
	/* Let what boot left behind come to rest; costs nothing under sleep=off. */
	sleep(10);
	for (int i = optind; i == optind || i < argc; i++) {
		size_t size = i < argc ? strtoul(argv[i], NULL, 0) : 64;

		if (size < 1 || size > MAX_SIZE)
			errx(2, "size 1 to %d", MAX_SIZE);
		row("rdm", open_rdm(), size, count, marked);
		row("unix-dgram", open_unix(), size, count, marked);
	}
	return 0;
}
