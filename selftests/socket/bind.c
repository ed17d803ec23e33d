// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"

#define T tu_type(0)

/* rows 1.2.2 */
TEST(service)
{
	int fd = tu_socket(SOCK_RDM);
	struct sockaddr_tipc sa = tu_name(T, 7);

	EXPECT_EQ(tu_reach(T, 7), -EHOSTUNREACH);
	sa.scope = TIPC_CLUSTER_SCOPE;
	EXPECT_EQ(tu_bind_raw(fd, &sa, sizeof(sa)), 0);
	EXPECT_EQ(tu_reach(T, 7), 0);
	EXPECT_EQ(tu_reach(T, 6), -EHOSTUNREACH);
	EXPECT_EQ(tu_reach(T, 8), -EHOSTUNREACH);
	EXPECT_EQ(tu_reach(T + 1, 7), -EHOSTUNREACH);
	/* it is the range [7,7] */
	EXPECT_EQ(tu_bind(fd, T, 7, 7, -TIPC_CLUSTER_SCOPE), 0);
	EXPECT_EQ(tu_reach(T, 7), -EHOSTUNREACH);
}

/* rows 1.2.1 */
TEST(range)
{
	int fd = tu_socket(SOCK_RDM);

	EXPECT_EQ(tu_bind(fd, T, 10, 20, 0), 0);
	EXPECT_EQ(tu_reach(T, 9), -EHOSTUNREACH);
	EXPECT_EQ(tu_reach(T, 10), 0);
	EXPECT_EQ(tu_reach(T, 15), 0);
	EXPECT_EQ(tu_reach(T, 20), 0);
	EXPECT_EQ(tu_reach(T, 21), -EHOSTUNREACH);
}

/* rows 1.2.1 */
TEST(whole_range)
{
	int fd = tu_socket(SOCK_RDM);

	EXPECT_EQ(tu_bind(fd, T, 0, ~0u, 0), 0);
	EXPECT_EQ(tu_reach(T, 0), 0);
	EXPECT_EQ(tu_reach(T, 0x80000000), 0);
	EXPECT_EQ(tu_reach(T, ~0u), 0);
	EXPECT_EQ(tu_bind(fd, T, 0, ~0u, -2), 0);
	EXPECT_EQ(tu_reach(T, 0), -EHOSTUNREACH);
}

/* rows 1.2.1 */
TEST(highest_type)
{
	int fd = tu_socket(SOCK_RDM);

	EXPECT_EQ(tu_bind(fd, ~0u, T, T, 0), 0);
	EXPECT_EQ(tu_reach(~0u, T), 0);
}

/* rows 1.2.1 */
TEST(long_length)
{
	struct { struct sockaddr_tipc sa; char rest[112]; } a = { .rest = "x" };
	int fd = tu_socket(SOCK_RDM);

	a.sa = tu_range(T, 1, 1, 0);
	EXPECT_EQ(tu_bind_raw(fd, &a, 17), 0);
	EXPECT_EQ(tu_bind_raw(fd, &a, 128), 0);
	EXPECT_EQ(tu_reach(T, 1), 0);
}

/* rows 1.2.4 */
TEST(several)
{
	int fd = tu_socket(SOCK_RDM), i;

	for (i = 0; i < 100; i++)
		EXPECT_EQ(tu_bind(fd, T + i % 3, i, i, 0), 0);
	for (i = 0; i < 100; i++)
		EXPECT_EQ(tu_reach(T + i % 3, i), 0);
	for (i = 0; i < 100; i += 2)
		EXPECT_EQ(tu_bind(fd, T + i % 3, i, i, -2), 0);
	for (i = 0; i < 100; i++)
		EXPECT_EQ(tu_reach(T + i % 3, i), i & 1 ? 0 : -EHOSTUNREACH);
}

/* rows 1.2.4 */
TEST(same_twice)
{
	int fd = tu_socket(SOCK_RDM);

	EXPECT_EQ(tu_bind(fd, T, 1, 5, 0), 0);
	EXPECT_EQ(tu_bind(fd, T, 1, 5, 0), 0);
	EXPECT_EQ(tu_bind(fd, T, 1, 5, -2), 0);
	EXPECT_EQ(tu_reach(T, 3), 0);
	EXPECT_EQ(tu_bind(fd, T, 1, 5, -2), 0);
	EXPECT_EQ(tu_reach(T, 3), -EHOSTUNREACH);
}

/* rows 1.2.4 */
TEST(overlap)
{
	int a = tu_socket(SOCK_RDM), b = tu_socket(SOCK_DGRAM);

	EXPECT_EQ(tu_bind(a, T, 1, 10, 0), 0);
	EXPECT_EQ(tu_bind(a, T, 5, 15, 0), 0);
	EXPECT_EQ(tu_bind(b, T, 3, 12, 0), 0);
	EXPECT_EQ(tu_bind(b, T, 1, 10, 0), 0);
	EXPECT_EQ(tu_reach(T, 14), 0);
	close(a);
	EXPECT_EQ(tu_reach(T, 14), -EHOSTUNREACH);
	EXPECT_EQ(tu_reach(T, 12), 0);
	EXPECT_EQ(tu_reach(T, 1), 0);
	close(b);
	EXPECT_EQ(tu_reach(T, 5), -EHOSTUNREACH);
}

/* rows 1.2.3 */
TEST(scopes)
{
	/* 3 is node; every other positive one, and 0, is cluster */
	static const int scope[] = { 0, 1, 2, 4, 5, 100, 127 };
	int fd = tu_socket(SOCK_RDM);
	unsigned int i;

	for (i = 0; i < sizeof(scope) / sizeof(scope[0]); i++) {
		EXPECT_EQ(tu_bind(fd, T, i, i, scope[i]), 0);
		EXPECT_EQ(tu_bind(fd, T, i, i, -TIPC_NODE_SCOPE), -EINVAL);
		EXPECT_EQ(tu_reach(T, i), 0);
		EXPECT_EQ(tu_bind(fd, T, i, i, -TIPC_CLUSTER_SCOPE), 0);
		EXPECT_EQ(tu_reach(T, i), -EHOSTUNREACH);
	}
	EXPECT_EQ(tu_bind(fd, T, 9, 9, TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(tu_bind(fd, T, 9, 9, -TIPC_CLUSTER_SCOPE), -EINVAL);
	EXPECT_EQ(tu_reach(T, 9), 0);
	EXPECT_EQ(tu_bind(fd, T, 9, 9, -TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(tu_reach(T, 9), -EHOSTUNREACH);
}

/* rows 1.2.3 */
TEST(both_scopes)
{
	int fd = tu_socket(SOCK_RDM);

	EXPECT_EQ(tu_bind(fd, T, 1, 1, TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(tu_bind(fd, T, 1, 1, TIPC_CLUSTER_SCOPE), 0);
	EXPECT_EQ(tu_bind(fd, T, 1, 1, -TIPC_CLUSTER_SCOPE), 0);
	EXPECT_EQ(tu_reach(T, 1), 0);
	EXPECT_EQ(tu_bind(fd, T, 1, 1, -TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
}

/* rows 1.2.6 */
TEST(unbind_exact)
{
	int fd = tu_socket(SOCK_RDM);

	EXPECT_EQ(tu_bind(fd, T, 5, 9, 0), 0);
	EXPECT_EQ(tu_bind(fd, T, 5, 8, -2), -EINVAL);
	EXPECT_EQ(tu_bind(fd, T, 6, 9, -2), -EINVAL);
	EXPECT_EQ(tu_bind(fd, T, 4, 10, -2), -EINVAL);
	EXPECT_EQ(tu_bind(fd, T + 1, 5, 9, -2), -EINVAL);
	EXPECT_EQ(tu_reach(T, 5), 0);
	EXPECT_EQ(tu_bind(fd, T, 5, 9, -2), 0);
	EXPECT_EQ(tu_reach(T, 5), -EHOSTUNREACH);
}

/* rows 1.2.6 */
TEST(unbind_none)
{
	EXPECT_EQ(tu_bind(tu_socket(SOCK_RDM), T, 5, 9, -2), 0);
}

/* rows 1.2.6 */
TEST(unbind_other_socket)
{
	int a = tu_bound(T, 1), b = tu_bound(T, 2);

	EXPECT_EQ(tu_bind(b, T, 1, 1, -2), -EINVAL);
	EXPECT_EQ(tu_reach(T, 1), 0);
	close(a);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
}

/* rows 1.2.7, 18.1 */
TEST(unbind_same_lower)	/* differs: D1 */
{
	int fd = tu_socket(SOCK_RDM);

	EXPECT_EQ(tu_bind(fd, T, 1, 5, 0), 0);
	EXPECT_EQ(tu_bind(fd, T, 1, 9, 0), 0);
	EXPECT_EQ(tu_bind(fd, T, 1, 5, -2), 0);
	EXPECT_EQ(tu_bind(fd, T, 1, 5, -2), -EINVAL);
	EXPECT_EQ(tu_bind(fd, T, 1, 9, -2), 0);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
}

/* rows 1.2.8 */
TEST(unbind_all)
{
	int fd = tu_socket(SOCK_RDM), i;
	struct sockaddr_tipc sa = tu_range(T, 1, 1, 0);

	for (i = 0; i < 20; i++)
		ASSERT_EQ(tu_bind(fd, T + i, i, 2 * i, i & 1 ? 2 : 3), 0);
	EXPECT_EQ(tu_bind_raw(fd, &sa, 0), 0);
	for (i = 0; i < 20; i++)
		EXPECT_EQ(tu_reach(T + i, i), -EHOSTUNREACH);
	EXPECT_EQ(tu_bind_raw(fd, NULL, 0), 0);
	EXPECT_EQ(tu_bind(fd, T, 1, 1, 0), 0);
	EXPECT_EQ(tu_reach(T, 1), 0);
}

/* rows 1.2.10 */
TEST(rebind_many_times)
{
	int fd = tu_socket(SOCK_RDM), i;

	for (i = 0; i < 2000; i++) {
		ASSERT_EQ(tu_bind(fd, T, i, i, 0), 0);
		ASSERT_EQ(tu_bind(fd, T, i, i, -2), 0);
	}
	EXPECT_EQ(tu_reach(T, 1999), -EHOSTUNREACH);
}

/* rows 1.8.7 */
TEST(close_unbinds)
{
	int fd = tu_bound(T, 1);

	EXPECT_EQ(tu_reach(T, 1), 0);
	close(fd);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
}

TEST_MAIN("names can be bound and unbound")
