// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Frames in pieces, as from devices that scatter what they receive: nothing of a message need be in
 * the buffer's first part, and what is read together may be anywhere. All is as in one piece.
 */
#include "wire.h"
#include <sys/uio.h>

static struct wp_world w;
static struct wp *const p = &w.evil;

/* bytes of the first piece, 14 of them Ethernet's, and of the next; within and between words and headers */
static const struct { int head, piece; } cuts[] = {
	{ 14, 2000 }, { 15, 2000 }, { 16, 1 }, { 14, 3 }, { 14, 20 }, { 14, 24 }, { 14 + 24, 4 },
	{ 14, 40 }, { 14 + 40, 2000 }, { 14 + 40, 20 }, { 14 + 32, 7 }, { 14, 60 }, { 14 + 60, 1 },
	{ 14, 90 }, { 60, 100 }, { 2000, 2000 },
};
#define CUTS ((int)(sizeof(cuts) / sizeof(cuts[0])))

static void cut(int n)
{
	p->head = cuts[n].head;
	p->piece = cuts[n].piece;
	ktap_note("%d bytes, then %d each", p->head, p->piece);
}

/* rows 10.7: the kernel takes pieces for fragments, of which none may be empty */
TEST(in_pieces)
{
	uint8_t frame[60] = { 0 };
	struct iovec io[2] = { { frame, sizeof(frame) }, { frame, 0 } };

	wp_world_tap(&w);
	EXPECT_EQ(SYS(writev(p->fd, io, 1)), sizeof(frame));
	EXPECT_EQ(SYS(writev(p->fd, io, 2)), -EINVAL);
}

/* the link is there, whatever a machine that stood still may have done to it */
static void linked(void)
{
	ASSERT_TRUE(wp_revive(p));
}

/* as somebody else on the wire; whether that is answered */
static int answered(int n)
{
	struct wp o = *p;
	struct wf f;

	o.own = 0x01001100 + n;
	o.mac[5] = 16 + n;
	wp_beacon(&o, &f, WD_REQUEST);
	/* its own calls come between */
	for (int i = 0; i < 20; i++) {
		wp_send(&o, &f);
		while (wp_wait(p, WU_DISC, 500))
			if (wf_type(&p->last) == WD_RESPONSE && wf_get(&p->last, 2) == o.own)
				return 1;
	}
	return 0;
}

/* rows 10.7, 10.22, 11.5 */
TEST(beacons)
{
	wp_world_tap(&w);
	for (int n = 0; n < CUTS; n++) {
		cut(n);
		EXPECT_TRUE(answered(n));
		EXPECT_EQ(wp_nodes(), n + 1);
	}
}

/* contact and its end, on a link that comes and goes */
/* rows 10.7, 6.1 */
TEST(protocol)
{
	wp_world_tap(&w);
	for (int n = 0; n < CUTS; n++) {
		cut(n);
		ASSERT_TRUE(wp_up(p));
		EXPECT_TRUE(wp_alive(p));
		EXPECT_EQ(wp_nodes(), 1);
	}
}

/* until the node says what it should of a name, 10 s at most */
static int reach(int n, int expected)
{
	double end = ktap_now() + 10;
	int r;

	while ((r = tu_reach(tu_type(0), n)) != expected && ktap_now() < end)
		wp_pump(p, 10);
	return r;
}

/* as many as a message takes, made known and withdrawn */
/* rows 10.7, 3.8, 3.9 */
TEST(names)
{
	enum { MANY = 70 };
	struct wf f;

	wp_world_tap(&w);
	for (int n = 0; n < CUTS; n++) {
		uint32_t lower = 100 * n;

		cut(n);
		linked();
		wp_name(p, &f, MANY, tu_type(0), lower, lower);
		wp_packet(p, &f);
		EXPECT_EQ(reach(lower, 0), 0);
		EXPECT_EQ(reach(lower + MANY - 1, 0), 0);
		EXPECT_EQ(reach(lower + MANY, -EHOSTUNREACH), -EHOSTUNREACH);
		wp_name(p, &f, MANY - 1, tu_type(0), lower, lower);
		wf_bits(&f, 1, 29, 7, 1);
		wp_packet(p, &f);
		EXPECT_EQ(reach(lower + MANY - 2, -EHOSTUNREACH), -EHOSTUNREACH);
		EXPECT_EQ(reach(lower, -EHOSTUNREACH), -EHOSTUNREACH);
		EXPECT_EQ(reach(lower + MANY - 1, 0), 0);
	}
}

/* what comes to the test's socket is so long, its bytes counted up from `from` */
static void expect(int len, int from)
{
	static unsigned char b[66000];
	struct sockaddr_tipc source;
	int bad = 0;

	tu_rcvtimeo(w.sock, 10000);
	ASSERT_EQ(tu_recvfrom(w.sock, b, sizeof(b), 0, &source), len);
	EXPECT_EQ(source.addr.id.ref, 77);
	EXPECT_EQ(source.addr.id.node, p->own);
	for (int i = 0; i < len; i++)
		bad += b[i] != (unsigned char)(from + i);
	EXPECT_EQ(bad, 0);
}

/* rows 10.7, 1.6.7 */
TEST(data)
{
	static const int sizes[] = { 1, 3, 16, 100, 1000, 1468 };
	uint32_t port;
	struct wf f;

	wp_world_tap(&w);
	port = tu_self(w.sock).addr.id.ref;
	for (int n = 0; n < CUTS; n++) {
		cut(n);
		linked();
		for (int i = 0; i < 6; i++) {
			wp_direct(p, &f, 77, port, sizes[i]);
			wp_packet(p, &f);
			expect(sizes[i], 0);
		}
	}
}

/* a message in three fragments: 32 bytes of its header, and 700 bytes, in the first */
/* rows 10.7, 6.25 */
TEST(fragments)
{
	struct wf f, in;
	uint32_t port;

	wp_world_tap(&w);
	port = tu_self(w.sock).addr.id.ref;
	for (int n = 0; n < CUTS; n++) {
		cut(n);
		linked();
		wp_direct(p, &in, 77, port, 700);
		wf_bits(&in, 0, 0, 0x1ffff, 32 + 2000);
		for (int i = 0; i < 3; i++) {
			int size = (int[]){ 732, 800, 500 }[i], done = (int[]){ 0, 700, 1500 }[i];

			wp_new(p, &f, WU_FRAGMENT, i, 40, size);
			wf_bits(&f, 4, 16, 0xffff, i + 1);
			for (int k = 0; k < size; k++)
				f.b[40 + k] = i ? done + k : in.b[k];
			wp_packet(p, &f);
		}
		expect(2000, 0);
	}
}

/* several messages in one, of all lengths modulo four */
/* rows 10.7, 6.23 */
TEST(bundles)
{
	struct wf f, in;
	uint32_t port;

	wp_world_tap(&w);
	port = tu_self(w.sock).addr.id.ref;
	for (int n = 0; n < CUTS; n++) {
		int at = 40;

		cut(n);
		linked();
		wp_new(p, &f, WU_BUNDLE, 0, 40, 1400);
		for (int i = 1; i <= 8; i++) {
			wp_direct(p, &in, 77, port, 11 * i);
			memcpy(f.b + at, in.b, in.len);
			at += (in.len + 3) & ~3;
		}
		f.len = at;
		wf_bits(&f, 0, 0, 0x1ffff, at);
		wf_bits(&f, 9, 16, 0xffff, 8);
		wp_packet(p, &f);
		for (int i = 1; i <= 8; i++)
			expect(11 * i, 0);
	}
}

/* a peer by a tap and one by a veth, each of which meets the node as new, talk to it all the while */
/* rows 10.7 */
TEST(beside)
{
	wp_world_tap(&w);
	for (int n = 0; n < 4; n++) {
		cut(n);
		linked();
		wp_check(&w);
	}
}

TEST_MAIN("frames in pieces are taken as those in one")
