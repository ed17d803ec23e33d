// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"
#include <pthread.h>

#define T tu_type(0)

static char big[500000], got[500000];

/* rows 1.5.1, 1.6.3, 1.6.7 */
TEST(bytes)
{
	struct sockaddr_tipc from, me;
	struct tc_told told;
	int srv, cli;
	char b[16];

	tc_connection(SOCK_STREAM, &srv, &cli);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(tc_send(cli, "defgh"), 5);
	EXPECT_EQ(tu_get(srv, TIPC_SOCK_RECVQ_DEPTH), 2);
	EXPECT_EQ(tu_recvfrom(srv, b, 2, 0, &from), 2);
	me = tu_self(cli);
	EXPECT_TRUE(!memcmp(&from, &me, sizeof(me)));
	EXPECT_EQ(tu_get(srv, TIPC_SOCK_RECVQ_DEPTH), 2);
	/* over the border between two messages */
	EXPECT_EQ(tc_recv(srv, b, 3, 0, &told), 3);
	EXPECT_EQ(told.flags, 0);
	EXPECT_TRUE(!memcmp(b, "cde", 3));
	EXPECT_EQ(tc_recv(srv, b, 16, 0, &told), 3);
	EXPECT_TRUE(!memcmp(b, "fgh", 3));
	EXPECT_TRUE(tu_empty(srv));
	EXPECT_EQ(tu_get(srv, TIPC_SOCK_RECVQ_DEPTH), 0);
	EXPECT_EQ(tu_get(srv, TIPC_SOCK_RECVQ_USED), 0);
}

static volatile pid_t sender;

static void *send_big(void *fd)
{
	sender = gettid();
	return (void *)(long)SYS(send((long)fd, big, sizeof(big), 0));
}

/* rows 1.5.1, 1.6.6 */
TEST(long_send)
{
	unsigned int i;
	int srv, cli, n = 0;
	pthread_t t;
	void *r;

	for (i = 0; i < sizeof(big); i++)
		big[i] = i * 7 + (i >> 8) * 3;
	tc_connection(SOCK_STREAM, &srv, &cli);
	ASSERT_EQ(pthread_create(&t, NULL, send_big, (void *)(long)cli), 0);
	EXPECT_EQ(tu_recv(srv, got, 66000, MSG_WAITALL), 66000);
	while (n < (int)sizeof(got) - 66000) {
		int k = tu_recv(srv, got + 66000 + n, 12345, 0);

		ASSERT_TRUE(k > 0);
		n += k;
		if (n + 66000 + 12345 > (int)sizeof(got))
			break;
	}
	EXPECT_EQ(tu_recv(srv, got + 66000 + n, sizeof(got) - 66000 - n, MSG_WAITALL),
		  sizeof(got) - 66000 - n);
	ASSERT_EQ(pthread_join(t, &r), 0);
	EXPECT_EQ((long)r, sizeof(big));
	EXPECT_TRUE(!memcmp(big, got, sizeof(big)));
	EXPECT_TRUE(tu_empty(srv));
}

/* rows 1.5.8, 1.12.1 */
TEST(part_sent)
{
	int srv, cli, n;

	tc_connection(SOCK_STREAM, &srv, &cli);
	n = SYS(send(cli, big, sizeof(big), MSG_DONTWAIT));
	EXPECT_TRUE(n > 0 && n < (int)sizeof(big));
	EXPECT_EQ(n % 66000, 0);
	EXPECT_EQ(SYS(send(cli, big, sizeof(big), MSG_DONTWAIT)), -EAGAIN);
	EXPECT_EQ(tu_recv(srv, got, n, MSG_WAITALL), n);
	EXPECT_TRUE(tu_empty(srv));
}

/* rows 1.5.8, 1.1.13 */
TEST(part_sent_in_time)
{
	int srv, cli, n;
	double t;

	tc_connection(SOCK_STREAM, &srv, &cli);
	tc_timeo(cli, SO_SNDTIMEO, 300);
	t = ktap_tick_now();
	n = SYS(send(cli, big, sizeof(big), 0));
	EXPECT_TRUE(ktap_now() - t > 0.25);
	EXPECT_TRUE(n > 0 && n < (int)sizeof(big));
	EXPECT_EQ(SYS(send(cli, big, 1, 0)), -EAGAIN);
}

/* rows 1.5.8, 1.6.9 */
TEST(part_sent_and_peer_gone)
{
	int srv, cli;
	pthread_t t;
	void *r;

	tc_connection(SOCK_STREAM, &srv, &cli);
	ASSERT_EQ(pthread_create(&t, NULL, send_big, (void *)(long)cli), 0);
	/* two of 66000 bytes are all that may be out: it waits in its third part */
	while (tu_get(srv, TIPC_SOCK_RECVQ_DEPTH) < 2)
		ktap_sleep_ms(1);
	tu_in_call(sender, SYS_sendto);
	close(srv);
	ASSERT_EQ(pthread_join(t, &r), 0);
	EXPECT_TRUE((long)r > 0 && (long)r < (long)sizeof(big));
	EXPECT_EQ(tc_send(cli, "x"), -EPIPE);
}

/* row 1.5.10: what could be read of it was sent */
TEST(unreadable_part)
{
	char *p = tu_edge(70000);
	int srv, cli, n;

	memset(p, 'x', 70000);
	tc_connection(SOCK_STREAM, &srv, &cli);
	n = SYS(send(cli, p, 100000, MSG_DONTWAIT));
	EXPECT_EQ(n, 66000);
	EXPECT_EQ(SYS(send(cli, p + 66000, 4001, 0)), -EFAULT);
	EXPECT_EQ(SYS(send(cli, p + 66000, 4000, 0)), 4000);
	EXPECT_EQ(tu_recv(srv, got, 70000, MSG_WAITALL), 70000);
	EXPECT_TRUE(tu_empty(srv));
}

/* rows 1.5.5, 18.2 */
TEST(empty_sends)
{
	int srv, cli, i;
	char b[8];

	tc_connection(SOCK_STREAM, &srv, &cli);
	for (i = 0; i < 300; i++)
		if (SYS(send(cli, "", 0, MSG_DONTWAIT)))
			break;
	EXPECT_EQ(i, 300);
	EXPECT_EQ(SYS(send(cli, "abc", 3, MSG_DONTWAIT)), 3);
	EXPECT_EQ(tu_recv(srv, b, 8, MSG_DONTWAIT), 3);
}

/* row 1.6.4: a flag of messages, not of bytes */
TEST(no_end_of_record)
{
	struct tc_told told;
	int srv, cli;
	char b[8];

	tc_connection(SOCK_STREAM, &srv, &cli);
	EXPECT_EQ(tc_send(cli, "abc"), 3);
	EXPECT_EQ(tc_recv(srv, b, 8, MSG_EOR, &told), 3);
	EXPECT_EQ(told.flags, 0);
}

/* row 1.9.2 */
TEST(src_droppable)
{
	int fd = tu_socket(SOCK_STREAM);

	EXPECT_EQ(tu_set(fd, TIPC_SRC_DROPPABLE, 1), -ENOPROTOOPT);
	EXPECT_EQ(tu_get(fd, TIPC_SRC_DROPPABLE), 0);
}

/* rows 1.9.11, 1.9.14, 17.12, 1.13.1 */
TEST(nodelay)
{
	int srv, cli, i, v = 1;
	socklen_t len = sizeof(v);

	tc_connection(SOCK_STREAM, &srv, &cli);
	EXPECT_EQ(tu_set(cli, TIPC_NODELAY, 1), 0);
	EXPECT_EQ(tu_set(cli, TIPC_NODELAY, 0), 0);
	EXPECT_EQ(tu_set(cli, TIPC_NODELAY, 1), 0);
	EXPECT_EQ(tu_get(cli, TIPC_NODELAY), -EINVAL);
	for (i = 0; i < 40; i++)
		EXPECT_EQ(SYS(send(cli, "abc", 3, MSG_DONTWAIT)), 3);
	/* each at once, each by itself */
	EXPECT_EQ(tu_get(srv, TIPC_SOCK_RECVQ_DEPTH), 40);
	EXPECT_EQ(tu_recv(srv, got, 1000, MSG_DONTWAIT), 120);
	EXPECT_EQ(SYS(setsockopt(cli, 6, 1, &v, sizeof(v))), 0);
	EXPECT_EQ(SYS(getsockopt(cli, 6, 1, &v, &len)), 0);
}

/* rows 1.13.1, 1.13.2: on one node nothing small is held back */
TEST(small_sends)
{
	int srv, cli, i;

	tc_connection(SOCK_STREAM, &srv, &cli);
	for (i = 0; i < 100; i++) {
		EXPECT_EQ(SYS(send(cli, "abc", 3, MSG_DONTWAIT)), 3);
		EXPECT_EQ(tu_recv(srv, got, 1000, MSG_DONTWAIT), 3);
	}
	for (i = 0; i < 100; i++)
		EXPECT_EQ(SYS(send(cli, "abc", 3, MSG_DONTWAIT)), 3);
	EXPECT_EQ(tu_recv(srv, got, 1000, MSG_DONTWAIT), 300);
}

struct flow { int fd, total, mine, errors; };

static void *pour(void *arg)
{
	struct flow *f = arg;
	unsigned int seed = f->fd;
	char b[9000];
	int i, n, sent = 0;

	while (sent < f->total) {
		int want = rand_r(&seed) % sizeof(b) + 1;

		if (want > f->total - sent)
			want = f->total - sent;
		for (i = 0; i < want; i++)
			b[i] = (sent + i) * 13 + f->mine;
		n = SYS(send(f->fd, b, want, 0));
		if (n != want)
			f->errors++;
		if (n <= 0)
			break;
		sent += n;
	}
	return NULL;
}

static void *drink(void *arg)
{
	struct flow *f = arg;
	unsigned int seed = f->fd + 99;
	char b[9000];
	int i, n, at = 0;

	while (at < f->total) {
		n = SYS(recv(f->fd, b, rand_r(&seed) % sizeof(b) + 1, 0));
		if (n <= 0) {
			f->errors++;
			break;
		}
		for (i = 0; i < n; i++)
			f->errors += b[i] != (char)((at + i) * 13 + f->mine);
		at += n;
	}
	return NULL;
}

/* rows 1.5.8, 1.6.6, 1.12.1: both directions at once */
TEST_LIMIT(both_ways, 120)
{
	int srv, cli, i;
	pthread_t t[4];

	tc_connection(SOCK_STREAM, &srv, &cli);
	{
		struct flow f[4] = {
			{ srv, 3000000, 'a', 0 }, { cli, 3000000, 'a', 0 },
			{ cli, 3000000, 'b', 0 }, { srv, 3000000, 'b', 0 },
		};

		for (i = 0; i < 4; i++)
			ASSERT_EQ(pthread_create(&t[i], NULL, i & 1 ? drink : pour, &f[i]), 0);
		for (i = 0; i < 4; i++) {
			ASSERT_EQ(pthread_join(t[i], NULL), 0);
			EXPECT_EQ(f[i].errors, 0);
		}
	}
	EXPECT_TRUE(tu_empty(srv));
	EXPECT_TRUE(tu_empty(cli));
}

TEST_MAIN("SOCK_STREAM carries bytes, in order and without loss")
