// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <sys/un.h>

#define T tu_type(0)

static int rx, tx;

static void pair(void)
{
	rx = tu_bound(T, 1);
	tx = tu_socket(SOCK_RDM);
}

/* nothing of what failed has arrived, and things still work */
static void unharmed(void)
{
	char b[8];

	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_DEPTH), 0);
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_USED), 0);
	EXPECT_TRUE(tu_empty(tx));
	EXPECT_EQ(tu_send_name(tx, "fine", 4, T, 1), 4);
	EXPECT_EQ(tu_recv(rx, b, sizeof(b), MSG_DONTWAIT), 4);
	EXPECT_TRUE(tu_empty(rx));
}

static int mem_kb(const char *key)
{
	char line[128];
	int v = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			v = atoi(line + strlen(key) + 1);
	if (f)
		fclose(f);
	return v;
}

/* rows 1.2.1 */
TEST(bind_length)
{
	struct sockaddr_tipc sa = tu_range(T, 2, 2, 0);
	char big[200] = { 0 };
	int i;

	pair();
	memcpy(big, &sa, sizeof(sa));
	for (i = 1; i < 16; i++)
		EXPECT_EQ(tu_bind_raw(rx, big, i), -EINVAL);
	EXPECT_EQ(tu_bind_raw(rx, big, 129), -EINVAL);
	EXPECT_EQ(tu_bind_raw(rx, big, 200), -EINVAL);
	EXPECT_EQ(tu_bind_raw(rx, big, -1), -EINVAL);
	EXPECT_EQ(tu_bind_raw(rx, big, 0x7fffffff), -EINVAL);
	EXPECT_EQ(tu_reach(T, 2), -EHOSTUNREACH);
	unharmed();
}

/* rows 1.2.1 */
TEST(bind_family)
{
	static const int fam[] = { 0, 1, 2, 10, 29, 31, 0x1e00, 0xffff };
	struct sockaddr_tipc sa;
	int i;

	pair();
	for (i = 0; i < 8; i++) {
		sa = tu_range(T, 2, 2, 0);
		sa.family = fam[i];
		EXPECT_EQ(tu_bind_raw(rx, &sa, sizeof(sa)), -EINVAL);
	}
	EXPECT_EQ(tu_reach(T, 2), -EHOSTUNREACH);
	unharmed();
}

/* rows 1.2.1 */
TEST(bind_addrtype)
{
	struct sockaddr_tipc sa;
	int i;

	pair();
	for (i = 0; i < 256; i++) {
		if (i == TIPC_SERVICE_RANGE || i == TIPC_SERVICE_ADDR)
			continue;
		sa = tu_range(T, 2, 2, 0);
		sa.addrtype = i;
		EXPECT_EQ(tu_bind_raw(rx, &sa, sizeof(sa)),
			  i == TIPC_SOCKET_ADDR ? -EAFNOSUPPORT : -EINVAL);
	}
	EXPECT_EQ(tu_reach(T, 2), -EHOSTUNREACH);
	unharmed();
}

/* rows 1.2.1 */
TEST(bind_inverted)
{
	pair();
	EXPECT_EQ(tu_bind(rx, T, 3, 2, 0), -EINVAL);
	EXPECT_EQ(tu_bind(rx, T, ~0u, 0, 0), -EINVAL);
	EXPECT_EQ(tu_bind(rx, T, 0x80000000, 0x7fffffff, 0), -EINVAL);
	EXPECT_EQ(tu_bind(rx, T, 3, 2, -2), -EINVAL);
	EXPECT_EQ(tu_reach(T, 2), -EHOSTUNREACH);
	unharmed();
}

/* rows 1.2.1, 2.12 */
TEST(bind_reserved)
{
	struct sockaddr_tipc sa;
	uint32_t i;

	pair();
	for (i = 0; i < TIPC_RESERVED_TYPES; i++) {
		EXPECT_EQ(tu_bind(rx, i, 5, 5, 0), -EACCES);
		sa = tu_name(i, 5);
		EXPECT_EQ(tu_bind_raw(rx, &sa, sizeof(sa)), -EACCES);
	}
	EXPECT_EQ(tu_bind(rx, TIPC_RESERVED_TYPES, T, T, 0), 0);
	EXPECT_EQ(tu_bind(rx, TIPC_RESERVED_TYPES, T, T, -2), 0);
	unharmed();
}

/* rows 1.2.1 */
TEST(bind_pointer)
{
	struct sockaddr_tipc sa = tu_range(T, 2, 2, 0);
	char *edge = tu_edge(8), odd[20];

	pair();
	memcpy(edge, &sa, 8);
	EXPECT_EQ(tu_bind_raw(rx, NULL, 16), -EFAULT);
	EXPECT_EQ(tu_bind_raw(rx, (void *)8, 16), -EFAULT);
	EXPECT_EQ(tu_bind_raw(rx, (void *)0xffff888000000000ul, 16), -EFAULT);
	EXPECT_EQ(tu_bind_raw(rx, edge, 16), -EFAULT);
	EXPECT_EQ(tu_bind_raw(rx, edge + 8, 16), -EFAULT);
	EXPECT_EQ(tu_reach(T, 2), -EHOSTUNREACH);
	/* a misaligned one is as good as any */
	memcpy(odd + 1, &sa, sizeof(sa));
	EXPECT_EQ(tu_bind_raw(rx, odd + 1, 16), 0);
	EXPECT_EQ(tu_reach(T, 2), 0);
	EXPECT_EQ(tu_bind(rx, T, 2, 2, -2), 0);
	EXPECT_TRUE(tu_empty(rx));	/* takes the empty message of tu_reach() */
	unharmed();
}

/* rows 1.2.3 */
TEST(bind_scope_extremes)
{
	pair();
	EXPECT_EQ(tu_bind(rx, T, 2, 2, -128), -EINVAL);
	EXPECT_EQ(tu_bind(rx, T, 2, 2, -1), -EINVAL);
	EXPECT_EQ(tu_reach(T, 1), 0);
	EXPECT_TRUE(tu_empty(rx));
	unharmed();
}

/* rows 1.5.2 */
TEST(send_length)
{
	struct sockaddr_tipc sa = tu_name(T, 1);
	char big[200] = { 0 };
	int i;

	pair();
	memcpy(big, &sa, sizeof(sa));
	for (i = 1; i < 16; i++)
		EXPECT_EQ(tu_sendto(tx, "x", 1, big, i), -EINVAL);
	EXPECT_EQ(tu_sendto(tx, "x", 1, big, 129), -EINVAL);
	EXPECT_EQ(tu_sendto(tx, "x", 1, big, -1), -EINVAL);
	EXPECT_EQ(tu_sendto(tx, "x", 1, big, 0), -EINVAL);
	unharmed();
}

/* rows 1.5.2 */
TEST(send_long_length)
{
	struct sockaddr_tipc sa = tu_name(T, 1);
	char big[200] = { 0 }, b[4];

	pair();
	memcpy(big, &sa, sizeof(sa));
	EXPECT_EQ(tu_sendto(tx, "x", 1, big, 17), 1);
	EXPECT_EQ(tu_sendto(tx, "x", 1, big, 128), 1);
	EXPECT_EQ(tu_recv(rx, b, 4, MSG_DONTWAIT), 1);
	EXPECT_EQ(tu_recv(rx, b, 4, MSG_DONTWAIT), 1);
	unharmed();
}

/* rows 1.5.2 */
TEST(send_family)
{
	static const int fam[] = { 0, 1, 2, 10, 29, 31, 0x1e00, 0xffff };
	struct sockaddr_tipc sa;
	int i;

	pair();
	for (i = 0; i < 8; i++) {
		sa = tu_name(T, 1);
		sa.family = fam[i];
		EXPECT_EQ(tu_sendto(tx, "x", 1, &sa, sizeof(sa)), -EINVAL);
	}
	unharmed();
}

/* rows 1.5.2 */
TEST(send_addrtype)
{
	struct sockaddr_tipc sa;
	int i;

	pair();
	for (i = 0; i < 256; i++) {
		if (i >= TIPC_SERVICE_RANGE && i <= TIPC_SOCKET_ADDR)
			continue;
		sa = tu_name(T, 1);
		sa.addrtype = i;
		EXPECT_EQ(tu_sendto(tx, "x", 1, &sa, sizeof(sa)), -EINVAL);
	}
	sa = tu_range(T, 2, 1, 0);
	EXPECT_EQ(tu_sendto(tx, "x", 1, &sa, sizeof(sa)), -EINVAL);
	unharmed();
}

/* rows 1.5.2 */
TEST(send_address_pointer)
{
	struct sockaddr_tipc sa = tu_name(T, 1);
	char *edge = tu_edge(8), odd[20], b[4];

	pair();
	memcpy(edge, &sa, 8);
	EXPECT_EQ(tu_sendto(tx, "x", 1, (void *)8, 16), -EFAULT);
	EXPECT_EQ(tu_sendto(tx, "x", 1, edge, 16), -EFAULT);
	memcpy(odd + 1, &sa, sizeof(sa));
	EXPECT_EQ(tu_sendto(tx, "x", 1, odd + 1, 16), 1);
	EXPECT_EQ(tu_recv(rx, b, 4, MSG_DONTWAIT), 1);
	unharmed();
}

/* rows 1.5.10 */
TEST(send_buffer)
{
	static const int len[] = { 1, 100, 1000, 5000, 60000, 66000 };
	int i, k;

	pair();
	for (i = 0; i < 6; i++) {
		char *edge = tu_edge(len[i]);

		memset(edge, 'e', len[i]);
		EXPECT_EQ(tu_send_name(tx, (void *)8, len[i], T, 1), -EFAULT);
		EXPECT_EQ(tu_send_name(tx, edge + 1, len[i], T, 1), -EFAULT);
		if (len[i] > 1) {
			EXPECT_EQ(tu_send_name(tx, edge + len[i] - 1, len[i], T, 1), -EFAULT);
			EXPECT_EQ(tu_send_name(tx, edge + len[i] / 2, len[i], T, 1), -EFAULT);
		}
	}
	unharmed();
	/* a thousand big ones leave no memory behind */
	k = mem_kb("MemAvailable:");
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(tu_send_name(tx, (void *)8, 66000, T, 1), -EFAULT);
	k -= mem_kb("MemAvailable:");
	EXPECT_LE(k, 32000);
	unharmed();
}

/* rows 1.5.10 */
TEST(send_iovec)
{
	struct sockaddr_tipc sa = tu_name(T, 1);
	char a[100] = { 0 }, *edge = tu_edge(100);
	struct iovec iov[3] = { { a, 100 }, { edge + 50, 100 }, { a, 100 } };
	struct msghdr m = { .msg_name = &sa, .msg_namelen = sizeof(sa), .msg_iov = iov,
			    .msg_iovlen = 3 };

	pair();
	EXPECT_EQ(SYS(sendmsg(tx, &m, 0)), -EFAULT);
	iov[1] = (struct iovec){ a, -1 };
	EXPECT_EQ(SYS(sendmsg(tx, &m, 0)), -EINVAL);
	iov[1] = (struct iovec){ a, 0x7ffff000 };
	EXPECT_NE(SYS(sendmsg(tx, &m, 0)) >= 0, 1);
	m.msg_iov = (void *)8;
	EXPECT_EQ(SYS(sendmsg(tx, &m, 0)), -EFAULT);
	unharmed();
}

/* rows 1.5.1 */
TEST(send_huge_length)
{
	static const size_t len[] = { 66001, 0x10000 + 1000, 1u << 20, 0x7ffff000, 1ul << 32, ~0ul };
	int i;

	pair();
	for (i = 0; i < 6; i++)
		EXPECT_TRUE(tu_send_name(tx, (void *)(uintptr_t)T, len[i], T, 1) < 0);
	EXPECT_EQ(tu_send_name(tx, "", 1u << 20, T, 1), -EMSGSIZE);
	unharmed();
}

/* rows 1.6.3 */
TEST(recv_buffer)
{
	char *edge = tu_edge(4), b[16];

	pair();
	ASSERT_EQ(tu_send_name(tx, "0123456789", 10, T, 1), 10);
	EXPECT_EQ(tu_recv(rx, (void *)8, 10, MSG_DONTWAIT), -EFAULT);
	EXPECT_EQ(tu_recv(rx, edge, 10, MSG_DONTWAIT), -EFAULT);
	EXPECT_EQ(tu_recv(rx, edge + 4, 10, MSG_DONTWAIT), -EFAULT);
	/* the message is still there */
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_DEPTH), 1);
	EXPECT_EQ(tu_recv(rx, b, sizeof(b), MSG_DONTWAIT), 10);
	EXPECT_EQ(memcmp(b, "0123456789", 10), 0);
	unharmed();
}

/* rows 1.6.7 */
TEST(recv_address_pointer)
{
	socklen_t len = 16;
	char b[4];

	pair();
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	EXPECT_EQ(SYS(recvfrom(rx, b, 4, MSG_DONTWAIT, (void *)8, &len)), -EFAULT);
	unharmed();
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	len = -5;
	EXPECT_EQ(SYS(recvfrom(rx, b, 4, MSG_DONTWAIT, (void *)b, &len)), -EINVAL);
	unharmed();
}

/* rows 1.6.3 */
TEST(recv_huge_length)
{
	static char b[100];

	pair();
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	EXPECT_EQ(tu_recv(rx, b, 0x7fffffff, MSG_DONTWAIT), 1);
	unharmed();
}

/* rows 1.6.3 */
TEST(recv_flags)
{
	char b[4];
	int i, r;

	pair();
	/* no flag may hurt (error queue aside): each time it can be read at last */
	for (i = 0; i < 31; i++) {
		if ((1 << i) == MSG_ERRQUEUE)
			continue;
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
		r = tu_recv(rx, b, 4, MSG_DONTWAIT | 1 << i);
		EXPECT_EQ(r, 1);
		if (tu_get(rx, TIPC_SOCK_RECVQ_DEPTH))
			EXPECT_EQ(tu_recv(rx, b, 4, MSG_DONTWAIT), 1);
	}
	unharmed();
}

/* rows 1.1.18 */
TEST(control_ignored)
{
	struct sockaddr_tipc sa = tu_name(T, 1);
	union { struct cmsghdr h; char c[64]; } c = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr m = { .msg_name = &sa, .msg_namelen = sizeof(sa), .msg_iov = &iov,
			    .msg_iovlen = 1, .msg_control = &c, .msg_controllen = 20 };
	char b[4];

	pair();
	c.h.cmsg_len = 20;
	c.h.cmsg_level = SOL_TIPC;
	c.h.cmsg_type = TIPC_DESTNAME;
	EXPECT_EQ(SYS(sendmsg(tx, &m, 0)), 1);
	EXPECT_EQ(tu_recv(rx, b, 4, MSG_DONTWAIT), 1);
	c.h.cmsg_len = 3;	/* nonsense */
	EXPECT_EQ(SYS(sendmsg(tx, &m, 0)), 1);
	EXPECT_EQ(tu_recv(rx, b, 4, MSG_DONTWAIT), 1);
	unharmed();
}

/* rows 1.11.4 */
TEST(small_control_buffer)
{
	union { struct cmsghdr h; char c[64]; } c;
	char b[4];
	struct iovec iov = { b, 4 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c };
	int len;

	pair();
	for (len = 1; len <= 32; len++) {
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
		memset(&c, 0xee, sizeof(c));
		m.msg_controllen = len;
		EXPECT_EQ(SYS(recvmsg(rx, &m, MSG_DONTWAIT)), 1);
		EXPECT_EQ(!!(m.msg_flags & MSG_CTRUNC), len < (int)CMSG_LEN(12));
		EXPECT_EQ((unsigned char)c.c[len], 0xee);
	}
	unharmed();
}

/* rows 1.2.1, 1.5.2 */
TEST_LIMIT(random_calls, 120)
{
	unsigned int seed = 4711;
	unsigned char a[128], b[64];
	int i, k;

	tu_netns();
	pair();
	for (i = 0; i < 20000; i++) {
		struct sockaddr_tipc *sa = (void *)a;

		for (k = 0; k < 24; k++)
			a[k] = rand_r(&seed);
		if (rand_r(&seed) & 7)
			sa->family = AF_TIPC;
		if (rand_r(&seed) & 7)
			sa->addrtype = 1 + rand_r(&seed) % 3;
		if (rand_r(&seed) & 1)
			sa->addr.nameseq.type %= 200;
		if (rand_r(&seed) & 1)
			sa->addr.nameseq.lower &= 0xff;
		k = rand_r(&seed) % 8 ? 16 : rand_r(&seed) % 128;
		switch (rand_r(&seed) % 6) {
		case 0: case 1:
			if (k)
				bind(rx, (void *)a, k);
			break;
		case 2:
			connect(tx, (void *)a, k);
			break;
		case 3:
			sendto(tx, b, rand_r(&seed) % 64, MSG_DONTWAIT, (void *)a, k);
			break;
		case 4:
			recv(rx, b, rand_r(&seed) % 64, MSG_DONTWAIT | (rand_r(&seed) & MSG_PEEK));
			break;
		case 5:
			/* not the group and multicast ones: they have tests of their own */
			tu_set(tx, 127 + rand_r(&seed) % 6, rand_r(&seed));
			break;
		}
	}
	while (tu_recv(rx, b, 1, MSG_DONTWAIT) >= 0)
		;
	close(tx);
	tx = tu_socket(SOCK_RDM);
	ASSERT_EQ(tu_bind(rx, T, 1, 1, 0), 0);
	unharmed();
}

TEST_MAIN("bad input is refused, and nothing is left behind")
