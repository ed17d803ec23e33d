// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "diag.h"
#include <fcntl.h>
#include <sys/stat.h>

#define T tu_type(0)
#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define BIT(n) (1u << (n))

/* what every socket has */
#define ALWAYS (BIT(TIPC_NLA_SOCK_ADDR) | BIT(TIPC_NLA_SOCK_REF) | BIT(TIPC_NLA_SOCK_TYPE) |	\
		BIT(TIPC_NLA_SOCK_TIPC_STATE) | BIT(TIPC_NLA_SOCK_INO) | BIT(TIPC_NLA_SOCK_UID) | \
		BIT(TIPC_NLA_SOCK_COOKIE) | BIT(TIPC_NLA_SOCK_STAT))
#define STATS (BIT(TIPC_NLA_SOCK_STAT_RCVQ) | BIT(TIPC_NLA_SOCK_STAT_SENDQ) |			\
	       BIT(TIPC_NLA_SOCK_STAT_DROP))

enum { ESTABLISHED = 1, CONNECTING = 2, OPEN = 7, DISCONNECTING = 8, LISTEN = 10 };

static const int type[] = { SOCK_RDM, SOCK_DGRAM, SOCK_STREAM, SOCK_SEQPACKET };

static int listener(int t)
{
	int fd = tu_socket(t);

	ASSERT_EQ(tu_bind(fd, T, 1, 1, 0), 0);
	ASSERT_EQ(SYS(listen(fd, 1)), 0);
	return fd;
}

static uint32_t inode(int fd)
{
	struct stat st;

	ASSERT_EQ(SYS(fstat(fd, &st)), 0);
	return st.st_ino;
}

/* rows 14.4, 1.1.8 */
TEST(new)
{
	struct diag_sock s;
	int t, fd;

	for (t = 0; t < COUNT(type); t++) {
		fd = tu_socket(type[t]);
		s = diag_of(fd);
		EXPECT_EQ(s.has, ALWAYS);
		EXPECT_EQ(s.stat_has, STATS);
		EXPECT_EQ(s.addr, tu_self(fd).addr.id.node);
		EXPECT_EQ(s.type, type[t]);
		EXPECT_EQ(s.state, OPEN);
		EXPECT_EQ(s.ino, inode(fd));
		EXPECT_EQ(s.uid, getuid());
		EXPECT_NE(s.cookie, 0);
		EXPECT_EQ(s.rcvq, 0);
		EXPECT_EQ(s.sendq, 0);
		EXPECT_EQ(s.drop, 0);
	}
}

/* rows 14.4 */
TEST(bound)
{
	int fd = tu_socket(SOCK_RDM);

	ASSERT_EQ(tu_bind(fd, T, 1, 1, 0), 0);
	EXPECT_EQ(diag_of(fd).has, ALWAYS | BIT(TIPC_NLA_SOCK_HAS_PUBL));
	ASSERT_EQ(tu_bind(fd, T, 2, 2, TIPC_NODE_SCOPE), 0);
	EXPECT_EQ(diag_of(fd).has, ALWAYS | BIT(TIPC_NLA_SOCK_HAS_PUBL));
	ASSERT_EQ(tu_bind_raw(fd, NULL, 0), 0);
	EXPECT_EQ(diag_of(fd).has, ALWAYS);
}

/* rows 14.4, 1.1.8, 1.1.9 */
TEST(states)
{
	int l = listener(SOCK_STREAM), c = tu_socket(SOCK_STREAM), a;
	struct sockaddr_tipc to = tu_name(T, 1);

	EXPECT_EQ(diag_of(l).state, LISTEN);
	EXPECT_EQ(diag_of(l).has, ALWAYS | BIT(TIPC_NLA_SOCK_HAS_PUBL));
	ASSERT_EQ(SYS(fcntl(c, F_SETFL, O_NONBLOCK)), 0);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
	EXPECT_EQ(diag_of(c).state, CONNECTING);
	EXPECT_EQ(diag_of(c).has, ALWAYS);
	EXPECT_EQ(diag_of(l).rcvq, 1);
	a = SYS(accept(l, NULL, NULL));
	ASSERT_GE(a, 0);
	EXPECT_EQ(diag_of(l).state, LISTEN);
	EXPECT_EQ(diag_of(l).rcvq, 0);
	EXPECT_EQ(tu_poll(c, POLLOUT, 1000), POLLOUT);
	EXPECT_EQ(diag_of(a).state, ESTABLISHED);
	EXPECT_EQ(diag_of(c).state, ESTABLISHED);
	ASSERT_EQ(SYS(shutdown(a, SHUT_RDWR)), 0);
	EXPECT_EQ(diag_of(a).state, DISCONNECTING);
	EXPECT_EQ(diag_of(c).state, DISCONNECTING);
	EXPECT_EQ(diag_of(a).has, ALWAYS);
	EXPECT_EQ(diag_of(c).has, ALWAYS);
}

/* rows 14.4, 1.4.5 */
TEST(refused)
{
	int l = listener(SOCK_STREAM), c = tu_socket(SOCK_STREAM);
	struct sockaddr_tipc to = tu_name(T, 1);

	ASSERT_EQ(SYS(fcntl(c, F_SETFL, O_NONBLOCK)), 0);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
	close(l);
	EXPECT_EQ(diag_of(c).state, DISCONNECTING);
	EXPECT_EQ(diag_of(c).has, ALWAYS);
}

/* rows 14.4, 1.9.6 */
TEST(end_is_no_message)	/* differs: D33 */
{
	int l = listener(SOCK_STREAM), c = tu_socket(SOCK_STREAM), fd[2];
	struct sockaddr_tipc to = tu_name(T, 1);

	ASSERT_EQ(SYS(fcntl(c, F_SETFL, O_NONBLOCK)), 0);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
	close(l);
	EXPECT_EQ(diag_of(c).rcvq, 0);
	ASSERT_EQ(SYS(socketpair(AF_TIPC, SOCK_STREAM, 0, fd)), 0);
	close(fd[1]);
	EXPECT_EQ(diag_of(fd[0]).state, DISCONNECTING);
	EXPECT_EQ(diag_of(fd[0]).rcvq, 0);
	EXPECT_EQ(tu_get(fd[0], TIPC_SOCK_RECVQ_DEPTH), 0);
}

/* rows 14.4 */
TEST(connected_by_name)
{
	int t, l, c, a;
	struct sockaddr_tipc to;
	struct diag_sock s;

	for (t = 2; t < COUNT(type); t++) {
		l = listener(type[t]);
		c = tu_socket(type[t]);
		to = tu_name(T, 1);
		ASSERT_EQ(SYS(fcntl(c, F_SETFL, O_NONBLOCK)), 0);
		EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
		a = SYS(accept(l, NULL, NULL));
		ASSERT_GE(a, 0);
		s = diag_of(c);
		EXPECT_EQ(s.has, ALWAYS | BIT(TIPC_NLA_SOCK_CON));
		EXPECT_EQ(s.con_sock, tu_self(a).addr.id.ref);
		EXPECT_EQ(s.con_node, tu_self(a).addr.id.node);
		EXPECT_TRUE(s.con_has & BIT(TIPC_NLA_CON_FLAG));
		EXPECT_EQ(s.con_type, T);
		EXPECT_EQ(s.con_inst, 1);
		s = diag_of(a);
		EXPECT_EQ(s.type, type[t]);
		EXPECT_EQ(s.ino, inode(a));
		EXPECT_EQ(s.con_sock, tu_self(c).addr.id.ref);
		EXPECT_TRUE(s.con_has & BIT(TIPC_NLA_CON_FLAG));
		EXPECT_EQ(s.con_type, T);
		EXPECT_EQ(s.con_inst, 1);
		close(l);
	}
}

/* rows 14.4 */
TEST(connected_by_address)
{
	int l = tu_socket(SOCK_SEQPACKET), c = tu_socket(SOCK_SEQPACKET), a;
	struct sockaddr_tipc to = tu_self(l);
	struct diag_sock s;

	ASSERT_EQ(SYS(listen(l, 1)), 0);
	ASSERT_EQ(SYS(fcntl(c, F_SETFL, O_NONBLOCK)), 0);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
	a = SYS(accept(l, NULL, NULL));
	ASSERT_GE(a, 0);
	s = diag_of(c);
	EXPECT_EQ(s.con_has, BIT(TIPC_NLA_CON_NODE) | BIT(TIPC_NLA_CON_SOCK));
	EXPECT_EQ(s.con_sock, tu_self(a).addr.id.ref);
	s = diag_of(a);
	EXPECT_EQ(s.con_has, BIT(TIPC_NLA_CON_NODE) | BIT(TIPC_NLA_CON_SOCK));
	EXPECT_EQ(s.con_sock, tu_self(c).addr.id.ref);
}

/* rows 14.4, 1.4.19 */
TEST(pairs)
{
	struct diag_sock s;
	int t, i, fd[2];

	for (t = 0; t < COUNT(type); t++) {
		ASSERT_EQ(SYS(socketpair(AF_TIPC, type[t], 0, fd)), 0);
		for (i = 0; i < 2; i++) {
			s = diag_of(fd[i]);
			EXPECT_EQ(s.type, type[t]);
			EXPECT_EQ(s.state, ESTABLISHED);
			EXPECT_EQ(s.has, ALWAYS | BIT(TIPC_NLA_SOCK_CON));
			EXPECT_EQ(s.con_has, BIT(TIPC_NLA_CON_NODE) | BIT(TIPC_NLA_CON_SOCK));
			EXPECT_EQ(s.con_sock, tu_self(fd[!i]).addr.id.ref);
		}
	}
}

/* rows 14.4 */
TEST(connected_hides_bindings)
{
	int fd[2];

	/* a connected socket cannot bind, but one that is bound can be a datagram pair's */
	ASSERT_EQ(SYS(socketpair(AF_TIPC, SOCK_RDM, 0, fd)), 0);
	EXPECT_EQ(tu_bind(fd[0], T, 1, 1, 0), -EINVAL);
	EXPECT_EQ(diag_of(fd[0]).has, ALWAYS | BIT(TIPC_NLA_SOCK_CON));
}

/* rows 14.4 */
TEST(queues)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i;
	char b[1000];

	for (i = 1; i <= 5; i++) {
		ASSERT_EQ(tu_send_name(tx, "x", 1, T, 1), 1);
		EXPECT_EQ(diag_of(rx).rcvq, i);
	}
	EXPECT_EQ(diag_of(tx).rcvq, 0);
	EXPECT_EQ(diag_of(tx).sendq, 0);
	for (i = 4; i >= 0; i--) {
		ASSERT_EQ(tu_recv(rx, b, 1, 0), 1);
		EXPECT_EQ(diag_of(rx).rcvq, i);
	}
}

/* rows 14.4, 1.12.4 */
TEST(drops)
{
	int rx = tu_bound(T, 1), tx = tu_socket(SOCK_RDM), i;
	char b[1000] = { 0 };

	for (i = 0; i < 915; i++)
		ASSERT_EQ(tu_send_name(tx, b, 1000, T, 1), 1000);
	EXPECT_EQ(diag_of(rx).rcvq, 910);
	EXPECT_EQ(diag_of(rx).drop, 5);
	EXPECT_EQ(diag_of(tx).drop, 0);
	for (i = 0; i < 910; i++)
		ASSERT_EQ(tu_recv(rx, b, 1000, 0), 1000);
	EXPECT_EQ(diag_of(rx).drop, 5);
}

/* rows 14.4 */
TEST(send_queue_connecting)
{
	int l = listener(SOCK_SEQPACKET), c = tu_socket(SOCK_SEQPACKET);
	struct sockaddr_tipc to = tu_name(T, 1);

	ASSERT_EQ(SYS(fcntl(c, F_SETFL, O_NONBLOCK)), 0);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
	/* the request, kept to be sent again */
	EXPECT_EQ(diag_of(c).sendq, 1);
	ASSERT_GE(SYS(accept(l, NULL, NULL)), 0);
	EXPECT_EQ(diag_of(c).sendq, 0);
}

/* rows 14.4, 1.12.1 */
TEST(congested_connection)
{
	struct diag_sock s;
	char b[1000] = { 0 };
	int t, i, fd[2];

	for (t = 2; t < COUNT(type); t++) {
		ASSERT_EQ(SYS(socketpair(AF_TIPC, type[t], 0, fd)), 0);
		ASSERT_EQ(tu_set(fd[0], TIPC_NODELAY, 1), 0);
		EXPECT_EQ(diag_of(fd[0]).stat_has, STATS);
		for (i = 0; i < 1000; i++)
			if (SYS(send(fd[0], b, sizeof(b), MSG_DONTWAIT)) != sizeof(b))
				break;
		EXPECT_LE(i, 999);
		s = diag_of(fd[0]);
		EXPECT_EQ(s.stat_has, STATS | BIT(TIPC_NLA_SOCK_STAT_CONN_CONG));
		s = diag_of(fd[1]);
		EXPECT_EQ(s.stat_has, STATS);
		EXPECT_EQ(s.rcvq, i);
		while (tu_recv(fd[1], b, sizeof(b), MSG_DONTWAIT) > 0)
			;
		EXPECT_EQ(diag_of(fd[0]).stat_has, STATS);
	}
}

/* rows 14.4 */
TEST(cookies)
{
	struct diag_dump d;
	uint64_t cookie[20];
	socklen_t len = 8;
	int fd[20], i, j;

	for (i = 0; i < 20; i++) {
		fd[i] = tu_socket(type[i % 4]);
		cookie[i] = diag_of(fd[i]).cookie;
		for (j = 0; j < i; j++)
			EXPECT_NE(cookie[i], cookie[j]);
	}
	/* the same every time, and the one that the socket itself says */
	d = diag_dump(~0u);
	for (i = 0; i < 20; i++) {
		const struct diag_sock *s = diag_find(&d, tu_self(fd[i]).addr.id.ref);
		uint64_t own = 0;

		ASSERT_TRUE(s);
		EXPECT_EQ(s->cookie, cookie[i]);
		EXPECT_EQ(SYS(getsockopt(fd[i], SOL_SOCKET, SO_COOKIE, &own, &len)), 0);
		EXPECT_EQ(own, cookie[i]);
	}
}

/* rows 14.4 */
TEST(owner)
{
	int fd = tu_socket(SOCK_RDM), other;
	pid_t pid;

	EXPECT_EQ(diag_of(fd).uid, getuid());
	if (geteuid())
		SKIP("needs root");
	/* the owner is who made it, not who has it */
	pid = fork();
	if (!pid) {
		ASSERT_EQ(SYS(setresuid(1234, 1234, 1234)), 0);
		EXPECT_EQ(diag_of(fd).uid, 0);
		other = tu_socket(SOCK_STREAM);
		EXPECT_EQ(diag_of(other).uid, 1234);
		ktap_exit();
	}
	EXPECT_EQ(tu_wait(pid), 0);
	ASSERT_EQ(SYS(fchown(fd, 99, 99)), 0);
	EXPECT_EQ(diag_of(fd).uid, 99);
}

/* rows 14.4 */
TEST(closed)
{
	int fd = tu_socket(SOCK_RDM), copy;
	uint32_t ref = tu_self(fd).addr.id.ref, ino = inode(fd);
	struct diag_dump d;

	copy = dup(fd);
	close(fd);
	EXPECT_EQ(diag_of(copy).ino, ino);
	close(copy);
	d = diag_dump(~0u);
	EXPECT_TRUE(!diag_find(&d, ref));
}

/* rows 14.4, 14.9 */
TEST(other_namespace)
{
	int fd = tu_socket(SOCK_RDM), mine;
	uint32_t ref = tu_self(fd).addr.id.ref;
	struct diag_dump d = diag_dump(~0u);

	EXPECT_TRUE(diag_find(&d, ref));
	tu_netns();
	d = diag_dump(~0u);
	EXPECT_TRUE(!diag_find(&d, ref));
	mine = tu_socket(SOCK_STREAM);
	EXPECT_EQ(diag_of(mine).state, OPEN);
}

/* rows 14.4, 4.1 */
TEST(topology_server)
{
	struct diag_dump d;

	/* a new namespace has one socket: the server's, which has no file of a user's */
	tu_netns();
	d = diag_dump(~0u);
	ASSERT_EQ(d.socks, 1);
	EXPECT_EQ(d.sock[0].state, LISTEN);
	EXPECT_EQ(d.sock[0].type, SOCK_SEQPACKET);
	EXPECT_EQ(d.sock[0].has, ALWAYS | BIT(TIPC_NLA_SOCK_HAS_PUBL));
	EXPECT_EQ(d.sock[0].stat_has, STATS);
	EXPECT_EQ(d.sock[0].rcvq, 0);
}

/* rows 14.4, 4.1 */
TEST(topology_connection)
{
	struct sockaddr_tipc to = tu_name(TIPC_TOP_SRV, TIPC_TOP_SRV);
	struct diag_sock s;
	struct diag_dump d;
	const struct diag_sock *other;
	int fd;

	tu_netns();
	fd = tu_socket(SOCK_SEQPACKET);
	ASSERT_EQ(tu_connect(fd, &to, sizeof(to)), 0);
	s = diag_of(fd);
	EXPECT_EQ(s.state, ESTABLISHED);
	EXPECT_EQ(s.con_type, TIPC_TOP_SRV);
	d = diag_dump(~0u);
	EXPECT_EQ(d.socks, 3);
	other = diag_find(&d, s.con_sock);
	ASSERT_TRUE(other);
	EXPECT_EQ(other->state, ESTABLISHED);
	EXPECT_EQ(other->con_sock, s.ref);
	EXPECT_EQ(other->type, SOCK_SEQPACKET);
}

TEST_MAIN("sock_diag shows what sockets are")
