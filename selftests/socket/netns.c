// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"

#define T tu_type(0)

/* rows 14.9 */
TEST(strangers)
{
	int a = tu_bound(T, 1), b, tx;
	struct sockaddr_tipc to = tu_self(a);
	char c[4];

	tu_netns();
	/* sockets stay where they were made */
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
	EXPECT_EQ(tu_send_name(a, "x", 1, T, 1), 1);
	EXPECT_EQ(tu_recv(a, c, 4, MSG_DONTWAIT), 1);
	b = tu_bound(T, 1);
	tx = tu_socket(SOCK_RDM);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	EXPECT_EQ(tu_recv(b, c, 4, MSG_DONTWAIT), 1);
	EXPECT_TRUE(tu_empty(a));
	EXPECT_EQ(tu_send_name(a, "x", 1, T, 1), 1);
	EXPECT_EQ(tu_recv(a, c, 4, MSG_DONTWAIT), 1);
	EXPECT_TRUE(tu_empty(b));
	/* nor does the port number lead across */
	if (to.addr.id.ref != tu_self(b).addr.id.ref) {
		to.addr.id.node = 0;
		EXPECT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), 1);
		EXPECT_TRUE(tu_empty(a));
	}
}

/* rows 2.13 */
TEST(works_alone)
{
	int rx, tx;
	char c[4];

	tu_netns();
	rx = tu_bound(T, 1);
	tx = tu_socket(SOCK_DGRAM);
	EXPECT_EQ(tu_self(rx).addr.id.node, 0);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	EXPECT_EQ(tu_recv(rx, c, 4, MSG_DONTWAIT), 1);
}

/* rows 14.9 */
TEST_LIMIT(thirty, 120)
{
	int i, k;

	for (i = 0; i < 30; i++) {
		pid_t pid = fork();

		if (!pid) {
			int fd[8], tx;
			char c[1000] = { 0 };

			tu_netns();
			tx = tu_socket(SOCK_RDM);
			for (k = 0; k < 8; k++) {
				fd[k] = tu_bound(T, k);
				ASSERT_EQ(tu_send_name(tx, c, 1000, T, k), 1000);
			}
			EXPECT_EQ(tu_recv(fd[0], c, 1000, MSG_DONTWAIT), 1000);
			/* ends with all open and messages unread */
			ktap_exit();
		}
		k = tu_wait(pid);
		if (k == KTAP_EXIT_SKIP)
			SKIP("no network namespaces");
		EXPECT_EQ(k, 0);
	}
}

/* rows 14.9 */
TEST_LIMIT(thirty_at_once, 120)
{
	pid_t pid[30];
	int i, p[2];
	char c;

	ASSERT_EQ(SYS(pipe(p)), 0);
	for (i = 0; i < 30; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			char b[4];
			int fd;

			close(p[1]);
			tu_netns();
			fd = tu_bound(T, 1);
			EXPECT_EQ(SYS(read(p[0], &c, 1)), 0);	/* all are there */
			EXPECT_EQ(tu_send_name(fd, "x", 1, T, 1), 1);
			EXPECT_EQ(tu_recv(fd, b, 4, MSG_DONTWAIT), 1);
			EXPECT_TRUE(tu_empty(fd));
			ktap_exit();
		}
	}
	ktap_sleep_ms(1000);
	close(p[1]);
	for (i = 0; i < 30; i++) {
		int r = tu_wait(pid[i]);

		if (r != KTAP_EXIT_SKIP)
			EXPECT_EQ(r, 0);
	}
}

/* rows 14.9 */
TEST(outlives_its_maker)
{
	/* the only thing left of a namespace is a socket passed out of it */
	union { struct cmsghdr h; char c[CMSG_SPACE(4)]; } c = { 0 };
	char x[4];
	struct iovec iov = { x, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c,
			    .msg_controllen = sizeof(c) };
	int sv[2], fd, r;
	pid_t pid;

	ASSERT_EQ(SYS(socketpair(AF_UNIX, SOCK_DGRAM, 0, sv)), 0);
	pid = fork();
	if (!pid) {
		tu_netns();
		fd = tu_bound(T, 1);
		c.h.cmsg_len = CMSG_LEN(4);
		c.h.cmsg_level = SOL_SOCKET;
		c.h.cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(&c.h), &fd, 4);
		EXPECT_EQ(SYS(sendmsg(sv[0], &m, 0)), 1);
		ktap_exit();
	}
	r = tu_wait(pid);
	if (r == KTAP_EXIT_SKIP)
		SKIP("no network namespaces");
	ASSERT_EQ(r, 0);
	ASSERT_EQ(SYS(recvmsg(sv[1], &m, 0)), 1);
	memcpy(&fd, CMSG_DATA(&c.h), 4);
	ktap_sleep_ms(300);
	EXPECT_EQ(tu_send_name(fd, "x", 1, T, 1), 1);
	EXPECT_EQ(tu_recv(fd, x, 4, MSG_DONTWAIT), 1);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
	close(fd);
}

TEST_MAIN("network namespaces do not see each other")
