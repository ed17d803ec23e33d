// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* A packet that is lost: when it is sent again, and for how long; the window, and who waits for it. */
#include "link.h"

#define SIZE 1000	/* two of them do not share a packet */

static char buf[SIZE];
static int ticks;	/* that arrived() has seen */

static int sender(int importance)
{
	int fd = tu_socket(SOCK_RDM);

	ASSERT_EQ(tu_set(fd, TIPC_IMPORTANCE, importance), 0);
	return fd;
}

/* sends until told to wait; how many were taken */
static int fill(int fd)
{
	struct sockaddr_tipc to = tu_id(77, p->own);
	int n = 0, r;

	while ((r = SYS(sendto(fd, buf, SIZE, MSG_DONTWAIT, (void *)&to, sizeof(to)))) == SIZE)
		n++;
	EXPECT_EQ(r, -EAGAIN);
	return n;
}

/*
 * The messages that come: waits for so many, and a while for more. How many, and -1 if the link had
 * its tick, too, at which it was idle. Each comes once; those of two processors in any order.
 */
static int arrived(int want)
{
	double end = ktap_now() + 5;
	char came[1024] = { 0 };
	int n = 0, idle = 0;
	struct wf f;

	while (wp_frame(p, &f, n < want ? end : ktap_now() + 0.03) >= 0) {
		if (wf_user(&f) <= WU_CRITICAL) {
			uint16_t i = number(&f) - p->expected;

			ASSERT_TRUE(i < COUNT(came) && !came[i]);
			came[i] = 1;
			n++;
		}
		ticks += is_state(&f);
		idle |= is_state(&f) && is_probe(&f);
	}
	EXPECT_TRUE(!memchr(came, 0, n));
	p->expected += n;
	return idle ? -1 : n;
}

/* acknowledges all up to `back` before the last that came, and misses so many then */
static void acknowledge(int back, int missing)
{
	struct wf f;

	wp_protocol(p, &f, WL_STATE, 4);
	wf_bits(&f, 2, 16, 0xffff, p->expected - 1 - back);
	wf_bits(&f, 1, 16, 0x1fff, missing);
	wp_send(p, &f);
}

/* time alone sends nothing again, and neither do words that tell of no gap; the gap does, at once */
/* rows 6.17, 6.15 */
TEST(no_timer)
{
	struct sockaddr_tipc to;
	struct wf first, f;
	uint16_t was;
	int probes = 0;

	begin();
	to = tu_id(77, p->own);
	ASSERT_EQ(tu_sendto(w.sock, "lost", 4, &to, sizeof(to)), 4);
	ASSERT_TRUE(wp_wait(p, WU_LOW, 5000));
	first = p->last;
	was = number(&first);
	p->expected = was;
	/* another packet of the peer's, that the one sent again acknowledges */
	wp_direct(p, &f, 77, port(), 10);
	wp_packet(p, &f);
	while (probes < 4 && wp_frame(p, &f, ktap_now() + 5) >= 0) {
		EXPECT_TRUE(wf_user(&f) > WU_CRITICAL);
		if (!is_state(&f))
			continue;
		EXPECT_EQ(next_sent(&f), (uint16_t)(was + 1));
		probes += is_probe(&f);
		wp_say(p, WL_STATE);
	}
	EXPECT_EQ(probes, 4);
	for (int i = 0; i < 2; i++) {
		double end = ktap_now() + 5, again = 0;

		/* what was sent again just now is not sent once more */
		do {
			if (ktap_now() >= again) {
				wp_ask_for(p, 1);
				again = ktap_now() + 0.1;
			}
			ASSERT_TRUE(ktap_now() < end);
		} while (wp_frame(p, &f, again) < 0 || wf_user(&f) != WU_LOW);
		EXPECT_EQ(number(&f), was);
		EXPECT_EQ(ack(&f), (uint16_t)(p->next - 1));
		EXPECT_NE(ack(&first), ack(&f));
		EXPECT_EQ(f.len, first.len);
		wf_put(&f, 2, wf_get(&first, 2));
		EXPECT_EQ(memcmp(f.b, first.b, f.len), 0);
		ktap_sleep_ms(5);
	}
	p->expected = was + 1;
	wp_say(p, WL_STATE);
	EXPECT_TRUE(wp_alive(p));
}

/* the first packet is asked for again and again: after 10 tolerances the link is given up */
/* rows 6.16 */
TEST(for_ever)
{
	enum { TOLERANCE = 150 };
	struct sockaddr_tipc to;
	double first, last, widest;
	int tries, again;
	struct wf f;

	begin();
	to = tu_id(77, p->own);
	for (tries = 0; tries < 5; tries++) {
		int resets = 0, r;

		if (tries) {
			ASSERT_TRUE(wp_up(p));
			settle(p);
		}
		tolerate(p, TOLERANCE);
		last = stamp_now();
		r = tu_sendto(w.sock, "lost", 4, &to, sizeof(to));
		/* lost already */
		if (r == -EHOSTUNREACH)
			continue;
		ASSERT_EQ(r, 4);
		ASSERT_TRUE(wp_wait(p, WU_LOW, 5000));
		again = 0;
		/* it is asked for after this */
		first = stamp_now();
		for (widest = 0; !resets && last - first < 30; last = stamp_now()) {
			if (stamp_now() - last > widest)
				widest = stamp_now() - last;
			acknowledge(1, 1);
			while (!resets && wp_frame(p, &f, ktap_now() + 0.003) >= 0) {
				again += wf_user(&f) == WU_LOW;
				resets = wf_user(&f) == WU_LINK && wf_type(&f) == WL_RESET;
				if (stamp_now() - last > widest)
					widest = stamp_now() - last;
			}
		}
		if (widest < TOLERANCE / 1000.0)
			break;
	}
	ASSERT_TRUE(tries < 5);
	ktap_note("%d times in %.3f s", again, p->at - first);
	EXPECT_TRUE(again > 10);
	EXPECT_TRUE(p->at - first >= 10 * TOLERANCE / 1000.0 - 0.008);
	EXPECT_TRUE(p->at - first <= 10 * TOLERANCE / 1000.0 + 2);
	ASSERT_TRUE(wp_up(p));
}

static int window(void)
{
	return told(TIPC_NLA_LINK_PROP, TIPC_NLA_PROP_WIN);
}

/* fills the link by s, and waits till its window is full, by so many; 0 if it was idle meanwhile */
static int full(int s, int win, int want)
{
	int n;

	fill(s);
	n = arrived(want);
	if (n >= 0 && window() == win)
		return 1;
	return 0;
}

/* what an acknowledgement, a gap and a rest do to the window */
/* rows 6.19, 6.18, 17.18 */
TEST_LIMIT(window_moves, 120)
{
	int s, tries, at, n;
	struct wf f;

	begin();
	tolerate(p, 30000);
	for (tries = 0; tries < 10; tries++) {
		/* the link was idle: it begins with the smallest */
		do
			ASSERT_TRUE(wp_wait(p, WU_LINK, 5000));
		while (!is_probe(&p->last));
		EXPECT_EQ(window(), 50);
		s = sender(TIPC_CRITICAL_IMPORTANCE);
		if (!full(s, 50, 50))
			goto again;
		/* each that is acknowledged adds one, and two get on: one for it, one for that */
		acknowledge(40, 0);
		if (arrived(20) != 20 || window() != 60)
			goto again;
		/* nothing new is acknowledged, nothing changes */
		acknowledge(60, 0);
		if (arrived(0) || window() != 60)
			goto again;
		for (at = 120; at <= 480; at *= 2) {
			acknowledge(0, 0);
			/* 400 wait, and those that come by full() */
			n = arrived(at < 400 ? at : 400);
			if (n < 0 || !full(s, at, at - n))
				goto again;
		}
		/* a packet is missing: half of it, but not less than 300 */
		acknowledge(480, 1);
		do
			ASSERT_TRUE(wp_frame(p, &f, ktap_now() + 5) >= 0);
		while (wf_user(&f) > WU_CRITICAL || number(&f) != (uint16_t)(p->expected - 480));
		if (window() != 300)
			goto again;
		/* up to there it grows as before, then by one for each whole window */
		acknowledge(470, 0);
		if (arrived(0) || window() != 310)
			goto again;
		acknowledge(161, 0);
		if (arrived(150) != 150 || !full(s, 311, 0))
			goto again;
		acknowledge(211, 0);
		if (arrived(100) != 100 || !full(s, 311, 0))
			goto again;
		acknowledge(0, 0);
		if (arrived(312) != 312 || window() != 312)
			goto again;
		break;
again:
		ktap_note("window %d", window());
		close(s);
		ASSERT_TRUE(wp_up(p));
		settle(p);
	}
	ASSERT_TRUE(tries < 10);
	/* all arrives, and the link rests */
	for (at = 0; at < 100; at++) {
		acknowledge(0, 0);
		if (arrived(0) < 0)
			break;
	}
	EXPECT_EQ(window(), 50);
}

/* a window that is not full does not grow */
/* rows 6.19 */
TEST(no_pressure)
{
	struct sockaddr_tipc to;

	begin();
	to = tu_id(77, p->own);
	for (int i = 0; i < 30; i++)
		ASSERT_EQ(tu_sendto(w.sock, buf, SIZE, &to, sizeof(to)), SIZE);
	arrived(30);
	acknowledge(0, 0);
	EXPECT_EQ(arrived(0) > 0, 0);
	EXPECT_EQ(window(), 50);
}

/* senders that wait go on one by one, as there is room again for their importance */
/* rows 6.22, 6.20, 6.21 */
TEST(one_by_one)
{
	enum { WAITING = 12 };
	struct sockaddr_tipc to;
	int s[WAITING], t, awake[3], tries;

	begin();
	to = tu_id(77, p->own);
	tolerate(p, 30000);
	for (tries = 0; tries < 10; tries++) {
		int n = 0, under_way = 50;

		do
			ASSERT_TRUE(wp_wait(p, WU_LINK, 5000));
		while (!is_probe(&p->last));
		ticks = 0;
		t = sender(TIPC_LOW_IMPORTANCE);
		/* 50 under way, 100 behind them, one that waits */
		EXPECT_EQ(fill(t), 151);
		EXPECT_EQ(tu_poll(t, POLLOUT, 0), 0);
		for (int i = 0; i < WAITING; i++) {
			s[i] = sender(TIPC_LOW_IMPORTANCE);
			EXPECT_EQ(tu_sendto(s[i], buf, SIZE, &to, sizeof(to)), SIZE);
			EXPECT_EQ(tu_poll(s[i], POLLOUT, 0), 0);
		}
		n = arrived(50) == 50;
		/* 113 wait; 6 arrive: 12 more are under way, 101 wait; one more: 99 wait; two more: 95 */
		for (int k = 0; n && k < 3; k++) {
			static const int news[] = { 6, 1, 2 };

			acknowledge(under_way - news[k], 0);
			under_way += news[k];
			n = arrived(2 * news[k]) == 2 * news[k];
			awake[k] = !!tu_poll(t, POLLOUT, 0);
			for (int i = 0; i < WAITING; i++)
				awake[k] += !!tu_poll(s[i], POLLOUT, 0);
		}
		/* ours lets some go on at a tick, too (D71) */
		if (n && !ticks)
			break;
		ASSERT_TRUE(wp_up(p));
		settle(p);
	}
	ASSERT_TRUE(tries < 10);
	EXPECT_EQ(awake[0], 0);
	EXPECT_EQ(awake[1], 1);
	EXPECT_EQ(awake[2], 6);
	EXPECT_EQ(tu_poll(t, POLLOUT, 0), POLLOUT);
	EXPECT_EQ(tu_poll(s[WAITING - 1], POLLOUT, 0), 0);
	/* then the link begins anew, and nobody waits any more */
	p->session++;
	wp_say(p, WL_RESET);
	EXPECT_EQ(tu_poll(s[WAITING - 1], POLLOUT, 5000), POLLOUT);
}

TEST_MAIN("lost packets are sent again when the peer misses them; the window, and who waits for it")
