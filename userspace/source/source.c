// SPDX-License-Identifier: GPL-2.0
/* Common to all sources. */

#include "lib/util.h"
#include "source/source.h"

/**
 * source_note() - Print a note, which does not affect the exit status.
 * @source: the source, which may be quiet
 * @text: one line
 */
void source_note(const struct source *source, const char *text)
{
	if (!source->quiet)
		complain(STATUS_YES, "note: %s", text);
}
