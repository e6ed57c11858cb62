// SPDX-License-Identifier: GPL-2.0
/* Executables that run programs written by others, and which one they run. */

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "lib/exe.h"
#include "lib/interpreter.h"
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
	{ "@(awk|gawk|mawk|php-fpm|php-cgi|Rscript|R|mono|tclsh|guile|erl|"
	  "beam.smp|escript|gjs|racket|sbcl|uwsgi|pwsh|qemu-x86_64-static)",
	  NULL, NULL, NULL },
};

/* Many programs in one executable. */
#define MULTI_CALL "@(busybox|toybox|coreutils)*"

static const struct interpreter *find_interpreter(const char *exe)
{
	const struct interpreter *found = NULL;
	char *pattern;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(interpreters) && !found; i++) {
		pattern = xasprintf("%s" VARIANT, interpreters[i].name);
		if (!fnmatch(pattern, exe_name(exe), FNM_EXTMATCH))
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

	if (arg && !fnmatch(MULTI_CALL, exe_name(arg), FNM_EXTMATCH))
		arg = process_next(args, arg);
	return arg ? exe_name(arg) : NULL;
}

/**
 * interpreter_is_multi_call() - Does an executable contain many programs?
 * @exe: its path
 *
 * Return: true if it is known to, such as busybox.
 */
bool interpreter_is_multi_call(const char *exe)
{
	return !fnmatch(MULTI_CALL, exe_name(exe), FNM_EXTMATCH);
}

/**
 * interpreter_is() - Does an executable run any program?
 * @exe: its path
 *
 * What is granted to it is granted to all that it runs.
 *
 * Return: true if it is known to.
 */
bool interpreter_is(const char *exe)
{
	return find_interpreter(exe) || interpreter_is_multi_call(exe);
}

/**
 * interpreter_program() - The program that a process runs by an interpreter.
 * @exe: path of its executable
 * @pid: the process, or 0
 * @comm: its command name; the pid may have been reused
 *
 * Return: the word of its command line that says so: a path, the name of a
 * module, class or applet, or the program itself; to be freed. NULL if it is not
 * known.
 */
char *interpreter_program(const char *exe, __u32 pid, const char *comm)
{
	const struct interpreter *in = find_interpreter(exe);
	struct process_words args = process_args(pid, comm);
	const char *word = NULL;
	char *program;

	if (in)
		word = script_of(in, &args);
	else if (interpreter_is_multi_call(exe))
		word = applet_of(&args);
	program = xstrdup(word);
	free(args.bytes);
	return program;
}
