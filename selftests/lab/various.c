// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* keeps one socket of each kind open, for tools to show; says "ready" */
#include "tipc_util.h"

int main(void)
{
	struct sockaddr_tipc to = tu_name(2000, 3);
	int rdm, ls, cl, pair[2];

	rdm = tu_socket(SOCK_RDM);
	tu_bind(rdm, 1000, 1, 5, TIPC_CLUSTER_SCOPE);
	tu_bind(rdm, 1000, 7, 7, TIPC_NODE_SCOPE);
	tu_bind(rdm, 900, 0, 0xffffffff, TIPC_CLUSTER_SCOPE);
	tu_socket(SOCK_DGRAM);
	ls = tu_socket(SOCK_STREAM);
	tu_bind(ls, 2000, 0, 9, TIPC_NODE_SCOPE);
	if (listen(ls, 1) || socketpair(AF_TIPC, SOCK_SEQPACKET, 0, pair))
		return 1;
	cl = SYS(socket(AF_TIPC, SOCK_STREAM | SOCK_NONBLOCK, 0));
	tu_connect(cl, &to, sizeof(to));
	if (accept(ls, NULL, NULL) < 0)
		return 1;
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
