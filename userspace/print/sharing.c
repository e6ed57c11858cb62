// SPDX-License-Identifier: GPL-2.0
/*
 * Which sockets share a port, and who else may join.
 *
 * A bind has to be tolerated by each socket on the port whose address overlaps.
 * If both sides set SO_REUSEADDR, UDP tolerates any socket, and TCP any unless
 * one is listening. If both set SO_REUSEPORT, sockets of the same user are
 * tolerated. SCTP follows TCP, and UDP-Lite follows UDP. Raw sockets tolerate
 * each other.
 */

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/endpoint.h"
#include "model/enums.h"
#include "print/field.h"
#include "print/phrase.h"
#include "print/sharing.h"
#include "print/words.h"

/* Maximum number of group members to describe. */
#define MEMBERS_MAX	8

static bool overlaps(const struct psock *a, const struct psock *b)
{
	return a->netns == b->netns && endpoint_overlaps(&a->ep, &b->ep);
}

/* Tolerates any user that sets SO_REUSEADDR; only listening prevents that. */
static bool tolerates_anyone(const struct psock *holder)
{
	return holder->ep.flags & PORTOWNER_SOCK_FLAG_REUSEADDR &&
	       holder->state != PORTOWNER_STATE_LISTEN;
}

/* The kernel keeps no user for a socket in TIME_WAIT, and so ignores it. */
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

	joining->unknown |= holder->unknown & UNKNOWN_REUSE;
	joining->reuseaddr &= (holder->ep.flags &
			       PORTOWNER_SOCK_FLAG_REUSEADDR) != 0;
	joining->anyone &= anyone;
	joining->user &= user;
	joining->user_both &= anyone || user;
}

/* Find a socket that does not tolerate any user: only its own may join. */
static const struct psock *strictest(const struct sharing *sharing,
				     const struct psock *sock)
{
	const struct psock *holder = sharing->all->v;
	size_t i;

	for (i = 0; i < sharing->all->n; i++, holder++)
		if (holder->has_uid && !tolerates_anyone(holder) &&
		    overlaps(sock, holder))
			return holder;
	return sock;
}

static void ask_holders(struct sharing *sharing, const struct psock *sock)
{
	const struct psock *last = sharing->last, *strict;
	struct joining *joining = &sharing->joining;
	size_t i;

	sharing->last = sock;
	if (last && last->netns == sock->netns &&
	    endpoint_equal(&last->ep, &sock->ep))
		return;
	strict = strictest(sharing, sock);
	*joining = (struct joining){
		true, true, true, true, strict->has_uid, strict->uid, false
	};
	for (i = 0; i < sharing->all->n; i++)
		if (overlaps(sock, &sharing->all->v[i]))
			ask_holder(joining, &sharing->all->v[i]);
}

/**
 * sharing_joining() - Who else may bind the address of a socket.
 * @sharing: the sockets on the port
 * @sock: one of them, which is listening or bound
 *
 * Return: the answer, valid until the next call.
 */
const struct joining *sharing_joining(struct sharing *sharing,
				      const struct psock *sock)
{
	ask_holders(sharing, sock);
	return &sharing->joining;
}

static void put_joining(FILE *out, const struct sharing *sharing,
			const struct psock *sock)
{
	const struct joining *joining = &sharing->joining;
	bool listens = endpoint_can_listen(&sock->ep);

	if (sock->ep.proto == IPPROTO_RAW) {
		fputs("; every raw socket gets a copy of each packet, and more may be opened",
		      out);
	} else if (joining->unknown) {
		fputs("; whether another may join is not known", out);
	} else if (joining->anyone) {
		fprintf(out, "; any user may join with SO_REUSEADDR%s",
			listens ? " until one is listening" : "");
		if (!joining->user || !listens)
			return;
		fputs(", and ", out);
		phrase_user(out, joining->uid, sharing->numeric);
		fputs(" with SO_REUSEPORT", out);
	} else if (joining->user || joining->user_both) {
		fputs("; only ", out);
		phrase_user(out, joining->uid, sharing->numeric);
		fprintf(out, " may join, with %sSO_REUSEPORT",
			joining->user ? "" : "SO_REUSEADDR and ");
	} else if (sock->group_size > 1) {
		fprintf(out, "; no other socket may join%s",
			listens && joining->reuseaddr ?
				", because one is listening" : "");
	}
}

static void put_size(FILE *out, const struct psock *sock)
{
	const char *name = sock->unknown & UNKNOWN_SHARE ?
				   "by an option that is not known" :
				   share_name(sock->share);

	if (sock->unknown & UNKNOWN_GROUP_SIZE)
		fprintf(out, "not known, because %s",
			sock->unknown & UNKNOWN_LARGE ?
				"too many sockets are on the port" :
				"sockets that are only bound are not listed");
	else if (sock->group_size > 1)
		fprintf(out, "%s, %u sockets", name, sock->group_size);
	else if (sock->unknown & UNKNOWN_SHARE)
		fprintf(out, "one socket, of %s that are hidden",
			sock->n_owners ? "this process, and perhaps of others" :
					 "processes");
	else if (sock->share != PORTOWNER_SHARE_INHERITED)
		fputs(name, out);
	else if (sock->owners_hidden)
		fprintf(out, "%s: one socket, several processes", name);
	else
		fprintf(out, "%s: one socket, %s%zu processes", name,
			sock->owners_incomplete ? "at least " : "",
			psock_processes(sock));
}

static char *member_words(const struct sharing *sharing,
			  const struct psock *sock,
			  const struct psock *member)
{
	struct subject s = { .ep = &member->ep, .sock = member };
	struct value address = { 0 };
	char *words, *text;
	size_t len;
	FILE *out;

	out = phrase_open(&words, &len);
	text = phrase_holder(member);
	fputs(text, out);
	free(text);
	if (member->has_uid) {
		fputs(", ", out);
		phrase_user(out, member->uid, sharing->numeric);
	}
	if (member->has_backlog)
		fprintf(out, ", backlog %u/%u", member->backlog,
			member->backlog_max);
	if (!endpoint_equal(&sock->ep, &member->ep)) {
		get_address(&s, &address);
		text = value_text(&address);
		fprintf(out, ", %s", text);
		free(text);
	}
	fclose(out);
	return words;
}

/* Adjacent members with the same description are merged, and counted. */
static size_t put_members(FILE *out, const struct sharing *sharing,
			  const struct psock *sock)
{
	const struct psock *member = sharing->all->v;
	size_t i, n = 0, same = 0;
	char *last = NULL, *words;

	for (i = 0; i < sharing->all->n && n < MEMBERS_MAX; i++, member++) {
		if (member == sock || !psock_is_passive(member) ||
		    !overlaps(sock, member))
			continue;
		words = member_words(sharing, sock, member);
		if (last && !strcmp(last, words)) {
			same++;
		} else {
			if (same > 1)
				fprintf(out, ", %zu sockets", same);
			fprintf(out, "%s%s", n ? "; " : "", words);
			same = 1;
		}
		n++;
		free(last);
		last = words;
	}
	free(last);
	if (same > 1)
		fprintf(out, ", %zu sockets", same);
	return n;
}

static void print_members(const struct sharing *sharing,
			  const struct psock *sock)
{
	size_t len, n;
	char *text;
	FILE *out;

	out = phrase_open(&text, &len);
	n = put_members(out, sharing, sock);
	if (n && sock->group_size > n + 1)
		fprintf(out, "; and %zu more socket%s",
			sock->group_size - n - 1,
			sock->group_size - n > 2 ? "s" : "");
	fclose(out);
	if (n)
		print_fact("with", text);
	free(text);
}

/* The socket bound last to the same address; NULL if it is alone. */
static const struct psock *bound_last(const struct sharing *sharing,
				      const struct psock *sock)
{
	const struct psock *member = sharing->all->v, *last = sock;
	size_t i, n = 0;

	for (i = 0; i < sharing->all->n; i++, member++) {
		if (!psock_is_passive(member) || member->netns != sock->netns ||
		    !endpoint_equal(&member->ep, &sock->ep))
			continue;
		n++;
		if (!member->has_age)
			return NULL;
		if (member->age_ns < last->age_ns)
			last = member;
	}
	return n > 1 && sock->has_age ? last : NULL;
}

/*
 * Does the kernel prefer another socket for some of the datagrams? The address
 * counts first, then the device.
 */
static bool is_narrower(const struct endpoint *ep, const struct endpoint *than)
{
	bool any = endpoint_is_any(ep), than_any = endpoint_is_any(than);

	return any != than_any ? than_any : ep->dev && !than->dev;
}

static bool has_narrower(const struct sharing *sharing,
			 const struct psock *sock)
{
	const struct psock *member = sharing->all->v;
	size_t i;

	for (i = 0; i < sharing->all->n; i++, member++)
		if (member != sock && psock_is_passive(member) &&
		    is_narrower(&member->ep, &sock->ep) &&
		    overlaps(sock, member))
			return true;
	return false;
}

/* Does no other socket have the same address? */
static bool is_alone(const struct sharing *sharing, const struct psock *sock)
{
	const struct psock *member = sharing->all->v;
	size_t i;

	for (i = 0; i < sharing->all->n; i++, member++)
		if (member != sock && member->netns == sock->netns &&
		    endpoint_equal(&member->ep, &sock->ep))
			return false;
	return true;
}

/* Which of several datagram sockets gets unicast packets. */
static struct choice unicast_choice(const struct sharing *sharing,
				    const struct psock *sock)
{
	const struct psock *last = bound_last(sharing, sock);

	if (last)
		return (struct choice){ CHOICE_LAST, last };
	if (has_narrower(sharing, sock))
		return (struct choice){ CHOICE_ADDRESS, NULL };
	if (is_alone(sharing, sock))
		return (struct choice){ CHOICE_ADDRESS, sock };
	return (struct choice){ CHOICE_LAST, NULL };
}

/**
 * sharing_choice() - Which of the sockets on a port gets incoming traffic.
 * @sharing: the sockets on the port
 * @sock: one of them, which is listening or bound
 *
 * Return: the choice.
 */
struct choice sharing_choice(const struct sharing *sharing,
			     const struct psock *sock)
{
	bool group = sock->group_size > 1;

	if (group && (endpoint_is_multicast(&sock->ep) ||
		      sock->ep.proto == IPPROTO_RAW))
		return (struct choice){ CHOICE_ALL, NULL };
	if (sock->ep.flags & PORTOWNER_SOCK_FLAG_SELECTOR)
		return (struct choice){ CHOICE_BPF, NULL };
	if (sock->unknown & UNKNOWN_SHARE)
		return (struct choice){ CHOICE_NONE, NULL };
	if (group && sock->share == PORTOWNER_SHARE_REUSEPORT)
		return (struct choice){ CHOICE_HASH, NULL };
	if (group && sock->share == PORTOWNER_SHARE_REUSEADDR &&
	    !endpoint_can_listen(&sock->ep))
		return unicast_choice(sharing, sock);
	return (struct choice){ CHOICE_NONE, NULL };
}

/**
 * choice_name() - Name of a choice, as in JSON.
 * @by: how the receiver is chosen
 *
 * Return: the name, or NULL if there is nothing to choose.
 */
const char *choice_name(enum choice_by by)
{
	static const char * const names[] = {
		[CHOICE_BPF] = "bpf",
		[CHOICE_HASH] = "hash",
		[CHOICE_ALL] = "all",
		[CHOICE_LAST] = "bound-last",
		[CHOICE_ADDRESS] = "address",
	};

	return names[by];
}

static char *unicast_words(const struct choice *choice,
			   const struct psock *sock)
{
	const char *rest = "; multicast and broadcast go to every socket";
	const struct psock *last = choice->receiver;
	char *who, *words;

	if (choice->by == CHOICE_ADDRESS && !last)
		return xasprintf("datagrams to an address or device that another "
				 "socket is bound to go to that one, and this one gets the rest%s",
				 rest);
	if (choice->by == CHOICE_ADDRESS)
		return xasprintf("this socket gets all unicast datagrams to its address%s%s",
				 sock->ep.dev ? " that arrive on its device" : "",
				 rest);
	if (!last)
		return xasprintf("of sockets with the same address, the one "
				 "bound last gets all unicast datagrams%s", rest);
	if (last == sock)
		return xasprintf("this socket gets all unicast datagrams, "
				 "because it was bound last%s", rest);
	who = phrase_holder(last);
	words = xasprintf("%s gets all unicast datagrams, because it was "
			  "bound last, and this one gets none%s",
			  who, rest);
	free(who);
	return words;
}

static char *choice_words(const struct choice *choice,
			  const struct psock *sock)
{
	const char *what = endpoint_can_listen(&sock->ep) ? "connection" :
							    "datagram";

	switch (choice->by) {
	case CHOICE_ALL:
		/* For raw sockets this is printed with who may join. */
		return !endpoint_is_multicast(&sock->ep) ? NULL :
		       xstrdup("every socket gets a copy of each datagram to the group");
	case CHOICE_BPF:
		return xasprintf("a BPF program chooses the socket for each %s",
				 what);
	case CHOICE_HASH:
		return xasprintf("the kernel chooses the socket for each %s, "
				 "by a hash of its addresses and ports", what);
	case CHOICE_LAST:
	case CHOICE_ADDRESS:
		return unicast_words(choice, sock);
	case CHOICE_NONE:
		break;
	}
	return NULL;
}

/* How incoming traffic is distributed among sockets that share a port. */
static void print_choice(const struct sharing *sharing,
			 const struct psock *sock)
{
	struct choice choice = sharing_choice(sharing, sock);
	char *words = choice_words(&choice, sock);

	if (words)
		print_fact("choice", words);
	free(words);
}

/**
 * sharing_print() - Print which sockets share a port with a socket.
 * @sharing: the sockets on the port
 * @sock: one of them, which is listening or bound
 */
void sharing_print(struct sharing *sharing, const struct psock *sock)
{
	size_t len;
	char *text;
	FILE *out;

	ask_holders(sharing, sock);
	out = phrase_open(&text, &len);
	put_size(out, sock);
	put_joining(out, sharing, sock);
	fclose(out);
	print_fact("share", text);
	free(text);
	if (sock->group_size > 1)
		print_members(sharing, sock);
	print_choice(sharing, sock);
	if (endpoint_is_dual(&sock->ep))
		print_fact("covers", "0.0.0.0 too, because it is not v6only");
}
