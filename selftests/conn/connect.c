// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"
#include <pthread.h>

#define T tu_type(0)

static const int both[] = { SOCK_STREAM, SOCK_SEQPACKET };
#define each_type(i) (int i = 0; i < 2; i++)

static void *accept_late(void *l)
{
	ktap_sleep_ms(200);
	return (void *)(long)SYS(accept((long)l, NULL, NULL));
}

/* rows 1.4.5, 1.3.5 */
TEST(blocking)
{
	for each_type(i) {
		int l = tc_listener(both[i], T, 1), c = tu_socket(both[i]);
		pthread_t t;
		void *s;

		ASSERT_EQ(pthread_create(&t, NULL, accept_late, (void *)(long)l), 0);
		EXPECT_EQ(tc_connect_name(c, T, 1), 0);
		ASSERT_EQ(pthread_join(t, &s), 0);
		EXPECT_GE((long)s, 0);
		EXPECT_EQ(tc_connect_name(c, T, 1), -EISCONN);
		EXPECT_EQ(tc_all(c), POLLOUT);
		close(l);
		close(c);
		close((long)s);
	}
}

/* row 1.4.6 */
TEST(non_blocking)
{
	for each_type(i) {
		int l = tc_listener(both[i], T, 1), c = tu_socket(both[i]), s;

		tc_nonblock(c, 1);
		EXPECT_EQ(tc_connect_name(c, T, 1), -EINPROGRESS);
		EXPECT_EQ(tc_connect_name(c, T, 1), -EALREADY);
		EXPECT_EQ(tc_all(c), 0);
		EXPECT_EQ(SYS(send(c, "x", 1, 0)), -ENOTCONN);
		s = tc_accept(l);
		EXPECT_EQ(tc_all(c), POLLOUT);
		EXPECT_EQ(tc_sol(c, SO_ERROR), 0);
		EXPECT_EQ(tc_connect_name(c, T, 1), -EISCONN);
		close(s);
		close(l);
	}
}

/* rows 1.4.7, 17.4, 1.1.13: SO_SNDTIMEO is not the limit */
TEST(time_out)
{
	for each_type(i) {
		int l = tc_listener(both[i], T, 1), c = tu_socket(both[i]), s, j;

		ASSERT_EQ(tu_set(c, TIPC_CONN_TIMEOUT, 300), 0);
		tc_timeo(c, SO_SNDTIMEO, 20000);
		for (j = 0; j < 2; j++) {
			double t = ktap_tick_now();

			EXPECT_EQ(tc_connect_name(c, T, 1), -ETIMEDOUT);
			t = ktap_now() - t;
			EXPECT_TRUE(t > 0.275 && t < 6);
		}
		EXPECT_EQ(tu_get(l, TIPC_SOCK_RECVQ_DEPTH), 1);
		EXPECT_EQ(tc_all(c), 0);
		EXPECT_EQ(tc_sol(c, SO_ERROR), 0);
		/* the attempt lives on */
		s = tc_accept(l);
		EXPECT_EQ(tc_all(c), POLLOUT);
		EXPECT_EQ(tc_send(c, "abc"), 3);
		EXPECT_EQ(tc_all(s), POLLIN | POLLOUT);
		close(l);
		close(s);
		close(c);
	}
}

/* rows 1.4.7, 17.4 */
TEST(again_after_time_out)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c = tu_socket(SOCK_STREAM);
	pthread_t t;
	void *s;

	ASSERT_EQ(tu_set(c, TIPC_CONN_TIMEOUT, 100), 0);
	EXPECT_EQ(tc_connect_name(c, T, 1), -ETIMEDOUT);
	ASSERT_EQ(tu_set(c, TIPC_CONN_TIMEOUT, 10000), 0);
	ASSERT_EQ(pthread_create(&t, NULL, accept_late, (void *)(long)l), 0);
	EXPECT_EQ(tc_connect_name(c, T, 1), 0);
	ASSERT_EQ(pthread_join(t, &s), 0);
	EXPECT_GE((long)s, 0);
}

/* row 1.4.8 */
TEST(no_time)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c = tu_socket(SOCK_STREAM);

	ASSERT_EQ(tu_set(c, TIPC_CONN_TIMEOUT, 0), 0);
	EXPECT_EQ(tc_connect_name(c, T, 1), -EINPROGRESS);
	EXPECT_EQ(tc_connect_name(c, T, 1), -EALREADY);
	tc_accept(l);
	EXPECT_EQ(tc_all(c), POLLOUT);
}

/* rows 1.4.1, 1.4.3 */
TEST(bad_arguments)
{
	for each_type(i) {
		struct { struct sockaddr_tipc sa; char more[16]; } a = { .sa = tu_name(T, 1) };
		int l = tc_listener(both[i], T, 1), c = tu_socket(both[i]);
		struct sockaddr_tipc to;

		tc_nonblock(c, 1);
		EXPECT_EQ(tu_connect(c, &a, 15), -EINVAL);
		EXPECT_EQ(tu_connect(c, &a, 17), -EINVAL);
		EXPECT_EQ(tu_connect(c, &a, 0), -EINVAL);
		EXPECT_EQ(tu_connect(c, (void *)8, sizeof(to)), -EFAULT);
		to = tu_name(T, 1);
		to.family = AF_UNSPEC;
		EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINVAL);
		to.family = AF_INET;
		EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINVAL);
		to = tu_range(T, 1, 1, 0);
		EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINVAL);
		to.addrtype = 0;
		EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINVAL);
		to.addrtype = 4;
		EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINVAL);
		/* and nothing has happened */
		EXPECT_EQ(tu_get(l, TIPC_SOCK_RECVQ_DEPTH), 0);
		EXPECT_EQ(tc_connect_name(c, T, 1), -EINPROGRESS);
		close(l);
	}
}

/* row 1.4.3 */
TEST(bound_socket)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c = tu_socket(SOCK_STREAM);
	struct sockaddr_tipc to = tu_name(T, 1);

	tc_nonblock(c, 1);
	ASSERT_EQ(tu_bind(c, T, 5, 5, 0), 0);
	EXPECT_EQ(tc_connect_name(c, T, 1), -EOPNOTSUPP);
	EXPECT_EQ(tu_sendto(c, "x", 1, &to, sizeof(to)), -EOPNOTSUPP);
	EXPECT_EQ(tu_get(l, TIPC_SOCK_RECVQ_DEPTH), 0);
	ASSERT_EQ(tu_bind_raw(c, NULL, 0), 0);
	EXPECT_EQ(tc_connect_name(c, T, 1), -EINPROGRESS);
	EXPECT_EQ(tu_bind(c, T, 5, 5, 0), 0);
	tc_accept(l);
	EXPECT_EQ(tu_bind(c, T, 6, 6, 0), -EINVAL);
}

/* row 1.4.4 */
TEST(no_such_service)
{
	for each_type(i) {
		int c = tu_socket(both[i]), l;

		EXPECT_EQ(tc_connect_name(c, T, 1), -EHOSTUNREACH);
		EXPECT_EQ(tc_all(c), POLLOUT);
		l = tc_listener(both[i], T, 1);
		tc_nonblock(c, 1);
		EXPECT_EQ(tc_connect_name(c, T, 1), -EINPROGRESS);
		tc_accept(l);
		EXPECT_EQ(tc_all(c), POLLOUT);
		close(l);
	}
}

/* row 1.4.5 */
TEST(refused)
{
	for each_type(i) {
		int other = tu_socket(both[i]), c = tu_socket(both[i]);
		struct sockaddr_tipc to = tu_self(other);
		char b[8];

		/* there, but no listener */
		EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -ECONNREFUSED);
		EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINVAL);
		EXPECT_EQ(SYS(listen(c, 1)), -EINVAL);
		EXPECT_EQ(SYS(send(c, "x", 1, 0)), -EPIPE);
		EXPECT_EQ(tc_all(c), POLLIN | POLLHUP);
		EXPECT_EQ(tu_recv(c, b, 8, 0), -ECONNRESET);
		EXPECT_EQ(tu_recv(c, b, 8, 0), -ECONNRESET);
		EXPECT_EQ(tc_sol(c, SO_ERROR), 0);
		close(c);
		/* not there any more */
		close(other);
		c = tu_socket(both[i]);
		tc_nonblock(c, 1);
		EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
		EXPECT_EQ(tc_all(c), POLLIN | POLLHUP);
		EXPECT_EQ(tc_sol(c, SO_ERROR), ECONNREFUSED);
		EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINVAL);
	}
}

/* row 1.4.5: the error is told once, by whichever call comes first */
TEST(refused_and_told)
{
	int other = tu_socket(SOCK_STREAM), c = tu_socket(SOCK_STREAM);
	struct sockaddr_tipc to = tu_self(other);
	char b[8];

	tc_nonblock(c, 1);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
	EXPECT_EQ(tu_recv(c, b, 8, 0), -ECONNREFUSED);
	EXPECT_EQ(tu_recv(c, b, 8, 0), -ECONNRESET);
	c = tu_socket(SOCK_STREAM);
	tc_nonblock(c, 1);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
	EXPECT_EQ(SYS(send(c, "x", 1, 0)), -ECONNREFUSED);
	EXPECT_EQ(SYS(send(c, "x", 1, 0)), -EPIPE);
}

/* row 1.4.5 */
TEST(datagram_socket_refuses)
{
	int rx = tu_bound(T, 1), c = tu_socket(SOCK_SEQPACKET);
	struct tc_told told;
	char b[8];

	/* it takes it for a datagram; an empty one is never seen */
	ASSERT_EQ(tu_set(c, TIPC_CONN_TIMEOUT, 200), 0);
	EXPECT_EQ(tc_connect_name(c, T, 1), -ETIMEDOUT);
	EXPECT_EQ(tc_recv(rx, b, 8, MSG_DONTWAIT, &told), -EAGAIN);
}

/* row 1.4.15 */
TEST(by_socket_address)
{
	int l = tc_listener(SOCK_SEQPACKET, T, 1), c = tu_socket(SOCK_SEQPACKET), s;
	struct sockaddr_tipc to = tu_self(l);
	struct tc_told told;
	char b[8];

	tc_nonblock(c, 1);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
	s = tc_accept(l);
	EXPECT_EQ(tc_all(c), POLLOUT);
	EXPECT_EQ(tc_send(c, "abc"), 3);
	EXPECT_EQ(tc_recv(s, b, 8, 0, &told), 3);
	EXPECT_EQ(told.named, 0);
	EXPECT_EQ(tc_send(s, "abc"), 3);
	EXPECT_EQ(tc_recv(c, b, 8, 0, &told), 3);
	EXPECT_EQ(told.named, 0);
}

/* rows 1.4.16, 2.7 */
TEST(on_a_node)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c = tu_socket(SOCK_STREAM);
	struct sockaddr_tipc to = tu_name(T, 1);

	tc_nonblock(c, 1);
	to.addr.name.domain = 0x01001001 ^ 0x00f00;	/* not a node we know */
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EHOSTUNREACH);
	to.addr.name.domain = tu_self(l).addr.id.node;
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
	tc_accept(l);
	EXPECT_EQ(tc_all(c), POLLOUT);
	c = tu_socket(SOCK_STREAM);
	to = tu_id(tu_self(l).addr.id.ref, 0x01001001 ^ 0x00f00);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EHOSTUNREACH);
	EXPECT_EQ(tc_all(c), POLLOUT);
}

/* row 2.3: requests go round, as messages do */
TEST(round_robin)
{
	int a = tc_listener(SOCK_STREAM, T, 1), b = tc_listener(SOCK_STREAM, T, 1), i;

	for (i = 0; i < 6; i++)
		tc_connecting(SOCK_STREAM, T, 1);
	EXPECT_EQ(tu_get(a, TIPC_SOCK_RECVQ_DEPTH), 3);
	EXPECT_EQ(tu_get(b, TIPC_SOCK_RECVQ_DEPTH), 3);
}

/* row 1.4.9 */
TEST_LIMIT(retried_on_overload, 60)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c = tu_socket(SOCK_STREAM), v = 1, n, s, got = 0;
	pid_t pid;

	ASSERT_EQ(SYS(setsockopt(l, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v))), 0);
	for (n = 0; n < 12; n++)
		tc_connecting(SOCK_STREAM, T, 1);
	n = tu_get(l, TIPC_SOCK_RECVQ_DEPTH);
	EXPECT_TRUE(n < 12);
	pid = fork();
	if (!pid) {
		ASSERT_EQ(tu_set(c, TIPC_CONN_TIMEOUT, 20000), 0);
		EXPECT_EQ(tc_connect_name(c, T, 1), 0);
		ktap_exit();
	}
	ktap_sleep_ms(300);
	tc_nonblock(l, 1);
	while (got < 13) {
		ASSERT_EQ(tu_poll(l, POLLIN, 20000), POLLIN);
		s = SYS(accept(l, NULL, NULL));
		EXPECT_GE(s, 0);
		got += s >= 0;
	}
	EXPECT_EQ(tu_wait(pid), 0);
}

/* row 1.4.9: the listener goes while the request waits to be sent again */
TEST(overload_and_closed)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c[12], v = 1, n;

	ASSERT_EQ(SYS(setsockopt(l, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v))), 0);
	for (n = 0; n < 12; n++)
		c[n] = tc_connecting(SOCK_STREAM, T, 1);
	close(l);
	for (n = 0; n < 12; n++) {
		EXPECT_EQ(tu_poll(c[n], POLLIN, 10000), POLLIN | POLLHUP);
		EXPECT_EQ(tc_sol(c[n], SO_ERROR), ECONNREFUSED);
	}
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* row 1.4.7 */
TEST(signals)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	int l = tc_listener(SOCK_STREAM, T, 1), c = tu_socket(SOCK_STREAM), i;

	for (i = 0; i < 2; i++) {
		sigaction(SIGALRM, &sa, NULL);
		tu_alarm(1);
		EXPECT_EQ(tc_connect_name(c, T, 1), -EINTR);
		tu_alarm(0);
		sa.sa_flags = SA_RESTART;
	}
	tc_accept(l);
	EXPECT_EQ(tc_connect_name(c, T, 1), -EISCONN);
}

/* once the first thread waits in connect() */
static void *shut_late(void *c)
{
	tu_in_call(getpid(), SYS_connect);
	return (void *)(long)SYS(shutdown((long)c, SHUT_RDWR));
}

/* row 1.1.9 */
TEST(shut_down_meanwhile)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c = tu_socket(SOCK_STREAM), s;
	pthread_t t;
	char b[8];
	void *r;

	ASSERT_EQ(pthread_create(&t, NULL, shut_late, (void *)(long)c), 0);
	EXPECT_EQ(tc_connect_name(c, T, 1), 0);
	ASSERT_EQ(pthread_join(t, &r), 0);
	EXPECT_EQ((long)r, 0);
	EXPECT_EQ(tc_all(c), POLLIN | POLLHUP);
	EXPECT_EQ(SYS(send(c, "x", 1, 0)), -EPIPE);
	/* as with a client that is gone: the listener learns of it late */
	s = tc_accept(l);
	EXPECT_EQ(tu_recv(s, b, 8, 0), -ECONNRESET);
}

TEST_MAIN("connect() asks for a connection")
