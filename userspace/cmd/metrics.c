// SPDX-License-Identifier: GPL-2.0
/* portowner metrics: sockets and counters for Prometheus. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/open.h"
#include "lib/file.h"
#include "model/enums.h"
#include "print/metrics.h"
#include "print/phrase.h"

/* Print nothing before everything is known. */
static int collect(const struct options *options, struct metrics *metrics)
{
	const struct filter filter = {
		.states = STATES_ALL,
		.all_netns = options->filter.all_netns,
	};
	struct source *source;
	int status = source_open(&source, options, KNOWS_REFUSALS);

	if (status)
		return status;
	status = source_ports(source, &filter, &metrics->sockets);
	if (!status)
		status = source_stats(source, &metrics->counters);
	source_close(source);
	return status;
}

/* A reader must not find half a file. */
static int write_file(const char *path, const struct metrics *metrics)
{
	char *text;
	size_t len;
	FILE *out = phrase_open(&text, &len);
	bool done;

	print_metrics(out, metrics);
	fclose(out);
	done = file_replace(path, text, len, 0644);
	free(text);
	if (done)
		return STATUS_YES;
	return complain(STATUS_FAILED, "cannot write %s: %s", path,
			strerror(errno));
}

/*
 * Having nothing to measure is a measurement: a file that was kept because of
 * an exit status would go on saying that all is well.
 */
static int run_metrics(const struct options *options)
{
	static const char labels[] =
		"NETNS,PROTO,ADDRESS,PORT,STATE,SHARE,USER,UNIT,COMMAND";
	size_t skip = options->filter.all_netns ? 0 : strlen("NETNS,");
	struct metrics metrics = { .numeric = options->style.numeric };
	int status = STATUS_YES;

	if (options->json)
		return complain(STATUS_USAGE,
				"metrics have a format of their own; list and stats print JSON");
	status = columns_choose(&metrics.labels, socket_columns, labels + skip,
				NULL);
	if (status)
		return status;
	ephemeral_read(&metrics.ephemeral);
	metrics.up = !collect(options, &metrics);
	if (options->file)
		status = write_file(options->file, &metrics);
	else if (!options->quiet)
		print_metrics(stdout, &metrics);
	ephemeral_free(&metrics.ephemeral);
	psock_list_clear(&metrics.sockets);
	return status;
}

static int parse(struct options *o, int key, char *arg)
{
	if (key == 'w')
		o->file = arg;
	return 0;
}

static const struct option_set metrics_options = {
	.heading = "Options:",
	.options = (const struct argp_option[]) {
		{ "write", 'w', "FILE", 0,
		  "replace FILE instead of printing, for the node exporter", 0 },
		{ 0 }
	},
	.parse = parse,
};

const struct command cmd_metrics = {
	.name = "metrics",
	.run = run_metrics,
	.sets = (const struct option_set * const[]) { &metrics_options, NULL },
	.args = "",
	.summary = "print metrics for Prometheus",
	.help = "Print sockets and counters in the text format of Prometheus: who listens on\n"
		"which port, sockets by state, refusals by rule, and how many ephemeral ports\n"
		"are left. Without the module, portowner_up is 0.\n",
	.exits = "  0  success, even if the module is not loaded\n",
	.examples = "  portowner metrics\n"
		    "  portowner metrics | promtool check metrics\n",
};
