// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Connections between nodes: how they begin, what they carry, and how they end. */
#include "nodes.h"

#define TYPE tu_type(0)

static char buf[66000], in[66000];

/* reads n messages of len bytes, waiting for them */
static void drain(int fd, int len, int n)
{
	while (n--)
		ASSERT_EQ(tu_recv(fd, in, sizeof(in), 0), len);
}

static void fill(void)
{
	for (unsigned int i = 0; i < sizeof(buf); i++)
		buf[i] = i * 13 + i / 241;
}

/* rows 1.4.10, 1.4.15, 1.4.16, 1.11.3, 1.1.11, 1.3.6, 1.6.7 */
TEST(addresses)
{
	struct sockaddr_tipc to, peer, src;
	socklen_t len;
	struct tc_told told;
	int l, c, s;

	nd_two(0);
	l = nd_listener(1, SOCK_SEQPACKET, TYPE, 1);
	nd_wait_name(0, TYPE, 1, 1);
	for (int how = 0; how < 3; how++) {
		to = how == 0 ? tu_name(TYPE, 1) : how == 1 ? nd_name_at(TYPE, 1, 1) :
			tu_id(tu_self(l).addr.id.ref, nd_addr[1]);
		c = tu_socket(SOCK_SEQPACKET);
		ASSERT_EQ(tu_set(c, TIPC_IMPORTANCE, TIPC_HIGH_IMPORTANCE), 0);
		tc_nonblock(c, 1);
		ASSERT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
		tc_nonblock(c, 0);
		s = tc_accept(l);
		ASSERT_EQ(tu_poll(c, POLLOUT, 5000), POLLOUT);
		EXPECT_EQ(tu_get(s, TIPC_IMPORTANCE), TIPC_HIGH_IMPORTANCE);
		len = sizeof(peer);
		ASSERT_EQ(SYS(getpeername(c, (void *)&peer, &len)), 0);
		EXPECT_EQ(peer.addr.id.node, nd_addr[1]);
		EXPECT_EQ(peer.addr.id.ref, tu_self(s).addr.id.ref);
		len = sizeof(peer);
		ASSERT_EQ(SYS(getpeername(s, (void *)&peer, &len)), 0);
		EXPECT_EQ(peer.addr.id.node, nd_addr[0]);
		EXPECT_EQ(peer.addr.id.ref, tu_self(c).addr.id.ref);
		ASSERT_EQ(tc_send(c, "ping"), 4);
		EXPECT_EQ(tc_recv(s, in, sizeof(in), 0, &told), 4);
		EXPECT_EQ(told.named, how < 2);
		ASSERT_EQ(tc_send(s, "pong!"), 5);
		EXPECT_EQ(tu_recvfrom(c, in, sizeof(in), 0, &src), 5);
		EXPECT_EQ(src.addr.id.node, nd_addr[1]);
		close(c);
		EXPECT_EQ(tu_recv(s, in, 10, 0), -ECONNRESET);
		close(s);
	}
}

/* rows 2.3, 2.4, 2.6 */
TEST(whose_turn)
{
	struct sockaddr_tipc to;
	int here, there;

	nd_two(ND_IDENTITY);
	here = nd_bound(0, TYPE, 1);
	there = nd_bound(1, TYPE, 1);
	nd_wait_bound(0, TYPE, 1, 2);
	/* everybody in turn, wherever they are */
	to = tu_name(TYPE, 1);
	for (int i = 0; i < 10; i++) {
		int fd = tu_socket(SOCK_RDM);

		ASSERT_EQ(tu_sendto(fd, "x", 1, &to, sizeof(to)), 1);
		close(fd);
	}
	nd_wait_depth(there, 5);
	EXPECT_EQ(tu_get(here, TIPC_SOCK_RECVQ_DEPTH), 5);
	/* on a node that is named */
	for (int i = 0; i < 6; i++) {
		int fd = tu_socket(SOCK_RDM);

		to = nd_name_at(TYPE, 1, i % 3 == 0);
		ASSERT_EQ(tu_sendto(fd, "x", 1, &to, sizeof(to)), 1);
		close(fd);
	}
	nd_wait_depth(there, 5 + 2);
	EXPECT_EQ(tu_get(here, TIPC_SOCK_RECVQ_DEPTH), 5 + 4);
}

/* rows 2.6 */
TEST(closest_first)
{
	struct sockaddr_tipc to = tu_name(TYPE, 1);
	int here, there, fd;

	nd_two(0);
	here = nd_bound(0, TYPE, 1);
	there = nd_bound(1, TYPE, 1);
	nd_wait_bound(0, TYPE, 1, 2);
	fd = tu_socket(SOCK_RDM);
	for (int i = 0; i < 6; i++)
		ASSERT_EQ(tu_sendto(fd, "x", 1, &to, sizeof(to)), 1);
	EXPECT_EQ(tu_get(here, TIPC_SOCK_RECVQ_DEPTH), 6);
	EXPECT_EQ(tu_get(there, TIPC_SOCK_RECVQ_DEPTH), 0);
	/* without one here, it is the one there */
	close(here);
	ASSERT_EQ(tu_sendto(fd, "x", 1, &to, sizeof(to)), 1);
	EXPECT_EQ(tu_recv(there, in, 10, 0), 1);
}

/* rows 1.4.4, 1.4.5, 1.4.6, 1.4.7, 1.3.11 */
TEST(refused)
{
	struct sockaddr_tipc to;
	int c, l;

	nd_two(0);
	/* no such port, no such name there, no such node */
	c = tu_socket(SOCK_STREAM);
	to = tu_id(4711, nd_addr[1]);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -ECONNREFUSED);
	EXPECT_EQ(tc_all(c), POLLIN | POLLHUP);
	c = tu_socket(SOCK_STREAM);
	to = nd_name_at(TYPE, 9, 1);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -ECONNREFUSED);
	c = tu_socket(SOCK_STREAM);
	to = tu_id(4711, 0x01001099);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EHOSTUNREACH);
	/* the same socket may try again */
	l = nd_listener(1, SOCK_STREAM, TYPE, 1);
	nd_wait_name(0, TYPE, 1, 1);
	ASSERT_EQ(tu_set(c, TIPC_CONN_TIMEOUT, 400), 0);
	to = tu_name(TYPE, 1);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -ETIMEDOUT);
	tc_nonblock(c, 1);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EALREADY);
	EXPECT_EQ(tc_all(c), 0);
	/* the listener goes without having accepted */
	close(l);
	EXPECT_EQ(tu_poll(c, POLLIN, 5000), POLLIN | POLLHUP);
	EXPECT_EQ(tc_sol(c, SO_ERROR), ECONNREFUSED);
	/* a socket for datagrams is no listener */
	l = nd_bound(1, TYPE, 2);
	nd_wait_name(0, TYPE, 2, 1);
	c = tu_socket(SOCK_STREAM);
	to = tu_id(tu_self(c).addr.id.ref, nd_addr[1]);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -ECONNREFUSED);
}

/* rows 1.4.11, 1.3.7, 1.4.14 */
TEST(with_data)
{
	static const int sizes[] = { 1, 1400, 30000, 66000 };
	struct sockaddr_tipc to;

	nd_two(0);
	fill();
	to = tu_name(TYPE, 1);
	int l = nd_listener(1, SOCK_SEQPACKET, TYPE, 1);

	nd_wait_name(0, TYPE, 1, 1);
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		int c = tu_socket(SOCK_SEQPACKET), s;

		ASSERT_EQ(SYS(sendto(c, buf, sizes[i], MSG_DONTWAIT, (void *)&to, sizeof(to))),
			  sizes[i]);
		s = tc_accept(l);
		EXPECT_EQ(tu_recv(s, in, sizeof(in), 0), sizes[i]);
		EXPECT_TRUE(!memcmp(in, buf, sizes[i]));
		ASSERT_EQ(tu_poll(c, POLLOUT, 5000), POLLOUT);
		ASSERT_EQ(tc_send(c, "more"), 4);
		EXPECT_EQ(tu_recv(s, in, sizeof(in), 0), 4);
		close(c);
		close(s);
	}
}

/* a listener that has no room sends requests back; they are sent again, with their data */
/* rows 1.4.9, 1.3.2, 1.14.2 */
TEST(no_room)
{
	enum { CLIENTS = 6 };
	struct sockaddr_tipc to = tu_name(TYPE, 1);
	int l, c[CLIENTS], s, small = 8000;
	unsigned int seen = 0;
	double end;

	nd_two(0);
	fill();
	l = nd_listener(1, SOCK_SEQPACKET, TYPE, 1);
	ASSERT_EQ(SYS(setsockopt(l, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small))), 0);
	nd_wait_name(0, TYPE, 1, 1);
	for (int i = 0; i < CLIENTS; i++) {
		c[i] = tu_socket(SOCK_SEQPACKET);
		ASSERT_EQ(tu_set(c[i], TIPC_CONN_TIMEOUT, 1000), 0);
		ASSERT_EQ(SYS(sendto(c[i], buf, 5000 + i, MSG_DONTWAIT, (void *)&to, sizeof(to))),
			  5000 + i);
	}
	for (end = ktap_now() + 10; !nd_wire->errors[1] && ktap_now() < end;)
		ktap_sleep_ms(5);
	EXPECT_GE(nd_wire->errors[1], 1);
	EXPECT_EQ(nd_wire->last_error[1], TIPC_ERR_OVERLOAD);
	EXPECT_EQ(nd_wire->last_length[1], 40);
	for (int i = 0; i < CLIENTS; i++) {
		int n;

		s = tc_accept(l);
		n = tu_recv(s, in, sizeof(in), 0);
		EXPECT_TRUE(n >= 5000 && n < 5000 + CLIENTS);
		EXPECT_TRUE(!memcmp(in, buf, n));
		seen |= 1 << (n - 5000);
	}
	EXPECT_EQ(seen, (1 << CLIENTS) - 1);
	for (int i = 0; i < CLIENTS; i++)
		EXPECT_EQ(tu_poll(c[i], POLLOUT, 5000), POLLOUT);
}

/* rows 1.12.1, 1.12.2 */
TEST(window)
{
	int c, s, n;

	nd_two(0);
	nd_connected(SOCK_SEQPACKET, TYPE, 1, &c, &s);
	/* 128 blocks, two for each message with its header, and one message more */
	n = tc_fill(c, 1001, 10000);
	EXPECT_EQ(n, 65);
	drain(s, 1001, n);
	ASSERT_EQ(tu_poll(c, POLLOUT, 5000), POLLOUT);
	nd_settle();
	/* the reader has told its own limit: 512, but not yet all that it has read; so small that the
	 * link has room for all */
	n = tc_fill(c, 100, 10000);
	ktap_note("%d messages", n);
	EXPECT_TRUE(n > 512 - 128 && n <= 512 + 1);
	drain(s, 100, n);
}

static int reader(int fd, long total, uint32_t seed)
{
	unsigned char b[5000];
	long got = 0;

	while (got < total) {
		int n = tu_recv(fd, b, sizeof(b), 0);

		if (n <= 0)
			return 1;
		for (int i = 0; i < n; i++) {
			seed = seed * 1664525 + 1013904223;
			if (b[i] != seed >> 24)
				return 2;
		}
		got += n;
	}
	return 0;
}

static int writer(int fd, long total, uint32_t seed)
{
	static unsigned char b[70000];
	long sent = 0;

	for (int k = 0; sent < total; k++) {
		int len = k % 5 == 0 ? 70000 : k % 5 == 1 ? 1 : k % 5 == 2 ? 1400 : k % 5 == 3 ? 9000 : 60;

		if (len > total - sent)
			len = total - sent;
		for (int i = 0; i < len; i++) {
			seed = seed * 1664525 + 1013904223;
			b[i] = seed >> 24;
		}
		for (int at = 0; at < len;) {
			int n = SYS(send(fd, b + at, len - at, 0));

			if (n <= 0)
				return 3;
			at += n;
		}
		sent += len;
	}
	return 0;
}

/* both directions at once: every byte, in order */
/* rows 1.5.1, 1.12.1, 6.37 */
TEST_LIMIT(both_ways, 120)
{
	const long total = 3000000;
	int c, s;
	pid_t pids[3];

	nd_two(0);
	nd_connected(SOCK_STREAM, TYPE, 1, &c, &s);
	for (int i = 0; i < 3; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(i == 0 ? writer(c, total, 1) : i == 1 ? writer(s, total, 2) :
			      reader(c, total, 2));
	}
	EXPECT_EQ(reader(s, total, 1), 0);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(tu_wait(pids[i]), 0);
}

/* rows 1.6.8, 1.6.9, 1.8.5, 1.11.1, 1.11.2 */
TEST(ends)
{
	struct tc_told told;
	int c, s;

	nd_two(0);
	fill();
	/* shutdown: what was sent, then the end */
	nd_connected(SOCK_SEQPACKET, TYPE, 1, &c, &s);
	ASSERT_EQ(tc_send(s, "last"), 4);
	ASSERT_EQ(SYS(shutdown(s, SHUT_RDWR)), 0);
	EXPECT_EQ(tu_recv(c, in, 10, 0), 4);
	EXPECT_EQ(tu_recv(c, in, 10, 0), 0);
	EXPECT_EQ(tc_all(c), POLLIN | POLLHUP);
	EXPECT_EQ(tc_send(c, "x"), -EPIPE);
	EXPECT_EQ(nd_wire->last_error[1], TIPC_CONN_SHUTDOWN);
	EXPECT_EQ(nd_wire->last_length[1], 24);
	close(c);
	close(s);
	/* close: the peer is reset */
	nd_connected(SOCK_SEQPACKET, TYPE, 1, &c, &s);
	close(s);
	EXPECT_EQ(tu_poll(c, POLLIN, 5000), POLLIN | POLLHUP);
	EXPECT_EQ(tu_recv(c, in, 10, 0), -ECONNRESET);
	EXPECT_EQ(tc_recv(c, in, 10, 0, &told), 0);
	EXPECT_EQ(told.error, TIPC_ERR_NO_PORT);
	EXPECT_EQ(nd_wire->last_length[1], 24);
	close(c);
	/* close with messages unread: the first of them is the end, at most 1024 bytes of it */
	nd_connected(SOCK_SEQPACKET, TYPE, 1, &c, &s);
	ASSERT_EQ(SYS(send(c, buf, 3000, 0)), 3000);
	ASSERT_EQ(tc_send(c, "second"), 6);
	nd_wait_depth(s, 2);
	nd_wire->errors[1] = 0;
	close(s);
	EXPECT_EQ(tu_poll(c, POLLIN, 5000), POLLIN | POLLHUP);
	EXPECT_EQ(tc_recv(c, in, sizeof(in), 0, &told), 0);
	EXPECT_EQ(told.error, TIPC_ERR_NO_PORT);
	EXPECT_EQ(told.data, 1024);
	EXPECT_TRUE(!memcmp(told.ret, buf, 1024));
	/* one message, not two */
	ktap_sleep_ms(100);
	EXPECT_EQ(nd_wire->errors[1], 1);
	EXPECT_EQ(nd_wire->last_length[1], 32 + 1024);
}

static void expect_lost(int fd)
{
	struct tc_told told;

	EXPECT_EQ(tu_poll(fd, POLLIN, 15000), POLLIN | POLLHUP);
	EXPECT_EQ(tu_recv(fd, in, 10, 0), -ECONNRESET);
	EXPECT_EQ(tc_sol(fd, SO_ERROR), 0);
	EXPECT_EQ(tc_recv(fd, in, 10, 0, &told), 0);
	EXPECT_EQ(told.error, TIPC_ERR_NO_NODE);
	EXPECT_EQ(SYS(send(fd, "x", 1, MSG_DONTWAIT)), -EPIPE);
}

/* rows 1.6.10, 5.21 */
TEST(node_lost)
{
	struct sockaddr_tipc to = tu_name(TYPE, 1);
	int c, s, waits;

	nd_two(0);
	nd_connected(SOCK_STREAM, TYPE, 1, &c, &s);
	ASSERT_EQ(tc_send(s, "before"), 6);
	ASSERT_EQ(tu_poll(c, POLLIN, 5000), POLLIN);
	waits = fork();
	if (!waits) {
		/* one that sleeps in recv() hears of it, too */
		EXPECT_EQ(tu_recv(s, in, 10, 0), -ECONNRESET);
		ktap_exit();
	}
	nd_wire->cut[0] = nd_wire->cut[1] = 1;
	EXPECT_EQ(tu_poll(c, POLLHUP, 15000), POLLHUP);
	/* what had come is read first */
	EXPECT_EQ(tu_recv(c, in, 10, 0), 6);
	expect_lost(c);
	EXPECT_EQ(tu_wait(waits), 0);
	expect_lost(s);
	EXPECT_EQ(tu_sendto(tu_socket(SOCK_RDM), "x", 1, &to, sizeof(to)), -EHOSTUNREACH);
}

/* rows 1.6.10 */
TEST(bearer_off)
{
	int c, s;

	nd_two(0);
	nd_connected(SOCK_SEQPACKET, TYPE, 1, &c, &s);
	nd_bearer(0, 0);
	expect_lost(c);
	expect_lost(s);
}

TEST_MAIN("connections between nodes begin, carry and end as on one node")
