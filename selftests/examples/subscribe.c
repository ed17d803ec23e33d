// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * 4. Subscribe to a service, see it come and go.
 *
 * Every node has a topology server, itself the service {1,1}: connect to it, send
 * a subscription, receive events. Type 0 watches nodes (the instance is the node's
 * address), type 2 this node's links (the instance is the peer's address).
 */
#include "example.h"

static const char usage[] =
	"usage: subscribe [TYPE [LOWER [UPPER [MILLISECONDS [COUNT]]]]]\n"
	"Print a line whenever a socket binds or withdraws instances of service TYPE (18888)\n"
	"between LOWER (0) and UPPER (4294967295), for MILLISECONDS (4294967295: for ever) or\n"
	"until COUNT lines (0: any number) have been printed.\n";

int main(int argc, char **argv)
{
	struct sockaddr_tipc server = ex_service(TIPC_TOP_SRV, TIPC_TOP_SRV);
	struct tipc_subscr want = { .filter = TIPC_SUB_PORTS };	/* _SERVICE: first and last only */
	struct tipc_event event;
	uint32_t count, shown = 0;
	int fd;

	ex_check(argc, argv, 0, 5, usage);
	want.seq.type = ex_number(argv[1], 18888);
	want.seq.lower = argc > 2 ? ex_number(argv[2], 0) : 0;
	want.seq.upper = argc > 3 ? ex_number(argv[3], 0) : UINT32_MAX;
	want.timeout = argc > 4 ? ex_number(argv[4], 0) : TIPC_WAIT_FOREVER;
	count = argc > 5 ? ex_number(argv[5], 0) : 0;

	fd = ex_socket(SOCK_SEQPACKET);
	if (connect(fd, (struct sockaddr *)&server, sizeof(server)))
		DIE("connect to the topology server");
	if (send(fd, &want, sizeof(want), 0) != sizeof(want))
		DIE("send");

	while (!count || shown < count) {
		ssize_t n = recv(fd, &event, sizeof(event), 0);

		if (n != sizeof(event))
			ex_die("recv", n < 0 ? errno : EPROTO);
		if (event.event == TIPC_SUBSCR_TIMEOUT)
			break;
		printf("%s {%u,%u..%u} socket %u on node %x\n",
		       event.event == TIPC_PUBLISHED ? "up  " : "down", want.seq.type,
		       event.found_lower, event.found_upper, event.port.ref, event.port.node);
		shown++;
	}
	return 0;
}
