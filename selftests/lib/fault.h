/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Makes every allocation of a call fail in turn. For the debug kernel
 * (CONFIG_FAULT_INJECTION, CONFIG_FAILSLAB) and root; elsewhere it SKIPs.
 */
#ifndef FAULT_H
#define FAULT_H

#include "tipc_util.h"
#include <fcntl.h>
#include <sys/mount.h>

#define NTH "/proc/thread-self/fail-nth"

static int knob(const char *fault, const char *name, const char *v)
{
	char path[128];
	int fd, r = -1;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", fault, name);
	fd = open(path, O_WRONLY);
	if (fd >= 0) {
		r = write(fd, v, strlen(v));
		close(fd);
	}
	return r;
}

static char buf[66000];

static void prepare(void)
{
	static const char *fault[] = { "failslab", "fail_page_alloc" };
	int i;

	/* a page of the buffer that recvfrom() is the first to write would have to be allocated
	 * then: the page fault that fails makes EFAULT, which is not what is asked here
	 */
	memset(buf, 'x', sizeof(buf));

	if (access(NTH, W_OK))
		SKIP("no " NTH " to write: not a debug kernel, or not root");
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	for (i = 0; i < 2; i++) {
		/* sleeping allocations too, and no stack dumps in the log */
		if (knob(fault[i], "ignore-gfp-wait", "N") < 0 && !i)
			SKIP("no /sys/kernel/debug/failslab");
		knob(fault[i], "verbose", "0");
		knob(fault[i], "probability", "0");
		knob(fault[i], "ignore-gfp-highmem", "N");
		knob(fault[i], "min-order", "0");
	}
}

static int nth_fd;
static int faulted;	/* the last call had its fault */
static int any_error;	/* other parts of the kernel fail too, each in its way */
static void (*before)(void);	/* makes the state a call starts from */

/* on a descriptor kept open: open() itself would use up the fault */
static void nth(int n)
{
	char b[16];
	int len = snprintf(b, sizeof(b), "%d", n);

	ASSERT_EQ(SYS(pwrite(nth_fd, b, len, 0)), len);
}

/* ends the injection; what was left: 0 if the fault was used up */
static int rest(void)
{
	char b[16] = { 0 };

	ASSERT_GE(SYS(pread(nth_fd, b, sizeof(b) - 1, 0)), 1);
	nth(0);
	return atoi(b);
}

static int honest(int r)
{
	return r >= 0 || any_error || r == -ENOMEM || r == -ENOBUFS || r == -EAGAIN ||
	       r == -ENFILE || r == -ENOSPC;
}

/* every call: undo what success did, so that it can be made again */
static void inject(const char *what, int (*call)(void), void (*undo)(int), int want)
{
	int n, r, left, faults = 0, failed = 0;

	nth_fd = open(NTH, O_RDWR);
	ASSERT_GE(nth_fd, 0);
	for (n = 1; n < 5000; n++) {
		if (before)
			before();
		nth(n);
		r = call();
		left = rest();
		faulted = !left;
		if (!honest(r))
			ktap_note("%s: allocation %d failed, answer %d", what, n, r);
		EXPECT_TRUE(honest(r));
		if (!left) {
			faults++;
			failed += r < 0;
		}
		if (undo)
			undo(r);
		faulted = 0;
		r = call();
		if (want >= 0 && r != want)
			ktap_note("%s: without fault %d after allocation %d", what, r, n);
		EXPECT_TRUE(want >= 0 ? r == want : r >= 0);
		if (undo)
			undo(r);
		if (left || ktap_failures > 20)
			break;
	}
	close(nth_fd);
	EXPECT_TRUE(n < 5000);
	ktap_note("%s: %d allocations failed in turn, %d made the call fail", what, faults, failed);
}

#endif
