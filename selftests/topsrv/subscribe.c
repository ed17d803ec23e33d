// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "topsrv.h"

#define T tu_type(0)

/* rows 4.1, 4.20, 4.5 */
TEST(endpoint)
{
	static const int types[] = { SOCK_SEQPACKET, SOCK_STREAM };
	struct sockaddr_tipc sa;
	struct tipc_event e;
	struct tipc_subscr s;
	socklen_t len;
	int i, fd;

	for (i = 0; i < 2; i++) {
		fd = ts_connect(types[i]);
		len = sizeof(sa);
		ASSERT_EQ(SYS(getpeername(fd, (void *)&sa, &len)), 0);
		EXPECT_EQ(sa.addrtype, TIPC_SOCKET_ADDR);
		EXPECT_NE(sa.addr.id.ref, 0);
		s = ts_sub(fd, TIPC_TOP_SRV, 0, ALL, PORTS, "endpoint");
		e = ts_expect(fd, TIPC_PUBLISHED, 1, 1, -1, s);
		/* the listener is bound, not who talks to us */
		EXPECT_NE(e.port.ref, 0);
		EXPECT_NE(e.port.ref, sa.addr.id.ref);
		EXPECT_EQ(e.port.node, tu_self(fd).addr.id.node);
		ts_fence(fd);
		close(fd);
		/* and can be reached by its address too */
		fd = tu_socket(types[i]);
		sa = tu_id(e.port.ref, e.port.node);
		EXPECT_EQ(tu_connect(fd, &sa, sizeof(sa)), 0);
		s = ts_sub(fd, TIPC_TOP_SRV, 1, 1, PORTS, "id");
		ts_expect(fd, TIPC_PUBLISHED, 1, 1, e.port.ref, s);
		close(fd);
	}
}

/* rows 4.1 */
TEST(datagram_to_it)
{
	struct tipc_subscr s = ts_req(T, 0, ALL, FOREVER, PORTS, "rdm");
	int rdm = tu_socket(SOCK_RDM), fd = ts_connect(SOCK_SEQPACKET), b;

	EXPECT_EQ(tu_send_name(rdm, &s, REQ, TIPC_TOP_SRV, TIPC_TOP_SRV), REQ);
	b = tu_bound(T, 1);
	ts_fence(fd);
	EXPECT_TRUE(tu_empty(rdm));
	EXPECT_TRUE(tu_empty(fd));
	close(b);
}

/* rows 4.1, 1.14.1 */
TEST(datagram_comes_back)
{
	struct tipc_subscr s = ts_req(T, 0, ALL, FOREVER, PORTS, "rdm");
	int rdm = tu_socket(SOCK_RDM);
	char b[64];

	ASSERT_EQ(tu_set(rdm, TIPC_DEST_DROPPABLE, 0), 0);
	EXPECT_EQ(tu_send_name(rdm, &s, REQ, TIPC_TOP_SRV, TIPC_TOP_SRV), REQ);
	EXPECT_EQ(tu_poll(rdm, POLLIN, WAIT_MS), POLLIN);
	EXPECT_EQ(tu_recv(rdm, b, sizeof(b), MSG_DONTWAIT), 0);
}

/* rows 4.4 */
TEST(in_the_connect_message)
{
	static const int types[] = { SOCK_SEQPACKET, SOCK_STREAM };
	int i, fd, a = tu_bound(T, 3), b;
	struct sockaddr_tipc sa = tu_name(TIPC_TOP_SRV, TIPC_TOP_SRV);
	struct tipc_subscr s = ts_req(T, 0, ALL, FOREVER, PORTS, "syn+");

	for (i = 0; i < 2; i++) {
		fd = tu_socket(types[i]);
		ASSERT_EQ(tu_sendto(fd, &s, REQ, &sa, sizeof(sa)), REQ);
		ts_expect(fd, TIPC_PUBLISHED, 3, 3, ts_port(a), s);
		b = tu_bound(T, 4);
		ts_expect(fd, TIPC_PUBLISHED, 4, 4, ts_port(b), s);
		close(b);
		ts_expect(fd, TIPC_WITHDRAWN, 4, 4, -1, s);
		ts_fence(fd);
		close(fd);
	}
}

/* rows 4.5, 4.8 */
TEST(up_and_down)
{
	int fd = ts_connect(SOCK_SEQPACKET), b = tu_socket(SOCK_RDM);
	struct tipc_subscr s = ts_sub(fd, T, 10, 20, PORTS, "\1\2\3\4\5\6\7\xff");
	struct tipc_event e;

	ts_fence(fd);
	ASSERT_EQ(tu_bind(b, T, 12, 14, TIPC_CLUSTER_SCOPE), 0);
	e = ts_expect(fd, TIPC_PUBLISHED, 12, 14, ts_port(b), s);
	EXPECT_EQ(e.port.node, tu_self(b).addr.id.node);
	ASSERT_EQ(tu_bind(b, T, 12, 14, -TIPC_CLUSTER_SCOPE), 0);
	ts_expect(fd, TIPC_WITHDRAWN, 12, 14, ts_port(b), s);
	ts_fence(fd);
}

/* rows 4.8 */
TEST(ports_each)
{
	int fd = ts_connect(SOCK_SEQPACKET), i, b[3];
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, PORTS, "");
	uint32_t port[3];

	for (i = 0; i < 3; i++) {
		b[i] = tu_bound(T, 5);
		port[i] = ts_port(b[i]);
		ts_expect(fd, TIPC_PUBLISHED, 5, 5, port[i], s);
	}
	/* the same name twice by one socket */
	ASSERT_EQ(tu_bind(b[0], T, 5, 5, TIPC_CLUSTER_SCOPE), 0);
	ts_expect(fd, TIPC_PUBLISHED, 5, 5, port[0], s);
	ASSERT_EQ(tu_bind(b[0], T, 5, 5, -TIPC_CLUSTER_SCOPE), 0);
	ts_expect(fd, TIPC_WITHDRAWN, 5, 5, port[0], s);
	for (i = 0; i < 3; i++) {
		close(b[i]);
		ts_expect(fd, TIPC_WITHDRAWN, 5, 5, port[i], s);
	}
	ts_fence(fd);
}

/* rows 4.8 */
TEST(service_first_and_last)
{
	int fd = ts_connect(SOCK_SEQPACKET), i, b[3];
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, SERVICE, "");
	uint32_t first, last;

	for (i = 0; i < 3; i++)
		b[i] = tu_bound(T, 5);
	first = ts_port(b[0]);
	last = ts_port(b[1]);
	ts_expect(fd, TIPC_PUBLISHED, 5, 5, first, s);
	close(b[0]);
	close(b[2]);
	ts_fence(fd);
	close(b[1]);
	ts_expect(fd, TIPC_WITHDRAWN, 5, 5, last, s);
	ts_fence(fd);
}

/* rows 4.8, 17.15 */
TEST(service_by_identical_range)
{
	int fd = ts_connect(SOCK_SEQPACKET), a = tu_socket(SOCK_RDM), b = tu_socket(SOCK_RDM),
	    c = tu_socket(SOCK_RDM), d = tu_socket(SOCK_RDM);
	struct tipc_subscr s = ts_sub(fd, T, 5, 5, SERVICE, "");
	uint32_t port = ts_port(b);

	/* three ranges cover 5, and each is a service of its own */
	ASSERT_EQ(tu_bind(a, T, 1, 5, 0), 0);
	ts_expect(fd, TIPC_PUBLISHED, 1, 5, ts_port(a), s);
	ASSERT_EQ(tu_bind(b, T, 5, 9, 0), 0);
	ts_expect(fd, TIPC_PUBLISHED, 5, 9, ts_port(b), s);
	ASSERT_EQ(tu_bind(c, T, 5, 9, 0), 0);
	ASSERT_EQ(tu_bind(d, T, 4, 5, 0), 0);
	ts_expect(fd, TIPC_PUBLISHED, 4, 5, ts_port(d), s);
	close(c);
	ts_fence(fd);
	close(b);
	ts_expect(fd, TIPC_WITHDRAWN, 5, 9, port, s);
	ts_fence(fd);
}

/* rows 4.8, 4.10 */
TEST(service_same_lower)
{
	static const uint32_t upper[] = { 90, 20, 30, 40, 50, 60, 70 };
	int fd = ts_connect(SOCK_SEQPACKET), i, b[7], again;
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, SERVICE, "lower");

	/* one range is one range, though others begin where it does */
	for (i = 0; i < 7; i++) {
		b[i] = tu_socket(SOCK_RDM);
		ASSERT_EQ(tu_bind(b[i], T, 10, upper[i], 0), 0);
		ts_expect(fd, TIPC_PUBLISHED, 10, upper[i], ts_port(b[i]), s);
	}
	again = tu_socket(SOCK_RDM);
	for (i = 0; i < 7; i++)
		ASSERT_EQ(tu_bind(again, T, 10, upper[i], 0), 0);
	ts_fence(fd);
}

/* rows 4.9 */
TEST(overlap)
{
	static const uint32_t hit[][2] = {
		{ 100, 200 }, { 0, 100 }, { 200, ALL }, { 0, ALL }, { 150, 150 }, { 100, 100 },
		{ 200, 200 }, { 99, 100 }, { 200, 201 }, { 101, 199 },
	};
	static const uint32_t miss[][2] = {
		{ 0, 99 }, { 201, ALL }, { 0, 0 }, { ALL, ALL }, { 99, 99 }, { 201, 201 },
	};
	static const int filter[] = { PORTS, SERVICE };
	unsigned int i, k;

	for (k = 0; k < 2; k++) {
		int fd = ts_connect(SOCK_SEQPACKET), m = tu_socket(SOCK_RDM), b[10];
		struct tipc_subscr s = ts_sub(fd, T, 100, 200, filter[k], "");
		uint32_t port;

		for (i = 0; i < 10; i++) {
			b[i] = tu_socket(SOCK_RDM);
			ASSERT_EQ(tu_bind(b[i], T, hit[i][0], hit[i][1], 0), 0);
			/* the whole of what is bound, not what they have in common */
			ts_expect(fd, TIPC_PUBLISHED, hit[i][0], hit[i][1], ts_port(b[i]), s);
		}
		for (i = 0; i < 6; i++)
			ASSERT_EQ(tu_bind(m, T, miss[i][0], miss[i][1], 0), 0);
		ASSERT_EQ(tu_bind(m, T + 1, 100, 200, 0), 0);
		ts_fence(fd);
		for (i = 0; i < 10; i++) {
			port = ts_port(b[i]);
			close(b[i]);
			ts_expect(fd, TIPC_WITHDRAWN, hit[i][0], hit[i][1], port, s);
		}
		close(m);
		ts_fence(fd);
		close(fd);
	}
}

/* rows 4.9 */
TEST(edges)
{
	int fd = ts_connect(SOCK_SEQPACKET), b = tu_socket(SOCK_RDM);
	struct tipc_subscr lo = ts_sub(fd, T, 0, 0, PORTS, "lo"),
			   hi = ts_sub(fd, T, ALL, ALL, PORTS, "hi");

	ASSERT_EQ(tu_bind(b, T, 0, 0, 0), 0);
	ts_expect(fd, TIPC_PUBLISHED, 0, 0, ts_port(b), lo);
	ASSERT_EQ(tu_bind(b, T, ALL, ALL, 0), 0);
	ts_expect(fd, TIPC_PUBLISHED, ALL, ALL, ts_port(b), hi);
	ASSERT_EQ(tu_bind(b, T, 1, ALL - 1, 0), 0);
	/* the neighbouring types are others */
	ASSERT_EQ(tu_bind(b, T + 1, 0, 0, 0), 0);
	ASSERT_EQ(tu_bind(b, T - 1, ALL, ALL, 0), 0);
	ts_fence(fd);
}

/* rows 4.10, 3.4 */
TEST(initial_order)
{
	static const uint32_t range[][2] = { { 50, 60 }, { 10, 90 }, { 55, 55 }, { 11, 20 }, { 0, ALL },
					     { 55, 55 }, { 10, 90 } };
	int fd = ts_connect(SOCK_SEQPACKET), i, b[7];
	struct tipc_subscr s;

	for (i = 0; i < 7; i++) {
		b[i] = tu_socket(SOCK_RDM);
		ASSERT_EQ(tu_bind(b[i], T, range[i][0], range[i][1], 0), 0);
	}
	/* oldest first, whatever the ranges */
	s = ts_sub(fd, T, 0, ALL, PORTS, "ports");
	for (i = 0; i < 7; i++)
		ts_expect(fd, TIPC_PUBLISHED, range[i][0], range[i][1], ts_port(b[i]), s);
	ts_fence(fd);
	/* and of identical ranges only the oldest */
	s = ts_sub(fd, T, 0, ALL, SERVICE, "service");
	for (i = 0; i < 5; i++)
		ts_expect(fd, TIPC_PUBLISHED, range[i][0], range[i][1], ts_port(b[i]), s);
	ts_fence(fd);
	/* only what overlaps */
	s = ts_sub(fd, T, 20, 49, PORTS, "some");
	for (i = 0; i < 7; i++)
		if (i == 1 || i == 3 || i == 4 || i == 6)
			ts_expect(fd, TIPC_PUBLISHED, range[i][0], range[i][1], ts_port(b[i]), s);
	ts_fence(fd);
	/* the oldest that is still there */
	close(b[1]);
	ts_expect(fd, TIPC_WITHDRAWN, 10, 90, -1, s);
	ts_expect(fd, TIPC_WITHDRAWN, 10, 90, -1, ts_req(T, 0, ALL, FOREVER, PORTS, "ports"));
	ts_fence(fd);
	s = ts_sub(fd, T, 30, 30, SERVICE, "later");
	ts_expect(fd, TIPC_PUBLISHED, 0, ALL, ts_port(b[4]), s);
	ts_expect(fd, TIPC_PUBLISHED, 10, 90, ts_port(b[6]), s);
	ts_fence(fd);
}

/* rows 4.10 */
TEST(several_of_one_subscriber)
{
	int fd = ts_connect(SOCK_SEQPACKET), b = tu_socket(SOCK_RDM);
	struct tipc_subscr s = ts_sub(fd, T, 5, 5, PORTS, "one"),
			   t = ts_sub(fd, T, 0, ALL, PORTS, "two"),
			   u = ts_sub(fd, T, 0, ALL, SERVICE, "three"),
			   v = ts_sub(fd, T, 5, 5, PORTS, "one");

	/* newest subscription first */
	ts_fence(fd);
	ASSERT_EQ(tu_bind(b, T, 5, 5, 0), 0);
	ts_expect(fd, TIPC_PUBLISHED, 5, 5, ts_port(b), v);
	ts_expect(fd, TIPC_PUBLISHED, 5, 5, ts_port(b), u);
	ts_expect(fd, TIPC_PUBLISHED, 5, 5, ts_port(b), t);
	ts_expect(fd, TIPC_PUBLISHED, 5, 5, ts_port(b), s);
	ASSERT_EQ(tu_bind(b, T, 5, 5, -1), 0);
	ts_expect(fd, TIPC_WITHDRAWN, 5, 5, ts_port(b), v);
	ts_expect(fd, TIPC_WITHDRAWN, 5, 5, ts_port(b), u);
	ts_expect(fd, TIPC_WITHDRAWN, 5, 5, ts_port(b), t);
	ts_expect(fd, TIPC_WITHDRAWN, 5, 5, ts_port(b), s);
	ts_fence(fd);
}

/* rows 4.8, 17.17 */
TEST(scope_filters)
{
	int fd = ts_connect(SOCK_SEQPACKET), n = tu_socket(SOCK_RDM), c = tu_socket(SOCK_RDM);
	struct tipc_subscr near, far;

	ASSERT_EQ(tu_bind(n, T, 1, 1, TIPC_NODE_SCOPE), 0);
	ASSERT_EQ(tu_bind(c, T, 2, 2, TIPC_CLUSTER_SCOPE), 0);
	near = ts_sub(fd, T, 0, ALL, PORTS | ONLY_NODE, "near");
	ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(n), near);
	far = ts_sub(fd, T, 0, ALL, PORTS | ONLY_CLUSTER, "far");
	ts_expect(fd, TIPC_PUBLISHED, 2, 2, ts_port(c), far);
	ts_fence(fd);
	ASSERT_EQ(tu_bind(n, T, 3, 3, TIPC_NODE_SCOPE), 0);
	ts_expect(fd, TIPC_PUBLISHED, 3, 3, ts_port(n), near);
	ASSERT_EQ(tu_bind(c, T, 4, 4, TIPC_CLUSTER_SCOPE), 0);
	ts_expect(fd, TIPC_PUBLISHED, 4, 4, ts_port(c), far);
	ASSERT_EQ(tu_bind(n, T, 1, 1, -TIPC_NODE_SCOPE), 0);
	ts_expect(fd, TIPC_WITHDRAWN, 1, 1, ts_port(n), near);
	ASSERT_EQ(tu_bind(c, T, 2, 2, -TIPC_CLUSTER_SCOPE), 0);
	ts_expect(fd, TIPC_WITHDRAWN, 2, 2, ts_port(c), far);
	/* both: nothing fits */
	ts_sub(fd, T, 0, ALL, PORTS | ONLY_NODE | ONLY_CLUSTER, "none");
	ts_fence(fd);
	/* with SERVICE as with PORTS: the first of a range counts, of whatever scope */
	near = ts_sub(fd, T + 1, 0, ALL, SERVICE | ONLY_NODE, "srv");
	ASSERT_EQ(tu_bind(c, T + 1, 1, 1, TIPC_CLUSTER_SCOPE), 0);
	ASSERT_EQ(tu_bind(n, T + 1, 1, 1, TIPC_NODE_SCOPE), 0);
	ts_fence(fd);
	ASSERT_EQ(tu_bind(c, T + 1, 1, 1, -TIPC_CLUSTER_SCOPE), 0);
	ts_fence(fd);
	ASSERT_EQ(tu_bind(n, T + 1, 1, 1, -TIPC_NODE_SCOPE), 0);
	ts_expect(fd, TIPC_WITHDRAWN, 1, 1, ts_port(n), near);
	ts_fence(fd);
}

/* rows 4.8, 17.17 */
TEST(service_scope_initial)
{
	int fd = ts_connect(SOCK_SEQPACKET), n = tu_socket(SOCK_RDM), c = tu_socket(SOCK_RDM);

	/* only the oldest of a range is looked at, and that has the wrong scope */
	ASSERT_EQ(tu_bind(c, T, 1, 1, TIPC_CLUSTER_SCOPE), 0);
	ASSERT_EQ(tu_bind(n, T, 1, 1, TIPC_NODE_SCOPE), 0);
	ts_sub(fd, T, 0, ALL, SERVICE | ONLY_NODE, "srv");
	ts_fence(fd);
}

/* rows 4.8, 17.17 */
TEST(no_status)
{
	int fd = ts_connect(SOCK_SEQPACKET), a = tu_bound(T, 1), b;
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, PORTS | NO_STATUS, "quiet");

	ts_fence(fd);
	b = tu_bound(T, 1);
	ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(b), s);
	close(a);
	ts_expect(fd, TIPC_WITHDRAWN, 1, 1, -1, s);
	ts_fence(fd);
}

/* rows 4.8 */
TEST(other_filter_bits)
{
	int fd = ts_connect(SOCK_SEQPACKET), a = tu_bound(T, 1);
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, PORTS | 0xffffff18, "bits");

	/* bits that mean nothing change nothing, and come back */
	ts_expect(fd, TIPC_PUBLISHED, 1, 1, ts_port(a), s);
	close(a);
	ts_expect(fd, TIPC_WITHDRAWN, 1, 1, -1, s);
}

/* rows 4.5, 1.8.1 */
TEST(bound_socket_dies)
{
	int fd = ts_connect(SOCK_SEQPACKET), p[2], i;
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, PORTS, "");
	uint32_t port;
	pid_t pid;

	ASSERT_EQ(SYS(pipe(p)), 0);
	pid = fork();
	if (!pid) {
		int b = tu_socket(SOCK_SEQPACKET);

		for (i = 1; i <= 100; i++)
			ASSERT_EQ(tu_bind(b, T, i, i, 0), 0);
		port = ts_port(b);
		ASSERT_EQ(write(p[1], &port, 4), 4);
		pause();
	}
	ASSERT_EQ(read(p[0], &port, 4), 4);
	for (i = 1; i <= 100; i++)
		ts_expect(fd, TIPC_PUBLISHED, i, i, port, s);
	kill(pid, SIGKILL);
	EXPECT_EQ(tu_wait(pid), 1000 + SIGKILL);
	/* newest first */
	for (i = 100; i >= 1; i--)
		ts_expect(fd, TIPC_WITHDRAWN, i, i, port, s);
	ts_fence(fd);
}

/* rows 4.5, 1.2.9 */
TEST(unbind_all)
{
	int fd = ts_connect(SOCK_SEQPACKET), b = tu_socket(SOCK_RDM), i;
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, PORTS, "");

	for (i = 1; i <= 3; i++) {
		ASSERT_EQ(tu_bind(b, T, i, i, 0), 0);
		ts_expect(fd, TIPC_PUBLISHED, i, i, ts_port(b), s);
	}
	ASSERT_EQ(tu_bind_raw(b, NULL, 0), 0);
	for (i = 3; i >= 1; i--)
		ts_expect(fd, TIPC_WITHDRAWN, i, i, ts_port(b), s);
	ts_fence(fd);
}

/* rows 4.3 */
TEST(stream_client)
{
	int fd = ts_connect(SOCK_STREAM), b, i;
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, PORTS, "stream");
	struct tipc_event e[4];

	ts_fence(fd);
	for (i = 0; i < 4; i++) {
		b = tu_bound(T, i);
		ts_expect(fd, TIPC_PUBLISHED, i, i, ts_port(b), s);
	}
	for (i = 4; i < 8; i++)
		tu_bound(T, i);
	/* a stream: several events at once */
	EXPECT_EQ(SYS(recv(fd, e, sizeof(e), MSG_WAITALL)), 4 * EVT);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(e[i].found_lower, i + 4);
}

/* rows 4.5 */
TEST(short_buffer)
{
	int fd = ts_connect(SOCK_SEQPACKET), b = tu_bound(T, 1);
	struct tipc_subscr s = ts_sub(fd, T, 0, ALL, PORTS, "short");
	struct tipc_event e = { 0 };
	struct iovec iov = { &e, 20 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	EXPECT_EQ(SYS(recvmsg(fd, &m, 0)), 20);
	EXPECT_EQ(m.msg_flags & MSG_TRUNC, MSG_TRUNC);
	EXPECT_EQ(e.event, TIPC_PUBLISHED);
	EXPECT_EQ(e.port.ref, ts_port(b));
	close(b);
	ts_expect(fd, TIPC_WITHDRAWN, 1, 1, -1, s);
}

/* rows 2.12, 4.18, 4.19 */
TEST(reserved_types)
{
	int fd = ts_connect(SOCK_SEQPACKET);

	/* all can be subscribed to; nobody can bind them */
	ts_sub(fd, 3, 0, ALL, PORTS, "three");
	ts_sub(fd, 63, 0, ALL, SERVICE, "63");
	ts_sub(fd, TIPC_LINK_STATE, 0, ALL, PORTS, "links");
	ts_fence(fd);
}

TEST_MAIN("the topology server reports what is bound and unbound, and in which order")
