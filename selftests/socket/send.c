// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <fcntl.h>
#include <sys/uio.h>

#define T tu_type(0)

static char big[66001], got[66001];

static void fill(void)
{
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = i * 7 + (i >> 8);
}

/* rows 1.5.2 */
TEST(by_name)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM);
	char b[16];

	EXPECT_EQ(tu_send_name(tx, "hello", 5, T, 1), 5);
	EXPECT_EQ(tu_recv(rx, b, sizeof(b), MSG_DONTWAIT), 5);
	EXPECT_EQ(memcmp(b, "hello", 5), 0);
	EXPECT_TRUE(tu_empty(rx));
	EXPECT_TRUE(tu_empty(tx));
}

/* rows 1.5.2 */
TEST(by_socket_address)
{
	int rx = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_self(rx);
	char b[16];

	EXPECT_EQ(tu_sendto(tx, "direct", 6, &to, sizeof(to)), 6);
	EXPECT_EQ(tu_recv(rx, b, sizeof(b), MSG_DONTWAIT), 6);
	EXPECT_EQ(memcmp(b, "direct", 6), 0);
}

/* rows 2.7 */
TEST(node_zero_is_here)
{
	int rx = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_self(rx);
	char b[16];

	to.addr.id.node = 0;
	EXPECT_EQ(tu_sendto(tx, "zero", 4, &to, sizeof(to)), 4);
	EXPECT_EQ(tu_recv(rx, b, sizeof(b), MSG_DONTWAIT), 4);
}

/* rows 1.5.2 */
TEST(to_itself)
{
	int fd = tu_bound(T, 1);
	struct sockaddr_tipc me = tu_self(fd), src;
	char b[16];

	EXPECT_EQ(tu_send_name(fd, "one", 3, T, 1), 3);
	EXPECT_EQ(tu_sendto(fd, "four", 4, &me, sizeof(me)), 4);
	EXPECT_EQ(tu_recvfrom(fd, b, sizeof(b), MSG_DONTWAIT, &src), 3);
	EXPECT_EQ(memcmp(&src, &me, sizeof(me)), 0);
	EXPECT_EQ(tu_recvfrom(fd, b, sizeof(b), MSG_DONTWAIT, &src), 4);
	EXPECT_EQ(memcmp(&src, &me, sizeof(me)), 0);
}

/* rows 1.1.3 */
TEST(rdm_and_dgram)
{
	static const int type[] = { SOCK_RDM, SOCK_DGRAM };
	char b[16];
	int i, rx, tx;

	for (i = 0; i < 4; i++) {
		rx = tu_socket(type[i & 1]);
		tx = tu_socket(type[i >> 1]);
		ASSERT_EQ(tu_bind(rx, T, i, i, 0), 0);
		EXPECT_EQ(tu_send_name(tx, "x", 1, T, i), 1);
		EXPECT_EQ(tu_recv(rx, b, sizeof(b), MSG_DONTWAIT), 1);
	}
}

/* rows 1.5.1 */
TEST(sizes)
{
	static const int size[] = { 1, 2, 3, 63, 64, 65, 999, 1000, 1024, 1400, 1460, 1500,
		3500, 3700, 3800, 3900, 4000, 4095, 4096, 4097, 8191, 8192, 16384, 32768, 60000,
		65535, 65536, 65999, 66000 };
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_self(rx);
	unsigned int i;

	fill();
	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		EXPECT_EQ(tu_send_name(tx, big, size[i], T, 1), size[i]);
		memset(got, 0, sizeof(got));
		EXPECT_EQ(tu_recv(rx, got, sizeof(got), MSG_DONTWAIT), size[i]);
		EXPECT_EQ(memcmp(big, got, size[i]), 0);
		EXPECT_EQ(tu_sendto(tx, big + 1, size[i], &to, sizeof(to)), size[i]);
		EXPECT_EQ(tu_recv(rx, got, sizeof(got), MSG_DONTWAIT), size[i]);
		EXPECT_EQ(memcmp(big + 1, got, size[i]), 0);
	}
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_USED), 0);
}

/* rows 1.5.1 */
TEST(too_big)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc bad = { 0 };

	EXPECT_EQ(tu_send_name(tx, big, 66001, T, 1), -EMSGSIZE);
	/* the size is looked at before anything else */
	EXPECT_EQ(tu_sendto(tx, big, 66001, &bad, sizeof(bad)), -EMSGSIZE);
	EXPECT_EQ(tu_sendto(tx, big, 66001, NULL, 0), -EMSGSIZE);
	EXPECT_EQ(tu_send_name(tx, big, 66001, T + 1, 1), -EMSGSIZE);
	EXPECT_TRUE(tu_empty(rx));
}

/* rows 1.5.4 */
TEST(zero_length)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM);
	char b[16];

	EXPECT_EQ(tu_send_name(tx, "", 0, T, 1), 0);
	EXPECT_TRUE(tu_empty(rx));
	EXPECT_EQ(tu_send_name(tx, "", 0, T, 1), 0);
	EXPECT_EQ(tu_send_name(tx, "after", 5, T, 1), 5);
	EXPECT_EQ(tu_send_name(tx, "", 0, T, 1), 0);
	EXPECT_EQ(tu_recv(rx, b, sizeof(b), MSG_DONTWAIT), 5);
	EXPECT_TRUE(tu_empty(rx));
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_USED), 0);
	/* nor is a missing name hidden by an empty message */
	EXPECT_EQ(tu_send_name(tx, "", 0, T + 1, 1), -EHOSTUNREACH);
}

/* rows 1.5.2 */
TEST(no_destination)
{
	int tx = tu_socket(SOCK_RDM);

	EXPECT_EQ(tu_sendto(tx, "x", 1, NULL, 0), -EDESTADDRREQ);
	EXPECT_EQ(SYS(write(tx, "x", 1)), -EDESTADDRREQ);
}

/* rows 1.5.2 */
TEST(no_such_name)
{
	int tx = tu_socket(SOCK_RDM);

	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 1), -EHOSTUNREACH);
	EXPECT_EQ(tu_send_name(tx, "x", 1, 0xfffffff0, ~0u), -EHOSTUNREACH);
	EXPECT_EQ(tu_send_name(tx, "x", 1, 63, 1), -EHOSTUNREACH);	/* 1.5.12 */
}

/* rows 1.5.2 */
TEST(no_such_port)
{
	int rx = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_self(rx);

	close(rx);
	EXPECT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), 1);
	EXPECT_TRUE(tu_empty(tx));
	to.addr.id.ref = 0;
	EXPECT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), 1);
	EXPECT_TRUE(tu_empty(tx));
}

/* rows 1.5.2 */
TEST(no_such_node)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_self(rx), na = tu_name(T, 1);

	to.addr.id.node ^= 0x01ffe0ff;
	EXPECT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), -EHOSTUNREACH);
	na.addr.name.domain = to.addr.id.node;
	EXPECT_EQ(tu_sendto(tx, "x", 1, &na, sizeof(na)), -EHOSTUNREACH);
	EXPECT_TRUE(tu_empty(rx));
}

/* rows 1.5.1 */
TEST(iovec)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i;
	struct sockaddr_tipc to = tu_name(T, 1);
	struct iovec iov[1024];
	struct msghdr m = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = iov };

	fill();
	for (i = 0; i < 1024; i++)
		iov[i] = (struct iovec){ big + i * 64, 64 };
	m.msg_iovlen = 1024;
	EXPECT_EQ(SYS(sendmsg(tx, &m, 0)), 65536);
	EXPECT_EQ(tu_recv(rx, got, sizeof(got), MSG_DONTWAIT), 65536);
	EXPECT_EQ(memcmp(big, got, 65536), 0);
	for (i = 0; i < 7; i++)
		iov[i] = (struct iovec){ big + 1000 * i, i & 1 ? 0 : 333 };
	m.msg_iovlen = 7;
	EXPECT_EQ(SYS(sendmsg(tx, &m, 0)), 4 * 333);
	EXPECT_EQ(tu_recv(rx, got, sizeof(got), MSG_DONTWAIT), 4 * 333);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(memcmp(got + 333 * i, big + 2000 * i, 333), 0);
	m.msg_iovlen = 0;
	EXPECT_EQ(SYS(sendmsg(tx, &m, 0)), 0);
	m.msg_iovlen = 1025;
	EXPECT_EQ(SYS(sendmsg(tx, &m, 0)), -EMSGSIZE);
	EXPECT_TRUE(tu_empty(rx));
}

/* rows 1.1.18 */
TEST(flags_ignored)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i;
	static const int fl[] = { MSG_OOB, MSG_EOR, MSG_MORE, MSG_CONFIRM, MSG_NOSIGNAL, MSG_DONTWAIT };
	struct sockaddr_tipc to = tu_name(T, 1);
	char b[8];

	for (i = 0; i < 6; i++) {
		EXPECT_EQ(SYS(sendto(tx, "flag", 4, fl[i], (void *)&to, sizeof(to))), 4);
		EXPECT_EQ(tu_recv(rx, b, sizeof(b), MSG_DONTWAIT), 4);
	}
}

/* rows 1.1.14 */
TEST(sndbuf_no_limit)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), one = 1;

	EXPECT_EQ(SYS(setsockopt(tx, SOL_SOCKET, SO_SNDBUF, &one, sizeof(one))), 0);
	EXPECT_EQ(tu_send_name(tx, big, 66000, T, 1), 66000);
	EXPECT_EQ(tu_recv(rx, got, sizeof(got), MSG_DONTWAIT), 66000);
}

/* rows 1.2.3 */
TEST(node_scope)
{
	int rx = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM);
	char b[4];

	ASSERT_EQ(tu_bind(rx, T, 1, 1, TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(tu_send_name(tx, "n", 1, T, 1), 1);
	EXPECT_EQ(tu_recv(rx, b, 4, MSG_DONTWAIT), 1);
}

/* rows 1.5.1 */
TEST(sendmmsg)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i;
	struct sockaddr_tipc to = tu_name(T, 1);
	struct mmsghdr mm[8];
	struct iovec iov[8];
	char b[8];

	memset(mm, 0, sizeof(mm));
	for (i = 0; i < 8; i++) {
		iov[i] = (struct iovec){ "abcdefgh" + i, 1 };
		mm[i].msg_hdr = (struct msghdr){ .msg_name = &to, .msg_namelen = sizeof(to),
						 .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	EXPECT_EQ(SYS(sendmmsg(tx, mm, 8, 0)), 8);
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(tu_recv(rx, b, 8, MSG_DONTWAIT), 1);
		EXPECT_EQ(b[0], 'a' + i);
	}
}

TEST_MAIN("messages can be sent by name and by socket address")
