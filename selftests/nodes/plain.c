// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * A device that takes a packet only in one piece of memory ('ethtool -K DEVICE sg off'), as virtio-net
 * without checksums is: messages go by it as by any other, whatever it can do meanwhile.
 */
#include "nodes.h"
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define TYPE tu_type(0)
#define RANGE tu_type(1)
#define MOST 66000

static unsigned char out[MOST], in[MOST + 1];

static int device(uint32_t what, uint32_t value)
{
	struct ethtool_value v = { what, value };
	struct ifreq r = { .ifr_data = (void *)&v };
	int fd = SYS(socket(AF_INET, SOCK_DGRAM, 0));

	ASSERT_GE(fd, 0);
	strcpy(r.ifr_name, "wire");
	ASSERT_EQ(SYS(ioctl(fd, SIOCETHTOOL, &r)), 0);
	close(fd);
	return v.data;
}

/* whether the devices of both nodes gather; the test is on node 0 then */
static void gathers(int on)
{
	for (int node = 1; node >= 0; node--) {
		nd_at(node);
		device(ETHTOOL_SSG, on);
		ASSERT_EQ(device(ETHTOOL_GSG, 0), on);
	}
}

static void fill(unsigned char *b, int len, unsigned int number)
{
	for (int i = 0; i < len; i++)
		b[i] = number * 7 + i + i / 251;
}

/* around what fits beside a header, into a packet and into several, and what is above that */
static const int sizes[] = {
	1, 64, 1387, 1388, 1389, 1399, 1400, 1401, 1415, 1416, 1417, 1440, 1441, 1460, 1461, 1500,
	2775, 2776, 2777, 2799, 2800, 2801, 3071, 3072, 3073, 4096, 9000, 16384, 32768, 65535, 65999, MOST,
};
#define SIZES ((int)(sizeof(sizes) / sizeof(sizes[0])))

static void is_whole(int fd, int len, unsigned int number)
{
	ASSERT_EQ(tu_recv(fd, in, sizeof(in), 0), len);
	fill(out, len, number);
	EXPECT_EQ(memcmp(in, out, len), 0);
}

static void there_and_back(struct sockaddr_tipc to, int from, int sink)
{
	for (int n = 0; n < SIZES; n++) {
		fill(out, sizes[n], n);
		ASSERT_EQ(tu_sendto(from, out, sizes[n], &to, sizeof(to)), sizes[n]);
		is_whole(sink, sizes[n], n);
	}
}

/* rows 10.8, 10.22, 6.24, 6.25 */
TEST(whole)
{
	int sinks[2], s[2];

	nd_two(0);
	for (int node = 0; node < 2; node++) {
		sinks[node] = nd_bound(node, TYPE, node);
		tu_rcvtimeo(sinks[node], 10000);
		s[node] = nd_socket(node, SOCK_RDM);
	}
	nd_wait_name(0, TYPE, 1, 1);
	nd_wait_name(1, TYPE, 0, 1);
	for (int on = 0; on < 2; on++) {
		gathers(on);
		for (int node = 0; node < 2; node++)
			there_and_back(tu_self(sinks[!node]), s[node], sinks[!node]);
	}
}

/* rows 6.24: from many places of the user's memory, and not at all from one that cannot be read */
TEST(gathered)
{
	char *edge = tu_edge(3000);
	struct sockaddr_tipc to;
	struct iovec io[5] = { { out, 1 }, { out + 1, 1398 }, { out + 1399, 2 }, { out + 1401, 5000 },
			       { out + 6401, 2599 } };
	struct msghdr m = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = io, .msg_iovlen = 5 };
	int sink, s;

	nd_two(0);
	sink = nd_bound(1, TYPE, 1);
	tu_rcvtimeo(sink, 10000);
	to = tu_self(sink);
	gathers(0);
	s = tu_socket(SOCK_RDM);
	fill(out, 9000, 3);
	ASSERT_EQ(SYS(sendmsg(s, &m, 0)), 9000);
	is_whole(sink, 9000, 3);
	for (int len = 3001; len < 9000; len += 777)
		EXPECT_EQ(tu_sendto(s, edge, len, &to, sizeof(to)), -EFAULT);
	EXPECT_EQ(tu_sendto(s, edge, 3000, &to, sizeof(to)), 3000);
	EXPECT_EQ(tu_recv(sink, in, sizeof(in), 0), 3000);
	EXPECT_EQ(memcmp(in, edge, 3000), 0);
	EXPECT_TRUE(tu_empty(sink));
}

/* rows 7.14, 7.15: to both nodes, as copies and by the broadcast link */
TEST(multicast)
{
	struct sockaddr_tipc to = tu_range(RANGE, 1, 2, 0);
	int sinks[2], s;

	nd_two(0);
	for (int node = 0; node < 2; node++) {
		sinks[node] = nd_bound(node, RANGE, node + 1);
		tu_rcvtimeo(sinks[node], 10000);
	}
	nd_wait_name(0, RANGE, 2, 1);
	while (tu_recv(sinks[1], in, sizeof(in), MSG_DONTWAIT) >= 0)
		;
	gathers(0);
	s = tu_socket(SOCK_RDM);
	for (int way = 0; way < 2; way++) {
		ASSERT_EQ(SYS(setsockopt(s, SOL_TIPC, way ? TIPC_MCAST_REPLICAST : TIPC_MCAST_BROADCAST,
					 NULL, 0)), 0);
		for (int n = 0; n < SIZES; n++) {
			fill(out, sizes[n], n);
			ASSERT_EQ(tu_sendto(s, out, sizes[n], &to, sizeof(to)), sizes[n]);
			is_whole(sinks[1], sizes[n], n);
			is_whole(sinks[0], sizes[n], n);
		}
	}
}

/* a request with data in it, then both ways */
static void connection(int type)
{
	struct sockaddr_tipc to;
	int l, s, c, got = 0;

	nd_two(0);
	l = nd_listener(1, type, TYPE, 1);
	tu_rcvtimeo(l, 10000);
	nd_wait_name(0, TYPE, 1, 1);
	to = tu_name(TYPE, 1);
	gathers(0);
	s = tu_socket(type);
	fill(out, 5000, 1);
	ASSERT_EQ(SYS(sendto(s, out, 5000, MSG_DONTWAIT, (void *)&to, sizeof(to))), 5000);
	c = SYS(accept(l, NULL, NULL));
	ASSERT_GE(c, 0);
	tu_rcvtimeo(c, 10000);
	is_whole(c, 5000, 1);
	fill(out, 2500, 2);
	ASSERT_EQ(SYS(send(c, out, 2500, 0)), 2500);
	tu_rcvtimeo(s, 10000);
	is_whole(s, 2500, 2);
	fill(out, 30000, 3);
	ASSERT_EQ(SYS(send(s, out, 30000, 0)), 30000);
	while (got < 30000) {
		int n = tu_recv(c, in + got, sizeof(in) - got, 0);

		ASSERT_GE(n, 1);
		got += n;
	}
	EXPECT_EQ(got, 30000);
	EXPECT_EQ(memcmp(in, out, 30000), 0);
}

/* rows 6.24 */
TEST(packets)
{
	connection(SOCK_SEQPACKET);
}

/* rows 6.24 */
TEST(bytes)
{
	connection(SOCK_STREAM);
}

/* rows 6.25: the first bytes of what nobody is there for come back */
TEST(returned)
{
	struct sockaddr_tipc to;
	int s, n;

	nd_two(0);
	gathers(0);
	to = tu_id(4711, nd_addr[1]);
	s = tu_socket(SOCK_RDM);
	ASSERT_EQ(tu_set(s, TIPC_DEST_DROPPABLE, 0), 0);
	tu_rcvtimeo(s, 10000);
	for (int i = 0; i < 10; i++) {
		n = 1380 + i * 1111;
		ASSERT_EQ(tu_sendto(s, out, n, &to, sizeof(to)), n);
		EXPECT_EQ(tu_recv(s, in, sizeof(in), 0), 0);
	}
}

/* rows 10.11: it changes while messages are on their way: none is lost or spoiled, and the link stays */
TEST(change)
{
	/* more on their way than this might not fit a reader that has to wait for its turn */
	enum { AHEAD = 64 };
	struct { volatile unsigned int stop, sent, taken; } *shared;
	struct sockaddr_tipc to;
	unsigned int number = 0, changes = 0;
	double end = ktap_now() + 5;
	int sink, s;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(shared != MAP_FAILED);
	nd_two(0);
	sink = nd_bound(1, TYPE, 1);
	tu_rcvtimeo(sink, 10000);
	to = tu_self(sink);
	s = tu_socket(SOCK_RDM);
	if (!fork()) {
		for (; !shared->stop; shared->sent++) {
			int len = sizes[shared->sent % SIZES];

			while (shared->sent - shared->taken >= AHEAD && !shared->stop)
				ktap_sleep_ms(1);
			fill(out, len, shared->sent);
			if (tu_sendto(s, out, len, &to, sizeof(to)) != len)
				ktap_exit();
		}
		ktap_exit();
	}
	while (ktap_now() < end || number < SIZES * 3) {
		if (number % 7 == 0) {
			device(ETHTOOL_SSG, changes & 1);
			changes++;
		}
		is_whole(sink, sizes[number % SIZES], number);
		shared->taken = ++number;
	}
	shared->stop = 1;
	while (number < shared->sent) {
		is_whole(sink, sizes[number % SIZES], number);
		number++;
	}
	ktap_note("%u messages, %u changes", number, changes);
}

TEST_MAIN("a device that takes packets in one piece carries all that others do")
