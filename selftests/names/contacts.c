// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Contact is lost on one processor and made anew on another. Whoever is late, the new one is told all
 * names: what follows from the loss takes nothing from it.
 */
#include "neighbour.h"
#include <pthread.h>
#include <sched.h>

#define ROUNDS 1500	/* half a minute's */

static struct wf loss;
static pthread_barrier_t gate;
static volatile int over;

static void stay_on(int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	ASSERT_EQ(SYS(sched_setaffinity(0, sizeof(set), &set)), 0);
}

/* ends the contact, from the first processor */
static void *end_contact(void *arg)
{
	(void)arg;
	stay_on(0);
	for (;;) {
		pthread_barrier_wait(&gate);
		if (over)
			return NULL;
		wp_send(p, &loss);
		pthread_barrier_wait(&gate);
	}
}

static void wait_us(int us)
{
	double end = ktap_now() + us / 1e6;

	while (ktap_now() < end)
		;
}

/* a message that ends a bulk has been heard */
static int told(void)
{
	while (taken < count)
		if (wf_get(&heard[taken++], 1) & 1 << 27)
			return 1;
	return 0;
}

/* a bulk comes; if the link is not up, it is brought up first */
static int is_told(void)
{
	double end = ktap_now() + 20;

	while (ktap_now() < end) {
		if (told())
			return 1;
		if (wp_wait(p, WU_NAMES, 100))
			continue;
		wp_catch_up(p);
		/* what asks for contact has none */
		if (!p->up || wf_type(&p->last) != WL_STATE) {
			count = taken = 0;
			ASSERT_TRUE(wp_up(p));
		}
	}
	return 0;
}

/* rows 3.9, 5.14 */
TEST_LIMIT(next_is_told, 140)
{
	double end = ktap_now() + 30;
	int round, missed = 0;
	pthread_t other;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP("one processor");
	world(WP_PLAIN);
	pthread_barrier_init(&gate, NULL, 2);
	ASSERT_EQ(pthread_create(&other, NULL, end_contact, NULL), 0);
	stay_on(1);
	contact(p);
	for (round = 0; round < ROUNDS && ktap_now() < end && !missed; round++) {
		struct wf again, up;

		p->session++;
		wp_protocol(p, &loss, WL_RESET, 16);
		p->session++;
		p->next = p->expected = p->state = 1;
		p->bcast_ack = p->unacked = 0;
		wp_protocol(p, &again, WL_RESET, 16);
		wp_protocol(p, &up, WL_STATE, 4);
		/* what comes of the old contact does not count */
		wp_pump(p, 0);
		p->expected = 1;
		count = taken = 0;
		pthread_barrier_wait(&gate);
		wait_us(rand() % 200);
		wp_send(p, &again);
		wp_send(p, &again);
		wp_send(p, &up);
		pthread_barrier_wait(&gate);
		p->up = 1;
		missed = !is_told();
	}
	ktap_note("%d rounds", round);
	EXPECT_EQ(missed, 0);
	over = 1;
	pthread_barrier_wait(&gate);
	pthread_join(other, NULL);
}

TEST_MAIN("a new contact is told all names, however late a processor is with the loss of the old")
