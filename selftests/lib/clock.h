/* SPDX-License-Identifier: GPL-2.0 */
/* How long something took. */
#ifndef SELFTEST_PORTOWNER_CLOCK_H
#define SELFTEST_PORTOWNER_CLOCK_H

#include <time.h>

static inline long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline long now_us(void)
{
	return now_ns() / 1000;
}

#endif
