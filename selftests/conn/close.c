// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"
#include <pthread.h>
#include <sched.h>

#define T tu_type(0)

static const int both[] = { SOCK_STREAM, SOCK_SEQPACKET };
#define each_type(i) (int i = 0; i < 2; i++)

/* rows 1.6.9, 17.2 */
TEST(peer)
{
	for each_type(i) {
		int srv, cli, j;
		char b[8];

		tc_connection(both[i], &srv, &cli);
		EXPECT_EQ(tc_send(cli, "abc"), 3);
		EXPECT_EQ(tc_send(cli, "de"), 2);
		close(cli);
		EXPECT_EQ(tc_all(srv), POLLIN | POLLHUP);
		EXPECT_EQ(SYS(send(srv, "x", 1, 0)), -EPIPE);
		EXPECT_EQ(tu_recv(srv, b, 3, 0), 3);
		EXPECT_EQ(tu_recv(srv, b, 2, 0), 2);
		for (j = 0; j < 3; j++) {
			EXPECT_EQ(tu_recv(srv, b, 8, 0), -ECONNRESET);
			EXPECT_EQ(tu_recv(srv, b, 8, MSG_DONTWAIT | MSG_PEEK), -ECONNRESET);
		}
		EXPECT_EQ(tc_sol(srv, SO_ERROR), 0);
		EXPECT_EQ(tc_all(srv), POLLIN | POLLHUP);
	}
}

/* rows 1.6.9, 1.11.1, 17.2 */
TEST(peer_told)
{
	for each_type(i) {
		struct tc_told told;
		int srv, cli;
		char b[8];

		tc_connection(both[i], &srv, &cli);
		close(cli);
		EXPECT_EQ(tc_recv(srv, b, 8, 0, &told), 0);
		EXPECT_EQ(told.error, TIPC_ERR_NO_PORT);
		EXPECT_EQ(told.length, 0);
		EXPECT_EQ(told.data, -1);
	}
}

/* rows 1.6.9, 18.3: and it stays told */
TEST(peer_told_again)
{
	struct tc_told told;
	int srv, cli, j;
	char b[8];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	close(cli);
	for (j = 0; j < 3; j++) {
		EXPECT_EQ(tc_recv(srv, b, 8, MSG_DONTWAIT, &told), 0);
		EXPECT_EQ(told.error, TIPC_ERR_NO_PORT);
	}
	EXPECT_EQ(tu_recv(srv, b, 8, MSG_DONTWAIT), -ECONNRESET);
}

/* rows 1.8.5, 1.11.2 */
TEST(unread_returned)
{
	for each_type(i) {
		struct sockaddr_tipc from, me;
		struct tc_told told;
		char b[3000];
		int srv, cli;

		tc_connection(both[i], &srv, &cli);
		memset(b, 'x', sizeof(b));
		b[1023] = 'y';
		EXPECT_EQ(SYS(send(cli, b, 3000, 0)), 3000);
		EXPECT_EQ(tc_send(cli, "defgh"), 5);
		me = tu_self(srv);
		close(srv);
		EXPECT_EQ(tu_recv(cli, b, 8, 0), -ECONNRESET);
		EXPECT_EQ(tu_get(cli, TIPC_SOCK_RECVQ_DEPTH), 1);
		EXPECT_EQ(tu_recvfrom(cli, b, 8, MSG_PEEK, &from), -ECONNRESET);
		/* at most 1024 bytes of it */
		EXPECT_EQ(tc_recv(cli, b, 8, 0, &told), 0);
		EXPECT_EQ(told.error, TIPC_ERR_NO_PORT);
		EXPECT_EQ(told.length, 1024);
		EXPECT_EQ(told.data, 1024);
		EXPECT_TRUE(told.ret[0] == 'x' && told.ret[1023] == 'y');
		EXPECT_EQ(told.named, 1);
		(void)me;
	}
}

/* row 1.8.5 */
TEST(part_read)
{
	struct tc_told told;
	int srv, cli;
	char b[8];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(tc_send(cli, "defgh"), 5);
	EXPECT_EQ(tu_recv(srv, b, 1, MSG_EOR), 1);
	close(srv);
	EXPECT_EQ(tc_recv(cli, b, 8, 0, &told), 0);
	EXPECT_EQ(told.length, 5);
}

/* rows 1.8.3, 17.27: the last close waits for room at the peer */
TEST(lingers)
{
	int srv, cli, u[2];
	char b[1];
	double t;
	pid_t pid;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	tc_fill(cli, 1000, 1000);
	ASSERT_EQ(SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, u)), 0);
	pid = fork();
	if (!pid) {
		close(cli);
		ASSERT_EQ(SYS(write(u[1], "x", 1)), 1);
		ASSERT_EQ(SYS(read(u[1], b, 1)), 1);
		ktap_sleep_ms(700);
		tc_drain(srv, 1000, 60);
		ktap_exit();
	}
	close(srv);
	/* the child has the sockets still; wait until it has only srv */
	ASSERT_EQ(SYS(read(u[0], b, 1)), 1);
	t = ktap_now();
	ASSERT_EQ(SYS(write(u[0], "x", 1)), 1);
	EXPECT_EQ(SYS(close(cli)), 0);
	t = ktap_now() - t;
	EXPECT_TRUE(t > 0.5 && t < 5);
	EXPECT_EQ(tu_wait(pid), 0);
}

/* row 1.8.3 */
TEST(lingers_no_longer_than_8_s)
{
	int srv, cli;
	double t;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	tc_fill(cli, 1000, 1000);
	t = ktap_tick_now();
	EXPECT_EQ(SYS(shutdown(cli, SHUT_RDWR)), 0);
	t = ktap_now() - t;
	EXPECT_TRUE(t > 7.5 && t < 20);
	tc_drain(srv, 1000, 65);
	EXPECT_TRUE(tu_recv(srv, &t, 8, 0) == 0);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* row 1.8.3 */
TEST(linger_interrupted)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	int srv, cli;
	double t;

	sigaction(SIGALRM, &sa, NULL);
	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	tc_fill(cli, 1000, 1000);
	t = ktap_now();
	tu_alarm(1);
	EXPECT_EQ(SYS(shutdown(cli, SHUT_RDWR)), 0);
	tu_alarm(0);
	EXPECT_TRUE(ktap_now() - t < 5);
}

/* row 1.8.3: the peer's end ends it too */
TEST(linger_and_peer_gone)
{
	int srv, cli;
	double t;
	pid_t pid;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	tc_fill(cli, 1000, 1000);
	pid = fork();
	if (!pid) {
		close(cli);
		ktap_sleep_ms(500);
		close(srv);
		_exit(0);
	}
	close(srv);
	ktap_sleep_ms(100);
	t = ktap_now();
	close(cli);
	EXPECT_TRUE(ktap_now() - t < 5);
	EXPECT_EQ(tu_wait(pid), 0);
}

/* row 1.8.7 */
TEST(withdraws)
{
	int l = tc_listener(SOCK_STREAM, T, 1), s, c;

	c = tc_connecting(SOCK_STREAM, T, 1);
	s = tc_accept(l);
	EXPECT_EQ(tu_bind(s, T, 2, 2, 0), -EINVAL);
	close(l);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
	EXPECT_EQ(tc_send(c, "abc"), 3);
	EXPECT_EQ(tc_all(s), POLLIN | POLLOUT);
}

/* rows 1.6.9, 1.8.5 */
TEST(peer_killed)
{
	for each_type(i) {
		int srv, cli, p[2];
		char b[8];
		pid_t pid;

		tc_connection(both[i], &srv, &cli);
		ASSERT_EQ(SYS(pipe(p)), 0);
		pid = fork();
		if (!pid) {
			close(srv);
			EXPECT_EQ(tc_send(cli, "abc"), 3);
			EXPECT_EQ(SYS(write(p[1], "x", 1)), 1);
			tu_recv(cli, b, 8, 0);
			_exit(0);
		}
		close(cli);
		ASSERT_EQ(SYS(read(p[0], b, 1)), 1);
		kill(pid, SIGKILL);
		EXPECT_EQ(tu_recv(srv, b, 8, 0), 3);
		EXPECT_EQ(tu_recv(srv, b, 8, 0), -ECONNRESET);
		EXPECT_EQ(tu_wait(pid), 1000 + SIGKILL);
		close(srv);
	}
}

static void *read_one(void *fd)
{
	char b[8];

	return (void *)(long)tu_recv((long)fd, b, 8, 0);
}

/* rows 1.6.9, 1.5.7 */
TEST(wakes_reader)
{
	int srv, cli;
	pthread_t t;
	void *r;

	tc_connection(SOCK_STREAM, &srv, &cli);
	ASSERT_EQ(pthread_create(&t, NULL, read_one, (void *)(long)cli), 0);
	ktap_sleep_ms(100);
	close(srv);
	ASSERT_EQ(pthread_join(t, &r), 0);
	EXPECT_EQ((long)r, -ECONNRESET);
}

/* row 1.8.7: descriptors of one socket are one socket until the last is closed */
TEST(duplicates)
{
	int srv, cli, other, p[2];
	char b[8];
	pid_t pid;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	other = dup(cli);
	ASSERT_EQ(SYS(pipe(p)), 0);
	pid = fork();
	if (!pid) {
		/* until the parent closes its end */
		close(p[1]);
		EXPECT_EQ(SYS(read(p[0], b, 1)), 0);
		ktap_exit();
	}
	close(cli);
	EXPECT_EQ(tc_send(other, "abc"), 3);
	close(other);
	EXPECT_EQ(tu_recv(srv, b, 8, 0), 3);
	EXPECT_EQ(tu_recv(srv, b, 8, MSG_DONTWAIT), -EAGAIN);
	close(p[1]);
	/* the child's end is the socket's */
	EXPECT_EQ(tu_recv(srv, b, 8, 0), -ECONNRESET);
	EXPECT_EQ(tu_wait(pid), 0);
}

TEST_MAIN("close() ends a connection, and the peer is told")
