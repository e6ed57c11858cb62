// SPDX-License-Identifier: GPL-2.0
/* Rules that a socket in the way is to blame for. */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "escape.h"
#include "explain.h"
#include "prose.h"
#include "remedy.h"
#include "when.h"

static bool is_tcp(const struct situation *sit)
{
	return endpoint_can_listen(&sit->reject->ep);
}

/* Which side had set an option. */
static const char *sides(const struct situation *sit, __u32 flag)
{
	bool had = sit->holder->ep.flags & flag;
	bool wanted = sit->reject->ep.flags & flag;

	if (had && wanted)
		return "both did";
	if (!had && !wanted)
		return "neither did";
	return had ? "only the one in the way did" : "only the new one did";
}

static void put_sharing(FILE *out, const struct situation *sit)
{
	bool listens = is_tcp(sit) &&
		       sit->holder->state == PORTOWNER_STATE_LISTEN;

	fputs(" Two sockets may share a port only if both set ", out);
	if (!listens)
		fprintf(out, "SO_REUSEADDR (here %s), or both set ",
			sides(sit, PORTOWNER_SOCK_FLAG_REUSEADDR));
	fprintf(out, "SO_REUSEPORT and belong to the same user (here %s).",
		sides(sit, PORTOWNER_SOCK_FLAG_REUSEPORT));
}

static void put_wildcard(FILE *out, const struct situation *sit)
{
	const struct endpoint *had = &sit->holder->ep;
	const struct endpoint *wanted = &sit->reject->ep;
	bool held = endpoint_is_any(had);
	const struct endpoint *any = held ? had : wanted;
	char *address = prose_address(any);
	char *all = prose_endpoint(any);
	char *one = prose_endpoint(held ? wanted : had);

	fprintf(out, "%s stands for all IPv%d addresses of this machine, so %s includes %s.",
		address, endpoint_family(any) == AF_INET ? 4 : 6, all, one);
	free(address);
	free(all);
	free(one);
}

/* [::] that takes IPv4 as well, and an address of IPv4. */
static bool is_dual_stack(const struct situation *sit)
{
	const struct endpoint *had = &sit->holder->ep;
	const struct endpoint *wanted = &sit->reject->ep;

	return (endpoint_is_dual(had) && endpoint_family(wanted) == AF_INET) ||
	       (endpoint_is_dual(wanted) && endpoint_family(had) == AF_INET);
}

static bool is_wildcard(const struct situation *sit)
{
	return !is_dual_stack(sit) && endpoint_is_any(&sit->holder->ep) !=
				      endpoint_is_any(&sit->reject->ep);
}

/* How the two addresses come to be in each other's way. */
static void put_overlap(FILE *out, const struct situation *sit)
{
	const struct endpoint *had = &sit->holder->ep;
	char *a = prose_endpoint(had);
	char *b = prose_endpoint(&sit->reject->ep);

	if (is_dual_stack(sit))
		fprintf(out, "[::] takes IPv4 as well unless IPV6_V6ONLY is "
			     "set, and the %s did not set it: so %s and %s "
			     "are in each other's way.",
			endpoint_is_dual(had) ? "socket in the way" :
						"new socket", a, b);
	else if (is_wildcard(sit))
		put_wildcard(out, sit);
	else if (had->family != sit->reject->ep.family)
		fprintf(out, "%s and %s are the same address, written in two ways.",
			a, b);
	else
		fprintf(out, "Another socket had %s already.", a);
	free(a);
	free(b);
}

/* A device is part of the place, but for those that are bound to none. */
static void put_device(FILE *out, const struct situation *sit)
{
	const char *had = sit->holder->ep.dev, *wanted = sit->reject->ep.dev;
	const char *dev = had ? had : wanted;
	char *name;

	if (!dev || (had && wanted && !strcmp(had, wanted)))
		return;
	name = escape_text(dev, strlen(dev));
	if (had && wanted)
		fputs(" That they are bound to two devices does not keep them apart here.",
		      out);
	else
		fprintf(out, " Only %s is bound to a device (%s), and one that "
			     "is not is on all of them.",
			had ? "the one in the way" : "the new socket", name);
	free(name);
}

static bool is_connection(const struct psock *sock)
{
	return !psock_is_passive(sock) &&
	       sock->state != PORTOWNER_STATE_TIME_WAIT;
}

static void put_connection(FILE *out, const struct situation *sit)
{
	bool chosen = sit->here && ephemeral_has(&sit->ephemeral,
						 sit->reject->ep.port);
	char *who = prose_holder(sit->holder);

	fputs(" Nobody serves on the port: ", out);
	if (psock_is_lasting(sit->holder))
		fprintf(out, "it is %s connection of %s that has it.",
			chosen ? "an outgoing" : "a", who);
	else
		fprintf(out, "what has it is %s.",
			prose_left_over(sit->holder));
	if (chosen)
		fprintf(out, " The kernel may choose such a port by itself, "
			     "for it lies in " SYSCTL_RANGE " (%u to %u).",
			sit->ephemeral.first, sit->ephemeral.last);
	free(who);
}

static void put_nobody(FILE *out)
{
	fputs("The port was taken, but what had it was gone before it could be looked at.",
	      out);
}

/* Sockets that cannot listen share if all set the option, and one has. */
static bool is_half_shared(const struct situation *sit)
{
	return !is_tcp(sit) && (sit->holder->ep.flags ^ sit->reject->ep.flags) &
			       PORTOWNER_SOCK_FLAG_REUSEADDR;
}

static void remedy_in_use(const struct situation *sit, struct story *story)
{
	remedy_ask_again(sit, story);
	if (is_connection(sit->holder))
		remedy_reserve(sit, story);
	if (is_dual_stack(sit))
		remedy_v6only(sit, story);
	if (is_tcp(sit) && !psock_is_passive(sit->holder))
		remedy_option(sit, story, PORTOWNER_SOCK_FLAG_REUSEADDR);
	if (sit->there && sit->there->state == PORTOWNER_STATE_FIN_WAIT_2 &&
	    !psock_is_lasting(sit->there))
		story_advise(story,
			     remedy_there(sit, xstrdup("sysctl net.ipv4.tcp_fin_timeout")),
			     "Or wait: after so many seconds the kernel gives up what was closed on this side only:");
	remedy_stop(sit, story);
	if (is_wildcard(sit))
		remedy_address(sit, story);
	remedy_elsewhere(sit, story);
	if (is_half_shared(sit))
		remedy_option(sit, story, PORTOWNER_SOCK_FLAG_REUSEADDR);
	if (psock_is_passive(sit->holder))
		remedy_option(sit, story, PORTOWNER_SOCK_FLAG_REUSEPORT);
}

/**
 * explain_in_use() - The same port, and addresses that overlap.
 * @sit: the situation
 * @story: for remedies
 * @out: for sentences
 */
void explain_in_use(const struct situation *sit, struct story *story,
		    FILE *out)
{
	remedy_start_again(sit, story);
	if (!sit->holder) {
		put_nobody(out);
		return;
	}
	put_overlap(out, sit);
	put_device(out, sit);
	if (is_connection(sit->holder))
		put_connection(out, sit);
	put_sharing(out, sit);
	remedy_in_use(sit, story);
}

/**
 * explain_user() - Both have SO_REUSEPORT, but not the same user.
 * @sit: the situation
 * @story: for remedies
 * @out: for sentences
 */
void explain_user(const struct situation *sit, struct story *story, FILE *out)
{
	remedy_start_again(sit, story);
	if (!sit->holder) {
		put_nobody(out);
		return;
	}
	fputs("Both sockets set SO_REUSEPORT, but only sockets of the same "
	      "user may share a port: the one in the way belongs to ",
	      out);
	prose_user(out, sit->holder->uid, sit->numeric);
	fputs(", the new one to ", out);
	prose_user(out, sit->reject->uid, sit->numeric);
	fputs(". It counts who made the socket, not who runs the program by now: "
	      "a server that opens its socket as root and changes its user "
	      "afterwards counts as root.",
	      out);
	story_advise(story, NULL,
		     "Start both programs as the same user; in a systemd unit "
		     "that is User= in [Service].");
	if (sit->holder->n_owners && sit->holder->owners->pid == 1)
		story_advise(story, NULL,
			     "Let the service use the socket that systemd "
			     "passes to it (sd_listen_fds) instead of a "
			     "bind() of its own: systemd makes it as root.");
	remedy_stop(sit, story);
	remedy_elsewhere(sit, story);
}

/**
 * explain_listening() - Both have SO_REUSEADDR, but one listens.
 * @sit: the situation
 * @story: for remedies
 * @out: for sentences
 */
void explain_listening(const struct situation *sit, struct story *story,
		       FILE *out)
{
	char *who;

	remedy_start_again(sit, story);
	if (!sit->holder) {
		put_nobody(out);
		return;
	}
	who = prose_holder(sit->holder);
	if (is_dual_stack(sit) || is_wildcard(sit)) {
		put_overlap(out, sit);
		fputc(' ', out);
	}
	fprintf(out, "Both sockets set SO_REUSEADDR, which is of no help "
		     "here: two TCP sockets may be bound to a port with it, "
		     "but not while one of them listens, and %s of %s does. "
		     "It is for a server that starts again while rests of "
		     "connections of its last run are there.",
		situation_is_own(sit, sit->holder) ? "another one" : "that",
		who);
	free(who);
	remedy_in_use(sit, story);
}

/* The longest that any of those that were in the way lasts yet. */
static __u64 expires_ns(const struct situation *sit)
{
	const struct reject *reject = sit->reject;
	const struct psock *sock;
	__u64 longest = 0;
	size_t i;

	for (i = 0; i < reject->culprits.n; i++) {
		sock = situation_now(sit, &reject->culprits.v[i]);
		if (sock && sock->has_expires && sock->expires_ns > longest)
			longest = sock->expires_ns;
	}
	return longest;
}

/**
 * explain_time_wait() - What is left of a connection.
 * @sit: the situation
 * @story: for remedies
 * @out: for sentences
 */
void explain_time_wait(const struct situation *sit, struct story *story,
		       FILE *out)
{
	__u64 ns = expires_ns(sit);
	char left[16];

	remedy_start_again(sit, story);
	if (!sit->holder) {
		put_nobody(out);
		return;
	}
	fprintf(out, "Nobody serves on the port. What was in the way is the "
		     "rest of a closed connection, which the kernel keeps for "
		     "a minute to catch late packets (TIME_WAIT). It yields "
		     "to a new server only if the old one and the new one "
		     "both set SO_REUSEADDR before bind(); here %s.",
		sides(sit, PORTOWNER_SOCK_FLAG_REUSEADDR));
	remedy_ask_again(sit, story);
	remedy_option(sit, story, PORTOWNER_SOCK_FLAG_REUSEADDR);
	if (sit->there)
		remedy_reserve(sit, story);
	if (ns) {
		when_format_age(ns, left, sizeof(left));
		story_advise(story, NULL, "Or wait: in %s it is gone.", left);
	}
}
