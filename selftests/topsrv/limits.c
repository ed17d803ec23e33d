// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "topsrv.h"
#include <sys/resource.h>

#define T tu_type(0)
#define MOST 65535	/* C subscr.h:TIPC_MAX_SUBSCR */

static int subscribe(int fd, int n)
{
	for (int i = 0; i < n; i++)
		ts_sub(fd, T + (i & 1023), i, i, PORTS | NO_STATUS, "limit");
	return fd;
}

/* rows 4.13 */
TEST_LIMIT(subscriptions, 240)
{
	int fd, other, i;
	struct tipc_subscr s;

	tu_netns();
	fd = ts_connect(SOCK_SEQPACKET);
	other = ts_connect(SOCK_SEQPACKET);
	subscribe(fd, MOST - 1);
	ts_fence(fd);		/* the last one there can be, and cancelled again */
	s = ts_sub(fd, T, MOST, MOST, PORTS, "last");
	/* a cancelled one first, so that all are there */
	ts_cancel(fd, ts_req(T, 0, 0, FOREVER, PORTS | NO_STATUS, "limit"));
	ts_fence(fd);
	ts_sub(fd, T, 0, 0, PORTS, "again");
	i = tu_bound(T, MOST);
	ts_expect(fd, TIPC_PUBLISHED, MOST, MOST, ts_port(i), s);
	close(i);
	ts_expect(fd, TIPC_WITHDRAWN, MOST, MOST, -1, s);
	/* now nobody gets one more */
	ts_sub(other, T, 0, 0, PORTS, "more");
	ts_ended(other);
	close(other);
	/* cancels still work, and make room */
	ts_cancel(fd, s);
	i = tu_bound(T + 1, 1);
	ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(i),
		  ts_req(T + 1, 1, 1, FOREVER, PORTS | NO_STATUS, "limit"));
	other = ts_connect(SOCK_SEQPACKET);
	s = ts_sub(other, T + 1, 1, 1, PORTS, "room");
	ts_expect(other, TIPC_PUBLISHED, 1, 1, ts_port(i), s);
	/* and all of them go with their subscriber */
	close(fd);
	fd = ts_connect(SOCK_SEQPACKET);
	ts_fence(fd);
	subscribe(fd, 1000);
	ts_fence(fd);
}

/* rows 4.13 */
TEST_LIMIT(too_many_close_the_connection, 240)
{
	int fd;

	tu_netns();
	fd = ts_connect(SOCK_SEQPACKET);
	subscribe(fd, MOST);
	ts_sub(fd, T, 0, 0, PORTS, "over");
	ts_ended(fd);
	close(fd);
	fd = ts_connect(SOCK_SEQPACKET);
	ts_fence(fd);
}

/* rows 4.1, 4.15 */
TEST_LIMIT(many_subscribers, 240)
{
	enum { N = 1000 };
	struct rlimit rl = { N + 100, N + 100 };
	struct tipc_subscr s = ts_req(T, 0, ALL, FOREVER, PORTS, "many");
	int fd[N], i, b;

	setrlimit(RLIMIT_NOFILE, &rl);
	for (i = 0; i < N; i++) {
		fd[i] = ts_connect(i & 1 ? SOCK_SEQPACKET : SOCK_STREAM);
		ts_send(fd[i], &s);
	}
	for (i = 0; i < N; i++)
		ts_fence(fd[i]);
	b = tu_bound(T, 5);
	for (i = 0; i < N; i++)
		ts_expect(fd[i], TIPC_PUBLISHED, 5, 5, ts_port(b), s);
	/* every third leaves */
	for (i = 0; i < N; i += 3)
		close(fd[i]);
	close(b);
	for (i = 0; i < N; i++)
		if (i % 3)
			ts_expect(fd[i], TIPC_WITHDRAWN, 5, 5, -1, s);
}

/* rows 4.10, 4.15, 3.15 */
TEST_LIMIT(many_initial_events, 240)
{
	enum { N = 20000 };
	int fd = ts_connect(SOCK_SEQPACKET), b = tu_socket(SOCK_RDM), i;
	struct tipc_subscr s;

	for (i = 0; i < N; i++)
		ASSERT_EQ(tu_bind(b, T, (i * 7919) % N, (i * 7919) % N, 0), 0);
	/* far more than fit on the way: in order, without a gap */
	s = ts_sub(fd, T, 0, ALL, PORTS, "init");
	for (i = 0; i < N; i++)
		ts_expect(fd, TIPC_PUBLISHED, (i * 7919) % N, (i * 7919) % N, -1, s);
	ts_fence(fd);
}

TEST_MAIN("thousands of subscriptions and subscribers, and no more than there may be")
