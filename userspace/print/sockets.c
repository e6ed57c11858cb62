// SPDX-License-Identifier: GPL-2.0
/* Sockets as a table, or one by one with all that is known. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/escape.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "print/client_ports.h"
#include "print/phrase.h"
#include "print/print.h"
#include "print/sharing.h"
#include "print/words.h"

/* Search only so many sockets for a twin: many may share a port. */
#define TWIN_STEPS	16

/* How many 'who' shows before it only counts. */
#define FULL_SHOWN		8
#define CROWDS_SHOWN		8
#define OWNERS_SHOWN		8
#define CONNECTIONS_SHOWN	16

/**
 * print_sockets_table() - Print sockets as a table.
 * @list: the sockets
 * @columns: its columns
 * @style: its style
 */
void print_sockets_table(const struct psock_list *list,
			 const struct columns *columns,
			 const struct style *style)
{
	struct table *table = table_new(columns, style);
	size_t i;

	for (i = 0; i < list->n; i++)
		table_add_socket(table, &list->v[i]);
	table_print(table, "");
	table_free(table);
}

/* Index of the IPv6 twin, if it is near, or else of the socket itself. */
static size_t find_twin(const struct psock_list *list, size_t i)
{
	const struct psock *sock = &list->v[i];
	size_t j;

	if (sock->ep.family != AF_INET || !psock_is_passive(sock))
		return i;
	for (j = i + 1; j < list->n && j <= i + TWIN_STEPS; j++) {
		if (list->v[j].ep.port != sock->ep.port)
			break;
		if (psock_is_twin(sock, &list->v[j]))
			return j;
	}
	return i;
}

/**
 * print_sockets_whole() - Print a table with one row for each socket.
 * @list: the sockets, sorted by port
 * @columns: its columns
 * @style: its style
 *
 * Unless columns were chosen, an IPv6 twin shares the row.
 */
void print_sockets_whole(const struct psock_list *list,
			 const struct columns *columns,
			 const struct style *style)
{
	struct table *table = table_new(columns, style);
	bool *shown = xcalloc(list->n + 1, sizeof(*shown));
	size_t i, twin;

	for (i = 0; i < list->n; i++) {
		if (shown[i])
			continue;
		twin = i;
		if (columns->standard)
			twin = find_twin(list, i);
		shown[twin] = true;
		table_add_whole(table, &list->v[i], twin != i);
	}
	table_print(table, "");
	table_free(table);
	free(shown);
}

/* Owners of a socket: only some if there are many, unless all are wanted. */
static void print_owners(const struct psock *sock, const struct style *style,
			 bool everything)
{
	static const struct field * const sets[] = { owner_fields, NULL };
	struct psock some = *sock;
	struct columns columns;
	struct table *table;

	if (!everything && sock->n_owners > OWNERS_SHOWN + 1)
		some.n_owners = OWNERS_SHOWN;
	columns_choose(&columns, sets, "PID,FD,COMMAND,USER,EXE,UNIT", NULL);
	table = table_new(&columns, style);
	table_add_socket(table, &some);
	table_print(table, INDENT);
	table_free(table);
	if (some.n_owners < sock->n_owners)
		printf(INDENT "and %zu more descriptors, of %zu processes "
		       "together; --owners shows all\n",
		       sock->n_owners - some.n_owners, psock_processes(sock));
}

static void print_full(const struct psock *sock, struct sharing *sharing,
		       const struct style *style, bool everything)
{
	print_details(sock, sharing, style);
	print_owners(sock, style, everything);
}

/**
 * struct crowd - Sockets of one program on one address.
 * @like: one of them
 * @n: number of sockets
 */
struct crowd {
	const struct psock *like;
	size_t n;
};

static bool same_crowd(const struct psock *a, const struct psock *b)
{
	const struct owner *one = psock_main_owner(a);
	const struct owner *other = psock_main_owner(b);

	if (a->netns != b->netns || a->state != b->state ||
	    a->ep.proto != b->ep.proto || a->ep.family != b->ep.family ||
	    !endpoint_equal(&a->ep, &b->ep) || !one != !other)
		return false;
	return !one || (one->uid == other->uid && one->comm && other->comm &&
			!strcmp(one->comm, other->comm));
}

/* Returns the number of sockets in no crowd. */
static size_t count_crowds(struct crowd *crowds, const struct psock *v,
			   size_t n)
{
	size_t i, j, left_out = 0;

	for (i = 0; i < n; i++) {
		for (j = 0; j < CROWDS_SHOWN && crowds[j].n; j++)
			if (same_crowd(crowds[j].like, &v[i]))
				break;
		if (j == CROWDS_SHOWN) {
			left_out++;
			continue;
		}
		crowds[j].like = &v[i];
		crowds[j].n++;
	}
	return left_out;
}

/* Count what would fill screens. */
static void print_crowds(const struct psock *v, size_t n)
{
	struct crowd crowds[CROWDS_SHOWN] = { 0 };
	size_t i, left_out = count_crowds(crowds, v, n);
	const struct owner *owner;
	char *where, *who;

	printf("\nand %zu more listening or bound sockets; --owners shows each of them:\n",
	       n);
	for (i = 0; i < CROWDS_SHOWN && crowds[i].n; i++) {
		owner = psock_main_owner(crowds[i].like);
		where = phrase_endpoint(&crowds[i].like->ep);
		who = owner && owner->comm ?
			      escape_text(owner->comm, strlen(owner->comm)) :
			      phrase_holder(crowds[i].like);
		printf(INDENT "%zu on %s (%s), of %s\n", crowds[i].n, where,
		       state_name(crowds[i].like->state), who);
		free(where);
		free(who);
	}
	if (left_out)
		printf(INDENT "%zu others\n", left_out);
}

static void print_connections(const struct psock_list *list,
			      const struct columns *columns,
			      const struct style *style, bool everything)
{
	struct psock_list some = *list;

	if (!everything && list->n > CONNECTIONS_SHOWN + 1)
		some.n = CONNECTIONS_SHOWN;
	print_sockets_table(&some, columns, style);
	if (some.n < list->n)
		printf("and %zu more connections; --owners shows all\n",
		       list->n - some.n);
}

/**
 * print_sockets_full() - Print serving sockets in full, and a table of the
 *	others.
 * @list: the sockets; serving ones first
 * @all: these, and all others on their ports
 * @columns: columns of the table
 * @style: its style
 * @everything: print all of them; otherwise what fits on a screen, and counts
 */
void print_sockets_full(const struct psock_list *list,
			const struct psock_list *all,
			const struct columns *columns,
			const struct style *style, bool everything)
{
	struct sharing sharing = { .all = all, .numeric = style->numeric };
	struct psock_list rest = { 0 };
	size_t i, serving = 0, shown;

	while (serving < list->n && psock_is_passive(&list->v[serving]))
		serving++;
	shown = everything || serving <= FULL_SHOWN ? serving : 1;
	for (i = 0; i < shown; i++) {
		if (i)
			putchar('\n');
		print_full(&list->v[i], &sharing, style, everything);
	}
	if (shown < serving)
		print_crowds(list->v + shown, serving - shown);
	if (serving == list->n)
		return;
	if (serving)
		putchar('\n');
	rest.v = list->v + serving;
	rest.n = list->n - serving;
	print_connections(&rest, columns, style, everything);
	client_ports_print(&rest, all);
}
