// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "topsrv.h"
#include "genl.h"
#include <dirent.h>
#include <sched.h>

#define T tu_type(0)

/* rows 14.9, 2.13, 4.1 */
TEST(each_its_own)
{
	int out = ts_connect(SOCK_SEQPACKET), fd, b, c;
	struct tipc_subscr s = ts_sub(out, T, 0, ALL, PORTS, "out"), t, u;
	struct tipc_event e;

	ts_fence(out);
	b = tu_bound(T, 1);
	ts_expect(out, TIPC_PUBLISHED, 1, 1, ts_port(b), s);
	tu_netns();
	fd = ts_connect(SOCK_SEQPACKET);
	u = ts_sub(fd, TIPC_TOP_SRV, 0, ALL, PORTS, "server");
	e = ts_expect(fd, TIPC_PUBLISHED, 1, 1, -1, u);
	EXPECT_EQ(e.port.node, 0);
	t = ts_sub(fd, T, 0, ALL, PORTS, "in");
	ts_fence(fd);
	c = tu_bound(T, 2);
	ts_expect(fd, TIPC_PUBLISHED, 2, 2, ts_port(c), t);
	ts_fence(out);
	close(b);
	ts_expect(out, TIPC_WITHDRAWN, 1, 1, -1, s);
	ts_fence(fd);
}

/* rows 4.18, 4.19 */
TEST(node_without_address)
{
	int fd;

	/* no node and no link to report, until it has a name */
	tu_netns();
	fd = ts_connect(SOCK_SEQPACKET);
	ts_sub(fd, TIPC_NODE_STATE, 0, ALL, PORTS, "nodes");
	ts_sub(fd, TIPC_LINK_STATE, 0, ALL, PORTS, "links");
	ts_fence(fd);
}

#define NODE 0x01001005

/* rows 4.18, 3.5, 2.7 */
TEST(node_gets_an_address)
{
	int fd, b, nl;
	struct tipc_subscr nodes, links, names;
	struct tipc_event e;

	tu_netns();
	nl = gn_open();
	fd = ts_connect(SOCK_SEQPACKET);
	nodes = ts_sub(fd, TIPC_NODE_STATE, 0, ALL, PORTS, "nodes");
	ts_sub(fd, TIPC_NODE_STATE, 0, NODE - 1, PORTS, "others");
	links = ts_sub(fd, TIPC_LINK_STATE, 0, ALL, PORTS, "links");
	b = tu_bound(T, 1);
	names = ts_sub(fd, T, 0, ALL, PORTS, "names");
	e = ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(b), names);
	EXPECT_EQ(e.port.node, 0);
	ASSERT_EQ(gn_set_addr(nl, NODE), 0);
	e = ts_expect(fd, TIPC_PUBLISHED, NODE, NODE, 0, nodes);
	EXPECT_EQ(e.port.node, NODE);
	/* names are not bound anew, but from here on they are that node's */
	ts_fence(fd);
	close(b);
	e = ts_expect(fd, TIPC_WITHDRAWN, 1, 1, -1, names);
	EXPECT_EQ(e.port.node, NODE);
	b = tu_bound(T, 2);
	e = ts_expect(fd, TIPC_PUBLISHED, 2, 2, ts_port(b), names);
	EXPECT_EQ(e.port.node, NODE);
	/* who asks later is told too */
	nodes = ts_sub(fd, TIPC_NODE_STATE, NODE, NODE, SERVICE, "late");
	e = ts_expect(fd, TIPC_PUBLISHED, NODE, NODE, 0, nodes);
	EXPECT_EQ(e.port.node, NODE);
	nodes = ts_sub(fd, TIPC_TOP_SRV, 0, ALL, PORTS, "server");
	e = ts_expect(fd, TIPC_PUBLISHED, 1, 1, -1, nodes);
	EXPECT_EQ(e.port.node, NODE);
	ts_fence(fd);
	(void)links;
}

/* rows 4.2, 2.5, 2.7 */
TEST(by_node)
{
	struct sockaddr_tipc sa = tu_name(TIPC_TOP_SRV, TIPC_TOP_SRV);
	int fd, nl;

	tu_netns();
	nl = gn_open();
	ASSERT_EQ(gn_set_addr(nl, NODE), 0);
	sa.addr.name.domain = NODE;
	fd = tu_socket(SOCK_SEQPACKET);
	EXPECT_EQ(tu_connect(fd, &sa, sizeof(sa)), 0);
	ts_fence(fd);
	/* of a node that is not there */
	sa.addr.name.domain = NODE + 1;
	fd = tu_socket(SOCK_SEQPACKET);
	EXPECT_EQ(tu_connect(fd, &sa, sizeof(sa)), -EHOSTUNREACH);
}

/* rows 14.9, 4.17 */
TEST_LIMIT(come_and_go, 120)
{
	struct tipc_subscr s = ts_req(T, 0, ALL, 50, PORTS, "short");
	int i, k;

	/* ends with subscribers, subscriptions, timers and unread events */
	for (i = 0; i < 30; i++) {
		pid_t pid = fork();

		if (!pid) {
			tu_netns();
			for (k = 0; k < 5; k++) {
				int fd = ts_connect(SOCK_SEQPACKET);

				ts_send(fd, &s);
				ts_sub(fd, T, 0, ALL, PORTS, "long");
				ts_sub(fd, TIPC_TOP_SRV, 0, ALL, PORTS, "self");
				tu_bound(T, k);
			}
			ktap_exit();
		}
		EXPECT_EQ(tu_wait(pid), 0);
	}
}

/* modules that need tipc.ko, as C's tipc_diag does */
static int holders(void)
{
	DIR *d = opendir("/sys/module/tipc/holders");
	struct dirent *e;
	int n = 0;

	if (!d)
		SKIP("tipc is not a module here");
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

/* rows 4.17, 17.25 */
TEST(module_is_not_held)
{
	char line[32] = "";
	int fd = ts_connect(SOCK_SEQPACKET), n = -1, i;

	ts_sub(fd, T, 0, ALL, PORTS, "held");
	ts_fence(fd);
	close(fd);
	/* when nobody has a socket, nobody holds the module, though the server listens */
	for (i = 0; i < 500 && n != holders(); i++) {
		FILE *f = fopen("/sys/module/tipc/refcnt", "r");

		ASSERT_TRUE(f);
		if (fgets(line, sizeof(line), f))
			n = atoi(line);
		fclose(f);
		ktap_sleep_ms(20);
	}
	EXPECT_EQ(n, holders());
	fd = ts_connect(SOCK_SEQPACKET);
	ts_fence(fd);
}

TEST_MAIN("each namespace has its topology server")
