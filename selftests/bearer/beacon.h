/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * A node with one bearer, and what it says in beacons. That nothing comes is never a matter of
 * waiting: what must be answered is sent behind it, and its answer comes first.
 */
#ifndef BEACON_H
#define BEACON_H

#include "wire.h"
#include "genl.h"
#include "tipc_conn.h"
#include <sched.h>

static struct wp_world w;
static const uint8_t everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

/* "nodeA": words 0x6e6f6465 and 0x41000000 */
#define NODE_A 0x2f6f6465

UNUSED static void set_identity(const char *text)
{
	int fd = gn_open();

	ASSERT_EQ(gn_set_identity(fd, text), 0);
	close(fd);
}

UNUSED static void enable(uint32_t domain)
{
	int fd = gn_open();
	struct gn_req *r = gn_new(TIPC_NL_BEARER_ENABLE);
	struct nlattr *nest = gn_nest(r, TIPC_NLA_BEARER);

	gn_str(r, TIPC_NLA_BEARER_NAME, "eth:v0");
	gn_u32(r, TIPC_NLA_BEARER_DOMAIN, domain);
	gn_end(r, nest);
	ASSERT_EQ(gn_do(fd, r, NULL), 0);
	close(fd);
}

/* frames sent one after the other arrive in this order only from one CPU */
UNUSED static void on_one_cpu(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	ASSERT_EQ(SYS(sched_setaffinity(0, sizeof(one), &one)), 0);
}

/* the node's next beacon */
UNUSED static struct wf *next(struct wp *p, int ms)
{
	ASSERT_TRUE(wp_wait(p, WU_DISC, ms));
	return &p->last;
}

/* the first of a type; none of `never` before */
UNUSED static struct wf *first(struct wp *p, int type, int never)
{
	struct wf *f = next(p, 20000);

	for (int i = 0; i < 100 && wf_type(f) != type; i++) {
		EXPECT_NE(wf_type(f), never);
		f = next(p, 20000);
	}
	ASSERT_EQ(wf_type(f), type);
	return f;
}

/* somebody else on the peer's wire */
UNUSED static struct wp other(struct wp *p, int n)
{
	struct wp o = *p;

	o.own = 0x01001100 + n;
	o.mac[4] = 0x77;
	o.mac[5] = n;
	return o;
}

/* what the node sends of a type to address `to` before it answers a call of the peer's, or null */
UNUSED static struct wf *answer(struct wp *p, int type, uint32_t to)
{
	static struct wf found;
	struct wf call, *f;
	int seen = 0;

	wp_beacon(p, &call, WD_REQUEST);
	for (int i = 0; i < 100; i++) {
		if (i % 5 == 0)
			wp_send_to(p, everybody, &call);
		f = next(p, 20000);
		if (wf_type(f) == type && wf_get(f, 2) == to) {
			found = *f;
			seen = 1;
		}
		if (wf_type(f) == WD_RESPONSE && wf_get(f, 2) == p->own)
			return seen ? &found : NULL;
	}
	ASSERT_TRUE(0);
	return NULL;
}

/* a node with an identity and one bearer, or of the old kind if there is none */
UNUSED static struct wp *node(const char *identity, uint32_t domain)
{
	on_one_cpu();
	wp_world_bare(&w);
	if (identity) {
		set_identity(identity);
	} else {
		int fd = gn_open();

		ASSERT_EQ(gn_set_addr(fd, WP_NODE), 0);
		close(fd);
	}
	enable(domain);
	/* from here on the wire is known to work */
	if (!identity)
		EXPECT_TRUE(!answer(&w.evil, WD_TRIAL, 0));
	return &w.evil;
}

/* what all beacons of the node have in common */
UNUSED static void check(struct wp *p, const struct wf *f, uint32_t from, uint32_t domain)
{
	EXPECT_EQ(f->len, 76);
	EXPECT_EQ(wf_get(f, 0), 2u << 29 | WU_DISC << 25 | 15 << 21 | 1 << 20 | 76);
	EXPECT_EQ(wf_get(f, 1) >> 15 & 0x1fff, 0xfff);
	EXPECT_EQ(wf_get(f, 2), domain);
	EXPECT_EQ(wf_get(f, 3), from);
	EXPECT_EQ(wf_get(f, 4), 4711);
	EXPECT_EQ(f->b[23], 1);
	EXPECT_EQ(memcmp(f->b + 24, p->theirs, 6), 0);
}

#endif
