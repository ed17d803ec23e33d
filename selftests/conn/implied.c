// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"
#include <pthread.h>

#define T tu_type(0)

static const int both[] = { SOCK_STREAM, SOCK_SEQPACKET };
#define each_type(i) (int i = 0; i < 2; i++)

static char big[66001];

/* rows 1.4.11, 1.3.7 */
TEST(data_first)
{
	for each_type(i) {
		int l = tc_listener(both[i], T, 1), c = tu_socket(both[i]), s;
		struct sockaddr_tipc to = tu_name(T, 1), from, me;
		struct tc_told told;
		char b[8];

		tc_nonblock(c, 1);
		EXPECT_EQ(tu_sendto(c, "abc", 3, &to, sizeof(to)), 3);
		EXPECT_EQ(tc_all(c), 0);
		EXPECT_EQ(tu_sendto(c, "abc", 3, &to, sizeof(to)), -ENOTCONN);
		EXPECT_EQ(SYS(send(c, "abc", 3, 0)), -ENOTCONN);
		EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EALREADY);
		s = tc_accept(l);
		EXPECT_EQ(tc_all(s), POLLIN | POLLOUT);
		EXPECT_EQ(tc_all(c), POLLOUT);
		EXPECT_EQ(tu_get(s, TIPC_SOCK_RECVQ_DEPTH), 1);
		EXPECT_EQ(tu_recvfrom(s, b, 8, MSG_PEEK, &from), 3);
		me = tu_self(c);
		EXPECT_TRUE(!memcmp(&from, &me, sizeof(me)));
		EXPECT_EQ(tc_recv(s, b, 8, 0, &told), 3);
		EXPECT_TRUE(!memcmp(b, "abc", 3));
		EXPECT_EQ(told.named, 1);
		EXPECT_EQ(told.name[0], T);
		EXPECT_TRUE(tu_empty(s));
		close(l);
	}
}

/* row 1.4.13 */
TEST(address_ignored_later)
{
	for each_type(i) {
		int srv, cli, rx = tu_bound(T, 9);
		struct sockaddr_tipc to = tu_name(T, 9), none = tu_name(T, 10);
		char b[8];

		tc_connection(both[i], &srv, &cli);
		EXPECT_EQ(tu_sendto(cli, "abc", 3, &to, sizeof(to)), 3);
		EXPECT_EQ(tu_sendto(cli, "de", 2, &none, sizeof(none)), 2);
		EXPECT_EQ(tu_sendto(cli, "f", 1, &none, 3), 1);
		EXPECT_EQ(tu_recv(srv, b, 3, 0), 3);
		EXPECT_EQ(tu_recv(srv, b, 2, 0), 2);
		EXPECT_TRUE(tu_empty(rx));
		close(rx);
	}
}

/* rows 1.4.11, 1.4.3, 1.4.4 */
TEST(errors)
{
	for each_type(i) {
		int c = tu_socket(both[i]), other = tu_socket(both[i]);
		struct sockaddr_tipc to = tu_name(T, 1);

		tc_nonblock(c, 1);
		EXPECT_EQ(tu_sendto(c, "x", 1, &to, sizeof(to)), -EHOSTUNREACH);
		EXPECT_EQ(tu_sendto(c, "x", 1, &to, 15), -EINVAL);
		to.family = AF_INET;
		EXPECT_EQ(tu_sendto(c, "x", 1, &to, sizeof(to)), -EINVAL);
		to = tu_name(T, 1);
		to.addrtype = 7;
		EXPECT_EQ(tu_sendto(c, "x", 1, &to, sizeof(to)), -EINVAL);
		EXPECT_EQ(SYS(send(c, "x", 1, 0)), -ENOTCONN);
		to = tu_self(other);
		EXPECT_EQ(tu_sendto(c, "x", 1, &to, sizeof(to)), 1);
		EXPECT_EQ(tc_all(c), POLLIN | POLLHUP);
		EXPECT_EQ(tc_sol(c, SO_ERROR), ECONNREFUSED);
	}
}

/* rows 1.4.14, 1.5.1 */
TEST(size)
{
	for each_type(i) {
		int l = tc_listener(both[i], T, 1), c = tu_socket(both[i]), s;
		struct sockaddr_tipc to = tu_name(T, 1);

		tc_nonblock(c, 1);
		memset(big, 'x', sizeof(big));
		EXPECT_EQ(tu_sendto(c, big, 66001, &to, sizeof(to)), -EMSGSIZE);
		EXPECT_EQ(tc_all(c), POLLOUT);
		EXPECT_EQ(tu_sendto(c, big, 66000, &to, sizeof(to)), 66000);
		s = tc_accept(l);
		memset(big, 0, sizeof(big));
		EXPECT_EQ(tu_recv(s, big, sizeof(big), MSG_DONTWAIT), 66000);
		EXPECT_TRUE(big[0] == 'x' && big[65999] == 'x');
		close(l);
	}
}

/* rows 1.4.11, 1.5.10 */
TEST(unreadable)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c = tu_socket(SOCK_STREAM);
	struct sockaddr_tipc to = tu_name(T, 1);

	tc_nonblock(c, 1);
	EXPECT_EQ(tu_sendto(c, (void *)8, 10, &to, sizeof(to)), -EFAULT);
	EXPECT_EQ(tu_get(l, TIPC_SOCK_RECVQ_DEPTH), 0);
	EXPECT_EQ(tc_all(c), POLLOUT);
	EXPECT_EQ(tu_sendto(c, "x", 1, &to, sizeof(to)), 1);
}

/* row 1.4.11: without data it is a connect() that does not wait */
TEST(no_data)
{
	int l = tc_listener(SOCK_SEQPACKET, T, 1), c = tu_socket(SOCK_SEQPACKET), s;
	struct sockaddr_tipc to = tu_name(T, 1);

	EXPECT_EQ(tu_sendto(c, "", 0, &to, sizeof(to)), 0);
	EXPECT_EQ(tc_all(c), 0);
	s = tc_accept(l);
	EXPECT_EQ(tc_all(c), POLLOUT);
	EXPECT_EQ(tc_all(s), POLLOUT);
}

static void *accept_late(void *l)
{
	ktap_sleep_ms(500);
	return (void *)(long)SYS(accept((long)l, NULL, NULL));
}

/* row 1.4.12 */
TEST(waits)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c = tu_socket(SOCK_STREAM);
	struct sockaddr_tipc to = tu_name(T, 1);
	double t = ktap_now();
	pthread_t th;
	void *s;

	ASSERT_EQ(pthread_create(&th, NULL, accept_late, (void *)(long)l), 0);
	EXPECT_EQ(tu_sendto(c, "abc", 3, &to, sizeof(to)), 3);
	EXPECT_TRUE(ktap_now() - t > 0.4);
	EXPECT_EQ(tc_all(c), POLLOUT);
	ASSERT_EQ(pthread_join(th, &s), 0);
	EXPECT_GE((long)s, 0);
}

/* rows 1.4.12, 18.5 */
TEST(waits_as_long_as_told)
{
	int l = tc_listener(SOCK_STREAM, T, 1), c = tu_socket(SOCK_STREAM);
	struct sockaddr_tipc to = tu_name(T, 1);
	double t = ktap_tick_now();

	tc_timeo(c, SO_SNDTIMEO, 1000);
	EXPECT_EQ(tu_sendto(c, "abc", 3, &to, sizeof(to)), 3);
	t = ktap_now() - t;
	EXPECT_TRUE(t > 0.9 && t < 10);
	EXPECT_EQ(tc_all(c), 0);
	tc_accept(l);
	EXPECT_EQ(tc_all(c), POLLOUT);
}

/* row 1.4.12: the refusal is told by the next call */
TEST(waits_and_is_refused)
{
	int other = tu_socket(SOCK_STREAM), c = tu_socket(SOCK_STREAM);
	struct sockaddr_tipc to = tu_self(other);

	EXPECT_EQ(tu_sendto(c, "abc", 3, &to, sizeof(to)), 3);
	EXPECT_EQ(SYS(send(c, "x", 1, 0)), -EPIPE);
	EXPECT_EQ(tc_sol(c, SO_ERROR), 0);
}

/* rows 1.4.11, 1.11.2: data that came back with the refusal */
TEST(data_returned)
{
	for each_type(i) {
		int other = tu_socket(both[i]), c = tu_socket(both[i]);
		struct sockaddr_tipc to = tu_self(other);
		struct tc_told told;
		char b[8];

		tc_nonblock(c, 1);
		EXPECT_EQ(tu_sendto(c, "abc", 3, &to, sizeof(to)), 3);
		EXPECT_EQ(tc_sol(c, SO_ERROR), ECONNREFUSED);
		EXPECT_EQ(tu_recv(c, b, 8, 0), -ECONNRESET);
		EXPECT_EQ(tc_recv(c, b, 8, 0, &told), 0);
		EXPECT_EQ(told.error, TIPC_ERR_NO_PORT);
		EXPECT_EQ(told.length, 3);
		EXPECT_EQ(told.data, 3);
		EXPECT_TRUE(!memcmp(told.ret, "abc", 3));
	}
}

/* rows 1.4.11, 1.4.9 */
TEST(data_and_overload)
{
	int l = tc_listener(SOCK_SEQPACKET, T, 1), v = 5000, n, s;
	struct sockaddr_tipc to = tu_name(T, 1);
	char b[2000];

	ASSERT_EQ(SYS(setsockopt(l, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v))), 0);
	memset(b, 'y', sizeof(b));
	for (n = 0; n < 12; n++) {
		int c = tu_socket(SOCK_SEQPACKET);

		tc_nonblock(c, 1);
		EXPECT_EQ(tu_sendto(c, b, 1400, &to, sizeof(to)), 1400);
	}
	EXPECT_TRUE(tu_get(l, TIPC_SOCK_RECVQ_DEPTH) < 12);
	for (n = 0; n < 12; n++) {
		ASSERT_EQ(tu_poll(l, POLLIN, 20000), POLLIN);
		s = tc_accept(l);
		memset(b, 0, sizeof(b));
		EXPECT_EQ(tu_recv(s, b, sizeof(b), 0), 1400);
		EXPECT_TRUE(b[0] == 'y' && b[1399] == 'y' && !b[1400]);
	}
}

/* row 1.12.1: the request's data takes its place in the window */
TEST(window)
{
	int l = tc_listener(SOCK_SEQPACKET, T, 1), c = tu_socket(SOCK_SEQPACKET);
	struct sockaddr_tipc to = tu_name(T, 1);

	tc_nonblock(c, 1);
	EXPECT_EQ(tu_sendto(c, big, 66000, &to, sizeof(to)), 66000);
	tc_accept(l);
	/* 65 of 128 blocks are taken, a message of 1000 bytes is two */
	EXPECT_EQ(tc_fill(c, 1000, 1000), 32);
}

/* row 1.5.12 */
TEST(reserved_service)
{
	int c = tu_socket(SOCK_SEQPACKET);
	struct sockaddr_tipc to = tu_name(63, 1);

	EXPECT_EQ(tu_sendto(c, "x", 1, &to, sizeof(to)), -EHOSTUNREACH);
}

/* rows 1.4.11, 1.3.7, 1.8.5: a server that accepts, does not read, and goes away */
TEST(unread_and_closed)
{
	for each_type(i) {
		int l = tc_listener(both[i], T, 1), c = tu_socket(both[i]);
		struct sockaddr_tipc to = tu_name(T, 1);
		struct tc_told told;
		char b[8];

		tc_nonblock(c, 1);
		EXPECT_EQ(tu_sendto(c, "abc", 3, &to, sizeof(to)), 3);
		close(tc_accept(l));
		EXPECT_EQ(tc_all(c), POLLIN | POLLHUP);
		EXPECT_EQ(tu_recv(c, b, 8, MSG_DONTWAIT), -ECONNRESET);
		EXPECT_EQ(tc_recv(c, b, 8, MSG_DONTWAIT, &told), 0);
		EXPECT_EQ(told.error, TIPC_ERR_NO_PORT);
		close(l);
	}
}

/* row 1.5.9: to a range it is a multicast and no request */
TEST(multicast)
{
	for each_type(i) {
		int rx = tu_bound(T, 3), other = tu_bound(T, 4), l = tc_listener(both[i], T, 5);
		int c = tu_socket(both[i]), n;
		struct sockaddr_tipc to = tu_range(T, 1, 9, 0);
		struct tc_told told;
		char b[8];

		for (n = 1; n < 3; n++) {
			EXPECT_EQ(tu_sendto(c, "abc", n, &to, sizeof(to)), n);
			EXPECT_EQ(tc_recv(rx, b, 8, MSG_DONTWAIT, &told), n);
			EXPECT_EQ(told.named, 1);
			EXPECT_EQ(told.name[1], 1);
			EXPECT_EQ(told.name[2], 9);
			EXPECT_EQ(tu_recv(other, b, 8, MSG_DONTWAIT), n);
			EXPECT_EQ(tc_all(l), 0);
			EXPECT_EQ(tc_all(c), POLLOUT);
			EXPECT_EQ(tc_send(c, "x"), -ENOTCONN);
		}
		tc_nonblock(c, 1);
		EXPECT_EQ(tc_connect_name(c, T, 5), -EINPROGRESS);
		close(tc_accept(l));
		close(rx);
		close(other);
		close(l);
	}
}

TEST_MAIN("the first sendto() of a new socket asks for a connection")
