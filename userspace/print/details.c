// SPDX-License-Identifier: GPL-2.0
/* All that is known about one socket, one line per fact. */

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/host.h"
#include "model/names.h"
#include "print/binder.h"
#include "print/kernel_dev.h"
#include "print/print.h"
#include "print/proxy.h"
#include "print/sharing.h"
#include "print/untracked.h"
#include "print/words.h"

/* What a table says in a column, to be freed. */
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
	printf("%s%s %s%s%s:%u%s%s%s %s%s\n", style->color ? SGR_BOLD : "",
	       proto, v6 ? "[" : "", address, v6 ? "]" : "", s->ep->port,
	       service ? " (" : "", service ? service : "", service ? ")" : "",
	       state, style->color ? SGR_RESET : "");
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

/* "alice (1000)", or just the number if there is no name. */
static void print_named(const char *label, __u32 number, const char *name)
{
	char *text = name ? escape_text(name, strlen(name)) : NULL;
	char *words = text ? xasprintf("%s (%u)", text, number) :
			     xasprintf("%u", number);

	print_fact(label, words);
	free(words);
	free(text);
}

/* A port that no program requested will be another one next time. */
static void print_origin(const struct psock *sock)
{
	if (sock->port_origin == PORT_ORIGIN_KERNEL)
		print_fact("port", "chosen by the kernel (from "
				   "net.ipv4.ip_local_port_range), not by a "
				   "program");
}

static void print_backlog(const struct psock *sock)
{
	char *words;

	if (!sock->has_backlog)
		return;
	words = xasprintf("%u of %u connection%s waiting to be accepted%s",
			  sock->backlog, sock->backlog_max,
			  sock->backlog_max == 1 ? "" : "s",
			  sock->backlog > sock->backlog_max ?
				  " (queue full)" : "");
	print_fact("backlog", words);
	free(words);
}

/* Mention root only if it would see more. */
static void print_hidden(const struct psock *sock)
{
	if (sock->owners_hidden)
		print_fact("hidden", host_has_root() ?
			   "processes that you are not permitted to see, but root is" :
			   "processes that you are not permitted to see");
}

/**
 * print_details() - Print all that is known about a socket, except its owners.
 * @sock: the socket
 * @sharing: the sockets on its port
 * @style: colour and names
 */
void print_details(const struct psock *sock, struct sharing *sharing,
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
	print_column(&s, "peer", "PEER");
	print_origin(sock);
	sharing_print(sharing, sock);
	print_backlog(sock);
	print_column(&s, "age", "AGE");
	binder_print(sock, style->numeric);
	print_column(&s, "kernel", "KERNEL");
	kernel_purpose_print(sock);
	proxy_print(sock);
	untracked_print(sock);
	print_hidden(sock);
}
