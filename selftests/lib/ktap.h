/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * A small KTAP harness.  Every subtest runs in a process (group) of its own,
 * with a time limit kept by the parent: a subtest that crashes or hangs is
 * "not ok", and the next one starts clean.
 *
 *	TEST(name) { ... }		60 seconds
 *	TEST_LIMIT(name, secs) { ... }
 *	TEST_MAIN("what this file promises")
 *
 * KTAP_SLOW=n multiplies every limit (debug kernels, emulators).
 */
#ifndef KTAP_H
#define KTAP_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KTAP_MAX	128
#define KTAP_EXIT_SKIP	4

struct ktap_test {
	const char *name;
	void (*fn)(void);
	int limit;
};

static struct ktap_test ktap_tests[KTAP_MAX];
static int ktap_count;
static volatile int ktap_failures;

static inline void ktap_add(const char *name, void (*fn)(void), int limit)
{
	if (ktap_count == KTAP_MAX)
		abort();
	ktap_tests[ktap_count++] = (struct ktap_test){ name, fn, limit };
}

#define TEST_LIMIT(n, secs)						\
	static void test_##n(void);					\
	__attribute__((constructor)) static void ktap_reg_##n(void)	\
	{ ktap_add(#n, test_##n, secs); }				\
	static void test_##n(void)
#define TEST(n) TEST_LIMIT(n, 60)

__attribute__((format(printf, 1, 2)))
static inline void ktap_note(const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	printf("# %s\n", line);
	fflush(stdout);
}

/* leave this subtest: it cannot be judged here */
#define SKIP(...) do { ktap_note("skip: " __VA_ARGS__); _exit(KTAP_EXIT_SKIP); } while (0)

/* leave this process of the subtest, with its verdict */
static inline void __attribute__((noreturn)) ktap_exit(void)
{
	fflush(stdout);
	_exit(ktap_failures ? 1 : 0);
}

static inline const char *ktap_show(long long v, char *buf, size_t len)
{
	const char *e = v < 0 && v > -200 ? strerrorname_np((int)-v) : NULL;

	if (e)
		snprintf(buf, len, "%lld (-%s)", v, e);
	else
		snprintf(buf, len, "%lld", v);
	return buf;
}

static inline int ktap_cmp(int ok, long long a, long long b, const char *what,
			   const char *op, const char *file, int line)
{
	char ba[40], bb[40];

	if (ok)
		return 1;
	__atomic_add_fetch(&ktap_failures, 1, __ATOMIC_SEQ_CST);
	ktap_note("%s:%d: %s: got %s, want %s %s", file, line, what,
		  ktap_show(a, ba, sizeof(ba)), op, ktap_show(b, bb, sizeof(bb)));
	return 0;
}

#define KTAP_OP(a, op, b) __extension__ ({				\
	long long _a = (long long)(a), _b = (long long)(b);		\
	ktap_cmp(_a op _b, _a, _b, #a, #op, __FILE__, __LINE__); })

#define EXPECT_EQ(a, b)	((void)KTAP_OP(a, ==, b))
#define EXPECT_NE(a, b)	((void)KTAP_OP(a, !=, b))
#define EXPECT_LE(a, b)	((void)KTAP_OP(a, <=, b))
#define EXPECT_GE(a, b)	((void)KTAP_OP(a, >=, b))
#define EXPECT_TRUE(a)	((void)KTAP_OP(!!(a), ==, 1))
#define ASSERT_EQ(a, b)	do { if (!KTAP_OP(a, ==, b)) ktap_exit(); } while (0)
#define ASSERT_NE(a, b)	do { if (!KTAP_OP(a, !=, b)) ktap_exit(); } while (0)
#define ASSERT_GE(a, b)	do { if (!KTAP_OP(a, >=, b)) ktap_exit(); } while (0)
#define ASSERT_TRUE(a)	do { if (!KTAP_OP(!!(a), ==, 1)) ktap_exit(); } while (0)
/* result of a system call as a value or -errno */
#define SYS(call) __extension__ ({ long _r = (long)(call); _r < 0 ? -(long)errno : _r; })

static inline double ktap_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/*
 * The time of the last tick: there a wait that the kernel times in ticks begins for it.  When that
 * tick is old, such a wait is shorter than asked for if its begin is taken from ktap_now().
 */
static inline double ktap_tick_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static inline void ktap_sleep_ms(int ms)
{
	struct timespec ts = { ms / 1000, (ms % 1000) * 1000000L };

	while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
		;
}

/* 1 ok, 0 not ok, -1 skipped, -2 cannot even be killed */
static inline int ktap_one(const struct ktap_test *t)
{
	const char *slow = getenv("KTAP_SLOW");
	int factor = slow && atoi(slow) > 0 ? atoi(slow) : 1;
	int status = 0, killed = 0, left = 0;
	double end;
	pid_t pid, r, parent = getpid();

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		ktap_note("fork: %m");
		return 0;
	}
	if (!pid) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		/* second fence, were the parent lost */
		alarm(t->limit * factor + 30);
		t->fn();
		ktap_exit();
	}
	setpgid(pid, pid);
	end = ktap_now() + t->limit * factor;
	for (;;) {
		r = waitpid(pid, &status, WNOHANG);
		if (r == pid || (r < 0 && errno != EINTR))
			break;
		if (ktap_now() > end) {
			if (killed) {
				ktap_note("%s: cannot be killed", t->name);
				return -2;
			}
			ktap_note("%s: no end after %d s, killed", t->name, t->limit * factor);
			kill(-pid, SIGKILL);
			killed = 1;
			end = ktap_now() + 20;
		}
		ktap_sleep_ms(left < 20 ? (left++, 1) : 20);
	}
	kill(-pid, SIGKILL);	/* whatever it left behind */
	if (killed)
		return 0;
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == 0 ? 1 :
		       WEXITSTATUS(status) == KTAP_EXIT_SKIP ? -1 : 0;
	ktap_note("%s: ended by signal %d", t->name, WTERMSIG(status));
	return 0;
}

/* prog [-l] [subtest ...] */
static inline int ktap_main(int argc, char **argv, const char *promise, int (*ready)(void))
{
	int i, j, n = 0, num = 0, pass = 0, fail = 0, skip = 0;
	char run[KTAP_MAX] = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && !strcmp(argv[1], "-l")) {
		for (i = 0; i < ktap_count; i++)
			puts(ktap_tests[i].name);
		return 0;
	}
	for (i = 0; i < ktap_count; i++) {
		run[i] = argc < 2;
		for (j = 1; j < argc; j++)
			run[i] |= !strcmp(argv[j], ktap_tests[i].name);
		n += run[i];
	}
	puts("KTAP version 1");
	ktap_note("%s", promise);
	if (!n) {
		puts("Bail out! no such subtest");
		return 1;
	}
	if (ready && ready() < 0)
		return 1;
	printf("1..%d\n", n);
	for (i = 0; i < ktap_count; i++) {
		int r;

		if (!run[i])
			continue;
		r = ktap_one(&ktap_tests[i]);
		num++;
		printf("%s %d %s%s\n", r == 1 || r == -1 ? "ok" : "not ok", num,
		       ktap_tests[i].name, r == -1 ? " # SKIP" : "");
		fflush(stdout);
		pass += r == 1;
		skip += r == -1;
		fail += r != 1 && r != -1;
		if (r == -2) {
			puts("Bail out! a subtest hangs in the kernel");
			return 1;
		}
	}
	printf("# Totals: pass:%d fail:%d xfail:0 xpass:0 skip:%d error:0\n", pass, fail, skip);
	return fail ? 1 : skip == n ? KTAP_EXIT_SKIP : 0;
}

#define TEST_MAIN(promise) \
	int main(int argc, char **argv) { return ktap_main(argc, argv, promise, tu_ready); }

#endif
