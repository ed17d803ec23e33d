// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* What a link counts. */
#include "link.h"

enum { MOST = TIPC_NLA_STATS_MAX + 1 };

static uint32_t before[MOST], rx, tx;
static struct { int states, probes, gaps; } seen;

/* what comes; nothing is answered */
static int look(int ms)
{
	double end = ktap_now() + ms / 1000.0;
	struct wf f;
	int n = 0;

	while (wp_frame(p, &f, end) >= 0) {
		if (wf_user(&f) == WU_DISC)
			continue;
		n++;
		seen.states += is_state(&f);
		seen.probes += is_state(&f) && is_probe(&f);
		seen.gaps += is_state(&f) && is_probe(&f) && gap(&f);
		if (wf_user(&f) != WU_LINK)
			p->expected = number(&f) + 1;
	}
	return n;
}

static void read_all(uint32_t *v)
{
	struct gn_msg m;
	struct nlattr *a;

	/* nothing is told meanwhile */
	do {
		look(20);
		ASSERT_EQ(of_link(TIPC_NL_LINK_GET, NAME, &m), 0);
		a = gn_in(&m, TIPC_NLA_LINK, TIPC_NLA_LINK_STATS);
		ASSERT_TRUE(a);
		for (int i = 1; i < MOST; i++)
			v[i] = gn_val(gn_find(gn_data(a), gn_len(a), i));
		v[0] = 0;
		rx = gn_val(gn_in(&m, TIPC_NLA_LINK, TIPC_NLA_LINK_RX));
		tx = gn_val(gn_in(&m, TIPC_NLA_LINK, TIPC_NLA_LINK_TX));
	} while (look(20));
}

/* all is 0 now */
static void from_here(void)
{
	static uint32_t v[MOST];

	ASSERT_EQ(of_link(TIPC_NL_LINK_RESET_STATS, NAME, NULL), 0);
	memset(&seen, 0, sizeof(seen));
	read_all(v);
	/* but for what the last tick has said */
	for (int i = 1; i < MOST; i++)
		if (i != TIPC_NLA_STATS_TX_STATES && i != TIPC_NLA_STATS_TX_PROBES)
			EXPECT_EQ(v[i], i == TIPC_NLA_STATS_MSG_PROF_TOT);
	EXPECT_EQ(rx, 0);
	EXPECT_EQ(tx, 0);
	memcpy(before, v, sizeof(before));
	memset(&seen, 0, sizeof(seen));
}

struct want { int what; uint32_t value; };

/* what has been counted: these, what the ticks said, as seen, and nothing else but by the ticks */
static void counted(uint32_t want_rx, uint32_t want_tx, const struct want *want, int n)
{
	static const int ticks[] = { TIPC_NLA_STATS_MSG_PROF_TOT, TIPC_NLA_STATS_MSG_LEN_CNT, TIPC_NLA_STATS_MSG_LEN_TOT,
		TIPC_NLA_STATS_MSG_LEN_P0, TIPC_NLA_STATS_MSG_LEN_P1, TIPC_NLA_STATS_MSG_LEN_P2,
		TIPC_NLA_STATS_MSG_LEN_P3, TIPC_NLA_STATS_MSG_LEN_P4, TIPC_NLA_STATS_MSG_LEN_P5,
		TIPC_NLA_STATS_MSG_LEN_P6, TIPC_NLA_STATS_AVG_QUEUE };
	uint32_t now[MOST], expected[MOST] = { 0 };

	read_all(now);
	EXPECT_EQ(rx, want_rx);
	EXPECT_EQ(tx, want_tx);
	for (int i = 0; i < COUNT(ticks); i++)
		expected[ticks[i]] = now[ticks[i]];
	expected[TIPC_NLA_STATS_TX_STATES] = before[TIPC_NLA_STATS_TX_STATES] + seen.states;
	expected[TIPC_NLA_STATS_TX_PROBES] = before[TIPC_NLA_STATS_TX_PROBES] + seen.probes;
	for (int i = 0; i < n; i++)
		expected[want[i].what] = want[i].value;
	expected[TIPC_NLA_STATS_TX_NACKS] += seen.gaps;
	for (int i = 1; i < MOST; i++) {
		if (now[i] != expected[i])
			ktap_note("counter %d", i);
		EXPECT_EQ(now[i], expected[i]);
	}
}

#define COUNTED(rx, tx, ...) do {				\
	struct want list[] = { { 0, 0 }, ##__VA_ARGS__ };	\
	counted(rx, tx, list, COUNT(list)); } while (0)

static void start(void)
{
	begin();
	tolerate(p, 30000);
	settle(p);
	from_here();
}

static void packet(int ahead)
{
	struct wf f;

	wp_direct(p, &f, 77, port(), 10);
	wf_put(&f, 2, (uint32_t)(uint16_t)(p->expected - 1) << 16 | (uint16_t)(p->next + ahead));
	wp_send(p, &f);
}

/* rows 6.35, 13.10 */
TEST(packets_received)
{
	start();
	for (int tries = 0; tries < 10; tries++) {
		if (tries) {
			settle(p);
			from_here();
		}
		for (int i = 0; i < 20; i++, p->next++)
			packet(0);
		look(20);
		/* at a tick the count to 16 begins anew */
		if (!seen.probes)
			break;
	}
	/* the 16th was acknowledged */
	COUNTED(20, 0, { TIPC_NLA_STATS_TX_ACKS, 1 });
	/* late, twice, too far ahead */
	packet(-1);
	packet(-5);
	packet(9000);
	COUNTED(20, 0, { TIPC_NLA_STATS_TX_ACKS, 1 }, { TIPC_NLA_STATS_DUPLICATES, 3 });
	/* early: each waits, the third makes it tell; one of them twice counts as both */
	for (int i = 1; i <= 3; i++)
		packet(i);
	packet(1);
	COUNTED(20, 0, { TIPC_NLA_STATS_TX_ACKS, 1 }, { TIPC_NLA_STATS_DUPLICATES, 4 },
		{ TIPC_NLA_STATS_RX_DEFERRED, 4 }, { TIPC_NLA_STATS_TX_NACKS, 2 });
	packet(0);
	p->next += 4;
	COUNTED(24, 0, { TIPC_NLA_STATS_TX_ACKS, 1 }, { TIPC_NLA_STATS_DUPLICATES, 4 },
		{ TIPC_NLA_STATS_RX_DEFERRED, 4 }, { TIPC_NLA_STATS_TX_NACKS, 2 });
}

/* a bundle of two, and a message in two parts; by a tap, as frames of a socket stay charged to it in C (D40) */
/* rows 6.35 */
TEST(parts_received)
{
	struct wf f, in;
	char b[2000];

	wp_world_tap(&w);
	ASSERT_TRUE(wp_up(p));
	settle(p);
	from_here();
	wp_new(p, &f, WU_BUNDLE, 0, 40, 2 * 44);
	for (int i = 0; i < 2; i++) {
		wp_direct(p, &in, 77, port(), 9);
		memcpy(f.b + 40 + 44 * i, in.b, in.len);
	}
	wf_bits(&f, 9, 16, 0xffff, 2);
	wp_packet(p, &f);
	for (int i = 0; i < 2; i++) {
		wp_new(p, &f, WU_FRAGMENT, i ? 2 : 0, 40, 600);
		wf_bits(&f, 4, 16, 0xffff, i + 1);
		if (!i) {
			wp_direct(p, &in, 77, port(), 0);
			wf_bits(&in, 0, 0, 0x1ffff, 1200);
			memcpy(f.b + 40, in.b, 32);
		}
		wp_packet(p, &f);
	}
	COUNTED(3, 0, { TIPC_NLA_STATS_RX_BUNDLES, 1 }, { TIPC_NLA_STATS_RX_BUNDLED, 2 },
		{ TIPC_NLA_STATS_RX_FRAGMENTS, 2 }, { TIPC_NLA_STATS_RX_FRAGMENTED, 1 });
	EXPECT_EQ(tu_recv(w.sock, b, sizeof(b), 0), 9);
	EXPECT_EQ(tu_recv(w.sock, b, sizeof(b), 0), 9);
	EXPECT_EQ(tu_recv(w.sock, b, sizeof(b), 0), 1200 - 32);
}

/* the peer's own words */
/* rows 6.35 */
TEST(words_received)
{
	struct sockaddr_tipc to;
	struct wf f;

	start();
	to = tu_id(77, p->own);
	wp_say(p, WL_STATE);
	wp_say(p, WL_STATE);
	COUNTED(0, 0, { TIPC_NLA_STATS_RX_STATES, 2 });
	wp_ask(p);
	COUNTED(0, 0, { TIPC_NLA_STATS_RX_STATES, 3 }, { TIPC_NLA_STATS_RX_PROBES, 1 });
	/* what it misses is sent again, which is no new packet */
	ASSERT_EQ(tu_sendto(w.sock, "x", 1, &to, sizeof(to)), 1);
	look(20);
	wp_protocol(p, &f, WL_STATE, 4);
	wf_bits(&f, 2, 16, 0xffff, p->expected - 2);
	wf_bits(&f, 1, 16, 0x1fff, 1);
	wp_send(p, &f);
	COUNTED(0, 1, { TIPC_NLA_STATS_RX_STATES, 4 }, { TIPC_NLA_STATS_RX_PROBES, 1 },
		{ TIPC_NLA_STATS_RX_NACKS, 1 }, { TIPC_NLA_STATS_RETRANSMITTED, 1 });
	/* a link begins with all at 0 */
	ASSERT_TRUE(wp_up(p));
	wp_pump(p, 50);
	EXPECT_EQ(told(TIPC_NLA_LINK_STATS, TIPC_NLA_STATS_RETRANSMITTED), 0);
	EXPECT_EQ(told(TIPC_NLA_LINK_STATS, TIPC_NLA_STATS_RX_NACKS), 0);
}

/* rows 6.35, 6.23, 6.24 */
TEST(packets_sent)
{
	static char b[5000];
	struct sockaddr_tipc to;
	int s;

	start();
	to = tu_id(77, p->own);
	for (int i = 0; i < 3; i++)
		ASSERT_EQ(tu_sendto(w.sock, b, 1000, &to, sizeof(to)), 1000);
	COUNTED(0, 3);
	/* 5032 bytes in 4 parts */
	ASSERT_EQ(tu_sendto(w.sock, b, 5000, &to, sizeof(to)), 5000);
	COUNTED(0, 7, { TIPC_NLA_STATS_TX_FRAGMENTED, 1 }, { TIPC_NLA_STATS_TX_FRAGMENTS, 4 });
	wp_say(p, WL_STATE);
	look(20);
	from_here();
	/* the window is full, and what is small comes together, as long as there is room in a packet */
	s = tu_socket(SOCK_RDM);
	for (int i = 0; i < 50; i++)
		ASSERT_EQ(tu_sendto(s, b, 1000, &to, sizeof(to)), 1000);
	for (int i = 0; i < 20; i++)
		ASSERT_EQ(tu_sendto(s, b, 100, &to, sizeof(to)), 100);
	COUNTED(0, 50, { TIPC_NLA_STATS_TX_BUNDLES, 2 }, { TIPC_NLA_STATS_TX_BUNDLED, 20 });
	/* one that has to wait */
	while (SYS(sendto(s, b, 1000, MSG_DONTWAIT, (void *)&to, sizeof(to))) == 1000)
		;
	COUNTED(0, 50, { TIPC_NLA_STATS_TX_BUNDLES, 2 }, { TIPC_NLA_STATS_TX_BUNDLED, 20 },
		{ TIPC_NLA_STATS_LINK_CONGS, 1 });
}

/* at each tick the first packet that is not acknowledged yet is measured */
/* rows 6.35 */
TEST(profile)
{
	static const struct { int size, class; } sizes[] = {
		{ 32, TIPC_NLA_STATS_MSG_LEN_P0 }, { 33, TIPC_NLA_STATS_MSG_LEN_P1 },
		{ 225, TIPC_NLA_STATS_MSG_LEN_P2 }, { 4064, TIPC_NLA_STATS_MSG_LEN_P3 },
		{ 40000, TIPC_NLA_STATS_MSG_LEN_P6 },
	};
	static char b[40000];
	struct sockaddr_tipc to;

	begin();
	to = tu_id(77, p->own);
	tolerate(p, 30000);
	for (int i = 0; i < COUNT(sizes); i++) {
		uint32_t now[MOST];
		uint16_t old;
		int packets;

		settle(p);
		old = p->expected - 1;
		ASSERT_EQ(of_link(TIPC_NL_LINK_RESET_STATS, NAME, NULL), 0);
		ASSERT_EQ(tu_sendto(w.sock, b, sizes[i].size, &to, sizeof(to)), sizes[i].size);
		/* ticks of before */
		look(0);
		memset(&seen, 0, sizeof(seen));
		/* it stays: the peer says nothing has come since */
		while (seen.states < 2) {
			struct wf f;

			look(30);
			wp_protocol(p, &f, WL_STATE, 4);
			wf_bits(&f, 2, 16, 0xffff, old);
			wp_send(p, &f);
		}
		read_all(now);
		packets = tx;
		EXPECT_TRUE(now[TIPC_NLA_STATS_MSG_LEN_CNT] >= 1);
		EXPECT_EQ(now[TIPC_NLA_STATS_MSG_PROF_TOT], now[TIPC_NLA_STATS_MSG_LEN_CNT]);
		EXPECT_EQ(now[TIPC_NLA_STATS_MSG_LEN_TOT],
			  now[TIPC_NLA_STATS_MSG_LEN_CNT] * (sizes[i].size + 32));
		for (int k = TIPC_NLA_STATS_MSG_LEN_P0; k <= TIPC_NLA_STATS_MSG_LEN_P6; k++)
			EXPECT_EQ(now[k], k == sizes[i].class ? now[TIPC_NLA_STATS_MSG_LEN_CNT] : 0);
		/* a tick before it was sent has seen none */
		EXPECT_LE(now[TIPC_NLA_STATS_AVG_QUEUE], packets);
		EXPECT_GE(now[TIPC_NLA_STATS_AVG_QUEUE], packets / 2);
		EXPECT_EQ(now[TIPC_NLA_STATS_MAX_QUEUE], 0);
	}
}

TEST_MAIN("what a link counts")
