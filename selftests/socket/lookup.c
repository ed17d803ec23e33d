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

/* rows 2.3 */
TEST(round_robin)
{
	int fd[5], tx = tu_socket(SOCK_RDM), i, j;

	for (i = 0; i < 5; i++)
		fd[i] = tu_bound(T, 1);
	for (j = 1; j <= 4; j++) {
		/* each turn reaches every socket exactly once */
		for (i = 0; i < 5; i++)
			ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
		for (i = 0; i < 5; i++)
			EXPECT_EQ(count(fd[i]), 1);
	}
}

/* rows 2.3 */
TEST(round_robin_senders)
{
	int fd[3], i;

	for (i = 0; i < 3; i++)
		fd[i] = tu_bound(T, 1);
	for (i = 0; i < 30; i++) {
		int tx = tu_socket(SOCK_RDM);

		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
		close(tx);
	}
	for (i = 0; i < 3; i++)
		EXPECT_EQ(count(fd[i]), 10);
}

/* rows 2.3 */
TEST(round_robin_leaving)
{
	int a = tu_bound(T, 1), b = tu_bound(T, 1), c = tu_bound(T, 1);
	int tx = tu_socket(SOCK_RDM), i;

	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	close(b);
	count(a);
	count(c);
	for (i = 0; i < 10; i++)
		EXPECT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	EXPECT_EQ(count(a), 5);
	EXPECT_EQ(count(c), 5);
}

/* rows 2.3 */
TEST(round_robin_bindings)
{
	/* bindings take turns, not sockets */
	int a = tu_bound(T, 1), b = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i;

	ASSERT_EQ(tu_bind(a, T, 1, 1, 0), 0);
	for (i = 0; i < 30; i++)
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	EXPECT_EQ(count(a), 20);
	EXPECT_EQ(count(b), 10);
}

/* rows 2.3 */
TEST(round_robin_scopes)
{
	int a = tu_bound(T, 1), b = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM), i;

	ASSERT_EQ(tu_bind(b, T, 1, 1, TIPC_NODE_SCOPE), 0);
	for (i = 0; i < 10; i++)
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	EXPECT_EQ(count(a), 5);
	EXPECT_EQ(count(b), 5);
}

/* rows 2.3 */
TEST(overlap_first_range)
{
	int a = tu_socket(SOCK_RDM), b = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM), i;

	ASSERT_EQ(tu_bind(b, T, 5, 5, 0), 0);
	ASSERT_EQ(tu_bind(a, T, 1, 10, 0), 0);
	for (i = 0; i < 10; i++)
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 5), 1);
	EXPECT_EQ(count(a), 10);
	EXPECT_EQ(count(b), 0);
	close(a);
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 5), 1);
	EXPECT_EQ(count(b), 1);
}

/* rows 2.3 */
TEST(same_lower)
{
	int a = tu_socket(SOCK_RDM), b = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM), i;

	ASSERT_EQ(tu_bind(a, T, 1, 10, 0), 0);
	ASSERT_EQ(tu_bind(b, T, 1, 4, 0), 0);
	for (i = 0; i < 10; i++)
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 3), 1);
	/* the shorter one comes first in the tree */
	EXPECT_EQ(count(a), 0);
	EXPECT_EQ(count(b), 10);
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 7), 1);
	EXPECT_EQ(count(a), 1);
}

/* rows 2.3 */
TEST(same_lower_order)
{
	int a = tu_socket(SOCK_RDM), b = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM), i;

	ASSERT_EQ(tu_bind(a, T, 1, 4, 0), 0);
	ASSERT_EQ(tu_bind(b, T, 1, 10, 0), 0);
	for (i = 0; i < 10; i++)
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 3), 1);
	/* the one bound last */
	EXPECT_EQ(count(a), 0);
	EXPECT_EQ(count(b), 10);
}

/* rows 2.3 */
TEST(nested_far)
{
	/* one wide range among many narrow ones must still be found */
	int wide = tu_socket(SOCK_RDM), thin = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM), i;

	ASSERT_EQ(tu_bind(wide, T, 10, 1000000, 0), 0);
	for (i = 0; i < 200; i++)
		ASSERT_EQ(tu_bind(thin, T, 20 + 10 * i, 21 + 10 * i, 0), 0);
	for (i = 0; i < 200; i++)
		EXPECT_EQ(tu_send_name(tx, "x", 1, T, 25 + 10 * i), 1);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 999999), 1);
	EXPECT_EQ(count(wide), 201);
	EXPECT_EQ(count(thin), 0);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 9), -EHOSTUNREACH);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 1000001), -EHOSTUNREACH);
	close(wide);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 25), -EHOSTUNREACH);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 2011), 1);
	EXPECT_EQ(count(thin), 1);
}

/* rows 2.3 */
TEST(random_ranges)
{
	/* against a plain list: is there any range over the instance? */
	struct { uint32_t lo, up; } r[120];
	int fd = tu_socket(SOCK_RDM), n = 0, i, k, want;
	unsigned int seed = 12345;

	for (i = 0; i < 1500; i++) {
		uint32_t x = rand_r(&seed) % 500;

		if (n < 120 && (rand_r(&seed) & 1)) {
			r[n].lo = x;
			r[n].up = x + rand_r(&seed) % 30;
			/* unbind cannot tell apart equal lower bounds (1.2.7) */
			for (k = 0; k < n && r[k].lo != r[n].lo; k++)
				;
			if (k < n)
				continue;
			ASSERT_EQ(tu_bind(fd, T, r[n].lo, r[n].up, 0), 0);
			n++;
		} else if (n) {
			k = rand_r(&seed) % n;
			ASSERT_EQ(tu_bind(fd, T, r[k].lo, r[k].up, -2), 0);
			r[k] = r[--n];
		}
		want = -EHOSTUNREACH;
		for (k = 0; k < n; k++)
			if (r[k].lo <= x && x <= r[k].up)
				want = 0;
		ASSERT_EQ(tu_reach(T, x), want);
	}
}

/* rows 2.4 */
TEST(domain_own)
{
	int a = tu_bound(T, 1), b = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i;
	struct sockaddr_tipc to = tu_name(T, 1);

	/* 0 on a node without an address, which means: anywhere */
	to.addr.name.domain = tu_self(tx).addr.id.node;
	for (i = 0; i < 10; i++)
		ASSERT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), 1);
	EXPECT_EQ(count(a), 5);
	EXPECT_EQ(count(b), 5);
	to.addr.name.name.instance = 2;
	EXPECT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), -EHOSTUNREACH);
}

/* rows 1.5.2 */
TEST(domain_unknown)
{
	int a = tu_bound(T, 1), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_name(T, 1);

	to.addr.name.domain = tu_self(tx).addr.id.node ^ 0x00700007;
	EXPECT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), -EHOSTUNREACH);
	EXPECT_EQ(count(a), 0);
}

TEST_MAIN("a name leads to the right socket, and equal ones take turns")
