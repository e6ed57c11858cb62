// SPDX-License-Identifier: GPL-2.0
/* What all sources have in common. */

#include "lib/util.h"
#include "source/source.h"

/**
 * source_note() - Say something that changes no exit status.
 * @source: which may have been told to be quiet
 * @text: one line
 */
void source_note(const struct source *source, const char *text)
{
	if (!source->quiet)
		complain(STATUS_YES, "note: %s", text);
}
