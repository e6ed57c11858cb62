/* SPDX-License-Identifier: GPL-2.0 */
/* An audit as JSON: on stdout, to a file, and back from the file. */
#ifndef PORTOWNER_AUDIT_JSON_H
#define PORTOWNER_AUDIT_JSON_H

#include <stdbool.h>
#include <stdio.h>

#include "audit/audit.h"
#include "audit/changes.h"

/**
 * struct scope - Scope of an audit: only audits of equal scope are comparable.
 * @source: name of the source
 * @all_netns: all network namespaces
 * @filter: protocols, families and TARGETs, separated by blanks, or NULL
 */
struct scope {
	char *source;
	bool all_netns;
	char *filter;
};

/**
 * struct baseline - A saved audit.
 * @scope: its scope
 * @time: when it was taken, as RFC 3339
 * @findings: its findings
 * @unchecked: checks that were not possible everywhere, as in struct audit
 */
struct baseline {
	struct scope scope;
	char *time;
	struct finding_list findings;
	__u32 unchecked;
};

void audit_json(FILE *out, const struct audit *audit,
		const struct scope *scope);
void audit_json_changes(FILE *out, const struct audit *audit,
			const struct scope *scope,
			const struct baseline *baseline, const char *file,
			const struct change_list *changes);

int baseline_read(struct baseline *baseline, const char *file);
void baseline_clear(struct baseline *baseline);

#endif /* PORTOWNER_AUDIT_JSON_H */
