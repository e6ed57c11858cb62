// SPDX-License-Identifier: GPL-2.0
/* Fields of a socket and its binder, in JSON order. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/host_tunnels.h"
#include "lib/time_fmt.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "model/names.h"
#include "print/field.h"
#include "print/kernel_dev.h"
#include "print/kernel_part.h"
#include "print/proxy.h"
#include "print/sharing.h"

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
	if (s->sock->unknown & UNKNOWN_UID)
		value_string(v, NULL);
	else
		value_number(v, s->sock->uid);
}

static void get_share(const struct subject *s, struct value *v)
{
	if (s->sock->unknown & UNKNOWN_SHARE)
		value_string(v, NULL);
	else
		value_string(v, share_name(s->sock->share));
}

static void get_group_size(const struct subject *s, struct value *v)
{
	if (s->sock->unknown & UNKNOWN_GROUP_SIZE)
		value_string(v, NULL);
	else
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

static void get_backlog_waiting(const struct subject *s, struct value *v)
{
	value_number(v, s->sock->backlog);
}

static void get_backlog_max(const struct subject *s, struct value *v)
{
	value_number(v, s->sock->backlog_max);
}

static const struct field backlog_fields[] = {
	{ "waiting", NULL, 0, NULL, NULL, get_backlog_waiting },
	{ "max", NULL, 0, NULL, NULL, get_backlog_max },
	{ 0 }
};

static void get_backlog_object(const struct subject *s, struct value *v)
{
	if (s->sock->has_backlog)
		value_object(v, backlog_fields);
	else
		value_string(v, NULL);
}

static void get_covers(const struct subject *s, struct value *v)
{
	bool covers = psock_is_passive(s->sock) && endpoint_is_dual(s->ep);

	value_string(v, covers ? "0.0.0.0" : NULL);
}

static void get_choice_by(const struct subject *s, struct value *v)
{
	struct choice choice = sharing_choice(s->sharing, s->sock);

	value_string(v, choice_name(choice.by));
}

static void get_choice_cookie(const struct subject *s, struct value *v)
{
	struct choice choice = sharing_choice(s->sharing, s->sock);

	if (choice.receiver)
		value_number(v, choice.receiver->cookie);
	else
		value_string(v, NULL);
}

static const struct field choice_fields[] = {
	{ "by", NULL, 0, NULL, NULL, get_choice_by },
	{ "cookie", NULL, 0, NULL, NULL, get_choice_cookie },
	{ 0 }
};

static bool is_shared(const struct subject *s)
{
	return s->sharing && psock_is_passive(s->sock);
}

static void get_choice(const struct subject *s, struct value *v)
{
	if (is_shared(s) &&
	    sharing_choice(s->sharing, s->sock).by != CHOICE_NONE)
		value_object(v, choice_fields);
	else
		value_string(v, NULL);
}

static void get_may_join(const struct subject *s, struct value *v)
{
	bool known = is_shared(s) &&
		     !sharing_joining(s->sharing, s->sock)->unknown;

	v->type = known ? VALUE_JOINING : VALUE_NULL;
}

static void get_purpose(const struct subject *s, struct value *v)
{
	const char *owner = s->sock->kernel_owner;

	v->type = owner && kernel_part_find(owner) ? VALUE_PURPOSE : VALUE_NULL;
}

static void get_forwards(const struct subject *s, struct value *v)
{
	/* Not for each connection: it examines the process. */
	v->type = psock_is_passive(s->sock) && proxy_of(s->sock) ?
		  VALUE_FORWARDED : VALUE_NULL;
}

static void get_expires(const struct subject *s, struct value *v)
{
	if (!s->sock->has_expires) {
		value_string(v, NULL);
		return;
	}
	time_fmt_age(s->sock->expires_ns, v->buf, sizeof(v->buf));
	value_string(v, v->buf);
}

static void get_expires_ns(const struct subject *s, struct value *v)
{
	if (s->sock->has_expires)
		value_number(v, s->sock->expires_ns);
	else
		value_string(v, NULL);
}

static void get_port_by_kernel(const struct subject *s, struct value *v)
{
	if (s->sock->port_origin == PORT_ORIGIN_UNKNOWN)
		value_string(v, NULL);
	else
		value_bool(v, s->sock->port_origin == PORT_ORIGIN_KERNEL);
}

static void get_kernel_owner(const struct subject *s, struct value *v)
{
	value_string(v, s->sock->kernel_owner);
}

static void get_kernel_dev(const struct subject *s, struct value *v)
{
	const struct host_tunnel *tunnel = kernel_dev_find(s->sock);

	value_string(v, tunnel ? tunnel->dev : NULL);
}

static void get_kernel_netns(const struct subject *s, struct value *v)
{
	const struct host_tunnel *tunnel = kernel_dev_find(s->sock);

	if (tunnel)
		value_number(v, tunnel->netns);
	else
		value_string(v, NULL);
}

static void get_owners_incomplete(const struct subject *s, struct value *v)
{
	value_bool(v, s->sock->owners_incomplete);
}

static void get_untracked_refs(const struct subject *s, struct value *v)
{
	if (s->sock->unknown & UNKNOWN_UNTRACKED)
		value_string(v, NULL);
	else
		value_number(v, s->sock->untracked_refs);
}

static void get_untracked(const struct subject *s, struct value *v)
{
	v->type = s->sock->n_untracked ? VALUE_UNTRACKED : VALUE_NULL;
}

static void get_owners_hidden(const struct subject *s, struct value *v)
{
	if (s->sock->unknown & UNKNOWN_HIDDEN)
		value_string(v, NULL);
	else
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
	time_fmt_age(s->sock->age_ns, v->buf, sizeof(v->buf));
	value_string(v, v->buf);
}

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

static const struct field binder_fields[] = {
	{ "pid", NULL, 0, NULL, NULL, get_binder_pid },
	{ "comm", NULL, 0, NULL, NULL, get_binder_comm },
	{ "uid", NULL, 0, NULL, NULL, get_binder_uid },
	{ "alive", NULL, 0, NULL, NULL, get_binder_alive },
	{ 0 }
};

static void get_binder(const struct subject *s, struct value *v)
{
	if (s->sock->binder)
		value_object(v, binder_fields);
	else
		value_string(v, NULL);
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

static void get_scope(const struct subject *s, struct value *v)
{
	static const char * const names[] = {
		[SCOPE_LOCAL] = "local",
		[SCOPE_LINK] = "link",
		[SCOPE_OPEN] = "open",
	};

	value_string(v, names[endpoint_scope(s->ep)]);
}

/* Blanks separate the parts, so the name is escaped. */
static void put_others(const struct psock *sock, const struct owner *owner,
		       size_t others, struct value *v)
{
	bool more = sock->owners_hidden || sock->owners_incomplete;
	const char *comm = owner->comm ? owner->comm : "";
	char *name = escape_text(comm, strlen(comm));
	char count[24] = "", part[40] = "";

	if (others)
		snprintf(count, sizeof(count), " +%zu", others);
	if (sock->kernel_owner)
		snprintf(part, sizeof(part), " +[%.24s]", sock->kernel_owner);
	value_printf(v, "%.60s[%u]%s%s%s", name, owner->pid, count,
		     !more ? "" : others ? "?" : " +?", part);
	v->type = VALUE_TEXT;
	free(name);
}

/* The main process, and the number of others. */
static void get_process(const struct subject *s, struct value *v)
{
	const struct psock *sock = s->sock;
	size_t others = 0;

	if (!s->owner) {
		value_holder(v, sock);
		return;
	}
	if (s->whole && sock->n_owners > 1)
		others = psock_processes(sock) - 1;
	if (!s->whole || !(others || sock->owners_hidden ||
			   sock->owners_incomplete || sock->kernel_owner))
		value_process(v, s->owner->comm, s->owner->pid);
	else
		put_others(sock, s->owner, others, v);
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
	{ NULL, "ADDRESS", FIELD_CUT_LATE, NULL,
	  "local address, %DEVICE if bound to one", get_address },
	{ "port", "PORT", FIELD_OF_ONE | FIELD_RIGHT, NULL, "local port", get_port },
	{ NULL, "SERVICE", FIELD_OF_ONE, NULL, "name of the port in services(5)",
	  get_service },
	{ "dev", "DEV", 0, NULL, "device it is bound to", get_dev },
	{ "state", "STATE", FIELD_CUT_SHORT, NULL, "state, as ss(8) names it", get_state },
	{ "netns", NULL, 0, NULL, NULL, get_netns },
	{ "netns_name", NULL, 0, NULL, NULL, get_netns_name },
	{ NULL, "NETNS", 0, NULL, "network namespace", get_netns_text },
	{ "cookie", "COOKIE", FIELD_OF_ONE | FIELD_RIGHT, NULL, "SO_COOKIE", get_cookie },
	{ "inode", "INODE", FIELD_OF_ONE | FIELD_RIGHT, NULL, "inode of the socket file",
	  get_inode },
	{ "uid", "SOCKUID", FIELD_RIGHT, NULL, "user id of the socket",
	  get_socket_uid },
	{ "reuseaddr", NULL, 0, NULL, NULL, get_reuseaddr },
	{ "reuseport", NULL, 0, NULL, NULL, get_reuseport },
	{ "v6only", NULL, 0, NULL, NULL, get_v6only },
	{ "freebind", NULL, 0, NULL, NULL, get_freebind },
	{ "transparent", NULL, 0, NULL, NULL, get_transparent },
	{ NULL, "FLAGS", FIELD_CUT_LATE, NULL, "socket options that are set", get_flags },
	{ "share", "SHARE", FIELD_CUT_SHORT | FIELD_DROP, NULL,
	  "why other sockets may use the port",
	  get_share },
	{ "group_size", "GROUP", FIELD_RIGHT, NULL,
	  "sockets that share the port", get_group_size },
	{ NULL, "BACKLOG", FIELD_RIGHT, NULL,
	  "connections waiting to be accepted, and the limit",
	  get_backlog },
	{ "choice", NULL, FIELD_OF_ONE, NULL, NULL, get_choice },
	{ "may_join", NULL, FIELD_OF_ONE, NULL, NULL, get_may_join },
	{ "covers", NULL, 0, NULL, NULL, get_covers },
	{ "backlog", NULL, 0, NULL, NULL, get_backlog_object },
	{ "expires_ns", NULL, 0, NULL, NULL, get_expires_ns },
	{ NULL, "EXPIRES", FIELD_RIGHT, NULL,
	  "time until a closed connection expires", get_expires },
	{ "peer", NULL, FIELD_OF_ONE, NULL, NULL, get_peer },
	{ NULL, "PEER",
	  FIELD_OF_ONE | FIELD_ASCII | FIELD_CUT_LATE | FIELD_DROP, NULL,
	  "other end of a connection", get_peer_text },
	{ "port_by_kernel", "CHOSEN", 0, NULL,
	  "whether the kernel chose the port", get_port_by_kernel },
	{ "kernel_owner", "KERNEL", 0, NULL,
	  "part of the kernel that created the socket", get_kernel_owner },
	{ "kernel_dev", "KDEV", 0, NULL,
	  "network device behind a socket of the kernel", get_kernel_dev },
	{ "kernel_netns", "KNETNS", FIELD_RIGHT, NULL,
	  "network namespace of that device", get_kernel_netns },
	{ "purpose", NULL, 0, NULL, NULL, get_purpose },
	{ "forwards", NULL, 0, NULL, NULL, get_forwards },
	{ "owners_incomplete", "INCOMPLETE", 0, NULL,
	  "the search for owners was cut short", get_owners_incomplete },
	{ "unseen_refs", "UNSEEN", FIELD_RIGHT, NULL,
	  "references that no descriptor explains", get_untracked_refs },
	{ "unseen", NULL, 0, NULL, NULL, get_untracked },
	{ "owners_hidden", "HIDDEN", 0, NULL,
	  "whether there are owners you are not permitted to see", get_owners_hidden },
	{ "age_ns", NULL, 0, NULL, NULL, get_age_ns },
	{ NULL, "AGE", FIELD_RIGHT, NULL, "time since the bind", get_age },
	{ "binder", NULL, 0, NULL, NULL, get_binder },
	{ NULL, "BINDER", FIELD_CUT_LATE, NULL, "process that called bind()",
	  get_binder_text },
	{ "owners", NULL, 0, NULL, NULL, get_owners },
	{ NULL, "SCOPE", FIELD_DROP, NULL,
	  "from where it can be reached: local, link, open", get_scope },
	{ NULL, "PROCESS", FIELD_CUT_LAST, SGR_BOLD,
	  "command[pid] of a process, +N for N others", get_process },
	{ 0 }
};
