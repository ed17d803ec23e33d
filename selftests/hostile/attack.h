/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The world of a program that attacks a link: a hostile peer whose link is up, and an honest one. */
#ifndef ATTACK_H
#define ATTACK_H

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

#endif
