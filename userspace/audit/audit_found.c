// SPDX-License-Identifier: GPL-2.0
/* A finding about a socket, and its holder in words. */

#include <stdlib.h>
#include <string.h>

#include "audit/audit_priv.h"
#include "lib/util.h"
#include "model/endpoint.h"
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
 * audit_command() - "portowner -A 8080"
 * @finding: the finding
 *
 * Return: the command that shows the port; to be freed.
 */
char *audit_command(const struct finding *finding)
{
	return xasprintf("portowner %s%u", finding->elsewhere ? "-A " : "",
			 finding->port);
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
