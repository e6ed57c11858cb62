/* SPDX-License-Identifier: GPL-2.0 */
/* Who bound a socket, in words. */
#ifndef PORTOWNER_BINDER_H
#define PORTOWNER_BINDER_H

#include <stdbool.h>

#include "model/model.h"

bool comm_is_systemd_helper(const char *comm);
bool binder_is_systemd(const struct binder *binder);
bool binder_may_wait(const struct psock *sock);
char *binder_phrase(const struct binder *binder);
void binder_print(const struct psock *sock, bool numeric);

#endif /* PORTOWNER_BINDER_H */
