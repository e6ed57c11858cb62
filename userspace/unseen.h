/* SPDX-License-Identifier: GPL-2.0 */
/* References to a socket that no descriptor explains, in words. */
#ifndef PORTOWNER_UNSEEN_H
#define PORTOWNER_UNSEEN_H

#include "model.h"

void unseen_print(const struct psock *sock);

#endif /* PORTOWNER_UNSEEN_H */
