// SPDX-License-Identifier: GPL-2.0
/* Do two processes run the same program, or only the same interpreter? */

#include <stdlib.h>
#include <string.h>

#include "explain/program.h"
#include "lib/host.h"
#include "lib/interpreter.h"

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

/*
 * Compare what an interpreter runs in both: 0 if it is the same, less than 0 if
 * that is not known.
 */
static int compare_scripts(const struct reject *reject,
			   const struct owner *owner)
{
	char *one = interpreter_program(reject->exe, reject->pid, reject->comm);
	char *other = interpreter_program(owner->exe, owner->pid, owner->comm);
	int differ = one && other ? !!strcmp(one, other) : -1;

	free(other);
	free(one);
	return differ;
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
	if (!reject->exe || !owner->exe || strcmp(reject->exe, owner->exe))
		return false;
	if (!interpreter_is(owner->exe))
		return true;
	return !compare_scripts(reject, owner) &&
	       (interpreter_is_multi_call(owner->exe) ||
		in_same_folder(reject, owner));
}

/**
 * program_is_other() - Do the two run different programs by an interpreter?
 * @reject: the refusal
 * @owner: the holder, with the same executable
 *
 * Return: true if they are known to.
 */
bool program_is_other(const struct reject *reject, const struct owner *owner)
{
	return compare_scripts(reject, owner) > 0;
}
