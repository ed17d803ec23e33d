// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "topsrv.h"

#define T tu_type(0)

/* rows 4.12 */
TEST(says_so_and_ends)
{
	static const int filter[] = { PORTS, SERVICE };
	int i, fd = ts_connect(SOCK_SEQPACKET), b;

	for (i = 0; i < 2; i++) {
		struct tipc_subscr s = ts_req(T, 3, 8, 200, filter[i], "time");
		double start = ktap_tick_now();
		struct tipc_event e;

		ts_send(fd, &s);
		e = ts_expect(fd, TIPC_SUBSCR_TIMEOUT, 3, 8, 0, s);
		EXPECT_EQ(e.port.node, 0);
		EXPECT_GE((ktap_now() - start) * 1000, 195);
		EXPECT_LE((ktap_now() - start) * 1000, 10000);
		/* the connection lives, the subscription does not */
		ts_fence(fd);
		b = tu_bound(T, 5);
		ts_fence(fd);
		close(b);
	}
}

/* rows 4.12 */
TEST(events_meanwhile)
{
	int fd = ts_connect(SOCK_SEQPACKET), a = tu_bound(T, 1), b;
	struct tipc_subscr s = ts_req(T, 0, ALL, 4000, PORTS, "while");

	ts_send(fd, &s);
	ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(a), s);
	b = tu_bound(T, 2);
	ts_expect(fd, TIPC_PUBLISHED, 2, 2, ts_port(b), s);
	close(b);
	ts_expect(fd, TIPC_WITHDRAWN, 2, 2, -1, s);
	ts_expect(fd, TIPC_SUBSCR_TIMEOUT, 0, ALL, 0, s);
	close(a);
	ts_fence(fd);
}

/* rows 4.12 */
TEST(zero)
{
	int fd = ts_connect(SOCK_SEQPACKET), a = tu_bound(T, 1);
	struct tipc_subscr s = ts_req(T, 0, ALL, 0, PORTS, "zero");

	/* one look at what is there */
	ts_send(fd, &s);
	ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(a), s);
	ts_expect(fd, TIPC_SUBSCR_TIMEOUT, 0, ALL, 0, s);
	close(a);
	ts_fence(fd);
}

/* rows 4.12 */
TEST(none)
{
	int fd = ts_connect(SOCK_SEQPACKET);
	struct tipc_event e;

	ts_sub(fd, T, 0, ALL, PORTS, "never");
	ts_send(fd, &(struct tipc_subscr){ .seq = { T, 0, 5 }, .timeout = FOREVER - 1,
					   .filter = PORTS });
	EXPECT_EQ(ts_next(fd, &e, 1500), -EAGAIN);
}

/* rows 4.12 */
TEST(each_its_own)
{
	int fd, i;
	/* the shortest is neither first nor last */
	static const int ms[] = { 900, 300, 600, 300, 1200 };
	static const int order[] = { 1, 3, 2, 0, 4 };
	struct tipc_subscr s[5];
	struct tipc_event e;
	double start;

	do {
		fd = ts_connect(SOCK_SEQPACKET);
		start = ktap_tick_now();
		for (i = 0; i < 5; i++) {
			s[i] = ts_req(T, i, i, ms[i], PORTS, "own");
			ts_send(fd, &s[i]);
		}
		/* its answer says that all are set; if that took long, another order is due */
		ts_sub(fd, TIPC_TOP_SRV, TIPC_TOP_SRV, TIPC_TOP_SRV, PORTS, "all set");
		EXPECT_EQ(ts_next(fd, &e, WAIT_MS), EVT);
	} while (ktap_now() - start > 0.1);
	EXPECT_EQ(e.event, TIPC_PUBLISHED);
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(ts_next(fd, &e, WAIT_MS), EVT);
		EXPECT_EQ(e.event, TIPC_SUBSCR_TIMEOUT);
		/* two have the same time */
		if (i < 2)
			EXPECT_TRUE(e.found_lower == 1 || e.found_lower == 3);
		else
			EXPECT_EQ(e.found_lower, order[i]);
		EXPECT_GE((ktap_now() - start) * 1000, ms[order[i]] - 5);
	}
	ts_fence(fd);
}

/* rows 4.12 */
TEST(same_bytes_twice)
{
	int fd = ts_connect(SOCK_SEQPACKET), b;
	struct tipc_subscr s = ts_req(T, 0, 9, 300, PORTS, "twice");

	ts_send(fd, &s);
	ts_send(fd, &s);
	ts_expect(fd, TIPC_SUBSCR_TIMEOUT, 0, 9, 0, s);
	ts_expect(fd, TIPC_SUBSCR_TIMEOUT, 0, 9, 0, s);
	ts_fence(fd);
	b = tu_bound(T, 1);
	ts_fence(fd);
	close(b);
}

/* rows 4.12 */
TEST_LIMIT(thousand, 120)
{
	int fd = ts_connect(SOCK_SEQPACKET), i, n[1000] = { 0 };
	struct tipc_event e;

	for (i = 0; i < 1000; i++) {
		struct tipc_subscr s = ts_req(T, i, i, i * 37 % 500, SERVICE, "thou");

		ts_send(fd, &s);
	}
	for (i = 0; i < 1000; i++) {
		ASSERT_EQ(ts_next(fd, &e, WAIT_MS), EVT);
		EXPECT_EQ(e.event, TIPC_SUBSCR_TIMEOUT);
		ASSERT_TRUE(e.found_lower < 1000);
		n[e.found_lower]++;
	}
	for (i = 0; i < 1000; i++)
		EXPECT_EQ(n[i], 1);
	ts_fence(fd);
}

/* rows 4.12 */
TEST(closed_before)
{
	int fd = ts_connect(SOCK_SEQPACKET), other = ts_connect(SOCK_SEQPACKET);
	struct tipc_subscr s = ts_req(T, 0, 9, 200, PORTS, "closed");

	ts_send(fd, &s);
	close(fd);
	s.timeout = 600;
	ts_send(other, &s);
	ts_expect(other, TIPC_SUBSCR_TIMEOUT, 0, 9, 0, s);
}

TEST_MAIN("a subscription with a time limit ends with an event")
