// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * multicast: numbered, checksummed multicasts between nodes, for the lab.
 *
 *	multicast get TYPE all|two SENDERS COUNT [seconds]
 *		binds TYPE 2, and 1 for 'all'; checks COUNT messages of each sender
 *	multicast put TYPE broadcast|replicast|auto|switch COUNT ID ALL TWO [seconds]
 *		waits for ALL bindings of TYPE 1 and TWO of TYPE 2, then sends
 *
 * Every second message goes to instance 2, the others to 1: who has bound both
 * must get every message once and in order, who has bound 2 every second one.
 * With 'auto' the way is changed by TIPC itself when the two are bound on
 * different numbers of nodes; 'switch' changes it by socket option each time
 * all is quiet. The sender stops after each batch until all receivers have
 * said that they have it. Both print 'N right, N wrong'.
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

#define MOST 66000
#define BATCH 100
#define SENDERS 16

struct head {
	uint32_t id, all, two, seed, ask, len;
};

static unsigned char buf[MOST];

static int die(const char *what)
{
	fprintf(stderr, "multicast: %s: %s\n", what, strerror(errno));
	exit(2);
}

static struct sockaddr_tipc range(uint32_t type, uint32_t lower, uint32_t upper)
{
	struct sockaddr_tipc a = {
		.family = AF_TIPC, .addrtype = TIPC_SERVICE_RANGE, .scope = TIPC_CLUSTER_SCOPE,
	};

	a.addr.nameseq.type = type;
	a.addr.nameseq.lower = lower;
	a.addr.nameseq.upper = upper;
	return a;
}

static void fill(unsigned char *to, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		to[i] = seed >> 24;
	}
}

static int is_filled(const unsigned char *from, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		if (from[i] != (seed >> 24))
			return 0;
	}
	return 1;
}

/* Those of 'auto' never fill a link: the C module's sender mixes up its two ways when one is full. */
static size_t size_of(uint32_t number, int small)
{
	if (small)
		return sizeof(struct head) + number * 7919 % 300;
	if (number % 40 == 39)
		return MOST;
	if (number % 10 == 9)
		return 1400 + number % 3000;
	return sizeof(struct head) + number * 7919 % 300;
}

static int get(uint32_t type, int all, int senders, uint32_t count, int seconds)
{
	struct sockaddr_tipc one = range(type, 1, 1), two = range(type, 2, 2), from;
	struct timeval limit = { seconds, 0 };
	uint32_t next[SENDERS] = { 0 };
	int room = 32 << 20;
	int fd = socket(AF_TIPC, SOCK_RDM, 0), right = 0, wrong = 0, done = 0;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	/* a batch of each sender; what does not fit would be lost */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		die("SO_RCVBUFFORCE");
	if (fd < 0 || bind(fd, (void *)&two, sizeof(two)) || (all && bind(fd, (void *)&one, sizeof(one))))
		die("bind");
	while (done < senders && wrong < 20) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, buf, sizeof(buf), 0, (void *)&from, &len);
		struct head h;
		uint32_t number;

		if (n < 0) {
			fprintf(stderr, "multicast: nothing more has come: %s\n", strerror(errno));
			for (int i = 0; i < SENDERS; i++) {
				if (next[i])
					fprintf(stderr, "multicast: %u of sender %d\n", next[i], i);
			}
			wrong++;
			break;
		}
		memcpy(&h, buf, sizeof(h));
		if (n < (ssize_t)sizeof(h) || h.id >= SENDERS) {
			fprintf(stderr, "multicast: %zd bytes of nobody\n", n);
			wrong++;
			continue;
		}
		number = all ? h.all : h.two;
		if (number != next[h.id] || (size_t)n != h.len ||
		    !is_filled(buf + sizeof(h), n - sizeof(h), h.seed)) {
			fprintf(stderr, "multicast: sender %u: number %u of %zd bytes in place of %u\n", h.id,
				number, n, next[h.id]);
			wrong++;
		} else {
			right++;
		}
		next[h.id] = number + 1;
		if (next[h.id] == (all ? count : count / 2))
			done++;
		if (h.ask && sendto(fd, &h, sizeof(h), 0, (void *)&from, len) != sizeof(h)) {
			perror("multicast: answer");
			wrong++;
		}
	}
	printf("multicast: got %d right, %d wrong\n", right, wrong);
	return wrong != 0;
}

static void wait_for(uint32_t type, uint32_t instance, int count, int seconds)
{
	struct sockaddr_tipc top = {
		.family = AF_TIPC, .addrtype = TIPC_SERVICE_ADDR, .scope = TIPC_CLUSTER_SCOPE,
	};
	struct tipc_subscr s = { { type, instance, instance }, TIPC_WAIT_FOREVER, TIPC_SUB_PORTS, { 0 } };
	struct timeval limit = { seconds, 0 };
	struct tipc_event event;
	int fd = socket(AF_TIPC, SOCK_SEQPACKET, 0);

	top.addr.name.name.type = TIPC_TOP_SRV;
	top.addr.name.name.instance = TIPC_TOP_SRV;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(fd, (void *)&top, sizeof(top)) || send(fd, &s, sizeof(s), 0) != sizeof(s))
		die("topology server");
	while (count > 0) {
		if (recv(fd, &event, sizeof(event), 0) != sizeof(event)) {
			fprintf(stderr, "multicast: %d more of %u did not bind\n", count, instance);
			exit(2);
		}
		count += event.event == TIPC_PUBLISHED ? -1 : event.event == TIPC_WITHDRAWN;
	}
	close(fd);
}

/* Until each of them has answered; what is said twice is not counted. */
static int wait_for_answers(int fd, uint32_t id, uint32_t number, int answers)
{
	while (answers > 0) {
		struct head h;
		ssize_t n = recv(fd, &h, sizeof(h), 0);

		if (n != sizeof(h)) {
			fprintf(stderr, "multicast: %d have not answered to %u: %s\n", answers, number,
				n < 0 ? strerror(errno) : "not an answer");
			return 1;
		}
		if (h.id == id && h.all == number)
			answers--;
	}
	return 0;
}

static int put(uint32_t type, const char *how, uint32_t count, uint32_t id, int all, int two, int seconds)
{
	struct timeval limit = { seconds, 0 };
	int fd = socket(AF_TIPC, SOCK_RDM, 0), wrong = 0;
	int small = !strcmp(how, "auto");
	uint32_t i, batch = small ? 10 : BATCH;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	wait_for(type, 1, all, seconds);
	wait_for(type, 2, two, seconds);
	if (!strcmp(how, "broadcast") && setsockopt(fd, SOL_TIPC, TIPC_MCAST_BROADCAST, NULL, 0))
		die("TIPC_MCAST_BROADCAST");
	if (!strcmp(how, "replicast") && setsockopt(fd, SOL_TIPC, TIPC_MCAST_REPLICAST, NULL, 0))
		die("TIPC_MCAST_REPLICAST");
	for (i = 0; i < count && !wrong; i++) {
		uint32_t instance = 1 + i % 2, ask = i + 1 == count || (i % batch == batch - 1);
		struct sockaddr_tipc to = range(type, instance, instance);
		size_t len = size_of(i, small);
		struct head h = { id, i, i / 2, i ^ (id << 20), ask, len };
		ssize_t n;

		memcpy(buf, &h, sizeof(h));
		fill(buf + sizeof(h), len - sizeof(h), h.seed);
		n = sendto(fd, buf, len, 0, (void *)&to, sizeof(to));
		if (n != (ssize_t)len) {
			fprintf(stderr, "multicast: number %u, %zu bytes: %zd %s\n", i, len, n, strerror(errno));
			wrong++;
		}
		if (!ask)
			continue;
		wrong += wait_for_answers(fd, id, i, two);
		if (!strcmp(how, "switch"))
			setsockopt(fd, SOL_TIPC, i / BATCH % 2 ? TIPC_MCAST_BROADCAST : TIPC_MCAST_REPLICAST,
				   NULL, 0);
	}
	printf("multicast: put %u %s, %d wrong\n", i, how, wrong);
	return wrong != 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc >= 6 && !strcmp(argv[1], "get"))
		return get(atoi(argv[2]), !strcmp(argv[3], "all"), atoi(argv[4]), atoi(argv[5]),
			   argc > 6 ? atoi(argv[6]) : 60);
	if (argc >= 8 && !strcmp(argv[1], "put"))
		return put(atoi(argv[2]), argv[3], atoi(argv[4]), atoi(argv[5]), atoi(argv[6]), atoi(argv[7]),
			   argc > 8 ? atoi(argv[8]) : 60);
	fprintf(stderr, "usage: multicast get TYPE all|two SENDERS COUNT [seconds]\n"
			"       multicast put TYPE broadcast|replicast|auto|switch COUNT ID ALL TWO [seconds]\n");
	return 2;
}
