/* SPDX-License-Identifier: GPL-2.0 */
/* Run a command as if it had been started directly. */
#ifndef PORTOWNER_CHILD_H
#define PORTOWNER_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/**
 * struct child - A command that was started.
 * @output: what it has as stdout, set before it is started; 0 for ours
 * @errors_too: and as stderr
 * @pid: its process
 * @signals: signalfd; when it is readable, child_signal() is to be called
 * @mask: signals that were blocked before
 * @ended: the command has ended
 * @status: how it ended, as wait() reports it
 * @told_to_end: a signal came that ends most processes
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
