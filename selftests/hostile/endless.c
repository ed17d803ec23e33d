// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "fragments.h"

/* rows 6.25: no last fragment ever: what is kept is bounded */
TEST(endless_message)
{
	long before, most = 0;
	struct wf f;
	int i, k;

	begin();
	wp_check(&w);
	before = wp_memory();
	for (k = 0; k < 3; k++) {
		ASSERT_TRUE(wp_revive(p));
		first(&f, 66000, 1300);
		wp_packet(p, &f);
		for (i = 0; i < 3000; i++) {
			part(&f, 1, i + 2, k ? 1400 : 1);
			wp_packet(p, &f);
			if (i % 100 == 0) {
				long now = wp_memory() - before;

				wp_pump(p, 0);
				most = now > most ? now : most;
			}
		}
		p->up = 0;
	}
	ktap_note("%ld kB", most);
	/* 1101 parts in a buffer of 2 kB each */
	EXPECT_LE(most, 4 << 10);
	end(60);
}

TEST_MAIN("a message without an end costs the link, not the memory")
