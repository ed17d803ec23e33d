// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "fragments.h"

/* rows 6.25, 15.11: CVE-2024-36886, CVE-2026-52993, CVE-2021-47162 */
TEST(fragments)
{
	struct wf f, in;
	int i, k;

	begin();
	/* a good one, to see that they are looked at */
	first(&f, 1500, 1000);
	wp_packet(p, &f);
	part(&f, 2, 2, 500);
	wp_packet(p, &f);
	EXPECT_TRUE(wp_alive(p));
	EXPECT_EQ(delivered(), 1);
	/* types: middle, last and what there is not, without a first; then the first twice */
	for (i = 1; i < 8; i++) {
		ASSERT_TRUE(wp_revive(p));
		part(&f, i, i, 100);
		wp_packet(p, &f);
		wp_pump(p, 10);
	}
	for (i = 0; i < 5; i++) {
		ASSERT_TRUE(wp_revive(p));
		for (k = 0; k <= i; k++) {
			first(&f, 3000, 1000);
			wp_packet(p, &f);
		}
		part(&f, 2, 2, 500);
		wp_packet(p, &f);
		wp_pump(p, 10);
	}
	/* of 0 bytes; with less than a header; a whole that is not what it says */
	for (i = 0; i < 64; i++) {
		ASSERT_TRUE(wp_revive(p));
		part(&f, 0, 1, i);
		if (i >= 4)
			wf_put(&f, 10, 2u << 29 | 3 << 25 | 8 << 21 | (32 + i * 3));
		wp_packet(p, &f);
		part(&f, i & 1 ? 2 : 1, 2, i & 3);
		wp_packet(p, &f);
		part(&f, 2, 3, 0);
		wp_packet(p, &f);
		wp_pump(p, 2);
	}
	for (i = 0; i < 32; i++) {
		/* header sizes and versions of the inner message */
		ASSERT_TRUE(wp_revive(p));
		first(&f, 1500, 1000);
		wf_bits(&f, 10, i < 16 ? 21 : 29, i < 16 ? 15 : 7, i);
		wp_packet(p, &f);
		part(&f, 2, 2, 500);
		wp_packet(p, &f);
		wp_pump(p, 2);
	}
	/* nested: a fragment, a bundle, a tunnel, a protocol message, a beacon in fragments */
	for (i = 0; i < 16; i++) {
		ASSERT_TRUE(wp_revive(p));
		part(&f, 0, 1, 1000);
		wp_new(p, &in, i, 0, 40, 1200);
		memcpy(f.b + 40, in.b, 1000);
		wp_packet(p, &f);
		part(&f, 2, 2, 240);
		wp_packet(p, &f);
		wp_pump(p, 2);
	}
	delivered();
	end(60);
}

/* rows 6.23, 15.10 */
TEST(bundles)
{
	struct wf f, in;
	int i, k, at, n;

	begin();
	/* as many messages as there is room for, one byte each */
	for (k = 0; k < 300; k++) {
		wp_new(p, &f, WU_BUNDLE, 0, 40, 1440);
		for (at = 40, n = 0; at + 36 <= 1480; at += 36, n++) {
			wp_direct(p, &in, 77, port(), 1);
			memcpy(f.b + at, in.b, 33);
		}
		wf_bits(&f, 9, 16, 0xffff, n);
		wp_packet(p, &f);
		if (k == 0) {
			EXPECT_TRUE(wp_alive(p));
			EXPECT_EQ(delivered(), n);
		}
	}
	EXPECT_TRUE(wp_alive(p));
	EXPECT_GE(delivered(), 1);
	/* lengths beyond the end, none, and less than a header; counts that lie */
	for (i = 0; i < 120; i++) {
		ASSERT_TRUE(wp_revive(p));
		wp_new(p, &f, WU_BUNDLE, 0, 40, i % 80);
		if (f.len >= 40 + 32) {
			wp_direct(p, &in, 77, port(), 0);
			memcpy(f.b + 40, in.b, 32);
		}
		if (f.len >= 44)
			wf_bits(&f, 10, 0, 0x1ffff, i < 60 ? i : i * 1091);
		wf_bits(&f, 9, 16, 0xffff, i * 331);
		wp_packet(p, &f);
	}
	/* nested: each user in a bundle, bundles in bundles */
	for (i = 0; i < 16; i++) {
		ASSERT_TRUE(wp_revive(p));
		wp_new(p, &f, WU_BUNDLE, 0, 40, 1400);
		for (at = 40; at < 1400; at += 40) {
			wp_new(p, &in, i, at / 40 % 4, 40, 1440 - at - 40 > 0 ? 1440 - at - 40 : 0);
			memcpy(f.b + at, in.b, 40);
			if (i != WU_BUNDLE)
				wf_bits(&f, at / 4, 0, 0x1ffff, 40);
		}
		wp_packet(p, &f);
		wp_pump(p, 2);
	}
	delivered();
	end(60);
}

/* rows 15.12, 6.30, 6.31, 6.32, 6.33 */
TEST(tunnels)
{
	static const uint16_t numbers[] = { 0, 1, 2, 50, 0x7fff, 0x8000, 0xffff };
	struct wf f, in;
	int type, bearer, i, k, inner;

	begin();
	for (type = 0; type < 4; type++)
		for (bearer = 0; bearer < 8; bearer++)
			for (i = 0; i < COUNT(numbers); i++)
				for (k = 0; k < COUNT(numbers); k += 2) {
					ASSERT_TRUE(wp_revive(p));
					wp_new(p, &f, WU_TUNNEL, type, 40, 100);
					wf_put(&f, 4, (uint32_t)numbers[k] << 16 |
					       numbers[(i + k) % COUNT(numbers)]);
					wf_put(&f, 5, bearer << 9);
					wf_put(&f, 9, (uint32_t)numbers[i] << 16);
					/* a packet in it: of every user, tunnels too */
					inner = (i + bearer + k) % 16;
					wp_new(p, &in, inner, type, 40, 60 + (k == 4) * 500);
					wf_put(&in, 2, (uint32_t)numbers[k] << 16 | numbers[i]);
					memcpy(f.b + 40, in.b, 100);
					wp_packet(p, &f);
				}
	delivered();
	end(100);
}

/* rows 15.12: a tunnel in a tunnel in a tunnel */
TEST(tunnels_in_tunnels)
{
	struct wf f, in;
	int depth, type;

	begin();
	for (type = 0; type < 2; type++)
		for (depth = 1; depth < 33; depth++) {
			int d;

			ASSERT_TRUE(wp_revive(p));
			wp_new(p, &f, WU_TUNNEL, type, 40, 40 * depth + 40);
			wf_put(&f, 9, (uint32_t)depth << 16);
			for (d = 1; d <= depth; d++) {
				wp_new(p, &in, WU_TUNNEL, type, 40, 40 * (depth - d) + 40);
				memcpy(f.b + 40 * d, in.b, 40);
			}
			wp_direct(p, &in, 77, port(), 8);
			memcpy(f.b + 40 * (depth + 1), in.b, 40);
			wp_packet(p, &f);
		}
	delivered();
	end(60);
}

TEST_MAIN("messages in messages, and parts of them")
