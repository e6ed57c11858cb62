// SPDX-License-Identifier: GPL-2.0
/*
 * With whom a socket shares its port, and who else may join.
 *
 * A bind has to be tolerated by each socket on the port whose address overlaps.
 * With SO_REUSEADDR on both sides UDP tolerates all, TCP all but listeners;
 * with SO_REUSEPORT on both sides, those of the same user. SCTP does as TCP, and
 * UDP-Lite as UDP. Raw sockets tolerate each other.
 */

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "enums.h"
#include "print.h"
#include "prose.h"
#include "share.h"

/* Ten thousand members would be no answer. */
#define MEMBERS_MAX	8

static bool overlaps(const struct psock *a, const struct psock *b)
{
	return a->netns == b->netns && endpoint_overlaps(&a->ep, &b->ep);
}

/* With SO_REUSEADDR, that is; whether a UDP socket serves is not asked. */
static bool tolerates_anyone(const struct psock *holder)
{
	return holder->ep.flags & PORTOWNER_SOCK_FLAG_REUSEADDR &&
	       holder->state != PORTOWNER_STATE_LISTEN;
}

/* The kernel keeps no user for time-wait, and does not ask for it. */
static bool tolerates_user(const struct psock *holder,
			   const struct joining *joining)
{
	return holder->ep.flags & PORTOWNER_SOCK_FLAG_REUSEPORT &&
	       (holder->state == PORTOWNER_STATE_TIME_WAIT ||
		(holder->has_uid && joining->has_uid &&
		 holder->uid == joining->uid));
}

static void ask_holder(struct joining *joining, const struct psock *holder)
{
	bool anyone = tolerates_anyone(holder);
	bool user = tolerates_user(holder, joining);

	joining->reuseaddr &= (holder->ep.flags &
			       PORTOWNER_SOCK_FLAG_REUSEADDR) != 0;
	joining->anyone &= anyone;
	joining->user &= user;
	joining->user_both &= anyone || user;
}

/* Who does not tolerate everybody, for only its user may hope then. */
static const struct psock *strictest(const struct share *share,
				     const struct psock *sock)
{
	const struct psock *holder = share->all->v;
	size_t i;

	for (i = 0; i < share->all->n; i++, holder++)
		if (holder->has_uid && !tolerates_anyone(holder) &&
		    overlaps(sock, holder))
			return holder;
	return sock;
}

static void ask_holders(struct share *share, const struct psock *sock)
{
	const struct psock *last = share->last, *strict;
	struct joining *joining = &share->joining;
	size_t i;

	share->last = sock;
	if (last && last->netns == sock->netns &&
	    endpoint_equal(&last->ep, &sock->ep))
		return;
	strict = strictest(share, sock);
	*joining = (struct joining){
		true, true, true, true, strict->has_uid, strict->uid
	};
	for (i = 0; i < share->all->n; i++)
		if (overlaps(sock, &share->all->v[i]))
			ask_holder(joining, &share->all->v[i]);
}

/* Whether sockets of the protocol listen, which is more than being bound. */
static bool can_listen(const struct endpoint *ep)
{
	__u16 proto = endpoint_transport(ep);

	return proto == IPPROTO_TCP || proto == IPPROTO_SCTP;
}

static void put_joining(FILE *out, const struct share *share,
			const struct psock *sock)
{
	const struct joining *joining = &share->joining;
	bool tcp = can_listen(&sock->ep);

	if (sock->ep.proto == IPPROTO_RAW) {
		fputs("; each raw socket gets all packets, and others may be opened",
		      out);
	} else if (joining->anyone) {
		fprintf(out, "; any user may join with SO_REUSEADDR%s",
			tcp ? " until one listens" : "");
		if (!joining->user || !tcp)
			return;
		fputs(", and ", out);
		prose_user(out, joining->uid, share->numeric);
		fputs(" with SO_REUSEPORT", out);
	} else if (joining->user || joining->user_both) {
		fputs("; others may join as ", out);
		prose_user(out, joining->uid, share->numeric);
		fprintf(out, " only, with %sSO_REUSEPORT",
			joining->user ? "" : "SO_REUSEADDR and ");
	} else if (sock->group_size > 1) {
		fprintf(out, "; no other may join%s",
			tcp && joining->reuseaddr ? ", since one listens" : "");
	}
}

static void put_size(FILE *out, const struct psock *sock)
{
	const char *name = share_name(sock->share);

	if (sock->group_size > 1)
		fprintf(out, "%s, %u sockets", name, sock->group_size);
	else if (sock->share != PORTOWNER_SHARE_INHERITED)
		fputs(name, out);
	else if (sock->owners_hidden)
		fprintf(out, "%s: one socket, several processes", name);
	else
		fprintf(out, "%s: one socket, %zu processes", name,
			psock_processes(sock));
}

static char *member_words(const struct share *share, const struct psock *sock,
			  const struct psock *member)
{
	struct subject s = { .ep = &member->ep, .sock = member };
	size_t len, processes = psock_processes(member);
	struct value v = { 0 };
	char *words, *text;
	FILE *out;

	out = prose_open(&words, &len);
	value_first_owner(&v, member);
	text = value_text(&v);
	fputs(text, out);
	free(text);
	if (processes > 1)
		fprintf(out, " and %zu process%s more", processes - 1,
			processes > 2 ? "es" : "");
	if (member->has_uid) {
		fputs(", ", out);
		prose_user(out, member->uid, share->numeric);
	}
	if (member->has_backlog)
		fprintf(out, ", backlog %u/%u", member->backlog,
			member->backlog_max);
	if (!endpoint_equal(&sock->ep, &member->ep)) {
		text = column_text(&s, "ADDRESS");
		fprintf(out, ", %s", text);
		free(text);
	}
	fclose(out);
	return words;
}

/* Members that would be described alike are described once. */
static size_t put_members(FILE *out, const struct share *share,
			  const struct psock *sock)
{
	const struct psock *member = share->all->v;
	size_t i, n = 0, alike = 0;
	char *last = NULL, *words;

	for (i = 0; i < share->all->n && n < MEMBERS_MAX; i++, member++) {
		if (member == sock || !psock_is_passive(member) ||
		    !overlaps(sock, member))
			continue;
		words = member_words(share, sock, member);
		if (last && !strcmp(last, words)) {
			alike++;
		} else {
			if (alike > 1)
				fprintf(out, ", %zu sockets", alike);
			fprintf(out, "%s%s", n ? "; " : "", words);
			alike = 1;
		}
		n++;
		free(last);
		last = words;
	}
	free(last);
	if (alike > 1)
		fprintf(out, ", %zu sockets", alike);
	return n;
}

static void print_members(const struct share *share, const struct psock *sock)
{
	size_t len, n;
	char *text;
	FILE *out;

	out = prose_open(&text, &len);
	n = put_members(out, share, sock);
	if (n && sock->group_size > n + 1)
		fprintf(out, "; and %zu sockets more",
			sock->group_size - n - 1);
	fclose(out);
	if (n)
		print_fact("with", text);
	free(text);
}

/* Which member of a reuseport group gets what comes in. */
static void print_choice(const struct psock *sock)
{
	bool selector = sock->ep.flags & PORTOWNER_SOCK_FLAG_SELECTOR;
	const char *what;
	char *words;

	if (!selector && (sock->share != PORTOWNER_SHARE_REUSEPORT ||
			  sock->group_size < 2))
		return;
	what = can_listen(&sock->ep) ? "connection" : "datagram";
	if (selector)
		words = xasprintf("a BPF program chooses who gets a %s", what);
	else
		words = xasprintf("the kernel chooses who gets a %s, "
				  "by a hash of its addresses and ports", what);
	print_fact("choice", words);
	free(words);
}

/**
 * share_print() - Print with whom a socket shares its port.
 * @share: among which sockets
 * @sock: one of them, which listens or is bound
 */
void share_print(struct share *share, const struct psock *sock)
{
	size_t len;
	char *text;
	FILE *out;

	ask_holders(share, sock);
	out = prose_open(&text, &len);
	put_size(out, sock);
	put_joining(out, share, sock);
	fclose(out);
	print_fact("share", text);
	free(text);
	if (sock->group_size > 1)
		print_members(share, sock);
	print_choice(sock);
	if (endpoint_is_dual(&sock->ep))
		print_fact("covers", "0.0.0.0 too, since it is not v6only");
}
