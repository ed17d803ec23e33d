/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What an attack has cost comes back, if not at once. */
#ifndef MEMORY_H
#define MEMORY_H

#include "wire.h"

/* how many kB more than before are in use: waits till they are below `most`, for half a minute */
static long still_used(long before, long most)
{
	double end = ktap_now() + 30;
	long now;

	while ((now = wp_memory() - before) >= most && ktap_now() < end)
		ktap_sleep_ms(20);
	return now;
}

#endif
