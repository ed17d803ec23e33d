// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * What a row counts: instructions, which the time-stamp counter counts under -icount shift=0, and
 * the bytes that left. The marks are for tools/bench/plugin/tbprof.c, which counts by itself where
 * time does not stand still while the machine waits.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "table.h"

static uint64_t begun;
static long sent;

static uint64_t now(void)
{
	uint32_t lo, hi;

	asm volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/* how many bytes the devices of this namespace have sent, loopback left out */
static long bytes_sent(void)
{
	char line[512];
	long sum = 0, n;
	FILE *f = fopen("/proc/self/net/dev", "r");

	while (f && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');

		if (colon && !strstr(line, "lo:") &&
		    sscanf(colon + 1, "%*d %*d %*d %*d %*d %*d %*d %*d %ld", &n) == 1)
			sum += n;
	}
	if (f)
		fclose(f);
	return sum;
}

void mark_begin(void)
{
	asm volatile("mov $0x7e570001, %%ebx" : : : "ebx", "memory");
}

void mark_end(void)
{
	asm volatile("mov $0x7e570002, %%ebx" : : : "ebx", "memory");
}

void mark_lap(void)
{
	asm volatile("mov $0x7e570003, %%ebx" : : : "ebx", "memory");
}

static int is_marked(void)
{
	return marked && (!strcmp(marked, "all") || !strcmp(marked, row));
}

void begin(void)
{
	sent = bytes_sent();
	if (is_marked())
		mark_begin();
	begun = now();
}

/* a part of the row is over */
void lap(void)
{
	if (is_marked())
		mark_lap();
}

/* that was `count` turns, in which at least `bytes` went over the link if there is one */
void end(long count, long bytes)
{
	uint64_t took = now() - begun;

	if (is_marked())
		mark_end();
	printf("row\t%s\t%llu\t%ld\t%ld\n", row, (unsigned long long)took / count,
	       bytes_sent() - sent, bytes);
}
