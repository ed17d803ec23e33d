// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>

int tu_ready(void)
{
	int fd = socket(AF_TIPC, SOCK_RDM, 0);

	if (fd < 0) {
		printf("Bail out! no AF_TIPC here (%s): is the tipc module loaded?\n",
		       strerror(errno));
		return -1;
	}
	close(fd);
	return 0;
}

uint32_t tu_type(unsigned int n)
{
	/* every subtest is a process group of its own; its children are in it */
	return 0x10000000u + ((uint32_t)getpgrp() << 6) + n;
}

int tu_socket(int type)
{
	int fd = SYS(socket(AF_TIPC, type, 0));

	ASSERT_GE(fd, 0);
	return fd;
}

int tu_bound(uint32_t type, uint32_t inst)
{
	int fd = tu_socket(SOCK_RDM);

	ASSERT_EQ(tu_bind(fd, type, inst, inst, TIPC_CLUSTER_SCOPE), 0);
	return fd;
}

struct sockaddr_tipc tu_name(uint32_t type, uint32_t inst)
{
	struct sockaddr_tipc sa = { .family = AF_TIPC, .addrtype = TIPC_SERVICE_ADDR };

	sa.addr.name.name.type = type;
	sa.addr.name.name.instance = inst;
	return sa;
}

struct sockaddr_tipc tu_range(uint32_t type, uint32_t lower, uint32_t upper, int scope)
{
	struct sockaddr_tipc sa = { .family = AF_TIPC, .addrtype = TIPC_SERVICE_RANGE };

	sa.scope = scope;
	sa.addr.nameseq.type = type;
	sa.addr.nameseq.lower = lower;
	sa.addr.nameseq.upper = upper;
	return sa;
}

struct sockaddr_tipc tu_id(uint32_t ref, uint32_t node)
{
	struct sockaddr_tipc sa = { .family = AF_TIPC, .addrtype = TIPC_SOCKET_ADDR };

	sa.addr.id.ref = ref;
	sa.addr.id.node = node;
	return sa;
}

struct sockaddr_tipc tu_self(int fd)
{
	struct sockaddr_tipc sa;
	socklen_t len = sizeof(sa);

	ASSERT_EQ(SYS(getsockname(fd, (void *)&sa, &len)), 0);
	ASSERT_EQ(len, sizeof(sa));
	return sa;
}

int tu_bind_raw(int fd, const void *addr, int len)
{
	return SYS(bind(fd, addr, len));
}

int tu_bind(int fd, uint32_t type, uint32_t lower, uint32_t upper, int scope)
{
	struct sockaddr_tipc sa = tu_range(type, lower, upper, scope);

	return tu_bind_raw(fd, &sa, sizeof(sa));
}

int tu_connect(int fd, const void *addr, int len)
{
	return SYS(connect(fd, addr, len));
}

int tu_sendto(int fd, const void *buf, size_t len, const void *addr, int alen)
{
	return SYS(sendto(fd, buf, len, 0, addr, alen));
}

int tu_send_name(int fd, const void *buf, size_t len, uint32_t type, uint32_t inst)
{
	struct sockaddr_tipc sa = tu_name(type, inst);

	return tu_sendto(fd, buf, len, &sa, sizeof(sa));
}

int tu_recv(int fd, void *buf, size_t len, int flags)
{
	return SYS(recv(fd, buf, len, flags));
}

int tu_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr_tipc *src)
{
	socklen_t slen = sizeof(*src);
	int r;

	memset(src, 0xee, sizeof(*src));
	r = SYS(recvfrom(fd, buf, len, flags, (void *)src, &slen));
	if (r >= 0)
		EXPECT_EQ(slen, sizeof(*src));
	return r;
}

int tu_get(int fd, int opt)
{
	uint32_t v = 0xeeeeeeee;
	socklen_t len = sizeof(v);
	int r = SYS(getsockopt(fd, SOL_TIPC, opt, &v, &len));

	if (r < 0)
		return r;
	EXPECT_EQ(len, sizeof(v));
	return v;
}

int tu_set(int fd, int opt, uint32_t value)
{
	return SYS(setsockopt(fd, SOL_TIPC, opt, &value, sizeof(value)));
}

int tu_poll(int fd, int events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int r = SYS(poll(&p, 1, ms));

	return r < 0 ? r : p.revents;
}

int tu_empty(int fd)
{
	char c;
	int r = tu_recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK);

	if (r != -EAGAIN)
		ktap_note("not empty: recv gives %d", r);
	return r == -EAGAIN;
}

int tu_reach(uint32_t type, uint32_t inst)
{
	int fd = tu_socket(SOCK_RDM);
	int r = tu_send_name(fd, "", 0, type, inst);

	close(fd);
	return r;
}

void tu_rcvtimeo(int fd, int ms)
{
	struct timeval tv = { ms / 1000, (ms % 1000) * 1000 };

	ASSERT_EQ(SYS(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv))), 0);
}

void tu_netns(void)
{
	if (!unshare(CLONE_NEWNET) || !unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return;
	SKIP("no network namespace for us: %s", strerror(errno));
}

void tu_gso(const char *device, int on)
{
	struct ethtool_value value = { .cmd = ETHTOOL_SGSO, .data = on };
	struct ifreq r = { .ifr_data = (void *)&value };
	int s = SYS(socket(AF_INET, SOCK_DGRAM, 0));

	ASSERT_GE(s, 0);
	strcpy(r.ifr_name, device);
	ASSERT_EQ(SYS(ioctl(s, SIOCETHTOOL, &r)), 0);
	close(s);
}

void *tu_edge(size_t len)
{
	size_t page = sysconf(_SC_PAGESIZE), size = (len + page - 1) & ~(page - 1);
	char *p = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_TRUE(p != MAP_FAILED);
	ASSERT_EQ(mprotect(p + size, page, PROT_NONE), 0);
	return p + size - len;
}

int tu_is_c(void)
{
	const char *module = getenv("TIPC_MODULE");

	return module && !strcmp(module, "c");
}

int tu_wait(pid_t pid)
{
	int st;

	while (waitpid(pid, &st, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(st) ? WEXITSTATUS(st) : 1000 + WTERMSIG(st);
}

void tu_in_call(pid_t tid, int nr)
{
	char path[32], want[16], line[16];
	double end = ktap_now() + 10;
	int fd, n, there = 0;

	snprintf(path, sizeof(path), "/proc/%d/syscall", tid);
	n = snprintf(want, sizeof(want), "%d ", nr);
	while (!there && ktap_now() < end) {
		ktap_sleep_ms(1);
		/* the number only while it sleeps, else "running" */
		fd = open(path, O_RDONLY);
		there = fd >= 0 && read(fd, line, n) == n && !memcmp(line, want, n);
		close(fd);
	}
	if (!there)
		ktap_note("%s never began with %d", path, nr);
	ASSERT_TRUE(there);
}

void tu_alarm(int on)
{
	struct itimerval v = { .it_value.tv_sec = on, .it_interval.tv_usec = on ? 200000 : 0 };

	ASSERT_EQ(SYS(setitimer(ITIMER_REAL, &v, NULL)), 0);
}
