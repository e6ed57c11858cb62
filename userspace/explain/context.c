// SPDX-License-Identifier: GPL-2.0
/* A refusal, what was in the way, and what is now. */

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "explain/context.h"
#include "explain/refused.h"
#include "lib/host.h"
#include "model/endpoint.h"

/* A server explains more than its connections. */
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

/* A socket of SCTP is listed once for each of its addresses. */
static bool is_same(const struct psock *a, const struct psock *b)
{
	return a->cookie == b->cookie &&
	       (a->ep.proto != IPPROTO_SCTP || endpoint_equal(&a->ep, &b->ep));
}

/* Is this socket a culprit of the reject? */
static bool is_culprit(const struct reject *reject, const struct psock *sock)
{
	size_t i;

	for (i = 0; i < reject->culprits.n; i++)
		if (is_same(&reject->culprits.v[i], sock))
			return true;
	return false;
}

static bool overlaps(const struct reject *reject, const struct psock *sock)
{
	/* Only the same connection is in the way of a connect(). */
	if (reject->peer_port &&
	    (reject->peer_port != sock->peer_port ||
	     memcmp(reject->peer_addr, sock->peer_addr,
		    sizeof(sock->peer_addr))))
		return false;
	return reject->netns == sock->netns &&
	       endpoint_overlaps(&reject->ep, &sock->ep);
}

/* An overlap may be tolerated: if the kernel was asked, its answer counts. */
static bool is_in_the_way(const struct context *ctx,
			  const struct psock *sock)
{
	return ctx->would ? is_culprit(ctx->would, sock) :
			    overlaps(ctx->reject, sock);
}

/**
 * context_is_in_the_way() - Is a socket that is there now in the way?
 * @ctx: the context
 * @sock: the socket
 *
 * Return: true if it was in the way before, or is now.
 */
bool context_is_in_the_way(const struct context *ctx, const struct psock *sock)
{
	return is_culprit(ctx->reject, sock) || is_in_the_way(ctx, sock);
}

static const struct psock *better(const struct psock *a, const struct psock *b)
{
	return !a || (psock_is_passive(b) && !psock_is_passive(a)) ? b : a;
}

/**
 * psock_is_lasting() - Does a socket stay until its holder closes it?
 * @sock: the socket
 *
 * Return: false if it is an orphan, which expires.
 */
bool psock_is_lasting(const struct psock *sock)
{
	return sock->state != PORTOWNER_STATE_TIME_WAIT &&
	       (sock->inode || sock->n_owners || sock->kernel_owner);
}

/**
 * context_is_conflict() - Was the bind refused because of another socket?
 * @ctx: the context
 *
 * Return: true if it was.
 */
bool context_is_conflict(const struct context *ctx)
{
	const struct reject *reject = ctx->reject;

	return reject->ep.port && (reject->err == EADDRINUSE ||
				   reject->reason == PORTOWNER_REASON_TUPLE_IN_USE);
}

/**
 * context_is_chosen() - Did the kernel choose the port that was in the way?
 * @ctx: the context, with a holder
 *
 * Return: true if it did, or may have, as nothing else is known of a connection
 * on a port of the range.
 */
bool context_is_chosen(const struct context *ctx)
{
	switch (ctx->holder->port_origin) {
	case PORT_ORIGIN_KERNEL:
		return true;
	case PORT_ORIGIN_PROGRAM:
		return false;
	default:
		return !psock_is_passive(ctx->holder) && ctx->here &&
		       ephemeral_has(&ctx->ephemeral, ctx->reject->ep.port);
	}
}

/**
 * context_is_own() - Does the refused process itself hold a socket?
 * @ctx: the context
 * @sock: the socket
 *
 * systemd binds for its units, and others publish ports of containers, which have
 * nothing to do with each other: these processes do not count.
 *
 * Return: true if it is one of the owners.
 */
bool context_is_own(const struct context *ctx, const struct psock *sock)
{
	size_t i;

	if (refused_is_socket_unit(ctx->reject) ||
	    refused_engine(ctx->reject))
		return false;
	for (i = 0; ctx->reject->pid && i < sock->n_owners; i++)
		if (sock->owners[i].pid == ctx->reject->pid)
			return true;
	return false;
}

/**
 * context_now() - Find the present state of a culprit.
 * @ctx: the context
 * @culprit: a socket that was in the way
 *
 * Return: the socket as it is now, or NULL if it is gone.
 */
const struct psock *context_now(const struct context *ctx,
				const struct psock *culprit)
{
	size_t i;

	for (i = 0; i < ctx->now->n; i++)
		if (ctx->now->v[i].cookie == culprit->cookie)
			return &ctx->now->v[i];
	return NULL;
}

static void consider(struct context *ctx, const struct psock *sock,
		     const struct psock **other)
{
	if (is_culprit(ctx->reject, sock)) {
		ctx->still++;
		ctx->there = better(ctx->there, sock);
	} else if (is_in_the_way(ctx, sock)) {
		ctx->others++;
		*other = better(*other, sock);
	}
}

/**
 * context_find() - Find out what has become of a refusal.
 * @ctx: the caller sets @reject, @now, @servers, @would, @numeric and @listens, this
 *	function the rest
 */
void context_find(struct context *ctx)
{
	const struct psock *other = NULL;
	size_t i;

	ctx->here = ctx->reject->netns == host_netns();
	if (ctx->here)
		ephemeral_read(&ctx->ephemeral);
	if (!context_is_conflict(ctx))
		return;
	ctx->holder = main_of(&ctx->reject->culprits);
	for (i = 0; i < ctx->now->n; i++)
		consider(ctx, &ctx->now->v[i], &other);
	if (!ctx->there)
		ctx->there = other;
}

/**
 * context_forget() - Free what context_find() allocated.
 * @ctx: the context
 */
void context_forget(struct context *ctx)
{
	ephemeral_free(&ctx->ephemeral);
}
