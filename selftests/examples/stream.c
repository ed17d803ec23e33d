// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * 3. Connect a stream by service name.
 *
 * As with TCP: socket, bind, listen, accept on one side; socket, connect on the
 * other. The address is the service; which node it is on, nobody need know. Two
 * things differ. connect() returns when the listener accepts, not before. And
 * there is no half close: shutdown() ends both directions, so whoever still wants
 * an answer must not call it yet.
 */
#include "example.h"

static const char usage[] =
	"usage: stream listen  TYPE INSTANCE [COUNT]\n"
	"       stream connect TYPE INSTANCE TEXT\n"
	"listen: take COUNT connections (0: for ever) to service {TYPE,INSTANCE}, send back\n"
	"what comes over them. connect: send TEXT, print what comes back.\n";

/* send() takes what it can; go on until all is gone */
static int send_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, 0);

		if (n < 0)
			return -1;
		data += n;
		len -= n;
	}
	return 0;
}

static void echo(int fd)
{
	char data[4096];
	ssize_t n;

	/* 0: the other side has called shutdown(); ECONNRESET: it is just gone */
	while ((n = recv(fd, data, sizeof(data), 0)) > 0)
		if (send_all(fd, data, n))
			break;
	if (n < 0)
		fprintf(stderr, "stream: recv: %s\n", strerror(errno));
	close(fd);
}

static void listener(struct sockaddr_tipc service, uint32_t count)
{
	int fd = ex_socket(SOCK_STREAM);

	if (bind(fd, (struct sockaddr *)&service, sizeof(service)))
		DIE("bind");
	if (listen(fd, 0))
		DIE("listen");
	puts("listening");
	for (uint32_t done = 0; !count || done < count; done++) {
		struct sockaddr_tipc peer;
		socklen_t len = sizeof(peer);
		int connection = accept(fd, (struct sockaddr *)&peer, &len);

		if (connection < 0)
			DIE("accept");
		printf("connected: socket %u on node %x\n", peer.addr.id.ref, peer.addr.id.node);
		echo(connection);
	}
}

static void caller(struct sockaddr_tipc service, const char *text)
{
	size_t left = strlen(text);
	int fd = ex_socket(SOCK_STREAM);
	char data[4096];

	if (connect(fd, (struct sockaddr *)&service, sizeof(service)))
		DIE("connect");
	if (send_all(fd, text, left))
		DIE("send");
	while (left) {
		ssize_t n = recv(fd, data, sizeof(data), 0);

		if (n < 0)
			DIE("recv");
		if (!n)
			ex_die("recv", EPIPE);
		printf("%.*s", (int)n, data);
		left -= n;
	}
	puts("");
	shutdown(fd, SHUT_RDWR);	/* an end, not an accident: the listener reads 0 */
}

int main(int argc, char **argv)
{
	struct sockaddr_tipc service;

	ex_check(argc, argv, 3, 4, usage);
	service = ex_service(ex_number(argv[2], 0), ex_number(argv[3], 0));
	if (!strcmp(argv[1], "listen"))
		listener(service, ex_number(argv[4], 0));
	else if (!strcmp(argv[1], "connect") && argc == 5)
		caller(service, argv[4]);
	else
		ex_usage(usage, 0);
	return 0;
}
