// SPDX-License-Identifier: GPL-2.0
/* All that is known of one socket, a line for each fact. */

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "names.h"
#include "print.h"
#include "share.h"
#include "unseen.h"

/* Facts that are sentences are folded to this, whatever the terminal. */
#define LINE_WIDTH	79
#define LABEL_WIDTH	10

/**
 * print_words() - Print words, folded at blanks.
 * @words: untrusted bytes in it are escaped already
 * @indent: blanks before each line but the first
 * @column: where the first line has got to
 */
void print_words(const char *words, size_t indent, size_t column)
{
	size_t len, used = column;

	for (; *words; words += len) {
		len = strcspn(words, " ");
		if (used > column && used + 1 + len > LINE_WIDTH) {
			printf("\n%*s", (int)indent, "");
			column = indent;
			used = indent;
		}
		used += printf("%s%.*s", used > column ? " " : "", (int)len,
			       words);
		words += strspn(words + len, " ");
	}
	putchar('\n');
}

/**
 * print_fact() - Print a label and what it is about.
 * @label: one word
 * @words: untrusted bytes in it are escaped already
 */
void print_fact(const char *label, const char *words)
{
	int column = printf(INDENT "%-*s ", LABEL_WIDTH, label);

	print_words(words, column, column);
}

/**
 * column_text() - What a column shows of a socket.
 * @s: the socket
 * @name: of the column
 *
 * Return: printable text; to be freed.
 */
char *column_text(const struct subject *s, const char *name)
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

static void print_column(const struct subject *s, const char *label,
			 const char *column)
{
	char *text = column_text(s, column);

	if (strcmp(text, "-"))
		print_fact(label, text);
	free(text);
}

/* A number, and the name for it if there is one. */
static void print_named(const char *label, __u32 number, const char *name)
{
	char *text = name ? escape_text(name, strlen(name)) : NULL;
	char *words = text ? xasprintf("%s (%u)", text, number) :
			     xasprintf("%u", number);

	print_fact(label, words);
	free(words);
	free(text);
}

static void print_backlog(const struct psock *sock)
{
	char *words;

	if (!sock->has_backlog)
		return;
	words = xasprintf("%u of %u connection%s wait to be accepted%s",
			  sock->backlog, sock->backlog_max,
			  sock->backlog_max == 1 ? "" : "s",
			  sock->backlog > sock->backlog_max ?
				  ": no more are let in" : "");
	print_fact("backlog", words);
	free(words);
}

static void print_binder(const struct subject *s)
{
	const struct binder *binder = s->sock->binder;
	struct value v = { 0 };
	char *text, *user, *words;

	if (!binder)
		return;
	value_user(&v, binder->uid, s->numeric);
	user = value_text(&v);
	text = column_text(s, "BINDER");
	words = xasprintf("%s by %s%s", text, user,
			  binder->alive ? "" : ", gone since");
	print_fact("binder", words);
	free(words);
	free(text);
	free(user);
}

/**
 * print_facts() - Print all that is known of a socket, but for its owners.
 * @sock: the socket
 * @share: with whom it shares its port
 * @style: how it looks
 */
void print_facts(const struct psock *sock, struct share *share,
		 const struct style *style)
{
	struct subject s = {
		.ep = &sock->ep,
		.sock = sock,
		.numeric = style->numeric,
	};
	bool names = !style->numeric;

	print_title(&s, style);
	print_named("netns", sock->netns,
		    names ? netns_name(sock->netns) : NULL);
	if (sock->has_uid)
		print_named("user", sock->uid,
			    names ? user_name(sock->uid) : NULL);
	print_column(&s, "device", "DEV");
	print_column(&s, "flags", "FLAGS");
	share_print(share, sock);
	print_backlog(sock);
	print_column(&s, "age", "AGE");
	print_binder(&s);
	print_column(&s, "kernel", "KERNEL");
	unseen_print(sock);
}
