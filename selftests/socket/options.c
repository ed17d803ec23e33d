// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <netinet/in.h>

#define T tu_type(0)

static int set_raw(int fd, int level, int opt, const void *v, int len)
{
	return SYS(setsockopt(fd, level, opt, v, len));
}

static int get_raw(int fd, int level, int opt, void *v, socklen_t *len)
{
	return SYS(getsockopt(fd, level, opt, v, len));
}

/* rows 1.9.1 */
TEST(importance)
{
	int fd = tu_socket(SOCK_RDM), i;

	EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), TIPC_LOW_IMPORTANCE);
	EXPECT_EQ(tu_get(tu_socket(SOCK_DGRAM), TIPC_IMPORTANCE), TIPC_LOW_IMPORTANCE);
	for (i = 3; i >= 0; i--) {
		EXPECT_EQ(tu_set(fd, TIPC_IMPORTANCE, i), 0);
		EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), i);
	}
}

/* rows 1.9.1 */
TEST(importance_bad)
{
	int fd = tu_socket(SOCK_RDM);

	ASSERT_EQ(tu_set(fd, TIPC_IMPORTANCE, 2), 0);
	EXPECT_EQ(tu_set(fd, TIPC_IMPORTANCE, 4), -EINVAL);
	EXPECT_EQ(tu_set(fd, TIPC_IMPORTANCE, 5), -EINVAL);
	EXPECT_EQ(tu_set(fd, TIPC_IMPORTANCE, 0x7fffffff), -EINVAL);
	EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), 2);
}

/* rows 1.9.1, 18.7 */
TEST(importance_huge)	/* differs: D2 */
{
	int fd = tu_socket(SOCK_RDM);

	ASSERT_EQ(tu_set(fd, TIPC_IMPORTANCE, 2), 0);
	EXPECT_EQ(tu_set(fd, TIPC_IMPORTANCE, 0x80000000), -EINVAL);
	EXPECT_EQ(tu_set(fd, TIPC_IMPORTANCE, ~0u), -EINVAL);
	EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), 2);
}

/* rows 1.9.2, 1.1.3 */
TEST(src_droppable)
{
	int r = tu_socket(SOCK_RDM), d = tu_socket(SOCK_DGRAM);

	EXPECT_EQ(tu_get(r, TIPC_SRC_DROPPABLE), 0);
	EXPECT_EQ(tu_get(d, TIPC_SRC_DROPPABLE), 1);
	EXPECT_EQ(tu_set(r, TIPC_SRC_DROPPABLE, 1), 0);
	EXPECT_EQ(tu_set(d, TIPC_SRC_DROPPABLE, 0), 0);
	EXPECT_EQ(tu_get(r, TIPC_SRC_DROPPABLE), 1);
	EXPECT_EQ(tu_get(d, TIPC_SRC_DROPPABLE), 0);
}

/* rows 1.9.3, 1.1.7 */
TEST(dest_droppable)
{
	int r = tu_socket(SOCK_RDM), d = tu_socket(SOCK_DGRAM);

	EXPECT_EQ(tu_get(r, TIPC_DEST_DROPPABLE), 1);
	EXPECT_EQ(tu_get(d, TIPC_DEST_DROPPABLE), 1);
	EXPECT_EQ(tu_set(r, TIPC_DEST_DROPPABLE, 0), 0);
	EXPECT_EQ(tu_get(r, TIPC_DEST_DROPPABLE), 0);
	EXPECT_EQ(tu_set(r, TIPC_DEST_DROPPABLE, 5), 0);
	EXPECT_EQ(tu_get(r, TIPC_DEST_DROPPABLE), 1);
}

/* rows 1.9.4 */
TEST(conn_timeout)
{
	int fd = tu_socket(SOCK_RDM);

	EXPECT_EQ(tu_get(fd, TIPC_CONN_TIMEOUT), 8000);
	EXPECT_EQ(tu_set(fd, TIPC_CONN_TIMEOUT, 123), 0);
	EXPECT_EQ(tu_get(fd, TIPC_CONN_TIMEOUT), 123);
	EXPECT_EQ(tu_set(fd, TIPC_CONN_TIMEOUT, 70000), 0);
	EXPECT_EQ(tu_get(fd, TIPC_CONN_TIMEOUT), 4464);
	EXPECT_EQ(tu_set(fd, TIPC_CONN_TIMEOUT, 0), 0);
	EXPECT_EQ(tu_get(fd, TIPC_CONN_TIMEOUT), 0);
}

/* rows 1.9.5 */
TEST(node_recvq_depth)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM);

	EXPECT_EQ(tu_set(rx, TIPC_NODE_RECVQ_DEPTH, 1), -EINVAL);
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	EXPECT_EQ(tu_get(rx, TIPC_NODE_RECVQ_DEPTH), 0);
}

/* rows 1.9.6 */
TEST(sock_recvq_depth)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i;
	char b[4];

	EXPECT_EQ(tu_set(rx, TIPC_SOCK_RECVQ_DEPTH, 1), -EINVAL);
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_DEPTH), i);
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	}
	for (i = 5; i > 0; i--) {
		EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_DEPTH), i);
		ASSERT_EQ(tu_recv(rx, b, 4, MSG_DONTWAIT), 1);
	}
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_DEPTH), 0);
}

/* rows 1.9.10 */
TEST(sock_recvq_used)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), one, big;
	static char b[60000];

	EXPECT_EQ(tu_set(rx, TIPC_SOCK_RECVQ_USED, 1), -EINVAL);
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_USED), 0);
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	one = tu_get(rx, TIPC_SOCK_RECVQ_USED);
	EXPECT_GE(one, 1);
	EXPECT_LE(one, 4096);
	ASSERT_EQ(tu_send_name(tx, b, sizeof(b), T, 1), sizeof(b));
	big = tu_get(rx, TIPC_SOCK_RECVQ_USED) - one;
	EXPECT_GE(big, 60000);
	EXPECT_LE(big, 4 * 60000);
	ASSERT_EQ(tu_recv(rx, b, 4, MSG_DONTWAIT), 1);
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_USED), big);
	ASSERT_EQ(tu_recv(rx, b, 4, MSG_DONTWAIT), 4);
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_USED), 0);
}

/* rows 1.9.12 */
TEST(unknown)
{
	static const int opt[] = { 0, 1, 126, 139, 255, 1000, -1, 0x7fffffff };
	int fd = tu_socket(SOCK_RDM), i;

	for (i = 0; i < 8; i++) {
		EXPECT_EQ(tu_set(fd, opt[i], 1), -EINVAL);
		EXPECT_EQ(tu_get(fd, opt[i]), -EINVAL);
	}
}

/* rows 1.9.13 */
TEST(set_length)
{
	int fd = tu_socket(SOCK_RDM), i;
	uint32_t v[4] = { 2, 9, 9, 9 };

	for (i = 0; i < 4; i++)
		EXPECT_EQ(set_raw(fd, SOL_TIPC, TIPC_IMPORTANCE, v, i), -EINVAL);
	EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), 0);
	EXPECT_EQ(set_raw(fd, SOL_TIPC, TIPC_IMPORTANCE, v, 16), 0);
	EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), 2);
	EXPECT_EQ(set_raw(fd, SOL_TIPC, TIPC_IMPORTANCE, v, -1), -EINVAL);
}

/* rows 1.9.13 */
TEST(get_length)
{
	int fd = tu_socket(SOCK_RDM), i;
	uint32_t v[2] = { 77, 77 };
	socklen_t len;

	for (i = 0; i < 4; i++) {
		len = i;
		EXPECT_EQ(get_raw(fd, SOL_TIPC, TIPC_CONN_TIMEOUT, v, &len), -EINVAL);
	}
	EXPECT_EQ(v[0], 77);
	len = sizeof(v);
	EXPECT_EQ(get_raw(fd, SOL_TIPC, TIPC_CONN_TIMEOUT, v, &len), 0);
	EXPECT_EQ(len, 4);
	EXPECT_EQ(v[0], 8000);
	EXPECT_EQ(v[1], 77);
	len = -1;
	EXPECT_EQ(get_raw(fd, SOL_TIPC, TIPC_CONN_TIMEOUT, v, &len), -EINVAL);
}

/* rows 1.9.13 */
TEST(pointers)
{
	int fd = tu_socket(SOCK_RDM);
	char *edge = tu_edge(2);
	socklen_t len = 4;
	uint32_t v;

	EXPECT_EQ(set_raw(fd, SOL_TIPC, TIPC_IMPORTANCE, (void *)8, 4), -EFAULT);
	EXPECT_EQ(set_raw(fd, SOL_TIPC, TIPC_IMPORTANCE, NULL, 4), -EFAULT);
	EXPECT_EQ(set_raw(fd, SOL_TIPC, TIPC_IMPORTANCE, edge, 4), -EFAULT);
	EXPECT_EQ(get_raw(fd, SOL_TIPC, TIPC_IMPORTANCE, (void *)8, &len), -EFAULT);
	EXPECT_EQ(get_raw(fd, SOL_TIPC, TIPC_IMPORTANCE, edge, &len), -EFAULT);
	EXPECT_EQ(get_raw(fd, SOL_TIPC, TIPC_IMPORTANCE, &v, (void *)8), -EFAULT);
	EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), 0);
}

/* rows 1.9.14, 1.9.15 */
TEST(other_level)
{
	int fd = tu_socket(SOCK_RDM), v = 1;
	socklen_t len = sizeof(v);

	EXPECT_EQ(set_raw(fd, IPPROTO_TCP, 1, &v, sizeof(v)), -ENOPROTOOPT);
	EXPECT_EQ(get_raw(fd, IPPROTO_TCP, 1, &v, &len), -ENOPROTOOPT);
	EXPECT_EQ(set_raw(fd, 272, 127, &v, sizeof(v)), -ENOPROTOOPT);
	EXPECT_EQ(get_raw(fd, 272, 127, &v, &len), -ENOPROTOOPT);
	EXPECT_EQ(set_raw(fd, IPPROTO_IP, 127, &v, sizeof(v)), -ENOPROTOOPT);
}

/* rows 1.1.14 */
TEST(generic_accepted)
{
	int fd = tu_socket(SOCK_RDM), v = 1;

	EXPECT_EQ(set_raw(fd, SOL_SOCKET, SO_SNDBUF, &v, sizeof(v)), 0);
	EXPECT_EQ(set_raw(fd, SOL_SOCKET, SO_REUSEADDR, &v, sizeof(v)), 0);
	EXPECT_EQ(set_raw(fd, SOL_SOCKET, SO_TIMESTAMP, &v, sizeof(v)), 0);
	EXPECT_EQ(set_raw(fd, SOL_SOCKET, SO_RXQ_OVFL, &v, sizeof(v)), 0);
}

TEST_MAIN("socket options can be set and read")
