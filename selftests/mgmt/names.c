// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* dumps of bindings: the name table's, and one socket's */
#include "genl.h"
#include <pthread.h>

struct publ {
	uint32_t type, lower, upper, scope, node, ref, key;
};

#define MOST 8000

/* what the last dump showed, of types in [from, to] */
static struct publ list[MOST];
static int count;
static uint32_t from, to;

static void read_publ(struct nlattr *publ, struct publ *p)
{
	uint32_t *word = (uint32_t *)p;
	int i;

	for (i = 0; i < 7; i++)
		word[i] = gn_val(gn_find(gn_data(publ), gn_len(publ), TIPC_NLA_PUBL_TYPE + i));
}

static void one_name(struct gn_msg *m, void *arg)
{
	struct nlattr *publ = gn_in(m, TIPC_NLA_NAME_TABLE, TIPC_NLA_NAME_TABLE_PUBL);
	struct publ p;

	(void)arg;
	EXPECT_EQ(m->g->cmd, TIPC_NL_NAME_TABLE_GET);
	ASSERT_TRUE(publ);
	EXPECT_EQ(gn_len(publ), 7 * 8);
	read_publ(publ, &p);
	if (p.type >= from && p.type <= to && count < MOST)
		list[count++] = p;
}

static int names(int fd, uint32_t low, uint32_t high)
{
	count = 0;
	from = low;
	to = high;
	return gn_dump(fd, gn_new(TIPC_NL_NAME_TABLE_GET), one_name, NULL);
}

static void one_of_socket(struct gn_msg *m, void *arg)
{
	struct nlattr *publ = gn_find(m->attrs, m->len, TIPC_NLA_PUBL);
	struct publ p;

	(void)arg;
	EXPECT_EQ(m->g->cmd, TIPC_NL_PUBL_GET);
	ASSERT_TRUE(publ);
	EXPECT_EQ(gn_len(publ), 4 * 8);
	read_publ(publ, &p);
	EXPECT_EQ(p.scope, 0xeeeeeeee);
	EXPECT_EQ(p.node, 0xeeeeeeee);
	EXPECT_EQ(p.ref, 0xeeeeeeee);
	if (count < MOST)
		list[count++] = p;
}

static struct gn_req *ask(uint32_t ref)
{
	return gn_simple(TIPC_NL_PUBL_GET, TIPC_NLA_SOCK, TIPC_NLA_SOCK_REF, ref);
}

static int of_socket(int fd, uint32_t ref)
{
	count = 0;
	return gn_dump(fd, ask(ref), one_of_socket, NULL);
}

static uint32_t ref_of(int s)
{
	return tu_self(s).addr.id.ref;
}

#define EXPECT_PUBL(i, t, l, u, s, n, r) do {	\
	EXPECT_EQ(list[i].type, t);		\
	EXPECT_EQ(list[i].lower, l);		\
	EXPECT_EQ(list[i].upper, u);		\
	EXPECT_EQ(list[i].scope, s);		\
	EXPECT_EQ(list[i].node, n);		\
	EXPECT_EQ(list[i].ref, r);		\
} while (0)

/* rows 13.16 */
TEST(what_is_shown)
{
	uint32_t t = tu_type(0);
	int fd, a, b;

	tu_netns();
	fd = gn_open();
	a = tu_socket(SOCK_RDM);
	b = tu_socket(SOCK_SEQPACKET);
	EXPECT_EQ(names(fd, t, t), 0);
	EXPECT_EQ(count, 0);
	EXPECT_EQ(tu_bind(a, t, 20, 29, TIPC_CLUSTER_SCOPE), 0);
	EXPECT_EQ(tu_bind(b, t, 10, 10, TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(tu_bind(b, t, 30, 0xffffffff, TIPC_ZONE_SCOPE), 0);
	EXPECT_EQ(names(fd, t, t), 0);
	ASSERT_EQ(count, 3);
	EXPECT_PUBL(0, t, 10, 10, TIPC_NODE_SCOPE, 0, ref_of(b));
	EXPECT_PUBL(1, t, 20, 29, TIPC_CLUSTER_SCOPE, 0, ref_of(a));
	EXPECT_PUBL(2, t, 30, 0xffffffff, TIPC_CLUSTER_SCOPE, 0, ref_of(b));
	EXPECT_NE(list[0].key, list[2].key);
	EXPECT_EQ(tu_bind_raw(b, NULL, 0), 0);
	close(a);
	EXPECT_EQ(names(fd, t, t), 0);
	EXPECT_EQ(count, 0);
}

/* rows 13.16, 3.5, 4.18, 5.6 */
TEST(renumbered)
{
	uint32_t t = tu_type(0);
	int fd, a;

	tu_netns();
	fd = gn_open();
	a = tu_bound(t, 1);
	EXPECT_EQ(tu_bind(a, t, 2, 2, TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(names(fd, 0, 0), 0);
	EXPECT_EQ(count, 0);
	EXPECT_EQ(gn_set_addr(fd, 0x01001001), 0);
	EXPECT_EQ(names(fd, t, t), 0);
	ASSERT_EQ(count, 2);
	EXPECT_PUBL(0, t, 1, 1, TIPC_CLUSTER_SCOPE, 0x01001001, ref_of(a));
	EXPECT_PUBL(1, t, 2, 2, TIPC_NODE_SCOPE, 0x01001001, ref_of(a));
	/* the node itself */
	EXPECT_EQ(names(fd, 0, 0), 0);
	ASSERT_EQ(count, 1);
	EXPECT_PUBL(0, 0, 0x01001001, 0x01001001, TIPC_CLUSTER_SCOPE, 0x01001001, 0);
	EXPECT_EQ(list[0].key, 0x01001001);
	EXPECT_EQ(tu_bind(a, t, 3, 3, TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(names(fd, t, t), 0);
	ASSERT_EQ(count, 3);
	EXPECT_PUBL(2, t, 3, 3, TIPC_NODE_SCOPE, 0x01001001, ref_of(a));
	/* all can be withdrawn as they were bound */
	EXPECT_EQ(tu_bind(a, t, 1, 1, -TIPC_CLUSTER_SCOPE), 0);
	EXPECT_EQ(tu_bind(a, t, 2, 2, -TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(names(fd, t, t), 0);
	EXPECT_EQ(count, 1);
}

/* rows 13.7 */
TEST(bindings_of_a_socket)
{
	uint32_t t = tu_type(0);
	struct publ whole[3];
	int fd, a, b, i;

	tu_netns();
	fd = gn_open();
	a = tu_socket(SOCK_RDM);
	b = tu_bound(t, 100);
	EXPECT_EQ(of_socket(fd, ref_of(a)), 0);
	EXPECT_EQ(count, 0);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(tu_bind(a, t, 3 - i, 3 + i, TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(names(fd, t, t), 0);
	ASSERT_EQ(count, 4);
	memcpy(whole, list, sizeof(whole));
	/* the newest first */
	EXPECT_EQ(of_socket(fd, ref_of(a)), 0);
	ASSERT_EQ(count, 3);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(list[i].type, t);
		EXPECT_EQ(list[i].lower, 1 + i);
		EXPECT_EQ(list[i].upper, 5 - i);
		EXPECT_EQ(list[i].key, whole[i].key);
	}
	EXPECT_EQ(of_socket(fd, ref_of(b)), 0);
	EXPECT_EQ(count, 1);
}

/* rows 13.7 */
TEST(no_such_socket)
{
	struct gn_req *r;
	int fd, a;
	uint32_t ref;

	tu_netns();
	fd = gn_open();
	a = tu_bound(tu_type(0), 1);
	ref = ref_of(a);
	EXPECT_EQ(of_socket(fd, ref + 1), -EINVAL);
	EXPECT_EQ(gn_told.in_done, 1);
	EXPECT_EQ(of_socket(fd, 0), -EINVAL);
	close(a);
	EXPECT_EQ(of_socket(fd, ref), -EINVAL);
	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_PUBL_GET), NULL, NULL), -EINVAL);
	EXPECT_EQ(gn_dump(fd, gn_simple(TIPC_NL_PUBL_GET, TIPC_NLA_SOCK, TIPC_NLA_SOCK_ADDR, 1),
			  NULL, NULL), -EINVAL);
	EXPECT_EQ(gn_dump(fd, gn_simple(TIPC_NL_PUBL_GET, TIPC_NLA_PUBL, TIPC_NLA_SOCK_REF, ref),
			  NULL, NULL), -EINVAL);
	r = gn_new(TIPC_NL_PUBL_GET);
	gn_end(r, gn_nest(r, TIPC_NLA_SOCK));
	EXPECT_EQ(gn_dump(fd, r, NULL, NULL), -EINVAL);
	r = gn_new(TIPC_NL_PUBL_GET);
	gn_put(r, TIPC_NLA_SOCK, "ab", 2);
	EXPECT_EQ(gn_dump(fd, r, NULL, NULL), -ERANGE);
	EXPECT_EQ(gn_told.in_done, 0);
}

/* rows 14.9 */
TEST(other_namespace)
{
	uint32_t t = tu_type(0), ref;
	int a = tu_bound(t, 1);
	pid_t pid;

	ref = ref_of(a);
	pid = fork();
	if (!pid) {
		int fd;

		tu_netns();
		fd = gn_open();
		EXPECT_EQ(names(fd, t, t), 0);
		EXPECT_EQ(count, 0);
		EXPECT_EQ(of_socket(fd, ref), -EINVAL);
		ktap_exit();
	}
	EXPECT_EQ(tu_wait(pid), 0);
}

static int by_lower(const void *a, const void *b)
{
	const struct publ *x = a, *y = b;

	return x->lower < y->lower ? -1 : x->lower > y->lower;
}

static void each_once(uint32_t t, int n)
{
	int i;

	EXPECT_EQ(count, n);
	qsort(list, count, sizeof(list[0]), by_lower);
	for (i = 0; i < count && i < n; i++) {
		EXPECT_EQ(list[i].type, t);
		EXPECT_EQ(list[i].lower, i);
	}
	EXPECT_EQ(gn_told.changed, 0);
}

/* rows 13.7, 13.16, 13.28 */
TEST(many)
{
	uint32_t t = tu_type(0);
	int fd, a, i, n = 4000;

	tu_netns();
	fd = gn_open();
	a = tu_socket(SOCK_RDM);
	for (i = 0; i < n; i++)
		ASSERT_EQ(tu_bind(a, t, i, i, TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(names(fd, t, t), 0);
	each_once(t, n);
	EXPECT_EQ(of_socket(fd, ref_of(a)), 0);
	each_once(t, n);
}

/* rows 13.16, 13.28 */
TEST(many_of_one_name)
{
	uint32_t t = tu_type(0);
	int fd, a, i, n = 4000;

	tu_netns();
	fd = gn_open();
	a = tu_socket(SOCK_RDM);
	for (i = 0; i < n; i++)
		ASSERT_EQ(tu_bind(a, t, 5, 5, TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(names(fd, t, t), 0);
	EXPECT_EQ(count, n);
	EXPECT_EQ(gn_told.changed, 0);
}

/* rows 13.28 */
TEST(gone_meanwhile)
{
	uint32_t t = tu_type(0);
	int fd, a, i, k, r;

	tu_netns();
	fd = gn_open();
	for (k = 0; k < 3; k++) {
		a = tu_socket(SOCK_RDM);
		for (i = 0; i < 2000; i++)
			ASSERT_EQ(tu_bind(a, t, i, i, TIPC_NODE_SCOPE), 0);
		memset(&gn_told, 0, sizeof(gn_told));
		EXPECT_EQ(gn_send(fd, k ? ask(ref_of(a)) : gn_new(TIPC_NL_NAME_TABLE_GET),
				  NLM_F_DUMP), 0);
		EXPECT_EQ(gn_page(fd, NULL, NULL), 1);
		if (k == 2)
			close(a);
		else
			EXPECT_EQ(tu_bind_raw(a, NULL, 0), 0);
		do
			r = gn_page(fd, NULL, NULL);
		while (r == 1);
		EXPECT_EQ(r, k == 2 ? -EINVAL : 0);
		EXPECT_EQ(gn_told.changed, k != 2);
		EXPECT_LE(gn_told.messages, 1999);
	}
}

static volatile int stop;

static void *come_and_go(void *arg)
{
	unsigned int seed = (unsigned long)arg;
	int s = tu_socket(SOCK_RDM), there[16] = { 0 };

	while (!stop) {
		int i = rand_r(&seed) % 16;

		EXPECT_EQ(tu_bind(s, tu_type(i), i, i, there[i] ? -TIPC_NODE_SCOPE : TIPC_NODE_SCOPE), 0);
		there[i] = !there[i];
	}
	return NULL;
}

/* rows 13.16, 13.28 */
TEST(while_bindings_come_and_go)
{
	int fd, a, i, k, whole = 0, n = 1000;
	uint32_t t = tu_type(20);
	pthread_t th[2];

	tu_netns();
	fd = gn_open();
	a = tu_socket(SOCK_RDM);
	for (i = 0; i < n; i++)
		ASSERT_EQ(tu_bind(a, t, i, i, TIPC_NODE_SCOPE), 0);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(pthread_create(&th[i], NULL, come_and_go, (void *)(long)(i + 1)), 0);
	for (k = 0; k < 40; k++) {
		EXPECT_EQ(names(fd, t, t), 0);
		if (gn_told.changed)
			continue;
		whole++;
		each_once(t, n);
	}
	stop = 1;
	for (i = 0; i < 2; i++)
		pthread_join(th[i], NULL);
	EXPECT_GE(whole, 1);
}

TEST_MAIN("dumps of bindings over netlink")
