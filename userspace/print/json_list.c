// SPDX-License-Identifier: GPL-2.0
/*
 * Lists as JSON. Elements are printed one by one, so that memory use does not
 * grow with their number, and as text, see json_text.c; all else becomes json-c
 * objects.
 */

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "print/client_ports.h"
#include "print/json.h"
#include "print/json_priv.h"
#include "print/print.h"
#include "print/sharing.h"

/**
 * print_sockets_json() - Print sockets as one object.
 * @list: the sockets
 * @source: name of their source
 */
void print_sockets_json(const struct psock_list *list, const char *source)
{
	printf("{\"source\":\"%s\",\"sockets\":[", source);
	json_print_sockets(list, NULL);
	fputs("]}\n", stdout);
}

static void add_note(void *array, const char *words, const char *command)
{
	char *text = command ? xasprintf("%s %s", words, command) :
			       xstrdup(words);

	json_add_element(array, text);
	free(text);
}

/**
 * print_who_json() - Print all that is known about sockets as one object.
 * @list: the sockets
 * @rest: the other sockets on their ports
 * @all: both
 * @source: name of their source
 * @redirects: where packets to ports without a socket go, or NULL if not known;
 *	freed
 */
void print_who_json(const struct psock_list *list,
		    const struct psock_list *rest,
		    const struct psock_list *all, const char *source,
		    struct json_object *redirects)
{
	struct json_object *notes = json_checked(json_object_new_array());
	struct sharing sharing = { .all = all };

	printf("{\"source\":\"%s\",\"sockets\":[", source);
	json_print_sockets(list, &sharing);
	fputs("],\"others\":[", stdout);
	json_print_sockets(rest, NULL);
	fputs("],\"notes\":", stdout);
	client_ports_explain(list, all, add_note, notes);
	json_print(notes);
	fputs(",\"redirects\":", stdout);
	if (redirects)
		json_print(redirects);
	else
		fputs("null", stdout);
	fputs("}\n", stdout);
}

static void print_rejects_array(const struct reject_list *list)
{
	size_t i;

	fputs("{\"rejects\":[", stdout);
	for (i = 0; i < list->n; i++) {
		fputs(i ? ",\n" : "\n", stdout);
		json_print(json_reject(&list->v[i]));
	}
	fputc(']', stdout);
}

/**
 * print_rejects_json() - Print rejects as one object.
 * @list: the rejects
 */
void print_rejects_json(const struct reject_list *list)
{
	print_rejects_array(list);
	fputs("}\n", stdout);
}

/**
 * print_run_json() - Print the refusals of a command as one object.
 * @list: the rejects
 * @exit_status: exit status of the command
 */
void print_run_json(const struct reject_list *list, int exit_status)
{
	print_rejects_array(list);
	printf(",\"status\":%d}\n", exit_status);
}

static void print_lines(const struct field *fields,
			const struct reject_list *list)
{
	struct subject s = { 0 };
	size_t i;

	for (i = 0; i < list->n; i++) {
		s.ep = &list->v[i].ep;
		s.reject = &list->v[i];
		json_print_subject(fields, &s);
		fputc('\n', stdout);
		flush_output();
	}
}

/**
 * print_rejects_json_lines() - Print rejects as one object per line.
 * @list: the rejects
 */
void print_rejects_json_lines(const struct reject_list *list)
{
	print_lines(reject_fields, list);
}

/**
 * print_calls_json_lines() - Print traced calls as one object per line.
 * @list: the calls
 */
void print_calls_json_lines(const struct reject_list *list)
{
	print_lines(call_fields, list);
}
