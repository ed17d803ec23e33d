// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* In which order this node believes what a neighbour tells of bindings, and what of it. */
#include "neighbour.h"
#include "genl.h"
#include "topsrv.h"

/* a message of the peer's about a binding of port 1000 + lower, each of its own key; not sent yet */
static void about(struct wf *f, int type, int flags, uint16_t number, uint32_t lower, uint32_t upper)
{
	wp_name(p, f, 1, TYPE, lower, upper);
	wf_put(f, 13, 1000 + lower);
	wf_bits(f, 1, 24, 0xff, type << 5 | flags);
	wf_put(f, 4, number);
}

static void say(int type, int flags, uint16_t number, uint32_t lower, uint32_t upper)
{
	struct wf f;

	about(&f, type, flags, number, lower, upper);
	wp_packet(p, &f);
}

static int sub;
static struct tipc_subscr all;

/* contact, and somebody who is told of all that is believed, in the order it is */
static void listen_to_peer(void)
{
	world(WP_PLAIN);
	contact(p);
	sub = ts_connect(SOCK_SEQPACKET);
	all = ts_sub(sub, TYPE, 0, ALL, PORTS, "updates");
	/* from here on */
	ts_fence(sub);
}

/* the next that is believed */
static void believed_at(int line, int what, uint32_t lower, uint32_t upper)
{
	struct tipc_event e = ts_expect_at(__FILE__, line, sub, what, lower, upper, 1000 + lower, all);

	ktap_cmp(e.port.node == p->own, e.port.node, p->own, "node", "==", __FILE__, line);
}

#define believed(lower) believed_at(__LINE__, TIPC_PUBLISHED, lower, lower)
#define no_more(lower) believed_at(__LINE__, TIPC_WITHDRAWN, lower, lower)

/* nothing is believed of what came until now, but this: messages of old nodes are taken at once */
static void fence_at(int line)
{
	static uint32_t n = 1000000;

	n++;
	say(PUBLICATION, OLD, 0, n, n);
	believed_at(line, TIPC_PUBLISHED, n, n);
}

#define fence() fence_at(__LINE__)

/* changes wait for the end of the bulk, and for those before them */
/* rows 3.10, 3.11 */
TEST(wait_their_turn)
{
	listen_to_peer();
	say(PUBLICATION, CHANGE, 12, 12, 12);
	say(PUBLICATION, CHANGE, 11, 11, 11);
	fence();
	/* a bulk is believed as it comes, whatever its number */
	say(PUBLICATION, BULK, 7, 1, 1);
	believed(1);
	say(PUBLICATION, BULK, 0, 2, 2);
	believed(2);
	fence();
	say(PUBLICATION, LAST, 10, 3, 3);
	believed(3);
	fence();
	say(PUBLICATION, CHANGE, 14, 14, 14);
	say(PUBLICATION, CHANGE, 10, 10, 10);
	believed(10);
	believed(11);
	believed(12);
	fence();
	/* a withdrawal waits, too */
	say(WITHDRAWAL, CHANGE, 15, 3, 3);
	fence();
	say(PUBLICATION, CHANGE, 13, 13, 13);
	believed(13);
	believed(14);
	no_more(3);
	/* and each one in turn needs no waiting */
	say(PUBLICATION, CHANGE, 16, 16, 16);
	believed(16);
	fence();
}

/* what comes late or twice counts no more; numbers go on from 65535 to 0 */
/* rows 3.10 */
TEST(too_late)
{
	listen_to_peer();
	say(PUBLICATION, LAST, 65534, 1, 1);
	believed(1);
	say(PUBLICATION, CHANGE, 0, 100, 100);
	say(PUBLICATION, CHANGE, 65533, 99, 99);
	say(PUBLICATION, CHANGE, 65535, 98, 98);
	/* of two with one number the first counts */
	say(PUBLICATION, CHANGE, 65535, 97, 97);
	fence();
	say(PUBLICATION, CHANGE, 65534, 96, 96);
	believed(96);
	believed(98);
	believed(100);
	say(PUBLICATION, CHANGE, 0, 95, 95);
	say(WITHDRAWAL, CHANGE, 65535, 98, 98);
	say(PUBLICATION, CHANGE, 40000, 94, 94);
	fence();
	say(PUBLICATION, CHANGE, 1, 101, 101);
	believed(101);
	fence();
}

/* what a message without a number says is done at once, in the order of coming */
/* rows 3.11 */
TEST(old_nodes)
{
	listen_to_peer();
	say(PUBLICATION, OLD, 500, 1, 1);
	say(PUBLICATION, OLD, 3, 2, 2);
	say(WITHDRAWAL, OLD, 500, 1, 1);
	believed(1);
	believed(2);
	no_more(1);
	say(PUBLICATION, LAST, 10, 4, 4);
	believed(4);
	/* the numbers of the others do not move by it */
	say(PUBLICATION, OLD, 10, 5, 5);
	believed(5);
	say(WITHDRAWAL, OLD, 9, 4, 4);
	no_more(4);
	say(PUBLICATION, CHANGE, 11, 11, 11);
	fence();
	say(PUBLICATION, CHANGE, 10, 10, 10);
	believed(10);
	believed(11);
}

/* the others in a message count */
/* rows 3.12 */
TEST(inverted)
{
	struct wf f;

	listen_to_peer();
	wp_name(p, &f, 5, TYPE, 1, 1);
	for (int i = 0; i < 5; i++)
		wf_put(&f, 13 + 5 * i, 1001 + i);
	/* {2,1} and {4,0}, and one from 5 up to the end */
	wf_put(&f, 10 + 5 + 2, 1);
	wf_put(&f, 10 + 15 + 2, 0);
	wf_put(&f, 10 + 20 + 2, 0xffffffff);
	wf_bits(&f, 1, 24, 0xff, LAST);
	wf_put(&f, 4, 10);
	wp_packet(p, &f);
	believed(1);
	believed(3);
	believed_at(__LINE__, TIPC_PUBLISHED, 5, 0xffffffff);
	fence();
	/* alone, it takes its turn */
	say(PUBLICATION, CHANGE, 10, 9, 8);
	say(WITHDRAWAL, CHANGE, 11, 3, 2);
	say(WITHDRAWAL, CHANGE, 12, 3, 3);
	no_more(3);
}

/* only what is bound just so can be withdrawn; what is not harms nothing */
/* rows 3.12 */
TEST(not_bound)
{
	/* type, lower, upper, port, key */
	static const int other[][2] = { { 10, 1 }, { 11, -1 }, { 12, 1 }, { 13, 1 }, { 14, 1 } };
	struct wf f;
	int i;

	listen_to_peer();
	say(PUBLICATION, LAST, 10, 5, 5);
	believed(5);
	for (i = 0; i < 5; i++) {
		about(&f, WITHDRAWAL, CHANGE, 10 + i, 5, 5);
		wf_put(&f, other[i][0], wf_get(&f, other[i][0]) + other[i][1]);
		wp_packet(p, &f);
	}
	fence();
	say(WITHDRAWAL, CHANGE, 15, 5, 5);
	no_more(5);
	say(WITHDRAWAL, CHANGE, 16, 5, 5);
	fence();
	say(PUBLICATION, CHANGE, 17, 5, 5);
	believed(5);
}

/* what is neither a publication nor a withdrawal says nothing, and takes its turn all the same */
/* rows 3.12 */
TEST(unknown_types)
{
	listen_to_peer();
	say(2, OLD, 0, 1, 1);
	say(3, BULK, 0, 2, 2);
	fence();
	say(PUBLICATION, LAST, 10, 3, 3);
	believed(3);
	for (int i = 2; i < 8; i++)
		say(i, CHANGE, 8 + i, 3, 3);
	fence();
	say(PUBLICATION, CHANGE, 16, 16, 16);
	believed(16);
	/* the end of the bulk is one, whatever else it says */
	say(5, LAST, 30, 4, 4);
	say(PUBLICATION, CHANGE, 30, 30, 30);
	believed(30);
	fence();
}

/* the same once more is no second binding: it ends with the first withdrawal */
/* rows 3.2 */
TEST(twice)
{
	struct wf f;
	int i;

	listen_to_peer();
	say(PUBLICATION, LAST, 10, 5, 5);
	believed(5);
	say(PUBLICATION, CHANGE, 10, 5, 5);
	say(PUBLICATION, OLD, 0, 5, 5);
	say(PUBLICATION, BULK, 0, 5, 5);
	fence();
	/* another key or port is another one */
	for (i = 0; i < 2; i++) {
		about(&f, PUBLICATION, CHANGE, 11 + i, 5, 5);
		wf_put(&f, 13, 1005 + 2000 * i);
		wf_put(&f, 14, i ? 5 : 6);
		wp_packet(p, &f);
	}
	believed(5);
	ts_expect(sub, TIPC_PUBLISHED, 5, 5, 3005, all);
	say(WITHDRAWAL, CHANGE, 13, 5, 5);
	no_more(5);
	say(WITHDRAWAL, CHANGE, 14, 5, 5);
	fence();
	EXPECT_EQ(tu_reach(TYPE, 5), 0);
}

/* what a listing shows of {TYPE,5,5} */
static uint32_t shown[TIPC_NLA_PUBL_MAX + 1];

static void one_name(struct gn_msg *m, void *arg)
{
	struct nlattr *publ = gn_in(m, TIPC_NLA_NAME_TABLE, TIPC_NLA_NAME_TABLE_PUBL);
	uint32_t v[TIPC_NLA_PUBL_MAX + 1];
	int i;

	ASSERT_TRUE(publ);
	for (i = 1; i <= TIPC_NLA_PUBL_MAX; i++)
		v[i] = gn_val(gn_find(gn_data(publ), gn_len(publ), i));
	if (v[TIPC_NLA_PUBL_TYPE] != TYPE || v[TIPC_NLA_PUBL_LOWER] != 5)
		return;
	++*(int *)arg;
	memcpy(shown, v, sizeof(v));
}

static int list(void)
{
	int fd = gn_open(), n = 0;

	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_NAME_TABLE_GET), one_name, &n), 0);
	close(fd);
	return n;
}

/* a binding is the neighbour's who tells of it, for the whole cluster */
/* rows 3.13 */
TEST(origin)
{
	listen_to_peer();
	EXPECT_EQ(list(), 0);
	say(PUBLICATION, LAST, 10, 5, 6);
	believed_at(__LINE__, TIPC_PUBLISHED, 5, 6);
	ASSERT_EQ(list(), 1);
	EXPECT_EQ(shown[TIPC_NLA_PUBL_UPPER], 6);
	EXPECT_EQ(shown[TIPC_NLA_PUBL_SCOPE], TIPC_CLUSTER_SCOPE);
	EXPECT_EQ(shown[TIPC_NLA_PUBL_NODE], p->own);
	EXPECT_EQ(shown[TIPC_NLA_PUBL_REF], 1005);
	EXPECT_EQ(shown[TIPC_NLA_PUBL_KEY], 5);
	/* all that is said about it is for that node, and that port */
	EXPECT_EQ(tu_reach(TYPE, 6), 0);
	ASSERT_TRUE(wp_wait(p, WU_LOW, 20000));
	EXPECT_EQ(wf_get(&p->last, 5), 1005);
	EXPECT_EQ(wf_get(&p->last, 7), p->own);
}

/* row 3.13: what a neighbour binds is its own, whoever it says it is for */
TEST(in_another_name)
{
	struct wf f;

	listen_to_peer();
	say(PUBLICATION, LAST, 10, 7, 7);
	believed(7);
	about(&f, PUBLICATION, CHANGE, 10, 5, 5);
	wf_put(&f, 6, p->own + 1);
	wp_packet(p, &f);
	believed(5);
	ASSERT_EQ(list(), 1);
	EXPECT_EQ(shown[TIPC_NLA_PUBL_NODE], p->own);
}

TEST_MAIN("what neighbours tell of bindings is believed in the order C's nodes do")
