/* SPDX-License-Identifier: GPL-2.0 */
/* Whether the holder of a port and the refused process belong together. */
#ifndef PORTOWNER_KIN_H
#define PORTOWNER_KIN_H

#include <stdio.h>

#include "explain/context.h"
#include "explain/report.h"

/**
 * enum kin - How the holder and the refused process are related.
 * @KIN_NONE: not at all, as far as is known
 * @KIN_STARTER: the holder started the refused process
 * @KIN_STARTED: the refused process started the holder
 * @KIN_GIVEN: the holder got the socket from the refused process
 * @KIN_PARENT: the holder is the parent, of the same program
 * @KIN_CHILD: the holder is a child, of the same program
 * @KIN_HEIR: the holder inherited the socket, of the same program
 */
enum kin {
	KIN_NONE,
	KIN_STARTER,
	KIN_STARTED,
	KIN_GIVEN,
	KIN_PARENT,
	KIN_CHILD,
	KIN_HEIR,
};

const struct owner *psock_owner(const struct psock *sock, __u32 pid);
enum kin kin_of(const struct context *ctx);
const char *kin_name(enum kin kin);
bool kin_is_forked(enum kin kin);
bool kin_advise_starter(const struct context *ctx, struct report *report);
void kin_put(FILE *out, const struct context *ctx, enum kin kin);

#endif /* PORTOWNER_KIN_H */
