// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Subscribers hear of what is bound on other nodes. */
#include "nodes.h"
#include "topsrv.h"

#define TYPE tu_type(0)

static int subscriber(const struct sockaddr_tipc *at)
{
	int fd = tu_socket(SOCK_SEQPACKET);

	ASSERT_EQ(tu_connect(fd, at, sizeof(*at)), 0);
	tu_rcvtimeo(fd, 10000);
	return fd;
}

static int here(void)
{
	struct sockaddr_tipc top = tu_name(TIPC_TOP_SRV, TIPC_TOP_SRV);

	return subscriber(&top);
}

static void subscribe(int fd, uint32_t lower, uint32_t upper, int filter)
{
	struct tipc_subscr s = { { TYPE, lower, upper }, TIPC_WAIT_FOREVER, filter, "handle" };

	ASSERT_EQ(SYS(send(fd, &s, sizeof(s), 0)), sizeof(s));
}

static struct tipc_event next(int fd)
{
	struct tipc_event e = { 0 };

	ASSERT_EQ(tu_recv(fd, &e, sizeof(e), 0), sizeof(e));
	return e;
}

static void expect(int fd, int event, uint32_t lower, uint32_t upper, struct sockaddr_tipc who)
{
	struct tipc_event e = next(fd);

	EXPECT_EQ(e.event, event);
	EXPECT_EQ(e.found_lower, lower);
	EXPECT_EQ(e.found_upper, upper);
	EXPECT_EQ(e.port.ref, who.addr.id.ref);
	EXPECT_EQ(e.port.node, who.addr.id.node);
}

static int bound(int node, uint32_t lower, uint32_t upper, int scope)
{
	int fd = nd_socket(node, SOCK_RDM);

	ASSERT_EQ(tu_bind(fd, TYPE, lower, upper, scope), 0);
	return fd;
}

/* rows 4.8, 4.9, 3.14 */
TEST(ports)
{
	struct sockaddr_tipc a, b;
	int s, f, g;

	nd_two(0);
	s = here();
	subscribe(s, 10, 20, TIPC_SUB_PORTS);
	f = bound(1, 15, 25, TIPC_CLUSTER_SCOPE);
	a = tu_self(f);
	expect(s, TIPC_PUBLISHED, 15, 25, a);
	g = bound(1, 15, 25, TIPC_CLUSTER_SCOPE);
	b = tu_self(g);
	expect(s, TIPC_PUBLISHED, 15, 25, b);
	close(f);
	expect(s, TIPC_WITHDRAWN, 15, 25, a);
	/* out of its range, and bound for that node only: no word of either */
	bound(1, 21, 22, TIPC_CLUSTER_SCOPE);
	bound(1, 11, 12, TIPC_NODE_SCOPE);
	close(g);
	expect(s, TIPC_WITHDRAWN, 15, 25, b);
	EXPECT_TRUE(tu_empty(s));
}

/* rows 4.8, 4.10 */
TEST(service)
{
	struct sockaddr_tipc a, b;
	int s, p, f, g;

	nd_two(0);
	f = bound(1, 1, 1, TIPC_CLUSTER_SCOPE);
	a = tu_self(f);
	s = here();
	subscribe(s, 1, 5, TIPC_SUB_SERVICE);
	expect(s, TIPC_PUBLISHED, 1, 1, a);
	p = here();
	subscribe(p, 1, 5, TIPC_SUB_PORTS);
	expect(p, TIPC_PUBLISHED, 1, 1, a);
	/* a second binding of the range, here: the service was up, and is until both have gone */
	g = bound(0, 1, 1, TIPC_CLUSTER_SCOPE);
	b = tu_self(g);
	expect(p, TIPC_PUBLISHED, 1, 1, b);
	close(f);
	expect(p, TIPC_WITHDRAWN, 1, 1, a);
	ts_fence(s);
	close(g);
	expect(s, TIPC_WITHDRAWN, 1, 1, b);
}

/* what was bound before the nodes met comes in the order it was bound */
/* rows 4.10, 3.9 */
TEST(before)
{
	struct sockaddr_tipc a[5];
	int s;

	nd_two(0);
	for (int i = 0; i < 5; i++)
		a[i] = tu_self(bound(1, 9 - i, 9 - i, TIPC_CLUSTER_SCOPE));
	nd_wait_name(0, TYPE, 5, 1);
	s = here();
	subscribe(s, 0, ~0, TIPC_SUB_PORTS);
	for (int i = 0; i < 5; i++)
		expect(s, TIPC_PUBLISHED, 9 - i, 9 - i, a[i]);
}

/* rows 3.14, 4.8, 5.21 */
TEST(node_lost)
{
	struct sockaddr_tipc a, b;
	int s, p, f;

	nd_two(0);
	f = bound(1, 1, 3, TIPC_CLUSTER_SCOPE);
	a = tu_self(f);
	nd_wait_name(0, TYPE, 2, 1);
	s = here();
	subscribe(s, 2, 2, TIPC_SUB_SERVICE);
	p = here();
	subscribe(p, 0, 9, TIPC_SUB_PORTS);
	expect(s, TIPC_PUBLISHED, 1, 3, a);
	expect(p, TIPC_PUBLISHED, 1, 3, a);
	nd_wire->cut[0] = nd_wire->cut[1] = 1;
	expect(s, TIPC_WITHDRAWN, 1, 3, a);
	expect(p, TIPC_WITHDRAWN, 1, 3, a);
	/* what happens there meanwhile is heard of when the node is back */
	b = tu_self(bound(1, 7, 7, TIPC_CLUSTER_SCOPE));
	nd_wire->cut[0] = nd_wire->cut[1] = 0;
	expect(s, TIPC_PUBLISHED, 1, 3, a);
	expect(p, TIPC_PUBLISHED, 1, 3, a);
	expect(p, TIPC_PUBLISHED, 7, 7, b);
}

/* rows 3.14, 4.8: what a lost node had bound goes in the order in which it was told */
TEST(several_lost)
{
	static const uint32_t order[] = { 3, 1, 9, 4 };
	struct sockaddr_tipc a[4];
	int p;

	nd_two(0);
	p = here();
	subscribe(p, 0, 9, TIPC_SUB_PORTS);
	for (int i = 0; i < 4; i++) {
		a[i] = tu_self(bound(1, order[i], order[i], TIPC_CLUSTER_SCOPE));
		expect(p, TIPC_PUBLISHED, order[i], order[i], a[i]);
	}
	nd_wire->cut[0] = nd_wire->cut[1] = 1;
	for (int i = 0; i < 4; i++)
		expect(p, TIPC_WITHDRAWN, order[i], order[i], a[i]);
}

/* rows 3.14 */
TEST(bearer_off)
{
	struct sockaddr_tipc a;
	int p;

	nd_two(0);
	a = tu_self(bound(1, 1, 1, TIPC_CLUSTER_SCOPE));
	nd_wait_name(0, TYPE, 1, 1);
	p = here();
	subscribe(p, 0, 9, TIPC_SUB_PORTS);
	expect(p, TIPC_PUBLISHED, 1, 1, a);
	nd_bearer(1, 0);
	expect(p, TIPC_WITHDRAWN, 1, 1, a);
	nd_bearer(1, 1);
	expect(p, TIPC_PUBLISHED, 1, 1, a);
}

/* the topology server of another node tells what that node sees, its own bindings too */
/* rows 4.2, 1.4.16 */
TEST(asked_from_afar)
{
	struct sockaddr_tipc top, a;
	int s, f;

	nd_two(0);
	top = nd_name_at(TIPC_TOP_SRV, TIPC_TOP_SRV, 1);
	s = subscriber(&top);
	subscribe(s, 0, 9, TIPC_SUB_PORTS);
	f = bound(1, 3, 3, TIPC_NODE_SCOPE);
	a = tu_self(f);
	expect(s, TIPC_PUBLISHED, 3, 3, a);
	close(f);
	expect(s, TIPC_WITHDRAWN, 3, 3, a);
	for (int i = 0; i < 300; i++)
		bound(1, 9, 9, TIPC_CLUSTER_SCOPE);
	for (int i = 0; i < 300; i++)
		EXPECT_EQ(next(s).event, TIPC_PUBLISHED);
	EXPECT_TRUE(tu_empty(s));
}

TEST_MAIN("subscribers hear of what is bound on other nodes, and of their end")
