// SPDX-License-Identifier: GPL-2.0
/* Things of the model as words in a sentence; untrusted bytes are escaped. */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "names.h"
#include "print.h"
#include "prose.h"

/**
 * prose_open() - Begin to write words into memory.
 * @text: set to them as the stream is closed; to be freed
 * @len: set to their length
 *
 * Return: the stream.
 */
FILE *prose_open(char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);

	if (!out)
		exit(complain(STATUS_FAILED, "out of memory"));
	return out;
}

/**
 * prose_user() - "uid 1000 (alice)"
 * @out: where to write it
 * @uid: user id
 * @numeric: no name
 */
void prose_user(FILE *out, __u32 uid, bool numeric)
{
	struct value v = { 0 };
	char *name;

	fprintf(out, "uid %u", uid);
	if (numeric || !user_name(uid))
		return;
	value_user(&v, uid, false);
	name = value_text(&v);
	fprintf(out, " (%s)", name);
	free(name);
}

/**
 * prose_endpoint() - "tcp 0.0.0.0:80", "udp [::1%eth0]:53"
 * @ep: the local address
 *
 * Return: the words; to be freed.
 */
char *prose_endpoint(const struct endpoint *ep)
{
	struct subject s = { .ep = ep };
	struct value proto = { 0 }, address = { 0 };
	bool v6 = ep->family == AF_INET6;
	char *first, *second, *words;

	get_proto(&s, &proto);
	get_address(&s, &address);
	first = value_text(&proto);
	second = value_text(&address);
	words = xasprintf("%s %s%s%s:%u", first, v6 ? "[" : "", second,
			  v6 ? "]" : "", ep->port);
	free(first);
	free(second);
	return words;
}

/**
 * prose_wanted() - As prose_endpoint(), of what is asked for: 0 is no port, and
 * a raw socket never has one.
 * @ep: the local address
 *
 * Return: the words; to be freed.
 */
char *prose_wanted(const struct endpoint *ep)
{
	char *words = prose_endpoint(ep), *longer;

	if (ep->port)
		return words;
	*strrchr(words, ':') = '\0';
	if (ep->proto == IPPROTO_RAW)
		return words;
	longer = xasprintf("%s with a port that the kernel chooses", words);
	free(words);
	return longer;
}

/**
 * prose_address() - "0.0.0.0", "::1"
 * @ep: the local address
 *
 * Return: the words; to be freed.
 */
char *prose_address(const struct endpoint *ep)
{
	struct subject s = { .ep = ep };
	struct value v = { 0 };

	get_addr(&s, &v);
	return value_text(&v);
}

/**
 * prose_process() - "nc[201]"
 * @comm: command name, or NULL
 * @pid: its number, or 0 if the pid namespace can't see it
 *
 * Return: the words; to be freed.
 */
char *prose_process(const char *comm, __u32 pid)
{
	char *name, *words;

	if (!comm)
		comm = "";
	name = escape_text(comm, strlen(comm));
	words = pid ? xasprintf("%s[%u]", name, pid) :
		      xasprintf("%s (of another pid namespace)", name);
	free(name);
	return words;
}

/**
 * prose_holder() - "nc[201] and 2 processes more"
 * @sock: a socket
 *
 * Return: who has it, in words; to be freed.
 */
char *prose_holder(const struct psock *sock)
{
	size_t more = psock_processes(sock);
	struct value v = { 0 };
	char *name, *words;

	if (!sock->n_owners && sock->owners_hidden)
		return xstrdup("a process that you may not see");
	if (!sock->n_owners && sock->owners_incomplete)
		return xstrdup("a process that was not found in time");
	if (!sock->n_owners && !sock->kernel_owner)
		return xstrdup("no process any more");
	if (sock->n_owners) {
		name = prose_process(sock->owners->comm, sock->owners->pid);
	} else {
		value_string(&v, sock->kernel_owner);
		words = value_text(&v);
		name = xasprintf("the kernel itself (%s)", words);
		free(words);
	}
	if (more < 2 && sock->owners_incomplete) {
		words = xasprintf("%s (the search for others was cut short)",
				  name);
		free(name);
		return words;
	}
	if (more < 2)
		return name;
	words = xasprintf("%s and %zu process%s more", name, more - 1,
			  more > 2 ? "es" : "");
	free(name);
	return words;
}

/**
 * prose_left_over() - What a connection is of which no process has a descriptor.
 * @sock: the connection
 *
 * Return: the words.
 */
const char *prose_left_over(const struct psock *sock)
{
	switch (sock->state) {
	case PORTOWNER_STATE_TIME_WAIT:
		return "the rest of a closed connection (time-wait)";
	case PORTOWNER_STATE_FIN_WAIT_1:
	case PORTOWNER_STATE_FIN_WAIT_2:
	case PORTOWNER_STATE_CLOSING:
	case PORTOWNER_STATE_LAST_ACK:
		return "a connection that was closed on this side, but not on the other yet";
	default:
		return "a connection that no process has accepted yet";
	}
}
