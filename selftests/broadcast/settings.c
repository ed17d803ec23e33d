// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* How an administrator says which multicasts are broadcasts, and what a peer sees of it. */
#include "peers.h"

/* what a listing of the broadcast link says */
static uint32_t shown(int prop)
{
	struct gn_req *r = gn_new(TIPC_NL_LINK_GET);
	struct nlattr *nest = gn_nest(r, TIPC_NLA_LINK), *a;
	int fd = gn_open();
	struct gn_msg m;

	gn_str(r, TIPC_NLA_LINK_NAME, "broadcast-link");
	gn_end(r, nest);
	ASSERT_EQ(gn_do(fd, r, &m), 0);
	close(fd);
	a = gn_in(&m, TIPC_NLA_LINK, TIPC_NLA_LINK_PROP);
	return a ? gn_val(gn_find(gn_data(a), gn_len(a), prop)) : 0xeeeeeeee;
}

#define shown_mode() shown(TIPC_NLA_PROP_BROADCAST)
#define mode(v) set_broadcast(TIPC_NLA_PROP_BROADCAST, v)
#define ratio(v) set_broadcast(TIPC_NLA_PROP_BROADCAST_RATIO, v)
#define window(v) set_broadcast(TIPC_NLA_PROP_WIN, v)

/* rows 7.3 */
TEST(window_limits)
{
	wp_world(&w);
	EXPECT_EQ(shown(TIPC_NLA_PROP_WIN), 50);
	EXPECT_EQ(window(49), -EINVAL);
	EXPECT_EQ(window(32), -EINVAL);
	EXPECT_EQ(window(0), -EINVAL);
	EXPECT_EQ(window(8192), -EINVAL);
	EXPECT_EQ(shown(TIPC_NLA_PROP_WIN), 50);
	EXPECT_EQ(window(8191), 0);
	EXPECT_EQ(shown(TIPC_NLA_PROP_WIN), 8191);
	EXPECT_EQ(window(50), 0);
	EXPECT_EQ(shown(TIPC_NLA_PROP_WIN), 50);
}

/* rows 7.17 */
TEST(values)
{
	wp_world(&w);
	meet_both();
	EXPECT_EQ(shown_mode(), MODE_SELECT);
	EXPECT_EQ(shown(TIPC_NLA_PROP_BROADCAST_RATIO), 10);
	for (int v = 0; v < 20; v++) {
		int good = v == MODE_BROADCAST || v == MODE_REPLICAST || v == MODE_SELECT;

		EXPECT_EQ(mode(v), good ? 0 : -EINVAL);
		if (good)
			EXPECT_EQ(shown_mode(), v);
	}
	EXPECT_EQ(shown_mode(), MODE_SELECT);
	EXPECT_EQ(mode(0xffffffff), -EINVAL);
	EXPECT_EQ(ratio(0), -EINVAL);
	EXPECT_EQ(ratio(101), -EINVAL);
	EXPECT_EQ(ratio(0xffffffff), -EINVAL);
	EXPECT_EQ(shown(TIPC_NLA_PROP_BROADCAST_RATIO), 10);
	EXPECT_EQ(ratio(1), 0);
	EXPECT_EQ(shown(TIPC_NLA_PROP_BROADCAST_RATIO), 1);
	EXPECT_EQ(ratio(100), 0);
	EXPECT_EQ(shown(TIPC_NLA_PROP_BROADCAST_RATIO), 100);
	/* properties that this link has not */
	EXPECT_EQ(set_broadcast(TIPC_NLA_PROP_PRIO, 5), -EOPNOTSUPP);
	EXPECT_EQ(set_broadcast(TIPC_NLA_PROP_TOL, 1500), -EOPNOTSUPP);
	EXPECT_EQ(set_broadcast(TIPC_NLA_PROP_MTU, 1500), -EOPNOTSUPP);
	EXPECT_EQ(set_broadcast(0, 0), -EOPNOTSUPP);
}

/* rows 7.17: as long as nobody is known that broadcasts could reach, there is nothing to choose */
TEST(alone)
{
	wp_world(&w);
	EXPECT_EQ(mode(MODE_BROADCAST), -ENOPROTOOPT);
	EXPECT_EQ(mode(MODE_SELECT), -ENOPROTOOPT);
	EXPECT_EQ(ratio(50), -ENOPROTOOPT);
	EXPECT_EQ(ratio(0), -ENOPROTOOPT);
	EXPECT_EQ(mode(3), -EINVAL);
	EXPECT_EQ(shown_mode(), 0);
	EXPECT_EQ(mode(MODE_REPLICAST), 0);
	EXPECT_EQ(shown_mode(), MODE_REPLICAST);
	patience("eth:v0");
	meet(a);
	EXPECT_EQ(mode(MODE_BROADCAST), 0);
	EXPECT_EQ(shown_mode(), MODE_BROADCAST);
}

/* how a socket's multicast to instances 1 to last reaches both peers */
static int goes(int s, uint32_t last)
{
	static uint8_t what;
	struct wf f;
	int kind;

	say(s, ++what, last);
	kind = comes(a, &f, what, 10000);
	EXPECT_EQ(is_broadcast(&f), kind == PACKET_BROADCAST);
	EXPECT_EQ(is_replicast(&f), kind == PACKET_HOST);
	if (kind == PACKET_HOST)
		EXPECT_EQ(wf_get(&f, 7), a->own);
	if (kind == PACKET_BROADCAST || last > 1)
		EXPECT_EQ(comes(b, &f, what, 10000), kind);
	return kind;
}

/* rows 7.17, 7.11: what was set is done by sockets that want nothing else */
TEST(obeyed)
{
	int s, copies;

	wp_world(&w);
	meet_both();
	s = sender(ANY_WAY);
	copies = sender(BY_COPIES);
	/* one of two, and both of two */
	EXPECT_EQ(goes(s, 1), PACKET_HOST);
	EXPECT_EQ(goes(s, 2), PACKET_BROADCAST);
	EXPECT_EQ(mode(MODE_BROADCAST), 0);
	EXPECT_EQ(goes(s, 1), PACKET_BROADCAST);
	EXPECT_EQ(goes(copies, 2), PACKET_HOST);
	EXPECT_EQ(mode(MODE_REPLICAST), 0);
	EXPECT_EQ(goes(s, 2), PACKET_HOST);
	EXPECT_EQ(mode(MODE_SELECT), 0);
	EXPECT_EQ(goes(s, 2), PACKET_BROADCAST);
	/* one, and half of two are two */
	EXPECT_EQ(ratio(50), 0);
	EXPECT_EQ(goes(s, 2), PACKET_HOST);
	EXPECT_EQ(ratio(49), 0);
	EXPECT_EQ(goes(s, 2), PACKET_BROADCAST);
	EXPECT_EQ(goes(s, 1), PACKET_HOST);
}

/* rows 17.24, 7.13: a socket that never sent a multicast has sent broadcasts before, as others see it */
TEST(first_copies)
{
	struct wf f[2];
	int s;

	wp_world(&w);
	meet_both();
	s = sender(ANY_WAY);
	say(s, 77, 1);
	for (int i = 0; i < 2; i++) {
		struct wf one;
		int twin;

		ASSERT_GE(next_of(a, &one, 10000), 0);
		twin = is_broadcast(&one);
		f[twin] = one;
	}
	/* the message */
	EXPECT_EQ(is_broadcast(&f[0]), 0);
	EXPECT_EQ(size_of(&f[0]), MULTICAST_HEADER + 1);
	EXPECT_EQ(f[0].b[MULTICAST_HEADER], 77);
	EXPECT_EQ(is_replicast(&f[0]), 1);
	EXPECT_EQ(wf_get(&f[0], 1) >> 25 & 15, TIPC_OK);
	/* and what says that it is the next one after all broadcasts before it */
	EXPECT_EQ(is_broadcast(&f[1]), 1);
	EXPECT_EQ(size_of(&f[1]), MULTICAST_HEADER);
	EXPECT_EQ(is_replicast(&f[1]), 0);
	EXPECT_EQ(wf_get(&f[1], 1) >> 25 & 15, TIPC_ERR_NO_PORT);
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(is_syn(&f[i]), 1);
		EXPECT_EQ(wf_get(&f[i], 4), tu_self(s).addr.id.ref);
		EXPECT_EQ(wf_get(&f[i], 8), TYPE);
		EXPECT_EQ(wf_get(&f[i], 9), 1);
		EXPECT_EQ(wf_get(&f[i], 10), 1);
	}
	/* the second one needs no such word */
	say(s, 78, 1);
	ASSERT_EQ(next_of(a, f, 10000), PACKET_HOST);
	EXPECT_EQ(is_syn(f), 0);
	EXPECT_EQ(f->b[MULTICAST_HEADER], 78);
	/* nobody else has got more than the twin */
	ASSERT_EQ(next_of(b, f, 10000), PACKET_BROADCAST);
	EXPECT_EQ(size_of(f), MULTICAST_HEADER);
	EXPECT_EQ(next_of(b, f, 0), -1);
}

TEST_MAIN("which way multicasts go, by netlink")
