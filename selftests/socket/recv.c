// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <fcntl.h>
#include <sys/uio.h>

#define T tu_type(0)

static int rx, tx;

static void pair(void)
{
	rx = tu_bound(T, 1);
	tx = tu_socket(SOCK_RDM);
}

static void put(const char *s)
{
	ASSERT_EQ(tu_send_name(tx, s, strlen(s), T, 1), strlen(s));
}

/* rows 1.6.7 */
TEST(source)
{
	struct sockaddr_tipc src, self;
	char b[8];

	pair();
	self = tu_self(tx);
	put("name");
	EXPECT_EQ(tu_recvfrom(rx, b, sizeof(b), MSG_DONTWAIT, &src), 4);
	EXPECT_EQ(src.family, AF_TIPC);
	EXPECT_EQ(src.addrtype, TIPC_SOCKET_ADDR);
	EXPECT_EQ(src.scope, 0);
	EXPECT_EQ(src.addr.id.ref, self.addr.id.ref);
	EXPECT_EQ(src.addr.id.node, self.addr.id.node);
	EXPECT_EQ(src.addr.name.domain, 0);
	/* and one can answer to it */
	EXPECT_EQ(tu_sendto(rx, "back", 4, &src, sizeof(src)), 4);
	EXPECT_EQ(tu_recv(tx, b, sizeof(b), MSG_DONTWAIT), 4);
}

/* rows 1.6.7 */
TEST(source_short)
{
	unsigned char a[40];
	socklen_t len = 4;
	char b[8];

	pair();
	put("1");
	put("2");
	memset(a, 0xee, sizeof(a));
	EXPECT_EQ(SYS(recvfrom(rx, b, 8, MSG_DONTWAIT, (void *)a, &len)), 1);
	EXPECT_EQ(len, 16);
	EXPECT_EQ(a[4], 0xee);
	len = sizeof(a);
	EXPECT_EQ(SYS(recvfrom(rx, b, 8, MSG_DONTWAIT, (void *)a, &len)), 1);
	EXPECT_EQ(len, 16);
	EXPECT_EQ(a[16], 0xee);
}

/* rows 1.6.5 */
TEST(order)
{
	int i, v;

	pair();
	for (i = 0; i < 500; i++)
		ASSERT_EQ(tu_send_name(tx, &i, 4, T, 1), 4);
	for (i = 0; i < 500; i++) {
		ASSERT_EQ(tu_recv(rx, &v, 4, MSG_DONTWAIT), 4);
		ASSERT_EQ(v, i);
	}
	EXPECT_TRUE(tu_empty(rx));
}

/* rows 1.6.1 */
TEST(zero_buffer)
{
	char b[8];

	pair();
	EXPECT_EQ(tu_recv(rx, b, 0, 0), -EINVAL);
	put("kept");
	EXPECT_EQ(tu_recv(rx, b, 0, 0), -EINVAL);
	EXPECT_EQ(tu_recv(rx, b, sizeof(b), MSG_DONTWAIT), 4);
}

/* rows 1.1.13 */
TEST(dontwait)
{
	char b[8];

	pair();
	EXPECT_EQ(tu_recv(rx, b, sizeof(b), MSG_DONTWAIT), -EAGAIN);
	EXPECT_EQ(SYS(fcntl(rx, F_SETFL, O_NONBLOCK)), 0);
	EXPECT_EQ(tu_recv(rx, b, sizeof(b), 0), -EAGAIN);
	EXPECT_EQ(SYS(read(rx, b, sizeof(b))), -EAGAIN);
	put("x");
	EXPECT_EQ(SYS(read(rx, b, sizeof(b))), 1);
}

/* rows 1.1.13 */
TEST(timeout)
{
	char b[8];
	double t;

	pair();
	tu_rcvtimeo(rx, 300);
	t = ktap_tick_now();
	EXPECT_EQ(tu_recv(rx, b, sizeof(b), 0), -EAGAIN);
	t = ktap_now() - t;
	EXPECT_GE(t * 1000, 290);
	EXPECT_LE(t * 1000, 10000);
	/* a message ends the wait */
	tu_rcvtimeo(rx, 30000);
	if (!fork()) {
		ktap_sleep_ms(100);
		put("x");
		_exit(0);
	}
	t = ktap_now();
	EXPECT_EQ(tu_recv(rx, b, sizeof(b), 0), 1);
	EXPECT_LE((ktap_now() - t) * 1000, 15000);
}

/* rows 1.1.13 */
TEST(blocks)
{
	char b[8];
	double t;

	pair();
	t = ktap_now();
	if (!fork()) {
		ktap_sleep_ms(300);
		put("late");
		_exit(0);
	}
	EXPECT_EQ(tu_recv(rx, b, sizeof(b), 0), 4);
	EXPECT_GE((ktap_now() - t) * 1000, 200);
}

/* rows 1.5.4 */
TEST(empty_message_does_not_wake)
{
	char b[8];

	pair();
	tu_rcvtimeo(rx, 400);
	if (!fork()) {
		ktap_sleep_ms(100);
		put("");
		_exit(0);
	}
	EXPECT_EQ(tu_recv(rx, b, sizeof(b), 0), -EAGAIN);
}

/* rows 1.6.3 */
TEST(truncation)
{
	char b[8];
	struct iovec iov = { b, 4 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	pair();
	put("0123456789");
	put("next");
	EXPECT_EQ(SYS(recvmsg(rx, &m, MSG_DONTWAIT)), 4);
	EXPECT_EQ(m.msg_flags & MSG_TRUNC, MSG_TRUNC);
	EXPECT_EQ(memcmp(b, "0123", 4), 0);
	EXPECT_EQ(SYS(recvmsg(rx, &m, MSG_DONTWAIT)), 4);
	EXPECT_EQ(m.msg_flags & MSG_TRUNC, 0);
	EXPECT_EQ(memcmp(b, "next", 4), 0);
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_USED), 0);
}

/* rows 1.6.3 */
TEST(truncation_input_flag)
{
	char b[8];

	pair();
	put("0123456789");
	EXPECT_EQ(tu_recv(rx, b, 4, MSG_DONTWAIT | MSG_TRUNC), 4);
	EXPECT_TRUE(tu_empty(rx));
}

/* rows 1.6.5 */
TEST(peek)
{
	struct sockaddr_tipc a, c;
	char b[8], d[8];
	int i;

	pair();
	put("first");
	put("second");
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(tu_recvfrom(rx, b, sizeof(b), MSG_DONTWAIT | MSG_PEEK, &a), 5);
		EXPECT_EQ(memcmp(b, "first", 5), 0);
		EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_DEPTH), 2);
	}
	EXPECT_EQ(tu_recv(rx, b, 2, MSG_DONTWAIT | MSG_PEEK), 2);
	EXPECT_EQ(tu_recvfrom(rx, d, sizeof(d), MSG_DONTWAIT, &c), 5);
	EXPECT_EQ(memcmp(&a, &c, sizeof(a)), 0);
	EXPECT_EQ(tu_recv(rx, b, sizeof(b), MSG_DONTWAIT), 6);
	EXPECT_TRUE(tu_empty(rx));
}

/* rows 1.6.4 */
TEST(eor_keeps_the_rest)
{
	char b[8];
	struct iovec iov = { b, 4 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	pair();
	put("0123456789");
	put("n");
	EXPECT_EQ(SYS(recvmsg(rx, &m, MSG_DONTWAIT | MSG_EOR)), 4);
	EXPECT_EQ(m.msg_flags & MSG_EOR, 0);
	EXPECT_EQ(memcmp(b, "0123", 4), 0);
	EXPECT_EQ(SYS(recvmsg(rx, &m, MSG_DONTWAIT | MSG_EOR)), 4);
	EXPECT_EQ(m.msg_flags & MSG_EOR, 0);
	EXPECT_EQ(memcmp(b, "4567", 4), 0);
	EXPECT_EQ(SYS(recvmsg(rx, &m, MSG_DONTWAIT | MSG_EOR)), 2);
	EXPECT_EQ(m.msg_flags & MSG_EOR, MSG_EOR);
	EXPECT_EQ(memcmp(b, "89", 2), 0);
	EXPECT_EQ(SYS(recvmsg(rx, &m, MSG_DONTWAIT)), 1);
	EXPECT_EQ(b[0], 'n');
	EXPECT_TRUE(tu_empty(rx));
}

/* rows 1.6.3 */
TEST(iovec)
{
	char b[4][4];
	struct iovec iov[] = { { b[0], 1 }, { b[1], 0 }, { b[2], 4 }, { b[3], 4 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 4 };

	pair();
	put("0123456");
	memset(b, 0xee, sizeof(b));
	EXPECT_EQ(SYS(recvmsg(rx, &m, MSG_DONTWAIT)), 7);
	EXPECT_EQ(b[0][0], '0');
	EXPECT_EQ(memcmp(b[2], "1234", 4), 0);
	EXPECT_EQ(memcmp(b[3], "56\xee\xee", 4), 0);
}

/* rows 1.6.3 */
TEST(recvmmsg)
{
	struct mmsghdr mm[4];
	struct iovec iov[4];
	char b[4][8];
	int i;

	pair();
	memset(mm, 0, sizeof(mm));
	for (i = 0; i < 4; i++) {
		iov[i] = (struct iovec){ b[i], 8 };
		mm[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	put("a");
	put("bb");
	put("ccc");
	EXPECT_EQ(SYS(recvmmsg(rx, mm, 4, MSG_DONTWAIT, NULL)), 3);
	EXPECT_EQ(mm[0].msg_len, 1);
	EXPECT_EQ(mm[2].msg_len, 3);
}

/* rows 1.11.3 */
TEST(destname)
{
	char b[8];
	union { struct cmsghdr h; char c[256]; } c;
	struct iovec iov = { b, 8 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct sockaddr_tipc to;
	uint32_t name[3];

	pair();
	ASSERT_EQ(tu_bind(rx, T, 5, 9, 0), 0);
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 7), 1);
	m.msg_control = &c;
	m.msg_controllen = sizeof(c);
	EXPECT_EQ(SYS(recvmsg(rx, &m, MSG_DONTWAIT)), 1);
	ASSERT_TRUE(CMSG_FIRSTHDR(&m));
	EXPECT_EQ(c.h.cmsg_level, SOL_TIPC);
	EXPECT_EQ(c.h.cmsg_type, TIPC_DESTNAME);
	EXPECT_EQ(c.h.cmsg_len, CMSG_LEN(12));
	memcpy(name, CMSG_DATA(&c.h), 12);
	EXPECT_EQ(name[0], T);
	EXPECT_EQ(name[1], 7);
	EXPECT_EQ(name[2], 7);
	EXPECT_TRUE(!CMSG_NXTHDR(&m, &c.h));
	/* none with a message sent to the socket address */
	to = tu_self(rx);
	ASSERT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), 1);
	m.msg_controllen = sizeof(c);
	EXPECT_EQ(SYS(recvmsg(rx, &m, MSG_DONTWAIT)), 1);
	EXPECT_EQ(m.msg_controllen, 0);
}

/* rows 1.6.12 */
TEST(returned_plain)
{
	struct sockaddr_tipc to, src;
	char b[8];

	pair();
	to = tu_self(rx);
	close(rx);
	ASSERT_EQ(tu_set(tx, TIPC_DEST_DROPPABLE, 0), 0);
	EXPECT_EQ(tu_sendto(tx, "lost", 4, &to, sizeof(to)), 4);
	EXPECT_EQ(tu_poll(tx, POLLIN, 5000), POLLIN);
	EXPECT_EQ(tu_recvfrom(tx, b, 8, MSG_DONTWAIT, &src), 0);
	EXPECT_EQ(src.addr.id.ref, to.addr.id.ref);	/* 1.11.2 */
	EXPECT_TRUE(tu_empty(tx));
}

/* rows 1.11.1 */
TEST(returned_with_control)
{
	char b[8], data[3000];
	union { struct cmsghdr h; char c[2048]; } c;
	struct iovec iov = { b, 8 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c,
			    .msg_controllen = sizeof(c) };
	struct sockaddr_tipc to;
	struct cmsghdr *h;
	uint32_t v[2];

	pair();
	to = tu_self(rx);
	close(rx);
	memset(data, 'd', sizeof(data));
	ASSERT_EQ(tu_set(tx, TIPC_DEST_DROPPABLE, 0), 0);
	EXPECT_EQ(tu_sendto(tx, data, sizeof(data), &to, sizeof(to)), 3000);
	EXPECT_EQ(SYS(recvmsg(tx, &m, MSG_DONTWAIT)), 0);
	h = CMSG_FIRSTHDR(&m);
	ASSERT_TRUE(h);
	EXPECT_EQ(h->cmsg_type, TIPC_ERRINFO);
	memcpy(v, CMSG_DATA(h), 8);
	EXPECT_EQ(v[0], TIPC_ERR_NO_PORT);
	EXPECT_EQ(v[1], 1024);
	h = CMSG_NXTHDR(&m, h);
	ASSERT_TRUE(h);
	EXPECT_EQ(h->cmsg_type, TIPC_RETDATA);		/* 1.11.2 */
	EXPECT_EQ(h->cmsg_len, CMSG_LEN(1024));
	EXPECT_EQ(memcmp(CMSG_DATA(h), data, 1024), 0);
	EXPECT_TRUE(!CMSG_NXTHDR(&m, h));
}

/* rows 1.8.6 */
TEST(unread_returned_at_close)
{
	char b[8];

	pair();
	ASSERT_EQ(tu_set(tx, TIPC_DEST_DROPPABLE, 0), 0);
	put("one");
	put("two");
	close(rx);
	EXPECT_EQ(tu_recv(tx, b, 8, MSG_DONTWAIT), 0);
	EXPECT_EQ(tu_recv(tx, b, 8, MSG_DONTWAIT), 0);
	EXPECT_TRUE(tu_empty(tx));
}

TEST_MAIN("messages are received whole, in order, with their source")
