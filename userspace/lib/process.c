// SPDX-License-Identifier: GPL-2.0
/* Process details from /proc. */

#include <stdlib.h>
#include <string.h>

#include "lib/host.h"
#include "lib/process.h"
#include "lib/util.h"

/**
 * process_comm() - The command name of a process.
 * @pid: the process, or 0
 *
 * Return: the name, to be freed; NULL if it is not known.
 */
char *process_comm(__u32 pid)
{
	size_t len = 0;
	char *comm = pid ? host_proc(pid, "comm", &len) : NULL;

	if (comm)
		comm[strcspn(comm, "\n")] = '\0';
	return comm;
}

/* Pids are reused, so the name must match. */
static bool has_name(__u32 pid, const char *comm)
{
	char *name = process_comm(pid);
	bool fits = name && comm && !strcmp(name, comm);

	free(name);
	return fits;
}

static struct process_words words_of(__u32 pid, const char *comm,
				     const char *file)
{
	struct process_words words = { 0 };

	if (has_name(pid, comm))
		words.bytes = host_proc(pid, file, &words.len);
	return words;
}

/**
 * process_args() - The command line of a process.
 * @pid: the process, or 0
 * @comm: its command name; the pid may have been reused
 *
 * Return: the words; their bytes are to be freed.
 */
struct process_words process_args(__u32 pid, const char *comm)
{
	return words_of(pid, comm, "cmdline");
}

/**
 * process_environ() - The initial environment of a process.
 * @pid: the process, or 0
 * @comm: its command name; the pid may have been reused
 *
 * Return: the variables; their bytes are to be freed.
 */
struct process_words process_environ(__u32 pid, const char *comm)
{
	return words_of(pid, comm, "environ");
}

/**
 * process_next() - Iterate over words.
 * @words: the words
 * @word: the current word, or NULL to begin
 *
 * Return: the next word, or NULL at the end.
 */
const char *process_next(const struct process_words *words, const char *word)
{
	const char *next = word ? word + strlen(word) + 1 : words->bytes;

	return next && next < words->bytes + words->len ? next : NULL;
}

/**
 * process_option() - Find the value of an option in a command line.
 * @args: the command line
 * @option: the option, without the dashes
 *
 * Return: the word after "-option" or "--option", or what follows
 * "--option="; NULL if there is none.
 */
const char *process_option(const struct process_words *args, const char *option)
{
	size_t len = strlen(option);
	const char *arg = NULL, *name;

	while ((arg = process_next(args, arg))) {
		name = arg + strspn(arg, "-");
		if (name == arg || strncmp(name, option, len))
			continue;
		if (!name[len])
			return process_next(args, arg);
		if (name[len] == '=')
			return name + len + 1;
	}
	return NULL;
}

/* The rest of a line in /proc/PID/status, to be freed; NULL if there is none. */
static char *status_of(__u32 pid, const char *key)
{
	size_t len = 0;
	char *status = pid ? host_proc(pid, "status", &len) : NULL;
	char *line = status ? strstr(status, key) : NULL;

	if (line) {
		line += strlen(key);
		line = xasprintf("%.*s", (int)strcspn(line, "\n"), line);
	}
	free(status);
	return line;
}

/* The number in such a line, or 0. */
static __u32 status_number(__u32 pid, const char *key)
{
	char *line = status_of(pid, key);
	__u64 number = 0;

	if (line)
		number_parse(line, strlen(line), 1, 0xffffffff, &number);
	free(line);
	return number;
}

/**
 * process_parent() - The parent of a process.
 * @pid: the process
 *
 * Return: its process id, or 0 if it is not known.
 */
__u32 process_parent(__u32 pid)
{
	return status_number(pid, "\nPPid:\t");
}

/**
 * process_is_suspended() - Was a process stopped, as by Ctrl-Z?
 * @pid: the process
 *
 * Such a process acts on a signal, other than SIGKILL, when it is continued.
 *
 * Return: true if it was; false if it is not known.
 */
bool process_is_suspended(__u32 pid)
{
	char *state = status_of(pid, "\nState:\t");
	bool suspended = state && *state == 'T';

	free(state);
	return suspended;
}

/**
 * process_runs() - Has a process not ended yet?
 * @pid: the process, or 0
 * @comm: its command name; the pid may have been reused
 *
 * Return: false if it has, even if its parent has not noticed (a zombie), or if
 * it is not known.
 */
bool process_runs(__u32 pid, const char *comm)
{
	char *state = has_name(pid, comm) ? status_of(pid, "\nState:\t") : NULL;
	bool runs = state && !strchr("ZX", *state);

	free(state);
	return runs;
}

/**
 * process_ignores() - Does a process ignore a signal?
 * @pid: the process
 * @sig: the signal
 *
 * Return: true if it does; false if it is not known.
 */
bool process_ignores(__u32 pid, int sig)
{
	char *mask = status_of(pid, "\nSigIgn:\t");
	bool ignores = mask && strtoull(mask, NULL, 16) >> (sig - 1) & 1;

	free(mask);
	return ignores;
}

/**
 * process_stopped_by() - What has stopped a process to look into it?
 * @pid: the process
 *
 * Return: the process id of the debugger, or 0 if there is none.
 */
__u32 process_stopped_by(__u32 pid)
{
	char *state = status_of(pid, "\nState:\t");
	__u32 tracer = state && *state == 't' ?
			       status_number(pid, "\nTracerPid:\t") : 0;

	free(state);
	return tracer;
}
