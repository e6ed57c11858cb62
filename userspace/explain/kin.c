// SPDX-License-Identifier: GPL-2.0
/*
 * Whether the holder of a port and the refused process belong together: a
 * program that forks may bind the port in several processes, but not everything
 * that was started by a process belongs to its program.
 */

#include <stdlib.h>
#include <string.h>

#include "explain/kin.h"
#include "explain/program.h"
#include "explain/refused.h"
#include "lib/interpreter.h"
#include "lib/process.h"
#include "print/phrase.h"

/**
 * psock_owner() - The owner with a process id.
 * @sock: the socket
 * @pid: the process, or 0
 *
 * Return: the owner, or NULL if the process is none.
 */
const struct owner *psock_owner(const struct psock *sock, __u32 pid)
{
	size_t i;

	for (i = 0; pid && i < sock->n_owners; i++)
		if (sock->owners[i].pid == pid)
			return &sock->owners[i];
	return NULL;
}

/*
 * Programs that start others of any kind, perhaps with the same interpreter.
 * Those with @adopts also get the children of processes that have ended.
 */
static const struct {
	const char *comm;
	bool adopts;
} starters[] = {
	{ "systemd",		true },
	{ "init",		true },
	{ "tini",		true },
	{ "docker-init",	true },
	{ "dumb-init",		true },
	{ "catatonit",		true },
	{ "containerd-shim",	true },
	{ "conmon",		true },
	{ "s6-svscan",		true },
	{ "runit",		true },
	{ "supervisord",	false },
	{ "s6-supervise",	false },
	{ "runsvdir",		false },
	{ "runsv",		false },
	{ "svscan",		false },
	{ "supervise",		false },
	{ "monit",		false },
	{ "circusd",		false },
	{ "inetd",		false },
	{ "xinetd",		false },
	{ "foreman",		false },
	{ "sshd",		false },
};

/* Index in the table, or its size. */
static size_t find_starter(const char *comm)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(starters); i++)
		if (comm && !strcmp(starters[i].comm, comm))
			break;
	return i;
}

static bool is_starter(const char *comm)
{
	return find_starter(comm) < ARRAY_SIZE(starters);
}

/* A process that forks keeps the executable; an interpreter runs any program. */
static bool is_one_program(const struct reject *reject,
			   const struct owner *owner)
{
	bool named_alike = reject->comm && owner->comm &&
			   !strcmp(reject->comm, owner->comm);

	if (!reject->exe || !owner->exe)
		return named_alike;
	if (strcmp(reject->exe, owner->exe))
		return false;
	if (interpreter_is(reject->exe))
		return named_alike && !program_is_other(reject, owner);
	return named_alike ||
	       (!is_starter(owner->comm) && !is_starter(reject->comm));
}

/* Whose children are not its own: they may come from anybody. */
static bool adopts(const char *comm, __u32 pid)
{
	size_t i = find_starter(comm);

	return pid == 1 || (i < ARRAY_SIZE(starters) && starters[i].adopts);
}

static enum kin kin_of_parent(const struct reject *reject,
			      const struct owner *parent)
{
	if (adopts(parent->comm, parent->pid))
		return KIN_NONE;
	return is_one_program(reject, parent) ? KIN_PARENT : KIN_STARTER;
}

/* An owner that the refused process started; or NULL. */
static const struct owner *child_of(const struct reject *reject,
				    const struct psock *sock)
{
	size_t i;

	for (i = 0; i < sock->n_owners && i < 64; i++)
		if (process_parent(sock->owners[i].pid) == reject->pid)
			return &sock->owners[i];
	return NULL;
}

static enum kin kin_of_children(const struct reject *reject,
				const struct psock *sock)
{
	const struct owner *child;

	if (adopts(reject->comm, reject->pid))
		return KIN_NONE;
	child = child_of(reject, sock);
	if (!child)
		return KIN_NONE;
	return is_one_program(reject, child) ? KIN_CHILD : KIN_STARTED;
}

/**
 * kin_of() - How are the holder and the refused process related?
 * @ctx: the context, with a holder
 *
 * Return: one of the values.
 */
enum kin kin_of(const struct context *ctx)
{
	const struct psock *sock = ctx->holder;
	const struct reject *reject = ctx->reject;
	const struct owner *parent;
	enum kin kin;

	if (!reject->pid || !sock->n_owners || psock_owner(sock, reject->pid) ||
	    refused_is_socket_unit(reject))
		return KIN_NONE;
	parent = psock_owner(sock, process_parent(reject->pid));
	if (parent)
		return kin_of_parent(reject, parent);
	kin = kin_of_children(reject, sock);
	if (kin == KIN_NONE && sock->binder && sock->binder->pid == reject->pid)
		kin = is_one_program(reject, sock->owners) ? KIN_HEIR :
							     KIN_GIVEN;
	return kin;
}

/**
 * kin_is_forked() - Are they processes of one program?
 * @kin: how they are related
 *
 * Return: true if it could bind the port once, before it forks.
 */
bool kin_is_forked(enum kin kin)
{
	return kin >= KIN_PARENT;
}

/* Of several holders, the parent or the child; to be freed. */
static char *phrase_relative(const struct context *ctx, enum kin kin)
{
	const struct psock *sock = ctx->holder;
	const struct owner *owner = NULL;

	if (kin == KIN_STARTER || kin == KIN_PARENT)
		owner = psock_owner(sock, process_parent(ctx->reject->pid));
	else if (kin == KIN_STARTED || kin == KIN_CHILD)
		owner = child_of(ctx->reject, sock);
	return owner ? phrase_process(owner->comm, owner->pid) :
		       phrase_holder(sock);
}

/**
 * kin_advise_starter() - What to do if the holder started the refused process.
 * @ctx: the context
 * @report: where to add it
 *
 * Return: true if it did, and is in the way now: it must not be ended, because
 * it would take the refused process with it, or start it no more.
 */
bool kin_advise_starter(const struct context *ctx, struct report *report)
{
	char *who, *holder;

	if (!ctx->still || kin_of(ctx) != KIN_STARTER)
		return false;
	who = phrase_refused_process(ctx->reject);
	holder = phrase_relative(ctx, KIN_STARTER);
	report_advise(report, NULL,
		      "Leave %s running, which starts %s, but have it use "
		      "another port if %s is to have this one. If it listens on "
		      "behalf of %s, as inetd does, have %s take the "
		      "connection that it passes, instead of calling bind().",
		      holder, who, who, who, who);
	free(holder);
	free(who);
	return true;
}

/* The first process is the holder if @holder_first, else the refused one. */
static const struct {
	const char *name;
	bool holder_first;
	const char *verb;
	const char *rest;
} related[] = {
	[KIN_STARTER] = { "starter", true, ", which started ", ", holds the port itself." },
	[KIN_STARTED] = { "started", true, ", which was started by ", ", holds the port." },
	[KIN_GIVEN]   = { "given", false,
			  " had bound the port itself; its socket is now held by ",
			  ": it was passed on, or inherited because "
			  "close-on-exec was not set on it." },
	[KIN_PARENT]  = { "parent", true, " is the parent process of ",
			  ": one program tries to bind the port in more than one process." },
	[KIN_CHILD]   = { "child", true, " is a child process of ",
			  ": one program tries to bind the port in more than one process." },
	[KIN_HEIR]    = { "heir", true, " inherited the socket from ",
			  ": one program tries to bind the port in more than one process." },
};

/**
 * kin_name() - The name of a relation in JSON.
 * @kin: not KIN_NONE
 *
 * Return: the name.
 */
const char *kin_name(enum kin kin)
{
	return related[kin].name;
}

/**
 * kin_put() - Say how the holder and the refused process are related.
 * @out: for sentences
 * @ctx: the context, with a holder
 * @kin: not KIN_NONE
 */
void kin_put(FILE *out, const struct context *ctx, enum kin kin)
{
	char *who = phrase_refused_process(ctx->reject);
	char *holder = phrase_relative(ctx, kin);
	bool first = related[kin].holder_first;

	fprintf(out, " %s%s%s%s", first ? holder : who, related[kin].verb,
		first ? who : holder, related[kin].rest);
	free(holder);
	free(who);
}
