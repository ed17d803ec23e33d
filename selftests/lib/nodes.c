// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "nodes.h"
#include "genl.h"
#include "topsrv.h"
#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

struct nd_wire *nd_wire;
uint32_t nd_addr[2];

static int spaces[2], ends[2];
/* of the wire's process: the newest packet's number, and that of the next by the last STATE */
static uint16_t newest[2], next[2];

static uint32_t word(unsigned char *tipc, int n)
{
	uint32_t w;

	memcpy(&w, tipc + 4 * n, 4);
	return ntohl(w);
}

static void set_word(unsigned char *tipc, int n, uint32_t value)
{
	value = htonl(value);
	memcpy(tipc + 4 * n, &value, 4);
}

/* looks at a message of a connection's management, and changes it if wanted */
static void conn_word(unsigned char *tipc, int from)
{
	int kind = word(tipc, 1) >> 29;

	nd_wire->kinds[from][kind]++;
	if (((word(tipc, 1) >> 25) & 15) && word(tipc, 4) == nd_wire->watch) {
		nd_wire->refused[from]++;
		nd_wire->early[from] += !nd_wire->errors[from];
	}
	if (kind != 2)
		return;
	if (nd_wire->probe[from]) {
		nd_wire->probe[from]--;
		set_word(tipc, 1, word(tipc, 1) & 0x1fffffff);
		set_word(tipc, 9, 0);
	} else if (nd_wire->vanish[from]) {
		nd_wire->vanish[from]--;
		nd_wire->port = word(tipc, 5);
		set_word(tipc, 5, 1);
	} else if ((word(tipc, 1) >> 25) & 15) {
		set_word(tipc, 4, nd_wire->port);
	}
}

/* what a link says of itself: both ends are at rest when each has all that the other has sent */
static void link_word(unsigned char *tipc, int from)
{
	uint16_t ack = word(tipc, 2) >> 16;

	if (word(tipc, 1) >> 29) {
		/* RESET or ACTIVATE: its packets are numbered anew */
		newest[from] = 0;
		nd_wire->rest[0] = nd_wire->rest[1] = 0;
		return;
	}
	next[from] = word(tipc, 4);
	if ((uint16_t)(ack + 1) == next[!from])
		__atomic_add_fetch(&nd_wire->rest[from], 1, __ATOMIC_SEQ_CST);
	else
		nd_wire->rest[from] = 0;
}

/*
 * User data. A packet passes twice if a tick on another processor has asked for it while it was on
 * its way, and counts once; packets of the broadcast link have numbers of their own.
 */
static void count(unsigned char *tipc, int user, int from)
{
	int error = user < 4 ? (word(tipc, 1) >> 25) & 15 : 0;
	uint16_t number = word(tipc, 2);

	if (!(word(tipc, 0) & 1 << 20)) {
		if ((int16_t)(number - newest[from]) <= 0)
			return;
		newest[from] = number;
	}
	nd_wire->requested[from] += user < 4 && (word(tipc, 0) & 1 << 18);
	if (error) {
		nd_wire->last_error[from] = error;
		nd_wire->last_length[from] = word(tipc, 0) & 0x1ffff;
		nd_wire->errors[from]++;
	}
	nd_wire->data[from]++;
}

static int pass(unsigned char *frame, int len, int from)
{
	unsigned char *tipc = frame + 14;
	uint32_t user;

	if (len < 14 + 24 || frame[12] != 0x88 || frame[13] != 0xca)
		return 0;
	user = (word(tipc, 0) >> 25) & 15;
	nd_wire->users[from][user]++;
	if (user == ND_BEACON && len >= 14 + 56)
		set_word(tipc, 13, word(tipc, 13) ^ 0x5a5a5a5a);
	if (nd_wire->cut[from])
		return 0;
	if (user == ND_BEACON)
		return 1;
	if (user == ND_LINK) {
		link_word(tipc, from);
		return 1;
	}
	nd_wire->rest[0] = nd_wire->rest[1] = 0;
	if (nd_wire->hold[from])
		return 0;
	if (user < 4 || user == ND_FRAGMENT || user == ND_BUNDLE)
		count(tipc, user, from);
	if (user == ND_CONN)
		conn_word(tipc, from);
	return 1;
}

static void wire(void)
{
	static unsigned char frame[65536];
	struct pollfd fds[2] = { { ends[0], POLLIN, 0 }, { ends[1], POLLIN, 0 } };

	while (poll(fds, 2, -1) > 0)
		for (int from = 0; from < 2; from++) {
			ssize_t n = fds[from].revents ? read(ends[from], frame, sizeof(frame)) : 0;

			if (n > 0 && pass(frame, n, from) && write(ends[!from], frame, n) < 0)
				continue;
		}
	_exit(0);
}

static void set_up(const char *name)
{
	struct ifreq r = { 0 };
	int s = SYS(socket(AF_INET, SOCK_DGRAM, 0));

	ASSERT_GE(s, 0);
	strcpy(r.ifr_name, name);
	ASSERT_EQ(SYS(ioctl(s, SIOCGIFFLAGS, &r)), 0);
	r.ifr_flags |= IFF_UP;
	ASSERT_EQ(SYS(ioctl(s, SIOCSIFFLAGS, &r)), 0);
	close(s);
}

struct ask {
	struct nlmsghdr h;
	struct ifinfomsg i;
	char data[512];
};

static struct nlattr *attr(struct ask *q, int type, const void *data, int len)
{
	struct nlattr *a = (void *)((char *)q + NLMSG_ALIGN(q->h.nlmsg_len));

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy((char *)a + NLA_HDRLEN, data, len);
	q->h.nlmsg_len = NLMSG_ALIGN(q->h.nlmsg_len) + NLA_ALIGN(a->nla_len);
	return a;
}

static void end(struct ask *q, struct nlattr *nest)
{
	nest->nla_len = (char *)q + q->h.nlmsg_len - (char *)nest;
}

/* what a device is asked to be or do; 0 or -errno */
static int ask(struct ask *q)
{
	struct { struct nlmsghdr h; struct nlmsgerr e; char rest[1024]; } answer;
	int fd = SYS(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));

	ASSERT_GE(fd, 0);
	q->h.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	ASSERT_EQ(SYS(send(fd, q, q->h.nlmsg_len, 0)), q->h.nlmsg_len);
	ASSERT_GE(SYS(recv(fd, &answer, sizeof(answer), 0)), NLMSG_LENGTH(4));
	close(fd);
	return answer.e.error;
}

/*
 * A frame that a packet socket has sent is charged to it by its size, which the C module changes
 * ('refcount_t: underflow' then, D40). A delay of next to nothing takes the charge away.
 */
void nd_disturb(const char *name, int latency, int loss)
{
	struct ask q = { .h = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct tcmsg)),
				.nlmsg_type = RTM_NEWQDISC,
				.nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL } };
	struct tcmsg *t = NLMSG_DATA(&q.h);
	struct tc_netem_qopt opt = { .latency = latency, .limit = 100000,
				     .loss = UINT32_MAX / 100 * loss };

	ASSERT_GE(system("modprobe sch_netem 2>/dev/null"), 0);
	t->tcm_ifindex = if_nametoindex(name);
	t->tcm_parent = TC_H_ROOT;
	t->tcm_handle = 1 << 16;
	attr(&q, TCA_KIND, "netem", 6);
	attr(&q, TCA_OPTIONS, &opt, sizeof(opt));
	ASSERT_EQ(ask(&q), 0);
}

/* a pair of devices: 'wire' in the namespace of a node, name here */
static void make_pair(const char *name, int space)
{
	struct ask q = { .h = { .nlmsg_len = NLMSG_LENGTH(sizeof(q.i)), .nlmsg_type = RTM_NEWLINK,
				.nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL } };
	struct ifinfomsg none = { 0 };
	struct nlattr *info, *data, *peer;
	int r;

	attr(&q, IFLA_IFNAME, name, strlen(name) + 1);
	info = attr(&q, IFLA_LINKINFO, NULL, 0);
	attr(&q, IFLA_INFO_KIND, "veth", 5);
	data = attr(&q, IFLA_INFO_DATA, NULL, 0);
	peer = attr(&q, VETH_INFO_PEER, &none, sizeof(none));
	attr(&q, IFLA_IFNAME, "wire", 5);
	attr(&q, IFLA_NET_NS_FD, &space, 4);
	end(&q, peer);
	end(&q, data);
	end(&q, info);
	r = ask(&q);
	if (r == -EOPNOTSUPP)
		SKIP("no veth devices");
	ASSERT_EQ(r, 0);
	nd_disturb(name, 20, 0);
	set_up(name);
}

void nd_listen_again(int fd, const char *name)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(0x88ca),
				  .sll_ifindex = if_nametoindex(name) };

	ASSERT_EQ(SYS(bind(fd, (void *)&at, sizeof(at))), 0);
}

int nd_listen_at(const char *name)
{
	int fd = SYS(socket(AF_PACKET, SOCK_RAW, 0));

	ASSERT_GE(fd, 0);
	nd_room(fd);
	nd_listen_again(fd, name);
	return fd;
}

static void identify(int fd, int node, int flags)
{
	if (flags & ND_IDENTITY)
		ASSERT_EQ(gn_set_identity(fd, node ? "eeee" : "dddd"), 0);
	else
		ASSERT_EQ(gn_set_addr(fd, 0x01001001 + node), 0);
}

void nd_at(int node)
{
	ASSERT_EQ(SYS(setns(spaces[node], CLONE_NEWNET)), 0);
}

static int where;

int nd_socket(int node, int type)
{
	int fd;

	nd_at(node);
	fd = tu_socket(type);
	nd_at(where);
	return fd;
}

int nd_bound(int node, uint32_t type, uint32_t inst)
{
	int fd = nd_socket(node, SOCK_RDM);

	ASSERT_EQ(tu_bind(fd, type, inst, inst, TIPC_CLUSTER_SCOPE), 0);
	return fd;
}

int nd_listener(int node, int type, uint32_t svc, uint32_t inst)
{
	int fd = nd_socket(node, type);

	ASSERT_EQ(tu_bind(fd, svc, inst, inst, TIPC_CLUSTER_SCOPE), 0);
	ASSERT_EQ(SYS(listen(fd, 5)), 0);
	return fd;
}

void nd_connected(int type, uint32_t svc, uint32_t inst, int *client, int *server)
{
	int l = nd_listener(1, type, svc, inst);

	nd_wait_name(0, svc, inst, 1);
	*client = tc_connecting(type, svc, inst);
	*server = tc_accept(l);
	ASSERT_EQ(tu_poll(*client, POLLOUT, 5000), POLLOUT);
	close(l);
}

void nd_bearer(int node, int on)
{
	struct gn_req *r;
	struct nlattr *n;
	int fd;

	nd_at(node);
	fd = gn_open();
	r = gn_new(on ? TIPC_NL_BEARER_ENABLE : TIPC_NL_BEARER_DISABLE);
	n = gn_nest(r, TIPC_NLA_BEARER);
	gn_str(r, TIPC_NLA_BEARER_NAME, "eth:wire");
	gn_end(r, n);
	ASSERT_EQ(gn_do(fd, r, NULL), 0);
	close(fd);
	nd_at(where);
}

void nd_wait_name(int node, uint32_t type, uint32_t inst, int there)
{
	double end = ktap_now() + 30;
	struct sockaddr_tipc to = tu_name(type, inst);
	int fd = nd_socket(node, SOCK_RDM), r;

	do {
		r = tu_sendto(fd, "", 0, &to, sizeof(to));
		if (there ? !r : r == -EHOSTUNREACH)
			break;
		ktap_sleep_ms(5);
	} while (ktap_now() < end);
	ASSERT_EQ(r, there ? 0 : -EHOSTUNREACH);
	close(fd);
}

void nd_wait_bound(int node, uint32_t type, uint32_t inst, int count)
{
	struct tipc_event e;
	int fd;

	nd_at(node);
	fd = ts_connect(SOCK_SEQPACKET);
	nd_at(where);
	ts_sub(fd, type, inst, inst, PORTS, "bound");
	while (count) {
		ASSERT_EQ(ts_next(fd, &e, WAIT_MS), EVT);
		count += e.event == TIPC_PUBLISHED ? -1 : 1;
	}
	close(fd);
}

void nd_wait_depth(int fd, int depth)
{
	for (int i = 0; i < 4000 && tu_get(fd, TIPC_SOCK_RECVQ_DEPTH) < depth; i++)
		ktap_sleep_ms(5);
	ASSERT_EQ(tu_get(fd, TIPC_SOCK_RECVQ_DEPTH), depth);
}

void nd_settle(void)
{
	/* two a tick of 375 ms, the probe and the answer to the other's: two ticks have passed */
	enum { STATES = 5 };
	double end = ktap_now() + 20;

	nd_wire->rest[0] = nd_wire->rest[1] = 0;
	while ((nd_wire->rest[0] < STATES || nd_wire->rest[1] < STATES) && ktap_now() < end)
		ktap_sleep_ms(5);
	ASSERT_GE(nd_wire->rest[0], STATES);
	ASSERT_GE(nd_wire->rest[1], STATES);
}

void nd_room(int fd)
{
	int room = 16 << 20;

	ASSERT_EQ(SYS(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room))), 0);
}

struct sockaddr_tipc nd_name_at(uint32_t type, uint32_t inst, int node)
{
	struct sockaddr_tipc a = tu_name(type, inst);

	a.addr.name.domain = nd_addr[node];
	return a;
}

static void make_veth(void)
{
	int between;

	tu_netns();
	between = SYS(open("/proc/self/ns/net", O_RDONLY));
	for (int node = 0; node < 2; node++) {
		const char *name = node ? "end1" : "end0";

		make_pair(name, spaces[node]);
		nd_at(node);
		set_up("wire");
		/* what passes the wire is packets, as on a real one */
		tu_gso("wire", 0);
		ASSERT_EQ(SYS(setns(between, CLONE_NEWNET)), 0);
		ends[node] = nd_listen_at(name);
	}
}

static void two(int flags, int (*dev)(void))
{
	uint32_t type = tu_type(62);
	int fds[2];

	nd_wire = mmap(NULL, sizeof(*nd_wire), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(nd_wire != MAP_FAILED);
	for (int node = 0; node < 2; node++) {
		int fd;

		tu_netns();
		spaces[node] = SYS(open("/proc/self/ns/net", O_RDONLY));
		ASSERT_GE(spaces[node], 0);
		if (dev)
			ends[node] = dev();
		fd = gn_open();
		identify(fd, node, flags);
		close(fd);
	}
	if (!dev)
		make_veth();
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		wire();
	}
	for (int node = 0; node < 2; node++)
		nd_bearer(node, 1);
	for (int node = 0; node < 2; node++)
		fds[node] = nd_bound(node, type, node);
	nd_wait_name(0, type, 1, 1);
	nd_wait_name(1, type, 0, 1);
	for (int node = 0; node < 2; node++) {
		nd_addr[node] = tu_self(fds[node]).addr.id.node;
		close(fds[node]);
	}
	where = 0;
	nd_at(0);
}

void nd_two(int flags)
{
	two(flags, NULL);
}

void nd_two_by(int (*dev)(void))
{
	two(0, dev);
}
