// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <sys/resource.h>

#define T tu_type(0)

/* how many messages of 1000 bytes a socket keeps that nobody reads: 1.12.3 */
static void overload(int importance, int want)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i, used;
	char b[1000] = { 0 };

	ASSERT_EQ(tu_set(tx, TIPC_IMPORTANCE, importance), 0);
	for (i = 0; i < want + 500; i++) {
		memcpy(b, &i, 4);
		/* the sender never learns of the loss: 1.12.4 */
		ASSERT_EQ(tu_send_name(tx, b, 1000, T, 1), 1000);
	}
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_DEPTH), want);
	used = tu_get(rx, TIPC_SOCK_RECVQ_USED);
	EXPECT_GE(used, want * 1000);
	EXPECT_LE(used, (2097152 << importance) + 4096);
	EXPECT_TRUE(tu_empty(tx));
	/* what was kept is the beginning, without a gap */
	for (i = 0; i < want; i++) {
		int v;

		ASSERT_EQ(tu_recv(rx, b, 1000, MSG_DONTWAIT), 1000);
		memcpy(&v, b, 4);
		ASSERT_EQ(v, i);
	}
	EXPECT_TRUE(tu_empty(rx));
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_USED), 0);
	/* and then there is room again */
	EXPECT_EQ(tu_send_name(tx, b, 1000, T, 1), 1000);
	EXPECT_EQ(tu_recv(rx, b, 1000, MSG_DONTWAIT), 1000);
}

/* rows 1.12.3 */
TEST(overload_low)	{ overload(TIPC_LOW_IMPORTANCE, 910); }
/* rows 1.12.3 */
TEST(overload_medium)	{ overload(TIPC_MEDIUM_IMPORTANCE, 1820); }
/* rows 1.12.3 */
TEST(overload_high)	{ overload(TIPC_HIGH_IMPORTANCE, 3640); }
/* rows 1.12.3 */
TEST(overload_critical)	{ overload(TIPC_CRITICAL_IMPORTANCE, 7281); }

/* rows 1.12.3 */
TEST(importance_of_the_message)
{
	/* full for low messages is not full for critical ones */
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i;
	char b[1000] = { 0 };

	for (i = 0; i < 1000; i++)
		ASSERT_EQ(tu_send_name(tx, b, 1000, T, 1), 1000);
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_DEPTH), 910);
	ASSERT_EQ(tu_set(tx, TIPC_IMPORTANCE, TIPC_CRITICAL_IMPORTANCE), 0);
	ASSERT_EQ(tu_send_name(tx, b, 1000, T, 1), 1000);
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_DEPTH), 911);
}

/* rows 1.12.3 */
TEST(overload_big_messages)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i, n;
	static char b[66000];

	for (i = 0; i < 200; i++)
		ASSERT_EQ(tu_send_name(tx, b, 66000, T, 1), 66000);
	n = tu_get(rx, TIPC_SOCK_RECVQ_DEPTH);
	EXPECT_GE(n, 2097152 / 66000 / 4);
	EXPECT_LE(n, 2097152 / 66000 + 1);
	EXPECT_LE(tu_get(rx, TIPC_SOCK_RECVQ_USED), 2097152 + 4 * 66000);
}

/* rows 1.12.3 */
TEST(overload_small_messages)
{
	/* memory is bounded by what is used, not by what was sent */
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i, n;

	for (i = 0; i < 10000; i++)
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	n = tu_get(rx, TIPC_SOCK_RECVQ_DEPTH);
	EXPECT_GE(n, 910);
	EXPECT_LE(n, 9000);
	EXPECT_LE(tu_get(rx, TIPC_SOCK_RECVQ_USED), 2097152 + 4096);
}

/* rows 1.5.4 */
TEST(empty_messages_bounded)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i;

	for (i = 0; i < 10000; i++)
		ASSERT_EQ(tu_send_name(tx, "", 0, T, 1), 0);
	EXPECT_LE(tu_get(rx, TIPC_SOCK_RECVQ_USED), 2097152 + 4096);
	EXPECT_TRUE(tu_empty(rx));
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_USED), 0);
}

/* rows 1.1.15 */
TEST(rcvbuf)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), v = 65536, i, n;
	char b[1000] = { 0 };

	ASSERT_EQ(SYS(setsockopt(rx, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v))), 0);
	for (i = 0; i < 200; i++)
		ASSERT_EQ(tu_send_name(tx, b, 1000, T, 1), 1000);
	n = tu_get(rx, TIPC_SOCK_RECVQ_DEPTH);
	EXPECT_GE(n, 30);
	EXPECT_LE(n, 131);
	EXPECT_LE(tu_get(rx, TIPC_SOCK_RECVQ_USED), 2 * 65536 + 4096);
}

/* rows 1.12.4 */
TEST(overload_returned)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i;
	union { struct cmsghdr h; char c[2048]; } c;
	char b[1000] = { 0 };
	struct iovec iov = { b, sizeof(b) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c,
			    .msg_controllen = sizeof(c) };
	uint32_t v[2];

	ASSERT_EQ(tu_set(tx, TIPC_DEST_DROPPABLE, 0), 0);
	for (i = 0; i < 920; i++)
		ASSERT_EQ(tu_send_name(tx, b, 1000, T, 1), 1000);
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_DEPTH), 910);
	EXPECT_EQ(tu_get(tx, TIPC_SOCK_RECVQ_DEPTH), 10);
	EXPECT_EQ(SYS(recvmsg(tx, &m, MSG_DONTWAIT)), 0);
	ASSERT_TRUE(CMSG_FIRSTHDR(&m));
	EXPECT_EQ(c.h.cmsg_type, TIPC_ERRINFO);
	memcpy(v, CMSG_DATA(&c.h), 8);
	EXPECT_EQ(v[0], TIPC_ERR_OVERLOAD);
	EXPECT_EQ(v[1], 1000);
}

/* rows 1.2.9 */
TEST_LIMIT(bindings, 400)
{
	int fd, other, i;

	tu_netns();
	fd = tu_socket(SOCK_RDM);
	other = tu_socket(SOCK_RDM);
	for (i = 0; i < 65534; i++)
		ASSERT_EQ(tu_bind(fd, T + i % 7, i, i, i & 1 ? 2 : 3), 0);
	EXPECT_EQ(tu_bind(fd, T, 70000, 70000, 0), -EINVAL);
	EXPECT_EQ(tu_bind(other, T, 70000, 70000, 0), -EINVAL);
	EXPECT_EQ(tu_reach(T, 70000), -EHOSTUNREACH);
	EXPECT_EQ(tu_reach(T + 65533 % 7, 65533), 0);
	EXPECT_EQ(tu_reach(T, 0), 0);
	/* one goes, one may come */
	EXPECT_EQ(tu_bind(fd, T + 65533 % 7, 65533, 65533, -2), 0);
	EXPECT_EQ(tu_bind(other, T, 70000, 70000, 0), 0);
	EXPECT_EQ(tu_bind(other, T, 70001, 70001, 0), -EINVAL);
	/* all go */
	EXPECT_EQ(tu_bind_raw(fd, NULL, 0), 0);
	for (i = 0; i < 65533; i += 1111)
		EXPECT_EQ(tu_reach(T + i % 7, i), -EHOSTUNREACH);
	EXPECT_EQ(tu_reach(T, 70000), 0);
	EXPECT_EQ(tu_bind(fd, T, 1, 1, 0), 0);
}

/* rows 1.2.9, 1.8.7 */
TEST_LIMIT(bindings_close, 400)
{
	int fd, i;

	tu_netns();
	fd = tu_socket(SOCK_RDM);
	for (i = 0; i < 65534; i++)
		ASSERT_EQ(tu_bind(fd, T, i, i, 0), 0);
	close(fd);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
	fd = tu_socket(SOCK_RDM);
	for (i = 0; i < 100; i++)
		ASSERT_EQ(tu_bind(fd, T, i, i, 0), 0);
}

/* rows 1.2.4 */
TEST_LIMIT(many_same_binding, 400)
{
	int fd[1000], tx = tu_socket(SOCK_RDM), i;
	char b[4];

	for (i = 0; i < 1000; i++)
		fd[i] = tu_bound(T, 1);
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(tu_recv(fd[i], b, 4, MSG_DONTWAIT), 1);
}

/* rows 1.1.5 */
TEST_LIMIT(sockets, 200)
{
	struct rlimit rl;
	int fd, n = 0, last = -1, first = -1, round;
	struct sockaddr_tipc to;
	char b[4];

	ASSERT_EQ(SYS(getrlimit(RLIMIT_NOFILE, &rl)), 0);
	rl.rlim_cur = rl.rlim_max < 4096 ? rl.rlim_max : 4096;
	ASSERT_EQ(SYS(setrlimit(RLIMIT_NOFILE, &rl)), 0);
	for (round = 0; round < 2; round++) {
		first = last = -1;
		for (n = 0; (fd = SYS(socket(AF_TIPC, SOCK_RDM, 0))) >= 0; n++) {
			if (first < 0)
				first = fd;
			last = fd;
		}
		EXPECT_EQ(fd, -EMFILE);
		EXPECT_GE(n, (int)rl.rlim_cur - 64);
		/* the table still finds them */
		to = tu_self(last);
		EXPECT_EQ(tu_sendto(first, "x", 1, &to, sizeof(to)), 1);
		EXPECT_EQ(tu_recv(last, b, 4, MSG_DONTWAIT), 1);
		for (fd = first; fd <= last; fd++)
			close(fd);
	}
}

TEST_MAIN("limits hold, and what is beyond them costs nothing")
