// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* who may do what over netlink, and what the family says of itself */
#include "genl.h"
#include <sched.h>

#define ADMIN	1
#define DO	2
#define DUMP	4

/* the C module's table (net/tipc/netlink.c) */
static const int commands[26] = {
	[TIPC_NL_BEARER_DISABLE] = ADMIN | DO,
	[TIPC_NL_BEARER_ENABLE] = ADMIN | DO,
	[TIPC_NL_BEARER_GET] = DO | DUMP,
	[TIPC_NL_BEARER_SET] = ADMIN | DO,
	[TIPC_NL_SOCK_GET] = DUMP,
	[TIPC_NL_PUBL_GET] = DUMP,
	[TIPC_NL_LINK_GET] = DO | DUMP,
	[TIPC_NL_LINK_SET] = ADMIN | DO,
	[TIPC_NL_LINK_RESET_STATS] = ADMIN | DO,
	[TIPC_NL_MEDIA_GET] = DO | DUMP,
	[TIPC_NL_MEDIA_SET] = ADMIN | DO,
	[TIPC_NL_NODE_GET] = DUMP,
	[TIPC_NL_NET_GET] = DUMP,
	[TIPC_NL_NET_SET] = ADMIN | DO,
	[TIPC_NL_NAME_TABLE_GET] = DUMP,
	[TIPC_NL_MON_SET] = ADMIN | DO,
	[TIPC_NL_MON_GET] = DO | DUMP,
	[TIPC_NL_MON_PEER_GET] = DUMP,
	[TIPC_NL_PEER_REMOVE] = ADMIN | DO,
	[TIPC_NL_BEARER_ADD] = ADMIN | DO,
	[TIPC_NL_UDP_GET_REMOTEIP] = DUMP,
	[TIPC_NL_KEY_SET] = ADMIN | DO,
	[TIPC_NL_KEY_FLUSH] = ADMIN | DO,
	[TIPC_NL_ADDR_LEGACY_GET] = DO,
};

static void nobody(void)
{
	ASSERT_EQ(SYS(setresgid(65534, 65534, 65534)), 0);
	ASSERT_EQ(SYS(setresuid(65534, 65534, 65534)), 0);
}

static int set_id(int fd, uint32_t id)
{
	return gn_do(fd, gn_simple(TIPC_NL_NET_SET, TIPC_NLA_NET, TIPC_NLA_NET_ID, id), NULL);
}

/* every command, empty: -EPERM is for those that change something, and for them alone */
static void try_all(int fd, int may)
{
	int cmd;

	for (cmd = 0; cmd < 26; cmd++) {
		int what = commands[cmd], r;

		if (what & DO) {
			r = gn_do(fd, gn_new(cmd), NULL);
			if ((what & ADMIN) && !may)
				EXPECT_EQ(r, -EPERM);
			else
				EXPECT_NE(r, -EPERM);
			EXPECT_NE(r, -EOPNOTSUPP);
		} else {
			EXPECT_EQ(gn_do(fd, gn_new(cmd), NULL), -EOPNOTSUPP);
		}
		if (what & DUMP) {
			r = gn_dump(fd, gn_new(cmd), NULL, NULL);
			EXPECT_NE(r, -EPERM);
			EXPECT_NE(r, -EOPNOTSUPP);
		} else {
			EXPECT_EQ(gn_dump(fd, gn_new(cmd), NULL, NULL), -EOPNOTSUPP);
		}
	}
}

/* rows 13.1, 13.2, 13.3, 13.4, 13.5, 13.6, 13.7, 13.8, 13.9, 13.10, 13.11, 13.12, 13.13, 13.14, 13.15, 13.16, 13.17, 13.18, 13.19, 13.20, 13.21, 13.22, 13.23, 13.24, 13.25, 13.26 */
TEST(root)
{
	int fd;

	tu_netns();
	fd = gn_open();
	try_all(fd, 1);
}

/* rows 13.2, 13.3, 13.5, 13.9, 13.10, 13.12, 13.15, 13.17, 13.21, 13.22, 13.24, 13.25 */
TEST(unprivileged)
{
	int fd;

	tu_netns();
	nobody();
	fd = gn_open();
	try_all(fd, 0);
	EXPECT_EQ(set_id(fd, 5), -EPERM);
}

/* rows 13.15 */
TEST(own_namespace)
{
	int fd;

	nobody();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		SKIP("no user namespace for us: %s", strerror(errno));
	fd = gn_open();
	try_all(fd, 1);
	EXPECT_EQ(set_id(fd, 5), 0);
	EXPECT_EQ(gn_set_addr(fd, 5), 0);
}

/* rows 13.15 */
TEST(others_namespace)
{
	int fd;

	tu_netns();
	nobody();
	/* all capabilities, but not over the network namespace */
	if (unshare(CLONE_NEWUSER))
		SKIP("no user namespace for us: %s", strerror(errno));
	fd = gn_open();
	try_all(fd, 0);
}

/* rows 13.15 */
TEST(opener_and_sender)
{
	int fd;
	pid_t pid;

	tu_netns();
	fd = gn_open();
	pid = fork();
	if (!pid) {
		/* a socket of root's in other hands */
		nobody();
		EXPECT_EQ(set_id(fd, 5), -EPERM);
		ktap_exit();
	}
	EXPECT_EQ(tu_wait(pid), 0);
	EXPECT_EQ(set_id(fd, 5), 0);
}

/* rows 13.1 */
TEST(no_such_command)
{
	static const int none[] = { 0, TIPC_NL_LEGACY, 26, 27, 255 };
	unsigned int i;
	int fd = gn_open();

	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		EXPECT_EQ(gn_do(fd, gn_new(none[i]), NULL), -EOPNOTSUPP);
		EXPECT_EQ(gn_dump(fd, gn_new(none[i]), NULL, NULL), -EOPNOTSUPP);
	}
}

/* rows 13.1, 13.27 */
TEST(family)
{
	struct gn_req *r = gn_new(CTRL_CMD_GETFAMILY);
	int fd = gn_open(), seen[256] = { 0 }, i, count = 0;
	struct nlattr *ops, *op;
	struct gn_msg m;

	r->h.nlmsg_type = GENL_ID_CTRL;
	gn_str(r, CTRL_ATTR_FAMILY_NAME, TIPC_GENL_V2_NAME);
	ASSERT_EQ(gn_do(fd, r, &m), 0);
	EXPECT_EQ(gn_val(gn_find(m.attrs, m.len, CTRL_ATTR_VERSION)), 1);
	EXPECT_EQ(gn_val(gn_find(m.attrs, m.len, CTRL_ATTR_HDRSIZE)), 0);
	EXPECT_EQ(gn_val(gn_find(m.attrs, m.len, CTRL_ATTR_MAXATTR)), TIPC_NLA_MAX);
	EXPECT_TRUE(!gn_find(m.attrs, m.len, CTRL_ATTR_MCAST_GROUPS));
	ops = gn_find(m.attrs, m.len, CTRL_ATTR_OPS);
	ASSERT_TRUE(ops);
	for (i = 1; (op = gn_find(gn_data(ops), gn_len(ops), i)); i++) {
		uint32_t id = gn_val(gn_find(gn_data(op), gn_len(op), CTRL_ATTR_OP_ID));
		uint32_t flags = gn_val(gn_find(gn_data(op), gn_len(op), CTRL_ATTR_OP_FLAGS));
		int what = 0;

		ASSERT_TRUE(id < 256);
		EXPECT_EQ(seen[id]++, 0);
		what |= flags & GENL_UNS_ADMIN_PERM ? ADMIN : 0;
		what |= flags & GENL_CMD_CAP_DO ? DO : 0;
		what |= flags & GENL_CMD_CAP_DUMP ? DUMP : 0;
		EXPECT_EQ(what, id < 26 ? commands[id] : 0);
		/* dumps whose attributes nobody looks at have no policy */
		EXPECT_EQ(!!(flags & GENL_CMD_CAP_HASPOL),
			  (what & DO) || id == TIPC_NL_PUBL_GET || id == TIPC_NL_MON_PEER_GET ||
			  id == TIPC_NL_UDP_GET_REMOTEIP);
		EXPECT_EQ(flags & GENL_ADMIN_PERM, 0);
		count++;
	}
	EXPECT_EQ(count, 24);
}

TEST_MAIN("permissions of the netlink family")
