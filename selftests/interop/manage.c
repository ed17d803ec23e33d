// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * manage: what the comparison of the tipc tool's output needs on two nodes.
 *
 *	manage serve TYPE		answers each message until one is "q"
 *	manage ask TYPE COUNT SIZE	so many times, each after the answer to the last
 *	manage quit TYPE		sends "q"
 *	manage watch			prints node and link events until killed
 *	manage linkname NODE BEARER	SIOCGETLINKNAME
 */
#include <errno.h>
#include <linux/sockios.h>
#include <linux/tipc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char data[66000];

static struct sockaddr_tipc name(uint32_t type, uint32_t instance)
{
	struct sockaddr_tipc a = {
		.family = AF_TIPC, .addrtype = TIPC_SERVICE_ADDR, .scope = TIPC_CLUSTER_SCOPE,
	};

	a.addr.name.name.type = type;
	a.addr.name.name.instance = instance;
	return a;
}

static int die(const char *what)
{
	fprintf(stderr, "manage: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int sock(int type)
{
	int s = socket(AF_TIPC, type, 0);

	return s < 0 ? die("socket") : s;
}

static int serve(int type)
{
	struct sockaddr_tipc a = name(type, 1), from;
	int s = sock(SOCK_RDM);

	if (bind(s, (void *)&a, sizeof(a)))
		die("bind");
	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(s, data, sizeof(data), 0, (void *)&from, &len);

		if (n < 0)
			die("recvfrom");
		if (n == 1 && data[0] == 'q')
			return 0;
		if (sendto(s, data, n, 0, (void *)&from, len) != n)
			die("answer");
	}
}

static int ask(int type, int count, int size)
{
	struct sockaddr_tipc a = name(type, 1);
	struct timeval limit = { .tv_sec = 10 };
	int s = sock(SOCK_RDM), i;

	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	for (i = 0; i < count; i++) {
		if (sendto(s, data, size, 0, (void *)&a, sizeof(a)) != size)
			die("sendto");
		if (recv(s, data, sizeof(data), 0) != size)
			die("recv");
	}
	printf("%d answers of %d bytes\n", count, size);
	return 0;
}

static int quit(int type)
{
	struct sockaddr_tipc a = name(type, 1);

	return sendto(sock(SOCK_RDM), "q", 1, 0, (void *)&a, sizeof(a)) == 1 ? 0 : die("sendto");
}

static int linkname(uint32_t peer, uint32_t bearer)
{
	struct tipc_sioc_ln_req r = { .peer = peer, .bearer_id = bearer };
	int s = sock(SOCK_RDM);

	if (ioctl(s, SIOCGETLINKNAME, &r))
		printf("no link name: %s\n", strerror(errno));
	else
		printf("link name %s\n", r.linkname);
	close(s);
	return 0;
}

static void subscribe(int s, uint32_t type)
{
	struct tipc_subscr sub = {
		.seq = { .type = type, .lower = 0, .upper = ~0 },
		.timeout = TIPC_WAIT_FOREVER, .filter = TIPC_SUB_PORTS,
	};

	if (send(s, &sub, sizeof(sub), 0) != sizeof(sub))
		die("subscribe");
}

static int watch(void)
{
	struct sockaddr_tipc top = name(TIPC_TOP_SRV, TIPC_TOP_SRV);
	struct tipc_event e;
	int s = sock(SOCK_SEQPACKET);

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (connect(s, (void *)&top, sizeof(top)))
		die("connect");
	subscribe(s, TIPC_NODE_STATE);
	subscribe(s, TIPC_LINK_STATE);
	while (recv(s, &e, sizeof(e), 0) == sizeof(e)) {
		printf("%s %u,%x,%x from %x:%x\n", e.event == TIPC_PUBLISHED ? "up" :
		       e.event == TIPC_WITHDRAWN ? "down" : "?", e.s.seq.type, e.found_lower,
		       e.found_upper, e.port.node, e.port.ref);
		if (e.s.seq.type == TIPC_LINK_STATE)
			linkname(e.found_lower, e.port.ref);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (argc == 3 && !strcmp(what, "serve"))
		return serve(atoi(argv[2]));
	if (argc == 5 && !strcmp(what, "ask"))
		return ask(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	if (argc == 3 && !strcmp(what, "quit"))
		return quit(atoi(argv[2]));
	if (argc == 2 && !strcmp(what, "watch"))
		return watch();
	if (argc == 4 && !strcmp(what, "linkname"))
		return linkname(strtoul(argv[2], NULL, 16), atoi(argv[3]));
	fprintf(stderr, "usage: manage serve TYPE | ask TYPE COUNT SIZE | quit TYPE | watch | linkname NODE BEARER\n");
	return 2;
}
