// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#define DIR_ "/proc/sys/net/tipc"

static const struct {
	const char *name, *initial;
} file[] = {
	{ "tipc_rmem", "524288\t2097152\t16777216" },
	{ "named_timeout", "2000" },
	{ "sk_filter", "0\t0\t0\t0\t0" },
	{ "max_tfms", "10" },
	{ "key_exchange_enabled", "1" },
	{ "bc_retruni", "0" },
};

#define FILES ((int)(sizeof(file) / sizeof(file[0])))

static int sysctl_open(const char *name, int flags)
{
	char path[100];

	snprintf(path, sizeof(path), DIR_ "/%s", name);
	return SYS(open(path, flags));
}

static const char *get(const char *name)
{
	static char text[8][200];
	static int turn;
	char *t = text[turn++ % 8];
	int fd = sysctl_open(name, O_RDONLY), n;

	if (fd < 0)
		return strerrorname_np(-fd);
	n = read(fd, t, sizeof(text[0]) - 1);
	close(fd);
	t[n > 0 ? n : 0] = 0;
	t[strcspn(t, "\n")] = 0;
	return t;
}

/* bytes written, or -errno */
static int set(const char *name, const char *value)
{
	int fd = sysctl_open(name, O_WRONLY), r;

	if (fd < 0)
		return fd;
	r = SYS(write(fd, value, strlen(value)));
	close(fd);
	return r;
}

static void same(const char *name, const char *want)
{
	const char *got = get(name);

	if (strcmp(got, want))
		ktap_note("%s is \"%s\", not \"%s\"", name, got, want);
	EXPECT_EQ(strcmp(got, want), 0);
}

static void initial(const char *name)
{
	int i;

	for (i = 0; i < FILES; i++)
		if (!strcmp(file[i].name, name))
			EXPECT_EQ(set(name, file[i].initial), (int)strlen(file[i].initial));
}

/* leaves the subtest where settings cannot be changed; nothing below may leave it early */
static void root(void)
{
	int fd = sysctl_open("tipc_rmem", O_WRONLY);

	if (fd < 0)
		SKIP("%s/tipc_rmem: %s", DIR_, strerror(-fd));
	close(fd);
}

static int rcvbuf(int fd)
{
	int v = -1;
	socklen_t len = sizeof(v);

	EXPECT_EQ(SYS(getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &v, &len)), 0);
	return v;
}

/* rows 1.15.1, 1.15.2, 1.15.3, 1.15.4, 1.15.5, 1.15.6 */
TEST(names)
{
	struct dirent *e;
	struct stat st;
	char path[100];
	DIR *d = opendir(DIR_);
	int n = 0, i;

	ASSERT_TRUE(d);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	EXPECT_EQ(n, FILES);
	for (i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), DIR_ "/%s", file[i].name);
		ASSERT_EQ(SYS(stat(path, &st)), 0);
		EXPECT_EQ(st.st_mode, S_IFREG | 0644);
	}
}

/* rows 1.15.1, 1.15.2, 1.15.3, 1.15.4, 1.15.5, 1.15.6 */
TEST(defaults)
{
	int i;

	for (i = 0; i < FILES; i++)
		same(file[i].name, file[i].initial);
}

/* rows 1.15.1, 1.1.6 */
TEST(rmem_of_new_sockets)
{
	static const int type[] = { SOCK_RDM, SOCK_DGRAM, SOCK_STREAM, SOCK_SEQPACKET };
	int before = tu_socket(SOCK_RDM), fd, i;

	root();
	EXPECT_EQ(set("tipc_rmem", "4096 100000 8388608"), 19);
	same("tipc_rmem", "4096\t100000\t8388608");
	for (i = 0; i < 4; i++) {
		fd = tu_socket(type[i]);
		EXPECT_EQ(rcvbuf(fd), 100000);
		close(fd);
	}
	EXPECT_EQ(rcvbuf(before), 2097152);
	/* no less than one, and neither the first nor the third number counts */
	EXPECT_EQ(set("tipc_rmem", "300000 1 1"), 10);
	fd = tu_socket(SOCK_RDM);
	EXPECT_EQ(rcvbuf(fd), 1);
	initial("tipc_rmem");
	EXPECT_EQ(rcvbuf(tu_socket(SOCK_RDM)), 2097152);
}

/* rows 1.15.1, 1.12.3 */
TEST(rmem_is_the_limit)
{
	int rx, tx = tu_socket(SOCK_RDM), i, n;
	char b[1000] = { 0 };

	root();
	EXPECT_EQ(set("tipc_rmem", "4096 100000 8388608"), 19);
	rx = tu_bound(tu_type(0), 1);
	initial("tipc_rmem");
	for (i = 0; i < 200; i++)
		EXPECT_EQ(tu_send_name(tx, b, 1000, tu_type(0), 1), 1000);
	n = tu_get(rx, TIPC_SOCK_RECVQ_DEPTH);
	EXPECT_GE(n, 100000 / 4000);
	EXPECT_LE(n, 100000 / 1000);
}

/* rows 1.15.1 */
TEST(rmem_bad)
{
	root();
	EXPECT_EQ(set("tipc_rmem", "0"), -EINVAL);
	same("tipc_rmem", file[0].initial);
	EXPECT_EQ(set("tipc_rmem", "-5"), -EINVAL);
	EXPECT_EQ(set("tipc_rmem", "x"), -EINVAL);
	EXPECT_EQ(set("tipc_rmem", "2147483648"), -EINVAL);
	EXPECT_EQ(set("tipc_rmem", "99999999999999999999"), -EINVAL);
	same("tipc_rmem", file[0].initial);
	/* what stood before the bad number is taken */
	EXPECT_EQ(set("tipc_rmem", "600000 0 700000"), -EINVAL);
	same("tipc_rmem", "600000\t2097152\t16777216");
	/* one number alone, and more than there are */
	EXPECT_EQ(set("tipc_rmem", "500000"), 6);
	same("tipc_rmem", "500000\t2097152\t16777216");
	EXPECT_GE(set("tipc_rmem", "1000 2000 3000 4000"), 14);
	same("tipc_rmem", "1000\t2000\t3000");
	EXPECT_EQ(set("tipc_rmem", "\n"), -EINVAL);
	same("tipc_rmem", "1000\t2000\t3000");
	initial("tipc_rmem");
}

/* rows 1.15.2 */
TEST(named_timeout)
{
	root();
	EXPECT_EQ(set("named_timeout", "0"), 1);
	same("named_timeout", "0");
	EXPECT_EQ(set("named_timeout", "-1"), -EINVAL);
	EXPECT_EQ(set("named_timeout", "2147483647"), 10);
	same("named_timeout", "2147483647");
	initial("named_timeout");
}

/* rows 1.15.3 */
TEST(sk_filter)
{
	root();
	EXPECT_EQ(set("sk_filter", "1 2 3 4 18446744073709551615"), 28);
	same("sk_filter", "1\t2\t3\t4\t18446744073709551615");
	EXPECT_EQ(set("sk_filter", "9"), 1);
	same("sk_filter", "9\t2\t3\t4\t18446744073709551615");
	EXPECT_EQ(set("sk_filter", "a"), -EINVAL);
	initial("sk_filter");
}

/* rows 1.15.4 */
TEST(max_tfms)
{
	root();
	EXPECT_EQ(set("max_tfms", "0"), -EINVAL);
	EXPECT_EQ(set("max_tfms", "-1"), -EINVAL);
	EXPECT_EQ(set("max_tfms", "1"), 1);
	same("max_tfms", "1");
	EXPECT_EQ(set("max_tfms", "1000"), 4);
	same("max_tfms", "1000");
	initial("max_tfms");
}

/* rows 1.15.5 */
TEST(key_exchange_enabled)
{
	root();
	EXPECT_EQ(set("key_exchange_enabled", "2"), -EINVAL);
	EXPECT_EQ(set("key_exchange_enabled", "-1"), -EINVAL);
	EXPECT_EQ(set("key_exchange_enabled", "0"), 1);
	same("key_exchange_enabled", "0");
	initial("key_exchange_enabled");
}

/* rows 1.15.6 */
TEST(bc_retruni)
{
	root();
	EXPECT_EQ(set("bc_retruni", "18446744073709551615"), 20);
	same("bc_retruni", "18446744073709551615");
	EXPECT_EQ(set("bc_retruni", "1"), 1);
	same("bc_retruni", "1");
	initial("bc_retruni");
}

/* rows 1.15.1, 1.15.2, 1.15.3, 1.15.4, 1.15.5, 1.15.6 */
TEST(unprivileged)
{
	int i;

	root();
	ASSERT_EQ(SYS(setresuid(65534, 65534, 65534)), 0);
	for (i = 0; i < FILES; i++) {
		EXPECT_EQ(set(file[i].name, "1"), -EACCES);
		same(file[i].name, file[i].initial);
	}
}

/* rows 1.15.1, 1.15.2, 1.15.3, 1.15.4, 1.15.5, 1.15.6, 17.26 */
TEST(other_namespace)
{
	struct stat st;
	int i, fd;

	root();
	EXPECT_EQ(set("tipc_rmem", "4096 100000 8388608"), 19);
	if (!fork()) {
		ASSERT_EQ(SYS(unshare(CLONE_NEWNET)), 0);
		EXPECT_EQ(SYS(stat(DIR_, &st)), -ENOENT);
		for (i = 0; i < FILES; i++)
			EXPECT_EQ(sysctl_open(file[i].name, O_RDONLY), -ENOENT);
		/* and yet they hold there */
		fd = tu_socket(SOCK_RDM);
		EXPECT_EQ(rcvbuf(fd), 100000);
		ktap_exit();
	}
	EXPECT_EQ(tu_wait(-1), 0);
	initial("tipc_rmem");
}

/* rows 1.15.1 */
TEST(faults)
{
	char *edge = (char *)tu_edge(0);
	int fd;

	root();
	fd = sysctl_open("tipc_rmem", O_RDWR);
	EXPECT_EQ(SYS(write(fd, edge, 4)), -EFAULT);
	EXPECT_EQ(SYS(read(fd, edge, 4)), -EFAULT);
	EXPECT_EQ(SYS(write(fd, "", 0)), 0);
	same("tipc_rmem", file[0].initial);
}

TEST_MAIN("settings below /proc/sys/net/tipc")
