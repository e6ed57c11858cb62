// SPDX-License-Identifier: GPL-2.0
/* Do two processes run the same program, or only the same interpreter? */

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "explain/stop_priv.h"
#include "lib/process.h"
#include "lib/util.h"

/* Run many programs: the same executable does not mean the same program. */
#define INTERPRETERS							\
	"@(python|node|nodejs|perl|ruby|java|php|php-fpm|bash|sh|dash|"	\
	"zsh|ksh|busybox|lua|luajit|Rscript|mono|dotnet|deno|bun|tclsh|" \
	"guile|erl|beam.smp|escript|gjs|racket|sbcl|R|uwsgi|coreutils)"	\
	"*(-)*([0-9.])?([dt])?(-dbg)?( [(]deleted[)])"

static bool is_interpreter(const char *exe)
{
	const char *slash = exe ? strrchr(exe, '/') : NULL;

	return slash && !fnmatch(INTERPRETERS, slash + 1, FNM_EXTMATCH);
}

/* Options followed by the program to run. */
static bool names_script(const char *arg)
{
	return !strcmp(arg, "-m") || !strcmp(arg, "-jar") ||
	       !strcmp(arg, "-c") || !strcmp(arg, "-e");
}

/* The program that an interpreter runs; NULL if unknown. */
static const char *script_of(const struct process_words *args)
{
	const char *arg = process_next(args, NULL);

	while (arg && (arg = process_next(args, arg)))
		if (names_script(arg))
			return process_next(args, arg);
		else if (*arg != '-')
			return arg;
	return NULL;
}

static bool same_script(const struct reject *reject, const struct owner *owner)
{
	struct process_words ours = process_args(reject->pid, reject->comm);
	struct process_words theirs = process_args(owner->pid, owner->comm);
	const char *one = script_of(&ours), *other = script_of(&theirs);
	bool same = one && other && !strcmp(one, other);

	free(ours.bytes);
	free(theirs.bytes);
	return same;
}

/**
 * program_is_same() - Does the holder run the program that was refused?
 * @reject: the refusal
 * @owner: the holder
 *
 * The most frequent case: the program was started twice.
 *
 * Return: true if it is known to.
 */
bool program_is_same(const struct reject *reject, const struct owner *owner)
{
	if (is_interpreter(reject->exe) || is_interpreter(owner->exe))
		return reject->exe && owner->exe &&
		       !strcmp(reject->exe, owner->exe) &&
		       same_script(reject, owner);
	if (reject->exe && owner->exe)
		return !strcmp(reject->exe, owner->exe);
	return false;
}
