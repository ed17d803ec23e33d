/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Sockets as sock_diag shows them: requests byte by byte, and answers taken apart.
 */
#ifndef DIAG_H
#define DIAG_H

#include "tipc_util.h"
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tipc_netlink.h>
#include <linux/tipc_sockets_diag.h>

/* what one message says; numbers that are not there are 0 */
struct diag_sock {
	uint32_t ref, addr, type, state, ino, uid, rcvq, sendq, drop;
	uint32_t con_node, con_sock, con_type, con_inst;
	uint64_t cookie;
	/* bit n: attribute n is there */
	uint32_t has, con_has, stat_has;
	int count;	/* how often */
};

struct diag_dump {
	struct diag_sock *sock;
	int socks;
	int empty;	/* messages without anything in them */
	int acks;	/* NLMSG_ERROR of 0 */
	int flags;	/* of all messages together */
	int error;	/* of NLMSG_ERROR or NLMSG_DONE, or 1 if neither came */
};

static inline int diag_open(void)
{
	int fd = SYS(socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG));
	struct timeval tv = { 3, 0 };

	ASSERT_GE(fd, 0);
	ASSERT_EQ(SYS(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv))), 0);
	return fd;
}

/* a request of len bytes after its head, of which body gives the first 8 */
static inline int diag_send(int fd, int type, int flags, int len, const void *body)
{
	static char b[4096] __attribute__((aligned(8)));
	struct nlmsghdr *h = (void *)b;

	memset(b, 0, sizeof(b));
	h->nlmsg_len = NLMSG_HDRLEN + len;
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	h->nlmsg_seq = 4711;
	memcpy(NLMSG_DATA(h), body, len < 8 ? len : 8);
	return SYS(send(fd, b, h->nlmsg_len, 0));
}

static inline int diag_ask(int fd, int flags, uint32_t states)
{
	struct tipc_sock_diag_req r = { .sdiag_family = AF_TIPC, .tidiag_states = states };

	return diag_send(fd, SOCK_DIAG_BY_FAMILY, flags, sizeof(r), &r);
}

#define DIAG_EACH(a, data, len)							\
	for (struct nlattr *a = (void *)(data);					\
	     (char *)a + NLA_HDRLEN <= (char *)(data) + (len) &&		\
	     a->nla_len >= NLA_HDRLEN;						\
	     a = (void *)((char *)a + NLA_ALIGN(a->nla_len)))

static inline uint32_t diag_u32(const struct nlattr *a)
{
	uint32_t v = 0;

	EXPECT_EQ(a->nla_len, NLA_HDRLEN + 4);
	memcpy(&v, a + 1, 4);
	return v;
}

static inline void diag_con(const struct nlattr *nest, struct diag_sock *s)
{
	DIAG_EACH(a, nest + 1, nest->nla_len - NLA_HDRLEN) {
		s->con_has |= 1u << a->nla_type;
		switch (a->nla_type) {
		case TIPC_NLA_CON_FLAG: EXPECT_EQ(a->nla_len, NLA_HDRLEN); break;
		case TIPC_NLA_CON_NODE: s->con_node = diag_u32(a); break;
		case TIPC_NLA_CON_SOCK: s->con_sock = diag_u32(a); break;
		case TIPC_NLA_CON_TYPE: s->con_type = diag_u32(a); break;
		case TIPC_NLA_CON_INST: s->con_inst = diag_u32(a); break;
		default: EXPECT_EQ(a->nla_type, -1);
		}
	}
}

static inline void diag_stat(const struct nlattr *nest, struct diag_sock *s)
{
	DIAG_EACH(a, nest + 1, nest->nla_len - NLA_HDRLEN) {
		s->stat_has |= 1u << a->nla_type;
		switch (a->nla_type) {
		case TIPC_NLA_SOCK_STAT_RCVQ: s->rcvq = diag_u32(a); break;
		case TIPC_NLA_SOCK_STAT_SENDQ: s->sendq = diag_u32(a); break;
		case TIPC_NLA_SOCK_STAT_DROP: s->drop = diag_u32(a); break;
		case TIPC_NLA_SOCK_STAT_LINK_CONG:
		case TIPC_NLA_SOCK_STAT_CONN_CONG: EXPECT_EQ(a->nla_len, NLA_HDRLEN); break;
		default: EXPECT_EQ(a->nla_type, -1);
		}
	}
}

static inline void diag_parse(const struct nlmsghdr *h, struct diag_dump *d)
{
	const struct nlattr *outer = NLMSG_DATA(h);
	struct diag_sock s = { .count = 1 };
	int i;

	EXPECT_EQ(h->nlmsg_type, SOCK_DIAG_BY_FAMILY);
	EXPECT_EQ(h->nlmsg_seq, 4711);
	if (h->nlmsg_len == NLMSG_HDRLEN) {
		d->empty++;
		return;
	}
	/* one attribute fills the message */
	EXPECT_EQ(outer->nla_type, TIPC_NLA_SOCK);
	EXPECT_EQ(NLMSG_HDRLEN + NLA_ALIGN(outer->nla_len), h->nlmsg_len);
	DIAG_EACH(a, outer + 1, outer->nla_len - NLA_HDRLEN) {
		s.has |= 1u << a->nla_type;
		switch (a->nla_type) {
		case TIPC_NLA_SOCK_ADDR: s.addr = diag_u32(a); break;
		case TIPC_NLA_SOCK_REF: s.ref = diag_u32(a); break;
		case TIPC_NLA_SOCK_CON: diag_con(a, &s); break;
		case TIPC_NLA_SOCK_HAS_PUBL: EXPECT_EQ(a->nla_len, NLA_HDRLEN); break;
		case TIPC_NLA_SOCK_STAT: diag_stat(a, &s); break;
		case TIPC_NLA_SOCK_TYPE: s.type = diag_u32(a); break;
		case TIPC_NLA_SOCK_INO: s.ino = diag_u32(a); break;
		case TIPC_NLA_SOCK_UID: s.uid = diag_u32(a); break;
		case TIPC_NLA_SOCK_TIPC_STATE: s.state = diag_u32(a); break;
		case TIPC_NLA_SOCK_COOKIE:
			EXPECT_EQ(a->nla_len, NLA_HDRLEN + 8);
			memcpy(&s.cookie, a + 1, 8);
			break;
		default: EXPECT_EQ(a->nla_type, -1);
		}
	}
	for (i = 0; i < d->socks; i++) {
		if (d->sock[i].ref == s.ref) {
			d->sock[i].count++;
			return;
		}
	}
	d->sock = realloc(d->sock, (d->socks + 1) * sizeof(s));
	ASSERT_TRUE(d->sock);
	d->sock[d->socks++] = s;
}

/* everything up to the end, or to an error */
static inline struct diag_dump diag_read(int fd)
{
	static char b[65536] __attribute__((aligned(8)));
	struct diag_dump d = { .error = 1 };
	struct nlmsghdr *h;
	int n;

	while ((n = SYS(recv(fd, b, sizeof(b), 0))) > 0) {
		for (h = (void *)b; NLMSG_OK(h, (unsigned int)n); h = NLMSG_NEXT(h, n)) {
			d.flags |= h->nlmsg_flags;
			if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) {
				int e = *(int *)NLMSG_DATA(h);

				if (h->nlmsg_type == NLMSG_ERROR && !e) {
					d.acks++;
					continue;
				}
				d.error = e;
				return d;
			}
			EXPECT_TRUE(h->nlmsg_flags & NLM_F_MULTI);
			diag_parse(h, &d);
		}
	}
	return d;
}

/* a dump of the sockets in these states */
static inline struct diag_dump diag_dump(uint32_t states)
{
	int fd = diag_open();
	struct diag_dump d;

	ASSERT_GE(diag_ask(fd, NLM_F_DUMP, states), 0);
	d = diag_read(fd);
	EXPECT_EQ(d.error, 0);
	close(fd);
	return d;
}

static inline const struct diag_sock *diag_find(const struct diag_dump *d, uint32_t ref)
{
	int i;

	for (i = 0; i < d->socks; i++)
		if (d->sock[i].ref == ref)
			return &d->sock[i];
	return NULL;
}

/* one socket of ours, which has to be there, once */
static inline struct diag_sock diag_of(int fd)
{
	struct diag_dump d = diag_dump(~0u);
	const struct diag_sock *found = diag_find(&d, tu_self(fd).addr.id.ref);
	struct diag_sock s;

	ASSERT_TRUE(found);
	s = *found;
	EXPECT_EQ(s.count, 1);
	free(d.sock);
	return s;
}

#endif
