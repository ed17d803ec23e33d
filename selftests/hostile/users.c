// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "wire.h"
#include <fcntl.h>

static struct wp_world w;
static struct wp *const p = &w.evil;

static const uint32_t edge[] = { 0, 1, 2, 63, 64, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff };
#define EDGES ((int)(sizeof(edge) / sizeof(edge[0])))

static uint32_t port(int fd)
{
	return tu_self(fd).addr.id.ref;
}

static void begin(void)
{
	wp_world(&w);
	ASSERT_TRUE(wp_up(p));
}

static void end(void)
{
	char b[2000];

	while (tu_recv(w.sock, b, sizeof(b), MSG_DONTWAIT) >= 0)
		;
	EXPECT_TRUE(wp_revive(p));
	wp_check(&w);
	EXPECT_LE(wp_log_lines(&w), 1000);
}

/* rows 1.5.2: CVE-2026-74282 (acknowledges more than was sent) */
TEST(connections_of_others)
{
	struct sockaddr_tipc a = tu_name(tu_type(0), 1);
	int l, c, s, i, type, k;
	struct wf f;
	char b[8];

	begin();
	/* a connection of this node with itself, which a stranger has no part in */
	l = tu_socket(SOCK_SEQPACKET);
	ASSERT_EQ(tu_bind(l, tu_type(0), 1, 1, TIPC_NODE_SCOPE), 0);
	ASSERT_EQ(SYS(listen(l, 1)), 0);
	c = tu_socket(SOCK_SEQPACKET);
	a.scope = TIPC_NODE_SCOPE;
	ASSERT_EQ(SYS(fcntl(c, F_SETFL, O_NONBLOCK)), 0);
	i = tu_connect(c, &a, sizeof(a));
	EXPECT_TRUE(i == 0 || i == -EINPROGRESS);
	s = SYS(accept(l, NULL, NULL));
	ASSERT_GE(s, 0);
	EXPECT_TRUE(tu_poll(c, POLLOUT, 2000) & POLLOUT);
	for (type = 0; type < 8; type++)
		for (i = 0; i < EDGES; i++)
			for (k = 0; k < 6; k++) {
				uint32_t to[] = { port(c), port(s), port(l), port(w.sock), 0, edge[i] };

				wp_new(p, &f, WU_CONN, type, 40, i * 4);
				wf_put(&f, 4, i & 1 ? port(c) : 77);
				wf_put(&f, 5, to[k]);
				if (i % 3 == 0)
					wf_put(&f, 6, WP_NODE);
				wf_put(&f, 9, edge[i] << 16 | (edge[i] & 0xffff));
				wf_bits(&f, 1, 25, 15, i);
				wp_packet(p, &f);
				/* data and ends of a connection, in both headers */
				wp_new(p, &f, k % 4, 0, i & 1 ? 24 : 32, i);
				wf_put(&f, 4, i & 2 ? port(s) : 77);
				wf_put(&f, 5, to[k]);
				wf_bits(&f, 1, 25, 15, type + i);
				if (!(i & 1) && type & 1)
					wf_put(&f, 6, WP_NODE);
				wp_packet(p, &f);
			}
	EXPECT_TRUE(wp_revive(p));
	EXPECT_EQ(SYS(send(c, "abc", 3, MSG_DONTWAIT)), 3);
	EXPECT_EQ(tu_recv(s, b, sizeof(b), MSG_DONTWAIT), 3);
	EXPECT_EQ(SYS(send(s, "defg", 4, MSG_DONTWAIT)), 4);
	EXPECT_EQ(tu_recv(c, b, sizeof(b), MSG_DONTWAIT), 4);
	EXPECT_EQ(tu_poll(l, POLLIN, 0), 0);
	end();
}

/* a connection request of the peer's port to a listener, accepted */
static int accepted(int l, uint32_t from)
{
	struct wf f;
	int s;

	wp_new(p, &f, WU_LOW, 2, 40, 4);
	wf_bits(&f, 0, 17, 1, 1);
	wf_put(&f, 4, from);
	wf_put(&f, 5, port(l));
	wf_put(&f, 8, tu_type(0));
	wf_put(&f, 9, 1);
	wp_packet(p, &f);
	EXPECT_TRUE(tu_poll(l, POLLIN, 2000) & POLLIN);
	s = SYS(accept(l, NULL, NULL));
	ASSERT_GE(s, 0);
	return s;
}

/* rows 5.21: with contact go the connections there, and only those; later ones stay */
TEST(lost_with_its_node)
{
	int l, s[20], i, later;
	char b[8];

	begin();
	l = tu_socket(SOCK_SEQPACKET);
	ASSERT_EQ(tu_bind(l, tu_type(0), 1, 1, TIPC_CLUSTER_SCOPE), 0);
	ASSERT_EQ(SYS(listen(l, 1)), 0);
	for (i = 0; i < 20; i++)
		s[i] = accepted(l, 1000 + i);
	EXPECT_TRUE(wp_alive(p));
	EXPECT_EQ(tu_poll(s[0], POLLHUP, 0) & POLLHUP, 0);
	p->up = 0;
	ASSERT_TRUE(wp_up(p));
	later = accepted(l, 1000);
	for (i = 0; i < 20; i++) {
		EXPECT_TRUE(tu_poll(s[i], POLLHUP, 2000) & POLLHUP);
		while (tu_recv(s[i], b, sizeof(b), MSG_DONTWAIT) > 0)
			;
		EXPECT_EQ(tu_recv(s[i], b, sizeof(b), MSG_DONTWAIT), -ECONNRESET);
	}
	EXPECT_EQ(tu_poll(later, POLLHUP, 100) & POLLHUP, 0);
	EXPECT_EQ(SYS(send(later, "abc", 3, MSG_DONTWAIT)), 3);
	end();
}

/* rows 1.12.4, 18.21: connection requests by the thousand from ports that are not there */
TEST(requests)
{
	long before;
	struct wf f;
	int l, i;

	begin();
	l = tu_socket(SOCK_SEQPACKET);
	ASSERT_EQ(tu_bind(l, tu_type(0), 1, 1, TIPC_CLUSTER_SCOPE), 0);
	ASSERT_EQ(SYS(listen(l, 1)), 0);
	before = wp_memory();
	for (i = 0; i < 8000 && p->up; i++) {
		wp_new(p, &f, WU_LOW, 2, 40, 1000);
		wf_bits(&f, 0, 17, 1, 1);
		wf_put(&f, 4, 1000 + i);
		wf_put(&f, 5, port(l));
		wf_put(&f, 8, tu_type(0));
		wf_put(&f, 9, 1);
		wp_packet(p, &f);
		if (i % 50 == 0)
			wp_pump(p, 0);
	}
	EXPECT_EQ(i, 8000);
	/* the listener's inbox */
	EXPECT_LE(wp_memory() - before, 20 << 10);
	close(l);
	end();
}

/* rows 15.16, 2.10: names that are none, ranges upside down, errors, scopes */
TEST(datagrams)
{
	struct wf f;
	int type, i, k, n, size;

	begin();
	for (type = 0; type < 8; type++)
		for (size = 24; size <= 60; size += 4)
			for (i = 0; i < EDGES; i++) {
				k = (i * 7 + type) % EDGES;
				wp_new(p, &f, i % 4, type, size, 60 - size);
				wf_put(&f, 4, edge[k]);
				wf_put(&f, 5, i & 1 ? port(w.sock) : edge[i]);
				wf_put(&f, 8, k & 1 ? tu_type(63) : edge[i]);
				wf_put(&f, 9, edge[i]);
				wf_put(&f, 10, edge[k]);
				for (n = 0; n < 2; n++) {
					wf_bits(&f, 1, 19, 3, i);
					wf_bits(&f, 1, 25, 15, n * k);
					wf_bits(&f, 0, 17, 7, k);
					wp_packet(p, &f);
				}
				/* for a node that is not here, from one that is not there */
				if (size >= 32) {
					wf_put(&f, 6, edge[k]);
					wp_packet(p, &f);
				}
			}
	end();
}

/* rows 2.10: to everybody, by the thousand */
TEST(multicasts)
{
	struct wf f;
	int fd[50], i;

	begin();
	for (i = 0; i < 50; i++) {
		fd[i] = tu_socket(SOCK_RDM);
		ASSERT_EQ(tu_bind(fd[i], tu_type(0), i, i + 1000, TIPC_CLUSTER_SCOPE), 0);
	}
	for (i = 0; i < 3000; i++) {
		wp_new(p, &f, WU_LOW, 1, 44, 500);
		wf_put(&f, 4, 77);
		wf_put(&f, 8, tu_type(0));
		wf_put(&f, 9, 0);
		wf_put(&f, 10, 0xffffffff);
		wf_bits(&f, 1, 19, 3, 2);
		wp_packet(p, &f);
		if (i % 50 == 0)
			wp_pump(p, 0);
	}
	EXPECT_TRUE(wp_revive(p));
	end();
}

/* rows 8.1: groups; CVE-2026-31662 (acknowledged twice) */
TEST(groups)
{
	struct wf f;
	int user, type, i, k;

	begin();
	for (user = 0; user < 10; user += 9)
		for (type = 0; type < 8; type++)
			for (i = 0; i < EDGES; i++)
				for (k = 0; k < EDGES; k += 3) {
					wp_new(p, &f, user, type, user ? 40 : 44, 20);
					wf_put(&f, 4, 77);
					wf_put(&f, 5, k & 1 ? port(w.sock) : edge[k]);
					wf_put(&f, 8, k & 2 ? tu_type(63) : edge[k]);
					wf_put(&f, 9, edge[i]);
					if (!user)
						wf_put(&f, 10, edge[k]);
					wp_packet(p, &f);
					wp_packet(p, &f);
				}
	end();
}

/* rows 4.1: words of the topology server's, keys, beacons and link protocol in the sequence */
TEST(unwanted)
{
	static const int users[] = { WU_NONE, WU_BCAST, WU_CRYPTO, WU_TOPSRV, WU_DISC, WU_GROUP };
	struct wf f;
	int i, k, type;

	begin();
	for (k = 0; k < 6; k++)
		for (type = 0; type < 8; type++)
			for (i = 0; i < EDGES; i++) {
				ASSERT_TRUE(wp_revive(p));
				wp_new(p, &f, users[k], type, 40, 48 + i);
				wf_put(&f, 4, edge[i]);
				wf_put(&f, 5, port(w.sock));
				wf_put(&f, 8, edge[EDGES - 1 - i]);
				wf_put(&f, 9, edge[i]);
				wp_packet(p, &f);
			}
	end();
}

/* rows 7.1: outside of the sequence: broadcasts of every user, and their protocol */
TEST(broadcasts)
{
	struct wf f;
	int user, type, i;

	begin();
	for (user = 0; user < 16; user++)
		for (type = 0; type < 4; type++)
			for (i = 0; i < 2 * EDGES; i++) {
				wp_new(p, &f, user, type, user <= WU_CRITICAL ? 44 : 40, 200);
				wf_bits(&f, 0, 20, 1, 1);
				wf_put(&f, 2, i & 1 ? edge[i / 2] : (uint32_t)i);
				wf_put(&f, 5, i < EDGES ? 4711 : edge[i % EDGES]);
				wf_put(&f, 7, i & 1 ? 0 : WP_NODE);
				if (user <= WU_CRITICAL) {
					wf_put(&f, 8, tu_type(63));
					wf_put(&f, 10, 0xffffffff);
				}
				wp_send_to(p, (const uint8_t *)"\xff\xff\xff\xff\xff\xff", &f);
				wp_send(p, &f);
			}
	EXPECT_TRUE(wp_revive(p));
	end();
}

TEST_MAIN("messages of every user, with what only they have")
