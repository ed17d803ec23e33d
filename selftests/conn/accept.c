// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"
#include <pthread.h>

#define T tu_type(0)

static const int both[] = { SOCK_STREAM, SOCK_SEQPACKET };
#define each_type(i) (int i = 0; i < 2; i++)

/* row 1.3.4 */
TEST(not_listening)
{
	for each_type(i) {
		int fd = tu_socket(both[i]), srv, cli;

		EXPECT_EQ(SYS(accept(fd, NULL, NULL)), -EINVAL);
		tc_connection(both[i], &srv, &cli);
		EXPECT_EQ(SYS(accept(srv, NULL, NULL)), -EINVAL);
		EXPECT_EQ(SYS(accept(cli, NULL, NULL)), -EINVAL);
	}
}

/* rows 1.3.4, 1.1.13 */
TEST(nobody_there)
{
	int l = tc_listener(SOCK_STREAM, T, 1);
	double t;

	tc_nonblock(l, 1);
	EXPECT_EQ(SYS(accept(l, NULL, NULL)), -EAGAIN);
	tc_nonblock(l, 0);
	tc_timeo(l, SO_RCVTIMEO, 300);
	t = ktap_tick_now();
	EXPECT_EQ(SYS(accept(l, NULL, NULL)), -EAGAIN);
	t = ktap_now() - t;
	EXPECT_TRUE(t > 0.25 && t < 5);
}

/* rows 1.3.5, 17.3 */
TEST(completes_the_connection)
{
	for each_type(i) {
		int l = tc_listener(both[i], T, 1), c = tc_connecting(both[i], T, 1), s;
		struct sockaddr_tipc sa;
		socklen_t len = sizeof(sa);

		EXPECT_EQ(tc_all(c), 0);
		EXPECT_EQ(SYS(getpeername(c, (void *)&sa, &len)), -ENOTCONN);
		s = tc_accept(l);
		EXPECT_EQ(tc_all(c), POLLOUT);
		EXPECT_EQ(tc_all(s), POLLOUT);
		EXPECT_EQ(tc_all(l), 0);
		/* the handshake is nothing to read */
		EXPECT_TRUE(tu_empty(c));
		EXPECT_TRUE(tu_empty(s));
		close(l);
		EXPECT_EQ(tc_all(c), POLLOUT);
	}
}

/* rows 1.3.4, 1.1.10, 1.1.11 */
TEST(addresses)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c = tc_connecting(SOCK_STREAM, T, 1), s;
	struct sockaddr_tipc from, peer, me;
	socklen_t len = sizeof(from);

	memset(&from, 0xee, sizeof(from));
	s = SYS(accept(l, (void *)&from, &len));
	ASSERT_GE(s, 0);
	me = tu_self(c);
	EXPECT_EQ(len, sizeof(from));
	EXPECT_TRUE(!memcmp(&from, &me, sizeof(me)));
	len = sizeof(peer);
	EXPECT_EQ(SYS(getpeername(s, (void *)&peer, &len)), 0);
	EXPECT_TRUE(!memcmp(&peer, &me, sizeof(me)));
	me = tu_self(s);
	len = sizeof(peer);
	EXPECT_EQ(SYS(getpeername(c, (void *)&peer, &len)), 0);
	EXPECT_TRUE(!memcmp(&peer, &me, sizeof(me)));
	/* the accepted socket is a port of its own */
	EXPECT_NE(me.addr.id.ref, tu_self(l).addr.id.ref);
}

/* row 1.3.4 */
TEST(flags)
{
	int l = tc_listener(SOCK_SEQPACKET, T, 1), s;
	char b[4];

	tc_connecting(SOCK_SEQPACKET, T, 1);
	s = SYS(accept4(l, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
	ASSERT_GE(s, 0);
	EXPECT_TRUE(SYS(fcntl(s, F_GETFL)) & O_NONBLOCK);
	EXPECT_EQ(SYS(fcntl(s, F_GETFD)), FD_CLOEXEC);
	EXPECT_EQ(tu_recv(s, b, 4, 0), -EAGAIN);
	tc_connecting(SOCK_SEQPACKET, T, 1);
	tc_nonblock(l, 1);
	s = SYS(accept4(l, NULL, NULL, 0));
	ASSERT_GE(s, 0);
	EXPECT_EQ(SYS(fcntl(s, F_GETFL)) & O_NONBLOCK, 0);
	EXPECT_EQ(SYS(accept4(l, NULL, NULL, 0x10)), -EINVAL);
}

/* row 1.3.6 */
TEST(inherited)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c = tu_socket(SOCK_STREAM), s, v = 100000;

	ASSERT_EQ(tu_set(l, TIPC_CONN_TIMEOUT, 1234), 0);
	ASSERT_EQ(tu_set(l, TIPC_DEST_DROPPABLE, 1), 0);
	ASSERT_EQ(tu_set(l, TIPC_IMPORTANCE, TIPC_MEDIUM_IMPORTANCE), 0);
	ASSERT_EQ(SYS(setsockopt(l, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v))), 0);
	ASSERT_EQ(tu_set(c, TIPC_IMPORTANCE, TIPC_HIGH_IMPORTANCE), 0);
	tc_nonblock(c, 1);
	ASSERT_EQ(tc_connect_name(c, T, 1), -EINPROGRESS);
	s = tc_accept(l);
	EXPECT_EQ(tu_get(s, TIPC_IMPORTANCE), TIPC_HIGH_IMPORTANCE);
	EXPECT_EQ(tu_get(c, TIPC_IMPORTANCE), TIPC_HIGH_IMPORTANCE);
	EXPECT_EQ(tu_get(s, TIPC_CONN_TIMEOUT), 8000);
	EXPECT_EQ(tu_get(s, TIPC_DEST_DROPPABLE), 0);
	EXPECT_EQ(tc_sol(s, SO_RCVBUF), 2097152);
	EXPECT_EQ(tc_sol(s, SO_TYPE), SOCK_STREAM);
}

/* rows 1.3.6, 1.11.3 */
TEST(service_name)
{
	int l = tc_listener(SOCK_SEQPACKET, T, 1), c, s;
	struct tc_told told;
	char b[8];

	ASSERT_EQ(tu_bind(l, T, 10, 19, 0), 0);
	c = tc_connecting(SOCK_SEQPACKET, T, 13);
	s = tc_accept(l);
	EXPECT_EQ(tc_send(c, "abc"), 3);
	EXPECT_EQ(tc_recv(s, b, 8, MSG_DONTWAIT, &told), 3);
	EXPECT_EQ(told.error, -1);
	EXPECT_EQ(told.named, 1);
	EXPECT_EQ(told.name[0], T);
	EXPECT_EQ(told.name[1], 13);
	EXPECT_EQ(told.name[2], 13);
	EXPECT_EQ(tc_send(s, "defg"), 4);
	EXPECT_EQ(tc_recv(c, b, 8, MSG_DONTWAIT, &told), 4);
	EXPECT_EQ(told.named, 1);
	EXPECT_EQ(told.name[1], 13);
}

/* rows 1.3.8, 1.6.9 */
TEST(client_gone)
{
	for each_type(i) {
		int l = tc_listener(both[i], T, 1), s;
		char b[8];

		close(tc_connecting(both[i], T, 1));
		EXPECT_EQ(tc_all(l), POLLIN);
		s = tc_accept(l);
		EXPECT_EQ(tc_all(s), POLLIN | POLLHUP);
		EXPECT_EQ(tu_recv(s, b, 8, 0), -ECONNRESET);
		EXPECT_EQ(SYS(send(s, "x", 1, 0)), -EPIPE);
		EXPECT_EQ(tc_sol(s, SO_ERROR), 0);
		close(s);
		close(l);
	}
}

/* rows 1.3.8, 1.3.7: what it said with its request is there first */
TEST(client_with_data_gone)
{
	for each_type(i) {
		int l = tc_listener(both[i], T, 1), c = tu_socket(both[i]), s;
		struct sockaddr_tipc to = tu_name(T, 1);
		char b[8];

		tc_nonblock(c, 1);
		ASSERT_EQ(tu_sendto(c, "abc", 3, &to, sizeof(to)), 3);
		close(c);
		s = tc_accept(l);
		EXPECT_EQ(tu_recv(s, b, 8, 0), 3);
		EXPECT_EQ(tu_recv(s, b, 8, 0), -ECONNRESET);
		close(s);
		close(l);
	}
}

static int listener;

static void *accept_one(void *arg)
{
	(void)arg;
	return (void *)(long)SYS(accept(listener, NULL, NULL));
}

/* rows 1.3.4, 1.3.9 */
TEST(blocked)
{
	pthread_t t[3];
	void *r;
	int i, c[3];

	listener = tc_listener(SOCK_STREAM, T, 1);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(pthread_create(&t[i], NULL, accept_one, NULL), 0);
	ktap_sleep_ms(100);
	/* shutdown() does not end the wait */
	EXPECT_EQ(SYS(shutdown(listener, SHUT_RDWR)), -ENOTCONN);
	ktap_sleep_ms(100);
	for (i = 0; i < 3; i++)
		c[i] = tc_connecting(SOCK_STREAM, T, 1);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(pthread_join(t[i], &r), 0);
		EXPECT_GE((long)r, 0);
	}
	/* which thread took which of them is not known */
	for (i = 0; i < 3; i++)
		EXPECT_EQ(tu_poll(c[i], POLLOUT, 1000), POLLOUT);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* row 1.3.4 */
TEST(signals)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	int l = tc_listener(SOCK_STREAM, T, 1);

	sigaction(SIGALRM, &sa, NULL);
	tu_alarm(1);
	EXPECT_EQ(SYS(accept(l, NULL, NULL)), -EINTR);
	tu_alarm(0);
	/* with a time limit there is no restart */
	sa.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &sa, NULL);
	tc_timeo(l, SO_RCVTIMEO, 20000);
	tu_alarm(1);
	EXPECT_EQ(SYS(accept(l, NULL, NULL)), -EINTR);
	tu_alarm(0);
}

/* row 1.3.4 */
TEST(restarts)
{
	struct sigaction sa = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	int l = tc_listener(SOCK_STREAM, T, 1);
	pid_t pid;

	sigaction(SIGALRM, &sa, NULL);
	pid = fork();
	if (!pid) {
		alarm(1);
		_exit(SYS(accept(l, NULL, NULL)) >= 0 ? 0 : 1);
	}
	ktap_sleep_ms(1500);
	tc_connecting(SOCK_STREAM, T, 1);
	EXPECT_EQ(tu_wait(pid), 0);
}

TEST_MAIN("accept() completes a connection and makes a socket of it")
