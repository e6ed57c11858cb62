// SPDX-License-Identifier: GPL-2.0
/* Rules that depend on the settings of this host. */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/explain.h"
#include "lib/escape.h"
#include "lib/host.h"
#include "lib/time_fmt.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "model/port_range.h"
#include "print/phrase.h"

/* Maximum number of processes to name. */
#define NAMES_MAX	5

/* The largest range without privileged ports. */
#define RANGE_FIRST	1024
#define RANGE_LAST	65535

/*
 * The ports are counted when the refusal is first read; for a check, which has
 * no time, they are counted now.
 */
static void put_delay(FILE *out, const struct port_range *range, __u64 refused)
{
	bool later = range->time > refused;
	__u64 delay = later ? range->time - refused : refused - range->time;
	char age[16];

	if (!refused || !range->time || delay < NSEC_PER_SEC)
		return;
	time_fmt_age(delay, age, sizeof(age));
	fprintf(out, " This was counted %s %s the refusal.", age,
		later ? "after" : "before");
}

/* Hidden processes are not among them. */
static bool hold_most(const struct port_range *range)
{
	__u64 ports = 0;
	size_t i;

	for (i = 0; i < range->n_holders && i < NAMES_MAX; i++)
		ports += range->holders[i].ports;
	return 2 * ports > range->taken;
}

/* The use of the ports in the range. */
static void put_range(FILE *out, const struct port_range *range, __u64 refused)
{
	size_t i, n = range->n_holders;
	char *who;

	fprintf(out, "Of the %u port%s from %u to %u, %u %s in use and %u %s reserved.",
		range->last - range->first + 1U,
		range->last == range->first ? "" : "s", range->first, range->last,
		range->taken, range->taken == 1 ? "is" : "are",
		range->reserved, range->reserved == 1 ? "is" : "are");
	if (n)
		fputs(hold_most(range) ? " Most of them are held by " :
					 " Some of them are held by ", out);
	for (i = 0; i < n && i < NAMES_MAX; i++) {
		who = phrase_process(range->holders[i].comm,
				     range->holders[i].pid);
		fprintf(out, "%s%s: %u", i ? ", " : "", who,
			range->holders[i].ports);
		free(who);
	}
	if (n)
		fputs(i < n ? " and others." : ".", out);
	put_delay(out, range, refused);
}

/* Did the program choose a port that a larger range would give away? */
static bool is_fixed(const struct context *ctx, const struct psock *sock)
{
	const struct ephemeral *range = &ctx->ephemeral;

	return psock_is_passive(sock) && proto_has_ports(sock->ep.proto) &&
	       sock->ep.port >= RANGE_FIRST &&
	       sock->netns == ctx->reject->netns &&
	       (sock->port_origin == PORT_ORIGIN_PROGRAM ||
		(sock->port_origin == PORT_ORIGIN_UNKNOWN &&
		 !ephemeral_has(range, sock->ep.port))) &&
	       !ephemeral_reserves(range, sock->ep.port);
}

/* First keep the ports of servers from the kernel, then enlarge the range. */
static char *range_command(const struct context *ctx)
{
	bool *need = xcalloc(65536, sizeof(*need));
	bool any = false;
	char *list, *command;
	size_t i;

	for (i = 0; i < ctx->servers->n; i++)
		if (is_fixed(ctx, &ctx->servers->v[i]))
			any = need[ctx->servers->v[i].ep.port] = true;
	list = ephemeral_list(&ctx->ephemeral, need);
	command = xasprintf("sysctl -w %s%s%s" SYSCTL_RANGE "=\"%u %u\"",
			    any ? SYSCTL_RESERVED "=" : "", any ? list : "",
			    any ? " " : "", RANGE_FIRST, RANGE_LAST);
	free(list);
	free(need);
	return command;
}

/* Are most ports of the range kept from use, rather than in use? */
static bool is_reserved(const struct port_range *range)
{
	return range && range->reserved > range->taken;
}

static void advise_range(const struct context *ctx, struct report *report)
{
	const struct port_range *range = ctx->reject->range;
	bool large = range && range->first <= RANGE_FIRST &&
		     range->last >= RANGE_LAST;

	if (is_reserved(range))
		report_advise(report,
			      advice_in_netns(ctx, xstrdup("sysctl " SYSCTL_RESERVED)),
			      "Reserve fewer ports; this lists the reserved ones:");
	if (!large && ctx->servers && ctx->ephemeral.reserved)
		report_advise(report, range_command(ctx),
			      "Enlarge the range, without the ports of the "
			      "servers that are running; add those of any "
			      "others to " SYSCTL_RESERVED " as well:");
	else if (!large)
		report_advise(report,
			      advice_in_netns(ctx, xstrdup("sysctl " SYSCTL_RANGE
							   " " SYSCTL_RESERVED)),
			      "Enlarge the range, but first reserve the ports "
			      "of your servers, or the kernel gives them to "
			      "clients; this shows both settings:");
}

static void advise_holders(const struct port_range *range,
			   struct report *report)
{
	const struct range_holder *holder = range ? range->holders : NULL;
	char *who;

	if (!holder || !holder->pid)
		return;
	who = phrase_process(holder->comm, holder->pid);
	report_advise(report, xasprintf("portowner list -a --pid %u",
					holder->pid),
		      "See what %s uses so many ports for:", who);
	free(who);
}

/* A port can be used once per destination. */
static void advise_time_wait(const struct context *ctx, struct report *report)
{
	report_advise(report,
		      advice_in_netns(ctx, xstrdup("sysctl -w net.ipv4.tcp_tw_reuse=1")),
		      "If most are TIME_WAIT connections to one destination "
		      "(ss -s counts them), keep connections open in the "
		      "program, or let the kernel reuse their ports for new "
		      "ones:");
}

static void advise_destination(struct report *report)
{
	report_advise(report, NULL,
		      "If all go to one destination, spread them: every address "
		      "of this host that the program binds before connect() "
		      "(with IP_BIND_ADDRESS_NO_PORT), and every address or "
		      "port at which the peer listens, can use the whole range "
		      "again.");
}

/* A client that binds its address takes a port for all destinations. */
static void advise_late_port(struct report *report)
{
	report_sketch(report, xstrdup("int on = 1; setsockopt(fd, IPPROTO_IP, "
				      "IP_BIND_ADDRESS_NO_PORT, &on, "
				      "sizeof(on));"),
		      "If this is a client that binds an address before "
		      "connect(), have it set this option before bind(), so "
		      "that one port can serve several destinations:");
}

/**
 * explain_exhausted() - No port of the ephemeral range was free.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_exhausted(const struct context *ctx, struct report *report,
		       FILE *out)
{
	const struct port_range *range = ctx->reject->range;
	const struct endpoint *ep = &ctx->reject->ep;
	bool automatic = ctx->reject->op == PORTOWNER_REJECT_OP_AUTOBIND;
	bool tcp = endpoint_transport(ep) == IPPROTO_TCP;

	fprintf(out, "%s asked the kernel to choose a port, but none was free "
		     "in " SYSCTL_RANGE,
		!automatic ? "The program" :
		endpoint_can_listen(ep) ? "A connect()" :
					  "A sendto() or connect()");
	if (!range && ctx->ephemeral.known)
		fprintf(out, " (%u to %u now)", ctx->ephemeral.first,
			ctx->ephemeral.last);
	fputc('.', out);
	if (automatic && tcp)
		fputs(" A port serves connections to several destinations, but "
		      "only one to each.", out);
	if (range) {
		fputc(' ', out);
		put_range(out, range, ctx->reject->time_ns);
	}
	advise_holders(range, report);
	advise_range(ctx, report);
	/* Only TCP has one port for several destinations, if any is to be had. */
	if (!tcp || is_reserved(range))
		return;
	if (automatic) {
		advise_destination(report);
		advise_time_wait(ctx, report);
	} else if (ctx->reject->op == PORTOWNER_REJECT_OP_BIND && !ctx->listens) {
		advise_late_port(report);
	}
}
