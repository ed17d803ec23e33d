// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "genl.h"
#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
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
	struct tipc_sioc_nodeid_req r, was;
	int fd, i, t;

	tu_netns();
	for (t = 0; t < COUNT(type); t++) {
		fd = tu_socket(type[t]);
		for (i = 0; i < COUNT(peer); i++) {
			/* what the user put there is left alone */
			memset(&r, 0xee, sizeof(r));
			was = r;
			r.peer = was.peer = peer[i];
			EXPECT_EQ(SYS(ioctl(fd, SIOCGETNODEID, &r)), 0);
			EXPECT_EQ(memcmp(&r, &was, sizeof(r)), 0);
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

static void set_id(const char *text)
{
	int fd = gn_open();

	ASSERT_EQ(gn_set_identity(fd, text), 0);
	close(fd);
}

/* the identity of a node, as a socket sees it: "" without, or the error's name */
static const char *id_of(int fd, uint32_t peer)
{
	static char id[17];
	struct tipc_sioc_nodeid_req r = { .peer = peer };
	int err;

	memset(r.node_id, 'x', sizeof(r.node_id));
	memset(id, 0, sizeof(id));
	err = SYS(ioctl(fd, SIOCGETNODEID, &r));
	if (err) {
		EXPECT_EQ(r.node_id[0], 'x');
		return strerrorname_np(-err);
	}
	EXPECT_EQ(r.peer, peer);
	memcpy(id, r.node_id, 16);
	return id[0] == 'x' ? "" : id;
}

/* rows 1.10.2, 5.1 */
TEST(own_identity)
{
	int fd, later, t;

	tu_netns();
	fd = tu_socket(SOCK_RDM);
	EXPECT_EQ(strcmp(id_of(fd, 0), ""), 0);
	set_id("node-one");
	/* with an identity alone, the node's address is still 0 */
	ASSERT_EQ(tu_self(fd).addr.id.node, 0);
	for (t = 0; t < COUNT(type); t++) {
		later = tu_socket(type[t]);
		EXPECT_EQ(strcmp(id_of(later, 0), "node-one"), 0);
		EXPECT_EQ(strcmp(id_of(later, 1), "EADDRNOTAVAIL"), 0);
		EXPECT_EQ(strcmp(id_of(later, 0xffffffff), "EADDRNOTAVAIL"), 0);
	}
	EXPECT_EQ(strcmp(id_of(fd, 0), "node-one"), 0);
}

/* rows 1.10.2, 5.1 */
TEST(own_address)
{
	int fd, nl;

	tu_netns();
	fd = tu_socket(SOCK_RDM);
	nl = gn_open();
	ASSERT_EQ(gn_set_addr(nl, 0x01001007), 0);
	ASSERT_EQ(tu_self(fd).addr.id.node, 0x01001007);
	/* its identity is made of it */
	EXPECT_EQ(strcmp(id_of(fd, 0x01001007), "1001007"), 0);
	EXPECT_EQ(strcmp(id_of(fd, 0), "EADDRNOTAVAIL"), 0);
	EXPECT_EQ(strcmp(id_of(fd, 0x01001008), "EADDRNOTAVAIL"), 0);
	/* the identity is there, links are not */
	EXPECT_EQ(SYS(ioctl(fd, SIOCGETLINKNAME,
			    &(struct tipc_sioc_ln_req){ .peer = 0x01001007 })), -EADDRNOTAVAIL);
}

/* rows 1.10.2, 14.9 */
TEST(of_another_namespace)
{
	int one, two;

	/* the socket's namespace counts, not the caller's */
	tu_netns();
	one = tu_socket(SOCK_RDM);
	set_id("first");
	if (unshare(CLONE_NEWNET))
		SKIP("no second namespace for us");
	two = tu_socket(SOCK_RDM);
	EXPECT_EQ(strcmp(id_of(one, 0), "first"), 0);
	EXPECT_EQ(strcmp(id_of(two, 0), ""), 0);
	set_id("second");
	EXPECT_EQ(strcmp(id_of(one, 0), "first"), 0);
	EXPECT_EQ(strcmp(id_of(two, 0), "second"), 0);
}

/* rows 1.10.1, 1.10.2 */
TEST(unprivileged)
{
	int fd;

	tu_netns();
	fd = tu_socket(SOCK_STREAM);
	set_id("for:everybody");
	if (!geteuid())
		ASSERT_EQ(SYS(setresuid(65534, 65534, 65534)), 0);
	EXPECT_EQ(strcmp(id_of(fd, 0), "for:everybody"), 0);
	EXPECT_EQ(strcmp(id_of(tu_socket(SOCK_RDM), 0), "for:everybody"), 0);
}

TEST_MAIN("ioctl() knows nodes and links, and nothing else")
