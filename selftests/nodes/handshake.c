// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Connections on the wire, frame by frame: how they are asked for, answered and ended. The other
 * node is the test (lib/wire.h).
 */
#include "wire.h"
#include "tipc_conn.h"

#define TYPE tu_type(0)
#define PORT 5555	/* the peer's */
#define SYN (1 << 17)

static struct wp_world w;
static struct wp *const p = &w.evil;

static void begin(void)
{
	struct wf f;

	wp_world(&w);
	ASSERT_TRUE(wp_up(p));
	wp_name(p, &f, 1, TYPE, 7, 7);
	wf_put(&f, 13, PORT);
	wf_bits(&f, 1, 26, 7, 7);
	wp_packet(p, &f);
	while (tu_reach(TYPE, 7) == -EHOSTUNREACH)
		wp_pump(p, 1);
	/* that was a message: gone with this */
	ASSERT_TRUE(wp_wait(p, WU_LOW, 20000));
}

static uint32_t ref(int fd)
{
	return tu_self(fd).addr.id.ref;
}

/* the next frame of a user */
static const struct wf *next(int user)
{
	ASSERT_TRUE(wp_wait(p, user, 20000));
	return &p->last;
}

/* what all frames here have in common */
static void check(const struct wf *f, int user, int type, int hlen, uint32_t flags, uint32_t from,
		  uint32_t to)
{
	EXPECT_EQ(f->len, hlen);
	EXPECT_EQ(wf_get(f, 0), 2u << 29 | user << 25 | hlen / 4 << 21 | flags | hlen);
	EXPECT_EQ(wf_get(f, 1) >> 29, type);
	EXPECT_EQ(wf_get(f, 3), WP_NODE);
	EXPECT_EQ(wf_get(f, 4), from);
	EXPECT_EQ(wf_get(f, 5), to);
	if (hlen < 32)
		return;
	EXPECT_EQ(wf_get(f, 6), WP_NODE);
	EXPECT_EQ(wf_get(f, 7), p->own);
}

/* the rest of word 1: error, lookups elsewhere, scope */
#define MIDDLE(f) (wf_get(f, 1) >> 16 & 0x1fff)

/* an empty frame of the peer's on a connection */
static void say(int user, uint32_t from, uint32_t to, int error)
{
	struct wf f;

	wp_new(p, &f, user, 0, 24, 0);
	wf_bits(&f, 1, 25, 15, error);
	wf_put(&f, 4, from);
	wf_put(&f, 5, to);
	wp_packet(p, &f);
}

/* the request of a client that was just told to connect by name */
static void named_request(int fd, int user)
{
	const struct wf *f = next(user);

	check(f, user, 2, 40, SYN, ref(fd), PORT);
	/* the whole cluster is searched */
	EXPECT_EQ(MIDDLE(f), TIPC_CLUSTER_SCOPE << 3);
	EXPECT_EQ(wf_get(f, 8), TYPE);
	EXPECT_EQ(wf_get(f, 9), 7);
}

/* a client of a connection by name: whatever port answers is its peer */
static int client(int type)
{
	int fd = tc_connecting(type, TYPE, 7);

	named_request(fd, WU_LOW);
	say(WU_LOW, PORT + 1, ref(fd), 0);
	ASSERT_EQ(tu_poll(fd, POLLOUT, 20000), POLLOUT);
	return fd;
}

/* rows 15.15 */
TEST(request_by_name)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };
	int fd, i;

	begin();
	for (i = 0; i < 2; i++) {
		fd = tu_socket(types[i]);
		tc_nonblock(fd, 1);
		/* its importance is the user of the header */
		if (i)
			ASSERT_EQ(tu_set(fd, TIPC_IMPORTANCE, TIPC_HIGH_IMPORTANCE), 0);
		ASSERT_EQ(tc_connect_name(fd, TYPE, 7), -EINPROGRESS);
		named_request(fd, i ? WU_HIGH : WU_LOW);
	}
}

/* rows 15.15 */
TEST(request_by_port)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };
	struct sockaddr_tipc to;
	const struct wf *f;
	int fd, i;

	begin();
	to = tu_id(4711, p->own);
	for (i = 0; i < 2; i++) {
		fd = tu_socket(types[i]);
		tc_nonblock(fd, 1);
		ASSERT_EQ(tu_connect(fd, &to, sizeof(to)), -EINPROGRESS);
		f = next(WU_LOW);
		check(f, WU_LOW, 3, 32, SYN, ref(fd), 4711);
		EXPECT_EQ(MIDDLE(f), 0);
	}
}

/* an empty frame of 24 bytes completes a connection; nothing answers it, and data looks the same */
/* rows 15.15 */
TEST(completed)
{
	const struct wf *f;
	int fd;

	begin();
	fd = client(SOCK_SEQPACKET);
	ASSERT_EQ(SYS(send(fd, "hello", 5, 0)), 5);
	f = next(WU_LOW);
	EXPECT_EQ(f->len, 29);
	EXPECT_EQ(wf_get(f, 0), 2u << 29 | WU_LOW << 25 | 6 << 21 | 29);
	EXPECT_EQ(wf_get(f, 1) >> 16, 0);
	EXPECT_EQ(wf_get(f, 3), WP_NODE);
	EXPECT_EQ(wf_get(f, 4), ref(fd));
	EXPECT_EQ(wf_get(f, 5), PORT + 1);
	EXPECT_EQ(memcmp(f->b + 24, "hello", 5), 0);
	EXPECT_EQ(p->seen[WU_CONN], 0);
}

/* a request of the peer's for listener l: the accepted socket, whose answer was looked at */
static int accepted(int l, int named, int user, uint32_t from)
{
	struct wf f;
	const struct wf *answer;
	int s;

	wp_new(p, &f, user, named ? 2 : 3, named ? 40 : 32, 0);
	wf_bits(&f, 0, 17, 1, 1);
	wf_put(&f, 4, from);
	wf_put(&f, 5, ref(l));
	if (named) {
		wf_put(&f, 8, TYPE);
		wf_put(&f, 9, 1);
	}
	wp_packet(p, &f);
	s = tc_accept(l);
	answer = next(user);
	check(answer, user, 0, 24, 0, ref(s), from);
	EXPECT_EQ(MIDDLE(answer), 0);
	return s;
}

/* it is as important as the request */
/* rows 15.15, 1.3.5 */
TEST(answer)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };
	int i, user;

	begin();
	for (i = 0; i < 2; i++)
		for (user = WU_LOW; user <= WU_CRITICAL; user++) {
			int l = tc_listener(types[i], TYPE, 1);

			accepted(l, 1, user, 100 + user);
			accepted(l, 0, user, 200 + user);
			close(l);
		}
}

/* the one who asked is as important from then on as whoever answers says */
/* rows 15.15 */
TEST(importance_of_the_answer)
{
	int fd;

	begin();
	fd = tc_connecting(SOCK_SEQPACKET, TYPE, 7);
	named_request(fd, WU_LOW);
	say(WU_HIGH, PORT, ref(fd), 0);
	ASSERT_EQ(tu_poll(fd, POLLOUT, 20000), POLLOUT);
	EXPECT_EQ(tu_get(fd, TIPC_IMPORTANCE), TIPC_HIGH_IMPORTANCE);
	ASSERT_EQ(SYS(send(fd, "hi", 2, 0)), 2);
	EXPECT_EQ(next(WU_HIGH)->len, 24 + 2);
}

/* the end: empty, 24 bytes, of the highest importance, and why */
static void ended(uint32_t from, uint32_t to, int error)
{
	const struct wf *f = next(WU_CRITICAL);

	check(f, WU_CRITICAL, 0, 24, 0, from, to);
	EXPECT_EQ(MIDDLE(f), error << 9);
}

/* rows 15.15 */
TEST(end)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };
	int i, k, fd, l;

	begin();
	l = tc_listener(SOCK_SEQPACKET, TYPE, 1);
	for (i = 0; i < 2; i++)
		for (k = 0; k < 2; k++) {
			uint32_t own;

			fd = client(types[i]);
			own = ref(fd);
			if (k)
				ASSERT_EQ(SYS(shutdown(fd, SHUT_RDWR)), 0);
			else
				close(fd);
			ended(own, PORT + 1, k ? TIPC_CONN_SHUTDOWN : TIPC_ERR_NO_PORT);
			fd = accepted(l, i, WU_LOW, 300 + k);
			own = ref(fd);
			if (k)
				ASSERT_EQ(SYS(shutdown(fd, SHUT_RDWR)), 0);
			else
				close(fd);
			ended(own, 300 + k, k ? TIPC_CONN_SHUTDOWN : TIPC_ERR_NO_PORT);
		}
	/* not answered yet: for who was asked */
	fd = tc_connecting(SOCK_STREAM, TYPE, 7);
	named_request(fd, WU_LOW);
	l = ref(fd);
	close(fd);
	ended(l, PORT, TIPC_ERR_NO_PORT);
}

/* such frames of the peer's end a connection here */
/* rows 15.15 */
TEST(ended_by_the_peer)
{
	char b[8];
	int fd;

	begin();
	fd = client(SOCK_SEQPACKET);
	/* of somebody else: not looked at */
	say(WU_CRITICAL, PORT + 2, ref(fd), TIPC_CONN_SHUTDOWN);
	say(WU_CRITICAL, PORT, ref(fd), TIPC_ERR_NO_PORT);
	say(WU_CRITICAL, PORT + 1, ref(fd), TIPC_CONN_SHUTDOWN);
	tu_rcvtimeo(fd, 20000);
	EXPECT_EQ(tu_recv(fd, b, sizeof(b), 0), 0);
	fd = client(SOCK_STREAM);
	say(WU_CRITICAL, PORT + 1, ref(fd), TIPC_ERR_NO_PORT);
	tu_rcvtimeo(fd, 20000);
	EXPECT_EQ(tu_recv(fd, b, sizeof(b), 0), -ECONNRESET);
	/* a request that was refused */
	fd = tc_connecting(SOCK_STREAM, TYPE, 7);
	named_request(fd, WU_LOW);
	say(WU_CRITICAL, PORT, ref(fd), TIPC_ERR_NO_PORT);
	EXPECT_TRUE(tu_poll(fd, POLLIN | POLLHUP, 20000) & POLLHUP);
	EXPECT_EQ(tc_sol(fd, SO_ERROR), ECONNREFUSED);
}

TEST_MAIN("connections are asked for, answered and ended with the frames that C's are")
