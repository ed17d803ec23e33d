// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Devices and bearers that change, or go away, under traffic. Whatever happens to its device, the
 * node comes back, and what arrives is in order, whole and there once; what does not was lost with
 * the contact.
 */
#include "nodes.h"
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/pidfd.h>

#define TYPE tu_type(0)
#define SIZE 700
#define TURNS 3
#define AHEAD 300	/* messages: fewer than there is room for at the sink */

/* what the processes of the traffic share */
static struct shared {
	/* `last` is the number of the newest that was taken; `returned` counts what nobody had room for */
	volatile unsigned int sent, taken, last, gaps, bad, returned, stop;
} *shared;

static void ip(const char *what)
{
	char line[128];

	snprintf(line, sizeof(line), "/bin/ip link %s", what);
	ASSERT_EQ(system(line), 0);
}

/* takes messages; their numbers only grow, and their bytes follow from them */
static void sink(int fd)
{
	unsigned char b[SIZE + 1];
	unsigned int number;

	for (;;) {
		int n = recv(fd, b, sizeof(b), 0);

		/* nothing, or what the wait for its name has sent */
		if (n <= 0)
			continue;
		memcpy(&number, b, sizeof(number));
		for (int i = sizeof(number); i < n; i++)
			shared->bad += b[i] != (unsigned char)(number + i);
		shared->bad += n != SIZE || number <= shared->last;
		shared->gaps += number > shared->last + 1;
		shared->last = number;
		shared->taken++;
	}
}

/* sends them, all the time, but for a moment now and then when the sink is far behind */
static void source(int fd)
{
	struct sockaddr_tipc to = tu_name(TYPE, 1);
	struct timeval limit = { 0, 200000 };
	unsigned char b[SIZE];

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	for (unsigned int number = 1; !shared->stop; ) {
		memcpy(b, &number, sizeof(number));
		for (int i = sizeof(number); i < SIZE; i++)
			b[i] = number + i;
		if (sendto(fd, b, SIZE, 0, (void *)&to, sizeof(to)) == SIZE)
			shared->sent = number++;
		else
			ktap_sleep_ms(2);
		while (tu_recv(fd, b, sizeof(b), MSG_DONTWAIT) >= 0)
			shared->returned++;
		if (number > shared->last + AHEAD)
			ktap_sleep_ms(1);
	}
	ktap_exit();
}

static pid_t sender;

static void begin(int (*dev)(void))
{
	int to, from;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(shared != MAP_FAILED);
	if (dev)
		nd_two_by(dev);
	else
		nd_two(0);
	to = nd_bound(1, TYPE, 1);
	nd_room(to);
	from = nd_socket(0, SOCK_RDM);
	nd_wait_name(0, TYPE, 1, 1);
	if (!fork())
		sink(to);
	sender = fork();
	if (!sender)
		source(from);
}

/* waits until messages arrive that were sent after now */
static void flows(void)
{
	unsigned int goal = shared->sent + 500;
	double end = ktap_now() + 60;

	while (shared->last < goal && ktap_now() < end)
		ktap_sleep_ms(5);
	ASSERT_GE(shared->last, goal);
}

static void finish(void)
{
	double end = ktap_now() + 20;

	shared->stop = 1;
	EXPECT_EQ(tu_wait(sender), 0);
	/* what is under way arrives, as the contact is there */
	while (shared->last + shared->returned < shared->sent && ktap_now() < end)
		ktap_sleep_ms(5);
	ktap_note("%u sent, %u arrived, %u gaps, %u returned", shared->sent, shared->taken,
		  shared->gaps, shared->returned);
	EXPECT_EQ(shared->bad, 0);
	EXPECT_LE(shared->last, shared->sent);
	EXPECT_GE(shared->last + shared->returned, shared->sent);
	if (!shared->gaps)
		EXPECT_GE(shared->taken + shared->returned, shared->sent);
}

/* rows 10.11, 10.9 */
TEST_LIMIT(down_up, 240)
{
	begin(NULL);
	for (int i = 0; i < TURNS; i++) {
		flows();
		ip("set wire down");
		ip("set wire up");
	}
	flows();
	finish();
}

/* rows 10.11 */
TEST_LIMIT(address, 240)
{
	char line[64];

	begin(NULL);
	for (int i = 0; i < TURNS; i++) {
		flows();
		snprintf(line, sizeof(line), "set wire address 02:00:00:00:07:0%d", i);
		ip(line);
	}
	flows();
	finish();
}

/* rows 10.11, 6.24 */
TEST_LIMIT(mtu, 240)
{
	begin(NULL);
	for (int i = 0; i < TURNS; i++) {
		flows();
		/* smaller than a message */
		ip(i & 1 ? "set wire mtu 1400" : "set wire mtu 400");
	}
	flows();
	finish();
}

/* rows 10.11, 10.10 */
TEST_LIMIT(rename, 240)
{
	begin(NULL);
	for (int i = 0; i < TURNS; i++) {
		flows();
		ip("set wire name other");
		ip("set other name wire");
		nd_bearer(0, 1);
	}
	flows();
	finish();
}

/* rows 10.10, 11.3, 5.16 */
TEST_LIMIT(enable_disable, 240)
{
	begin(NULL);
	for (int i = 0; i < 3 * TURNS; i++) {
		if (i % 3 == 0)
			flows();
		nd_bearer(i & 1, 0);
		nd_bearer(i & 1, 1);
	}
	flows();
	finish();
}

/* the node's device is new: what passes the wire is packets, as on a real one */
static void wire_up(void)
{
	tu_gso("wire", 0);
	ip("set wire up");
}

/* a device with a VLAN on it, and at its other end, that of the test */
static int vlan(void)
{
	int here = SYS(open("/proc/self/ns/net", O_RDONLY)), fd;
	char line[128];

	ASSERT_GE(here, 0);
	tu_netns();
	if (system("modprobe -a veth 8021q 2>/dev/null; /bin/ip link add far type veth peer name base && "
		   "/bin/ip link add link far name end type vlan id 5"))
		SKIP("no veth devices with VLANs");
	snprintf(line, sizeof(line), "set base netns /proc/self/fd/%d", here);
	ip(line);
	ip("set far up");
	ip("set end up");
	fd = nd_listen_at("end");
	ASSERT_EQ(SYS(setns(here, CLONE_NEWNET)), 0);
	ip("set base up");
	ip("add link base name wire type vlan id 5");
	wire_up();
	close(here);
	return fd;
}

/* rows 10.11, 10.22 */
TEST_LIMIT(pulled_out, 240)
{
	begin(vlan);
	for (int i = 0; i < TURNS; i++) {
		flows();
		ip("del wire");
		ip("add link base name wire type vlan id 5");
		wire_up();
		nd_bearer(0, 1);
	}
	flows();
	finish();
}

/* a bridge in a namespace of its own, there as long as a process, and the socket of a node behind it */
static struct far { pid_t holder; int heard; } far[2];

/* a command in that namespace; $HERE is the test's */
static void ip_far(pid_t holder, const char *what)
{
	char here[16];
	pid_t child;

	snprintf(here, sizeof(here), "%d", getpid());
	child = fork();
	if (!child) {
		setenv("HERE", here, 1);
		ASSERT_EQ(SYS(setns(SYS(pidfd_open(holder, 0)), CLONE_NEWNET)), 0);
		ip(what);
		ktap_exit();
	}
	ASSERT_EQ(tu_wait(child), 0);
}

/* a veth of the node's, `wire`, whose other end is at the bridge */
static void plug(pid_t holder)
{
	ip_far(holder, "add to_wire type veth peer name wire netns $HERE");
	ip_far(holder, "set to_wire master hub up");
	wire_up();
}

/* the bridge, `wire`, and another veth, `end`, by which the test hears what comes by `wire` */
static pid_t bridge(void)
{
	int ready[2];
	pid_t holder;
	char b;

	ASSERT_EQ(SYS(pipe(ready)), 0);
	holder = fork();
	if (!holder) {
		tu_netns();
		if (system("modprobe -a veth bridge 2>/dev/null; /bin/ip link add hub type bridge && "
			   "/bin/ip link set hub up"))
			_exit(1);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &b, 1) != 1)
		SKIP("no bridges");
	close(ready[0]);
	plug(holder);
	ip_far(holder, "add to_end type veth peer name end netns $HERE");
	ip_far(holder, "set to_end master hub up");
	ip("set end up");
	return holder;
}

static int veth(void)
{
	struct far *f = far[0].holder ? &far[1] : &far[0];

	f->holder = bridge();
	f->heard = nd_listen_at("end");
	return f->heard;
}

/* rows 10.11, 10.22: what is new has another address on the medium */
TEST_LIMIT(veth_pulled_out, 240)
{
	begin(veth);
	for (int i = 0; i < TURNS; i++) {
		flows();
		ip("del wire");
		plug(far[0].holder);
		nd_bearer(0, 1);
	}
	flows();
	finish();
}

/* rows 5.27, 10.11, 10.22: the other end goes with its namespace, and takes the node's with it */
TEST_LIMIT(namespace_gone, 240)
{
	begin(veth);
	for (int i = 0; i < TURNS; i++) {
		double end = ktap_now() + 30;

		flows();
		kill(far[0].holder, SIGKILL);
		tu_wait(far[0].holder);
		while ((if_nametoindex("wire") || if_nametoindex("end")) && ktap_now() < end)
			ktap_sleep_ms(5);
		far[0].holder = bridge();
		nd_listen_again(far[0].heard, "end");
		nd_bearer(0, 1);
	}
	flows();
	finish();
}

TEST_MAIN("traffic goes on when devices and bearers have changed under it")
