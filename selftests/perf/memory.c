// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * What idle things cost: kernel memory for each socket, binding and connection.
 *
 * memory NAME: prints "row<TAB>NAME/slab<TAB>bytes<TAB>0<TAB>0" and the same of NAME/free: bytes of
 * slabs (Slab: of /proc/meminfo) and of free memory (MemFree:) that each of them takes. A socket's include the
 * file, inode and dentry that every socket has. Without NAME it prints the names. For a machine
 * that has just booted and has nothing else to do: memory that was used before and is kept by the
 * allocators is not counted.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/tipc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define TYPE 4711

static long meminfo(const char *what)
{
	static char text[8192];
	int fd = open("/proc/meminfo", O_RDONLY), n;
	char *at;

	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		err(1, "/proc/meminfo");
	close(fd);
	text[n] = 0;
	at = strstr(text, what);
	if (!at)
		errx(1, "no %s in /proc/meminfo", what);
	return atol(at + strlen(what)) * 1024;
}

static int new_socket(int family, int type)
{
	int fd = socket(family, type, 0);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

static void unix_sockets(int n)
{
	while (n--)
		new_socket(AF_UNIX, SOCK_DGRAM);
}

static void datagram_sockets(int n)
{
	while (n--)
		new_socket(AF_TIPC, SOCK_RDM);
}

static void stream_sockets(int n)
{
	while (n--)
		new_socket(AF_TIPC, SOCK_STREAM);
}

static void name(struct sockaddr_tipc *sa, unsigned int type, unsigned int instance)
{
	memset(sa, 0, sizeof(*sa));
	sa->family = AF_TIPC;
	sa->addrtype = TIPC_SERVICE_ADDR;
	sa->scope = TIPC_NODE_SCOPE;
	sa->addr.name.name.type = type;
	sa->addr.name.name.instance = instance;
}

static void bind_to(int fd, unsigned int type, unsigned int instance)
{
	struct sockaddr_tipc sa;

	name(&sa, type, instance);
	if (bind(fd, (void *)&sa, sizeof(sa)))
		err(1, "bind");
}

static void bindings_of_one_type(int n)
{
	int fd = new_socket(AF_TIPC, SOCK_RDM);

	while (n--)
		bind_to(fd, TYPE, n);
}

static void bindings_of_many_types(int n)
{
	int fd = new_socket(AF_TIPC, SOCK_RDM);

	while (n--)
		bind_to(fd, TYPE + n, 1);
}

static void connections(int n)
{
	int l = new_socket(AF_TIPC, SOCK_STREAM);
	struct sockaddr_tipc sa;

	/* a name that is nobody else's */
	bind_to(l, TYPE, l);
	name(&sa, TYPE, l);
	if (listen(l, 1))
		err(1, "listen");
	while (n--) {
		int c = new_socket(AF_TIPC, SOCK_STREAM | SOCK_NONBLOCK);

		connect(c, (void *)&sa, sizeof(sa));
		if (accept(l, NULL, NULL) < 0)
			err(1, "accept");
	}
}

static const struct {
	const char *name;
	void (*make)(int);
	int count;
} things[] = {
	{ "socket/unix", unix_sockets, 10000 },
	{ "socket/rdm", datagram_sockets, 10000 },
	{ "socket/stream", stream_sockets, 10000 },
	{ "binding/one", bindings_of_one_type, 10000 },
	{ "binding/each", bindings_of_many_types, 10000 },
	/* the page lists of the processors keep a megabyte aside: a tenth of what a thousand would take */
	{ "connection/stream", connections, 30000 },
};

#define THINGS ((int)(sizeof(things) / sizeof(things[0])))

static void measure(int i)
{
	int n = things[i].count;
	long slab, left;

	/* the descriptor table, and what the first of a kind needs */
	if (fcntl(0, F_DUPFD, 2 * n + 100) < 0)
		err(1, "descriptors");
	things[i].make(10);
	slab = meminfo("Slab:");
	left = meminfo("MemFree:");
	things[i].make(n);
	slab = meminfo("Slab:") - slab;
	left -= meminfo("MemFree:");
	printf("row\t%s/slab\t%ld\t0\t0\n", things[i].name, slab / n);
	printf("row\t%s/free\t%ld\t0\t0\n", things[i].name, left / n);
}

int main(int argc, char **argv)
{
	struct rlimit many = { 100000, 100000 };
	int i;

	if (argc > 1 && setrlimit(RLIMIT_NOFILE, &many))
		err(1, "RLIMIT_NOFILE");
	for (i = 0; i < THINGS; i++) {
		if (argc < 2)
			puts(things[i].name);
		else if (!strcmp(argv[1], things[i].name)) {
			measure(i);
			return 0;
		}
	}
	return argc > 1;
}
