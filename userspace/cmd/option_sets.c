// SPDX-License-Identifier: GPL-2.0
/* Options shared by several commands, and what each of them sets. */

#include <netinet/in.h>
#include <string.h>

#include "cmd/options.h"
#include "lib/util.h"
#include "model/enums.h"

/* Ends argp's parsing; no errno and no exit status. */
#define STOP	-1

enum {
	KEY_NO_HEADINGS = OPTION_LONG_ONLY,
	KEY_RAW,
	KEY_OUTPUT_ALL,
	KEY_LIST_COLUMNS,
	KEY_TIME,
	KEY_COLOR,
	KEY_SOURCE,
	KEY_PROTO,
	KEY_PID,
	KEY_COMM,
	KEY_UNIT,
	KEY_UID,
};

/* Find a word in a list, and set its index. */
static bool parse_word(const char * const *words, size_t n, const char *word,
		       unsigned int *index)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(word, words[i]))
			continue;
		*index = i;
		return true;
	}
	return false;
}

static int parse_color(struct options *o, const char *when)
{
	static const char * const names[] = {
		[COLOR_AUTO] = "auto",
		[COLOR_ALWAYS] = "always",
		[COLOR_NEVER] = "never",
	};

	if (parse_word(names, ARRAY_SIZE(names), when, &o->color))
		return 0;
	return complain(STATUS_USAGE,
			"--color '%s': must be auto, always or never", when);
}

static int parse_source(struct options *o, const char *from)
{
	static const char * const names[] = {
		[SOURCE_AUTO] = "auto",
		[SOURCE_MODULE] = "module",
		[SOURCE_DIAG] = "diag",
	};

	if (parse_word(names, ARRAY_SIZE(names), from, &o->from))
		return 0;
	return complain(STATUS_USAGE,
			"--source '%s': must be auto, module or diag", from);
}

static int parse_global(struct options *o, int key, char *arg)
{
	switch (key) {
	case 'J':
		o->json = true;
		break;
	case 'n':
		o->style.numeric = true;
		break;
	case 'A':
		o->filter.all_netns = true;
		break;
	case 'o':
		o->columns = arg;
		break;
	case KEY_NO_HEADINGS:
		o->style.headings = false;
		break;
	case KEY_COLOR:
		return parse_color(o, arg);
	case 'q':
		o->quiet = true;
		break;
	case KEY_SOURCE:
		return parse_source(o, arg);
	case 'V':
		o->version = true;
		return STOP;
	case 'h':
		o->help = true;
		return STOP;
	}
	return 0;
}

const struct option_set global_options = {
	.heading = "Options of every command:",
	.options = (const struct argp_option[]) {
		{ "json", 'J', 0, 0, "print JSON", 0 },
		{ "numeric", 'n', 0, 0,
		  "print numbers instead of user, namespace and service names",
		  0 },
		{ "all-netns", 'A', 0, 0, "cover all network namespaces", 0 },
		{ "output", 'o', "COLS", 0,
		  "choose columns; +COLS adds some, 'help' lists them",
		  0 },
		/* Accepted by every command; the help lists it with table options. */
		{ "no-headings", KEY_NO_HEADINGS, 0, OPTION_HIDDEN, 0, 0 },
		{ "noheadings", 0, 0, OPTION_ALIAS, 0, 0 },
		{ "color", KEY_COLOR, "WHEN", 0,
		  "use colours: auto, always or never", 0 },
		{ "quiet", 'q', 0, 0,
		  "print nothing, only set the exit status", 0 },
		{ "source", KEY_SOURCE, "FROM", 0,
		  "what to query: auto, module or diag", 0 },
		{ "version", 'V', 0, 0, "print the version", 0 },
		{ "help", 'h', 0, 0,
		  "print this, or the page of a command; see portowner(8)",
		  0 },
		{ 0 }
	},
	.parse = parse_global,
};

static int parse_time(struct options *o, const char *format)
{
	o->style.iso_time = !strcmp(format, "iso");
	if (!o->style.iso_time && strcmp(format, "short"))
		return complain(STATUS_USAGE,
				"--time '%s': must be short or iso", format);
	return 0;
}

static int parse_table(struct options *o, int key, char *arg)
{
	switch (key) {
	case KEY_RAW:
		o->style.raw = true;
		break;
	case KEY_OUTPUT_ALL:
		o->columns = COLUMNS_ALL;
		break;
	case KEY_LIST_COLUMNS:
		o->columns = COLUMNS_HELP;
		break;
	case KEY_TIME:
		return parse_time(o, arg);
	}
	return 0;
}

const struct option_set table_options = {
	.heading = "Tables:",
	.options = (const struct argp_option[]) {
		{ "output-all", KEY_OUTPUT_ALL, 0, 0, "all columns", 0 },
		{ "list-columns", KEY_LIST_COLUMNS, 0, 0,
		  "list the columns, as '-o help' does", 0 },
		{ "raw", KEY_RAW, 0, 0, "one blank between columns, for programs",
		  0 },
		/* For the help. argp takes that of global_options, which is first. */
		{ "no-headings", KEY_NO_HEADINGS, 0, 0, "omit the header line", 0 },
		{ 0 }
	},
	.parse = parse_table,
};

const struct option_set time_options = {
	.heading = "Times:",
	.options = (const struct argp_option[]) {
		{ "time", KEY_TIME, "FORMAT", 0,
		  "short (default), or iso: RFC 3339 to the nanosecond", 0 },
		{ 0 }
	},
	.parse = parse_table,
};

static int parse_proto(struct options *o, int key, char *arg)
{
	switch (key) {
	case 't':
		filter_add_proto(&o->filter, IPPROTO_TCP);
		break;
	case 'u':
		filter_add_proto(&o->filter, IPPROTO_UDP);
		break;
	case '4':
		o->filter.families |= FILTER_INET;
		break;
	case '6':
		o->filter.families |= FILTER_INET6;
		break;
	case KEY_PROTO:
		if (!filter_add_protos(&o->filter, arg))
			return complain(STATUS_USAGE,
					"--proto '%s': must be " PROTOS_ASKED,
					arg);
		break;
	}
	return 0;
}

const struct option_set proto_options = {
	.heading = "Protocol and address family:",
	.options = (const struct argp_option[]) {
		{ "tcp", 't', 0, 0, "TCP and MPTCP", 0 },
		{ "udp", 'u', 0, 0, "UDP", 0 },
		{ "proto", KEY_PROTO, "LIST", 0, PROTOS_ASKED, 0 },
		{ "ipv4", '4', 0, 0, "IPv4", 0 },
		{ "ipv6", '6', 0, 0, "IPv6", 0 },
		{ 0 }
	},
	.parse = parse_proto,
};

static int parse_name(const char **name, const char *option, const char *arg)
{
	if (*name)
		return complain(STATUS_USAGE, "--%s is given twice", option);
	*name = arg;
	return 0;
}

static int parse_refused(struct options *o, int key, char *arg)
{
	switch (key) {
	case KEY_PID:
		return options_parse_pid(o, arg);
	case KEY_COMM:
		return parse_name(&o->filter.comm, "comm", arg);
	case KEY_UNIT:
		return parse_name(&o->filter.unit, "unit", arg);
	case KEY_UID:
		return options_parse_uid(o, arg);
	}
	return 0;
}

const struct option_set refused_options = {
	.heading = "The process that asked:",
	.options = (const struct argp_option[]) {
		{ "pid", KEY_PID, "PID", 0, "this process", 0 },
		{ "comm", KEY_COMM, "NAME", 0, "processes with this name", 0 },
		{ "unit", KEY_UNIT, "NAME", 0,
		  "processes of this systemd unit, or of container:ID", 0 },
		{ "uid", KEY_UID, "UID", 0, "processes of this user", 0 },
		{ 0 }
	},
	.parse = parse_refused,
};
