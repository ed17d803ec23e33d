// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* How often a link asks whether its other end is there, and when it believes that it is not. */
#include "link.h"

/* a timer never comes early, but its ticks are as coarse as the kernel's clock, and frames are late */
#define EARLY 0.008
#define LATE 5.0

/* answers the next probe, long before the one after it, and says when; 0 if the link was lost */
static double answered(struct wp *q)
{
	double said;

	do {
		ASSERT_TRUE(wp_wait(q, WU_LINK, 5000));
		said = stamp_now();
		if (!q->up)
			return 0;
		ASSERT_TRUE(is_state(&q->last));
	} while (!is_probe(&q->last) || said - q->at > 0.04);
	return said;
}

/* of a peer that says no more; how many probes it gets till it is given up */
static void falls_silent(int tolerance, double tick, int ticks)
{
	double asked, said;
	int probes, tries;

	begin();
	for (tries = 0; tries < 3; tries++) {
		if (tries) {
			p->silent = 0;
			ASSERT_TRUE(wp_up(p));
			settle(p);
		}
		if (tolerance)
			tolerate(p, tolerance);
		said = answered(p);
		if (!said)
			continue;
		asked = p->at;
		p->silent = 1;
		probes = 0;
		while (wp_wait(p, WU_LINK, 10000) && is_state(&p->last)) {
			EXPECT_TRUE(is_probe(&p->last));
			probes += p->at > said;
		}
		EXPECT_EQ(wf_user(&p->last), WU_LINK);
		EXPECT_EQ(wf_type(&p->last), WL_RESET);
		/* the tick after the last of them ends it */
		EXPECT_EQ(probes, ticks - 1);
		ktap_note("%.3f s after the last answer", p->at - said);
		EXPECT_TRUE(p->at - said <= ticks * tick + LATE);
		/* else the probe that was answered may have been late itself */
		if (p->at - asked >= ticks * (tick - EARLY))
			break;
	}
	EXPECT_TRUE(tries < 3);
}

/* rows 6.8, 5.17 */
TEST(silence)
{
	falls_silent(0, 0.375, 6);
}

/* rows 6.8, 5.17, 6.28 */
TEST(silence_short)
{
	falls_silent(400, 0.1, 6);
}

/* a tick is half a second at most */
/* rows 6.8, 5.17, 6.28 */
TEST(silence_long)
{
	falls_silent(2400, 0.5, 6);
}

/* whatever comes on the link tells that the peer is there, if it answers no probe */
/* rows 6.8 */
TEST(any_packet)
{
	double end;
	struct wf f;

	begin();
	tolerate(p, 1200);
	p->silent = 1;
	for (end = ktap_now() + 2.5; ktap_now() < end; wp_pump(p, 30)) {
		/* it came long ago */
		wp_direct(p, &f, 77, port(), 1);
		wf_put(&f, 2, (uint32_t)(uint16_t)(p->expected - 1) << 16 | (uint16_t)(p->next - 5));
		wp_send(p, &f);
	}
	EXPECT_TRUE(p->up);
}

/* the next message of the link's own, whenever */
static void next(struct wp *q)
{
	ASSERT_TRUE(wp_wait(q, WU_LINK, 10000));
	ASSERT_TRUE(is_state(&q->last));
}

/* an idle link asks at each tick; 0 if p, which is served meanwhile, was lost */
static int asks(struct wp *q, double tick)
{
	double first = 0, last = 0;

	/* again if it seems too early: the first may have been late */
	for (int tries = 0; tries < 3 && last - first < 2 * (tick - EARLY); tries++) {
		for (int i = 0; i < 3; i++) {
			next(q);
			if (q != p)
				wp_pump(p, 0);
			if (!p->up)
				return 0;
			EXPECT_TRUE(is_probe(&q->last));
			EXPECT_TRUE(is_keepalive(&q->last));
			last = q->at;
			if (!i)
				first = last;
		}
		ktap_note("2 ticks in %.3f s", last - first);
		EXPECT_TRUE(last - first <= 2 * tick + LATE);
	}
	EXPECT_TRUE(last - first >= 2 * (tick - EARLY));
	return 1;
}

/* rows 6.9, 5.17 */
TEST(idle)
{
	begin();
	wp_pump(p, 0);
	asks(p, 0.375);
	tolerate(p, 800);
	asks(p, 0.2);
	tolerate(p, 30000);
	asks(p, 0.5);
}

/* the shorter tolerance of two links gives the ticks of both, and the other has more of them then */
/* rows 5.17, 6.8, 6.9 */
TEST_LIMIT(two_links, 120)
{
	struct wp *q = &w.honest;
	int probes = 0, tries;
	double said;

	wp_world(&w);
	/* again if p is lost first, as it may be by so short a tolerance */
	for (tries = 0; tries < 5; tries++) {
		q->silent = 0;
		pair();
		if (!asks(q, 0.375) || !tolerates(p, 400))
			continue;
		wp_pump(q, 0);
		if (!asks(q, 0.1))
			continue;
		said = answered(q);
		if (!said)
			continue;
		q->silent = 1;
		/* what was under way by it is sent by the one that is left */
		if (wp_wait(p, WU_TUNNEL, 10000))
			break;
		ASSERT_TRUE(!p->up);
	}
	ASSERT_TRUE(tries < 5);
	EXPECT_EQ(wf_type(&p->last), 1);
	EXPECT_TRUE(p->at - said >= 16 * (0.1 - EARLY));
	while (wp_wait(q, WU_LINK, 0)) {
		EXPECT_TRUE(is_state(&q->last) && is_probe(&q->last));
		probes += q->at > said;
	}
	/* 1500 ms are 15 ticks */
	EXPECT_EQ(probes, 16);
}

enum { NOTHING, IT, BOTH };

/*
 * The module has sent a packet; the peer has acknowledged it, or nothing, or it by a packet of its own.
 * What the link says at the next ticks.
 */
static void after_a_packet(int acknowledged)
{
	struct sockaddr_tipc to;
	struct wf f;
	int tries, early = 0;

	begin();
	to = tu_id(77, p->own);
	for (tries = 0; tries < 10; tries++) {
		double said = (p->silent = 0, answered(p)), tick = p->at, sent, least;
		unsigned int seen = p->seen[WU_LINK];

		p->silent = 1;
		ASSERT_EQ(tu_sendto(w.sock, "x", 1, &to, sizeof(to)), 1);
		ASSERT_TRUE(wp_wait(p, WU_LOW, 5000));
		if (acknowledged == IT)
			wp_say(p, WL_STATE);
		if (acknowledged == BOTH) {
			wp_direct(p, &f, 77, port(), 1);
			wp_packet(p, &f);
		}
		sent = stamp_now();
		next(p);
		/* there was a tick already */
		if (p->seen[WU_LINK] != seen + 1 || p->at < sent || sent - said > 0.3)
			continue;
		/* with nothing to say it is silent at a tick; again if the tick before was late */
		least = (acknowledged == IT ? 2 : 1) * (0.375 - EARLY);
		if (p->at - tick < least && early++ < 2)
			continue;
		EXPECT_TRUE(p->at - tick >= least);
		if (acknowledged == IT) {
			/* nothing had been sent since */
			EXPECT_TRUE(is_probe(&p->last));
			break;
		}
		EXPECT_TRUE(!is_probe(&p->last));
		EXPECT_TRUE(!is_keepalive(&p->last));
		EXPECT_EQ(ack(&p->last), (uint16_t)(p->next - 1));
		/* nothing was sent any more */
		next(p);
		EXPECT_TRUE(is_probe(&p->last));
		break;
	}
	EXPECT_TRUE(tries < 10);
}

/* rows 6.9 */
TEST(not_acknowledged)
{
	after_a_packet(NOTHING);
}

/* rows 6.9 */
TEST(nothing_to_say)
{
	after_a_packet(IT);
}

/* rows 6.9 */
TEST(acknowledges)
{
	after_a_packet(BOTH);
}

TEST_MAIN("how often a link asks whether its other end is there, and when it believes that it is not")
