/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Random system calls on a few sockets that keep meeting: few services, few
 * instances, each other's ports. One seed makes one sequence of calls.
 *
 *	begin(&f, seed, slots);
 *	while (...)
 *		one_call(&f);		(ops.h)
 *	end(&f);
 *	empty(slots);
 */
#ifndef CALLS_H
#define CALLS_H

#include "tipc_util.h"
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#define SLOTS		20
#define MOST		200000		/* bytes of a message */
#define KERNEL_ERRORS	512		/* errors from here on are the kernel's own */

#define OPS(X) X(socket) X(pair) X(serve) X(close) X(dup) X(bind) X(connect) X(listen) X(accept) \
	X(send) X(recv) X(name) X(set) X(get) X(shutdown) X(poll) X(epoll) X(ioctl) \
	X(fcntl) X(splice) X(pass)
#define ENUM(name) OP_##name,
#define NAME(name) #name,
enum { OPS(ENUM) OP_COUNT };
static const char *const op_names[] = { OPS(NAME) };

struct slot {
	int fd;			/* -1: none */
	int type;
	int listens;
	int server;		/* connected to a topology server */
	uint32_t ref;		/* its port */
};

struct fuzz {
	uint64_t state;			/* of the random numbers */
	struct slot *slots;
	uint32_t service;
	int epoll, pipe[2], carrier[2];
	int hostile;			/* bad pointers, absurd values, blocking calls */
	int check;			/* nobody else uses the slots: look at what comes */
	int compared;			/* nothing whose result may differ for good reasons */
	FILE *trace;
	char *out, *in, *edge;
	unsigned long made[OP_COUNT], worked[OP_COUNT];
};

static uint32_t any(struct fuzz *f)
{
	uint64_t z = f->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return (z ^ (z >> 31)) >> 16;
}

static uint32_t below(struct fuzz *f, uint32_t n) { return any(f) % n; }
static int seldom(struct fuzz *f, uint32_t n) { return below(f, n) == 0; }

#define PICK(f, list) ((list)[below(f, sizeof(list) / sizeof(*(list)))])

static int connects(struct slot *s) { return s->type == SOCK_STREAM || s->type == SOCK_SEQPACKET; }

/* a slot, mostly one with a socket in it */
static struct slot *slot(struct fuzz *f)
{
	struct slot *s = &f->slots[below(f, SLOTS)];
	int more;

	for (more = 5; more && s->fd < 0; more--)
		s = &f->slots[below(f, SLOTS)];
	return s;
}

/* Count a call, show it, and look at its result as far as every call's can be. */
static __attribute__((format(printf, 5, 6)))
long done(struct fuzz *f, int op, long r, long most, const char *fmt, ...)
{
	int error = r < 0 ? errno : 0;
	va_list ap;

	f->made[op]++;
	f->worked[op] += r >= 0;
	EXPECT_TRUE(error < KERNEL_ERRORS);
	EXPECT_LE(r, most);
	if (f->trace) {
		fprintf(f->trace, "%s ", op_names[op]);
		va_start(ap, fmt);
		vfprintf(f->trace, fmt, ap);
		va_end(ap);
		if (error)
			fprintf(f->trace, " = %s\n", strerrorname_np(error));
		else
			fprintf(f->trace, " = %ld\n", r);
	}
	errno = error;
	return r;
}

/* what a call gave that returns a file: 0, or -1 and errno */
#define OPENED(fd)	((fd) < 0 ? -1 : 0)

static int at(struct fuzz *f, struct slot *s) { return s - f->slots; }

static struct slot *put(struct fuzz *f, int fd, int type)
{
	struct slot *s = &f->slots[below(f, SLOTS)];
	struct sockaddr_tipc self = { 0 };
	socklen_t len = sizeof(self);
	int old;

	getsockname(fd, (void *)&self, &len);
	s->ref = self.addr.id.ref;
	s->type = type;
	s->server = s->listens = 0;
	old = __atomic_exchange_n(&s->fd, fd, __ATOMIC_SEQ_CST);
	if (old >= 0)
		done(f, OP_close, close(old), 0, "%d", at(f, s));
	return s;
}

/* An address, mostly a good one. Returns its length; `text` says what it is. */
static int address(struct fuzz *f, struct sockaddr_tipc *sa, char *text, size_t size)
{
	static const int lengths[] = { 0, 1, 8, 15, 17, 32, 128, 129, -1 };
	uint32_t type = f->service + below(f, 3), lower = below(f, 4);
	struct slot *s = slot(f);
	unsigned int i;

	switch (below(f, 8)) {
	case 0: case 1: case 2: case 3:
		*sa = tu_name(type, lower);
		break;
	case 4: case 5:
		*sa = tu_range(type, lower, lower + below(f, 3), TIPC_CLUSTER_SCOPE);
		break;
	case 6:
		*sa = tu_id(s->ref, 0);
		break;
	default:	/* it answers when it likes, so not where calls are compared */
		*sa = f->hostile ? tu_name(TIPC_TOP_SRV, TIPC_TOP_SRV) : tu_name(type, lower);
	}
	sa->scope = (int)below(f, 8) - 4;
	if (seldom(f, 32) && (f->hostile || sa->addrtype != TIPC_SOCKET_ADDR))
		sa->addrtype = below(f, 6);
	if (seldom(f, 32))
		sa->family = below(f, 40);
	if (seldom(f, 32))
		sa->addr.nameseq.upper = any(f);
	for (i = 0; f->hostile && seldom(f, 32) && i < sizeof(*sa); i++)
		((char *)sa)[i] = any(f);
	snprintf(text, size, "%d/%d:%u,%u,%u,%d", sa->family, sa->addrtype,
		 sa->addrtype == TIPC_SOCKET_ADDR ? (uint32_t)(s - f->slots) :
		 sa->addr.nameseq.type - f->service,
		 sa->addr.nameseq.lower, sa->addr.nameseq.upper, sa->scope);
	return seldom(f, 16) ? PICK(f, lengths) : (int)sizeof(*sa);
}

/* The buffer meant, or now and then one that is none, or ends too early. */
static void *pointer(struct fuzz *f, void *good)
{
	void *const bad[] = { NULL, (void *)8, (void *)0xffff888000000000ul, f->edge - 7 };

	return f->hostile && seldom(f, 64) ? PICK(f, bad) : good;
}

static uint32_t size(struct fuzz *f)
{
	static const uint32_t sizes[] = { 0, 1, 28, 100, 1000, 1460, 1500, 10000, 65999, 66000,
					  66001, MOST };

	if (f->compared && seldom(f, 2))
		return 1 + below(f, 2000);
	return seldom(f, 2) ? below(f, 300) : PICK(f, sizes);
}

static int send_flags(struct fuzz *f)
{
	static const int flags[] = { 0, 0, 0, 0, MSG_MORE, MSG_EOR, MSG_OOB, MSG_CONFIRM, 0x40000000 };

	return PICK(f, flags) | MSG_NOSIGNAL | (f->hostile && seldom(f, 4) ? 0 : MSG_DONTWAIT);
}

static int recv_flags(struct fuzz *f)
{
	static const int flags[] = { 0, 0, 0, 0, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, MSG_EOR, MSG_OOB,
				     MSG_PEEK | MSG_EOR, MSG_CMSG_CLOEXEC };

	return PICK(f, flags) | (f->hostile && seldom(f, 4) ? 0 : MSG_DONTWAIT);
}

static void begin(struct fuzz *f, uint64_t seed, struct slot *slots)
{
	*f = (struct fuzz){ .state = seed, .slots = slots, .service = tu_type(0), .check = 1 };
	f->out = malloc(MOST);
	f->in = malloc(MOST);
	f->edge = (char *)tu_edge(4096) + 4096;
	f->epoll = epoll_create1(0);
	ASSERT_EQ(pipe2(f->pipe, O_NONBLOCK), 0);
	ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, f->carrier), 0);
}

static void end(struct fuzz *f)
{
	int i;

	close(f->epoll);
	for (i = 0; i < 2; i++) {
		close(f->pipe[i]);
		close(f->carrier[i]);
	}
	free(f->out);
	free(f->in);
}

static void empty(struct slot *slots)
{
	int i;

	for (i = 0; i < SLOTS; i++) {
		if (slots[i].fd >= 0)
			EXPECT_EQ(SYS(close(slots[i].fd)), 0);
		slots[i] = (struct slot){ .fd = -1 };
	}
}

#endif
