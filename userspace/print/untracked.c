// SPDX-License-Identifier: GPL-2.0
/* References to a socket that cannot be traced to a descriptor, in words. */

#include <stdio.h>
#include <stdlib.h>

#include "lib/util.h"
#include "print/binder.h"
#include "print/phrase.h"
#include "print/untracked.h"
#include "print/words.h"

/**
 * untracked_name() - Name of the place of a reference, as in JSON.
 * @where: enum portowner_unseen
 *
 * Return: the name, or NULL if the place is not known.
 */
const char *untracked_name(__u32 where)
{
	switch (where) {
	case PORTOWNER_UNSEEN_IN_FLIGHT:
		return "in-flight";
	case PORTOWNER_UNSEEN_IO_URING:
		return "io-uring";
	default:
		return NULL;
	}
}

static bool same_place(const struct untracked *a, const struct untracked *b)
{
	return a->where == b->where && a->pid == b->pid &&
	       text_equal(a->comm, b->comm);
}

static void put_process(FILE *out, const struct untracked *untracked)
{
	char *words = phrase_process(untracked->comm, untracked->pid);

	fputs(words, out);
	free(words);
}

/* References in flight; those queued for the same process are counted. */
static size_t put_in_flight(FILE *out, const struct psock *sock)
{
	const struct untracked *ref = sock->untracked, *end;
	size_t n, all = 0;

	for (end = ref + sock->n_untracked; ref < end; ref += n) {
		for (n = 1; ref + n < end; n++)
			if (!same_place(ref, ref + n))
				break;
		if (ref->where != PORTOWNER_UNSEEN_IN_FLIGHT)
			continue;
		fprintf(out, "%s%zu reference%s in %s queued on a unix socket of ",
			all ? "; " : "", n, n == 1 ? "" : "s",
			n == 1 ? "a message" : "messages");
		put_process(out, ref);
		all += n;
	}
	return all;
}

/* Any process with an io_uring may hold the rest; which one is unknown. */
static bool put_rings(FILE *out, const struct psock *sock)
{
	const char *before = ", possibly registered with an io_uring of ";
	size_t i;

	for (i = 0; i < sock->n_untracked; i++) {
		if (sock->untracked[i].where != PORTOWNER_UNSEEN_IO_URING)
			continue;
		fputs(before, out);
		put_process(out, &sock->untracked[i]);
		before = " or ";
	}
	return *before == ' ';
}

/* One thread waits on the socket, and another has closed the descriptor. */
static void put_waiting(FILE *out, const struct psock *sock, bool or)
{
	char *who;

	if (!binder_may_wait(sock) || sock->n_owners)
		return;
	who = binder_phrase(sock->binder);
	fprintf(out, ", %s held by a call, such as accept(), in which a thread "
		     "of %s is waiting although the descriptor was closed",
		or ? "or" : "possibly", who);
	free(who);
}

/**
 * untracked_print() - Print the untracked references, and where they may be.
 * @sock: the socket
 */
void untracked_print(const struct psock *sock)
{
	size_t len, rest, found;
	char *words;
	FILE *out;

	if (!sock->untracked_refs)
		return;
	out = phrase_open(&words, &len);
	found = put_in_flight(out, sock);
	rest = sock->untracked_refs > found ? sock->untracked_refs - found : 0;
	if (rest) {
		fprintf(out, "%s%zu reference%s that cannot be traced to a descriptor",
			found ? "; " : "", rest, rest == 1 ? "" : "s");
		put_waiting(out, sock, put_rings(out, sock));
	}
	fclose(out);
	print_fact("unseen", words);
	free(words);
}
