// SPDX-License-Identifier: GPL-2.0
/* Fields of an owner of a socket, in JSON order. */

#include "lib/cgroup.h"
#include "print/field.h"

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

/* A socket without visible owners may have its own cgroup. */
static const char *cgroup_of(const struct subject *s)
{
	return s->owner ? s->owner->cgroup : s->sock->cgroup;
}

static void get_cgroup(const struct subject *s, struct value *v)
{
	value_string(v, cgroup_of(s));
}

static void get_unit(const struct subject *s, struct value *v)
{
	struct slice name;

	if (cgroup_unit(cgroup_of(s), &name))
		value_bytes(v, name.str, name.len);
	else
		value_string(v, NULL);
}

static void get_container(const struct subject *s, struct value *v)
{
	value_container(v, cgroup_of(s));
}

static void get_unit_text(const struct subject *s, struct value *v)
{
	value_unit(v, cgroup_of(s));
}

/* Also columns of a row without an owner. */
const struct field owner_fields[] = {
	{ "pid", "PID", FIELD_OF_PROCESS | FIELD_RIGHT, NULL, "process",
	  get_pid },
	{ "fd", "FD", FIELD_OF_ONE | FIELD_RIGHT, NULL, "file descriptor", get_fd },
	{ "comm", "COMMAND", FIELD_OF_PROCESS | FIELD_CUT_LATE, SGR_BOLD,
	  "command name", get_comm },
	{ "exe", "EXE", FIELD_OF_PROCESS | FIELD_CUT, NULL, "executable",
	  get_exe },
	{ "uid", "UID", FIELD_OF_PROCESS | FIELD_RIGHT, NULL,
	  "user id of the process, else of the socket", get_uid },
	{ NULL, "USER", FIELD_OF_PROCESS | FIELD_CUT_SHORT | FIELD_DROP, NULL,
	  "user of the process, else of the socket",
	  get_user },
	{ "cgroup", "CGROUP", FIELD_OF_PROCESS | FIELD_CUT, NULL,
	  "cgroup path",
	  get_cgroup },
	{ "unit", NULL, FIELD_OF_PROCESS, NULL, NULL, get_unit },
	{ NULL, "UNIT", FIELD_OF_PROCESS | FIELD_CUT | FIELD_DROP, NULL,
	  "container, else systemd unit", get_unit_text },
	{ "container", "CONTAINER", FIELD_OF_PROCESS | FIELD_CUT, NULL,
	  "identifier of the container", get_container },
	{ 0 }
};
