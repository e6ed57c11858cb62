// SPDX-License-Identifier: GPL-2.0
/* A hypothetical bind, and what the kernel would answer to it. */

#include <string.h>

#include "model/check.h"

/**
 * check_clear() - Free an answer.
 * @check: the answer, empty afterwards
 */
void check_clear(struct check *check)
{
	reject_clear(&check->would);
	psock_list_clear(&check->servers);
	memset(check, 0, sizeof(*check));
}
