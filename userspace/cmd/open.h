/* SPDX-License-Identifier: GPL-2.0 */
/* Choose a source. */
#ifndef PORTOWNER_OPEN_H
#define PORTOWNER_OPEN_H

#include "cmd/options.h"
#include "source/source.h"

int source_open(struct source **source, const struct options *options,
		__u32 needs);

#endif /* PORTOWNER_OPEN_H */
