// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Waits (5 seconds at most) for one message to service {18888,17}, answers it. */
#include "tipc_util.h"

int main(void)
{
	struct sockaddr_tipc me, peer, name = tu_name(18888, 17);
	socklen_t len = sizeof(me);
	static const char answer[] = "Uh ?";
	char msg[100];
	int fd, n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(15);
	fd = socket(AF_TIPC, SOCK_RDM, 0);
	if (fd < 0) {
		perror("server: socket(AF_TIPC)");
		return 1;
	}
	name.scope = TIPC_CLUSTER_SCOPE;
	if (bind(fd, (void *)&name, sizeof(name)) || getsockname(fd, (void *)&me, &len)) {
		perror("server: bind");
		return 1;
	}
	printf("server: socket %u on node %x is now service {18888,17}\n",
	       me.addr.id.ref, me.addr.id.node);
	if (tu_poll(fd, POLLIN, 5000) != POLLIN) {
		puts("server: nobody sent anything for 5 seconds");
		return 1;
	}
	n = tu_recvfrom(fd, msg, sizeof(msg) - 1, 0, &peer);
	if (n < 0) {
		printf("server: recvfrom: %s\n", strerror(-n));
		return 1;
	}
	msg[n] = 0;
	printf("server: \"%s\" from socket %u on node %x\n", msg, peer.addr.id.ref,
	       peer.addr.id.node);
	if (sendto(fd, answer, sizeof(answer), 0, (void *)&peer, sizeof(peer)) < 0) {
		perror("server: sendto");
		return 1;
	}
	printf("server: answered \"%s\"\n", answer);
	return 0;
}
