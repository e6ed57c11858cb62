/* SPDX-License-Identifier: GPL-2.0 */
/* What the host has of units of systemd, and what runs in them. */
#ifndef PORTOWNER_HOST_SERVICES_H
#define PORTOWNER_HOST_SERVICES_H

#include <stdbool.h>
#include <stddef.h>

bool host_has_unit(const char *name, bool user);
char *host_cgroup_procs(const char *cgroup);
size_t host_frozen_cgroup(const char *cgroup);

#endif /* PORTOWNER_HOST_SERVICES_H */
