// SPDX-License-Identifier: GPL-2.0
/* portowner stats: counters of the module. */

#include "cmd/cmd.h"
#include "cmd/open.h"

static int run_stats(const struct options *options)
{
	struct counters counters;
	struct source *source;
	int status = source_open(&source, options, KNOWS_STATS);

	if (status)
		return status;
	status = source_stats(source, &counters);
	if (!status && !options->quiet)
		print_counters(&counters, options->json, source->ops->name);
	source_close(source);
	return status;
}

const struct command cmd_stats = {
	.name = "stats",
	.run = run_stats,
	.args = "",
	.summary = "print the counters of the module",
	.help = "Print the counters of the module, one per line: refusals seen, kept and\n"
		"dropped, calls missed, binders recorded.\n",
	.exits = "  0  success\n",
	.examples = "  portowner stats\n"
		    "  portowner stats --json | jq .rejects_dropped\n",
};
