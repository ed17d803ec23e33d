/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* A neighbour that is the test (lib/wire.h), and what it is told of names. */
#ifndef NEIGHBOUR_H
#define NEIGHBOUR_H

#include "wire.h"

#define TYPE tu_type(0)

/* byte 4 of a header, below the type */
enum { OLD = 0, CHANGE = 4, BULK = 0x14, LAST = 0x1c };
enum { PUBLICATION, WITHDRAWAL };

static struct wp_world w;
static struct wp *const p = &w.evil;
static struct wf heard[64];
static int count, taken;

/* keeps what is said of names; what comes by broadcast again is known by its number */
static inline void keep(const struct wf *f)
{
	static int by_broadcast = -1;

	/* the first packet of a link: what was told by one before it is told again */
	if (!(wf_get(f, 0) & 1 << 20) && (wf_get(f, 2) & 0xffff) == 1)
		count = taken = 0;
	if (wf_user(f) != WU_NAMES)
		return;
	if (wf_get(f, 0) & 1 << 20) {
		if ((int)(wf_get(f, 2) & 0xffff) == by_broadcast)
			return;
		by_broadcast = wf_get(f, 2) & 0xffff;
	}
	if (count < 64)
		heard[count++] = *f;
}

static inline const struct wf *next(struct wp *by)
{
	double end = ktap_now() + 20;

	while (taken == count && ktap_now() < end)
		if (!wp_wait(by, WU_NAMES, 200))
			wp_catch_up(by);
	ASSERT_TRUE(taken < count);
	return &heard[taken++];
}

/* the world, and a peer that is not in contact yet */
static inline void world(uint32_t caps)
{
	wp_world(&w);
	p->caps = caps;
	p->see = keep;
}

/* one message of a bulk; how many items */
static inline int check_bulk(const struct wf *f, struct wp *to, int last)
{
	int items = (f->len - 40) / 20;

	EXPECT_EQ(f->len, 40 + 20 * items);
	EXPECT_EQ(wf_get(f, 0), 2u << 29 | WU_NAMES << 25 | 10 << 21 | f->len);
	EXPECT_EQ(wf_get(f, 1) >> 16, (last ? LAST : BULK) << 8);
	EXPECT_EQ(wf_get(f, 3), WP_NODE);
	if (!last)
		EXPECT_EQ(wf_get(f, 4), 0);
	EXPECT_EQ(wf_get(f, 4) >> 16, 0);
	EXPECT_EQ(wf_get(f, 5), 1 << 14);
	EXPECT_EQ(wf_get(f, 6), WP_NODE);
	EXPECT_EQ(wf_get(f, 7), to->own);
	EXPECT_EQ(wf_get(f, 8), 0);
	EXPECT_EQ(wf_get(f, 9), 0);
	return items;
}

/* contact; the number of the change that will come next */
static inline uint16_t contact(struct wp *by)
{
	const struct wf *f;

	count = taken = 0;
	ASSERT_TRUE(wp_up(by));
	do
		f = next(by);
	while (!(wf_get(f, 1) & 1 << 27));
	check_bulk(f, by, 1);
	return wf_get(f, 4);
}

#endif
