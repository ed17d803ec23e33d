// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* the own node's network id, identity and address, set and read over netlink */
#include "genl.h"

struct net {
	int messages;
	uint32_t id;
	unsigned char node[16];
};

static void one_net(struct gn_msg *m, void *arg)
{
	struct net *n = arg;
	struct nlattr *w0 = gn_in(m, TIPC_NLA_NET, TIPC_NLA_NET_NODEID);
	struct nlattr *w1 = gn_in(m, TIPC_NLA_NET, TIPC_NLA_NET_NODEID_W1);

	n->messages++;
	EXPECT_EQ(m->g->cmd, TIPC_NL_NET_GET);
	EXPECT_EQ(m->g->version, 1);
	n->id = gn_val(gn_in(m, TIPC_NLA_NET, TIPC_NLA_NET_ID));
	ASSERT_TRUE(w0 && w1);
	ASSERT_EQ(gn_len(w0), 8);
	ASSERT_EQ(gn_len(w1), 8);
	memcpy(n->node, gn_data(w0), 8);
	memcpy(n->node + 8, gn_data(w1), 8);
	EXPECT_TRUE(!gn_in(m, TIPC_NLA_NET, TIPC_NLA_NET_ADDR));
	EXPECT_TRUE(!gn_in(m, TIPC_NLA_NET, TIPC_NLA_NET_ADDR_LEGACY));
	/* 20-byte heads, a nest, and 8 + 12 + 12 bytes in it */
	EXPECT_EQ(m->h->nlmsg_len, 20 + 4 + 32);
}

static struct net get(int fd)
{
	struct net n = { 0 };

	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_NET_GET), one_net, &n), 0);
	EXPECT_EQ(n.messages, 1);
	return n;
}

static int set(int fd, int attr, uint32_t value)
{
	return gn_do(fd, gn_simple(TIPC_NL_NET_SET, TIPC_NLA_NET, attr, value), NULL);
}

static int legacy(int fd)
{
	struct gn_msg m;

	ASSERT_EQ(gn_do(fd, gn_new(TIPC_NL_ADDR_LEGACY_GET), &m), 0);
	EXPECT_EQ(gn_told.messages, 1);
	EXPECT_EQ(m.h->nlmsg_flags & NLM_F_MULTI, 0);
	EXPECT_EQ(m.g->cmd, TIPC_NL_ADDR_LEGACY_GET);
	/* of all messages of the family only this one has its nest marked */
	EXPECT_EQ(((struct nlattr *)m.attrs)->nla_type, TIPC_NLA_NET | NLA_F_NESTED);
	return !!gn_in(&m, TIPC_NLA_NET, TIPC_NLA_NET_ADDR_LEGACY);
}

static uint32_t own_node(void)
{
	int fd = tu_socket(SOCK_RDM);
	uint32_t node = tu_self(fd).addr.id.node;

	close(fd);
	return node;
}

/* rows 13.14, 5.28 */
TEST(new_node)
{
	static const unsigned char none[16];
	struct net n;
	int fd;

	tu_netns();
	fd = gn_open();
	n = get(fd);
	EXPECT_EQ(n.id, 4711);
	EXPECT_EQ(memcmp(n.node, none, 16), 0);
	EXPECT_EQ(legacy(fd), 0);
	EXPECT_EQ(own_node(), 0);
}

/* rows 13.15, 5.28 */
TEST(network_id)
{
	int fd;

	tu_netns();
	fd = gn_open();
	EXPECT_EQ(set(fd, TIPC_NLA_NET_ID, 0), -EINVAL);
	EXPECT_EQ(set(fd, TIPC_NLA_NET_ID, 10000), -EINVAL);
	EXPECT_EQ(set(fd, TIPC_NLA_NET_ID, 0xffffffff), -EINVAL);
	EXPECT_EQ(get(fd).id, 4711);
	EXPECT_EQ(set(fd, TIPC_NLA_NET_ID, 9999), 0);
	EXPECT_EQ(get(fd).id, 9999);
	EXPECT_EQ(set(fd, TIPC_NLA_NET_ID, 1), 0);
	EXPECT_EQ(get(fd).id, 1);
	/* an identity does not make it final */
	EXPECT_EQ(gn_set_identity(fd, "me"), 0);
	EXPECT_EQ(set(fd, TIPC_NLA_NET_ID, 77), 0);
	EXPECT_EQ(get(fd).id, 77);
}

/* rows 5.1, 13.15, 17.22 */
TEST(identity_once)
{
	int fd;

	tu_netns();
	fd = gn_open();
	EXPECT_EQ(gn_set_identity(fd, "node-one@home_16"), 0);
	EXPECT_EQ(memcmp(get(fd).node, "node-one@home_16", 16), 0);
	EXPECT_EQ(gn_set_identity(fd, "other"), 0);
	EXPECT_EQ(memcmp(get(fd).node, "node-one@home_16", 16), 0);
	/* without a bearer there is no address yet */
	EXPECT_EQ(own_node(), 0);
	EXPECT_EQ(legacy(fd), 0);
}

/* rows 5.1, 13.15 */
TEST(identity_halves)
{
	struct gn_req *r;
	struct nlattr *nest;
	int fd;

	tu_netns();
	fd = gn_open();
	r = gn_new(TIPC_NL_NET_SET);
	nest = gn_nest(r, TIPC_NLA_NET);
	gn_put(r, TIPC_NLA_NET_NODEID, "halfhalf", 8);
	gn_end(r, nest);
	EXPECT_EQ(gn_do(fd, r, NULL), -EINVAL);
	/* the second half alone says nothing */
	r = gn_new(TIPC_NL_NET_SET);
	nest = gn_nest(r, TIPC_NLA_NET);
	gn_put(r, TIPC_NLA_NET_NODEID_W1, "halfhalf", 8);
	gn_end(r, nest);
	EXPECT_EQ(gn_do(fd, r, NULL), 0);
	EXPECT_EQ(get(fd).node[0], 0);
	EXPECT_EQ(get(fd).node[8], 0);
	/* nor does the identity 0: it can be set again */
	EXPECT_EQ(gn_set_identity(fd, ""), 0);
	EXPECT_EQ(gn_set_identity(fd, "now"), 0);
	EXPECT_EQ(memcmp(get(fd).node, "now", 4), 0);
}

/* rows 5.6, 13.15, 13.26 */
TEST(legacy_address)
{
	int fd;

	tu_netns();
	fd = gn_open();
	EXPECT_EQ(set(fd, TIPC_NLA_NET_ADDR, 0), -EINVAL);
	EXPECT_EQ(legacy(fd), 0);
	EXPECT_EQ(gn_set_addr(fd, 0x01001001), 0);
	EXPECT_EQ(own_node(), 0x01001001);
	EXPECT_EQ(legacy(fd), 1);
	EXPECT_EQ(memcmp(get(fd).node, "1001001\0\0\0\0\0\0\0\0", 16), 0);
}

/* rows 13.15, 5.28 */
TEST(final_with_address)
{
	struct gn_req *r;
	int fd;

	tu_netns();
	fd = gn_open();
	EXPECT_EQ(gn_set_addr(fd, 0xabcdef), 0);
	EXPECT_EQ(set(fd, TIPC_NLA_NET_ID, 5), -EPERM);
	EXPECT_EQ(set(fd, TIPC_NLA_NET_ID, 0), -EPERM);
	EXPECT_EQ(gn_set_addr(fd, 5), -EPERM);
	EXPECT_EQ(gn_set_identity(fd, "me"), -EPERM);
	/* even nothing is too much, but it must be well formed */
	r = gn_new(TIPC_NL_NET_SET);
	gn_end(r, gn_nest(r, TIPC_NLA_NET));
	EXPECT_EQ(gn_do(fd, r, NULL), -EPERM);
	EXPECT_EQ(gn_do(fd, gn_new(TIPC_NL_NET_SET), NULL), -EINVAL);
	EXPECT_EQ(get(fd).id, 4711);
	EXPECT_EQ(own_node(), 0xabcdef);
}

/* rows 5.1, 5.6 */
TEST(address_after_identity)
{
	int fd;

	tu_netns();
	fd = gn_open();
	EXPECT_EQ(gn_set_identity(fd, "me"), 0);
	/* told that it was done, but only the form of addresses has changed */
	EXPECT_EQ(gn_set_addr(fd, 0x01001001), 0);
	EXPECT_EQ(own_node(), 0);
	EXPECT_EQ(legacy(fd), 1);
	EXPECT_EQ(memcmp(get(fd).node, "me\0", 3), 0);
	EXPECT_EQ(set(fd, TIPC_NLA_NET_ID, 8), 0);
}

/* rows 13.15 */
TEST(in_this_order)
{
	struct gn_req *r;
	struct nlattr *nest;
	int fd;

	tu_netns();
	fd = gn_open();
	/* what is before the mistake is done */
	r = gn_new(TIPC_NL_NET_SET);
	nest = gn_nest(r, TIPC_NLA_NET);
	gn_u32(r, TIPC_NLA_NET_ADDR, 0);
	gn_u32(r, TIPC_NLA_NET_ID, 6);
	gn_end(r, nest);
	EXPECT_EQ(gn_do(fd, r, NULL), -EINVAL);
	EXPECT_EQ(get(fd).id, 6);
	/* all three in one; the address makes the identity */
	r = gn_new(TIPC_NL_NET_SET);
	nest = gn_nest(r, TIPC_NLA_NET);
	gn_put(r, TIPC_NLA_NET_NODEID, "aaaabbbb", 8);
	gn_put(r, TIPC_NLA_NET_NODEID_W1, "ccccdddd", 8);
	gn_u32(r, TIPC_NLA_NET_ADDR, 0x77);
	gn_u32(r, TIPC_NLA_NET_ID, 7);
	gn_end(r, nest);
	EXPECT_EQ(gn_do(fd, r, NULL), 0);
	EXPECT_EQ(get(fd).id, 7);
	EXPECT_EQ(memcmp(get(fd).node, "77\0", 3), 0);
	EXPECT_EQ(own_node(), 0x77);
}

/* rows 13.27, 13.15 */
TEST(bad_attributes)
{
	static const char big[4096];
	struct gn_req *r;
	struct nlattr *nest, *in;
	int fd;

	tu_netns();
	fd = gn_open();
	/* missing; not a nest at all */
	EXPECT_EQ(gn_do(fd, gn_new(TIPC_NL_NET_SET), NULL), -EINVAL);
	r = gn_new(TIPC_NL_NET_SET);
	gn_put(r, TIPC_NLA_NET, "xy", 2);
	EXPECT_EQ(gn_do(fd, r, NULL), -ERANGE);
	/* another nest */
	EXPECT_EQ(gn_do(fd, gn_simple(TIPC_NL_NET_SET, TIPC_NLA_NODE, TIPC_NLA_NET_ID, 5), NULL),
		  -EINVAL);
	/* too short */
	r = gn_new(TIPC_NL_NET_SET);
	nest = gn_nest(r, TIPC_NLA_NET);
	gn_put(r, TIPC_NLA_NET_ID, "xy", 2);
	gn_end(r, nest);
	EXPECT_EQ(gn_do(fd, r, NULL), -ERANGE);
	/* too long is taken, from its beginning */
	r = gn_new(TIPC_NL_NET_SET);
	nest = gn_nest(r, TIPC_NLA_NET);
	gn_put(r, TIPC_NLA_NET_ID, "\x05\0\0\0zzzz", 8);
	gn_end(r, nest);
	EXPECT_EQ(gn_do(fd, r, NULL), 0);
	EXPECT_EQ(get(fd).id, 5);
	/* twice: the last counts, in the nest and outside */
	r = gn_new(TIPC_NL_NET_SET);
	nest = gn_nest(r, TIPC_NLA_NET);
	gn_u32(r, TIPC_NLA_NET_ID, 10);
	gn_end(r, nest);
	nest = gn_nest(r, TIPC_NLA_NET);
	gn_u32(r, TIPC_NLA_NET_ID, 20);
	gn_u32(r, TIPC_NLA_NET_ID, 30);
	gn_end(r, nest);
	EXPECT_EQ(gn_do(fd, r, NULL), 0);
	EXPECT_EQ(get(fd).id, 30);
	/* unknown ones are passed over, marked nests are nests */
	r = gn_new(TIPC_NL_NET_SET);
	gn_put(r, 99, big, sizeof(big));
	nest = gn_nest(r, TIPC_NLA_NET | NLA_F_NESTED);
	gn_put(r, 200, big, sizeof(big));
	gn_u32(r, TIPC_NLA_NET_ID, 40);
	gn_end(r, nest);
	EXPECT_EQ(gn_do(fd, r, NULL), 0);
	EXPECT_EQ(get(fd).id, 40);
	/* one that goes beyond its nest ends the reading */
	r = gn_new(TIPC_NL_NET_SET);
	nest = gn_nest(r, TIPC_NLA_NET);
	gn_u32(r, TIPC_NLA_NET_ID, 50);
	in = gn_nest(r, TIPC_NLA_NET_ID);
	in->nla_len = 400;
	gn_end(r, nest);
	EXPECT_EQ(gn_do(fd, r, NULL), 0);
	EXPECT_EQ(get(fd).id, 50);
	/* and so does one that is shorter than its own head */
	r = gn_new(TIPC_NL_NET_SET);
	nest = gn_nest(r, TIPC_NLA_NET);
	in = gn_nest(r, TIPC_NLA_NET_ID);
	in->nla_len = 3;
	gn_u32(r, TIPC_NLA_NET_ID, 60);
	gn_end(r, nest);
	EXPECT_EQ(gn_do(fd, r, NULL), 0);
	EXPECT_EQ(get(fd).id, 50);
	/* the message ends within its nest */
	r = gn_simple(TIPC_NL_NET_SET, TIPC_NLA_NET, TIPC_NLA_NET_ID, 70);
	r->h.nlmsg_len -= 4;
	EXPECT_EQ(gn_do(fd, r, NULL), -EINVAL);
	r = gn_new(TIPC_NL_NET_SET);
	r->h.nlmsg_len = NLMSG_HDRLEN + 2;
	EXPECT_EQ(gn_do(fd, r, NULL), -EINVAL);
	/* as large as can be */
	r = gn_new(TIPC_NL_NET_SET);
	nest = gn_nest(r, TIPC_NLA_NET);
	while (r->h.nlmsg_len < 60000)
		gn_put(r, 77, big, sizeof(big));
	gn_u32(r, TIPC_NLA_NET_ID, 80);
	gn_end(r, nest);
	EXPECT_EQ(gn_do(fd, r, NULL), 0);
	EXPECT_EQ(get(fd).id, 80);
}

static void pass(int from, int to)
{
	char c[16];

	EXPECT_EQ(SYS(send(from, "hello", 5, 0)), 5);
	EXPECT_EQ(tu_recv(to, c, sizeof(c), MSG_DONTWAIT), 5);
}

static uint32_t peer_node(int fd)
{
	struct sockaddr_tipc sa = { 0 };
	socklen_t len = sizeof(sa);

	EXPECT_EQ(SYS(getpeername(fd, (void *)&sa, &len)), 0);
	return sa.addr.id.node;
}

/* rows 1.1.12, 5.6 */
TEST(sockets_are_renumbered)
{
	static const int kinds[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_RDM };
	struct sockaddr_tipc src, sa;
	int fd, rx, tx, pair[3][2];
	unsigned int i;
	char c[16];

	tu_netns();
	fd = gn_open();
	rx = tu_bound(tu_type(0), 1);
	tx = tu_socket(SOCK_RDM);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(SYS(socketpair(AF_TIPC, kinds[i], 0, pair[i])), 0);
	EXPECT_EQ(tu_send_name(tx, "old", 3, tu_type(0), 1), 3);
	EXPECT_EQ(gn_set_addr(fd, 0x1234), 0);
	/* what was under way keeps the old sender */
	EXPECT_EQ(tu_recvfrom(rx, c, sizeof(c), 0, &src), 3);
	EXPECT_EQ(src.addr.id.node, 0);
	EXPECT_EQ(tu_self(tx).addr.id.node, 0x1234);
	EXPECT_EQ(tu_send_name(tx, "new", 3, tu_type(0), 1), 3);
	EXPECT_EQ(tu_recvfrom(rx, c, sizeof(c), 0, &src), 3);
	EXPECT_EQ(src.addr.id.node, 0x1234);
	EXPECT_EQ(src.addr.id.ref, tu_self(tx).addr.id.ref);
	/* the answer finds it, under either number */
	EXPECT_EQ(tu_sendto(rx, "x", 1, &src, sizeof(src)), 1);
	EXPECT_EQ(tu_recv(tx, c, sizeof(c), MSG_DONTWAIT), 1);
	sa = tu_id(src.addr.id.ref, 0);
	EXPECT_EQ(tu_sendto(rx, "x", 1, &sa, sizeof(sa)), 1);
	EXPECT_EQ(tu_recv(tx, c, sizeof(c), MSG_DONTWAIT), 1);
	sa = tu_id(src.addr.id.ref, 0x4321);
	EXPECT_EQ(tu_sendto(rx, "x", 1, &sa, sizeof(sa)), -EHOSTUNREACH);
	/* look-ups on this node, by its number and by none */
	sa = tu_name(tu_type(0), 1);
	sa.addr.name.domain = 0x1234;
	EXPECT_EQ(tu_sendto(tx, "x", 1, &sa, sizeof(sa)), 1);
	sa.addr.name.domain = 0x4321;
	EXPECT_EQ(tu_sendto(tx, "x", 1, &sa, sizeof(sa)), -EHOSTUNREACH);
	/* connections go on */
	for (i = 0; i < 3; i++) {
		pass(pair[i][0], pair[i][1]);
		pass(pair[i][1], pair[i][0]);
		EXPECT_EQ(tu_self(pair[i][0]).addr.id.node, 0x1234);
		/* the peer is still known as it was */
		EXPECT_EQ(peer_node(pair[i][0]), 0);
	}
	EXPECT_EQ(SYS(shutdown(pair[0][0], SHUT_RDWR)), 0);
	EXPECT_EQ(tu_recv(pair[0][1], c, sizeof(c), MSG_DONTWAIT), 0);
	close(pair[1][0]);
	EXPECT_EQ(tu_recv(pair[1][1], c, sizeof(c), MSG_DONTWAIT), -ECONNRESET);
}

/* rows 1.1.12, 1.4.7 */
TEST(renumbered_while_connecting)
{
	struct sockaddr_tipc to = tu_name(tu_type(1), 1);
	int fd, ls, cl, sv;

	tu_netns();
	fd = gn_open();
	ls = tu_socket(SOCK_STREAM);
	ASSERT_EQ(tu_bind(ls, tu_type(1), 1, 1, TIPC_NODE_SCOPE), 0);
	ASSERT_EQ(SYS(listen(ls, 1)), 0);
	cl = SYS(socket(AF_TIPC, SOCK_STREAM | SOCK_NONBLOCK, 0));
	ASSERT_GE(cl, 0);
	EXPECT_EQ(tu_connect(cl, &to, sizeof(to)), -EINPROGRESS);
	EXPECT_EQ(gn_set_addr(fd, 0x1234), 0);
	sv = SYS(accept(ls, NULL, NULL));
	ASSERT_GE(sv, 0);
	EXPECT_EQ(tu_poll(cl, POLLOUT, 1000) & POLLOUT, POLLOUT);
	pass(cl, sv);
	pass(sv, cl);
	EXPECT_EQ(peer_node(cl), 0x1234);
}

/* rows 4.18, 3.5, 5.6 */
TEST(subscribers_are_told)
{
	struct sockaddr_tipc server = tu_name(TIPC_TOP_SRV, TIPC_TOP_SRV);
	struct tipc_subscr sub = {
		.seq = { TIPC_NODE_STATE, 0, ~0 }, .timeout = TIPC_WAIT_FOREVER,
		.filter = TIPC_SUB_PORTS,
	};
	struct tipc_event ev;
	int fd, s;

	tu_netns();
	fd = gn_open();
	s = tu_socket(SOCK_SEQPACKET);
	ASSERT_EQ(tu_connect(s, &server, sizeof(server)), 0);
	ASSERT_EQ(SYS(send(s, &sub, sizeof(sub), 0)), sizeof(sub));
	EXPECT_EQ(tu_poll(s, POLLIN, 200), 0);
	EXPECT_EQ(gn_set_addr(fd, 0x01001001), 0);
	tu_rcvtimeo(s, 5000);
	ASSERT_EQ(tu_recv(s, &ev, sizeof(ev), 0), sizeof(ev));
	EXPECT_EQ(ev.event, TIPC_PUBLISHED);
	EXPECT_EQ(ev.found_lower, 0x01001001);
	EXPECT_EQ(ev.found_upper, 0x01001001);
	EXPECT_EQ(ev.port.node, 0x01001001);
	EXPECT_EQ(ev.port.ref, 0);
	/* once */
	EXPECT_EQ(gn_set_addr(fd, 0x01001001), -EPERM);
	EXPECT_EQ(tu_poll(s, POLLIN, 200), 0);
	/* the connection was made before, and goes on */
	sub.filter |= TIPC_SUB_CANCEL;
	EXPECT_EQ(SYS(send(s, &sub, sizeof(sub), 0)), sizeof(sub));
	sub.filter = TIPC_SUB_SERVICE;
	EXPECT_EQ(SYS(send(s, &sub, sizeof(sub), 0)), sizeof(sub));
	ASSERT_EQ(tu_recv(s, &ev, sizeof(ev), 0), sizeof(ev));
	EXPECT_EQ(ev.found_lower, 0x01001001);
}

/* rows 14.9, 13.14 */
TEST(namespaces_are_apart)
{
	int fd, p[2];
	char c;
	pid_t pid;

	tu_netns();
	fd = gn_open();
	EXPECT_EQ(gn_set_addr(fd, 0x11), 0);
	ASSERT_EQ(SYS(pipe(p)), 0);
	pid = fork();
	if (!pid) {
		int other;

		tu_netns();
		other = gn_open();
		EXPECT_EQ(get(other).id, 4711);
		EXPECT_EQ(legacy(other), 0);
		EXPECT_EQ(gn_set_addr(other, 0x22), 0);
		EXPECT_EQ(own_node(), 0x22);
		/* a socket stays in the namespace it was made in */
		EXPECT_EQ(memcmp(get(fd).node, "11\0", 3), 0);
		EXPECT_EQ(memcmp(get(other).node, "22\0", 3), 0);
		ktap_exit();
	}
	close(p[1]);
	EXPECT_EQ(read(p[0], &c, 1), 0);
	EXPECT_EQ(tu_wait(pid), 0);
	EXPECT_EQ(own_node(), 0x11);
}

TEST_MAIN("the own node over netlink")
