// SPDX-License-Identifier: GPL-2.0
/* portowner trace: each bind and listen as it happens. */

#include <string.h>

#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/stop.h"
#include "model/target.h"

/**
 * struct trace - State of the command.
 * @options: the command line
 * @target: the only wanted target, or NULL
 * @source: the source
 * @cursor: how far calls were read
 * @table: table of calls, unless printed as JSON
 */
struct trace {
	const struct options *options;
	const struct target *target;
	struct source *source;
	struct call_cursor cursor;
	struct table *table;
};

static const struct field * const call_columns[] = { call_fields, NULL };

static int choose_columns(const struct options *options,
			  struct columns *columns)
{
	static const char standard[] =
		"NETNS,TIME,OP,PROTO,ADDRESS,PORT,BOUND,RESULT,PROCESS,USER";
	size_t skip = options->filter.all_netns ? 0 : strlen("NETNS,");

	return columns_choose(columns, call_columns, standard + skip,
			      options->columns);
}

/* A port left to the kernel matches by the number it chose. */
static bool is_wanted(const struct reject *call, const void *arg)
{
	const struct trace *trace = arg;
	struct endpoint bound = call->ep;

	if (!filter_wants_reject(&trace->options->filter, call))
		return false;
	if (!trace->target || target_matches(trace->target, &call->ep))
		return true;
	bound.port = call->bound_port;
	return bound.port && target_matches(trace->target, &bound);
}

static void print(const struct trace *trace, const struct reject_list *list)
{
	if (trace->options->quiet)
		return;
	if (trace->options->json)
		print_calls_json_lines(list);
	else
		print_rejects_table(trace->table, list);
}

static void print_lost(const struct trace *trace)
{
	unsigned long long lost = trace->cursor.lost;

	if (lost && !trace->options->quiet)
		complain(STATUS_YES, "note: %llu call%s not shown: too many at once",
			 lost, lost > 1 ? "s are" : " is");
}

static int print_new(struct trace *trace)
{
	struct reject_list list = { 0 };
	int status = source_calls(trace->source, &trace->cursor, &list);

	if (!status) {
		print_lost(trace);
		reject_list_keep(&list, is_wanted, trace);
		print(trace, &list);
	}
	reject_list_clear(&list);
	return status;
}

static int follow(struct trace *trace)
{
	bool event = true;
	int status = 0;

	while (!status && event) {
		status = print_new(trace);
		/* Calls must not linger in our buffer. */
		if (!status && !flush_output())
			return STATUS_YES;
		if (!status)
			status = source_wait(trace->source, stop_fd(), -1,
					     &event);
	}
	return status;
}

static int trace_calls(struct trace *trace)
{
	int status = source_open(&trace->source, trace->options, KNOWS_CALLS);

	if (status)
		return status;
	/* ORDER: subscribe before the first query, or a call goes unnoticed. */
	status = stop_on_signals();
	if (!status)
		status = source_join(trace->source, EVENT_CALL,
				     trace->cursor.all_netns);
	if (!status)
		status = follow(trace);
	source_close(trace->source);
	return status;
}

static int run_trace(const struct options *options)
{
	struct trace trace = {
		.options = options,
		.cursor.all_netns = options->filter.all_netns,
	};
	struct columns columns;
	struct target target;
	int status;

	status = choose_columns(options, &columns);
	if (!status && options->n_args) {
		status = options_target(options, options->args[0],
					target_parse_wanted, &target);
		trace.target = &target;
	}
	if (status)
		return status;
	trace.table = table_new(&columns, &options->style);
	status = trace_calls(&trace);
	table_free(trace.table);
	return status;
}

const struct command cmd_trace = {
	.name = "trace",
	.run = run_trace,
	.sets = (const struct option_set * const[]) {
		&refused_options, &proto_options, &table_options,
		&time_options, NULL
	},
	.columns = call_columns,
	.max_args = 1,
	.args = "[TARGET]",
	.summary = "show each bind and listen as it happens",
	.help = "Show each bind and listen as it happens, whether or not it was refused: the\n"
		"process, the address and port it asked for, the port it got, and the result.\n"
		"With TARGET, show only calls that match. Ctrl-C ends it. Needs CAP_NET_ADMIN.\n",
	.exits = "  0  ended by a signal, or the reader of the output went away\n",
	.examples = "  portowner trace\n"
		    "  portowner trace tcp/8000-8100 -o +FLAGS,EXE\n"
		    "  portowner -A trace --comm java\n"
		    "  portowner trace --json | jq -c 'select(.errno) | [.comm, .port, .errno]'\n",
};
