// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"
#include <pthread.h>

#define T tu_type(0)

static const int both[] = { SOCK_STREAM, SOCK_SEQPACKET };
#define each_type(i) (int i = 0; i < 2; i++)

/*
 * A message takes (24 + data) / 1024 + 1 blocks of the sender's window; one more may be sent while
 * no more than the window is out: 128 blocks at first, 512 after the first acknowledgement.
 */
static int fits(int window, int len)
{
	return window / ((len + 24) / 1024 + 1) + 1;
}

static void first_window(int type, int len)
{
	int srv, cli;

	tc_connection(type, &srv, &cli);
	if (type == SOCK_STREAM)
		ASSERT_EQ(tu_set(cli, TIPC_NODELAY, 1), 0);
	EXPECT_EQ(tc_fill(cli, len, 2000), fits(128, len));
	EXPECT_EQ(tc_all(cli), 0);
	EXPECT_EQ(tc_all(srv), POLLIN | POLLOUT);
	EXPECT_EQ(tu_get(srv, TIPC_SOCK_RECVQ_DEPTH), fits(128, len));
	close(srv);
	close(cli);
}

/* rows 1.12.1, 1.12.2 */
TEST(first)
{
	for each_type(i) {
		first_window(both[i], 1);
		first_window(both[i], 999);
		first_window(both[i], 1000);
		first_window(both[i], 2023);
		first_window(both[i], 2024);
		first_window(both[i], 66000);
	}
}

/* the window after everything that was sent first has been read and acknowledged */
static void later_window(int type, int len)
{
	int srv, cli, n;

	tc_connection(type, &srv, &cli);
	if (type == SOCK_STREAM)
		ASSERT_EQ(tu_set(cli, TIPC_NODELAY, 1), 0);
	n = tc_fill(cli, 66000, 100);
	EXPECT_EQ(n, 2);
	/* 65 blocks are more than a quarter of 128: an acknowledgement; 130 of 512 are too */
	tc_drain(srv, 66000, 1);
	EXPECT_EQ(tc_fill(cli, 66000, 100), 7);
	tc_drain(srv, 66000, 8);
	EXPECT_EQ(tc_fill(cli, len, 2000), fits(512, len));
	close(srv);
	close(cli);
}

/* rows 1.12.1, 1.12.2 */
TEST(later)
{
	for each_type(i) {
		later_window(both[i], 1000);
		later_window(both[i], 66000);
		later_window(both[i], 1);
	}
}

/* row 1.12.2: acknowledged when a quarter of the window was read, not before */
TEST(acknowledged)
{
	int srv, cli;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(tc_fill(cli, 10, 1000), 129);
	tc_drain(srv, 10, 31);
	EXPECT_EQ(tc_fill(cli, 10, 1000), 0);
	tc_drain(srv, 10, 1);
	/* 32 of 129 are back, and the window is 512 now */
	EXPECT_EQ(tc_fill(cli, 10, 1000), 512 - 97 + 1);
	tc_drain(srv, 10, 127);
	EXPECT_EQ(tc_fill(cli, 10, 1000), 0);
	tc_drain(srv, 10, 1);
	EXPECT_EQ(tc_fill(cli, 10, 1000), 128);
}

/* rows 1.1.15, 1.12.2 */
TEST(receive_buffer)
{
	int srv, cli, v = 131072;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	ASSERT_EQ(SYS(setsockopt(srv, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v))), 0);
	ASSERT_EQ(tc_sol(srv, SO_RCVBUF), 262144);
	/* told with the next acknowledgement: 64 blocks */
	EXPECT_EQ(tc_fill(cli, 10, 1000), 129);
	tc_drain(srv, 10, 129);
	/* acknowledged after 32, and from then on after 16: one is left over */
	EXPECT_EQ(tc_fill(cli, 10, 1000), 64);
	tc_drain(srv, 10, 64);
	EXPECT_EQ(tc_fill(cli, 10, 1000), 64);
}

/* rows 1.12.2, 1.12.1: a window of nothing still lets one message through */
TEST(tiny_receive_buffer)
{
	int srv, cli, v = 1, i;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	ASSERT_EQ(SYS(setsockopt(srv, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v))), 0);
	for (i = 0; i < 200; i++) {
		EXPECT_EQ(SYS(send(cli, "x", 1, MSG_DONTWAIT)), 1);
		tc_drain(srv, 1, 1);
	}
	EXPECT_EQ(SYS(send(cli, "x", 1, MSG_DONTWAIT)), 1);
}

/* row 1.12.4: what does not fit the receive buffer ends the connection */
TEST(overload)
{
	struct tc_told told;
	int srv, cli, v = 1, i, r = 0;
	char b[8];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	ASSERT_EQ(SYS(setsockopt(srv, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v))), 0);
	for (i = 0; i < 50; i++) {
		r = SYS(send(cli, "abcd", 4, MSG_DONTWAIT));
		if (r != 4)
			break;
	}
	EXPECT_EQ(r, -EPIPE);
	EXPECT_TRUE(i < 10);
	EXPECT_EQ(tc_all(cli), POLLIN | POLLHUP);
	EXPECT_EQ(tc_recv(cli, b, 8, 0, &told), 0);
	EXPECT_EQ(told.error, TIPC_ERR_OVERLOAD);
	EXPECT_EQ(told.data, 4);
	/* the other end has what it has, and learns it when it sends */
	EXPECT_EQ(tc_all(srv), POLLIN | POLLOUT);
	EXPECT_EQ(tu_recv(srv, b, 8, 0), 4);
	EXPECT_EQ(tc_send(srv, "x"), 1);
	while ((r = tu_recv(srv, b, 8, 0)) > 0)
		;
	EXPECT_EQ(r, -ECONNRESET);
}

/* rows 1.12.1, 1.6.5: looking is not reading */
TEST(peek_gives_no_room)
{
	int srv, cli, i;
	char b[16];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(tc_fill(cli, 10, 1000), 129);
	for (i = 0; i < 100; i++)
		EXPECT_EQ(tu_recv(srv, b, 16, MSG_PEEK), 10);
	EXPECT_EQ(tc_fill(cli, 10, 1000), 0);
}

/* row 1.13.3: small sends of a stream are acknowledged before they are read */
TEST(small_stream_sends)
{
	int srv, cli;

	tc_connection(SOCK_STREAM, &srv, &cli);
	EXPECT_EQ(tc_fill(cli, 10, 2000), 513);
	tc_connection(SOCK_STREAM, &srv, &cli);
	EXPECT_EQ(tc_fill(cli, 1000, 2000), 257);
	tc_connection(SOCK_STREAM, &srv, &cli);
	EXPECT_EQ(tc_fill(cli, 1501, 2000), 65);
}

static void *send_one(void *fd)
{
	return (void *)(long)tc_send((long)fd, "x");
}

/* row 1.5.7 */
TEST(blocked_sender)
{
	int srv, cli;
	pthread_t t;
	void *r;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(tc_fill(cli, 66000, 100), 2);
	ASSERT_EQ(pthread_create(&t, NULL, send_one, (void *)(long)cli), 0);
	ktap_sleep_ms(200);
	EXPECT_EQ(tu_get(srv, TIPC_SOCK_RECVQ_DEPTH), 2);
	tc_drain(srv, 66000, 1);
	ASSERT_EQ(pthread_join(t, &r), 0);
	EXPECT_EQ((long)r, 1);
	EXPECT_EQ(tc_all(cli), POLLOUT);
}

/* row 1.5.7 */
TEST(blocked_sender_shut_down)
{
	int srv, cli;
	pthread_t t;
	void *r;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(tc_fill(cli, 66000, 100), 2);
	ASSERT_EQ(pthread_create(&t, NULL, send_one, (void *)(long)cli), 0);
	ktap_sleep_ms(100);
	ASSERT_EQ(SYS(shutdown(srv, SHUT_RDWR)), 0);
	ASSERT_EQ(pthread_join(t, &r), 0);
	EXPECT_EQ((long)r, -EPIPE);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* row 1.5.7 */
TEST(signals)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	int srv, cli;
	char b[8];

	sigaction(SIGALRM, &sa, NULL);
	tc_connection(SOCK_STREAM, &srv, &cli);
	tu_alarm(1);
	EXPECT_EQ(tu_recv(srv, b, 8, 0), -EINTR);
	tu_alarm(0);
	EXPECT_EQ(tc_fill(cli, 66000, 100), 2);
	tu_alarm(1);
	EXPECT_EQ(tc_send(cli, "x"), -EINTR);
	tu_alarm(0);
}

TEST_MAIN("a connection carries as much as its reader makes room for")
