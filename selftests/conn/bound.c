// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <sys/socket.h>

#define T tu_type(0)

/* rows 1.2.5, 1.2.1 */
TEST(what_bind_says)
{
	struct sockaddr_tipc sa = tu_id(1, 0);
	int pair[2];

	ASSERT_EQ(SYS(socketpair(AF_TIPC, SOCK_STREAM, 0, pair)), 0);
	EXPECT_EQ(tu_bind(pair[0], T, 1, 1, 0), -EINVAL);
	/* what is wrong with the address comes first */
	EXPECT_EQ(tu_bind_raw(pair[0], &sa, sizeof(sa)), -EAFNOSUPPORT);
	EXPECT_EQ(tu_bind(pair[0], 5, 1, 1, 0), -EACCES);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
}

/* rows 1.2.6, 1.2.8 */
TEST(nothing_to_withdraw)
{
	int pair[2];

	ASSERT_EQ(SYS(socketpair(AF_TIPC, SOCK_SEQPACKET, 0, pair)), 0);
	EXPECT_EQ(tu_bind(pair[0], T, 1, 1, -TIPC_CLUSTER_SCOPE), 0);
	EXPECT_EQ(tu_bind_raw(pair[0], NULL, 0), 0);
}

/* rows 1.2.5, 1.2.6, 1.2.8 */
TEST(withdraws_while_connected)
{
	int l = tu_socket(SOCK_STREAM), c = tu_socket(SOCK_STREAM | SOCK_NONBLOCK);
	struct sockaddr_tipc sa = tu_name(T, 1);

	ASSERT_EQ(tu_bind(l, T, 1, 1, 0), 0);
	ASSERT_EQ(SYS(listen(l, 0)), 0);
	ASSERT_EQ(tu_connect(c, &sa, sizeof(sa)), -EINPROGRESS);
	/* bound between connect() and accept() */
	ASSERT_EQ(tu_bind(c, T, 5, 5, 0), 0);
	ASSERT_EQ(tu_bind(c, T, 6, 6, 0), 0);
	ASSERT_GE(SYS(accept(l, NULL, NULL)), 0);
	EXPECT_EQ(tu_bind(c, T, 7, 7, 0), -EINVAL);
	EXPECT_EQ(tu_bind(c, T, 7, 7, -TIPC_CLUSTER_SCOPE), -EINVAL);
	EXPECT_EQ(tu_bind(c, T, 5, 5, -TIPC_CLUSTER_SCOPE), 0);
	EXPECT_EQ(tu_reach(T, 5), -EHOSTUNREACH);
	EXPECT_EQ(tu_reach(T, 6), 0);
	EXPECT_EQ(tu_bind_raw(c, NULL, 0), 0);
	EXPECT_EQ(tu_reach(T, 6), -EHOSTUNREACH);
}

TEST_MAIN("a connected socket cannot bind, but withdraw")
