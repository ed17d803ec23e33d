// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <sys/resource.h>

#define T tu_type(0)
#define MOST 65534

static int count(int fd)
{
	char b[8];
	int n = 0;

	while (tu_recv(fd, b, sizeof(b), MSG_DONTWAIT) > 0)
		n++;
	return n;
}

/* rows 1.2.9, 3.15, 2.3, 2.8 */
TEST_LIMIT(full_table, 400)
{
	int fd[8], tx, extra, i;
	struct sockaddr_tipc to;

	tu_netns();
	tx = tu_socket(SOCK_RDM);
	extra = tu_socket(SOCK_RDM);
	for (i = 0; i < 8; i++)
		fd[i] = tu_socket(SOCK_RDM);
	/* descending: each new range is the leftmost */
	for (i = MOST - 1; i >= 0; i--)
		ASSERT_EQ(tu_bind(fd[i % 8], T, i, i, i & 1 ? TIPC_NODE_SCOPE : 0), 0);
	EXPECT_EQ(tu_bind(extra, T + 1, 1, 1, 0), -EINVAL);
	/* every one is found */
	for (i = 0; i < MOST; i += 61) {
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, i), 1);
		ASSERT_EQ(count(fd[i % 8]), 1);
	}
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, MOST), -EHOSTUNREACH);
	/* one copy each, though each has bound eight thousand of them */
	to = tu_range(T, 0, MOST, 0);
	EXPECT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), 1);
	for (i = 0; i < 8; i++)
		EXPECT_EQ(count(fd[i]), 1);
	/* what goes makes room */
	ASSERT_EQ(tu_bind(fd[0], T, 0, 0, -2), 0);
	EXPECT_EQ(tu_bind(extra, T + 1, 1, 1, 0), 0);
	EXPECT_EQ(tu_bind(fd[0], T, 0, 0, 0), -EINVAL);
	close(extra);
	for (i = 0; i < 8; i++)
		close(fd[i]);
	EXPECT_EQ(tu_reach(T, 5), -EHOSTUNREACH);
	extra = tu_socket(SOCK_RDM);
	EXPECT_EQ(tu_bind(extra, T, 5, 5, 0), 0);
	EXPECT_EQ(tu_reach(T, 5), 0);
}

/* rows 1.2.4, 2.3 */
TEST_LIMIT(one_name, 200)
{
	/* C looks through all of them for each new one: not too many */
	int a = tu_bound(T, 1), b = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM), i;

	for (i = 0; i < 3000; i++)
		ASSERT_EQ(tu_bind(b, T, 1, 1, 0), 0);
	for (i = 0; i < 3001; i++) {
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
		if (i % 500 == 0)
			count(b);
	}
	EXPECT_EQ(count(a), 1);
	for (i = 0; i < 3000; i++)
		ASSERT_EQ(tu_bind(b, T, 1, 1, -2), 0);
	EXPECT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	EXPECT_EQ(count(a), 1);
}

/* rows 2.8, 1.1.5 */
TEST_LIMIT(thousands_of_sockets, 200)
{
	static int fd[5000];
	struct rlimit lim = { 6000, 6000 };
	int tx, i, n = 5000;
	struct sockaddr_tipc to = tu_range(T, 1, 1, 0);

	if (setrlimit(RLIMIT_NOFILE, &lim)) {
		getrlimit(RLIMIT_NOFILE, &lim);
		SKIP("only %ld files", (long)lim.rlim_cur);
	}
	tx = tu_socket(SOCK_RDM);
	for (i = 0; i < n; i++)
		fd[i] = tu_bound(T, 1);
	ASSERT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), 1);
	for (i = 0; i < n; i++)
		ASSERT_EQ(count(fd[i]), 1);
	/* each has its turn */
	for (i = 0; i < n; i++)
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
	for (i = 0; i < n; i++)
		ASSERT_EQ(count(fd[i]), 1);
	for (i = 0; i < n; i++)
		close(fd[i]);
	EXPECT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), -EHOSTUNREACH);
}

/* rows 1.1.4, 1.1.5 */
TEST_LIMIT(found_while_many_come, 200)
{
	/* the table of sockets grows and shrinks under those who look in it */
	struct rlimit lim = { 3000, 3000 };
	int rx = tu_socket(SOCK_RDM), tx = tu_socket(SOCK_RDM), i, v, left = 4;
	struct sockaddr_tipc to = tu_self(rx);
	pid_t pid[4];

	if (setrlimit(RLIMIT_NOFILE, &lim))
		getrlimit(RLIMIT_NOFILE, &lim);
	for (i = 0; i < 4; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			int n = lim.rlim_cur - 100, fd[3000], k, turn;

			for (turn = 0; turn < 3; turn++) {
				for (k = 0; k < n; k++)
					fd[k] = tu_socket(SOCK_RDM);
				for (k = 0; k < n; k += 7) {
					struct sockaddr_tipc self = tu_self(fd[k]);

					ASSERT_EQ(tu_sendto(fd[0], &k, 4, &self, sizeof(self)), 4);
					ASSERT_EQ(tu_recv(fd[k], &v, 4, MSG_DONTWAIT), 4);
					ASSERT_EQ(v, k);
				}
				for (k = 0; k < n; k++)
					close(fd[k]);
			}
			ktap_exit();
		}
	}
	for (i = 0; left; i++) {
		ASSERT_EQ(tu_sendto(tx, &i, 4, &to, sizeof(to)), 4);
		ASSERT_EQ(tu_recv(rx, &v, 4, MSG_DONTWAIT), 4);
		ASSERT_EQ(v, i);
		if (i % 100 == 0 && waitpid(-1, &v, WNOHANG) > 0) {
			EXPECT_EQ(v, 0);
			left--;
		}
	}
}

/* rows 1.2.10, 1.2.9 */
TEST_LIMIT(come_and_go, 200)
{
	/* what a binding costs is given back with it */
	int a = tu_socket(SOCK_RDM), i, k;

	for (i = 0; i < 40; i++) {
		for (k = 0; k < 500; k++)
			ASSERT_EQ(tu_bind(a, T, k, k + i, 0), 0);
		if (i & 1)
			ASSERT_EQ(tu_bind_raw(a, NULL, 0), 0);
		else
			for (k = 499; k >= 0; k--)
				ASSERT_EQ(tu_bind(a, T, k, k + i, -2), 0);
		EXPECT_EQ(tu_reach(T, 3), -EHOSTUNREACH);
	}
}

TEST_MAIN("many bindings and many sockets work as few do")
