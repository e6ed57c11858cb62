/* SPDX-License-Identifier: GPL-2.0 */
/* Ports of protocols that the source does not list. */
#ifndef PORTOWNER_UNLISTED_H
#define PORTOWNER_UNLISTED_H

#include "cmd/options.h"

int say_unlisted(const struct options *options, const char *target);

#endif /* PORTOWNER_UNLISTED_H */
