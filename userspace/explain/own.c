// SPDX-License-Identifier: GPL-2.0
/*
 * The refused process, or a related one, is in its own way: through a reload, a
 * socket passed by systemd, a duplicate in its configuration, or a process that
 * inherited the socket.
 */

#include <stdlib.h>
#include <string.h>

#include "explain/kin.h"
#include "explain/own.h"
#include "explain/refused.h"
#include "explain/service.h"
#include "explain/systemd.h"
#include "lib/process.h"
#include "lib/time_fmt.h"
#include "model/endpoint.h"
#include "print/binder.h"
#include "print/phrase.h"
#include "print/proxy.h"

/*
 * A program that starts binds all its sockets within this time. The record of a
 * repeated refusal describes the first one.
 */
#define START_NS	(NSEC_PER_SEC / 2)

/*
 * It may also bind some after it has found its database, for example, and that
 * takes no longer than this.
 */
#define SLOW_START_NS	(30 * NSEC_PER_SEC)

/*
 * @OWN_TWICE: it was starting, and binds two sockets
 * @OWN_SLOW: it was starting, or reloaded soon after
 * @OWN_RELOAD: it was reloaded
 * @OWN_PASSED: systemd passed it the socket
 */
enum own {
	OWN_TWICE,
	OWN_SLOW,
	OWN_RELOAD,
	OWN_PASSED,
};

static const char * const own_names[] = {
	[OWN_TWICE] = "itself",
	[OWN_SLOW] = "itself-or-reloaded",
	[OWN_RELOAD] = "itself-reloaded",
	[OWN_PASSED] = "itself-passed",
};

/* systemd names the process that it passes sockets to. */
static bool was_passed_sockets(const struct reject *reject)
{
	static const char key[] = "LISTEN_PID=";
	struct process_words vars = process_environ(reject->pid, reject->comm);
	const char *var = NULL;
	__u64 pid = 0;

	while ((var = process_next(&vars, var)) && !pid)
		if (!strncmp(var, key, strlen(key)))
			number_parse(var + strlen(key),
				     strlen(var + strlen(key)), 1, 0xffffffff,
				     &pid);
	free(vars.bytes);
	return pid && pid == reject->pid;
}

static enum own own_of(const struct psock *sock)
{
	if (systemd_holds(sock))
		return OWN_PASSED;
	if (!sock->has_age || sock->age_ns < START_NS)
		return OWN_TWICE;
	return sock->age_ns < SLOW_START_NS ? OWN_SLOW : OWN_RELOAD;
}

static bool is_elsewhere(const struct context *ctx, const struct psock *sock)
{
	return !endpoint_equal(&ctx->reject->ep, &sock->ep);
}

/* A fork of the program that bound it counts, if it has the same name. */
static bool holder_bound_it(const struct psock *sock)
{
	const struct binder *binder = sock->binder;
	const struct owner *owner = sock->owners;
	size_t i;

	for (i = 0; i < sock->n_owners; i++, owner++)
		if ((binder->pid && owner->pid == binder->pid) ||
		    (owner->comm && binder->comm &&
		     !strcmp(owner->comm, binder->comm)))
			return true;
	return false;
}

/**
 * holder_is_heir() - Did the holders of a socket only inherit it?
 * @sock: the socket
 *
 * What systemd or a proxy holds was handed over on purpose.
 *
 * Return: true if no process that holds it has bound it.
 */
bool holder_is_heir(const struct psock *sock)
{
	return sock->binder && sock->n_owners && !sock->owners_incomplete &&
	       !holder_bound_it(sock) && !proxy_of(sock) &&
	       !systemd_holds(sock) && !binder_is_systemd(sock->binder);
}

/**
 * holder_is_leftover() - Was a socket left to its holders by a process that ended?
 * @sock: the socket
 *
 * Then it was not passed on purpose: leftovers of an earlier run of a service may
 * not end with the service.
 *
 * Return: true if so.
 */
bool holder_is_leftover(const struct psock *sock)
{
	return holder_is_heir(sock) && !sock->binder->alive;
}

/* Was it inherited by exec? The refused program is taken for the binder's. */
static bool was_executed(const struct context *ctx, const struct psock *sock)
{
	const struct reject *reject = ctx->reject;

	return reject->exe && sock->owners->exe && reject->comm &&
	       sock->binder->comm && !strcmp(reject->comm, sock->binder->comm) &&
	       strcmp(reject->exe, sock->owners->exe);
}

static void put_heir(FILE *out, const struct context *ctx)
{
	const struct psock *sock = ctx->holder;
	const struct binder *binder = sock->binder;
	char *who = phrase_process(binder->comm, binder->pid);
	bool many = psock_processes(sock) > 1;
	char *heir = phrase_holder(sock);

	fprintf(out, " %s bound the port and has since ended; %s %s it now: %s "
		     "inherited the socket, %s.",
		who, heir, many ? "have" : "has", many ? "they" : "it",
		was_executed(ctx, sock) ?
			"because close-on-exec was not set on it" :
			many ?
			"by fork() or because close-on-exec was not set on it, "
			"or were given it in a message" :
			"by fork() or because close-on-exec was not set on it, "
			"or was given it in a message");
	free(heir);
	free(who);
}

/**
 * holder_is_relative() - Are the holder and the refused process related?
 * @ctx: the context, with a holder
 *
 * Return: true if one of them started the other, or bound its socket; false if
 * they are the same process.
 */
bool holder_is_relative(const struct context *ctx)
{
	return kin_of(ctx) != KIN_NONE;
}

/**
 * own_can_share() - Could an option help a process in its own way?
 * @ctx: the context, with a holder
 *
 * Return: true if the process wants two sockets at once, or is not in its own
 * way.
 */
bool own_can_share(const struct context *ctx)
{
	return !context_is_own(ctx, ctx->holder) ||
	       own_of(ctx->holder) == OWN_TWICE;
}

/* What a process that binds two sockets within seconds may be up to. */
static void put_slow(FILE *out, const struct context *ctx)
{
	fputs(is_elsewhere(ctx, ctx->holder) ?
		", and still had it: either it was starting, and is meant to bind "
		"both, or its configuration was reloaded, and it had bound "
		"that one under an older configuration" :
		", and still had it: either it was starting, and is meant to bind "
		"the port more than once, or its configuration was reloaded, "
		"and it had not closed the old socket yet",
	      out);
}

static void put_own(FILE *out, const struct context *ctx)
{
	const struct psock *sock = ctx->holder;
	char *who = phrase_refused_process(ctx->reject);
	char *where = phrase_endpoint(&sock->ep);
	char age[16];

	time_fmt_age(sock->age_ns, age, sizeof(age));
	switch (own_of(sock)) {
	case OWN_PASSED:
		fprintf(out, " systemd opened %s and passed the socket to %s, "
			     "which must use that one instead of binding the port itself.",
			where, who);
		break;
	case OWN_SLOW:
		fprintf(out, " %s itself had bound %s %s before", who, where,
			age);
		put_slow(out, ctx);
		fputc('.', out);
		break;
	case OWN_RELOAD:
		fprintf(out, " %s itself had bound %s %s before%s.", who, where,
			age, is_elsewhere(ctx, sock) ?
				", under an older configuration: a reload opens "
				"the new socket while the old one is still "
				"open, and these two conflict" :
				", and had not closed that socket when it "
				"bound the port again");
		break;
	default:
		fprintf(out, " %s itself had bound %s just before.", who, where);
	}
	free(where);
	free(who);
}

/**
 * put_relation() - Say how the holder and the refused process are related.
 * @ctx: the context, with a holder
 * @report: is told it by name
 * @out: for sentences
 */
void put_relation(const struct context *ctx, struct report *report, FILE *out)
{
	enum kin kin = kin_of(ctx);

	if (context_is_own(ctx, ctx->holder)) {
		report->relation = own_names[own_of(ctx->holder)];
		put_own(out, ctx);
	} else if (kin != KIN_NONE) {
		report->relation = kin_name(kin);
		kin_put(out, ctx, kin);
	} else if (holder_is_leftover(ctx->holder)) {
		report->relation = "left-over";
		put_heir(out, ctx);
	}
}

/* The service of the refused process, which may hold the socket with others. */
static char *restart_command(const struct context *ctx,
			     const struct psock *sock)
{
	const struct owner *itself = psock_owner(sock, ctx->reject->pid);

	return service_restart(itself ? itself : sock->owners);
}

static void advise_restart(const struct context *ctx, struct report *report,
			   const struct psock *sock, const char *who)
{
	char *restart = restart_command(ctx, sock);
	char *had = phrase_endpoint(&sock->ep);
	char *wanted = phrase_endpoint(&ctx->reject->ep);

	if (is_elsewhere(ctx, sock))
		report_advise(report, restart,
			      "Stop %s and start it again: a reload cannot "
			      "replace %s with %s, but a restart can:",
			      who, had, wanted);
	else
		report_advise(report, restart,
			      "Have %s close the old socket before it binds "
			      "the port again, or restart it:",
			      who);
	free(wanted);
	free(had);
}

/* Whether it was starting or reloaded, the reader knows. */
static void advise_slow(const struct context *ctx, struct report *report,
			const struct psock *sock, const char *who)
{
	char *restart = restart_command(ctx, sock);
	char *had = phrase_endpoint(&sock->ep);
	char *wanted = phrase_endpoint(&ctx->reject->ep);

	if (is_elsewhere(ctx, sock))
		report_advise(report, restart,
			      "If it fails like this at every start, have %s "
			      "bind only one of %s and %s; if only at a "
			      "reload, stop it and start it again: a reload cannot replace %s with %s, but a restart can:",
			      who, had, wanted, had, wanted);
	else
		report_advise(report, restart,
			      "If it fails like this at every start, have %s "
			      "bind the port only once; if only at a reload, "
			      "have it close the old socket first, or restart it:",
			      who);
	free(wanted);
	free(had);
}

/* The refused process is in its own way: stopping it would not help. */
static void advise_twice(const struct context *ctx, struct report *report,
			 const struct psock *sock, const char *who)
{
	char *had = phrase_endpoint(&sock->ep);
	char *wanted = phrase_endpoint(&ctx->reject->ep);

	if (is_elsewhere(ctx, sock))
		report_advise(report, NULL,
			      "%s itself holds the port through another "
			      "socket: its configuration seems to list both %s and %s; keep one of them.",
			      who, had, wanted);
	else
		report_advise(report, NULL,
			      "%s itself holds the port through another "
			      "socket: check whether its configuration lists the port twice.",
			      who);
	free(wanted);
	free(had);
}

/**
 * advise_own() - Advise a process that is in its own way.
 * @ctx: the context; the refused process holds what is in the way now
 * @report: where to add it
 */
void advise_own(const struct context *ctx, struct report *report)
{
	char *who = phrase_refused_process(ctx->reject);

	if (!ctx->still)
		report_advise(report, NULL,
			      "Nothing to do: %s holds the port now.", who);
	else if (own_of(ctx->holder) == OWN_RELOAD)
		advise_restart(ctx, report, ctx->holder, who);
	else if (own_of(ctx->holder) == OWN_SLOW)
		advise_slow(ctx, report, ctx->holder, who);
	else if (own_of(ctx->holder) == OWN_TWICE)
		advise_twice(ctx, report, ctx->holder, who);
	free(who);
}

/**
 * advise_own_gone() - Advise a process that was in its own way, and has ended.
 * @ctx: the context; the refused process held what was in the way
 * @report: where to add it
 */
void advise_own_gone(const struct context *ctx, struct report *report)
{
	char *who = phrase_refused_process(ctx->reject);

	if (own_of(ctx->holder) == OWN_RELOAD)
		report_advise(report, NULL,
			      "Start %s again: it was in its own way, and has "
			      "closed that socket since.",
			      who);
	else if (own_of(ctx->holder) == OWN_SLOW)
		report_advise(report, NULL,
			      "Start %s again: it was in its own way. If it "
			      "fails again, it binds the port more than once "
			      "when it starts; check its configuration.",
			      who);
	else if (own_of(ctx->holder) == OWN_TWICE)
		report_advise(report, NULL,
			      "Restarting will not help: %s already held the "
			      "port through another socket; check whether its "
			      "configuration lists the port twice.",
			      who);
	free(who);
}

/* Commands that remove the socket unit, and start the service without it. */
static char *drop_unit(const struct owner *owner)
{
	char *systemctl = NULL, *command;
	struct slice unit = { 0 };

	if (owner->cgroup)
		systemctl = service_systemctl(owner, &unit);
	if (systemctl && unit.len)
		command = xasprintf("%s disable --now $(%s show --value -p "
				    "TriggeredBy %.*s)\n%s restart %.*s",
				    systemctl, systemctl, (int)unit.len,
				    unit.str, systemctl, (int)unit.len,
				    unit.str);
	else
		command = xstrdup("systemctl list-sockets --all");
	free(systemctl);
	return command;
}

/**
 * advise_passed() - Use the socket that systemd passed, or do without it.
 * @ctx: the context, with a holder
 * @report: where to add it
 */
void advise_passed(const struct context *ctx, struct report *report)
{
	const struct reject *reject = ctx->reject;
	const struct owner refused = {
		.pid = reject->pid, .comm = reject->comm,
		.cgroup = reject->cgroup,
	};
	bool own = context_is_own(ctx, ctx->holder) ||
		   was_passed_sockets(reject);
	char *who;

	if (!systemd_holds(ctx->holder) || (ctx->reject->seq && !ctx->there) ||
	    refused_is_socket_unit(reject) || refused_engine(reject))
		return;
	who = phrase_refused_process(ctx->reject);
	report_advise(report, NULL,
		      "%s %s use the socket that systemd passes to it "
		      "(sd_listen_fds, LISTEN_FDS) instead of calling bind() "
		      "itself: systemd creates that socket as root.",
		      own ? "Have" :
			    "If that socket unit is meant for this program, have",
		      who);
	if (own)
		report_advise(report, drop_unit(&refused),
			      "Or do without the socket unit, and let %s open its socket itself:",
			      who);
	free(who);
}

/**
 * advise_heir() - Keep a socket from being inherited.
 * @ctx: the context, with a holder
 * @report: where to add it
 */
void advise_heir(const struct context *ctx, struct report *report)
{
	const struct psock *sock = ctx->holder;
	char *who;

	if (kin_is_forked(kin_of(ctx))) {
		who = phrase_refused_process(ctx->reject);
		report_advise(report, NULL,
			      "Have the program of %s bind the port in one "
			      "process only, before it forks; the others inherit the socket.",
			      who);
		free(who);
	} else if (holder_is_leftover(sock)) {
		who = phrase_process(sock->binder->comm, sock->binder->pid);
		report_advise(report, NULL,
			      "So that it does not happen again, have %s set "
			      "close-on-exec on its socket (SOCK_CLOEXEC in "
			      "socket(), close_fds in Python's subprocess) if "
			      "it starts other programs%s.",
			      who, was_executed(ctx, sock) ? "" :
			      ", and end its worker processes when it ends");
		free(who);
	}
}
