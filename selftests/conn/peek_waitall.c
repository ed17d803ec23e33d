// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"
#include <pthread.h>

#define T tu_type(0)

/* row 1.6.5 */
TEST(peek_message)
{
	struct tc_told told;
	int srv, cli, i;
	char b[16];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_PEEK | MSG_DONTWAIT), -EAGAIN);
	EXPECT_EQ(tc_send(cli, "abcdef"), 6);
	EXPECT_EQ(tc_send(cli, "gh"), 2);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(tc_recv(srv, b, 16, MSG_PEEK, &told), 6);
		EXPECT_TRUE(!memcmp(b, "abcdef", 6));
		EXPECT_EQ(told.flags, 0);
	}
	EXPECT_EQ(tc_recv(srv, b, 2, MSG_PEEK, &told), 2);
	EXPECT_EQ(told.flags, MSG_TRUNC);
	EXPECT_EQ(tu_get(srv, TIPC_SOCK_RECVQ_DEPTH), 2);
	EXPECT_EQ(tu_recv(srv, b, 16, 0), 6);
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_PEEK), 2);
}

/* rows 1.6.5, 1.6.4 */
TEST(peek_rest_of_message)
{
	struct tc_told told;
	int srv, cli;
	char b[16];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(tc_send(cli, "abcdef"), 6);
	EXPECT_EQ(tu_recv(srv, b, 2, MSG_EOR), 2);
	EXPECT_EQ(tc_recv(srv, b, 2, MSG_EOR | MSG_PEEK, &told), 2);
	EXPECT_EQ(told.flags, 0);
	EXPECT_TRUE(!memcmp(b, "cd", 2));
	EXPECT_EQ(tu_recv(srv, b, 2, MSG_EOR), 2);
	EXPECT_TRUE(!memcmp(b, "cd", 2));
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_EOR), 2);
}

/* rows 1.6.5, 1.6.4: looking changes nothing, even to the end */
TEST(peek_to_the_end)
{
	struct tc_told told;
	int srv, cli;
	char b[16];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(tc_send(cli, "abcdef"), 6);
	EXPECT_EQ(tu_recv(srv, b, 2, MSG_EOR), 2);
	EXPECT_EQ(tc_recv(srv, b, 16, MSG_EOR | MSG_PEEK, &told), 4);
	EXPECT_EQ(told.flags, MSG_EOR);
	EXPECT_EQ(tu_recv(srv, b, 2, MSG_EOR), 2);
	EXPECT_TRUE(!memcmp(b, "cd", 2));
	EXPECT_EQ(tu_recv(srv, b, 1, MSG_PEEK), 1);
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_EOR), 2);
	EXPECT_TRUE(!memcmp(b, "ef", 2));
}

/* row 1.6.5 */
TEST(peek_stream)
{
	int srv, cli;
	char b[16];

	tc_connection(SOCK_STREAM, &srv, &cli);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(tc_send(cli, "def"), 3);
	EXPECT_EQ(tu_recv(srv, b, 2, MSG_PEEK), 2);
	/* only into the first message */
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_PEEK), 3);
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT), 3);
	EXPECT_EQ(tu_recv(srv, b, 2, 0), 2);
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_PEEK), 1);
	EXPECT_TRUE(b[0] == 'c');
	EXPECT_EQ(tu_recv(srv, b, 16, 0), 4);
	EXPECT_TRUE(!memcmp(b, "cdef", 4));
}

/* row 1.6.5 */
TEST(peek_waits)
{
	int srv, cli;
	char b[8];
	double t;

	tc_connection(SOCK_STREAM, &srv, &cli);
	tc_timeo(srv, SO_RCVTIMEO, 200);
	t = ktap_tick_now();
	EXPECT_EQ(tu_recv(srv, b, 8, MSG_PEEK), -EAGAIN);
	EXPECT_TRUE(ktap_now() - t > 0.15);
}

static int out;
static const char *parts[8];

static void *drip(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; parts[i]; i++) {
		ktap_sleep_ms(100);
		if (*parts[i])
			tc_send(out, parts[i]);
		else
			close(out);
	}
	return NULL;
}

static pthread_t dripping(int fd, const char *a, const char *b, const char *c)
{
	pthread_t t;

	out = fd;
	parts[0] = a;
	parts[1] = b;
	parts[2] = c;
	parts[3] = NULL;
	ASSERT_EQ(pthread_create(&t, NULL, drip, NULL), 0);
	return t;
}

/* row 1.6.6 */
TEST(wait_all)
{
	int srv, cli;
	pthread_t t;
	char b[16];

	tc_connection(SOCK_STREAM, &srv, &cli);
	t = dripping(cli, "abc", "def", "ghi");
	EXPECT_EQ(tu_recv(srv, b, 8, MSG_WAITALL), 8);
	EXPECT_TRUE(!memcmp(b, "abcdefgh", 8));
	ASSERT_EQ(pthread_join(t, NULL), 0);
	EXPECT_EQ(tu_recv(srv, b, 16, 0), 1);
}

/* row 1.6.6 */
TEST(wait_all_and_no_more)
{
	int srv, cli;
	pthread_t t;
	char b[16];

	tc_connection(SOCK_STREAM, &srv, &cli);
	/* the end of the connection ends the wait, and is told by the next call */
	t = dripping(cli, "abc", "def", "");
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_WAITALL), 6);
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_WAITALL), -ECONNRESET);
	ASSERT_EQ(pthread_join(t, NULL), 0);
	tc_connection(SOCK_STREAM, &srv, &cli);
	tc_timeo(srv, SO_RCVTIMEO, 300);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_WAITALL), 3);
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_WAITALL), -EAGAIN);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_WAITALL | MSG_DONTWAIT), 3);
}

/* row 1.6.6: not for messages */
TEST(wait_all_seqpacket)
{
	int srv, cli;
	char b[16];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(tc_send(cli, "de"), 2);
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_WAITALL), 3);
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_WAITALL), 2);
}

/* rows 1.1.16, 1.6.6 */
TEST(low_water)
{
	int srv, cli, v = 5;
	pthread_t t;
	char b[16];

	tc_connection(SOCK_STREAM, &srv, &cli);
	ASSERT_EQ(SYS(setsockopt(srv, SOL_SOCKET, SO_RCVLOWAT, &v, sizeof(v))), 0);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	/* poll() does not look at it */
	EXPECT_EQ(tc_all(srv), POLLIN | POLLOUT);
	EXPECT_EQ(tu_recv(srv, b, 16, MSG_DONTWAIT), 3);
	t = dripping(cli, "abc", "def", NULL);
	EXPECT_EQ(tu_recv(srv, b, 16, 0), 6);
	ASSERT_EQ(pthread_join(t, NULL), 0);
	/* no more than was asked for */
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(tu_recv(srv, b, 2, 0), 2);
	EXPECT_EQ(tu_recv(srv, b, 1, 0), 1);
}

/* row 1.1.16 */
TEST(low_water_seqpacket)
{
	int srv, cli, v = 5;
	char b[16];

	tc_connection(SOCK_SEQPACKET, &srv, &cli);
	ASSERT_EQ(SYS(setsockopt(srv, SOL_SOCKET, SO_RCVLOWAT, &v, sizeof(v))), 0);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(tu_recv(srv, b, 16, 0), 3);
}

TEST_MAIN("MSG_PEEK, MSG_WAITALL and SO_RCVLOWAT")
