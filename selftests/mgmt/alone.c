// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* what netlink has to say on a node without bearers and peers */
#include "genl.h"

#define ENOTSUPP_	524

static int named(int fd, int cmd, int outer, int attr, const char *name)
{
	struct gn_req *r = gn_new(cmd);
	struct nlattr *nest = gn_nest(r, outer);

	gn_str(r, attr, name);
	gn_end(r, nest);
	return gn_do(fd, r, NULL);
}

#define EXPECT_REASON(text) EXPECT_EQ(strcmp(gn_told.reason, text), 0)

/* rows 13.2, 13.4, 13.5, 13.22 */
TEST(no_such_bearer)
{
	static const int cmds[] = {
		TIPC_NL_BEARER_DISABLE, TIPC_NL_BEARER_GET, TIPC_NL_BEARER_SET, TIPC_NL_BEARER_ADD,
	};
	unsigned int i;
	int fd;

	tu_netns();
	fd = gn_open();
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(named(fd, cmds[i], TIPC_NLA_BEARER, TIPC_NLA_BEARER_NAME, "eth:no"), -EINVAL);
		EXPECT_REASON("Bearer not found");
		/* 32 bytes are a name, 33 are not */
		EXPECT_EQ(named(fd, cmds[i], TIPC_NLA_BEARER, TIPC_NLA_BEARER_NAME,
				"eth:567890123456789012345678901234" + 1), -EINVAL);
		EXPECT_REASON("Attribute failed policy validation");
		EXPECT_EQ(named(fd, cmds[i], TIPC_NLA_BEARER, TIPC_NLA_BEARER_NAME,
				"eth:567890123456789012345678901234" + 2), -EINVAL);
		EXPECT_REASON("Bearer not found");
		/* no name */
		EXPECT_EQ(gn_do(fd, gn_new(cmds[i]), NULL), -EINVAL);
		EXPECT_EQ(gn_do(fd, gn_simple(cmds[i], TIPC_NLA_BEARER, TIPC_NLA_BEARER_DOMAIN, 1),
				NULL), -EINVAL);
		EXPECT_REASON("");
	}
	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_BEARER_GET), NULL, NULL), 0);
	EXPECT_EQ(gn_told.messages, 0);
}

/* rows 13.3, 13.27, 13.29 */
TEST(bad_properties)
{
	static const struct { int prop, value, err; } bad[] = {
		{ TIPC_NLA_PROP_PRIO, 32, -EINVAL },
		{ TIPC_NLA_PROP_TOL, 49, -EINVAL },
		{ TIPC_NLA_PROP_TOL, 30001, -EINVAL },
		{ TIPC_NLA_PROP_WIN, 49, -EINVAL },
		{ TIPC_NLA_PROP_WIN, 8192, -EINVAL },
		{ TIPC_NLA_PROP_MTU, 65536, -ERANGE },
	};
	unsigned int i;
	int fd;

	tu_netns();
	fd = gn_open();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct gn_req *r = gn_new(TIPC_NL_BEARER_ENABLE);
		struct nlattr *nest = gn_nest(r, TIPC_NLA_BEARER), *prop;

		gn_str(r, TIPC_NLA_BEARER_NAME, "eth:no");
		prop = gn_nest(r, TIPC_NLA_BEARER_PROP);
		gn_u32(r, bad[i].prop, bad[i].value);
		gn_end(r, prop);
		gn_end(r, nest);
		EXPECT_EQ(gn_do(fd, r, NULL), bad[i].err);
	}
}

/* rows 13.11, 13.12 */
TEST(no_such_medium)
{
	static const int cmds[] = { TIPC_NL_MEDIA_GET, TIPC_NL_MEDIA_SET };
	unsigned int i;
	int fd = gn_open();

	for (i = 0; i < 2; i++) {
		EXPECT_EQ(named(fd, cmds[i], TIPC_NLA_MEDIA, TIPC_NLA_MEDIA_NAME, "smoke"), -EINVAL);
		EXPECT_REASON("Media not found");
		EXPECT_EQ(gn_do(fd, gn_new(cmds[i]), NULL), -EINVAL);
		EXPECT_REASON("");
	}
}

/* rows 13.8, 13.9, 13.10 */
TEST(no_such_link)
{
	static const int cmds[] = { TIPC_NL_LINK_GET, TIPC_NL_LINK_SET, TIPC_NL_LINK_RESET_STATS };
	struct gn_req *r;
	unsigned int i;
	int fd;

	tu_netns();
	fd = gn_open();
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(named(fd, cmds[i], TIPC_NLA_LINK, TIPC_NLA_LINK_NAME, "a:b-c:d"), -EINVAL);
		EXPECT_EQ(gn_do(fd, gn_new(cmds[i]), NULL), -EINVAL);
		EXPECT_EQ(gn_do(fd, gn_simple(cmds[i], TIPC_NLA_LINK, TIPC_NLA_LINK_MTU, 1), NULL),
			  -EINVAL);
	}
	/* to dump, a link must say "broadcast" */
	EXPECT_EQ(gn_dump(fd, gn_simple(TIPC_NL_LINK_GET, TIPC_NLA_LINK, TIPC_NLA_LINK_MTU, 1),
			  NULL, NULL), -EINVAL);
	/* and of all dumps this one takes no rests, and no unknown attributes */
	r = gn_new(TIPC_NL_LINK_GET);
	gn_u32(r, 99, 1);
	EXPECT_EQ(gn_dump(fd, r, NULL, NULL), -EINVAL);
	EXPECT_EQ(gn_told.in_done, 0);
	r = gn_new(TIPC_NL_NODE_GET);
	gn_u32(r, 99, 1);
	EXPECT_EQ(gn_dump(fd, r, NULL, NULL), 0);
}

/* rows 13.13 */
TEST(no_nodes)
{
	int fd;

	tu_netns();
	fd = gn_open();
	EXPECT_EQ(gn_set_addr(fd, 7), 0);
	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_NODE_GET), NULL, NULL), 0);
	EXPECT_EQ(gn_told.messages, 0);
}

static int threshold(int fd)
{
	struct gn_msg m;

	ASSERT_EQ(gn_do(fd, gn_new(TIPC_NL_MON_GET), &m), 0);
	EXPECT_EQ(gn_told.messages, 1);
	return gn_val(gn_in(&m, TIPC_NLA_MON, TIPC_NLA_MON_ACTIVATION_THRESHOLD));
}

static int set_threshold(int fd, uint32_t n)
{
	return gn_do(fd, gn_simple(TIPC_NL_MON_SET, TIPC_NLA_MON,
				   TIPC_NLA_MON_ACTIVATION_THRESHOLD, n), NULL);
}

/* rows 13.17, 13.18, 13.19 */
TEST(monitor_threshold)
{
	struct gn_req *r;
	int fd;

	tu_netns();
	fd = gn_open();
	EXPECT_EQ(threshold(fd), 32);
	EXPECT_EQ(set_threshold(fd, 4096), -EINVAL);
	EXPECT_EQ(threshold(fd), 32);
	EXPECT_EQ(set_threshold(fd, 4095), 0);
	EXPECT_EQ(threshold(fd), 4095);
	EXPECT_EQ(set_threshold(fd, 0), 0);
	EXPECT_EQ(threshold(fd), 0);
	EXPECT_EQ(gn_do(fd, gn_new(TIPC_NL_MON_SET), NULL), -EINVAL);
	r = gn_new(TIPC_NL_MON_SET);
	gn_end(r, gn_nest(r, TIPC_NLA_MON));
	EXPECT_EQ(gn_do(fd, r, NULL), 0);
	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_MON_GET), NULL, NULL), 0);
	EXPECT_EQ(gn_told.messages, 0);
}

/* rows 13.20 */
TEST(monitored_peers)
{
	uint32_t i;
	int fd;

	tu_netns();
	fd = gn_open();
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(gn_dump(fd, gn_simple(TIPC_NL_MON_PEER_GET, TIPC_NLA_MON,
						TIPC_NLA_MON_REF, i), NULL, NULL), 0);
		EXPECT_EQ(gn_told.messages, 0);
	}
	EXPECT_EQ(gn_dump(fd, gn_simple(TIPC_NL_MON_PEER_GET, TIPC_NLA_MON, TIPC_NLA_MON_REF, 3),
			  NULL, NULL), -EINVAL);
	EXPECT_EQ(gn_told.in_done, 1);
	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_MON_PEER_GET), NULL, NULL), -EINVAL);
	EXPECT_EQ(gn_dump(fd, gn_simple(TIPC_NL_MON_PEER_GET, TIPC_NLA_MON,
					TIPC_NLA_MON_ACTIVATION_THRESHOLD, 1), NULL, NULL), -EINVAL);
}

/* rows 13.23 */
TEST(no_udp)
{
	struct gn_req *r;
	struct nlattr *nest;
	int fd;

	tu_netns();
	fd = gn_open();
	r = gn_new(TIPC_NL_UDP_GET_REMOTEIP);
	nest = gn_nest(r, TIPC_NLA_BEARER);
	gn_str(r, TIPC_NLA_BEARER_NAME, "udp:no");
	gn_end(r, nest);
	EXPECT_EQ(gn_dump(fd, r, NULL, NULL), -EINVAL);
	EXPECT_EQ(gn_told.in_done, 1);
	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_UDP_GET_REMOTEIP), NULL, NULL), -EINVAL);
}

static struct gn_req *remove_id(const char *text, int halves)
{
	struct gn_req *r = gn_new(TIPC_NL_PEER_REMOVE);
	struct nlattr *nest = gn_nest(r, TIPC_NLA_NET);
	char id[16] = { 0 };

	memcpy(id, text, strnlen(text, 16));
	gn_put(r, TIPC_NLA_NET_NODEID, id, 8);
	if (halves == 2)
		gn_put(r, TIPC_NLA_NET_NODEID_W1, id + 8, 8);
	gn_end(r, nest);
	return r;
}

static int remove_addr(int fd, uint32_t addr)
{
	return gn_do(fd, gn_simple(TIPC_NL_PEER_REMOVE, TIPC_NLA_NET, TIPC_NLA_NET_ADDR, addr), NULL);
}

/* rows 13.21, 5.3, 5.23 */
TEST(remove_peer)
{
	int fd;

	tu_netns();
	fd = gn_open();
	EXPECT_EQ(gn_do(fd, gn_new(TIPC_NL_PEER_REMOVE), NULL), -EINVAL);
	EXPECT_EQ(remove_addr(fd, 0), -EINVAL);
	EXPECT_EQ(remove_addr(fd, 0x1234), -ENXIO);
	EXPECT_EQ(gn_do(fd, remove_id("nodeA", 2), NULL), -ENXIO);
	EXPECT_EQ(gn_do(fd, remove_id("nodeA", 1), NULL), -EINVAL);
	EXPECT_EQ(gn_do(fd, remove_id("", 2), NULL), -ENOTSUPP_);
	/* the own node, by address and by what an identity makes of it */
	EXPECT_EQ(gn_set_addr(fd, 0x2f6f6465), 0);
	EXPECT_EQ(remove_addr(fd, 0x2f6f6465), -ENOTSUPP_);
	EXPECT_EQ(gn_do(fd, remove_id("nodeA", 2), NULL), -ENOTSUPP_);
	EXPECT_EQ(gn_do(fd, remove_id("nodeB", 2), NULL), -ENXIO);
}

/* rows 13.21, 18.11 */
TEST(remove_nobody)
{
	struct gn_req *r;
	int fd, i;

	tu_netns();
	fd = gn_open();
	for (i = 0; i < 20; i++) {
		r = gn_new(TIPC_NL_PEER_REMOVE);
		gn_end(r, gn_nest(r, TIPC_NLA_NET));
		EXPECT_EQ(gn_do(fd, r, NULL), -EINVAL);
	}
}

/* rows 13.24, 13.25 */
TEST(keys_before_identity)
{
	struct gn_req *r;
	int fd;

	tu_netns();
	fd = gn_open();
	EXPECT_EQ(gn_do(fd, gn_new(TIPC_NL_KEY_SET), NULL), -EINVAL);
	/* of all nests only this one must be marked as one */
	EXPECT_EQ(gn_do(fd, gn_simple(TIPC_NL_KEY_SET, TIPC_NLA_NODE, TIPC_NLA_NODE_REKEYING, 1),
			NULL), -EINVAL);
	EXPECT_REASON("NLA_F_NESTED is missing");
	EXPECT_EQ(gn_do(fd, gn_simple(TIPC_NL_KEY_SET, TIPC_NLA_NODE | NLA_F_NESTED,
				      TIPC_NLA_NODE_REKEYING, 1), NULL), -EPERM);
	EXPECT_REASON("not found own node identity (set id?)");
	EXPECT_EQ(gn_do(fd, gn_simple(TIPC_NL_KEY_SET, TIPC_NLA_NODE | NLA_F_NESTED, 99, 1), NULL),
		  -EINVAL);
	r = gn_simple(TIPC_NL_KEY_SET, TIPC_NLA_NODE | NLA_F_NESTED, TIPC_NLA_NODE_REKEYING, 1);
	((struct nlattr *)r->data)->nla_len -= 2;
	EXPECT_EQ(gn_do(fd, r, NULL), -EINVAL);
	EXPECT_EQ(gn_do(fd, gn_new(TIPC_NL_KEY_FLUSH), NULL), 0);
}

TEST_MAIN("netlink on a node alone")
