// SPDX-License-Identifier: GPL-2.0
/* Who bound a socket, in words. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "print/binder.h"
#include "print/field.h"
#include "print/phrase.h"
#include "print/words.h"

/**
 * comm_is_systemd_helper() - Is this what systemd forks to bind a socket?
 * @comm: command name, or NULL
 *
 * It forks a helper into the cgroup of a socket unit, which binds there, hands
 * the socket to systemd, and ends.
 *
 * Return: true if it is.
 */
bool comm_is_systemd_helper(const char *comm)
{
	return comm && !strcmp(comm, "(sd-listen)");
}

/**
 * binder_is_systemd() - Did systemd bind a socket for a socket unit?
 * @binder: who called bind(), or NULL
 *
 * Return: true if it was the helper of systemd, which has always ended since.
 */
bool binder_is_systemd(const struct binder *binder)
{
	return binder && comm_is_systemd_helper(binder->comm);
}

/**
 * binder_may_wait() - May a system call of the binder keep a socket in use?
 * @sock: a socket that is held by no descriptor
 *
 * When a thread closes a descriptor, the socket remains in use until calls of
 * other threads that wait on it, such as accept(), have returned.
 *
 * Return: true if its binder is still running.
 */
bool binder_may_wait(const struct psock *sock)
{
	size_t i, in_flight = 0;

	for (i = 0; i < sock->n_untracked; i++)
		if (sock->untracked[i].where == PORTOWNER_UNSEEN_IN_FLIGHT)
			in_flight++;
	return sock->binder && sock->binder->alive && sock->binder->pid &&
	       sock->untracked_refs > in_flight;
}

/**
 * binder_phrase() - The process that bound a socket.
 * @binder: who called bind()
 *
 * Return: the phrase; to be freed.
 */
char *binder_phrase(const struct binder *binder)
{
	return binder_is_systemd(binder) ?
		       xstrdup("systemd") :
		       phrase_process(binder->comm, binder->pid);
}

/**
 * binder_print() - Print who bound a socket.
 * @sock: the socket
 * @numeric: omit user names
 */
void binder_print(const struct psock *sock, bool numeric)
{
	const struct binder *binder = sock->binder;
	struct value v = { 0 };
	char *who, *user, *words;

	if (!binder)
		return;
	who = binder_phrase(binder);
	value_user(&v, binder->uid, numeric);
	user = value_text(&v);
	words = binder_is_systemd(binder) ?
			xasprintf("%s, for a socket unit", who) :
			xasprintf("%s by %s%s", who, user,
				  binder->alive ? "" : ", which has gone since");
	print_fact("binder", words);
	free(words);
	free(user);
	free(who);
}
