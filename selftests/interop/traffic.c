// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * traffic: two ends of checksummed traffic between two nodes, for the lab.
 *
 *	traffic serve TYPE			answers until it is killed
 *	traffic ask TYPE [seconds]		waits for the service, then asks
 *
 * The server binds TYPE 1 (SOCK_RDM), 2 (SOCK_SEQPACKET) and 3 (SOCK_STREAM)
 * and sends back what it gets. The asker sends messages of every size that
 * matters from 1 to 66000, checks what comes back byte by byte, and prints
 * 'N right, N wrong'; exit code 1 if anything was wrong.
 */
#include <errno.h>
#include <linux/tipc.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST 66000

static unsigned char out[MOST], in[MOST];

static struct sockaddr_tipc name(uint32_t type, uint32_t instance)
{
	struct sockaddr_tipc a = {
		.family = AF_TIPC, .addrtype = TIPC_SERVICE_ADDR, .scope = TIPC_CLUSTER_SCOPE,
	};

	a.addr.name.name.type = type;
	a.addr.name.name.instance = instance;
	return a;
}

static int die(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void fill(size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		out[i] = seed >> 24;
	}
}

static int bound(int kind, uint32_t type, uint32_t instance)
{
	struct sockaddr_tipc a = name(type, instance);
	int fd = socket(AF_TIPC, kind, 0);

	if (fd < 0 || bind(fd, (void *)&a, sizeof(a)))
		die("bind");
	if (kind != SOCK_RDM && listen(fd, 8))
		die("listen");
	return fd;
}

static void echo(int fd)
{
	struct sockaddr_tipc from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(fd, in, sizeof(in), 0, (void *)&from, &len);

	if (n > 0 && sendto(fd, in, n, 0, (void *)&from, len) != n)
		fprintf(stderr, "traffic: answer of %zd bytes: %s\n", n, strerror(errno));
}

static void serve_connection(int listener)
{
	int fd = accept(listener, NULL, NULL);
	ssize_t n;

	if (fd < 0)
		return;
	if (fork()) {
		close(fd);
		return;
	}
	while ((n = recv(fd, in, sizeof(in), 0)) > 0) {
		if (send(fd, in, n, 0) != n)
			break;
	}
	_exit(0);
}

static void serve(uint32_t type)
{
	struct pollfd fds[] = {
		{ bound(SOCK_RDM, type, 1), POLLIN, 0 },
		{ bound(SOCK_SEQPACKET, type, 2), POLLIN, 0 },
		{ bound(SOCK_STREAM, type, 3), POLLIN, 0 },
	};

	for (;;) {
		if (poll(fds, 3, -1) < 0)
			die("poll");
		if (fds[0].revents)
			echo(fds[0].fd);
		if (fds[1].revents)
			serve_connection(fds[1].fd);
		if (fds[2].revents)
			serve_connection(fds[2].fd);
	}
}

static void wait_for(uint32_t type, int seconds)
{
	struct sockaddr_tipc top = name(TIPC_TOP_SRV, TIPC_TOP_SRV);
	struct tipc_subscr s = { { 0, 0, 0 }, 0, 0, { 0 } };
	struct tipc_event event;
	int fd = socket(AF_TIPC, SOCK_SEQPACKET, 0);

	s.seq.type = type;
	s.seq.lower = 3;
	s.seq.upper = 3;
	s.timeout = seconds * 1000;
	s.filter = TIPC_SUB_SERVICE;
	if (connect(fd, (void *)&top, sizeof(top)) || send(fd, &s, sizeof(s), 0) != sizeof(s))
		die("topology server");
	if (recv(fd, &event, sizeof(event), 0) != sizeof(event) || event.event != TIPC_PUBLISHED) {
		fprintf(stderr, "traffic: service %u did not come up in %d s\n", type, seconds);
		exit(2);
	}
	close(fd);
}

static size_t get(int fd, size_t want, int stream)
{
	size_t got = 0;

	do {
		ssize_t n = recv(fd, in + got, want - got, 0);

		if (n <= 0)
			return got;
		got += n;
	} while (stream && got < want);
	return got;
}

static void round_trips(int kind, uint32_t type, uint32_t instance, int *right, int *wrong)
{
	struct sockaddr_tipc a = name(type, instance);
	struct timeval limit = { 10, 0 };
	int fd = socket(AF_TIPC, kind, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (kind != SOCK_RDM && connect(fd, (void *)&a, sizeof(a)))
		die("connect");
	for (size_t len = 1; len <= MOST; len = len < 64 ? len + 7 : len < 4000 ? len + 97 : len + 3313) {
		ssize_t n;
		size_t got;

		fill(len, len + kind);
		if (kind == SOCK_RDM)
			n = sendto(fd, out, len, 0, (void *)&a, sizeof(a));
		else
			n = send(fd, out, len, 0);
		got = n == (ssize_t)len ? get(fd, len, kind == SOCK_STREAM) : 0;
		if (got == len && !memcmp(in, out, len)) {
			++*right;
			continue;
		}
		++*wrong;
		fprintf(stderr, "traffic: type %d, %zu bytes: sent %zd, got %zu%s (%s)\n", kind, len, n, got,
			got == len ? ", damaged" : "", strerror(errno));
		if (*wrong > 8)
			break;
	}
	close(fd);
}

static int ask(uint32_t type, int seconds)
{
	int right = 0, wrong = 0;

	wait_for(type, seconds);
	round_trips(SOCK_RDM, type, 1, &right, &wrong);
	round_trips(SOCK_SEQPACKET, type, 2, &right, &wrong);
	round_trips(SOCK_STREAM, type, 3, &right, &wrong);
	printf("%d right, %d wrong\n", right, wrong);
	return wrong != 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc >= 3 && !strcmp(argv[1], "serve"))
		serve(atoi(argv[2]));
	if (argc >= 3 && !strcmp(argv[1], "ask"))
		return ask(atoi(argv[2]), argc > 3 ? atoi(argv[3]) : 20);
	fprintf(stderr, "usage: traffic serve TYPE | traffic ask TYPE [seconds to wait for the service]\n");
	return 2;
}
