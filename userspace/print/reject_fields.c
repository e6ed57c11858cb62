// SPDX-License-Identifier: GPL-2.0
/* Fields of a reject, and of a traced call, in JSON order. */

#include "lib/time_fmt.h"
#include "model/enums.h"
#include "print/field.h"

static void get_seq(const struct subject *s, struct value *v)
{
	value_number(v, s->reject->seq);
}

static void get_time(const struct subject *s, struct value *v)
{
	time_fmt_stamp(s->reject->time_ns, v->buf, sizeof(v->buf));
	value_string(v, v->buf);
}

static void get_first_time(const struct subject *s, struct value *v)
{
	time_fmt_stamp(s->reject->first_time_ns, v->buf, sizeof(v->buf));
	value_string(v, v->buf);
}

static void put_local(const struct subject *s, __u64 time_ns, struct value *v)
{
	if (s->iso_time)
		time_fmt_local(time_ns, v->buf, sizeof(v->buf));
	else
		time_fmt_short(time_ns, time_fmt_now(), v->buf, sizeof(v->buf));
	value_string(v, v->buf);
}

static void get_time_text(const struct subject *s, struct value *v)
{
	put_local(s, s->reject->time_ns, v);
}

static void get_first_time_text(const struct subject *s, struct value *v)
{
	put_local(s, s->reject->first_time_ns, v);
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

	if (!s->reject->err)
		value_string(v, NULL);
	else if (name)
		value_string(v, name);
	else
		value_printf(v, "%u", s->reject->err);
}

/* That of the socket, whatever the address is. */
static void get_sock_family(const struct subject *s, struct value *v)
{
	value_string(v, family_name(s->reject->family));
}

static void get_netns(const struct subject *s, struct value *v)
{
	value_number(v, s->reject->netns);
}

/* What is not known is not the wildcard, either. */
static void get_wanted_address(const struct subject *s, struct value *v)
{
	if (reject_is_short(s->reject))
		value_string(v, NULL);
	else
		get_address(s, v);
}

static void get_wanted_port(const struct subject *s, struct value *v)
{
	if (reject_is_short(s->reject))
		value_string(v, NULL);
	else
		get_port(s, v);
}

static void get_pid(const struct subject *s, struct value *v)
{
	value_number(v, s->reject->pid);
}

static void get_comm(const struct subject *s, struct value *v)
{
	value_string(v, s->reject->comm ? s->reject->comm : "");
}

static void get_process(const struct subject *s, struct value *v)
{
	value_process(v, s->reject->comm, s->reject->pid);
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

/* The first one, and the number of other sockets in the way. */
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

static void get_reason(const struct subject *s, struct value *v)
{
	value_string(v, reason_name(reject_reason(s->reject)));
}

static void get_reason_dev(const struct subject *s, struct value *v)
{
	value_string(v, s->reject->reason_dev);
}

static void get_reason_netns(const struct subject *s, struct value *v)
{
	if (s->reject->reason_netns)
		value_number(v, s->reject->reason_netns);
	else
		value_string(v, NULL);
}

static void get_prog_id(const struct subject *s, struct value *v)
{
	value_number(v, s->reject->prog_id);
}

static void get_prog_name(const struct subject *s, struct value *v)
{
	value_string(v, s->reject->prog_name ? s->reject->prog_name : "");
}

static const struct field prog_fields[] = {
	{ "id", NULL, 0, NULL, NULL, get_prog_id },
	{ "name", NULL, 0, NULL, NULL, get_prog_name },
	{ 0 }
};

static void get_prog(const struct subject *s, struct value *v)
{
	if (s->reject->prog_id)
		value_object(v, prog_fields);
	else
		value_string(v, NULL);
}

static void get_culprits_incomplete(const struct subject *s, struct value *v)
{
	value_bool(v, s->reject->culprits_incomplete);
}

const struct field reject_fields[] = {
	{ "seq", "SEQ", FIELD_RIGHT, NULL, "number of the record",
	  get_seq },
	{ "time", NULL, 0, NULL, NULL, get_time },
	{ NULL, "TIME", 0, NULL, "time of the last refusal, local",
	  get_time_text },
	{ "op", "OP", FIELD_DROP, NULL, "what was refused", get_op },
	{ "errno", "ERRNO", FIELD_DROP, NULL, "error that the process got",
	  get_errno },
	{ "proto", "PROTO", 0, NULL, "protocol", get_proto },
	{ "family", "FAMILY", 0, NULL, "address family", get_sock_family },
	{ "addr", NULL, 0, NULL, NULL, get_addr },
	{ NULL, "ADDRESS", FIELD_CUT_LATE, NULL,
	  "requested address, %DEVICE if bound to one", get_wanted_address },
	{ "port", NULL, 0, NULL, NULL, get_port },
	{ NULL, "PORT", FIELD_RIGHT, NULL, "requested port", get_wanted_port },
	{ "dev", "DEV", 0, NULL, "device the socket was bound to", get_dev },
	{ "netns", "NETNS", FIELD_RIGHT, NULL, "network namespace",
	  get_netns },
	{ "reuseaddr", NULL, 0, NULL, NULL, get_reuseaddr },
	{ "reuseport", NULL, 0, NULL, NULL, get_reuseport },
	{ "v6only", NULL, 0, NULL, NULL, get_v6only },
	{ NULL, "FLAGS", FIELD_CUT_LATE, NULL, "socket options that were set", get_flags },
	{ "pid", "PID", FIELD_RIGHT, NULL, "process that was refused",
	  get_pid },
	{ "comm", "COMMAND", FIELD_CUT_LATE, SGR_BOLD, "its command name",
	  get_comm },
	{ NULL, "PROCESS", FIELD_CUT_LATE, SGR_BOLD, "both, as command[pid]",
	  get_process },
	{ "exe", "EXE", FIELD_CUT, NULL, "its executable", get_exe },
	{ "uid", "UID", FIELD_RIGHT, NULL, "its effective user id",
	  get_uid },
	{ NULL, "USER", FIELD_CUT_SHORT | FIELD_DROP, NULL,
	  "its effective user", get_user },
	{ "cgroup", "CGROUP", FIELD_CUT, NULL, "its cgroup path",
	  get_cgroup },
	{ NULL, "UNIT", FIELD_CUT, NULL,
	  "its container, else systemd unit", get_unit },
	{ "rule", "RULE", FIELD_CUT_LAST, SGR_RED, "rule that applied", get_rule },
	{ "reason", "REASON", FIELD_CUT_LATE, NULL, "why the address is not available",
	  get_reason },
	{ "reason_dev", NULL, 0, NULL, NULL, get_reason_dev },
	{ "reason_netns", NULL, 0, NULL, NULL, get_reason_netns },
	{ "bpf_prog", NULL, 0, NULL, NULL, get_prog },
	{ "peer", NULL, 0, NULL, NULL, get_peer },
	{ NULL, "PEER", FIELD_CUT_LATE, NULL, "destination of connect()", get_peer_text },
	{ "culprits_incomplete", "INCOMPLETE", 0, NULL,
	  "the search for sockets in the way was cut short",
	  get_culprits_incomplete },
	{ "culprits", NULL, 0, NULL, NULL, get_culprits },
	{ NULL, "CULPRIT", FIELD_CUT_LAST, SGR_BOLD,
	  "first process in the way, +N for other sockets", get_culprit },
	{ "count", "COUNT", FIELD_RIGHT | FIELD_DROP, NULL,
	  "number of identical refusals", get_count },
	{ "first_time", NULL, 0, NULL, NULL, get_first_time },
	{ NULL, "FIRST", 0, NULL, "time of the first refusal, local",
	  get_first_time_text },
	{ 0 }
};

static void get_result(const struct subject *s, struct value *v)
{
	if (s->reject->err)
		get_errno(s, v);
	else
		value_string(v, "ok");
}

/* For a port left to the kernel, the one that it chose. */
static void get_bound_port(const struct subject *s, struct value *v)
{
	if (s->reject->bound_port)
		value_number(v, s->reject->bound_port);
	else
		value_string(v, NULL);
}

const struct field call_fields[] = {
	{ "seq", "SEQ", FIELD_RIGHT, NULL, "number of the call", get_seq },
	{ "time", NULL, 0, NULL, NULL, get_time },
	{ NULL, "TIME", 0, NULL, "time when it returned, local",
	  get_time_text },
	{ "op", "OP", 0, NULL, "bind or listen", get_op },
	{ "errno", NULL, 0, NULL, NULL, get_errno },
	{ "proto", "PROTO", 0, NULL, "protocol", get_proto },
	{ "family", "FAMILY", 0, NULL, "address family", get_sock_family },
	{ "addr", NULL, 0, NULL, NULL, get_addr },
	{ NULL, "ADDRESS", FIELD_CUT_LATE, NULL,
	  "requested address, %DEVICE if bound to one", get_address },
	{ "port", "PORT", FIELD_RIGHT, NULL, "requested port", get_port },
	{ "bound_port", "BOUND", FIELD_RIGHT | FIELD_DROP, NULL,
	  "port that the socket got", get_bound_port },
	{ "dev", "DEV", 0, NULL, "device the socket is bound to", get_dev },
	{ "netns", "NETNS", FIELD_RIGHT, NULL, "network namespace",
	  get_netns },
	{ "reuseaddr", NULL, 0, NULL, NULL, get_reuseaddr },
	{ "reuseport", NULL, 0, NULL, NULL, get_reuseport },
	{ "v6only", NULL, 0, NULL, NULL, get_v6only },
	{ "freebind", NULL, 0, NULL, NULL, get_freebind },
	{ "transparent", NULL, 0, NULL, NULL, get_transparent },
	{ NULL, "FLAGS", FIELD_CUT_LATE, NULL, "socket options that are set",
	  get_flags },
	{ NULL, "RESULT", 0, SGR_RED, "ok, or the error it returned",
	  get_result },
	{ "pid", "PID", FIELD_RIGHT, NULL, "process that made the call", get_pid },
	{ "comm", "COMMAND", FIELD_CUT_LATE, SGR_BOLD, "its command name",
	  get_comm },
	{ NULL, "PROCESS", FIELD_CUT_LATE, SGR_BOLD, "both, as command[pid]",
	  get_process },
	{ "exe", "EXE", FIELD_CUT, NULL, "its executable", get_exe },
	{ "uid", "UID", FIELD_RIGHT, NULL, "its effective user id", get_uid },
	{ NULL, "USER", FIELD_CUT_SHORT | FIELD_DROP, NULL,
	  "its effective user", get_user },
	{ "cgroup", "CGROUP", FIELD_CUT, NULL, "its cgroup path",
	  get_cgroup },
	{ NULL, "UNIT", FIELD_CUT, NULL,
	  "its container, else systemd unit", get_unit },
	{ 0 }
};
