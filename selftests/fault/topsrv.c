// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Debug kernel with CONFIG_FAULT_INJECTION, CONFIG_FAILSLAB only; root.
 * The topology server when memory runs out at the n-th allocation of a call,
 * for every n. It works in the context of whoever calls, so these are its
 * allocations too: what cannot be had now is done later, and no event is lost
 * without the connection's end.
 */
#include "fault.h"
#include "topsrv.h"
#include <sched.h>

#define T tu_type(0)

static int fd, b;
static struct tipc_subscr s;

static int c_connect(void)
{
	struct sockaddr_tipc sa = tu_name(TIPC_TOP_SRV, TIPC_TOP_SRV);
	int r;

	fd = SYS(socket(AF_TIPC, SOCK_SEQPACKET, 0));
	if (fd < 0)
		return fd;
	r = tu_connect(fd, &sa, sizeof(sa));
	if (r < 0)
		close(fd);
	return r;
}

static void u_connect(int r)
{
	if (r >= 0) {
		ts_fence(fd);
		close(fd);
	}
}

/* rows 4.1 */
TEST_LIMIT(connect, 120)
{
	prepare();
	inject("connect", c_connect, u_connect, 0);
}

static void new_net(void)
{
	ASSERT_EQ(SYS(unshare(CLONE_NEWNET)), 0);
}

/* rows 4.1 */
TEST_LIMIT(connect_first, 120)
{
	prepare();
	before = new_net;	/* the server has no room at all yet */
	inject("connect in a new namespace", c_connect, u_connect, 0);
}

static int c_subscribe(void)
{
	return SYS(send(fd, &s, REQ, 0));
}

static void u_subscribe(int r)
{
	if (r >= 0) {
		ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(b), s);
		ts_cancel(fd, s);
	}
	ts_fence(fd);
}

/* rows 4.3, 4.10 */
TEST_LIMIT(subscribe, 120)
{
	prepare();
	b = tu_bound(T, 1);
	fd = ts_connect(SOCK_SEQPACKET);
	s = ts_req(T, 0, ALL, FOREVER, PORTS, "fault");
	inject("subscribe", c_subscribe, u_subscribe, REQ);
}

static int c_bind(void)
{
	return tu_bind(b, T, 3, 9, 0);
}

/* the event, or the end and a new beginning */
static void told(int what)
{
	struct tipc_event e;
	int r = ts_next(fd, &e, WAIT_MS);

	if (!r && faulted) {
		close(fd);
		fd = ts_connect(SOCK_SEQPACKET);
		s = ts_sub(fd, T, 0, ALL, PORTS | NO_STATUS, "fault");
	} else {
		EXPECT_EQ(r, EVT);
		EXPECT_EQ(e.event, what);
		EXPECT_EQ(e.found_lower, 3);
	}
	ts_fence(fd);
}

static void u_bind(int r)
{
	if (r >= 0) {
		told(TIPC_PUBLISHED);
		faulted = 0;
		ASSERT_EQ(tu_bind(b, T, 3, 9, -1), 0);
		told(TIPC_WITHDRAWN);
	}
	ts_fence(fd);
}

static void subscribed(void)
{
	prepare();
	b = tu_socket(SOCK_RDM);
	fd = ts_connect(SOCK_SEQPACKET);
	s = ts_sub(fd, T, 0, ALL, PORTS | NO_STATUS, "fault");
	ts_fence(fd);
}

/* rows 4.5 */
TEST_LIMIT(bind, 120)
{
	subscribed();
	inject("bind", c_bind, u_bind, 0);
}

static int c_unbind(void)
{
	return tu_bind(b, T, 3, 9, -1);
}

static void u_unbind(int r)
{
	EXPECT_EQ(r, 0);
	told(TIPC_WITHDRAWN);
	faulted = 0;
	ASSERT_EQ(tu_bind(b, T, 3, 9, 0), 0);
	told(TIPC_PUBLISHED);
}

/* rows 4.5 */
TEST_LIMIT(unbind, 120)
{
	subscribed();
	ASSERT_EQ(tu_bind(b, T, 3, 9, 0), 0);
	told(TIPC_PUBLISHED);
	inject("unbind", c_unbind, u_unbind, 0);
}

TEST_MAIN("the topology server loses nothing when memory is refused")
