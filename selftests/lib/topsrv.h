/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The topology server as its users see it: connect to {1,1}, send requests of
 * 28 bytes, read events of 48.
 */
#ifndef TOPSRV_H
#define TOPSRV_H

#include "tipc_util.h"
#include <byteswap.h>

#define REQ	((int)sizeof(struct tipc_subscr))
#define EVT	((int)sizeof(struct tipc_event))
#define FOREVER	TIPC_WAIT_FOREVER
#define PORTS	TIPC_SUB_PORTS
#define SERVICE	TIPC_SUB_SERVICE
#define CANCEL	TIPC_SUB_CANCEL
/* what the kernel's own subscriptions use, and users may */
#define ONLY_CLUSTER	0x20
#define ONLY_NODE	0x40
#define NO_STATUS	0x80
#define ALL	0xffffffffu
#define WAIT_MS	20000		/* for what must come */

static inline int ts_connect(int type)
{
	struct sockaddr_tipc sa = tu_name(TIPC_TOP_SRV, TIPC_TOP_SRV);
	int fd = tu_socket(type);

	ASSERT_EQ(tu_connect(fd, &sa, sizeof(sa)), 0);
	return fd;
}

static inline struct tipc_subscr ts_req(uint32_t type, uint32_t lower, uint32_t upper,
					uint32_t timeout, uint32_t filter, const char *handle)
{
	struct tipc_subscr s = { .seq = { type, lower, upper }, .timeout = timeout,
				 .filter = filter };

	memcpy(s.usr_handle, handle, strnlen(handle, 8));
	return s;
}

/* the same request as a machine of the other byte order writes it */
static inline struct tipc_subscr ts_swapped(struct tipc_subscr s)
{
	uint32_t *w = (void *)&s;

	for (int i = 0; i < 5; i++)
		w[i] = bswap_32(w[i]);
	return s;
}

static inline void ts_send(int fd, const struct tipc_subscr *s)
{
	ASSERT_EQ(SYS(send(fd, s, REQ, 0)), REQ);
}

/* subscribes for ever; the request as sent */
static inline struct tipc_subscr ts_sub(int fd, uint32_t type, uint32_t lower, uint32_t upper,
					uint32_t filter, const char *handle)
{
	struct tipc_subscr s = ts_req(type, lower, upper, FOREVER, filter, handle);

	ts_send(fd, &s);
	return s;
}

static inline void ts_cancel(int fd, struct tipc_subscr s)
{
	s.filter |= CANCEL;
	ts_send(fd, &s);
}

/* the next event within ms: EVT, or what recv() said, or -EAGAIN */
static inline int ts_next(int fd, struct tipc_event *e, int ms)
{
	int r = tu_poll(fd, POLLIN, ms);

	memset(e, 0xee, sizeof(*e));
	return r > 0 ? tu_recv(fd, e, sizeof(*e), MSG_DONTWAIT) : r ? r : -EAGAIN;
}

/* the next event must be this one; port 0 for none, -1 for any */
static inline struct tipc_event ts_expect_at(const char *file, int line, int fd, uint32_t what,
					     uint32_t lower, uint32_t upper, long long port,
					     struct tipc_subscr s)
{
	struct tipc_event e;
	int r = ts_next(fd, &e, WAIT_MS);

	ktap_cmp(r == EVT, r, EVT, "event", "==", file, line);
	if (r < 0)
		ktap_exit();	/* no use in waiting for the others */
	ktap_cmp(e.event == what, e.event, what, "what", "==", file, line);
	ktap_cmp(e.found_lower == lower, e.found_lower, lower, "lower", "==", file, line);
	ktap_cmp(e.found_upper == upper, e.found_upper, upper, "upper", "==", file, line);
	if (port >= 0)
		ktap_cmp(e.port.ref == port, e.port.ref, port, "port", "==", file, line);
	ktap_cmp(!memcmp(&e.s, &s, sizeof(s)), 0, 1, "the request in it", "==", file, line);
	return e;
}

#define ts_expect(...) ts_expect_at(__FILE__, __LINE__, __VA_ARGS__)

/*
 * Nothing has come because of what was done so far: events of one subscriber
 * keep their order, and the server's own name always answers.
 */
static inline void ts_fence_at(const char *file, int line, int fd)
{
	static int n;
	char handle[12];
	struct tipc_subscr s;

	snprintf(handle, sizeof(handle), "fnc%05d", ++n % 100000);
	s = ts_sub(fd, TIPC_TOP_SRV, TIPC_TOP_SRV, TIPC_TOP_SRV, PORTS, handle);
	ts_expect_at(file, line, fd, TIPC_PUBLISHED, 1, 1, -1, s);
	ts_cancel(fd, s);
}

#define ts_fence(fd) ts_fence_at(__FILE__, __LINE__, fd)

static inline uint32_t ts_port(int fd)
{
	return tu_self(fd).addr.id.ref;
}

/* the server has ended the connection: 0 once, and nothing can be sent */
static inline void ts_ended_at(const char *file, int line, int fd)
{
	struct tipc_event e;
	int r = ts_next(fd, &e, WAIT_MS);

	ktap_cmp(r == 0, r, 0, "the end", "==", file, line);
	r = tu_poll(fd, POLLIN | POLLOUT, 0) & POLLHUP;
	ktap_cmp(r == POLLHUP, r, POLLHUP, "poll", "==", file, line);
	r = SYS(send(fd, &e, REQ, MSG_NOSIGNAL));
	ktap_cmp(r == -EPIPE, r, -EPIPE, "send", "==", file, line);
}

#define ts_ended(fd) ts_ended_at(__FILE__, __LINE__, fd)

#endif
