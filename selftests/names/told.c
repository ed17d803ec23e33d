// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* What this node tells its neighbours of its own bindings, frame by frame. */
#include "neighbour.h"

#define ITEM(f, i, k) wf_get(f, 10 + 5 * (i) + (k))

/* the next message is this change; the key in it */
static uint32_t change(struct wp *to, int type, uint16_t number, int fd, uint32_t lower, uint32_t upper)
{
	const struct wf *f = next(to ? to : p);
	uint32_t all = to ? 0 : 1 << 20;

	EXPECT_EQ(f->len, 60);
	EXPECT_EQ(wf_get(f, 0), 2u << 29 | WU_NAMES << 25 | 10 << 21 | all | 60);
	EXPECT_EQ(wf_get(f, 1) >> 16, type << 13 | CHANGE << 8);
	EXPECT_EQ(wf_get(f, 3), WP_NODE);
	EXPECT_EQ(wf_get(f, 4), number);
	/* by broadcast: the network */
	EXPECT_EQ(wf_get(f, 5), to ? 0 : 4711);
	EXPECT_EQ(wf_get(f, 6), WP_NODE);
	EXPECT_EQ(wf_get(f, 7), to ? to->own : 0);
	EXPECT_EQ(wf_get(f, 8), 0);
	EXPECT_EQ(wf_get(f, 9), 0);
	EXPECT_EQ(ITEM(f, 0, 0), TYPE);
	EXPECT_EQ(ITEM(f, 0, 1), lower);
	EXPECT_EQ(ITEM(f, 0, 2), upper);
	if (fd >= 0)
		EXPECT_EQ(ITEM(f, 0, 3), tu_self(fd).addr.id.ref);
	return ITEM(f, 0, 4);
}

/* publication and withdrawal of the same socket's bindings, each in a message */
static uint16_t changes(struct wp *to, uint16_t number)
{
	int s = tu_socket(SOCK_RDM), t = tu_socket(SOCK_SEQPACKET);
	uint32_t key[3], gone;

	ASSERT_EQ(tu_bind(s, TYPE, 5, 9, TIPC_CLUSTER_SCOPE), 0);
	key[0] = change(to, PUBLICATION, number++, s, 5, 9);
	/* this one concerns nobody else, and takes no number */
	ASSERT_EQ(tu_bind(s, TYPE, 20, 29, TIPC_NODE_SCOPE), 0);
	ASSERT_EQ(tu_bind(t, TYPE, 5, 9, TIPC_CLUSTER_SCOPE), 0);
	change(to, PUBLICATION, number++, t, 5, 9);
	ASSERT_EQ(tu_bind(s, TYPE, 0, 0xffffffff, TIPC_CLUSTER_SCOPE), 0);
	key[1] = change(to, PUBLICATION, number++, s, 0, 0xffffffff);
	ASSERT_EQ(tu_bind(s, TYPE, 5, 9, TIPC_CLUSTER_SCOPE), 0);
	key[2] = change(to, PUBLICATION, number++, s, 5, 9);
	EXPECT_NE(key[0], key[1]);
	EXPECT_NE(key[0], key[2]);
	EXPECT_NE(key[1], key[2]);
	ASSERT_EQ(tu_bind(s, TYPE, 0, 0xffffffff, -TIPC_CLUSTER_SCOPE), 0);
	EXPECT_EQ(change(to, WITHDRAWAL, number++, s, 0, 0xffffffff), key[1]);
	ASSERT_EQ(tu_bind(s, TYPE, 20, 29, -TIPC_NODE_SCOPE), 0);
	close(t);
	change(to, WITHDRAWAL, number++, -1, 5, 9);
	close(s);
	gone = change(to, WITHDRAWAL, number++, -1, 5, 9);
	EXPECT_TRUE(gone == key[0] || gone == key[2]);
	EXPECT_EQ(change(to, WITHDRAWAL, number++, -1, 5, 9), key[0] ^ key[2] ^ gone);
	return number;
}

/* a peer that takes names by its link only has a copy of its own */
/* rows 3.7, 3.8, 3.6, 1.2.10 */
TEST(by_link)
{
	world(WP_PLAIN);
	changes(p, contact(p));
}

/* where all peers take them so, changes go by broadcast */
/* rows 3.7, 3.8, 3.6 */
TEST(by_broadcast)
{
	world(0xfff);
	changes(NULL, contact(p));
}

/* whether the next message comes by broadcast */
static int by_all(void)
{
	const struct wf *f = next(p);

	taken--;
	return wf_get(f, 0) >> 20 & 1;
}

/* one peer that does not is enough for copies to all; without it all is as before */
/* rows 3.7, 3.8 */
TEST(one_old_peer)
{
	struct wp *old = &w.honest;
	uint16_t number;
	int s, i;

	world(0xfff);
	old->see = keep;
	number = contact(p);
	EXPECT_EQ(contact(old), number);
	ASSERT_TRUE(wp_alive(p));
	s = tu_bound(TYPE, 1);
	change(p, PUBLICATION, number, s, 1, 1);
	change(old, PUBLICATION, number, s, 1, 1);
	number++;
	close(s);
	change(old, WITHDRAWAL, number, -1, 1, 1);
	change(p, WITHDRAWAL, number, -1, 1, 1);
	number++;
	old->see = NULL;
	old->session++;
	old->up = 0;
	wp_say(old, WL_RESET);
	/* the node may not know at once that it is lost */
	for (i = 0; i < 1000; i++) {
		if (i % 20 == 0)
			count = taken = 0;
		s = tu_bound(TYPE, 1);
		if (by_all())
			break;
		change(p, PUBLICATION, number++, s, 1, 1);
		close(s);
		change(by_all() ? NULL : p, WITHDRAWAL, number++, -1, 1, 1);
	}
	ASSERT_TRUE(i < 1000);
	change(NULL, PUBLICATION, number++, s, 1, 1);
	close(s);
	change(NULL, WITHDRAWAL, number, -1, 1, 1);
}

/* how many items of a message are this binding */
static int has(const struct wf *f, uint32_t type, uint32_t lower, uint32_t upper, uint32_t port)
{
	int n = 0;

	for (int i = 0; i < (f->len - 40) / 20; i++)
		n += ITEM(f, i, 0) == type && ITEM(f, i, 1) == lower && ITEM(f, i, 2) == upper &&
		     ITEM(f, i, 3) == port;
	return n;
}

/* a new neighbour is told what is bound now; all changes are counted, also if nobody heard them */
/* rows 3.9, 3.7, 3.6 */
TEST(bulk)
{
	uint16_t number;
	const struct wf *f;
	int s, t;

	world(WP_PLAIN);
	s = tu_socket(SOCK_RDM);
	ASSERT_EQ(tu_bind(s, TYPE, 5, 9, TIPC_CLUSTER_SCOPE), 0);
	ASSERT_EQ(tu_bind(s, TYPE, 7, 20, TIPC_CLUSTER_SCOPE), 0);
	ASSERT_EQ(tu_bind(s, TYPE, 30, 30, TIPC_NODE_SCOPE), 0);
	number = contact(p);
	EXPECT_EQ(count, 1);
	f = &heard[0];
	EXPECT_EQ(check_bulk(f, p, 1), 4);
	EXPECT_EQ(has(f, TYPE, 5, 9, tu_self(s).addr.id.ref), 1);
	EXPECT_EQ(has(f, TYPE, 7, 20, tu_self(s).addr.id.ref), 1);
	EXPECT_EQ(has(f, tu_type(63), 1, 1, tu_self(w.sock).addr.id.ref), 1);
	/* the node itself */
	EXPECT_EQ(has(f, TIPC_NODE_STATE, WP_NODE, WP_NODE, 0), 1);
	p->session++;
	p->up = 0;
	wp_say(p, WL_RESET);
	wp_pump(p, 0);
	t = tu_bound(TYPE, 40);
	ASSERT_EQ(tu_bind(s, TYPE, 7, 20, -TIPC_CLUSTER_SCOPE), 0);
	ASSERT_EQ(tu_bind(s, TYPE, 31, 31, TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(contact(p), (uint16_t)(number + 2));
	EXPECT_EQ(count, 1);
	EXPECT_EQ(check_bulk(f, p, 1), 4);
	EXPECT_EQ(has(f, TYPE, 5, 9, tu_self(s).addr.id.ref), 1);
	EXPECT_EQ(has(f, TYPE, 40, 40, tu_self(t).addr.id.ref), 1);
	close(t);
	change(p, WITHDRAWAL, number + 2, -1, 40, 40);
}

/*
 * Packets of 1500 bytes leave room for 40 bytes of a header around them and 32 of encryption, so a
 * message has at most 1428: its header and 69 items.
 */
/* rows 3.9 */
TEST(bulk_in_pieces)
{
	static const int items[] = { 69, 69, 14 };
	int s, i, k, n;

	world(WP_PLAIN);
	s = tu_socket(SOCK_RDM);
	for (i = 0; i < 150; i++)
		ASSERT_EQ(tu_bind(s, TYPE, i, i + 1, TIPC_CLUSTER_SCOPE), 0);
	contact(p);
	ASSERT_EQ(count, 3);
	for (k = 0; k < 3; k++)
		EXPECT_EQ(check_bulk(&heard[k], p, k == 2), items[k]);
	for (i = 0; i < 150; i++) {
		for (n = k = 0; k < 3; k++)
			n += has(&heard[k], TYPE, i, i + 1, tu_self(s).addr.id.ref);
		EXPECT_EQ(n, 1);
	}
}

TEST_MAIN("nodes tell each other of bindings as C's do")
