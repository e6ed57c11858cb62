// SPDX-License-Identifier: GPL-2.0
/*
 * Ports that nobody serves on, but a connection occupies: whose it is, whether
 * the kernel may have chosen the port, and how to keep it from doing so.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "enums.h"
#include "ephemeral.h"
#include "host.h"
#include "outgoing.h"
#include "print.h"
#include "prose.h"
#include "when.h"

/* Processes that are named. */
#define NAMES_MAX	3

/**
 * struct taken - A port that only connections occupy.
 * @v: the connections
 * @n: how many
 * @live: how many of them are not in time-wait
 * @expires_ns: until the last of the others is gone, or 0 if not known
 * @bound: the process of one of them called bind()
 * @here: in the network namespace of the tool
 * @ephemeral: what the kernel chooses from; not known if not @here
 */
struct taken {
	const struct psock *v;
	size_t n;
	size_t live;
	__u64 expires_ns;
	bool bound;
	bool here;
	struct ephemeral ephemeral;
};

static bool same_port(const struct psock *a, const struct psock *b)
{
	return a->netns == b->netns && a->ep.port == b->ep.port &&
	       endpoint_transport(&a->ep) == endpoint_transport(&b->ep);
}

static bool is_served(const struct psock *sock, const struct psock_list *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (psock_is_passive(&all->v[i]) && same_port(sock, &all->v[i]))
			return true;
	return false;
}

static bool is_live(const struct psock *sock)
{
	return sock->state != PORTOWNER_STATE_TIME_WAIT;
}

static bool in_range(const struct taken *taken)
{
	return ephemeral_has(&taken->ephemeral, taken->v->ep.port);
}

static char *name_of(const struct psock *sock)
{
	struct value v = { 0 };

	if (!sock->n_owners && sock->owners_hidden)
		return xstrdup("a process that you may not see");
	if (!sock->n_owners && !sock->kernel_owner)
		return xstrdup("no process any more");
	value_first_owner(&v, sock);
	return value_text(&v);
}

/* "a[1], b[2] and others" */
static void put_names(FILE *out, const struct taken *taken)
{
	char *names[NAMES_MAX + 1];
	size_t i, j, n = 0;

	for (i = 0; i < taken->n && n <= NAMES_MAX; i++) {
		if (!is_live(&taken->v[i]))
			continue;
		names[n] = name_of(&taken->v[i]);
		for (j = 0; strcmp(names[j], names[n]); j++)
			;
		if (j < n)
			free(names[n]);
		else
			n++;
	}
	for (i = 0; i < n; i++) {
		if (i == NAMES_MAX)
			fputs(" and others", out);
		else
			fprintf(out, "%s%s", i ? ", " : "", names[i]);
		free(names[i]);
	}
}

static void put_rest(FILE *out, const struct taken *taken)
{
	char rest[32];

	if (!taken->expires_ns) {
		fputs("a minute at most.", out);
		return;
	}
	when_format_age(taken->expires_ns, rest, sizeof(rest));
	fprintf(out, "another %s.", rest);
}

static void put_holders(FILE *out, const struct taken *taken)
{
	const struct endpoint *ep = &taken->v->ep;
	/* A listener that is gone may have accepted it. */
	const char *kind = taken->bound || in_range(taken) ? "outgoing " : "";
	const char *proto = proto_name(ep->proto);

	fprintf(out, "%s port %u is held by ", proto ? proto : "this",
		ep->port);
	if (!taken->live) {
		fprintf(out, "what is left of %s (time-wait), for ",
			taken->n == 1 ? "a connection" : "connections");
		put_rest(out, taken);
		return;
	}
	if (taken->live > 1)
		fprintf(out, "%zu %sconnections of ", taken->live, kind);
	else
		fprintf(out, "%s %sconnection of ", *kind ? "an" : "a", kind);
	put_names(out, taken);
	fprintf(out, "%s; nobody listens on it.",
		taken->bound ? ", whose program bound it" : "");
}

static void put_range(FILE *out, const struct taken *taken)
{
	const struct ephemeral *ephemeral = &taken->ephemeral;

	if (!taken->here)
		fputs(" Whether the kernel chose it is up to " SYSCTL_RANGE
		      " in that network namespace.",
		      out);
	if (!ephemeral->known)
		return;
	fprintf(out, " The port lies %s " SYSCTL_RANGE " (%u to %u)",
		in_range(taken) ? "in" : "outside", ephemeral->first,
		ephemeral->last);
	if (!in_range(taken))
		fputs(": the kernel did not choose it, but a program did.",
		      out);
	else if (!ephemeral->reserved)
		fputs(", from which the kernel chooses.", out);
	else if (ephemeral_reserves(ephemeral, taken->v->ep.port))
		fputs(", but is in " SYSCTL_RESERVED
		      " already: the kernel will not choose it again.",
		      out);
	else
		fputs(", from which the kernel chooses. To keep it free:", out);
}

static void print_taken(struct taken *taken)
{
	char *command, *text;
	size_t len;
	FILE *out;

	taken->here = taken->v->netns == host_netns();
	if (taken->here)
		ephemeral_read(&taken->ephemeral);
	out = prose_open(&text, &len);
	put_holders(out, taken);
	put_range(out, taken);
	fclose(out);
	putchar('\n');
	print_words(text, 0, 0);
	command = ephemeral_command(&taken->ephemeral, taken->v->ep.port);
	if (command)
		printf(INDENT "%s\n", command);
	free(text);
	free(command);
	ephemeral_free(&taken->ephemeral);
}

/**
 * outgoing_print() - Explain each port that only connections occupy.
 * @connected: the connections, by port
 * @all: these, and all others on their ports
 */
void outgoing_print(const struct psock_list *connected,
		    const struct psock_list *all)
{
	struct taken taken;
	size_t i, end;

	for (i = 0; i < connected->n; i = end) {
		taken = (struct taken){ .v = &connected->v[i] };
		for (end = i; end < connected->n &&
		     same_port(taken.v, &connected->v[end]); end++) {
			taken.live += is_live(&connected->v[end]);
			if (taken.expires_ns < connected->v[end].expires_ns)
				taken.expires_ns =
					connected->v[end].expires_ns;
			taken.bound |= !!connected->v[end].binder;
		}
		taken.n = end - i;
		if (is_served(taken.v, all))
			continue;
		print_taken(&taken);
	}
}
