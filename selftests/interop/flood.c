// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * flood: many senders at once over one link, for the lab.
 *
 *	flood sink TYPE				takes connections until it is killed
 *	flood send TYPE SENDERS MESSAGES	waits for the service, then sends
 *
 * Each sender has a SOCK_SEQPACKET connection of its own and sends MESSAGES
 * messages of many sizes, numbered.  The sink checks the numbers and the bytes
 * and says at the end how many were right; the sender prints 'N right, N
 * wrong', exit code 1 if anything was wrong or missing.
 */
#include <errno.h>
#include <linux/tipc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 6000

static const int sizes[] = { 8, 60, 1000, 300, 1400, 120, 6000, 16 };

static struct sockaddr_tipc name(uint32_t type)
{
	struct sockaddr_tipc a = {
		.family = AF_TIPC, .addrtype = TIPC_SERVICE_ADDR, .scope = TIPC_CLUSTER_SCOPE,
	};

	a.addr.name.name.type = type;
	a.addr.name.name.instance = 1;
	return a;
}

static void die(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void fill(unsigned char *b, int len, uint32_t number)
{
	uint32_t seed = number + 1;

	memcpy(b, &number, 4);
	for (int i = 4; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		b[i] = seed >> 24;
	}
}

static int size_of(uint32_t number)
{
	return sizes[number % (sizeof(sizes) / sizeof(*sizes))];
}

/* reads the messages of one sender until an empty number says it was the last */
static void take(int fd)
{
	static unsigned char in[MOST + 1], want[MOST];
	uint32_t next = 0, right = 0, number;
	int n;

	while ((n = recv(fd, in, sizeof(in), 0)) >= 4) {
		memcpy(&number, in, 4);
		if (number == UINT32_MAX)
			break;
		fill(want, size_of(next), next);
		if (n == size_of(next) && !memcmp(in, want, n))
			right++;
		else
			fprintf(stderr, "flood: wanted %u, got %u, %d bytes\n", next, number, n);
		next = number + 1;
	}
	if (n < 4)
		fprintf(stderr, "flood: after %u messages: recv is %d (%s)\n", next, n, n < 0 ? strerror(errno) : "end");
	send(fd, &right, sizeof(right), 0);
	/* the sender closes first */
	recv(fd, in, sizeof(in), 0);
	_exit(0);
}

static void sink(uint32_t type)
{
	struct sockaddr_tipc a = name(type);
	int fd = socket(AF_TIPC, SOCK_SEQPACKET, 0);

	if (fd < 0 || bind(fd, (void *)&a, sizeof(a)) || listen(fd, 8))
		die("bind");
	for (;;) {
		int peer = accept(fd, NULL, NULL);

		if (peer < 0)
			die("accept");
		if (!fork())
			take(peer);
		close(peer);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

static int send_all(uint32_t type, uint32_t messages)
{
	static unsigned char out[MOST];
	struct sockaddr_tipc a = name(type);
	struct timeval limit = { 60, 0 };
	int fd = socket(AF_TIPC, SOCK_SEQPACKET, 0);
	uint32_t right = 0, last = UINT32_MAX;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	for (int tries = 0; connect(fd, (void *)&a, sizeof(a)); tries++) {
		if (errno != EHOSTUNREACH || tries == 1200)
			die("connect");
		usleep(100000);
	}
	for (uint32_t i = 0; i < messages; i++) {
		fill(out, size_of(i), i);
		if (send(fd, out, size_of(i), 0) != size_of(i))
			die("send");
	}
	if (send(fd, &last, 4, 0) != 4 || recv(fd, &right, 4, 0) != 4)
		die("answer");
	return right != messages;
}

int main(int argc, char **argv)
{
	int right = 0, wrong = 0, status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && !strcmp(argv[1], "sink"))
		sink(atoi(argv[2]));
	if (argc != 5 || strcmp(argv[1], "send")) {
		fprintf(stderr, "usage: flood sink TYPE | flood send TYPE SENDERS MESSAGES\n");
		return 2;
	}
	for (int i = 0; i < atoi(argv[3]); i++)
		if (!fork())
			_exit(send_all(atoi(argv[2]), atoi(argv[4])));
	while (wait(&status) > 0)
		*(status ? &wrong : &right) += 1;
	printf("%d right, %d wrong\n", right, wrong);
	return wrong != 0;
}
