// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* To whom a broadcast is sent again that a peer says it misses: all, or that peer (bc_retruni). */
#include "wire.h"
#include <fcntl.h>
#include <linux/if_packet.h>

static struct wp_world w;
static struct wp *const p = &w.evil;

static int setting = -1;		/* bc_retruni, which is there in the initial namespace only */

static void to_one(const char *value)
{
	EXPECT_EQ(SYS(pwrite(setting, value, 1, 0)), 1);
}

/* the kind of the packet in which broadcast `seqno` (0: the next data) comes to the peer; -1 if none does */
static int broadcast_kind(uint16_t *seqno, int ms)
{
	double end = ktap_now() + ms / 1000.0;
	struct wf f;
	int kind;

	while ((kind = wp_frame(p, &f, end)) >= 0) {
		if (wf_user(&f) > WU_CRITICAL || !(wf_get(&f, 0) & 1 << 20))
			continue;
		if (*seqno && (uint16_t)wf_get(&f, 2) != *seqno)
			continue;
		*seqno = wf_get(&f, 2);
		break;
	}
	return kind;
}

/* a broadcast that the peer says it misses; the kind of the packet in which it comes again */
static int missed(uint32_t type)
{
	struct sockaddr_tipc to = tu_range(type, 1, 1, TIPC_CLUSTER_SCOPE);
	uint16_t seqno = 0;
	struct wf f;

	EXPECT_EQ(tu_sendto(w.sock, "again", 5, &to, sizeof(to)), 5);
	EXPECT_EQ(broadcast_kind(&seqno, 5000), PACKET_BROADCAST);
	for (int i = 0; i < 20; i++) {
		int kind;

		/* not within 10 ms of the last time */
		ktap_sleep_ms(30);
		wp_protocol(p, &f, WL_STATE, 4);
		wf_bits(&f, 1, 0, 0xffff, seqno - 1);
		wf_bits(&f, 5, 14, 1, 0);
		wf_bits(&f, 8, 0, 0x3ff, 1);
		wp_send(p, &f);
		kind = broadcast_kind(&seqno, 500);
		if (kind >= 0) {
			p->bcast_ack = seqno;
			wp_protocol(p, &f, WL_STATE, 4);
			wf_bits(&f, 5, 14, 1, 0);
			wp_send(p, &f);
			return kind;
		}
	}
	return -1;
}

/* rows 7.10, 1.15.6 */
TEST(to_all_or_to_one)
{
	uint32_t type = tu_type(0);
	struct wf f;

	setting = open("/proc/sys/net/tipc/bc_retruni", O_WRONLY | O_CLOEXEC);
	if (setting < 0)
		SKIP("settings cannot be changed: %m");
	wp_world_of_one(&w);
	ASSERT_TRUE(wp_up(p));
	/* our broadcasts begin with number 1 */
	wp_new(p, &f, WU_BCAST, 0, 40, 0);
	wf_bits(&f, 5, 14, 1, 1);
	wp_packet(p, &f);
	wp_name(p, &f, 1, type, 1, 1);
	wp_packet(p, &f);
	wp_pump(p, 500);
	ASSERT_EQ(SYS(setsockopt(w.sock, SOL_TIPC, TIPC_MCAST_BROADCAST, NULL, 0)), 0);
	EXPECT_EQ(missed(type), PACKET_BROADCAST);
	to_one("1");
	EXPECT_EQ(missed(type), PACKET_HOST);
	to_one("0");
	EXPECT_EQ(missed(type), PACKET_BROADCAST);
}

TEST_MAIN("to whom a broadcast is sent again")
