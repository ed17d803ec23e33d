// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* What a peer gets when a sender of multicasts changes its way by socket option. */
#include "wire.h"

static struct wp_world w;
static struct wp *const p = &w.evil;

/* the next message to sockets: 1, or 0 if none comes */
static int next_data(struct wf *f, int ms)
{
	double end = ktap_now() + ms / 1000.0;

	while (wp_frame(p, f, end) >= 0)
		if (wf_user(f) <= WU_CRITICAL)
			return 1;
	return 0;
}

static int is_broadcast(const struct wf *f) { return wf_get(f, 0) >> 20 & 1; }
static int is_syn(const struct wf *f) { return wf_get(f, 0) >> 17 & 1; }
static int has_data(const struct wf *f) { return (wf_get(f, 0) & 0x1ffff) > 44; }

/* rows 7.13, 7.11 */
TEST(option_changed)
{
	struct sockaddr_tipc to = tu_range(tu_type(0), 1, 1, TIPC_CLUSTER_SCOPE);
	struct wf f;

	wp_world_of_one(&w);
	ASSERT_TRUE(wp_up(p));
	/* our broadcasts begin with number 1 */
	wp_new(p, &f, WU_BCAST, 0, 40, 0);
	wf_bits(&f, 5, 14, 1, 1);
	wp_packet(p, &f);
	wp_name(p, &f, 1, tu_type(0), 1, 1);
	wp_packet(p, &f);
	wp_pump(p, 500);
	ASSERT_EQ(SYS(setsockopt(w.sock, SOL_TIPC, TIPC_MCAST_BROADCAST, NULL, 0)), 0);
	EXPECT_EQ(tu_sendto(w.sock, "first", 5, &to, sizeof(to)), 5);
	ASSERT_TRUE(next_data(&f, 5000));
	EXPECT_TRUE(is_broadcast(&f) && !is_syn(&f) && has_data(&f));
	ASSERT_EQ(SYS(setsockopt(w.sock, SOL_TIPC, TIPC_MCAST_REPLICAST, NULL, 0)), 0);
	EXPECT_EQ(tu_sendto(w.sock, "second", 6, &to, sizeof(to)), 6);
	/* it is told on both ways: an empty twin the old way, the message marked the new way */
	for (int i = 0; i < 2; i++) {
		ASSERT_TRUE(next_data(&f, 5000));
		EXPECT_TRUE(is_syn(&f));
		EXPECT_EQ(has_data(&f), !is_broadcast(&f));
	}
}

/* rows 7.13, 17.24: nothing is told by a socket that has sent nothing */
TEST(option_of_a_new_socket)
{
	struct sockaddr_tipc to = tu_range(tu_type(0), 1, 1, TIPC_CLUSTER_SCOPE);
	struct wf f;

	wp_world_of_one(&w);
	ASSERT_TRUE(wp_up(p));
	wp_new(p, &f, WU_BCAST, 0, 40, 0);
	wf_bits(&f, 5, 14, 1, 1);
	wp_packet(p, &f);
	wp_name(p, &f, 1, tu_type(0), 1, 1);
	wp_packet(p, &f);
	wp_pump(p, 500);
	ASSERT_EQ(SYS(setsockopt(w.sock, SOL_TIPC, TIPC_MCAST_REPLICAST, NULL, 0)), 0);
	EXPECT_EQ(tu_sendto(w.sock, "first", 5, &to, sizeof(to)), 5);
	ASSERT_TRUE(next_data(&f, 5000));
	EXPECT_TRUE(!is_broadcast(&f) && !is_syn(&f) && has_data(&f));
}

TEST_MAIN("what a peer is told when a sender of multicasts changes its way")
