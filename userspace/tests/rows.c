// SPDX-License-Identifier: GPL-2.0
/* Sockets for an audit, built by hand, and the findings about them. */

#include <arpa/inet.h>

#include "model/endpoint.h"
#include "model/refstr.h"
#include "tests/rows.h"
#include "tests/unit.h"

static struct psock_list sockets;

static char *shared(const char *text)
{
	return text ? refstr_new(text) : NULL;
}

static void set_endpoint(struct endpoint *ep, const struct row *row)
{
	ep->proto = row->proto ? row->proto : IPPROTO_TCP;
	ep->family = strchr(row->addr, ':') ? AF_INET6 : AF_INET;
	ep->port = row->port;
	ep->flags = row->flags;
	assert_int_equal(inet_pton(ep->family, row->addr, ep->addr), 1);
}

static void set_binder(struct psock *sock, const struct row *row)
{
	if (!row->binder)
		return;
	sock->binder = xcalloc(1, sizeof(*sock->binder));
	sock->binder->comm = xstrdup(row->binder);
	sock->binder->pid = row->binder_pid;
	sock->binder->alive = row->binder_lives;
}

static void set_owner(struct psock *sock, const struct row *row)
{
	struct owner *owner;

	if (!row->pid)
		return;
	owner = psock_add_owner(&sockets, sock);
	owner->pid = row->pid;
	owner->uid = row->uid;
	owner->comm = shared(row->comm ? row->comm : "server");
	owner->exe = shared(row->exe);
	owner->cgroup = shared(row->cgroup);
}

/* Add a socket. */
void rows_add(struct row row)
{
	struct psock *sock = psock_list_add(&sockets);

	set_endpoint(&sock->ep, &row);
	sock->state = row.state ? row.state :
		      endpoint_can_listen(&sock->ep) ? PORTOWNER_STATE_LISTEN :
						       PORTOWNER_STATE_BOUND;
	sock->netns = row.netns ? row.netns : HERE;
	sock->cookie = sockets.n;
	sock->has_uid = true;
	sock->uid = row.uid;
	sock->unknown = row.unknown;
	sock->owners_hidden = row.hidden;
	sock->port_origin = row.unknown ? PORT_ORIGIN_UNKNOWN :
			    row.by_kernel ? PORT_ORIGIN_KERNEL :
					    PORT_ORIGIN_PROGRAM;
	sock->kernel_owner = row.kernel ? xstrdup(row.kernel) : NULL;
	set_binder(sock, &row);
	set_owner(sock, &row);
}

static bool wants_all(const struct psock *sock, const void *arg)
{
	(void)sock;
	(void)arg;
	return true;
}

/* Audit them, with the settings already in @audit. */
void rows_audit(struct audit *audit)
{
	psock_list_sort(&sockets, ORDER_PORT);
	audit->all = &sockets;
	if (!audit->wanted)
		audit->wanted = wants_all;
	audit->netns = HERE;
	audit->numeric = true;
	audit_run(audit);
}

void rows_clear(void)
{
	psock_list_clear(&sockets);
}

const struct finding *rows_finding(const struct audit *audit,
				   enum finding_id id, size_t nr)
{
	size_t i;

	for (i = 0; i < audit->findings.n; i++)
		if (audit->findings.v[i].id == id && !nr--)
			return &audit->findings.v[i];
	return NULL;
}

size_t rows_count(const struct audit *audit, enum finding_id id)
{
	size_t n = 0;

	while (rows_finding(audit, id, n))
		n++;
	return n;
}
