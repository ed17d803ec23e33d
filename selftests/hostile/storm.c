// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "memory.h"
#include "genl.h"

static struct wp_world w;
static const uint8_t everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

/* a beacon of some node or other */
static void beacon(struct wp *p, int n, int type)
{
	struct wp other = *p;
	struct wf f;

	other.own = 0x01001000 + 1024 + n % 1000000;
	other.mac[3] = n >> 16;
	other.mac[4] = n >> 8;
	other.mac[5] = n;
	wp_beacon(&other, &f, type);
	wp_send_to(p, everybody, &f);
}

/* as many as usual; fewer where all takes several times as long (see ktap.h), which may not reach the bound */
static int as_many(int usual, int slow)
{
	const char *times = getenv("KTAP_SLOW");

	return times && atoi(times) > 1 ? slow : usual;
}

/* rows 11.2, 5.7, 5.18: CVE record, section 4: no bound on the nodes beacons make */
TEST_LIMIT(identities, 120)
{
	struct wp *p = &w.evil;
	long before, most;
	int i, nodes, most_beacons = as_many(12000, 4500);

	wp_world(&w);
	wp_check(&w);
	before = wp_memory();
	for (i = 0; i < most_beacons; i++) {
		beacon(p, i, i % 4);
		if (i % 200 == 0) {
			wp_pump(p, 0);
			wp_pump(&w.honest, 1);
		}
	}
	wp_pump(p, 100);
	most = wp_memory() - before;
	nodes = wp_nodes();
	ktap_note("%d nodes, %ld kB", nodes, most);
	EXPECT_LE(nodes, 4080);
	EXPECT_LE(most, 64 << 10);
	wp_check(&w);
	EXPECT_LE(wp_log_lines(&w), 20);
}

/* rows 5.18, 14.9: what they cost comes back */
TEST_LIMIT(forgotten, 120)
{
	long before, now = 0;
	int i, k, st;

	before = wp_memory();
	for (k = 0; k < 3; k++) {
		pid_t pid = fork();

		if (!pid) {
			wp_world(&w);
			for (i = as_many(3000, 1000); i > 0; i--)
				beacon(&w.evil, i, WD_REQUEST);
			wp_pump(&w.evil, 100);
			EXPECT_GE(wp_nodes(), 100);
			ktap_exit();
		}
		st = tu_wait(pid);
		if (st == KTAP_EXIT_SKIP)
			SKIP("no network namespaces");
		EXPECT_EQ(st, 0);
		/* a namespace goes when it likes; what the first one left for the next is no loss */
		now = still_used(before, 2 << 10);
		ktap_note("%ld kB", now);
		if (k == 0)
			before += now;
	}
	EXPECT_LE(now, 3 << 10);
}

/* rows 5.5, 11.2, 11.7: everybody wants our address, and the addresses of others */
TEST(trials)
{
	struct wp *p = &w.evil;
	struct wf f;
	int i;

	wp_world(&w);
	ASSERT_TRUE(wp_up(p));
	for (i = 0; i < 6000; i++) {
		struct wp other = *p;

		other.own = i % 3 ? WP_NODE : p->own;
		wp_beacon(&other, &f, i % 2 ? WD_TRIAL : WD_TRIAL_FAIL);
		wf_put(&f, 18, i);
		wf_put(&f, 2, i % 5 ? WP_NODE : 0);
		wf_put(&f, 14, 0x01001000 + i);
		wp_send_to(p, everybody, &f);
		if (i % 100 == 0)
			wp_pump(p, 0);
	}
	EXPECT_TRUE(wp_revive(p));
	wp_check(&w);
	EXPECT_LE(wp_log_lines(&w), 20);
}

/* rows 11.7, 5.15: the log is not the peer's to fill */
TEST(duplicates)
{
	struct wp *p = &w.evil;
	struct wf f;
	int i;

	wp_world(&w);
	for (i = 0; i < 1000; i++) {
		struct wp other = *p;

		other.own = WP_NODE;
		other.mac[5] = i;
		wp_beacon(&other, &f, WD_REQUEST);
		wp_send_to(p, everybody, &f);
	}
	wp_check(&w);
	EXPECT_LE(wp_log_lines(&w), 20);
}

/* rows 11.6: another network, a domain that is not ours, addresses that are none */
TEST(not_for_us)
{
	struct wp *p = &w.evil;
	struct wf f;
	int i, before;

	wp_world(&w);
	before = wp_nodes();
	for (i = 0; i < 300; i++) {
		struct wp other = *p;

		other.own = 0x01001100 + i;
		wp_beacon(&other, &f, WD_REQUEST);
		if (i % 3 == 0)
			wf_put(&f, 4, 4711 + 1 + i);
		else if (i % 3 == 1)
			wf_put(&f, 2, 0x02002002 + i);
		else
			memset(f.b + 24, 0xff, 6);
		wp_send_to(p, everybody, &f);
	}
	wp_pump(p, 50);
	EXPECT_EQ(wp_nodes(), before);
	wp_check(&w);
	EXPECT_LE(wp_log_lines(&w), 20);
}

TEST_MAIN("storms of beacons cost bounded memory, and no contact")
