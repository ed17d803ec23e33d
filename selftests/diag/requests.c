// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "diag.h"
#include <fcntl.h>
#include <sys/resource.h>

#define BIT(n) (1u << (n))

enum { ESTABLISHED = 1, CONNECTING = 2, OPEN = 7, DISCONNECTING = 8, LISTEN = 10 };

#define STATES (BIT(ESTABLISHED) | BIT(CONNECTING) | BIT(OPEN) | BIT(DISCONNECTING) | BIT(LISTEN))

static const struct tipc_sock_diag_req all = { .sdiag_family = AF_TIPC, .tidiag_states = ~0u };

static void many_files(void)
{
	struct rlimit rl;

	ASSERT_EQ(SYS(getrlimit(RLIMIT_NOFILE, &rl)), 0);
	rl.rlim_cur = rl.rlim_max < 8192 ? rl.rlim_max : 8192;
	ASSERT_EQ(SYS(setrlimit(RLIMIT_NOFILE, &rl)), 0);
}

/* an answer that is nothing but an error */
static int only_error(int fd)
{
	struct diag_dump d = diag_read(fd);

	EXPECT_EQ(d.socks, 0);
	EXPECT_EQ(d.empty, 0);
	return d.error;
}

/* rows 14.2 */
TEST(too_short)
{
	int fd = diag_open(), len;

	for (len = 0; len < 8; len++) {
		ASSERT_GE(diag_send(fd, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, len, &all), 0);
		EXPECT_EQ(only_error(fd), -EINVAL);
		ASSERT_GE(diag_send(fd, SOCK_DIAG_BY_FAMILY, 0, len, &all), 0);
		EXPECT_EQ(only_error(fd), -EINVAL);
	}
}

/* rows 14.2 */
TEST(longer)
{
	int fd = diag_open(), s = tu_socket(SOCK_RDM), len;
	struct diag_dump d;

	for (len = 8; len < 2000; len += 331) {
		ASSERT_GE(diag_send(fd, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, len, &all), 0);
		d = diag_read(fd);
		EXPECT_EQ(d.error, 0);
		EXPECT_TRUE(diag_find(&d, tu_self(s).addr.id.ref));
	}
}

/* rows 14.2 */
TEST(no_dump)
{
	static const int flags[] = { 0, NLM_F_ACK, NLM_F_ECHO, NLM_F_ATOMIC };
	int fd = diag_open(), i;

	for (i = 0; i < 4; i++) {
		ASSERT_GE(diag_send(fd, SOCK_DIAG_BY_FAMILY, flags[i], 8, &all), 0);
		EXPECT_EQ(only_error(fd), -EOPNOTSUPP);
	}
}

/* rows 14.2 */
TEST(half_a_dump)
{
	/* either flag of NLM_F_DUMP will do */
	static const int flags[] = { NLM_F_ROOT, NLM_F_MATCH, NLM_F_DUMP | NLM_F_ATOMIC };
	int fd = diag_open(), s = tu_socket(SOCK_RDM), i;
	struct diag_dump d;

	for (i = 0; i < 3; i++) {
		ASSERT_GE(diag_ask(fd, flags[i], ~0u), 0);
		d = diag_read(fd);
		EXPECT_EQ(d.error, 0);
		EXPECT_TRUE(diag_find(&d, tu_self(s).addr.id.ref));
	}
}

/* rows 14.2 */
TEST(acknowledged)
{
	int fd = diag_open(), s = tu_socket(SOCK_RDM);
	struct diag_dump d;

	ASSERT_GE(diag_ask(fd, NLM_F_DUMP | NLM_F_ACK, ~0u), 0);
	d = diag_read(fd);
	EXPECT_EQ(d.error, 0);
	EXPECT_TRUE(diag_find(&d, tu_self(s).addr.id.ref));
	/* it may come after the end */
	if (!d.acks)
		d = diag_read(fd);
	EXPECT_EQ(d.acks, 1);
}

/* rows 14.2 */
TEST(destroy)
{
	int fd = diag_open(), s = tu_socket(SOCK_RDM);

	ASSERT_GE(diag_send(fd, SOCK_DESTROY, 0, 8, &all), 0);
	EXPECT_EQ(only_error(fd), -EOPNOTSUPP);
	ASSERT_GE(diag_send(fd, SOCK_DESTROY, NLM_F_DUMP, 8, &all), 0);
	EXPECT_EQ(only_error(fd), -EOPNOTSUPP);
	EXPECT_EQ(diag_of(s).state, OPEN);
}

/* rows 14.2 */
TEST(what_must_be_zero)
{
	struct tipc_sock_diag_req r = all;
	int fd = diag_open(), s = tu_socket(SOCK_RDM);
	struct diag_dump d;

	/* is not looked at */
	r.sdiag_protocol = 255;
	r.pad = 65535;
	ASSERT_GE(diag_send(fd, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, 8, &r), 0);
	d = diag_read(fd);
	EXPECT_EQ(d.error, 0);
	EXPECT_TRUE(diag_find(&d, tu_self(s).addr.id.ref));
}

/* rows 14.2 */
TEST(unprivileged)
{
	int s = tu_socket(SOCK_RDM);

	if (!geteuid())
		ASSERT_EQ(SYS(setresuid(65534, 65534, 65534)), 0);
	EXPECT_EQ(diag_of(s).state, OPEN);
}

/* rows 14.3 */
TEST(by_state)
{
	int s[5], p[2], i;
	static const int state[] = { OPEN, LISTEN, CONNECTING, ESTABLISHED, DISCONNECTING };
	struct sockaddr_tipc to = tu_name(tu_type(0), 1);
	struct diag_dump d;

	tu_netns();
	s[0] = tu_socket(SOCK_RDM);
	s[1] = tu_socket(SOCK_STREAM);
	ASSERT_EQ(tu_bind(s[1], tu_type(0), 1, 1, 0), 0);
	ASSERT_EQ(SYS(listen(s[1], 1)), 0);
	s[2] = tu_socket(SOCK_STREAM);
	ASSERT_EQ(tu_set(s[2], TIPC_CONN_TIMEOUT, 0), 0);
	ASSERT_EQ(tu_connect(s[2], &to, sizeof(to)), -EINPROGRESS);
	ASSERT_EQ(SYS(socketpair(AF_TIPC, SOCK_STREAM, 0, p)), 0);
	s[3] = p[0];
	ASSERT_EQ(SYS(socketpair(AF_TIPC, SOCK_STREAM, 0, p)), 0);
	s[4] = p[0];
	ASSERT_EQ(SYS(shutdown(s[4], SHUT_RDWR)), 0);
	for (i = 0; i < 5; i++) {
		int j;

		d = diag_dump(BIT(state[i]));
		for (j = 0; j < 5; j++)
			EXPECT_EQ(!!diag_find(&d, tu_self(s[j]).addr.id.ref), i == j);
		for (j = 0; j < d.socks; j++)
			EXPECT_EQ(d.sock[j].state, state[i]);
		d = diag_dump(STATES & ~BIT(state[i]));
		for (j = 0; j < 5; j++)
			EXPECT_EQ(!!diag_find(&d, tu_self(s[j]).addr.id.ref), i != j);
	}
	EXPECT_EQ(diag_dump(0).socks, 0);
	EXPECT_EQ(diag_dump(~STATES).socks, 0);
}

/* rows 14.3, 18.17 */
TEST(no_empty_messages)	/* differs: D30 */
{
	int s = tu_socket(SOCK_RDM);

	EXPECT_EQ(diag_of(s).state, OPEN);
	EXPECT_EQ(diag_dump(0).empty, 0);
	EXPECT_EQ(diag_dump(BIT(LISTEN)).empty, 0);
	EXPECT_EQ(diag_dump(~0u).empty, 0);
}

/* rows 14.2 */
TEST(one_at_a_time)	/* differs: D31 */
{
	int fd = diag_open(), i;
	struct diag_dump d;

	/* a second request, before the first is answered, is refused, not forgotten */
	for (i = 0; i < 900; i++)
		tu_socket(SOCK_RDM);
	ASSERT_GE(diag_ask(fd, NLM_F_DUMP, ~0u), 0);
	ASSERT_GE(diag_ask(fd, NLM_F_DUMP, ~0u), 0);
	d = diag_read(fd);
	EXPECT_EQ(d.error, -EBUSY);
	d = diag_read(fd);
	EXPECT_EQ(d.error, 0);
}

/* rows 14.4, 1.1.5 */
TEST_LIMIT(thousands, 200)	/* differs: D32 */
{
	int n = 4000, i, round;
	static int fd[4000];
	struct diag_dump d;

	tu_netns();
	many_files();
	for (i = 0; i < n; i++)
		fd[i] = tu_socket(SOCK_RDM);
	/* every socket, once, page after page */
	for (round = 0; round < 2; round++) {
		d = diag_dump(~0u);
		for (i = 0; i < n; i++)
			ASSERT_TRUE(diag_find(&d, tu_self(fd[i]).addr.id.ref));
		for (i = 0; i < d.socks; i++)
			ASSERT_EQ(d.sock[i].count, 1);
		EXPECT_EQ(d.flags & NLM_F_DUMP_INTR, 0);
		free(d.sock);
	}
}

/* rows 14.4 */
TEST_LIMIT(come_and_go, 200)	/* differs: D32 */
{
	static int stay[400];
	pid_t pid[2];
	int i, k, round;

	tu_netns();
	for (i = 0; i < 400; i++)
		stay[i] = tu_socket(SOCK_RDM);
	for (k = 0; k < 2; k++) {
		pid[k] = fork();
		if (!pid[k]) {
			static int fd[100];

			for (;;) {
				for (i = 0; i < 100; i++)
					fd[i] = socket(AF_TIPC, SOCK_STREAM, 0);
				for (i = 0; i < 100; i++)
					close(fd[i]);
			}
		}
	}
	for (round = 0; round < 20; round++) {
		struct diag_dump d = diag_dump(~0u);

		for (i = 0; i < 400; i++) {
			const struct diag_sock *s = diag_find(&d, tu_self(stay[i]).addr.id.ref);

			ASSERT_TRUE(s);
			ASSERT_EQ(s->count, 1);
		}
		free(d.sock);
	}
	for (k = 0; k < 2; k++)
		kill(pid[k], SIGKILL);
}

/* rows 14.2 */
TEST_LIMIT(given_up, 120)
{
	int i, fd;

	for (i = 0; i < 300; i++)
		tu_socket(SOCK_RDM);
	/* whoever does not read to the end leaves nothing behind */
	for (i = 0; i < 500; i++) {
		fd = diag_open();
		ASSERT_GE(diag_ask(fd, NLM_F_DUMP, ~0u), 0);
		close(fd);
	}
}

/* rows 14.2 */
TEST_LIMIT(many_at_once, 120)
{
	int i, k, s = tu_socket(SOCK_RDM);
	pid_t pid[8];

	for (i = 0; i < 100; i++)
		tu_socket(SOCK_STREAM);
	for (k = 0; k < 8; k++) {
		pid[k] = fork();
		if (!pid[k]) {
			for (i = 0; i < 20; i++)
				EXPECT_EQ(diag_of(s).state, OPEN);
			ktap_exit();
		}
	}
	for (k = 0; k < 8; k++)
		EXPECT_EQ(tu_wait(pid[k]), 0);
}

/* rows 14.2 */
TEST(garbage)
{
	int fd = diag_open(), s = tu_socket(SOCK_RDM), i, j;
	char b[256] __attribute__((aligned(8)));

	srand(1);
	ASSERT_EQ(SYS(fcntl(fd, F_SETFL, O_NONBLOCK)), 0);
	for (i = 0; i < 20000; i++) {
		struct nlmsghdr *h = (void *)b;
		int len = rand() % sizeof(b);

		for (j = 0; j < (int)sizeof(b); j++)
			b[j] = rand();
		h->nlmsg_type = rand() % 4 ? SOCK_DIAG_BY_FAMILY : SOCK_DESTROY;
		h->nlmsg_len = rand() % 4 ? len : rand() % 64;
		b[NLMSG_HDRLEN] = AF_TIPC;
		(void)!send(fd, b, len, 0);
		while (recv(fd, b, sizeof(b), 0) > 0)
			;
	}
	EXPECT_EQ(diag_of(s).state, OPEN);
}

TEST_MAIN("sock_diag answers who asks in the right way")
