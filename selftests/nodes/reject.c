// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* What cannot be delivered on another node: it comes back, with the reason, or goes on. */
#include "nodes.h"
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#define TYPE tu_type(0)

static char buf[66000], back[66000];

/* a socket whose messages come back */
static int returnable(void)
{
	int fd = tu_socket(SOCK_RDM);

	ASSERT_EQ(tu_set(fd, TIPC_DEST_DROPPABLE, 0), 0);
	tu_rcvtimeo(fd, 5000);
	return fd;
}

static void expect_back(int fd, int error, int sent, int named)
{
	struct tc_told told;
	int data = sent > 1024 ? 1024 : sent;

	EXPECT_EQ(tc_recv(fd, back, sizeof(back), 0, &told), 0);
	EXPECT_EQ(told.error, error);
	EXPECT_EQ(told.length, data);
	EXPECT_EQ(told.data, data);
	EXPECT_TRUE(!memcmp(told.ret, buf, data));
	EXPECT_EQ(told.named, named);
}

static void fill(void)
{
	for (unsigned int i = 0; i < sizeof(buf); i++)
		buf[i] = i * 7 + i / 251;
}

/* rows 1.14.3, 1.11.1, 1.11.2, 1.14.2 */
TEST(no_port)
{
	static const int sizes[] = { 1, 1000, 1024, 1025, 1400, 5000, 66000 };
	struct sockaddr_tipc to, src;
	int s;

	nd_two(0);
	fill();
	s = returnable();
	to = tu_id(4711, nd_addr[1]);
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		ASSERT_EQ(tu_sendto(s, buf, sizes[i], &to, sizeof(to)), sizes[i]);
		expect_back(s, TIPC_ERR_NO_PORT, sizes[i], 0);
	}
	/* where it comes from is where it could not go */
	ASSERT_EQ(tu_sendto(s, buf, 10, &to, sizeof(to)), 10);
	EXPECT_EQ(tu_recvfrom(s, back, sizeof(back), 0, &src), 0);
	EXPECT_EQ(src.addr.id.ref, 4711);
	EXPECT_EQ(src.addr.id.node, nd_addr[1]);
	EXPECT_EQ(nd_wire->errors[1], 8);
	EXPECT_EQ(nd_wire->last_length[1], 32 + 10);
}

/* rows 1.14.3, 2.5, 1.11.3 */
TEST(no_name)
{
	struct sockaddr_tipc to;
	int s;

	nd_two(0);
	fill();
	s = returnable();
	/* that node looks it up */
	to = nd_name_at(TYPE, 5, 1);
	ASSERT_EQ(tu_sendto(s, buf, 77, &to, sizeof(to)), 77);
	expect_back(s, TIPC_ERR_NO_NAME, 77, 1);
	EXPECT_EQ(nd_wire->last_length[1], 40 + 77);
	/* a binding of the sender's own node is none there */
	tu_bound(TYPE, 5);
	ASSERT_EQ(tu_sendto(s, buf, 78, &to, sizeof(to)), 78);
	expect_back(s, TIPC_ERR_NO_NAME, 78, 1);
}

/* rows 1.5.2, 1.14.1 */
TEST(no_node)
{
	struct sockaddr_tipc to = tu_id(1, 0x01001099);
	int s;

	nd_two(0);
	s = returnable();
	EXPECT_EQ(tu_sendto(s, buf, 10, &to, sizeof(to)), -EHOSTUNREACH);
	to = tu_name(TYPE, 1);
	to.addr.name.domain = 0x01001099;
	EXPECT_EQ(tu_sendto(s, buf, 10, &to, sizeof(to)), -EHOSTUNREACH);
	/* droppable, as datagrams are unless told otherwise: nothing comes back */
	to = tu_id(4711, nd_addr[1]);
	ASSERT_EQ(tu_set(s, TIPC_DEST_DROPPABLE, 1), 0);
	EXPECT_EQ(tu_sendto(s, buf, 10, &to, sizeof(to)), 10);
	ASSERT_EQ(tu_set(s, TIPC_DEST_DROPPABLE, 0), 0);
	EXPECT_EQ(tu_sendto(s, buf, 11, &to, sizeof(to)), 11);
	expect_back(s, TIPC_ERR_NO_PORT, 11, 0);
	EXPECT_TRUE(tu_empty(s));
}

/* rows 1.12.3, 1.12.4, 1.14.3 */
TEST(overload)
{
	struct sockaddr_tipc to = tu_name(TYPE, 1);
	int sink, s, n = 0, refused = 0, small = 20000, depth;
	double end;

	nd_two(0);
	fill();
	sink = nd_bound(1, TYPE, 1);
	nd_wait_name(0, TYPE, 1, 1);
	/* what asked for the name has come, and is read over as it is empty */
	nd_wait_depth(sink, 1);
	ASSERT_EQ(tu_recv(sink, back, sizeof(back), MSG_DONTWAIT), -EAGAIN);
	ASSERT_EQ(SYS(setsockopt(sink, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small))), 0);
	s = returnable();
	do
		ASSERT_EQ(tu_sendto(s, buf, 1000, &to, sizeof(to)), 1000);
	while (++n < 100 && !tu_poll(s, POLLIN, 20));
	/* more than one may be too many: each is there or comes back */
	end = ktap_now() + 20;
	while ((depth = tu_get(sink, TIPC_SOCK_RECVQ_DEPTH)) + refused < n && ktap_now() < end)
		if (tu_poll(s, POLLIN, 5)) {
			expect_back(s, TIPC_ERR_OVERLOAD, 1000, 1);
			refused++;
		}
	EXPECT_GE(refused, 1);
	ASSERT_EQ(depth + refused, n);
	/* what is of importance has more room */
	ASSERT_EQ(tu_set(s, TIPC_IMPORTANCE, TIPC_HIGH_IMPORTANCE), 0);
	ASSERT_EQ(tu_sendto(s, buf, 1000, &to, sizeof(to)), 1000);
	nd_wait_depth(sink, depth + 1);
	EXPECT_TRUE(tu_empty(s));
}

/* rows 1.8.6, 1.14.1 */
TEST(closed_unread)
{
	struct sockaddr_tipc to = tu_name(TYPE, 1);
	int sink, s;

	nd_two(0);
	fill();
	sink = nd_bound(1, TYPE, 1);
	nd_wait_name(0, TYPE, 1, 1);
	/* what asked for the name has come, and is read over as it is empty */
	nd_wait_depth(sink, 1);
	ASSERT_EQ(tu_recv(sink, back, sizeof(back), MSG_DONTWAIT), -EAGAIN);
	s = returnable();
	for (int i = 1; i <= 3; i++)
		ASSERT_EQ(tu_sendto(s, buf, 2000 * i, &to, sizeof(to)), 2000 * i);
	nd_wait_depth(sink, 3);
	close(sink);
	for (int i = 1; i <= 3; i++)
		expect_back(s, TIPC_ERR_NO_PORT, 2000 * i, 1);
	/* nor is there the name any more */
	nd_wait_name(0, TYPE, 1, 0);
}

/* a socket goes while messages for it are on their way: they are looked up once more */
/* rows 1.14.4 */
TEST(second_look)
{
	struct sockaddr_tipc to = tu_name(TYPE, 1);
	int first, second, s, got = 0;
	struct tc_told told;

	nd_two(ND_IDENTITY);
	fill();
	first = nd_bound(1, TYPE, 1);
	second = nd_bound(1, TYPE, 1);
	nd_wait_name(0, TYPE, 1, 1);
	nd_settle();
	s = returnable();
	nd_wire->hold[0] = 1;
	for (int i = 0; i < 4; i++)
		ASSERT_EQ(tu_sendto(s, buf, 100 + i, &to, sizeof(to)), 100 + i);
	close(first);
	nd_wire->hold[0] = 0;
	tu_rcvtimeo(second, 5000);
	while (got < 4 && tu_recv(second, back, sizeof(back), 0) > 0)
		got++;
	EXPECT_EQ(got, 4);
	/* both are gone: no such name */
	nd_settle();
	nd_wire->hold[0] = 1;
	ASSERT_EQ(tu_sendto(s, buf, 50, &to, sizeof(to)), 50);
	close(second);
	nd_wire->hold[0] = 0;
	EXPECT_EQ(tc_recv(s, back, sizeof(back), 0, &told), 0);
	EXPECT_EQ(told.error, TIPC_ERR_NO_NAME);
}

/* the same, and who has the name, too, is on the sender's own node: the message goes on to it */
/* rows 1.14.4 */
TEST(second_look_elsewhere)
{
	struct sockaddr_tipc to = tu_name(TYPE, 1);
	int there, here, s, got = 0;

	nd_two(ND_IDENTITY);
	fill();
	here = tu_bound(TYPE, 1);
	nd_wait_name(1, TYPE, 1, 1);
	/* what asked for the name */
	nd_wait_depth(here, 1);
	there = nd_bound(1, TYPE, 1);
	nd_wait_bound(0, TYPE, 1, 2);
	s = returnable();
	nd_wire->hold[0] = 1;
	/* each of the two gets every second one */
	for (int i = 0; i < 6; i++)
		ASSERT_EQ(tu_sendto(s, buf, 100 + i, &to, sizeof(to)), 100 + i);
	EXPECT_EQ(tu_get(here, TIPC_SOCK_RECVQ_DEPTH), 1 + 3);
	close(there);
	nd_wire->hold[0] = 0;
	tu_rcvtimeo(here, 5000);
	while (got < 6 && tu_recv(here, back, sizeof(back), 0) > 0)
		got++;
	EXPECT_EQ(got, 6);
	EXPECT_TRUE(tu_empty(s));
}

/* an Ethernet device whose frames a program reads and writes, up */
static int tap(void)
{
	struct ifreq r = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = SYS(open("/dev/net/tun", O_RDWR)), s = SYS(socket(AF_INET, SOCK_DGRAM, 0));

	if (fd < 0 && !system("modprobe tun 2>/dev/null"))
		fd = SYS(open("/dev/net/tun", O_RDWR));
	if (fd < 0)
		SKIP("no tap device: %s", strerror(-fd));
	strcpy(r.ifr_name, "wire");
	ASSERT_EQ(SYS(ioctl(fd, TUNSETIFF, &r)), 0);
	ASSERT_EQ(SYS(ioctl(s, SIOCGIFFLAGS, &r)), 0);
	r.ifr_flags |= IFF_UP;
	ASSERT_EQ(SYS(ioctl(s, SIOCSIFFLAGS, &r)), 0);
	close(s);
	return fd;
}

/*
 * A frame that a program of this machine has sent still belongs to that program's socket, here that
 * of the tap device, and is charged to it by its size. C changes the size and does not let go of
 * the owner: 'refcount_t: underflow; use-after-free', so this is not run there.
 */
/* rows 1.12.8 */
TEST(owner)
{
	struct sockaddr_tipc to = tu_name(tu_type(0), 1);
	int sink, s;

	if (tu_is_c())
		SKIP("the C module corrupts the owner's count");
	nd_two_by(tap);
	sink = nd_bound(1, tu_type(0), 1);
	nd_wait_name(0, tu_type(0), 1, 1);
	s = tu_socket(SOCK_RDM);
	ASSERT_EQ(tu_set(s, TIPC_DEST_DROPPABLE, 0), 0);
	for (int len = 1; len < 60000; len += 1777)
		ASSERT_EQ(tu_sendto(s, buf, len, &to, sizeof(to)), len);
	for (int len = 1; len < 60000; len += 1777)
		ASSERT_EQ(tu_recv(sink, buf, sizeof(buf), 0), len);
	/* some come back, too */
	to = tu_id(4711, nd_addr[1]);
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(tu_sendto(s, buf, 900 * i + 1, &to, sizeof(to)), 900 * i + 1);
		EXPECT_EQ(tu_recv(s, buf, sizeof(buf), 0), 0);
	}
}

TEST_MAIN("what cannot be delivered on another node comes back with the reason")
