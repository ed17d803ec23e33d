// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* dumps of sockets */
#include "genl.h"
#include <pthread.h>

#define MANY 2000

/* how often each port number of interest was shown */
static uint32_t ref[MANY];
static int seen[MANY], count, others;

static void one_of_many(struct gn_msg *m, void *arg)
{
	uint32_t r = gn_val(gn_in(m, TIPC_NLA_SOCK, TIPC_NLA_SOCK_REF));
	int i;

	(void)arg;
	EXPECT_EQ(m->g->cmd, TIPC_NL_SOCK_GET);
	for (i = 0; i < count; i++)
		if (ref[i] == r) {
			seen[i]++;
			return;
		}
	others++;
}

struct find {
	uint32_t ref;
	int found, bound;
	uint32_t addr, con[4];	/* node, port, type, instance */
	int flag, con_there;
};

static void one_find(struct gn_msg *m, void *arg)
{
	struct find *f = arg;
	struct nlattr *con;
	int i;
	static const int at[] = {
		TIPC_NLA_CON_NODE, TIPC_NLA_CON_SOCK, TIPC_NLA_CON_TYPE, TIPC_NLA_CON_INST,
	};

	if (gn_val(gn_in(m, TIPC_NLA_SOCK, TIPC_NLA_SOCK_REF)) != f->ref)
		return;
	f->found++;
	f->bound = !!gn_in(m, TIPC_NLA_SOCK, TIPC_NLA_SOCK_HAS_PUBL);
	f->addr = gn_val(gn_in(m, TIPC_NLA_SOCK, TIPC_NLA_SOCK_ADDR));
	con = gn_in(m, TIPC_NLA_SOCK, TIPC_NLA_SOCK_CON);
	f->con_there = !!con;
	if (!con)
		return;
	f->flag = !!gn_find(gn_data(con), gn_len(con), TIPC_NLA_CON_FLAG);
	for (i = 0; i < 4; i++)
		f->con[i] = gn_val(gn_find(gn_data(con), gn_len(con), at[i]));
}

static struct find show(int fd, int sock)
{
	struct find f = { .ref = tu_self(sock).addr.id.ref };

	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_SOCK_GET), one_find, &f), 0);
	EXPECT_EQ(f.found, 1);
	return f;
}

/* rows 13.6 */
TEST(what_is_shown)
{
	struct find f;
	int fd, s;

	tu_netns();
	fd = gn_open();
	s = tu_socket(SOCK_RDM);
	f = show(fd, s);
	EXPECT_EQ(f.addr, 0);
	EXPECT_EQ(f.bound, 0);
	EXPECT_EQ(f.con_there, 0);
	EXPECT_EQ(tu_bind(s, tu_type(0), 1, 1, TIPC_NODE_SCOPE), 0);
	f = show(fd, s);
	EXPECT_EQ(f.bound, 1);
	EXPECT_EQ(tu_bind_raw(s, NULL, 0), 0);
	EXPECT_EQ(show(fd, s).bound, 0);
	EXPECT_EQ(gn_set_addr(fd, 0x99), 0);
	EXPECT_EQ(show(fd, s).addr, 0x99);
}

/* rows 13.6 */
TEST(connections)
{
	struct sockaddr_tipc to = tu_name(tu_type(1), 5);
	int fd, ls, cl, sv, sp[2];
	struct find f;

	tu_netns();
	fd = gn_open();
	ls = tu_socket(SOCK_SEQPACKET);
	ASSERT_EQ(tu_bind(ls, tu_type(1), 0, 9, TIPC_NODE_SCOPE), 0);
	ASSERT_EQ(SYS(listen(ls, 1)), 0);
	cl = SYS(socket(AF_TIPC, SOCK_SEQPACKET | SOCK_NONBLOCK, 0));
	ASSERT_GE(cl, 0);
	EXPECT_EQ(tu_connect(cl, &to, sizeof(to)), -EINPROGRESS);
	/* not yet */
	EXPECT_EQ(show(fd, cl).con_there, 0);
	sv = SYS(accept(ls, NULL, NULL));
	ASSERT_GE(sv, 0);
	f = show(fd, ls);
	EXPECT_EQ(f.con_there, 0);
	EXPECT_EQ(f.bound, 1);
	f = show(fd, cl);
	EXPECT_EQ(f.con_there, 1);
	EXPECT_EQ(f.bound, 0);
	EXPECT_EQ(f.con[0], 0);
	EXPECT_EQ(f.con[1], tu_self(sv).addr.id.ref);
	EXPECT_EQ(f.flag, 1);
	EXPECT_EQ(f.con[2], tu_type(1));
	EXPECT_EQ(f.con[3], 5);
	f = show(fd, sv);
	EXPECT_EQ(f.con_there, 1);
	EXPECT_EQ(f.con[1], tu_self(cl).addr.id.ref);
	EXPECT_EQ(f.flag, 1);
	EXPECT_EQ(f.con[2], tu_type(1));
	EXPECT_EQ(f.con[3], 5);
	/* not by name */
	ASSERT_EQ(SYS(socketpair(AF_TIPC, SOCK_STREAM, 0, sp)), 0);
	f = show(fd, sp[0]);
	EXPECT_EQ(f.con_there, 1);
	EXPECT_EQ(f.con[1], tu_self(sp[1]).addr.id.ref);
	EXPECT_EQ(f.flag, 0);
	EXPECT_EQ(f.con[2], 0xeeeeeeee);
	EXPECT_EQ(f.con[3], 0xeeeeeeee);
	/* over */
	close(sv);
	EXPECT_EQ(show(fd, cl).con_there, 0);
}

/* rows 13.6, 14.9 */
TEST(other_namespace)
{
	struct find f;
	int fd, s = tu_bound(tu_type(0), 1);
	pid_t pid;

	pid = fork();
	if (!pid) {
		tu_netns();
		fd = gn_open();
		f = (struct find){ .ref = tu_self(s).addr.id.ref };
		EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_SOCK_GET), one_find, &f), 0);
		EXPECT_EQ(f.found, 0);
		ktap_exit();
	}
	EXPECT_EQ(tu_wait(pid), 0);
}

static void many(int n)
{
	for (count = 0; count < n; count++)
		ref[count] = tu_self(tu_socket(SOCK_RDM)).addr.id.ref;
}

/* rows 13.6, 13.28 */
TEST(each_once)
{
	int fd, i;

	tu_netns();
	fd = gn_open();
	many(900);
	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_SOCK_GET), one_of_many, NULL), 0);
	for (i = 0; i < count; i++)
		EXPECT_EQ(seen[i], 1);
	/* the topology server's own */
	EXPECT_LE(others, 1);
	EXPECT_EQ(gn_told.changed, 0);
}

static volatile int stop;

static void *come_and_go(void *arg)
{
	unsigned int seed = (unsigned long)arg;
	int fd[32] = { 0 };

	while (!stop) {
		int i = rand_r(&seed) % 32;

		if (fd[i]) {
			close(fd[i]);
			fd[i] = 0;
		} else {
			fd[i] = tu_bound(tu_type(2), i);
		}
	}
	return NULL;
}

/* rows 13.6, 13.28 */
TEST(while_sockets_come_and_go)
{
	pthread_t t[2];
	int fd, i, k;

	tu_netns();
	fd = gn_open();
	many(300);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(pthread_create(&t[i], NULL, come_and_go, (void *)(long)(i + 1)), 0);
	for (k = 0; k < 30; k++) {
		memset(seen, 0, sizeof(seen));
		EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_SOCK_GET), one_of_many, NULL), 0);
		for (i = 0; i < count; i++)
			EXPECT_GE(seen[i], 1);
	}
	stop = 1;
	for (i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
}

/* rows 13.6 */
TEST(left_half_way)
{
	int fd, k;

	tu_netns();
	many(500);
	for (k = 0; k < 50; k++) {
		fd = gn_open();
		EXPECT_EQ(gn_send(fd, gn_new(TIPC_NL_SOCK_GET), NLM_F_DUMP), 0);
		if (k & 1)
			EXPECT_EQ(gn_page(fd, NULL, NULL), 1);
		if (k & 2)
			close(tu_socket(SOCK_RDM));
		close(fd);
	}
}

/* rows 13.6 */
TEST(two_at_once)
{
	int a, b, ra = 1, rb = 1, na, nb;

	tu_netns();
	many(500);
	a = gn_open();
	b = gn_open();
	gn_told.messages = 0;
	EXPECT_EQ(gn_send(a, gn_new(TIPC_NL_SOCK_GET), NLM_F_DUMP), 0);
	EXPECT_EQ(gn_send(b, gn_new(TIPC_NL_SOCK_GET), NLM_F_DUMP), 0);
	for (na = nb = 0; ra == 1 || rb == 1;) {
		if (ra == 1) {
			gn_told.messages = 0;
			ra = gn_page(a, NULL, NULL);
			na += gn_told.messages;
		}
		if (rb == 1) {
			gn_told.messages = 0;
			rb = gn_page(b, NULL, NULL);
			nb += gn_told.messages;
		}
	}
	EXPECT_EQ(ra, 0);
	EXPECT_EQ(rb, 0);
	/* C loses one at the end of each page (mgmt/sockets:each_once) */
	EXPECT_GE(na, 480);
	EXPECT_GE(nb, 480);
}

TEST_MAIN("dumps of sockets over netlink")
