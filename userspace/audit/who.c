// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds a socket, in terms that survive a restart: no process ids, and no
 * names that a manager generates anew each time.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/who.h"
#include "lib/escape.h"
#include "lib/exe.h"
#include "lib/process.h"
#include "lib/util.h"
#include "print/field.h"
#include "print/phrase.h"

#define CONTAINER	"container:"
#define KERNEL		"kernel:"

static bool has_prefix(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

static bool has_suffix(const char *text, const char *suffix)
{
	size_t len = strlen(text), n = strlen(suffix);

	return len >= n && !strcmp(text + len - n, suffix);
}

/**
 * who_is_deleted() - Was the executable of a process deleted or replaced?
 * @owner: the process
 *
 * Return: true if it was.
 */
bool who_is_deleted(const struct owner *owner)
{
	return owner->exe && owner->exe[exe_len(owner->exe)];
}

/**
 * who_program() - The program of a process.
 * @owner: the process
 *
 * Return: path of its executable, even if deleted, or else its name; to be
 * freed. NULL if neither is known.
 */
char *who_program(const struct owner *owner)
{
	if (!owner->exe)
		return owner->comm ? xstrdup(owner->comm) : NULL;
	return xasprintf("%.*s", (int)exe_len(owner->exe), owner->exe);
}

/**
 * who_is_hidden() - May a socket have owners that are not known?
 * @sock: the socket
 *
 * Return: true if it may.
 */
bool who_is_hidden(const struct psock *sock)
{
	if (sock->owners_incomplete)
		return true;
	return sock->unknown & UNKNOWN_HIDDEN ? !sock->n_owners :
						sock->owners_hidden;
}

/* A generated name is reduced to its constant part. */
static const char *lasting(const char *unit)
{
	if (!unit)
		return "";
	if (has_prefix(unit, CONTAINER))
		return CONTAINER;
	if (has_suffix(unit, ".scope"))
		return ".scope";
	return has_prefix(unit, "run-") ? "run-" : unit;
}

/* A reader with fewer rights sees the name instead of the path. */
static int compare_programs(const char *a, const char *b)
{
	if (!a || !b)
		return !!a - !!b;
	if ((*a == '/') == (*b == '/'))
		return strcmp(a, b);
	return strncmp(exe_name(a), exe_name(b), COMM_LEN);
}

static int compare_who(const struct who *a, const struct who *b)
{
	int order = compare(a->uid, b->uid);

	if (!order)
		order = strcmp(lasting(a->unit), lasting(b->unit));
	return order ? order : compare_programs(a->program, b->program);
}

/**
 * who_add() - Add a holder, unless it is listed already.
 * @list: the list
 * @uid: user
 * @program: program, or NULL
 * @unit: unit or container, or NULL
 */
void who_add(struct who_list *list, __u32 uid, const char *program,
	     const char *unit)
{
	struct who who = {
		.uid = uid,
		.program = program ? xstrdup(program) : NULL,
		.unit = unit ? xstrdup(unit) : NULL,
	};
	int order = -1;
	size_t i;

	for (i = 0; i < list->n; i++) {
		order = compare_who(&who, &list->v[i]);
		if (order <= 0)
			break;
	}
	if (i < list->n && !order) {
		free(who.program);
		free(who.unit);
		return;
	}
	list->v = xgrow(list->v, list->n, &list->room, sizeof(*list->v));
	memmove(&list->v[i + 1], &list->v[i], (list->n - i) * sizeof(who));
	list->v[i] = who;
	list->n++;
}

/* "web.service", or "container:0123456789ab"; to be freed, or NULL. */
static char *unit_of(const char *cgroup)
{
	struct value v = { 0 };

	value_unit(&v, cgroup);
	if (v.type != VALUE_STRING)
		return NULL;
	return xasprintf("%.*s", (int)v.len, v.str);
}

/**
 * who_add_socket() - Add the holders of a socket.
 * @list: the list
 * @sock: the socket
 */
void who_add_socket(struct who_list *list, const struct psock *sock)
{
	const struct owner *owner = psock_main_owner(sock);
	char *program = NULL, *unit;

	if (!owner && !sock->kernel_owner && who_is_hidden(sock)) {
		list->unknown = true;
		return;
	}
	if (owner)
		program = who_program(owner);
	else if (sock->kernel_owner)
		program = xasprintf(KERNEL "%s", sock->kernel_owner);
	unit = unit_of(owner ? owner->cgroup : sock->cgroup);
	who_add(list, sock->has_uid ? sock->uid : owner ? owner->uid : 0,
		program, unit);
	free(unit);
	free(program);
}

/**
 * who_same() - Are the holders the same, as far as known?
 * @a: holders of something
 * @b: holders of something else
 *
 * Return: true unless they differ.
 */
bool who_same(const struct who_list *a, const struct who_list *b)
{
	size_t i;

	if (a->unknown || b->unknown)
		return true;
	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (compare_who(&a->v[i], &b->v[i]))
			return false;
	return true;
}

/**
 * who_compare_group() - Order by user and unit of the first holder.
 * @a: holders of something
 * @b: holders of something else
 *
 * Return: as strcmp().
 */
int who_compare_group(const struct who_list *a, const struct who_list *b)
{
	int order;

	if (!a->n || !b->n)
		return compare(!a->n, !b->n);
	order = compare(a->v->uid, b->v->uid);
	if (order)
		return order;
	return strcmp(a->v->unit ?: "", b->v->unit ?: "");
}

static char *escaped(const char *text)
{
	return escape_text(text, strlen(text));
}

static void put_unit(FILE *out, const char *unit)
{
	bool container = has_prefix(unit, CONTAINER);
	char *name = escaped(container ? unit + strlen(CONTAINER) : unit);

	fprintf(out, ", %s%s", container ? "container " : "", name);
	free(name);
}

static void put_program(FILE *out, const char *program)
{
	bool kernel = has_prefix(program, KERNEL);
	char *name = escaped(kernel ? program + strlen(KERNEL) : program);

	fprintf(out, kernel ? ", the kernel itself (%s)" : ", %s", name);
	free(name);
}

static void put_who(FILE *out, const struct who *who, bool numeric)
{
	phrase_user(out, who->uid, numeric);
	if (who->program)
		put_program(out, who->program);
	if (who->unit)
		put_unit(out, who->unit);
}

/**
 * who_words() - "uid 0 (root), /usr/sbin/sshd, ssh.service"
 * @list: the holders
 * @numeric: omit user names
 *
 * Return: the text, separated by semicolons; to be freed.
 */
char *who_words(const struct who_list *list, bool numeric)
{
	char *words;
	size_t len, i;
	FILE *out = phrase_open(&words, &len);

	for (i = 0; i < list->n; i++) {
		if (i)
			fputs("; ", out);
		put_who(out, &list->v[i], numeric);
	}
	if (list->unknown)
		fprintf(out, "%sprocesses that are hidden", i ? "; " : "");
	fclose(out);
	return words;
}

/**
 * who_words_group() - "uid 0 (root), ssh.service"
 * @list: the holders
 * @numeric: omit user names
 *
 * Return: the properties that who_compare_group() compares; to be freed.
 */
char *who_words_group(const struct who_list *list, bool numeric)
{
	char *words;
	size_t len;
	FILE *out = phrase_open(&words, &len);

	if (list->n) {
		phrase_user(out, list->v->uid, numeric);
		if (list->v->unit)
			put_unit(out, list->v->unit);
	} else {
		fputs("processes that are hidden", out);
	}
	fclose(out);
	return words;
}

/**
 * who_clear() - Free the contents of a list.
 * @list: the list, empty and usable afterwards
 */
void who_clear(struct who_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		free(list->v[i].program);
		free(list->v[i].unit);
	}
	free(list->v);
	memset(list, 0, sizeof(*list));
}
