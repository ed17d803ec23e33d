/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Short names for what every TIPC test does.  Calls that can fail return
 * their value or -errno, so that a test can write
 *	EXPECT_EQ(tu_bind(fd, type, 1, 1, 0), -EINVAL);
 */
#ifndef TIPC_UTIL_H
#define TIPC_UTIL_H

#include "ktap.h"
#include <linux/tipc.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* is there an AF_TIPC in this kernel? says "Bail out!" if not */
int tu_ready(void);

/* the n-th (0..63) service type of this subtest: no two subtests meet */
uint32_t tu_type(unsigned int n);

int tu_socket(int type);			/* leaves the subtest if it fails */
int tu_bound(uint32_t type, uint32_t inst);	/* an RDM socket bound to {type,inst} */
struct sockaddr_tipc tu_name(uint32_t type, uint32_t inst);
struct sockaddr_tipc tu_range(uint32_t type, uint32_t lower, uint32_t upper, int scope);
struct sockaddr_tipc tu_id(uint32_t ref, uint32_t node);
struct sockaddr_tipc tu_self(int fd);		/* getsockname(), must work */

int tu_bind(int fd, uint32_t type, uint32_t lower, uint32_t upper, int scope);
int tu_bind_raw(int fd, const void *addr, int len);
int tu_connect(int fd, const void *addr, int len);
int tu_sendto(int fd, const void *buf, size_t len, const void *addr, int alen);
int tu_send_name(int fd, const void *buf, size_t len, uint32_t type, uint32_t inst);
int tu_recv(int fd, void *buf, size_t len, int flags);
int tu_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr_tipc *src);
int tu_get(int fd, int opt);			/* SOL_TIPC option, or -errno */
int tu_set(int fd, int opt, uint32_t value);
int tu_poll(int fd, int events, int ms);	/* revents, 0 when none */
int tu_empty(int fd);				/* 1 if there is nothing to read */
int tu_reach(uint32_t type, uint32_t inst);	/* 0, or -errno of a zero-length send */
void tu_rcvtimeo(int fd, int ms);

/* a fresh network namespace, with or without root; SKIPs if impossible */
void tu_netns(void);

/* whether a device is given several packets as one buffer (ethtool -K gso) */
void tu_gso(const char *device, int on);

/* a page-aligned area of len bytes followed by an unreadable page */
void *tu_edge(size_t len);

/* whether it is the C module that is tested */
int tu_is_c(void);

/* wait for a child; its exit code, or 1000 + signal */
int tu_wait(pid_t pid);

/* wait until a thread sleeps in a system call, as SYS_recvfrom */
void tu_in_call(pid_t tid, int nr);

/*
 * SIGALRM in a second, and again every 200 ms in case the first came before the call that it was to
 * interrupt; no more of them with on == 0
 */
void tu_alarm(int on);

#endif
