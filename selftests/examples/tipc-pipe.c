// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * tipc-pipe: standard input and output over a stream to or from a service.
 *
 *	tipc-pipe -lk 18888 1 </dev/null >copy	# take what comes
 *	tipc-pipe 18888 1 <file			# send it
 *
 * TIPC has no half close: whoever hangs up ends both directions. So a side hangs
 * up when its input has ended, unless told to wait for the other (-k) or for so
 * many bytes from it (-n).
 */
#include "example.h"
#include <fcntl.h>
#include <poll.h>

static const char usage[] =
	"usage: tipc-pipe [-l] [-k] [-n BYTES] [-v] TYPE INSTANCE\n"
	"Connect to service {TYPE,INSTANCE} and pass standard input to it, and what comes\n"
	"from it to standard output. The connection ends with the input.\n"
	"  -l        listen: be the service, for one connection\n"
	"  -k        keep the connection when the input ends: the other side ends it\n"
	"  -n BYTES  keep it until BYTES have come from the other side\n"
	"  -v        say on standard error what happens\n"
	"  --help    this\n";

/* what one direction has read and not yet written */
struct flow {
	int from, to;			/* from: -1 when it has ended */
	size_t start, end;
	char data[1 << 16];
};

static int verbose;

static void say(const char *what)
{
	if (verbose)
		fprintf(stderr, "tipc-pipe: %s\n", what);
}

static int opened(int listening, struct sockaddr_tipc service)
{
	int connection, fd = ex_socket(SOCK_STREAM);

	if (!listening) {
		if (connect(fd, (struct sockaddr *)&service, sizeof(service)))
			DIE("connect");
		return fd;
	}
	if (bind(fd, (struct sockaddr *)&service, sizeof(service)))
		DIE("bind");
	if (listen(fd, 0))
		DIE("listen");
	say("listening");
	connection = accept(fd, NULL, NULL);
	if (connection < 0)
		DIE("accept");
	close(fd);
	return connection;
}

/* Read if there is room. Returns 1 at the end. */
static int fill(struct flow *flow)
{
	ssize_t n = read(flow->from, flow->data, sizeof(flow->data));

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		DIE("read");
	if (n > 0)
		flow->end = n;
	return n == 0;
}

/* Write what there is. Returns how much went. */
static size_t drain(struct flow *flow)
{
	ssize_t n = write(flow->to, flow->data + flow->start, flow->end - flow->start);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			DIE("write");
		return 0;
	}
	flow->start += n;
	if (flow->start == flow->end)
		flow->start = flow->end = 0;
	return n;
}

int main(int argc, char **argv)
{
	static struct flow out, in;	/* to the connection, and from it */
	unsigned long long least = 0, came = 0;
	int listening = 0, keep = 0, option, fd;

	if (argc > 1 && !strcmp(argv[1], "--help"))
		ex_usage(usage, 1);
	while ((option = getopt(argc, argv, "lkn:v")) != -1) {
		if (option == 'l')
			listening = 1;
		else if (option == 'k')
			keep = 1;
		else if (option == 'n')
			least = ex_number(optarg, 0);
		else if (option == 'v')
			verbose = 1;
		else
			ex_usage(usage, 0);
	}
	if (argc - optind != 2)
		ex_usage(usage, 0);
	fd = opened(listening, ex_service(ex_number(argv[optind], 0), ex_number(argv[optind + 1], 0)));
	say("connected");
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		DIE("fcntl");
	out = (struct flow){ .from = 0, .to = fd };
	in = (struct flow){ .from = fd, .to = 1 };

	for (;;) {
		/* a flow that holds data wants to write it, an empty one wants to read */
		short wants = (out.end ? POLLOUT : 0) | (in.end ? 0 : POLLIN);
		struct pollfd polls[] = {
			{ out.end ? -1 : out.from, POLLIN, 0 },
			{ wants ? fd : -1, wants, 0 },
			{ in.end ? 1 : -1, POLLOUT, 0 },
		};

		if (!out.end && out.from < 0 && !keep && came >= least)
			break;				/* all has been sent: hang up */
		if (poll(polls, 3, -1) < 0 && errno != EINTR)
			DIE("poll");
		if (polls[0].revents && fill(&out))
			out.from = -1;
		if (polls[1].revents & (POLLIN | POLLHUP) && !in.end && fill(&in))
			break;				/* the other side has hung up */
		if (polls[1].revents & POLLOUT && out.end)
			drain(&out);
		if (polls[2].revents)
			came += drain(&in);
	}
	if (out.end) {
		fputs("tipc-pipe: the other side hung up before it had all\n", stderr);
		return 1;
	}
	shutdown(fd, SHUT_RDWR);
	return 0;
}
