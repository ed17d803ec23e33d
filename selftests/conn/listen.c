// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"

#define T tu_type(0)

static const int both[] = { SOCK_STREAM, SOCK_SEQPACKET };
#define each_type(i) (int i = 0; i < 2; i++)

/* rows 1.1.6, 1.1.7 */
TEST(defaults)
{
	for each_type(i) {
		int fd = tu_socket(both[i]);

		EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), TIPC_LOW_IMPORTANCE);
		EXPECT_EQ(tu_get(fd, TIPC_CONN_TIMEOUT), 8000);
		EXPECT_EQ(tu_get(fd, TIPC_SRC_DROPPABLE), 0);
		EXPECT_EQ(tu_get(fd, TIPC_DEST_DROPPABLE), 0);
		EXPECT_EQ(tc_sol(fd, SO_RCVBUF), 2097152);
		EXPECT_EQ(tc_sol(fd, SO_SNDBUF), 212992);
		EXPECT_EQ(tc_sol(fd, SO_TYPE), both[i]);
		EXPECT_EQ(tc_sol(fd, SO_DOMAIN), AF_TIPC);
		EXPECT_EQ(tc_sol(fd, SO_PROTOCOL), 0);
		EXPECT_EQ(tc_sol(fd, SO_ACCEPTCONN), 0);
		EXPECT_EQ(tc_sol(fd, SO_ERROR), 0);
		EXPECT_EQ(tc_all(fd), POLLOUT);
		close(fd);
	}
}

/* rows 1.3.1, 1.1.8, 17.28 */
TEST(unbound_and_backlog)
{
	for each_type(i) {
		int a = tu_socket(both[i]), b = tu_socket(both[i]), c = tu_socket(both[i]);

		EXPECT_EQ(SYS(listen(a, 0)), 0);
		EXPECT_EQ(SYS(listen(b, -1)), 0);
		EXPECT_EQ(SYS(listen(c, 0x7fffffff)), 0);
		EXPECT_EQ(tc_sol(a, SO_ACCEPTCONN), 1);
		EXPECT_EQ(tc_all(a), 0);
	}
}

/* row 1.3.1 */
TEST(once)
{
	for each_type(i) {
		int l = tc_listener(both[i], T, 1), srv, cli, c;

		EXPECT_EQ(SYS(listen(l, 5)), -EINVAL);
		EXPECT_EQ(tc_sol(l, SO_ACCEPTCONN), 1);
		c = tc_connecting(both[i], T, 1);
		EXPECT_EQ(SYS(listen(c, 5)), -EINVAL);
		tc_connection(both[i], &srv, &cli);
		EXPECT_EQ(SYS(listen(srv, 5)), -EINVAL);
		EXPECT_EQ(SYS(listen(cli, 5)), -EINVAL);
		ASSERT_EQ(SYS(shutdown(cli, SHUT_RDWR)), 0);
		EXPECT_EQ(SYS(listen(cli, 5)), -EINVAL);
		EXPECT_EQ(SYS(listen(srv, 5)), -EINVAL);
		close(l);
	}
}

/* row 1.1.2 */
TEST(datagrams_do_not)
{
	EXPECT_EQ(SYS(listen(tu_socket(SOCK_RDM), 5)), -EOPNOTSUPP);
	EXPECT_EQ(SYS(listen(tu_socket(SOCK_DGRAM), 5)), -EOPNOTSUPP);
	EXPECT_EQ(SYS(accept(tu_socket(SOCK_RDM), NULL, NULL)), -EOPNOTSUPP);
}

/* rows 1.2.5, 1.3.1 */
TEST(bind_while_listening)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c;

	EXPECT_EQ(tu_bind(l, T, 2, 9, TIPC_CLUSTER_SCOPE), 0);
	c = tc_connecting(SOCK_STREAM, T, 5);
	EXPECT_GE(SYS(accept(l, NULL, NULL)), 0);
	EXPECT_EQ(tu_bind(l, T, 2, 9, -TIPC_CLUSTER_SCOPE), 0);
	EXPECT_EQ(tc_connect_name(tu_socket(SOCK_STREAM), T, 5), -EHOSTUNREACH);
	EXPECT_EQ(tu_poll(c, POLLOUT, 1000), POLLOUT);
}

/* row 1.3.1: the second argument of listen() is no limit */
TEST(more_than_backlog)
{
	int l = tu_socket(SOCK_SEQPACKET), c[50], i;

	ASSERT_EQ(tu_bind(l, T, 1, 1, 0), 0);
	ASSERT_EQ(SYS(listen(l, 1)), 0);
	for (i = 0; i < 50; i++)
		c[i] = tc_connecting(SOCK_SEQPACKET, T, 1);
	EXPECT_EQ(tu_get(l, TIPC_SOCK_RECVQ_DEPTH), 50);
	for (i = 0; i < 50; i++) {
		int s = tc_accept(l);

		/* in the order they came */
		EXPECT_EQ(tu_poll(c[i], POLLOUT, 1000), POLLOUT);
		close(s);
		close(c[i]);
	}
	EXPECT_EQ(tu_get(l, TIPC_SOCK_RECVQ_DEPTH), 0);
}

/* rows 1.3.2, 1.4.9: requests that do not fit are tried again until they do */
TEST(full_queue)
{
	int l = tc_listener(SOCK_SEQPACKET, T, 1), c[200], i, v = 1, depth;
	double end;

	ASSERT_EQ(SYS(setsockopt(l, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v))), 0);
	for (i = 0; i < 20; i++)
		c[i] = tc_connecting(SOCK_SEQPACKET, T, 1);
	depth = tu_get(l, TIPC_SOCK_RECVQ_DEPTH);
	EXPECT_GE(depth, 1);
	EXPECT_LE(depth, 10);
	for (i = 0; i < 20; i++)
		EXPECT_EQ(tc_all(c[i]), 0);
	/* everybody gets in, without doing anything */
	end = ktap_now() + 40;
	for (i = 0; i < 20; i++) {
		int s;

		EXPECT_EQ(tu_poll(l, POLLIN, 20000), POLLIN);
		s = SYS(accept(l, NULL, NULL));
		EXPECT_GE(s, 0);
		ASSERT_TRUE(ktap_now() < end);
	}
	for (i = 0; i < 20; i++)
		EXPECT_EQ(tc_all(c[i]), POLLOUT);
}

/* row 1.3.2: importance makes the queue longer */
TEST(full_queue_importance)
{
	int l = tc_listener(SOCK_SEQPACKET, T, 1), i, v = 1, low;

	ASSERT_EQ(SYS(setsockopt(l, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v))), 0);
	for (i = 0; i < 10; i++)
		tc_connecting(SOCK_SEQPACKET, T, 1);
	low = tu_get(l, TIPC_SOCK_RECVQ_DEPTH);
	for (i = 0; i < 40; i++) {
		int c = tu_socket(SOCK_SEQPACKET);

		ASSERT_EQ(tu_set(c, TIPC_IMPORTANCE, TIPC_CRITICAL_IMPORTANCE), 0);
		tc_nonblock(c, 1);
		EXPECT_EQ(tc_connect_name(c, T, 1), -EINPROGRESS);
	}
	EXPECT_GE(tu_get(l, TIPC_SOCK_RECVQ_DEPTH), low * 6);
	EXPECT_LE(tu_get(l, TIPC_SOCK_RECVQ_DEPTH), low * 8 + 8);
}

/* rows 1.3.3, 1.14.5: only requests are for a listener */
TEST(only_requests)
{
	int l = tc_listener(SOCK_STREAM, T, 1), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_self(l);
	struct tc_told told;
	char b[8];

	ASSERT_EQ(tu_set(tx, TIPC_DEST_DROPPABLE, 0), 0);
	EXPECT_EQ(tu_send_name(tx, "abc", 3, T, 1), 3);
	EXPECT_EQ(tc_recv(tx, b, 8, MSG_DONTWAIT, &told), 0);
	EXPECT_EQ(told.error, TIPC_ERR_NO_PORT);
	EXPECT_EQ(told.data, 3);
	EXPECT_EQ(tu_sendto(tx, "abcd", 4, &to, sizeof(to)), 4);
	EXPECT_EQ(tc_recv(tx, b, 8, MSG_DONTWAIT, &told), 0);
	EXPECT_EQ(told.error, TIPC_ERR_NO_PORT);
	EXPECT_EQ(told.data, 4);
	EXPECT_EQ(tc_all(l), 0);
}

/* rows 1.3.10, 1.6.2 */
TEST(recv_takes_request)
{
	for each_type(i) {
		int l = tc_listener(both[i], T, 1), c, d = tu_socket(both[i]);
		struct sockaddr_tipc to = tu_name(T, 1);
		char b[8];

		EXPECT_EQ(tu_recv(l, b, 8, MSG_DONTWAIT), -EAGAIN);
		c = tc_connecting(both[i], T, 1);
		EXPECT_EQ(tc_all(l), POLLIN);
		EXPECT_EQ(tu_recv(l, b, 8, MSG_DONTWAIT), -EAGAIN);
		EXPECT_EQ(tc_all(l), 0);
		EXPECT_EQ(tc_all(c), 0);
		tc_nonblock(d, 1);
		EXPECT_EQ(tu_sendto(d, "abc", 3, &to, sizeof(to)), 3);
		EXPECT_EQ(tu_recv(l, b, 8, MSG_DONTWAIT), 3);
		EXPECT_EQ(tc_all(l), 0);
		EXPECT_EQ(tc_all(d), 0);
		tc_nonblock(l, 1);
		EXPECT_EQ(SYS(accept(l, NULL, NULL)), -EAGAIN);
		close(l);
		/* nobody has their requests any more, so nobody refuses them */
		EXPECT_EQ(tc_all(c), 0);
	}
}

/* rows 1.5.3, 1.6.1 */
TEST(no_data)
{
	int l = tc_listener(SOCK_STREAM, T, 1);
	struct sockaddr_tipc to = tu_name(T, 1);
	char b[8];

	EXPECT_EQ(SYS(send(l, "x", 1, 0)), -ENOTCONN);
	EXPECT_EQ(tu_sendto(l, "x", 1, &to, sizeof(to)), -ENOTCONN);
	EXPECT_EQ(tu_recv(l, b, 0, MSG_DONTWAIT), -EINVAL);
	EXPECT_EQ(tu_connect(l, &to, sizeof(to)), -EINVAL);
}

/* rows 1.3.9, 17.10 */
TEST(shut_down)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c = tc_connecting(SOCK_STREAM, T, 1), d, s;

	EXPECT_EQ(SYS(shutdown(l, SHUT_RDWR)), -ENOTCONN);
	EXPECT_EQ(tc_all(l), POLLIN | POLLHUP | POLLRDHUP);
	EXPECT_EQ(tc_all(c), POLLIN | POLLHUP);
	EXPECT_EQ(tc_sol(c, SO_ERROR), ECONNREFUSED);
	/* and yet it goes on */
	d = tc_connecting(SOCK_STREAM, T, 1);
	tc_nonblock(l, 1);
	s = SYS(accept(l, NULL, NULL));
	EXPECT_GE(s, 0);
	EXPECT_EQ(tc_all(d), POLLOUT);
	EXPECT_EQ(tc_send(d, "abc"), 3);
	EXPECT_EQ(tc_sol(l, SO_ACCEPTCONN), 1);
}

/* row 1.3.11 */
TEST(closed)
{
	for each_type(i) {
		int l = tc_listener(both[i], T, 1), c[5];

		for (int j = 0; j < 5; j++)
			c[j] = tc_connecting(both[i], T, 1);
		close(l);
		for (int j = 0; j < 5; j++) {
			EXPECT_EQ(tc_all(c[j]), POLLIN | POLLHUP);
			EXPECT_EQ(tc_sol(c[j], SO_ERROR), ECONNREFUSED);
			EXPECT_EQ(tc_sol(c[j], SO_ERROR), 0);
			close(c[j]);
		}
		EXPECT_EQ(tc_connect_name(tu_socket(both[i]), T, 1), -EHOSTUNREACH);
	}
}

TEST_MAIN("a socket that listens takes connection requests and nothing else")
