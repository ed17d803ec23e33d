// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Packets that go together: two nodes, each by a veth pair to a port of one bridge.  What is sent in
 * one go may pass the devices as one buffer (GSO), but where a device does not take that, or must not,
 * each packet is a frame of its own, and in any case every byte arrives.  The C module has no such
 * buffers (row 18.24), and none of its data passes the bridge (row 5.26): what arrives is the same.
 */
#include "nodes.h"
#include <linux/if_ether.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>

#define TYPE tu_type(0)
#define LARGEST 66000
#define WIRE (1500 + ETH_HLEN)

static unsigned char out[LARGEST], in[LARGEST];
static int hub = -1, idle[2], ports;
static int heard[2];	/* the frames that come to a node */
static int a, b;	/* sockets of node 0 and node 1 */

static void sh(const char *command)
{
	ktap_note("%s", command);
	ASSERT_EQ(system(command), 0);
}

static int space(void)
{
	int fd = SYS(open("/proc/self/ns/net", O_RDONLY));

	ASSERT_GE(fd, 0);
	return fd;
}

static void enter(int fd)
{
	ASSERT_EQ(SYS(setns(fd, CLONE_NEWNET)), 0);
}

/* the device of a node, and its port of the bridge; the wire of the library has nothing to do */
static int port(void)
{
	char command[256];
	int here = space();

	if (hub < 0) {
		if (system("modprobe -a veth bridge af_packet 2>/dev/null") < 0)
			SKIP("modprobe: %m");
		ASSERT_EQ(SYS(unshare(CLONE_NEWNET)), 0);
		hub = space();
		if (system("/bin/ip link add br0 type bridge && /bin/ip link set br0 up"))
			SKIP("no bridge");
		enter(here);
	}
	snprintf(command, sizeof(command), "/bin/ip link add wire type veth peer name p%d netns "
		 "/proc/self/fd/%d && /bin/ip link set wire up", ports, hub);
	if (system(command))
		SKIP("no veth devices");
	heard[ports] = nd_listen_at("wire");
	enter(hub);
	snprintf(command, sizeof(command), "/bin/ip link set p%d master br0 up", ports);
	ASSERT_EQ(system(command), 0);
	enter(here);
	close(here);
	ASSERT_EQ(SYS(socketpair(AF_UNIX, SOCK_DGRAM, 0, idle)), 0);
	ports++;
	return idle[0];
}

/* message number k */
static void write_down(int k)
{
	for (int i = 0; i < LARGEST; i++)
		out[i] = i * 7 + i / 251 + i / 65521 + k;
}

static void join(void)
{
	nd_two_by(port);
	a = nd_bound(0, TYPE, 0);
	b = nd_bound(1, TYPE, 1);
	tu_rcvtimeo(a, 20000);
	tu_rcvtimeo(b, 20000);
	nd_wait_name(0, TYPE, 1, 1);
	nd_wait_name(1, TYPE, 0, 1);
	write_down(0);
}

/* the longest frame that has come to a node since the last time */
static int longest(int node)
{
	int most = 0, n;

	while ((n = SYS(recv(heard[node], in, sizeof(in), MSG_DONTWAIT | MSG_TRUNC))) >= 0)
		most = n > most ? n : most;
	ASSERT_EQ(n, -EAGAIN);
	return most;
}

static void forget(void)
{
	for (int i = 0; i < 2; i++)
		longest(i);
}

/* a message from one socket to the node of the other, whole and unchanged */
static void carry(int from, int to, int node, int len)
{
	struct sockaddr_tipc name = tu_name(TYPE, node);
	int r = tu_sendto(from, out, len, &name, sizeof(name));

	ASSERT_EQ(r, len);
	memset(in, 0, len);
	ASSERT_EQ(tu_recv(to, in, sizeof(in), 0), len);
	ASSERT_EQ(memcmp(in, out, len), 0);
}

static void both_ways(int rounds)
{
	static const int sizes[] = { 1, 64, 1400, 1444, 1445, 2900, 4096, 16384, 30000, 65536, LARGEST };

	while (rounds--)
		for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			carry(a, b, 1, sizes[i]);
			carry(b, a, 0, sizes[i]);
		}
}

static int enter_from(int there)
{
	int here = space();

	enter(there);
	return here;
}

static void leave_to(int here)
{
	enter(here);
	close(here);
}

static void in_hub(const char *command)
{
	int here = enter_from(hub);

	sh(command);
	leave_to(here);
}

static void on_nodes(const char *command)
{
	for (int node = 1; node >= 0; node--) {
		nd_at(node);
		sh(command);
	}
}

/* what arrives is whole, and each packet a frame */
static void one_by_one(void)
{
	forget();
	both_ways(3);
	for (int i = 0; i < 2; i++)
		EXPECT_LE(longest(i), WIRE);
}

/* row 18.24: over devices that take them, packets go together; everywhere they are seen as they go */
TEST(whole)
{
	join();
	forget();
	both_ways(3);
	for (int i = 0; i < 2; i++)
		EXPECT_GE(longest(i), 2 * WIRE);
}

/* row 10.22: a device that takes one packet at a time gets one packet at a time */
TEST(apart)
{
	join();
	on_nodes("/bin/ip link set wire gso_max_segs 1");
	one_by_one();
}

/* row 10.22: so does one whose offload of that kind an administrator has switched off */
TEST(off)
{
	join();
	for (int node = 1; node >= 0; node--) {
		nd_at(node);
		tu_gso("wire", 0);
	}
	one_by_one();
}

/* row 10.22: a device on the way, behind which each packet is a frame again */
TEST(on_the_way)
{
	join();
	in_hub("/bin/ip link set p1 gso_max_segs 1");
	forget();
	both_ways(3);
	EXPECT_LE(longest(1), WIRE);
	in_hub("/bin/ip link set p0 gso_max_size 4000");
	forget();
	both_ways(3);
	EXPECT_LE(longest(0), 4000);
	EXPECT_LE(longest(1), WIRE);
}

/* row 10.22: a bridge that sends everything everywhere; several ports share the packets, one takes them apart */
TEST(everywhere)
{
	join();
	in_hub("/bin/ip link set br0 type bridge ageing_time 0 && "
	       "/bin/ip link add p2 type veth peer name q2 && /bin/ip link set q2 up && "
	       "/bin/ip link set p2 master br0 up && "
	       "/bin/ip link add p3 type veth peer name q3 && /bin/ip link set q3 up && "
	       "/bin/ip link set p3 gso_max_segs 1 && /bin/ip link set p3 master br0 up");
	both_ways(10);
	in_hub("/bin/ip link set p1 gso_max_segs 1");
	both_ways(10);
}

/* a bridge with a tunnel to the other end of the pair of u0 and u1, and the port of a node */
static void bridge_by_tunnel(int space, const char *port, int n)
{
	char command[512];
	int here;

	snprintf(command, sizeof(command),
		 "/bin/ip addr add 10.9.0.%d/24 dev u%d && /bin/ip link set u%d mtu 1600 up && "
		 "/bin/ip link add x type vxlan id 7 local 10.9.0.%d remote 10.9.0.%d dstport 4789 dev u%d",
		 n + 1, n, n, n + 1, 2 - n, n);
	here = enter_from(space);
	if (system(command))
		SKIP("no vxlan devices");
	snprintf(command, sizeof(command), "/bin/ip link set x master br%d up && "
		 "/bin/ip link set %s master br%d up", n, port, n);
	sh(command);
	leave_to(here);
}

/* row 10.22: a tunnel on the way, whose headers come in front of each packet */
TEST(tunnel)
{
	char command[256];
	int here, far;

	join();
	for (int node = 0; node < 2; node++)
		nd_bearer(node, 0);
	here = enter_from(hub);
	ASSERT_EQ(SYS(unshare(CLONE_NEWNET)), 0);
	far = space();
	sh("/bin/ip link add br1 type bridge && /bin/ip link set br1 up");
	leave_to(here);
	snprintf(command, sizeof(command), "/bin/ip link set p1 netns /proc/self/fd/%d && /bin/ip link add u0 "
		 "type veth peer name u1 netns /proc/self/fd/%d", far, far);
	in_hub(command);
	bridge_by_tunnel(hub, "p0", 0);
	bridge_by_tunnel(far, "p1", 1);
	for (int node = 0; node < 2; node++)
		nd_bearer(node, 1);
	nd_wait_name(0, TYPE, 1, 1);
	nd_wait_name(1, TYPE, 0, 1);
	both_ways(3);
	in_hub("/bin/ip link set u0 gso_max_segs 1");
	both_ways(3);
	forget();
	both_ways(3);
	EXPECT_LE(longest(1), WIRE);
}

/* row 10.22: a filter that may write has the first bytes in one piece, at a node and before they are taken apart */
TEST(looked_into)
{
	static const char look[] = "/bin/tc qdisc add dev %s ingress && /bin/tc filter add dev %s ingress "
		"matchall action pedit munge offset 20 u32 set 0 retain 0";
	char command[256];

	join();
	snprintf(command, sizeof(command), look, "wire", "wire");
	nd_at(0);
	if (system(command))
		SKIP("no filters that write");
	nd_at(1);
	sh(command);
	nd_at(0);
	both_ways(3);
	snprintf(command, sizeof(command), look, "p0", "p0");
	in_hub(command);
	both_ways(3);
	in_hub("/bin/ip link set p1 gso_max_segs 1");
	both_ways(3);
	forget();
	both_ways(3);
	EXPECT_LE(longest(1), WIRE);
}

/* rows 10.22, 6.12: what is lost on the way is sent again */
TEST(lossy)
{
	int here;

	join();
	here = enter_from(hub);
	nd_disturb("p0", 0, 5);
	nd_disturb("p1", 0, 5);
	leave_to(here);
	both_ways(10);
}

/* rows 10.22, 1.6.7: many in a row, past what a window holds */
TEST(many)
{
	struct sockaddr_tipc name = tu_name(TYPE, 1);
	pid_t sender;

	join();
	nd_room(b);
	sender = fork();
	ASSERT_GE(sender, 0);
	if (!sender) {
		for (int i = 0; i < 200; i++)
			ASSERT_EQ(tu_sendto(a, out, 20000 + i, &name, sizeof(name)), 20000 + i);
		_exit(0);
	}
	for (int i = 0; i < 200; i++) {
		ASSERT_EQ(tu_recv(b, in, sizeof(in), 0), 20000 + i);
		ASSERT_EQ(memcmp(in, out, 20000 + i), 0);
	}
	EXPECT_EQ(tu_wait(sender), 0);
}

/* `len` bytes of message k, from `at` on, are the next; with MSG_PEEK they stay it */
static void expect(int fd, int k, int at, int len, int flags)
{
	write_down(k);
	memset(in, 0, LARGEST);
	ASSERT_EQ(tu_recv(fd, in, len, flags), len);
	ASSERT_EQ(memcmp(in, out + at, len), 0);
}

/* rows 18.24, 1.6.5: a message stays what it is for each who reads it, whatever comes and is read meanwhile */
TEST(unread)
{
	struct sockaddr_tipc all = tu_range(TYPE, 1, 1, 0);
	int late;

	join();
	late = nd_bound(1, TYPE, 1);
	tu_rcvtimeo(late, 20000);
	for (int k = 0; k < 60; k += 3) {
		write_down(k);
		ASSERT_EQ(tu_sendto(a, out, LARGEST, &all, sizeof(all)), LARGEST);
		expect(b, k, 0, 3000, MSG_PEEK);
		expect(b, k, 0, LARGEST, 0);
		for (int next = k + 1; next < k + 3; next++) {
			write_down(next);
			carry(b, a, 0, LARGEST);
		}
		expect(late, k, 0, LARGEST, 0);
	}
}

/* rows 18.24, 1.6.6: so does one that is read in parts */
TEST(in_parts)
{
	int from, to;

	join();
	nd_connected(SOCK_STREAM, TYPE, 2, &from, &to);
	tu_rcvtimeo(to, 20000);
	for (int k = 0; k < 60; k += 2) {
		write_down(k);
		ASSERT_EQ(tu_sendto(from, out, LARGEST, NULL, 0), LARGEST);
		expect(to, k, 0, 30000, MSG_WAITALL);
		write_down(k + 1);
		carry(b, a, 0, LARGEST);
		expect(to, k, 30000, LARGEST - 30000, MSG_WAITALL);
	}
}

TEST_MAIN("packets that go together")
