/* SPDX-License-Identifier: GPL-2.0 */
/* The processes that hold sockets, as /proc tells. */
#ifndef PORTOWNER_DIAG_OWNERS_H
#define PORTOWNER_DIAG_OWNERS_H

#include "model/model.h"

/**
 * struct owner_search - What a search could not look at.
 * @hidden: there are processes, or may be, whose descriptors we may not read
 * @threads: there are threads that may have descriptors of their own
 */
struct owner_search {
	bool hidden;
	bool threads;
};

void diag_owners(struct psock_list *list, struct owner_search *search);

#endif /* PORTOWNER_DIAG_OWNERS_H */
