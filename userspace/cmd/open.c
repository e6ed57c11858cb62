// SPDX-License-Identifier: GPL-2.0
/* Choose a source. */

#include <stdlib.h>

#include "cmd/open.h"
#include "diag/diag.h"
#include "diag/query.h"
#include "lib/loading.h"
#include "lib/util.h"
#include "netlink/client.h"

/* What the module would add, said once per run. */
static void say_less(const struct source *source, const struct options *options)
{
	const char *sockets = diag_lists_bound_tcp() ?
			      "" : "TCP sockets that are only bound, ";
	char *advice, *note;

	if (options->from == SOURCE_DIAG) {
		note = xasprintf("queried without the module, which also knows %swho bound "
				 "a port, its options, hidden holders and refusals", sockets);
	} else {
		advice = loading_advice();
		note = xasprintf("the kernel module, which also knows %swho bound a port, "
				 "its options, hidden holders and refusals, is not loaded: %s",
				 sockets, advice);
		free(advice);
	}
	source_note(source, note);
	free(note);
}

static int open_diag(struct source **source, const struct options *options)
{
	int status = diag_open(source, options->quiet);

	if (!status)
		say_less(*source, options);
	return status;
}

/**
 * source_open() - Open the source that the command line selects.
 * @source: set to the source
 * @options: the command line
 * @needs: what the source has to know, KNOWS_*
 *
 * Return: 0 or the exit status.
 */
int source_open(struct source **source, const struct options *options,
		__u32 needs)
{
	bool optional = options->from == SOURCE_AUTO &&
			!(needs & ~DIAG_KNOWS);
	int status;

	if (options->from == SOURCE_DIAG && needs & ~DIAG_KNOWS)
		return complain(STATUS_DENIED,
				"this needs the kernel module: run modprobe portowner as root, and use --source=module");
	if (options->from == SOURCE_DIAG)
		return open_diag(source, options);
	status = client_open(source, options->quiet, optional);
	return status || *source ? status : open_diag(source, options);
}
