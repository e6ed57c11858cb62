// SPDX-License-Identifier: GPL-2.0
/*
 * Remedies for a refused bind, as advice in a report.
 *
 * Commands are meant to be pasted into a root shell, so a freely chosen name,
 * such as a command name or a path, is put into one only if it has no
 * characters that are special to a shell.
 */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/advice_refused.h"
#include "explain/own.h"
#include "explain/port_syntax.h"
#include "explain/refused.h"
#include "explain/service.h"
#include "explain/systemd.h"
#include "lib/cgroup.h"
#include "lib/escape.h"
#include "lib/host_net.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "model/names.h"
#include "print/binder.h"
#include "print/phrase.h"
#include "print/proxy.h"

/*
 * The refused process has ended as a rule, and another may have its pid by now;
 * a holder of the socket need not be in the namespace of the socket.
 */
static __u32 netns_process(__u32 netns)
{
	char *comm;
	__u32 pid = host_netns_process(netns, &comm);

	free(comm);
	return pid;
}

/**
 * advice_in_netns() - A command to run in the network namespace of a refusal.
 * @ctx: the context
 * @command: the command; freed
 *
 * Return: the command, prefixed with one that enters the namespace unless the
 * tool is in it, to be freed; NULL if no way into it is known.
 */
char *advice_in_netns(const struct context *ctx, char *command)
{
	const char *name = netns_name(ctx->reject->netns);
	char *prefixed = NULL;
	__u32 pid;

	if (ctx->here)
		return command;
	if (name && is_plain_word(name, strlen(name))) {
		prefixed = xasprintf("ip netns exec %s %s", name, command);
	} else {
		pid = netns_process(ctx->reject->netns);
		if (pid)
			prefixed = xasprintf("nsenter -n -t %u %s", pid,
					     command);
	}
	free(command);
	return prefixed;
}

static bool would_be_refused(const struct context *ctx)
{
	return ctx->would && ctx->would->err;
}

/**
 * advice_start_again() - Start the program again, if nothing is in the way now.
 * @ctx: the context
 * @report: where to add it
 */
void advice_start_again(const struct context *ctx, struct report *report)
{
	char *who;

	if (ctx->there || !ctx->reject->seq || would_be_refused(ctx))
		return;
	if (ctx->holder && context_is_own(ctx, ctx->holder)) {
		advise_own_gone(ctx, report);
		return;
	}
	if (!ctx->holder && !proto_is_searched(ctx->reject->ep.proto))
		return;
	if (advice_refused_start(ctx, report))
		return;
	who = phrase_refused_process(ctx->reject);
	report_advise(report, NULL,
		      "Nothing is in the way any more: start %s again.", who);
	free(who);
}

/**
 * holder_is_unseen() - Is a socket held by no known process?
 * @sock: a socket that is, or was, in the way
 *
 * Return: true if it is in use, and nothing was hidden, but no process has a
 * descriptor of it.
 */
bool holder_is_unseen(const struct psock *sock)
{
	return !sock->n_owners && !sock->kernel_owner &&
	       !sock->owners_hidden && !sock->owners_incomplete &&
	       !(sock->unknown & UNKNOWN_HIDDEN) &&
	       (psock_is_passive(sock) || psock_is_lasting(sock));
}

/* "tcp/0.0.0.0:80", quoted if it has brackets; NULL if it is unsafe. */
static char *target_of(const struct endpoint *ep)
{
	char *where = phrase_endpoint(ep), *blank = strchr(where, ' ');
	const char *quote = strchr(where, '[') ? "'" : "";
	char *target = NULL;

	if (blank && (!ep->dev || is_plain_word(ep->dev, strlen(ep->dev)))) {
		*blank = '/';
		target = xasprintf("%s%s%s", quote, where, quote);
	}
	free(where);
	return target;
}

/* A call that waits on the socket keeps it in use after close(). */
static void advise_waiting(const struct context *ctx, struct report *report)
{
	const struct psock *sock = ctx->there;
	const char *call = sock->state == PORTOWNER_STATE_LISTEN ? "accept()" :
								   "recv()";
	char *who;

	if (!binder_may_wait(sock))
		return;
	who = binder_phrase(sock->binder);
	report_advise(report, NULL,
		      "%s, which bound the port, is still running. If it has "
		      "closed the socket while one of its threads was waiting "
		      "in %s, the port is in use until that call returns: have "
		      "it call shutdown() before close(), or end it.",
		      who, call);
	free(who);
}

/**
 * advice_unseen() - Find what has a socket that no process has a descriptor of.
 * @ctx: the context
 * @report: where to add it
 */
void advice_unseen(const struct context *ctx, struct report *report)
{
	char *target, *command;

	if (!ctx->there || !holder_is_unseen(ctx->there))
		return;
	advise_waiting(ctx, report);
	target = target_of(&ctx->there->ep);
	command = target ? xasprintf("portowner %swho %s",
				     ctx->here ? "" : "-A ", target) : NULL;
	report_advise(report, command,
		      "No descriptor of the socket was found: it may be in a "
		      "message between processes, or in an io_uring; this shows where:");
	free(target);
}

/* DHCP and NTP use no other port, whatever a program is set to. */
static bool is_only_port(const struct endpoint *ep)
{
	static const __u16 ports[] = { 67, 68, 123, 546, 547 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ports); i++)
		if (ep->port == ports[i])
			return endpoint_transport(ep) == IPPROTO_UDP;
	return false;
}

/**
 * advice_other_port() - Use another port.
 * @ctx: the context
 * @report: where to add it
 */
void advice_other_port(const struct context *ctx, struct report *report)
{
	struct owner refused = refused_as_owner(ctx->reject);
	const char *besides = NULL;
	char *who, *line;

	if (advice_refused_port(ctx, report))
		return;
	who = phrase_refused_process(ctx->reject);
	line = port_syntax_port(&refused, ctx->reject->ep.port, &besides);
	if (line || !is_only_port(&ctx->reject->ep))
		report_setting(report, line, "Use a port other than %u for %s%s:",
			       ctx->reject->ep.port, who, besides ? besides : "");
	free(who);
}

/* The address of a socket that systemd holds is in a socket unit. */
static char *phrase_wildcard_holder(const struct psock *sock)
{
	return systemd_holds(sock) ? xstrdup("the socket unit") :
				     phrase_holder(sock);
}

/* What has the wildcard address: one of the holders, or the refused process. */
static struct owner wildcard_process(const struct context *ctx, bool held)
{
	if (!held)
		return refused_as_owner(ctx->reject);
	return ctx->holder->n_owners && !systemd_holds(ctx->holder) ?
		       *ctx->holder->owners : (struct owner){ 0 };
}

/**
 * advice_address() - Bind a single address instead of the wildcard.
 * @ctx: the context, with a holder
 * @report: where to add it
 */
void advice_address(const struct context *ctx, struct report *report)
{
	bool held = endpoint_is_any(&ctx->holder->ep);
	char *who = held ? phrase_wildcard_holder(ctx->holder) :
			   phrase_refused(ctx->reject);
	char *any = phrase_address(held ? &ctx->holder->ep : &ctx->reject->ep);
	char *one = phrase_address(held ? &ctx->reject->ep : &ctx->holder->ep);
	struct owner process = wildcard_process(ctx, held);
	const struct owner *proxy = proxy_of(ctx->holder);
	const char *engine = !held ? refused_engine(ctx->reject) :
			     proxy ? proxy_engine(proxy) : NULL;

	if (!psock_is_passive(ctx->holder) || ctx->holder->kernel_owner ||
	    (!held && refused_asks_kernel(ctx->reject)) ||
	    (held && holder_is_unseen(ctx->holder)))
		;
	else if (engine)
		report_advise(report, NULL,
			      "If the container need not be reached at %s, "
			      "publish a single address (%s run -p "
			      "ADDRESS:%u:CONTAINER-PORT).",
			      one, engine, ctx->reject->ep.port);
	else
		report_sketch(report,
			      port_syntax_address(&process, ctx->reject->ep.port),
			      "If %s can make do with an address other than %s, bind that one instead of %s:",
			      who, one, any);
	free(who);
	free(any);
	free(one);
}

/* A service and a container are stopped as a whole, unlike a session. */
static bool have_one_holder(const struct psock *a, const struct psock *b)
{
	const struct owner *one = a->owners, *other = b->owners;
	struct slice name;

	if (!a->n_owners || !b->n_owners)
		return a->n_owners == b->n_owners;
	if (one->pid == other->pid)
		return true;
	return one->cgroup && other->cgroup &&
	       !strcmp(one->cgroup, other->cgroup) &&
	       (service_is(one, "*.service") ||
		cgroup_container(one->cgroup, &name));
}

/**
 * advice_others() - Say that the advice is about one holder of several.
 * @ctx: the context
 * @report: where to add it
 */
void advice_others(const struct context *ctx, struct report *report)
{
	const struct psock *other = NULL, *sock = ctx->now->v;
	char *who, *first, *where;
	size_t i;

	if (!ctx->there || !psock_is_lasting(ctx->there))
		return;
	for (i = 0; i < ctx->now->n && !other; i++, sock++)
		if (psock_is_lasting(sock) && context_is_in_the_way(ctx, sock) &&
		    !have_one_holder(ctx->there, sock))
			other = sock;
	if (!other)
		return;
	first = phrase_holder(ctx->there);
	who = phrase_holder(other);
	where = phrase_endpoint(&other->ep);
	report_advise(report, NULL,
		      "This advice covers only %s, but %s (%s) %s in the way as "
		      "well: ask again once that is settled.",
		      first, who, where,
		      psock_processes(other) > 1 ? "are" : "is");
	free(where);
	free(who);
	free(first);
}

/**
 * advice_reserve() - Keep the kernel from picking the port again.
 * @ctx: the context
 * @report: where to add it
 */
void advice_reserve(const struct context *ctx, struct report *report)
{
	char *command;

	if (!ctx->here)
		return;
	command = ephemeral_command(&ctx->ephemeral, ctx->reject->ep.port);
	if (command)
		report_advise(report, command,
			      "Keep the kernel from picking this port automatically; to make that permanent, also put the setting into /etc/sysctl.d:");
}
