// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "wire.h"

static struct wp_world w;
static struct wp *const p = &w.evil;

static void fragment(struct wf *f, int type, int number, int data)
{
	wp_new(p, f, WU_FRAGMENT, type, 40, data);
	wf_bits(f, 4, 16, 0xffff, number);
}

/*
 * Between two devices of one namespace a frame is still charged to the socket it was sent by. What
 * the node keeps must not be; joining parts changes what they weigh.
 */
/* rows 6.25, 6.14, 6.34 */
TEST(frames_of_a_local_socket)
{
	struct wf f, in;
	int i, k;

	wp_world_of_one(&w);
	for (k = 0; k < 3; k++) {
		ASSERT_TRUE(wp_revive(p));
		fragment(&f, 0, 1, 1332);
		wp_direct(p, &in, 77, 1, 0);
		wf_bits(&in, 0, 0, 0x1ffff, 32 + 66000);
		memcpy(f.b + 40, in.b, 32);
		wp_packet(p, &f);
		for (i = 0; i < 40; i++) {
			fragment(&f, 1, i + 2, 1400);
			wp_packet(p, &f);
		}
		/* what is kept goes */
		p->session++;
		wp_say(p, WL_RESET);
		wp_say(p, WL_RESET);
		p->up = 0;
	}
	ASSERT_TRUE(wp_revive(p));
	/* far more than the socket could send if it were charged for all that waits */
	for (i = 4000; i > 0; i--) {
		wp_direct(p, &f, 77, 1, 1400);
		wf_put(&f, 2, (uint16_t)(p->expected - 1) << 16 | (uint16_t)(p->next + i));
		wp_send(p, &f);
		if (i % 500 == 0)
			wp_pump(p, 0);
	}
	wp_check(&w);
}

TEST_MAIN("what comes from a socket of this machine is the node's own once it has come")
