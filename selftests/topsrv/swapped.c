// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "topsrv.h"

#define T tu_type(0)

/* an event for one of the other byte order; its numbers as it would read them */
static struct tipc_event next(int fd, struct tipc_subscr sent)
{
	struct tipc_event e;
	uint32_t *w = (void *)&e;

	EXPECT_EQ(ts_next(fd, &e, WAIT_MS), EVT);
	/* the copy is the request, as it was */
	EXPECT_TRUE(!memcmp(&e.s, &sent, sizeof(sent)));
	for (int i = 0; i < 5; i++)
		w[i] = bswap_32(w[i]);
	return e;
}

/* rows 4.6, 17.16 */
TEST(up_and_down)
{
	static const int filter[] = { PORTS, SERVICE, PORTS | NO_STATUS };
	int i, fd = ts_connect(SOCK_SEQPACKET), b;
	struct tipc_event e;

	for (i = 0; i < 3; i++) {
		struct tipc_subscr s = ts_swapped(ts_req(T, 1, 0x01020304, FOREVER, filter[i], "swapped"));

		ts_send(fd, &s);
		ts_fence(fd);
		b = tu_socket(SOCK_RDM);
		ASSERT_EQ(tu_bind(b, T, 0x01020304, 0x05060708, 0), 0);
		e = next(fd, s);
		EXPECT_EQ(e.event, TIPC_PUBLISHED);
		EXPECT_EQ(e.found_lower, 0x01020304);
		EXPECT_EQ(e.found_upper, 0x05060708);
		EXPECT_EQ(e.port.ref, ts_port(b));
		EXPECT_EQ(e.port.node, tu_self(b).addr.id.node);
		ASSERT_EQ(tu_bind(b, T, 0x01020304, 0x05060708, -1), 0);
		e = next(fd, s);
		EXPECT_EQ(e.event, TIPC_WITHDRAWN);
		EXPECT_EQ(e.found_lower, 0x01020304);
		EXPECT_EQ(e.port.ref, ts_port(b));
		/* and the exact request cancels it */
		s.filter |= bswap_32(CANCEL);
		ts_send(fd, &s);
		ts_fence(fd);
		ASSERT_EQ(tu_bind(b, T, 5, 5, 0), 0);
		ts_fence(fd);
		close(b);
	}
}

/* rows 4.6, 4.10 */
TEST(initial)
{
	int fd = ts_connect(SOCK_SEQPACKET), b = tu_bound(T, 7);
	struct tipc_subscr s = ts_swapped(ts_req(T, 0, ALL, FOREVER, PORTS, "init"));
	struct tipc_event e;

	ts_send(fd, &s);
	e = next(fd, s);
	EXPECT_EQ(e.event, TIPC_PUBLISHED);
	EXPECT_EQ(e.found_lower, 7);
	EXPECT_EQ(e.found_upper, 7);
	EXPECT_EQ(e.port.ref, ts_port(b));
}

/* rows 4.6, 4.12 */
TEST(timeout_time)
{
	int fd = ts_connect(SOCK_SEQPACKET);
	struct tipc_subscr s = ts_swapped(ts_req(T, 0, ALL, 200, PORTS, "time"));
	double start = ktap_tick_now();
	struct tipc_event e;

	/* 0 and 0xffffffff read the same both ways */
	ts_send(fd, &s);
	e = next(fd, s);
	EXPECT_EQ(e.event, TIPC_SUBSCR_TIMEOUT);
	EXPECT_EQ(e.found_lower, 0);
	EXPECT_EQ(e.found_upper, ALL);
	EXPECT_EQ(e.port.ref, 0);
	EXPECT_EQ(e.port.node, 0);
	EXPECT_GE((ktap_now() - start) * 1000, 195);
	ts_fence(fd);
}

/* rows 4.7, 18.4 */
TEST(timeout_range)
{
	int fd = ts_connect(SOCK_SEQPACKET);
	struct tipc_subscr s = ts_swapped(ts_req(T, 5, 6, 100, PORTS, "range"));
	struct tipc_event e;

	ts_send(fd, &s);
	e = next(fd, s);
	EXPECT_EQ(e.event, TIPC_SUBSCR_TIMEOUT);
	EXPECT_EQ(e.found_lower, 5);
	EXPECT_EQ(e.found_upper, 6);
}

/* rows 4.6, 4.14 */
TEST(illegal)
{
	int fd = ts_connect(SOCK_SEQPACKET);
	struct tipc_subscr s = ts_swapped(ts_req(T, 6, 5, FOREVER, PORTS, "ill"));

	ts_send(fd, &s);
	ts_ended(fd);
	fd = ts_connect(SOCK_SEQPACKET);
	s = ts_swapped(ts_req(T, 5, 6, FOREVER, PORTS | SERVICE, "ill"));
	ts_send(fd, &s);
	ts_ended(fd);
}

/* rows 4.6, 17.16 */
TEST(filter_zero)
{
	int fd = ts_connect(SOCK_SEQPACKET), b, c;
	/* read as the other byte order's, with no filter: as SERVICE, of another type */
	uint32_t type = bswap_32(T);
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, 0, "zero");
	struct tipc_event e;

	b = tu_bound(T, 1);
	ts_fence(fd);
	if (type >= TIPC_RESERVED_TYPES) {
		b = tu_bound(type, 1);
		e = next(fd, s);
		EXPECT_EQ(e.event, TIPC_PUBLISHED);
		EXPECT_EQ(e.found_lower, 1);
		EXPECT_EQ(e.port.ref, ts_port(b));
		c = tu_bound(type, 1);
		ts_fence(fd);
		close(c);
		ts_fence(fd);
		close(b);
		e = next(fd, s);
		EXPECT_EQ(e.event, TIPC_WITHDRAWN);
	}
	/* it is cancelled by the same bytes and the cancel bit of this byte order */
	ts_cancel(fd, s);
	ts_fence(fd);
	if (type >= TIPC_RESERVED_TYPES) {
		b = tu_bound(type, 2);
		ts_fence(fd);
		close(b);
	}
}

/* rows 4.6, 17.16 */
TEST(only_high_bits)
{
	int fd = ts_connect(SOCK_SEQPACKET), b;
	/* none of the low three bits, so swapped: PORTS in what is the top byte here */
	struct tipc_subscr s = ts_req(bswap_32(T), 0, ALL, FOREVER, 0x01000000 | NO_STATUS << 24, "high");
	struct tipc_event e;

	b = tu_bound(T, 1);
	ts_send(fd, &s);
	ts_fence(fd);
	b = tu_bound(T, 2);
	e = next(fd, s);
	EXPECT_EQ(e.event, TIPC_PUBLISHED);
	EXPECT_EQ(e.found_lower, 2);
	EXPECT_EQ(e.port.ref, ts_port(b));
	/* a range that is inverted as this machine reads it */
	s = ts_req(bswap_32(T), 0x02000000, 0x00010000, FOREVER, 0x01000000, "high");
	ts_send(fd, &s);
	e = next(fd, s);
	EXPECT_EQ(e.event, TIPC_PUBLISHED);
	EXPECT_EQ(e.found_lower, 2);
	ts_fence(fd);
}

TEST_MAIN("subscribers of the other byte order are answered in theirs")
