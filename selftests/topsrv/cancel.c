// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "topsrv.h"

#define T tu_type(0)

/* rows 4.11, 17.16 */
TEST(stops_events)
{
	static const int filter[] = { PORTS, SERVICE, PORTS | 0x100 };
	int fd = ts_connect(SOCK_SEQPACKET), i, b;
	struct tipc_subscr s;

	for (i = 0; i < 3; i++) {
		s = ts_sub(fd, T, 0, ALL, filter[i], "cancel");
		b = tu_bound(T, i);
		ts_expect(fd, TIPC_PUBLISHED, i, i, ts_port(b), s);
		ts_cancel(fd, s);
		/* no answer; what is reported before is reported */
		ts_fence(fd);
		close(b);
		b = tu_bound(T, 9);
		ts_fence(fd);
		close(b);
	}
}

/* rows 4.11, 17.16 */
TEST(needs_the_very_bytes)
{
	int fd = ts_connect(SOCK_SEQPACKET), i, b;
	struct tipc_subscr s = ts_req(T, 1, 9, 100000, PORTS, "handle78"), c;

	ts_send(fd, &s);
	for (i = 0; i < REQ; i++) {
		if (i >= 16 && i < 20)
			continue;
		c = s;
		((char *)&c)[i] ^= 0x10;
		ts_cancel(fd, c);
	}
	c = s;
	c.filter = SERVICE;
	ts_cancel(fd, c);
	c.filter = PORTS | NO_STATUS;
	ts_cancel(fd, c);
	c.filter = PORTS | SERVICE;
	ts_cancel(fd, c);
	c.filter = 0;
	ts_cancel(fd, c);
	c = s;
	c.timeout = FOREVER;
	ts_cancel(fd, c);
	ts_fence(fd);
	b = tu_bound(T, 5);
	ts_expect(fd, TIPC_PUBLISHED, 5, 5, ts_port(b), s);
	ts_cancel(fd, s);
	ts_fence(fd);
	close(b);
	ts_fence(fd);
}

/* rows 4.11 */
TEST(unknown_is_ignored)
{
	int fd = ts_connect(SOCK_SEQPACKET), i, b;
	struct tipc_subscr s;

	for (i = 0; i < 50; i++)
		ts_cancel(fd, ts_req(T, i, i, FOREVER, PORTS, "none"));
	/* even one that would be illegal to ask for */
	ts_cancel(fd, ts_req(T, 9, 1, FOREVER, PORTS, "upside"));
	ts_cancel(fd, ts_req(T, 1, 9, FOREVER, PORTS | SERVICE, "both"));
	s = ts_sub(fd, T, 0, ALL, PORTS, "still");
	b = tu_bound(T, 5);
	ts_expect(fd, TIPC_PUBLISHED, 5, 5, ts_port(b), s);
	ts_fence(fd);
}

/* rows 4.11 */
TEST(one_of_two)
{
	int fd = ts_connect(SOCK_SEQPACKET), b;
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, PORTS, "same");

	ts_sub(fd, T, 0, ALL, PORTS, "same");
	b = tu_bound(T, 1);
	ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(b), s);
	ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(b), s);
	ts_cancel(fd, s);
	ts_fence(fd);
	close(b);
	ts_expect(fd, TIPC_WITHDRAWN, 1, 1, -1, s);
	ts_fence(fd);
	ts_cancel(fd, s);
	ts_fence(fd);
	b = tu_bound(T, 1);
	ts_fence(fd);
}

/* rows 4.11 */
TEST(not_those_of_others)
{
	int fd = ts_connect(SOCK_SEQPACKET), other = ts_connect(SOCK_SEQPACKET), b;
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, PORTS, "mine");

	ts_fence(fd);
	ts_cancel(other, s);
	ts_fence(other);
	b = tu_bound(T, 1);
	ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(b), s);
}

/* rows 4.11 */
TEST(events_before_it_come)
{
	int fd = ts_connect(SOCK_SEQPACKET), b = tu_socket(SOCK_RDM), i;
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, PORTS, "before");

	ts_fence(fd);
	for (i = 0; i < 50; i++)
		ASSERT_EQ(tu_bind(b, T, i, i, 0), 0);
	ts_cancel(fd, s);
	for (i = 0; i < 50; i++)
		ts_expect(fd, TIPC_PUBLISHED, i, i, ts_port(b), s);
	ts_fence(fd);
}

/* rows 4.11, 4.12 */
TEST(stops_the_clock)
{
	struct tipc_subscr s = ts_req(T, 1, 1, 300, PORTS, "clock");
	struct tipc_event e;
	double start;
	int fd;

	do {
		fd = ts_connect(SOCK_SEQPACKET);
		start = ktap_tick_now();
		ts_send(fd, &s);
		ts_cancel(fd, s);
		/* not ts_fence(): if this takes long, the time may be over first */
		ts_sub(fd, TIPC_TOP_SRV, TIPC_TOP_SRV, TIPC_TOP_SRV, PORTS, "fence");
		EXPECT_EQ(ts_next(fd, &e, WAIT_MS), EVT);
	} while (ktap_now() - start > 0.2);
	EXPECT_EQ(e.event, TIPC_PUBLISHED);
	EXPECT_EQ(ts_next(fd, &e, 700), -EAGAIN);
}

/* rows 4.11 */
TEST_LIMIT(thousands, 120)
{
	int fd = ts_connect(SOCK_SEQPACKET), i, b;
	struct tipc_subscr s;

	for (i = 0; i < 5000; i++) {
		s = ts_sub(fd, T, i, i, i & 1 ? PORTS : SERVICE, "many");
		if (i % 3 == 0)
			ts_cancel(fd, s);
	}
	ts_fence(fd);
	b = tu_socket(SOCK_RDM);
	ASSERT_EQ(tu_bind(b, T, 3000, 3000, 0), 0);	/* cancelled */
	ASSERT_EQ(tu_bind(b, T, 3001, 3001, 0), 0);
	ts_expect(fd, TIPC_PUBLISHED, 3001, 3001, -1, ts_req(T, 3001, 3001, FOREVER, PORTS, "many"));
	for (i = 0; i < 5000; i++)
		ts_cancel(fd, ts_req(T, i, i, FOREVER, i & 1 ? PORTS : SERVICE, "many"));
	ts_fence(fd);
	close(b);
	ts_fence(fd);
}

TEST_MAIN("a cancelled subscription is silent, and only that one")
