// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Peers that cannot do all that nodes can today: what the others may do depends on what all can. */
#include "peers.h"

/* what a peer can */
enum {
	COPIES = 1 << 4,	/* multicasts as copies for each node */
	CHANGES = 1 << 7,	/* changes between these and broadcasts, in order */
	NAMES = 1 << 11,	/* names by broadcast */
};

static void begin(uint32_t of_a, uint32_t of_b)
{
	wp_world(&w);
	a->caps = of_a;
	b->caps = of_b;
	meet_both();
}

/* how the next message comes to the first peer; it tells nobody of a change */
static int goes(int s, uint32_t last)
{
	static uint8_t what;
	struct wf f;
	int kind;

	wp_pump(a, 0);
	wp_pump(b, 0);
	say(s, ++what, last);
	kind = next_of(a, &f, 10000);
	EXPECT_EQ(f.b[MULTICAST_HEADER], what);
	EXPECT_EQ(size_of(&f), MULTICAST_HEADER + 1);
	EXPECT_EQ(is_syn(&f), 0);
	EXPECT_EQ(is_broadcast(&f), kind == PACKET_BROADCAST);
	EXPECT_EQ(is_replicast(&f), kind == PACKET_HOST);
	if (kind == PACKET_BROADCAST)
		EXPECT_EQ(comes(b, &f, what, 10000), PACKET_BROADCAST);
	return kind;
}

/* rows 7.12, 5.10: in a cluster that would lose the order, a way stands for 5 s */
TEST(way_stands)
{
	double last, now = 0;
	int s, kind = -1;
	struct wf f;

	begin(WP_PLAIN, WP_PLAIN & ~CHANGES);
	s = sender(ANY_WAY);
	/* whatever a machine does meanwhile: only what takes less than the time can be judged */
	for (int i = 0; i < 10; i++) {
		EXPECT_EQ(goes(s, 2), PACKET_BROADCAST);
		last = ktap_now();
		kind = goes(s, 1);
		now = ktap_now();
		if (now - last < 4)
			break;
	}
	EXPECT_LE(now - last, 4);
	EXPECT_EQ(kind, PACKET_BROADCAST);
	for (double end = ktap_now() + 5.1; ktap_now() < end; ) {
		wp_pump(a, 50);
		wp_pump(b, 50);
	}
	EXPECT_EQ(goes(s, 1), PACKET_HOST);
	/* nor is there a twin of it that comes by broadcast */
	EXPECT_EQ(next_of(a, &f, 200), -1);
	EXPECT_EQ(next_of(b, &f, 0), -1);
}

/* rows 7.11: where all can do that, it changes at once */
TEST(way_changes)
{
	struct wf f;
	int s;

	begin(WP_PLAIN, WP_PLAIN);
	s = sender(ANY_WAY);
	EXPECT_EQ(goes(s, 2), PACKET_BROADCAST);
	say(s, 200, 1);
	EXPECT_EQ(comes(a, &f, 200, 10000), PACKET_HOST);
	EXPECT_EQ(is_syn(&f), 1);
}

static int mode(int v)
{
	return set_broadcast(TIPC_NLA_PROP_BROADCAST, v);
}

static int ratio(int v)
{
	return set_broadcast(TIPC_NLA_PROP_BROADCAST_RATIO, v);
}

static void only_broadcasts(int s)
{
	EXPECT_EQ(goes(s, 1), PACKET_BROADCAST);
	EXPECT_EQ(mode(MODE_REPLICAST), -ENOPROTOOPT);
	EXPECT_EQ(mode(MODE_SELECT), -ENOPROTOOPT);
	EXPECT_EQ(ratio(20), -ENOPROTOOPT);
	EXPECT_EQ(mode(MODE_BROADCAST), 0);
}

/* rows 5.10, 7.11, 7.17: with one peer that cannot take copies there are none for anybody */
TEST(no_copies)
{
	int s, t;

	begin(WP_PLAIN, WP_PLAIN & ~(COPIES | CHANGES));
	s = sender(ANY_WAY);
	t = sender(BY_COPIES);
	only_broadcasts(s);
	only_broadcasts(t);
	/* it is gone, but may be back */
	ASSERT_EQ(wp_bearer("eth:v1", 0), 0);
	EXPECT_EQ(mode(MODE_REPLICAST), -ENOPROTOOPT);
}

/* a peer that the node has lost is forgotten: 0 or -errno */
static int forget(struct wp *p)
{
	struct gn_req *r = gn_new(TIPC_NL_PEER_REMOVE);
	struct nlattr *nest = gn_nest(r, TIPC_NLA_NET);
	int fd = gn_open(), err;

	gn_u32(r, TIPC_NLA_NET_ADDR, p->own);
	gn_end(r, nest);
	err = gn_do(fd, r, NULL);
	close(fd);
	return err;
}

/* rows 5.10, 5.23: who is forgotten does not count */
TEST(forgotten)
{
	begin(WP_PLAIN, WP_PLAIN & ~(COPIES | CHANGES));
	only_broadcasts(sender(BY_COPIES));
	ASSERT_EQ(wp_bearer("eth:v1", 0), 0);
	EXPECT_EQ(forget(b), 0);
	EXPECT_EQ(mode(MODE_REPLICAST), 0);
	EXPECT_EQ(mode(MODE_SELECT), 0);
	EXPECT_EQ(ratio(20), 0);
	EXPECT_EQ(goes(sender(BY_COPIES), 1), PACKET_HOST);
}

/* rows 5.10: nor does what it once could not, when it comes back and can */
TEST(renewed)
{
	begin(WP_PLAIN, WP_PLAIN & ~(COPIES | CHANGES));
	only_broadcasts(sender(BY_COPIES));
	ASSERT_EQ(wp_bearer("eth:v1", 0), 0);
	ASSERT_EQ(wp_bearer("eth:v1", 1), 0);
	b->caps = WP_PLAIN;
	meet(b);
	bind_at(b, 2);
	EXPECT_EQ(mode(MODE_REPLICAST), 0);
	EXPECT_EQ(mode(MODE_SELECT), 0);
	EXPECT_EQ(goes(sender(BY_COPIES), 1), PACKET_HOST);
	/* and the other way round */
	ASSERT_EQ(wp_bearer("eth:v1", 0), 0);
	ASSERT_EQ(wp_bearer("eth:v1", 1), 0);
	b->caps = WP_PLAIN & ~(COPIES | CHANGES);
	meet(b);
	EXPECT_EQ(mode(MODE_SELECT), -ENOPROTOOPT);
}

/* how a peer hears of a binding, or that it is gone: PACKET_HOST and so on */
static int heard(struct wp *p, struct wf *f, uint32_t instance, int gone)
{
	double end = ktap_now() + 10;
	int kind;

	while ((kind = wp_frame(p, f, end)) >= 0) {
		wp_take(p, f);
		if (wf_user(f) == WU_NAMES && wf_type(f) == gone && size_of(f) == 60 &&
		    wf_get(f, 10) == tu_type(1) && wf_get(f, 11) == instance)
			break;
	}
	return kind;
}

/* a socket is bound and unbound again; both peers hear of it in packets of the kind */
static void tells(int kind)
{
	static uint32_t instance;
	int s = tu_bound(tu_type(1), ++instance);
	uint32_t port = tu_self(s).addr.id.ref, key = 0;
	struct wp *peers[] = { a, b };
	struct wf f;

	for (int gone = 0; gone < 2; gone++) {
		for (int i = 0; i < 2; i++) {
			ASSERT_EQ(heard(peers[i], &f, instance, gone), kind);
			EXPECT_EQ(is_broadcast(&f), kind == PACKET_BROADCAST);
			EXPECT_EQ(wf_get(&f, 12), instance);
			EXPECT_EQ(wf_get(&f, 13), port);
			if (gone)
				EXPECT_EQ(wf_get(&f, 14), key);
			key = wf_get(&f, 14);
			if (kind == PACKET_HOST)
				EXPECT_EQ(wf_get(&f, 7), peers[i]->own);
			else
				EXPECT_EQ(wf_get(&f, 5), 4711);
		}
		close(s);
	}
}

/* rows 3.7, 3.8 */
TEST(names_by_broadcast)
{
	begin(WP_ALL, WP_ALL);
	tells(PACKET_BROADCAST);
	tells(PACKET_BROADCAST);
	/* in a cluster that wants copies, names are copied as well */
	EXPECT_EQ(mode(MODE_REPLICAST), 0);
	tells(PACKET_HOST);
	EXPECT_EQ(mode(MODE_SELECT), 0);
	tells(PACKET_BROADCAST);
}

/* rows 5.10, 3.8: with one who does not read them there, by copies for all */
TEST(names_by_copies)
{
	begin(WP_ALL, WP_ALL & ~NAMES);
	tells(PACKET_HOST);
	tells(PACKET_HOST);
	/* with its link it counts no longer */
	ASSERT_EQ(wp_bearer("eth:v1", 0), 0);
	ASSERT_EQ(wp_bearer("eth:v1", 1), 0);
	b->caps = WP_ALL;
	meet(b);
	tells(PACKET_BROADCAST);
}

TEST_MAIN("peers that can do less")
