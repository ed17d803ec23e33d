// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* The rows of one process. */
#include <linux/tipc.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include "table.h"

void do_self(void)
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
	end(count, 0);
}

void do_multicast(int receivers)
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
	end(count, 0);
}

void do_calls(int binding)
{
	struct end at, to;
	int fd = open_socket();
	struct sockaddr_tipc *a = (void *)&at.a;
	/* sockets are freed in batches of thousands: many of these */
	int turns = binding ? 3000 : 50000;

	addresses(&at, &to, place);
	for (int k = 0; k < 2; k++) {
		if (k)
			begin();
		for (int i = 0; i < turns; i++) {
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
	/* each is told with an item of 20 bytes */
	end(turns, binding ? turns * 2 * 20 : 0);
}

void do_same(int withdraw)
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
	end(size, 0);
}

/* nothing at all for `size` seconds; the marks tell what it cost */
void do_idle(void)
{
	sleep(60);
	begin();
	sleep(size);
	end(size, 0);
}
