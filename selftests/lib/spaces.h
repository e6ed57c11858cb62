/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User and network namespaces of root and of USER, and what a process may do in
 * them; see die.h for failures.
 */
#ifndef SELFTEST_PORTOWNER_SPACES_H
#define SELFTEST_PORTOWNER_SPACES_H

#include <sys/types.h>

#include "proc.h"

/* User and network namespaces: the initial ones, and those of USER. */
enum { FIRST, OWN, SPACES };

/* @owner keeps those of USER; the initial user namespace has no descriptor. */
struct spaces {
	int user;
	int net[SPACES];
	struct proc owner;
};

int space_open(pid_t pid, const char *what);
void spaces_make(struct spaces *spaces);
void spaces_enter(const struct spaces *spaces, int user, int net);
void spaces_end(struct spaces *spaces);
void become(uid_t uid, gid_t gid, unsigned long caps);

#endif
