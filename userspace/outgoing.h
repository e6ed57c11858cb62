/* SPDX-License-Identifier: GPL-2.0 */
/* Ports that nobody serves on, but a connection occupies, in words. */
#ifndef PORTOWNER_OUTGOING_H
#define PORTOWNER_OUTGOING_H

#include "model.h"

void outgoing_print(const struct psock_list *connected,
		    const struct psock_list *all);

#endif /* PORTOWNER_OUTGOING_H */
