// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <pthread.h>

#define T tu_type(0)

/* rows 1.8.7 */
TEST(dup)
{
	int a = tu_bound(T, 1), b = dup(a), tx = tu_socket(SOCK_RDM);
	char c[4];

	close(a);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	EXPECT_EQ(tu_recv(b, c, 4, MSG_DONTWAIT), 1);
	close(b);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
}

/* rows 1.8.7 */
TEST(fork_parent_first)
{
	int fd = tu_bound(T, 1), p[2], q[2];
	char c[4];
	pid_t pid;

	ASSERT_EQ(SYS(pipe(p)) | SYS(pipe(q)), 0);
	pid = fork();
	if (!pid) {
		ASSERT_EQ(SYS(read(p[0], c, 1)), 1);
		/* the parent has closed it; for us it lives on */
		EXPECT_EQ(tu_reach(T, 1), 0);
		EXPECT_EQ(tu_send_name(tu_socket(SOCK_RDM), "x", 1, T, 1), 1);
		EXPECT_EQ(tu_recv(fd, c, 4, MSG_DONTWAIT), 1);
		ktap_exit();
	}
	close(fd);
	EXPECT_EQ(SYS(write(p[1], "g", 1)), 1);
	EXPECT_EQ(tu_wait(pid), 0);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
}

/* rows 1.8.7 */
TEST(fork_child_first)
{
	int fd = tu_bound(T, 1);
	char c[4];
	pid_t pid = fork();

	if (!pid) {
		EXPECT_EQ(tu_send_name(fd, "x", 1, T, 1), 1);
		ktap_exit();
	}
	EXPECT_EQ(tu_wait(pid), 0);
	EXPECT_EQ(tu_reach(T, 1), 0);
	EXPECT_EQ(tu_recv(fd, c, 4, MSG_DONTWAIT), 1);
	close(fd);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
}

/* rows 1.8.7 */
TEST(exit_closes)
{
	pid_t pid = fork();

	if (!pid) {
		tu_bound(T, 1);
		_exit(tu_reach(T, 1) ? 1 : 0);
	}
	EXPECT_EQ(tu_wait(pid), 0);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
}

/* rows 1.8.6 */
TEST(close_with_unread)
{
	static char b[66000];
	int i, k;

	for (i = 0; i < 20; i++) {
		int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM);

		for (k = 0; k < 30; k++)
			ASSERT_EQ(tu_send_name(tx, b, sizeof(b), T, 1), sizeof(b));
		if (i & 1)
			close(tx);
		close(rx);
		if (!(i & 1)) {
			EXPECT_TRUE(tu_empty(tx));
			close(tx);
		}
	}
}

/* rows 1.8.6 */
TEST(close_own_queue)
{
	/* its own messages come back to a socket that is going away */
	int fd = tu_bound(T, 1), i;

	ASSERT_EQ(tu_set(fd, TIPC_DEST_DROPPABLE, 0), 0);
	for (i = 0; i < 100; i++)
		ASSERT_EQ(tu_send_name(fd, "me", 2, T, 1), 2);
	close(fd);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
}

/* rows 1.8.6 */
TEST(close_each_other)
{
	int a = tu_bound(T, 1), b = tu_bound(T, 2), i;
	char c[4];

	ASSERT_EQ(tu_set(a, TIPC_DEST_DROPPABLE, 0), 0);
	ASSERT_EQ(tu_set(b, TIPC_DEST_DROPPABLE, 0), 0);
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(tu_send_name(a, "a", 1, T, 2), 1);
		ASSERT_EQ(tu_send_name(b, "b", 1, T, 1), 1);
	}
	close(a);
	/* fifty of b's own came back, behind the fifty of a */
	EXPECT_EQ(tu_get(b, TIPC_SOCK_RECVQ_DEPTH), 100);
	for (i = 0; i < 100; i++)
		EXPECT_EQ(tu_recv(b, c, 4, MSG_DONTWAIT), i < 50);
}

static int victim;
static volatile pid_t reading;

static void on_usr2(int sig)
{
	(void)sig;
}

static void *reader(void *arg)
{
	char b[8];

	(void)arg;
	reading = gettid();
	return (void *)(long)tu_recv(victim, b, 8, 0);
}

/* a thread that sleeps in recv() on a new victim */
static pthread_t start_reader(int inst)
{
	pthread_t th;

	victim = tu_bound(T, inst);
	reading = 0;
	ASSERT_EQ(pthread_create(&th, NULL, reader, NULL), 0);
	while (!reading)
		ktap_sleep_ms(1);
	tu_in_call(reading, SYS_recvfrom);
	return th;
}

/* rows 1.8.7 */
TEST(close_under_recv)
{
	struct sigaction sa = { .sa_handler = on_usr2 };
	pthread_t th;
	void *r;
	int i;

	sigaction(SIGUSR2, &sa, NULL);
	for (i = 0; i < 5; i++) {
		th = start_reader(i);
		close(victim);
		ktap_sleep_ms(50);
		/* it still holds the socket, which can still be sent to */
		EXPECT_EQ(tu_send_name(tu_socket(SOCK_RDM), "bye", 3, T, i), 3);
		pthread_join(th, &r);
		EXPECT_EQ((long)r, 3);
		EXPECT_EQ(tu_reach(T, i), -EHOSTUNREACH);
	}
	th = start_reader(9);
	close(victim);
	pthread_kill(th, SIGUSR2);
	pthread_join(th, &r);
	EXPECT_EQ((long)r, -EINTR);
	EXPECT_EQ(tu_reach(T, 9), -EHOSTUNREACH);
}

/* rows 1.8.2, 1.6.11 */
TEST(shutdown_under_recv)
{
	struct sigaction sa = { .sa_handler = on_usr2 };
	pthread_t th;
	void *r;

	sigaction(SIGUSR2, &sa, NULL);
	th = start_reader(1);
	EXPECT_EQ(SYS(shutdown(victim, SHUT_RDWR)), -ENOTCONN);
	pthread_join(th, &r);
	EXPECT_EQ((long)r, -ENOTCONN);
}

/* rows 1.1.4 */
TEST(open_close_many)
{
	int i;

	for (i = 0; i < 5000; i++)
		close(tu_socket(i & 1 ? SOCK_RDM : SOCK_DGRAM));
}

/* rows 1.8.7 */
TEST(pass_socket)
{
	/* a bound socket in flight in a unix socket, whose ends are closed */
	union { struct cmsghdr h; char c[CMSG_SPACE(4)]; } c = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c,
			    .msg_controllen = sizeof(c) };
	int sv[2], fd = tu_bound(T, 1), i;

	ASSERT_EQ(SYS(socketpair(AF_UNIX, SOCK_DGRAM, 0, sv)), 0);
	c.h.cmsg_len = CMSG_LEN(4);
	c.h.cmsg_level = SOL_SOCKET;
	c.h.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&c.h), &fd, 4);
	ASSERT_EQ(SYS(sendmsg(sv[0], &m, 0)), 1);
	close(fd);
	EXPECT_EQ(tu_reach(T, 1), 0);
	close(sv[0]);
	close(sv[1]);
	for (i = 0; i < 500 && !tu_reach(T, 1); i++)
		ktap_sleep_ms(10);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
}

TEST_MAIN("sockets come and go in any order")
