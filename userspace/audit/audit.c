// SPDX-License-Identifier: GPL-2.0
/*
 * Audit the host: sockets in, findings out. Sockets arrive sorted by port;
 * those on the same port are examined together.
 */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_priv.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "model/names.h"
#include "print/field.h"
#include "print/phrase.h"

static char *proto_text(const struct endpoint *ep)
{
	struct subject s = { .ep = ep };
	struct value v = { 0 };

	get_proto(&s, &v);
	return value_text(&v);
}

/*
 * If the origin is unknown, the kernel may have chosen any port in its range.
 */
static bool is_automatic(const struct audit *audit, const struct psock *sock)
{
	if (sock->port_origin == PORT_ORIGIN_UNKNOWN)
		return ephemeral_has(&audit->ephemeral, sock->ep.port);
	return sock->port_origin == PORT_ORIGIN_KERNEL;
}

static void set_place(const struct audit *audit, struct finding *finding,
		      const struct psock *sock)
{
	const char *name = netns_name(sock->netns);

	finding->has_endpoint = true;
	finding->proto = proto_text(&sock->ep);
	finding->addr = phrase_address(&sock->ep);
	finding->dev = sock->ep.dev ? xstrdup(sock->ep.dev) : NULL;
	finding->port = sock->ep.port;
	finding->automatic = is_automatic(audit, sock);
	finding->netns = sock->netns;
	finding->elsewhere = sock->netns != audit->netns;
	finding->netns_name = name ? xstrdup(name) : NULL;
}

/* One finding covers all sockets of the same owners on an endpoint. */
static bool is_same(const struct finding *a, const struct finding *b)
{
	return finding_same_place(a, b) && a->port == b->port &&
	       a->netns == b->netns && a->who.unknown == b->who.unknown &&
	       who_same(&a->who, &b->who);
}

/**
 * audit_found() - Record a finding for a socket.
 * @audit: the audit
 * @id: which finding
 * @severity: its severity
 * @sock: the socket
 *
 * Return: the finding, whose text and remedy the caller sets; NULL if the
 * socket was added to an earlier finding that is the same.
 */
struct finding *audit_found(struct audit *audit, enum finding_id id,
			    enum severity severity, const struct psock *sock)
{
	struct finding_list *list = &audit->findings;
	struct finding *new = finding_add(list);
	size_t i;

	new->id = id;
	new->severity = severity;
	set_place(audit, new, sock);
	finding_add_socket(new, sock);
	for (i = audit->first; i < list->n - 1; i++) {
		if (!is_same(&list->v[i], new))
			continue;
		finding_drop_last(list);
		finding_add_socket(&list->v[i], sock);
		return NULL;
	}
	return new;
}

/**
 * audit_is_found() - Is a socket part of a finding?
 * @audit: the audit
 * @id: which finding
 * @sock: the socket, on the current port
 *
 * Return: true if it is.
 */
bool audit_is_found(const struct audit *audit, enum finding_id id,
		    const struct psock *sock)
{
	const struct finding *finding;
	size_t i, k;

	for (i = audit->first; i < audit->findings.n; i++) {
		finding = &audit->findings.v[i];
		for (k = 0; k < finding->n_socks && finding->id == id; k++)
			if (finding->socks[k] == sock)
				return true;
	}
	return false;
}

/**
 * audit_holder() - "nc[201], uid 1000 (alice), web.service"
 * @audit: the audit
 * @sock: the socket
 *
 * Return: description of the holder; to be freed.
 */
char *audit_holder(const struct audit *audit, const struct psock *sock)
{
	const struct owner *owner = psock_main_owner(sock);
	const char *cgroup = owner ? owner->cgroup : sock->cgroup;
	struct psock first = *sock;
	char *holder, *unit, *words;
	size_t len;
	FILE *out;

	/* Named after its main owner. */
	if (owner) {
		first.owners = (struct owner *)owner;
		first.n_owners = 1;
	}
	holder = phrase_holder(&first);
	unit = phrase_unit(cgroup);
	out = phrase_open(&words, &len);
	fputs(holder, out);
	if (sock->has_uid) {
		fputs(", ", out);
		phrase_user(out, sock->uid, audit->numeric);
	}
	if (unit)
		fprintf(out, ", %s", unit);
	fclose(out);
	free(unit);
	free(holder);
	return words;
}

/**
 * audit_subject() - "nc[201], uid 1000 (alice), web.service,"
 * @audit: the audit
 * @sock: the socket
 *
 * Return: description of the holder, to be followed by a verb; to be freed.
 */
char *audit_subject(const struct audit *audit, const struct psock *sock)
{
	char *holder = audit_holder(audit, sock);
	char *words = xasprintf("%s%s", holder, strchr(holder, ',') ? "," : "");

	free(holder);
	return words;
}

static void look_at_port(struct audit *audit, const struct psock_list *port)
{
	const struct psock *sock = port->v;
	size_t i;

	audit->first = audit->findings.n;
	for (i = 0; i < port->n; i++, sock++) {
		if (!psock_is_passive(sock) || !proto_has_ports(sock->ep.proto) ||
		    !audit->wanted(sock, audit->arg))
			continue;
		audit->hidden += who_is_hidden(sock);
		audit_socket(audit, sock);
	}
	audit_port(audit, port);
}

/* Note what could not be checked: without the module, or for hidden owners. */
static void find_unchecked(struct audit *audit)
{
	if (!audit->module)
		audit->unchecked |= 1U << FINDING_KERNEL_OWNER |
				    1U << FINDING_INHERITED_SOCKET |
				    1U << FINDING_BINDER_GONE |
				    1U << FINDING_FIXED_PORT_IN_RANGE;
	if (audit->hidden)
		audit->partly |= 1U << FINDING_SHARED_BY_PROGRAMS |
				 1U << FINDING_DELETED_BINARY |
				 1U << FINDING_INHERITED_SOCKET |
				 1U << FINDING_BINDER_GONE |
				 1U << FINDING_CONTAINER_PORT;
	if (audit->host && !audit->has_unprivileged)
		audit->unchecked |= 1U << FINDING_PRIVILEGED_RANGE;
	if (!audit->ephemeral.known || !audit->ephemeral.reserved)
		audit->unchecked |= 1U << FINDING_FIXED_PORT_IN_RANGE;
	if (audit->all_netns)
		audit->unchecked |= UNCHECKED_SYSCTLS;
	audit->partly &= ~audit->unchecked;
}

/**
 * audit_run() - Run all checks.
 * @audit: the audit, still without findings; they are added
 */
void audit_run(struct audit *audit)
{
	struct psock_list port;
	size_t i, next;

	for (i = 0; i < audit->all->n; i = next) {
		for (next = i + 1; next < audit->all->n; next++)
			if (audit->all->v[next].ep.port !=
			    audit->all->v[i].ep.port)
				break;
		port = (struct psock_list){
			.v = audit->all->v + i, .n = next - i
		};
		look_at_port(audit, &port);
	}
	audit_sysctls(audit);
	find_unchecked(audit);
	finding_list_sort(&audit->findings);
}

/**
 * audit_clear() - Free the findings.
 * @audit: the audit
 */
void audit_clear(struct audit *audit)
{
	finding_list_clear(&audit->findings);
	ephemeral_free(&audit->ephemeral);
}
