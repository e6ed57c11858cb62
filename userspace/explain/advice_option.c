// SPDX-License-Identifier: GPL-2.0
/* Socket options that would have made a bind succeed, as advice in a report. */

#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/option_syntax.h"
#include "explain/own.h"
#include "explain/program.h"
#include "explain/refused.h"
#include "explain/service.h"
#include "explain/systemd.h"
#include "lib/interpreter.h"
#include "model/endpoint.h"
#include "print/phrase.h"
#include "print/proxy.h"

/* The process that bound it, if it is still an owner, else the first owner. */
static const struct owner *setter(const struct psock *sock)
{
	size_t i;

	for (i = 0; sock->binder && i < sock->n_owners; i++)
		if (sock->owners[i].pid == sock->binder->pid)
			return &sock->owners[i];
	return sock->n_owners ? sock->owners : NULL;
}

/*
 * Was a connection accepted, or may it have been? It has the options of the
 * listener, whoever has the connection now.
 */
static bool is_of_server(const struct context *ctx)
{
	const struct psock *holder = ctx->holder;

	return !psock_is_passive(holder) && psock_is_lasting(holder) &&
	       holder->port_origin == PORT_ORIGIN_UNKNOWN &&
	       endpoint_can_listen(&holder->ep);
}

/* How the program on one side sets an option. */
static char *set_option(const struct context *ctx, bool by_refused,
			__u32 flag)
{
	const struct owner *owner = setter(ctx->holder);

	if (is_of_server(ctx))
		by_refused = true;
	if (by_refused && refused_is_socket_unit(ctx->reject))
		return option_syntax_unit(flag);
	if (by_refused)
		return option_syntax_set(ctx->reject->exe, flag,
					 &ctx->reject->ep);
	if (systemd_holds(ctx->holder))
		return option_syntax_unit(flag);
	return option_syntax_set(owner ? owner->exe : NULL, flag,
				 &ctx->holder->ep);
}

/*
 * The kernel sets none, a program that only inherited the socket cannot, nobody
 * knows what an unseen one is, and proxies of containers and services of the
 * host are not to be changed.
 */
static bool can_set(const struct context *ctx)
{
	const struct psock *holder = ctx->holder;

	return !holder->kernel_owner && !holder_is_heir(holder) &&
	       !holder_is_unseen(holder) && !proxy_of(holder) &&
	       !refused_engine(ctx->reject) && !service_is_needed(holder) &&
	       !refused_asks_kernel(ctx->reject);
}

/* Two lines if the two programs set it in different ways. */
static char *set_both(const struct context *ctx, __u32 flag)
{
	char *one = set_option(ctx, false, flag);
	char *other = set_option(ctx, true, flag), *both;

	if (!one || (other && (!ctx->holder->n_owners || !strcmp(one, other)))) {
		free(one);
		return other;
	}
	if (!other)
		return one;
	both = xasprintf("%s\n%s", one, other);
	free(one);
	free(other);
	return both;
}

/* A client that never calls bind() gets its port in connect(). */
static const char *before_what(const struct context *ctx)
{
	const struct psock *holder = ctx->holder;

	return psock_is_passive(holder) || is_of_server(ctx) ||
	       holder->state == PORTOWNER_STATE_TIME_WAIT ?
		       "bind()" : "bind() or connect()";
}

/*
 * Of several processes that hold a socket, one has to set the option. A closed
 * connection has no process: only the next one can be fixed.
 */
static char *side_in_the_way(const struct context *ctx)
{
	const struct psock *holder = ctx->holder;
	const struct owner *owner = setter(holder);

	if (is_of_server(ctx))
		return xstrdup(context_is_chosen(ctx) ?
			       "the server that accepted the connection, or "
			       "the client that opened it," :
			       "the server that listened on the port");
	if (psock_is_lasting(holder))
		return owner ? phrase_process(owner->comm, owner->pid) :
			       phrase_holder(holder);
	return xstrdup(ephemeral_has(&ctx->ephemeral, holder->ep.port) ?
		       "the program that had the connection" :
		       "the server that ended");
}

/* Two instances of one program may well share the traffic. */
static bool is_same_program(const struct context *ctx)
{
	const struct owner *owner = setter(ctx->holder);

	return owner && program_is_same(ctx->reject, owner);
}

/*
 * Datagram ports to which much is sent by multicast or broadcast; a socket that
 * has the wildcard address gets that.
 */
static bool serves_groups(const struct context *ctx)
{
	const struct endpoint *ep = &ctx->reject->ep;
	bool dhcp = (ep->port == 67 || ep->port == 68) &&
		    !endpoint_can_listen(ep);

	return (dhcp || endpoint_is_discovery(ep)) &&
	       (endpoint_is_any(ep) || endpoint_is_any(&ctx->holder->ep));
}

/* Does the option divide, or redirect, what one program is to get as a whole? */
static bool takes_away(const struct context *ctx, __u32 flag)
{
	const struct endpoint *ep = &ctx->reject->ep;

	if (flag == PORTOWNER_SOCK_FLAG_REUSEPORT)
		return true;
	return !endpoint_can_listen(ep) && !endpoint_is_discovery(ep) &&
	       !endpoint_is_multicast(ep) &&
	       !endpoint_is_multicast(&ctx->holder->ep) && !serves_groups(ctx);
}

/*
 * Programs that share a port were written for it, while two databases, say, would
 * each get a part of the clients. So it is only for what has a setting, and for
 * programs that their users may change.
 */
static bool can_share(const struct context *ctx, __u32 flag, bool had,
		      bool wanted)
{
	const struct owner *owner = setter(ctx->holder);

	if (!takes_away(ctx, flag))
		return true;
	/* Such as a server that was also started by hand. */
	if (!had && !wanted && is_same_program(ctx) &&
	    option_syntax_is_installed(ctx->reject->exe) &&
	    !interpreter_is(ctx->reject->exe))
		return false;
	return (had || systemd_holds(ctx->holder) ||
		option_syntax_exists(owner ? owner->exe : NULL, flag,
				     &ctx->holder->ep)) &&
	       (wanted || refused_is_socket_unit(ctx->reject) ||
		option_syntax_exists(ctx->reject->exe, flag,
				     &ctx->reject->ep));
}

static void put_last_bound(FILE *out, const struct context *ctx)
{
	if (endpoint_can_listen(&ctx->reject->ep))
		return;
	if (!ctx->holder->ep.dev != !ctx->reject->ep.dev) {
		fputs(" (the one that is bound to a device gets the datagrams "
		      "that arrive there, and the other the rest)", out);
		return;
	}
	fprintf(out, " (of two sockets with the same address, the one bound "
		     "last gets %s)",
		serves_groups(ctx) ?
			"all unicast datagrams; multicast and broadcast go to "
			"every socket" : "the datagrams");
}

static void put_divided(FILE *out, const struct context *ctx)
{
	const char *what = endpoint_can_listen(&ctx->reject->ep) ?
				   "connections" : "datagrams";

	if (serves_groups(ctx))
		fputs("; the kernel then divides the unicast datagrams between "
		      "the two, while multicast and broadcast go to both",
		      out);
	else
		fprintf(out, "; the kernel then divides the %s between the two",
			what);
}

/* What else the option requires, or costs. */
static char *proviso(const struct context *ctx, __u32 flag)
{
	size_t len;
	char *text;
	FILE *out;

	out = phrase_open(&text, &len);
	if (flag == PORTOWNER_SOCK_FLAG_REUSEPORT && ctx->holder->has_uid &&
	    ctx->holder->uid != ctx->reject->uid) {
		fputs(", and run both as the same user (now ", out);
		phrase_user(out, ctx->holder->uid, ctx->numeric);
		fputs(" and ", out);
		phrase_user(out, ctx->reject->uid, ctx->numeric);
		fputc(')', out);
	}
	if (endpoint_is_multicast(&ctx->reject->ep) ||
	    endpoint_is_multicast(&ctx->holder->ep))
		fputs(" (each gets a copy of what is sent to the group)", out);
	else if (flag == PORTOWNER_SOCK_FLAG_REUSEADDR)
		put_last_bound(out, ctx);
	else if (!is_same_program(ctx))
		put_divided(out, ctx);
	fclose(out);
	return text;
}

/**
 * advice_option() - Set an option on each side that lacks it.
 * @ctx: the context, with a holder
 * @report: where to add it
 * @flag: enum portowner_sock_flag
 *
 * Return: true if a side lacks it, and can set it.
 */
bool advice_option(const struct context *ctx, struct report *report,
		   __u32 flag)
{
	const char *name = flag == PORTOWNER_SOCK_FLAG_REUSEPORT ?
				   "SO_REUSEPORT" : "SO_REUSEADDR";
	bool had = ctx->holder->ep.flags & flag;
	bool wanted = ctx->reject->ep.flags & flag;
	char *who, *holder, *besides;

	if ((had && wanted) || !can_set(ctx) ||
	    !can_share(ctx, flag, had, wanted))
		return false;
	who = phrase_refused(ctx->reject);
	holder = side_in_the_way(ctx);
	besides = proviso(ctx, flag);
	if (had)
		report_sketch(report, set_option(ctx, true, flag),
			      "Set %s in %s before bind(), as the other side did%s:",
			      name, who, besides);
	else if (wanted)
		report_sketch(report, set_option(ctx, false, flag),
			      "Set %s in %s before %s, as the new socket did%s:",
			      name, holder, before_what(ctx), besides);
	else if (context_is_own(ctx, ctx->holder))
		report_sketch(report, set_option(ctx, true, flag),
			      "Set %s on both sockets of %s before bind():",
			      name, who);
	else
		report_sketch(report, set_both(ctx, flag),
			      "Set %s in both %s and %s before %s%s:", name,
			      holder, who, before_what(ctx), besides);
	free(besides);
	free(holder);
	free(who);
	return true;
}

/**
 * advice_check_reuseaddr() - Repeat a check with the option that servers set.
 * @ctx: the context, with a holder
 * @report: where to add it
 */
void advice_check_reuseaddr(const struct context *ctx, struct report *report)
{
	if (ctx->reject->seq || !endpoint_can_listen(&ctx->reject->ep) ||
	    ctx->reject->ep.flags & PORTOWNER_SOCK_FLAG_REUSEADDR ||
	    !(ctx->holder->ep.flags & PORTOWNER_SOCK_FLAG_REUSEADDR) ||
	    ctx->holder->state == PORTOWNER_STATE_LISTEN)
		return;
	report_advise(report, NULL,
		      "Most servers set SO_REUSEADDR, and so did the other side: try again with --reuseaddr.");
}

/**
 * advice_v6only() - Keep an IPv6 wildcard from covering IPv4.
 * @ctx: the context, with a holder
 * @report: where to add it
 */
void advice_v6only(const struct context *ctx, struct report *report)
{
	bool dual = endpoint_is_dual(&ctx->holder->ep);
	char *who = dual ? phrase_holder(ctx->holder) : phrase_refused(ctx->reject);

	if (!can_set(ctx)) {
		free(who);
		return;
	}
	report_sketch(report,
		      set_option(ctx, !dual, PORTOWNER_SOCK_FLAG_V6ONLY),
		      "Set IPV6_V6ONLY on the [::] socket of %s before bind(), so that it leaves IPv4 to others:",
		      who);
	free(who);
}
