// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"

#define T tu_type(0)

/* rows 1.4.2 */
TEST(default_name)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_name(T, 1);
	char b[8];

	EXPECT_EQ(tu_connect(tx, &to, sizeof(to)), 0);
	EXPECT_EQ(SYS(write(tx, "w", 1)), 1);
	EXPECT_EQ(SYS(send(tx, "ss", 2, 0)), 2);
	EXPECT_EQ(tu_recv(rx, b, 8, MSG_DONTWAIT), 1);
	EXPECT_EQ(tu_recv(rx, b, 8, MSG_DONTWAIT), 2);
}

/* rows 1.4.2 */
TEST(default_socket)
{
	int rx = tu_socket(SOCK_DGRAM), tx = tu_socket(SOCK_DGRAM);
	struct sockaddr_tipc to = tu_self(rx);
	char b[8];

	EXPECT_EQ(tu_connect(tx, &to, sizeof(to)), 0);
	EXPECT_EQ(SYS(send(tx, "s", 1, 0)), 1);
	EXPECT_EQ(tu_recv(rx, b, 8, MSG_DONTWAIT), 1);
}

/* rows 1.4.2 */
TEST(other_destination)
{
	int a = tu_bound(T, 1), c = tu_bound(T, 2), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_name(T, 1);
	char b[8];

	ASSERT_EQ(tu_connect(tx, &to, sizeof(to)), 0);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 2), 1);
	EXPECT_EQ(tu_recv(c, b, 8, MSG_DONTWAIT), 1);
	EXPECT_TRUE(tu_empty(a));
	/* and the default is as before */
	EXPECT_EQ(SYS(send(tx, "yy", 2, 0)), 2);
	EXPECT_EQ(tu_recv(a, b, 8, MSG_DONTWAIT), 2);
}

/* rows 1.4.2 */
TEST(change_and_clear)
{
	int a = tu_bound(T, 1), c = tu_bound(T, 2), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_name(T, 1), none = { .family = AF_UNSPEC };
	char b[8];

	ASSERT_EQ(tu_connect(tx, &to, sizeof(to)), 0);
	to = tu_name(T, 2);
	ASSERT_EQ(tu_connect(tx, &to, sizeof(to)), 0);
	EXPECT_EQ(SYS(send(tx, "x", 1, 0)), 1);
	EXPECT_EQ(tu_recv(c, b, 8, MSG_DONTWAIT), 1);
	EXPECT_TRUE(tu_empty(a));
	EXPECT_EQ(tu_connect(tx, &none, sizeof(none)), 0);
	EXPECT_EQ(SYS(send(tx, "x", 1, 0)), -EDESTADDRREQ);
	EXPECT_TRUE(tu_empty(c));
}

/* rows 1.4.1 */
TEST(length)
{
	struct { struct sockaddr_tipc sa; char more[16]; } a = { .sa = tu_name(T, 1) };
	int tx = tu_socket(SOCK_RDM);

	EXPECT_EQ(tu_connect(tx, &a, 15), -EINVAL);
	EXPECT_EQ(tu_connect(tx, &a, 17), -EINVAL);
	EXPECT_EQ(tu_connect(tx, &a, 0), -EINVAL);
	EXPECT_EQ(tu_connect(tx, &a, 2), -EINVAL);
	EXPECT_EQ(SYS(send(tx, "x", 1, 0)), -EDESTADDRREQ);
}

/* rows 1.4.2 */
TEST(bad_address)
{
	struct sockaddr_tipc to = tu_name(T, 1);
	int tx = tu_socket(SOCK_RDM);

	to.family = AF_INET;
	EXPECT_EQ(tu_connect(tx, &to, sizeof(to)), -EINVAL);
	to = tu_name(T, 1);
	to.addrtype = 9;
	EXPECT_EQ(tu_connect(tx, &to, sizeof(to)), -EINVAL);
	to = tu_range(T, 5, 4, 0);
	EXPECT_EQ(tu_connect(tx, &to, sizeof(to)), -EINVAL);
	EXPECT_EQ(tu_connect(tx, (void *)8, sizeof(to)), -EFAULT);
	EXPECT_EQ(SYS(send(tx, "x", 1, 0)), -EDESTADDRREQ);
}

/* rows 1.4.2 */
TEST(looked_up_when_sending)
{
	int rx, tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_name(T, 1);
	char b[8];

	EXPECT_EQ(tu_connect(tx, &to, sizeof(to)), 0);
	EXPECT_EQ(SYS(send(tx, "x", 1, 0)), -EHOSTUNREACH);
	rx = tu_bound(T, 1);
	EXPECT_EQ(SYS(send(tx, "x", 1, 0)), 1);
	EXPECT_EQ(tu_recv(rx, b, 8, MSG_DONTWAIT), 1);
}

/* rows 1.4.2 */
TEST(no_peer_name)
{
	int rx = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_self(rx);
	socklen_t len = sizeof(to);

	ASSERT_EQ(tu_connect(tx, &to, sizeof(to)), 0);
	EXPECT_EQ(SYS(getpeername(tx, (void *)&to, &len)), -ENOTCONN);
	EXPECT_EQ(tu_poll(tx, POLLIN | POLLOUT | POLLHUP, 0), POLLOUT);
}

/* rows 1.6.13 */
TEST(no_filter)
{
	int rx = tu_bound(T, 1), a = tu_socket(SOCK_RDM), c = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_self(a);
	char b[8];

	ASSERT_EQ(tu_connect(rx, &to, sizeof(to)), 0);
	EXPECT_EQ(tu_send_name(c, "c", 1, T, 1), 1);
	EXPECT_EQ(tu_send_name(a, "aa", 2, T, 1), 2);
	EXPECT_EQ(tu_recv(rx, b, 8, MSG_DONTWAIT), 1);
	EXPECT_EQ(tu_recv(rx, b, 8, MSG_DONTWAIT), 2);
}

/* rows 1.4.2 */
TEST(bind_afterwards)
{
	int tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_name(T, 1);
	char b[8];

	ASSERT_EQ(tu_connect(tx, &to, sizeof(to)), 0);
	EXPECT_EQ(tu_bind(tx, T, 1, 1, 0), 0);
	EXPECT_EQ(SYS(send(tx, "me", 2, 0)), 2);
	EXPECT_EQ(tu_recv(tx, b, 8, MSG_DONTWAIT), 2);
}

TEST_MAIN("a datagram socket can have a default destination")
