// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "tipc_util.h"
#include <fcntl.h>
#include <sys/stat.h>

/* the line of /proc/net/protocols that begins with this */
static int protocol(const char *name, char *line, int size)
{
	FILE *f = fopen("/proc/net/protocols", "r");
	int found = 0, len = strlen(name);

	ASSERT_TRUE(f);
	while (!found && fgets(line, size, f))
		found = !strncmp(line, name, len) && line[len] == ' ';
	fclose(f);
	return found;
}

/* rows 14.5 */
TEST(protocols)
{
	int sockets[2], size[2], i, j;
	char line[300], press[8], slab[8], module[16], flag[18][4];
	char memory[8], header[8];

	/* the same with and without sockets: TIPC does not count them there */
	for (i = 0; i < 2; i++) {
		ASSERT_TRUE(protocol("TIPC", line, sizeof(line)));
		ASSERT_EQ(sscanf(line, "TIPC %d %d %7s %7s %7s %7s %15s", &size[i], &sockets[i],
				 memory, press, header, slab, module), 7);
		EXPECT_EQ(strcmp(memory, "-1"), 0);
		EXPECT_EQ(strcmp(press, "NI"), 0);
		EXPECT_EQ(strcmp(header, "0"), 0);
		EXPECT_EQ(strcmp(slab, "yes"), 0);
		EXPECT_EQ(strcmp(module, "tipc"), 0);
		EXPECT_EQ(sscanf(strstr(line, " tipc ") + 6,
				 "%3s %3s %3s %3s %3s %3s %3s %3s %3s %3s %3s %3s %3s %3s %3s %3s %3s %3s",
				 flag[0], flag[1], flag[2], flag[3], flag[4], flag[5], flag[6],
				 flag[7], flag[8], flag[9], flag[10], flag[11], flag[12],
				 flag[13], flag[14], flag[15], flag[16], flag[17]), 18);
		for (j = 0; j < 18; j++)
			EXPECT_EQ(strcmp(flag[j], "n"), 0);
		for (j = 0; j < 50; j++)
			tu_socket(SOCK_RDM);
	}
	EXPECT_EQ(sockets[0], 0);
	EXPECT_EQ(sockets[1], 0);
	EXPECT_EQ(size[0], size[1]);
	/* a struct sock, which lockdep and its like make larger, and a little more */
	EXPECT_GE(size[0], 700);
	EXPECT_LE(size[0], 4096);
}

/* rows 14.5 */
TEST(nothing_else_in_proc)
{
	struct stat st;

	EXPECT_EQ(SYS(stat("/proc/net/tipc", &st)), -ENOENT);
}

/* one line of a file of the module's in /sys */
static int module_line(const char *name, char *line, int size)
{
	char path[100];
	int fd, n;

	snprintf(path, sizeof(path), "/sys/module/tipc/%s", name);
	fd = SYS(open(path, O_RDONLY));
	if (fd < 0)
		return fd;
	n = read(fd, line, size - 1);
	close(fd);
	line[n > 0 ? n : 0] = 0;
	line[strcspn(line, "\n")] = 0;
	return n;
}

/* rows 14.6 */
TEST(module)
{
	struct stat st;
	char line[100];
	unsigned int major, minor, patch;

	ASSERT_GE(module_line("version", line, sizeof(line)), 5);
	EXPECT_EQ(sscanf(line, "%u.%u.%u", &major, &minor, &patch), 3);
	ASSERT_GE(module_line("initstate", line, sizeof(line)), 1);
	EXPECT_EQ(strcmp(line, "live"), 0);
	/* there is nothing to set */
	EXPECT_EQ(SYS(stat("/sys/module/tipc/parameters", &st)), -ENOENT);
}

/* references to the module, once those of sockets that were closed before are given back */
static int settled_refs(void)
{
	char line[100];
	int refs = -1;

	for (int same = 0, i = 0; same < 10 && i < 200; i++) {
		ASSERT_GE(module_line("refcnt", line, sizeof(line)), 1);
		same = atoi(line) == refs ? same + 1 : 0;
		refs = atoi(line);
		ktap_sleep_ms(100);
	}
	return refs;
}

/* rows 14.6, 14.8 */
TEST(module_is_held)
{
	char line[100];
	int before, with, fd[10], i;

	/* by every open socket, so that it is not unloaded under it */
	before = settled_refs();
	for (i = 0; i < 10; i++)
		fd[i] = tu_socket(SOCK_RDM);
	ASSERT_GE(module_line("refcnt", line, sizeof(line)), 1);
	with = atoi(line);
	EXPECT_GE(with, before + 10);
	for (i = 0; i < 10; i++)
		close(fd[i]);
	/* the last reference is given back after a grace period */
	for (i = 0; i < 200 && with > before; i++) {
		ktap_sleep_ms(50);
		ASSERT_GE(module_line("refcnt", line, sizeof(line)), 1);
		with = atoi(line);
	}
	EXPECT_LE(with, before);
}

/* whether the kernel has said this, as far back as it remembers */
static int said(const char *text)
{
	char b[8192];
	int fd = SYS(open("/dev/kmsg", O_RDONLY | O_NONBLOCK)), n, found = 0;

	if (fd < 0)
		SKIP("/dev/kmsg: %s", strerror(-fd));
	while (!found && ((n = SYS(read(fd, b, sizeof(b) - 1))) > 0 || n == -EPIPE)) {
		if (n == -EPIPE)
			continue;
		b[n] = 0;
		found = !!strstr(b, text);
	}
	close(fd);
	return found;
}

/* rows 14.7 */
TEST(messages)
{
	if (!said("Linux version"))
		SKIP("the kernel has forgotten its first messages");
	EXPECT_TRUE(said("tipc: Activated (version "));
	EXPECT_TRUE(said("tipc: Started in single node mode"));
	EXPECT_TRUE(said("NET: Registered PF_TIPC protocol family"));
}

TEST_MAIN("what the rest of the system shows of TIPC")
