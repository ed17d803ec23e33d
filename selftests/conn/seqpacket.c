// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"
#include <pthread.h>

#define T tu_type(0)

static char big[200000];

/* rows 1.5.1, 1.6.7 */
TEST(messages_keep_their_borders)
{
	static const int len[] = { 1, 2, 1000, 1024, 3072, 3073, 40000, 66000 };
	int srv, cli, i;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	for (i = 0; i < 8; i++) {
		struct sockaddr_tipc from, me = tu_self(i & 1 ? srv : cli);
		int tx = i & 1 ? srv : cli, rx = i & 1 ? cli : srv;

		memset(big, 'a' + i, len[i]);
		EXPECT_EQ(SYS(send(tx, big, len[i], 0)), len[i]);
		EXPECT_EQ(SYS(send(tx, "|", 1, 0)), 1);
		memset(big, 0, sizeof(big));
		EXPECT_EQ(tu_recvfrom(rx, big, sizeof(big), 0, &from), len[i]);
		EXPECT_TRUE(big[0] == 'a' + i && big[len[i] - 1] == 'a' + i && !big[len[i]]);
		EXPECT_TRUE(!memcmp(&from, &me, sizeof(me)));
		EXPECT_EQ(tu_recv(rx, big, sizeof(big), 0), 1);
	}
}

/* row 1.5.1 */
TEST(too_long)
{
	int srv, cli;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(SYS(send(cli, big, 66001, 0)), -EMSGSIZE);
	EXPECT_EQ(SYS(send(cli, big, sizeof(big), MSG_DONTWAIT)), -EMSGSIZE);
	EXPECT_EQ(SYS(send(tu_socket(SOCK_SEQPACKET), big, 66001, 0)), -EMSGSIZE);
	EXPECT_TRUE(tu_empty(srv));
}

/* row 1.6.3 */
TEST(truncated)
{
	struct tc_told told;
	int srv, cli;
	char b[16];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(tc_send(cli, "abcdefgh"), 8);
	EXPECT_EQ(tc_send(cli, "ij"), 2);
	EXPECT_EQ(tc_recv(srv, b, 3, MSG_TRUNC, &told), 3);
	EXPECT_EQ(told.flags, MSG_TRUNC);
	EXPECT_EQ(tc_recv(srv, b, 16, 0, &told), 2);
	EXPECT_EQ(told.flags, 0);
	EXPECT_TRUE(tu_empty(srv));
}

/* rows 1.6.4, 17.8 */
TEST(partial_reads)
{
	struct tc_told told;
	int srv, cli;
	char b[16];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(tc_send(cli, "abcdefgh"), 8);
	EXPECT_EQ(tc_send(cli, "ij"), 2);
	EXPECT_EQ(tc_recv(srv, b, 3, MSG_EOR, &told), 3);
	EXPECT_EQ(told.flags, 0);
	EXPECT_TRUE(!memcmp(b, "abc", 3));
	EXPECT_EQ(tu_get(srv, TIPC_SOCK_RECVQ_DEPTH), 2);
	EXPECT_EQ(tc_recv(srv, b, 3, MSG_EOR, &told), 3);
	EXPECT_EQ(told.flags, 0);
	EXPECT_TRUE(!memcmp(b, "def", 3));
	EXPECT_EQ(tc_recv(srv, b, 3, MSG_EOR, &told), 2);
	EXPECT_EQ(told.flags, MSG_EOR);
	EXPECT_TRUE(!memcmp(b, "gh", 2));
	EXPECT_EQ(tc_recv(srv, b, 16, MSG_EOR, &told), 2);
	EXPECT_EQ(told.flags, MSG_EOR);
	EXPECT_TRUE(tu_empty(srv));
	/* without the flag the rest of a message is lost */
	EXPECT_EQ(tc_send(cli, "abcdefgh"), 8);
	EXPECT_EQ(tc_recv(srv, b, 3, MSG_EOR, &told), 3);
	EXPECT_EQ(tc_recv(srv, b, 2, 0, &told), 2);
	EXPECT_EQ(told.flags, MSG_TRUNC);
	EXPECT_TRUE(!memcmp(b, "de", 2));
	EXPECT_TRUE(tu_empty(srv));
}

/* rows 1.6.1, 1.6.2 */
TEST(bad_reads)
{
	int srv, cli, new = tu_socket(SOCK_SEQPACKET);
	char b[8];

	EXPECT_EQ(tu_recv(new, b, 8, MSG_DONTWAIT), -ENOTCONN);
	EXPECT_EQ(tu_recv(new, b, 8, 0), -ENOTCONN);
	EXPECT_EQ(tu_recv(new, b, 0, 0), -EINVAL);
	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(tu_recv(srv, b, 0, 0), -EINVAL);
	EXPECT_EQ(tu_recv(srv, (void *)8, 8, 0), -EFAULT);
	EXPECT_EQ(tu_recv(srv, b, 8, 0), 3);
}

/* rows 1.5.3, 1.1.17 */
TEST(bad_sends)
{
	int new = tu_socket(SOCK_SEQPACKET), srv, cli;

	signal(SIGPIPE, SIG_DFL);
	EXPECT_EQ(tc_send(new, "x"), -ENOTCONN);
	EXPECT_EQ(SYS(send(new, "x", 1, MSG_DONTWAIT)), -ENOTCONN);
	EXPECT_EQ(SYS(write(new, "x", 1)), -ENOTCONN);
	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(SYS(send(cli, (void *)8, 10, 0)), -EFAULT);
	EXPECT_TRUE(tu_empty(srv));
	close(srv);
	EXPECT_EQ(tc_send(cli, "x"), -EPIPE);
	EXPECT_EQ(SYS(write(cli, "x", 1)), -EPIPE);
}

/* rows 1.5.5, 17.5, 18.2 */
TEST(empty_messages)
{
	int srv, cli, i;
	char b[8];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	for (i = 0; i < 300; i++)
		if (SYS(send(cli, "", 0, MSG_DONTWAIT)))
			break;
	EXPECT_EQ(i, 300);
	EXPECT_EQ(SYS(send(cli, "abc", 3, MSG_DONTWAIT)), 3);
	EXPECT_EQ(tu_recv(srv, b, 8, MSG_DONTWAIT), 3);
	EXPECT_TRUE(tu_empty(srv));
}

/* row 1.5.5: nobody ever gets to see one */
TEST(empty_messages_not_seen)
{
	int srv, cli;
	char b[8];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(SYS(send(cli, "", 0, 0)), 0);
	EXPECT_EQ(tu_recv(srv, b, 8, MSG_DONTWAIT), -EAGAIN);
	EXPECT_EQ(SYS(send(cli, "", 0, 0)), 0);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(SYS(send(cli, "", 0, 0)), 0);
	EXPECT_EQ(tu_recv(srv, b, 8, 0), 3);
	EXPECT_EQ(tu_recv(srv, b, 8, MSG_DONTWAIT), -EAGAIN);
	close(srv);
	EXPECT_EQ(SYS(send(cli, "", 0, 0)), -EPIPE);
	EXPECT_EQ(SYS(send(tu_socket(SOCK_SEQPACKET), "", 0, 0)), -ENOTCONN);
}

/* row 1.1.13 */
TEST(time_limits)
{
	int srv, cli;
	char b[8];
	double t;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	tc_timeo(srv, SO_RCVTIMEO, 200);
	t = ktap_tick_now();
	EXPECT_EQ(tu_recv(srv, b, 8, 0), -EAGAIN);
	EXPECT_TRUE(ktap_now() - t > 0.15);
	EXPECT_EQ(tu_recv(srv, b, 8, MSG_DONTWAIT), -EAGAIN);
	tc_fill(cli, 60000, 1000);
	tc_timeo(cli, SO_SNDTIMEO, 200);
	t = ktap_tick_now();
	EXPECT_EQ(SYS(send(cli, "x", 1, 0)), -EAGAIN);
	EXPECT_TRUE(ktap_now() - t > 0.15);
	tc_nonblock(cli, 1);
	EXPECT_EQ(SYS(send(cli, "x", 1, 0)), -EAGAIN);
	tc_nonblock(srv, 1);
	while (tu_recv(srv, big, sizeof(big), 0) > 0)
		;
	EXPECT_EQ(SYS(send(cli, "x", 1, 0)), 1);
}

/* rows 1.1.18, 1.5.3 */
TEST(flags_ignored)
{
	int srv, cli;
	char b[8];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(SYS(send(cli, "abc", 3, MSG_OOB | MSG_EOR | MSG_MORE | MSG_CONFIRM)), 3);
	EXPECT_EQ(tu_recv(srv, b, 8, MSG_DONTWAIT | MSG_OOB), 3);
}

static void *send_late(void *fd)
{
	ktap_sleep_ms(200);
	return (void *)(long)tc_send((long)fd, "abc");
}

/* row 1.1.13 */
TEST(wakes_reader)
{
	int srv, cli;
	pthread_t t;
	char b[8];
	void *r;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	ASSERT_EQ(pthread_create(&t, NULL, send_late, (void *)(long)cli), 0);
	EXPECT_EQ(tu_recv(srv, b, 8, 0), 3);
	ASSERT_EQ(pthread_join(t, &r), 0);
	EXPECT_EQ((long)r, 3);
}

/* row 1.9.2, 18.8: an option for datagrams does not change how a connection is kept */
TEST(src_droppable)
{
	int srv, cli, plain, n;

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	plain = tc_fill(cli, 1000, 1000);
	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	ASSERT_EQ(tu_set(cli, TIPC_SRC_DROPPABLE, 1), 0);
	EXPECT_EQ(tu_get(cli, TIPC_SRC_DROPPABLE), 1);
	n = tc_fill(cli, 1000, 1000);
	EXPECT_EQ(n, plain);
	tc_drain(srv, 1000, n);
	EXPECT_EQ(tc_send(cli, "x"), 1);
}

TEST_MAIN("SOCK_SEQPACKET carries messages, in order and whole")
