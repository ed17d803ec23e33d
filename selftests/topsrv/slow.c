// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "topsrv.h"

#define T tu_type(0)

/* rows 4.15 */
TEST_LIMIT(resumes, 120)
{
	enum { N = 1000 };
	int fd = ts_connect(SOCK_SEQPACKET), b = tu_socket(SOCK_RDM), i;
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, PORTS, "slow");

	/* eight times what fits on the way: read later, all of it and in order */
	ts_fence(fd);
	for (i = 0; i < N; i++)
		ASSERT_EQ(tu_bind(b, T, i, i + 5, 0), 0);
	for (i = 0; i < N; i++)
		ts_expect(fd, TIPC_PUBLISHED, i, i + 5, ts_port(b), s);
	ts_fence(fd);
	/* and up and down is told as it was, not as it is */
	for (i = 0; i < N; i += 2) {
		ASSERT_EQ(tu_bind(b, T, i, i + 5, -1), 0);
		ASSERT_EQ(tu_bind(b, T, i, i + 5, 0), 0);
	}
	for (i = 0; i < N; i += 2) {
		ts_expect(fd, TIPC_WITHDRAWN, i, i + 5, ts_port(b), s);
		ts_expect(fd, TIPC_PUBLISHED, i, i + 5, ts_port(b), s);
	}
	ts_fence(fd);
}

/* rows 4.15 */
TEST_LIMIT(others_go_on, 120)
{
	enum { N = 2000 };
	int asleep = ts_connect(SOCK_SEQPACKET), fd = ts_connect(SOCK_SEQPACKET), i, b;
	struct tipc_subscr s;

	ts_sub(asleep, T, 0, ALL, PORTS, "asleep");
	s = ts_sub(fd, T, 0, ALL, PORTS, "awake");
	ts_fence(fd);
	b = tu_socket(SOCK_RDM);
	for (i = 0; i < N; i++) {
		ASSERT_EQ(tu_bind(b, T, i, i, 0), 0);
		ts_expect(fd, TIPC_PUBLISHED, i, i, ts_port(b), s);
	}
	/* nor is he hindered from leaving */
	close(asleep);
	ASSERT_EQ(tu_bind(b, T, 0, 0, -1), 0);
	ts_expect(fd, TIPC_WITHDRAWN, 0, 0, ts_port(b), s);
}

/* rows 4.15, 18.21 */
TEST_LIMIT(is_ended, 50)
{
	enum { SUBS = 40, TURNS = 1500 };	/* 120 000 events in all */
	int asleep = ts_connect(SOCK_SEQPACKET), fd = ts_connect(SOCK_SEQPACKET), i, n;
	int b = tu_socket(SOCK_RDM);
	struct tipc_subscr s, a = ts_req(T, 0, ALL, FOREVER, PORTS, "asleep");
	struct tipc_event e;

	for (i = 0; i < SUBS; i++)
		ts_send(asleep, &a);
	ts_fence(asleep);
	s = ts_sub(fd, T, 0, ALL, PORTS, "awake");
	ts_fence(fd);
	/* he who does not read cannot make the node keep events for him without end */
	for (i = 0; i < TURNS && !tu_poll(asleep, POLLHUP, 0); i++) {
		ASSERT_EQ(tu_bind(b, T, 5, 5, 0), 0);
		ts_expect(fd, TIPC_PUBLISHED, 5, 5, ts_port(b), s);
		ASSERT_EQ(tu_bind(b, T, 5, 5, -1), 0);
		ts_expect(fd, TIPC_WITHDRAWN, 5, 5, ts_port(b), s);
	}
	ASSERT_EQ(tu_poll(asleep, POLLHUP, 0), POLLHUP);
	ktap_note("ended after %d events", 2 * i * SUBS);
	/* what has come is there, without a gap, and then the end: he knows that he has missed some */
	for (n = 0; ts_next(asleep, &e, WAIT_MS) == EVT; n++) {
		EXPECT_EQ(e.event, n / SUBS & 1 ? TIPC_WITHDRAWN : TIPC_PUBLISHED);
		EXPECT_TRUE(!memcmp(&e.s, &a, REQ));
	}
	EXPECT_GE(n, 128);
	/* the others have missed nothing, and he may come again */
	ts_fence(fd);
	close(asleep);
	asleep = ts_connect(SOCK_SEQPACKET);
	ts_fence(asleep);
}

TEST_MAIN("a subscriber that does not read gets its events later, or none, and harms nobody")
