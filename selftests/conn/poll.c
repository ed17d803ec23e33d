// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"
#include <pthread.h>
#include <sys/select.h>

#define T tu_type(0)

static const int both[] = { SOCK_STREAM, SOCK_SEQPACKET };
#define each_type(i) (int i = 0; i < 2; i++)

#define EVERY (POLLIN | POLLPRI | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLRDBAND | \
	       POLLWRNORM | POLLWRBAND | POLLRDHUP)
#define READ (POLLIN | POLLRDNORM)

static int every(int fd)
{
	return tu_poll(fd, EVERY, 0);
}

/* rows 1.7.1, 1.7.6 */
TEST(open)
{
	for each_type(i) {
		int fd = tu_socket(both[i]);

		EXPECT_EQ(every(fd), POLLOUT);
		ASSERT_EQ(tu_bind(fd, T, 1, 1, 0), 0);
		EXPECT_EQ(every(fd), POLLOUT);
	}
}

/* rows 1.7.2, 1.7.6 */
TEST(listening_and_connecting)
{
	for each_type(i) {
		int l = tc_listener(both[i], T, 1), c;

		EXPECT_EQ(every(l), 0);
		c = tc_connecting(both[i], T, 1);
		EXPECT_EQ(every(l), READ);
		EXPECT_EQ(every(c), 0);
		close(tc_accept(l));
		EXPECT_EQ(every(l), 0);
		close(l);
	}
}

/* rows 1.7.3, 1.7.6 */
TEST(established)
{
	for each_type(i) {
		int srv, cli, n;
		char b[8];

		tc_connection(both[i], &srv, &cli);
		EXPECT_EQ(every(srv), POLLOUT);
		EXPECT_EQ(tc_send(cli, "abc"), 3);
		EXPECT_EQ(every(srv), READ | POLLOUT);
		EXPECT_EQ(tu_recv(srv, b, 8, MSG_PEEK), 3);
		EXPECT_EQ(every(srv), READ | POLLOUT);
		EXPECT_EQ(tu_recv(srv, b, 8, 0), 3);
		EXPECT_EQ(every(srv), POLLOUT);
		n = tc_fill(cli, 60000, 100);
		EXPECT_EQ(every(cli), 0);
		EXPECT_EQ(tc_send(srv, "abc"), 3);
		EXPECT_EQ(every(cli), READ);
		tc_drain(srv, 60000, n);
		EXPECT_EQ(every(cli), READ | POLLOUT);
	}
}

/* rows 1.7.4, 17.11 */
TEST(disconnecting)
{
	for each_type(i) {
		int srv, cli;
		char b[8];

		tc_connection(both[i], &srv, &cli);
		EXPECT_EQ(tc_send(cli, "abc"), 3);
		close(cli);
		EXPECT_EQ(every(srv), READ | POLLHUP);
		EXPECT_EQ(tu_recv(srv, b, 8, 0), 3);
		EXPECT_EQ(every(srv), READ | POLLHUP);
		EXPECT_EQ(tu_recv(srv, b, 8, 0), -ECONNRESET);
		EXPECT_EQ(every(srv), READ | POLLHUP);
		EXPECT_EQ(SYS(shutdown(srv, SHUT_RDWR)), 0);
		EXPECT_EQ(every(srv), READ | POLLHUP);
	}
}

/* row 1.7.5 */
TEST(shut_down)
{
	int fd = tu_socket(SOCK_STREAM), l = tc_listener(SOCK_STREAM, T, 1);

	EXPECT_EQ(SYS(shutdown(fd, SHUT_RDWR)), -ENOTCONN);
	EXPECT_EQ(every(fd), READ | POLLOUT | POLLHUP | POLLRDHUP);
	EXPECT_EQ(SYS(shutdown(l, SHUT_RDWR)), -ENOTCONN);
	EXPECT_EQ(every(l), READ | POLLHUP | POLLRDHUP);
}

/* row 1.7.4 */
TEST(refused)
{
	int other = tu_socket(SOCK_STREAM), c = tu_socket(SOCK_STREAM);
	struct sockaddr_tipc to = tu_self(other);

	tc_nonblock(c, 1);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
	EXPECT_EQ(every(c), READ | POLLHUP);
	/* polling does not use up the error */
	EXPECT_EQ(tc_sol(c, SO_ERROR), ECONNREFUSED);
}

static int fds[2];
static int kind;

static void *later(void *arg)
{
	char b[60000];

	(void)arg;
	ktap_sleep_ms(150);
	switch (kind) {
	case 0:
		tc_send(fds[1], "abc");
		break;
	case 1:
		tu_recv(fds[1], b, sizeof(b), 0);
		break;
	case 2:
		close(fds[1]);
		break;
	case 3:
		shutdown(fds[1], SHUT_RDWR);
		break;
	case 4:
		shutdown(fds[0], SHUT_RDWR);
		break;
	case 5:
		close(tc_connecting(SOCK_STREAM, T, 1));
		break;
	case 6:
		tc_accept(fds[1]);
		break;
	}
	return NULL;
}

static int wakes(int k, int events)
{
	pthread_t t;
	int r;

	kind = k;
	ASSERT_EQ(pthread_create(&t, NULL, later, NULL), 0);
	r = tu_poll(fds[0], events, 5000);
	ASSERT_EQ(pthread_join(t, NULL), 0);
	return r;
}

/* rows 1.7.2, 1.7.3, 1.7.4, 1.7.5 */
TEST(wakes_up)
{
	for each_type(i) {
		int l = tc_listener(SOCK_STREAM, T, 1);
		char b[8];

		tc_connection(both[i], &fds[0], &fds[1]);
		EXPECT_EQ(wakes(0, POLLIN), POLLIN);
		EXPECT_EQ(tu_recv(fds[0], b, 8, 0), 3);
		tc_fill(fds[0], 60000, 100);
		EXPECT_EQ(wakes(1, POLLOUT), POLLOUT);
		EXPECT_EQ(wakes(2, POLLIN), POLLIN | POLLHUP);
		tc_connection(both[i], &fds[0], &fds[1]);
		EXPECT_EQ(wakes(3, 0), POLLHUP);
		tc_connection(both[i], &fds[0], &fds[1]);
		EXPECT_EQ(wakes(4, POLLIN), POLLIN | POLLHUP);
		fds[0] = l;
		EXPECT_EQ(wakes(5, POLLIN), POLLIN);
		close(tc_accept(l));
		fds[1] = l;
		fds[0] = tc_connecting(SOCK_STREAM, T, 1);
		EXPECT_EQ(wakes(6, POLLOUT), POLLOUT);
		fds[0] = tc_connecting(SOCK_STREAM, T, 1);
		EXPECT_EQ(wakes(2, POLLOUT), POLLHUP);
	}
}

/* rows 1.7.3, 1.7.4 */
TEST(select_too)
{
	struct timeval none = { 0, 0 };
	int srv, cli;
	fd_set r, w, e;

	tc_connection(SOCK_STREAM, &srv, &cli);
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_ZERO(&e);
	FD_SET(srv, &r);
	FD_SET(srv, &w);
	FD_SET(srv, &e);
	EXPECT_EQ(SYS(select(srv + 1, &r, &w, &e, &none)), 1);
	EXPECT_TRUE(!FD_ISSET(srv, &r) && FD_ISSET(srv, &w) && !FD_ISSET(srv, &e));
	close(cli);
	FD_SET(srv, &r);
	FD_SET(srv, &e);
	EXPECT_EQ(SYS(select(srv + 1, &r, &w, &e, &none)), 1);
	EXPECT_TRUE(FD_ISSET(srv, &r) && !FD_ISSET(srv, &w) && !FD_ISSET(srv, &e));
}

TEST_MAIN("poll() says what can be done with a connection")
