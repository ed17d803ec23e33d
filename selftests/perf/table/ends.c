// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* The ends of a row: sockets of a protocol, their addresses, a message in and out. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tipc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include "table.h"

static const struct protocol protocols[] = {
	{ "rdm", AF_TIPC, SOCK_RDM },	     { "seq", AF_TIPC, SOCK_SEQPACKET },
	{ "stream", AF_TIPC, SOCK_STREAM },  { "tcp", AF_INET, SOCK_STREAM },
	{ "udgram", AF_UNIX, SOCK_DGRAM },   { "useq", AF_UNIX, SOCK_SEQPACKET },
	{ "ustream", AF_UNIX, SOCK_STREAM },
};

char buf[MAX_SIZE] __attribute__((aligned(4096)));
const struct protocol *p;

/* the protocol of the row from here on; 0 if there is none of that name */
int find_protocol(const char *name)
{
	p = NULL;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
		if (!strcmp(protocols[i].name, name))
			p = &protocols[i];
	return p != NULL;
}

int connected(void)
{
	return p->type != SOCK_RDM && p->type != SOCK_DGRAM;
}

int open_socket(void)
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
void addresses(struct end *bound, struct end *to, unsigned int number)
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

int listener(const struct end *at)
{
	int fd = open_socket();

	if (bind(fd, (void *)&at->a, at->len))
		err(1, "bind");
	if (connected() && listen(fd, 64))
		err(1, "listen");
	return fd;
}

void take(int fd)
{
	int flags = p->type == SOCK_STREAM ? MSG_WAITALL : 0;
	ssize_t n = recv(fd, buf, size, flags);

	if (n != size)
		err(1, "receive: %zd of %ld bytes", n, size);
}

void give(int fd, const struct end *to, long bytes)
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

/* A name of another node is heard of a moment later; another machine may still boot. */
int reach(const struct end *to)
{
	for (int i = 0; i < (other_machine ? 2000 : 200); i++) {
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

const struct end *direct(const struct end *to)
{
	return p->type == SOCK_RDM ? to : NULL;
}

long count_of(void)
{
	return size <= 4096 ? 2048 : size <= 16384 ? 512 : 256;
}

/* both ends in this process */
void join(int *tx, int *rx, struct end *to)
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
