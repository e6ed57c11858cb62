// SPDX-License-Identifier: GPL-2.0
/* Rules by which another socket is in the way. */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/explain.h"
#include "explain/kin.h"
#include "explain/own.h"
#include "explain/refused.h"
#include "explain/users.h"
#include "lib/escape.h"
#include "lib/time_fmt.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "print/phrase.h"

static bool can_listen(const struct context *ctx)
{
	return endpoint_can_listen(&ctx->reject->ep);
}

/* A logged refusal is in the past, a check of a bind in the present. */
static const char *tense(const struct context *ctx, const char *past,
			 const char *present)
{
	return ctx->reject->seq ? past : present;
}

/* Which sides set an option. */
static const char *sides(const struct context *ctx, __u32 flag)
{
	bool had = ctx->holder->ep.flags & flag;
	bool wanted = ctx->reject->ep.flags & flag;

	if (ctx->holder->unknown & UNKNOWN_REUSE)
		return wanted ? "the new socket did; of the other this is not known" :
				"the new socket did not";
	if (had && wanted)
		return "both did";
	if (!had && !wanted)
		return "neither did";
	return had ? "only the existing socket did" : "only the new socket did";
}

static void put_sharing(FILE *out, const struct context *ctx)
{
	bool listens = can_listen(ctx) &&
		       ctx->holder->state == PORTOWNER_STATE_LISTEN;

	fputs(" Two sockets can share a port only if both set ", out);
	if (!listens)
		fprintf(out, "SO_REUSEADDR (here %s), or both set ",
			sides(ctx, PORTOWNER_SOCK_FLAG_REUSEADDR));
	fprintf(out, "SO_REUSEPORT and belong to the same user (here %s).",
		sides(ctx, PORTOWNER_SOCK_FLAG_REUSEPORT));
}

static void put_wildcard(FILE *out, const struct context *ctx)
{
	const struct endpoint *had = &ctx->holder->ep;
	const struct endpoint *wanted = &ctx->reject->ep;
	bool held = endpoint_is_any(had);
	const struct endpoint *any = held ? had : wanted;
	char *address = phrase_address(any);
	char *all = phrase_endpoint(any);
	char *one = phrase_endpoint(held ? wanted : had);

	fprintf(out, "%s covers every IPv%d address of this host, so %s includes %s.",
		address, endpoint_family(any) == AF_INET ? 4 : 6, all, one);
	free(address);
	free(all);
	free(one);
}

/* One is [::] and covers IPv4 as well, the other has an IPv4 address. */
static bool is_dual_stack(const struct context *ctx)
{
	const struct endpoint *had = &ctx->holder->ep;
	const struct endpoint *wanted = &ctx->reject->ep;

	return (endpoint_is_dual(had) && endpoint_family(wanted) == AF_INET) ||
	       (endpoint_is_dual(wanted) && endpoint_family(had) == AF_INET);
}

static bool is_wildcard(const struct context *ctx)
{
	return !is_dual_stack(ctx) && endpoint_is_any(&ctx->holder->ep) !=
				      endpoint_is_any(&ctx->reject->ep);
}

/* Why the two addresses conflict. */
static void put_overlap(FILE *out, const struct context *ctx)
{
	const struct endpoint *had = &ctx->holder->ep;
	char *a = phrase_endpoint(had);
	char *b = phrase_endpoint(&ctx->reject->ep);

	if (is_dual_stack(ctx))
		fprintf(out, "[::] also covers IPv4 unless IPV6_V6ONLY is set, "
			     "and the %s socket did not set it, so %s and %s "
			     "conflict.",
			endpoint_is_dual(had) ? "existing" : "new", a, b);
	else if (is_wildcard(ctx))
		put_wildcard(out, ctx);
	else if (had->family != ctx->reject->ep.family)
		fprintf(out, "%s and %s are two spellings of the same address.",
			a, b);
	else
		fprintf(out, "Another socket already %s %s.",
			tense(ctx, "held", "holds"), a);
	free(a);
	free(b);
}

/* Sockets on different devices do not conflict, unless one has no device. */
static void put_device(FILE *out, const struct context *ctx)
{
	const char *had = ctx->holder->ep.dev, *wanted = ctx->reject->ep.dev;
	const char *dev = had ? had : wanted;
	char *name;

	if (!dev || (had && wanted && !strcmp(had, wanted)))
		return;
	name = escape_text(dev, strlen(dev));
	if (had && wanted)
		fputs(" Being bound to different devices does not separate them here.",
		      out);
	else
		fprintf(out, " Only the %s socket is bound to a device (%s); "
			     "a socket without one covers all devices.",
			had ? "existing" : "new", name);
	free(name);
}

static bool is_connection(const struct psock *sock)
{
	return !psock_is_passive(sock) &&
	       sock->state != PORTOWNER_STATE_TIME_WAIT;
}

/* The peer has closed the connection, the program has not. */
static bool is_half_closed(const struct context *ctx)
{
	return ctx->holder->state == PORTOWNER_STATE_CLOSE_WAIT &&
	       psock_is_lasting(ctx->holder);
}

static void put_connection(FILE *out, const struct context *ctx)
{
	bool chosen = ctx->holder->port_origin == PORT_ORIGIN_KERNEL;
	char *who = phrase_holder(ctx->holder);

	if (!psock_is_lasting(ctx->holder))
		fprintf(out, " No listening socket is in the way: the port is "
			     "held by %s.", phrase_orphan(ctx->holder));
	else if (can_listen(ctx))
		fprintf(out, " No listening socket is in the way: %s "
			     "connection of %s holds the port.",
			chosen ? "an outgoing" : "a", who);
	else
		fprintf(out, " A connected socket of %s holds the port.", who);
	if (is_half_closed(ctx))
		fprintf(out, " Its peer has closed it (CLOSE_WAIT), but %s has "
			     "not; if that lasts, the program fails to close it.",
			who);
	free(who);
}

static void put_unidentified(FILE *out, const struct context *ctx)
{
	const struct reject *reject = ctx->reject;
	const char *name = proto_name(reject->ep.proto);

	if (!proto_is_searched(reject->ep.proto)) {
		fprintf(out, "The kernel says that it %s in use, but portowner "
			     "does not examine the sockets of ",
			tense(ctx, "was", "is"));
		if (name)
			fputs(name, out);
		else
			fprintf(out, "protocol %u", reject->ep.proto);
		fputs(": which one it was, and whether it is still there, was "
		      "not checked.",
		      out);
		return;
	}
	if (reject->culprits_incomplete) {
		fprintf(out, "The port %s in use, but the search for its holder "
			     "was cut short.",
			tense(ctx, "was", "is"));
		return;
	}
	fprintf(out, "The port %s in use, but its holder could not be "
		     "identified; it may already have been gone.",
		tense(ctx, "was", "is"));
}

/* All that take part in a group have its port. */
static bool is_meant_for_many(const struct context *ctx)
{
	return endpoint_is_discovery(&ctx->reject->ep) ||
	       endpoint_is_multicast(&ctx->reject->ep) ||
	       endpoint_is_multicast(&ctx->holder->ep);
}

/*
 * Where all programs have to share the port, the one that does so is not to be
 * stopped for the one that does not.
 */
static bool advise_joining(const struct context *ctx, struct report *report)
{
	if (!is_meant_for_many(ctx) ||
	    !advice_option(ctx, report, PORTOWNER_SOCK_FLAG_REUSEADDR))
		return false;
	return ctx->holder->ep.flags & PORTOWNER_SOCK_FLAG_REUSEADDR &&
	       !context_is_own(ctx, ctx->holder);
}

/* If the addresses differ, that is simpler. SCTP ignores devices before 6.2. */
static void advise_device(const struct context *ctx, struct report *report)
{
	const char *had = ctx->holder->ep.dev, *wanted = ctx->reject->ep.dev;
	const char *dev = had ? had : wanted;
	char *name, *who;

	if (!dev || (had && wanted) || ctx->holder->kernel_owner ||
	    ctx->reject->ep.proto == IPPROTO_SCTP || is_wildcard(ctx) ||
	    refused_engine(ctx->reject) || context_is_own(ctx, ctx->holder))
		return;
	name = escape_text(dev, strlen(dev));
	who = had ? phrase_refused_process(ctx->reject) : phrase_holder(ctx->holder);
	report_advise(report, NULL,
		      "If %s serves another device than %s, bind it to that "
		      "one (SO_BINDTODEVICE): sockets on two devices do not conflict.",
		      who, name);
	free(who);
	free(name);
}

static void advise_closing(const struct context *ctx, struct report *report)
{
	char *who;

	if (!ctx->there || !is_half_closed(ctx))
		return;
	who = phrase_holder(ctx->holder);
	report_advise(report, NULL,
		      "So that it does not happen again, have %s close a "
		      "connection when recv() returns 0: its peer has closed it.",
		      who);
	free(who);
}

static void advise_in_use(const struct context *ctx, struct report *report)
{
	bool joins, own;

	advice_check_reuseaddr(ctx, report);
	advise_passed(ctx, report);
	own = holder_is_relative(ctx) || context_is_own(ctx, ctx->holder);
	if (is_dual_stack(ctx) && own)
		advice_v6only(ctx, report);
	if (can_listen(ctx) && !psock_is_passive(ctx->holder))
		advice_option(ctx, report, PORTOWNER_SOCK_FLAG_REUSEADDR);
	if (ctx->there && !psock_is_lasting(ctx->there))
		advice_orphans(ctx, report);
	joins = advise_joining(ctx, report);
	if (holder_is_relative(ctx))
		advise_heir(ctx, report);
	advice_unseen(ctx, report);
	if (!joins && !kin_advise_starter(ctx, report))
		advice_stop(ctx, report);
	if (!holder_is_relative(ctx))
		advise_heir(ctx, report);
	advise_closing(ctx, report);
	advice_others(ctx, report);
	if (!own_can_share(ctx))
		return;
	if (is_wildcard(ctx) && !context_is_own(ctx, ctx->holder) &&
	    !endpoint_is_multicast(&ctx->reject->ep) &&
	    !endpoint_is_multicast(&ctx->holder->ep))
		advice_address(ctx, report);
	advise_device(ctx, report);
	if (!endpoint_is_discovery(&ctx->reject->ep))
		advice_other_port(ctx, report);
	/* Two programs seldom divide a service by the IP version. */
	if (is_dual_stack(ctx) && !own)
		advice_v6only(ctx, report);
	/* Datagram sockets share a port if both set it, whoever owns them. */
	if (!can_listen(ctx) && !is_meant_for_many(ctx))
		advice_option(ctx, report, PORTOWNER_SOCK_FLAG_REUSEADDR);
	if (psock_is_passive(ctx->holder))
		advice_option(ctx, report, PORTOWNER_SOCK_FLAG_REUSEPORT);
}

/**
 * explain_in_use() - The port is taken, at an overlapping address.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_in_use(const struct context *ctx, struct report *report,
		    FILE *out)
{
	advice_start_again(ctx, report);
	if (!ctx->holder) {
		put_unidentified(out, ctx);
		return;
	}
	put_overlap(out, ctx);
	put_device(out, ctx);
	if (is_connection(ctx->holder))
		put_connection(out, ctx);
	explain_chosen(ctx, report, out);
	put_relation(ctx, report, out);
	put_sharing(out, ctx);
	advise_in_use(ctx, report);
}

/**
 * explain_uid_differs() - Both set SO_REUSEPORT, but their users differ.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_uid_differs(const struct context *ctx, struct report *report,
			 FILE *out)
{
	bool joins;

	if (!ctx->holder || !users_are_one_program(ctx))
		advice_start_again(ctx, report);
	if (!ctx->holder) {
		put_unidentified(out, ctx);
		return;
	}
	fputs("Both sockets set SO_REUSEPORT, but only sockets of the same "
	      "user can share a port that way", out);
	users_put(out, ctx);
	if (users_advise(ctx, report))
		return;
	if (!can_listen(ctx))
		fputs(" If both set SO_REUSEADDR, it does not matter who they "
		      "belong to.",
		      out);
	put_relation(ctx, report, out);
	advise_passed(ctx, report);
	joins = advise_joining(ctx, report);
	if (!can_listen(ctx) && !is_meant_for_many(ctx))
		advice_option(ctx, report, PORTOWNER_SOCK_FLAG_REUSEADDR);
	advice_unseen(ctx, report);
	if (!joins)
		advice_stop(ctx, report);
	if (!endpoint_is_discovery(&ctx->reject->ep))
		advice_other_port(ctx, report);
}

/**
 * explain_holder_listening() - Both set SO_REUSEADDR, but one is listening.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_holder_listening(const struct context *ctx, struct report *report,
			      FILE *out)
{
	char *who;

	advice_start_again(ctx, report);
	if (!ctx->holder) {
		put_unidentified(out, ctx);
		return;
	}
	who = phrase_holder(ctx->holder);
	if (is_dual_stack(ctx) || is_wildcard(ctx)) {
		put_overlap(out, ctx);
		fputc(' ', out);
	}
	fprintf(out, "Both sockets set SO_REUSEADDR, but that does not help "
		     "here: it lets two sockets bind the same port only while "
		     "neither is listening, and %s of %s is. SO_REUSEADDR is "
		     "meant for restarting a server while connections of its "
		     "previous run are still closing.",
		context_is_own(ctx, ctx->holder) ? "another one" : "the one",
		who);
	free(who);
	if (users_differ(ctx)) {
		fputs(" SO_REUSEPORT, which both set as well, lets only "
		      "sockets of the same user share a port", out);
		users_put(out, ctx);
		if (users_advise(ctx, report))
			return;
	}
	explain_chosen(ctx, report, out);
	put_relation(ctx, report, out);
	advise_in_use(ctx, report);
}

/**
 * explain_not_searched() - A protocol whose sockets are not looked up.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_not_searched(const struct context *ctx, struct report *report,
			  FILE *out)
{
	put_unidentified(out, ctx);
	if (ctx->reject->ep.proto == IPPROTO_DCCP)
		report_advise(report, xstrdup("ss --dccp -anp"),
			      "Another tool may list such sockets:");
}

/* Time until the last socket that was in the way is gone. */
static __u64 expires_ns(const struct context *ctx)
{
	const struct reject *reject = ctx->reject;
	const struct psock *sock;
	__u64 longest = 0;
	size_t i;

	for (i = 0; i < reject->culprits.n; i++) {
		sock = context_now(ctx, &reject->culprits.v[i]);
		if (sock && sock->has_expires && sock->expires_ns > longest)
			longest = sock->expires_ns;
	}
	return longest;
}

/**
 * explain_time_wait() - A closed connection holds the port.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_time_wait(const struct context *ctx, struct report *report,
		       FILE *out)
{
	__u64 ns = expires_ns(ctx);
	char left[16];

	advice_start_again(ctx, report);
	if (!ctx->holder) {
		put_unidentified(out, ctx);
		return;
	}
	fprintf(out, "No listening socket is in the way: the port %s held by "
		     "a closed connection, which the kernel keeps for a "
		     "minute to catch late packets (TIME_WAIT). A new server "
		     "can take the port over only if the old one and the new "
		     "one both set SO_REUSEADDR before bind(); here %s.",
		tense(ctx, "was", "is"),
		sides(ctx, PORTOWNER_SOCK_FLAG_REUSEADDR));
	advice_check_reuseaddr(ctx, report);
	advice_option(ctx, report, PORTOWNER_SOCK_FLAG_REUSEADDR);
	if (ctx->there)
		advice_reserve(ctx, report);
	if (ns) {
		time_fmt_age(ns, left, sizeof(left));
		report_advise(report, NULL, "Or wait: %s expires in %s.",
			      ctx->still > 1 ? "the last one" : "it", left);
	}
}
