// SPDX-License-Identifier: GPL-2.0
/* Where packets to a port without a socket go, in words and in JSON. */

#include <arpa/inet.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/util.h"
#include "model/enums.h"
#include "print/json.h"
#include "print/phrase.h"
#include "print/redirects.h"

static bool address_of(const struct redirect *redirect, char *buf)
{
	__u16 family = redirect->to_family ? redirect->to_family :
					     redirect->family;

	return redirect->has_addr &&
	       inet_ntop(family, redirect->addr, buf, INET6_ADDRSTRLEN);
}

/* "172.17.0.2:80", "[fd00::2]", "port 3128 of this host", "another address" */
static void put_where(FILE *out, const struct redirect *redirect)
{
	char addr[INET6_ADDRSTRLEN];
	bool v6;

	if (redirect->here && redirect->port) {
		fprintf(out, "port %u of this host", redirect->port);
	} else if (redirect->here) {
		fputs("this host", out);
	} else if (address_of(redirect, addr)) {
		v6 = strchr(addr, ':');
		fprintf(out, "%s%s%s", v6 ? "[" : "", addr, v6 ? "]" : "");
		if (redirect->port)
			fprintf(out, ":%u", redirect->port);
	} else if (redirect->port) {
		fprintf(out, "port %u of another address", redirect->port);
	} else {
		fputs("another address", out);
	}
}

static void put_escaped(FILE *out, const char *before, const char *bytes)
{
	char *text = escape_text(bytes, strlen(bytes));

	fprintf(out, "%s%s", before, text);
	free(text);
}

static void put_rule(FILE *out, const struct redirect *redirect)
{
	if (!redirect->chain)
		return;
	put_escaped(out, " (chain ", redirect->chain);
	fprintf(out, " of table %s", redirect->table_family);
	put_escaped(out, " ", redirect->table);
	fputc(')', out);
}

static char *redirect_words(const struct redirect *redirect)
{
	const char *proto = proto_name(redirect->proto);
	char *words;
	size_t len;
	FILE *out;

	out = phrase_open(&words, &len);
	fprintf(out, "%s %s %s packets to ",
		redirect->by == REDIRECT_BY_IPVS ? "IPVS" :
		redirect->by == REDIRECT_BY_IPTABLES ? "an iptables rule" :
						       "an nftables rule",
		redirect->certain ? "redirects" : "may redirect",
		proto ? proto : "its");
	put_where(out, redirect);
	put_rule(out, redirect);
	fclose(out);
	return words;
}

/* Joins them; those that are the same for both families appear once. */
static char *join(const struct redirect_list *list, bool certain)
{
	char *all = xstrdup(""), *one, *longer;
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (certain && !list->v[i].certain)
			continue;
		one = redirect_words(&list->v[i]);
		if (!strstr(all, one)) {
			longer = xasprintf("%s%s%s", all, *all ? "; " : "", one);
			free(all);
			all = longer;
		}
		free(one);
	}
	return all;
}

/**
 * redirects_known() - Were all rules examined?
 * @list: the redirects
 *
 * Return: true if they were.
 */
bool redirects_known(const struct redirect_list *list)
{
	return !list->denied && !list->failed && !list->legacy;
}

static const char *not_looked_at(const struct redirect_list *list)
{
	return list->denied || list->failed ?
		       "redirects by nftables, iptables or IPVS were not checked" :
		       "iptables-legacy rules were not checked";
}

/**
 * redirects_note() - Redirects that keep packets from a socket on the port.
 * @list: the redirects
 *
 * Return: the rules that certainly apply to the port, to be freed; NULL if
 * there are none.
 */
char *redirects_note(const struct redirect_list *list)
{
	char *words = join(list, true);

	if (*words)
		return words;
	free(words);
	return NULL;
}

/**
 * redirects_words() - Where packets to a port go, as far as known.
 * @list: the redirects
 *
 * Return: words to follow "no socket holds it"; to be freed.
 */
char *redirects_words(const struct redirect_list *list)
{
	char *rules = join(list, false), *words;
	const char *unknown = not_looked_at(list);

	words = xasprintf("%s%s%s%s%s", list->n ? ", but " : "", rules,
			  redirects_known(list) ? "" : "; ",
			  !redirects_known(list) ? unknown : list->n ? "" :
				", and no nftables, iptables or IPVS rule redirects it",
			  list->denied ? ", which takes CAP_NET_ADMIN" : "");
	free(rules);
	return words;
}

static struct json_object *json_redirect(const char *target,
					 const struct redirect *redirect)
{
	struct json_object *json = json_checked(json_object_new_object());
	char addr[INET6_ADDRSTRLEN];

	json_add_bytes(json, "target", target);
	json_add_text(json, "by", redirect_by_name(redirect->by));
	json_add_text(json, "proto", proto_name(redirect->proto));
	json_add_text(json, "family", family_name(redirect->family));
	json_object_object_add(json, "certain",
			       json_checked(json_object_new_boolean(redirect->certain)));
	json_object_object_add(json, "here",
			       json_checked(json_object_new_boolean(redirect->here)));
	json_add_text(json, "addr", address_of(redirect, addr) ? addr : NULL);
	if (redirect->port)
		json_add_number(json, "port", redirect->port);
	else
		json_object_object_add(json, "port", NULL);
	json_add_text(json, "table_family", redirect->table_family);
	json_add_bytes(json, "table", redirect->table);
	json_add_bytes(json, "chain", redirect->chain);
	return json;
}

/**
 * redirects_add_json() - Add the redirects of a port to an array.
 * @array: the array
 * @target: the port as requested
 * @list: the redirects
 */
void redirects_add_json(struct json_object *array, const char *target,
			const struct redirect_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		json_object_array_add(array, json_redirect(target, &list->v[i]));
}
