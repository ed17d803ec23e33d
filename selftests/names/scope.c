// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"

#define T tu_type(0)

static int count(int fd)
{
	char b[8];
	int n = 0;

	while (tu_recv(fd, b, sizeof(b), MSG_DONTWAIT) > 0)
		n++;
	return n;
}

/* rows 1.2.3, 1.2.6 */
TEST(unbind_needs_the_scope)
{
	int a = tu_socket(SOCK_RDM);

	ASSERT_EQ(tu_bind(a, T, 1, 5, TIPC_NODE_SCOPE), 0);
	ASSERT_EQ(tu_bind(a, T, 1, 5, TIPC_CLUSTER_SCOPE), 0);
	EXPECT_EQ(tu_bind(a, T, 1, 5, -TIPC_CLUSTER_SCOPE), 0);
	EXPECT_EQ(tu_bind(a, T, 1, 5, -TIPC_CLUSTER_SCOPE), -EINVAL);
	EXPECT_EQ(tu_reach(T, 3), 0);
	EXPECT_EQ(tu_bind(a, T, 1, 5, -TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(tu_reach(T, 3), -EHOSTUNREACH);
}

/* rows 1.2.3, 17.13 */
TEST(odd_scopes_are_cluster)
{
	static const int odd[] = { 0, 1, 2, 4, 5, 100, 127 };
	int a = tu_socket(SOCK_RDM), anchor = tu_bound(T, 99);
	unsigned int i;

	ASSERT_EQ(tu_bind(a, T, 50, 50, 0), 0);
	for (i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		ASSERT_EQ(tu_bind(a, T, 1, 1, odd[i]), 0);
		EXPECT_EQ(tu_bind(a, T, 1, 1, -TIPC_NODE_SCOPE), -EINVAL);
		EXPECT_EQ(tu_bind(a, T, 1, 1, -TIPC_CLUSTER_SCOPE), 0);
	}
	close(anchor);
}

/* rows 2.3, 3.6 */
TEST(both_are_found)
{
	int a = tu_socket(SOCK_RDM), b = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM), i;

	ASSERT_EQ(tu_bind(a, T, 1, 9, TIPC_NODE_SCOPE), 0);
	ASSERT_EQ(tu_bind(b, T, 1, 9, TIPC_CLUSTER_SCOPE), 0);
	for (i = 0; i < 8; i++)
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, i + 1), 1);
	EXPECT_EQ(count(a), 4);
	EXPECT_EQ(count(b), 4);
	close(b);
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 9), 1);
	EXPECT_EQ(count(a), 1);
}

/* rows 2.2 */
TEST(scope_of_an_address_to_send_to)
{
	/* says nothing */
	static const int any[] = { -128, -3, -1, 0, 1, 2, 3, 4, 127 };
	int a = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_name(T, 1), range = tu_range(T, 1, 1, 0);
	unsigned int i;

	ASSERT_EQ(tu_bind(a, T, 1, 1, TIPC_NODE_SCOPE), 0);
	for (i = 0; i < sizeof(any) / sizeof(*any); i++) {
		to.scope = range.scope = any[i];
		EXPECT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), 1);
		EXPECT_EQ(tu_sendto(tx, "x", 1, &range, sizeof(range)), 1);
	}
	EXPECT_EQ(count(a), 2 * i);
}

/* rows 2.4, 2.7, 2.13 */
TEST(own_node)
{
	struct sockaddr_tipc to = tu_name(T, 5);
	int a = tu_bound(T, 5), b = tu_bound(T, 5), tx = tu_socket(SOCK_RDM), i;

	to.addr.name.domain = tu_self(tx).addr.id.node;
	for (i = 0; i < 6; i++)
		ASSERT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), 1);
	EXPECT_EQ(count(a), 3);
	EXPECT_EQ(count(b), 3);
}

/* rows 2.5, 1.5.2 */
TEST(other_node)
{
	struct sockaddr_tipc to = tu_name(T, 5);
	int a = tu_bound(T, 5), tx = tu_socket(SOCK_RDM), s = tu_socket(SOCK_SEQPACKET);

	to.addr.name.domain = tu_self(tx).addr.id.node ^ 0x00300003;
	EXPECT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), -EHOSTUNREACH);
	EXPECT_EQ(tu_connect(s, &to, sizeof(to)), -EHOSTUNREACH);
	/* wild cards of the old addresses mean nothing to a node without one */
	to.addr.name.domain = 0x01001000;
	EXPECT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), -EHOSTUNREACH);
	EXPECT_EQ(count(a), 0);
}

/* rows 2.12, 1.5.12 */
TEST(reserved_types)
{
	int tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to;
	uint32_t t;

	for (t = 3; t < 64; t++) {
		to = tu_range(t, 0, 0xffffffff, 0);
		EXPECT_EQ(tu_send_name(tx, "x", 1, t, 1), -EHOSTUNREACH);
		EXPECT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), -EHOSTUNREACH);
		EXPECT_EQ(tu_bind(tx, t, 1, 1, TIPC_NODE_SCOPE), -EACCES);
	}
}

TEST_MAIN("scopes and domains say who can be found, and where")
