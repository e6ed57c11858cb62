/* SPDX-License-Identifier: GPL-2.0 */
/* A refusal, who was in the way, and who is now. */
#ifndef PORTOWNER_SITUATION_H
#define PORTOWNER_SITUATION_H

#include <stdbool.h>

#include "ephemeral.h"
#include "model.h"

/**
 * struct situation - A refusal, and what has become of it.
 * @reject: what was refused, or would be
 * @now: the sockets on that port now
 * @would: what the same bind would meet now, its @err 0 if nothing; or NULL
 * @numeric: no names
 * @listens: listen() is to follow on the bind; false if that is not known
 * @here: it was in the network namespace of the tool
 * @holder: socket that was in the way, one that serves if there is one; or NULL
 * @there: socket that is in the way now, the same one if possible; or NULL
 * @still: how many of those that were in the way are still there
 * @others: how many others are in the way now
 * @ephemeral: ports that the kernel chooses from, if @here
 */
struct situation {
	const struct reject *reject;
	const struct psock_list *now;
	const struct reject *would;
	bool numeric;
	bool listens;
	bool here;
	const struct psock *holder;
	const struct psock *there;
	size_t still;
	size_t others;
	struct ephemeral ephemeral;
};

void situation_find(struct situation *sit);
void situation_forget(struct situation *sit);
bool situation_is_conflict(const struct situation *sit);
const struct psock *situation_now(const struct situation *sit,
				  const struct psock *culprit);
bool situation_is_own(const struct situation *sit, const struct psock *sock);
bool psock_is_lasting(const struct psock *sock);

#endif /* PORTOWNER_SITUATION_H */
