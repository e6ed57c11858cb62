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
#include "explain/service.h"
#include "lib/escape.h"
#include "lib/exe.h"
#include "lib/host.h"
#include "lib/process.h"
#include "lib/util.h"

/* A shell and a launcher, such as npm, may be in between. */
#define GENERATIONS	3

/*
 * @name: name of the program or of its script
 * @title: title that it sets, or NULL
 * @hint: how to stop a program there, in words, or NULL
 * @command: command for that or that lists the names; %s is the directory it
 *	works in
 * @of_user: the command has to be run as its user
 * @alone: it runs only one program
 */
static const struct kind {
	const char *name;
	const char *title;
	const char *hint;
	const char *command;
	bool of_user;
	bool alone;
} kinds[] = {
	{ "pm2", "PM2 *God Daemon*",
	  " (pm2 stop NAME); this lists the names", "pm2 list", true, false },
	{ "supervisord", NULL, " (supervisorctl stop NAME); this lists the names",
	  "supervisorctl status", false, false },
	{ "monit", NULL, " (monit stop NAME); this lists the names",
	  "monit summary", false, false },
	{ "circusd", NULL, " (circusctl stop NAME); this lists the names",
	  "circusctl status", false, false },
	{ "supervise-daemon", NULL, " (rc-service NAME stop); this lists the names",
	  "rc-status --supervised", false, false },
	{ "runsv", NULL, NULL, "sv down %s", false, false },
	{ "s6-supervise", NULL, NULL, "s6-svc -d %s", false, false },
	{ "supervise", NULL, NULL, "svc -d %s", false, false },
	/* They run several programs, and end all of these if one ends. */
	{ "@(foreman|honcho|overmind|hivemind)", NULL, NULL, NULL, false, false },
	{ "@(nodemon|forever|watchexec|entr|reflex|air|ts-node-dev|watchmedo)",
	  NULL, NULL, NULL, false, true },
	/* Node.js runs the program in a second process then. */
	{ "--watch?(-path*|=*)", NULL, NULL, NULL, false, true },
	{ "autossh", NULL, NULL, NULL, false, true },
};

static bool is_kind(const struct kind *kind, const char *arg)
{
	char *pattern = xasprintf("@(%s)?(.js|.py)", kind->name);
	bool is = !fnmatch(pattern, exe_name(arg), FNM_EXTMATCH) ||
		  (kind->title && !fnmatch(kind->title, arg, 0));

	free(pattern);
	return is;
}

/* The program is the first word of the command line, or the script after it. */
static const struct kind *kind_of(const struct process_words *args)
{
	const char *arg = NULL;
	size_t i, k;

	for (i = 0; i < 2 && (arg = process_next(args, arg)); i++)
		for (k = 0; k < ARRAY_SIZE(kinds); k++)
			if (is_kind(&kinds[k], arg))
				return &kinds[k];
	return NULL;
}

/* NULL if there is none, or if the name of the directory is not a plain one. */
static char *command_of(const struct kind *kind, __u32 pid, __u32 uid)
{
	char *directory, *command = NULL;

	if (!kind->command)
		return NULL;
	if (kind->of_user)
		return service_as_user(uid, false, kind->command);
	if (!strstr(kind->command, "%s"))
		return xstrdup(kind->command);
	directory = host_link(pid, "cwd");
	if (directory && is_plain_word(directory, strlen(directory)))
		command = service_fill_in(kind->command, "%s", directory);
	free(directory);
	return command;
}

static void describe(const struct kind *kind, const struct owner *owner,
		     struct restarter *restarter)
{
	restarter->hint = kind->hint ?: "";
	restarter->command = command_of(kind, restarter->pid, owner->uid);
	restarter->alone = kind->alone;
}

/**
 * restarter_is() - Does a process itself run others, and start them again?
 * @owner: the process
 * @restarter: set to it if it does; to be passed to restarter_forget()
 *
 * Return: true if it does, and runs more than one.
 */
bool restarter_is(const struct owner *owner, struct restarter *restarter)
{
	struct process_words args = process_args(owner->pid, owner->comm);
	const struct kind *kind = kind_of(&args);

	free(args.bytes);
	memset(restarter, 0, sizeof(*restarter));
	if (!kind || !kind->hint)
		return false;
	restarter->pid = owner->pid;
	restarter->comm = xstrdup(owner->comm);
	describe(kind, owner, restarter);
	return true;
}

/**
 * restarter_find() - What would start a process again if it ended?
 * @owner: the process
 * @restarter: set to that, or to nothing if nothing is known to; to be passed
 *	to restarter_forget()
 */
void restarter_find(const struct owner *owner, struct restarter *restarter)
{
	const struct kind *kind = NULL;
	struct process_words args;
	__u32 pid = owner->pid;
	char *comm;
	size_t i;

	memset(restarter, 0, sizeof(*restarter));
	for (i = 0; i < GENERATIONS && pid; i++) {
		pid = process_parent(pid);
		comm = process_comm(pid);
		if (!comm)
			return;
		args = process_args(pid, comm);
		kind = kind_of(&args);
		free(args.bytes);
		if (kind)
			break;
		free(comm);
	}
	if (!kind)
		return;
	restarter->pid = pid;
	restarter->comm = comm;
	describe(kind, owner, restarter);
}

/**
 * restarter_forget() - Free what was found.
 * @restarter: what restarter_is() or restarter_find() found
 */
void restarter_forget(struct restarter *restarter)
{
	free(restarter->comm);
	free(restarter->command);
	memset(restarter, 0, sizeof(*restarter));
}
