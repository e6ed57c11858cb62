// SPDX-License-Identifier: GPL-2.0
/* Options that one command has. */

#include <argp.h>
#include <stdarg.h>
#include <stdio.h>

#include "options.h"
#include "options_priv.h"
#include "util.h"
#include "when.h"

static const struct argp_option log_options[] = {
	{ 0, 0, 0, 0, "Options of log:", 0 },
	{ "follow", 'f', 0, 0, "go on with rejects as they happen", 0 },
	{ "since", KEY_SINCE, "TIME", 0,
	  "only from then on: RFC 3339, @EPOCH, or 30s, 10m, 2h, 1d ago", 0 },
	{ 0 }
};

static const struct argp_option check_options[] = {
	{ 0, 0, 0, 0, "Options of check, and --uid:", 0 },
	{ "reuseaddr", KEY_REUSEADDR, 0, 0, "with SO_REUSEADDR", 0 },
	{ "reuseport", KEY_REUSEPORT, 0, 0, "with SO_REUSEPORT", 0 },
	{ "v6only", KEY_V6ONLY, 0, 0, "with IPV6_V6ONLY", 0 },
	{ "freebind", KEY_FREEBIND, 0, 0, "with IP_FREEBIND", 0 },
	{ "dev", KEY_DEV, "DEVICE", 0, "bound to this network device", 0 },
	{ "listen", KEY_LISTEN, 0, 0, "listen() as well", 0 },
	{ 0 }
};

static const struct argp_option wait_options[] = {
	{ 0, 0, 0, 0, "Options of wait:", 0 },
	{ "listening", KEY_LISTENING, 0, 0,
	  "until somebody listens there (this is the default)", 0 },
	{ "bound", KEY_BOUND, 0, 0, "until somebody is bound there", 0 },
	{ "free", KEY_FREE, 0, 0, "until a server could have it", 0 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0, "but not longer", 0 },
	{ 0 }
};

/**
 * options_usage() - Say what is wrong with the command line.
 * @fmt: printf format, without a newline
 *
 * Return: STATUS_USAGE.
 */
int options_usage(const char *fmt, ...)
{
	va_list args;
	char text[512];

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return complain(STATUS_USAGE, "%s", text);
}

/**
 * options_note() - Remember that an option was given, for commands to object.
 * @o: where
 * @group: group of the option
 * @options: table that has it
 * @key: its key
 */
void options_note(struct options *o, enum option_group group,
		  const struct argp_option *options, int key)
{
	for (; options->name || options->doc; options++)
		if (options->key == key)
			o->used[group] = options->name;
}

static int parse_log(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'f':
		o->follow = true;
		break;
	case KEY_SINCE:
		if (!when_parse(arg, when_now(), &o->since_ns))
			return options_usage("--since '%s': must be like %s", arg,
				     "2030-01-31, 2030-01-31T12:00:00Z, @1900000000 or 10m");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	options_note(o, GROUP_LOG, log_options, key);
	return 0;
}

static int parse_check(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case KEY_REUSEADDR:
		o->bind.flags |= PORTOWNER_SOCK_FLAG_REUSEADDR;
		break;
	case KEY_REUSEPORT:
		o->bind.flags |= PORTOWNER_SOCK_FLAG_REUSEPORT;
		break;
	case KEY_V6ONLY:
		o->bind.flags |= PORTOWNER_SOCK_FLAG_V6ONLY;
		break;
	case KEY_FREEBIND:
		o->bind.flags |= PORTOWNER_SOCK_FLAG_FREEBIND;
		break;
	case KEY_DEV:
		o->bind.dev = arg;
		break;
	case KEY_LISTEN:
		o->bind.listen = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	options_note(o, GROUP_CHECK, check_options, key);
	return 0;
}

static int parse_wait_for(struct options *o, enum wait_for wait_for)
{
	if (o->used[GROUP_WAIT] && o->wait_for != wait_for)
		return options_usage("--listening, --bound and --free exclude each other");
	o->wait_for = wait_for;
	return 0;
}

static int parse_wait(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	int err;

	switch (key) {
	case KEY_LISTENING:
		err = parse_wait_for(o, WAIT_LISTENING);
		break;
	case KEY_BOUND:
		err = parse_wait_for(o, WAIT_BOUND);
		break;
	case KEY_FREE:
		err = parse_wait_for(o, WAIT_FREE);
		break;
	case KEY_TIMEOUT:
		if (!when_parse_seconds(arg, &o->timeout_ns))
			return options_usage("--timeout '%s': must be seconds, such as 10 or 0.5",
				     arg);
		o->has_timeout = true;
		o->used[GROUP_TIMEOUT] = "timeout";
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	options_note(o, GROUP_WAIT, wait_options, key);
	return err;
}

const struct argp log_argp = {
	.options = log_options,
	.parser = parse_log,
};

const struct argp check_argp = {
	.options = check_options,
	.parser = parse_check,
};

const struct argp wait_argp = {
	.options = wait_options,
	.parser = parse_wait,
};
