// SPDX-License-Identifier: GPL-2.0
/* Parts of sentences about sockets and rejects; untrusted bytes are escaped. */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cgroup.h"
#include "lib/escape.h"
#include "model/enums.h"
#include "model/names.h"
#include "print/field.h"
#include "print/phrase.h"

/**
 * phrase_open() - Open a stream that writes text into memory.
 * @text: set to the text when the stream is closed; to be freed
 * @len: set to its length
 *
 * Return: the stream.
 */
FILE *phrase_open(char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);

	if (!out)
		exit(complain(STATUS_FAILED, "out of memory"));
	return out;
}

/**
 * phrase_user() - Write a user as "uid 1000 (alice)".
 * @out: stream to write to
 * @uid: user id
 * @numeric: omit the name
 */
void phrase_user(FILE *out, __u32 uid, bool numeric)
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
 * phrase_uid() - "uid 1000 (alice)"
 * @uid: user id
 * @numeric: omit the name
 *
 * Return: the phrase; to be freed.
 */
char *phrase_uid(__u32 uid, bool numeric)
{
	char *words;
	size_t len;
	FILE *out;

	out = phrase_open(&words, &len);
	phrase_user(out, uid, numeric);
	fclose(out);
	return words;
}

/**
 * phrase_error() - "EADDRINUSE", or "errno 524" for an error without a name
 * @err: positive errno
 *
 * Return: the phrase; to be freed.
 */
char *phrase_error(__u32 err)
{
	const char *name = errno_name(err);

	return name ? xstrdup(name) : xasprintf("errno %u", err);
}

/**
 * phrase_endpoint() - "tcp 0.0.0.0:80", "udp [::1%eth0]:53"
 * @ep: local address
 *
 * Return: the phrase; to be freed.
 */
char *phrase_endpoint(const struct endpoint *ep)
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
 * phrase_peer() - "10.0.0.1:80", "[::1]:80"
 * @sock: a connection
 *
 * Return: its peer, to be freed; NULL if it has none.
 */
char *phrase_peer(const struct psock *sock)
{
	struct subject s = { .ep = &sock->ep, .sock = sock };
	struct value v = { 0 };

	if (!sock->peer_port)
		return NULL;
	get_peer_text(&s, &v);
	return value_text(&v);
}

/**
 * phrase_reject_peer() - "10.0.0.1:80", "[::1]:80"
 * @reject: a connect() that was refused
 *
 * Return: its destination; to be freed.
 */
char *phrase_reject_peer(const struct reject *reject)
{
	struct subject s = { .ep = &reject->ep, .reject = reject };
	struct value v = { 0 };

	get_peer_text(&s, &v);
	return value_text(&v);
}

/**
 * phrase_wanted() - What a bind requests, as "tcp 0.0.0.0:80".
 * @ep: requested address
 *
 * Port 0 lets the kernel choose, except for a raw socket, which has no port,
 * and perhaps for an unknown protocol.
 *
 * Return: the phrase; to be freed.
 */
char *phrase_wanted(const struct endpoint *ep)
{
	char *words = phrase_endpoint(ep), *longer;

	if (ep->port)
		return words;
	*strrchr(words, ':') = '\0';
	if (ep->proto == IPPROTO_RAW || !proto_is_searched(ep->proto))
		return words;
	longer = xasprintf("%s with a kernel-chosen port", words);
	free(words);
	return longer;
}

/**
 * phrase_address() - "0.0.0.0", "::1"
 * @ep: local address
 *
 * Return: the phrase; to be freed.
 */
char *phrase_address(const struct endpoint *ep)
{
	struct subject s = { .ep = ep };
	struct value v = { 0 };

	get_addr(&s, &v);
	return value_text(&v);
}

/**
 * phrase_process() - "nc[201]", or "nc (outside this pid namespace)"
 * @comm: command name, or NULL
 * @pid: process id, or 0 if it has none in the reader's pid namespace
 *
 * Return: the phrase; to be freed.
 */
char *phrase_process(const char *comm, __u32 pid)
{
	char *name, *words;

	if (!comm || !*comm)
		return pid ? xasprintf("process %u", pid) :
			     xstrdup("a process outside this pid namespace");
	name = escape_text(comm, strlen(comm));
	words = pid ? xasprintf("%s[%u]", name, pid) :
		      xasprintf("%s (outside this pid namespace)", name);
	free(name);
	return words;
}

/**
 * phrase_unit() - "container 0123456789ab", or "web.service"
 * @cgroup: path in the cgroup hierarchy, or NULL
 *
 * Return: the phrase, to be freed; or NULL if it is in neither.
 */
char *phrase_unit(const char *cgroup)
{
	static const char prefix[] = "container:";
	struct value v = { 0 };
	char *text, *words;
	struct slice name;

	if (!cgroup)
		return NULL;
	value_unit(&v, cgroup);
	if (v.type != VALUE_STRING)
		return NULL;
	text = value_text(&v);
	if (!cgroup_container(cgroup, &name))
		return text;
	words = xasprintf("container %s", text + strlen(prefix));
	free(text);
	return words;
}

/* The first process that holds a socket, or its other holder. */
static char *first_holder(const struct psock *sock)
{
	char *part, *words;

	if (sock->n_owners)
		return phrase_process(sock->owners->comm, sock->owners->pid);
	if (sock->owners_hidden)
		return xstrdup("a process you are not permitted to see");
	if (sock->owners_incomplete)
		return xstrdup("a process that could not be found in time");
	if (!sock->kernel_owner)
		return xstrdup("an unknown holder");
	part = escape_text(sock->kernel_owner, strlen(sock->kernel_owner));
	words = xasprintf("the kernel itself (%s)", part);
	free(part);
	return words;
}

/**
 * phrase_holder() - "nc[201] and 2 more processes"
 * @sock: a socket
 *
 * Return: its holders; to be freed.
 */
char *phrase_holder(const struct psock *sock)
{
	size_t processes = psock_processes(sock);
	bool incomplete = sock->n_owners && sock->owners_incomplete;
	char *first = first_holder(sock), *words;

	if (processes > 1)
		words = xasprintf("%s and %s%zu more process%s", first,
				  incomplete ? "at least " : "", processes - 1,
				  processes > 2 ? "es" : "");
	else if (incomplete)
		words = xasprintf("%s (the search for others was cut short)",
				  first);
	else
		return first;
	free(first);
	return words;
}

/**
 * phrase_orphan() - Describe a connection of which no process has a descriptor.
 * @sock: the connection
 *
 * Return: the phrase.
 */
const char *phrase_orphan(const struct psock *sock)
{
	switch (sock->state) {
	case PORTOWNER_STATE_TIME_WAIT:
		return "a closed connection in TIME_WAIT";
	case PORTOWNER_STATE_FIN_WAIT_1:
	case PORTOWNER_STATE_FIN_WAIT_2:
	case PORTOWNER_STATE_CLOSING:
	case PORTOWNER_STATE_LAST_ACK:
	case PORTOWNER_STATE_SHUTDOWN_PENDING:
	case PORTOWNER_STATE_SHUTDOWN_SENT:
	case PORTOWNER_STATE_SHUTDOWN_RECEIVED:
	case PORTOWNER_STATE_SHUTDOWN_ACK_SENT:
		return "a connection that was closed on this side and is still shutting down";
	default:
		return "a connection that no process has accepted yet";
	}
}
