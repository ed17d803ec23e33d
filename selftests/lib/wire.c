// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "wire.h"
#include "genl.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#define PIECES 18	/* of a frame: the kernel's MAX_SKB_FRAGS, and what is before them */

static const uint8_t everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

void wf_put(struct wf *f, int word, uint32_t value)
{
	value = htonl(value);
	memcpy(f->b + 4 * word, &value, 4);
}

uint32_t wf_get(const struct wf *f, int word)
{
	uint32_t value;

	memcpy(&value, f->b + 4 * word, 4);
	return ntohl(value);
}

void wf_bits(struct wf *f, int word, int shift, uint32_t mask, uint32_t value)
{
	wf_put(f, word, (wf_get(f, word) & ~(mask << shift)) | (value & mask) << shift);
}

void wf_new(struct wf *f, int user, int type, int hlen, int data)
{
	memset(f, 0, sizeof(*f));
	f->len = hlen + data;
	wf_put(f, 0, 2u << 29 | user << 25 | (hlen / 4) << 21 | (f->len & 0x1ffff));
	wf_put(f, 1, (uint32_t)type << 29);
	for (int i = 0; i < data; i++)
		f->b[hlen + i] = i;
}

void wp_new(struct wp *p, struct wf *f, int user, int type, int hlen, int data)
{
	wf_new(f, user, type, hlen, data);
	wf_put(f, 3, p->own);
	if (hlen >= 32) {
		wf_put(f, 6, p->own);
		wf_put(f, 7, WP_NODE);
	}
}

void wp_direct(struct wp *p, struct wf *f, uint32_t from, uint32_t to, int data)
{
	wp_new(p, f, WU_LOW, 3, 32, data);
	wf_put(f, 4, from);
	wf_put(f, 5, to);
}

/* how a frame of len bytes is cut; the number of its pieces */
static int cut(struct wp *p, uint8_t *b, int len, struct iovec *io)
{
	int first = p->piece && p->head < len ? p->head : len, at = first, n = 1;

	io[0] = (struct iovec){ b, first };
	for (; at < len; n++) {
		int size = n < PIECES - 1 && p->piece < len - at ? p->piece : len - at;

		io[n] = (struct iovec){ b + at, size };
		at += size;
	}
	return n;
}

void wp_send_to(struct wp *p, const uint8_t *mac, const struct wf *f)
{
	uint8_t b[sizeof(f->b) + 14] = { 0 };
	struct iovec io[PIECES];
	int i, n;

	memcpy(b, mac, 6);
	memcpy(b + 6, p->mac, 6);
	b[12] = ETH_P_TIPC >> 8;
	b[13] = ETH_P_TIPC & 0xff;
	memcpy(b + 14, f->b, f->len);
	n = cut(p, b, f->len + 14, io);
	/* the device's queue may be full for a moment */
	for (i = 0; i < 1000; i++) {
		if (writev(p->fd, io, n) >= 0 || (errno != ENOBUFS && errno != EAGAIN))
			return;
		ktap_sleep_ms(1);
	}
}

void wp_send(struct wp *p, const struct wf *f)
{
	wp_send_to(p, p->theirs, f);
}

void wp_number(struct wp *p, struct wf *f)
{
	wf_bits(f, 1, 0, 0xffff, p->bcast_ack);
	wf_put(f, 2, (uint32_t)(uint16_t)(p->expected - 1) << 16 | p->next++);
	p->unacked = 0;
}

void wp_packet(struct wp *p, struct wf *f)
{
	wp_number(p, f);
	wp_send(p, f);
}

void wp_beacon(struct wp *p, struct wf *f, int type)
{
	wf_new(f, WU_DISC, type, 60, 16);
	wf_bits(f, 0, 20, 1, 1);
	wf_bits(f, 1, 0, 0x7fff, p->own);
	wf_bits(f, 1, 15, 0x1fff, p->caps);
	wf_put(f, 3, p->own);
	wf_put(f, 4, 4711);
	f->b[23] = 1;
	memcpy(f->b + 24, p->mac, 6);
	memset(f->b + 60, 0, 16);
	wf_put(f, 15, p->id ? p->id : p->own);
	wf_put(f, 18, 0x7e57);
}

void wp_protocol(struct wp *p, struct wf *f, int type, int data)
{
	wp_new(p, f, WU_LINK, type, 40, data);
	wf_bits(f, 1, 0, 0xffff, p->bcast_ack);
	wf_put(f, 2, (uint32_t)(uint16_t)(p->expected - 1) << 16 |
	       (type == WL_STATE ? p->state++ : (uint16_t)(p->next + 32767)));
	wf_put(f, 4, p->next);
	/* no broadcast has come */
	wf_put(f, 5, (uint32_t)p->session << 16 | 1 << 14 | p->bearer << 9);
	if (type == WL_STATE) {
		/* an empty record of gaps */
		if (data >= 4)
			memcpy(f->b + 40, "\0\4\0\0", 4);
		wf_bits(f, 5, 12, 1, 1);
		return;
	}
	wf_put(f, 9, (1500 / 4) << 16);
	memset(f->b + 40, 0, data);
	memcpy(f->b + 40, "wire", 4);
	if (type == WL_ACTIVATE)
		wf_bits(f, 1, 0, 0x1ffff, 1 << 16 | p->their_session);
}

void wp_say(struct wp *p, int type)
{
	struct wf f;

	wp_protocol(p, &f, type, type == WL_STATE ? 4 : 16);
	wp_send(p, &f);
	p->unacked = 0;
}

void wp_ask(struct wp *p)
{
	struct wf f;

	wp_protocol(p, &f, WL_STATE, 4);
	wf_bits(&f, 5, 0, 1, 1);
	wf_bits(&f, 0, 19, 1, 1);
	wp_send(p, &f);
}

/* one that is for another peer on the same wire; the shortest do not say whom they are for */
static int for_another(const struct wp *p, const struct wf *f)
{
	return p->shares && !(wf_get(f, 0) & 1 << 20) && (wf_get(f, 0) >> 21 & 15) >= 8 &&
	       wf_get(f, 7) != p->own;
}

int wp_take(struct wp *p, struct wf *f)
{
	int user = wf_user(f);

	if (for_another(p, f))
		return 0;
	p->seen[user]++;
	if (user == WU_LINK) {
		uint16_t session = wf_get(f, 5) >> 16;

		/* sent before the link was up, by another processor (C `link.c:tipc_link_validate_msg`) */
		if (wf_type(f) == WL_RESET && p->up && session == p->their_session)
			return 0;
		p->their_session = session;
		p->resets += wf_type(f) == WL_RESET;
		if (wf_type(f) == WL_RESET && p->up)
			p->up = 0;
		if (wf_type(f) == WL_STATE && !p->silent && p->up) {
			p->bcast_ack = wf_get(f, 4) >> 16;
			if (wf_get(f, 5) & 1)
				wp_say(p, WL_STATE);
		}
		return 1;
	}
	if (!(wf_get(f, 0) & 1 << 20) && (uint16_t)wf_get(f, 2) != p->expected)
		return 0;
	if (p->see)
		p->see(f);
	/* names come by broadcast, too */
	if (wf_get(f, 0) & 1 << 20)
		return user == WU_DISC || user == WU_NAMES;
	p->expected++;
	if (p->up && !p->silent && ++p->unacked >= 8)
		wp_say(p, WL_STATE);
	return 1;
}

/* the kernel's own word on when it came */
static double stamp(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct timespec ts = { 0 };

	if (c && c->cmsg_type == SO_TIMESTAMPNS)
		memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* what is there, with its Ethernet header: its length, or -1; *kind is PACKET_HOST and so on */
static int receive(struct wp *p, uint8_t *b, int size, int *kind)
{
	struct sockaddr_ll from = { 0 };
	uint8_t control[128];
	struct iovec io = { b, size };
	struct msghdr m = { &from, sizeof(from), &io, 1, control, sizeof(control), 0 };
	int n;

	if (!p->tap) {
		n = recvmsg(p->fd, &m, MSG_DONTWAIT);
		p->at = stamp(&m);
		*kind = from.sll_pkttype;
		return n;
	}
	n = read(p->fd, b, size);
	p->at = ktap_now();
	*kind = b[0] & 1 ? PACKET_BROADCAST : PACKET_HOST;
	/* other protocols greet each new device */
	return n >= 14 && b[12] == ETH_P_TIPC >> 8 && b[13] == (ETH_P_TIPC & 0xff) ? n : -1;
}

int wp_frame(struct wp *p, struct wf *f, double end)
{
	for (;;) {
		struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
		double rest = end - ktap_now();
		uint8_t b[sizeof(f->b) + 14];
		int kind, n;

		/* what is there is always taken */
		if (poll(&pfd, 1, rest > 0 ? rest * 1000 : 0) <= 0)
			return -1;
		n = receive(p, b, sizeof(b), &kind);
		if (n < 14 + 24 || n > 14 + (int)sizeof(f->b) || kind == PACKET_OUTGOING)
			continue;
		memcpy(p->theirs, b + 6, 6);
		memset(f, 0, sizeof(*f));
		f->len = n - 14;
		memcpy(f->b, b + 14, f->len);
		return kind;
	}
}

int wp_wait(struct wp *p, int user, int ms)
{
	double end = ktap_now() + ms / 1000.0;
	struct wf f;

	while (wp_frame(p, &f, end) >= 0) {
		if (!wp_take(p, &f))
			continue;
		p->last = f;
		if (user == -1 || wf_user(&f) == user)
			return 1;
	}
	return 0;
}

static void drain(struct wp *p)
{
	char b[64];

	while (read(p->fd, b, sizeof(b)) >= 0)
		;
}

int wp_up(struct wp *p)
{
	double end = ktap_now() + 30;
	struct wf f;
	int tries = 0;

	p->up = 0;
	while (ktap_now() < end) {
		double limit;

		p->session++;
		p->next = p->expected = p->state = 1;
		p->bcast_ack = p->unacked = 0;
		drain(p);
		wp_beacon(p, &f, WD_REQUEST);
		wp_send_to(p, everybody, &f);
		/* a node that is known need not be met again */
		p->known |= wp_wait(p, WU_DISC, p->known ? 1 : 200);
		/* twice: a node that was in contact says so first */
		wp_say(p, WL_RESET);
		wp_pump(p, 2);
		wp_say(p, WL_RESET);
		wp_pump(p, 2);
		/* then what came before does not count */
		p->expected = 1;
		drain(p);
		wp_say(p, WL_STATE);
		limit = ktap_now() + 0.3 * ++tries;
		while (!p->up && ktap_now() < limit)
			p->up = wp_wait(p, WU_LINK, 100) && wf_type(&p->last) == WL_STATE;
		/* on a machine that stood still it may be lost again by now */
		if (p->up && wp_alive(p))
			return 1;
		p->up = 0;
	}
	return 0;
}

int wp_revive(struct wp *p)
{
	wp_pump(p, 0);
	return p->up || wp_up(p);
}

int wp_alive(struct wp *p)
{
	double end = ktap_now() + 5;

	wp_pump(p, 0);
	wp_ask(p);
	while (p->up && ktap_now() < end)
		if (wp_wait(p, WU_LINK, 300) && wf_type(&p->last) == WL_STATE && p->up)
			return 1;
	return 0;
}

void wp_ask_for(struct wp *p, int missing)
{
	struct wf f;

	wp_protocol(p, &f, WL_STATE, 4);
	wf_bits(&f, 1, 16, 0x1fff, missing);
	wp_send(p, &f);
}

void wp_catch_up(struct wp *p)
{
	uint16_t missing;

	if (!wp_alive(p))
		return;
	missing = wf_get(&p->last, 4) - p->expected;
	if (missing)
		wp_ask_for(p, missing);
}

void wp_name(struct wp *p, struct wf *f, int count, uint32_t type, uint32_t lower, uint32_t upper)
{
	wp_new(p, f, WU_NAMES, 0, 40, 20 * count);
	for (int i = 0; i < count; i++) {
		uint32_t item[5] = { type, lower + i, upper + i, 1000 + i, lower + i };

		for (int k = 0; k < 5; k++)
			wf_put(f, 10 + 5 * i + k, item[k]);
	}
}

int wp_bearer(const char *name, int enable)
{
	struct gn_req *r = gn_new(enable ? TIPC_NL_BEARER_ENABLE : TIPC_NL_BEARER_DISABLE);
	struct nlattr *nest = gn_nest(r, TIPC_NLA_BEARER);
	int fd = gn_open(), err;

	gn_str(r, TIPC_NLA_BEARER_NAME, name);
	gn_end(r, nest);
	err = gn_do(fd, r, NULL);
	close(fd);
	return err;
}

void wp_tolerance(const char *bearer, int ms)
{
	struct gn_req *r = gn_new(TIPC_NL_BEARER_SET);
	struct nlattr *nest = gn_nest(r, TIPC_NLA_BEARER), *prop;
	int fd = gn_open();

	gn_str(r, TIPC_NLA_BEARER_NAME, bearer);
	prop = gn_nest(r, TIPC_NLA_BEARER_PROP);
	gn_u32(r, TIPC_NLA_PROP_TOL, ms);
	gn_end(r, prop);
	gn_end(r, nest);
	ASSERT_EQ(gn_do(fd, r, NULL), 0);
	close(fd);
}

static void count_node(struct gn_msg *m, void *arg)
{
	(void)m;
	++*(int *)arg;
}

int wp_nodes(void)
{
	int fd = gn_open(), count = 0;

	EXPECT_EQ(gn_dump(fd, gn_new(TIPC_NL_NODE_GET), count_node, &count), 0);
	close(fd);
	return count;
}

/* the module's device, that frames go to */
static void device_of(struct wp *p, const char *dev)
{
	struct ifreq ifr = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(ifr.ifr_name, dev);
	ASSERT_EQ(SYS(ioctl(fd, SIOCGIFHWADDR, &ifr)), 0);
	memcpy(p->theirs, ifr.ifr_hwaddr.sa_data, 6);
	close(fd);
}

static void new_peer(struct wp *p, uint32_t own)
{
	memset(p, 0, sizeof(*p));
	p->own = own;
	p->caps = WP_PLAIN;
	p->session = 100;
	p->next = p->expected = p->state = 1;
}

static void open_peer(struct wp *p, const char *dev, uint32_t own)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_TIPC) };
	struct ifreq ifr = { 0 };
	int size = 4 << 20, on = 1;

	new_peer(p, own);
	p->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0)
		SKIP("packet socket: %m");
	strcpy(ifr.ifr_name, dev);
	ASSERT_EQ(SYS(ioctl(p->fd, SIOCGIFHWADDR, &ifr)), 0);
	memcpy(p->mac, ifr.ifr_hwaddr.sa_data, 6);
	setsockopt(p->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	ASSERT_EQ(SYS(setsockopt(p->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on))), 0);
	at.sll_ifindex = if_nametoindex(dev);
	ASSERT_EQ(SYS(bind(p->fd, (void *)&at, sizeof(at))), 0);
}

void wp_open(struct wp *p, const char *dev, uint32_t own)
{
	char theirs[IFNAMSIZ];

	open_peer(p, dev, own);
	snprintf(theirs, sizeof(theirs), "v%s", dev + 1);
	device_of(p, theirs);
	p->shares = 1;
}

/* the module's device, here, whose wire is a descriptor of the peer's */
static void open_tap(struct wp *p, const char *dev, uint32_t own)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 7, 1 };
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_NAPI | IFF_NAPI_FRAGS };
	int made = system("modprobe tun 2>/dev/null");

	new_peer(p, own);
	p->tap = 1;
	memcpy(p->mac, mac, 6);
	p->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (p->fd < 0)
		SKIP("/dev/net/tun: %m, modprobe: %d", made);
	strcpy(ifr.ifr_name, dev);
	ASSERT_EQ(SYS(ioctl(p->fd, TUNSETIFF, &ifr)), 0);
}

enum { SAME = 1, BARE = 2, TAP = 4, THREE = 8 };

/* pairs of devices: v0, v1 (and v2) in a namespace, w0, w1 (and w2) here; of a tap no w0 */
static void make_wires(int node, int how)
{
	char make[256];

	snprintf(make, sizeof(make), "modprobe -a veth af_packet 2>/dev/null; for n in %s 1%s; do "
		 "/bin/ip link add v$n type veth peer name w$n && "
		 "/bin/ip link set v$n netns /proc/self/fd/%d && "
		 "/bin/ip link set w$n up || exit 1; done", how & TAP ? "" : "0",
		 how & THREE ? " 2" : "", node);
	if (system(make))
		SKIP("no veth devices");
}

static void make_node(void)
{
	int fd = gn_open();

	/* an address of the old kind needs no trial */
	ASSERT_EQ(gn_set_addr(fd, WP_NODE), 0);
	close(fd);
	ASSERT_EQ(wp_bearer("eth:v0", 1), 0);
	ASSERT_EQ(wp_bearer("eth:v1", 1), 0);
}

/*
 * In another namespace a frame arrives as from a real wire; in the same one it
 * is still charged to the socket that sent it.
 */
static void make_world(struct wp_world *w, int how)
{
	int here, there;

	tu_netns();
	here = open("/proc/self/ns/net", O_RDONLY);
	ASSERT_GE(here, 0);
	if (how & TAP)
		open_tap(&w->evil, "v0", 0x01001666);
	if (!(how & SAME))
		ASSERT_EQ(SYS(unshare(CLONE_NEWNET)), 0);
	there = open("/proc/self/ns/net", O_RDONLY);
	ASSERT_GE(there, 0);
	make_wires(here, how);
	ASSERT_EQ(SYS(setns(here, CLONE_NEWNET)), 0);
	ASSERT_EQ(system("/bin/ip link set v0 up && /bin/ip link set v1 up"), 0);
	if (how & THREE)
		ASSERT_EQ(system("/bin/ip link set v2 up"), 0);
	/* peers here are of packets, as on a real wire */
	tu_gso("v0", 0);
	tu_gso("v1", 0);
	if (!(how & BARE))
		make_node();
	ASSERT_EQ(SYS(setns(there, CLONE_NEWNET)), 0);
	if (!(how & TAP))
		open_peer(&w->evil, "w0", 0x01001666);
	open_peer(&w->honest, "w1", 0x01001003);
	if (how & THREE)
		open_peer(&w->third, "w2", 0x01001666);
	ASSERT_EQ(SYS(setns(here, CLONE_NEWNET)), 0);
	device_of(&w->evil, "v0");
	device_of(&w->honest, "v1");
	if (how & THREE)
		device_of(&w->third, "v2");
	close(here);
	close(there);
	w->log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (w->log >= 0)
		lseek(w->log, 0, SEEK_END);
	w->sock = tu_bound(tu_type(63), 1);
}

void wp_world(struct wp_world *w)
{
	make_world(w, 0);
}

void wp_world_bare(struct wp_world *w)
{
	make_world(w, BARE);
}

void wp_world_of_one(struct wp_world *w)
{
	make_world(w, SAME);
}

void wp_world_three(struct wp_world *w)
{
	make_world(w, THREE);
	w->honest.own = w->evil.own;
	ASSERT_EQ(wp_bearer("eth:v2", 1), 0);
}

void wp_world_tap(struct wp_world *w)
{
	make_world(w, TAP);
}

int wp_log_lines(struct wp_world *w)
{
	char line[1024];
	int lines = 0, n;

	for (;;) {
		n = read(w->log, line, sizeof(line) - 1);
		if (n < 0 && errno == EPIPE) {
			/* so many that the first are lost */
			lines += 1000;
			continue;
		}
		if (n < 0)
			return lines;
		line[n] = 0;
		lines += strstr(line, "tipc:") != NULL;
	}
}

long wp_memory(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];
	long kb = 0;

	/* KASAN keeps what was freed for a while: nothing can be said of memory there */
	if (!access("/sys/kernel/debug/kmemleak", F_OK))
		return 0;
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "SUnreclaim: %ld", &kb);
	if (f)
		fclose(f);
	return kb;
}

/* a node that was never heard of calls, and is answered */
static void stranger(struct wp *on)
{
	static uint32_t number = 0x01001800;
	struct wp p = *on;
	struct wf f;
	int i;

	p.own = number++;
	/* the node's own beacons that have come meanwhile are no answer */
	wp_pump(on, 0);
	for (i = 0; i < 20; i++) {
		wp_beacon(&p, &f, WD_REQUEST);
		wp_send_to(&p, everybody, &f);
		/* other beacons may come first */
		if (wp_wait(on, WU_DISC, 500) && wf_type(&on->last) == WD_RESPONSE &&
		    wf_get(&on->last, 2) == p.own)
			break;
	}
	if (i == 20)
		ktap_note("no answer to a beacon");
	EXPECT_TRUE(i < 20);
}

/* messages both ways; -1 if the link was lost meanwhile, as on a machine that stands still */
static int talk(struct wp_world *w)
{
	struct sockaddr_tipc self = tu_self(w->sock), from;
	struct wp *p = &w->honest;
	struct wf f;
	int i;
	char b[64];

	while (tu_recv(w->sock, b, sizeof(b), MSG_DONTWAIT) >= 0)
		;
	for (i = 0; i < 20; i++) {
		wp_direct(p, &f, 77, self.addr.id.ref, 9);
		f.b[32] = i;
		wp_packet(p, &f);
		tu_rcvtimeo(w->sock, 8000);
		if (tu_recvfrom(w->sock, b, sizeof(b), 0, &from) != 9)
			break;
		EXPECT_EQ(b[0], i);
		EXPECT_EQ(from.addr.id.ref, 77);
		EXPECT_EQ(from.addr.id.node, p->own);
		if (tu_sendto(w->sock, b, 7, &from, sizeof(from)) != 7 || !wp_wait(p, WU_LOW, 8000))
			break;
		EXPECT_EQ(wf_get(&p->last, 5), 77);
		EXPECT_EQ(p->last.b[32], i);
	}
	wp_pump(p, 0);
	return i == 20 ? 1 : p->up ? 0 : -1;
}

void wp_check(struct wp_world *w)
{
	struct wp *p = &w->honest;
	int tries, r = -1;

	stranger(p);
	for (tries = 0; tries < 6 && r < 0; tries++) {
		if (!(p->up && wp_alive(p)))
			ASSERT_TRUE(wp_up(p));
		r = talk(w);
	}
	ASSERT_EQ(r, 1);
}
