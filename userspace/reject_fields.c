// SPDX-License-Identifier: GPL-2.0
/* What is shown of a reject; JSON in this order. */

#include <libsmartcols.h>

#include "enums.h"
#include "field.h"
#include "when.h"

static void get_seq(const struct subject *s, struct value *v)
{
	value_number(v, s->reject->seq);
}

static void get_time(const struct subject *s, struct value *v)
{
	when_format(s->reject->time_ns, v->buf, sizeof(v->buf));
	value_string(v, v->buf);
}

static void get_first_time(const struct subject *s, struct value *v)
{
	when_format(s->reject->first_time_ns, v->buf, sizeof(v->buf));
	value_string(v, v->buf);
}

static void get_count(const struct subject *s, struct value *v)
{
	value_number(v, s->reject->count);
}

static void get_op(const struct subject *s, struct value *v)
{
	value_string(v, op_name(s->reject->op));
}

static void get_errno(const struct subject *s, struct value *v)
{
	const char *name = errno_name(s->reject->err);

	if (name)
		value_string(v, name);
	else
		value_printf(v, "%u", s->reject->err);
}

static void get_netns(const struct subject *s, struct value *v)
{
	value_number(v, s->reject->netns);
}

static void get_pid(const struct subject *s, struct value *v)
{
	value_number(v, s->reject->pid);
}

static void get_comm(const struct subject *s, struct value *v)
{
	value_string(v, s->reject->comm ? s->reject->comm : "");
}

static void get_exe(const struct subject *s, struct value *v)
{
	value_string(v, s->reject->exe);
}

static void get_uid(const struct subject *s, struct value *v)
{
	value_number(v, s->reject->uid);
}

static void get_user(const struct subject *s, struct value *v)
{
	value_user(v, s->reject->uid, s->numeric);
}

static void get_cgroup(const struct subject *s, struct value *v)
{
	value_string(v, s->reject->cgroup);
}

static void get_unit(const struct subject *s, struct value *v)
{
	value_unit(v, s->reject->cgroup);
}

static void get_rule(const struct subject *s, struct value *v)
{
	value_string(v, rule_name(s->reject->rule));
}

static void get_culprits(const struct subject *s, struct value *v)
{
	(void)s;
	v->type = VALUE_CULPRITS;
}

/* Whoever comes first, and how many other sockets were in the way. */
static void get_culprit(const struct subject *s, struct value *v)
{
	const struct psock_list *list = &s->reject->culprits;
	struct value who = { 0 };

	if (!list->n) {
		value_string(v, NULL);
		return;
	}
	value_first_owner(&who, list->v);
	if (list->n > 1)
		value_printf(v, "%.*s+%zu", (int)who.len, who.str, list->n - 1);
	else
		value_printf(v, "%.*s", (int)who.len, who.str);
}

static void get_culprits_incomplete(const struct subject *s, struct value *v)
{
	value_bool(v, s->reject->culprits_incomplete);
}

const struct field reject_fields[] = {
	{ "seq", "SEQ", SCOLS_FL_RIGHT, NULL, "number of the record",
	  get_seq },
	{ "time", "TIME", 0, NULL, "when, the last time if often, in UTC",
	  get_time },
	{ "op", "OP", 0, NULL, "what was refused", get_op },
	{ "errno", "ERRNO", 0, NULL, "error the caller was given",
	  get_errno },
	{ "proto", "PROTO", 0, NULL, "protocol", get_proto },
	{ "family", "FAMILY", 0, NULL, "address family", get_family },
	{ "addr", NULL, 0, NULL, NULL, get_addr },
	{ NULL, "ADDRESS", 0, NULL,
	  "address asked for, %DEVICE if bound to one", get_address },
	{ "port", "PORT", SCOLS_FL_RIGHT, NULL, "port asked for", get_port },
	{ "dev", "DEV", 0, NULL, "device the socket was bound to", get_dev },
	{ "netns", "NETNS", SCOLS_FL_RIGHT, NULL, "network namespace",
	  get_netns },
	{ "reuseaddr", NULL, 0, NULL, NULL, get_reuseaddr },
	{ "reuseport", NULL, 0, NULL, NULL, get_reuseport },
	{ "v6only", NULL, 0, NULL, NULL, get_v6only },
	{ NULL, "FLAGS", 0, NULL, "socket options that were set", get_flags },
	{ "pid", "PID", SCOLS_FL_RIGHT, NULL, "process that was refused",
	  get_pid },
	{ "comm", "COMMAND", 0, "bold", "its command name", get_comm },
	{ "exe", "EXE", SCOLS_FL_TRUNC, NULL, "its executable", get_exe },
	{ "uid", "UID", SCOLS_FL_RIGHT, NULL, "its effective user id",
	  get_uid },
	{ NULL, "USER", 0, NULL, "its effective user", get_user },
	{ "cgroup", "CGROUP", SCOLS_FL_TRUNC, NULL, "its cgroup path",
	  get_cgroup },
	{ NULL, "UNIT", SCOLS_FL_TRUNC, NULL,
	  "its container, else systemd unit", get_unit },
	{ "rule", "RULE", 0, "red", "rule that refused", get_rule },
	{ "culprits_incomplete", "INCOMPLETE", 0, NULL,
	  "the search for sockets in the way was cut short",
	  get_culprits_incomplete },
	{ "culprits", NULL, 0, NULL, NULL, get_culprits },
	{ NULL, "CULPRIT", 0, "bold",
	  "first process in the way, +N for other sockets", get_culprit },
	{ "count", "COUNT", SCOLS_FL_RIGHT, NULL,
	  "how often it was refused alike", get_count },
	{ "first_time", "FIRST", 0, NULL, "when for the first time, in UTC",
	  get_first_time },
	{ 0 }
};
