// SPDX-License-Identifier: GPL-2.0
/* Socket options that would have let a bind succeed, as advice in a story. */

#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "howto.h"
#include "prose.h"
#include "remedy.h"

/* In the program that has still to set an option. */
static char *set_option(const struct situation *sit, bool by_newcomer,
			__u32 flag)
{
	const struct owner *owner = sit->holder->owners;

	if (by_newcomer)
		return howto_set(sit->reject->exe, flag, &sit->reject->ep);
	return howto_set(sit->holder->n_owners ? owner->exe : NULL, flag,
			 &sit->holder->ep);
}

/* Both have to, each in its own way. */
static char *set_both(const struct situation *sit, __u32 flag)
{
	char *one = set_option(sit, false, flag);
	char *other = set_option(sit, true, flag), *both;

	if (!sit->holder->n_owners || !strcmp(one, other)) {
		free(one);
		return other;
	}
	both = xasprintf("%s\n%s", one, other);
	free(one);
	free(other);
	return both;
}

/* A client that does not bind gets its port as it connects. */
static const char *before_what(const struct psock *holder)
{
	return psock_is_passive(holder) ||
	       holder->state == PORTOWNER_STATE_TIME_WAIT ?
		       "bind()" : "bind() or connect()";
}

/* What is left of a connection is of nobody any more. */
static char *owner_to_be(const struct situation *sit)
{
	const struct psock *holder = sit->holder;

	if (psock_is_lasting(holder))
		return prose_holder(holder);
	return xstrdup(ephemeral_has(&sit->ephemeral, holder->ep.port) ?
		       "the program that had the connection" :
		       "the server that ended");
}

/* The option alone is not enough, or has a price. */
static char *proviso(const struct situation *sit, __u32 flag)
{
	size_t len;
	char *text;
	FILE *out;

	out = prose_open(&text, &len);
	if (flag == PORTOWNER_SOCK_FLAG_REUSEPORT && sit->holder->has_uid &&
	    sit->holder->uid != sit->reject->uid) {
		fputs(", and run both as the same user (now ", out);
		prose_user(out, sit->holder->uid, sit->numeric);
		fputs(" and ", out);
		prose_user(out, sit->reject->uid, sit->numeric);
		fputc(')', out);
	}
	if (flag == PORTOWNER_SOCK_FLAG_REUSEADDR &&
	    !endpoint_can_listen(&sit->reject->ep))
		fputs(" (of two with the same address, the one bound last gets the datagrams)",
		      out);
	fclose(out);
	return text;
}

/**
 * remedy_option() - An option that must be set on both sides.
 * @sit: the situation, with a holder
 * @story: where
 * @flag: enum portowner_sock_flag
 */
void remedy_option(const struct situation *sit, struct story *story,
		   __u32 flag)
{
	const char *name = flag == PORTOWNER_SOCK_FLAG_REUSEPORT ?
				   "SO_REUSEPORT" : "SO_REUSEADDR";
	bool had = sit->holder->ep.flags & flag;
	bool wanted = sit->reject->ep.flags & flag;
	char *who = newcomer(sit), *holder = owner_to_be(sit);
	char *besides = proviso(sit, flag);

	if ((had && wanted) || sit->holder->kernel_owner)
		;
	else if (had)
		story_advise(story, set_option(sit, true, flag),
			     "Let %s set %s before bind(), as the other side did%s:",
			     who, name, besides);
	else if (wanted)
		story_advise(story, set_option(sit, false, flag),
			     "Let %s set %s before %s, as the new socket did%s:",
			     holder, name, before_what(sit->holder), besides);
	else if (situation_is_own(sit, sit->holder))
		story_advise(story, set_option(sit, true, flag),
			     "Let %s set %s on both sockets before bind():",
			     who, name);
	else
		story_advise(story, set_both(sit, flag),
			     "Let %s and %s both set %s before %s%s:", holder,
			     who, name, before_what(sit->holder), besides);
	free(besides);
	free(holder);
	free(who);
}

/**
 * remedy_ask_again() - A check that left out what servers set.
 * @sit: the situation, with a holder
 * @story: where
 */
void remedy_ask_again(const struct situation *sit, struct story *story)
{
	if (sit->reject->seq || !endpoint_can_listen(&sit->reject->ep) ||
	    sit->reject->ep.flags & PORTOWNER_SOCK_FLAG_REUSEADDR ||
	    !(sit->holder->ep.flags & PORTOWNER_SOCK_FLAG_REUSEADDR) ||
	    sit->holder->state == PORTOWNER_STATE_LISTEN)
		return;
	story_advise(story, NULL,
		     "Most servers set SO_REUSEADDR, which the other side did, too: ask again with --reuseaddr.");
}

/**
 * remedy_v6only() - Keep an IPv6 wildcard from IPv4.
 * @sit: the situation, with a holder
 * @story: where
 */
void remedy_v6only(const struct situation *sit, struct story *story)
{
	bool dual = endpoint_is_dual(&sit->holder->ep);
	char *who = dual ? prose_holder(sit->holder) : newcomer(sit);

	story_advise(story, set_option(sit, !dual, PORTOWNER_SOCK_FLAG_V6ONLY),
		     "Let %s, which asks for [::], set IPV6_V6ONLY before bind(), so that IPv4 is left to others:",
		     who);
	story_advise(story,
		     remedy_there(sit, xstrdup("sysctl -w net.ipv6.bindv6only=1")),
		     "Make that the default for programs that do not say otherwise, and start %s again:",
		     who);
	free(who);
}
