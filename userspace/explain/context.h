/* SPDX-License-Identifier: GPL-2.0 */
/* A refusal, what was in the way, and what is now. */
#ifndef PORTOWNER_CONTEXT_H
#define PORTOWNER_CONTEXT_H

#include <stdbool.h>

#include "lib/ephemeral.h"
#include "model/model.h"

/**
 * struct context - A refusal, and what has become of it.
 * @reject: what was refused, or would be
 * @now: the sockets on the port now
 * @servers: sockets that may need their port again; NULL if not known, which
 *	matters only if no port was free
 * @would: the kernel's answer to the same bind now, its @err 0 if that would
 *	succeed; NULL if the kernel was not asked
 * @rule_unknown: the rule of @would depends on something unknown
 * @numeric: omit user names
 * @listens: listen() will follow the bind; false if unknown
 * @here: the refusal was in the network namespace of the tool
 * @holder: a socket that was in the way, preferably a server; or NULL
 * @there: a socket that is in the way now, preferably one of those; or NULL
 * @still: number of those that were in the way and are still there
 * @others: number of other sockets in the way now
 * @ephemeral: ports that the kernel picks automatically; unknown if not @here
 */
struct context {
	const struct reject *reject;
	const struct psock_list *now;
	const struct psock_list *servers;
	const struct reject *would;
	bool rule_unknown;
	bool numeric;
	bool listens;
	bool here;
	const struct psock *holder;
	const struct psock *there;
	size_t still;
	size_t others;
	struct ephemeral ephemeral;
};

void context_find(struct context *ctx);
void context_forget(struct context *ctx);
bool context_is_conflict(const struct context *ctx);
bool context_is_in_the_way(const struct context *ctx,
			   const struct psock *sock);
const struct psock *context_now(const struct context *ctx,
				const struct psock *culprit);
bool context_is_own(const struct context *ctx, const struct psock *sock);
bool context_is_chosen(const struct context *ctx);
bool psock_is_lasting(const struct psock *sock);

#endif /* PORTOWNER_CONTEXT_H */
