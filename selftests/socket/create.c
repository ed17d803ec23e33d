// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

static int sock(int type, int proto)
{
	int fd = SYS(socket(AF_TIPC, type, proto));

	if (fd >= 0)
		close(fd);
	return fd >= 0 ? 0 : fd;
}

static int sol(int fd, int opt)
{
	int v = -1;
	socklen_t len = sizeof(v);

	ASSERT_EQ(SYS(getsockopt(fd, SOL_SOCKET, opt, &v, &len)), 0);
	return v;
}

static int sysctl(const char *path, int nth, int def)
{
	int v[3] = { def, def, def };
	FILE *f = fopen(path, "r");

	if (f) {
		if (fscanf(f, "%d %d %d", &v[0], &v[1], &v[2]) < nth + 1)
			v[nth] = def;
		fclose(f);
	}
	return v[nth];
}

/* rows 1.1.1 */
TEST(rdm)
{
	EXPECT_EQ(sock(SOCK_RDM, 0), 0);
}

/* rows 1.1.1 */
TEST(dgram)
{
	EXPECT_EQ(sock(SOCK_DGRAM, 0), 0);
}

/* rows 1.1.1 */
TEST(other_types)
{
	EXPECT_EQ(sock(SOCK_RAW, 0), -EPROTOTYPE);
	EXPECT_EQ(sock(SOCK_DCCP, 0), -EPROTOTYPE);
	EXPECT_EQ(sock(SOCK_PACKET, 0), -EPROTOTYPE);
	EXPECT_EQ(sock(9, 0), -EPROTOTYPE);
	EXPECT_EQ(sock(11, 0), -EINVAL);
}

/* rows 1.1.1 */
TEST(protocol)
{
	EXPECT_EQ(sock(SOCK_RDM, 1), -EPROTONOSUPPORT);
	EXPECT_EQ(sock(SOCK_DGRAM, 255), -EPROTONOSUPPORT);
	EXPECT_EQ(sock(SOCK_RAW, 1), -EPROTONOSUPPORT);
}

/* rows 1.1.13 */
TEST(flags)
{
	int fd = tu_socket(SOCK_RDM | SOCK_NONBLOCK | SOCK_CLOEXEC);

	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

/* rows 1.1.1 */
TEST(identity)
{
	int fd = tu_socket(SOCK_RDM), fd2 = tu_socket(SOCK_DGRAM);

	EXPECT_EQ(sol(fd, SO_DOMAIN), AF_TIPC);
	EXPECT_EQ(sol(fd, SO_TYPE), SOCK_RDM);
	EXPECT_EQ(sol(fd2, SO_TYPE), SOCK_DGRAM);
	EXPECT_EQ(sol(fd, SO_PROTOCOL), 0);
	EXPECT_EQ(sol(fd, SO_ACCEPTCONN), 0);
	EXPECT_EQ(sol(fd, SO_ERROR), 0);
}

/* rows 1.1.6 */
TEST(buffers)
{
	int fd = tu_socket(SOCK_RDM);

	EXPECT_EQ(sol(fd, SO_RCVBUF), sysctl("/proc/sys/net/tipc/tipc_rmem", 1, 2097152));
	EXPECT_EQ(sol(fd, SO_SNDBUF), sysctl("/proc/sys/net/core/wmem_default", 0, 212992));
}

/* rows 1.1.10 */
TEST(getsockname)
{
	struct sockaddr_tipc sa = tu_self(tu_socket(SOCK_RDM));

	EXPECT_EQ(sa.family, AF_TIPC);
	EXPECT_EQ(sa.addrtype, TIPC_SOCKET_ADDR);
	EXPECT_EQ(sa.scope, 0);
	EXPECT_NE(sa.addr.id.ref, 0);
	EXPECT_EQ(sa.addr.name.domain, 0);	/* the last word is not left over memory */
}

/* rows 1.1.10 */
TEST(getsockname_stays)
{
	int fd = tu_socket(SOCK_RDM);
	struct sockaddr_tipc a = tu_self(fd), b;

	ASSERT_EQ(tu_bind(fd, tu_type(0), 1, 1, 0), 0);
	b = tu_self(fd);
	EXPECT_EQ(memcmp(&a, &b, sizeof(a)), 0);
}

/* rows 1.1.10 */
TEST(getsockname_short)
{
	int fd = tu_socket(SOCK_RDM);
	struct sockaddr_tipc sa = tu_self(fd);
	unsigned char b[16];
	socklen_t len = 6;

	memset(b, 0xee, sizeof(b));
	EXPECT_EQ(SYS(getsockname(fd, (void *)b, &len)), 0);
	EXPECT_EQ(len, 16);
	EXPECT_EQ(memcmp(b, &sa, 6), 0);
	EXPECT_EQ(b[6], 0xee);
	len = -1;
	EXPECT_EQ(SYS(getsockname(fd, (void *)b, &len)), -EINVAL);
	len = 16;
	EXPECT_EQ(SYS(getsockname(fd, (void *)8, &len)), -EFAULT);
}

/* rows 1.1.11 */
TEST(getpeername)
{
	struct sockaddr_tipc sa;
	socklen_t len = sizeof(sa);

	EXPECT_EQ(SYS(getpeername(tu_socket(SOCK_RDM), (void *)&sa, &len)), -ENOTCONN);
}

/* rows 1.1.4 */
TEST(ports_differ)
{
	uint32_t ref[200];
	int i, j;

	for (i = 0; i < 200; i++) {
		ref[i] = tu_self(tu_socket(i & 1 ? SOCK_RDM : SOCK_DGRAM)).addr.id.ref;
		EXPECT_NE(ref[i], 0);
		for (j = 0; j < i; j++)
			ASSERT_NE(ref[i], ref[j]);
	}
}

/* rows 1.1.2 */
TEST(no_listen)
{
	int fd = tu_socket(SOCK_RDM);

	EXPECT_EQ(SYS(listen(fd, 1)), -EOPNOTSUPP);
	EXPECT_EQ(SYS(accept(fd, NULL, NULL)), -EOPNOTSUPP);
}

/* rows 1.1.2 */
TEST(no_mmap)
{
	int fd = tu_socket(SOCK_RDM);

	EXPECT_TRUE(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	EXPECT_EQ(errno, ENODEV);
}

/* rows 1.10.3 */
TEST(no_ioctl)
{
	int fd = tu_socket(SOCK_RDM), v;

	EXPECT_EQ(SYS(ioctl(fd, FIONREAD, &v)), -ENOTTY);
	EXPECT_EQ(SYS(ioctl(fd, SIOCOUTQ, &v)), -ENOTTY);
	EXPECT_EQ(SYS(ioctl(fd, 0x12345678, &v)), -ENOTTY);
}

/* rows 1.8.1 */
TEST(shutdown_how)
{
	int fd = tu_socket(SOCK_RDM);

	EXPECT_EQ(SYS(shutdown(fd, SHUT_RD)), -EINVAL);
	EXPECT_EQ(SYS(shutdown(fd, SHUT_WR)), -EINVAL);
	EXPECT_EQ(SYS(shutdown(fd, 7)), -EINVAL);
}

/* rows 1.8.2 */
TEST(shutdown_rdm)
{
	int fd = tu_bound(tu_type(0), 1), tx = tu_socket(SOCK_RDM);
	char b[8];

	EXPECT_EQ(SYS(shutdown(fd, SHUT_RDWR)), -ENOTCONN);
	EXPECT_EQ(tu_send_name(tx, "still", 5, tu_type(0), 1), 5);
	EXPECT_EQ(tu_recv(fd, b, sizeof(b), MSG_DONTWAIT), 5);
}

TEST_MAIN("sockets can be made, and say who they are")
