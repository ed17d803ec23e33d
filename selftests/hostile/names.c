// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "memory.h"

static struct wp_world w;
static struct wp *const p = &w.evil;
static uint16_t number;

static void begin(void)
{
	wp_world(&w);
	ASSERT_TRUE(wp_up(p));
	number = 0;
}

static void end(int lines)
{
	wp_check(&w);
	EXPECT_TRUE(wp_revive(p));
	EXPECT_LE(wp_log_lines(&w), lines);
}

/* a message with bindings, in the sequence of such messages */
static void tell(struct wf *f, int bulk)
{
	if (bulk) {
		wf_bits(f, 1, 26, 7, bulk == 2 ? 7 : 5);
		wf_bits(f, 4, 0, 0xffff, number);
	} else {
		wf_bits(f, 1, 26, 1, 1);
		wf_bits(f, 4, 0, 0xffff, number++);
	}
	wp_packet(p, f);
}

static int waits_for(uint32_t type, uint32_t inst, int want)
{
	int i, r = 0;

	for (i = 0; i < 100; i++) {
		r = tu_reach(type, inst);
		if ((r == 0) == want)
			return 1;
		wp_pump(p, 20);
	}
	return 0;
}

/* rows 3.6, 3.9 */
TEST(a_good_one)
{
	struct wf f;

	begin();
	EXPECT_EQ(tu_reach(tu_type(0), 5), -EHOSTUNREACH);
	wp_name(p, &f, 3, tu_type(0), 5, 5);
	tell(&f, 2);
	EXPECT_TRUE(waits_for(tu_type(0), 5, 1));
	wp_name(p, &f, 1, tu_type(0), 5, 5);
	wf_bits(&f, 1, 29, 7, 1);
	tell(&f, 0);
	EXPECT_TRUE(waits_for(tu_type(0), 5, 0));
	EXPECT_EQ(tu_reach(tu_type(0), 6), 0);
	/* gone with its node */
	p->session++;
	p->up = 0;
	wp_say(p, WL_RESET);
	EXPECT_TRUE(waits_for(tu_type(0), 6, 0));
	end(20);
}

/* rows 3.6: item sizes, counts and ranges that are none */
TEST(items)
{
	static const uint32_t edge[] = { 0, 1, 63, 64, 0x7fffffff, 0x80000000, 0xffffffff };
	struct wf f;
	int i, k, n = sizeof(edge) / sizeof(edge[0]);

	begin();
	wp_name(p, &f, 1, tu_type(0), 5, 5);
	tell(&f, 2);
	EXPECT_TRUE(waits_for(tu_type(0), 5, 1));
	/* not a multiple of an item, less than one, none */
	for (i = 0; i < 100; i++) {
		wp_name(p, &f, 6, tu_type(1), i, i);
		f.len = 40 + i;
		wf_bits(&f, 0, 0, 0x1ffff, f.len);
		tell(&f, 0);
		if (i % 10 == 0)
			EXPECT_TRUE(wp_revive(p));
	}
	/* sizes of items that the header says (word 9 of old nodes) */
	for (i = 0; i < 256; i++) {
		wp_name(p, &f, 2, tu_type(2), i, i);
		wf_put(&f, 9, (uint32_t)i << 24 | i);
		tell(&f, 0);
	}
	/* ranges: inverted, the whole, types of TIPC's own */
	for (i = 0; i < n * n * n; i++) {
		wp_name(p, &f, 1, edge[i % n], edge[i / n % n], edge[i / n / n]);
		tell(&f, 0);
		if (i % 50 == 0)
			EXPECT_TRUE(wp_revive(p));
	}
	/* unknown types, and what was never bound is withdrawn */
	for (i = 0; i < 8; i++)
		for (k = 0; k < 20; k++) {
			wp_name(p, &f, 3, tu_type(3), k * 10, k * 10);
			wf_bits(&f, 1, 29, 7, i);
			tell(&f, 0);
		}
	EXPECT_TRUE(wp_alive(p));
	/* the node's own are not a stranger's to withdraw */
	wp_name(p, &f, 1, tu_type(63), 1, 1);
	wf_bits(&f, 1, 29, 7, 1);
	wf_put(&f, 13, tu_self(w.sock).addr.id.ref);
	tell(&f, 0);
	wp_pump(p, 50);
	EXPECT_EQ(tu_reach(tu_type(63), 1), 0);
	end(60);
}

/* rows 3.8, 3.9: in the name of others */
TEST(for_others)
{
	static const uint32_t nodes[] = { 0, WP_NODE, 0x01001003, 0x01001999, 0xffffffff };
	struct wf f;
	int i;

	begin();
	wp_check(&w);
	wp_name(p, &f, 1, tu_type(0), 5, 5);
	tell(&f, 2);
	for (i = 0; i < 5; i++) {
		wp_name(p, &f, 1, tu_type(1), i, i);
		wf_put(&f, 6, nodes[i]);
		tell(&f, 0);
		wp_name(p, &f, 1, tu_type(63), 1, 1);
		wf_put(&f, 6, nodes[i]);
		wf_bits(&f, 1, 29, 7, 1);
		tell(&f, 0);
	}
	wp_pump(p, 50);
	EXPECT_EQ(tu_reach(tu_type(63), 1), 0);
	end(40);
}

/* rows 3.8, 18.21: changes whose turn never comes; what waits is bounded */
TEST(out_of_turn)
{
	long before, most = 0;
	struct wf f;
	int i, k;

	begin();
	wp_check(&w);
	before = wp_memory();
	for (k = 0; k < 3; k++) {
		ASSERT_TRUE(wp_revive(p));
		for (i = 0; i < 9000 && p->up; i++) {
			wp_name(p, &f, 60, tu_type(0), i, i);
			wf_bits(&f, 1, 26, 1, 1);
			/* upwards, downwards, and from both ends to the middle */
			wf_bits(&f, 4, 0, 0xffff, k == 0 ? 100 + i : k == 1 ? 20000 - i :
				i & 1 ? 100 + i : 20000 - i);
			wp_packet(p, &f);
			if (i % 50 == 0) {
				long now = wp_memory() - before;

				most = now > most ? now : most;
				wp_pump(p, 0);
			}
		}
		p->up = 0;
	}
	ktap_note("%ld kB", most);
	/* 4096 messages in buffers of 2 kB and their heads */
	EXPECT_LE(most, 14 << 10);
	ASSERT_TRUE(wp_up(p));
	EXPECT_LE(still_used(before, 3 << 10), 3 << 10);
	end(60);
}

/* rows 3.1, 18.21: CVE-2026-74281's own words: nothing bounds the bindings of a peer */
TEST_LIMIT(hundreds_of_thousands, 120)
{
	long before, most;
	struct wf f;
	int i;

	begin();
	wp_check(&w);
	before = wp_memory();
	for (i = 0; i < 3000 && p->up; i++) {
		wp_name(p, &f, 70, tu_type(0) + i % 7, i * 70, i * 70);
		tell(&f, i ? 0 : 2);
		if (i % 40 == 0) {
			ktap_sleep_ms(1);
			wp_pump(p, 0);
		}
	}
	EXPECT_EQ(i, 3000);
	wp_pump(p, 500);
	most = wp_memory() - before;
	ktap_note("210000 told, %ld kB", most);
	/* 28500 of them are kept; C keeps all, in about 200 bytes each */
	EXPECT_LE(most, 12 << 10);
	EXPECT_EQ(tu_reach(tu_type(0), 0), 0);
	/* users can still bind */
	EXPECT_EQ(tu_bind(tu_socket(SOCK_RDM), tu_type(9), 1, 1, TIPC_CLUSTER_SCOPE), 0);
	wp_check(&w);
	/* all gone with the peer */
	p->session++;
	p->up = 0;
	wp_say(p, WL_RESET);
	EXPECT_TRUE(waits_for(tu_type(0), 0, 0));
	ktap_sleep_ms(300);
	ktap_note("then %ld kB", wp_memory() - before);
	end(60);
}

TEST_MAIN("bindings a peer tells of, whatever they are")
