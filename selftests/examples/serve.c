// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * 1. Bind a service, receive datagrams.
 *
 * A service is a type and an instance, two numbers of your choice (types below
 * 64 are TIPC's own). Whoever binds them serves them, on whichever node. Each
 * message comes with its sender's address, so to answer is to send there.
 */
#include "example.h"

static const char usage[] =
	"usage: serve [TYPE [LOWER [UPPER [COUNT]]]]\n"
	"Serve the instances LOWER (17) to UPPER (LOWER) of service TYPE (18888): print\n"
	"each message and send it back, for COUNT messages or, when that is 0, for ever.\n";

int main(int argc, char **argv)
{
	static char message[TIPC_MAX_USER_MSG_SIZE + 1];
	struct sockaddr_tipc service, sender;
	uint32_t type, lower, upper, count;
	int fd;

	ex_check(argc, argv, 0, 4, usage);
	type = ex_number(argv[1], 18888);
	lower = argc > 2 ? ex_number(argv[2], 0) : 17;
	upper = argc > 3 ? ex_number(argv[3], 0) : lower;
	count = argc > 4 ? ex_number(argv[4], 0) : 0;

	fd = ex_socket(SOCK_RDM);
	service = ex_range(type, lower, upper);
	if (bind(fd, (struct sockaddr *)&service, sizeof(service)))
		DIE("bind");
	printf("serving {%u,%u..%u}\n", type, lower, upper);

	for (uint32_t done = 0; !count || done < count; done++) {
		socklen_t len = sizeof(sender);
		ssize_t n = recvfrom(fd, message, sizeof(message) - 1, 0,
				     (struct sockaddr *)&sender, &len);

		if (n < 0)
			DIE("recvfrom");
		message[n] = 0;
		printf("socket %u on node %x says: %s\n", sender.addr.id.ref,
		       sender.addr.id.node, message);
		/* that the sender may be gone by now is no trouble of ours */
		sendto(fd, message, n, 0, (struct sockaddr *)&sender, len);
	}
	return 0;
}
