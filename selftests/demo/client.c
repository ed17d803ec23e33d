// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Says "Hello World!" to service {18888,17}; waits 5 seconds for it and for its answer. */
#include "tipc_util.h"

int main(void)
{
	static const char hello[] = "Hello World!";
	struct sockaddr_tipc peer;
	double end = ktap_now() + 5;
	char msg[100];
	int fd, n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(15);
	fd = socket(AF_TIPC, SOCK_RDM, 0);
	if (fd < 0) {
		perror("client: socket(AF_TIPC)");
		return 1;
	}
	printf("client: sending \"%s\" to service {18888,17}\n", hello);
	while ((n = tu_send_name(fd, hello, sizeof(hello), 18888, 17)) == -EHOSTUNREACH &&
	       ktap_now() < end)
		ktap_sleep_ms(50);
	if (n != sizeof(hello)) {
		printf("client: sendto: %s\n", strerror(-n));
		return 1;
	}
	if (tu_poll(fd, POLLIN, 5000) != POLLIN) {
		puts("client: no answer for 5 seconds");
		return 1;
	}
	n = tu_recvfrom(fd, msg, sizeof(msg) - 1, 0, &peer);
	if (n < 0) {
		printf("client: recvfrom: %s\n", strerror(-n));
		return 1;
	}
	msg[n] = 0;
	printf("client: socket %u on node %x answered \"%s\"\n", peer.addr.id.ref,
	       peer.addr.id.node, msg);
	return 0;
}
