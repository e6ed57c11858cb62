/* SPDX-License-Identifier: GPL-2.0 */
/* An audit as text. */
#ifndef PORTOWNER_AUDIT_PRINT_H
#define PORTOWNER_AUDIT_PRINT_H

#include "audit/audit.h"
#include "audit/changes.h"

struct style;

void audit_print(const struct audit *audit, const struct style *style);
void audit_print_changes(const struct audit *audit,
			 const struct change_list *changes, const char *since,
			 const struct style *style);

#endif /* PORTOWNER_AUDIT_PRINT_H */
