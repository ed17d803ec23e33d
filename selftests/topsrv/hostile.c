// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "topsrv.h"

#define T tu_type(0)

/* rows 4.3 */
TEST(short_requests)
{
	struct tipc_subscr s = ts_req(T, 0, ALL, FOREVER, PORTS, "short");
	int i, fd;

	for (i = 1; i < REQ; i++) {
		fd = ts_connect(i & 1 ? SOCK_SEQPACKET : SOCK_STREAM);
		ASSERT_EQ(SYS(send(fd, &s, i, 0)), i);
		ts_ended(fd);
		close(fd);
	}
}

/* rows 4.3, 4.4 */
TEST(short_in_the_connect_message)
{
	struct sockaddr_tipc sa = tu_name(TIPC_TOP_SRV, TIPC_TOP_SRV);
	struct tipc_subscr s = ts_req(T, 0, ALL, FOREVER, PORTS, "short");
	int fd = tu_socket(SOCK_SEQPACKET);

	ASSERT_EQ(tu_sendto(fd, &s, 10, &sa, sizeof(sa)), 10);
	ts_ended(fd);
}

/* rows 4.3 */
TEST(long_requests)
{
	static const int len[] = { 29, 48, 56, 1000, 1024, 5000, 66000 };
	static char big[66000];
	int i, fd = ts_connect(SOCK_SEQPACKET), b = tu_bound(T, 1);
	struct tipc_subscr s;

	/* the rest is not looked at, not even if it is another request */
	for (i = 0; i < 7; i++) {
		s = ts_req(T, 0, ALL, FOREVER, PORTS, "long");
		s.usr_handle[7] = i;
		memcpy(big, &s, REQ);
		memcpy(big + REQ, &s, REQ);
		ASSERT_EQ(SYS(send(fd, big, len[i], 0)), len[i]);
		ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(b), s);
		ts_fence(fd);
	}
}

/* rows 4.3, 1.5.4, 17.5 */
TEST(empty_request)
{
	int fd = ts_connect(SOCK_SEQPACKET), b;
	struct tipc_subscr s;

	EXPECT_EQ(SYS(send(fd, "", 0, 0)), 0);
	s = ts_sub(fd, T, 0, ALL, PORTS, "after");
	b = tu_bound(T, 1);
	ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(b), s);
}

/* rows 4.14 */
TEST(illegal_ranges)
{
	static const uint32_t range[][2] = { { 1, 0 }, { ALL, 0 }, { ALL, ALL - 1 }, { 100, 99 } };
	int i, fd;

	for (i = 0; i < 4; i++) {
		fd = ts_connect(SOCK_SEQPACKET);
		ts_sub(fd, T, range[i][0], range[i][1], PORTS, "ill");
		ts_ended(fd);
		close(fd);
	}
}

/* rows 4.8, 4.14 */
TEST(both_filters)
{
	int fd = ts_connect(SOCK_SEQPACKET);

	ts_sub(fd, T, 0, 1, PORTS | SERVICE, "both");
	ts_ended(fd);
	fd = ts_connect(SOCK_STREAM);
	ts_sub(fd, T, 0, 1, PORTS | SERVICE | 0xff00, "both");
	ts_ended(fd);
}

/* rows 4.14 */
TEST(events_before_the_end)
{
	int fd = ts_connect(SOCK_SEQPACKET), b = tu_bound(T, 1);
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, PORTS, "good");
	struct tipc_event e;

	/* its answer is there, unread */
	EXPECT_EQ(tu_poll(fd, POLLIN, WAIT_MS), POLLIN);
	ts_sub(fd, T, 1, 0, PORTS, "ill");
	EXPECT_EQ(tu_poll(fd, POLLHUP, WAIT_MS), POLLHUP);
	ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(b), s);
	EXPECT_EQ(ts_next(fd, &e, WAIT_MS), 0);
}

/* rows 1.8.1, 4.1 */
TEST(closes_in_the_middle)
{
	int i, fd, b = tu_socket(SOCK_RDM);
	struct tipc_subscr s;

	for (i = 0; i < 300; i++) {
		fd = ts_connect(i & 1 ? SOCK_SEQPACKET : SOCK_STREAM);
		s = ts_sub(fd, T, 0, ALL, PORTS, "mid");
		if (i % 3 == 0)
			ts_sub(fd, T, 0, ALL, SERVICE, "mid");
		ASSERT_EQ(tu_bind(b, T, i, i, 0), 0);
		if (i % 5 == 0)
			ts_cancel(fd, s);
		if (i % 7 == 0)
			shutdown(fd, SHUT_RDWR);
		close(fd);
	}
	fd = ts_connect(SOCK_SEQPACKET);
	s = ts_sub(fd, T, 7, 7, PORTS, "end");
	ts_expect(fd, TIPC_PUBLISHED, 7, 7, ts_port(b), s);
}

/* rows 4.1, 4.4 */
TEST(gone_before_accepted)
{
	struct sockaddr_tipc sa = tu_name(TIPC_TOP_SRV, TIPC_TOP_SRV);
	struct tipc_subscr s = ts_req(T, 0, ALL, FOREVER, PORTS, "gone");
	int i, fd, b;

	for (i = 0; i < 300; i++) {
		fd = SYS(socket(AF_TIPC, SOCK_SEQPACKET | SOCK_NONBLOCK, 0));
		ASSERT_GE(fd, 0);
		if (i & 1)
			EXPECT_EQ(tu_connect(fd, &sa, sizeof(sa)), -EINPROGRESS);
		else
			EXPECT_EQ(tu_sendto(fd, &s, REQ, &sa, sizeof(sa)), REQ);
		close(fd);
	}
	fd = ts_connect(SOCK_SEQPACKET);
	ts_send(fd, &s);
	b = tu_bound(T, 1);
	ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(b), s);
}

/* rows 4.3 */
TEST_LIMIT(any_bytes, 120)
{
	unsigned int seed = 1, i, k;
	int fd = ts_connect(SOCK_SEQPACKET), b;
	struct tipc_subscr s;
	char c[64];

	for (i = 0; i < 3000; i++) {
		int len = i % 10 ? REQ : rand_r(&seed) % 64;

		for (k = 0; k < sizeof(c); k++)
			c[k] = rand_r(&seed) >> 7;
		/* half of them of this byte order and legal */
		if (i & 1) {
			memcpy(&s, c, REQ);
			s.seq.lower &= 0xffff;
			s.seq.upper |= 0x10000;
			s.filter = (s.filter & ~7u) | PORTS;
			memcpy(c, &s, REQ);
		}
		if (SYS(send(fd, c, len, MSG_NOSIGNAL)) < 0 || tu_poll(fd, POLLHUP, 0)) {
			close(fd);
			fd = ts_connect(SOCK_SEQPACKET);
		}
	}
	close(fd);
	fd = ts_connect(SOCK_SEQPACKET);
	s = ts_sub(fd, T, 0, ALL, PORTS, "sane");
	b = tu_bound(T, 1);
	ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(b), s);
}

/* rows 4.2 */
TEST(reading_what_is_not_there)
{
	int fd = ts_connect(SOCK_SEQPACKET);
	char c[64];

	EXPECT_EQ(tu_recv(fd, c, sizeof(c), MSG_DONTWAIT), -EAGAIN);
	EXPECT_EQ(tu_poll(fd, POLLIN | POLLOUT, 0), POLLOUT);
	/* it is a connection as any other */
	EXPECT_EQ(SYS(shutdown(fd, SHUT_RDWR)), 0);
	EXPECT_EQ(SYS(send(fd, c, REQ, MSG_NOSIGNAL)), -EPIPE);
}

TEST_MAIN("no request harms the topology server or other subscribers")
