// SPDX-License-Identifier: GPL-2.0
/*
 * An audit as JSON. Each finding becomes an object that is written and freed
 * before the next one, so that memory does not grow with their number.
 */

#include <json-c/json.h>
#include <stdlib.h>

#include "audit/json.h"
#include "audit/json_priv.h"
#include "lib/host.h"
#include "lib/time_fmt.h"
#include "lib/util.h"
#include "print/json.h"

#define STAMP_ROOM	64

static struct json_object *json_truth(bool truth)
{
	return json_checked(json_object_new_boolean(truth));
}

static struct json_object *json_who(const struct who_list *list)
{
	struct json_object *array, *who;
	size_t i;

	/* Some owners are unknown. */
	if (list->unknown)
		return NULL;
	array = json_checked(json_object_new_array());
	for (i = 0; i < list->n; i++) {
		who = json_checked(json_object_new_object());
		json_add_number(who, "uid", list->v[i].uid);
		json_add_bytes(who, "program", list->v[i].program);
		json_add_bytes(who, "unit", list->v[i].unit);
		json_object_array_add(array, who);
	}
	return array;
}

static struct json_object *json_sockets(const struct finding *finding)
{
	struct json_object *array = json_checked(json_object_new_array());
	size_t i;

	for (i = 0; i < finding->n_socks; i++)
		json_object_array_add(array, json_socket(finding->socks[i], NULL));
	return array;
}

/* The sysctl that a finding is about, or NULL. */
static struct json_object *json_sysctl(const struct audit *audit,
				       const struct finding *finding)
{
	const struct ephemeral *range = &audit->ephemeral;
	struct json_object *json;
	char *value;

	if (finding->id == FINDING_PRIVILEGED_RANGE)
		value = xasprintf("%u", finding->port);
	else if (finding->id == FINDING_FIXED_PORT_IN_RANGE)
		value = xasprintf("%u %u", range->first, range->last);
	else
		return NULL;
	json = json_checked(json_object_new_object());
	json_add_text(json, "name",
		      finding->has_endpoint ? SYSCTL_RANGE : SYSCTL_UNPRIVILEGED);
	json_add_text(json, "value", value);
	free(value);
	return json;
}

static struct json_object *json_evidence(const struct audit *audit,
					 const struct finding *finding)
{
	struct json_object *json = json_checked(json_object_new_object());

	json_object_object_add(json, "who", json_who(&finding->who));
	json_object_object_add(json, "sysctl", json_sysctl(audit, finding));
	json_object_object_add(json, "sockets", json_sockets(finding));
	return json;
}

static void add_place(struct json_object *json, const struct finding *finding)
{
	bool at = finding->has_endpoint;

	json_add_bytes(json, "proto", finding->proto);
	json_add_bytes(json, "addr", finding->addr);
	if (at)
		json_add_number(json, "port", finding->port);
	else
		json_object_object_add(json, "port", NULL);
	json_object_object_add(json, "port_automatic",
			       at ? json_truth(finding->automatic) : NULL);
	json_add_bytes(json, "dev", finding->dev);
	if (at)
		json_add_number(json, "netns", finding->netns);
	else
		json_object_object_add(json, "netns", NULL);
	json_add_bytes(json, "netns_name", finding->netns_name);
	json_object_object_add(json, "other_netns",
			       at ? json_truth(finding->elsewhere) : NULL);
}

static void add_finding(struct json_object *json, const struct audit *audit,
			const struct finding *finding)
{
	json_add_text(json, "id", finding_name(finding->id));
	json_add_text(json, "severity", severity_name(finding->severity));
	add_place(json, finding);
	json_object_object_add(json, "evidence",
			       json_evidence(audit, finding));
	json_add_bytes(json, "text", finding->text);
	json_add_bytes(json, "remedy", finding->remedy);
}

static struct json_object *json_unchecked(__u32 unchecked)
{
	struct json_object *array = json_checked(json_object_new_array());
	size_t i;

	for (i = 0; i < FINDINGS; i++)
		if (unchecked & 1U << i)
			json_add_element(array, finding_name(i));
	if (unchecked & UNCHECKED_SYSCTLS)
		json_add_element(array, UNCHECKED_SYSCTLS_NAME);
	return array;
}

/* Everything but the closing brace. */
static void write_head(FILE *out, const struct audit *audit,
		       const struct scope *scope)
{
	struct json_object *filter = !scope->filter ? NULL :
		json_checked(json_object_new_string(scope->filter));
	char stamp[STAMP_ROOM];

	time_fmt_stamp(time_fmt_now(), stamp, sizeof(stamp));
	fprintf(out, "{\"source\":\"%s\",\"format\":%d,\"time\":\"%s\""
		",\"all_netns\":%s,\"filter\":",
		scope->source, AUDIT_FORMAT, stamp,
		scope->all_netns ? "true" : "false");
	if (filter)
		json_write(out, filter);
	else
		fputs("null", out);
	fprintf(out, ",\"hidden\":%zu,\"unchecked\":", audit->hidden);
	json_write(out, json_unchecked(audit->unchecked));
	fputs(",\"partly_checked\":", out);
	json_write(out, json_unchecked(audit->partly));
}

/**
 * audit_json() - Write an audit as one object.
 * @out: output stream
 * @audit: the audit
 * @scope: its scope
 */
void audit_json(FILE *out, const struct audit *audit,
		const struct scope *scope)
{
	struct json_object *json;
	size_t i;

	write_head(out, audit, scope);
	fputs(",\"findings\":[", out);
	for (i = 0; i < audit->findings.n; i++) {
		fputs(i ? ",\n" : "\n", out);
		json = json_checked(json_object_new_object());
		add_finding(json, audit, &audit->findings.v[i]);
		json_write(out, json);
	}
	fputs("]}\n", out);
}

static struct json_object *json_change(const struct audit *audit,
				       const struct change *change)
{
	struct json_object *json = json_checked(json_object_new_object());

	json_add_text(json, "change", change_name(change));
	json_object_object_add(json, "was", change->was ?
			       json_who(&change->was->who) : NULL);
	json_object_object_add(json, "is", change->is ?
			       json_who(&change->is->who) : NULL);
	add_finding(json, audit, change->is ?: change->was);
	return json;
}

/**
 * audit_json_changes() - Write the changes as one object.
 * @out: output stream
 * @audit: the audit
 * @scope: its scope
 * @baseline: the earlier audit
 * @file: file that it was read from
 * @changes: the changes
 */
void audit_json_changes(FILE *out, const struct audit *audit,
			const struct scope *scope,
			const struct baseline *baseline, const char *file,
			const struct change_list *changes)
{
	struct json_object *json = json_checked(json_object_new_object());
	size_t i;

	json_add_bytes(json, "file", file);
	json_add_bytes(json, "time", baseline->time);
	write_head(out, audit, scope);
	fputs(",\"baseline\":", out);
	json_write(out, json);
	fputs(",\"changes\":[", out);
	for (i = 0; i < changes->n; i++) {
		fputs(i ? ",\n" : "\n", out);
		json_write(out, json_change(audit, &changes->v[i]));
	}
	fputs("]}\n", out);
}
