/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* One link, looked at from both sides: frame by frame as its peer, and as the module tells of it. */
#ifndef LINK_H
#define LINK_H

#include "wire.h"
#include "genl.h"
#include "tipc_conn.h"

#define NAME "1001001:v0-1001666:wire"
#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static struct wp_world w;
static struct wp *const p = &w.evil;

static inline uint32_t port(void) { return tu_self(w.sock).addr.id.ref; }

/* fields of the links' own messages */
static inline int is_state(const struct wf *f) { return wf_user(f) == WU_LINK && wf_type(f) == WL_STATE; }
static inline int is_probe(const struct wf *f) { return wf_get(f, 5) & 1; }
static inline int is_keepalive(const struct wf *f) { return wf_get(f, 0) >> 19 & 1; }
static inline int gap(const struct wf *f) { return wf_get(f, 1) >> 16 & 0x1fff; }
static inline uint16_t ack(const struct wf *f) { return wf_get(f, 2) >> 16; }
static inline uint16_t number(const struct wf *f) { return wf_get(f, 2); }
static inline uint16_t next_sent(const struct wf *f) { return wf_get(f, 4); }

/* the clock frames are stamped by */
static inline double stamp_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* until nothing is under way from the module, which knows that */
UNUSED static void settle(struct wp *q)
{
	double late = ktap_now() + 1, end = late + 19;
	uint16_t missing;
	int lost = 0;

	do {
		wp_pump(q, 20);
		/* lost again: the machine stood still for too long, or a RESET of before came late */
		while (!wp_alive(q)) {
			ktap_note("lost before it began");
			ASSERT_TRUE(++lost < 3 && wp_up(q));
			end = ktap_now() + 20;
		}
		missing = next_sent(&q->last) - q->expected;
		/* a packet that the next one has overtaken was dropped, and does not come by itself */
		if (missing && ktap_now() > late) {
			ktap_note("%d awaited, %d missing", q->expected, missing);
			ASSERT_TRUE(late < end);
			wp_ask_for(q, missing);
			late = ktap_now() + 1;
		}
	} while (missing);
	wp_say(q, WL_STATE);
}

/*
 * A tolerance, that the module's end of the link takes over at its next tick; it has done so then.
 * 0 if the link was lost: by the shorter one, as soon as the machine stands still a little.
 */
UNUSED static int tolerates(struct wp *q, int ms)
{
	double said, end = ktap_now() + 5;
	struct wf f;

	wp_protocol(q, &f, WL_STATE, 4);
	wf_bits(&f, 9, 0, 0xffff, ms);
	wp_send(q, &f);
	said = stamp_now();
	do {
		ASSERT_TRUE(wp_wait(q, WU_LINK, 5000));
		if (!q->up || ktap_now() > end)
			return 0;
		/* an ACTIVATE of before may come late */
	} while (!is_state(&q->last) || !is_probe(&q->last) || q->at < said);
	return 1;
}

/* the same for a link that is the only one, and may begin anew */
UNUSED static void tolerate(struct wp *q, int ms)
{
	for (int lost = 0; !tolerates(q, ms);) {
		ktap_note("lost by its new tolerance");
		ASSERT_TRUE(++lost < 3 && wp_up(q));
		settle(q);
	}
}

UNUSED static int of_link(int cmd, const char *name, struct gn_msg *m)
{
	struct gn_req *r = gn_new(cmd);
	struct nlattr *nest = gn_nest(r, TIPC_NLA_LINK);
	int fd = gn_open(), err;

	gn_str(r, TIPC_NLA_LINK_NAME, name);
	gn_end(r, nest);
	err = gn_do(fd, r, m);
	close(fd);
	return err;
}

/* an attribute in a nest of the link's, or, with nest 0, of the link itself */
UNUSED static uint32_t told(int nest, int what)
{
	struct gn_msg m;
	struct nlattr *a;

	ASSERT_EQ(of_link(TIPC_NL_LINK_GET, NAME, &m), 0);
	if (!nest)
		return gn_val(gn_in(&m, TIPC_NLA_LINK, what));
	a = gn_in(&m, TIPC_NLA_LINK, nest);
	ASSERT_TRUE(a);
	return gn_val(gn_find(gn_data(a), gn_len(a), what));
}

/* a link that is at rest */
UNUSED static void begin(void)
{
	wp_world(&w);
	ASSERT_TRUE(wp_up(p));
	settle(p);
}

/* what a peer with two links must be able to do: else the first has a packet that was never sent (C) */
#define TUNNELS (WP_PLAIN | 1 << 9)

/* two links of the same peer, at rest, the first of which a machine that stands still does not cut */
UNUSED static void pair(void)
{
	struct wp *q = &w.honest;

	q->own = p->own;
	p->caps = q->caps = TUNNELS;
	q->bearer = 1;
	ASSERT_TRUE(wp_up(p));
	tolerate(p, 30000);
	settle(p);
	ASSERT_TRUE(wp_up(q));
	settle(q);
	settle(p);
}

#endif
