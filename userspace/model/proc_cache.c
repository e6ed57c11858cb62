// SPDX-License-Identifier: GPL-2.0
/*
 * Processes named in a dump. All owners share their strings. When a process
 * occurs again, the module sends only its pid, which is looked up here.
 */

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/errno.h>

#include "lib/util.h"
#include "model/proc_cache.h"
#include "model/refstr.h"

/**
 * struct process - A process, as last described.
 * @pid: the key
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
 * struct proc_cache - All processes of a dump.
 * @tree: root for tsearch()
 * @last: the process looked up last, or NULL
 */
struct proc_cache {
	void *tree;
	struct process *last;
};

static int by_pid(const void *left, const void *right)
{
	const struct process *a = left, *b = right;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

static struct process *find(struct proc_cache *cache, __u32 pid)
{
	struct process wanted = { .pid = pid }, **node;

	if (cache->last && cache->last->pid == pid)
		return cache->last;
	node = tfind(&wanted, &cache->tree, by_pid);
	if (!node)
		return NULL;
	cache->last = *node;
	return *node;
}

static struct process *find_or_add(struct proc_cache *cache, __u32 pid)
{
	struct process *process = find(cache, pid);

	if (process)
		return process;
	process = xcalloc(1, sizeof(*process));
	process->pid = pid;
	if (!tsearch(process, &cache->tree, by_pid))
		exit(complain(STATUS_FAILED, "out of memory"));
	cache->last = process;
	return process;
}

/* Replace a string unless it is the same; return a further reference to it. */
static char *update(char **text, const char *str)
{
	if (!*text || !str || strcmp(*text, str)) {
		refstr_free(*text);
		*text = refstr_new(str);
	}
	return refstr_share(*text);
}

/**
 * proc_cache_add() - Add a process, and set the strings of an owner.
 * @cache: processes so far; allocated if NULL
 * @owner: its user id and pid are set, the latter to 0 if not known; gets the
 *	strings
 * @comm: command name, or NULL
 * @exe: path of the executable, or NULL
 * @cgroup: path of the cgroup, or NULL
 */
void proc_cache_add(struct proc_cache **cache, struct owner *owner,
		    const char *comm, const char *exe, const char *cgroup)
{
	struct process *process;

	if (!*cache)
		*cache = xcalloc(1, sizeof(**cache));
	process = find_or_add(*cache, owner->pid);
	process->uid = owner->uid;
	owner->comm = update(&process->comm, comm);
	owner->exe = update(&process->exe, exe);
	owner->cgroup = update(&process->cgroup, cgroup);
}

/**
 * proc_cache_repeat() - Fill in an owner from a process described before.
 * @cache: processes so far, or NULL
 * @owner: its pid is set; gets the rest, except the descriptor
 *
 * Return: 0, or a negative libnl error if the process is unknown.
 */
int proc_cache_repeat(struct proc_cache *cache, struct owner *owner)
{
	struct process *process;

	process = cache && owner->pid ? find(cache, owner->pid) : NULL;
	if (!process)
		return -NLE_MISSING_ATTR;
	owner->uid = process->uid;
	owner->comm = refstr_share(process->comm);
	owner->exe = refstr_share(process->exe);
	owner->cgroup = refstr_share(process->cgroup);
	return 0;
}

static void forget(void *node)
{
	struct process *process = node;

	refstr_free(process->comm);
	refstr_free(process->exe);
	refstr_free(process->cgroup);
	free(process);
}

/**
 * proc_cache_free() - Free all processes.
 * @cache: processes, or NULL
 */
void proc_cache_free(struct proc_cache *cache)
{
	if (!cache)
		return;
	tdestroy(cache->tree, forget);
	free(cache);
}
