/* SPDX-License-Identifier: GPL-2.0 */
/* The module, queried through generic netlink. */
#ifndef PORTOWNER_CLIENT_H
#define PORTOWNER_CLIENT_H

#include "model/redirect.h"
#include "source/source.h"

int client_open(struct source **source, bool quiet, bool optional);
void client_redirects(const struct packet *packets, size_t n,
		      struct redirect_list *list);

#endif /* PORTOWNER_CLIENT_H */
