// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Debug kernel with CONFIG_FAULT_INJECTION, CONFIG_FAILSLAB only; root.
 * Connections when memory runs out at the n-th allocation of a call, for
 * every n: an honest "no memory" and a connection as before, or success; and
 * an end that the peer is told of in any case.
 */
#include "fault.h"
#include "tipc_conn.h"

#define T tu_type(0)

static int l, c, s;
static int type, size;

static void new_client(void)
{
	c = tu_socket(type);
	tc_nonblock(c, 1);
}

static void listening(int t)
{
	prepare();
	type = t;
	l = tc_listener(type, T, 1);
	tc_nonblock(l, 1);
	new_client();
}

static int c_connect(void)
{
	int r = tc_connect_name(c, T, 1);

	return r == -EINPROGRESS ? 0 : r;
}

/* a request that went out can be accepted; one that did not has left nothing behind */
static void u_connect(int r)
{
	int got = SYS(accept(l, NULL, NULL));

	if (r < 0) {
		EXPECT_EQ(got, -EAGAIN);
		EXPECT_EQ(tc_all(c), POLLOUT);
	} else {
		EXPECT_GE(got, 0);
		EXPECT_EQ(tc_all(c), POLLOUT);
		EXPECT_EQ(tc_send(c, "abc"), 3);
		EXPECT_EQ(tu_recv(got, buf, 8, MSG_DONTWAIT), size + 3 > 8 ? 8 : size + 3);
		close(got);
		close(c);
		new_client();
	}
}

/* rows 1.4.5, 1.4.14 */
TEST_LIMIT(connect, 120)
{
	listening(SOCK_STREAM);
	inject("connect", c_connect, u_connect, 0);
}

static int c_implied(void)
{
	struct sockaddr_tipc to = tu_name(T, 1);

	return tu_sendto(c, buf, size, &to, sizeof(to));
}

/* rows 1.4.11, 1.4.14 */
TEST_LIMIT(implied_connect, 120)
{
	listening(SOCK_STREAM);
	size = 60000;
	inject("sendto on a new socket", c_implied, u_connect, size);
}

static void connecting(void)
{
	close(c);
	c = tc_connecting(type, T, 1);
}

static int c_accept(void)
{
	return SYS(accept(l, NULL, NULL));
}

/* a request that could not be accepted is there still */
static void u_accept(int r)
{
	EXPECT_EQ(tc_all(c), r < 0 ? 0 : POLLOUT);
	if (r < 0)
		return;
	EXPECT_EQ(tc_send(c, "abc"), 3);
	EXPECT_EQ(tu_recv(r, buf, 8, MSG_DONTWAIT), 3);
	close(r);
	if (!faulted)
		connecting();
	else
		c = tc_connecting(type, T, 1);
}

/* rows 1.3.4, 1.3.5 */
TEST_LIMIT(accept, 120)
{
	listening(SOCK_SEQPACKET);
	connecting();
	inject("accept", c_accept, u_accept, -1);
}

static void connected(int t)
{
	prepare();
	type = t;
	tc_connection(type, &s, &c);
}

static int c_send(void)
{
	return SYS(send(c, buf, size, MSG_DONTWAIT));
}

/* what was said to be sent is there, and nothing else; the window is whole */
static void u_send(int r)
{
	int n = 0, k;

	do {
		k = tu_recv(s, buf, sizeof(buf), MSG_DONTWAIT);
		n += k > 0 ? k : 0;
	} while (k > 0);
	EXPECT_EQ(k, -EAGAIN);
	EXPECT_EQ(n, r < 0 ? 0 : r);
	EXPECT_EQ(tu_get(s, TIPC_SOCK_RECVQ_USED), 0);
	EXPECT_EQ(tc_all(c), POLLOUT);
}

static void sending(int t, int len)
{
	connected(t);
	size = len;
	inject("send", c_send, u_send, len);
}

/* rows 1.5.10, 1.12.1 */
TEST_LIMIT(send_1, 120) { sending(SOCK_STREAM, 1); }
/* rows 1.5.10, 1.12.1 */
TEST_LIMIT(send_1000, 120) { sending(SOCK_SEQPACKET, 1000); }
/* rows 1.5.11, 1.12.1 */
TEST_LIMIT(send_66000, 120) { sending(SOCK_SEQPACKET, 66000); }

static int c_recv(void)
{
	return tu_recv(s, buf, sizeof(buf), MSG_DONTWAIT);
}

static void u_recv(int r)
{
	if (r < 0)
		ASSERT_EQ(tu_recv(s, buf, sizeof(buf), MSG_DONTWAIT), size);
	ASSERT_EQ(SYS(send(c, buf, size, MSG_DONTWAIT)), size);
}

/* rows 1.6.3, 1.12.2: also when the acknowledgement is due */
TEST_LIMIT(recv, 120)
{
	connected(SOCK_SEQPACKET);
	size = 66000;
	ASSERT_EQ(SYS(send(c, buf, size, 0)), size);
	inject("recv", c_recv, u_recv, 66000);
}

static int sv[2];

static int c_pair(void)
{
	return SYS(socketpair(AF_TIPC, SOCK_STREAM, 0, sv));
}

static void u_pair(int r)
{
	if (r < 0)
		return;
	EXPECT_EQ(tc_send(sv[0], "abc"), 3);
	EXPECT_EQ(tu_recv(sv[1], buf, 8, MSG_DONTWAIT), 3);
	close(sv[0]);
	close(sv[1]);
}

/* row 1.4.19 */
TEST_LIMIT(socketpair, 120)
{
	prepare();
	inject("socketpair", c_pair, u_pair, 0);
}

static int unread;

static void ready_to_end(void)
{
	tc_connection(type, &s, &c);
	if (unread)
		ASSERT_EQ(SYS(send(c, buf, unread, 0)), unread);
}

static int c_shutdown(void)
{
	return SYS(shutdown(s, SHUT_RDWR));
}

static int c_close(void)
{
	return SYS(close(s));
}

static void u_end(int r)
{
	EXPECT_EQ(r, 0);
	EXPECT_EQ(tc_all(c), POLLIN | POLLHUP);
	close(c);
	close(s);
	/* for the call without fault */
	ready_to_end();
}

static void ending(const char *what, int (*call)(void))
{
	prepare();
	type = SOCK_SEQPACKET;
	for (unread = 0; unread <= 60000; unread += 30000) {
		ready_to_end();
		inject(what, call, u_end, 0);
	}
}

/* rows 1.8.5, 1.6.8 */
TEST_LIMIT(shutdown_tells, 240) { ending("shutdown", c_shutdown); }
/* rows 1.8.5, 1.6.9 */
TEST_LIMIT(close_tells, 240) { ending("close", c_close); }

TEST_MAIN("when memory runs out, connections stay whole or end, and never in doubt")
