// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <sys/epoll.h>

#define T tu_type(0)

static volatile sig_atomic_t hits;
static int told[2] = { -1, -1 };

static void on_sig(int sig)
{
	int saved = errno;

	(void)sig;
	hits++;
	/* for disturb(); elsewhere there is no pipe */
	if (write(told[1], "", 1) < 0)
		errno = saved;
}

static void handler(int flags)
{
	struct sigaction sa = { .sa_handler = on_sig, .sa_flags = flags };

	ASSERT_EQ(SYS(sigaction(SIGUSR1, &sa, NULL)), 0);
}

/*
 * A child that signals us once we sleep in the call and, if asked, sends once our handler has run
 * and we sleep in it again.
 */
static void disturb(int call, int send)
{
	pid_t me = getpid();
	char c;

	ASSERT_EQ(SYS(pipe(told)), 0);
	/* Yama lets no child look at its parent's calls otherwise; fails where there is none */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	if (!fork()) {
		tu_in_call(me, call);
		kill(me, SIGUSR1);
		if (send) {
			ASSERT_EQ(SYS(read(told[0], &c, 1)), 1);
			tu_in_call(me, call);
			tu_send_name(tu_socket(SOCK_RDM), "late", 4, T, 1);
		}
		_exit(0);
	}
}

/* rows 1.5.7 */
TEST(recv_interrupted)
{
	int rx = tu_bound(T, 1);
	char b[8];

	handler(0);
	disturb(SYS_recvfrom, 1);
	EXPECT_EQ(tu_recv(rx, b, 8, 0), -EINTR);
	EXPECT_EQ(hits, 1);
	EXPECT_EQ(tu_recv(rx, b, 8, 0), 4);
}

/* rows 1.5.7 */
TEST(recv_restarted)
{
	int rx = tu_bound(T, 1);
	char b[8];

	handler(SA_RESTART);
	disturb(SYS_recvfrom, 1);
	EXPECT_EQ(tu_recv(rx, b, 8, 0), 4);
	EXPECT_EQ(hits, 1);
}

/* rows 1.5.7 */
TEST(recv_timeout_not_restarted)
{
	int rx = tu_bound(T, 1);
	char b[8];

	handler(SA_RESTART);
	tu_rcvtimeo(rx, 30000);
	disturb(SYS_recvfrom, 0);
	EXPECT_EQ(tu_recv(rx, b, 8, 0), -EINTR);
	EXPECT_EQ(hits, 1);
}

/* rows 1.5.7 */
TEST(recv_ignored_signal)
{
	int rx = tu_bound(T, 1);
	char b[8];

	signal(SIGUSR1, SIG_IGN);
	disturb(SYS_recvfrom, 1);
	/* there is no handler to say so: we go on sleeping */
	EXPECT_EQ(SYS(write(told[1], "", 1)), 1);
	EXPECT_EQ(tu_recv(rx, b, 8, 0), 4);
}

/* rows 1.7.1 */
TEST(poll_interrupted)
{
	int rx = tu_bound(T, 1);

	handler(SA_RESTART);
	disturb(SYS_poll, 1);
	EXPECT_EQ(tu_poll(rx, POLLIN, 30000), -EINTR);
	EXPECT_EQ(tu_poll(rx, POLLIN, 30000), POLLIN);
}

/* rows 1.8.7 */
TEST(kill_receiver)
{
	pid_t pid = fork();
	char b[8];
	int i;

	if (!pid) {
		tu_recv(tu_bound(T, 1), b, 8, 0);
		_exit(9);
	}
	for (i = 0; i < 500 && tu_reach(T, 1); i++)
		ktap_sleep_ms(10);
	EXPECT_EQ(tu_reach(T, 1), 0);
	ktap_sleep_ms(50);
	kill(pid, SIGKILL);
	EXPECT_EQ(tu_wait(pid), 1000 + SIGKILL);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
}

/* rows 1.5.7 */
TEST(storm)
{
	/* 2000 messages while signals rain: each arrives once, in order */
	int rx = tu_bound(T, 1), i, v, eintr = 0;
	pid_t me = getpid(), snd, sig;
	char b[8];

	handler(0);
	sig = fork();
	if (!sig)
		for (;;) {
			kill(me, SIGUSR1);
			ktap_sleep_ms(1);
		}
	while (!hits)
		ktap_sleep_ms(1);
	snd = fork();
	if (!snd) {
		int tx = tu_socket(SOCK_RDM);

		tu_set(tx, TIPC_IMPORTANCE, TIPC_CRITICAL_IMPORTANCE);
		for (i = 0; i < 2000; i++) {
			if (tu_send_name(tx, &i, 4, T, 1) != 4)
				_exit(1);
			if (i % 10 == 0)
				ktap_sleep_ms(2);
		}
		_exit(0);
	}
	for (i = 0; i < 2000;) {
		v = tu_recv(rx, b, 8, 0);
		if (v == -EINTR) {
			eintr++;
			continue;
		}
		ASSERT_EQ(v, 4);
		memcpy(&v, b, 4);
		ASSERT_EQ(v, i);
		i++;
	}
	EXPECT_GE(hits, 1);
	ktap_note("%d signals, %d interrupted calls", hits, eintr);
	kill(sig, SIGKILL);
	EXPECT_EQ(tu_wait(snd), 0);
	EXPECT_TRUE(tu_empty(rx));
}

/* rows 1.1.17 */
TEST(sigpipe_never)
{
	int tx = tu_socket(SOCK_RDM), dead = tu_socket(SOCK_RDM);
	struct sockaddr_tipc to = tu_self(dead);

	close(dead);
	signal(SIGPIPE, SIG_DFL);
	shutdown(tx, SHUT_RDWR);
	EXPECT_EQ(tu_sendto(tx, "x", 1, &to, sizeof(to)), 1);
}

TEST_MAIN("signals interrupt waiting, and nothing else")
