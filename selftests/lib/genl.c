// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "genl.h"

struct gn_told gn_told;

static int family;
static uint32_t seq;

int gn_open(void)
{
	struct timeval tv = { 20, 0 };
	int one = 1, fd = SYS(socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC));

	ASSERT_GE(fd, 0);
	ASSERT_EQ(SYS(setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one))), 0);
	ASSERT_EQ(SYS(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv))), 0);
	if (!family)
		family = gn_family(fd);
	ASSERT_GE(family, 16);
	return fd;
}

int gn_family(int fd)
{
	struct gn_req *r = gn_new(CTRL_CMD_GETFAMILY);
	struct gn_msg m;
	struct nlattr *id;
	int err;

	r->h.nlmsg_type = GENL_ID_CTRL;
	gn_str(r, CTRL_ATTR_FAMILY_NAME, TIPC_GENL_V2_NAME);
	err = gn_do(fd, r, &m);
	if (err)
		return err;
	id = gn_find(m.attrs, m.len, CTRL_ATTR_FAMILY_ID);
	return id ? *(uint16_t *)gn_data(id) : -ENOENT;
}

struct gn_req *gn_new(int cmd)
{
	struct gn_req *r = calloc(1, sizeof(*r));

	ASSERT_TRUE(r);
	r->h.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	r->h.nlmsg_type = family;
	r->g.cmd = cmd;
	r->g.version = 1;
	return r;
}

void gn_put(struct gn_req *r, int type, const void *data, int len)
{
	struct nlattr *a = (void *)((char *)r + NLMSG_ALIGN(r->h.nlmsg_len));

	ASSERT_TRUE(NLMSG_ALIGN(r->h.nlmsg_len) + NLA_HDRLEN + len <= sizeof(*r));
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy(gn_data(a), data, len);
	r->h.nlmsg_len = NLMSG_ALIGN(r->h.nlmsg_len) + NLA_ALIGN(a->nla_len);
}

void gn_u32(struct gn_req *r, int type, uint32_t value)
{
	gn_put(r, type, &value, sizeof(value));
}

void gn_str(struct gn_req *r, int type, const char *text)
{
	gn_put(r, type, text, strlen(text) + 1);
}

struct nlattr *gn_nest(struct gn_req *r, int type)
{
	struct nlattr *a = (void *)((char *)r + NLMSG_ALIGN(r->h.nlmsg_len));

	gn_put(r, type, NULL, 0);
	return a;
}

void gn_end(struct gn_req *r, struct nlattr *nest)
{
	nest->nla_len = (char *)r + r->h.nlmsg_len - (char *)nest;
}

struct gn_req *gn_simple(int cmd, int outer, int inner, uint32_t value)
{
	struct gn_req *r = gn_new(cmd);
	struct nlattr *nest = gn_nest(r, outer);

	gn_u32(r, inner, value);
	gn_end(r, nest);
	return r;
}

struct nlattr *gn_find(void *attrs, int len, int type)
{
	char *at = attrs, *end = at + len;

	while (end - at >= NLA_HDRLEN) {
		struct nlattr *a = (void *)at;

		if (a->nla_len < NLA_HDRLEN || a->nla_len > end - at)
			break;
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		at += NLA_ALIGN(a->nla_len);
	}
	return NULL;
}

struct nlattr *gn_in(struct gn_msg *m, int outer, int inner)
{
	struct nlattr *a = gn_find(m->attrs, m->len, outer);

	return a ? gn_find(gn_data(a), gn_len(a), inner) : NULL;
}

uint32_t gn_val(struct nlattr *a)
{
	uint32_t v;

	if (!a || gn_len(a) != sizeof(v))
		return 0xeeeeeeee;
	memcpy(&v, gn_data(a), sizeof(v));
	return v;
}

int gn_send(int fd, struct gn_req *r, int flags)
{
	int err;

	r->h.nlmsg_seq = ++seq;
	r->h.nlmsg_flags |= NLM_F_REQUEST | flags;
	err = SYS(send(fd, r, r->h.nlmsg_len, 0));
	free(r);
	return err < 0 ? err : 0;
}

static void reason_of(struct nlmsghdr *h, int skip)
{
	struct nlattr *a;

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	a = gn_find((char *)NLMSG_DATA(h) + skip, NLMSG_PAYLOAD(h, skip), NLMSGERR_ATTR_MSG);
	if (a)
		snprintf(gn_told.reason, sizeof(gn_told.reason), "%s", (char *)gn_data(a));
}

static struct gn_msg message(struct nlmsghdr *h)
{
	struct gn_msg m = { .h = h, .g = NLMSG_DATA(h) };

	m.attrs = (char *)m.g + GENL_HDRLEN;
	m.len = NLMSG_PAYLOAD(h, GENL_HDRLEN);
	return m;
}

/* replies stay valid until the next call */
static char buf[65536] __attribute__((aligned(8)));

int gn_do(int fd, struct gn_req *r, struct gn_msg *reply)
{
	static char kept[65536] __attribute__((aligned(8)));
	int err = gn_send(fd, r, NLM_F_ACK);

	memset(&gn_told, 0, sizeof(gn_told));
	if (err)
		return err;
	for (;;) {
		int len = SYS(recv(fd, buf, sizeof(buf), 0));
		struct nlmsghdr *h = (void *)buf;

		if (len < 0)
			return len;
		for (; NLMSG_OK(h, (unsigned int)len); h = NLMSG_NEXT(h, len)) {
			if (h->nlmsg_type == NLMSG_ERROR) {
				struct nlmsgerr *e = NLMSG_DATA(h);
				int skip = sizeof(*e);

				if (!(h->nlmsg_flags & NLM_F_CAPPED))
					skip += NLMSG_ALIGN(e->msg.nlmsg_len) - NLMSG_HDRLEN;
				reason_of(h, skip);
				return e->error;
			}
			gn_told.messages++;
			memcpy(kept, h, h->nlmsg_len);
			if (reply)
				*reply = message((void *)kept);
		}
	}
}

int gn_page(int fd, void (*one)(struct gn_msg *m, void *arg), void *arg)
{
	int len = SYS(recv(fd, buf, sizeof(buf), 0));
	struct nlmsghdr *h = (void *)buf;

	if (len < 0)
		return len;
	for (; NLMSG_OK(h, (unsigned int)len); h = NLMSG_NEXT(h, len)) {
		struct gn_msg m = message(h);

		gn_told.changed |= !!(h->nlmsg_flags & NLM_F_DUMP_INTR);
		if (h->nlmsg_type == NLMSG_ERROR)
			return ((struct nlmsgerr *)NLMSG_DATA(h))->error;
		if (h->nlmsg_type == NLMSG_DONE) {
			int err = NLMSG_PAYLOAD(h, 0) >= 4 ? *(int *)NLMSG_DATA(h) : 0;

			reason_of(h, sizeof(int));
			gn_told.in_done = err < 0;
			return err < 0 ? err : 0;
		}
		EXPECT_TRUE(h->nlmsg_flags & NLM_F_MULTI);
		gn_told.messages++;
		if (one)
			one(&m, arg);
	}
	return 1;
}

int gn_dump(int fd, struct gn_req *r, void (*one)(struct gn_msg *m, void *arg), void *arg)
{
	int err = gn_send(fd, r, NLM_F_DUMP);

	memset(&gn_told, 0, sizeof(gn_told));
	if (err)
		return err;
	do
		err = gn_page(fd, one, arg);
	while (err == 1);
	return err;
}

int gn_set_addr(int fd, uint32_t addr)
{
	return gn_do(fd, gn_simple(TIPC_NL_NET_SET, TIPC_NLA_NET, TIPC_NLA_NET_ADDR, addr), NULL);
}

int gn_set_identity(int fd, const char *text)
{
	struct gn_req *r = gn_new(TIPC_NL_NET_SET);
	struct nlattr *nest = gn_nest(r, TIPC_NLA_NET);
	char id[16] = { 0 };

	memcpy(id, text, strnlen(text, sizeof(id)));
	gn_put(r, TIPC_NLA_NET_NODEID, id, 8);
	gn_put(r, TIPC_NLA_NET_NODEID_W1, id + 8, 8);
	gn_end(r, nest);
	return gn_do(fd, r, NULL);
}
