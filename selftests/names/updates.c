// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * How nodes tell each other of bindings, frame by frame: what this node says of its own, and in
 * which order it believes what a neighbour says. The neighbour is the test (lib/wire.h).
 */
#include "wire.h"
#include "genl.h"
#include "topsrv.h"

#define TYPE tu_type(0)
#define ITEM(f, i, k) wf_get(f, 10 + 5 * (i) + (k))

/* byte 4 of a header, below the type */
enum { OLD = 0, CHANGE = 4, BULK = 0x14, LAST = 0x1c };
enum { PUBLICATION, WITHDRAWAL };

static struct wp_world w;
static struct wp *const p = &w.evil;
static struct wf heard[64];
static int count, taken;

/* keeps what is said of names; what comes by broadcast again is known by its number */
static void keep(const struct wf *f)
{
	static int by_broadcast = -1;

	if (wf_user(f) != WU_NAMES)
		return;
	if (wf_get(f, 0) & 1 << 20) {
		if ((int)(wf_get(f, 2) & 0xffff) == by_broadcast)
			return;
		by_broadcast = wf_get(f, 2) & 0xffff;
	}
	if (count < 64)
		heard[count++] = *f;
}

static const struct wf *next(struct wp *by)
{
	double end = ktap_now() + 20;

	while (taken == count && ktap_now() < end)
		wp_wait(by, WU_NAMES, 200);
	ASSERT_TRUE(taken < count);
	return &heard[taken++];
}

/* the world, and a peer that is not in contact yet */
static void world(uint32_t caps)
{
	wp_world(&w);
	p->caps = caps;
	p->see = keep;
}

/* one message of a bulk; how many items */
static int check_bulk(const struct wf *f, struct wp *to, int last)
{
	int items = (f->len - 40) / 20;

	EXPECT_EQ(f->len, 40 + 20 * items);
	EXPECT_EQ(wf_get(f, 0), 2u << 29 | WU_NAMES << 25 | 10 << 21 | f->len);
	EXPECT_EQ(wf_get(f, 1) >> 16, (last ? LAST : BULK) << 8);
	EXPECT_EQ(wf_get(f, 3), WP_NODE);
	if (!last)
		EXPECT_EQ(wf_get(f, 4), 0);
	EXPECT_EQ(wf_get(f, 4) >> 16, 0);
	EXPECT_EQ(wf_get(f, 5), 1 << 14);
	EXPECT_EQ(wf_get(f, 6), WP_NODE);
	EXPECT_EQ(wf_get(f, 7), to->own);
	EXPECT_EQ(wf_get(f, 8), 0);
	EXPECT_EQ(wf_get(f, 9), 0);
	return items;
}

/* contact; the number of the change that will come next */
static uint16_t contact(struct wp *by)
{
	const struct wf *f;

	count = taken = 0;
	ASSERT_TRUE(wp_up(by));
	do
		f = next(by);
	while (!(wf_get(f, 1) & 1 << 27));
	check_bulk(f, by, 1);
	return wf_get(f, 4);
}

/* the next message is this change; the key in it */
static uint32_t change(struct wp *to, int type, uint16_t number, int fd, uint32_t lower, uint32_t upper)
{
	const struct wf *f = next(to ? to : p);
	uint32_t all = to ? 0 : 1 << 20;

	EXPECT_EQ(f->len, 60);
	EXPECT_EQ(wf_get(f, 0), 2u << 29 | WU_NAMES << 25 | 10 << 21 | all | 60);
	EXPECT_EQ(wf_get(f, 1) >> 16, type << 13 | CHANGE << 8);
	EXPECT_EQ(wf_get(f, 3), WP_NODE);
	EXPECT_EQ(wf_get(f, 4), number);
	/* by broadcast: the network */
	EXPECT_EQ(wf_get(f, 5), to ? 0 : 4711);
	EXPECT_EQ(wf_get(f, 6), WP_NODE);
	EXPECT_EQ(wf_get(f, 7), to ? to->own : 0);
	EXPECT_EQ(wf_get(f, 8), 0);
	EXPECT_EQ(wf_get(f, 9), 0);
	EXPECT_EQ(ITEM(f, 0, 0), TYPE);
	EXPECT_EQ(ITEM(f, 0, 1), lower);
	EXPECT_EQ(ITEM(f, 0, 2), upper);
	if (fd >= 0)
		EXPECT_EQ(ITEM(f, 0, 3), tu_self(fd).addr.id.ref);
	return ITEM(f, 0, 4);
}

/* publication and withdrawal of the same socket's bindings, each in a message */
static uint16_t changes(struct wp *to, uint16_t number)
{
	int s = tu_socket(SOCK_RDM), t = tu_socket(SOCK_SEQPACKET);
	uint32_t key[3], gone;

	ASSERT_EQ(tu_bind(s, TYPE, 5, 9, TIPC_CLUSTER_SCOPE), 0);
	key[0] = change(to, PUBLICATION, number++, s, 5, 9);
	/* this one concerns nobody else, and takes no number */
	ASSERT_EQ(tu_bind(s, TYPE, 20, 29, TIPC_NODE_SCOPE), 0);
	ASSERT_EQ(tu_bind(t, TYPE, 5, 9, TIPC_CLUSTER_SCOPE), 0);
	change(to, PUBLICATION, number++, t, 5, 9);
	ASSERT_EQ(tu_bind(s, TYPE, 0, 0xffffffff, TIPC_CLUSTER_SCOPE), 0);
	key[1] = change(to, PUBLICATION, number++, s, 0, 0xffffffff);
	ASSERT_EQ(tu_bind(s, TYPE, 5, 9, TIPC_CLUSTER_SCOPE), 0);
	key[2] = change(to, PUBLICATION, number++, s, 5, 9);
	EXPECT_NE(key[0], key[1]);
	EXPECT_NE(key[0], key[2]);
	EXPECT_NE(key[1], key[2]);
	ASSERT_EQ(tu_bind(s, TYPE, 0, 0xffffffff, -TIPC_CLUSTER_SCOPE), 0);
	EXPECT_EQ(change(to, WITHDRAWAL, number++, s, 0, 0xffffffff), key[1]);
	ASSERT_EQ(tu_bind(s, TYPE, 20, 29, -TIPC_NODE_SCOPE), 0);
	close(t);
	change(to, WITHDRAWAL, number++, -1, 5, 9);
	close(s);
	gone = change(to, WITHDRAWAL, number++, -1, 5, 9);
	EXPECT_TRUE(gone == key[0] || gone == key[2]);
	EXPECT_EQ(change(to, WITHDRAWAL, number++, -1, 5, 9), key[0] ^ key[2] ^ gone);
	return number;
}

/* a peer that takes names by its link only has a copy of its own */
/* rows 3.7, 3.8, 3.6, 1.2.10 */
TEST(by_link)
{
	world(WP_PLAIN);
	changes(p, contact(p));
}

/* where all peers take them so, changes go by broadcast */
/* rows 3.7, 3.8, 3.6 */
TEST(by_broadcast)
{
	world(0xfff);
	changes(NULL, contact(p));
}

/* one peer that does not is enough for copies to all; without it all is as before */
/* rows 3.7, 3.8 */
TEST(one_old_peer)
{
	struct wp *old = &w.honest;
	uint16_t number;
	int s, i;

	world(0xfff);
	old->see = keep;
	number = contact(p);
	EXPECT_EQ(contact(old), number);
	ASSERT_TRUE(wp_alive(p));
	s = tu_bound(TYPE, 1);
	change(p, PUBLICATION, number, s, 1, 1);
	change(old, PUBLICATION, number, s, 1, 1);
	number++;
	close(s);
	change(old, WITHDRAWAL, number, -1, 1, 1);
	change(p, WITHDRAWAL, number, -1, 1, 1);
	number++;
	old->see = NULL;
	old->session++;
	old->up = 0;
	wp_say(old, WL_RESET);
	/* the node may not know at once that it is lost */
	for (i = 0; i < 1000; i++) {
		const struct wf *f;

		if (i % 20 == 0)
			count = taken = 0;
		s = tu_bound(TYPE, 1);
		f = next(p);
		taken--;
		if (wf_get(f, 0) & 1 << 20)
			break;
		change(p, PUBLICATION, number++, s, 1, 1);
		close(s);
		change(NULL, WITHDRAWAL, number++, -1, 1, 1);
	}
	ASSERT_TRUE(i < 1000);
	change(NULL, PUBLICATION, number++, s, 1, 1);
	close(s);
	change(NULL, WITHDRAWAL, number, -1, 1, 1);
}

/* how many items of a message are this binding */
static int has(const struct wf *f, uint32_t type, uint32_t lower, uint32_t upper, uint32_t port)
{
	int n = 0;

	for (int i = 0; i < (f->len - 40) / 20; i++)
		n += ITEM(f, i, 0) == type && ITEM(f, i, 1) == lower && ITEM(f, i, 2) == upper &&
		     ITEM(f, i, 3) == port;
	return n;
}

/* a new neighbour is told what is bound now; all changes are counted, also if nobody heard them */
/* rows 3.9, 3.7, 3.6 */
TEST(bulk)
{
	uint16_t number;
	const struct wf *f;
	int s, t;

	world(WP_PLAIN);
	s = tu_socket(SOCK_RDM);
	ASSERT_EQ(tu_bind(s, TYPE, 5, 9, TIPC_CLUSTER_SCOPE), 0);
	ASSERT_EQ(tu_bind(s, TYPE, 7, 20, TIPC_CLUSTER_SCOPE), 0);
	ASSERT_EQ(tu_bind(s, TYPE, 30, 30, TIPC_NODE_SCOPE), 0);
	number = contact(p);
	EXPECT_EQ(count, 1);
	f = &heard[0];
	EXPECT_EQ(check_bulk(f, p, 1), 4);
	EXPECT_EQ(has(f, TYPE, 5, 9, tu_self(s).addr.id.ref), 1);
	EXPECT_EQ(has(f, TYPE, 7, 20, tu_self(s).addr.id.ref), 1);
	EXPECT_EQ(has(f, tu_type(63), 1, 1, tu_self(w.sock).addr.id.ref), 1);
	/* the node itself */
	EXPECT_EQ(has(f, TIPC_NODE_STATE, WP_NODE, WP_NODE, 0), 1);
	p->session++;
	p->up = 0;
	wp_say(p, WL_RESET);
	wp_pump(p, 0);
	t = tu_bound(TYPE, 40);
	ASSERT_EQ(tu_bind(s, TYPE, 7, 20, -TIPC_CLUSTER_SCOPE), 0);
	ASSERT_EQ(tu_bind(s, TYPE, 31, 31, TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(contact(p), (uint16_t)(number + 2));
	EXPECT_EQ(count, 1);
	EXPECT_EQ(check_bulk(f, p, 1), 4);
	EXPECT_EQ(has(f, TYPE, 5, 9, tu_self(s).addr.id.ref), 1);
	EXPECT_EQ(has(f, TYPE, 40, 40, tu_self(t).addr.id.ref), 1);
	close(t);
	change(p, WITHDRAWAL, number + 2, -1, 40, 40);
}

/*
 * Packets of 1500 bytes leave room for 40 bytes of a header around them and 32 of encryption, so a
 * message has at most 1428: its header and 69 items.
 */
/* rows 3.9 */
TEST(bulk_in_pieces)
{
	static const int items[] = { 69, 69, 14 };
	int s, i, k, n;

	world(WP_PLAIN);
	s = tu_socket(SOCK_RDM);
	for (i = 0; i < 150; i++)
		ASSERT_EQ(tu_bind(s, TYPE, i, i + 1, TIPC_CLUSTER_SCOPE), 0);
	contact(p);
	ASSERT_EQ(count, 3);
	for (k = 0; k < 3; k++)
		EXPECT_EQ(check_bulk(&heard[k], p, k == 2), items[k]);
	for (i = 0; i < 150; i++) {
		for (n = k = 0; k < 3; k++)
			n += has(&heard[k], TYPE, i, i + 1, tu_self(s).addr.id.ref);
		EXPECT_EQ(n, 1);
	}
}

/* one message of the peer's about ports 1000 + lower, each of its own key */
static void say(int type, int flags, uint16_t number, uint32_t lower, uint32_t upper)
{
	struct wf f;

	wp_name(p, &f, 1, TYPE, lower, upper);
	wf_put(&f, 13, 1000 + lower);
	wf_bits(&f, 1, 24, 0xff, type << 5 | flags);
	wf_put(&f, 4, number);
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
		wp_name(p, &f, 1, TYPE, 5, 5);
		wf_put(&f, 13, 1005);
		wf_put(&f, other[i][0], wf_get(&f, other[i][0]) + other[i][1]);
		wf_bits(&f, 1, 24, 0xff, WITHDRAWAL << 5 | CHANGE);
		wf_put(&f, 4, 10 + i);
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
		wp_name(p, &f, 1, TYPE, 5, 5);
		wf_put(&f, 13, 1005 + 2000 * i);
		wf_put(&f, 14, i ? 5 : 6);
		wf_bits(&f, 1, 24, 0xff, CHANGE);
		wf_put(&f, 4, 11 + i);
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
	wp_name(p, &f, 1, TYPE, 5, 5);
	wf_bits(&f, 1, 24, 0xff, PUBLICATION << 5 | CHANGE);
	wf_put(&f, 4, 10);
	wf_put(&f, 6, p->own + 1);
	wf_put(&f, 13, 1005);
	wp_packet(p, &f);
	believed(5);
	ASSERT_EQ(list(), 1);
	EXPECT_EQ(shown[TIPC_NLA_PUBL_NODE], p->own);
}

TEST_MAIN("nodes tell each other of bindings as C's do, and believe it in the same order")
