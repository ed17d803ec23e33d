/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What both ends of traffic agree on: which message comes when, and what is in it.
 *
 * Message `seq` of a flow has size_of(seq) bytes: the number, low byte first, as far as there is
 * room, then bytes of a fixed random table from a place that depends on the number. So each
 * message can be checked byte by byte, and what came instead can be told.
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <errno.h>
#include <linux/tipc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MOST		66000	/* bytes of a message */
#define SPREAD		65521	/* places in the table where a message may begin */
#define MTU		1500

/* Each kind of service is bound to a type of its own, with the node's number as instance. */
enum { DATAGRAM, PACKETS, STREAM, MULTICAST, SERVICES };

static unsigned char table[MOST + SPREAD];
static unsigned int sizes[MOST];
static unsigned int schedule;	/* how many sizes there are before they begin again */

static int die(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	exit(2);
}

static inline struct sockaddr_tipc service(uint32_t type, uint32_t lower, uint32_t upper)
{
	struct sockaddr_tipc a = {
		.family = AF_TIPC, .addrtype = TIPC_SERVICE_RANGE, .scope = TIPC_CLUSTER_SCOPE,
	};

	if (lower == upper) {
		a.addrtype = TIPC_SERVICE_ADDR;
		a.addr.name.name.type = type;
		a.addr.name.name.instance = lower;
		return a;
	}
	a.addr.nameseq = (struct tipc_service_range){ type, lower, upper };
	return a;
}

static inline uint32_t chance(uint32_t *state)
{
	return *state = *state * 1664525 + 1013904223;
}

static void add_size(int size)
{
	if (size >= 1 && size <= MOST && schedule < MOST)
		sizes[schedule++] = size;
}

/*
 * Every size up to 200, strides, and each size at which a message begins to need one fragment
 * more: headers have 24 to 44 bytes, fragments carry MTU - 40 or, with room for encryption,
 * MTU - 72 bytes.
 */
static void classes(int step)
{
	static const int headers[] = { 24, 32, 40, 44 }, parts[] = { MTU - 40, MTU - 72 };

	for (int s = 1; s <= 200; s += step)
		add_size(s);
	for (int s = 201; s < 2 * MTU; s += 13 * step)
		add_size(s);
	for (int s = 2 * MTU; s < MOST; s += 1777 * step)
		add_size(s);
	for (int h = 0; h < 4; h++)
		for (int d = -1; d <= 1; d++) {
			add_size(MTU - headers[h] + d);
			for (int p = 0; p < 2; p++)
				for (int k = 1; k * parts[p] < MOST + 99; k += step)
					add_size(k * parts[p] - headers[h] + d);
		}
	for (int s = 256; s < MOST; s *= 2)
		for (int d = -1; d <= 1; d++)
			add_size(s + d);
	add_size(MOST - 1);
	add_size(MOST);
}

/*
 * Choose the sizes: `all` of 1 to 66000 or the `odd` or `even` ones, `classes`, `some` of these,
 * `small`, or one; 0 if unknown.
 */
static int choose(const char *name)
{
	uint32_t state = 4711;

	for (size_t i = 0; i < sizeof(table); i++)
		table[i] = chance(&state) >> 24;
	schedule = 0;
	if (!strcmp(name, "all") || !strcmp(name, "odd") || !strcmp(name, "even"))
		for (int s = *name == 'e' ? 2 : 1; s <= MOST; s += *name == 'a' ? 1 : 2)
			add_size(s);
	else if (!strcmp(name, "small"))
		for (int s = 1; s <= 1400; s += 3)
			add_size(s);
	else if (!strcmp(name, "classes"))
		classes(1);
	else if (!strcmp(name, "some"))
		classes(9);
	else
		add_size(atoi(name));
	if (!schedule)
		return 0;
	for (unsigned int i = schedule - 1; i > 0; i--) {
		unsigned int j = (chance(&state) >> 8) % (i + 1), s = sizes[i];

		sizes[i] = sizes[j];
		sizes[j] = s;
	}
	return 1;
}

static inline size_t size_of(uint32_t seq)
{
	return sizes[seq % schedule];
}

/* Bytes `from` to `from + len` of message `seq` into `to`. */
static void content(uint32_t seq, size_t from, size_t len, unsigned char *to)
{
	memcpy(to, table + seq * 61 % SPREAD + from, len);
	for (size_t i = from; i < 4 && i < from + len; i++)
		to[i - from] = seq >> (8 * i);
}

static int is_content(uint32_t seq, size_t from, size_t len, const unsigned char *got)
{
	size_t i = from;

	for (; i < 4 && i < from + len; i++)
		if (got[i - from] != (unsigned char)(seq >> (8 * i)))
			return 0;
	return !memcmp(got + (i - from), table + seq * 61 % SPREAD + i, len - (i - from));
}

#endif
