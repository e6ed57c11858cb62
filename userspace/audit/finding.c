// SPDX-License-Identifier: GPL-2.0
/* Findings of an audit: names, order and place. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/finding.h"
#include "lib/escape.h"
#include "lib/util.h"
#include "print/phrase.h"

static const struct {
	const char *name;
	const char *title;
} kinds[FINDINGS] = {
	[FINDING_UDP_HIJACK] = {
		"udp-open-to-hijack",
		"another program may take over these UDP ports"
	},
	[FINDING_SHARED_BY_USERS] = {
		"shared-by-users", "different users share these ports"
	},
	[FINDING_SHARED_BY_PROGRAMS] = {
		"shared-by-programs", "different programs share these ports"
	},
	[FINDING_DELETED_BINARY] = {
		"deleted-binary",
		"the executable of the owner was deleted or replaced"
	},
	[FINDING_INHERITED_SOCKET] = {
		"inherited-socket",
		"the process that bound these ports has ended, but others still hold them"
	},
	[FINDING_BINDER_GONE] = {
		"binder-gone",
		"the process that bound these ports has ended, and no process holds them"
	},
	[FINDING_PRIVILEGED_RANGE] = {
		"privileged-range-changed", "any user may bind low ports"
	},
	[FINDING_FIXED_PORT_IN_RANGE] = {
		"fixed-port-in-automatic-range",
		"the kernel may give these ports to others"
	},
	[FINDING_KERNEL_OWNER] = {
		"kernel-owner", "ports held by the kernel itself"
	},
	[FINDING_CONTAINER_PORT] = {
		"container-port", "ports held for containers"
	},
	[FINDING_EXPOSED] = {
		"exposed",
		"other hosts can reach these, unless a packet filter prevents it"
	},
};

static const char * const severities[SEVERITIES] = {
	[SEVERITY_HIGH] = "high",
	[SEVERITY_MEDIUM] = "medium",
	[SEVERITY_LOW] = "low",
	[SEVERITY_INFO] = "info",
};

/**
 * finding_name() - The stable identifier.
 * @id: the identifier
 *
 * Return: the name.
 */
const char *finding_name(enum finding_id id)
{
	return kinds[id].name;
}

/**
 * finding_title() - The title shared by all findings with an identifier.
 * @id: the identifier
 *
 * Return: words without a full stop.
 */
const char *finding_title(enum finding_id id)
{
	return kinds[id].title;
}

/**
 * finding_parse() - Find an identifier by its name.
 * @name: the name
 * @id: set to it
 *
 * Return: false if there is none.
 */
bool finding_parse(const char *name, enum finding_id *id)
{
	size_t i;

	for (i = 0; i < FINDINGS; i++) {
		if (strcmp(kinds[i].name, name))
			continue;
		*id = i;
		return true;
	}
	return false;
}

/**
 * severity_name() - Name of a severity.
 * @severity: the severity
 *
 * Return: the name.
 */
const char *severity_name(enum severity severity)
{
	return severities[severity];
}

/**
 * severity_parse() - Find a severity by its name.
 * @name: the name
 * @severity: set to it
 *
 * Return: false if there is none.
 */
bool severity_parse(const char *name, enum severity *severity)
{
	size_t i;

	for (i = 0; i < SEVERITIES; i++) {
		if (strcmp(severities[i], name))
			continue;
		*severity = i;
		return true;
	}
	return false;
}

/**
 * finding_add() - Append an empty finding.
 * @list: the list
 *
 * Return: the finding; valid until the next one is added.
 */
struct finding *finding_add(struct finding_list *list)
{
	list->v = xgrow(list->v, list->n, &list->room, sizeof(*list->v));
	memset(&list->v[list->n], 0, sizeof(*list->v));
	return &list->v[list->n++];
}

/**
 * finding_add_socket() - Add a socket to a finding.
 * @finding: the finding
 * @sock: the socket, which must stay at its address
 */
void finding_add_socket(struct finding *finding, const struct psock *sock)
{
	finding->socks = xgrow(finding->socks, finding->n_socks, &finding->room,
			       sizeof(*finding->socks));
	finding->socks[finding->n_socks++] = sock;
	who_add_socket(&finding->who, sock);
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ?: "", b ?: "");
}

/**
 * finding_compare_place() - Order by namespace and endpoint.
 * @a: a finding
 * @b: another one
 *
 * A namespace without a name gets another number with each restart.
 *
 * Return: as strcmp().
 */
int finding_compare_place(const struct finding *a, const struct finding *b)
{
	int order = compare(a->has_endpoint, b->has_endpoint);

	if (order)
		return order;
	if (!a->has_endpoint)
		return compare(a->port, b->port);
	order = compare(a->elsewhere, b->elsewhere);
	if (!order)
		order = compare_text(a->netns_name, b->netns_name);
	if (!order)
		order = strcmp(a->proto, b->proto);
	if (!order)
		order = compare(a->automatic, b->automatic);
	if (!order && !a->automatic)
		order = compare(a->port, b->port);
	if (!order)
		order = strcmp(a->addr, b->addr);
	return order ? order : compare_text(a->dev, b->dev);
}

/**
 * finding_same_place() - Do two findings have the same identifier and place?
 * @a: a finding
 * @b: another one
 *
 * Return: true if they do, whoever owns the sockets.
 */
bool finding_same_place(const struct finding *a, const struct finding *b)
{
	return a->id == b->id && !finding_compare_place(a, b);
}

static int compare_findings(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;
	int order = compare(a->severity, b->severity);

	if (!order)
		order = compare(a->id, b->id);
	if (!order && a->id == FINDING_EXPOSED)
		order = who_compare_group(&a->who, &b->who);
	if (!order)
		order = finding_compare_place(a, b);
	if (!order)
		order = compare(a->netns, b->netns);
	return order ? order : compare(a->port, b->port);
}

/**
 * finding_list_sort() - Sort findings, worst first.
 * @list: the findings
 */
void finding_list_sort(struct finding_list *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), compare_findings);
}

/* The text may come from a file that anyone may have written. */
static void put(FILE *out, const char *text)
{
	char *escaped = escape_text(text, strlen(text));

	fputs(escaped, out);
	free(escaped);
}

/**
 * finding_where() - "tcp [::1%eth0]:80, in network namespace blue"
 * @finding: the finding
 *
 * Return: the place; to be freed.
 */
char *finding_where(const struct finding *finding)
{
	bool v6 = finding->has_endpoint && strchr(finding->addr, ':');
	char *words;
	size_t len;
	FILE *out;

	if (!finding->has_endpoint)
		return xstrdup("this host");
	out = phrase_open(&words, &len);
	put(out, finding->proto);
	fputs(v6 ? " [" : " ", out);
	put(out, finding->addr);
	if (finding->dev) {
		fputc('%', out);
		put(out, finding->dev);
	}
	fprintf(out, "%s:%u", v6 ? "]" : "", finding->port);
	if (finding->elsewhere) {
		fputs(", in network namespace ", out);
		if (finding->netns_name)
			put(out, finding->netns_name);
		else
			fprintf(out, "%u", finding->netns);
	}
	fclose(out);
	return words;
}

/**
 * finding_drop_last() - Remove the last finding.
 * @list: the list, not empty
 */
void finding_drop_last(struct finding_list *list)
{
	struct finding *f = &list->v[--list->n];

	free(f->proto);
	free(f->addr);
	free(f->dev);
	free(f->netns_name);
	who_clear(&f->who);
	free(f->socks);
	free(f->text);
	free(f->remedy);
}

/**
 * finding_list_clear() - Free all findings of a list.
 * @list: the list, empty and usable afterwards
 */
void finding_list_clear(struct finding_list *list)
{
	while (list->n)
		finding_drop_last(list);
	free(list->v);
	memset(list, 0, sizeof(*list));
}
