/* SPDX-License-Identifier: GPL-2.0 */
/*
 * End a test whose setup failed. The helpers are linked into several tests, so
 * they cannot use the macros of the harness, which takes SIGABRT for a failed
 * assertion.
 */
#ifndef SELFTEST_PORTOWNER_DIE_H
#define SELFTEST_PORTOWNER_DIE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define die(fmt, ...) do { \
	fprintf(stderr, "# %s:%d: " fmt "\n", __FILE__, __LINE__, \
		##__VA_ARGS__); \
	abort(); \
} while (0)

#define die_errno(what) die("%s: %m", what)

#endif
