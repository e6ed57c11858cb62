// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that start others again when these end, and are no service that is
 * recognised by its name: ending only what they started does not free the port
 * for long.
 */

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "explain/restarter.h"
#include "lib/exe.h"
#include "lib/host.h"
#include "lib/process.h"
#include "lib/util.h"
#include "print/phrase.h"

/* Names of programs or of their scripts, or titles that they set. */
#define NAMES								\
	"@(nodemon|forever|watchexec|entr|reflex|air|ts-node-dev|"	\
	"watchmedo|supervisord|monit|runsv|s6-supervise|supervise|"	\
	"circusd|foreman|honcho|overmind|hivemind)?(.js|.py)"
#define TITLES	"PM2 *God Daemon*"

/* A shell and a launcher, such as npm, may be in between. */
#define GENERATIONS	3

/* The program is the first word of the command line, or the script after it. */
static bool restarts(const struct process_words *args)
{
	const char *arg = NULL;
	size_t i;

	for (i = 0; i < 2 && (arg = process_next(args, arg)); i++)
		if (!fnmatch(NAMES, exe_name(arg), FNM_EXTMATCH) ||
		    !fnmatch(TITLES, arg, 0))
			return true;
	return false;
}

static char *comm_of(__u32 pid)
{
	size_t len = 0;
	char *comm = pid ? host_proc(pid, "comm", &len) : NULL;

	if (comm)
		comm[strcspn(comm, "\n")] = '\0';
	return comm;
}

/**
 * restarter_of() - What would start a process again if it ended?
 * @owner: the process
 *
 * Return: the phrase, to be freed; NULL if nothing is known to.
 */
char *restarter_of(const struct owner *owner)
{
	struct process_words args;
	__u32 pid = owner->pid;
	char *words = NULL, *comm;
	size_t i;

	for (i = 0; i < GENERATIONS && pid && !words; i++) {
		pid = process_parent(pid);
		comm = comm_of(pid);
		if (!comm)
			break;
		args = process_args(pid, comm);
		if (restarts(&args))
			words = phrase_process(comm, pid);
		free(args.bytes);
		free(comm);
	}
	return words;
}
