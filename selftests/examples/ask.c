// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * 2. Send by service name, get an answer.
 *
 * One message goes to one of those who serve the instance. Where nobody does,
 * sendto() says EHOSTUNREACH. Datagrams are dropped silently when a receiver is
 * full or has just gone, unless the sender wants them back, as here: a returned
 * message is one of length 0 with the reason beside it.
 */
#include "example.h"
#include <poll.h>

static const char usage[] =
	"usage: ask TYPE INSTANCE TEXT [MILLISECONDS]\n"
	"Send TEXT to service {TYPE,INSTANCE} and print the answer, if one comes within\n"
	"MILLISECONDS (5000).\n";

/* why a message came back */
static const char *reason(struct msghdr *msg)
{
	static const char *const words[] = { "?", "no such service", "no such socket",
					     "no such node", "receiver is full", "closed" };
	struct cmsghdr *part;

	for (part = CMSG_FIRSTHDR(msg); part; part = CMSG_NXTHDR(msg, part)) {
		uint32_t code;

		if (part->cmsg_level != SOL_TIPC || part->cmsg_type != TIPC_ERRINFO)
			continue;
		memcpy(&code, CMSG_DATA(part), sizeof(code));
		return code < sizeof(words) / sizeof(*words) ? words[code] : words[0];
	}
	return words[0];
}

int main(int argc, char **argv)
{
	char answer[TIPC_MAX_USER_MSG_SIZE], beside[1200];
	struct sockaddr_tipc service, sender;
	struct iovec data = { answer, sizeof(answer) };
	struct msghdr msg = {
		.msg_name = &sender, .msg_namelen = sizeof(sender),
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = beside, .msg_controllen = sizeof(beside),
	};
	struct pollfd wait = { .events = POLLIN };
	uint32_t may_drop = 0, limit;
	ssize_t n;
	int fd;

	ex_check(argc, argv, 3, 4, usage);
	service = ex_service(ex_number(argv[1], 0), ex_number(argv[2], 0));
	limit = argc > 4 ? ex_number(argv[4], 0) : 5000;

	wait.fd = fd = ex_socket(SOCK_RDM);
	if (setsockopt(fd, SOL_TIPC, TIPC_DEST_DROPPABLE, &may_drop, sizeof(may_drop)))
		DIE("setsockopt");
	if (sendto(fd, argv[3], strlen(argv[3]), 0, (struct sockaddr *)&service, sizeof(service)) < 0)
		DIE("sendto");
	n = poll(&wait, 1, limit);
	if (n < 0)
		DIE("poll");
	if (!n)
		ex_die("no answer", ETIMEDOUT);
	n = recvmsg(fd, &msg, 0);
	if (n < 0)
		DIE("recvmsg");
	if (!n) {
		fprintf(stderr, "ask: the message came back: %s\n", reason(&msg));
		return 1;
	}
	printf("%.*s\n", (int)n, answer);
	return 0;
}
