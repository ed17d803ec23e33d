// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* What receivers of broadcasts say of them, and what the sender does about it. */
#include "peers.h"

#define WINDOW 50

/* broadcast `seqno` of a peer, to the test's socket */
static void shout(struct wp *p, uint16_t seqno)
{
	struct wf f;

	wp_new(p, &f, WU_LOW, MULTICAST, MULTICAST_HEADER, 3);
	wf_bits(&f, 0, 20, 1, 1);
	wf_bits(&f, 1, 19, 3, TIPC_CLUSTER_SCOPE);
	wf_put(&f, 2, seqno);
	wf_put(&f, 4, 77);
	wf_put(&f, 5, 4711);
	wf_put(&f, 7, 0);
	wf_put(&f, 8, tu_type(63));
	wf_put(&f, 9, 1);
	wf_put(&f, 10, 1);
	f.b[MULTICAST_HEADER] = seqno;
	f.b[MULTICAST_HEADER + 1] = seqno >> 8;
	wp_send_to(p, (const uint8_t *)"\xff\xff\xff\xff\xff\xff", &f);
}

/* the next that the socket reads are those from first to last */
static void reads(int first, int last)
{
	uint8_t got[8];

	tu_rcvtimeo(w.sock, 10000);
	for (int i = first; i <= last; i++) {
		ASSERT_EQ(tu_recv(w.sock, got, sizeof(got), 0), 3);
		ASSERT_EQ(got[0] | got[1] << 8, i);
		EXPECT_EQ(got[2], 2);
	}
}

/* what a word of the node's says of broadcasts */
struct word {
	int ack, gap, blocks;
	int at[8], miss[8];	/* up to here, and so many after it are missing */
};

static void parse(const struct wf *f, struct word *word)
{
	memset(word, 0, sizeof(*word));
	EXPECT_EQ(wf_get(f, 5) >> 14 & 1, 0);
	word->ack = wf_get(f, 1) & 0xffff;
	word->gap = wf_get(f, 8) & 0x3ff;
	ASSERT_GE(size_of(f), 44);
	word->blocks = f->b[43];
	EXPECT_EQ(f->b[40] << 8 | f->b[41], 4 + 4 * (f->b[42] + f->b[43]));
	for (int i = 0; i < word->blocks && i < 8; i++) {
		word->at[i] = wf_get(f, 11 + i) >> 16;
		word->miss[i] = wf_get(f, 11 + i) & 0xffff;
	}
}

/* the next word that comes: 1, or 0 if none does */
static int told(struct wp *p, struct word *word, int ms)
{
	if (!wp_wait(p, WU_LINK, ms) || wf_type(&p->last) != WL_STATE)
		return 0;
	parse(&p->last, word);
	return 1;
}

/* the answer to a question of the peer's, after what was on its way */
static void ask(struct wp *p, struct word *word)
{
	wp_pump(p, 0);
	wp_ask(p);
	ASSERT_TRUE(told(p, word, 10000));
}

/* rows 7.7: every sixteenth is acknowledged at once, which ones depends on the receiver's address */
TEST(acknowledged)
{
	int at_once = 0, others = 0, last = 13 + 16 * 10;
	double start;
	struct wf f;
	struct word word;
	int acks[400] = { 0 };

	wp_world(&w);
	patience("eth:v0");
	meet(a);
	start = ktap_now();
	for (int i = 1; i <= last; i++)
		shout(a, i);
	reads(1, last);
	while (told(a, &word, 300) && word.ack < 400)
		acks[word.ack]++;
	for (int i = 1; i < 400; i++) {
		if (!acks[i])
			continue;
		/* the first time when 16 are there */
		if (i > 16 && ((i + 1) ^ WP_NODE) % 16 == 15)
			at_once++;
		else
			others += acks[i];
	}
	EXPECT_EQ(at_once, 9 + (last % 16 == 13));
	/* now and then links say how they are */
	EXPECT_LE(others, 4 + 4 * (ktap_now() - start));
	/* each packet by the link has it, too */
	shout(a, last + 1);
	reads(last + 1, last + 1);
	wp_pump(a, 0);
	bind_at(a, 5);
	EXPECT_EQ(tu_reach(TYPE, 5), 0);
	do
		ASSERT_GE(wp_frame(a, &f, ktap_now() + 10), 0);
	while (wf_user(&f) != WU_LOW);
	EXPECT_EQ(wf_get(&f, 1) & 0xffff, last + 1);
}

/* rows 7.8: what is missing is asked for, and read in order when it is there */
TEST(asked_for)
{
	struct word word;
	int seen = 0, words = 0;

	wp_world(&w);
	patience("eth:v0");
	meet(a);
	shout(a, 1);
	ask(a, &word);
	EXPECT_EQ(word.ack, 1);
	EXPECT_EQ(word.gap, 0);
	EXPECT_EQ(word.blocks, 0);
	/* the last digit of our address is 1: the first that is early is told of, and every 16th from there */
	wp_pump(a, 0);
	shout(a, 3);
	for (double end = ktap_now() + 10; !seen && ktap_now() < end; words++)
		seen = told(a, &word, 2000) && word.gap;
	EXPECT_TRUE(seen);
	EXPECT_EQ(word.ack, 1);
	EXPECT_EQ(word.gap, 1);
	EXPECT_EQ(word.blocks, 1);
	EXPECT_EQ(word.at[0], 3);
	EXPECT_EQ(word.miss[0], 0);
	/* all holes at once */
	shout(a, 6);
	shout(a, 5);
	shout(a, 9);
	ask(a, &word);
	EXPECT_EQ(word.ack, 1);
	EXPECT_EQ(word.gap, 1);
	ASSERT_EQ(word.blocks, 3);
	EXPECT_TRUE(word.at[0] == 3 && word.miss[0] == 1);
	EXPECT_TRUE(word.at[1] == 6 && word.miss[1] == 2);
	EXPECT_TRUE(word.at[2] == 9 && word.miss[2] == 0);
	reads(1, 1);
	EXPECT_TRUE(tu_empty(w.sock));
	shout(a, 2);
	reads(2, 3);
	shout(a, 8);
	shout(a, 7);
	EXPECT_TRUE(tu_empty(w.sock));
	shout(a, 4);
	reads(4, 9);
	/* twice is once */
	shout(a, 9);
	shout(a, 4);
	ask(a, &word);
	EXPECT_EQ(word.ack, 9);
	EXPECT_EQ(word.gap, 0);
	EXPECT_EQ(word.blocks, 0);
	EXPECT_TRUE(tu_empty(w.sock));
}

/* rows 7.8: not each that is early is told of */
TEST(not_too_often)
{
	struct word word;
	int early = 16 * 6, rounds[400] = { 0 }, others = 0;
	double start;

	wp_world(&w);
	patience("eth:v0");
	meet(a);
	shout(a, 1);
	ask(a, &word);
	start = ktap_now();
	for (int i = 0; i < early; i++)
		shout(a, 3 + i);
	while (told(a, &word, 300))
		if (word.blocks == 1 && word.at[0] < 400)
			rounds[word.at[0]]++;
	for (int i = 0; i < early; i++) {
		if (i % 16 == 0)
			EXPECT_GE(rounds[3 + i], 1);
		else
			others += rounds[3 + i];
	}
	EXPECT_LE(others, 4 + 4 * (ktap_now() - start));
	shout(a, 2);
	reads(1, 2 + early);
}

/* rows 7.8: the last ones of all are missed when the sender says how many there were */
TEST(told_how_many)
{
	struct word word;
	struct wf f;
	int seen = 0;

	wp_world(&w);
	patience("eth:v0");
	meet(a);
	for (int i = 1; i <= 4; i++)
		shout(a, i);
	reads(1, 4);
	ask(a, &word);
	EXPECT_EQ(word.ack, 4);
	EXPECT_EQ(word.gap, 0);
	wp_pump(a, 0);
	wp_protocol(a, &f, WL_STATE, 4);
	wf_bits(&f, 4, 16, 0xffff, 7);
	wf_bits(&f, 5, 14, 1, 0);
	wp_send(a, &f);
	for (double end = ktap_now() + 10; !seen && ktap_now() < end; )
		seen = told(a, &word, 2000) && word.gap;
	EXPECT_EQ(word.ack, 4);
	EXPECT_EQ(word.gap, 3);
	EXPECT_EQ(word.blocks, 0);
	shout(a, 5);
	shout(a, 6);
	shout(a, 7);
	reads(5, 7);
}

/* how message `what` comes when the peer says that it misses it */
static int comes_again(struct wp *p, uint16_t number, uint8_t what, struct wf *f, int tries)
{
	int kind = -1;

	while (kind < 0 && tries--) {
		/* not within 10 ms of the last time */
		ktap_sleep_ms(30);
		has(p, number - 1, 1);
		kind = comes(p, f, what, 200);
	}
	return kind;
}

/* the same broadcast; what it acknowledges may be newer */
static void expect_same(const struct wf *x, const struct wf *y)
{
	EXPECT_EQ(x->len, y->len);
	EXPECT_EQ(wf_get(x, 0), wf_get(y, 0));
	EXPECT_EQ(wf_get(x, 1) >> 16, wf_get(y, 1) >> 16);
	EXPECT_EQ(number_of(x), number_of(y));
	EXPECT_EQ(memcmp(x->b + 12, y->b + 12, x->len - 12), 0);
}

/* rows 7.9, 7.10: it is kept until the last one has it */
TEST(kept)
{
	struct wf f, again;
	int s;

	wp_world(&w);
	meet_both();
	s = sender(BY_BROADCAST);
	say(s, 1, 2);
	ASSERT_EQ(comes(a, &f, 1, 10000), PACKET_BROADCAST);
	ASSERT_EQ(comes(b, &f, 1, 10000), PACKET_BROADCAST);
	has(a, number_of(&f), 0);
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(comes_again(b, number_of(&f), 1, &again, 20), PACKET_BROADCAST);
		expect_same(&f, &again);
		/* it is a broadcast again */
		ASSERT_EQ(comes(a, &again, 1, 10000), PACKET_BROADCAST);
		expect_same(&f, &again);
	}
	has(b, number_of(&f), 0);
	wp_pump(a, 0);
	EXPECT_EQ(comes_again(b, number_of(&f), 1, &again, 3), -1);
	EXPECT_EQ(comes_again(a, number_of(&f), 1, &again, 1), -1);
}

/* rows 7.8: of what is said to be missing, and only of that, another one is sent */
TEST(sent_again)
{
	uint16_t first = 0, n;
	int s, times[12] = { 0 };
	struct wf f;

	wp_world(&w);
	meet_both();
	s = sender(BY_BROADCAST);
	for (int i = 0; i < 12; i++)
		say(s, i, 2);
	for (int i = 0; i < 12; i++) {
		ASSERT_EQ(comes(a, &f, i, 10000), PACKET_BROADCAST);
		if (!i)
			first = number_of(&f);
		ASSERT_EQ(number_of(&f), (uint16_t)(first + i));
		ASSERT_EQ(comes(b, &f, i, 10000), PACKET_BROADCAST);
	}
	ktap_sleep_ms(30);
	/* the first has come, then one is missing, three have come, two are missing, the last five have come */
	wp_protocol(a, &f, WL_STATE, 12);
	wf_bits(&f, 1, 0, 0xffff, first);
	wf_bits(&f, 5, 14, 1, 0);
	wf_bits(&f, 8, 0, 0x3ff, 1);
	wf_put(&f, 10, 12 << 16 | 2);
	n = first + 4;
	wf_put(&f, 11, (uint32_t)n << 16 | 2);
	n = first + 11;
	wf_put(&f, 12, (uint32_t)n << 16);
	wp_send(a, &f);
	while (next_of(a, &f, 500) >= 0)
		if (size_of(&f) == MULTICAST_HEADER + 1 && f.b[MULTICAST_HEADER] < 12)
			times[f.b[MULTICAST_HEADER]]++;
	for (int i = 0; i < 12; i++)
		EXPECT_EQ(times[i], i == 1 || i == 5 || i == 6);
	/* the other one has none of them yet */
	ASSERT_EQ(wp_alive(b), 1);
	EXPECT_EQ(comes_again(b, first + 3, 3, &f, 20), PACKET_BROADCAST);
}

/* how many of the packets, beginning with message `from`, come within the time; the last of them */
static int come(struct wp *p, struct wf *f, int from, int most, int ms)
{
	struct wf one;
	int n = 0;

	while (n < most && next_of(p, &one, ms) >= 0) {
		*f = one;
		EXPECT_EQ(f->b[MULTICAST_HEADER], from + n);
		n++;
	}
	return n;
}

/* so long that no two go together */
static void fill(int s, int count)
{
	uint8_t data[1200] = { 0 };

	for (int i = 0; i < count; i++) {
		data[0] = i;
		multicast(s, data, sizeof(data), 2);
	}
}

/* rows 7.3, 7.9: as many as the window holds, and more only when all have acknowledged */
TEST(window)
{
	uint16_t last;
	struct wf f;
	int s;

	wp_world(&w);
	meet_both();
	s = sender(BY_BROADCAST);
	fill(s, WINDOW + 20);
	EXPECT_EQ(come(a, &f, 0, WINDOW + 20, 300), WINDOW);
	last = number_of(&f);
	EXPECT_EQ(come(b, &f, 0, WINDOW + 20, 0), WINDOW);
	EXPECT_EQ(number_of(&f), last);
	has(a, last, 0);
	EXPECT_EQ(come(a, &f, WINDOW, 20, 300), 0);
	has(b, last - WINDOW + 10, 0);
	EXPECT_EQ(come(a, &f, WINDOW, 20, 300), 10);
	has(b, last, 0);
	EXPECT_EQ(come(a, &f, WINDOW + 10, 20, 300), 10);
	EXPECT_EQ(number_of(&f), (uint16_t)(last + 20));
	EXPECT_EQ(come(b, &f, WINDOW, 20, 1000), 20);
	EXPECT_EQ(number_of(&f), (uint16_t)(last + 20));
}

/* rows 7.9: who goes does not keep the others waiting */
TEST(one_goes)
{
	uint16_t last;
	struct wf f;
	int s;

	wp_world(&w);
	meet_both();
	s = sender(BY_BROADCAST);
	fill(s, WINDOW + 20);
	EXPECT_EQ(come(a, &f, 0, WINDOW + 20, 300), WINDOW);
	last = number_of(&f);
	has(a, last, 0);
	EXPECT_EQ(come(a, &f, WINDOW, 20, 300), 0);
	ASSERT_EQ(wp_bearer("eth:v1", 0), 0);
	EXPECT_EQ(come(a, &f, WINDOW, 20, 10000), 20);
	EXPECT_EQ(number_of(&f), (uint16_t)(last + 20));
}

TEST_MAIN("what is said of broadcasts that came, or did not")
