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
#include "host.h"
#include "outgoing.h"
#include "print.h"

#define RANGE		"net.ipv4.ip_local_port_range"
#define RESERVED	"net.ipv4.ip_local_reserved_ports"

/* Processes that are named. */
#define NAMES_MAX	3

/**
 * struct taken - A port that only connections occupy.
 * @v: the connections
 * @n: how many
 * @live: how many of them are not in time-wait
 * @bound: the process of one of them called bind()
 * @here: in the network namespace of the tool
 * @range_known: @first and @last are known
 * @first: lowest port that the kernel chooses
 * @last: highest
 */
struct taken {
	const struct psock *v;
	size_t n;
	size_t live;
	bool bound;
	bool here;
	bool range_known;
	unsigned int first;
	unsigned int last;
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
	return taken->range_known && taken->v->ep.port >= taken->first &&
	       taken->v->ep.port <= taken->last;
}

/* Whether a port is in a list like 8080,9000-9100. */
static bool is_listed(const char *list, unsigned int port)
{
	unsigned int first, last;
	int len;

	while (sscanf(list, "%u%n", &first, &len) == 1) {
		list += len;
		last = first;
		if (*list == '-' && sscanf(list, "-%u%n", &last, &len) == 1)
			list += len;
		if (port >= first && port <= last)
			return true;
		list += *list == ',';
	}
	return false;
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

static void put_holders(FILE *out, const struct taken *taken)
{
	const struct endpoint *ep = &taken->v->ep;
	/* A listener that is gone may have accepted it. */
	const char *kind = taken->bound || in_range(taken) ? "outgoing " : "";
	const char *proto = proto_name(ep->proto);

	fprintf(out, "%s port %u is held by ", proto ? proto : "this",
		ep->port);
	if (!taken->live) {
		fprintf(out, "what is left of %s (time-wait), for a minute at most.",
			taken->n == 1 ? "a connection" : "connections");
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

static void put_range(FILE *out, const struct taken *taken,
		      const char *reserved)
{
	if (!taken->here)
		fputs(" Whether the kernel chose it is up to " RANGE " in that network namespace.",
		      out);
	if (!taken->range_known)
		return;
	fprintf(out, " The port lies %s " RANGE " (%u to %u)",
		in_range(taken) ? "in" : "outside", taken->first, taken->last);
	if (!in_range(taken))
		fputs(": the kernel did not choose it, but a program did.",
		      out);
	else if (!reserved)
		fputs(", from which the kernel chooses.", out);
	else if (is_listed(reserved, taken->v->ep.port))
		fputs(", but is in " RESERVED " already: the kernel will not choose it again.",
		      out);
	else
		fputs(", from which the kernel chooses. To keep it free:", out);
}

static void print_taken(const struct taken *taken)
{
	unsigned int port = taken->v->ep.port;
	char *reserved = NULL, *text;
	size_t len;
	FILE *out;

	if (in_range(taken))
		reserved = host_sysctl("net/ipv4/ip_local_reserved_ports");
	out = open_memstream(&text, &len);
	if (!out)
		exit(complain(STATUS_FAILED, "out of memory"));
	put_holders(out, taken);
	put_range(out, taken, reserved);
	fclose(out);
	putchar('\n');
	print_words(text, 0, 0);
	if (reserved && !is_listed(reserved, port))
		printf(INDENT "sysctl -w " RESERVED "=%s%s%u\n", reserved,
		       *reserved ? "," : "", port);
	free(text);
	free(reserved);
}

static void read_range(struct taken *taken)
{
	char *range;

	taken->here = taken->v->netns == host_netns();
	if (!taken->here)
		return;
	range = host_sysctl("net/ipv4/ip_local_port_range");
	taken->range_known = range && sscanf(range, "%u %u", &taken->first,
					     &taken->last) == 2;
	free(range);
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
			taken.bound |= !!connected->v[end].binder;
		}
		taken.n = end - i;
		if (is_served(taken.v, all))
			continue;
		read_range(&taken);
		print_taken(&taken);
	}
}
