// SPDX-License-Identifier: GPL-2.0
/* Findings about the sockets on one port: who shares it, and who could. */

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_priv.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "print/phrase.h"

/* Maximum number of sockets described per group. */
#define DESCRIBED_MAX	4

#define RELY_ON_NOTHING							\
	"Multicast programs have to share the port; do not trust what arrives on it."

/* A multicast packet reaches every socket of its group, whoever joins. */
static bool is_for_one(const struct psock *sock)
{
	return psock_is_passive(sock) && proto_has_ports(sock->ep.proto) &&
	       !endpoint_is_multicast(&sock->ep);
}

/* Joining there takes the right to bind low ports. */
static bool is_privileged(const struct audit *audit, const struct psock *sock)
{
	unsigned int start = PRIVILEGED_PORTS;

	if (sock->netns == audit->netns && audit->has_unprivileged)
		start = audit->unprivileged;
	return sock->ep.port < start;
}

static enum severity hijack_severity(const struct audit *audit,
				     const struct psock *sock)
{
	if (endpoint_is_discovery(&sock->ep) || is_privileged(audit, sock))
		return SEVERITY_LOW;
	return endpoint_scope(&sock->ep) == SCOPE_LOCAL ? SEVERITY_MEDIUM :
							  SEVERITY_HIGH;
}

static void hijack_found(struct audit *audit, const struct psock *sock)
{
	struct finding *finding;
	char *who;

	finding = audit_found(audit, FINDING_UDP_HIJACK,
			      hijack_severity(audit, sock), sock);
	if (!finding)
		return;
	who = audit_subject(audit, sock);
	finding->text = xasprintf("%s lets %s join with SO_REUSEADDR, and the "
				  "socket bound last gets all unicast traffic.",
				  who, is_privileged(audit, sock) ?
					  "any user who can bind low ports" :
					  "any user");
	finding->remedy = endpoint_is_discovery(&sock->ep) ?
		xstrdup(RELY_ON_NOTHING) :
		xstrdup("If it need not share the port, have it bind without "
			"SO_REUSEADDR; SO_REUSEPORT shares only among sockets "
			"of one user.");
	free(who);
}

static void look_for_hijack(struct audit *audit, struct sharing *sharing,
			    const struct psock *sock)
{
	const struct joining *joining;

	if (endpoint_can_listen(&sock->ep))
		return;
	joining = sharing_joining(sharing, sock);
	if (joining->unknown)
		audit->partly |= 1U << FINDING_UDP_HIJACK;
	else if (joining->anyone)
		hijack_found(audit, sock);
}

static bool is_member(const struct psock *sock, const struct psock *member)
{
	return is_for_one(member) && !member->kernel_owner &&
	       member->netns == sock->netns &&
	       endpoint_overlaps(&sock->ep, &member->ep);
}

static bool other_user(const struct psock *a, const struct psock *b)
{
	return a->has_uid && b->has_uid && a->uid != b->uid;
}

static bool other_program(const struct psock *a, const struct psock *b)
{
	const struct owner *one = psock_main_owner(a);
	const struct owner *other = psock_main_owner(b);
	char *left, *right;
	bool differs;

	if (!one || !other || !one->exe || !other->exe)
		return false;
	left = who_program(one);
	right = who_program(other);
	differs = strcmp(left, right);
	free(left);
	free(right);
	return differs;
}

/* Skip repetitions: a program may have a thousand sockets. */
static void put_members(struct audit *audit, FILE *out,
			const struct finding *finding)
{
	char *last = NULL, *words;
	size_t i, n = 0;

	for (i = 0; i < finding->n_socks && n < DESCRIBED_MAX; i++) {
		words = audit_holder(audit, finding->socks[i]);
		if (!last || strcmp(last, words))
			fprintf(out, "%s%s", n++ ? "; " : "", words);
		free(last);
		last = words;
	}
	free(last);
	if (i < finding->n_socks)
		fprintf(out, "; and more");
}

static void put_receiver(FILE *out, const struct sharing *sharing,
			 const struct psock *sock)
{
	struct choice choice = sharing_choice(sharing, sock);
	char *who;

	if (choice.by != CHOICE_LAST || !choice.receiver)
		return;
	who = phrase_holder(choice.receiver);
	fprintf(out, " Unicast traffic goes to %s, which bound it last.",
		who);
	free(who);
}

static void describe(struct audit *audit, const struct sharing *sharing,
		     struct finding *finding)
{
	char *command = audit_command(finding);
	size_t len;
	FILE *out = phrase_open(&finding->text, &len);

	fprintf(out, "%zu sockets share it: ", finding->n_socks);
	put_members(audit, out, finding);
	fputc('.', out);
	put_receiver(out, sharing, finding->socks[0]);
	fclose(out);
	finding->remedy = endpoint_is_discovery(&finding->socks[0]->ep) ?
		xstrdup(RELY_ON_NOTHING) :
		xasprintf("Find out who is meant to have it, and give the others "
			  "a port of their own: %s",
			  command);
	free(command);
}

static void share_found(struct audit *audit, const struct sharing *sharing,
			const struct psock *sock, enum finding_id id)
{
	enum severity severity = id == FINDING_SHARED_BY_USERS ?
				 SEVERITY_HIGH : SEVERITY_MEDIUM;
	const struct psock *member = sharing->all->v;
	struct finding *finding;
	size_t i;

	if (endpoint_is_discovery(&sock->ep))
		severity = SEVERITY_LOW;
	finding = audit_found(audit, id, severity, sock);
	if (!finding)
		return;
	for (i = 0; i < sharing->all->n; i++, member++)
		if (member != sock && is_member(sock, member))
			finding_add_socket(finding, member);
	describe(audit, sharing, finding);
}

/* A group gets one finding, at its first wanted socket. */
static void look_for_sharing(struct audit *audit, const struct sharing *sharing,
			     const struct psock *sock)
{
	const struct psock *member = sharing->all->v;
	bool users = false, programs = false;
	size_t i;

	if (sock->kernel_owner ||
	    audit_is_found(audit, FINDING_SHARED_BY_USERS, sock) ||
	    audit_is_found(audit, FINDING_SHARED_BY_PROGRAMS, sock))
		return;
	for (i = 0; i < sharing->all->n && !users; i++, member++) {
		if (member == sock || !is_member(sock, member))
			continue;
		users = other_user(sock, member);
		programs |= other_program(sock, member);
	}
	if (users)
		share_found(audit, sharing, sock, FINDING_SHARED_BY_USERS);
	else if (programs)
		share_found(audit, sharing, sock, FINDING_SHARED_BY_PROGRAMS);
}

/* Would the checks only repeat what they found for the previous socket? */
static bool is_again(const struct psock *sock, const struct psock *last)
{
	return last && last->netns == sock->netns && last->uid == sock->uid &&
	       endpoint_equal(&last->ep, &sock->ep) &&
	       !other_program(last, sock);
}

/**
 * audit_port() - Check the sockets on one port.
 * @audit: the audit
 * @port: all sockets with that port, of all protocols and namespaces
 */
void audit_port(struct audit *audit, const struct psock_list *port)
{
	struct sharing sharing = { .all = port, .numeric = audit->numeric };
	const struct psock *sock = port->v, *last = NULL;
	size_t i;

	for (i = 0; i < port->n; i++, sock++) {
		if (!is_for_one(sock) || !audit->wanted(sock, audit->arg))
			continue;
		look_for_hijack(audit, &sharing, sock);
		if (!is_again(sock, last))
			look_for_sharing(audit, &sharing, sock);
		last = sock;
	}
}
