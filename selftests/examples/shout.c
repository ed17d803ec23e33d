// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * 5. Multicast to all.
 *
 * A message to a range reaches every socket, on every node, that has bound any
 * instance of it: once each, however many of its bindings overlap the range.
 */
#include "example.h"
#include <poll.h>

static const char usage[] =
	"usage: shout TYPE LOWER UPPER TEXT [MILLISECONDS]\n"
	"Send TEXT to all sockets that serve an instance of TYPE from LOWER to UPPER, and\n"
	"print the answers, until none has come for MILLISECONDS (1000).\n";

int main(int argc, char **argv)
{
	struct pollfd wait = { .events = POLLIN };
	struct sockaddr_tipc all, sender;
	char answer[TIPC_MAX_USER_MSG_SIZE];
	int limit, ready;

	ex_check(argc, argv, 4, 5, usage);
	all = ex_range(ex_number(argv[1], 0), ex_number(argv[2], 0), ex_number(argv[3], 0));
	limit = argc > 5 ? ex_number(argv[5], 0) : 1000;

	wait.fd = ex_socket(SOCK_RDM);
	if (sendto(wait.fd, argv[4], strlen(argv[4]), 0, (struct sockaddr *)&all, sizeof(all)) < 0)
		DIE("sendto");
	while ((ready = poll(&wait, 1, limit)) > 0) {
		socklen_t len = sizeof(sender);
		ssize_t n = recvfrom(wait.fd, answer, sizeof(answer), 0,
				     (struct sockaddr *)&sender, &len);

		if (n < 0)
			DIE("recvfrom");
		printf("socket %u on node %x: %.*s\n", sender.addr.id.ref,
		       sender.addr.id.node, (int)n, answer);
	}
	if (ready < 0)
		DIE("poll");
	return 0;
}
