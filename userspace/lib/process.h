/* SPDX-License-Identifier: GPL-2.0 */
/* Process details from /proc. */
#ifndef PORTOWNER_PROCESS_H
#define PORTOWNER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/* TASK_COMM_LEN without the terminating zero byte. */
#define COMM_LEN	15

/**
 * struct process_words - Strings, each followed by a zero byte.
 * @bytes: the strings, or NULL if they are not known
 * @len: number of bytes
 */
struct process_words {
	char *bytes;
	size_t len;
};

char *process_comm(__u32 pid);
struct process_words process_args(__u32 pid, const char *comm);
struct process_words process_environ(__u32 pid, const char *comm);
const char *process_next(const struct process_words *words, const char *word);
const char *process_option(const struct process_words *args,
			   const char *option);
__u32 process_parent(__u32 pid);
bool process_runs(__u32 pid, const char *comm);
bool process_is_suspended(__u32 pid);
bool process_ignores(__u32 pid, int sig);
__u32 process_stopped_by(__u32 pid);

#endif /* PORTOWNER_PROCESS_H */
