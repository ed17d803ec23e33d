// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <sys/epoll.h>
#include <sys/select.h>

#define T tu_type(0)
#define ALL (POLLIN | POLLOUT | POLLPRI | POLLERR | POLLHUP | POLLRDHUP | \
	     POLLRDNORM | POLLRDBAND | POLLWRNORM | POLLWRBAND)

static int rx, tx;

static void pair(void)
{
	rx = tu_bound(T, 1);
	tx = tu_socket(SOCK_RDM);
}

static void put(void)
{
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
}

static void put_later(int ms)
{
	if (!fork()) {
		ktap_sleep_ms(ms);
		put();
		_exit(0);
	}
}

static int ep_wait(int ep, int ms)
{
	struct epoll_event e = { 0 };
	int r = SYS(epoll_wait(ep, &e, 1, ms));

	return r <= 0 ? r : (int)e.events;
}

/* rows 1.7.1 */
TEST(fresh)
{
	EXPECT_EQ(tu_poll(tu_socket(SOCK_RDM), ALL, 0), POLLOUT);
	EXPECT_EQ(tu_poll(tu_socket(SOCK_DGRAM), ALL, 0), POLLOUT);
}

/* rows 1.7.1 */
TEST(data)
{
	char b[4];

	pair();
	EXPECT_EQ(tu_poll(rx, ALL, 0), POLLOUT);
	put();
	put();
	EXPECT_EQ(tu_poll(rx, ALL, 0), POLLOUT | POLLIN | POLLRDNORM);
	EXPECT_EQ(tu_recv(rx, b, 4, MSG_DONTWAIT), 1);
	EXPECT_EQ(tu_poll(rx, ALL, 0), POLLOUT | POLLIN | POLLRDNORM);
	EXPECT_EQ(tu_recv(rx, b, 4, MSG_DONTWAIT), 1);
	EXPECT_EQ(tu_poll(rx, ALL, 0), POLLOUT);
}

/* rows 1.7.1 */
TEST(waits)
{
	double t;

	pair();
	t = ktap_now();
	EXPECT_EQ(tu_poll(rx, POLLIN, 200), 0);
	EXPECT_GE((ktap_now() - t) * 1000, 195);
	put_later(200);
	t = ktap_now();
	EXPECT_EQ(tu_poll(rx, POLLIN, 30000), POLLIN);
	EXPECT_LE((ktap_now() - t) * 1000, 15000);
}

/* rows 1.7.5 */
TEST(shutdown)
{
	pair();
	EXPECT_EQ(SYS(shutdown(rx, SHUT_RDWR)), -ENOTCONN);
	EXPECT_EQ(tu_poll(rx, ALL, 0), POLLIN | POLLRDNORM | POLLOUT | POLLHUP | POLLRDHUP);
}

/* rows 1.1.16 */
TEST(rcvlowat_ignored)
{
	int v = 1000;

	pair();
	ASSERT_EQ(SYS(setsockopt(rx, SOL_SOCKET, SO_RCVLOWAT, &v, sizeof(v))), 0);
	put();
	EXPECT_EQ(tu_poll(rx, POLLIN, 0), POLLIN);
}

/* rows 1.7.1 */
TEST(select)
{
	struct timeval tv = { 30, 0 };
	fd_set r, w;

	pair();
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(rx, &r);
	FD_SET(tx, &r);
	put_later(100);
	EXPECT_EQ(SYS(select(64, &r, NULL, NULL, &tv)), 1);
	EXPECT_TRUE(FD_ISSET(rx, &r));
	FD_SET(tx, &w);
	EXPECT_EQ(SYS(select(64, NULL, &w, NULL, &tv)), 1);
}

/* rows 1.7.1 */
TEST(epoll_level)
{
	int ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN };
	char b[4];

	pair();
	ASSERT_EQ(SYS(epoll_ctl(ep, EPOLL_CTL_ADD, rx, &e)), 0);
	EXPECT_EQ(ep_wait(ep, 0), 0);
	put_later(100);
	EXPECT_EQ(ep_wait(ep, 30000), EPOLLIN);
	EXPECT_EQ(ep_wait(ep, 0), EPOLLIN);
	EXPECT_EQ(tu_recv(rx, b, 4, MSG_DONTWAIT), 1);
	EXPECT_EQ(ep_wait(ep, 0), 0);
}

/* rows 1.7.1 */
TEST(epoll_edge)
{
	int ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };

	pair();
	ASSERT_EQ(SYS(epoll_ctl(ep, EPOLL_CTL_ADD, rx, &e)), 0);
	put();
	EXPECT_EQ(ep_wait(ep, 5000), EPOLLIN);
	EXPECT_EQ(ep_wait(ep, 100), 0);
	put();
	EXPECT_EQ(ep_wait(ep, 5000), EPOLLIN);
	EXPECT_EQ(ep_wait(ep, 100), 0);
}

/* rows 1.7.1 */
TEST(epoll_oneshot)
{
	int ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN | EPOLLONESHOT };

	pair();
	ASSERT_EQ(SYS(epoll_ctl(ep, EPOLL_CTL_ADD, rx, &e)), 0);
	put();
	EXPECT_EQ(ep_wait(ep, 5000), EPOLLIN);
	put();
	EXPECT_EQ(ep_wait(ep, 100), 0);
	ASSERT_EQ(SYS(epoll_ctl(ep, EPOLL_CTL_MOD, rx, &e)), 0);
	EXPECT_EQ(ep_wait(ep, 5000), EPOLLIN);
}

/* rows 1.8.7 */
TEST(epoll_close)
{
	int ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN };

	pair();
	ASSERT_EQ(SYS(epoll_ctl(ep, EPOLL_CTL_ADD, rx, &e)), 0);
	put();
	EXPECT_EQ(ep_wait(ep, 5000), EPOLLIN);
	close(rx);
	EXPECT_EQ(ep_wait(ep, 0), 0);
}

/* rows 1.7.1 */
TEST(epoll_many)
{
	struct epoll_event e = { .events = EPOLLIN }, got[128];
	int fd[100], ep = epoll_create1(0), i;

	tx = tu_socket(SOCK_RDM);
	for (i = 0; i < 100; i++) {
		fd[i] = tu_bound(T, i);
		e.data.u32 = i;
		ASSERT_EQ(SYS(epoll_ctl(ep, EPOLL_CTL_ADD, fd[i], &e)), 0);
	}
	for (i = 0; i < 100; i += 3)
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, i), 1);
	ASSERT_EQ(SYS(epoll_wait(ep, got, 128, 5000)), 34);
	for (i = 0; i < 34; i++)
		EXPECT_EQ(got[i].data.u32 % 3, 0);
}

TEST_MAIN("poll, select and epoll tell when there is something to do")
