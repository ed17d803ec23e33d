// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"
#include <sys/epoll.h>

#define T tu_type(0)

static int ep;

static void watch(int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.fd = fd };

	if (!ep)
		ep = epoll_create1(0);
	ASSERT_EQ(SYS(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e)), 0);
}

/* the next event, -1 if there is none */
static int next(int fd)
{
	struct epoll_event e;
	int r = SYS(epoll_wait(ep, &e, 1, 0));

	if (!r)
		return -1;
	ASSERT_EQ(r, 1);
	EXPECT_EQ(e.data.fd, fd);
	return e.events;
}

/* rows 1.7.2, 1.7.3 */
TEST(level)
{
	int srv, cli, n;
	char b[8];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	watch(srv, EPOLLIN | EPOLLRDHUP);
	EXPECT_EQ(next(srv), -1);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	for (n = 0; n < 3; n++)
		EXPECT_EQ(next(srv), EPOLLIN);
	EXPECT_EQ(tu_recv(srv, b, 8, 0), 3);
	EXPECT_EQ(next(srv), EPOLLIN);
	EXPECT_EQ(tu_recv(srv, b, 8, 0), 3);
	EXPECT_EQ(next(srv), -1);
	close(cli);
	for (n = 0; n < 3; n++)
		EXPECT_EQ(next(srv), EPOLLIN | EPOLLHUP);
}

/* row 1.7.3 */
TEST(edge)
{
	int srv, cli;
	char b[8];

	tc_connection(SOCK_STREAM, &srv, &cli);
	watch(srv, EPOLLIN | EPOLLET);
	EXPECT_EQ(next(srv), -1);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(next(srv), EPOLLIN);
	EXPECT_EQ(next(srv), -1);
	/* a further message is a further event */
	EXPECT_EQ(tc_send(cli, "de"), 2);
	EXPECT_EQ(next(srv), EPOLLIN);
	EXPECT_EQ(next(srv), -1);
	EXPECT_EQ(tu_recv(srv, b, 8, 0), 5);
	EXPECT_EQ(next(srv), -1);
	EXPECT_EQ(SYS(shutdown(cli, SHUT_RDWR)), 0);
	EXPECT_EQ(next(srv), EPOLLIN | EPOLLHUP);
	EXPECT_EQ(next(srv), -1);
}

/* row 1.7.3: reading a part is not an event */
TEST(edge_and_part_read)
{
	int srv, cli;
	char b[8];

	tc_connection(SOCK_STREAM, &srv, &cli);
	watch(srv, EPOLLIN | EPOLLET);
	EXPECT_EQ(tc_send(cli, "abcdef"), 6);
	EXPECT_EQ(next(srv), EPOLLIN);
	EXPECT_EQ(tu_recv(srv, b, 2, 0), 2);
	EXPECT_EQ(next(srv), -1);
	EXPECT_EQ(tu_recv(srv, b, 2, MSG_PEEK), 2);
	EXPECT_EQ(next(srv), -1);
	EXPECT_EQ(tu_recv(srv, (void *)8, 2, 0), -EFAULT);
	EXPECT_EQ(next(srv), -1);
	EXPECT_EQ(tu_recv(srv, b, 8, 0), 4);
}

/* rows 1.7.3, 1.12.2 */
TEST(edge_of_the_window)
{
	int srv, cli, n;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	watch(cli, EPOLLOUT | EPOLLET);
	EXPECT_EQ(next(cli), EPOLLOUT);
	EXPECT_EQ(next(cli), -1);
	n = tc_fill(cli, 66000, 100);
	EXPECT_EQ(next(cli), -1);
	tc_drain(srv, 66000, 1);
	EXPECT_EQ(next(cli), EPOLLOUT);
	EXPECT_EQ(next(cli), -1);
	/* room where there was room is nothing new */
	tc_drain(srv, 66000, n - 1);
	EXPECT_EQ(next(cli), -1);
}

/* rows 1.7.2, 1.3.5 */
TEST(edge_of_connect)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c = tu_socket(SOCK_STREAM), s;

	tc_nonblock(c, 1);
	EXPECT_EQ(tc_connect_name(c, T, 1), -EINPROGRESS);
	watch(c, EPOLLIN | EPOLLOUT | EPOLLET);
	EXPECT_EQ(next(c), -1);
	s = tc_accept(l);
	EXPECT_EQ(next(c), EPOLLOUT);
	EXPECT_EQ(next(c), -1);
	close(s);
	EXPECT_EQ(next(c), EPOLLIN | EPOLLHUP);
	c = tu_socket(SOCK_STREAM);
	tc_nonblock(c, 1);
	EXPECT_EQ(tc_connect_name(c, T, 1), -EINPROGRESS);
	watch(c, EPOLLOUT | EPOLLET);
	close(l);
	EXPECT_EQ(next(c), EPOLLHUP);
}

/* row 1.7.2 */
TEST(edge_of_listener)
{
	int l = tc_listener(SOCK_STREAM, T, 1);

	watch(l, EPOLLIN | EPOLLET);
	EXPECT_EQ(next(l), -1);
	tc_connecting(SOCK_STREAM, T, 1);
	EXPECT_EQ(next(l), EPOLLIN);
	EXPECT_EQ(next(l), -1);
	tc_connecting(SOCK_STREAM, T, 1);
	EXPECT_EQ(next(l), EPOLLIN);
	tc_accept(l);
	tc_accept(l);
	EXPECT_EQ(next(l), -1);
	EXPECT_EQ(SYS(shutdown(l, SHUT_RDWR)), -ENOTCONN);
	EXPECT_EQ(next(l), EPOLLIN | EPOLLHUP);
}

/* row 1.7.3 */
TEST(one_shot)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLONESHOT };
	int srv, cli;

	tc_connection(SOCK_STREAM, &srv, &cli);
	watch(srv, EPOLLIN | EPOLLONESHOT);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(next(srv), EPOLLIN);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(next(srv), -1);
	e.data.fd = srv;
	ASSERT_EQ(SYS(epoll_ctl(ep, EPOLL_CTL_MOD, srv, &e)), 0);
	EXPECT_EQ(next(srv), EPOLLIN);
}

TEST_MAIN("epoll follows a connection, by level and by edge")
