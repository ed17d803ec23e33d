/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The generic netlink family TIPCv2, byte by byte: requests may be as wrong as
 * a test wants them.
 */
#ifndef GENL_H
#define GENL_H

#include "tipc_util.h"
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/tipc_netlink.h>

struct gn_req {
	struct nlmsghdr h;
	struct genlmsghdr g;
	char data[65536];
};

/* a message that came: head and attributes */
struct gn_msg {
	struct nlmsghdr *h;
	struct genlmsghdr *g;
	void *attrs;
	int len;
};

/* what the last call was told */
struct gn_told {
	char reason[128];	/* NLMSGERR_ATTR_MSG, "" without */
	int messages;		/* how many came before the end */
	int in_done;		/* a dump's error came with NLMSG_DONE */
	int changed;		/* NLM_F_DUMP_INTR was seen */
};
extern struct gn_told gn_told;

int gn_open(void);			/* a netlink socket; leaves the subtest if it fails */
int gn_family(int fd);			/* number of TIPCv2, or -errno */

/* a request, empty but for its heads */
struct gn_req *gn_new(int cmd);
void gn_put(struct gn_req *r, int type, const void *data, int len);
void gn_u32(struct gn_req *r, int type, uint32_t value);
void gn_str(struct gn_req *r, int type, const char *text);
struct nlattr *gn_nest(struct gn_req *r, int type);
void gn_end(struct gn_req *r, struct nlattr *nest);

/* sends r (and frees it), asks for an ack: 0 or -errno; the reply, if one came, is in *reply */
int gn_do(int fd, struct gn_req *r, struct gn_msg *reply);

/* the same, in a dump: each message is shown to one() */
int gn_dump(int fd, struct gn_req *r, void (*one)(struct gn_msg *m, void *arg), void *arg);
int gn_send(int fd, struct gn_req *r, int flags);	/* only sends */
/* reads one buffer of a dump: 1 if it goes on, 0 at its end, or -errno */
int gn_page(int fd, void (*one)(struct gn_msg *m, void *arg), void *arg);

/* attribute of a type in len bytes, the first of them; NULL without */
struct nlattr *gn_find(void *attrs, int len, int type);
struct nlattr *gn_in(struct gn_msg *m, int outer, int inner);	/* gn_find twice */
uint32_t gn_val(struct nlattr *a);	/* 0xeeeeeeee without */
static inline void *gn_data(struct nlattr *a) { return (char *)a + NLA_HDRLEN; }
static inline int gn_len(struct nlattr *a) { return a->nla_len - NLA_HDRLEN; }

/* one u32 in one nest, as most requests are */
struct gn_req *gn_simple(int cmd, int outer, int inner, uint32_t value);

/* gives the node an address (NET_SET): 0 or -errno */
int gn_set_addr(int fd, uint32_t addr);
/* and an identity of up to 16 characters */
int gn_set_identity(int fd, const char *text);

#endif
