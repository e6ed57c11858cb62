/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Time in the benchmark: nanoseconds, which are instructions where the
 * machine's clock counts those (qemu -icount shift=0); see clock.c.
 */
#ifndef BENCH_PORTOWNER_TICKS_H
#define BENCH_PORTOWNER_TICKS_H

#include <time.h>

#include <linux/types.h>

static inline __u64 ticks(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

#endif
