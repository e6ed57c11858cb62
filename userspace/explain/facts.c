// SPDX-License-Identifier: GPL-2.0
/* What happened: who requested what, what was in the way, and what is now. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "explain/explain.h"
#include "explain/refused.h"
#include "lib/escape.h"
#include "lib/host.h"
#include "lib/host_net.h"
#include "lib/process.h"
#include "lib/time_fmt.h"
#include "model/enums.h"
#include "model/names.h"
#include "print/binder.h"
#include "print/field.h"
#include "print/phrase.h"

/* Maximum number of sockets in the way to describe. */
#define CULPRITS_MAX	4

/* "A, B and C" */
static void put_options(FILE *out, const char *before,
			const struct endpoint *ep)
{
	static const struct {
		__u32 flag;
		const char *name;
	} options[] = {
		{ PORTOWNER_SOCK_FLAG_REUSEADDR, "SO_REUSEADDR" },
		{ PORTOWNER_SOCK_FLAG_REUSEPORT, "SO_REUSEPORT" },
		{ PORTOWNER_SOCK_FLAG_V6ONLY, "IPV6_V6ONLY" },
		{ PORTOWNER_SOCK_FLAG_FREEBIND, "IP_FREEBIND" },
		{ PORTOWNER_SOCK_FLAG_TRANSPARENT, "IP_TRANSPARENT" },
	};
	const char *names[ARRAY_SIZE(options)] = { NULL };
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (ep->flags & options[i].flag)
			names[n++] = options[i].name;
	for (i = 0; i < n; i++)
		fprintf(out, "%s%s", !i ? before : i + 1 < n ? ", " : " and ",
			names[i]);
}

static void put_escaped(FILE *out, const char *before, const char *bytes)
{
	char *text;

	if (!bytes)
		return;
	text = escape_text(bytes, strlen(bytes));
	fprintf(out, "%s%s", before, text);
	free(text);
}

/* By the clock as set now, with a note if it was set since. */
static void put_ago(FILE *out, __u64 time_ns, __u64 boot_ns)
{
	__s64 clock = time_fmt_clock();
	__u64 now = time_fmt_now();
	/* Also correct if the clock moved too little to be worth a note. */
	__u64 then = boot_ns ? boot_ns + clock : time_ns;
	/* A time in the future does not tell how long ago it was. */
	bool ahead = !boot_ns && then > now;
	bool moved = time_fmt_then(time_ns, boot_ns, clock) != time_ns;
	char age[16], date[40];

	time_fmt_age(now > then ? now - then : 0, age, sizeof(age));
	time_fmt_local(time_ns, date, sizeof(date));
	fprintf(out, "%s%sat %s%s.", ahead ? "" : age, ahead ? "" : " ago, ",
		date, !moved && !ahead ? "" :
		" by a clock that has been set since");
}

static void put_age(FILE *out, __u64 ns)
{
	char age[16];

	time_fmt_age(ns, age, sizeof(age));
	fputs(age, out);
}

static const char *attempt(const struct reject *reject)
{
	switch (reject->op) {
	case PORTOWNER_REJECT_OP_BIND:
		return "bind to";
	case PORTOWNER_REJECT_OP_LISTEN:
		return "listen on";
	case PORTOWNER_REJECT_OP_AUTOBIND:
		return reject->peer_port ? "connect() from" :
					   "automatic bind to";
	default:
		return "use of";
	}
}

static void put_title(FILE *out, const struct reject *reject)
{
	char *where = phrase_requested(reject);
	char *error = phrase_error(reject->err);
	char *peer = reject->peer_port ? phrase_reject_peer(reject) : NULL;

	fprintf(out, "%s %s%s%s was refused: %s (%s)", attempt(reject), where,
		peer ? " to " : "", peer ? peer : "", error,
		rule_name(reject->rule));
	free(peer);
	free(error);
	free(where);
}

static void put_unit(FILE *out, const char *cgroup)
{
	char *unit = phrase_unit(cgroup);

	if (unit)
		fprintf(out, ", in %s", unit);
	free(unit);
}

/* Only root sees all processes. */
static bool is_abandoned(__u32 netns)
{
	char *comm;
	__u32 pid = host_netns_process(netns, &comm);

	free(comm);
	return !pid && !host_uid();
}

static void put_netns(FILE *out, const struct context *ctx)
{
	const char *name = netns_name(ctx->reject->netns);

	if (ctx->here)
		return;
	fputs(", in network namespace ", out);
	if (name)
		put_escaped(out, "", name);
	else
		fprintf(out, "%u%s", ctx->reject->netns,
			is_abandoned(ctx->reject->netns) ?
				", which no process uses any more" : "");
}

static void put_who(FILE *out, const struct context *ctx)
{
	const struct reject *reject = ctx->reject;
	char *who = phrase_refused_process(ctx->reject);

	fprintf(out, "%s, run by ", who);
	phrase_user(out, reject->uid, ctx->numeric);
	put_escaped(out, " from ", reject->exe);
	put_unit(out, reject->cgroup);
	put_netns(out, ctx);
	fputs(", requested it", out);
	put_options(out, " with ", &reject->ep);
	fputc('.', out);
	free(who);
}

/* A record may stand for several refusals; the last one was described. */
static void put_count(FILE *out, const struct reject *reject)
{
	if (reject->count < 2)
		return;
	fprintf(out, " It was the last of %llu such refusals; the first was ",
		(unsigned long long)reject->count);
	put_ago(out, reject->first_time_ns, reject->first_boot_ns);
}

static void put_when(FILE *out, const struct context *ctx)
{
	put_ago(out, ctx->reject->time_ns, ctx->reject->boot_ns);
	put_count(out, ctx->reject);
}

static const char *doing(const struct psock *sock)
{
	switch (sock->state) {
	case PORTOWNER_STATE_LISTEN:
		return "listened on ";
	case PORTOWNER_STATE_BOUND:
		return "was bound to ";
	default:
		return "had a connection on ";
	}
}

/* Who bound it, unless just named, and when. */
static void put_binder(FILE *out, const struct psock *sock)
{
	const struct binder *binder = sock->binder;
	char *who;

	if (!binder && !sock->has_age)
		return;
	if (sock->state != PORTOWNER_STATE_BOUND)
		fputs(", bound", out);
	if (binder && (!binder->pid || !sock->n_owners ||
		       binder->pid != sock->owners->pid)) {
		who = binder_phrase(binder);
		fprintf(out, " by %s%s", who,
			binder->alive || binder_is_systemd(binder) ?
				"" : " (which has gone since)");
		free(who);
	}
	if (!sock->has_age)
		return;
	fputc(' ', out);
	put_age(out, sock->age_ns);
	fputs(" earlier", out);
}

/* How it got its port, and the peer of a connection. */
static void put_peer(FILE *out, const struct psock *sock)
{
	bool kernel = sock->port_origin == PORT_ORIGIN_KERNEL;
	char *peer = phrase_peer(sock);

	if (kernel)
		fputs(" (a port that the kernel chose)", out);
	if (peer)
		fprintf(out, " %s %s%s",
			sock->port_origin == PORT_ORIGIN_UNKNOWN ? "with" : "to",
			peer, psock_is_self_connected(sock) ?
				      ", that is, to itself" : "");
	free(peer);
}

static void put_culprit(FILE *out, const struct context *ctx,
			const struct psock *sock)
{
	char *who = phrase_holder(sock), *where = phrase_endpoint(&sock->ep);

	if (!psock_is_passive(sock) && !psock_is_lasting(sock)) {
		fprintf(out, "%s held %s", phrase_orphan(sock), where);
		put_peer(out, sock);
	} else {
		fputs(who, out);
		if (sock->has_uid) {
			fputs(", with a socket owned by ", out);
			phrase_user(out, sock->uid, ctx->numeric);
			fputc(',', out);
		}
		fprintf(out, " %s%s", doing(sock), where);
		put_peer(out, sock);
	}
	if (psock_is_passive(sock))
		put_binder(out, sock);
	put_options(out, ", with ", &sock->ep);
	fputc('.', out);
	free(where);
	free(who);
}

static void put_culprits(FILE *out, const struct context *ctx)
{
	const struct psock_list *list = &ctx->reject->culprits;
	size_t i;

	if (!context_is_conflict(ctx) ||
	    !proto_is_searched(ctx->reject->ep.proto))
		return;
	for (i = 0; i < list->n && i < CULPRITS_MAX; i++) {
		fputs(i ? " " : "", out);
		put_culprit(out, ctx, &list->v[i]);
	}
	if (list->n > i)
		fprintf(out, " And %zu more socket%s.", list->n - i,
			list->n - i > 1 ? "s" : "");
	if (!list->n)
		fputs(ctx->reject->culprits_incomplete ?
		      "The search for what was in the way was cut short." :
		      "What was in the way could not be identified; it may "
		      "already have been gone.",
		      out);
}

static void put_there(FILE *out, const struct context *ctx)
{
	const struct psock *sock = ctx->there;
	char *who = phrase_holder(sock), *where = phrase_endpoint(&sock->ep);

	if (!psock_is_passive(sock) && !psock_is_lasting(sock))
		fprintf(out, "%s (%s)", where, state_name(sock->state));
	else
		fprintf(out, "%s (%s, %s)", who, where,
			state_name(sock->state));
	if (context_is_own(ctx, sock))
		fputs(", the same process that was refused", out);
	free(where);
	free(who);
}

static void put_gone(FILE *out, const struct context *ctx)
{
	bool refused = ctx->would && ctx->would->err;

	if (!ctx->reject->culprits.n)
		fputs(refused ? "No socket in the way could be identified" :
				"Nothing is in the way any more", out);
	else
		fprintf(out, "%s gone%s",
			ctx->reject->culprits.n == 1 ? "It has" : "They have",
			refused ? "" : ": nothing is in the way any more");
}

static void put_still(FILE *out, const struct context *ctx)
{
	size_t were = ctx->reject->culprits.n;

	if (ctx->still && ctx->still == were) {
		fputs(were == 1 ? "The same socket is still there: " :
				  "All of them are still there, including ",
		      out);
		put_there(out, ctx);
	} else if (ctx->still) {
		fprintf(out, "%zu of %zu are still there, including ",
			ctx->still, were);
		put_there(out, ctx);
	} else if (ctx->others) {
		fputs(!were ? "A socket is in the way now: " :
		      were == 1 ?
			      "It has gone, but another socket is in the way now: " :
			      "They have gone, but another socket is in the way now: ",
		      out);
		put_there(out, ctx);
	} else {
		put_gone(out, ctx);
	}
	if (ctx->still && ctx->there->has_expires) {
		fputs(", for another ", out);
		put_age(out, ctx->there->expires_ns);
	}
	fputc('.', out);
}

/* How the kernel would answer the same bind now. */
static void put_verdict(FILE *out, const struct reject *would, bool listen)
{
	char *error;

	if (!would)
		return;
	fprintf(out, "%sThe same bind%s would ", ftell(out) ? " " : "",
		listen ? " and listen" : "");
	if (!would->err) {
		fputs("succeed now.", out);
		return;
	}
	error = phrase_error(would->err);
	fprintf(out, "be refused again: %s (%s).", error,
		rule_name(would->rule));
	free(error);
}

/* Systemd and others bind for something else, which may have ended. */
static bool binds_for_itself(const struct reject *reject)
{
	return !refused_is_socket_unit(reject) && !refused_engine(reject) &&
	       !refused_asks_kernel(reject);
}

/* Some go on without the port, or with another one. */
static void put_survivor(FILE *out, const struct context *ctx)
{
	const struct reject *reject = ctx->reject;
	char *who;

	if (!binds_for_itself(reject) ||
	    (ctx->there && context_is_own(ctx, ctx->there)) ||
	    !process_runs(reject->pid, reject->comm))
		return;
	who = phrase_refused_process(reject);
	fprintf(out, "%s%s is still running.", ftell(out) ? " " : "", who);
	free(who);
}

static void put_now(FILE *out, const struct context *ctx)
{
	if (context_is_conflict(ctx) &&
	    proto_is_searched(ctx->reject->ep.proto))
		put_still(out, ctx);
	put_verdict(out, ctx->would,
		    ctx->reject->op == PORTOWNER_REJECT_OP_LISTEN);
	put_survivor(out, ctx);
}

static void add(struct report *report, const char *label,
		const struct context *ctx,
		void (*put)(FILE *out, const struct context *ctx))
{
	size_t len;
	char *text;
	FILE *out;

	out = phrase_open(&text, &len);
	put(out, ctx);
	fclose(out);
	report_add(report, label, text);
}

/**
 * explain_facts() - Say what happened, and what has become of it.
 * @ctx: the context
 * @report: where to add it
 */
void explain_facts(const struct context *ctx, struct report *report)
{
	size_t len;
	FILE *out;

	out = phrase_open(&report->title, &len);
	put_title(out, ctx->reject);
	fclose(out);
	add(report, "who", ctx, put_who);
	add(report, "when", ctx, put_when);
	add(report, "in the way", ctx, put_culprits);
	add(report, "now", ctx, put_now);
}

/**
 * explain_verdict() - Say whether a bind would succeed.
 * @ep: requested address
 * @would: the refusal; its error is 0 if there would be none
 * @listens: listen() will follow
 *
 * Return: the sentence without a full stop; to be freed.
 */
char *explain_verdict(const struct endpoint *ep, const struct reject *would,
		      bool listens)
{
	char *where = phrase_wanted(ep), *error, *words;

	if (!would->err) {
		words = xasprintf("%s can be bound%s", where,
				  listens ? " and listened on" : "");
	} else {
		error = phrase_error(would->err);
		words = xasprintf("%s %swould be refused: %s (%s)", where,
				  would->op == PORTOWNER_REJECT_OP_LISTEN ?
					  "can be bound, but listen() " : "",
				  error, rule_name(would->rule));
		free(error);
	}
	free(where);
	return words;
}
