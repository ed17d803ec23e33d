// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Debug kernel with CONFIG_FAULT_INJECTION, CONFIG_FAILSLAB only; root.
 * The n-th allocation of a call fails, n = 1, 2, ... until the call makes
 * fewer than n: whatever it answers must be an honest "no memory", and the
 * same call must work right afterwards.
 */
#include "fault.h"
#include <sched.h>

#define T tu_type(0)

static int rx, tx;
static int size;

static int c_socket(void)
{
	return SYS(socket(AF_TIPC, SOCK_RDM, 0));
}

static void u_close(int r)
{
	if (r >= 0)
		close(r);
}

static int c_bind(void)
{
	return tu_bind(rx, T, 3, 9, 0);
}

static void u_bind(int r)
{
	EXPECT_EQ(tu_reach(T, 5), r < 0 ? -EHOSTUNREACH : 0);
	if (r >= 0)
		ASSERT_EQ(tu_bind(rx, T, 3, 9, -2), 0);
	EXPECT_EQ(tu_reach(T, 5), -EHOSTUNREACH);
}

static int c_send(void)
{
	return tu_send_name(tx, buf, size, T, 1);
}

static void u_send(int r)
{
	/* what was said to be sent is there (or was dropped whole) */
	int n = tu_recv(rx, buf, sizeof(buf), MSG_DONTWAIT);

	EXPECT_TRUE(r < 0 ? n == -EAGAIN : n == size || (faulted && n == -EAGAIN));
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_USED), 0);
}

static int c_recv(void)
{
	struct sockaddr_tipc src;

	return tu_recvfrom(rx, buf, sizeof(buf), MSG_DONTWAIT, &src);
}

static void u_recv(int r)
{
	EXPECT_TRUE(r == 60000 || r == -ENOMEM || r == -ENOBUFS);
	tu_recv(rx, buf, 1, MSG_DONTWAIT);
	ASSERT_EQ(tu_send_name(tx, buf, 60000, T, 1), 60000);
}

static int c_opt(void)
{
	return tu_set(rx, TIPC_IMPORTANCE, 1);
}

static int c_poll(void)
{
	return tu_poll(rx, POLLOUT, 0);
}

static int c_unshare(void)
{
	return SYS(unshare(CLONE_NEWNET));
}

static void sockets(void)
{
	prepare();
	rx = tu_bound(T, 1);
	tx = tu_socket(SOCK_RDM);
}

/* rows 1.1.1 */
TEST_LIMIT(socket, 120)
{
	prepare();
	inject("socket", c_socket, u_close, -1);
}

/* rows 1.2.10 */
TEST_LIMIT(bind, 120)
{
	sockets();
	inject("bind", c_bind, u_bind, 0);
	EXPECT_EQ(tu_reach(T, 1), 0);
}

/* rows 1.2.10, 3.3 */
TEST_LIMIT(bind_new_type, 120)
{
	prepare();
	rx = tu_socket(SOCK_RDM);	/* no binding of this type but the one under test */
	inject("bind", c_bind, u_bind, 0);
}

static void new_net(void)
{
	if (rx > 0)
		close(rx);
	ASSERT_EQ(SYS(unshare(CLONE_NEWNET)), 0);
	rx = tu_socket(SOCK_RDM);
}

/* rows 1.2.10, 3.3 */
TEST_LIMIT(bind_first, 240)
{
	prepare();
	before = new_net;	/* the table has no room at all yet */
	inject("bind in a new namespace", c_bind, u_bind, 0);
	before = NULL;
}

/* every allocation of the task fails (a fallback too), until all(0) */
static int all_fd;

static void all(int on)
{
	ASSERT_EQ(SYS(pwrite(all_fd, on ? "1" : "0", 1, 0)), 1);
}

/* rows 1.1.1, 1.2.10, 1.5.10 */
TEST_LIMIT(nothing_left, 120)
{
	int r = 0, fd, n;

	prepare();
	all_fd = open("/proc/thread-self/make-it-fail", O_RDWR);
	ASSERT_GE(all_fd, 0);
	new_net();
	tx = tu_socket(SOCK_RDM);
	ASSERT_GE(knob("failslab", "task-filter", "Y"), 1);
	ASSERT_GE(knob("failslab", "times", "-1"), 1);
	ASSERT_GE(knob("failslab", "probability", "100"), 1);
	all(1);
	fd = c_socket();
	/* the binding of TIPC's own service has made room for some */
	for (n = 0; n < 5000; n++) {
		r = tu_bind(rx, T, 100 + n, 100 + n, 0);
		if (r)
			break;
	}
	if (r == -ENOMEM)
		r = c_bind();
	all(0);
	EXPECT_TRUE(fd < 0 && honest(fd));
	EXPECT_EQ(r, -ENOMEM);
	EXPECT_EQ(tu_reach(T, 5), -EHOSTUNREACH);
	EXPECT_EQ(c_bind(), 0);
	EXPECT_EQ(tu_reach(T, 5), 0);
	all(1);
	r = tu_send_name(tx, buf, 1000, T, 5);
	all(0);
	EXPECT_TRUE(r == -ENOMEM || r == -ENOBUFS);
	all(1);
	r = tu_send_name(tx, buf, 60000, T, 5);
	all(0);
	EXPECT_TRUE(r == -ENOMEM || r == -ENOBUFS);
	EXPECT_EQ(tu_recv(rx, buf, 10, MSG_DONTWAIT), -EAGAIN);
	EXPECT_EQ(tu_send_name(tx, buf, 60000, T, 5), 60000);
	knob("failslab", "probability", "0");
}

static void sending(int len)
{
	sockets();
	size = len;
	inject("sendto", c_send, u_send, len);
}

/* rows 1.5.10 */
TEST_LIMIT(sendto_1, 120)	{ sending(1); }
/* rows 1.5.10 */
TEST_LIMIT(sendto_1000, 120)	{ sending(1000); }
/* rows 1.5.11 */
TEST_LIMIT(sendto_60000, 120)	{ sending(60000); }

static struct sockaddr_tipc gone;

static int c_reject(void)
{
	return tu_sendto(tx, buf, 1000, &gone, sizeof(gone));
}

static void u_reject(int r)
{
	int n = tu_recv(tx, buf, 10, MSG_DONTWAIT);

	/* no memory to return it: dropped */
	EXPECT_TRUE(r < 0 ? n == -EAGAIN : n == 0 || (faulted && n == -EAGAIN));
}

/* rows 1.14.1 */
TEST_LIMIT(sendto_returned, 120)
{
	sockets();
	gone = tu_self(rx);
	close(rx);
	ASSERT_EQ(tu_set(tx, TIPC_DEST_DROPPABLE, 0), 0);
	inject("sendto a closed port", c_reject, u_reject, 1000);
}

/* rows 1.6.7 */
TEST_LIMIT(recvfrom, 120)
{
	sockets();
	ASSERT_EQ(tu_send_name(tx, buf, 60000, T, 1), 60000);
	inject("recvfrom", c_recv, u_recv, 60000);
}

/* rows 1.9.1 */
TEST_LIMIT(setsockopt, 120)
{
	sockets();
	inject("setsockopt", c_opt, NULL, 0);
}

/* rows 1.7.1 */
TEST_LIMIT(poll, 120)
{
	sockets();
	inject("poll", c_poll, NULL, POLLOUT);
}

/* rows 14.9 */
TEST_LIMIT(unshare, 400)
{
	prepare();
	any_error = 1;
	inject("unshare", c_unshare, NULL, 0);
	any_error = 0;
	rx = tu_bound(T, 1);
	EXPECT_EQ(tu_reach(T, 1), 0);
}

TEST_MAIN("when memory runs out, calls say so and nothing else happens")
