// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/net_tstamp.h>
#include <sys/time.h>

#define T tu_type(0)
#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const int type[] = { SOCK_RDM, SOCK_DGRAM, SOCK_STREAM, SOCK_SEQPACKET };

static int set(int fd, int opt, const void *v, socklen_t len)
{
	return SYS(setsockopt(fd, SOL_SOCKET, opt, v, len));
}

static int set_int(int fd, int opt, int v)
{
	return set(fd, opt, &v, sizeof(v));
}

static void timeo(int fd, int opt, int ms)
{
	struct timeval tv = { ms / 1000, (ms % 1000) * 1000 };

	ASSERT_EQ(set(fd, opt, &tv, sizeof(tv)), 0);
}

/* two sockets that know each other */
static void pair(int t, int *fd)
{
	ASSERT_EQ(SYS(socketpair(AF_TIPC, type[t], 0, fd)), 0);
}

/* messages of len bytes that can be sent without waiting */
static int fill(int fd, int len, int most)
{
	static char b[66000];
	int n = 0, r;

	while (n < most && (r = SYS(send(fd, b, len, MSG_DONTWAIT))) == len)
		n++;
	if (n < most)
		EXPECT_EQ(r, -EAGAIN);
	return n;
}

/* rows 1.1.13 */
TEST(receive_timeout)
{
	double begin;
	char b[4];
	int t, fd[2];

	for (t = 0; t < COUNT(type); t++) {
		pair(t, fd);
		timeo(fd[0], SO_RCVTIMEO, 100);
		begin = ktap_tick_now();
		EXPECT_EQ(tu_recv(fd[0], b, 4, 0), -EAGAIN);
		EXPECT_TRUE(ktap_now() - begin > 0.08);
		begin = ktap_now();
		EXPECT_EQ(tu_recv(fd[0], b, 4, MSG_DONTWAIT), -EAGAIN);
		EXPECT_EQ(tu_recv(fd[0], b, 4, MSG_DONTWAIT | MSG_PEEK), -EAGAIN);
		timeo(fd[0], SO_RCVTIMEO, 0);
		ASSERT_EQ(SYS(fcntl(fd[0], F_SETFL, O_NONBLOCK)), 0);
		EXPECT_EQ(tu_recv(fd[0], b, 4, 0), -EAGAIN);
		EXPECT_TRUE(ktap_now() - begin < 5);
	}
}

/* rows 1.1.13, 1.3.4 */
TEST(accept_timeout)
{
	int l, t;
	double begin;

	for (t = 2; t < COUNT(type); t++) {
		l = tu_socket(type[t]);
		ASSERT_EQ(SYS(listen(l, 0)), 0);
		timeo(l, SO_RCVTIMEO, 100);
		begin = ktap_tick_now();
		EXPECT_EQ(SYS(accept(l, NULL, NULL)), -EAGAIN);
		EXPECT_TRUE(ktap_now() - begin > 0.08);
		ASSERT_EQ(SYS(fcntl(l, F_SETFL, O_NONBLOCK)), 0);
		EXPECT_EQ(SYS(accept(l, NULL, NULL)), -EAGAIN);
	}
}

/* rows 1.1.13, 1.12.1 */
TEST(send_timeout)
{
	char b[1000] = { 0 };
	double begin;
	int t, fd[2];

	for (t = 2; t < COUNT(type); t++) {
		pair(t, fd);
		EXPECT_GE(fill(fd[0], 1000, 10000), 10);
		timeo(fd[0], SO_SNDTIMEO, 100);
		begin = ktap_tick_now();
		EXPECT_EQ(SYS(send(fd[0], b, 1000, 0)), -EAGAIN);
		EXPECT_TRUE(ktap_now() - begin > 0.08);
		timeo(fd[0], SO_SNDTIMEO, 0);
		ASSERT_EQ(SYS(fcntl(fd[0], F_SETFL, O_NONBLOCK)), 0);
		EXPECT_EQ(SYS(send(fd[0], b, 1000, 0)), -EAGAIN);
		EXPECT_EQ(tu_poll(fd[0], POLLOUT, 0), 0);
	}
}

/* rows 1.1.13, 1.4.7 */
TEST(connect_timeout)
{
	int l = tu_socket(SOCK_STREAM), c;
	struct sockaddr_tipc to = tu_name(T, 1);
	double begin;

	ASSERT_EQ(tu_bind(l, T, 1, 1, 0), 0);
	ASSERT_EQ(SYS(listen(l, 0)), 0);
	/* SO_SNDTIMEO is not for connect() */
	c = tu_socket(SOCK_STREAM);
	timeo(c, SO_SNDTIMEO, 20000);
	ASSERT_EQ(tu_set(c, TIPC_CONN_TIMEOUT, 100), 0);
	begin = ktap_tick_now();
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -ETIMEDOUT);
	EXPECT_TRUE(ktap_now() - begin > 0.08 && ktap_now() - begin < 10);
	c = tu_socket(SOCK_STREAM);
	timeo(c, SO_SNDTIMEO, 10);
	ASSERT_EQ(tu_set(c, TIPC_CONN_TIMEOUT, 300), 0);
	begin = ktap_tick_now();
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -ETIMEDOUT);
	EXPECT_TRUE(ktap_now() - begin > 0.28);
}

/* rows 1.1.14 */
TEST(send_buffer_ignored)
{
	static char b[66000];
	int t, fd[2];

	for (t = 0; t < COUNT(type); t++) {
		pair(t, fd);
		EXPECT_EQ(set_int(fd[0], SO_SNDBUF, 1), 0);
		EXPECT_EQ(SYS(send(fd[0], b, sizeof(b), MSG_DONTWAIT)), sizeof(b));
		EXPECT_EQ(tu_recv(fd[1], b, sizeof(b), MSG_DONTWAIT), sizeof(b));
	}
}

/* rows 1.1.14 */
TEST(filter_ignored)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = { .len = 1, .filter = &nothing };
	char b[4];
	int t, fd[2];

	for (t = 0; t < COUNT(type); t++) {
		pair(t, fd);
		EXPECT_EQ(set(fd[1], SO_ATTACH_FILTER, &prog, sizeof(prog)), 0);
		EXPECT_EQ(SYS(send(fd[0], "x", 1, 0)), 1);
		EXPECT_EQ(tu_recv(fd[1], b, 4, MSG_DONTWAIT), 1);
		EXPECT_EQ(set_int(fd[1], SO_DETACH_FILTER, 0), 0);
	}
}

/* rows 1.1.14 */
TEST(timestamps_ignored)
{
	union { struct cmsghdr h; char c[512]; } c;
	char b[8];
	struct iovec iov = { b, sizeof(b) };
	int t, fd[2];

	for (t = 0; t < COUNT(type); t++) {
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c,
				    .msg_controllen = sizeof(c) };

		pair(t, fd);
		EXPECT_EQ(set_int(fd[1], SO_TIMESTAMP, 1), 0);
		EXPECT_EQ(set_int(fd[1], SO_TIMESTAMPNS, 1), 0);
		EXPECT_EQ(set_int(fd[1], SO_TIMESTAMPING, SOF_TIMESTAMPING_SOFTWARE |
				  SOF_TIMESTAMPING_RX_SOFTWARE), 0);
		EXPECT_EQ(set_int(fd[1], SO_RXQ_OVFL, 1), 0);
		EXPECT_EQ(SYS(send(fd[0], "x", 1, 0)), 1);
		EXPECT_EQ(SYS(recvmsg(fd[1], &m, MSG_DONTWAIT)), 1);
		EXPECT_EQ(m.msg_controllen, 0);
	}
}

/* rows 1.1.14 */
TEST(linger_ignored)
{
	struct linger on = { 1, 30 }, hard = { 1, 0 };
	char b[4];
	double begin;
	int t, fd[2];

	for (t = 0; t < COUNT(type); t++) {
		pair(t, fd);
		EXPECT_EQ(set(fd[0], SO_LINGER, &on, sizeof(on)), 0);
		EXPECT_EQ(SYS(send(fd[0], "x", 1, 0)), 1);
		begin = ktap_now();
		close(fd[0]);
		EXPECT_TRUE(ktap_now() - begin < 5);
		EXPECT_EQ(tu_recv(fd[1], b, 4, MSG_DONTWAIT), 1);
		close(fd[1]);
		/* and no hard end either: what was sent is there */
		pair(t, fd);
		EXPECT_EQ(set(fd[0], SO_LINGER, &hard, sizeof(hard)), 0);
		EXPECT_EQ(SYS(send(fd[0], "x", 1, 0)), 1);
		close(fd[0]);
		EXPECT_EQ(tu_recv(fd[1], b, 4, MSG_DONTWAIT), 1);
	}
}

/* rows 1.1.14 */
TEST(others_accepted)
{
	static const int opt[] = {
		SO_REUSEADDR, SO_REUSEPORT, SO_KEEPALIVE, SO_BROADCAST, SO_DONTROUTE, SO_OOBINLINE,
		SO_PRIORITY, SO_NO_CHECK, SO_MARK, SO_PASSCRED,
	};
	char b[4];
	int t, i, fd[2], want;

	for (t = 0; t < COUNT(type); t++) {
		pair(t, fd);
		for (i = 0; i < COUNT(opt); i++) {
			want = opt[i] == SO_PASSCRED || opt[i] == SO_REUSEPORT ? -EOPNOTSUPP :
			       opt[i] == SO_MARK && geteuid() ? -EPERM : 0;
			EXPECT_EQ(set_int(fd[0], opt[i], 1), want);
			EXPECT_EQ(set_int(fd[1], opt[i], 1), want);
		}
		EXPECT_EQ(SYS(send(fd[0], "x", 1, 0)), 1);
		EXPECT_EQ(tu_recv(fd[1], b, 4, MSG_DONTWAIT), 1);
	}
}

/* rows 1.1.14 */
TEST(bind_to_device_ignored)
{
	int t, fd[2];
	char b[4];

	for (t = 0; t < COUNT(type); t++) {
		pair(t, fd);
		if (set(fd[0], SO_BINDTODEVICE, "lo", 3) == -EPERM)
			SKIP("needs CAP_NET_RAW");
		EXPECT_EQ(SYS(send(fd[0], "x", 1, 0)), 1);
		EXPECT_EQ(tu_recv(fd[1], b, 4, MSG_DONTWAIT), 1);
	}
}

/* rows 1.1.15, 1.12.3 */
TEST(receive_buffer_datagrams)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), last = 0, i, v;

	/* room grows with it, and what is in stays when it shrinks */
	for (v = 32768; v <= 131072; v *= 2) {
		ASSERT_EQ(set_int(rx, SO_RCVBUF, v), 0);
		for (i = 0; i < 400; i++)
			ASSERT_EQ(tu_send_name(tx, (char[1000]){ 0 }, 1000, T, 1), 1000);
		i = tu_get(rx, TIPC_SOCK_RECVQ_DEPTH);
		EXPECT_GE(i, last * 2 - 2);
		EXPECT_LE(tu_get(rx, TIPC_SOCK_RECVQ_USED), 2 * v);
		last = i;
	}
	ASSERT_EQ(set_int(rx, SO_RCVBUF, 1), 0);
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_DEPTH), last);
	ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	EXPECT_EQ(tu_get(rx, TIPC_SOCK_RECVQ_DEPTH), last);
}

/* rows 1.1.15, 1.12.2 */
TEST(receive_buffer_window)
{
	static const int size[] = { 65536, 131072 };
	static char b[2000];
	int t, i, n, fd[2];

	/*
	 * The window begins with 128 blocks of 1 kB whatever the buffer is. An acknowledgement,
	 * after a quarter of that was read, says a quarter of the buffer as the kernel keeps it:
	 * twice what was asked for. A message of 1000 bytes takes two blocks, and the one that
	 * goes over the limit is still sent.
	 */
	for (t = 2; t < COUNT(type); t++) {
		for (i = 0; i < COUNT(size); i++) {
			pair(t, fd);
			ASSERT_EQ(tu_set(fd[0], TIPC_NODELAY, 1), 0);
			ASSERT_EQ(set_int(fd[1], SO_RCVBUF, size[i]), 0);
			/* read one by one: the last acknowledgement may be due yet */
			for (n = 0; n < 64; n++) {
				ASSERT_EQ(SYS(send(fd[0], b, 1000, MSG_DONTWAIT)), 1000);
				ASSERT_EQ(tu_recv(fd[1], b, 1000, MSG_DONTWAIT), 1000);
			}
			n = fill(fd[0], 1000, 1000);
			EXPECT_LE(n, size[i] * 2 / 4096 / 2 + 1);
			EXPECT_GE(n, size[i] * 2 / 4096 / 2 + 1 - size[i] * 2 / 4096 / 4 / 2 - 1);
			/* in this order, or the full one waits 8 s for room */
			close(fd[1]);
			close(fd[0]);
		}
	}
}

/* rows 1.1.16, 1.6.6 */
TEST(low_water_stream)
{
	char b[200];
	double begin;
	int fd[2];

	pair(2, fd);
	ASSERT_EQ(set_int(fd[1], SO_RCVLOWAT, 100), 0);
	timeo(fd[1], SO_RCVTIMEO, 200);
	/* too little: waits for more, then gives what there is */
	ASSERT_EQ(SYS(send(fd[0], b, 50, 0)), 50);
	begin = ktap_tick_now();
	EXPECT_EQ(tu_recv(fd[1], b, 200, 0), 50);
	EXPECT_TRUE(ktap_now() - begin > 0.15);
	timeo(fd[1], SO_RCVTIMEO, 20000);
	/* not more than is asked for */
	ASSERT_EQ(SYS(send(fd[0], b, 10, 0)), 10);
	begin = ktap_now();
	EXPECT_EQ(tu_recv(fd[1], b, 10, 0), 10);
	EXPECT_TRUE(ktap_now() - begin < 10);
	/* enough, in two messages */
	ASSERT_EQ(SYS(send(fd[0], b, 60, 0)), 60);
	ASSERT_EQ(SYS(send(fd[0], b, 60, 0)), 60);
	begin = ktap_now();
	EXPECT_EQ(tu_recv(fd[1], b, 200, 0), 120);
	EXPECT_TRUE(ktap_now() - begin < 10);
	/* poll() does not know of it, nor does a reader that does not wait */
	ASSERT_EQ(SYS(send(fd[0], b, 1, 0)), 1);
	EXPECT_EQ(tu_poll(fd[1], POLLIN, 0), POLLIN);
	EXPECT_EQ(tu_recv(fd[1], b, 200, MSG_DONTWAIT), 1);
}

/* rows 1.1.16 */
TEST(low_water_messages)
{
	double begin;
	char b[200];
	int t, fd[2];

	for (t = 0; t < COUNT(type); t++) {
		if (type[t] == SOCK_STREAM)
			continue;
		pair(t, fd);
		ASSERT_EQ(set_int(fd[1], SO_RCVLOWAT, 100), 0);
		timeo(fd[1], SO_RCVTIMEO, 5000);
		ASSERT_EQ(SYS(send(fd[0], b, 50, 0)), 50);
		begin = ktap_now();
		EXPECT_EQ(tu_recv(fd[1], b, 200, 0), 50);
		EXPECT_TRUE(ktap_now() - begin < 4);
	}
}

/* rows 1.1.17 */
TEST(no_sigpipe)
{
	int t, fd[2];

	for (t = 2; t < COUNT(type); t++) {
		pair(t, fd);
		close(fd[1]);
		EXPECT_EQ(SYS(send(fd[0], "x", 1, 0)), -EPIPE);
		EXPECT_EQ(SYS(write(fd[0], "x", 1)), -EPIPE);
		EXPECT_EQ(SYS(send(fd[0], "x", 1, MSG_NOSIGNAL)), -EPIPE);
		pair(t, fd);
		EXPECT_EQ(SYS(shutdown(fd[0], SHUT_RDWR)), 0);
		EXPECT_EQ(SYS(send(fd[0], "x", 1, 0)), -EPIPE);
	}
}

/* rows 1.1.18 */
TEST(send_flags)
{
	int flags = MSG_OOB | MSG_EOR | MSG_MORE | MSG_CONFIRM | MSG_DONTROUTE | MSG_NOSIGNAL |
		    MSG_TRUNC | MSG_CTRUNC | MSG_PEEK | MSG_WAITALL | MSG_ERRQUEUE;
	char b[8];
	int t, fd[2];

	for (t = 0; t < COUNT(type); t++) {
		pair(t, fd);
		EXPECT_EQ(SYS(send(fd[0], "abc", 3, flags)), 3);
		EXPECT_EQ(tu_recv(fd[1], b, 8, MSG_DONTWAIT), 3);
		EXPECT_EQ(memcmp(b, "abc", 3), 0);
		EXPECT_EQ(tu_recv(fd[1], b, 8, MSG_DONTWAIT), -EAGAIN);
	}
}

/* rows 2.1 */
TEST(address_layout)
{
	/* byte by byte, whatever the header says: everything in the machine's own order */
	struct { uint16_t family; uint8_t kind; int8_t scope; uint32_t word[3]; } a = {
		.family = 30, .kind = 1, .scope = 3, .word = { T, 10, 20 },
	};
	int rx = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM);
	unsigned char b[32];
	socklen_t len = sizeof(b);
	uint32_t ref;

	ASSERT_EQ(sizeof(a), 16);
	ASSERT_EQ(SYS(bind(rx, (void *)&a, 16)), 0);
	a.kind = 2;
	a.scope = 0;
	a.word[1] = 15;
	a.word[2] = 0;
	EXPECT_EQ(tu_sendto(tx, "x", 1, &a, 16), 1);
	a.word[1] = 21;
	EXPECT_EQ(tu_sendto(tx, "x", 1, &a, 16), -EHOSTUNREACH);
	EXPECT_EQ(SYS(recvfrom(rx, b, 1, MSG_DONTWAIT, (void *)&a, &len)), 1);
	EXPECT_EQ(len, 16);
	EXPECT_EQ(a.family, 30);
	EXPECT_EQ(a.kind, 3);
	EXPECT_EQ(a.scope, 0);
	ref = a.word[0];
	len = sizeof(b);
	ASSERT_EQ(SYS(getsockname(tx, (void *)b, &len)), 0);
	EXPECT_EQ(memcmp(b + 4, &ref, 4), 0);
	/* and back to the sender, by socket address */
	EXPECT_EQ(tu_sendto(rx, "y", 1, &a, 16), 1);
	EXPECT_EQ(tu_recv(tx, b, 1, MSG_DONTWAIT), 1);
}

TEST_MAIN("options and flags of every kind of socket, as far as TIPC heeds them")
