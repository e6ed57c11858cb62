/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes that are looked at, one for every combination of rights that matters.
 * Each holds a port, by which it is known, and was refused it a second time; see
 * die.h for failures.
 */
#ifndef SELFTEST_PORTOWNER_TARGETS_H
#define SELFTEST_PORTOWNER_TARGETS_H

#include <sys/types.h>

#include "spaces.h"

/* Of the first one. */
#define TARGET_PORT	8000

/* Pid namespaces: that of the test, and two beside each other in it. */
enum place { OUTSIDE, INSIDE, BESIDE, PLACES };

/* May its user look at a process; the last kind runs a program it may not read. */
enum { DUMPABLE, UNDUMPABLE, UNREADABLE, KINDS };

struct identity {
	uid_t uid;
	gid_t gid;
	int cap;
};

#define IDENTITIES	5
#define TARGETS		(PLACES * SPACES * SPACES * KINDS * IDENTITIES)

struct target {
	enum place place;
	int user, net, kind, fd, port;
	const struct identity *id;
	/* as the readers of each place have it, or 0 */
	pid_t pid[PLACES];
};

void targets_init(struct target *targets, const struct spaces *spaces);
void targets_start(struct target *targets, enum place place);
void targets_end(struct target *targets);

#endif
