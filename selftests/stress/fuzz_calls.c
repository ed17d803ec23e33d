// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Random calls, by a seed that is printed. TIPC_SEED=n makes the same calls again,
 * TIPC_SECONDS=n goes on for so long. The calls of `episodes` and what each gives
 * depend on nothing but the seed: they are the same on two modules that behave the
 * same, but for what Documentation/differences.md says. TIPC_TRACE=FILE gets them, to
 * be compared line by line.
 *
 * What may not happen: distress in the kernel log, an error that is no errno, more
 * bytes than asked for, a message other than it was sent, anything left at the end.
 */
#include "ops.h"
#include <pthread.h>
#include <sys/syscall.h>

#define THREADS		4
#define EPISODES	100
#define CALLS		150	/* of an episode */

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

static uint64_t seed(void)
{
	uint64_t chosen = number("TIPC_SEED", time(NULL) * 1000 + getpid() % 1000);

	ktap_note("TIPC_SEED=%llu", (unsigned long long)chosen);
	return chosen;
}

/* how many sockets there are in this namespace, of whatever kind, the kernel's own left out */
static int sockets(void)
{
	FILE *file = fopen("/proc/net/sockstat", "r");
	int count;

	ASSERT_TRUE(file && fscanf(file, "sockets: used %d", &count) == 1);
	fclose(file);
	return count;
}

/* every socket is gone, and with it what it had bound */
static void nothing_left(int before)
{
	double end = ktap_now() + 20;
	uint32_t i;

	/* the dead of before may be counted until their grace period is over */
	while (sockets() > before && ktap_now() < end)
		ktap_sleep_ms(10);
	EXPECT_LE(sockets(), before);
	for (i = 0; i < 3 * 4; i++)
		EXPECT_EQ(tu_reach(tu_type(i / 4), i % 4), -EHOSTUNREACH);
}

static void interrupt(int signal) { (void)signal; }

/* Wakes this thread every 20 ms out of whatever call it waits in. */
static void never_wait(timer_t *timer)
{
	struct sigaction action = { .sa_handler = interrupt };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	struct itimerspec often = { { 0, 20000000 }, { 0, 20000000 } };

	event._sigev_un._tid = syscall(SYS_gettid);
	ASSERT_EQ(sigaction(SIGUSR1, &action, NULL), 0);
	ASSERT_EQ(timer_create(CLOCK_MONOTONIC, &event, timer), 0);
	ASSERT_EQ(timer_settime(*timer, 0, &often, NULL), 0);
}

static void *hostile_calls(void *fuzz)
{
	double stop = ktap_now() + number("TIPC_SECONDS", 6);
	struct fuzz *f = fuzz;
	timer_t timer;

	f->hostile = 1;
	never_wait(&timer);
	while (ktap_now() < stop)
		one_call(f);
	timer_delete(timer);
	return NULL;
}

static void show(struct fuzz *f)
{
	unsigned long all = 0;
	int i;

	for (i = 0; i < OP_COUNT; i++) {
		ktap_note("%-8s %8lu made, %8lu worked", op_names[i], f->made[i], f->worked[i]);
		all += f->made[i];
	}
	ktap_note("%lu calls", all);
}

static int all_worked(struct fuzz *f)
{
	for (int i = 0; i < OP_COUNT; i++)
		if (!f->worked[i])
			return 0;
	return 1;
}

/* rows 1.1.4, 1.6.3, 1.8.7 */
TEST_LIMIT(hostile_calls, 120)
{
	struct slot slots[SLOTS] = { 0 };
	int i, before = sockets();
	timer_t timer;
	struct fuzz f;

	memset(slots, 0xff, sizeof(slots));
	begin(&f, seed(), slots);
	hostile_calls(&f);
	/* a slow machine makes so few calls that one of the kinds may not have had its chance */
	for (i = 0; i < 5 && !all_worked(&f); i++)
		hostile_calls(&f);
	never_wait(&timer);	/* for closes that linger */
	end(&f);
	empty(slots);
	show(&f);
	for (i = 0; i < OP_COUNT; i++)
		EXPECT_TRUE(f.worked[i] > 0);
	nothing_left(before);
}

/* rows 1.8.7 */
TEST(hostile_threads)
{
	struct slot slots[SLOTS];
	struct fuzz fuzz[THREADS];
	pthread_t threads[THREADS];
	int i, before = sockets();
	uint64_t first = seed();
	timer_t timer;

	memset(slots, 0xff, sizeof(slots));
	for (i = 0; i < THREADS; i++) {
		begin(&fuzz[i], first + i, slots);
		fuzz[i].check = 0;
	}
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(pthread_create(&threads[i], NULL, hostile_calls, &fuzz[i]), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	never_wait(&timer);
	for (i = 0; i < THREADS; i++)
		end(&fuzz[i]);
	empty(slots);
	show(&fuzz[0]);
	nothing_left(before);
}

static void save(const char *trace, size_t len)
{
	const char *path = getenv("TIPC_TRACE");
	FILE *file = path ? fopen(path, "w") : NULL;
	uint64_t hash = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)trace[i]) * 0x100000001b3;
	/* the lab wants this line alike on both modules */
	ktap_note("same: %016llx", (unsigned long long)hash);
	if (file) {
		fwrite(trace, 1, len, file);
		fclose(file);
	}
}

/* rows 1.6.3, 1.8.7 */
TEST(episodes)
{
	uint64_t first = number("TIPC_SEED", 1000);
	int i, calls, before = sockets();
	struct slot slots[SLOTS];
	struct fuzz f;
	char *trace;
	size_t len;
	FILE *file = open_memstream(&trace, &len);

	memset(slots, 0xff, sizeof(slots));
	for (i = 0; i < EPISODES; i++) {
		fprintf(file, "episode %d\n", i);
		begin(&f, first + i, slots);
		f.compared = 1;
		f.trace = file;
		for (calls = 0; calls < CALLS; calls++)
			one_call(&f);
		end(&f);
		empty(slots);
	}
	fclose(file);
	save(trace, len);
	nothing_left(before);
}

/* a UNIX socket whose queue holds a bound TIPC socket and itself: only the collector frees it */
static void leave_circle(uint32_t instance, int also)
{
	char byte = 0, control[CMSG_SPACE(3 * sizeof(int))] = { 0 };
	struct iovec part = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int fds[3], pair[2];

	ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	fds[0] = pair[0];
	fds[1] = tu_bound(tu_type(0), instance);
	fds[2] = also;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	ASSERT_EQ(sendmsg(pair[1], &msg, 0), 1);
	close(fds[1]);
	close(pair[0]);
	close(pair[1]);
}

/* rows 1.8.7 */
TEST(passed_in_circles)
{
	int i, pair[2], before = sockets();
	double end = ktap_now() + 20;

	for (i = 0; i < 100; i++) {
		/* one end of a connection goes into the circle, the other is closed here */
		ASSERT_EQ(socketpair(AF_TIPC, i % 2 ? SOCK_STREAM : SOCK_SEQPACKET, 0, pair), 0);
		ASSERT_EQ(send(pair[0], "unread", 6, 0), 6);
		leave_circle(i % 4, pair[1]);
		close(pair[i % 2]);
		close(pair[!(i % 2)]);
	}
	/* the collector is called when a UNIX socket is closed */
	while (sockets() > before && ktap_now() < end) {
		ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		close(pair[0]);
		close(pair[1]);
		ktap_sleep_ms(20);
	}
	nothing_left(before);
}

TEST_MAIN("random calls do no harm and leave nothing behind")
