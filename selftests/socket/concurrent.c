// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <pthread.h>

#define T	tu_type(0)
#define SENDERS	4
#define COUNT	1000

struct rec {
	uint32_t who, seq, sum;
	unsigned char data[988];
};

static void make(struct rec *r, uint32_t who, uint32_t seq)
{
	uint32_t x = who * 2654435761u + seq;
	size_t i;

	r->who = who;
	r->seq = seq;
	r->sum = 0;
	for (i = 0; i < sizeof(r->data); i++) {
		x = x * 1664525 + 1013904223;
		r->data[i] = x >> 24;
		r->sum = r->sum * 31 + r->data[i];
	}
}

static int good(const struct rec *r)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < sizeof(r->data); i++)
		sum = sum * 31 + r->data[i];
	return sum == r->sum && r->who < SENDERS && r->seq < COUNT;
}

static int send_all(int tx, int who)
{
	struct rec r;
	int i;

	/* so important that 4000 of them fit: none may be lost */
	tu_set(tx, TIPC_IMPORTANCE, TIPC_CRITICAL_IMPORTANCE);
	for (i = 0; i < COUNT; i++) {
		make(&r, who, i);
		if (tu_send_name(tx, &r, sizeof(r), T, 1) != sizeof(r))
			return 1;
	}
	return 0;
}

static void check_in_order(int rx)
{
	uint32_t next[SENDERS] = { 0 };
	struct rec r;
	int i;

	tu_rcvtimeo(rx, 20000);
	for (i = 0; i < SENDERS * COUNT; i++) {
		ASSERT_EQ(tu_recv(rx, &r, sizeof(r), 0), sizeof(r));
		ASSERT_TRUE(good(&r));
		ASSERT_EQ(r.seq, next[r.who]);
		next[r.who]++;
	}
	EXPECT_TRUE(tu_empty(rx));
}

/* rows 1.5.2, 1.6.5 */
TEST_LIMIT(processes, 120)
{
	int rx = tu_bound(T, 1), i;
	pid_t pid[SENDERS];

	for (i = 0; i < SENDERS; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(send_all(tu_socket(SOCK_RDM), i));
	}
	check_in_order(rx);
	for (i = 0; i < SENDERS; i++)
		EXPECT_EQ(tu_wait(pid[i]), 0);
}

/* rows 1.5.2 */
TEST_LIMIT(shared_sender, 120)
{
	/* four processes send through one and the same socket */
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i;
	pid_t pid[SENDERS];

	for (i = 0; i < SENDERS; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(send_all(tx, i));
	}
	check_in_order(rx);
	for (i = 0; i < SENDERS; i++)
		EXPECT_EQ(tu_wait(pid[i]), 0);
}

static int shared;
static unsigned char seen[SENDERS][COUNT];
static int total;

static void *reader(void *arg)
{
	int last[SENDERS] = { -1, -1, -1, -1 };
	struct rec r;
	int n;

	(void)arg;
	for (;;) {
		n = tu_recv(shared, &r, sizeof(r), 0);
		if (n == 1)	/* told to stop */
			return NULL;
		EXPECT_EQ(n, sizeof(r));
		if (n != sizeof(r))
			return NULL;
		EXPECT_TRUE(good(&r));
		/* what one reader gets of one sender comes in order */
		EXPECT_TRUE((int)r.seq > last[r.who]);
		last[r.who] = r.seq;
		EXPECT_EQ(__atomic_fetch_add(&seen[r.who][r.seq], 1, __ATOMIC_SEQ_CST), 0);
		__atomic_add_fetch(&total, 1, __ATOMIC_SEQ_CST);
	}
}

/* rows 1.6.5 */
TEST_LIMIT(shared_receiver, 120)
{
	pthread_t th[4];
	pid_t pid[SENDERS];
	double end;
	int i;

	shared = tu_bound(T, 1);
	for (i = 0; i < SENDERS; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(send_all(tu_socket(SOCK_RDM), i));
	}
	for (i = 0; i < 4; i++)
		ASSERT_EQ(pthread_create(&th[i], NULL, reader, NULL), 0);
	for (i = 0; i < SENDERS; i++)
		EXPECT_EQ(tu_wait(pid[i]), 0);
	end = ktap_now() + 60;
	while (__atomic_load_n(&total, __ATOMIC_SEQ_CST) < SENDERS * COUNT &&
	       ktap_now() < end && !ktap_failures)
		ktap_sleep_ms(10);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(tu_send_name(shared, "s", 1, T, 1), 1);
	for (i = 0; i < 4; i++)
		pthread_join(th[i], NULL);
	EXPECT_EQ(total, SENDERS * COUNT);
	EXPECT_TRUE(tu_empty(shared));
}

/* rows 2.3 */
TEST_LIMIT(reader_pool, 120)
{
	/* four processes, each with a socket of its own on the one name */
	pid_t pid[4];
	int p[2], i, k, tx = tu_socket(SOCK_RDM), fd[4];

	ASSERT_EQ(SYS(pipe(p)), 0);
	for (i = 0; i < 4; i++)
		fd[i] = tu_bound(T, 1);
	for (i = 0; i < 4; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			tu_rcvtimeo(fd[i], 20000);
			for (k = 0; k < COUNT; k++) {
				struct rec r;

				ASSERT_EQ(tu_recv(fd[i], &r, sizeof(r), 0), sizeof(r));
				ASSERT_TRUE(good(&r));
			}
			EXPECT_TRUE(tu_empty(fd[i]));
			ktap_exit();
		}
	}
	for (i = 0; i < 4; i++)
		EXPECT_EQ(send_all(tx, i), 0);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(tu_wait(pid[i]), 0);
}

/* rows 1.6.7 */
TEST_LIMIT(ping_pong, 120)
{
	int srv = tu_bound(T, 1), i;
	pid_t pid[3];
	struct sockaddr_tipc src;
	uint32_t v, w;

	for (i = 0; i < 3; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			int fd = tu_socket(SOCK_RDM);

			tu_rcvtimeo(fd, 20000);
			for (v = 0; v < 1000; v++) {
				w = v << 2 | i;
				ASSERT_EQ(tu_send_name(fd, &w, 4, T, 1), 4);
				ASSERT_EQ(tu_recv(fd, &w, 4, 0), 4);
				ASSERT_EQ(w, ~(v << 2 | i));
			}
			ktap_exit();
		}
	}
	tu_rcvtimeo(srv, 20000);
	for (i = 0; i < 3000; i++) {
		ASSERT_EQ(tu_recvfrom(srv, &v, 4, 0, &src), 4);
		v = ~v;
		ASSERT_EQ(tu_sendto(srv, &v, 4, &src, sizeof(src)), 4);
	}
	for (i = 0; i < 3; i++)
		EXPECT_EQ(tu_wait(pid[i]), 0);
}

/* rows 1.2.4, 2.3 */
TEST_LIMIT(bind_while_sending, 120)
{
	/* names come and go under the feet of senders */
	int i, st = 0;
	pid_t pid[4];
	double end = ktap_now() + 5;

	for (i = 0; i < 4; i++) {
		pid[i] = fork();
		if (pid[i])
			continue;
		while (ktap_now() < end) {
			int fd = tu_socket(SOCK_RDM), k, r;
			char b[64];

			for (k = 0; k < 20; k++) {
				if (i & 1) {
					ASSERT_EQ(tu_bind(fd, T, k, k + 5, 0), 0);
					tu_recv(fd, b, 64, MSG_DONTWAIT);
					if (k & 1)
						ASSERT_EQ(tu_bind(fd, T, k, k + 5, -2), 0);
				} else {
					r = tu_send_name(fd, b, 64, T, k);
					ASSERT_TRUE(r == 64 || r == -EHOSTUNREACH);
				}
			}
			close(fd);
		}
		ktap_exit();
	}
	for (i = 0; i < 4; i++)
		st |= tu_wait(pid[i]);
	EXPECT_EQ(st, 0);
	for (i = 0; i < 30; i++)
		EXPECT_EQ(tu_reach(T, i), -EHOSTUNREACH);
}

/* rows 1.8.6 */
TEST_LIMIT(close_while_sending, 120)
{
	/* the receiver's port disappears under the senders, messages return */
	struct sockaddr_tipc to;
	pid_t pid;
	int i, k, rx, tx = tu_socket(SOCK_RDM);
	char b[64] = { 0 };

	ASSERT_EQ(tu_set(tx, TIPC_DEST_DROPPABLE, 0), 0);
	for (i = 0; i < 50; i++) {
		rx = tu_socket(SOCK_RDM);
		to = tu_self(rx);
		pid = fork();
		if (!pid) {
			for (k = 0; k < 200; k++)
				ASSERT_EQ(tu_sendto(tx, b, 64, &to, sizeof(to)), 64);
			ktap_exit();
		}
		for (k = 0; k < 20; k++)
			ASSERT_EQ(tu_sendto(tx, b, 64, &to, sizeof(to)), 64);
		close(rx);
		EXPECT_EQ(tu_wait(pid), 0);
		while (tu_recv(tx, b, 64, MSG_DONTWAIT) >= 0)
			;
	}
	EXPECT_EQ(tu_get(tx, TIPC_SOCK_RECVQ_USED), 0);
}

TEST_MAIN("many at once: nothing lost, nothing doubled, all in order")
