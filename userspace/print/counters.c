// SPDX-License-Identifier: GPL-2.0
/* Statistics, as lines or as JSON. */

#include <json-c/json.h>
#include <stdio.h>

#include "model/enums.h"
#include "print/json.h"
#include "print/print.h"

/* Number of sockets per protocol; into @object, if given. */
static void print_socket_counts(const struct counters *counters,
				struct json_object *object)
{
	struct json_object *sockets = NULL;
	const char *name;
	__u64 n;
	size_t i;

	if (object) {
		sockets = json_checked(json_object_new_object());
		json_object_object_add(object, "sockets", sockets);
	}
	for (i = 0; i < COUNTED_PROTOS && counters->sockets[i].proto; i++) {
		name = proto_name(counters->sockets[i].proto);
		n = counters->sockets[i].n;
		if (object)
			json_add_number(sockets, name, n);
		else
			printf("sockets_%-12s %llu\n", name,
			       (unsigned long long)n);
	}
}

static struct json_object *json_rule_count(__u32 op, __u32 rule, __u64 count)
{
	struct json_object *object = json_checked(json_object_new_object());

	json_add_text(object, "op", op_name(op));
	json_add_text(object, "rule", rule_name(rule));
	json_add_number(object, "count", count);
	return object;
}

/* Refusals by operation and rule: into an array, or one per line. */
static void show_by_rule(const struct counters *counters,
			 struct json_object *array)
{
	__u32 op, rule;
	__u64 n;

	for (op = 0; op < COUNTED_OPS; op++) {
		for (rule = 0; rule < COUNTED_RULES; rule++) {
			n = counters->by_rule[op][rule];
			if (n && array)
				json_object_array_add(array, json_rule_count(op, rule, n));
			else if (n)
				printf("%-20s %llu %s %s\n", "rejects_by_rule",
				       (unsigned long long)n, op_name(op),
				       rule_name(rule));
		}
	}
}

/**
 * print_counters() - Print statistics.
 * @counters: the statistics
 * @json: print JSON instead of one per line
 * @source: name of their source, for JSON
 */
void print_counters(const struct counters *counters, bool json,
		    const char *source)
{
	static const struct {
		int attr;
		const char *key;
	} names[] = {
		{ PORTOWNER_A_STATS_REJECTS_SEEN,	"rejects_seen" },
		{ PORTOWNER_A_STATS_REJECTS_KEPT,	"rejects_kept" },
		{ PORTOWNER_A_STATS_REJECTS_DROPPED,	"rejects_dropped" },
		{ PORTOWNER_A_STATS_REJECTS_MAX,	"rejects_max" },
		{ PORTOWNER_A_STATS_PROBE_MISSED,	"probe_missed" },
		{ PORTOWNER_A_STATS_BINDERS,		"binders" },
		{ PORTOWNER_A_STATS_BINDERS_EVICTED,	"binders_evicted" },
		{ PORTOWNER_A_STATS_MISSED_NO_INSTANCE,	"missed_no_instance" },
		{ PORTOWNER_A_STATS_MISSED_NESTED,	"missed_nested" },
		{ PORTOWNER_A_STATS_MISSED_SHARE,	"missed_share" },
		{ PORTOWNER_A_STATS_REJECTS_COUNTED,	"rejects_counted" },
		{ PORTOWNER_A_STATS_REJECTS_UNRECORDED,	"rejects_unrecorded" },
		{ PORTOWNER_A_STATS_REJECTS_DROPPED_OWN, "rejects_dropped_own" },
		{ PORTOWNER_A_STATS_REJECTS_DROPPED_LAST, "rejects_dropped_last" },
		{ PORTOWNER_A_STATS_BINDERS_MAX,	"binders_max" },
		{ PORTOWNER_A_STATS_DUMPS,		"dumps" },
		{ PORTOWNER_A_STATS_DUMPS_REFUSED,	"dumps_refused" },
	};
	struct json_object *object = NULL, *by_rule = NULL;
	bool none = counters->only_sockets;
	__u64 n;
	size_t i;

	if (json) {
		object = json_checked(json_object_new_object());
		json_add_text(object, "source", source);
	}
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		n = counters->v[names[i].attr];
		if (json)
			json_object_object_add(object, names[i].key, none ? NULL :
					       json_checked(json_object_new_uint64(n)));
		else if (none)
			printf("%-20s -\n", names[i].key);
		else
			printf("%-20s %llu\n", names[i].key,
			       (unsigned long long)n);
	}
	if (json && !none)
		by_rule = json_checked(json_object_new_array());
	show_by_rule(counters, by_rule);
	if (none)
		print_socket_counts(counters, object);
	if (json) {
		json_object_object_add(object, "rejects_by_rule", by_rule);
		json_print(object);
		fputc('\n', stdout);
	}
}
