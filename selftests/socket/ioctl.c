// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const int type[] = { SOCK_RDM, SOCK_DGRAM, SOCK_STREAM, SOCK_SEQPACKET };

/* rows 1.10.3 */
TEST(not_known)
{
	static const unsigned long cmd[] = {
		FIONREAD, SIOCINQ, SIOCOUTQ, 0, 1, 0xffffffff, 0x12345678,
		SIOCADDRT, SIOCGETNODEID + 1, SIOCPROTOPRIVATE + 15,
	};
	char b[128] = { 0 };
	int t, i, fd;

	for (t = 0; t < COUNT(type); t++) {
		fd = tu_socket(type[t]);
		for (i = 0; i < COUNT(cmd); i++) {
			EXPECT_EQ(SYS(ioctl(fd, cmd[i], b)), -ENOTTY);
			/* the socket layer itself reads the argument of its own kind of commands */
			if (cmd[i] >> 8 != 0x89)
				EXPECT_EQ(SYS(ioctl(fd, cmd[i], NULL)), -ENOTTY);
		}
	}
}

/* rows 1.10.3 */
TEST(of_every_socket)
{
	/* what the socket layer answers itself is not lost */
	int fd = tu_socket(SOCK_RDM), one = 1;
	struct ifreq ifr = { .ifr_name = "lo" };

	EXPECT_EQ(SYS(ioctl(fd, FIONBIO, &one)), 0);
	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(SYS(ioctl(fd, SIOCGIFINDEX, &ifr)), 0);
	EXPECT_GE(ifr.ifr_ifindex, 1);
}

/* rows 1.10.1 */
TEST(no_link)
{
	static const uint32_t peer[] = { 0, 1, 0x01001001, 0xffffffff };
	struct tipc_sioc_ln_req r, was;
	int fd = tu_socket(SOCK_STREAM), i, j;

	for (i = 0; i < COUNT(peer); i++) {
		for (j = 0; j < 4; j++) {
			memset(&r, 0xee, sizeof(r));
			r.peer = peer[i];
			r.bearer_id = j * 0x10001;
			was = r;
			EXPECT_EQ(SYS(ioctl(fd, SIOCGETLINKNAME, &r)), -EADDRNOTAVAIL);
			EXPECT_EQ(memcmp(&r, &was, sizeof(r)), 0);
		}
	}
}

/* rows 1.10.1, 1.10.2 */
TEST(pointers)
{
	int fd = tu_socket(SOCK_RDM), cut;
	void *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_TRUE(ro != MAP_FAILED);
	EXPECT_EQ(SYS(ioctl(fd, SIOCGETLINKNAME, NULL)), -EFAULT);
	EXPECT_EQ(SYS(ioctl(fd, SIOCGETLINKNAME, (void *)8)), -EFAULT);
	EXPECT_EQ(SYS(ioctl(fd, SIOCGETLINKNAME, (void *)-1L)), -EFAULT);
	EXPECT_EQ(SYS(ioctl(fd, SIOCGETNODEID, NULL)), -EFAULT);
	EXPECT_EQ(SYS(ioctl(fd, SIOCGETNODEID, (void *)8)), -EFAULT);
	EXPECT_EQ(SYS(ioctl(fd, SIOCGETNODEID, (void *)-1L)), -EFAULT);
	/* the whole request has to be there, though only its first words are looked at */
	for (cut = 0; cut < 76; cut += 25)
		EXPECT_EQ(SYS(ioctl(fd, SIOCGETLINKNAME, tu_edge(cut))), -EFAULT);
	for (cut = 0; cut < 20; cut++)
		EXPECT_EQ(SYS(ioctl(fd, SIOCGETNODEID, tu_edge(cut))), -EFAULT);
	EXPECT_EQ(SYS(ioctl(fd, SIOCGETLINKNAME, tu_edge(76))), -EADDRNOTAVAIL);
	EXPECT_EQ(SYS(ioctl(fd, SIOCGETLINKNAME, ro)), -EADDRNOTAVAIL);
}

/* rows 1.10.2, 2.13 */
TEST(nobody_yet)
{
	static const uint32_t peer[] = { 0, 1, 0x01001001, 0xffffffff };
	struct tipc_sioc_nodeid_req r;
	char zero[16] = { 0 };
	int fd, i, t;

	tu_netns();
	for (t = 0; t < COUNT(type); t++) {
		fd = tu_socket(type[t]);
		for (i = 0; i < COUNT(peer); i++) {
			/* an identity of the user's own is left alone, or cleared */
			memset(&r, 0, sizeof(r));
			r.peer = peer[i];
			EXPECT_EQ(SYS(ioctl(fd, SIOCGETNODEID, &r)), 0);
			EXPECT_EQ(r.peer, peer[i]);
			EXPECT_EQ(memcmp(r.node_id, zero, sizeof(zero)), 0);
		}
	}
	EXPECT_EQ(SYS(ioctl(fd, SIOCGETNODEID, tu_edge(20))), 0);
	EXPECT_EQ(SYS(ioctl(fd, SIOCGETNODEID,
			    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))),
		  -EFAULT);
}

/* rows 1.10.2 */
TEST(long_command)
{
	/* only the low 32 bits are the command */
	struct tipc_sioc_nodeid_req r = { .peer = 0 };
	int fd;

	tu_netns();
	fd = tu_socket(SOCK_RDM);
	EXPECT_EQ(SYS(ioctl(fd, SIOCGETNODEID | 1UL << 40, &r)), 0);
}

TEST_MAIN("ioctl() knows nodes and links, and nothing else")
