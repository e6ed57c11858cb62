/* SPDX-License-Identifier: GPL-2.0 */
/* Refused processes that bind on behalf of something else. */
#ifndef PORTOWNER_REFUSED_H
#define PORTOWNER_REFUSED_H

#include <stdbool.h>

#include "lib/cgroup.h"
#include "model/model.h"

bool refused_is_socket_unit(const struct reject *reject);
struct owner refused_as_owner(const struct reject *reject);
bool refused_socket_unit(const struct reject *reject, struct slice *unit);
const char *refused_besides(const struct reject *reject);
bool refused_is_session(const struct reject *reject);
bool refused_asks_kernel(const struct reject *reject);
const char *refused_engine(const struct reject *reject);
char *phrase_refused_process(const struct reject *reject);
char *phrase_refused(const struct reject *reject);

#endif /* PORTOWNER_REFUSED_H */
