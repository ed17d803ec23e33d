// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <fcntl.h>

#define T tu_type(0)
#define MAX_MSG 66000

static char big[MAX_MSG + 1], back[MAX_MSG + 1];

static int bound(uint32_t lower, uint32_t upper)
{
	int fd = tu_socket(SOCK_RDM);

	ASSERT_EQ(tu_bind(fd, T, lower, upper, 0), 0);
	return fd;
}

static int mcast(int fd, const void *buf, size_t len, uint32_t lower, uint32_t upper)
{
	struct sockaddr_tipc to = tu_range(T, lower, upper, 0);

	return tu_sendto(fd, buf, len, &to, sizeof(to));
}

static int count(int fd)
{
	char b[8];
	int n = 0;

	while (tu_recv(fd, b, sizeof(b), MSG_DONTWAIT) >= 0)
		n++;
	return n;
}

/* receives with ancillary data: bytes, or -errno; the data of one kind in *out, -1 if none */
static int recv_told(int fd, int kind, void *out, size_t size, int *got)
{
	char control[2048];
	struct iovec v = { back, sizeof(back) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int r = SYS(recvmsg(fd, &m, MSG_DONTWAIT));

	*got = -1;
	if (r < 0)
		return r;
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_TIPC && c->cmsg_type == kind) {
			*got = c->cmsg_len - CMSG_LEN(0);
			memcpy(out, CMSG_DATA(c), *got < (int)size ? *got : (int)size);
		}
	return r;
}

/* rows 2.8 */
TEST(every_socket_once)
{
	int a = bound(1, 5), b = bound(3, 3), c = bound(5, 9), d = bound(10, 10);
	int tx = tu_socket(SOCK_RDM);

	EXPECT_EQ(mcast(tx, "x", 1, 3, 6), 1);
	EXPECT_EQ(count(a), 1);
	EXPECT_EQ(count(b), 1);
	EXPECT_EQ(count(c), 1);
	EXPECT_EQ(count(d), 0);
	/* the ends belong to the range, those of the binding and those of the message */
	EXPECT_EQ(mcast(tx, "x", 1, 9, 10), 1);
	EXPECT_EQ(count(a), 0);
	EXPECT_EQ(count(c), 1);
	EXPECT_EQ(count(d), 1);
	EXPECT_EQ(mcast(tx, "x", 1, 0, 0xffffffff), 1);
	EXPECT_EQ(count(a) + count(b) + count(c) + count(d), 4);
}

/* rows 2.8 */
TEST(one_copy_whatever_is_bound)
{
	int a = bound(1, 5), b = bound(2, 2), tx = tu_socket(SOCK_RDM), i;

	for (i = 0; i < 20; i++)
		ASSERT_EQ(tu_bind(a, T, i, i + 3, i & 1 ? TIPC_NODE_SCOPE : TIPC_CLUSTER_SCOPE), 0);
	ASSERT_EQ(tu_bind(a, T, 1, 5, 0), 0);
	EXPECT_EQ(mcast(tx, "x", 1, 0, 100), 1);
	EXPECT_EQ(count(a), 1);
	EXPECT_EQ(count(b), 1);
	/* and again: nothing is remembered of the first */
	EXPECT_EQ(mcast(tx, "x", 1, 2, 2), 1);
	EXPECT_EQ(mcast(tx, "x", 1, 2, 2), 1);
	EXPECT_EQ(count(a), 2);
	EXPECT_EQ(count(b), 2);
}

/* rows 2.8 */
TEST(other_types_not)
{
	int a = tu_bound(tu_type(1), 1), b = tu_bound(tu_type(2), 1), c = bound(1, 1);
	int tx = tu_socket(SOCK_RDM);

	EXPECT_EQ(mcast(tx, "x", 1, 0, 0xffffffff), 1);
	EXPECT_EQ(count(a), 0);
	EXPECT_EQ(count(b), 0);
	EXPECT_EQ(count(c), 1);
}

/* rows 2.10 */
TEST(nobody)
{
	int a = bound(5, 9), tx = tu_socket(SOCK_RDM);

	EXPECT_EQ(mcast(tx, "x", 1, 0, 4), -EHOSTUNREACH);
	EXPECT_EQ(mcast(tx, "x", 1, 10, 0xffffffff), -EHOSTUNREACH);
	EXPECT_EQ(mcast(tx, "", 0, 1, 1), -EHOSTUNREACH);
	EXPECT_EQ(mcast(tx, "x", 1, 4, 5), 1);
	close(a);
	EXPECT_EQ(mcast(tx, "x", 1, 4, 5), -EHOSTUNREACH);
}

/* rows 2.11 */
TEST(own_copy)
{
	int a = bound(1, 5), b = bound(5, 5);
	struct sockaddr_tipc src;
	char c[4];

	EXPECT_EQ(mcast(a, "me", 2, 5, 5), 2);
	EXPECT_EQ(tu_recvfrom(a, c, 4, MSG_DONTWAIT, &src), 2);
	EXPECT_EQ(src.addr.id.ref, tu_self(a).addr.id.ref);
	EXPECT_EQ(count(b), 1);
	close(b);
	/* alone, it is still somebody */
	EXPECT_EQ(mcast(a, "me", 2, 5, 5), 2);
	EXPECT_EQ(count(a), 1);
}

/* rows 2.9 */
TEST(both_scopes)
{
	int a = tu_socket(SOCK_RDM), b = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM);

	ASSERT_EQ(tu_bind(a, T, 1, 1, TIPC_NODE_SCOPE), 0);
	ASSERT_EQ(tu_bind(b, T, 1, 1, TIPC_CLUSTER_SCOPE), 0);
	EXPECT_EQ(mcast(tx, "x", 1, 1, 1), 1);
	EXPECT_EQ(count(a), 1);
	EXPECT_EQ(count(b), 1);
	close(b);
	EXPECT_EQ(mcast(tx, "x", 1, 1, 1), 1);
	EXPECT_EQ(count(a), 1);
}

/* rows 2.8, 1.6.7 */
TEST(source)
{
	int a = bound(1, 1), b = bound(1, 1), tx = tu_socket(SOCK_RDM), fd[2] = { a, b }, i;
	struct sockaddr_tipc src;
	char c[8];

	EXPECT_EQ(mcast(tx, "ask", 3, 1, 1), 3);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(tu_recvfrom(fd[i], c, 8, MSG_DONTWAIT, &src), 3);
		EXPECT_EQ(src.addrtype, TIPC_SOCKET_ADDR);
		EXPECT_EQ(src.addr.id.ref, tu_self(tx).addr.id.ref);
		EXPECT_EQ(tu_sendto(fd[i], "answer", 6, &src, sizeof(src)), 6);
	}
	EXPECT_EQ(count(tx), 2);
}

/* rows 1.11.3 */
TEST(destname)
{
	int a = bound(1, 100), tx = tu_socket(SOCK_RDM), got;
	uint32_t name[3] = { 0 };

	EXPECT_EQ(mcast(tx, "x", 1, 50, 200), 1);
	EXPECT_EQ(recv_told(a, TIPC_DESTNAME, name, sizeof(name), &got), 1);
	/* what was sent to, not what is bound */
	EXPECT_EQ(got, 12);
	EXPECT_EQ(name[0], T);
	EXPECT_EQ(name[1], 50);
	EXPECT_EQ(name[2], 200);
}

/* rows 1.4.2, 2.8 */
TEST(default_destination)
{
	int a = bound(1, 1), b = bound(2, 2), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_range(T, 1, 2, 0);

	ASSERT_EQ(tu_connect(tx, &to, sizeof(to)), 0);
	EXPECT_EQ(SYS(send(tx, "x", 1, 0)), 1);
	EXPECT_EQ(SYS(write(tx, "y", 1)), 1);
	EXPECT_EQ(count(a), 2);
	EXPECT_EQ(count(b), 2);
	/* an address given goes before it */
	EXPECT_EQ(mcast(tx, "z", 1, 2, 2), 1);
	EXPECT_EQ(count(a), 0);
	EXPECT_EQ(count(b), 1);
	close(a);
	close(b);
	EXPECT_EQ(SYS(send(tx, "x", 1, 0)), -EHOSTUNREACH);
}

static void from_connection_socket(int type)
{
	int a = bound(1, 1), b = bound(2, 2), tx = tu_socket(type), ls = tu_socket(type), peer;
	struct sockaddr_tipc src, to = tu_name(tu_type(1), 1);
	char c[8];
	int i;

	for (i = 0; i < 3; i++)
		EXPECT_EQ(mcast(tx, "hey", 3, 1, 2), 3);
	EXPECT_EQ(tu_recvfrom(a, c, 8, MSG_DONTWAIT, &src), 3);
	EXPECT_EQ(src.addr.id.ref, tu_self(tx).addr.id.ref);
	EXPECT_EQ(count(a), 2);
	EXPECT_EQ(count(b), 3);
	EXPECT_EQ(mcast(tx, "hey", 3, 3, 4), -EHOSTUNREACH);
	/* still a new socket: it takes no answer, and can connect */
	EXPECT_EQ(tu_recv(tx, c, 8, MSG_DONTWAIT), -ENOTCONN);
	ASSERT_EQ(tu_bind(ls, tu_type(1), 1, 1, 0), 0);
	ASSERT_EQ(SYS(listen(ls, 1)), 0);
	fcntl(tx, F_SETFL, O_NONBLOCK);
	EXPECT_EQ(tu_connect(tx, &to, sizeof(to)), -EINPROGRESS);
	/* but not both at once */
	EXPECT_EQ(mcast(tx, "hey", 3, 1, 2), -ENOTCONN);
	peer = SYS(accept(ls, NULL, NULL));
	ASSERT_GE(peer, 0);
	/* on a connection the address is nothing: it goes to the peer */
	EXPECT_EQ(mcast(tx, "hey", 3, 1, 2), 3);
	EXPECT_EQ(tu_recv(peer, c, 8, MSG_DONTWAIT), 3);
	EXPECT_EQ(count(a) + count(b), 0);
}

/* rows 1.5.9, 1.4.13, 1.5.3 */
TEST(from_stream) { from_connection_socket(SOCK_STREAM); }
/* rows 1.5.9, 1.4.13, 1.5.3 */
TEST(from_seqpacket) { from_connection_socket(SOCK_SEQPACKET); }

/* rows 1.5.9, 1.4.3 */
TEST(from_bound_or_listening)
{
	int a = bound(1, 1), tx = tu_socket(SOCK_SEQPACKET), ls = tu_socket(SOCK_STREAM);

	ASSERT_EQ(tu_bind(tx, tu_type(1), 1, 1, 0), 0);
	EXPECT_EQ(mcast(tx, "x", 1, 1, 1), -EOPNOTSUPP);
	ASSERT_EQ(SYS(listen(ls, 1)), 0);
	EXPECT_EQ(mcast(ls, "x", 1, 1, 1), -ENOTCONN);
	EXPECT_EQ(count(a), 0);
}

/* rows 1.3.3, 2.8 */
TEST(to_connection_sockets)
{
	int ls = tu_socket(SOCK_SEQPACKET), idle = tu_socket(SOCK_STREAM), a = bound(1, 1), i;
	int tx[2] = { tu_socket(SOCK_RDM), tu_socket(SOCK_STREAM) };

	ASSERT_EQ(tu_bind(ls, T, 1, 1, 0), 0);
	ASSERT_EQ(tu_bind(idle, T, 1, 1, 0), 0);
	ASSERT_EQ(SYS(listen(ls, 1)), 0);
	fcntl(ls, F_SETFL, O_NONBLOCK);
	for (i = 0; i < 2; i++) {
		/* counted as receivers, but they take none: not even as a request */
		EXPECT_EQ(mcast(tx[i], "x", 1, 1, 1), 1);
		EXPECT_EQ(SYS(accept(ls, NULL, NULL)), -EAGAIN);
		EXPECT_EQ(tu_poll(ls, POLLIN, 0), 0);
		EXPECT_EQ(tu_poll(idle, POLLIN, 0), 0);
		EXPECT_EQ(count(a), 1);
	}
	close(a);
	EXPECT_EQ(mcast(tx[0], "x", 1, 1, 1), 1);
}

/* rows 1.5.4 */
TEST(zero_length)
{
	int a = bound(1, 1), tx = tu_socket(SOCK_RDM);

	EXPECT_EQ(mcast(tx, "", 0, 1, 1), 0);
	EXPECT_TRUE(tu_empty(a));
}

/* rows 1.5.1, 1.5.2, 1.5.10 */
TEST(bad)
{
	int a = bound(1, 1), tx = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_range(T, 1, 1, 0);
	char *edge = tu_edge(0);

	EXPECT_EQ(mcast(tx, big, MAX_MSG + 1, 1, 1), -EMSGSIZE);
	EXPECT_EQ(mcast(tx, "x", 1, 2, 1), -EINVAL);
	EXPECT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to) - 1), -EINVAL);
	EXPECT_EQ(tu_sendto(tx, edge, 1, &to, sizeof(to)), -EFAULT);
	EXPECT_EQ(tu_sendto(tx, edge - 1, 5000, &to, sizeof(to)), -EFAULT);
	EXPECT_EQ(count(a), 0);
	/* whether anybody is there is asked first */
	close(a);
	EXPECT_EQ(tu_sendto(tx, edge, 1, &to, sizeof(to)), -EHOSTUNREACH);
	EXPECT_EQ(mcast(tx, big, MAX_MSG + 1, 1, 1), -EMSGSIZE);
}

/* rows 2.8, 1.5.1, 7.16 */
TEST(every_size)
{
	static const int sizes[] = { 1, 1000, 3028, 3029, 4096, 16384, 65536, MAX_MSG };
	int fd[8], tx = tu_socket(SOCK_RDM), i, k;
	unsigned int s;

	for (i = 0; i < 8; i++)
		fd[i] = bound(i, i);
	for (i = 0; i < MAX_MSG; i++)
		big[i] = i * 7 + i / 251;
	for (s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		ASSERT_EQ(mcast(tx, big, sizes[s], 0, 7), sizes[s]);
		/* what one reader does with its copy is nothing to the others */
		for (i = 0; i < 8; i++) {
			for (k = 0; k < sizes[s]; k++)
				back[k] = 0;
			ASSERT_EQ(tu_recv(fd[i], back, sizeof(back), MSG_DONTWAIT), sizes[s]);
			ASSERT_EQ(memcmp(back, big, sizes[s]), 0);
		}
	}
	for (i = 0; i < 8; i++)
		EXPECT_TRUE(tu_empty(fd[i]));
}

/* rows 2.8, 1.6.4, 1.6.5 */
TEST(copies_are_read_alone)
{
	int a = bound(1, 1), b = bound(1, 1), tx = tu_socket(SOCK_RDM);
	char c[8];

	EXPECT_EQ(mcast(tx, "abcdef", 6, 1, 1), 6);
	EXPECT_EQ(tu_recv(a, c, 2, MSG_DONTWAIT | MSG_EOR), 2);
	EXPECT_EQ(tu_recv(b, c, 8, MSG_DONTWAIT | MSG_PEEK), 6);
	EXPECT_EQ(tu_recv(a, c, 8, MSG_DONTWAIT | MSG_EOR), 4);
	EXPECT_EQ(memcmp(c, "cdef", 4), 0);
	EXPECT_EQ(tu_recv(b, c, 8, MSG_DONTWAIT), 6);
	EXPECT_EQ(memcmp(c, "abcdef", 6), 0);
}

/* rows 1.12.4, 2.8 */
TEST(one_is_full)
{
	int full = bound(1, 1), a = bound(1, 1), tx = tu_socket(SOCK_RDM), i;

	for (i = 0; i < 3000; i++)
		ASSERT_EQ(tu_sendto(tx, big, 1000, &(struct sockaddr_tipc[]){ tu_self(full) }, 16), 1000);
	i = tu_get(full, TIPC_SOCK_RECVQ_DEPTH);
	EXPECT_EQ(i, 910);
	for (i = 0; i < 10; i++)
		EXPECT_EQ(mcast(tx, big, 1000, 1, 1), 1000);
	EXPECT_EQ(count(a), 10);
	EXPECT_EQ(count(full), 910);
}

/* rows 1.12.4, 1.14.2, 1.11.1, 1.11.2, 1.11.3 */
TEST(full_one_is_told)
{
	int full = bound(1, 1), a = bound(1, 1), tx = tu_socket(SOCK_RDM), got, i;
	uint32_t err[2] = { 0 }, name[3] = { 0 };
	struct sockaddr_tipc to = tu_self(full);

	for (i = 0; i < 920; i++)
		ASSERT_EQ(tu_sendto(tx, big, 1000, &to, sizeof(to)), 1000);
	ASSERT_EQ(tu_set(tx, TIPC_DEST_DROPPABLE, 0), 0);
	EXPECT_EQ(mcast(tx, "lost", 4, 1, 2), 4);
	EXPECT_EQ(count(a), 1);
	/* one copy comes back, from the one that was full */
	EXPECT_EQ(tu_recvfrom(tx, back, 8, MSG_DONTWAIT | MSG_PEEK, &to), 0);
	EXPECT_EQ(to.addr.id.ref, tu_self(full).addr.id.ref);
	EXPECT_EQ(recv_told(tx, TIPC_ERRINFO, err, sizeof(err), &got), 0);
	EXPECT_EQ(got, 8);
	EXPECT_EQ(err[0], 4);	/* TIPC_ERR_OVERLOAD */
	EXPECT_EQ(err[1], 4);
	EXPECT_TRUE(tu_empty(tx));
	EXPECT_EQ(mcast(tx, "lost", 4, 1, 2), 4);
	EXPECT_EQ(recv_told(tx, TIPC_RETDATA, big, 8, &got), 0);
	EXPECT_EQ(got, 4);
	EXPECT_EQ(memcmp(big, "lost", 4), 0);
	EXPECT_EQ(mcast(tx, "lost", 4, 1, 2), 4);
	EXPECT_EQ(recv_told(tx, TIPC_DESTNAME, name, sizeof(name), &got), 0);
	EXPECT_EQ(got, 12);
	EXPECT_EQ(name[0], T);
	EXPECT_EQ(name[1], 1);
	EXPECT_EQ(name[2], 2);
}

/* rows 1.8.6, 1.14.2, 1.11.1 */
TEST(closed_unread)
{
	int a = bound(1, 1), b = bound(1, 1), tx = tu_socket(SOCK_RDM), got;
	uint32_t err[2] = { 0 };

	ASSERT_EQ(tu_set(tx, TIPC_DEST_DROPPABLE, 0), 0);
	EXPECT_EQ(mcast(tx, big, 5000, 1, 1), 5000);
	close(a);
	EXPECT_EQ(recv_told(tx, TIPC_ERRINFO, err, sizeof(err), &got), 0);
	EXPECT_EQ(got, 8);
	EXPECT_EQ(err[0], 2);	/* TIPC_ERR_NO_PORT */
	EXPECT_EQ(err[1], 1024);
	EXPECT_TRUE(tu_empty(tx));
	EXPECT_EQ(tu_recv(b, back, sizeof(back), MSG_DONTWAIT), 5000);
	EXPECT_EQ(memcmp(back, big, 5000), 0);
}

/* rows 2.8, 1.12.3 */
TEST(importance)
{
	int a = bound(1, 1), tx = tu_socket(SOCK_RDM), i;

	/* full for messages of low importance, not for others */
	for (i = 0; i < 920; i++)
		ASSERT_EQ(mcast(tx, big, 1000, 1, 1), 1000);
	EXPECT_EQ(tu_get(a, TIPC_SOCK_RECVQ_DEPTH), 910);
	ASSERT_EQ(tu_set(tx, TIPC_IMPORTANCE, TIPC_HIGH_IMPORTANCE), 0);
	EXPECT_EQ(mcast(tx, big, 1000, 1, 1), 1000);
	EXPECT_EQ(tu_get(a, TIPC_SOCK_RECVQ_DEPTH), 911);
}

/* rows 2.8 */
TEST(hundreds)
{
	int fd[400], tx = tu_socket(SOCK_RDM), i, k;

	for (i = 0; i < 400; i++) {
		fd[i] = tu_socket(SOCK_RDM);
		ASSERT_EQ(tu_bind(fd[i], T, i, i + 2, 0), 0);
		ASSERT_EQ(tu_bind(fd[i], T, 1000 - i, 1000 - i, 0), 0);
	}
	for (k = 0; k < 3; k++) {
		ASSERT_EQ(mcast(tx, "x", 1, 0, 1000), 1);
		for (i = 0; i < 400; i++)
			ASSERT_EQ(count(fd[i]), 1);
	}
	/* as many as are few, and one more */
	for (k = 14; k < 20; k++) {
		ASSERT_EQ(mcast(tx, "x", 1, 0, k - 1), 1);
		for (i = 0; i < 400; i++)
			ASSERT_EQ(count(fd[i]), i < k);
	}
}

/* rows 2.8 */
TEST(order)
{
	int a = bound(1, 1), b = bound(1, 1), tx = tu_socket(SOCK_RDM), i, v;
	struct sockaddr_tipc to = tu_self(a);

	for (i = 0; i < 300; i++)
		if (i % 3)
			ASSERT_EQ(mcast(tx, &i, 4, 1, 1), 4);
		else
			ASSERT_EQ(tu_sendto(tx, &i, 4, &to, sizeof(to)), 4);
	for (i = 0; i < 300; i++) {
		ASSERT_EQ(tu_recv(a, &v, 4, MSG_DONTWAIT), 4);
		ASSERT_EQ(v, i);
		if (i % 3) {
			ASSERT_EQ(tu_recv(b, &v, 4, MSG_DONTWAIT), 4);
			ASSERT_EQ(v, i);
		}
	}
	EXPECT_TRUE(tu_empty(a));
	EXPECT_TRUE(tu_empty(b));
}

/* rows 2.8 */
TEST(random_ranges)
{
	/* against plain lists: who has bound any of it? */
	struct { uint32_t lo, up; int fd; } r[60];
	int fd[6], tx = tu_socket(SOCK_RDM), n = 0, i, k, f;
	unsigned int seed = 4711;

	for (i = 0; i < 6; i++)
		fd[i] = tu_socket(SOCK_RDM);
	for (i = 0; i < 800; i++) {
		uint32_t lo = rand_r(&seed) % 300, up = lo + rand_r(&seed) % 20;
		int want[6] = { 0 }, any = 0;

		if (n < 60 && (rand_r(&seed) & 1)) {
			r[n].lo = lo;
			r[n].up = up;
			r[n].fd = rand_r(&seed) % 6;
			/* unbind cannot tell apart equal lower bounds (1.2.7) */
			for (k = 0; k < n && r[k].lo != lo; k++)
				;
			if (k < n)
				continue;
			ASSERT_EQ(tu_bind(fd[r[n].fd], T, lo, up, 0), 0);
			n++;
		} else if (n) {
			k = rand_r(&seed) % n;
			ASSERT_EQ(tu_bind(fd[r[k].fd], T, r[k].lo, r[k].up, -2), 0);
			r[k] = r[--n];
		}
		for (k = 0; k < n; k++)
			if (r[k].lo <= up && lo <= r[k].up)
				any = want[r[k].fd] = 1;
		ASSERT_EQ(mcast(tx, "x", 1, lo, up), any ? 1 : -EHOSTUNREACH);
		for (f = 0; f < 6; f++)
			ASSERT_EQ(count(fd[f]), want[f]);
	}
}

/* rows 2.8 */
TEST_LIMIT(while_they_come_and_go, 120)
{
	struct sockaddr_tipc to = tu_range(T, 0, 20, 0);
	int a = bound(0, 0), tx = tu_socket(SOCK_RDM), sent = 0, n = 0, v, i;
	pid_t pid[3];

	for (i = 0; i < 3; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			int k, fd;

			for (k = 0; k < 300; k++) {
				fd = bound(k % 20, k % 20 + 1);
				tu_bind(fd, T, 0, 20, 0);
				while (tu_recv(fd, &v, 4, MSG_DONTWAIT) == 4)
					;
				close(fd);
			}
			ktap_exit();
		}
	}
	/* whoever stays all the time gets each one, in order */
	for (;;) {
		ASSERT_EQ(tu_sendto(tx, &sent, 4, &to, sizeof(to)), 4);
		sent++;
		while (tu_recv(a, &v, 4, MSG_DONTWAIT) == 4)
			ASSERT_EQ(v, n++);
		if (sent % 50 == 0 && pid[0] && waitpid(pid[0], &v, WNOHANG) == pid[0]) {
			EXPECT_EQ(v, 0);
			break;
		}
	}
	for (i = 1; i < 3; i++)
		EXPECT_EQ(tu_wait(pid[i]), 0);
	EXPECT_EQ(n, sent);
}

TEST_MAIN("a message to a range reaches every socket that has bound any of it, once")
