/* SPDX-License-Identifier: GPL-2.0 */
/* Run a command as if it had been started directly. */
#ifndef PORTOWNER_CHILD_H
#define PORTOWNER_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/**
 * struct child - A command that was started.
 * @output: its stdout, to be set before it is started; 0 for ours
 * @errors_too: @output is also its stderr
 * @pid: its process
 * @signals: signalfd; call child_signal() when it is readable
 * @mask: signals that had been blocked
 * @ended: the command has ended
 * @status: how it ended, as wait() reports it
 * @told_to_end: a signal arrived that ends most processes
 * @interrupt: SIGINT or SIGQUIT if the terminal sent it to both of us, or 0
 */
struct child {
	int output;
	bool errors_too;
	pid_t pid;
	int signals;
	sigset_t mask;
	bool ended;
	int status;
	bool told_to_end;
	int interrupt;
};

void ignore_broken_pipes(void);

int child_start(struct child *child, char **argv);
void child_signal(struct child *child);
int child_status(const struct child *child);
int child_end(struct child *child);

#endif /* PORTOWNER_CHILD_H */
