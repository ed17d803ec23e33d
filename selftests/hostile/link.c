// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "attack.h"
#include "memory.h"

/* rows 6.14, 15.5 */
TEST(past_and_future)
{
	static const int away[] = { -1, -2, -100, -8192, -32767, 8192, 8193, 20000, 32767, 32768 };
	struct wf f;
	int i;

	begin();
	for (i = 0; i < COUNT(away); i++) {
		wp_direct(p, &f, 77, port(), 10);
		wf_put(&f, 2, (uint16_t)(p->expected - 1) << 16 | (uint16_t)(p->next + away[i]));
		wp_send(p, &f);
	}
	EXPECT_TRUE(wp_alive(p));
	EXPECT_EQ(delivered(), 0);
	/* what comes too early waits for what is missing, and comes once */
	for (i = 1; i <= 3; i++) {
		wp_direct(p, &f, 77, port(), 10);
		wf_put(&f, 2, (uint16_t)(p->expected - 1) << 16 | (uint16_t)(p->next + i));
		wp_send(p, &f);
		wp_send(p, &f);
	}
	wp_pump(p, 50);
	EXPECT_EQ(delivered(), 0);
	wp_direct(p, &f, 77, port(), 10);
	wp_packet(p, &f);
	p->next += 3;
	EXPECT_TRUE(wp_alive(p));
	EXPECT_EQ(delivered(), 4);
	end(20);
}

/* rows 6.14, 6.13, 18.21 */
TEST(too_early)
{
	long before, most = 0;
	struct wf f;
	int i, k;

	begin();
	wp_check(&w);
	before = wp_memory();
	/* a whole window from its end to its beginning, then again and again in the middle */
	for (i = 8191; i > 0; i--) {
		wp_direct(p, &f, 77, port(), 1400);
		wf_put(&f, 2, (uint16_t)(p->expected - 1) << 16 | (uint16_t)(p->next + i));
		wp_send(p, &f);
		if (i % 500 == 0)
			wp_pump(p, 0);
	}
	most = wp_memory() - before;
	for (k = 0; k < 4000; k++) {
		wf_put(&f, 2, (uint16_t)(p->expected - 1) << 16 | (uint16_t)(p->next + 2 + k * 2));
		wp_send(p, &f);
		if (k % 100 == 0)
			wp_ask(p);
	}
	ktap_note("%ld kB", most);
	/* 8 MB of packets, in buffers of twice that at most */
	EXPECT_LE(most, 24 << 10);
	p->up = 0;
	EXPECT_TRUE(wp_up(p));
	EXPECT_LE(still_used(before, 3 << 10), 3 << 10);
	end(20);
}

/* rows 6.6, 6.7, 6.27, 6.28: CVE-2023-53517 (an MTU of 4 bytes) */
TEST(protocol_values)
{
	static const int mtus[] = { 0, 1, 2, 24, 15, 16383, 65535 };
	static const int tolerances[] = { 0, 1, 49, 30001, 65535 };
	struct wf f;
	int i, k;

	begin();
	/* numbers of sessions and messages that are not the ones of now */
	for (i = 0; i < 65536; i += 1021) {
		wp_protocol(p, &f, WL_STATE, 4);
		p->state--;
		wf_bits(&f, 5, 16, 0xffff, p->session + 1 + i);
		wp_send(p, &f);
		wp_protocol(p, &f, WL_RESET, 16);
		wf_bits(&f, 5, 16, 0xffff, p->session - i % 32768);
		wp_send(p, &f);
		wp_protocol(p, &f, WL_ACTIVATE, 16);
		wf_bits(&f, 5, 16, 0xffff, p->session - 1 - i % 32000);
		wp_send(p, &f);
	}
	EXPECT_TRUE(wp_alive(p));
	/* tolerances nobody may have */
	for (i = 0; i < COUNT(tolerances); i++) {
		wp_protocol(p, &f, WL_STATE, 4);
		wf_bits(&f, 9, 0, 0xffff, tolerances[i]);
		wp_send(p, &f);
	}
	EXPECT_TRUE(wp_alive(p));
	/* RESET and ACTIVATE with every kind of MTU, and names without an end */
	for (k = WL_RESET; k <= WL_ACTIVATE; k++)
		for (i = 0; i < COUNT(mtus); i++) {
			ASSERT_TRUE(wp_revive(p));
			p->session++;
			p->state = p->next = 1;
			p->up = 0;
			wp_protocol(p, &f, k, 16);
			wf_bits(&f, 9, 16, 0xffff, mtus[i]);
			wf_bits(&f, 5, 4, 31, 31);
			wf_bits(&f, 9, 0, 0xffff, tolerances[i % COUNT(tolerances)]);
			memset(f.b + 40, 'x', 16);
			wp_send(p, &f);
			wp_say(p, WL_STATE);
			wp_direct(p, &f, 77, port(), 10);
			wp_packet(p, &f);
			wp_pump(p, 10);
		}
	/* without a name at all, and short of one */
	for (i = 0; i < 16; i++) {
		p->session++;
		wp_protocol(p, &f, WL_RESET, i);
		wp_send(p, &f);
	}
	delivered();
	end(60);
}

/* rows 6.6, 6.26: CVE-2023-53517 */
TEST(mtu_of_four)
{
	struct wf f;
	int i;

	begin();
	for (i = 0; i < 5; i++) {
		p->session++;
		p->next = p->expected = p->state = 1;
		p->up = 0;
		/* contact ends, but does not begin again */
		wp_say(p, WL_RESET);
		wp_pump(p, 50);
		p->session++;
		p->seen[WU_LINK] = 0;
		wp_protocol(p, &f, i & 1 ? WL_ACTIVATE : WL_RESET, 16);
		wf_bits(&f, 9, 16, 0xffff, 1);
		wp_send(p, &f);
		wp_protocol(p, &f, WL_STATE, 4);
		p->state--;
		wp_send(p, &f);
		while (wp_wait(p, WU_LINK, 50))
			EXPECT_NE(wf_type(&p->last), WL_STATE);
	}
	end(20);
}

/* rows 6.34, 5.13 */
TEST(resets_for_ever)
{
	long before;
	int i;

	begin();
	wp_check(&w);
	before = wp_memory();
	for (i = 0; i < 3000; i++) {
		p->session++;
		p->next = p->expected = p->state = 1;
		wp_say(p, WL_RESET);
		wp_say(p, WL_RESET);
		if (i % 3 != 0)
			wp_say(p, WL_STATE);
		if (i % 50 == 0)
			wp_pump(p, 0);
	}
	p->up = 0;
	EXPECT_TRUE(wp_up(p));
	EXPECT_LE(still_used(before, 2 << 10), 2 << 10);
	end(100);
}

/* rows 6.20, 6.21 */
TEST(never_acknowledges)
{
	struct sockaddr_tipc to = tu_id(77, p->own);
	long before;
	int i, fd, n = 0;
	char b[1400] = { 0 };

	begin();
	to = tu_id(77, p->own);
	before = wp_memory();
	p->silent = 1;
	fd = tu_socket(SOCK_RDM);
	ASSERT_EQ(tu_set(fd, TIPC_DEST_DROPPABLE, 1), 0);
	for (i = 0; i < 4000; i++) {
		int r = SYS(sendto(fd, b, sizeof(b), MSG_DONTWAIT, (void *)&to, sizeof(to)));

		if (r == -EAGAIN)
			break;
		n += r == sizeof(b);
	}
	ktap_note("%d messages", n);
	/* 50 on their way and 100 more (twice the window at the lowest importance), at first */
	EXPECT_GE(n, 50);
	EXPECT_LE(n, 500);
	EXPECT_LE(wp_memory() - before, 4 << 10);
	/* the others are served all the while */
	wp_check(&w);
	p->silent = 0;
	p->up = 0;
	EXPECT_TRUE(wp_up(p));
	end(20);
}

/* rows 6.12, 15.13 */
TEST(acknowledges_what_was_not_sent)
{
	struct sockaddr_tipc to;
	struct wf f;
	int i, k;

	begin();
	to = tu_id(77, p->own);
	for (k = 0; k < 3; k++) {
		for (i = 1; i < 65536; i += 1999) {
			wp_protocol(p, &f, WL_STATE, 4);
			wf_bits(&f, 2, 16, 0xffff, p->expected - 1 + i);
			wp_send(p, &f);
			wp_direct(p, &f, 77, port(), 10);
			wp_number(p, &f);
			wf_bits(&f, 2, 16, 0xffff, p->expected - 1 + i);
			wp_send(p, &f);
		}
		tu_sendto(w.sock, "x", 1, &to, sizeof(to));
	}
	delivered();
	end(20);
}

/* rows 6.12, 15.13: CVE-2026-64450 (255 blocks in a short message), CVE-2022-0435 (64 members) */
TEST(records)
{
	static const uint8_t counts[] = { 0, 1, 63, 64, 65, 128, 255 };
	static const uint16_t lens[] = { 0, 3, 4, 5, 8, 260, 516, 1024, 0x7fff, 0xffff };
	struct sockaddr_tipc to;
	struct wf f;
	int i, j, k, data;

	begin();
	to = tu_id(77, p->own);
	for (data = 0; data <= 1400; data += data < 24 ? 1 : 229) {
		ASSERT_TRUE(wp_revive(p));
		/* something is on its way */
		tu_sendto(w.sock, "x", 1, &to, sizeof(to));
		for (i = 0; i < COUNT(lens); i++)
			for (j = 0; j < COUNT(counts); j++)
				for (k = 0; k < COUNT(counts); k++) {
					uint8_t head[4] = { lens[i] >> 8, lens[i], counts[j], counts[k] };
					int n;

					wp_protocol(p, &f, WL_STATE, data);
					for (n = 0; n < data; n++)
						f.b[40 + n] = n * 7 + j * 31 + k;
					memcpy(f.b + 40, head, data < 4 ? data : 4);
					wf_bits(&f, 1, 16, 0x1fff, i * 911);
					wf_bits(&f, 8, 0, 0x3ff, j * 171);
					wp_send(p, &f);
				}
		wp_pump(p, 0);
	}
	/* the monitor's: length, count of members, generations */
	for (i = 0; i < 65536; i += i < 300 ? 1 : 4111) {
		wp_protocol(p, &f, WL_STATE, 4 + 24 + 64 * 4);
		memset(f.b + 44, 0xff, f.len - 44);
		f.b[44] = i & 1;
		f.b[45] = 24 + i;
		f.b[46] = f.b[47] = i;
		f.b[50] = i >> 8;
		f.b[51] = i;
		wp_send(p, &f);
	}
	end(60);
}

/* rows 6.7: a second link that says it is another bearer, or has none */
TEST(wrong_bearer)
{
	struct wf f;
	int i;

	begin();
	for (i = 0; i < 8; i++) {
		ASSERT_TRUE(wp_revive(p));
		p->bearer = i;
		wp_say(p, WL_STATE);
		wp_direct(p, &f, 77, port(), 10);
		wp_packet(p, &f);
		/* the same link's frames by the other wire, where there is no link of this peer */
		p->bearer = 0;
		wp_send_to(&w.honest, w.honest.theirs, &f);
		wp_protocol(p, &f, WL_RESET, 16);
		wp_send_to(&w.honest, w.honest.theirs, &f);
	}
	delivered();
	end(40);
}

TEST_MAIN("a peer in contact may send what it likes: the link may go, the node goes on")
