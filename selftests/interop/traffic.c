// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * traffic: checked traffic between the nodes of a cluster; `traffic --help` tells how.
 *
 * A server sends back what it gets. An asker keeps several messages under way on each flow and
 * looks at each that comes back: is it the next one, byte by byte? If not: was one lost, did it
 * come twice, late, or damaged? What goes wrong on either way shows.
 */
#include "traffic.h"

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RECEIVERS	16	/* of a multicast */
#define REMEMBERED	64	/* messages before the newest that may still come late */
#define BUFFER		(16 << 20)
#define AGAIN		20	/* messages that show that a server is back, */
#define BACK		30	/* and seconds to wait for it */

enum kind { RDM, ADDR, SEQ, STR, MCAST, KINDS };
static const char *const kinds[KINDS] = { "rdm", "addr", "seq", "stream", "mcast" };

/* What came back from one receiver. */
struct track {
	struct tipc_socket_addr from;
	uint32_t next;		/* the message that is due */
	uint64_t missing;	/* bit i: message next - 1 - i has not come */
};

struct counts {
	long right, lost, doubled, order, corrupt, returned, broken;
	long slowest;		/* ms without anything coming back */
	long bytes;
};

struct flow {
	enum kind kind;
	uint32_t type, node;
	int fd;
	struct sockaddr_tipc to;
	uint32_t sent;
	size_t part;		/* of a stream's message: bytes sent, */
	size_t part_in;		/* and bytes that have come */
	struct track tracks[RECEIVERS];
	int seen, receivers;
	struct counts *counts;
	long progress;		/* ms: when something came last */
};

static struct {
	int seconds, window, patience, restarts, receivers, pause;
	unsigned int most;	/* messages of a flow */
} opt = { 0, 8, 20, 0, 1, 0, 0 };
static unsigned char out[MOST], in[MOST];
static volatile sig_atomic_t enough;

static void on_enough(int signal)
{
	(void)signal;
	enough = 1;
}

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

/* ---- the server ---- */

static int bound(int type, uint32_t service_type, uint32_t node)
{
	struct sockaddr_tipc a = service(service_type, node, node);
	int fd = socket(AF_TIPC, type, 0), size = BUFFER;

	if (fd < 0 || bind(fd, (void *)&a, sizeof(a)))
		die("bind");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (type != SOCK_RDM && listen(fd, 8))
		die("listen");
	return fd;
}

static void echo(int fd)
{
	struct sockaddr_tipc from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(fd, in, sizeof(in), 0, (void *)&from, &len);

	/* an asker that has gone will not miss it */
	if (n > 0 && sendto(fd, in, n, 0, (void *)&from, len) != n && errno != EHOSTUNREACH)
		fprintf(stderr, "traffic: answer of %zd bytes: %s\n", n, strerror(errno));
}

static void serve_connection(int listener)
{
	int fd = accept(listener, NULL, NULL);
	ssize_t n, sent, at;

	if (fd < 0)
		return;
	if (fork()) {
		close(fd);
		return;
	}
	while ((n = recv(fd, in, sizeof(in), 0)) > 0)
		for (at = 0; at < n; at += sent) {
			sent = send(fd, in + at, n - at, 0);
			if (sent <= 0)
				_exit(0);
		}
	_exit(0);
}

static void serve(uint32_t type, uint32_t node)
{
	struct pollfd fds[SERVICES] = {
		{ bound(SOCK_RDM, type + DATAGRAM, node), POLLIN, 0 },
		{ bound(SOCK_SEQPACKET, type + PACKETS, node), POLLIN, 0 },
		{ bound(SOCK_STREAM, type + STREAM, node), POLLIN, 0 },
		{ bound(SOCK_RDM, type + MULTICAST, node), POLLIN, 0 },
	};

	signal(SIGCHLD, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);	/* meant for askers */
	for (;;) {
		if (poll(fds, SERVICES, -1) < 0)
			die("poll");
		for (int i = 0; i < SERVICES; i++) {
			if (!fds[i].revents)
				continue;
			if (i == PACKETS || i == STREAM)
				serve_connection(fds[i].fd);
			else
				echo(fds[i].fd);
		}
	}
}

/* ---- one flow of an asker ---- */

/* Wait until `count` names in the range are bound; 0 if that takes too long. */
static int wait_for(uint32_t type, uint32_t lower, uint32_t upper, int count, int seconds)
{
	struct sockaddr_tipc top = service(TIPC_TOP_SRV, TIPC_TOP_SRV, TIPC_TOP_SRV);
	struct tipc_subscr s = { { type, lower, upper }, seconds * 1000, TIPC_SUB_PORTS, { 0 } };
	struct tipc_event event;
	int fd = socket(AF_TIPC, SOCK_SEQPACKET, 0);

	if (connect(fd, (void *)&top, sizeof(top)) || send(fd, &s, sizeof(s), 0) != sizeof(s))
		die("topology server");
	while (count > 0 && recv(fd, &event, sizeof(event), 0) == sizeof(event)) {
		if (event.event == TIPC_SUBSCR_TIMEOUT)
			break;
		count += event.event == TIPC_PUBLISHED ? -1 : 1;
	}
	close(fd);
	return count <= 0;
}

static int is_datagram(const struct flow *f)
{
	return f->kind == RDM || f->kind == ADDR || f->kind == MCAST;
}

static void complain(struct flow *f, const char *what, uint32_t seq, size_t len)
{
	if (f->counts->lost + f->counts->doubled + f->counts->order + f->counts->corrupt < 20)
		fprintf(stderr, "traffic: %s to %u: %s: message %u, %zu bytes (sent %u, next %u)\n",
			kinds[f->kind], f->node, what, seq, len, f->sent, f->tracks[0].next);
}

/* A socket that is ready to send; 0 if that cannot be. */
static int open_flow(struct flow *f)
{
	static const int service_of[KINDS] = { DATAGRAM, DATAGRAM, PACKETS, STREAM, MULTICAST };
	static const int types[KINDS] = { SOCK_RDM, SOCK_RDM, SOCK_SEQPACKET, SOCK_STREAM, SOCK_RDM };
	uint32_t type = f->type + service_of[f->kind];
	int zero = 0, size = BUFFER;
	socklen_t len = sizeof(f->to);

	f->sent = f->part = f->part_in = f->seen = 0;
	memset(f->tracks, 0, sizeof(f->tracks));
	f->receivers = f->kind == MCAST ? opt.receivers : 1;
	if (!wait_for(type, f->kind == MCAST ? 0 : f->node, f->kind == MCAST ? ~0u : f->node,
		      f->receivers, opt.patience))
		return 0;
	f->to = f->kind == MCAST ? service(type, 0, ~0u) : service(type, f->node, f->node);
	f->fd = socket(AF_TIPC, types[f->kind], 0);
	setsockopt(f->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	f->progress = now();
	if (!is_datagram(f))
		return !connect(f->fd, (void *)&f->to, sizeof(f->to));
	setsockopt(f->fd, SOL_TIPC, TIPC_DEST_DROPPABLE, &zero, sizeof(zero));
	if (f->kind == ADDR) {	/* whoever answers the first message gets the others */
		struct pollfd p = { f->fd, POLLIN, 0 };

		if (sendto(f->fd, "?", 1, 0, (void *)&f->to, sizeof(f->to)) != 1 ||
		    poll(&p, 1, opt.patience * 1000) != 1 ||
		    recvfrom(f->fd, in, 1, 0, (void *)&f->to, &len) != 1)
			return 0;
		f->to.addrtype = TIPC_SOCKET_ADDR;
	}
	return 1;
}

static uint32_t oldest(const struct flow *f)
{
	uint32_t least = f->sent;

	if (f->seen < f->receivers)
		return 0;
	for (int i = 0; i < f->seen; i++)
		if (f->tracks[i].next < least)
			least = f->tracks[i].next;
	return least;
}

/* Send the next message: 1 sent, 0 no room now, -1 the other end is gone. */
static int send_next(struct flow *f)
{
	size_t len = size_of(f->sent) - f->part;
	ssize_t n;

	content(f->sent, f->part, len, out);
	if (is_datagram(f))
		n = sendto(f->fd, out, len, MSG_DONTWAIT, (void *)&f->to, sizeof(f->to));
	else
		n = send(f->fd, out, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	f->progress = f->sent == oldest(f) ? now() : f->progress;
	f->part += n;
	if (f->part < size_of(f->sent))
		return f->kind == STR ? 0 : -1;
	f->part = 0;
	f->sent++;
	return 1;
}

static void slide(struct flow *f, struct track *t)
{
	if (t->missing >> (REMEMBERED - 1)) {
		f->counts->lost++;
		complain(f, "lost", t->next - REMEMBERED, size_of(t->next - REMEMBERED));
	}
	t->missing <<= 1;
	t->next++;
}

/* A message has come: which one is it? */
static void judge(struct flow *f, struct track *t, size_t len)
{
	uint32_t first = t->next > REMEMBERED ? t->next - REMEMBERED : 0, s = t->next;
	int found = s < f->sent && size_of(s) == len && is_content(s, 0, len, in);

	for (uint32_t i = first; !found && i < f->sent; i++)
		if (size_of(i) == len && is_content(i, 0, len, in)) {
			s = i;
			found = 1;
		}
	if (!found) {
		f->counts->corrupt++;
		complain(f, "damaged", t->next, len);
		return;
	}
	if (s < t->next) {
		uint64_t bit = 1ull << (t->next - 1 - s);

		*(t->missing & bit ? &f->counts->order : &f->counts->doubled) += 1;
		complain(f, t->missing & bit ? "late" : "again", s, len);
		t->missing &= ~bit;
		return;
	}
	while (t->next < s) {
		slide(f, t);
		t->missing |= 1;
	}
	slide(f, t);
	f->counts->right++;
	f->counts->bytes += len;
}

static struct track *track_of(struct flow *f, const struct sockaddr_tipc *from)
{
	if (!is_datagram(f))
		return f->tracks;
	for (int i = 0; i < f->seen; i++)
		if (!memcmp(&f->tracks[i].from, &from->addr.id, sizeof(from->addr.id)))
			return &f->tracks[i];
	if (f->seen == f->receivers)
		return NULL;
	f->tracks[f->seen].from = from->addr.id;
	return &f->tracks[f->seen++];
}

/* Bytes of a stream; 0 if they are not those that are due. */
static int judge_bytes(struct flow *f, size_t n)
{
	struct track *t = f->tracks;
	size_t at = 0;

	while (at < n) {
		size_t whole = size_of(t->next), piece = whole - f->part_in;

		if (piece > n - at)
			piece = n - at;
		if (!is_content(t->next, f->part_in, piece, in + at)) {
			f->counts->corrupt++;
			complain(f, "damaged", t->next, f->part_in);
			return 0;
		}
		at += piece;
		f->part_in += piece;
		if (f->part_in == whole) {
			f->part_in = 0;
			t->next++;
			f->counts->right++;
			f->counts->bytes += whole;
		}
	}
	return 1;
}

/* Take what has come: 1, or 0 if the flow is over. */
static int take(struct flow *f)
{
	struct sockaddr_tipc from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(f->fd, in, sizeof(in), MSG_DONTWAIT, (void *)&from, &len);
	struct track *t;

	if (n < 0 && errno == EAGAIN)
		return 1;
	if (n <= 0) {	/* a message of ours came back, or the connection has ended */
		*(is_datagram(f) ? &f->counts->returned : &f->counts->broken) += 1;
		return 0;
	}
	if (now() - f->progress > f->counts->slowest)
		f->counts->slowest = now() - f->progress;
	f->progress = now();
	if (f->kind == STR)
		return judge_bytes(f, n);
	f->seen += !is_datagram(f) && !f->seen;
	t = track_of(f, &from);
	if (t) {
		judge(f, t, n);
	} else {
		f->counts->doubled++;
		complain(f, "from a stranger", 0, n);
	}
	return 1;
}

static void close_flow(struct flow *f)
{
	for (int i = 0; i < f->receivers; i++) {
		f->counts->lost += f->sent - f->tracks[i].next + __builtin_popcountll(f->tracks[i].missing);
		if (f->sent != f->tracks[i].next && !opt.restarts)
			complain(f, "never came", f->tracks[i].next, size_of(f->tracks[i].next));
	}
	close(f->fd);
}

static int goes_on(const struct flow *f, long end)
{
	return !enough && (end ? now() < end : f->sent < opt.most);
}

/* Until the time is up, or once through the sizes; 0 if the other end went away meanwhile. */
static int run_flow(struct flow *f, long end)
{
	int good = open_flow(f);

	if (!good) {
		f->counts->broken++;
		close(f->fd);
		return 0;
	}
	f->seen = f->kind == STR ? 1 : f->seen;
	for (;;) {
		int more = goes_on(f, end), room;
		struct pollfd p = { f->fd, POLLIN, 0 };

		for (room = 1; room > 0 && (more || f->part) && f->sent - oldest(f) < (uint32_t)opt.window;) {
			room = send_next(f);
			usleep(opt.pause * 1000);
			more = goes_on(f, end);
		}
		if (room < 0) {
			f->counts->broken++;
			good = 0;
			break;
		}
		if (!more && !f->part && oldest(f) == f->sent)
			break;
		p.events |= room ? 0 : POLLOUT;
		poll(&p, 1, 1000);
		if (now() - f->progress > opt.patience * 1000) {
			complain(f, "nothing happens any more", f->sent, f->part);
			f->counts->broken++;
			good = 0;
			break;
		}
		if ((p.revents & ~POLLOUT) && !take(f)) {
			good = 0;
			break;
		}
	}
	close_flow(f);
	return good && f->sent == oldest(f);
}

/* 0 if the other end should be back and is not. */
static int run(struct flow *f)
{
	long end = opt.seconds ? now() + opt.seconds * 1000L : 0;
	int good;

	while (!(good = run_flow(f, end)) && opt.restarts && goes_on(f, end))
		usleep(100000);	/* the other end has just gone away */
	if (!opt.restarts || !enough || (good && f->sent))
		return 1;
	/* who says that it is enough knows that the servers are back; what was sent before may be lost */
	enough = 0;
	opt.most = AGAIN;
	opt.patience = BACK;
	good = run_flow(f, 0);
	if (!good)
		fprintf(stderr, "traffic: %s to %u: has not come back\n", kinds[f->kind], f->node);
	return good;
}

/* ---- an asker ---- */

static int report(const struct flow *flows, int count)
{
	struct counts sum = { 0 };
	int bad = 0;

	for (int i = 0; i < count; i++) {
		const struct counts *c = flows[i].counts;

		sum.right += c->right; sum.lost += c->lost; sum.doubled += c->doubled;
		sum.order += c->order; sum.corrupt += c->corrupt; sum.returned += c->returned;
		sum.broken += c->broken; sum.bytes += c->bytes;
		sum.slowest = c->slowest > sum.slowest ? c->slowest : sum.slowest;
		if (!c->right)
			fprintf(stderr, "traffic: nothing came on %s to %u\n", kinds[flows[i].kind], flows[i].node);
		bad |= !c->right;
	}
	printf("traffic: %ld right, %ld lost, %ld doubled, %ld out of order, %ld corrupt, %ld returned, "
	       "%ld broken; %ld kB, slowest %ld ms\n", sum.right, sum.lost, sum.doubled, sum.order,
	       sum.corrupt, sum.returned, sum.broken, sum.bytes >> 10, sum.slowest);
	bad |= sum.doubled || sum.order || sum.corrupt;
	return bad || (!opt.restarts && (sum.lost || sum.returned || sum.broken));
}

static int ask(uint32_t type, char **nodes, const char *which)
{
	static struct flow flows[KINDS * RECEIVERS];
	struct counts *shared = mmap(NULL, sizeof(*shared) * KINDS * RECEIVERS, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int count = 0, status, bad = 0, c;

	for (int k = 0; k < KINDS; k++)
		for (char **n = nodes; *n && strstr(which, kinds[k]) && n - nodes < RECEIVERS; n++) {
			if (k == MCAST && n != nodes)
				break;	/* one flow reaches them all */
			flows[count] = (struct flow){ .kind = k, .type = type, .node = atoi(*n), .fd = -1 };
			flows[count].counts = &shared[count];
			count++;
		}
	for (int i = 0; i < count; i++)
		if (!fork())
			_exit(!run(&flows[i]));
	while ((c = wait(&status)) > 0 || errno == EINTR)
		bad |= c > 0 && status != 0;
	return report(flows, count) || bad || !count;
}

static int usage(int code)
{
	fputs("usage: traffic serve TYPE NODE\n"
	      "       traffic ask [options] TYPE NODE...\n\n"
	      "The server binds NODE of the types TYPE to TYPE + 3, for datagrams, SOCK_SEQPACKET,\n"
	      "SOCK_STREAM and multicast, and sends back what it gets. The asker has a flow of each\n"
	      "kind to each NODE at the same time and checks what comes back; 'traffic: N right, ...'\n"
	      "says how that went, exit code 1 that something was lost, doubled, out of order, corrupt,\n"
	      "or that a flow ended early. On SIGUSR1 it sends no more and waits for what is under way.\n\n"
	      "  -k KINDS    of rdm,addr,seq,stream,mcast (default: all but mcast): datagrams by service\n"
	      "              and by socket address, connections, multicast\n"
	      "  -s SIZES    all (1 to 66000), the odd or the even ones, classes (default: what\n"
	      "              matters), some, small (to 1400), or one size\n"
	      "  -t SECONDS  how long; default: once through the sizes\n"
	      "  -n N        how many messages on each flow\n"
	      "  -w N        messages under way on a flow (8; at most 60)\n"
	      "  -m N        how many receivers a multicast has (1)\n"
	      "  -p SECONDS  how long to wait for something to come back (20)\n"
	      "  -g MS       pause after each message on a flow (0)\n"
	      "  -r          servers may come and go: what is lost then is counted, no fault; a flow that\n"
	      "              on SIGUSR1 misses something, or has sent nothing, sends more, and that must\n"
	      "              come back\n", code ? stderr : stdout);
	return code;
}

int main(int argc, char **argv)
{
	const char *which = "rdm,addr,seq,stream", *sizes_name = "classes";
	int c;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && !strcmp(argv[1], "--help"))
		return usage(0);
	if (argc == 4 && !strcmp(argv[1], "serve"))
		serve(atoi(argv[2]), atoi(argv[3]));
	if (argc < 4 || strcmp(argv[1], "ask"))
		return usage(2);
	for (argc--, argv++; (c = getopt(argc, argv, "k:s:t:n:w:m:p:g:r")) != -1;) {
		switch (c) {
		case 'k': which = optarg; break;
		case 's': sizes_name = optarg; break;
		case 't': opt.seconds = atoi(optarg); break;
		case 'n': opt.most = atoi(optarg); break;
		case 'w': opt.window = atoi(optarg); break;
		case 'm': opt.receivers = atoi(optarg); break;
		case 'p': opt.patience = atoi(optarg); break;
		case 'g': opt.pause = atoi(optarg); break;
		case 'r': opt.restarts = 1; break;
		default: return usage(2);
		}
	}
	if (argc - optind < 2 || !choose(sizes_name) || opt.window < 1 || opt.window > 60 ||
	    opt.receivers < 1 || opt.receivers > RECEIVERS)
		return usage(2);
	opt.most = opt.most ? opt.most : schedule;
	signal(SIGUSR1, on_enough);
	return ask(atoi(argv[optind]), argv + optind + 1, which);
}
