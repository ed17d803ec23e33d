// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* What is set of a link that works: what its other end hears of it, and whether it goes down for it. */
#include "nodes.h"
#include "genl.h"
#include "topsrv.h"

static const char *const names[2] = { "1001001:wire-1001002:wire", "1001002:wire-1001001:wire" };

/* what the nodes are told of their link */
static int told[2];
static struct tipc_subscr wanted[2];

static struct gn_req *request(int cmd, int node, struct nlattr **nest)
{
	struct gn_req *r = gn_new(cmd);

	*nest = gn_nest(r, TIPC_NLA_LINK);
	gn_str(r, TIPC_NLA_LINK_NAME, names[node]);
	return r;
}

static int call(int node, struct gn_req *r, struct gn_msg *reply)
{
	int fd, err;

	nd_at(node);
	fd = gn_open();
	err = gn_do(fd, r, reply);
	close(fd);
	nd_at(0);
	return err;
}

static int set(int node, int property, uint32_t value)
{
	struct nlattr *nest, *properties;
	struct gn_req *r = request(TIPC_NL_LINK_SET, node, &nest);

	properties = gn_nest(r, TIPC_NLA_LINK_PROP);
	gn_u32(r, property, value);
	gn_end(r, properties);
	gn_end(r, nest);
	return call(node, r, NULL);
}

static uint32_t get(int node, int property)
{
	struct nlattr *nest;
	struct gn_req *r = request(TIPC_NL_LINK_GET, node, &nest);
	struct gn_msg m;

	gn_end(r, nest);
	ASSERT_EQ(call(node, r, &m), 0);
	nest = gn_in(&m, TIPC_NLA_LINK, TIPC_NLA_LINK_PROP);
	ASSERT_TRUE(nest);
	return gn_val(gn_find(gn_data(nest), gn_len(nest), property));
}

/* until the node has that, 20 s at most */
static uint32_t becomes(int node, int property, uint32_t value)
{
	double end = ktap_now() + 20;
	uint32_t now;

	while ((now = get(node, property)) != value && ktap_now() < end)
		ktap_sleep_ms(5);
	return now;
}

static void down_and_up(void)
{
	for (int node = 0; node < 2; node++) {
		uint32_t other = nd_addr[!node];

		ts_expect(told[node], TIPC_WITHDRAWN, other, other, -1, wanted[node]);
		ts_expect(told[node], TIPC_PUBLISHED, other, other, -1, wanted[node]);
	}
}

static void still_up(void)
{
	nd_settle();
	ts_fence(told[0]);
	ts_fence(told[1]);
}

/* two nodes whose link a machine that stands still does not cut, and who tells of it */
static void begin(void)
{
	nd_two(0);
	ASSERT_EQ(set(0, TIPC_NLA_PROP_TOL, 30000), 0);
	ASSERT_EQ(becomes(1, TIPC_NLA_PROP_TOL, 30000), 30000);
	for (int node = 0; node < 2; node++) {
		uint32_t other = nd_addr[!node];

		nd_at(node);
		told[node] = ts_connect(SOCK_SEQPACKET);
		nd_at(0);
		wanted[node] = ts_sub(told[node], TIPC_LINK_STATE, other, other, PORTS, "link");
		ts_expect(told[node], TIPC_PUBLISHED, other, other, -1, wanted[node]);
	}
	ASSERT_EQ(get(1, TIPC_NLA_PROP_TOL), 30000);
}

/* rows 13.9 */
TEST(tolerance)
{
	begin();
	for (int i = 0; i < 3; i++) {
		uint32_t ms = 20000 + 1000 * i;

		EXPECT_EQ(set(i & 1, TIPC_NLA_PROP_TOL, ms), 0);
		EXPECT_EQ(get(i & 1, TIPC_NLA_PROP_TOL), ms);
		EXPECT_EQ(becomes(!(i & 1), TIPC_NLA_PROP_TOL, ms), ms);
	}
	still_up();
}

/* the other end takes it, and takes the link down for it */
/* rows 13.9 */
TEST_LIMIT(priority, 120)
{
	static const int values[] = { 12, 1, 31 };

	begin();
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(set(i & 1, TIPC_NLA_PROP_PRIO, values[i]), 0);
		down_and_up();
		for (int node = 0; node < 2; node++)
			EXPECT_EQ(get(node, TIPC_NLA_PROP_PRIO), values[i]);
	}
	/* what it is already, and what cannot be told */
	EXPECT_EQ(set(0, TIPC_NLA_PROP_PRIO, 31), 0);
	still_up();
	EXPECT_EQ(set(0, TIPC_NLA_PROP_PRIO, 0), 0);
	still_up();
	EXPECT_EQ(get(0, TIPC_NLA_PROP_PRIO), 0);
	EXPECT_EQ(get(1, TIPC_NLA_PROP_PRIO), 31);
}

/* the largest is set; the one that is shown is that of the moment, which begins with the smallest anew */
/* rows 13.9 */
TEST(window)
{
	begin();
	EXPECT_EQ(set(0, TIPC_NLA_PROP_WIN, 77), 0);
	EXPECT_EQ(set(1, TIPC_NLA_PROP_WIN, 88), 0);
	EXPECT_EQ(get(0, TIPC_NLA_PROP_WIN), 50);
	EXPECT_EQ(get(1, TIPC_NLA_PROP_WIN), 50);
	still_up();
}

/* one bad property, and nothing is set */
/* rows 13.9, 13.29 */
TEST(refused)
{
	static const struct { int property; uint32_t value; } bad[] = {
		{ TIPC_NLA_PROP_PRIO, 32 }, { TIPC_NLA_PROP_PRIO, 0xffffffff },
		{ TIPC_NLA_PROP_TOL, 49 }, { TIPC_NLA_PROP_TOL, 30001 }, { TIPC_NLA_PROP_TOL, 65536 + 1500 },
		{ TIPC_NLA_PROP_WIN, 49 }, { TIPC_NLA_PROP_WIN, 8192 }, { TIPC_NLA_PROP_WIN, 65536 + 50 },
	};
	static const int all[] = { TIPC_NLA_PROP_PRIO, TIPC_NLA_PROP_TOL, TIPC_NLA_PROP_WIN };
	uint32_t before[3];
	int i;

	begin();
	for (i = 0; i < 3; i++)
		before[i] = get(0, all[i]);
	for (i = 0; i < (int)(sizeof(bad) / sizeof(bad[0])); i++) {
		struct nlattr *nest, *properties;
		struct gn_req *r = request(TIPC_NL_LINK_SET, 0, &nest);

		properties = gn_nest(r, TIPC_NLA_LINK_PROP);
		for (int k = 0; k < 3; k++)
			gn_u32(r, all[k], all[k] == bad[i].property ? bad[i].value :
			       (uint32_t[]){ 5, 500, 55 }[k]);
		gn_end(r, properties);
		gn_end(r, nest);
		EXPECT_EQ(call(0, r, NULL), -EINVAL);
		EXPECT_EQ(set(1, bad[i].property, bad[i].value), -EINVAL);
	}
	still_up();
	for (int node = 0; node < 2; node++)
		for (i = 0; i < 3; i++)
			EXPECT_EQ(get(node, all[i]), before[i]);
}

TEST_MAIN("what is set of a link that works, and what its other end makes of it")
