/* SPDX-License-Identifier: GPL-2.0 */
/* Do two processes run the same program, or only the same interpreter? */
#ifndef PORTOWNER_PROGRAM_H
#define PORTOWNER_PROGRAM_H

#include <stdbool.h>

#include "model/model.h"

bool program_is_same(const struct reject *reject, const struct owner *owner);
bool program_is_other(const struct reject *reject, const struct owner *owner);

#endif /* PORTOWNER_PROGRAM_H */
