// SPDX-License-Identifier: GPL-2.0
/* References to a socket that no descriptor explains, in words. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "print.h"
#include "unseen.h"
#include "util.h"

static bool same_place(const struct unseen *a, const struct unseen *b)
{
	return a->where == b->where && a->pid == b->pid &&
	       !strcmp(a->comm ? a->comm : "", b->comm ? b->comm : "");
}

/* "pid 123 (name)" */
static void put_process(FILE *out, const struct unseen *unseen)
{
	const char *comm = unseen->comm ? unseen->comm : "";
	char *name = escape_text(comm, strlen(comm));

	if (unseen->pid)
		fprintf(out, "pid %u (%s)", unseen->pid, name);
	else
		fprintf(out, "a process outside this pid namespace (%s)", name);
	free(name);
}

/* The references that are in flight; those to one process together. */
static size_t put_in_flight(FILE *out, const struct psock *sock)
{
	const struct unseen *unseen = sock->unseen, *end;
	size_t n, all = 0;

	for (end = unseen + sock->n_unseen; unseen < end; unseen += n) {
		for (n = 1; unseen + n < end; n++)
			if (!same_place(unseen, unseen + n))
				break;
		if (unseen->where != PORTOWNER_UNSEEN_IN_FLIGHT)
			continue;
		fprintf(out, "%s%zu reference%s in %s waiting in a unix socket of ",
			all ? "; " : "", n, n == 1 ? "" : "s",
			n == 1 ? "a message" : "messages");
		put_process(out, unseen);
		all += n;
	}
	return all;
}

/* Which process it is nobody knows: any with an io_uring may be. */
static void put_rings(FILE *out, const struct psock *sock)
{
	const char *before = ", possibly registered with an io_uring of ";
	size_t i;

	for (i = 0; i < sock->n_unseen; i++) {
		if (sock->unseen[i].where != PORTOWNER_UNSEEN_IO_URING)
			continue;
		fputs(before, out);
		put_process(out, &sock->unseen[i]);
		before = " or ";
	}
}

/**
 * unseen_print() - Print how many references are unseen, and what is known.
 * @sock: the socket
 */
void unseen_print(const struct psock *sock)
{
	size_t len, rest, found;
	char *words;
	FILE *out;

	if (!sock->unseen_refs)
		return;
	out = open_memstream(&words, &len);
	if (!out)
		exit(complain(STATUS_FAILED, "out of memory"));
	found = put_in_flight(out, sock);
	rest = sock->unseen_refs > found ? sock->unseen_refs - found : 0;
	if (rest) {
		fprintf(out, "%s%zu reference%s that no descriptor explains",
			found ? "; " : "", rest, rest == 1 ? "" : "s");
		put_rings(out, sock);
	}
	fclose(out);
	print_fact("unseen", words);
	free(words);
}
