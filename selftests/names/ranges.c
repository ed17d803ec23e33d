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

static int bound(uint32_t type, uint32_t lower, uint32_t upper)
{
	int fd = tu_socket(SOCK_RDM);

	ASSERT_EQ(tu_bind(fd, type, lower, upper, 0), 0);
	return fd;
}

/* rows 2.3, 1.2.2 */
TEST(extremes)
{
	int low = bound(T, 0, 0), high = bound(T, 0xffffffff, 0xffffffff);
	int tx = tu_socket(SOCK_RDM), all;

	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 0), 1);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 0xffffffff), 1);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 1), -EHOSTUNREACH);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 0xfffffffe), -EHOSTUNREACH);
	EXPECT_EQ(count(low), 1);
	EXPECT_EQ(count(high), 1);
	all = bound(T, 0, 0xffffffff);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 0x80000000), 1);
	EXPECT_EQ(count(all), 1);
	/* of two that begin together the one bound last */
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 0), 1);
	EXPECT_EQ(count(all), 1);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 0xffffffff), 1);
	EXPECT_EQ(count(all), 1);
	EXPECT_EQ(count(low) + count(high), 0);
}

/* rows 2.3, 3.1 */
TEST(types_apart)
{
	/* neighbours in number, in the hash of C's table, in both */
	uint32_t type[] = { T, T + 1, T + 1024, T + 2048, T ^ 0x80000000 };
	int fd[5], tx = tu_socket(SOCK_RDM), i, k;

	for (i = 0; i < 5; i++) {
		fd[i] = bound(type[i], 0, 0xffffffff);
		for (k = 0; k <= i; k++)
			ASSERT_EQ(tu_send_name(tx, "x", 1, type[k], 7), 1);
		for (k = 0; k <= i; k++)
			EXPECT_EQ(count(fd[k]), 1);
	}
	for (i = 0; i < 5; i++) {
		close(fd[i]);
		EXPECT_EQ(tu_send_name(tx, "x", 1, type[i], 7), -EHOSTUNREACH);
	}
}

/* rows 2.3, 17.14 */
TEST(only_the_first_range)
{
	int a = bound(T, 1, 9), b = bound(T, 2, 8), c = bound(T, 3, 7), tx = tu_socket(SOCK_RDM), i;

	for (i = 0; i < 9; i++)
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 5), 1);
	EXPECT_EQ(count(a), 9);
	EXPECT_EQ(count(b) + count(c), 0);
	close(a);
	for (i = 0; i < 9; i++)
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 5), 1);
	EXPECT_EQ(count(b), 9);
	close(b);
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 5), 1);
	EXPECT_EQ(count(c), 1);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 8), -EHOSTUNREACH);
}

/* rows 2.3 */
TEST(newest_of_one_lower_end)
{
	int a = bound(T, 1, 9), b = bound(T, 1, 5), tx = tu_socket(SOCK_RDM);

	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 3), 1);
	EXPECT_EQ(count(b), 1);
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 7), 1);
	EXPECT_EQ(count(a), 1);
	/* a range that went and came again is new */
	ASSERT_EQ(tu_bind(a, T, 1, 9, -2), 0);
	ASSERT_EQ(tu_bind(a, T, 1, 9, 0), 0);
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 3), 1);
	EXPECT_EQ(count(a), 1);
	EXPECT_EQ(count(b), 0);
}

/* rows 3.3, 1.2.6 */
TEST(withdrawn_one_by_one)
{
	int fd[30], tx = tu_socket(SOCK_RDM), i, k;

	for (i = 0; i < 30; i++)
		fd[i] = bound(T, 5, 10);
	for (i = 0; i < 30; i += 2)
		close(fd[i]);
	for (i = 0; i < 15; i++)
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 7), 1);
	for (i = 1; i < 30; i += 2)
		EXPECT_EQ(count(fd[i]), 1);
	for (i = 1; i < 29; i += 2)
		ASSERT_EQ(tu_bind(fd[i], T, 5, 10, -2), 0);
	for (i = 0; i < 5; i++)
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 7), 1);
	EXPECT_EQ(count(fd[29]), 5);
	for (k = 1; k < 29; k += 2)
		EXPECT_EQ(count(fd[k]), 0);
	ASSERT_EQ(tu_bind(fd[29], T, 5, 10, -2), 0);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 7), -EHOSTUNREACH);
}

/* rows 1.2.4, 1.2.6 */
TEST(same_range_thrice)
{
	int a = tu_socket(SOCK_RDM), i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(tu_bind(a, T, 1, 4, 0), 0);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(tu_reach(T, 2), 0);
		ASSERT_EQ(tu_bind(a, T, 1, 4, -2), 0);
	}
	EXPECT_EQ(tu_reach(T, 2), -EHOSTUNREACH);
}

/* rows 2.3 */
TEST(turns_of_ranges_are_apart)
{
	int a = bound(T, 1, 4), b = bound(T, 1, 4), c = bound(T, 5, 9), d = bound(T, 5, 9);
	int tx = tu_socket(SOCK_RDM), i;

	for (i = 0; i < 6; i++) {
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 2), 1);
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 7), 1);
	}
	EXPECT_EQ(count(a), 3);
	EXPECT_EQ(count(b), 3);
	EXPECT_EQ(count(c), 3);
	EXPECT_EQ(count(d), 3);
}

/* rows 2.3 */
TEST(newest_is_next)
{
	int a = bound(T, 1, 1), tx = tu_socket(SOCK_RDM), b;

	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	b = bound(T, 1, 1);
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	EXPECT_EQ(count(b), 1);
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	EXPECT_EQ(count(b), 0);
	EXPECT_EQ(count(a), 2);
}

/* rows 2.3, 3.1, 18.1 */
TEST(same_lower_many)
{
	int a = tu_socket(SOCK_RDM), b[3], i;

	/* ranges that begin together turn C's tree over; it then makes some of them twice */
	for (i = 1; i <= 3; i++)
		ASSERT_EQ(tu_bind(a, T, 1, i, 0), 0);
	for (i = 1; i <= 3; i++)
		b[i - 1] = bound(T, 1, i);
	close(a);
	for (i = 0; i < 3; i++)
		close(b[i]);
	for (i = 1; i <= 3; i++)
		EXPECT_EQ(tu_reach(T, i), -EHOSTUNREACH);
}

TEST_MAIN("ranges overlap, nest and touch, and each name finds its own")
