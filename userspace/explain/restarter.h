/* SPDX-License-Identifier: GPL-2.0 */
/* Programs that start others again when these end. */
#ifndef PORTOWNER_RESTARTER_H
#define PORTOWNER_RESTARTER_H

#include "model/model.h"

char *restarter_of(const struct owner *owner);

#endif /* PORTOWNER_RESTARTER_H */
