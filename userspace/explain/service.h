/* SPDX-License-Identifier: GPL-2.0 */
/* Services: how to end one without harm, and what to set instead. */
#ifndef PORTOWNER_SERVICE_H
#define PORTOWNER_SERVICE_H

#include "explain/report.h"
#include "lib/cgroup.h"
#include "model/model.h"

bool service_is_needed(const struct psock *sock);
bool advice_needed(struct report *report, const struct psock *sock);
bool advice_supervised(struct report *report, const struct psock *sock,
		       char *kill);
char *service_systemctl(const struct owner *owner, struct slice *unit);
char *service_restart(const struct owner *owner);

#endif /* PORTOWNER_SERVICE_H */
