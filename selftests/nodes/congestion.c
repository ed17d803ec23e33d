// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* A link that is full: who waits, for how long, and who does not. */
#include "nodes.h"
#include <sys/epoll.h>

#define TYPE tu_type(0)
#define SIZE 1000	/* two of them do not share a packet */

static char buf[66000];

static int send_now(int fd, struct sockaddr_tipc *to, size_t len)
{
	return SYS(sendto(fd, buf, len, MSG_DONTWAIT, (void *)to, sizeof(*to)));
}

/* sends until told to wait; how many were taken */
static int fill(int fd, struct sockaddr_tipc *to, int max)
{
	int n = 0, r = 0;

	while (n < max && (r = send_now(fd, to, SIZE)) == SIZE)
		n++;
	EXPECT_EQ(n < max ? r : 0, n < max ? -EAGAIN : 0);
	return n;
}

/* nothing gets on from node 0 from here on, and nothing is on its way */
static void hold(void)
{
	nd_settle();
	nd_wire->hold[0] = 1;
}

static int sender(int importance)
{
	int fd = tu_socket(SOCK_RDM);

	ASSERT_EQ(tu_set(fd, TIPC_IMPORTANCE, importance), 0);
	return fd;
}

/* takes n messages; the time limit of the test ends it otherwise */
static void take(int fd, int n)
{
	while (n--)
		ASSERT_EQ(tu_recv(fd, buf, sizeof(buf), 0), SIZE);
}

/* rows 1.5.6, 6.18, 17.9, 1.7.1 */
TEST(levels)
{
	struct sockaddr_tipc to = tu_name(TYPE, 1), here = tu_name(TYPE, 2);
	int sink, own, s[4], n, all = 0;

	nd_two(0);
	sink = nd_bound(1, TYPE, 1);
	nd_room(sink);
	own = tu_bound(TYPE, 2);
	nd_wait_name(0, TYPE, 1, 1);
	hold();
	for (int i = 0; i < 4; i++) {
		s[i] = sender(i);
		n = fill(s[i], &to, 2000);
		all += n;
		ktap_note("level %d: %d messages", i, n);
		/* a window of 50 packets, a backlog of 100 for each step of importance, and one more */
		EXPECT_EQ(n, (i ? 0 : 50) + 100 * (i + 1) + 1);
		EXPECT_EQ(tu_poll(s[i], POLLOUT, 0), 0);
		/* to the own node it may send, and its answer is not 'wait' */
		EXPECT_EQ(send_now(s[i], &here, 10), 10);
		EXPECT_EQ(tu_recv(own, buf, sizeof(buf), 0), 10);
		EXPECT_EQ(send_now(s[i], &to, SIZE), -EAGAIN);
	}
	/* one that has sent nothing yet may send one message */
	n = sender(0);
	EXPECT_EQ(tu_poll(n, POLLOUT, 0), POLLOUT);
	EXPECT_EQ(send_now(n, &to, SIZE), SIZE);
	EXPECT_EQ(send_now(n, &to, SIZE), -EAGAIN);
	EXPECT_EQ(tu_poll(n, POLLOUT, 0), 0);
	nd_wire->hold[0] = 0;
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(tu_poll(s[i], POLLOUT, 10000), POLLOUT);
	EXPECT_EQ(tu_poll(n, POLLOUT, 10000), POLLOUT);
	take(sink, all + 1);
	EXPECT_TRUE(tu_empty(sink));
}

/* rows 1.5.6, 1.5.7, 1.1.13 */
TEST(waits)
{
	struct sockaddr_tipc to = tu_name(TYPE, 1);
	int sink, s, n, ep;
	struct epoll_event ev = { .events = EPOLLOUT | EPOLLET };
	double t;
	pid_t pid;

	nd_two(0);
	sink = nd_bound(1, TYPE, 1);
	nd_wait_name(0, TYPE, 1, 1);
	hold();
	s = sender(0);
	n = fill(s, &to, 2000);
	tc_timeo(s, SO_SNDTIMEO, 300);
	t = ktap_now();
	EXPECT_EQ(tu_sendto(s, buf, SIZE, &to, sizeof(to)), -EAGAIN);
	EXPECT_TRUE(ktap_now() - t >= 0.25);
	tc_timeo(s, SO_SNDTIMEO, 0);
	ep = SYS(epoll_create1(0));
	ASSERT_EQ(SYS(epoll_ctl(ep, EPOLL_CTL_ADD, s, &ev)), 0);
	EXPECT_EQ(SYS(epoll_wait(ep, &ev, 1, 0)), 0);
	pid = fork();
	if (!pid) {
		/* sleeps until there is room */
		EXPECT_EQ(tu_sendto(s, buf, SIZE, &to, sizeof(to)), SIZE);
		EXPECT_TRUE(!nd_wire->hold[0]);
		ktap_exit();
	}
	ktap_sleep_ms(300);
	EXPECT_EQ(SYS(waitpid(pid, NULL, WNOHANG)), 0);
	nd_wire->hold[0] = 0;
	EXPECT_EQ(tu_wait(pid), 0);
	EXPECT_EQ(SYS(epoll_wait(ep, &ev, 1, 5000)), 1);
	EXPECT_EQ(ev.events, EPOLLOUT);
	take(sink, n + 1);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* rows 1.5.7 */
TEST(interrupted)
{
	struct sockaddr_tipc to = tu_name(TYPE, 1);
	struct sigaction sa = { .sa_handler = on_alarm };
	int s;

	nd_two(0);
	nd_bound(1, TYPE, 1);
	nd_wait_name(0, TYPE, 1, 1);
	hold();
	s = sender(0);
	fill(s, &to, 2000);
	sigaction(SIGALRM, &sa, NULL);
	tc_timeo(s, SO_SNDTIMEO, 20000);
	tu_alarm(1);
	EXPECT_EQ(tu_sendto(s, buf, SIZE, &to, sizeof(to)), -EINTR);
}

/* rows 1.5.6, 6.20 */
TEST(many_senders)
{
	enum { SENDERS = 12, EACH = 150 };
	struct sockaddr_tipc to = tu_name(TYPE, 1);
	int sink, next[SENDERS] = { 0 }, status;
	uint32_t head[SIZE / 4];

	nd_two(0);
	sink = nd_bound(1, TYPE, 1);
	nd_room(sink);
	nd_wait_name(0, TYPE, 1, 1);
	hold();
	for (int i = 0; i < SENDERS; i++) {
		if (fork())
			continue;
		int s = sender(i % 4);

		for (int k = 0; k < EACH; k++) {
			head[0] = i;
			head[1] = k;
			ASSERT_EQ(tu_sendto(s, head, SIZE, &to, sizeof(to)), SIZE);
		}
		ktap_exit();
	}
	ktap_sleep_ms(500);
	nd_wire->hold[0] = 0;
	for (int n = 0; n < SENDERS * EACH; n++) {
		ASSERT_EQ(tu_recv(sink, head, SIZE, 0), SIZE);
		ASSERT_TRUE(head[0] < SENDERS);
		ASSERT_EQ(head[1], next[head[0]]);
		next[head[0]]++;
	}
	for (int i = 0; i < SENDERS; i++) {
		ASSERT_GE(SYS(wait(&status)), 0);
		EXPECT_EQ(status, 0);
	}
}

/* rows 1.7.3, 1.5.6 */
TEST(connection)
{
	int l, s, peer, n = 0, r;

	nd_two(0);
	l = nd_listener(1, SOCK_SEQPACKET, TYPE, 1);
	nd_wait_name(0, TYPE, 1, 1);
	s = tc_connecting(SOCK_SEQPACKET, TYPE, 1);
	peer = tc_accept(l);
	ASSERT_EQ(tu_poll(s, POLLOUT, 5000), POLLOUT);
	hold();
	/* the window of the connection is 128 blocks, one message of 1400 bytes takes 2: it ends
	 * after 65, the window of the link before */
	while (n < 500 && (r = SYS(send(s, buf, 1400, MSG_DONTWAIT))) == 1400)
		n++;
	EXPECT_EQ(r, -EAGAIN);
	EXPECT_EQ(n, 65);
	EXPECT_EQ(tu_poll(s, POLLOUT, 0), 0);
	nd_wire->hold[0] = 0;
	for (int i = 0; i < n; i++)
		ASSERT_EQ(tu_recv(peer, buf, sizeof(buf), 0), 1400);
	EXPECT_EQ(tu_poll(s, POLLOUT, 5000), POLLOUT);
}

/* rows 1.8.3, 17.27 */
TEST(close_waits)
{
	struct sockaddr_tipc to = tu_name(TYPE, 1);
	int sink, s, n;
	double t;

	nd_two(0);
	sink = nd_bound(1, TYPE, 1);
	nd_wait_name(0, TYPE, 1, 1);
	hold();
	if (!fork()) {
		while (nd_wire->hold[0] != 2)
			ktap_sleep_ms(5);
		ktap_sleep_ms(1000);
		nd_wire->hold[0] = 0;
		_exit(0);
	}
	s = sender(0);
	n = fill(s, &to, 2000);
	t = ktap_now();
	nd_wire->hold[0] = 2;
	close(s);
	EXPECT_TRUE(ktap_now() - t > 0.8);
	EXPECT_TRUE(ktap_now() - t < 7);
	take(sink, n);
}

/* rows 1.5.6, 17.9 */
TEST(lost_link)
{
	struct sockaddr_tipc to = tu_name(TYPE, 1);
	int s;

	nd_two(0);
	nd_bound(1, TYPE, 1);
	nd_wait_name(0, TYPE, 1, 1);
	hold();
	s = sender(0);
	fill(s, &to, 2000);
	nd_wire->cut[0] = nd_wire->cut[1] = 1;
	/* the link ends and nobody waits for it any more */
	EXPECT_EQ(tu_sendto(s, buf, SIZE, &to, sizeof(to)), SIZE - SIZE - EHOSTUNREACH);
	EXPECT_EQ(tu_poll(s, POLLOUT, 1000), POLLOUT);
}

TEST_MAIN("a full link lets senders wait, by importance, and wakes them")
