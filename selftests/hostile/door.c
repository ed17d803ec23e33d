// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "wire.h"

static struct wp_world w;

static const uint32_t values[] = { 0, 1, 2, 4, 7, 0x7f, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000,
				   0x7fffffff, 0x80000000, 0xffffffff };
#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* frames of every user and type as they should be, for the link as it is now */
static void good(struct wf *f, int user, int type)
{
	struct wp *p = &w.evil;

	if (user == WU_DISC) {
		wp_beacon(p, f, type);
		return;
	}
	if (user == WU_LINK) {
		wp_protocol(p, f, type, type == WL_STATE ? 4 : 16);
		return;
	}
	wp_new(p, f, user, type, user <= WU_CRITICAL ? 24 + 8 * (type > 0) + 8 * (type == 2) +
	       12 * (type == 1) : 40, 60);
	wp_number(p, f);
	p->next--;
	if (user <= WU_CRITICAL) {
		wf_put(f, 4, 77);
		wf_put(f, 5, tu_self(w.sock).addr.id.ref);
	}
	if (user == WU_BUNDLE || user == WU_TUNNEL || user == WU_FRAGMENT) {
		/* something to be found in it */
		struct wf in;

		wp_direct(p, &in, 77, tu_self(w.sock).addr.id.ref, 4);
		wf_put(&in, 2, p->next);
		memcpy(f->b + 40, in.b, in.len);
		wf_bits(f, 9, 16, 0xffff, 1);
		wf_bits(f, 4, 16, 0xffff, 1);
	}
}

static void each_field(int from, int to)
{
	struct wp *p = &w.evil;
	int user, type, word, v, bit, frames = 0;

	wp_world(&w);
	ASSERT_TRUE(wp_up(p));
	for (user = from; user <= to; user++)
		for (type = 0; type < 8; type++) {
			struct wf f, g;

			if (!wp_revive(p))
				break;
			good(&f, user, type);
			for (word = 0; word < f.len / 4 && word < 20; word++) {
				for (v = 0; v < COUNT(values); v++, frames++) {
					g = f;
					wf_put(&g, word, values[v]);
					wp_send(p, &g);
				}
				for (bit = 0; bit < 32; bit++, frames++) {
					g = f;
					wf_put(&g, word, wf_get(&f, word) ^ 1u << bit);
					wp_send(p, &g);
				}
				/* the numbers go on where the node is now */
				if (word % 5 == 0 && wp_revive(p))
					good(&f, user, type);
			}
		}
	ktap_note("%d frames", frames);
	wp_check(&w);
	EXPECT_LE(wp_log_lines(&w), 1000);
}

/* rows 15.4, 11.6 */
TEST(fields_of_data) { each_field(WU_LOW, WU_BCAST); }

/* rows 15.10, 6.7 */
TEST(fields_of_links) { each_field(WU_BUNDLE, WU_GROUP); }

/* rows 15.11, 15.12, 15.14 */
TEST(fields_of_parts) { each_field(WU_TUNNEL, WU_TOPSRV); }

/* rows 15.4: CVE-2022-0435, CVE-2021-43267: what the header says is more than has come */
TEST(every_length)
{
	struct wp *p = &w.evil;
	struct wf f, g;
	int user, type, len;

	wp_world(&w);
	ASSERT_TRUE(wp_up(p));
	for (user = 0; user < 16; user++)
		for (type = 0; type < 4; type++) {
			wp_revive(p);
			good(&f, user, type);
			for (len = 0; len < f.len; len++) {
				g = f;
				g.len = len;
				wp_send(p, &g);
				/* one that says so, too */
				wf_bits(&g, 0, 0, 0x1ffff, len);
				wp_send(p, &g);
			}
			/* each header length with the whole frame */
			for (len = 0; len < 16; len++) {
				g = f;
				wf_bits(&g, 0, 21, 15, len);
				wp_send(p, &g);
			}
		}
	wp_check(&w);
	EXPECT_LE(wp_log_lines(&w), 100);
}

/* rows 15.4, 11.7, 5.14 */
TEST(strangers_and_mirrors)
{
	static const uint32_t nodes[] = { 0, WP_NODE, 0x01001667, 0xffffffff, 0x01001003, 1 };
	struct wp *p = &w.evil;
	struct wf f;
	int user, type, i, k;

	wp_world(&w);
	/* before anybody was heard of, then in contact */
	for (k = 0; k < 2; k++) {
		for (user = 0; user < 16; user++)
			for (type = 0; type < 4; type++)
				for (i = 0; i < COUNT(nodes); i++) {
					good(&f, user, type);
					wf_put(&f, 3, nodes[i]);
					if (user == WU_DISC) {
						/* a beacon of the honest one by this wire makes it a neighbour of both */
						if (nodes[i] == w.honest.own)
							continue;
						wf_put(&f, 15, nodes[i]);
					}
					wp_send(p, &f);
					/* for somebody else */
					good(&f, user, type);
					if (user != WU_DISC && f.len > 92) {
						wf_put(&f, 7, nodes[i]);
						wf_put(&f, 6, nodes[COUNT(nodes) - 1 - i]);
						wp_send(p, &f);
					}
				}
		ASSERT_TRUE(wp_up(p));
	}
	wp_check(&w);
	EXPECT_LE(wp_log_lines(&w), 100);
}

/* rows 10.6, 15.7 */
TEST(runts_and_giants)
{
	struct wp *p = &w.evil;
	struct wf f;
	int len;

	wp_world(&w);
	ASSERT_TRUE(wp_up(p));
	for (len = 0; len <= 1500; len += len < 64 ? 1 : 37) {
		memset(&f, 0xff, sizeof(f));
		f.len = len;
		wp_send(p, &f);
		memset(&f, 0, sizeof(f));
		f.len = len;
		wp_send(p, &f);
		/* padding behind a good message does no harm */
		wp_protocol(p, &f, WL_STATE, 4);
		f.len = len < f.len ? f.len : len;
		wp_send(p, &f);
	}
	EXPECT_TRUE(wp_alive(p));
	/* to somebody else on the wire, and to everybody */
	wp_direct(p, &f, 77, tu_self(w.sock).addr.id.ref, 4);
	wp_number(p, &f);
	p->next--;
	wp_send_to(p, (const uint8_t *)"\x02\1\2\3\4\5", &f);
	wp_send_to(p, (const uint8_t *)"\xff\xff\xff\xff\xff\xff", &f);
	EXPECT_TRUE(wp_revive(p));
	wp_check(&w);
}

TEST_MAIN("whatever a frame looks like, the node goes on")
