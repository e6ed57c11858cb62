/* SPDX-License-Identifier: GPL-2.0 */
/* The processes that a dump has named: it tells what each is only once. */
#ifndef PORTOWNER_KNOWN_H
#define PORTOWNER_KNOWN_H

#include "model.h"

struct known;

void known_add(struct known **known, struct owner *owner, const char *comm,
	       const char *exe, const char *cgroup);
int known_repeat(struct known *known, struct owner *owner);
void known_free(struct known *known);

#endif /* PORTOWNER_KNOWN_H */
