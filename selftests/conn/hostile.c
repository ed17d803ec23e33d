// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_conn.h"
#include <pthread.h>
#include <sched.h>

#define T tu_type(0)

static const int both[] = { SOCK_STREAM, SOCK_SEQPACKET };
#define each_type(i) (int i = 0; i < 2; i++)

/* row 1.4.5: connect to oneself */
TEST(oneself)
{
	for each_type(i) {
		int c = tu_socket(both[i]);
		struct sockaddr_tipc to = tu_self(c);
		char b[8];

		EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -ECONNREFUSED);
		EXPECT_EQ(tc_all(c), POLLIN | POLLHUP);
		EXPECT_EQ(tu_recv(c, b, 8, MSG_DONTWAIT), -EAGAIN);
		EXPECT_EQ(tc_send(c, "x"), -EPIPE);
		EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINVAL);
		close(c);
		/* with data */
		c = tu_socket(both[i]);
		to = tu_self(c);
		tc_nonblock(c, 1);
		EXPECT_EQ(tu_sendto(c, "abc", 3, &to, sizeof(to)), 3);
		EXPECT_EQ(tc_all(c), POLLIN | POLLHUP);
		EXPECT_EQ(tc_sol(c, SO_ERROR), ECONNREFUSED);
		close(c);
	}
}

static pthread_barrier_t gate;

struct cross { int fd; struct sockaddr_tipc to; int r; };

static void *cross(void *arg)
{
	struct cross *x = arg;

	pthread_barrier_wait(&gate);
	x->r = tu_connect(x->fd, &x->to, sizeof(x->to));
	return NULL;
}

/* row 1.4.5: two that connect to each other */
TEST_LIMIT(each_other, 120)
{
	pthread_t t[2];
	int i, j;

	for (i = 0; i < 1000; i++) {
		struct cross x[2];

		pthread_barrier_init(&gate, NULL, 2);
		for (j = 0; j < 2; j++) {
			x[j].fd = tu_socket(SOCK_STREAM);
			ASSERT_EQ(tu_set(x[j].fd, TIPC_CONN_TIMEOUT, 500), 0);
		}
		for (j = 0; j < 2; j++) {
			x[j].to = tu_self(x[!j].fd);
			ASSERT_EQ(pthread_create(&t[j], NULL, cross, &x[j]), 0);
		}
		for (j = 0; j < 2; j++)
			ASSERT_EQ(pthread_join(t[j], NULL), 0);
		for (j = 0; j < 2; j++) {
			if (x[j].r != -ECONNREFUSED && x[j].r != -ETIMEDOUT) {
				ktap_note("round %d: connect() gives %d", i, x[j].r);
				EXPECT_EQ(x[j].r, -ECONNREFUSED);
			}
			close(x[j].fd);
		}
	}
}

/* rows 1.3.2, 1.4.7: a listener that never accepts costs its clients only their patience */
TEST(never_accepts)
{
	int l = tc_listener(SOCK_STREAM, T, 1), i, used;

	for (i = 0; i < 900; i++) {
		int c = tu_socket(SOCK_STREAM);

		tc_nonblock(c, 1);
		EXPECT_EQ(tc_connect_name(c, T, 1), -EINPROGRESS);
		if (i % 3)
			close(c);
	}
	used = tu_get(l, TIPC_SOCK_RECVQ_USED);
	EXPECT_TRUE(used > 0 && used < 2097152);
	EXPECT_EQ(tu_get(l, TIPC_SOCK_RECVQ_DEPTH), 900);
}

/* row 1.3.2: and its queue has an end */
TEST_LIMIT(flood_of_requests, 120)
{
	int l = tc_listener(SOCK_SEQPACKET, T, 1), i, last = -1, depth = 0;
	struct sockaddr_tipc to = tu_name(T, 1);
	static char b[66000];

	for (i = 0; i < 500; i++) {
		int c = tu_socket(SOCK_SEQPACKET);

		tc_nonblock(c, 1);
		EXPECT_EQ(tu_sendto(c, b, sizeof(b), &to, sizeof(to)), sizeof(b));
		close(c);
		last = depth;
		depth = tu_get(l, TIPC_SOCK_RECVQ_DEPTH);
	}
	EXPECT_EQ(depth, last);
	EXPECT_TRUE(depth < 40);
	EXPECT_TRUE(tu_get(l, TIPC_SOCK_RECVQ_USED) < 2097152);
	for (i = 0; i < depth; i++) {
		int s = tc_accept(l);

		EXPECT_EQ(tu_recv(s, b, sizeof(b), 0), sizeof(b));
		EXPECT_EQ(tu_recv(s, b, sizeof(b), 0), -ECONNRESET);
		close(s);
	}
}

#define STORM 8
#define EACH 60

/* rows 1.3.4, 1.3.5, 1.3.8: many clients, many who accept */
TEST_LIMIT(storm, 120)
{
	int l = tc_listener(SOCK_STREAM, T, 1), i, j;
	pid_t srv[STORM], cli[STORM];

	for (i = 0; i < STORM; i++) {
		srv[i] = fork();
		if (!srv[i]) {
			char b[8];

			for (;;) {
				int s = SYS(accept(l, NULL, NULL));

				ASSERT_GE(s, 0);
				j = tu_recv(s, b, 8, 0);
				if (j > 0)
					send(s, b, j, 0);	/* some are gone by now */
				if (j == 4)	/* "stop" */
					ktap_exit();
				close(s);
			}
		}
	}
	for (i = 0; i < STORM; i++) {
		cli[i] = fork();
		if (!cli[i]) {
			for (j = 0; j < EACH; j++) {
				int c = tu_socket(SOCK_STREAM);
				char b[8];

				EXPECT_EQ(tu_set(c, TIPC_CONN_TIMEOUT, 40000), 0);
				ASSERT_EQ(tc_connect_name(c, T, 1), 0);
				EXPECT_EQ(tc_send(c, "abc"), 3);
				if (j % 4)
					EXPECT_EQ(tu_recv(c, b, 8, 0), 3);
				close(c);
			}
			ktap_exit();
		}
	}
	for (i = 0; i < STORM; i++)
		EXPECT_EQ(tu_wait(cli[i]), 0);
	for (i = 0; i < STORM; i++) {
		int c = tu_socket(SOCK_STREAM);
		char b[8];

		ASSERT_EQ(tc_connect_name(c, T, 1), 0);
		EXPECT_EQ(tc_send(c, "stop"), 4);
		EXPECT_EQ(tu_recv(c, b, 8, 0), 4);
	}
	for (i = 0; i < STORM; i++)
		EXPECT_EQ(tu_wait(srv[i]), 0);
	EXPECT_EQ(tu_get(l, TIPC_SOCK_RECVQ_DEPTH), 0);
}

/* rows 1.12.3, 1.14.1, 1.14.2: a flood of returned messages ends at 16 receive buffers */
TEST(flood_of_returns)
{
	int tx = tu_socket(SOCK_RDM), other = tu_socket(SOCK_STREAM), i;
	struct sockaddr_tipc to = tu_self(other);
	char b[1000] = { 0 };
	int v = 131072;

	ASSERT_EQ(SYS(setsockopt(tx, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v))), 0);
	ASSERT_EQ(tu_set(tx, TIPC_DEST_DROPPABLE, 0), 0);
	for (i = 0; i < 5000; i++)
		EXPECT_EQ(tu_sendto(tx, b, sizeof(b), &to, sizeof(to)), sizeof(b));
	EXPECT_TRUE(tu_get(tx, TIPC_SOCK_RECVQ_USED) < v << 5);
	EXPECT_TRUE(tu_get(tx, TIPC_SOCK_RECVQ_DEPTH) > 1000);
	EXPECT_TRUE(tu_get(tx, TIPC_SOCK_RECVQ_DEPTH) < 5000);
}

static int pass(int over, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return SYS(sendmsg(over, &m, 0));
}

static int take(int over)
{
	char control[CMSG_SPACE(sizeof(int))], b[1];
	struct iovec iov = { b, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	int fd = -1;

	if (SYS(recvmsg(over, &m, 0)) == 1 && CMSG_FIRSTHDR(&m) &&
	    CMSG_FIRSTHDR(&m)->cmsg_level == SOL_SOCKET)
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(int));
	return fd;
}

/* row 1.8.7: sockets on their way in other sockets */
TEST(passed_on)
{
	for each_type(i) {
		int srv, cli, u[2], fd;
		char b[8];

		ASSERT_EQ(SYS(socketpair(AF_UNIX, SOCK_DGRAM, 0, u)), 0);
		tc_connection(both[i], &srv, &cli);
		ASSERT_EQ(pass(u[0], cli), 1);
		close(cli);
		/* alive while it is under way */
		EXPECT_EQ(tu_recv(srv, b, 8, MSG_DONTWAIT), -EAGAIN);
		EXPECT_EQ(tc_send(srv, "abc"), 3);
		fd = take(u[1]);
		ASSERT_GE(fd, 0);
		EXPECT_EQ(tu_recv(fd, b, 8, 0), 3);
		ASSERT_EQ(pass(u[0], fd), 1);
		ASSERT_EQ(pass(u[0], srv), 1);
		close(fd);
		close(u[1]);
		close(u[0]);
		EXPECT_EQ(tu_recv(srv, b, 8, 0), -ECONNRESET);
		/* TIPC itself passes nothing on */
		tc_connection(both[i], &srv, &cli);
		EXPECT_EQ(pass(cli, srv), 1);
		EXPECT_EQ(take(srv), -1);
	}
}

struct use { int fd, call; };

/* closes what the first thread sleeps on */
static void *close_it(void *arg)
{
	struct use *u = arg;

	tu_in_call(getpid(), u->call);
	close(u->fd);
	return NULL;
}

/* row 1.8.7: a descriptor closed while another thread sleeps in a call on it */
TEST(closed_while_in_use)
{
	for each_type(i) {
		int srv, cli, l;
		struct use u;
		pthread_t t;
		char b[8];

		tc_connection(both[i], &srv, &cli);
		tc_timeo(cli, SO_RCVTIMEO, 3000);
		u = (struct use){ cli, SYS_recvfrom };
		ASSERT_EQ(pthread_create(&t, NULL, close_it, &u), 0);
		EXPECT_EQ(tu_recv(cli, b, 8, 0), -EAGAIN);
		ASSERT_EQ(pthread_join(t, NULL), 0);
		EXPECT_EQ(tu_recv(srv, b, 8, 0), -ECONNRESET);
		l = tc_listener(both[i], T, 1);
		tc_timeo(l, SO_RCVTIMEO, 3000);
		u = (struct use){ l, SYS_accept };
		ASSERT_EQ(pthread_create(&t, NULL, close_it, &u), 0);
		EXPECT_EQ(SYS(accept(l, NULL, NULL)), -EAGAIN);
		ASSERT_EQ(pthread_join(t, NULL), 0);
		EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
	}
}

static void *end_it(void *arg)
{
	int fd = (long)arg;

	pthread_barrier_wait(&gate);
	if (fd & 1)
		shutdown(fd, SHUT_RDWR);
	close(fd);
	return NULL;
}

/* rows 1.8.5, 1.8.7: both ends at once, with unread messages */
TEST_LIMIT(both_ends_at_once, 120)
{
	pthread_t t[2];
	int sv[2], i, j;

	pthread_barrier_init(&gate, NULL, 2);
	for (i = 0; i < 400; i++) {
		ASSERT_EQ(SYS(socketpair(AF_TIPC, both[i % 2], 0, sv)), 0);
		for (j = 0; j < i % 4; j++) {
			tc_send(sv[0], "abc");
			tc_send(sv[1], "abc");
		}
		for (j = 0; j < 2; j++)
			ASSERT_EQ(pthread_create(&t[j], NULL, end_it, (void *)(long)sv[j]), 0);
		for (j = 0; j < 2; j++)
			ASSERT_EQ(pthread_join(t[j], NULL), 0);
	}
}

static void *reads(void *fd)
{
	long n = 0, r;
	char b[50];

	while ((r = tu_recv((long)fd, b, sizeof(b), 0)) > 0)
		n += r;
	return (void *)n;
}

/* rows 1.6.6, 1.6.8: several readers share the bytes, none are lost or doubled */
TEST_LIMIT(many_readers, 120)
{
	int srv, cli, i;
	pthread_t t[4];
	long n = 0;
	char b[70] = { 0 };
	void *r;

	tc_connection(SOCK_STREAM, &srv, &cli);
	for (i = 0; i < 4; i++)
		ASSERT_EQ(pthread_create(&t[i], NULL, reads, (void *)(long)srv), 0);
	for (i = 0; i < 3000; i++)
		ASSERT_EQ(SYS(send(cli, b, sizeof(b), 0)), sizeof(b));
	while (tu_get(srv, TIPC_SOCK_RECVQ_DEPTH))
		ktap_sleep_ms(10);
	ktap_sleep_ms(100);
	ASSERT_EQ(SYS(shutdown(srv, SHUT_RDWR)), 0);
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(pthread_join(t[i], &r), 0);
		n += (long)r;
	}
	EXPECT_EQ(n, 3000 * sizeof(b));
}

/* what a peer does until it is killed */
static void live(int what, int fd)
{
	static char b[66000];

	switch (what) {
	case 0:
		tc_accept(fd);
		break;
	case 1:
		tu_recv(fd, b, sizeof(b), 0);
		break;
	case 2:
		for (;;)
			send(fd, b, sizeof(b), 0);
	case 3:
		tu_set(fd, TIPC_CONN_TIMEOUT, 60000);
		tc_connect_name(fd, T, 2);
		break;
	case 4:
		tc_fill(fd, 66000, 100);
		shutdown(fd, SHUT_RDWR);
		break;
	}
	pause();
}

/* rows 1.6.9, 1.8.3: killed in every kind of wait */
TEST_LIMIT(killed, 120)
{
	/* where it sleeps */
	static const int call[] = {
		SYS_accept, SYS_recvfrom, SYS_sendto, SYS_connect, SYS_shutdown,
	};
	int mute = tc_listener(SOCK_STREAM, T, 2), what, fd, peer;
	char b[8];
	double t;

	for (what = 0; what < 5; what++) {
		pid_t pid;

		peer = -1;
		if (what == 0)
			fd = tc_listener(SOCK_STREAM, T, 1);
		else if (what == 3)
			fd = tu_socket(SOCK_STREAM);
		else
			tc_connection(SOCK_STREAM, &fd, &peer);
		pid = fork();
		if (!pid) {
			close(peer);
			live(what, fd);
			_exit(0);
		}
		close(fd);
		tu_in_call(pid, call[what]);
		t = ktap_now();
		kill(pid, SIGKILL);
		EXPECT_EQ(tu_wait(pid), 1000 + SIGKILL);
		EXPECT_TRUE(ktap_now() - t < 4);
		if (what == 0)
			EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
		else if (what == 1)
			EXPECT_EQ(tu_recv(peer, b, 8, 0), -ECONNRESET);
		else if (what == 2 || what == 4)
			EXPECT_EQ(tu_poll(peer, POLLHUP, 4000) & POLLHUP, POLLHUP);
		close(peer);
	}
	/* the one that was killed while it connected */
	fd = tc_accept(mute);
	EXPECT_EQ(tu_recv(fd, b, 8, 0), -ECONNRESET);
}

/* row 14.9: a socket stays in the namespace it was made in */
TEST(other_namespace)
{
	int l = tc_listener(SOCK_STREAM, T, 1), old = tu_socket(SOCK_STREAM), c, s;
	struct sockaddr_tipc to = tu_self(l);
	char b[8];

	tu_netns();
	c = tu_socket(SOCK_STREAM);
	EXPECT_EQ(tc_connect_name(c, T, 1), -EHOSTUNREACH);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -ECONNREFUSED);
	tc_nonblock(old, 1);
	EXPECT_EQ(tc_connect_name(old, T, 1), -EINPROGRESS);
	s = tc_accept(l);
	EXPECT_EQ(tc_all(old), POLLOUT);
	EXPECT_EQ(tc_send(s, "abc"), 3);
	EXPECT_EQ(tu_recv(old, b, 8, 0), 3);
}

/* row 1.4.9: closed while a request waits to be sent again */
TEST_LIMIT(closed_while_retrying, 120)
{
	int l = tc_listener(SOCK_STREAM, T, 1), v = 1, i, j;

	ASSERT_EQ(SYS(setsockopt(l, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v))), 0);
	for (i = 0; i < 8; i++)
		tc_connecting(SOCK_STREAM, T, 1);
	for (i = 0; i < 20; i++) {
		int c[20];

		for (j = 0; j < 20; j++) {
			c[j] = tu_socket(SOCK_STREAM);
			ASSERT_EQ(tu_set(c[j], TIPC_CONN_TIMEOUT, 8), 0);
			tc_nonblock(c[j], 1);
			EXPECT_EQ(tc_connect_name(c[j], T, 1), -EINPROGRESS);
		}
		ktap_sleep_ms(95 + i % 10);
		for (j = 0; j < 20; j++)
			close(c[j]);
	}
	EXPECT_TRUE(tu_get(l, TIPC_SOCK_RECVQ_DEPTH) <= 8);
}

/* rows 1.3.4, 1.4.3: every call on a socket in every state */
TEST(wrong_calls)
{
	int state, srv, cli;

	tc_listener(SOCK_STREAM, T, 20);

	for (state = 0; state < 5; state++) {
		struct sockaddr_tipc to = tu_name(T, 99);
		int fd;
		char b[8];

		tc_connection(SOCK_STREAM, &srv, &cli);
		fd = state == 0 ? tu_socket(SOCK_STREAM) :
		     state == 1 ? tc_listener(SOCK_STREAM, T, 21) :
		     state == 2 ? tc_connecting(SOCK_STREAM, T, 20) : srv;
		if (state == 4)
			close(cli);
		tc_nonblock(fd, 1);
		EXPECT_TRUE(tu_recv(fd, b, 8, 0) < 0);
		EXPECT_TRUE(state == 3 || tc_send(fd, "x") < 0);
		EXPECT_TRUE(SYS(accept(fd, NULL, NULL)) < 0);
		EXPECT_TRUE(tu_connect(fd, &to, sizeof(to)) < 0);
		EXPECT_TRUE(tu_connect(fd, &to, 0) < 0);
		EXPECT_TRUE(SYS(shutdown(fd, 7)) < 0);
		EXPECT_TRUE(SYS(listen(fd, 1)) < 0 || !state);
		EXPECT_TRUE(tu_sendto(fd, b, 8, b, 3) < 0 || state == 3);
		close(fd);
	}
}

TEST_MAIN("no order of calls, closes and kills does any harm")
