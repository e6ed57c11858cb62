// SPDX-License-Identifier: GPL-2.0
/* Do two processes run the same program, or only the same interpreter? */

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "explain/stop_priv.h"
#include "lib/host.h"
#include "lib/process.h"
#include "lib/util.h"

/* What may follow the name of an interpreter: versions, builds, an upgrade. */
#define VARIANT "*(-)*([0-9.])?([dt])?(-dbg)*( [(]deleted[)])"

/**
 * struct interpreter - Where an interpreter's command line has the program.
 * @name: pattern for the name of the executable, before @VARIANT
 * @valued: options that are followed by a word of their own
 * @named: options that are followed by the program: a name, or its text
 * @commands: words that come before the program
 *
 * In the lists, each word has a blank on both sides. Without any, an option
 * leaves the program unknown, since a word after it may be its value.
 */
struct interpreter {
	const char *name;
	const char *valued;
	const char *named;
	const char *commands;
};

static const struct interpreter interpreters[] = {
	{ "java",
	  " -cp -classpath --class-path -p --module-path --add-opens "
	  "--add-exports --add-reads --add-modules --limit-modules "
	  "--upgrade-module-path --patch-module --enable-native-access "
	  "--source ",
	  " -m --module -jar ", NULL },
	{ "node?(js)",
	  " -r --require --import --loader --experimental-loader -C "
	  "--conditions --env-file --inspect-port --title ",
	  " -e --eval -p --print -pe ", NULL },
	{ "@(python|pypy)", " -W -X --check-hash-based-pycs ", " -m -c ", NULL },
	{ "perl", " -I ", " -e -E ", NULL },
	{ "ruby", " -I -r -C -E ", " -e ", NULL },
	{ "php", " -d -c -z -t -S --define --php-ini --docroot --server ",
	  " -r --run -f --file ", NULL },
	{ "deno",
	  " -c --config --import-map --cert --location --seed --ext -L "
	  "--log-level --port --host ",
	  NULL, " run serve task " },
	{ "bun", " --cwd -c --config -r --preload --port ", " -e --eval ",
	  " run x " },
	{ "dotnet",
	  " --runtimeconfig --depsfile --additionalprobingpath --fx-version "
	  "--roll-forward ",
	  NULL, " exec run " },
	{ "@(bash|sh|dash|zsh|ksh)", " -o +o -O +O --rcfile --init-file ",
	  " -c ", NULL },
	{ "lua?(jit)", " -l ", " -e ", NULL },
	{ "@(php-fpm|Rscript|R|mono|tclsh|guile|erl|beam.smp|escript|gjs|"
	  "racket|sbcl|uwsgi|pwsh)",
	  NULL, NULL, NULL },
};

/* Many programs in one executable. */
#define MULTI_CALL "@(busybox|toybox|coreutils)*"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const struct interpreter *interpreter_of(const char *exe)
{
	const struct interpreter *found = NULL;
	char *pattern;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(interpreters) && !found; i++) {
		pattern = xasprintf("%s" VARIANT, interpreters[i].name);
		if (!fnmatch(pattern, base_name(exe), FNM_EXTMATCH))
			found = &interpreters[i];
		free(pattern);
	}
	return found;
}

static bool lists(const char *list, const char *word)
{
	char *padded = xasprintf(" %s ", word);
	bool found = list && strstr(list, padded);

	free(padded);
	return found;
}

/*
 * The word of the command line that says what is run; NULL if it is not known,
 * as for a dash, which stands for standard input.
 */
static const char *script_of(const struct interpreter *in,
			     const struct process_words *args)
{
	const char *arg = process_next(args, NULL), *commands = in->commands;

	while (arg && (arg = process_next(args, arg))) {
		if (lists(in->named, arg) || !strcmp(arg, "--"))
			return process_next(args, arg);
		if (lists(in->valued, arg))
			arg = process_next(args, arg);
		else if (*arg == '-' && (!in->valued || !arg[1]))
			return NULL;
		else if (*arg != '-' && !lists(commands, arg))
			return arg;
		else if (*arg != '-')
			commands = NULL;
	}
	return NULL;
}

/* The name of a program in an executable that has many. */
static const char *applet_of(const struct process_words *args)
{
	const char *arg = process_next(args, NULL);

	if (arg && !fnmatch(MULTI_CALL, base_name(arg), FNM_EXTMATCH))
		arg = process_next(args, arg);
	return arg ? base_name(arg) : NULL;
}

/* With NULL for the interpreter, it is the name of an applet that counts. */
static bool same_script(const struct interpreter *in,
			const struct reject *reject, const struct owner *owner)
{
	struct process_words ours = process_args(reject->pid, reject->comm);
	struct process_words theirs = process_args(owner->pid, owner->comm);
	const char *one = in ? script_of(in, &ours) : applet_of(&ours);
	const char *other = in ? script_of(in, &theirs) : applet_of(&theirs);
	bool same = one && other && !strcmp(one, other);

	free(ours.bytes);
	free(theirs.bytes);
	return same;
}

/*
 * A script of that name may be another one elsewhere, and a launcher, such as
 * gunicorn or npm, may run another project.
 */
static bool in_same_folder(const struct reject *reject,
			   const struct owner *owner)
{
	char *one = host_link(reject->pid, "cwd");
	char *other = host_link(owner->pid, "cwd");
	bool same = !one || !other || !strcmp(one, other);

	free(one);
	free(other);
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
	const struct interpreter *in;

	if (!reject->exe || !owner->exe || strcmp(reject->exe, owner->exe))
		return false;
	in = interpreter_of(owner->exe);
	if (in)
		return same_script(in, reject, owner) &&
		       in_same_folder(reject, owner);
	return fnmatch(MULTI_CALL, base_name(owner->exe), FNM_EXTMATCH) ||
	       same_script(NULL, reject, owner);
}
