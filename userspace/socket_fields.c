// SPDX-License-Identifier: GPL-2.0
/* What is shown of a socket, its binder and its owners; JSON in this order. */

#include <libsmartcols.h>

#include "cgroup.h"
#include "enums.h"
#include "field.h"
#include "names.h"
#include "when.h"

static void get_state(const struct subject *s, struct value *v)
{
	value_string(v, state_name(s->sock->state));
}

static void get_service(const struct subject *s, struct value *v)
{
	value_string(v, service_name(s->ep->proto, s->ep->port));
}

static void get_netns(const struct subject *s, struct value *v)
{
	value_number(v, s->sock->netns);
}

static void get_netns_name(const struct subject *s, struct value *v)
{
	value_string(v, netns_name(s->sock->netns));
}

static void get_netns_text(const struct subject *s, struct value *v)
{
	if (!s->numeric)
		get_netns_name(s, v);
	if (s->numeric || v->type == VALUE_NULL)
		get_netns(s, v);
}

static void get_cookie(const struct subject *s, struct value *v)
{
	value_number(v, s->sock->cookie);
}

static void get_inode(const struct subject *s, struct value *v)
{
	value_number(v, s->sock->inode);
}

static void get_socket_uid(const struct subject *s, struct value *v)
{
	value_number(v, s->sock->uid);
}

static void get_share(const struct subject *s, struct value *v)
{
	value_string(v, share_name(s->sock->share));
}

static void get_group_size(const struct subject *s, struct value *v)
{
	value_number(v, s->sock->group_size);
}

static void get_backlog(const struct subject *s, struct value *v)
{
	if (s->sock->has_backlog)
		value_printf(v, "%u/%u", s->sock->backlog,
			     s->sock->backlog_max);
	else
		value_string(v, NULL);
}

static void get_expires(const struct subject *s, struct value *v)
{
	if (!s->sock->has_expires) {
		value_string(v, NULL);
		return;
	}
	when_format_age(s->sock->expires_ns, v->buf, sizeof(v->buf));
	value_string(v, v->buf);
}

static void get_kernel_owner(const struct subject *s, struct value *v)
{
	value_string(v, s->sock->kernel_owner);
}

static void get_owners_incomplete(const struct subject *s, struct value *v)
{
	value_bool(v, s->sock->owners_incomplete);
}

static void get_unseen_refs(const struct subject *s, struct value *v)
{
	value_number(v, s->sock->unseen_refs);
}

static void get_owners_hidden(const struct subject *s, struct value *v)
{
	value_bool(v, s->sock->owners_hidden);
}

static void get_age_ns(const struct subject *s, struct value *v)
{
	if (s->sock->has_age)
		value_number(v, s->sock->age_ns);
	else
		value_string(v, NULL);
}

static void get_age(const struct subject *s, struct value *v)
{
	if (!s->sock->has_age) {
		value_string(v, NULL);
		return;
	}
	when_format_age(s->sock->age_ns, v->buf, sizeof(v->buf));
	value_string(v, v->buf);
}

static void get_binder(const struct subject *s, struct value *v)
{
	v->type = s->sock->binder ? VALUE_BINDER : VALUE_NULL;
}

static void get_binder_text(const struct subject *s, struct value *v)
{
	const struct binder *binder = s->sock->binder;

	if (binder)
		value_printf(v, "%s[%u]", binder->comm ? binder->comm : "",
			     binder->pid);
	else
		value_string(v, NULL);
}

static void get_owners(const struct subject *s, struct value *v)
{
	(void)s;
	v->type = VALUE_OWNERS;
}

const struct field socket_fields[] = {
	{ "proto", "PROTO", 0, NULL, "protocol", get_proto },
	{ "family", "FAMILY", 0, NULL, "address family", get_family },
	{ "addr", NULL, 0, NULL, NULL, get_addr },
	{ NULL, "ADDRESS", 0, NULL,
	  "local address, %DEVICE if bound to one", get_address },
	{ "port", "PORT", FIELD_OF_ONE | SCOLS_FL_RIGHT, NULL, "local port", get_port },
	{ NULL, "SERVICE", FIELD_OF_ONE, NULL, "name of the port in services(5)",
	  get_service },
	{ "dev", "DEV", 0, NULL, "device it is bound to", get_dev },
	{ "state", "STATE", 0, NULL, "state, as ss(8) names it", get_state },
	{ "netns", NULL, 0, NULL, NULL, get_netns },
	{ "netns_name", NULL, 0, NULL, NULL, get_netns_name },
	{ NULL, "NETNS", 0, NULL, "network namespace", get_netns_text },
	{ "cookie", "COOKIE", FIELD_OF_ONE | SCOLS_FL_RIGHT, NULL, "SO_COOKIE", get_cookie },
	{ "inode", "INODE", FIELD_OF_ONE | SCOLS_FL_RIGHT, NULL, "inode of the socket file",
	  get_inode },
	{ "uid", "SOCKUID", SCOLS_FL_RIGHT, NULL, "user id of the socket",
	  get_socket_uid },
	{ "reuseaddr", NULL, 0, NULL, NULL, get_reuseaddr },
	{ "reuseport", NULL, 0, NULL, NULL, get_reuseport },
	{ "v6only", NULL, 0, NULL, NULL, get_v6only },
	{ "freebind", NULL, 0, NULL, NULL, get_freebind },
	{ "transparent", NULL, 0, NULL, NULL, get_transparent },
	{ NULL, "FLAGS", 0, NULL, "socket options that are set", get_flags },
	{ "share", "SHARE", 0, NULL, "why others may have the port",
	  get_share },
	{ "group_size", "GROUP", SCOLS_FL_RIGHT, NULL,
	  "sockets that share the port", get_group_size },
	{ NULL, "BACKLOG", SCOLS_FL_RIGHT, NULL,
	  "connections that wait to be accepted, and how many may",
	  get_backlog },
	{ NULL, "EXPIRES", SCOLS_FL_RIGHT, NULL,
	  "time until a socket in time-wait is gone", get_expires },
	{ "kernel_owner", "KERNEL", 0, NULL,
	  "what in the kernel made the socket", get_kernel_owner },
	{ "owners_incomplete", "INCOMPLETE", 0, NULL,
	  "the search for owners was cut short", get_owners_incomplete },
	{ "unseen_refs", "UNSEEN", SCOLS_FL_RIGHT, NULL,
	  "references that no descriptor explains", get_unseen_refs },
	{ "owners_hidden", "HIDDEN", 0, NULL,
	  "has owners you may not see", get_owners_hidden },
	{ "age_ns", NULL, 0, NULL, NULL, get_age_ns },
	{ NULL, "AGE", SCOLS_FL_RIGHT, NULL, "time since the bind", get_age },
	{ "binder", NULL, 0, NULL, NULL, get_binder },
	{ NULL, "BINDER", 0, NULL, "process that called bind()",
	  get_binder_text },
	{ "owners", NULL, 0, NULL, NULL, get_owners },
	{ 0 }
};

static void get_binder_pid(const struct subject *s, struct value *v)
{
	value_number(v, s->sock->binder->pid);
}

static void get_binder_comm(const struct subject *s, struct value *v)
{
	const char *comm = s->sock->binder->comm;

	value_string(v, comm ? comm : "");
}

static void get_binder_uid(const struct subject *s, struct value *v)
{
	value_number(v, s->sock->binder->uid);
}

static void get_binder_alive(const struct subject *s, struct value *v)
{
	value_bool(v, s->sock->binder->alive);
}

const struct field binder_fields[] = {
	{ "pid", NULL, 0, NULL, NULL, get_binder_pid },
	{ "comm", NULL, 0, NULL, NULL, get_binder_comm },
	{ "uid", NULL, 0, NULL, NULL, get_binder_uid },
	{ "alive", NULL, 0, NULL, NULL, get_binder_alive },
	{ 0 }
};

static void get_pid(const struct subject *s, struct value *v)
{
	if (s->owner)
		value_number(v, s->owner->pid);
	else
		value_string(v, NULL);
}

static void get_fd(const struct subject *s, struct value *v)
{
	if (s->owner)
		value_number(v, s->owner->fd);
	else
		value_string(v, NULL);
}

static void get_comm(const struct subject *s, struct value *v)
{
	if (s->owner)
		value_string(v, s->owner->comm ? s->owner->comm : "");
	else
		value_holder(v, s->sock);
}

static void get_exe(const struct subject *s, struct value *v)
{
	value_string(v, s->owner ? s->owner->exe : NULL);
}

static void get_uid(const struct subject *s, struct value *v)
{
	if (s->owner)
		value_number(v, s->owner->uid);
	else if (s->sock->has_uid)
		value_number(v, s->sock->uid);
	else
		value_string(v, NULL);
}

static void get_user(const struct subject *s, struct value *v)
{
	get_uid(s, v);
	if (v->type == VALUE_NUMBER)
		value_user(v, v->num, s->numeric);
}

static void get_cgroup(const struct subject *s, struct value *v)
{
	value_string(v, s->owner ? s->owner->cgroup : NULL);
}

static void get_unit(const struct subject *s, struct value *v)
{
	struct slice name;

	if (s->owner && cgroup_unit(s->owner->cgroup, &name))
		value_bytes(v, name.str, name.len);
	else
		value_string(v, NULL);
}

static void get_container(const struct subject *s, struct value *v)
{
	value_container(v, s->owner ? s->owner->cgroup : NULL);
}

static void get_unit_text(const struct subject *s, struct value *v)
{
	value_unit(v, s->owner ? s->owner->cgroup : NULL);
}

/* Columns also of a row that has no owner. */
const struct field owner_fields[] = {
	{ "pid", "PID", FIELD_OF_PROCESS | SCOLS_FL_RIGHT, NULL, "process",
	  get_pid },
	{ "fd", "FD", FIELD_OF_ONE | SCOLS_FL_RIGHT, NULL, "file descriptor", get_fd },
	{ "comm", "COMMAND", FIELD_OF_PROCESS, "bold", "command name",
	  get_comm },
	{ "exe", "EXE", FIELD_OF_PROCESS | SCOLS_FL_TRUNC, NULL, "executable",
	  get_exe },
	{ "uid", "UID", FIELD_OF_PROCESS | SCOLS_FL_RIGHT, NULL,
	  "user id of the process, else of the socket", get_uid },
	{ NULL, "USER", FIELD_OF_PROCESS, NULL,
	  "user of the process, else of the socket",
	  get_user },
	{ "cgroup", "CGROUP", FIELD_OF_PROCESS | SCOLS_FL_TRUNC, NULL,
	  "cgroup path",
	  get_cgroup },
	{ "unit", NULL, FIELD_OF_PROCESS, NULL, NULL, get_unit },
	{ NULL, "UNIT", FIELD_OF_PROCESS | SCOLS_FL_TRUNC, NULL,
	  "container, else systemd unit", get_unit_text },
	{ "container", "CONTAINER", FIELD_OF_PROCESS | SCOLS_FL_TRUNC, NULL,
	  "identifier of the container", get_container },
	{ 0 }
};
