// SPDX-License-Identifier: GPL-2.0
/*
 * Ports held by connections only, with nothing listening or bound: who owns
 * them, whether the kernel may have chosen the port, and how to reserve it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ephemeral.h"
#include "lib/host.h"
#include "lib/time_fmt.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "print/client_ports.h"
#include "print/phrase.h"
#include "print/words.h"

/* Maximum number of processes to name. */
#define NAMES_MAX	3

/**
 * struct taken - A port held by connections only.
 * @v: the connections
 * @n: number of connections
 * @live: number of those not in TIME_WAIT
 * @expires_ns: time until the last one in TIME_WAIT is gone, or 0 if not known
 * @bound: a program chose the port
 * @chosen: the kernel chose it
 * @self: one of them is connected to itself
 * @here: it is in the network namespace of the tool
 * @ephemeral: ports that the kernel chooses; not known if not @here
 */
struct taken {
	const struct psock *v;
	size_t n;
	size_t live;
	__u64 expires_ns;
	bool bound;
	bool chosen;
	bool self;
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

/* The holder of a connection; NULL if no process has it open. */
static char *name_of(const struct psock *sock)
{
	if (sock->n_owners)
		return phrase_process(sock->owners->comm, sock->owners->pid);
	if (sock->owners_hidden || sock->owners_incomplete ||
	    sock->kernel_owner)
		return phrase_holder(sock);
	return NULL;
}

static bool is_among(char *const *names, size_t n, const char *name)
{
	while (n)
		if (!strcmp(names[--n], name))
			return true;
	return false;
}

/* " of a[1], b[2] and others" */
static void put_names(FILE *out, const struct taken *taken)
{
	char *names[NAMES_MAX], *name;
	bool others = false;
	size_t i, n = 0;

	for (i = 0; i < taken->n && !(others && n == NAMES_MAX); i++) {
		if (!is_live(&taken->v[i]))
			continue;
		name = name_of(&taken->v[i]);
		if (name && is_among(names, n, name)) {
			free(name);
		} else if (name && n < NAMES_MAX) {
			names[n++] = name;
		} else {
			others = true;
			free(name);
		}
	}
	for (i = 0; i < n; i++) {
		fprintf(out, "%s%s", i ? ", " : " of ", names[i]);
		free(names[i]);
	}
	if (!n)
		fputs(" that no process has open", out);
	else if (others)
		fputs(" and others", out);
}

static void put_rest(FILE *out, const struct taken *taken)
{
	char rest[32];

	if (!taken->expires_ns) {
		fputs("at most a minute.", out);
		return;
	}
	time_fmt_age(taken->expires_ns, rest, sizeof(rest));
	fprintf(out, "another %s.", rest);
}

static void put_holders(FILE *out, const struct taken *taken)
{
	const struct endpoint *ep = &taken->v->ep;
	/* Otherwise a listener that is gone may have accepted it. */
	const char *kind = taken->bound || taken->chosen ? "outgoing " : "";
	const char *proto = proto_name(ep->proto);

	fprintf(out, "%s port %u is held by ", proto ? proto : "this",
		ep->port);
	if (!taken->live) {
		fprintf(out, "%s in TIME_WAIT, for ",
			taken->n == 1 ? "a closed connection" :
					"closed connections");
		put_rest(out, taken);
		return;
	}
	if (taken->live > 1)
		fprintf(out, "%zu %sconnections", taken->live, kind);
	else
		fprintf(out, "%s %sconnection", *kind ? "an" : "a", kind);
	put_names(out, taken);
	fprintf(out, "; %snothing is listening on it.",
		taken->bound ? "the port was bound explicitly, and " : "");
}

static void put_self(FILE *out, const struct taken *taken)
{
	if (taken->self)
		fprintf(out, " One socket is connected to itself: a client tried "
			     "to connect to port %u while nothing was "
			     "listening there, and the kernel picked that very "
			     "port for the client's end.",
			taken->v->ep.port);
}

static bool is_chosen_by_program(const struct taken *taken)
{
	return taken->bound && !taken->chosen;
}

static void put_range_unknown(FILE *out, const struct taken *taken)
{
	if (taken->chosen)
		fputs(" The kernel chose the port.", out);
	else if (!taken->here && !taken->bound)
		fputs(" Whether the kernel chose it depends on " SYSCTL_RANGE
		      " in that network namespace.",
		      out);
}

/* Say whether a port of the range is reserved. */
static void put_reserved(FILE *out, const struct taken *taken)
{
	const struct ephemeral *ephemeral = &taken->ephemeral;

	if (ephemeral_reserves(ephemeral, taken->v->ep.port)) {
		fputs(", but is already in " SYSCTL_RESERVED
		      ": the kernel will not choose it again.",
		      out);
		return;
	}
	fprintf(out, "%s.%s",
		taken->chosen ? "" : ", from which the kernel chooses ports",
		ephemeral->reserved ? " To reserve it:" : "");
}

static void put_range(FILE *out, const struct taken *taken)
{
	const struct ephemeral *ephemeral = &taken->ephemeral;

	if (!ephemeral->known) {
		put_range_unknown(out, taken);
		return;
	}
	if (in_range(taken) && is_chosen_by_program(taken))
		return;
	fprintf(out, " The %s%s " SYSCTL_RANGE " (%u to %u%s)",
		taken->chosen ? "kernel chose the port: it lies " : "port lies ",
		in_range(taken) ? "in" : "outside", ephemeral->first,
		ephemeral->last,
		taken->chosen && !in_range(taken) ? " now, but not then" : "");
	if (in_range(taken))
		put_reserved(out, taken);
	else
		fputs(taken->chosen ? "." :
			      ": a program chose it, not the kernel.", out);
}

/* Destination of words, and of a command or NULL. */
struct sink {
	void (*put)(void *arg, const char *words, const char *command);
	void *arg;
};

static void explain_taken(struct taken *taken, const struct sink *sink)
{
	char *command, *text;
	size_t len;
	FILE *out;

	taken->here = taken->v->netns == host_netns();
	if (taken->here)
		ephemeral_read(&taken->ephemeral);
	out = phrase_open(&text, &len);
	put_holders(out, taken);
	put_self(out, taken);
	put_range(out, taken);
	fclose(out);
	command = is_chosen_by_program(taken) ? NULL :
		  ephemeral_command(&taken->ephemeral, taken->v->ep.port);
	sink->put(sink->arg, text, command);
	free(text);
	free(command);
	ephemeral_free(&taken->ephemeral);
}

static void note_origin(struct taken *taken, const struct psock *sock)
{
	taken->bound |= sock->port_origin == PORT_ORIGIN_PROGRAM ||
			(sock->port_origin == PORT_ORIGIN_UNKNOWN &&
			 sock->binder);
	taken->chosen |= sock->port_origin == PORT_ORIGIN_KERNEL;
	taken->self |= psock_is_self_connected(sock);
}

/**
 * client_ports_explain() - Explain each port held by connections only.
 * @list: serving sockets, then connections, both sorted by port
 * @all: these, and all other sockets on their ports
 * @put: gets the words for each port, and a command or NULL
 * @arg: passed to @put
 */
void client_ports_explain(const struct psock_list *list,
			  const struct psock_list *all,
			  void (*put)(void *arg, const char *words,
				      const char *command),
			  void *arg)
{
	const struct sink sink = { put, arg };
	struct psock_list rest = { .v = list->v, .n = list->n };
	const struct psock_list *connected = &rest;
	struct taken taken;
	size_t i, end;

	for (; rest.n && psock_is_passive(rest.v); rest.n--)
		rest.v++;
	for (i = 0; i < connected->n; i = end) {
		taken = (struct taken){ .v = &connected->v[i] };
		for (end = i; end < connected->n &&
		     same_port(taken.v, &connected->v[end]); end++) {
			taken.live += is_live(&connected->v[end]);
			if (taken.expires_ns < connected->v[end].expires_ns)
				taken.expires_ns =
					connected->v[end].expires_ns;
			note_origin(&taken, &connected->v[end]);
		}
		taken.n = end - i;
		if (is_served(taken.v, all))
			continue;
		explain_taken(&taken, &sink);
	}
}

static void print_one(void *arg, const char *words, const char *command)
{
	(void)arg;
	putchar('\n');
	print_words(words, 0, 0);
	if (command)
		printf(INDENT "%s\n", command);
}

/**
 * client_ports_print() - Print the explanation of such ports.
 * @connected: connections, sorted by port
 * @all: these, and all other sockets on their ports
 */
void client_ports_print(const struct psock_list *connected,
			const struct psock_list *all)
{
	client_ports_explain(connected, all, print_one, NULL);
}
