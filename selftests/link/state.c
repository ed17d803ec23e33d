// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* What a link's own messages say, and what they are sent for at once. */
#include "link.h"

#define DIRECT 3

static double tick;	/* when the last one was that after_a_tick() saw */
static double came;	/* when the last word came that words() saw */
static int probes;	/* that words() saw */

/* a link whose ticks are half a second apart and whose last one has just been */
static void after_a_tick(void)
{
	do
		ASSERT_TRUE(wp_wait(p, WU_LINK, 5000) && is_state(&p->last));
	while (!is_probe(&p->last));
	tick = p->at;
}

static void packet(int ahead)
{
	struct wf f;

	wp_direct(p, &f, 77, port(), 10);
	wf_put(&f, 2, (uint32_t)(uint16_t)(p->expected - 1) << 16 | (uint16_t)(p->next + ahead));
	wp_send(p, &f);
}

static void packets(int n)
{
	while (n--) {
		packet(0);
		p->next++;
	}
}

/* the link's own messages but for probes: waits for so many, and a while for one more */
static int words(struct wf *f, int max, int want)
{
	double end = ktap_now() + (want ? 5 : 0.15);
	struct wf got;
	int n = 0;

	probes = 0;
	while (wp_frame(p, &got, end) >= 0) {
		if (wf_user(&got) != WU_LINK)
			continue;
		ASSERT_TRUE(is_state(&got));
		if (is_probe(&got)) {
			wp_say(p, WL_STATE);
			probes++;
			continue;
		}
		came = p->at;
		if (n < max)
			f[n] = got;
		if (++n == want)
			end = ktap_now() + 0.15;
	}
	return n;
}

/* every 16 packets are acknowledged, and not one of them earlier */
/* rows 6.10 */
TEST(sixteenth)
{
	static const struct { int packets, words; } rounds[] = { { 15, 0 }, { 16, 1 }, { 50, 3 } };
	struct wf f[4];
	char b[16];

	begin();
	tolerate(p, 30000);
	for (int i = 0; i < COUNT(rounds); i++) {
		int n = -1;

		for (int tries = 0; tries < 10 && n < 0; tries++) {
			uint16_t before;

			after_a_tick();
			before = p->next;
			packets(rounds[i].packets);
			n = words(f, 4, rounds[i].words);
			/* at a tick the count begins anew */
			if (probes)
				n = -1;
			for (int k = 0; k < n && k < 4; k++) {
				EXPECT_EQ(ack(&f[k]), (uint16_t)(before + 16 * k + 15));
				EXPECT_TRUE(!is_keepalive(&f[k]));
				EXPECT_EQ(gap(&f[k]), 0);
			}
			while (tu_recv(w.sock, b, sizeof(b), MSG_DONTWAIT) == 10)
				;
		}
		EXPECT_EQ(n, rounds[i].words);
	}
}

/* what the module sends itself says what came, too, and counts as a word */
/* rows 6.10 */
TEST(sent_with_data)
{
	struct sockaddr_tipc to;
	struct wf f[2];
	int n = -1;

	begin();
	to = tu_id(77, p->own);
	tolerate(p, 30000);
	for (int tries = 0; tries < 10 && n < 0; tries++) {
		after_a_tick();
		packets(10);
		ASSERT_EQ(tu_sendto(w.sock, "x", 1, &to, sizeof(to)), 1);
		do
			ASSERT_TRUE(wp_wait(p, WU_LOW, 5000));
		while (wf_user(&p->last) != WU_LOW);
		EXPECT_EQ(ack(&p->last), (uint16_t)(p->next - 1));
		packets(15);
		n = words(f, 2, 0);
		/* what comes late may be the next tick, which does not ask, as something was sent */
		if (probes || (n && came - tick > 0.25))
			n = -1;
	}
	EXPECT_EQ(n, 0);
}

/* a probe is answered at once, and an answer is no probe; others get none */
/* rows 6.10, 6.11 */
TEST(answer)
{
	struct wf f[2];
	int n;

	begin();
	after_a_tick();
	for (int i = 0; i < 3; i++) {
		wp_ask(p);
		n = words(f, 2, 1);
		ASSERT_EQ(n, 1);
		EXPECT_TRUE(!is_probe(f));
		EXPECT_TRUE(is_keepalive(f));
	}
	for (int i = 0; i < 3; i++)
		wp_say(p, WL_STATE);
	n = words(f, 2, 0);
	EXPECT_EQ(n, 0);
}

/* the record of gaps in a message: its blocks, as {acknowledged up to, missing then} */
static void record(const struct wf *f, int count, const uint16_t *want)
{
	EXPECT_EQ(f->len, 40 + 4 + 4 * count);
	EXPECT_EQ(wf_get(f, 10), (uint32_t)(4 + 4 * count) << 16 | count << 8);
	for (int i = 0; i < count; i++)
		EXPECT_EQ(wf_get(f, 11 + i), (uint32_t)want[2 * i] << 16 | want[2 * i + 1]);
}

/* what is missing is told of when three that wait for it have come, and at a probe */
/* rows 6.10, 6.11, 6.12, 6.13, 15.13 */
TEST(missing)
{
	struct wf f[4];
	uint16_t from;
	int n;

	begin();
	tolerate(p, 30000);
	after_a_tick();
	from = p->next;
	/* 0 1 are missing, 2 3 are there, 4 5 6 are missing, 7 is there */
	packet(2);
	packet(3);
	n = words(f, 4, 0);
	EXPECT_EQ(n, 0);
	packet(7);
	n = words(f, 4, 1);
	ASSERT_EQ(n, 1);
	EXPECT_EQ(ack(f), (uint16_t)(from - 1));
	EXPECT_EQ(gap(f), 2);
	EXPECT_TRUE(!is_keepalive(f));
	record(f, 2, (uint16_t[]){ from + 3, 3, from + 7, 0 });
	/* one of them again: it is told again, as there are three still */
	packet(7);
	n = words(f, 4, 1);
	EXPECT_EQ(n, 1);
	/* a probe is answered with the same */
	wp_ask(p);
	n = words(f, 4, 1);
	ASSERT_EQ(n, 1);
	EXPECT_EQ(gap(f), 2);
	EXPECT_TRUE(is_keepalive(f));
	record(f, 2, (uint16_t[]){ from + 3, 3, from + 7, 0 });
	/* the next tick asks, as something waits */
	do
		ASSERT_TRUE(wp_wait(p, WU_LINK, 5000));
	while (!is_probe(&p->last));
	EXPECT_EQ(gap(&p->last), 2);
	/* the first gap is filled: the second is the first now */
	packets(2);
	p->next += 2;
	wp_ask(p);
	do
		ASSERT_TRUE(wp_wait(p, WU_LINK, 5000));
	while (is_probe(&p->last));
	EXPECT_EQ(ack(&p->last), (uint16_t)(from + 3));
	EXPECT_EQ(gap(&p->last), 3);
	record(&p->last, 1, (uint16_t[]){ from + 7, 0 });
	packets(3);
	p->next++;
	wp_ask(p);
	do
		ASSERT_TRUE(wp_wait(p, WU_LINK, 5000));
	while (is_probe(&p->last));
	EXPECT_EQ(ack(&p->last), (uint16_t)(from + 7));
	EXPECT_EQ(gap(&p->last), 0);
	record(&p->last, 0, NULL);
}

/* many wait: it is told of again at each 16th of them */
/* rows 6.13, 6.10 */
TEST(missing_long)
{
	struct wf f[8];
	int n;

	begin();
	tolerate(p, 30000);
	after_a_tick();
	for (int i = 1; i <= 40; i++)
		packet(i);
	n = words(f, 8, 3);
	/* at 3, 19 and 35 */
	ASSERT_EQ(n, 3);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(gap(&f[i]), 1);
		record(&f[i], 1, (uint16_t[]){ p->next + 3 + 16 * i, 0 });
	}
}

/* a peer says what it will send next: what is missing before that is told, if it says so in a probe or an answer */
/* rows 6.10, 6.13 */
TEST(last_one_missing)
{
	struct wf f[4], m;
	int n;

	begin();
	tolerate(p, 30000);
	after_a_tick();
	for (int kind = 0; kind < 3; kind++) {
		wp_protocol(p, &m, WL_STATE, 4);
		wf_bits(&m, 4, 0, 0xffff, p->next + 3);
		wf_bits(&m, 0, 19, 1, kind > 0);
		wf_bits(&m, 5, 0, 1, kind > 1);
		wp_send(p, &m);
		n = words(f, 4, kind > 0);
		ASSERT_EQ(n, kind > 0);
		if (!kind)
			continue;
		EXPECT_EQ(ack(f), (uint16_t)(p->next - 1));
		EXPECT_EQ(gap(f), 3);
		EXPECT_EQ(is_keepalive(f), kind > 1);
		record(f, 0, NULL);
	}
}

/* word by word */
/* rows 6.11 */
TEST(contents)
{
	struct sockaddr_tipc to;
	struct wf f;
	uint16_t state;

	begin();
	to = tu_id(77, p->own);
	packets(3);
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(tu_sendto(w.sock, "x", 1, &to, sizeof(to)), 1);
		ASSERT_TRUE(wp_wait(p, WU_LOW, 5000));
	}
	after_a_tick();
	state = number(&p->last);
	wp_ask(p);
	do
		ASSERT_TRUE(wp_wait(p, WU_LINK, 5000));
	while (is_probe(&p->last) && (state = number(&p->last)));
	f = p->last;
	EXPECT_EQ(wf_get(&f, 0), 2u << 29 | WU_LINK << 25 | 10 << 21 | 1 << 19 | 44);
	/* no gap; the last broadcast of the peer's that has come: none */
	EXPECT_EQ(wf_get(&f, 1) >> 16, 0);
	EXPECT_EQ(ack(&f), (uint16_t)(p->next - 1));
	/* they are numbered for themselves */
	EXPECT_EQ(number(&f), (uint16_t)(state + 1));
	EXPECT_EQ(wf_get(&f, 3), WP_NODE);
	EXPECT_EQ(next_sent(&f), p->expected);
	/* priority, plane, probe: 0, the first, no */
	EXPECT_EQ(wf_get(&f, 5) & 0x1ff, 0);
	EXPECT_EQ(wf_get(&f, 5) >> 16, p->their_session);
	EXPECT_EQ(wf_get(&f, 5) >> 13 & 1, 0);
	EXPECT_EQ(wf_get(&f, 6), WP_NODE);
	EXPECT_EQ(wf_get(&f, 7), p->own);
	EXPECT_EQ(wf_get(&f, 8), 0);
	EXPECT_EQ(wf_get(&f, 9), 0);
	record(&f, 0, NULL);
}

/* whether broadcasts of the peer's can be acknowledged: from the first word about them */
/* rows 6.11, 7.4 */
TEST(broadcasts)
{
	struct wf f;

	begin();
	for (int i = 0; i < 2; i++) {
		wp_ask(p);
		do
			ASSERT_TRUE(wp_wait(p, WU_LINK, 5000));
		while (is_probe(&p->last));
		EXPECT_EQ(wf_get(&p->last, 5) >> 14 & 1, !i);
		EXPECT_EQ(wf_get(&p->last, 5) >> 12 & 1, i);
		EXPECT_EQ(wf_get(&p->last, 1) & 0xffff, i ? 40 : 0);
		/* the first one will be 41 */
		wp_new(p, &f, WU_BCAST, 0, 40, 0);
		wf_bits(&f, 5, 14, 1, 1);
		wf_bits(&f, 4, 16, 0xffff, 40);
		wp_packet(p, &f);
	}
}

/* a peer that cannot read a record gets none, and its words are not numbered for themselves */
/* rows 6.11, 5.9 */
TEST(old_peer)
{
	wp_world(&w);
	p->caps = 0;
	ASSERT_TRUE(wp_up(p));
	settle(p);
	for (int i = 0; i < 3; i++) {
		wp_ask(p);
		do
			ASSERT_TRUE(wp_wait(p, WU_LINK, 5000));
		while (is_probe(&p->last));
		EXPECT_EQ(p->last.len, 40);
		EXPECT_EQ(number(&p->last), (uint16_t)(p->expected + 32767));
	}
}

/* which letter its bearer has: the node with the higher address takes it over from the other */
static void plane_of(uint32_t own, int taken)
{
	struct wf f;

	wp_world(&w);
	p->own = own;
	ASSERT_TRUE(wp_up(p));
	for (int plane = 5; plane > 0; plane -= 2) {
		/* an answer to a probe would come before this one, and have a later number */
		wp_pump(p, 0);
		wp_protocol(p, &f, WL_STATE, 4);
		wf_bits(&f, 5, 0, 1, 1);
		wf_bits(&f, 5, 1, 7, plane);
		wp_send(p, &f);
		/* before the next word of the peer's, which has no plane */
		do
			ASSERT_TRUE(wp_wait(p, WU_LINK, 5000));
		while (is_probe(&p->last));
		EXPECT_EQ(wf_get(&p->last, 5) >> 1 & 7, taken ? plane : 0);
	}
}

/* rows 6.29 */
TEST(plane_of_a_higher_node)
{
	plane_of(0x01001666, 0);
}

/* rows 6.29 */
TEST(plane_of_a_lower_node)
{
	plane_of(0x01001000 - 1, 1);
}

TEST_MAIN("what a link's own messages say, and what they are sent for at once")
