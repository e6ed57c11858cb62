// SPDX-License-Identifier: GPL-2.0
/*
 * The processes that a dump has named. Their strings are shared by all owners,
 * and what the module leaves out since it was there before is found here.
 */

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/errno.h>

#include "known.h"
#include "text.h"
#include "util.h"

/**
 * struct process - A process, as it was named last.
 * @pid: key
 * @uid: user id
 * @comm: command name, or NULL
 * @exe: path of the executable, or NULL
 * @cgroup: path of the cgroup, or NULL
 */
struct process {
	__u32 pid;
	__u32 uid;
	char *comm;
	char *exe;
	char *cgroup;
};

/**
 * struct known - All processes of a dump.
 * @tree: of tsearch()
 * @last: the one that was looked for last, or NULL
 */
struct known {
	void *tree;
	struct process *last;
};

static int by_pid(const void *left, const void *right)
{
	const struct process *a = left, *b = right;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

static struct process *find(struct known *known, __u32 pid)
{
	struct process wanted = { .pid = pid }, **node;

	if (known->last && known->last->pid == pid)
		return known->last;
	node = tfind(&wanted, &known->tree, by_pid);
	if (!node)
		return NULL;
	known->last = *node;
	return *node;
}

static struct process *find_or_add(struct known *known, __u32 pid)
{
	struct process *process = find(known, pid);

	if (process)
		return process;
	process = xcalloc(1, sizeof(*process));
	process->pid = pid;
	if (!tsearch(process, &known->tree, by_pid))
		exit(complain(STATUS_FAILED, "out of memory"));
	known->last = process;
	return process;
}

/* What a process has, changed to @str unless it is that already. */
static char *update(char **text, const char *str)
{
	if (!*text || !str || strcmp(*text, str)) {
		text_free(*text);
		*text = text_new(str);
	}
	return text_share(*text);
}

/**
 * known_add() - Name a process in full.
 * @known: processes so far; made if there are none
 * @owner: has the user id, and the pid, or 0 for a process that cannot be known
 *	again; gets the strings
 * @comm: command name, or NULL
 * @exe: path of the executable, or NULL
 * @cgroup: path of the cgroup, or NULL
 */
void known_add(struct known **known, struct owner *owner, const char *comm,
	       const char *exe, const char *cgroup)
{
	struct process *process;

	if (!*known)
		*known = xcalloc(1, sizeof(**known));
	process = find_or_add(*known, owner->pid);
	process->uid = owner->uid;
	owner->comm = update(&process->comm, comm);
	owner->exe = update(&process->exe, exe);
	owner->cgroup = update(&process->cgroup, cgroup);
}

/**
 * known_repeat() - Name a process again.
 * @known: processes so far, or NULL
 * @owner: has the pid; gets all else but the descriptor
 *
 * Return: 0, or a negative error of libnl if it was not named before.
 */
int known_repeat(struct known *known, struct owner *owner)
{
	struct process *process;

	process = known && owner->pid ? find(known, owner->pid) : NULL;
	if (!process)
		return -NLE_MISSING_ATTR;
	owner->uid = process->uid;
	owner->comm = text_share(process->comm);
	owner->exe = text_share(process->exe);
	owner->cgroup = text_share(process->cgroup);
	return 0;
}

static void forget(void *node)
{
	struct process *process = node;

	text_free(process->comm);
	text_free(process->exe);
	text_free(process->cgroup);
	free(process);
}

/**
 * known_free() - Forget all processes.
 * @known: processes, or NULL
 */
void known_free(struct known *known)
{
	if (!known)
		return;
	tdestroy(known->tree, forget);
	free(known);
}
