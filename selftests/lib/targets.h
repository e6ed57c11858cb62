/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes to look at, one for each combination of rights that matters. Each
 * holds a port, by which it is identified, and was refused it a second time;
 * see die.h for failures.
 */
#ifndef SELFTEST_PORTOWNER_TARGETS_H
#define SELFTEST_PORTOWNER_TARGETS_H

#include <sys/types.h>

#include "spaces.h"

/* Port of the first target. */
#define TARGET_PORT	8000

/* Pid namespaces: that of the test, and two side by side in it. */
enum place { OUTSIDE, INSIDE, BESIDE, PLACES };

/* May its user look at it? The last kind runs an unreadable program. */
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
	/* as seen by readers in each place, or 0 */
	pid_t pid[PLACES];
};

void targets_init(struct target *targets, const struct spaces *spaces);
void targets_start(struct target *targets, enum place place);
void targets_end(struct target *targets);

#endif
