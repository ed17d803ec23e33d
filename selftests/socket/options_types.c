// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <netinet/in.h>
#include <sys/mman.h>

#define T tu_type(0)
#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const int type[] = { SOCK_RDM, SOCK_DGRAM, SOCK_STREAM, SOCK_SEQPACKET };

#define EACH_TYPE(t) for (t = 0; t < COUNT(type); t++)

/* options that are set from one word */
static const int word[] = {
	TIPC_IMPORTANCE, TIPC_SRC_DROPPABLE, TIPC_DEST_DROPPABLE, TIPC_CONN_TIMEOUT, TIPC_NODELAY,
};

/* options that can be read */
static const int readable[] = {
	TIPC_IMPORTANCE, TIPC_SRC_DROPPABLE, TIPC_DEST_DROPPABLE, TIPC_CONN_TIMEOUT,
	TIPC_NODE_RECVQ_DEPTH, TIPC_SOCK_RECVQ_DEPTH, TIPC_SOCK_RECVQ_USED, TIPC_GROUP_JOIN,
};

static int set_raw(int fd, int opt, const void *v, socklen_t len)
{
	return SYS(setsockopt(fd, SOL_TIPC, opt, v, len));
}

static int get_raw(int fd, int opt, void *v, socklen_t *len)
{
	return SYS(getsockopt(fd, SOL_TIPC, opt, v, len));
}

/* rows 1.9.1 */
TEST(importance)
{
	int t, i, fd;

	EACH_TYPE(t) {
		fd = tu_socket(type[t]);
		EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), TIPC_LOW_IMPORTANCE);
		for (i = 3; i >= 0; i--) {
			EXPECT_EQ(tu_set(fd, TIPC_IMPORTANCE, i), 0);
			EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), i);
		}
		EXPECT_EQ(tu_set(fd, TIPC_IMPORTANCE, 4), -EINVAL);
		EXPECT_EQ(tu_set(fd, TIPC_IMPORTANCE, 0x7fffffff), -EINVAL);
		EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), 0);
	}
}

/* rows 1.9.2 */
TEST(src_droppable)
{
	int stream = tu_socket(SOCK_STREAM), seq = tu_socket(SOCK_SEQPACKET);

	EXPECT_EQ(tu_get(stream, TIPC_SRC_DROPPABLE), 0);
	EXPECT_EQ(tu_set(stream, TIPC_SRC_DROPPABLE, 1), -ENOPROTOOPT);
	EXPECT_EQ(tu_set(stream, TIPC_SRC_DROPPABLE, 0), -ENOPROTOOPT);
	EXPECT_EQ(set_raw(stream, TIPC_SRC_DROPPABLE, NULL, 0), -EINVAL);
	EXPECT_EQ(set_raw(stream, TIPC_SRC_DROPPABLE, NULL, 4), -EFAULT);
	EXPECT_EQ(tu_get(stream, TIPC_SRC_DROPPABLE), 0);
	EXPECT_EQ(tu_get(seq, TIPC_SRC_DROPPABLE), 0);
	EXPECT_EQ(tu_set(seq, TIPC_SRC_DROPPABLE, 2), 0);
	EXPECT_EQ(tu_get(seq, TIPC_SRC_DROPPABLE), 1);
}

/* rows 1.9.2, 18.8 */
TEST(src_droppable_connection)
{
	int fd[2], i;
	char b[4];

	/* nothing is dropped, and nothing comes back for it */
	ASSERT_EQ(SYS(socketpair(AF_TIPC, SOCK_SEQPACKET, 0, fd)), 0);
	ASSERT_EQ(tu_set(fd[0], TIPC_SRC_DROPPABLE, 1), 0);
	for (i = 0; i < 1000; i++) {
		ASSERT_EQ(SYS(send(fd[0], &i, 4, MSG_DONTWAIT)), 4);
		ASSERT_EQ(tu_recv(fd[1], b, 4, MSG_DONTWAIT), 4);
		ASSERT_EQ(memcmp(b, &i, 4), 0);
	}
	EXPECT_EQ(tu_get(fd[0], TIPC_SOCK_RECVQ_DEPTH), 0);
	EXPECT_TRUE(tu_empty(fd[0]));
	EXPECT_TRUE(tu_empty(fd[1]));
}

/* rows 1.9.3, 1.1.7 */
TEST(dest_droppable)
{
	int t, fd;

	EACH_TYPE(t) {
		fd = tu_socket(type[t]);
		EXPECT_EQ(tu_get(fd, TIPC_DEST_DROPPABLE), t < 2);
		EXPECT_EQ(tu_set(fd, TIPC_DEST_DROPPABLE, t >= 2), 0);
		EXPECT_EQ(tu_get(fd, TIPC_DEST_DROPPABLE), t >= 2);
	}
}

/* rows 1.9.3 */
TEST(droppable_any_number)
{
	static const uint32_t v[] = { 2, 5, 0x100, 0x80000000, 0xffffffff, 0xfffffffe };
	int fd = tu_socket(SOCK_RDM), i;

	for (i = 0; i < COUNT(v); i++) {
		EXPECT_EQ(tu_set(fd, TIPC_DEST_DROPPABLE, v[i]), 0);
		EXPECT_EQ(tu_get(fd, TIPC_DEST_DROPPABLE), v[i] ? 1 : 0);
		EXPECT_EQ(tu_set(fd, TIPC_DEST_DROPPABLE, 0), 0);
		EXPECT_EQ(tu_get(fd, TIPC_DEST_DROPPABLE), 0);
	}
}

/* rows 1.9.4 */
TEST(conn_timeout)
{
	static const uint32_t v[] = { 0, 1, 65535, 65536, 70000, 0x80000000, 0xffffffff };
	int t, i, fd;

	EACH_TYPE(t) {
		fd = tu_socket(type[t]);
		EXPECT_EQ(tu_get(fd, TIPC_CONN_TIMEOUT), 8000);
		for (i = 0; i < COUNT(v); i++) {
			EXPECT_EQ(tu_set(fd, TIPC_CONN_TIMEOUT, v[i]), 0);
			EXPECT_EQ(tu_get(fd, TIPC_CONN_TIMEOUT), v[i] & 0xffff);
		}
	}
}

/* rows 1.9.5, 1.9.6, 1.9.10 */
TEST(receive_queue)
{
	static const int opt[] = {
		TIPC_NODE_RECVQ_DEPTH, TIPC_SOCK_RECVQ_DEPTH, TIPC_SOCK_RECVQ_USED,
	};
	int t, i, fd[2], one, v = 1;
	char b[4];

	EACH_TYPE(t) {
		ASSERT_EQ(SYS(socketpair(AF_TIPC, type[t], 0, fd)), 0);
		for (i = 0; i < 3; i++) {
			EXPECT_EQ(tu_get(fd[1], opt[i]), 0);
			EXPECT_EQ(set_raw(fd[1], opt[i], &v, 4), -EINVAL);
			EXPECT_EQ(set_raw(fd[1], opt[i], NULL, 0), -EINVAL);
			EXPECT_EQ(set_raw(fd[1], opt[i], (void *)8, 4), -EINVAL);
		}
		ASSERT_EQ(SYS(send(fd[0], "x", 1, MSG_DONTWAIT)), 1);
		EXPECT_EQ(tu_get(fd[1], TIPC_SOCK_RECVQ_DEPTH), 1);
		one = tu_get(fd[1], TIPC_SOCK_RECVQ_USED);
		EXPECT_GE(one, 1);
		ASSERT_EQ(SYS(send(fd[0], "y", 1, MSG_DONTWAIT)), 1);
		EXPECT_EQ(tu_get(fd[1], TIPC_SOCK_RECVQ_DEPTH), 2);
		EXPECT_EQ(tu_get(fd[1], TIPC_SOCK_RECVQ_USED), 2 * one);
		EXPECT_EQ(tu_get(fd[1], TIPC_NODE_RECVQ_DEPTH), 0);
		EXPECT_EQ(tu_get(fd[0], TIPC_SOCK_RECVQ_DEPTH), 0);
		/* looking takes nothing */
		EXPECT_EQ(tu_recv(fd[1], b, 1, MSG_PEEK), 1);
		EXPECT_EQ(tu_get(fd[1], TIPC_SOCK_RECVQ_DEPTH), 2);
		EXPECT_EQ(tu_recv(fd[1], b, 1, 0), 1);
		EXPECT_EQ(tu_recv(fd[1], b, 1, 0), 1);
		EXPECT_EQ(tu_get(fd[1], TIPC_SOCK_RECVQ_DEPTH), 0);
		EXPECT_EQ(tu_get(fd[1], TIPC_SOCK_RECVQ_USED), 0);
		close(fd[0]);
		close(fd[1]);
	}
}

/* rows 1.9.6, 1.3.2 */
TEST(receive_queue_listener)
{
	int l = tu_socket(SOCK_STREAM), c = tu_socket(SOCK_STREAM);
	struct sockaddr_tipc to;

	ASSERT_EQ(tu_bind(l, T, 1, 1, 0), 0);
	ASSERT_EQ(SYS(listen(l, 0)), 0);
	to = tu_name(T, 1);
	ASSERT_EQ(tu_set(c, TIPC_CONN_TIMEOUT, 0), 0);
	EXPECT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
	EXPECT_EQ(tu_get(l, TIPC_SOCK_RECVQ_DEPTH), 1);
	EXPECT_GE(tu_get(l, TIPC_SOCK_RECVQ_USED), 1);
}

/* rows 1.9.7 */
TEST(mcast_method)
{
	static const int opt[] = { TIPC_MCAST_BROADCAST, TIPC_MCAST_REPLICAST };
	int t, i, fd, v = 1;

	EACH_TYPE(t) {
		for (i = 0; i < 2; i++) {
			fd = tu_socket(type[t]);
			EXPECT_EQ(set_raw(fd, opt[i], NULL, 0), 0);
			EXPECT_EQ(set_raw(fd, opt[i], NULL, 0), 0);
			EXPECT_EQ(set_raw(fd, opt[i], &v, 4), -EINVAL);
			EXPECT_EQ(set_raw(fd, opt[i], &v, 0), -EINVAL);
			EXPECT_EQ(set_raw(fd, opt[i], NULL, 4), -EINVAL);
			EXPECT_EQ(set_raw(fd, opt[i], (void *)8, 4), -EINVAL);
			EXPECT_EQ(tu_get(fd, opt[i]), -EINVAL);
		}
	}
}

/* rows 1.9.8 */
TEST(group_join_bad)
{
	struct tipc_group_req r = { .type = T, .instance = 1, .scope = TIPC_CLUSTER_SCOPE };
	char *edge = tu_edge(15);
	int t, i, fd;

	EACH_TYPE(t) {
		fd = tu_socket(type[t]);
		EXPECT_EQ(tu_get(fd, TIPC_GROUP_JOIN), 0);
		for (i = 0; i < 16; i++)
			EXPECT_EQ(set_raw(fd, TIPC_GROUP_JOIN, &r, i), -EINVAL);
		EXPECT_EQ(set_raw(fd, TIPC_GROUP_JOIN, NULL, 0), -EINVAL);
		EXPECT_EQ(set_raw(fd, TIPC_GROUP_JOIN, NULL, 16), -EFAULT);
		EXPECT_EQ(set_raw(fd, TIPC_GROUP_JOIN, (void *)8, 16), -EFAULT);
		EXPECT_EQ(set_raw(fd, TIPC_GROUP_JOIN, edge, 16), -EFAULT);
		for (r.type = 0; r.type < 64; r.type += 21)
			EXPECT_EQ(set_raw(fd, TIPC_GROUP_JOIN, &r, 16), -EACCES);
		r.type = 63;
		r.scope = 4;
		EXPECT_EQ(set_raw(fd, TIPC_GROUP_JOIN, &r, 16), -EACCES);
		r.type = T;
		EXPECT_EQ(set_raw(fd, TIPC_GROUP_JOIN, &r, 16), -EINVAL);
		r.scope = ~0u;
		EXPECT_EQ(set_raw(fd, TIPC_GROUP_JOIN, &r, 16), -EINVAL);
		r.scope = TIPC_CLUSTER_SCOPE;
		EXPECT_EQ(tu_get(fd, TIPC_GROUP_JOIN), 0);
	}
}

/* rows 1.9.8 */
TEST(group_join)	/* differs: D6 */
{
	struct tipc_group_req r = { .type = T, .instance = 1, .scope = TIPC_CLUSTER_SCOPE };
	int fd = tu_socket(SOCK_RDM);

	EXPECT_EQ(set_raw(fd, TIPC_GROUP_JOIN, &r, sizeof(r)), -EOPNOTSUPP);
	EXPECT_EQ(tu_get(fd, TIPC_GROUP_JOIN), 0);
	EXPECT_EQ(tu_reach(T, 1), -EHOSTUNREACH);
}

/* rows 1.9.9 */
TEST(group_leave)
{
	int t, fd, v = 1;

	EACH_TYPE(t) {
		fd = tu_socket(type[t]);
		EXPECT_EQ(set_raw(fd, TIPC_GROUP_LEAVE, NULL, 0), -EINVAL);
		EXPECT_EQ(set_raw(fd, TIPC_GROUP_LEAVE, &v, 4), -EINVAL);
		EXPECT_EQ(set_raw(fd, TIPC_GROUP_LEAVE, NULL, 4), -EINVAL);
		EXPECT_EQ(tu_get(fd, TIPC_GROUP_LEAVE), -EINVAL);
	}
}

/* rows 1.9.11 */
TEST(nodelay)
{
	int t, fd;

	EACH_TYPE(t) {
		fd = tu_socket(type[t]);
		EXPECT_EQ(tu_set(fd, TIPC_NODELAY, 1), 0);
		EXPECT_EQ(tu_set(fd, TIPC_NODELAY, 0), 0);
		EXPECT_EQ(tu_set(fd, TIPC_NODELAY, 0xffffffff), 0);
		EXPECT_EQ(tu_get(fd, TIPC_NODELAY), -EINVAL);
	}
}

/* rows 1.9.12 */
TEST(unknown)
{
	static const int opt[] = { 0, 1, 64, 126, 139, 140, 255, 65535, -1, -127, 0x7fffffff };
	int t, i, fd;

	EACH_TYPE(t) {
		fd = tu_socket(type[t]);
		for (i = 0; i < COUNT(opt); i++) {
			EXPECT_EQ(tu_set(fd, opt[i], 1), -EINVAL);
			EXPECT_EQ(set_raw(fd, opt[i], NULL, 0), -EINVAL);
			EXPECT_EQ(set_raw(fd, opt[i], (void *)8, 4), -EINVAL);
			EXPECT_EQ(tu_get(fd, opt[i]), -EINVAL);
		}
	}
}

/* rows 1.9.13 */
TEST(set_lengths)
{
	static const socklen_t good[] = { 4, 5, 7, 8, 16, 4096, 1 << 20, 0x7fffffff };
	static const socklen_t bad[] = { 0, 1, 2, 3, 0x80000000, (socklen_t)-1, (socklen_t)-4 };
	uint32_t v[2] = { 1, 0xdeadbeef };
	int t, i, j, fd;

	EACH_TYPE(t) {
		fd = tu_socket(type[t]);
		for (i = 0; i < COUNT(word); i++) {
			int want = type[t] == SOCK_STREAM && word[i] == TIPC_SRC_DROPPABLE ?
				-ENOPROTOOPT : 0;

			for (j = 0; j < COUNT(good); j++)
				EXPECT_EQ(set_raw(fd, word[i], v, good[j]), want);
			for (j = 0; j < COUNT(bad); j++)
				EXPECT_EQ(set_raw(fd, word[i], v, bad[j]), -EINVAL);
			EXPECT_EQ(set_raw(fd, word[i], NULL, 0), -EINVAL);
		}
		EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), 1);
		EXPECT_EQ(tu_get(fd, TIPC_CONN_TIMEOUT), 1);
	}
}

/* rows 1.9.13 */
TEST(set_edges)
{
	int fd = tu_socket(SOCK_SEQPACKET), i, cut;
	uint32_t one = 1;

	for (i = 0; i < COUNT(word); i++) {
		for (cut = 0; cut < 4; cut++) {
			EXPECT_EQ(set_raw(fd, word[i], tu_edge(cut), 4), -EFAULT);
			EXPECT_EQ(set_raw(fd, word[i], tu_edge(cut), 8), -EFAULT);
		}
		EXPECT_EQ(set_raw(fd, word[i], memcpy(tu_edge(4), &one, 4), 4), 0);
		/* only the first word is looked at */
		EXPECT_EQ(set_raw(fd, word[i], memcpy(tu_edge(5), &one, 4), 4096), 0);
		EXPECT_EQ(set_raw(fd, word[i], NULL, 4), -EFAULT);
		EXPECT_EQ(set_raw(fd, word[i], (void *)-1L, 4), -EFAULT);
		EXPECT_EQ(set_raw(fd, word[i], (void *)(1UL << 63), 4), -EFAULT);
	}
	EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), 1);
}

/* rows 1.9.13 */
TEST(get_lengths)
{
	static const int bad[] = { 0, 1, 2, 3, -1, -4, (int)0x80000000 };
	static const int good[] = { 4, 5, 8, 4096 };
	uint32_t v[1024];
	int t, i, j, fd;
	socklen_t len;

	EACH_TYPE(t) {
		fd = tu_socket(type[t]);
		for (i = 0; i < COUNT(readable); i++) {
			for (j = 0; j < COUNT(bad); j++) {
				len = bad[j];
				v[0] = 77;
				EXPECT_EQ(get_raw(fd, readable[i], v, &len), -EINVAL);
				EXPECT_EQ(len, (socklen_t)bad[j]);
				EXPECT_EQ(v[0], 77);
			}
			for (j = 0; j < COUNT(good); j++) {
				len = good[j];
				v[0] = v[1] = 77;
				EXPECT_EQ(get_raw(fd, readable[i], v, &len), 0);
				EXPECT_EQ(len, 4);
				EXPECT_NE(v[0], 77);
				EXPECT_EQ(v[1], 77);
			}
		}
	}
}

/* rows 1.9.13 */
TEST(get_edges)
{
	int fd = tu_socket(SOCK_RDM), i, cut;
	char *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t v;
	socklen_t len;

	ASSERT_TRUE(ro != MAP_FAILED);
	for (i = 0; i < COUNT(readable); i++) {
		for (cut = 0; cut < 4; cut++) {
			len = 4;
			EXPECT_EQ(get_raw(fd, readable[i], tu_edge(cut), &len), -EFAULT);
		}
		len = 4;
		EXPECT_EQ(get_raw(fd, readable[i], tu_edge(4), &len), 0);
		len = 4;
		EXPECT_EQ(get_raw(fd, readable[i], tu_edge(5), &len), 0);
		len = 4;
		EXPECT_EQ(get_raw(fd, readable[i], ro, &len), -EFAULT);
		len = 4;
		EXPECT_EQ(get_raw(fd, readable[i], NULL, &len), -EFAULT);
		EXPECT_EQ(get_raw(fd, readable[i], &v, NULL), -EFAULT);
		EXPECT_EQ(get_raw(fd, readable[i], &v, (void *)tu_edge(3)), -EFAULT);
		EXPECT_EQ(get_raw(fd, readable[i], &v, (void *)ro), -EFAULT);
	}
}

/* rows 1.9.14 */
TEST(tcp_level_stream)
{
	int fd = tu_socket(SOCK_STREAM), i;
	uint32_t v;
	socklen_t len;

	for (i = -1; i < 60; i++) {
		EXPECT_EQ(SYS(setsockopt(fd, IPPROTO_TCP, i, &v, sizeof(v))), 0);
		EXPECT_EQ(SYS(setsockopt(fd, IPPROTO_TCP, i, NULL, 0)), 0);
		EXPECT_EQ(SYS(setsockopt(fd, IPPROTO_TCP, i, (void *)8, 1000)), 0);
		v = 77;
		len = 4;
		EXPECT_EQ(SYS(getsockopt(fd, IPPROTO_TCP, i, &v, &len)), 0);
		EXPECT_EQ(len, 0);
		EXPECT_EQ(v, 77);
	}
	len = 0;
	EXPECT_EQ(SYS(getsockopt(fd, IPPROTO_TCP, 1, (void *)8, &len)), 0);
	/* no effect: what it has of its own is as it was */
	EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), 0);
	EXPECT_EQ(tu_get(fd, TIPC_CONN_TIMEOUT), 8000);
}

/* rows 1.9.14, 1.9.15 */
TEST(other_levels)
{
	static const int level[] = {
		IPPROTO_IP, IPPROTO_UDP, IPPROTO_IPV6, 256, 270, 272, 65535, -1, 0x7fffffff,
	};
	int t, i, fd;
	uint32_t v = 1;
	socklen_t len;

	EACH_TYPE(t) {
		fd = tu_socket(type[t]);
		for (i = 0; i < COUNT(level); i++) {
			len = 4;
			EXPECT_EQ(SYS(setsockopt(fd, level[i], 127, &v, 4)), -ENOPROTOOPT);
			EXPECT_EQ(SYS(setsockopt(fd, level[i], 127, NULL, 0)), -ENOPROTOOPT);
			EXPECT_EQ(SYS(getsockopt(fd, level[i], 127, &v, &len)), -ENOPROTOOPT);
			EXPECT_EQ(len, 4);
		}
		if (type[t] == SOCK_STREAM)
			continue;
		len = 4;
		EXPECT_EQ(SYS(setsockopt(fd, IPPROTO_TCP, 1, &v, 4)), -ENOPROTOOPT);
		EXPECT_EQ(SYS(getsockopt(fd, IPPROTO_TCP, 1, &v, &len)), -ENOPROTOOPT);
	}
}

/* rows 1.9.1, 1.9.2, 1.9.3, 1.9.4 */
TEST(apart)
{
	/* options do not touch each other, nor another socket's */
	int one = tu_socket(SOCK_SEQPACKET), two = tu_socket(SOCK_SEQPACKET);

	ASSERT_EQ(tu_set(one, TIPC_IMPORTANCE, 3), 0);
	ASSERT_EQ(tu_set(one, TIPC_CONN_TIMEOUT, 1234), 0);
	ASSERT_EQ(tu_set(one, TIPC_SRC_DROPPABLE, 1), 0);
	EXPECT_EQ(tu_get(one, TIPC_DEST_DROPPABLE), 0);
	ASSERT_EQ(tu_set(one, TIPC_DEST_DROPPABLE, 1), 0);
	ASSERT_EQ(tu_set(one, TIPC_SRC_DROPPABLE, 0), 0);
	EXPECT_EQ(tu_get(one, TIPC_IMPORTANCE), 3);
	EXPECT_EQ(tu_get(one, TIPC_CONN_TIMEOUT), 1234);
	EXPECT_EQ(tu_get(one, TIPC_DEST_DROPPABLE), 1);
	EXPECT_EQ(tu_get(one, TIPC_SRC_DROPPABLE), 0);
	EXPECT_EQ(tu_get(two, TIPC_IMPORTANCE), 0);
	EXPECT_EQ(tu_get(two, TIPC_CONN_TIMEOUT), 8000);
	EXPECT_EQ(tu_get(two, TIPC_DEST_DROPPABLE), 0);
}

/* rows 1.9.1, 1.9.4 */
TEST(in_any_state)
{
	int fd[2], l = tu_socket(SOCK_STREAM), i;

	ASSERT_EQ(SYS(listen(l, 1)), 0);
	ASSERT_EQ(SYS(socketpair(AF_TIPC, SOCK_STREAM, 0, fd)), 0);
	ASSERT_EQ(SYS(shutdown(fd[1], SHUT_RDWR)), 0);
	for (i = 0; i < 3; i++) {
		int s = i == 2 ? l : fd[i];

		EXPECT_EQ(tu_set(s, TIPC_IMPORTANCE, 2), 0);
		EXPECT_EQ(tu_get(s, TIPC_IMPORTANCE), 2);
		EXPECT_EQ(tu_set(s, TIPC_CONN_TIMEOUT, 5), 0);
		EXPECT_EQ(tu_get(s, TIPC_CONN_TIMEOUT), 5);
		EXPECT_EQ(tu_set(s, TIPC_NODELAY, 1), 0);
		EXPECT_EQ(set_raw(s, TIPC_MCAST_REPLICAST, NULL, 0), 0);
	}
}

TEST_MAIN("options on every type of socket, with good and bad values")
