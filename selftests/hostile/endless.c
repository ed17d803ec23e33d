// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "wire.h"

static struct wp_world w;
static struct wp *const p = &w.evil;

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static void begin(void)
{
	wp_world(&w);
	ASSERT_TRUE(wp_up(p));
}

static void end(int lines)
{
	wp_check(&w);
	EXPECT_TRUE(wp_revive(p));
	EXPECT_LE(wp_log_lines(&w), lines);
}

static uint32_t port(void)
{
	return tu_self(w.sock).addr.id.ref;
}

/* what the peer has sent to the test's socket and was delivered; bytes of it in all */
__attribute__((unused)) static int delivered(void)
{
	char b[2000];
	int n, count = 0;

	while ((n = tu_recv(w.sock, b, sizeof(b), MSG_DONTWAIT)) >= 0)
		count++;
	return count;
}

static void part(struct wf *f, int type, int number, int data)
{
	wp_new(p, f, WU_FRAGMENT, type, 40, data);
	wf_bits(f, 4, 16, 0xffff, number);
}

/* a first fragment of a message that says it has `whole` bytes of data */
static void first(struct wf *f, int whole, int data)
{
	struct wf in;

	part(f, 0, 1, 32 + data);
	wp_direct(p, &in, 77, port(), 0);
	wf_bits(&in, 0, 0, 0x1ffff, 32 + whole);
	memcpy(f->b + 40, in.b, 32);
}

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
