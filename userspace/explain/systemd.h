/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets that systemd holds, for the services that it starts on demand. */
#ifndef PORTOWNER_SYSTEMD_H
#define PORTOWNER_SYSTEMD_H

#include <stdbool.h>

#include "model/model.h"

const struct owner *systemd_manager(const struct psock *sock);
bool systemd_holds(const struct psock *sock);
char *systemd_activated(const struct psock *sock);

#endif /* PORTOWNER_SYSTEMD_H */
