/* SPDX-License-Identifier: GPL-2.0 */
/* A command that is run as if we were not there. */
#ifndef PORTOWNER_CHILD_H
#define PORTOWNER_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/**
 * struct child - The command.
 * @pid: its process
 * @signals: readable when there is something for child_signal()
 * @mask: signals that were blocked before
 * @ended: it has
 * @status: how, as wait() gives it
 */
struct child {
	pid_t pid;
	int signals;
	sigset_t mask;
	bool ended;
	int status;
};

void ignore_broken_pipes(void);

int child_start(struct child *child, char **argv);
void child_signal(struct child *child);
int child_end(struct child *child);

#endif /* PORTOWNER_CHILD_H */
