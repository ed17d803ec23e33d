// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* More than one link of one peer: how many there may be, and how one waits for the other. */
#include "link.h"

static struct wp *const q = &w.honest;
static struct wp *const r = &w.third;

/* tells what comes by a wire, but for beacons, for ms; answers by the others */
static int words(struct wp *by, int ms)
{
	double end = ktap_now() + ms / 1000.0;
	struct wf f;
	int n = 0;

	while (ktap_now() < end) {
		if (by != p)
			wp_pump(p, 0);
		if (by != q)
			wp_pump(q, 0);
		if (wp_frame(by, &f, ktap_now() + 0.02) >= 0 && wf_user(&f) != WU_DISC) {
			ktap_note("user %d, type %d", wf_user(&f), wf_type(&f));
			n++;
		}
	}
	return n;
}

static void count_link(struct gn_msg *m, void *arg)
{
	struct nlattr *a = gn_in(m, TIPC_NLA_LINK, TIPC_NLA_LINK_NAME);
	int *links = arg;

	ASSERT_TRUE(a);
	if (!strcmp(gn_data(a), NAME))
		links[0]++;
	else if (!strcmp(gn_data(a), "1001001:v1-1001666:wire"))
		links[1]++;
	else if (!strncmp(gn_data(a), "1001001:v2-1001666:", 19))
		links[2]++;
	else
		EXPECT_EQ(strcmp(gn_data(a), "broadcast-link"), 0);
}

/* which links there are, as a sum of 1, 2 and 4 */
static int links(void)
{
	int found[3] = { 0 }, fd = gn_open();

	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_LINK_GET), count_link, found), 0);
	close(fd);
	return found[0] + 2 * found[1] + 4 * found[2];
}

/* the last packet of a link that was lost, sent by another: one for nobody */
static void nothing_left(struct wp *by, int lost)
{
	struct wf f, in;

	wp_new(by, &f, WU_TUNNEL, 1, 40, 32);
	wf_put(&f, 5, lost << 9);
	wf_put(&f, 9, 1u << 16);
	wp_direct(by, &in, 0, 0, 0);
	wf_bits(&in, 1, 25, 15, 2);
	wf_put(&in, 2, 1);
	memcpy(f.b + 40, in.b, 32);
	wp_packet(by, &f);
	wp_ask(by);
}

/* what is left of a link that was lost: it had nothing under way */
static void taken_over_by(struct wp *by, int lost)
{
	do
		ASSERT_TRUE(wp_wait(by, WU_TUNNEL, 5000));
	while (wf_type(&by->last) != 1);
	/* which link that was: its number at the peer; and how many packets */
	EXPECT_EQ(wf_get(&by->last, 5) >> 9 & 7, lost);
	EXPECT_EQ(wf_get(&by->last, 9) >> 16, 1);
}

/* a third that is met is answered, but there is no link, until one of the others is gone */
/* rows 5.8, 5.15, 6.36 */
TEST(third)
{
	struct wf f;

	wp_world_three(&w);
	r->caps = TUNNELS;
	r->bearer = 2;
	pair();
	tolerate(q, 30000);
	EXPECT_EQ(links(), 3);
	for (int i = 0; i < 3; i++) {
		int asked = 0;

		/* again for each request of the node's own: its device may not have been up yet */
		do {
			ASSERT_TRUE(asked++ < 20);
			wp_beacon(r, &f, WD_REQUEST);
			wp_send(r, &f);
			ASSERT_TRUE(wp_wait(r, WU_DISC, 5000));
		} while (wf_type(&r->last) != WD_RESPONSE);
		EXPECT_EQ(wf_get(&r->last, 2), r->own);
		r->session++;
		wp_say(r, WL_RESET);
		wp_say(r, WL_ACTIVATE);
		EXPECT_EQ(words(r, 300), 0);
		EXPECT_EQ(links(), 3);
	}
	EXPECT_TRUE(p->up && q->up);
	ASSERT_EQ(wp_bearer("eth:v1", 0), 0);
	EXPECT_EQ(links(), 1);
	taken_over_by(p, q->bearer);
	nothing_left(p, 1);
	ASSERT_TRUE(wp_up(r));
	EXPECT_EQ(links(), 5);
	EXPECT_TRUE(wp_alive(p));
}

/* one that is taken over says nothing and hears nothing, until all is said by the other */
/* rows 6.3, 6.31, 6.32 */
TEST(taken_over)
{
	wp_world(&w);
	pair();
	tolerate(q, 4000);
	wp_pump(p, 0);
	p->session++;
	p->next = p->expected = p->state = 1;
	wp_say(p, WL_RESET);
	taken_over_by(q, p->bearer);
	for (int i = 0; i < 3; i++) {
		p->session++;
		wp_say(p, i == 1 ? WL_ACTIVATE : WL_RESET);
		wp_say(p, WL_STATE);
		wp_ask(p);
		EXPECT_EQ(words(p, 400), 0);
	}
	nothing_left(q, 0);
	/* then it begins anew */
	ASSERT_TRUE(wp_wait(p, WU_LINK, 5000));
	EXPECT_EQ(wf_type(&p->last), WL_RESET);
	ASSERT_TRUE(wp_up(p));
	EXPECT_TRUE(wp_alive(q));
}

/* a peer that wants the same broadcast again and again: its links go, all of them */
/* rows 5.24, 6.16, 7.5 */
TEST_LIMIT(all_go, 180)
{
	enum { TOLERANCE = 400 };
	struct sockaddr_tipc to = tu_range(tu_type(0), 1, 1, TIPC_CLUSTER_SCOPE);
	double begun, last, now, widest;
	int tries;
	struct wf f;

	wp_world(&w);
	for (tries = 0; tries < 5; tries++) {
		int turn = 0;

		pair();
		/* our broadcasts begin with number 1 */
		wp_new(p, &f, WU_BCAST, 0, 40, 0);
		wf_bits(&f, 5, 14, 1, 1);
		wp_packet(p, &f);
		wp_name(p, &f, 1, tu_type(0), 1, 1);
		wp_packet(p, &f);
		if (!tolerates(q, TOLERANCE) || !tolerates(p, TOLERANCE))
			continue;
		wp_alive(q);
		wp_pump(p, 0);
		if (!p->up || !q->up)
			continue;
		ASSERT_EQ(SYS(setsockopt(w.sock, SOL_TIPC, TIPC_MCAST_BROADCAST, NULL, 0)), 0);
		ASSERT_EQ(tu_sendto(w.sock, "x", 1, &to, sizeof(to)), 1);
		p->resets = q->resets = 0;
		begun = last = ktap_now();
		for (widest = 0; !p->resets && !q->resets && last - begun < 30; last = now) {
			struct wp *by = turn++ & 1 ? q : p;

			/* the first is missing, and there is no other */
			wp_protocol(by, &f, WL_STATE, 4);
			wf_bits(&f, 1, 0, 0xffff, 0);
			wf_bits(&f, 5, 14, 1, 0);
			wf_put(&f, 8, 1);
			wp_send(by, &f);
			wp_pump(p, 5);
			wp_pump(q, 5);
			now = ktap_now();
			if (now - last > widest)
				widest = now - last;
		}
		/* else it may have been silence */
		if (widest < TOLERANCE / 1000.0)
			break;
	}
	ASSERT_TRUE(tries < 5);
	EXPECT_TRUE(last - begun >= 10 * TOLERANCE / 1000.0);
	for (now = ktap_now() + 5; ktap_now() < now && !(p->resets && q->resets);) {
		wp_pump(p, 10);
		wp_pump(q, 10);
	}
	EXPECT_TRUE(p->resets && q->resets);
	ASSERT_TRUE(wp_up(p));
	ASSERT_TRUE(wp_up(q));
}

TEST_MAIN("links of one peer: two at most, one takes over from the other, and both go if broadcasts do not get on")
