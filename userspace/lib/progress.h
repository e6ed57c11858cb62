/* SPDX-License-Identifier: GPL-2.0 */
/* Say on a terminal how far long work has come, once it takes long. */
#ifndef PORTOWNER_PROGRESS_H
#define PORTOWNER_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Set by progress_allow(), for progress_count() only. */
extern bool progress_allowed;

void progress_allow(void);
void progress_forbid(void);
void progress_begin(void);
void progress_end(void);
void progress_erase(void);
void progress_show(const char *what, size_t done);

/**
 * progress_count() - Tell how far work has come.
 * @what: what is being done, as "reading sockets"
 * @done: how many so far
 *
 * Costs next to nothing where nothing is shown.
 */
static inline void progress_count(const char *what, size_t done)
{
	if (progress_allowed)
		progress_show(what, done);
}

#endif /* PORTOWNER_PROGRESS_H */
