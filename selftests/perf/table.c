// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The rows of `make bench`: TIPC, TCP and AF_UNIX doing the same things.
 *
 * Meant for QEMU with -icount shift=0, where the time-stamp counter counts guest
 * instructions. A row is TEST/PROTOCOL/SIZE; for each it prints
 * "row<TAB>ROW<TAB>instructions of one<TAB>frames sent by this namespace's devices",
 * or "failed<TAB>ROW<TAB>why" and goes on.
 *
 *   rtt    round trip, two processes         self    send and receive, one process
 *   oneway messages, two processes           conn    connect, accept, close, close
 *   socket socket() and close()              bind    bind and unbind
 *   mcast1 mcast8  one multicast (or so many sends) and its receptions, one process
 *   same   SIZE sockets bind one name        unsame  and withdraw it again (of each)
 *   many   four senders and four receivers, of each message
 *
 * table [-m ROW] [-r NAMESPACE -a ADDRESS] ROW ...: with -r the other end is in that
 * namespace, with -a its IP address; with -m that row stands between the markers of
 * tools/bench/plugin/tbprof.c.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tipc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_SIZE 66000
#define MANY 4
#define NEWNET 0x40000000

struct protocol {
	const char *name;
	int family, type;
};

static const struct protocol protocols[] = {
	{ "rdm", AF_TIPC, SOCK_RDM },	     { "seq", AF_TIPC, SOCK_SEQPACKET },
	{ "stream", AF_TIPC, SOCK_STREAM },  { "tcp", AF_INET, SOCK_STREAM },
	{ "udgram", AF_UNIX, SOCK_DGRAM },   { "useq", AF_UNIX, SOCK_SEQPACKET },
	{ "ustream", AF_UNIX, SOCK_STREAM },
};

struct end {
	struct sockaddr_storage a;
	socklen_t len;
};

static char buf[MAX_SIZE] __attribute__((aligned(4096)));
static const struct protocol *p;
static const char *namespace, *address = "127.0.0.1", *marked, *row;
static unsigned int place = 20000;
static long size;

static uint64_t now(void)
{
	uint32_t lo, hi;

	asm volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/* how many frames the devices of this namespace have sent, loopback left out */
static long frames(void)
{
	char line[512];
	long sum = 0, n;
	FILE *f = fopen("/proc/self/net/dev", "r");

	while (f && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');

		if (colon && !strstr(line, "lo:") &&
		    sscanf(colon + 1, "%*d %*d %*d %*d %*d %*d %*d %*d %*d %ld", &n) == 1)
			sum += n;
	}
	if (f)
		fclose(f);
	return sum;
}

static uint64_t begun;
static long sent;

static void begin(void)
{
	sent = frames();
	if (marked && !strcmp(marked, row))
		asm volatile("mov $0x7e570001, %%ebx" : : : "ebx", "memory");
	begun = now();
}

static void end(long count)
{
	uint64_t took = now() - begun;

	if (marked && !strcmp(marked, row))
		asm volatile("mov $0x7e570002, %%ebx" : : : "ebx", "memory");
	printf("row\t%s\t%llu\t%ld\n", row, (unsigned long long)took / count, frames() - sent);
}

static int connected(void)
{
	return p->type != SOCK_RDM && p->type != SOCK_DGRAM;
}

static int open_socket(void)
{
	int fd = socket(p->family, p->type, 0), one = 1;

	if (fd < 0)
		err(1, "socket");
	if (p->family == AF_INET) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	}
	return fd;
}

/* an address nobody used before: where to bind, and where to send */
static void addresses(struct end *bound, struct end *to, unsigned int number)
{
	memset(bound, 0, sizeof(*bound));
	if (p->family == AF_TIPC) {
		struct sockaddr_tipc *a = (void *)&bound->a, *t = (void *)&to->a;

		a->family = AF_TIPC;
		a->addrtype = TIPC_SERVICE_RANGE;
		a->scope = TIPC_CLUSTER_SCOPE;
		a->addr.nameseq = (struct tipc_service_range){ number, 17, 17 };
		bound->len = sizeof(*a);
		*to = *bound;
		memset(&t->addr, 0, sizeof(t->addr));
		t->addrtype = TIPC_SERVICE_ADDR;
		t->scope = 0;
		t->addr.name.name = (struct tipc_service_addr){ number, 17 };
	} else if (p->family == AF_INET) {
		struct sockaddr_in *a = (void *)&bound->a;

		a->sin_family = AF_INET;
		a->sin_port = htons(number);
		bound->len = sizeof(*a);
		*to = *bound;
		inet_aton(address, &((struct sockaddr_in *)&to->a)->sin_addr);
	} else {
		struct sockaddr_un *a = (void *)&bound->a;

		a->sun_family = AF_UNIX;
		bound->len = offsetof(struct sockaddr_un, sun_path) + 1 +
			     sprintf(a->sun_path + 1, "bench%u", number);
		*to = *bound;
	}
}

static int listener(const struct end *at)
{
	int fd = open_socket();

	if (bind(fd, (void *)&at->a, at->len))
		err(1, "bind");
	if (connected() && listen(fd, 64))
		err(1, "listen");
	return fd;
}

static void take(int fd)
{
	int flags = p->type == SOCK_STREAM ? MSG_WAITALL : 0;
	ssize_t n = recv(fd, buf, size, flags);

	if (n != size)
		err(1, "receive: %zd of %ld bytes", n, size);
}

static void give(int fd, const struct end *to, long bytes)
{
	const char *at = buf;

	while (bytes > 0) {
		ssize_t n = to ? sendto(fd, at, bytes, 0, (void *)&to->a, to->len)
			       : send(fd, at, bytes, 0);

		if (n <= 0)
			err(1, "send of %ld bytes", bytes);
		at += n;
		bytes -= n;
	}
}

static void wait_byte(int fd)
{
	char c;

	if (recv(fd, &c, 1, 0) != 1)
		err(1, "acknowledgement");
}

/* messages per acknowledgement where the protocol has no flow control of its own */
static long window(void)
{
	long n = 65536 / size;

	return n > 64 ? 64 : n < 4 ? 4 : n;
}

static long count_of(void)
{
	return size <= 4096 ? 2048 : size <= 16384 ? 512 : 256;
}

/* The other end: sends each message back, or takes `batch` and acknowledges. */
static void serve(int fd, long batch)
{
	struct end from;
	long n = 0;

	if (connected())
		fd = accept(fd, NULL, NULL);
	while (fd >= 0) {
		if (connected()) {
			take(fd);
		} else {
			from.len = sizeof(from.a);
			if (recvfrom(fd, buf, size, 0, (void *)&from.a, &from.len) != size)
				err(1, "receive");
		}
		if (++n % batch == 0)
			give(fd, connected() ? NULL : &from, batch > 1 ? 1 : size);
	}
	err(1, "accept");
}

/* ours closes as soon as it has accepted; theirs sees the end and closes */
static void serve_connections(int fd)
{
	for (;;) {
		int c = accept(fd, NULL, NULL);

		if (c < 0)
			err(1, "accept");
		close(c);
	}
}

static pid_t start_server(const struct end *at, long batch)
{
	int ready[2];
	char c;
	pid_t pid;

	if (pipe(ready) || (pid = fork()) < 0)
		err(1, "fork");
	if (!pid) {
		int fd;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (namespace) {
			fd = open(namespace, O_RDONLY);
			if (fd < 0 || setns(fd, NEWNET))
				err(1, "%s", namespace);
		}
		fd = listener(at);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		if (batch)
			serve(fd, batch);
		serve_connections(fd);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		errx(1, "no server");
	close(ready[0]);
	return pid;
}

/* A name of another node is heard of a moment later. */
static int reach(const struct end *to)
{
	for (int i = 0; i < 200; i++) {
		int fd = open_socket();

		if (p->family == AF_UNIX && p->type == SOCK_DGRAM) {
			struct end mine, unused;

			addresses(&mine, &unused, place + 30000);
			if (bind(fd, (void *)&mine.a, mine.len))
				err(1, "bind");
		}
		if (connected() || p->family == AF_UNIX) {
			if (!connect(fd, (void *)&to->a, to->len))
				return fd;
		} else if (sendto(fd, buf, size, 0, (void *)&to->a, to->len) == size) {
			return fd;
		}
		close(fd);
		usleep(50000);
	}
	err(1, "cannot reach the other end");
}

static const struct end *direct(const struct end *to)
{
	return p->type == SOCK_RDM ? to : NULL;
}

static void round_trips(int fd, const struct end *to, long count)
{
	while (count--) {
		give(fd, direct(to), size);
		take(fd);
	}
}

static void one_way(int fd, const struct end *to, long count, long batch)
{
	long credit = 2 * batch;

	for (long i = 0; i < count; i++) {
		if (!credit) {
			wait_byte(fd);
			credit += batch;
		}
		give(fd, direct(to), size);
		credit--;
	}
	while (credit < 2 * batch) {
		wait_byte(fd);
		credit += batch;
	}
}

static void do_pair(int echo)
{
	long count = count_of(), batch = echo ? 1 : connected() ? count : window();
	struct end at, to;
	pid_t server;
	int fd;

	addresses(&at, &to, place);
	server = start_server(&at, batch);
	fd = reach(&to);
	/* the probe that found an RDM peer is answered, or begins a batch */
	if (p->type == SOCK_RDM && echo)
		take(fd);
	for (long i = 1; p->type == SOCK_RDM && !echo && i <= batch; i++) {
		if (i == batch)
			wait_byte(fd);
		else
			give(fd, &to, size);
	}
	for (int k = 0; k < 2; k++) {	/* once to warm up */
		if (k)
			begin();
		if (echo)
			round_trips(fd, &to, count);
		else
			one_way(fd, &to, count, batch);
	}
	end(count);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	close(fd);
}

static void do_many(void)
{
	long count = count_of();
	pid_t pid[MANY];
	int go[2];

	if (pipe(go))
		err(1, "pipe");
	for (int i = 0; i < MANY; i++) {
		long batch = connected() ? count : window();
		struct end at, to;
		int fd;
		char c;

		addresses(&at, &to, place + i);
		start_server(&at, batch);
		pid[i] = fork();
		if (pid[i])
			continue;
		fd = open_socket();
		if (connected() && connect(fd, (void *)&to.a, to.len))
			err(1, "connect");
		if (read(go[0], &c, 1) != 1)
			_exit(1);
		one_way(fd, &to, count, batch);
		_exit(0);
	}
	sleep(1);
	begin();
	if (write(go[1], "....", MANY) != MANY)
		err(1, "go");
	for (int i = 0, status; i < MANY; i++)
		if (waitpid(pid[i], &status, 0) < 0 || status)
			errx(1, "a sender failed");
	end(count * MANY);
	place += MANY;
}

/* both ends in this process */
static void join(int *tx, int *rx, struct end *to)
{
	struct pollfd wait = { .events = POLLOUT };
	struct end at;
	int l;

	addresses(&at, to, place++);
	l = listener(&at);
	*tx = open_socket();
	if (!connected()) {
		*rx = l;
		if (p->family == AF_UNIX && connect(*tx, (void *)&to->a, to->len))
			err(1, "connect");
		return;
	}
	fcntl(*tx, F_SETFL, O_NONBLOCK);
	if (connect(*tx, (void *)&to->a, to->len) && errno != EINPROGRESS)
		err(1, "connect");
	*rx = accept(l, NULL, NULL);
	wait.fd = *tx;
	if (*rx < 0 || poll(&wait, 1, 5000) != 1)
		err(1, "accept");
	fcntl(*tx, F_SETFL, 0);
	close(l);
}

static void do_self(void)
{
	long count = count_of();
	struct end to;
	int tx, rx;

	join(&tx, &rx, &to);
	for (int k = 0; k < 2; k++) {
		if (k)
			begin();
		for (long i = 0; i < count; i++) {
			give(tx, direct(&to), size);
			take(rx);
		}
	}
	end(count);
}

static void do_multicast(int receivers)
{
	long count = count_of() / 2;
	struct end at, to;
	int tx[8], rx[8];

	if (p->family == AF_TIPC) {
		addresses(&at, &to, place);
		tx[0] = open_socket();
		for (int i = 0; i < receivers; i++)
			rx[i] = listener(&at);
		to = at;
		((struct sockaddr_tipc *)&to.a)->scope = 0;
	} else {
		for (int i = 0; i < receivers; i++)
			join(&tx[i], &rx[i], &to);
	}
	for (int k = 0; k < 2; k++) {
		if (k)
			begin();
		for (long n = 0; n < count; n++) {
			for (int i = 0; i < (p->family == AF_TIPC ? 1 : receivers); i++)
				give(tx[i], direct(&to), size);
			for (int i = 0; i < receivers; i++)
				take(rx[i]);
		}
	}
	end(count);
}

static void do_connect(void)
{
	struct end at, to;
	pid_t server;

	addresses(&at, &to, place);
	server = start_server(&at, 0);
	close(reach(&to));
	for (int k = 0; k < 2; k++) {
		if (k)
			begin();
		for (int i = 0; i < 1000; i++) {
			int fd = open_socket();

			if (connect(fd, (void *)&to.a, to.len))
				err(1, "connect");
			if (recv(fd, buf, 1, 0) > 0)
				errx(1, "data");
			close(fd);
		}
	}
	end(1000);
	kill(server, SIGKILL);
}

static void do_calls(int binding)
{
	struct end at, to;
	int fd = open_socket();
	struct sockaddr_tipc *a = (void *)&at.a;

	addresses(&at, &to, place);
	for (int k = 0; k < 2; k++) {
		if (k)
			begin();
		for (int i = 0; i < 3000; i++) {
			if (!binding) {
				close(open_socket());
				continue;
			}
			a->scope = TIPC_CLUSTER_SCOPE;
			if (bind(fd, (void *)a, at.len))
				err(1, "bind");
			a->scope = -TIPC_CLUSTER_SCOPE;
			if (bind(fd, (void *)a, at.len))
				err(1, "unbind");
		}
	}
	end(3000);
}

static void do_same(int withdraw)
{
	struct rlimit lim = { 70000, 70000 };
	int *fd = calloc(size, sizeof(*fd));
	struct end at, to;

	if (!fd || setrlimit(RLIMIT_NOFILE, &lim))
		err(1, "setrlimit");
	addresses(&at, &to, place);
	for (long i = 0; i < size; i++)
		fd[i] = open_socket();
	if (!withdraw)
		begin();
	for (int k = 0; k <= withdraw; k++) {
		if (k)
			begin();
		((struct sockaddr_tipc *)&at.a)->scope = k ? -TIPC_CLUSTER_SCOPE : TIPC_CLUSTER_SCOPE;
		for (long i = 0; i < size; i++)
			if (bind(fd[i], (void *)&at.a, at.len))
				err(1, "bind");
	}
	end(size);
}

static void one(const char *test)
{
	if (!strcmp(test, "rtt") || !strcmp(test, "oneway"))
		do_pair(test[0] == 'r');
	else if (!strcmp(test, "self"))
		do_self();
	else if (!strcmp(test, "conn"))
		do_connect();
	else if (!strcmp(test, "socket") || !strcmp(test, "bind"))
		do_calls(test[0] == 'b');
	else if (!strncmp(test, "mcast", 5) && (test[5] == '1' || test[5] == '8'))
		do_multicast(test[5] - '0');
	else if (!strcmp(test, "same") || !strcmp(test, "unsame"))
		do_same(test[0] == 'u');
	else if (!strcmp(test, "many"))
		do_many();
	else
		errx(2, "%s: no such test", test);
	fflush(stdout);
}

static void run(char *text)
{
	char test[16] = "", name[16] = "";
	int status;
	pid_t pid;

	row = text;
	if (sscanf(text, "%15[^/]/%15[^/]/%ld", test, name, &size) != 3 || size < 1 || size > MAX_SIZE)
		errx(2, "%s: not TEST/PROTOCOL/SIZE", text);
	p = NULL;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
		if (!strcmp(protocols[i].name, name))
			p = &protocols[i];
	if (!p)
		errx(2, "%s: no such protocol", text);
	place += 10;
	/* a process for each row, so that one that fails leaves the others alone */
	pid = fork();
	if (!pid) {
		alarm(30);
		one(test);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		err(1, "fork");
	if (status)
		printf("failed\t%s\t%x\n", row, status);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "m:r:a:")) != -1) {
		if (c == 'm')
			marked = optarg;
		else if (c == 'r')
			namespace = optarg;
		else if (c == 'a')
			address = optarg;
		else
			return 2;
	}
	/* Let what boot left behind come to rest; costs nothing under sleep=off. */
	sleep(10);
	for (; optind < argc; optind++)
		run(argv[optind]);
	return 0;
}
