/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Time in the benchmark: nanoseconds, which are instructions where the
 * machine's clock counts those (qemu -icount shift=0); see clock.c.
 */
#ifndef BENCH_PORTOWNER_TICKS_H
#define BENCH_PORTOWNER_TICKS_H

#include <linux/types.h>

#include "../lib/clock.h"

static inline __u64 ticks(void)
{
	return now_ns();
}

/* For qsort(). */
static inline int compare_ticks(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

#endif
