// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"
#include <pthread.h>

#define T tu_type(0)

static const int both[] = { SOCK_STREAM, SOCK_SEQPACKET };
#define each_type(i) (int i = 0; i < 2; i++)

/* row 1.8.1 */
TEST(only_both_directions)
{
	for each_type(i) {
		int srv, cli;
		char b[8];

		tc_connection(both[i], &srv, &cli);
		EXPECT_EQ(SYS(shutdown(cli, SHUT_RD)), -EINVAL);
		EXPECT_EQ(SYS(shutdown(cli, SHUT_WR)), -EINVAL);
		EXPECT_EQ(SYS(shutdown(cli, 3)), -EINVAL);
		EXPECT_EQ(SYS(shutdown(cli, -1)), -EINVAL);
		EXPECT_EQ(tc_send(cli, "abc"), 3);
		EXPECT_EQ(tu_recv(srv, b, 8, 0), 3);
		EXPECT_EQ(tc_all(srv), POLLOUT);
	}
}

/* rows 1.8.2, 17.10 */
TEST(result)
{
	for each_type(i) {
		int srv, cli, new = tu_socket(both[i]), c, l = tc_listener(both[i], T, 1);

		tc_connection(both[i], &srv, &cli);
		EXPECT_EQ(SYS(shutdown(cli, SHUT_RDWR)), 0);
		EXPECT_EQ(SYS(shutdown(cli, SHUT_RDWR)), 0);
		EXPECT_EQ(SYS(shutdown(srv, SHUT_RDWR)), 0);
		EXPECT_EQ(SYS(shutdown(new, SHUT_RDWR)), -ENOTCONN);
		EXPECT_EQ(tc_all(new), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
		EXPECT_EQ(SYS(shutdown(l, SHUT_RDWR)), -ENOTCONN);
		c = tc_connecting(both[i], T, 1);
		EXPECT_EQ(SYS(shutdown(c, SHUT_RDWR)), 0);
		EXPECT_EQ(tc_all(c), POLLIN | POLLHUP);
		close(l);
	}
}

/* row 1.8.2: and the socket can still be used */
TEST(new_socket)
{
	int fd = tu_socket(SOCK_STREAM), l = tc_listener(SOCK_STREAM, T, 1);
	char b[8];

	EXPECT_EQ(SYS(shutdown(fd, SHUT_RDWR)), -ENOTCONN);
	EXPECT_EQ(tu_recv(fd, b, 8, 0), -ENOTCONN);
	tc_nonblock(fd, 1);
	EXPECT_EQ(tc_connect_name(fd, T, 1), -EINPROGRESS);
	tc_accept(l);
	EXPECT_EQ(tc_all(fd), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
	EXPECT_EQ(tc_send(fd, "abc"), 3);
}

/* rows 1.8.2, 17.10 */
TEST(datagram_socket)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM);
	char b[8];

	EXPECT_EQ(SYS(shutdown(rx, SHUT_RDWR)), -ENOTCONN);
	EXPECT_EQ(tc_all(rx), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
	EXPECT_EQ(tu_send_name(tx, "abc", 3, T, 1), 3);
	EXPECT_EQ(tu_recv(rx, b, 8, 0), 3);
	EXPECT_EQ(tu_recv(rx, b, 8, MSG_DONTWAIT), -EAGAIN);
	EXPECT_EQ(tu_recv(rx, b, 8, 0), -ENOTCONN);
	EXPECT_EQ(tu_send_name(rx, "abc", 3, T, 1), 3);
	EXPECT_EQ(tu_recv(rx, b, 8, 0), 3);
}

/* rows 1.6.8, 17.2 */
TEST(peer)
{
	for each_type(i) {
		struct sockaddr_tipc from, me;
		int srv, cli;
		char b[8];

		tc_connection(both[i], &srv, &cli);
		EXPECT_EQ(tc_send(cli, "abc"), 3);
		EXPECT_EQ(tc_send(cli, "de"), 2);
		me = tu_self(cli);
		EXPECT_EQ(SYS(shutdown(cli, SHUT_RDWR)), 0);
		EXPECT_EQ(tc_all(srv), POLLIN | POLLHUP);
		EXPECT_EQ(SYS(send(srv, "x", 1, 0)), -EPIPE);
		EXPECT_EQ(tu_recv(srv, b, 3, 0), 3);
		EXPECT_EQ(tu_recv(srv, b, 2, 0), 2);
		EXPECT_EQ(tu_recvfrom(srv, b, 8, 0, &from), 0);
		EXPECT_TRUE(!memcmp(&from, &me, sizeof(me)));
		EXPECT_EQ(tc_all(srv), POLLIN | POLLHUP);
		EXPECT_EQ(tc_sol(srv, SO_ERROR), 0);
	}
}

/* rows 1.6.8, 17.1, 18.3: the end is there as often as it is asked for */
TEST(peer_again)
{
	for each_type(i) {
		int srv, cli, j;
		char b[8];

		tc_connection(both[i], &srv, &cli);
		EXPECT_EQ(SYS(shutdown(cli, SHUT_RDWR)), 0);
		for (j = 0; j < 3; j++) {
			EXPECT_EQ(tu_recv(srv, b, 8, MSG_DONTWAIT), 0);
			EXPECT_EQ(tu_recv(srv, b, 8, MSG_DONTWAIT | MSG_PEEK), 0);
		}
		tc_timeo(srv, SO_RCVTIMEO, 3000);
		EXPECT_EQ(tu_recv(srv, b, 8, 0), 0);
		EXPECT_EQ(tu_recv(srv, b, 8, MSG_WAITALL), 0);
	}
}

/* rows 1.6.8, 1.11.1 */
TEST(peer_told)
{
	for each_type(i) {
		struct tc_told told;
		int srv, cli;
		char b[8];

		tc_connection(both[i], &srv, &cli);
		EXPECT_EQ(SYS(shutdown(cli, SHUT_RDWR)), 0);
		EXPECT_EQ(tc_recv(srv, b, 8, 0, &told), 0);
		EXPECT_EQ(told.error, TIPC_CONN_SHUTDOWN);
		EXPECT_EQ(told.length, 0);
		EXPECT_EQ(told.data, -1);
		EXPECT_EQ(told.named, 0);
	}
}

/* row 1.6.11 */
TEST(own)
{
	for each_type(i) {
		int srv, cli;
		char b[8];

		tc_connection(both[i], &srv, &cli);
		EXPECT_EQ(tc_send(cli, "abc"), 3);
		EXPECT_EQ(SYS(shutdown(srv, SHUT_RDWR)), 0);
		EXPECT_EQ(tc_all(srv), POLLIN | POLLHUP);
		EXPECT_EQ(tu_recv(srv, b, 8, MSG_DONTWAIT), -EAGAIN);
		EXPECT_EQ(tu_recv(srv, b, 8, 0), -ENOTCONN);
		EXPECT_EQ(tc_send(srv, "x"), -EPIPE);
		EXPECT_EQ(tu_get(srv, TIPC_SOCK_RECVQ_DEPTH), 0);
	}
}

/* row 1.1.11 */
TEST(names)
{
	struct sockaddr_tipc sa, me;
	socklen_t len = sizeof(sa);
	int srv, cli;

	tc_connection(SOCK_STREAM, &srv, &cli);
	me = tu_self(srv);
	EXPECT_EQ(SYS(getsockopt(cli, SOL_SOCKET, SO_PEERNAME, &sa, &len)), 0);
	EXPECT_TRUE(!memcmp(&sa, &me, sizeof(me)));
	EXPECT_EQ(SYS(shutdown(srv, SHUT_RDWR)), 0);
	len = sizeof(sa);
	EXPECT_EQ(SYS(getpeername(cli, (void *)&sa, &len)), -ENOTCONN);
	len = sizeof(sa);
	memset(&sa, 0, sizeof(sa));
	EXPECT_EQ(SYS(getsockopt(cli, SOL_SOCKET, SO_PEERNAME, &sa, &len)), 0);
	EXPECT_TRUE(!memcmp(&sa, &me, sizeof(me)));
	len = sizeof(sa);
	EXPECT_EQ(SYS(getsockopt(tu_socket(SOCK_STREAM), SOL_SOCKET, SO_PEERNAME, &sa, &len)),
		  -ENOTCONN);
}

/* rows 1.8.5, 1.11.2: the first unread message comes back with the end */
TEST(unread_returned)
{
	for each_type(i) {
		struct tc_told told;
		int srv, cli;
		char b[8];

		tc_connection(both[i], &srv, &cli);
		EXPECT_EQ(tc_send(cli, "abc"), 3);
		EXPECT_EQ(tc_send(cli, "defgh"), 5);
		EXPECT_EQ(SYS(shutdown(srv, SHUT_RDWR)), 0);
		EXPECT_EQ(tc_recv(cli, b, 8, 0, &told), 0);
		EXPECT_EQ(told.error, TIPC_CONN_SHUTDOWN);
		EXPECT_EQ(told.length, 3);
		EXPECT_EQ(told.data, 3);
		EXPECT_TRUE(!memcmp(told.ret, "abc", 3));
		EXPECT_EQ(told.named, 1);
		EXPECT_EQ(told.name[1], 7);
	}
}

/* row 1.8.5: one that was read in part does not */
TEST(part_read)
{
	struct tc_told told;
	int srv, cli;
	char b[8];

	tc_connection(SOCK_STREAM, &srv, &cli);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(tc_send(cli, "defgh"), 5);
	EXPECT_EQ(tu_recv(srv, b, 1, 0), 1);
	EXPECT_EQ(SYS(shutdown(srv, SHUT_RDWR)), 0);
	EXPECT_EQ(tc_recv(cli, b, 8, 0, &told), 0);
	EXPECT_EQ(told.length, 5);
	EXPECT_TRUE(!memcmp(told.ret, "defgh", 5));
	/* nor anything, if there was nothing else */
	tc_connection(SOCK_STREAM, &srv, &cli);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(tu_recv(srv, b, 1, 0), 1);
	EXPECT_EQ(SYS(shutdown(srv, SHUT_RDWR)), 0);
	EXPECT_EQ(tc_recv(cli, b, 8, 0, &told), 0);
	EXPECT_EQ(told.length, 0);
}

/* row 1.8.2: what the other end had not read yet stays, and its own end is its own affair */
TEST(both_sides)
{
	int srv, cli;
	char b[8];

	tc_connection(SOCK_STREAM, &srv, &cli);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(SYS(shutdown(cli, SHUT_RDWR)), 0);
	EXPECT_EQ(SYS(shutdown(srv, SHUT_RDWR)), 0);
	EXPECT_EQ(tu_recv(srv, b, 8, 0), -ENOTCONN);
	EXPECT_EQ(tu_recv(cli, b, 8, 0), -ENOTCONN);
}

static void *read_one(void *fd)
{
	char b[8];

	return (void *)(long)tu_recv((long)fd, b, 8, 0);
}

/* rows 1.6.8, 1.6.11 */
TEST(wakes_readers)
{
	pthread_t t[2];
	int srv, cli;
	void *r;

	tc_connection(SOCK_STREAM, &srv, &cli);
	ASSERT_EQ(pthread_create(&t[0], NULL, read_one, (void *)(long)cli), 0);
	ASSERT_EQ(pthread_create(&t[1], NULL, read_one, (void *)(long)srv), 0);
	ktap_sleep_ms(100);
	EXPECT_EQ(SYS(shutdown(srv, SHUT_RDWR)), 0);
	ASSERT_EQ(pthread_join(t[0], &r), 0);
	EXPECT_EQ((long)r, 0);
	ASSERT_EQ(pthread_join(t[1], &r), 0);
	EXPECT_EQ((long)r, -ENOTCONN);
}

TEST_MAIN("shutdown() ends a connection in both directions")
