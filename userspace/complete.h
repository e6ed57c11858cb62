/* SPDX-License-Identifier: GPL-2.0 */
/* Owners that the module had no time to find as it refused a bind. */
#ifndef PORTOWNER_COMPLETE_H
#define PORTOWNER_COMPLETE_H

#include "client.h"

void complete_owners(struct client *client, struct reject_list *list);

#endif /* PORTOWNER_COMPLETE_H */
