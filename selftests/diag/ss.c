// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * What ss of iproute2 prints. Lines are compared with runs of blanks made one, the socket's own
 * address and port first replaced by ME, and its peer's by PEER.
 */
#include "tipc_util.h"
#include <fcntl.h>
#include <sys/stat.h>

#define T tu_type(0)
#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static char text[65536];

/* what ss says, in one piece */
static void ss(const char *options)
{
	char command[200];
	FILE *f;
	size_t n;

	snprintf(command, sizeof(command), "ss %s 2>&1", options);
	f = popen(command, "r");
	ASSERT_TRUE(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = 0;
	if (pclose(f) == 127 << 8)
		SKIP("there is no ss here");
}

static void swap(char *line, const char *from, const char *to)
{
	char *at;

	while ((at = strstr(line, from))) {
		memmove(at + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
		memcpy(at, to, strlen(to));
	}
}

static const char *name(int fd)
{
	static char b[4][40];
	static int turn;
	struct sockaddr_tipc sa = tu_self(fd);
	char *t = b[turn++ % 4];

	snprintf(t, sizeof(b[0]), "%x:%u", sa.addr.id.node, sa.addr.id.ref);
	return t;
}

/* the line that begins with this socket's state and its own address, and the line after it */
static const char *line_of(int fd, int peer)
{
	static char out[1000];
	char *line, *next, me[50];
	const char *own = name(fd);
	int n = 0;

	out[0] = 0;
	snprintf(me, sizeof(me), "%s ", own);
	for (line = text; line && *line; line = next) {
		char *at, *from, *to;

		next = strchr(line, '\n');
		if (next)
			next++;
		at = strstr(line, me);
		if (!at || (next && at > next))
			continue;
		/* as a peer it stands behind another address */
		for (n = 0, from = line; from < at; from++)
			n += *from == ':';
		if (n)
			continue;
		snprintf(out, sizeof(out), "%.*s", (int)(next ? next - line : 900), line);
		if (next && (*next == ' ' || *next == '\t')) {
			char *end = strchr(next, '\n');

			snprintf(out + strlen(out), 200, "%.*s", end ? (int)(end - next) : 190, next);
		}
		for (from = to = out; *from; from++)
			if (strchr(" \t\n", *from)) {
				if (to > out && to[-1] != ' ')
					*to++ = ' ';
			} else {
				*to++ = *from;
			}
		*to = 0;
		if (to > out && to[-1] == ' ')
			to[-1] = 0;
		swap(out, own, "ME");
		if (peer >= 0)
			swap(out, name(peer), "PEER");
		return out;
	}
	return out;
}

static void says(const char *options, int fd, int peer, const char *want)
{
	const char *got;

	ss(options);
	got = line_of(fd, peer);
	if (strcmp(got, want))
		ktap_note("ss %s: \"%s\", not \"%s\"", options, got, want);
	EXPECT_EQ(strcmp(got, want), 0);
}

/* rows 14.4 */
TEST(unconnected)
{
	static const int type[] = { SOCK_RDM, SOCK_DGRAM, SOCK_STREAM, SOCK_SEQPACKET };
	static const char *netid[] = { "ti_rd", "ti_dg", "ti_st", "ti_sq" };
	static const char *kind[] = { "RDM", "DGRAM", "STREAM", "SEQPACKET" };
	char want[200];
	int t, fd;

	tu_netns();
	for (t = 0; t < COUNT(type); t++) {
		fd = tu_socket(type[t]);
		says("--tipc", fd, -1, "UNCONN 0 0 ME -");
		says("--tipc -a", fd, -1, "UNCONN 0 0 ME -");
		says("--tipc -a -n", fd, -1, "UNCONN 0 0 ME -");
		snprintf(want, sizeof(want), "%s UNCONN 0 0 ME -", netid[t]);
		says("--tipc -t -a", fd, -1, want);
		snprintf(want, sizeof(want), "UNCONN 0 0 ME - type:%s cong:none drop:0", kind[t]);
		says("--tipc -a -O --tipcinfo", fd, -1, want);
		says("--tipc -a --tipcinfo", fd, -1, want);
		says("--tipc state listening", fd, -1, "");
		says("--tipc state closed", fd, -1, "0 0 ME -");
	}
}

/* rows 14.4 */
TEST(listening)
{
	int fd;

	tu_netns();
	fd = tu_socket(SOCK_STREAM);
	ASSERT_EQ(tu_bind(fd, T, 1, 1, 0), 0);
	ASSERT_EQ(SYS(listen(fd, 1)), 0);
	says("--tipc -l", fd, -1, "LISTEN 0 0 ME -");
	says("--tipc state listening", fd, -1, "0 0 ME -");
	says("--tipc -a -O --tipcinfo", fd, -1, "LISTEN 0 0 ME - type:STREAM cong:none drop:0 publ");
	says("--tipc state established", fd, -1, "");
}

/* rows 14.4 */
TEST(connected)
{
	char want[200], b[1000] = { 0 };
	struct sockaddr_tipc to;
	int l, c, a, i;

	tu_netns();
	l = tu_socket(SOCK_SEQPACKET);
	c = tu_socket(SOCK_SEQPACKET);
	ASSERT_EQ(tu_bind(l, T, 17, 17, 0), 0);
	ASSERT_EQ(SYS(listen(l, 1)), 0);
	to = tu_name(T, 17);
	ASSERT_EQ(SYS(fcntl(c, F_SETFL, O_NONBLOCK)), 0);
	ASSERT_EQ(tu_connect(c, &to, sizeof(to)), -EINPROGRESS);
	says("--tipc -a", c, -1, "SYN-SENT 0 1 ME -");
	says("--tipc -a", l, -1, "LISTEN 1 0 ME -");
	a = SYS(accept(l, NULL, NULL));
	ASSERT_GE(a, 0);
	says("--tipc -a", c, a, "ESTAB 0 0 ME PEER");
	says("--tipc -a", a, c, "ESTAB 0 0 ME PEER");
	says("--tipc state established", a, c, "0 0 ME PEER");
	snprintf(want, sizeof(want),
		 "ESTAB 0 0 ME PEER type:SEQPACKET cong:none drop:0 via {%u,17}", T);
	says("--tipc -a -O --tipcinfo", a, c, want);
	for (i = 0; send(c, b, sizeof(b), MSG_DONTWAIT) > 0; i++)
		;
	snprintf(want, sizeof(want),
		 "ESTAB 0 0 ME PEER type:SEQPACKET cong:conn drop:0 via {%u,17}", T);
	says("--tipc -a -O --tipcinfo", c, a, want);
	snprintf(want, sizeof(want), "ESTAB %d 0 ME PEER", i);
	says("--tipc -a", a, c, want);
}

/* rows 14.4 */
TEST(queue_and_drops)
{
	char b[1000] = { 0 };
	int rx, tx, i;

	tu_netns();
	rx = tu_bound(T, 1);
	tx = tu_socket(SOCK_RDM);
	for (i = 0; i < 913; i++)
		ASSERT_EQ(tu_send_name(tx, b, sizeof(b), T, 1), sizeof(b));
	says("--tipc -a -O --tipcinfo", rx, -1,
	     "UNCONN 910 0 ME - type:RDM cong:none drop:3 publ");
}

/* rows 14.4 */
TEST(extended)
{
	char want[200];
	struct stat st;
	uint64_t cookie;
	socklen_t len = sizeof(cookie);
	int fd;

	tu_netns();
	fd = tu_socket(SOCK_RDM);
	ASSERT_EQ(SYS(fstat(fd, &st)), 0);
	ASSERT_EQ(SYS(fcntl(fd, F_SETFD, FD_CLOEXEC)), 0);
	ASSERT_EQ(SYS(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len)), 0);
	snprintf(want, sizeof(want), "UNCONN 0 0 ME - users:((\"ss\",pid=%d,fd=%d))", getpid(), fd);
	says("--tipc -a -p -O", fd, -1, want);
	snprintf(want, sizeof(want),
		 "UNCONN 0 0 ME - ino:%lu sk:%llx users:((\"ss\",pid=%d,fd=%d))", st.st_ino,
		 (unsigned long long)cookie, getpid(), fd);
	says("--tipc -a -e -p -O", fd, -1, want);
	if (geteuid())
		SKIP("the rest needs root");
	ASSERT_EQ(SYS(fchown(fd, 33, 33)), 0);
	snprintf(want, sizeof(want),
		 "UNCONN 0 0 ME - uid:33 ino:%lu sk:%llx users:((\"ss\",pid=%d,fd=%d))", st.st_ino,
		 (unsigned long long)cookie, getpid(), fd);
	says("--tipc -a -e -p -O", fd, -1, want);
}

/* rows 14.4 */
TEST_LIMIT(thousand, 120)
{
	int i, n = 0;
	char *at;

	tu_netns();
	for (i = 0; i < 900; i++)
		tu_socket(SOCK_RDM);
	ss("--tipc -a -H");
	for (at = text; (at = strstr(at, "UNCONN")); at++)
		n++;
	/* C loses one a page: diag/requests:thousands */
	EXPECT_GE(n, 890);
	EXPECT_LE(n, 900);
}

TEST_MAIN("ss of iproute2 shows the sockets")
