/* SPDX-License-Identifier: GPL-2.0 */
/* Show progress on a terminal, once work takes long. */
#ifndef PORTOWNER_PROGRESS_H
#define PORTOWNER_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Set by progress_allow(); only for progress_count(). */
extern bool progress_allowed;

void progress_allow(void);
void progress_forbid(void);
void progress_begin(void);
void progress_end(void);
void progress_erase(void);
void progress_show(const char *what, size_t done);

/**
 * progress_count() - Report progress.
 * @what: what is being done, such as "reading sockets"
 * @done: items done so far
 *
 * Costs next to nothing while nothing is shown.
 */
static inline void progress_count(const char *what, size_t done)
{
	if (progress_allowed)
		progress_show(what, done);
}

#endif /* PORTOWNER_PROGRESS_H */
