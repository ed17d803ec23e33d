/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Two peers of the test's own, each on its wire, and what the node multicasts to them. */
#ifndef PEERS_H
#define PEERS_H

#include "genl.h"
#include "wire.h"
#include <linux/if_packet.h>

enum { MULTICAST = 1 };	/* a type of user data */

/* what a socket may be told of its way */
enum { ANY_WAY = 0, BY_BROADCAST = TIPC_MCAST_BROADCAST, BY_COPIES = TIPC_MCAST_REPLICAST };

#define TYPE tu_type(0)
#define MULTICAST_HEADER 44
#define FRAGMENT_HEADER 40

static struct wp_world w;
static struct wp *const a = &w.evil, *const b = &w.honest;

static inline int is_broadcast(const struct wf *f) { return wf_get(f, 0) >> 20 & 1; }
static inline int is_replicast(const struct wf *f) { return wf_get(f, 0) >> 18 & 1; }
static inline int is_syn(const struct wf *f) { return wf_get(f, 0) >> 17 & 1; }
static inline int size_of(const struct wf *f) { return wf_get(f, 0) & 0x1ffff; }
static inline uint16_t number_of(const struct wf *f) { return wf_get(f, 2); }

/* a multicast, or a part of one */
static inline int is_multicast(const struct wf *f)
{
	return wf_user(f) == WU_FRAGMENT || (wf_user(f) <= WU_CRITICAL && wf_type(f) == MULTICAST);
}

/* the next frame of multicasts that comes to a peer: PACKET_HOST and so on, or -1 */
static inline int next_of(struct wp *p, struct wf *f, int ms)
{
	double end = ktap_now() + ms / 1000.0;
	int kind;

	while ((kind = wp_frame(p, f, end)) >= 0) {
		wp_take(p, f);
		if (is_multicast(f))
			break;
	}
	return kind;
}

/* somebody at the peer is bound to the instance, and the node knows it */
static inline void bind_at(struct wp *p, uint32_t instance)
{
	double end = ktap_now() + 20;
	struct wf f;
	int r;

	wp_name(p, &f, 1, TYPE, instance, instance);
	wp_packet(p, &f);
	while ((r = tu_reach(TYPE, instance)) && ktap_now() < end)
		wp_pump(p, 5);
	ASSERT_EQ(r, 0);
}

/* and no longer */
static inline void unbind_at(struct wp *p, uint32_t instance)
{
	double end = ktap_now() + 20;
	struct wf f;
	int r;

	wp_name(p, &f, 1, TYPE, instance, instance);
	wf_bits(&f, 1, 29, 7, 1);
	wp_packet(p, &f);
	while ((r = tu_reach(TYPE, instance)) != -EHOSTUNREACH && ktap_now() < end)
		wp_pump(p, 5);
	ASSERT_EQ(r, -EHOSTUNREACH);
}

/* a word of the peer's that it has the node's broadcasts up to `acked`, and none of the `gap` after it */
static inline void has(struct wp *p, uint16_t acked, int gap)
{
	struct wf f;

	wp_protocol(p, &f, WL_STATE, 4);
	wf_bits(&f, 1, 0, 0xffff, acked);
	wf_bits(&f, 5, 14, 1, 0);
	wf_bits(&f, 8, 0, 0x3ff, gap);
	wp_send(p, &f);
}

/* links live without a word as long as they may: a slow machine loses none */
static inline void patience(const char *bearer)
{
	wp_tolerance(bearer, 30000);
}

/* contact with a peer, whose broadcasts begin with number 1 and who has heard where the node's begin */
static inline void meet(struct wp *p)
{
	struct wf f;

	ASSERT_TRUE(wp_up(p));
	for (int i = 0; i < 100 && p->expected < 2; i++)
		wp_pump(p, 50);
	wp_new(p, &f, WU_BCAST, 0, 40, 0);
	wf_bits(&f, 5, 14, 1, 1);
	wp_packet(p, &f);
	ASSERT_TRUE(wp_alive(p));
	/* the node listens to such words from the second one on */
	has(p, p->bcast_ack, 0);
	ASSERT_TRUE(wp_alive(p));
}

/* both peers, with somebody bound to instance 1 at one and to 2 at the other */
static inline void meet_both(void)
{
	patience("eth:v0");
	patience("eth:v1");
	meet(a);
	meet(b);
	bind_at(a, 1);
	bind_at(b, 2);
}

static inline int sender(int way)
{
	int s = tu_socket(SOCK_RDM);

	if (way)
		ASSERT_EQ(SYS(setsockopt(s, SOL_TIPC, way, NULL, 0)), 0);
	return s;
}

/* to the instances from 1 to last */
static inline void multicast(int s, const void *data, int len, uint32_t last)
{
	struct sockaddr_tipc to = tu_range(TYPE, 1, last, TIPC_CLUSTER_SCOPE);

	ASSERT_EQ(tu_sendto(s, data, len, &to, sizeof(to)), len);
}

/* a message that is one byte */
static inline void say(int s, uint8_t what, uint32_t last)
{
	multicast(s, &what, 1, last);
}

/* how that message comes to a peer: PACKET_HOST and so on, or -1; empty twins are passed over */
static inline int comes(struct wp *p, struct wf *f, uint8_t what, int ms)
{
	double end = ktap_now() + ms / 1000.0;
	int kind;

	do
		kind = next_of(p, f, (end - ktap_now()) * 1000);
	while (kind >= 0 && !(size_of(f) == MULTICAST_HEADER + 1 && f->b[MULTICAST_HEADER] == what));
	return kind;
}

/* a property of the broadcast link (0: none), set: 0 or -errno */
static inline int set_broadcast(int prop, uint32_t value)
{
	struct gn_req *r = gn_new(TIPC_NL_LINK_SET);
	struct nlattr *nest = gn_nest(r, TIPC_NLA_LINK), *inner;
	int fd = gn_open(), err;

	gn_str(r, TIPC_NLA_LINK_NAME, "broadcast-link");
	inner = gn_nest(r, TIPC_NLA_LINK_PROP);
	if (prop)
		gn_u32(r, prop, value);
	gn_end(r, inner);
	gn_end(r, nest);
	err = gn_do(fd, r, NULL);
	close(fd);
	return err;
}

enum { MODE_BROADCAST = 1, MODE_REPLICAST = 2, MODE_SELECT = 4 };

#endif
