// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* How large the packets of the broadcast link are, and by which bearers they leave. */
#include "peers.h"

#define PAGE_MTU 3520		/* what a page takes, on 64-bit x86 */
#define RESERVE 72		/* kept free in each packet, for a tunnel's header and for encryption */

static uint8_t out[20000], in[sizeof(out) + MULTICAST_HEADER];

/* a broadcast of len bytes, as it comes to the peer, whole; the size of its first packet */
static int first_packet(struct wp *p, int s, int len)
{
	int got = 0, first = 0;
	struct wf f;

	for (int i = 0; i < len; i++)
		out[i] = i * 3 + i / 256 + len;
	multicast(s, out, len, 2);
	while (got < MULTICAST_HEADER + len) {
		int head;

		ASSERT_EQ(next_of(p, &f, 10000), PACKET_BROADCAST);
		ASSERT_TRUE(is_broadcast(&f));
		ASSERT_EQ(size_of(&f), f.len);
		if (!first)
			first = f.len;
		ASSERT_TRUE(f.len <= first);
		head = wf_user(&f) == WU_FRAGMENT ? FRAGMENT_HEADER : 0;
		ASSERT_TRUE(got + f.len - head <= (int)sizeof(in));
		memcpy(in + got, f.b + head, f.len - head);
		got += f.len - head;
	}
	EXPECT_EQ(got, MULTICAST_HEADER + len);
	EXPECT_EQ(memcmp(in + MULTICAST_HEADER, out, len), 0);
	return first;
}

/* as large as `most`, and in one packet if it fits */
static void expect_packets(struct wp *p, int s, int most)
{
	EXPECT_EQ(first_packet(p, s, 10000), most);
	EXPECT_EQ(first_packet(p, s, most - MULTICAST_HEADER), most);
	EXPECT_EQ(first_packet(p, s, most - MULTICAST_HEADER + 1), most);
	EXPECT_EQ(first_packet(p, s, most - MULTICAST_HEADER - 1), most - 1);
}

static void sized(const char *pair, int mtu)
{
	char command[128];

	snprintf(command, sizeof(command), "/bin/ip link set v%s mtu %d && /bin/ip link set w%s mtu %d",
		 pair, mtu, pair, mtu);
	ASSERT_EQ(system(command), 0);
}

/* the node loses a peer at once */
static void again(const char *bearer)
{
	ASSERT_EQ(wp_bearer(bearer, 0), 0);
	ASSERT_EQ(wp_bearer(bearer, 1), 0);
	patience(bearer);
}

/* rows 7.2: a page, then what all bearers with peers take, until there is none */
TEST(size)
{
	int s;

	wp_world_of_one(&w);
	sized("0", 9000);
	sized("1", 2000);
	patience("eth:v0");
	patience("eth:v1");
	s = sender(BY_BROADCAST);
	meet(a);
	bind_at(a, 1);
	expect_packets(a, s, PAGE_MTU - RESERVE);
	meet(b);
	expect_packets(a, s, 2000 - RESERVE);
	/* it is not given back as long as somebody is there */
	again("eth:v1");
	expect_packets(a, s, 2000 - RESERVE);
	again("eth:v0");
	a->up = 0;
	meet(a);
	bind_at(a, 1);
	expect_packets(a, s, PAGE_MTU - RESERVE);
}

/* how often a broadcast comes to each end of the wires: 1 on the first, 16 on the second */
static int wires(int s)
{
	static uint8_t what;
	int at = 0;
	struct wf f;

	say(s, ++what, 2);
	/* it is sent to all wires at once */
	for (double end = ktap_now() + 5; !at && ktap_now() < end; ) {
		while (comes(a, &f, what, 100) >= 0)
			at++;
		while (comes(b, &f, what, 100) >= 0)
			at += 16;
	}
	return at;
}

/* rows 7.4: the wire that leads to all, else each that leads to somebody */
TEST(bearers)
{
	struct wp second;
	struct wf f;
	int s;

	wp_world_of_one(&w);
	patience("eth:v0");
	patience("eth:v1");
	b->shares = 1;
	s = sender(BY_BROADCAST);
	/* one peer, on the first wire */
	meet(a);
	bind_at(a, 1);
	EXPECT_EQ(wires(s), 1);
	/* it is on both: the first one, to which our address points */
	wp_open(&second, "w1", a->own);
	second.bearer = 1;
	ASSERT_TRUE(wp_up(&second));
	EXPECT_EQ(wires(s), 1);
	/* another one, on the second wire, which leads to both then */
	meet(b);
	EXPECT_EQ(wires(s), 16);
	/* none leads to both; the node is there still, by the first wire */
	second.session++;
	wp_protocol(&second, &f, WL_RESET, 16);
	wf_bits(&f, 5, 12, 1, 1);
	wp_send(&second, &f);
	ASSERT_TRUE(wp_alive(b));
	EXPECT_EQ(wires(s), 17);
	/* the other one, on the second wire only */
	ASSERT_EQ(wp_bearer("eth:v0", 0), 0);
	bind_at(b, 2);
	EXPECT_EQ(wires(s), 16);
}

/* rows 7.4: the one to which our address points is the first that was enabled, whatever its name */
TEST(bearer_chosen)
{
	struct wp second;
	int s;

	wp_world_of_one(&w);
	ASSERT_EQ(wp_bearer("eth:v0", 0), 0);
	ASSERT_EQ(wp_bearer("eth:v1", 0), 0);
	ASSERT_EQ(wp_bearer("eth:v1", 1), 0);
	ASSERT_EQ(wp_bearer("eth:v0", 1), 0);
	patience("eth:v0");
	patience("eth:v1");
	s = sender(BY_BROADCAST);
	meet(a);
	bind_at(a, 1);
	EXPECT_EQ(wires(s), 1);
	wp_open(&second, "w1", a->own);
	second.bearer = 1;
	ASSERT_TRUE(wp_up(&second));
	EXPECT_EQ(wires(s), 16);
}

TEST_MAIN("how large broadcasts are, and where they go")
