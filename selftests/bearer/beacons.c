// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Beacons: when they are sent, what is in them, who is answered, how nodes agree on addresses.
 * The other node is the test, frame by frame (lib/wire.h).
 */
#include "beacon.h"

/* whether the log says so, in 10 s */
static int said(const char *text)
{
	double end = ktap_now() + 10;
	char line[1024];
	int n;

	while (ktap_now() < end) {
		n = read(w.log, line, sizeof(line) - 1);
		if (n < 0) {
			ktap_sleep_ms(20);
			continue;
		}
		line[n] = 0;
		if (strstr(line, text))
			return 1;
	}
	return 0;
}

/*
 * A trial of one second, a beacon each 125 ms; then the pauses double up to a second. A machine
 * that stands still makes pauses longer, and shorter by as much the next time.
 */
/* rows 5.3, 5.4, 11.1, 11.2, 11.3 */
TEST(trial)
{
	static const double pauses[] = { 0.25, 0.5, 1, 1 };
	double begin, last;
	int trials, tries = 0;
	struct wp *p;
	struct wf *f;

	do {
		p = node("nodeA", 0);
		f = first(p, WD_TRIAL, -1);
		begin = last = p->at;
		trials = 1;
		check(p, f, NODE_A, 0);
		EXPECT_EQ(memcmp(f->b + 60, "nodeA\0\0\0\0\0\0\0\0\0\0", 16), 0);
		EXPECT_EQ(wf_get(f, 14), 0);
		while (wf_type(f = next(p, 20000)) == WD_TRIAL) {
			trials++;
			last = p->at;
		}
		/* or did the machine stand still all the time? */
	} while (trials < 2 && p->at - begin > 1.5 && ++tries < 6);
	ktap_note("%d trials in %.3f s, a call after %.3f s", trials, last - begin, p->at - begin);
	EXPECT_GE(trials, 2);
	EXPECT_LE(trials, 10);
	EXPECT_GE((p->at - begin) * 1000, 900);
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(wf_type(f), WD_REQUEST);
		check(p, f, NODE_A, 0);
		last = p->at;
		f = next(p, 20000);
		ktap_note("a pause of %.3f s", p->at - last);
		EXPECT_GE(p->at - last, 0.5 * pauses[i]);
		EXPECT_LE((p->at - last) * 1000, 1000 * pauses[i] + 5000);
	}
}

/* with links the pauses grow to a minute; the last link lost, the search begins anew */
/* rows 11.3 */
TEST_LIMIT(settled, 120)
{
	struct wp *p = node(NULL, 0);
	double begin, end;
	int calls = 0, tries;

	for (tries = 0; tries < 4; tries++) {
		int resets;

		ASSERT_TRUE(wp_up(p));
		resets = p->resets;
		begin = ktap_now();
		/* pauses of 0.25, 0.5, 1, 2, 4 and 8 s, if it is the first time */
		for (calls = 0; p->up && (end = ktap_now() - begin) < 10; )
			calls += wp_wait(p, WU_DISC, 200);
		if (p->up && (int)p->resets == resets)
			break;
	}
	ASSERT_TRUE(tries < 4);
	ktap_note("%d calls in 10 s with a link", calls);
	EXPECT_LE(calls, 7);
	/* now the next would come in some seconds; without the link they do at once */
	begin = ktap_now();
	p->up = 0;
	p->session++;
	wp_say(p, WL_RESET);
	for (calls = 0; calls < 4; calls++)
		next(p, 10000);
	end = ktap_now() - begin;
	ktap_note("4 calls in %.3f s without", end);
	EXPECT_LE(end * 1000, 6000);
}

/* a node takes what it is told to try instead, and tries that as long */
/* rows 5.5, 11.2 */
TEST_LIMIT(objection, 120)
{
	const uint32_t better = 0x12345678;
	struct wf f, *heard = NULL;
	struct timespec begin;
	struct wp *p;
	double pause;
	int tries;

	for (tries = 0; tries < 6; tries++) {
		p = node("nodeA", 0);
		heard = first(p, WD_TRIAL, -1);
		/* about an address that is not tried: not heard */
		wp_beacon(p, &f, WD_TRIAL_FAIL);
		wf_put(&f, 2, NODE_A + 1);
		wf_put(&f, 14, 0x99999999);
		wp_send(p, &f);
		wf_put(&f, 2, NODE_A);
		wf_put(&f, 14, better);
		clock_gettime(CLOCK_REALTIME, &begin);
		wp_send(p, &f);
		do
			heard = next(p, 20000);
		while (wf_type(heard) == WD_TRIAL && wf_get(heard, 3) == NODE_A);
		/* or was the trial over, the first or by now the second? */
		if (wf_type(heard) == WD_TRIAL)
			break;
	}
	ASSERT_TRUE(tries < 6);
	check(p, heard, better, 0);
	heard = first(p, WD_REQUEST, -1);
	check(p, heard, better, 0);
	pause = p->at - begin.tv_sec - begin.tv_nsec / 1e9;
	ktap_note("a call after %.3f s more", pause);
	EXPECT_GE(pause * 1000, 900);
	/* it is the node's now */
	wf_put(&f, 2, better);
	wf_put(&f, 14, 0x99999999);
	wp_send(p, &f);
	EXPECT_TRUE(!answer(p, WD_TRIAL, 0));
	check(p, next(p, 20000), better, 0);
	EXPECT_EQ(tu_self(w.sock).addr.id.node, better);
}

/* asks for an address as the node with that identity; what is suggested instead, 0 if it is free */
static uint32_t try_address(struct wp *p, uint32_t address, uint32_t id)
{
	struct wf f, *said;

	wp_beacon(p, &f, WD_TRIAL);
	wf_put(&f, 3, address);
	wf_put(&f, 15, id);
	wp_send_to(p, everybody, &f);
	said = answer(p, WD_TRIAL_FAIL, address);
	if (said) {
		EXPECT_EQ(said->len, 76);
		EXPECT_EQ(wf_get(said, 3), WP_NODE);
	}
	return said ? wf_get(said, 14) : 0;
}

/* rows 5.5, 11.2 */
TEST(objects)
{
	struct wp *p = node(NULL, 0);
	uint32_t instead;

	EXPECT_EQ(try_address(p, p->own, p->own), 0);
	EXPECT_EQ(try_address(p, 0x01001055, 0x55), 0);
	/* known by its identity: the address it had */
	EXPECT_EQ(try_address(p, 0x01001055, p->own), p->own);
	/* taken, by the peer or the node: one made of it and of the node's random number */
	instead = try_address(p, p->own, 0x55);
	EXPECT_NE(instead, 0);
	EXPECT_NE(instead, p->own);
	EXPECT_EQ(try_address(p, WP_NODE, 0x55), instead ^ p->own ^ WP_NODE);
}

/* a node without an address answers no calls, but objects to who tries the same */
/* rows 11.11, 5.5 */
TEST_LIMIT(gate, 120)
{
	struct wf f, *heard = NULL;
	struct wp *p;
	int tries;

	for (tries = 0; tries < 6; tries++) {
		p = node("nodeA", 0);
		first(p, WD_TRIAL, -1);
		wp_beacon(p, &f, WD_REQUEST);
		wp_send_to(p, everybody, &f);
		wp_beacon(p, &f, WD_TRIAL);
		wf_put(&f, 3, NODE_A);
		wp_send_to(p, everybody, &f);
		do
			heard = next(p, 20000);
		while (wf_type(heard) == WD_TRIAL);
		/* or was the trial over? */
		if (wf_type(heard) == WD_TRIAL_FAIL)
			break;
	}
	ASSERT_TRUE(tries < 6);
	EXPECT_EQ(wf_get(heard, 2), NODE_A);
	EXPECT_EQ(wp_nodes(), 0);
	first(p, WD_REQUEST, WD_RESPONSE);
	EXPECT_TRUE(!answer(p, WD_TRIAL, 0));
	EXPECT_EQ(wp_nodes(), 1);
}

/* calls as a stranger; whether it is answered. Word `word` of the beacon is value, unless 0 */
static int calls(struct wp *p, int word, uint32_t value)
{
	static int n;
	struct wp o = other(p, ++n);
	struct wf f, *got;

	wp_beacon(&o, &f, WD_REQUEST);
	if (word)
		wf_put(&f, word, value);
	wp_send_to(&o, everybody, &f);
	got = answer(p, WD_RESPONSE, wf_get(&f, 3));
	if (got)
		check(p, got, WP_NODE, wf_get(&f, 3));
	return !!got;
}

/* rows 11.5, 11.6, 5.28 */
TEST(filters)
{
	struct wp *p = node(NULL, 0), o;
	struct wf f;
	int nodes;

	EXPECT_TRUE(calls(p, 0, 0));
	/* another network */
	EXPECT_TRUE(!calls(p, 4, 4712));
	/* domains: the node, its cluster, its zone, and not */
	EXPECT_TRUE(calls(p, 2, WP_NODE));
	EXPECT_TRUE(calls(p, 2, 0x01001000));
	EXPECT_TRUE(calls(p, 2, 0x01000000));
	EXPECT_TRUE(!calls(p, 2, 0x01001002));
	EXPECT_TRUE(!calls(p, 2, 0x01002000));
	EXPECT_TRUE(!calls(p, 2, 0x02000000));
	/* the number of the medium is not looked at */
	EXPECT_TRUE(calls(p, 5, 3));
	/* a response is not answered, but its sender is known then */
	nodes = wp_nodes();
	o = other(p, 200);
	wp_beacon(&o, &f, WD_RESPONSE);
	wp_send(&o, &f);
	EXPECT_TRUE(!answer(p, WD_RESPONSE, o.own));
	EXPECT_EQ(wp_nodes(), nodes + 1);
	/* the node's own address on the medium: its own beacon come back */
	memcpy(o.mac, p->theirs, 6);
	o.own++;
	wp_beacon(&o, &f, WD_REQUEST);
	wp_send_to(p, everybody, &f);
	EXPECT_TRUE(!answer(p, WD_RESPONSE, o.own));
}

/* rows 11.8: an old node has no identity but its address */
TEST(old)
{
	struct wp *p = node(NULL, 0), o = other(p, 1);
	struct wf f;

	o.caps = WP_PLAIN & ~(1 << 5);
	wp_beacon(&o, &f, WD_REQUEST);
	wf_put(&f, 15, 0x77777777);
	wp_send_to(&o, everybody, &f);
	EXPECT_TRUE(answer(p, WD_RESPONSE, o.own) != NULL);
	/* "1001101" is known by that */
	wp_beacon(&o, &f, WD_TRIAL);
	wf_put(&f, 3, 0x01001055);
	wf_put(&f, 15, 0x77777777);
	wp_send_to(&o, everybody, &f);
	EXPECT_TRUE(answer(p, WD_TRIAL_FAIL, 0x01001055) == NULL);
	o.caps = WP_PLAIN;
	wp_beacon(&o, &f, WD_TRIAL);
	wf_put(&f, 3, 0x01001055);
	memcpy(f.b + 60, "1001101\0\0\0\0\0\0\0\0", 16);
	wp_send_to(&o, everybody, &f);
	EXPECT_TRUE(answer(p, WD_TRIAL_FAIL, 0x01001055) != NULL);
}

/* rows 11.6, 11.7, 14.7 */
TEST(log)
{
	struct wp *p = node(NULL, 0), o = other(p, 5);
	char text[128];
	struct wf f;

	EXPECT_TRUE(!calls(p, 3, WP_NODE));
	snprintf(text, sizeof(text), "tipc: Duplicate 1001001 using eth(%02x:%02x:%02x:%02x:77:01) seen on <eth:v0>",
		 p->mac[0], p->mac[1], p->mac[2], p->mac[3]);
	EXPECT_TRUE(said(text));
	wp_beacon(&o, &f, WD_REQUEST);
	memcpy(f.b + 24, everybody, 6);
	wp_send_to(&o, everybody, &f);
	EXPECT_TRUE(!answer(p, WD_RESPONSE, o.own));
	EXPECT_TRUE(said("tipc: Rcv corrupt discovery message"));
}

/* frames for other machines are not taken, whatever the device picks up; those for many are */
/* rows 10.7 */
TEST(foreign)
{
	static const uint8_t somebody[6] = { 2, 0, 0, 0, 0, 9 }, many[6] = { 1, 0, 0x5e, 0, 0, 9 };
	struct wp *p = node(NULL, 0), o = other(p, 1);
	struct wf f;

	wp_beacon(&o, &f, WD_REQUEST);
	wp_send_to(&o, somebody, &f);
	EXPECT_TRUE(!answer(p, WD_RESPONSE, o.own));
	wp_send_to(&o, p->theirs, &f);
	EXPECT_TRUE(answer(p, WD_RESPONSE, o.own) != NULL);
	o = other(p, 2);
	wp_beacon(&o, &f, WD_REQUEST);
	wp_send_to(&o, many, &f);
	EXPECT_TRUE(answer(p, WD_RESPONSE, o.own) != NULL);
	/* what is behind the message is padding */
	o = other(p, 3);
	wp_beacon(&o, &f, WD_REQUEST);
	f.len += 40;
	wp_send_to(&o, everybody, &f);
	EXPECT_TRUE(answer(p, WD_RESPONSE, o.own) != NULL);
}

/* one node is sought: nobody else is answered, and once there is a link, nobody is called */
/* rows 11.4, 11.6 */
TEST_LIMIT(domain, 120)
{
	struct wp *p = node(NULL, 0x01001666);
	int tries, calls_heard = 0;
	struct wp o = other(p, 1);
	struct wf f;
	double begin;

	check(p, next(p, 20000), WP_NODE, 0x01001666);
	wp_beacon(&o, &f, WD_REQUEST);
	wp_send_to(&o, everybody, &f);
	EXPECT_TRUE(!answer(p, WD_RESPONSE, o.own));
	for (tries = 0; tries < 4; tries++) {
		int resets;

		ASSERT_TRUE(wp_up(p));
		resets = p->resets;
		/* what was under way */
		wp_pump(p, 200);
		begin = ktap_now();
		for (calls_heard = 0; p->up && ktap_now() - begin < 5; )
			calls_heard += wp_wait(p, WU_DISC, 200) && wf_type(&p->last) == WD_REQUEST;
		if (p->up && (int)p->resets == resets)
			break;
	}
	ASSERT_TRUE(tries < 4);
	EXPECT_EQ(calls_heard, 0);
	p->up = 0;
	p->session++;
	wp_say(p, WL_RESET);
	check(p, next(p, 20000), WP_NODE, 0x01001666);
}

/* a domain of the old kind, for old nodes and for those with an identity */
/* rows 11.6, 5.6 */
TEST(old_domain)
{
	struct wp *p = node(NULL, 0x01001000), o;
	struct wf f;

	check(p, next(p, 20000), WP_NODE, 0x01001000);
	EXPECT_TRUE(calls(p, 0, 0));
	EXPECT_TRUE(!calls(p, 3, 0x01002001));
	p = node("nodeA", 0x01001000);
	first(p, WD_REQUEST, -1);
	/* only an address that is the same number */
	o = other(p, 1);
	p->own = 0x01001000;
	wp_beacon(&o, &f, WD_REQUEST);
	wp_send_to(&o, everybody, &f);
	EXPECT_TRUE(!answer(p, WD_RESPONSE, o.own));
}

/* a node comes back with its identity and another address: the old one was taken meanwhile */
/* rows 5.5, 11.7 */
TEST_LIMIT(moved, 120)
{
	struct wp *p = node(NULL, 0);

	ASSERT_TRUE(wp_up(p));
	EXPECT_EQ(wp_nodes(), 1);
	p->id = p->own;
	p->own = 0x01001077;
	p->up = p->known = 0;
	/* it is the one that was known */
	EXPECT_TRUE(wp_up(p));
	EXPECT_EQ(wp_nodes(), 1);
}

TEST_MAIN("beacons come when, and say what, those of C do")
