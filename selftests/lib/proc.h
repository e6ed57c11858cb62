/* SPDX-License-Identifier: GPL-2.0 */
/* Other processes and users to test with; see die.h for failures. */
#ifndef SELFTEST_PORTOWNER_PROC_H
#define SELFTEST_PORTOWNER_PROC_H

#include <stdbool.h>
#include <sys/types.h>

#define NO_CAP	-1
#define USER	1000

/* One end of a conversation of single bytes; pid is 0 in the child. */
struct proc {
	pid_t pid;
	int in;
	int out;
};

typedef void (*proc_fn)(struct proc *parent, void *arg);

bool kernel_before(int major, int minor);
bool kernel_is_rt(void);

void proc_start(struct proc *child, proc_fn fn, void *arg);
void proc_tell(struct proc *peer);
void proc_await(struct proc *peer);
void proc_end(struct proc *child);

/* For proc_start(): hold @nr more descriptors of a file. */
struct proc_dups {
	int fd;
	int nr;
};

void proc_hold_dups(struct proc *parent, void *arg);

void proc_run(const char *command);
void proc_become(uid_t uid, int cap);
void proc_fs_uid(uid_t uid);
void proc_name(const char *comm);

void fd_send_more(int via, int fd, size_t more);
void fd_send(int via, int fd);
int fd_receive(int via);

#endif
