/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Short names for what every test of connections does. */
#ifndef TIPC_CONN_H
#define TIPC_CONN_H

#include "tipc_util.h"
#include <fcntl.h>
#include <sys/time.h>

#define UNUSED __attribute__((unused))

/* what recvmsg() told besides the data */
struct tc_told {
	int error, length;		/* TIPC_ERRINFO, -1 without it */
	int data;			/* length of TIPC_RETDATA, -1 without it */
	int named;			/* whether there was a TIPC_DESTNAME */
	uint32_t name[3];
	int flags;			/* msg_flags */
	char ret[2048];
};

UNUSED static void tc_nonblock(int fd, int on)
{
	int fl = SYS(fcntl(fd, F_GETFL));

	ASSERT_GE(fl, 0);
	ASSERT_EQ(SYS(fcntl(fd, F_SETFL, on ? fl | O_NONBLOCK : fl & ~O_NONBLOCK)), 0);
}

/* SO_RCVTIMEO or SO_SNDTIMEO */
UNUSED static void tc_timeo(int fd, int opt, int ms)
{
	struct timeval tv = { ms / 1000, (ms % 1000) * 1000 };

	ASSERT_EQ(SYS(setsockopt(fd, SOL_SOCKET, opt, &tv, sizeof(tv))), 0);
}

/* an option of level SOL_SOCKET, or -errno */
UNUSED static int tc_sol(int fd, int opt)
{
	int v = -1000000;
	socklen_t len = sizeof(v);
	int r = SYS(getsockopt(fd, SOL_SOCKET, opt, &v, &len));

	return r < 0 ? r : v;
}

/* a listener bound to {type,inst} */
UNUSED static int tc_listener(int type, uint32_t svc, uint32_t inst)
{
	int fd = tu_socket(type);

	ASSERT_EQ(tu_bind(fd, svc, inst, inst, TIPC_CLUSTER_SCOPE), 0);
	ASSERT_EQ(SYS(listen(fd, 5)), 0);
	return fd;
}

UNUSED static int tc_connect_name(int fd, uint32_t svc, uint32_t inst)
{
	struct sockaddr_tipc to = tu_name(svc, inst);

	return tu_connect(fd, &to, sizeof(to));
}

/* a client whose request is out */
UNUSED static int tc_connecting(int type, uint32_t svc, uint32_t inst)
{
	int fd = tu_socket(type);

	tc_nonblock(fd, 1);
	ASSERT_EQ(tc_connect_name(fd, svc, inst), -EINPROGRESS);
	tc_nonblock(fd, 0);
	return fd;
}

UNUSED static int tc_accept(int fd)
{
	int r = SYS(accept(fd, NULL, NULL));

	ASSERT_GE(r, 0);
	return r;
}

/* a connection by name {tu_type(63),7}; the listener is closed again */
UNUSED static void tc_connection(int type, int *server, int *client)
{
	int l = tc_listener(type, tu_type(63), 7);

	*client = tc_connecting(type, tu_type(63), 7);
	*server = tc_accept(l);
	close(l);
}

UNUSED static int tc_send(int fd, const char *text)
{
	return SYS(send(fd, text, strlen(text), 0));
}

/* recvmsg() with room for everything that can be told */
UNUSED static int tc_recv(int fd, void *buf, size_t len, int flags, struct tc_told *told)
{
	char control[4096];
	struct iovec iov = { buf, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int r = SYS(recvmsg(fd, &m, flags));

	memset(told, 0, sizeof(*told));
	told->error = told->length = told->data = -1;
	if (r < 0)
		return r;
	told->flags = m.msg_flags;
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		size_t n = c->cmsg_len - CMSG_LEN(0);

		EXPECT_EQ(c->cmsg_level, SOL_TIPC);
		if (c->cmsg_type == TIPC_ERRINFO) {
			EXPECT_EQ(n, 8);
			memcpy(&told->error, CMSG_DATA(c), 8);
		} else if (c->cmsg_type == TIPC_RETDATA) {
			told->data = n;
			memcpy(told->ret, CMSG_DATA(c), n < sizeof(told->ret) ? n : 0);
		} else if (c->cmsg_type == TIPC_DESTNAME) {
			EXPECT_EQ(n, 12);
			told->named = 1;
			memcpy(told->name, CMSG_DATA(c), 12);
		} else {
			EXPECT_EQ(c->cmsg_type, TIPC_ERRINFO);
		}
	}
	return r;
}

/* how many messages of len bytes can be sent until it would block (or max) */
UNUSED static int tc_fill(int fd, size_t len, int max)
{
	char *b = calloc(1, len);
	int n, r = 0;

	for (n = 0; n < max; n++) {
		r = SYS(send(fd, b, len, MSG_DONTWAIT));
		if (r != (int)len)
			break;
	}
	if (n < max)
		EXPECT_EQ(r, -EAGAIN);
	free(b);
	return n;
}

/* reads n messages of len bytes */
UNUSED static void tc_drain(int fd, size_t len, int n)
{
	char *b = malloc(len);

	while (n--)
		ASSERT_EQ(tu_recv(fd, b, len, MSG_WAITALL | MSG_DONTWAIT), len);
	free(b);
}

#define tc_all(fd) tu_poll(fd, POLLIN | POLLOUT | POLLPRI | POLLERR | POLLHUP | POLLRDHUP, 0)

#endif
