// SPDX-License-Identifier: GPL-2.0
/* Sockets as a table, or one after the other with all that is known. */

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "names.h"
#include "print.h"

#define INDENT	"  "

/**
 * print_sockets_table() - Print sockets as a table.
 * @list: the sockets
 * @columns: what of them
 * @style: how it looks
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

static char *column_text(const struct subject *s, const char *name)
{
	const struct field *field;
	struct value v = { 0 };

	for (field = socket_fields; field->get; field++) {
		if (!field->column || strcmp(field->column, name))
			continue;
		field->get(s, &v);
		break;
	}
	return value_text(&v);
}

static void print_title(const struct subject *s, const struct style *style)
{
	char *proto = column_text(s, "PROTO");
	char *address = column_text(s, "ADDRESS");
	char *state = column_text(s, "STATE");
	const char *service = NULL;
	bool v6 = s->ep->family == AF_INET6;

	if (!style->numeric)
		service = service_name(s->ep->proto, s->ep->port);
	printf("%s%s %s%s%s:%u%s%s%s %s%s\n", style->color ? "\033[1m" : "",
	       proto, v6 ? "[" : "", address, v6 ? "]" : "", s->ep->port,
	       service ? " (" : "", service ? service : "", service ? ")" : "",
	       state, style->color ? "\033[0m" : "");
	free(proto);
	free(address);
	free(state);
}

static void print_line(const struct subject *s, const char *label,
		       const char *column)
{
	char *text = column_text(s, column);

	if (strcmp(text, "-"))
		printf(INDENT "%-10s %s\n", label, text);
	free(text);
}

static void print_user(const struct psock *sock, bool numeric)
{
	const char *name = numeric ? NULL : user_name(sock->uid);
	char *text;

	if (!sock->has_uid)
		return;
	if (!name) {
		printf(INDENT "%-10s %u\n", "user", sock->uid);
		return;
	}
	text = escape_text(name, strlen(name));
	printf(INDENT "%-10s %s (%u)\n", "user", text, sock->uid);
	free(text);
}

static void print_netns(const struct psock *sock, bool numeric)
{
	const char *name = numeric ? NULL : netns_name(sock->netns);
	char *text;

	if (!name) {
		printf(INDENT "%-10s %u\n", "netns", sock->netns);
		return;
	}
	text = escape_text(name, strlen(name));
	printf(INDENT "%-10s %s (%u)\n", "netns", text, sock->netns);
	free(text);
}

static void print_share(const struct psock *sock, const struct subject *s)
{
	char *share = column_text(s, "SHARE");

	if (sock->group_size > 1)
		printf(INDENT "%-10s %s, %u sockets\n", "share", share,
		       sock->group_size);
	else
		printf(INDENT "%-10s %s\n", "share", share);
	free(share);
}

static void print_binder(const struct subject *s, bool numeric)
{
	const struct binder *binder = s->sock->binder;
	char *text = column_text(s, "BINDER");
	struct value v = { 0 };
	char *user;

	if (binder) {
		value_user(&v, binder->uid, numeric);
		user = value_text(&v);
		printf(INDENT "%-10s %s by %s%s\n", "binder", text, user,
		       binder->alive ? "" : ", gone since");
		free(user);
	}
	free(text);
}

static void print_facts(const struct psock *sock, const struct style *style)
{
	struct subject s = {
		.ep = &sock->ep,
		.sock = sock,
		.numeric = style->numeric,
	};

	print_title(&s, style);
	print_netns(sock, style->numeric);
	print_user(sock, style->numeric);
	print_line(&s, "device", "DEV");
	print_line(&s, "flags", "FLAGS");
	print_share(sock, &s);
	print_line(&s, "age", "AGE");
	print_binder(&s, style->numeric);
	print_line(&s, "kernel", "KERNEL");
	if (sock->unseen_refs)
		printf(INDENT "%-10s %u references that no descriptor explains\n",
		       "unseen", sock->unseen_refs);
}

static void print_full(const struct psock *sock, const struct style *style)
{
	static const struct field * const sets[] = { owner_fields, NULL };
	struct columns columns;
	struct table *table;

	print_facts(sock, style);
	columns_choose(&columns, sets, "PID,FD,COMMAND,USER,EXE,UNIT", NULL);
	table = table_new(&columns, style);
	table_add_socket(table, sock);
	table_print(table, INDENT);
	table_free(table);
}

/**
 * print_sockets_full() - Print all that is known of sockets that serve, and
 *	a table of the others.
 * @list: the sockets; those that serve first
 * @columns: of the table
 * @style: how it looks
 */
void print_sockets_full(const struct psock_list *list,
			const struct columns *columns,
			const struct style *style)
{
	struct psock_list rest = { 0 };
	size_t i;

	for (i = 0; i < list->n && psock_is_passive(&list->v[i]); i++) {
		if (i)
			putchar('\n');
		print_full(&list->v[i], style);
	}
	if (i == list->n)
		return;
	if (i)
		putchar('\n');
	rest.v = list->v + i;
	rest.n = list->n - i;
	print_sockets_table(&rest, columns, style);
}
