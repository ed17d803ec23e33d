/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The calls, one function each: which socket, which arguments, what to think of the result. */
#ifndef OPS_H
#define OPS_H

#include "calls.h"

static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_RDM, SOCK_DGRAM };

static void op_socket(struct fuzz *f)
{
	int type = seldom(f, 32) ? (int)below(f, 12) : PICK(f, types);
	int protocol = seldom(f, 32) ? below(f, 300) : 0;
	int block = f->hostile && seldom(f, 16) ? 0 : SOCK_NONBLOCK;
	int fd = socket(AF_TIPC, type | block, protocol);

	done(f, OP_socket, OPENED(fd), 0, "%d %d", type, protocol);
	if (fd >= 0)
		put(f, fd, type);
}

static void op_pair(struct fuzz *f)
{
	int type = PICK(f, types), fds[2], i;

	if (done(f, OP_pair, socketpair(AF_TIPC, type | SOCK_NONBLOCK, 0, fds), 0, "%d", type))
		return;
	for (i = 0; i < 2; i++)
		put(f, fds[i], type);
}

/* Connections are found at the third service. */
static void op_serve(struct fuzz *f)
{
	int type = below(f, 2) ? SOCK_STREAM : SOCK_SEQPACKET, instance = below(f, 4);
	struct sockaddr_tipc sa = tu_name(f->service + 2, instance);
	int fd = socket(AF_TIPC, type | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	bind(fd, (void *)&sa, sizeof(sa));
	done(f, OP_serve, listen(fd, 0), 0, "%d %d", type, instance);
	put(f, fd, type)->listens = 1;
}

static void close_slot(struct fuzz *f, struct slot *s)
{
	int fd = __atomic_exchange_n(&s->fd, -1, __ATOMIC_SEQ_CST);

	if (fd >= 0)
		done(f, OP_close, close(fd), 0, "%d", at(f, s));
}

static void op_close(struct fuzz *f) { close_slot(f, slot(f)); }

static void op_dup(struct fuzz *f)
{
	struct slot *s = slot(f);
	int fd = dup(s->fd), type = s->type, server = s->server;

	done(f, OP_dup, OPENED(fd), 0, "%d", at(f, s));
	if (fd >= 0)
		put(f, fd, type)->server = server;
}

static void op_bind(struct fuzz *f)
{
	struct slot *s = slot(f);
	struct sockaddr_tipc sa;
	char text[80];
	int len = address(f, &sa, text, sizeof(text));

	done(f, OP_bind, bind(s->fd, pointer(f, &sa), len), 0, "%d %s %d", at(f, s), text, len);
}

static void op_connect(struct fuzz *f)
{
	struct slot *s = slot(f);
	struct sockaddr_tipc sa;
	char text[80];
	int len = address(f, &sa, text, sizeof(text));
	long r;

	if (seldom(f, 16))
		sa.family = AF_UNSPEC;
	if (below(f, 2) && sa.addrtype == TIPC_SERVICE_ADDR)
		sa.addr.name.name.type = f->service + 2;
	r = connect(s->fd, pointer(f, &sa), len);
	if ((!r || errno == EINPROGRESS) && sa.addr.name.name.type < TIPC_RESERVED_TYPES)
		s->server = s->type == SOCK_STREAM || s->type == SOCK_SEQPACKET;
	done(f, OP_connect, r, 0, "%d %s %d", at(f, s), text, len);
}

static void op_listen(struct fuzz *f)
{
	struct slot *s = slot(f);

	done(f, OP_listen, listen(s->fd, below(f, 5)), 0, "%d", at(f, s));
}

static void op_accept(struct fuzz *f)
{
	struct slot *s = slot(f);
	struct sockaddr_tipc sa;
	socklen_t len = sizeof(sa);
	int more, fd;

	for (more = 2 * SLOTS; more && !s->listens; more--)
		s = slot(f);
	fd = accept4(s->fd, pointer(f, &sa), pointer(f, &len),
		     f->hostile && seldom(f, 16) ? 0 : SOCK_NONBLOCK);

	done(f, OP_accept, OPENED(fd), 0, "%d", at(f, s));
	/* what came with the request is read: see Documentation/differences.md */
	if (f->compared && fd >= 0)
		done(f, OP_recv, recv(fd, f->in, MOST, MSG_DONTWAIT), MOST, "accepted");
	if (fd >= 0)
		put(f, fd, s->type);
}

/*
 * Whether it is connected to a topology server. One for datagrams may have got another address
 * since, and its type is not known when it has been passed.
 */
static int at_server(struct slot *s)
{
	struct sockaddr_tipc peer;
	socklen_t len = sizeof(peer);

	return s->server && !getpeername(s->fd, (void *)&peer, &len);
}

static void op_send(struct fuzz *f)
{
	struct tipc_subscr want = { .timeout = below(f, 50), .filter = below(f, 8) };
	struct slot *s = slot(f);
	struct sockaddr_tipc sa;
	char text[80], control[64] = { 0 };
	uint32_t len = size(f);
	struct iovec parts[3];
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 1 + below(f, 3) };
	int flags = send_flags(f), alen = address(f, &sa, text, sizeof(text));
	uint32_t i, left;

	/* empty messages on a connection: see Documentation/differences.md */
	if (f->compared && connects(s) && !len)
		len = 1;
	left = len;
	memset(f->out, any(f), len);
	want.seq.type = f->service + below(f, 3);
	want.seq.upper = below(f, 4);
	if (below(f, 2)) {
		msg.msg_name = pointer(f, &sa);
		msg.msg_namelen = alen;
	} else {
		strcpy(text, "-");
	}
	if (below(f, 2) && (msg.msg_name && alen ? sa.addr.name.name.type == TIPC_TOP_SRV : at_server(s))) {
		memcpy(f->out, &want, sizeof(want));
		left = len = sizeof(want);
	}
	if (f->hostile && seldom(f, 16)) {
		memset(control, any(f), sizeof(control));
		msg.msg_control = pointer(f, control);
		msg.msg_controllen = below(f, sizeof(control));
	}
	for (i = 0; i < msg.msg_iovlen; i++) {
		parts[i].iov_base = pointer(f, f->out + (len - left));
		parts[i].iov_len = i + 1 == msg.msg_iovlen ? left : below(f, left + 1);
		if (parts[i].iov_base == f->edge - 7)	/* would be good for some bytes */
			parts[i].iov_base = f->edge;
		left -= parts[i].iov_len;
	}
	done(f, OP_send, sendmsg(s->fd, &msg, flags), len, "%d %s %d %u %x", at(f, s), text,
	     alen, len, flags);
}

/* Every datagram is made of one byte. (A stream may put messages together, and a socket for
 * messages may be connected to a stream.) */
static void check_message(struct fuzz *f, struct slot *s, long n)
{
	long i = 1;

	while (i < n && f->in[i] == f->in[0])
		i++;
	if (n > 0 && (s->type == SOCK_RDM || s->type == SOCK_DGRAM))
		EXPECT_EQ(i, n);
}

/* The end of a connection is told once by one module, again and again by the other. */
static void at_the_end(struct fuzz *f, struct slot *s, long n)
{
	if (f->compared && connects(s) && (n == 0 || (n < 0 && errno == ECONNRESET)))
		close_slot(f, s);
}

static void op_recv(struct fuzz *f)
{
	struct slot *s = slot(f);
	struct sockaddr_tipc sa[2];
	char control[200];
	uint32_t len = size(f);
	struct iovec part = { pointer(f, f->in), len };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };
	int flags = recv_flags(f);
	long n;

	if (below(f, 2)) {
		msg.msg_name = pointer(f, sa);
		msg.msg_namelen = seldom(f, 8) ? below(f, 40) : sizeof(sa);
	}
	if (below(f, 2)) {
		msg.msg_control = pointer(f, control);
		msg.msg_controllen = seldom(f, 8) ? below(f, 200) : sizeof(control);
	}
	n = recvmsg(s->fd, &msg, flags);
	done(f, OP_recv, n, len, "%d %u %x, %x %zu", at(f, s), len, flags,
	     n < 0 ? 0 : msg.msg_flags, n < 0 ? 0 : msg.msg_controllen);
	if (f->check && part.iov_base == f->in)
		check_message(f, s, n);
	at_the_end(f, s, n);
}

static void op_name(struct fuzz *f)
{
	struct slot *s = slot(f);
	struct sockaddr_tipc sa;
	socklen_t len = seldom(f, 8) ? below(f, 20) : sizeof(sa);
	int peer = below(f, 2);

	done(f, OP_name, (peer ? getpeername : getsockname)(s->fd, pointer(f, &sa), pointer(f, &len)),
	     0, "%d %d", at(f, s), peer);
}

/* Options whose effects do not hang on what a message takes of memory. */
static const int socket_options[] = { SO_ERROR, SO_TYPE, SO_PROTOCOL, SO_DOMAIN, SO_ACCEPTCONN,
				      SO_RCVLOWAT, SO_LINGER, SO_REUSEADDR, SO_KEEPALIVE };

static void option(struct fuzz *f, int *level, int *name)
{
	static const int levels[] = { SOL_TIPC, SOL_TIPC, SOL_TIPC, SOL_SOCKET, 6, 0 };

	*level = PICK(f, levels);
	*name = *level == SOL_TIPC ? TIPC_IMPORTANCE + (int)below(f, 13) : PICK(f, socket_options);
	/* groups are not in every module that is compared */
	if (f->compared && (*name == TIPC_GROUP_JOIN || *name == TIPC_SOCK_RECVQ_USED))
		*name = TIPC_IMPORTANCE;
	if (f->hostile && seldom(f, 4))
		*name = *level == SOL_TIPC ? any(f) % 300 : below(f, 90);
}

static void op_set(struct fuzz *f)
{
	static const uint32_t lengths[] = { 0, 1, 3, 4, 4, 4, 4, 4, 4, 5, 8, 16, 64 };
	uint32_t value[16], len = PICK(f, lengths), i;
	struct slot *s = slot(f);
	int level, name;

	option(f, &level, &name);
	for (i = 0; i < 16; i++)
		value[i] = f->hostile && seldom(f, 2) ? any(f) : below(f, 5);
	value[0] += f->hostile ? 0 : f->service * (name == TIPC_GROUP_JOIN);
	done(f, OP_set, setsockopt(s->fd, level, name, pointer(f, value), len), 0, "%d %d %d %u %u",
	     at(f, s), level, name, value[0], len);
}

static void op_get(struct fuzz *f)
{
	uint32_t value[16] = { 0 };
	socklen_t len = seldom(f, 4) ? below(f, 64) : 4;
	struct slot *s = slot(f);
	int level, name;
	long r;

	option(f, &level, &name);
	r = getsockopt(s->fd, level, name, pointer(f, value), pointer(f, &len));
	done(f, OP_get, r, 0, "%d %d %d %u: %u", at(f, s), level, name, len, r ? 0 : value[0]);
}

static void op_shutdown(struct fuzz *f)
{
	struct slot *s = slot(f);
	int how = seldom(f, 2) ? SHUT_RDWR : (int)below(f, 5) - 1;

	if (seldom(f, 2))	/* not too many of them */
		done(f, OP_shutdown, shutdown(s->fd, how), 0, "%d %d", at(f, s), how);
}

static void op_poll(struct fuzz *f)
{
	struct pollfd polls[SLOTS];
	char text[SLOTS * 5 + 1] = "";
	int i, n = 0;

	for (i = 0; i < SLOTS; i++)
		polls[i] = (struct pollfd){ f->slots[i].fd, 0xffff & ~POLLNVAL, 0 };
	n = poll(polls, SLOTS, f->hostile ? below(f, 3) : 0);
	for (i = 0; i < SLOTS; i++)
		sprintf(text + strlen(text), "%x ", (unsigned int)(uint16_t)polls[i].revents);
	done(f, OP_poll, n, SLOTS, "%s", text);
}

static void op_epoll(struct fuzz *f)
{
	static const int how[] = { EPOLL_CTL_ADD, EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL };
	struct epoll_event events[4], event = { .events = any(f) & ~EPOLLEXCLUSIVE };
	struct slot *s = slot(f);

	if (below(f, 4) || !f->hostile)
		done(f, OP_epoll, epoll_ctl(f->epoll, PICK(f, how), s->fd, &event), 0, "%d", at(f, s));
	else
		done(f, OP_epoll, epoll_wait(f->epoll, events, 4, below(f, 3)), 4, "wait");
}

static void op_ioctl(struct fuzz *f)
{
	static const unsigned long requests[] = { SIOCGETNODEID, SIOCGETLINKNAME, FIONREAD, SIOCOUTQ,
						  FIOASYNC, SIOCGSTAMP_OLD, SIOCGIFNAME };
	unsigned long request = f->hostile && seldom(f, 4) ? 0x8900 + below(f, 256) : PICK(f, requests);
	char arg[128] = { 0 };
	struct slot *s = slot(f);
	uint32_t i;

	for (i = 0; f->hostile && i < sizeof(arg); i++)
		arg[i] = any(f);
	/* the interfaces of this machine are not ours to change */
	if (request > 0x8910 && request < 0x89a4)
		request = SIOCGIFNAME;
	if (request >= 0x89a0 && request < 0x89e0)
		request = FIONREAD;
	done(f, OP_ioctl, ioctl(s->fd, request, pointer(f, arg)), 1 << 30, "%d %lx", at(f, s), request);
}

static void op_fcntl(struct fuzz *f)
{
	struct slot *s = slot(f);

	if (f->hostile && seldom(f, 2))
		done(f, OP_fcntl, fcntl(s->fd, F_SETFL, below(f, 2) ? O_NONBLOCK : 0), 0, "%d", at(f, s));
	else
		done(f, OP_fcntl, fcntl(s->fd, F_GETFL) & ~O_LARGEFILE, 1 << 30, "%d get", at(f, s));
}

static void op_splice(struct fuzz *f)
{
	struct slot *s = slot(f);
	uint32_t len = size(f) % 4000;
	long n;

	if (below(f, 2)) {
		memset(f->out, any(f), len);
		done(f, OP_splice, write(f->pipe[1], f->out, len), len, "write %u", len);
		done(f, OP_splice, splice(f->pipe[0], NULL, s->fd, NULL, len, SPLICE_F_NONBLOCK), len,
		     "%d in %u", at(f, s), len);
	} else {
		n = splice(s->fd, NULL, f->pipe[1], NULL, len, SPLICE_F_NONBLOCK);
		done(f, OP_splice, n, len, "%d out %u", at(f, s), len);
		if (len)
			at_the_end(f, s, n);
	}
	while (read(f->pipe[0], f->in, MOST) > 0)
		;
}

/* A socket goes through a UNIX socket, and comes out, now or later, in some slot. */
static void op_pass(struct fuzz *f)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	struct slot *s = slot(f);
	int fd = s->fd;

	if (below(f, 2)) {
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
		done(f, OP_pass, sendmsg(f->carrier[0], &msg, MSG_DONTWAIT), 1, "%d away", at(f, s));
		return;
	}
	if (done(f, OP_pass, recvmsg(f->carrier[1], &msg, MSG_DONTWAIT), 1, "back") != 1)
		return;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_type == SCM_RIGHTS) {
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		put(f, fd, SOCK_STREAM);	/* or whatever it is */
	}
}

#define CALL(name) case OP_##name: op_##name(f); break;
static void one_call(struct fuzz *f)
{
	/* what moves data is done most */
	int op = below(f, 3) ? below(f, OP_COUNT) : OP_accept + below(f, 3);

	/* two readers of one end */
	if (f->compared && (op == OP_dup || op == OP_pass))
		op = OP_poll;
	switch (op) {
	OPS(CALL)
	}
}

#endif
