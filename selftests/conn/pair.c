// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"

#define T tu_type(0)

static const int all[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_RDM, SOCK_DGRAM };
#define each_type(i) (int i = 0; i < 4; i++)

static void pair(int type, int sv[2])
{
	ASSERT_EQ(SYS(socketpair(AF_TIPC, type, 0, sv)), 0);
}

/* row 1.4.19 */
TEST(connected)
{
	for each_type(i) {
		struct sockaddr_tipc from, me, peer;
		socklen_t len = sizeof(peer);
		int sv[2], j;
		char b[8];

		pair(all[i], sv);
		for (j = 0; j < 2; j++) {
			EXPECT_EQ(tc_all(sv[j]), POLLOUT);
			me = tu_self(sv[j]);
			EXPECT_EQ(SYS(getpeername(sv[!j], (void *)&peer, &len)), 0);
			EXPECT_TRUE(!memcmp(&peer, &me, sizeof(me)));
			EXPECT_EQ(tc_send(sv[j], "abc"), 3);
			EXPECT_EQ(tc_all(sv[!j]), POLLIN | POLLOUT);
			EXPECT_EQ(tu_recvfrom(sv[!j], b, 8, 0, &from), 3);
			EXPECT_TRUE(!memcmp(&from, &me, sizeof(me)));
		}
	}
}

/* rows 1.4.19, 1.2.5, 1.3.1, 1.4.3 */
TEST(what_it_may_not)
{
	for each_type(i) {
		int sv[2], l = tc_listener(SOCK_STREAM, T, 1);

		pair(all[i], sv);
		EXPECT_EQ(tu_bind(sv[0], T, 5, 5, 0), -EINVAL);
		EXPECT_EQ(SYS(listen(sv[0], 5)), i < 2 ? -EINVAL : -EOPNOTSUPP);
		EXPECT_EQ(tc_connect_name(sv[0], T, 1), i < 2 ? -EISCONN : 0);
		close(l);
	}
}

/* row 1.4.19 */
TEST(datagrams_elsewhere)
{
	int sv[2], rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to;
	char b[8];

	pair(SOCK_RDM, sv);
	/* an address still counts, and everybody may still send */
	EXPECT_EQ(tu_send_name(sv[0], "abc", 3, T, 1), 3);
	EXPECT_EQ(tu_recv(rx, b, 8, MSG_DONTWAIT), 3);
	EXPECT_TRUE(tu_empty(sv[1]));
	to = tu_self(sv[0]);
	EXPECT_EQ(tu_sendto(tx, "de", 2, &to, sizeof(to)), 2);
	EXPECT_EQ(tu_recv(sv[0], b, 8, MSG_DONTWAIT), 2);
	/* and the default is as before */
	EXPECT_EQ(tc_send(sv[0], "f"), 1);
	EXPECT_EQ(tu_recv(sv[1], b, 8, MSG_DONTWAIT), 1);
}

/* rows 1.4.19, 1.8.2, 1.6.9 */
TEST(ends)
{
	int sv[2];
	char b[8];

	for each_type(i) {
		pair(all[i], sv);
		EXPECT_EQ(tc_send(sv[0], "abc"), 3);
		if (i < 2) {
			close(sv[0]);
			EXPECT_EQ(tu_recv(sv[1], b, 8, 0), 3);
			EXPECT_EQ(tu_recv(sv[1], b, 8, 0), -ECONNRESET);
			EXPECT_EQ(tc_send(sv[1], "x"), -EPIPE);
		} else {
			EXPECT_EQ(SYS(shutdown(sv[0], SHUT_RDWR)), -ENOTCONN);
			close(sv[0]);
			EXPECT_EQ(tu_recv(sv[1], b, 8, 0), 3);
			EXPECT_EQ(tu_recv(sv[1], b, 8, MSG_DONTWAIT), -EAGAIN);
			EXPECT_EQ(tc_all(sv[1]), POLLOUT);
			/* nobody there, nobody told */
			EXPECT_EQ(tc_send(sv[1], "x"), 1);
		}
		close(sv[1]);
	}
}

/* rows 1.4.19, 1.11.3 */
TEST(no_name)
{
	for each_type(i) {
		struct tc_told told;
		int sv[2];
		char b[8];

		pair(all[i], sv);
		EXPECT_EQ(tc_send(sv[0], "abc"), 3);
		EXPECT_EQ(tc_recv(sv[1], b, 8, 0, &told), 3);
		EXPECT_EQ(told.named, 0);
	}
}

/* rows 1.4.19, 1.12.1 */
TEST(window)
{
	int sv[2];

	pair(SOCK_SEQPACKET, sv);
	EXPECT_EQ(tc_fill(sv[0], 1000, 1000), 65);
	tc_drain(sv[1], 1000, 65);
	EXPECT_EQ(tc_fill(sv[1], 1000, 1000), 65);
}

/* row 1.4.19 */
TEST(flags)
{
	int sv[2];
	char b[8];

	ASSERT_EQ(SYS(socketpair(AF_TIPC, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sv)), 0);
	EXPECT_EQ(tu_recv(sv[0], b, 8, 0), -EAGAIN);
	EXPECT_EQ(tu_recv(sv[1], b, 8, 0), -EAGAIN);
	EXPECT_EQ(SYS(fcntl(sv[1], F_GETFD)), FD_CLOEXEC);
	EXPECT_EQ(SYS(socketpair(AF_TIPC, SOCK_STREAM, 1, sv)), -EPROTONOSUPPORT);
	EXPECT_EQ(SYS(socketpair(AF_TIPC, SOCK_RAW, 0, sv)), -EPROTOTYPE);
}

TEST_MAIN("socketpair() makes two sockets that know each other")
