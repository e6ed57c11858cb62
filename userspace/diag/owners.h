/* SPDX-License-Identifier: GPL-2.0 */
/* The processes that hold sockets, according to /proc. */
#ifndef PORTOWNER_DIAG_OWNERS_H
#define PORTOWNER_DIAG_OWNERS_H

#include "model/model.h"

/**
 * struct owner_search - What a search could not inspect.
 * @hidden: there are, or may be, processes whose descriptors we may not read
 * @threads: some threads may have their own descriptors
 * @no_proc: proc is not mounted
 */
struct owner_search {
	bool hidden;
	bool threads;
	bool no_proc;
};

void diag_owners(struct psock_list *list, struct owner_search *search);

#endif /* PORTOWNER_DIAG_OWNERS_H */
