// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * pour: streams of small sends in a row, for the lab.
 *
 *	pour take TYPE NODE	takes streams until it is killed, and tells by datagram what the last
 *				one had
 *	pour give TYPE NODE	streams to the taker at NODE: of few and many sends, small and larger,
 *				ended right after the last by close() or shutdown(), with and without
 *				TIPC_NODELAY midway; and some that wait for an answer now and then
 *
 * The giver prints 'N right, N wrong', exit code 1 if anything was wrong.
 */
#include <errno.h>
#include <linux/tipc.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ALL 30000	/* bytes of a stream at most: less than the first window */
#define PATIENCE 10000	/* ms */

struct told {
	uint32_t bytes, wrong, ended;
};

static unsigned char bytes[ALL + 1];

static struct sockaddr_tipc name(uint32_t type, uint32_t node)
{
	struct sockaddr_tipc a = {
		.family = AF_TIPC, .addrtype = TIPC_SERVICE_ADDR, .scope = TIPC_CLUSTER_SCOPE,
	};

	a.addr.name.name.type = type;
	a.addr.name.name.instance = node;
	return a;
}

static void die(const char *what)
{
	fprintf(stderr, "pour: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int bound(int type, uint32_t service, uint32_t node)
{
	struct sockaddr_tipc a = name(service, node);
	int fd = socket(AF_TIPC, type, 0);

	if (fd < 0 || bind(fd, (void *)&a, sizeof(a)) || (type == SOCK_STREAM && listen(fd, 8)))
		die("bind");
	return fd;
}

/* The first byte of a stream says after how many times 64 bytes it is answered; 0: never. */
static struct told take_stream(int fd)
{
	struct told t = { 0 };
	unsigned char in[4096];
	int each = 0, owed = 0;
	ssize_t n;

	while ((n = recv(fd, in, sizeof(in), 0)) > 0) {
		int first = !t.bytes;

		if (first)
			each = in[0] * 64;
		t.wrong += t.bytes + n > ALL || memcmp(in + first, bytes + t.bytes + first, n - first);
		t.bytes += n;
		for (owed += n; each && owed >= each; owed -= each)
			t.wrong += send(fd, "!", 1, MSG_NOSIGNAL) != 1;
	}
	t.ended = 1;
	close(fd);
	return t;
}

static void take(uint32_t type, uint32_t node)
{
	struct pollfd fds[2] = {
		{ bound(SOCK_STREAM, type, node), POLLIN, 0 }, { bound(SOCK_RDM, type + 1, node), POLLIN, 0 },
	};
	struct told last = { 0 };

	for (;;) {
		struct sockaddr_tipc from;
		socklen_t len = sizeof(from);
		char c;

		if (poll(fds, 2, -1) < 0)
			die("poll");
		if (fds[0].revents)
			last = take_stream(accept(fds[0].fd, NULL, NULL));
		else if (recvfrom(fds[1].fd, &c, 1, 0, (void *)&from, &len) == 1) {
			sendto(fds[1].fd, &last, sizeof(last), 0, (void *)&from, len);
			last.ended = 0;
		}
	}
}

/* One stream; whether all went well at this end. */
static int pour(int fd, int count, int length, int each, int nodelay)
{
	int at = 0, owed = 0, one = 1;
	char c;

	bytes[0] = each;
	for (int n = 0; n < count; n++, at += length) {
		if (n == nodelay && setsockopt(fd, SOL_TIPC, TIPC_NODELAY, &one, sizeof(one)))
			return 0;
		if (send(fd, bytes + at, length, MSG_NOSIGNAL) != length)
			return 0;
		for (owed += length; each && owed >= each * 64; owed -= each * 64) {
			struct pollfd p = { fd, POLLIN, 0 };

			if (poll(&p, 1, PATIENCE) != 1 || recv(fd, &c, 1, 0) != 1)
				return 0;
		}
	}
	return 1;
}

static int give_one(uint32_t type, uint32_t node, int count, int length, int how)
{
	struct sockaddr_tipc to = name(type, node);
	int fd = socket(AF_TIPC, SOCK_STREAM, 0), asker = socket(AF_TIPC, SOCK_RDM, 0), good;
	int each = how == 3 ? 5 : how == 4 ? 17 : 0;
	struct told t = { 0 };

	if (connect(fd, (void *)&to, sizeof(to)))
		die("connect");
	good = pour(fd, count, length, each, how == 2 ? count - 2 : -1);
	if (how)
		shutdown(fd, SHUT_RDWR);
	close(fd);
	to = name(type + 1, node);
	for (int i = 0; i < 200 && !t.ended; i++) {
		struct pollfd p = { asker, POLLIN, 0 };

		if (sendto(asker, "?", 1, 0, (void *)&to, sizeof(to)) != 1 || poll(&p, 1, PATIENCE) != 1 ||
		    recv(asker, &t, sizeof(t), 0) != sizeof(t))
			break;
		if (!t.ended)
			usleep(20000);
	}
	close(asker);
	if (good && t.ended && !t.wrong && t.bytes == (uint32_t)(count * length))
		return 1;
	fprintf(stderr, "pour: %d sends of %d bytes, way %d: %s; %u bytes came, %u wrong%s\n", count, length,
		how, good ? "sent" : "not all sent", t.bytes, t.wrong, t.ended ? "" : ", no end");
	return 0;
}

static int give(uint32_t type, uint32_t node)
{
	static const int counts[] = { 1, 4, 5, 6, 7, 20, 130 }, lengths[] = { 1, 64, 700, 1400, 1480 };
	int right = 0, wrong = 0;

	for (int how = 0; how < 5; how++)
		for (int i = 0; i < 7; i++)
			for (int k = 0; k < 5; k++) {
				if (counts[i] * lengths[k] > ALL)
					continue;
				if (give_one(type, node, counts[i], lengths[k], how))
					right++;
				else
					wrong++;
			}
	printf("pour: %d right, %d wrong\n", right, wrong);
	return wrong || !right;
}

int main(int argc, char **argv)
{
	for (int i = 0; i <= ALL; i++)
		bytes[i] = i * 7 + i / 251;
	if (argc == 4 && !strcmp(argv[1], "take"))
		take(atoi(argv[2]), atoi(argv[3]));
	if (argc == 4 && !strcmp(argv[1], "give"))
		return give(atoi(argv[2]), atoi(argv[3]));
	fputs("usage: pour take|give TYPE NODE\n", stderr);
	return 2;
}
