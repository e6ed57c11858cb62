/* SPDX-License-Identifier: GPL-2.0 */
/* Services: how to talk to the manager of one, and whether to end it. */
#ifndef PORTOWNER_SERVICE_H
#define PORTOWNER_SERVICE_H

#include "lib/cgroup.h"
#include "model/model.h"

bool service_is_needed(const struct psock *sock);
bool service_is(const struct owner *owner, const char *pattern);
char *service_fill_in(const char *text, const char *place, const char *value);
bool service_user(const char *cgroup, __u64 *uid);
char *service_systemctl(const struct owner *owner, struct slice *unit);
char *service_restart(const struct owner *owner);
char *service_as_user(__u32 uid, bool session, const char *command);

#endif /* PORTOWNER_SERVICE_H */
