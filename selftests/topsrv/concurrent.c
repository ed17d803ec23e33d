// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "topsrv.h"
#include <pthread.h>

#define T tu_type(0)

static uint32_t type;
static volatile int stop;

static void *binder(void *arg)
{
	int b = tu_socket(SOCK_RDM), i, n = (long)arg;

	for (i = 0; i < 400; i++) {
		ASSERT_EQ(tu_bind(b, type, n, n, 0), 0);
		ASSERT_EQ(tu_bind(b, type, n, n, -1), 0);
	}
	close(b);
	return NULL;
}

/* rows 4.5, 4.16 */
TEST_LIMIT(binders, 120)
{
	enum { N = 4 };
	int fd = ts_connect(SOCK_SEQPACKET), i, seen[N] = { 0 };
	struct tipc_event e;
	pthread_t th[N];

	type = T;
	ts_sub(fd, T, 0, ALL, PORTS, "smp");
	ts_fence(fd);
	for (i = 0; i < N; i++)
		ASSERT_EQ(pthread_create(&th[i], NULL, binder, (void *)(long)i), 0);
	/* each name goes up and down in turn, nothing is lost */
	for (i = 0; i < N * 800; i++) {
		ASSERT_EQ(ts_next(fd, &e, WAIT_MS), EVT);
		ASSERT_TRUE(e.found_lower < N);
		ASSERT_EQ(e.event, seen[e.found_lower] & 1 ? TIPC_WITHDRAWN : TIPC_PUBLISHED);
		seen[e.found_lower]++;
	}
	for (i = 0; i < N; i++) {
		EXPECT_EQ(seen[i], 800);
		pthread_join(th[i], NULL);
	}
	ts_fence(fd);
}

/* reads what comes until the server's own name does */
static void until_fence(int fd)
{
	struct tipc_event e;

	ts_sub(fd, TIPC_TOP_SRV, 1, 1, PORTS, "fence");
	do {
		ASSERT_EQ(ts_next(fd, &e, WAIT_MS), EVT);
	} while (strcmp(e.s.usr_handle, "fence"));
}

static void *churner(void *arg)
{
	unsigned int n = 0;

	while (!stop) {
		int fd = ts_connect(SOCK_SEQPACKET);
		struct tipc_subscr s = ts_sub(fd, type, 0, ALL, n & 1 ? PORTS : SERVICE, arg);

		if (n % 3 == 0)
			ts_cancel(fd, s);
		if (n % 4 == 0) {
			s = ts_req(type, 0, ALL, n % 3, PORTS, "time");
			ts_send(fd, &s);
		}
		if (n % 5)
			until_fence(fd);
		close(fd);
		n++;
	}
	return NULL;
}

/* rows 4.5, 4.16 */
TEST_LIMIT(subscribers, 120)
{
	pthread_t th[2], b[2];
	int i;

	type = T;
	for (i = 0; i < 2; i++)
		ASSERT_EQ(pthread_create(&th[i], NULL, churner, i ? "one" : "two"), 0);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(pthread_create(&b[i], NULL, binder, (void *)(long)i), 0);
	for (i = 0; i < 2; i++)
		pthread_join(b[i], NULL);
	stop = 1;
	for (i = 0; i < 2; i++)
		pthread_join(th[i], NULL);
	i = ts_connect(SOCK_SEQPACKET);
	ts_fence(i);
}

static int shared;

static void *sender(void *arg)
{
	struct tipc_subscr s = ts_req(type, 0, ALL, FOREVER, PORTS, arg);
	int i;

	for (i = 0; i < 500; i++) {
		ts_send(shared, &s);
		ts_cancel(shared, s);
	}
	return NULL;
}

/* rows 4.11, 4.16 */
TEST_LIMIT(one_connection, 120)
{
	pthread_t th[3];
	struct tipc_event e;
	int i, n = 0;

	/* two threads subscribe on it and cancel while a third binds, and all is read */
	type = T;
	shared = ts_connect(SOCK_SEQPACKET);
	ASSERT_EQ(pthread_create(&th[0], NULL, sender, "a"), 0);
	ASSERT_EQ(pthread_create(&th[1], NULL, sender, "b"), 0);
	ASSERT_EQ(pthread_create(&th[2], NULL, binder, (void *)5L), 0);
	do {
		n += ts_next(shared, &e, 500) == EVT;
	} while (e.event != 0xeeeeeeee);
	for (i = 0; i < 3; i++)
		pthread_join(th[i], NULL);
	ktap_note("%d events", n);
	until_fence(shared);
	ts_fence(shared);
}

TEST_MAIN("subscribers and binders on several processors: nothing lost, nothing out of order")
