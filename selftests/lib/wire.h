/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * A wire with a node on it that the test plays itself, frame by frame.
 *
 * wp_world() makes a network namespace with two pairs of veth devices; the
 * module has a bearer on one end of each, the test sits at the other ends:
 * `evil` on the first wire does what the test wants, `honest` on the second
 * shows that the node still works. The rows and the format of frames are in
 * section 15 of the inventory of the C module.
 */
#ifndef WIRE_H
#define WIRE_H

#include "tipc_util.h"

enum {
	WU_LOW, WU_MEDIUM, WU_HIGH, WU_CRITICAL, WU_NONE, WU_BCAST, WU_BUNDLE, WU_LINK, WU_CONN,
	WU_GROUP, WU_TUNNEL, WU_NAMES, WU_FRAGMENT, WU_DISC, WU_CRYPTO, WU_TOPSRV,
};
enum { WL_STATE, WL_RESET, WL_ACTIVATE };
enum { WD_REQUEST, WD_RESPONSE, WD_TRIAL, WD_TRIAL_FAIL };

#define WP_NODE		0x01001001	/* the module's node */
#define WP_PLAIN	0x1ff		/* what a peer can that takes names by its link only */
#define WP_ALL		0xfff		/* all that a node can */

/* a frame without its Ethernet header */
struct wf {
	int len;
	uint8_t b[4096];
};

/* a peer, played by the test */
struct wp {
	int fd;
	int tap, head, piece;		/* at a tap device, and how frames come by it then */
	uint8_t mac[6], theirs[6];
	uint32_t own;			/* its address */
	uint32_t id;			/* what its identity is made of; 0: its address */
	uint32_t caps;
	uint16_t session, next, expected, state, bcast_ack;
	uint16_t their_session;
	uint8_t bearer;			/* the number it gives its bearer */
	int silent;			/* answers and acknowledges nothing */
	int shares;			/* its wire, with another peer of the test's */
	int up, known, unacked;
	unsigned int seen[16];		/* frames that came, by user */
	unsigned int resets;		/* of them RESET */
	struct wf last;			/* the last frame in sequence, or that wp_wait() found */
	double at;			/* when the last frame came, in seconds */
	void (*see)(const struct wf *f);	/* shown each frame in sequence, and those that have none */
};

struct wp_world {
	struct wp evil, honest, third;
	int log;			/* /dev/kmsg */
	int sock;			/* bound, for honest traffic */
};

void wp_world(struct wp_world *w);	/* leaves the subtest if it is impossible */
void wp_world_bare(struct wp_world *w);	/* the node is nobody and has no bearers yet */
void wp_world_of_one(struct wp_world *w);	/* the test's ends are in the node's own namespace */
void wp_world_three(struct wp_world *w);	/* `evil`, `honest` and `third` are one peer, on three wires */
/*
 * `evil` is at a tap device. With `piece` its frames come in pieces, as by devices that scatter what
 * they receive: `head` bytes, of which 14 are Ethernet's, and then `piece` bytes each, 17 times at
 * most, and all that is left in the last one.
 */
void wp_world_tap(struct wp_world *w);

/* one more peer, at the test's end of a wire (w0 or w1); in a world of one only */
void wp_open(struct wp *p, const char *dev, uint32_t own);

/* words and halves of a frame, big endian */
void wf_put(struct wf *f, int word, uint32_t value);
void wf_bits(struct wf *f, int word, int shift, uint32_t mask, uint32_t value);
uint32_t wf_get(const struct wf *f, int word);
static inline int wf_user(const struct wf *f) { return wf_get(f, 0) >> 25 & 15; }
static inline int wf_type(const struct wf *f) { return wf_get(f, 1) >> 29; }

/* a frame with a header of hlen and data bytes (counted up from 0) behind it */
void wf_new(struct wf *f, int user, int type, int hlen, int data);
/* the same from this peer to the module's node, words 3, 6 and 7 filled in */
void wp_new(struct wp *p, struct wf *f, int user, int type, int hlen, int data);
void wp_direct(struct wp *p, struct wf *f, uint32_t from, uint32_t to, int data);

void wp_send(struct wp *p, const struct wf *f);	/* as it is */
void wp_send_to(struct wp *p, const uint8_t *mac, const struct wf *f);
void wp_number(struct wp *p, struct wf *f);	/* the next number and the acknowledgements */
void wp_packet(struct wp *p, struct wf *f);	/* both */

void wp_beacon(struct wp *p, struct wf *f, int type);
void wp_protocol(struct wp *p, struct wf *f, int type, int data);
void wp_say(struct wp *p, int type);		/* RESET, ACTIVATE or STATE */
void wp_ask(struct wp *p);			/* STATE that wants an answer */

/*
 * The next frame that comes before `end` (as ktap_now() counts), whatever a good peer would do with it:
 * PACKET_HOST and so on, or -1.
 */
int wp_frame(struct wp *p, struct wf *f, double end);
/* what a good peer does with a frame: 1 if it is one that counts */
int wp_take(struct wp *p, struct wf *f);
/* takes what comes for ms; ends early with 1 when a frame of the user (or any, if -1) has come */
int wp_wait(struct wp *p, int user, int ms);
static inline void wp_pump(struct wp *p, int ms) { wp_wait(p, 99, ms); }

int wp_up(struct wp *p);			/* contact, whatever was before: 1 if it is there */
/* the same, if it is not there: a frame may have cost the link, and the next is to be looked at */
int wp_revive(struct wp *p);
int wp_alive(struct wp *p);			/* answers a probe on its link */

/* tells the module that so many packets are missing after the last that has come */
void wp_ask_for(struct wp *p, int missing);
/*
 * Asks for what the module has sent and has not come: what two processors send may overtake each
 * other, a packet that is early is dropped here, and is not sent again by itself.
 */
void wp_catch_up(struct wp *p);

/* some binding of the peer's */
void wp_name(struct wp *p, struct wf *f, int count, uint32_t type, uint32_t lower, uint32_t upper);

/*
 * The node is well: it answers the beacon of a node it does not know, an
 * honest peer gets a link, and messages go both ways on it.
 */
void wp_check(struct wp_world *w);

int wp_log_lines(struct wp_world *w);		/* lines of TIPC's in the kernel log since the last call */
long wp_memory(void);				/* kB the kernel keeps in slabs that it cannot give back */
int wp_nodes(void);				/* in a node listing, without the own one */
int wp_bearer(const char *name, int enable);	/* 0 or -errno */
void wp_tolerance(const char *bearer, int ms);	/* how long links live without a word */

#endif
