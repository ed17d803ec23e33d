// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Small sends in a row on a stream to another node: when they wait for each other, what lets them go,
 * and that every byte arrives whatever comes between.  Expected numbers: rows 1.13.1 to 1.13.4, which
 * are C socket.c:__tipc_sendstream and tipc_sk_push_backlog; the same on both modules.
 */
#include "nodes.h"
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#define TYPE tu_type(0)
#define SMALL 64
#define MOST (1 << 20)

static unsigned char out[MOST], in[MOST];
static int c, s;	/* the stream's ends: c on node 0, s on node 1 */

static void stream(void)
{
	nd_two(0);
	nd_connected(SOCK_STREAM, TYPE, 1, &c, &s);
	tu_rcvtimeo(s, 10000);
	tu_rcvtimeo(c, 10000);
	for (int i = 0; i < MOST; i++)
		out[i] = i * 7 + i / 251 + i / 65521;
}

/* the next n sends of len bytes, of what begins at out + at */
static int sends(int at, int n, int len)
{
	while (n--) {
		ASSERT_EQ(SYS(send(c, out + at, len, MSG_NOSIGNAL)), len);
		at += len;
	}
	return at;
}

/* all bytes up to out + to have come, after what was there up to out + from */
static void arrived(int from, int to)
{
	for (int n; from < to; from += n) {
		n = tu_recv(s, in, sizeof(in), 0);
		ASSERT_GE(n, 1);
		ASSERT_GE(to - from, n);
		ASSERT_EQ(memcmp(in, out + from, n), 0);
	}
}

/* waits until node 0 has sent so many packets of data, and whether more come */
static int packets(unsigned int n)
{
	for (int i = 0; i < 500 && nd_wire->data[0] < n; i++)
		ktap_sleep_ms(10);
	ktap_sleep_ms(50);
	return nd_wire->data[0];
}

/* rows 1.13.2, 1.13.3: four go, the fifth asks, others wait for its answer and go together */
TEST(wait)
{
	int at;

	stream();
	nd_wire->hold[1] = 1;
	nd_wire->data[0] = nd_wire->requested[0] = 0;
	at = sends(0, 4, SMALL);
	EXPECT_EQ(packets(4), 4);
	EXPECT_EQ(nd_wire->requested[0], 0);
	at = sends(at, 1, SMALL);
	EXPECT_EQ(packets(5), 5);
	EXPECT_EQ(nd_wire->requested[0], 1);
	at = sends(at, 10, SMALL);
	EXPECT_EQ(packets(5), 5);
	arrived(0, 5 * SMALL);
	EXPECT_TRUE(tu_empty(s));
	nd_wire->hold[1] = 0;
	EXPECT_EQ(packets(6), 6);
	EXPECT_EQ(tu_recv(s, in, sizeof(in), 0), 10 * SMALL);
	EXPECT_EQ(memcmp(in, out + 5 * SMALL, 10 * SMALL), 0);
}

/* row 1.13.3: with more than 64 blocks they do not wait */
TEST(too_many)
{
	int at;

	stream();
	nd_wire->hold[1] = 1;
	nd_wire->data[0] = 0;
	at = sends(0, 5, SMALL);
	EXPECT_EQ(packets(5), 5);
	/* full packets count two blocks; the 65th begins the 33rd */
	for (int n = 0; packets(0) == 5 && n < 100; n++)
		at = sends(at, 20, SMALL);
	EXPECT_GE(packets(5 + 33), 5 + 33);
	EXPECT_LE(packets(5 + 33), 5 + 34);
	nd_wire->hold[1] = 0;
	arrived(0, at);
}

/* row 1.13.3: what comes from the other end lets them go, data too; likewise the next */
TEST(reply)
{
	int at = 0, end;

	stream();
	for (int n = 1; n < 60; n++) {
		double began = ktap_now();

		end = sends(at, n, SMALL);
		arrived(at, end);
		at = end;
		ASSERT_EQ(SYS(send(s, "!", 1, 0)), 1);
		ASSERT_EQ(tu_recv(c, in, 1, 0), 1);
		ASSERT_TRUE(ktap_now() - began < 5);
	}
}

/* row 1.13.3: data of the other end, while its acknowledgements do not come */
TEST(data_releases)
{
	int at;

	stream();
	at = sends(0, 5, SMALL);
	arrived(0, at);
	nd_settle();
	nd_wire->probe[1] = 1;	/* the answer to the fifth is another word */
	nd_wire->data[0] = 0;
	at = sends(at, 20, SMALL);
	ASSERT_EQ(SYS(send(s, "!", 1, 0)), 1);
	ASSERT_EQ(tu_recv(c, in, 1, 0), 1);
	arrived(5 * SMALL, at);
}

/* row 1.8.4: nothing is lost when the connection is ended right after a send */
TEST_LIMIT(end, 120)
{
	static const int counts[] = { 1, 4, 5, 6, 7, 20, 130 }, lengths[] = { 1, SMALL, 700, 1400, 1480 };
	int inst = 0;

	stream();
	close(c);
	close(s);
	for (int how = 0; how < 2; how++)
		for (int i = 0; i < 7; i++)
			for (int k = 0; k < 5; k++) {
				int at;

				/* less than the first window, or the end waits for it to open */
				if (counts[i] * lengths[k] > 30000)
					continue;
				nd_connected(SOCK_STREAM, TYPE, 10 + inst++, &c, &s);
				tu_rcvtimeo(s, 10000);
				at = sends(0, counts[i], lengths[k]);
				if (how)
					ASSERT_EQ(SYS(shutdown(c, SHUT_RDWR)), 0);
				else
					close(c);
				arrived(0, at);
				EXPECT_LE(tu_recv(s, in, sizeof(in), 0), 0);
				close(s);
				if (how)
					close(c);
			}
}

/*
 * The end comes before what is refused because the connection is over (C socket.c:__tipc_shutdown
 * holds what comes meanwhile): a reader of C's does not wake for the latter, nor for an end that follows
 * it.  The fifth send asks for a word, which comes while the sender closes.
 */
/* row 1.8.4: the end overtakes nothing, and nothing the end */
TEST_LIMIT(end_first, 120)
{
	double wait = 0;
	int refused = 0;
	cpu_set_t one;

	/* with the wire on the same processor, what comes interrupts the close rather than waits beside */
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	ASSERT_EQ(SYS(sched_setaffinity(0, sizeof(one), &one)), 0);
	stream();
	for (int n = 0; n < 1000; n++) {
		double until;

		close(c);
		close(s);
		nd_connected(SOCK_STREAM, TYPE, 10 + n, &c, &s);
		tu_rcvtimeo(s, 10000);
		nd_wire->watch = tu_self(c).addr.id.ref;
		nd_wire->errors[0] = nd_wire->refused[0] = nd_wire->early[0] = 0;
		sends(0, 5, SMALL);
		for (until = ktap_now() + wait; ktap_now() < until;)
			;
		close(c);
		arrived(0, 5 * SMALL);
		EXPECT_LE(tu_recv(s, in, sizeof(in), 0), 0);
		ASSERT_EQ(nd_wire->early[0], 0);
		/* as near to the word as can be: later if it was refused, else sooner */
		wait += nd_wire->refused[0] ? 3e-6 : wait > 3e-6 ? -3e-6 : 0;
		refused += !!nd_wire->refused[0];
	}
	/* else it never came near the end, and nothing was tried */
	EXPECT_GE(refused, 1);
	ktap_note("in %d of 1000 the word came after the end; %.0f us after the send", refused, wait * 1e6);
}

/* row 1.13.1: not with TIPC_NODELAY; what waits when that is set goes */
TEST(nodelay)
{
	int at;

	stream();
	nd_wire->hold[1] = 1;
	nd_wire->data[0] = 0;
	at = sends(0, 15, SMALL);
	EXPECT_EQ(packets(5), 5);
	ASSERT_EQ(tu_set(c, TIPC_NODELAY, 1), 0);
	at = sends(at, 15, SMALL);
	arrived(0, at);
	EXPECT_GE(nd_wire->data[0], 5 + 15);
	nd_wire->hold[1] = 0;
	for (int n = 0; n < 40; n++) {
		int end = sends(at, 1 + n % 9, SMALL);

		ASSERT_EQ(tu_set(c, TIPC_NODELAY, n % 2), 0);
		arrived(at, end);
		at = end;
	}
}

/* rows 1.13.1, 1.13.3, 1.13.4: in fewer packets than messages, SOCK_SEQPACKET not */
TEST(fewer)
{
	int end, c2, s2;

	stream();
	nd_wire->data[0] = 0;
	end = sends(0, 2000, SMALL);
	arrived(0, end);
	EXPECT_LE(nd_wire->data[0], 1000);
	ktap_note("2000 messages in %u packets", nd_wire->data[0]);
	nd_connected(SOCK_SEQPACKET, TYPE, 2, &c2, &s2);
	nd_wire->hold[1] = 1;
	nd_wire->data[0] = 0;
	for (int n = 0; n < 15; n++)
		ASSERT_EQ(SYS(send(c2, out, SMALL, 0)), SMALL);
	EXPECT_EQ(packets(15), 15);
	nd_wire->hold[1] = 0;
}

/* row 1.13.2: large ones between them stay in order */
TEST_LIMIT(order, 120)
{
	unsigned int r = 1;
	int at = 0;
	pid_t pid;

	stream();
	pid = fork();
	if (!pid) {
		arrived(0, MOST);
		ktap_exit();
	}
	while (at < MOST) {
		int len;

		r = r * 1664525 + 1013904223;
		len = (r >> 24) < 230 ? (r >> 8) % 1600 + 1 : (r >> 24) < 250 ? (r >> 8) % 5000 + 1 : (r >> 8) % 66000 + 1;
		at = sends(at, 1, len > MOST - at ? MOST - at : len);
	}
	EXPECT_EQ(tu_wait(pid), 0);
}

static void *write_records(void *arg)
{
	unsigned char record[SMALL];

	for (int n = 0; n < 1500; n++) {
		memset(record, (long)arg, SMALL);
		memcpy(record, &n, sizeof(n));
		if (send(c, record, SMALL, 0) != SMALL)
			return "send";
	}
	return NULL;
}

/* row 1.13.2: several threads on one stream: the records of each are whole and in order */
TEST_LIMIT(threads, 120)
{
	enum { THREADS = 4 };
	int next[THREADS] = { 0 };
	void *why = NULL;
	pthread_t t[THREADS];
	pid_t pid;

	stream();
	pid = fork();
	if (!pid) {
		for (int n = 0; n < THREADS * 1500; n++) {
			int number, who;

			ASSERT_EQ(tu_recv(s, in, SMALL, MSG_WAITALL), SMALL);
			memcpy(&number, in, sizeof(number));
			who = in[SMALL - 1];
			ASSERT_TRUE(who < THREADS);
			for (int i = sizeof(number); i < SMALL; i++)
				ASSERT_EQ(in[i], who);
			ASSERT_EQ(number, next[who]++);
		}
		ktap_exit();
	}
	for (long i = 0; i < THREADS; i++)
		ASSERT_EQ(pthread_create(&t[i], NULL, write_records, (void *)i), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i], &why);
		EXPECT_TRUE(!why);
	}
	EXPECT_EQ(tu_wait(pid), 0);
}

/* row 1.13.2: the user's bytes are in no memory that is mapped yet */
TEST(not_mapped)
{
	int fd = SYS(memfd_create("bytes", 0)), at = 0, seen = 0;
	char *map;

	stream();
	ASSERT_EQ(SYS(write(fd, out, 1 << 18)), 1 << 18);
	map = mmap(NULL, 1 << 18, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_TRUE(map != MAP_FAILED);
	for (int n = 0; at < 1 << 18; n++) {
		int len = n % 2 ? 1000 : 48;

		len = len > (1 << 18) - at ? (1 << 18) - at : len;
		ASSERT_EQ(SYS(send(c, map + at, len, 0)), len);
		at += len;
		if (n % 100 == 99 || at == 1 << 18) {
			arrived(seen, at);
			seen = at;
		}
		if (n % 7 == 0)	/* once more; not every kernel has madvise() */
			ASSERT_TRUE(mmap(map, 1 << 18, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == map);
	}
}

/* row 1.5.10: what cannot be read is not sent, and takes nothing with it */
TEST(unreadable)
{
	char *edge = tu_edge(32);
	int at;

	stream();
	nd_wire->hold[1] = 1;
	at = sends(0, 12, SMALL);
	for (int n = 0; n < 5; n++) {
		EXPECT_EQ(SYS(send(c, edge, SMALL, 0)), -EFAULT);
		at = sends(at, 25, SMALL);
	}
	nd_wire->hold[1] = 0;
	arrived(0, at);
	EXPECT_TRUE(tu_empty(s));
}

TEST_MAIN("small sends of a stream wait for each other, and none is lost")
