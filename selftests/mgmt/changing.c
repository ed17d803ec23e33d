// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Nodes, links and bearers are listed while others of their kind come and go: what is there all the
 * while is in each list once, nothing is in it twice, and each list ends. A list may say that it is
 * not whole (NLM_F_DUMP_INTR, or EPIPE): then nothing is asked of it but that.
 */
#include "wire.h"
#include "genl.h"

#define STRANGERS 150		/* nodes that are known by their beacons only; their links fill several pages */
#define LISTS 40

static struct wp_world w;
static int netlink, broken;

/* what a list has shown: names of links and bearers, addresses of nodes in digits */
static struct { char name[72]; int times; } shown[4 * STRANGERS];
static int count;

static void show(const char *name)
{
	int i;

	for (i = 0; i < count && strcmp(shown[i].name, name); i++)
		;
	if (i == count) {
		ASSERT_TRUE(count < 4 * STRANGERS);
		snprintf(shown[count++].name, sizeof(shown[0].name), "%s", name);
	}
	shown[i].times++;
}

static void one_name(struct gn_msg *m, void *arg)
{
	int *at = arg;
	struct nlattr *name = gn_in(m, at[0], at[1]);

	ASSERT_TRUE(name);
	show(gn_data(name));
}

static void one_node(struct gn_msg *m, void *arg)
{
	char digits[16];

	(void)arg;
	snprintf(digits, sizeof(digits), "%x", gn_val(gn_in(m, TIPC_NLA_NODE, TIPC_NLA_NODE_ADDR)));
	show(digits);
}

static int times(const char *name)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(shown[i].name, name))
			return shown[i].times;
	return 0;
}

/* asks for a list; 1 if it is said to be whole, and then nothing is in it twice */
static int list(struct gn_req *r, void (*one)(struct gn_msg *m, void *arg), int *arg)
{
	int err;

	count = 0;
	memset(shown, 0, sizeof(shown));
	gn_told.changed = 0;
	err = gn_dump(netlink, r, one, arg);
	if (err == -EPIPE || gn_told.changed) {
		broken++;
		return 0;
	}
	EXPECT_EQ(err, 0);
	for (int i = 0; i < count; i++) {
		if (shown[i].times != 1)
			ktap_note("%s, %d times", shown[i].name, shown[i].times);
		EXPECT_EQ(shown[i].times, 1);
	}
	return 1;
}

static uint32_t stranger(int n)
{
	return 0x01001800 + n;
}

/* a beacon of a stranger */
static void call(int n)
{
	struct wp o = w.evil;
	struct wf f;

	o.own = stranger(n);
	o.mac[4] = 0x80;
	o.mac[5] = n;
	wp_beacon(&o, &f, WD_REQUEST);
	wp_send(&o, &f);
}

static void begin(void)
{
	double end = ktap_now() + 30;

	wp_world(&w);
	netlink = gn_open();
	ASSERT_TRUE(wp_up(&w.honest));
	while (wp_nodes() < STRANGERS + 1 && ktap_now() < end)
		for (int n = 0; n < STRANGERS; n++)
			call(n);
	ASSERT_EQ(wp_nodes(), STRANGERS + 1);
}

/* those who change something, from here on, and their end */
static pid_t changes(void (*change)(int))
{
	pid_t child = fork();

	if (!child) {
		for (int i = 0; ; i++)
			change(i);
	}
	return child;
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	EXPECT_EQ(tu_wait(child), 1000 + SIGKILL);
	ktap_note("%d of %d lists said that they were not whole", broken, 4 * LISTS);
	/* and now they are */
	EXPECT_TRUE(list(gn_new(TIPC_NL_NODE_GET), one_node, NULL));
	EXPECT_EQ(times("1001003"), 1);
	wp_check(&w);
}

/* all lists, again and again; nodes from that number on stay */
static void look(int from)
{
	static int link[2] = { TIPC_NLA_LINK, TIPC_NLA_LINK_NAME };
	static int bearer[2] = { TIPC_NLA_BEARER, TIPC_NLA_BEARER_NAME };
	char name[72];
	int whole = 0;

	for (int i = 0; i < LISTS; i++) {
		if (list(gn_new(TIPC_NL_NODE_GET), one_node, NULL)) {
			whole++;
			EXPECT_EQ(times("1001003"), 1);
			for (int n = from; n < STRANGERS; n++) {
				snprintf(name, sizeof(name), "%x", stranger(n));
				EXPECT_EQ(times(name), 1);
			}
		}
		if (list(gn_new(TIPC_NL_LINK_GET), one_name, link)) {
			whole++;
			EXPECT_EQ(times("broadcast-link"), 1);
			EXPECT_EQ(times("1001001:v1-1001003:wire"), 1);
		}
		if (list(gn_new(TIPC_NL_BEARER_GET), one_name, bearer)) {
			whole++;
			EXPECT_EQ(times("eth:v1"), 1);
		}
		if (list(gn_new(TIPC_NL_MEDIA_GET), one_name,
			 (int[]){ TIPC_NLA_MEDIA, TIPC_NLA_MEDIA_NAME })) {
			whole++;
			EXPECT_EQ(times("eth"), 1);
		}
		/* keeps its link */
		wp_pump(&w.honest, 2);
		if (ktap_failures > 20)
			break;
	}
	EXPECT_GE(whole, 2 * LISTS);
}

static void bearer_on_and_off(int i)
{
	ASSERT_EQ(wp_bearer("eth:v0", i & 1), 0);
	if (i & 1)
		for (int n = 0; n < STRANGERS; n++)
			call(n);
}

/* rows 13.4, 13.8, 13.13, 13.28: the links on a bearer that comes and goes, and the bearer */
TEST_LIMIT(bearers, 120)
{
	pid_t child;

	begin();
	child = changes(bearer_on_and_off);
	look(0);
	end(child);
}

/* the first half of them come back when they have been removed */
static void remove_and_call(int i)
{
	static int fd = -1;
	int n = i % (STRANGERS / 2);

	if (fd < 0)
		fd = gn_open();
	gn_do(fd, gn_simple(TIPC_NL_PEER_REMOVE, TIPC_NLA_NET, TIPC_NLA_NET_ADDR, stranger(n)), NULL);
	call((n + STRANGERS / 4) % (STRANGERS / 2));
}

/* rows 13.8, 13.13, 13.21, 13.28: nodes and their links, of those that are removed and of the others */
TEST_LIMIT(nodes, 120)
{
	pid_t child;

	begin();
	child = changes(remove_and_call);
	look(STRANGERS / 2);
	end(child);
}

TEST_MAIN("lists of nodes, links and bearers are right while others come and go")
