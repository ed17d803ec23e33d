// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Fields of beacons, in each kind of them; lib/wire.h shows the frames as they are. */
#include "beacon.h"

#define KINDS 4
#define SYN_BIT 1	/* of the capabilities */

static struct wf of[KINDS];	/* by type */

/* a beacon of each kind */
static struct wp *collect(void)
{
	struct wp *p = node("nodeA", 0);
	struct wf f, *got;

	of[WD_TRIAL] = *first(p, WD_TRIAL, -1);
	of[WD_REQUEST] = *first(p, WD_REQUEST, -1);
	wp_beacon(p, &f, WD_REQUEST);
	wp_send_to(p, everybody, &f);
	of[WD_RESPONSE] = *first(p, WD_RESPONSE, -1);
	/* somebody else tries the node's address */
	wp_beacon(p, &f, WD_TRIAL);
	wf_put(&f, 3, NODE_A);
	wf_put(&f, 15, 0x55);
	wp_send_to(p, everybody, &f);
	got = answer(p, WD_TRIAL_FAIL, NODE_A);
	ASSERT_TRUE(got);
	of[WD_TRIAL_FAIL] = *got;
	for (int i = 0; i < KINDS; i++) {
		EXPECT_EQ(wf_user(&of[i]), WU_DISC);
		EXPECT_EQ(wf_type(&of[i]), i);
		EXPECT_EQ(of[i].len, 76);
	}
	return p;
}

/* bytes that are not 0 in [from, to) */
static int not_zero(const struct wf *f, int from, int to)
{
	int n = 0;

	for (int i = from; i < to; i++)
		n += f->b[i] != 0;
	return n;
}

/* 32 bytes from byte 20 on: Ethernet is medium 1, six bytes of address from byte 4 on */
/* rows 15.6 */
TEST(media_address)
{
	struct wp *p = collect();

	for (int i = 0; i < KINDS; i++) {
		EXPECT_EQ(not_zero(&of[i], 20, 23), 0);
		EXPECT_EQ(of[i].b[20 + 3], 1);
		EXPECT_EQ(memcmp(of[i].b + 20 + 4, p->theirs, 6), 0);
		EXPECT_EQ(not_zero(&of[i], 20 + 4 + 6, 20 + 32), 0);
	}
}

/* a node can all there is up to names by broadcast, and a bit above that is free */
/* rows 5.9 */
TEST(capabilities)
{
	collect();
	for (int i = 0; i < KINDS; i++) {
		EXPECT_EQ(wf_get(&of[i], 1) >> 29, i);
		EXPECT_EQ(wf_get(&of[i], 1) >> 15 & 0x3fff, 0xfff);
	}
}

/* the signature has 16 bits but its highest is a capability, too, and so always 1 */
/* rows 11.9 */
TEST(signature)
{
	uint32_t seen[6];
	int n, i, same = 0;

	for (n = 0; n < 6; n++) {
		if (n == 0) {
			collect();
		} else {
			struct wp *p = node("nodeA", 0);

			of[0] = *first(p, WD_TRIAL, -1);
		}
		seen[n] = wf_get(&of[0], 1) & 0xffff;
		EXPECT_EQ(seen[n] >> 15, 1);
		for (i = 1; i < KINDS && !n; i++)
			EXPECT_EQ(wf_get(&of[i], 1) & 0xffff, seen[n]);
		/* each node has its own */
		same += n && seen[n] == seen[0];
	}
	EXPECT_LE(same, 1);
}

/* a message of the peer's to listener l, from a port of its */
static void request(struct wp *p, int l, uint32_t from, int syn)
{
	struct wf f;

	wp_new(p, &f, WU_LOW, 3, 32, 4);
	wf_bits(&f, 0, 17, 1, syn);
	wf_put(&f, 4, from);
	wf_put(&f, 5, tu_self(l).addr.id.ref);
	wp_packet(p, &f);
}

/* a peer that cannot mark its requests: any message is one; that bit of its signature says that it can */
/* rows 11.9, 5.9, 1.3.3 */
TEST(signature_of_an_old_node)
{
	struct sockaddr_tipc a;
	socklen_t len;

	for (uint32_t bit = 0; bit < 2; bit++) {
		struct wp *p = node(NULL, 0);
		int l = tu_socket(SOCK_SEQPACKET), s;

		ASSERT_EQ(SYS(listen(l, 5)), 0);
		/* wp_beacon() has the rest of the signature from the address */
		p->caps = (WP_PLAIN & ~SYN_BIT) | bit;
		p->known = 0;
		ASSERT_TRUE(wp_up(p));
		request(p, l, 70, 0);
		request(p, l, 71, 1);
		s = tc_accept(l);
		len = sizeof(a);
		ASSERT_EQ(SYS(getpeername(s, (void *)&a, &len)), 0);
		EXPECT_EQ(a.addr.id.ref, bit ? 71 : 70);
		EXPECT_EQ(a.addr.id.node, p->own);
	}
}

/* by word 13 nodes of one kernel find each other: the same in all a node says, on each bearer */
/* rows 11.10 */
TEST(net_hash)
{
	uint32_t hash;
	struct wf *f;
	int i;

	collect();
	hash = wf_get(&of[0], 13);
	EXPECT_NE(hash, 0);
	for (i = 1; i < KINDS; i++)
		EXPECT_EQ(wf_get(&of[i], 13), hash);
	ASSERT_EQ(wp_bearer("eth:v1", 1), 0);
	f = next(&w.honest, 20000);
	EXPECT_EQ(wf_get(f, 13), hash);
	EXPECT_EQ(wf_get(f, 1) & 0xffff, wf_get(&of[0], 1) & 0xffff);
	EXPECT_EQ(memcmp(f->b + 20 + 4, w.honest.theirs, 6), 0);
	/* another namespace with the same identity has another */
	f = first(node("nodeA", 0), WD_TRIAL, -1);
	EXPECT_NE(wf_get(f, 13), 0);
	EXPECT_NE(wf_get(f, 13), hash);
}

TEST_MAIN("fields of beacons are those of C's")
