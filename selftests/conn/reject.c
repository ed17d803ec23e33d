// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"

#define T tu_type(0)

static const int both[] = { SOCK_STREAM, SOCK_SEQPACKET };
#define each_type(i) (int i = 0; i < 2; i++)

/* rows 1.14.5, 1.14.3, 1.11.2: a datagram for a connection's socket */
TEST(datagram_to_connection)
{
	for each_type(i) {
		int srv, cli, tx = tu_socket(SOCK_RDM), n;
		struct sockaddr_tipc to, from;
		struct tc_told told;
		char b[16];

		tc_connection(both[i], &srv, &cli);
		to = tu_self(srv);
		ASSERT_EQ(tu_set(tx, TIPC_DEST_DROPPABLE, 0), 0);
		for (n = 1; n < 4; n++) {
			EXPECT_EQ(tu_sendto(tx, "abcdef", n, &to, sizeof(to)), n);
			EXPECT_EQ(tu_recvfrom(tx, b, 16, MSG_PEEK | MSG_DONTWAIT, &from), 0);
			EXPECT_TRUE(!memcmp(&from, &to, sizeof(to)));
			EXPECT_EQ(tc_recv(tx, b, 16, MSG_DONTWAIT, &told), 0);
			EXPECT_EQ(told.error, TIPC_ERR_NO_PORT);
			EXPECT_EQ(told.data, n);
		}
		/* and the connection has not noticed */
		EXPECT_EQ(tc_all(srv), POLLOUT);
		EXPECT_EQ(tc_send(cli, "abc"), 3);
		EXPECT_EQ(tu_recv(srv, b, 16, MSG_DONTWAIT), 3);
	}
}

/* rows 1.14.5, 1.14.3 */
TEST(datagram_to_new_and_dead)
{
	for each_type(i) {
		int srv, cli, tx = tu_socket(SOCK_RDM), new = tu_socket(both[i]);
		struct sockaddr_tipc to;
		struct tc_told told;
		char b[16];

		ASSERT_EQ(tu_set(tx, TIPC_DEST_DROPPABLE, 0), 0);
		to = tu_self(new);
		EXPECT_EQ(tu_sendto(tx, "abc", 3, &to, sizeof(to)), 3);
		EXPECT_EQ(tc_recv(tx, b, 16, MSG_DONTWAIT, &told), 0);
		EXPECT_EQ(told.error, TIPC_ERR_NO_PORT);
		EXPECT_EQ(tc_all(new), POLLOUT);
		tc_connection(both[i], &srv, &cli);
		to = tu_self(cli);
		close(srv);
		EXPECT_EQ(tu_sendto(tx, "abc", 3, &to, sizeof(to)), 3);
		EXPECT_EQ(tc_recv(tx, b, 16, MSG_DONTWAIT, &told), 0);
		EXPECT_EQ(told.error, TIPC_ERR_NO_PORT);
		EXPECT_EQ(tu_recv(cli, b, 16, 0), -ECONNRESET);
	}
}

/* rows 1.14.5, 1.14.3: a bound socket that does not listen */
TEST(request_to_bound_socket)
{
	for each_type(i) {
		int fd = tu_socket(both[i]), c = tu_socket(both[i]);
		struct tc_told told;
		char b[16];

		ASSERT_EQ(tu_bind(fd, T, 1, 1, 0), 0);
		EXPECT_EQ(tc_connect_name(c, T, 1), -ECONNREFUSED);
		EXPECT_EQ(tc_recv(c, b, 16, 0, &told), 0);
		EXPECT_EQ(told.error, TIPC_ERR_NO_PORT);
		EXPECT_EQ(told.length, 0);
		close(fd);
	}
}

/* rows 1.14.5: a request to one end of a connection */
TEST(request_to_connection)
{
	for each_type(i) {
		int srv, cli, c = tu_socket(both[i]);
		struct sockaddr_tipc to;
		char b[16];

		tc_connection(both[i], &srv, &cli);
		to = tu_self(srv);
		EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -ECONNREFUSED);
		EXPECT_EQ(tc_send(cli, "abc"), 3);
		EXPECT_EQ(tu_recv(srv, b, 16, MSG_DONTWAIT), 3);
	}
}

/* rows 1.14.1, 1.9.3: what may be dropped is not returned */
TEST(droppable)
{
	for each_type(i) {
		int l = tc_listener(both[i], T, 1), c = tu_socket(both[i]);

		ASSERT_EQ(tu_set(c, TIPC_DEST_DROPPABLE, 1), 0);
		tc_nonblock(c, 1);
		EXPECT_EQ(tc_connect_name(c, T, 1), -EINPROGRESS);
		close(l);
		EXPECT_EQ(tc_all(c), 0);
	}
}

/* rows 1.14.1, 1.8.5, 1.9.3: but the end of a connection is told in any case */
TEST(droppable_and_ended)
{
	for each_type(i) {
		struct tc_told told;
		int srv, cli;
		char b[16];

		tc_connection(both[i], &srv, &cli);
		ASSERT_EQ(tu_set(cli, TIPC_DEST_DROPPABLE, 1), 0);
		EXPECT_EQ(tc_send(cli, "abc"), 3);
		ASSERT_EQ(SYS(shutdown(srv, SHUT_RDWR)), 0);
		EXPECT_EQ(tc_send(cli, "abc"), -EPIPE);
		EXPECT_EQ(tc_recv(cli, b, 16, MSG_DONTWAIT, &told), 0);
		EXPECT_EQ(told.error, TIPC_CONN_SHUTDOWN);
		EXPECT_EQ(told.length, 0);
	}
}

/* rows 1.6.9, 1.11.4: a place for ancillary data without room */
TEST(no_room_to_tell)
{
	for each_type(i) {
		struct iovec iov;
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
		int srv, cli, j;
		char b[16];

		for (j = 0; j < 2; j++) {
			tc_connection(both[i], &srv, &cli);
			if (j)
				EXPECT_EQ(tc_send(cli, "abc"), 3);
			close(srv);
			iov = (struct iovec){ b, sizeof(b) };
			m.msg_control = b;
			m.msg_controllen = 0;
			EXPECT_EQ(SYS(recvmsg(cli, &m, MSG_PEEK)), 0);
			EXPECT_EQ(m.msg_controllen, 0);
			m.msg_control = NULL;
			EXPECT_EQ(SYS(recvmsg(cli, &m, 0)), -ECONNRESET);
		}
	}
}

/* rows 1.14.2, 1.11.2, 1.11.3 */
TEST(order_of_what_is_told)
{
	char control[256], b[16];
	struct iovec iov = { b, sizeof(b) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int srv, cli;

	tc_connection(SOCK_STREAM, &srv, &cli);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	close(srv);
	EXPECT_EQ(SYS(recvmsg(cli, &m, MSG_PEEK)), 0);
	c = CMSG_FIRSTHDR(&m);
	ASSERT_TRUE(c);
	EXPECT_EQ(c->cmsg_type, TIPC_ERRINFO);
	c = CMSG_NXTHDR(&m, c);
	ASSERT_TRUE(c);
	EXPECT_EQ(c->cmsg_type, TIPC_RETDATA);
	c = CMSG_NXTHDR(&m, c);
	ASSERT_TRUE(c);
	EXPECT_EQ(c->cmsg_type, TIPC_DESTNAME);
	EXPECT_TRUE(!CMSG_NXTHDR(&m, c));
	/* no room for all of it */
	m.msg_controllen = CMSG_SPACE(8);
	EXPECT_EQ(SYS(recvmsg(cli, &m, 0)), 0);
	EXPECT_EQ(m.msg_flags, MSG_CTRUNC);
	EXPECT_EQ(CMSG_FIRSTHDR(&m)->cmsg_type, TIPC_ERRINFO);
}

/* row 1.11.1: the codes by which a connection ends */
TEST(codes)
{
	struct tc_told told;
	int srv, cli;
	char b[8];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	close(srv);
	EXPECT_EQ(tc_recv(cli, b, 8, 0, &told), 0);
	EXPECT_EQ(told.error, 2);
	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	shutdown(srv, SHUT_RDWR);
	EXPECT_EQ(tc_recv(cli, b, 8, 0, &told), 0);
	EXPECT_EQ(told.error, 5);
}

/* rows 1.14.4, 1.4.10: a request that finds its listener gone is looked up once more */
TEST(request_finds_another)
{
	int a = tc_listener(SOCK_STREAM, T, 1), b = tc_listener(SOCK_STREAM, T, 1), i, v = 1, n = 0;
	int c[24];

	/* so small that some have to be sent again */
	ASSERT_EQ(SYS(setsockopt(a, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v))), 0);
	for (i = 0; i < 24; i++)
		c[i] = tc_connecting(SOCK_STREAM, T, 1);
	EXPECT_TRUE(tu_get(a, TIPC_SOCK_RECVQ_DEPTH) < 12);
	close(a);
	tc_timeo(b, SO_RCVTIMEO, 4000);
	while (SYS(accept(b, NULL, NULL)) >= 0)
		n++;
	/* all but those that were in the queue of the one that closed */
	for (i = 0; i < 24; i++)
		n += tc_all(c[i]) == (POLLIN | POLLHUP);
	EXPECT_EQ(n, 24);
}

TEST_MAIN("what cannot be delivered comes back, or is dropped, and nobody else notices")
