// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* netlink requests that nobody would send: they may be refused, and no more */
#include "genl.h"

static unsigned int seed;

static unsigned int dice(unsigned int sides)
{
	return rand_r(&seed) % sides;
}

/* KEY_SET is left out: what the C module does with a key that is half right is another story */
static int any_command(void)
{
	int cmd;

	do
		cmd = dice(28);
	while (cmd == TIPC_NL_KEY_SET || cmd == TIPC_NL_BEARER_ENABLE);
	return cmd;
}

static void random_attributes(struct gn_req *r, int depth)
{
	int n = dice(5);

	while (n-- > 0) {
		static char junk[300];
		int type = dice(14) | (dice(4) ? 0 : NLA_F_NESTED), i;

		if (depth && dice(2)) {
			struct nlattr *nest = gn_nest(r, type);

			random_attributes(r, depth - 1);
			gn_end(r, nest);
			if (!dice(6))
				nest->nla_len += dice(40) - 20;
			continue;
		}
		for (i = 0; i < (int)sizeof(junk); i++)
			junk[i] = dice(3) ? dice(256) : 0;
		gn_put(r, type, junk, dice(3) ? 4 * dice(5) : dice(sizeof(junk)));
	}
}

static void works(int fd)
{
	struct gn_msg m;

	EXPECT_EQ(gn_do(fd, gn_new(TIPC_NL_ADDR_LEGACY_GET), &m), 0);
	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_NET_GET), NULL, NULL), 0);
	EXPECT_EQ(gn_told.messages, 1);
	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_SOCK_GET), NULL, NULL), 0);
	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_NAME_TABLE_GET), NULL, NULL), 0);
}

/* rows 13.27, 13.15 */
TEST_LIMIT(random_requests, 120)
{
	int fd, i;

	tu_netns();
	fd = gn_open();
	tu_bound(tu_type(0), 1);
	for (i = 0; i < 6000; i++) {
		struct gn_req *r;
		int err;

		seed = i;
		r = gn_new(any_command());
		random_attributes(r, 3);
		if (!dice(8) && r->h.nlmsg_len > 40)
			r->h.nlmsg_len -= dice(12);
		r->g.version = dice(3);
		err = dice(2) ? gn_do(fd, r, NULL) : gn_dump(fd, r, NULL, NULL);
		if (err == -EAGAIN || err > 0)
			ktap_note("request %d: %d", i, err);
		EXPECT_TRUE(err <= 0 && err != -EAGAIN);
	}
	works(fd);
}

/* rows 13.6, 13.7, 13.14, 13.16 */
TEST(never_read)
{
	int fd[64], i, k;

	tu_netns();
	for (i = 0; i < 500; i++)
		ASSERT_EQ(tu_bind(tu_socket(SOCK_RDM), tu_type(0), i, i, 0), 0);
	for (i = 0; i < 64; i++) {
		static const int cmds[] = {
			TIPC_NL_SOCK_GET, TIPC_NL_NAME_TABLE_GET, TIPC_NL_NET_GET, TIPC_NL_NODE_GET,
		};

		fd[i] = gn_open();
		EXPECT_EQ(gn_send(fd[i], gn_new(cmds[i % 4]), NLM_F_DUMP), 0);
		/* one dump at a time: the next is told to wait, in messages that fill up the queue */
		for (k = 0; k < 20; k++)
			gn_send(fd[i], gn_new(TIPC_NL_SOCK_GET), NLM_F_DUMP);
	}
	for (i = 0; i < 64; i += 2)
		close(fd[i]);
	works(gn_open());
}

/* rows 13.15, 14.9 */
TEST(namespaces_with_requests_under_way)
{
	int i, k;

	for (i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (!pid) {
			int fd;

			tu_netns();
			fd = gn_open();
			gn_set_addr(fd, i + 1);
			for (k = 0; k < 200; k++)
				tu_bound(tu_type(0), k);
			gn_send(fd, gn_new(TIPC_NL_SOCK_GET), NLM_F_DUMP);
			gn_send(gn_open(), gn_new(TIPC_NL_NAME_TABLE_GET), NLM_F_DUMP);
			/* ends with both dumps half read */
			ktap_exit();
		}
		EXPECT_EQ(tu_wait(pid), 0);
	}
}

TEST_MAIN("hostile netlink requests")
