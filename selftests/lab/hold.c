// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * hold [once]: binds a socket and sends itself a message; then keeps the socket
 * until killed, or with `once` ends. For the lab's own cases (lab/module:...).
 */
#include "tipc_util.h"

int main(int argc, char **argv)
{
	unsigned int type = tu_type(0);
	int rx, tx;
	char b[8];

	(void)argv;
	rx = tu_socket(SOCK_RDM);
	tx = tu_socket(SOCK_RDM);
	if (rx < 0 || tx < 0 || tu_bind(rx, type, 1, 1, 0) ||
	    tu_send_name(tx, "hello", 5, type, 1) != 5 ||
	    tu_recv(rx, b, sizeof(b), MSG_DONTWAIT) != 5) {
		puts("hold: no socket, or it does not work");
		return 1;
	}
	if (argc > 1)
		return 0;
	puts("held");
	fflush(stdout);
	for (;;)
		pause();
}
