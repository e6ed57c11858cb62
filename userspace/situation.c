// SPDX-License-Identifier: GPL-2.0
/* A refusal, who was in the way, and who is now. */

#include <errno.h>

#include "endpoint.h"
#include "host.h"
#include "situation.h"

/* One that serves explains more than its connections. */
static const struct psock *main_of(const struct psock_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (psock_is_passive(&list->v[i]))
			return &list->v[i];
	for (i = 0; i < list->n; i++)
		if (psock_is_lasting(&list->v[i]))
			return &list->v[i];
	return list->n ? list->v : NULL;
}

/* One that was in the way then, or would be now. */
static bool is_culprit(const struct reject *reject, const struct psock *sock)
{
	size_t i;

	for (i = 0; i < reject->culprits.n; i++)
		if (reject->culprits.v[i].cookie == sock->cookie)
			return true;
	return false;
}

static bool overlaps(const struct reject *reject, const struct psock *sock)
{
	return reject->netns == sock->netns &&
	       endpoint_overlaps(&reject->ep, &sock->ep);
}

/* An overlap is no obstacle by itself: where the kernel was asked, it decides. */
static bool is_in_the_way(const struct situation *sit,
			  const struct psock *sock)
{
	return sit->would ? is_culprit(sit->would, sock) :
			    overlaps(sit->reject, sock);
}

static const struct psock *better(const struct psock *a, const struct psock *b)
{
	return !a || (psock_is_passive(b) && !psock_is_passive(a)) ? b : a;
}

/**
 * psock_is_lasting() - Will a socket stay until a process lets go of it?
 * @sock: the socket
 *
 * Return: false if the kernel ends it soon by itself.
 */
bool psock_is_lasting(const struct psock *sock)
{
	return sock->state != PORTOWNER_STATE_TIME_WAIT &&
	       (sock->inode || sock->n_owners || sock->kernel_owner);
}

/**
 * situation_is_conflict() - Is it that a socket was in the way?
 * @sit: the situation
 *
 * Return: true if it is.
 */
bool situation_is_conflict(const struct situation *sit)
{
	return sit->reject->err == EADDRINUSE && sit->reject->ep.port;
}

/**
 * situation_is_own() - Is it the refused process that has a socket?
 * @sit: the situation
 * @sock: the socket
 *
 * Return: true if it is one of those that have it.
 */
bool situation_is_own(const struct situation *sit, const struct psock *sock)
{
	size_t i;

	for (i = 0; sit->reject->pid && i < sock->n_owners; i++)
		if (sock->owners[i].pid == sit->reject->pid)
			return true;
	return false;
}

/**
 * situation_now() - What has become of a culprit.
 * @sit: the situation
 * @culprit: a socket that was in the way
 *
 * Return: the same socket as it is now, or NULL if it is gone.
 */
const struct psock *situation_now(const struct situation *sit,
				  const struct psock *culprit)
{
	size_t i;

	for (i = 0; i < sit->now->n; i++)
		if (sit->now->v[i].cookie == culprit->cookie)
			return &sit->now->v[i];
	return NULL;
}

static void look_at(struct situation *sit, const struct psock *sock,
		    const struct psock **other)
{
	if (is_culprit(sit->reject, sock)) {
		sit->still++;
		sit->there = better(sit->there, sock);
	} else if (is_in_the_way(sit, sock)) {
		sit->others++;
		*other = better(*other, sock);
	}
}

/**
 * situation_find() - Find out what has become of a refusal.
 * @sit: its reject, now, would, numeric and listens are set; the rest becomes
 *	so
 */
void situation_find(struct situation *sit)
{
	const struct psock *other = NULL;
	size_t i;

	sit->here = sit->reject->netns == host_netns();
	if (sit->here)
		ephemeral_read(&sit->ephemeral);
	if (!situation_is_conflict(sit))
		return;
	sit->holder = main_of(&sit->reject->culprits);
	for (i = 0; i < sit->now->n; i++)
		look_at(sit, &sit->now->v[i], &other);
	if (!sit->there)
		sit->there = other;
}

/**
 * situation_forget() - Free what situation_find() allocated.
 * @sit: the situation
 */
void situation_forget(struct situation *sit)
{
	ephemeral_free(&sit->ephemeral);
}
