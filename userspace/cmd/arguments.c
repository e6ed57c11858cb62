// SPDX-License-Identifier: GPL-2.0
/* Arguments of options and commands: a process, a user, or a TARGET. */

#include <limits.h>
#include <netinet/in.h>
#include <pwd.h>
#include <string.h>

#include "cmd/options.h"
#include "lib/util.h"

/**
 * options_parse_pid() - Parse the argument of --pid.
 * @options: the process is set in its filter
 * @arg: process id
 *
 * Return: 0, or STATUS_USAGE after reporting the error.
 */
int options_parse_pid(struct options *options, const char *arg)
{
	__u64 pid;

	if (options->filter.pid)
		return complain(STATUS_USAGE, "--pid is given twice");
	if (!number_parse(arg, strlen(arg), 1, INT_MAX, &pid))
		return complain(STATUS_USAGE,
				"--pid '%s': must be a number from 1 to %d",
				arg, INT_MAX);
	options->filter.pid = pid;
	return 0;
}

/**
 * options_parse_uid() - Parse the argument of --uid.
 * @options: the user is set in its filter
 * @arg: name or id of a user
 *
 * Return: 0, or STATUS_USAGE after reporting the error.
 */
int options_parse_uid(struct options *options, const char *arg)
{
	struct passwd *pw = getpwnam(arg);
	__u64 uid;

	if (options->filter.has_uid)
		return complain(STATUS_USAGE, "--uid is given twice");
	/* UINT_MAX is (uid_t)-1, which is not a user. */
	if (pw)
		uid = pw->pw_uid;
	else if (!number_parse(arg, strlen(arg), 0, UINT_MAX - 1, &uid))
		return complain(STATUS_USAGE,
				"--uid '%s': neither a user name nor a user id",
				arg);
	options->filter.has_uid = true;
	options->filter.uid = uid;
	return 0;
}

/* Nothing could match both; ports of TCP are those of MPTCP, too. */
static bool contradicts(const struct target *target,
			const struct filter *filter)
{
	const struct filter protos = { .protos = filter->protos };
	const struct endpoint ep = { .proto = target->proto };

	return target->proto && !filter_wants_endpoint(&protos, &ep) &&
	       !(target->proto == IPPROTO_TCP &&
		 filter->protos & FILTER_MPTCP);
}

/**
 * options_target() - Parse a TARGET argument.
 * @options: the command line
 * @text: the argument
 * @parse: the parser
 * @target: set to it; its device is a name
 *
 * With --all-netns the device may be in another network namespace.
 *
 * Return: 0, or STATUS_USAGE after reporting the error.
 */
int options_target(const struct options *options, const char *text,
		   target_parser *parse, struct target *target)
{
	const char *why;

	if (!parse(target, text, &why))
		return complain(STATUS_USAGE, "'%s': %s", text, why);
	if (!target_find_dev(target) && !options->filter.all_netns)
		return complain(STATUS_USAGE, "'%s': no such device: '%s'",
				text, target->dev);
	if (contradicts(target, &options->filter))
		return complain(STATUS_USAGE,
				"'%s' contradicts --proto, -t or -u", text);
	return 0;
}

/**
 * options_target_single() - Parse a TARGET argument with a single port.
 * @options: the command line
 * @text: the argument
 * @parse: the parser
 * @target: set to it; its device is a name
 *
 * Return: 0, or STATUS_USAGE after reporting the error.
 */
int options_target_single(const struct options *options, const char *text,
			  target_parser *parse, struct target *target)
{
	int status = options_target(options, text, parse, target);

	if (!status && target->port != target->port_last)
		return complain(STATUS_USAGE,
				"'%s': one port is needed, not a range", text);
	return status;
}

/**
 * options_targets() - Parse all arguments as TARGETs.
 * @options: the command line
 * @targets: set to them; one per argument
 *
 * Return: 0, or STATUS_USAGE after reporting the error.
 */
int options_targets(const struct options *options, struct target *targets)
{
	int status = 0;
	size_t i;

	for (i = 0; i < options->n_args && !status; i++)
		status = options_target(options, options->args[i], target_parse,
					&targets[i]);
	return status;
}
