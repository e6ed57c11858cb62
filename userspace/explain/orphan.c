// SPDX-License-Identifier: GPL-2.0
/* Closed connections that still hold a port, as advice in a report. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "model/endpoint.h"
#include "print/phrase.h"

/* Maximum number of connections to end by name. */
#define ORPHANS_MAX	8

/* What limits how long the kernel keeps a closed connection. */
static void advise_wait(const struct context *ctx, struct report *report)
{
	char *command;

	switch (ctx->there->state) {
	case PORTOWNER_STATE_FIN_WAIT_2:
		command = xstrdup("sysctl net.ipv4.tcp_fin_timeout");
		report_advise(report, advice_in_netns(ctx, command),
			      "Or wait: the kernel drops half-closed connections (FIN_WAIT_2) after this many seconds:");
		break;
	case PORTOWNER_STATE_FIN_WAIT_1:
	case PORTOWNER_STATE_CLOSING:
	case PORTOWNER_STATE_LAST_ACK:
		command = xstrdup("sysctl net.ipv4.tcp_orphan_retries");
		report_advise(report, advice_in_netns(ctx, command),
			      "Or wait: the kernel drops the connection once its peer has not answered this many retransmissions (0 stands for 8):");
		break;
	case PORTOWNER_STATE_SHUTDOWN_PENDING:
	case PORTOWNER_STATE_SHUTDOWN_SENT:
	case PORTOWNER_STATE_SHUTDOWN_RECEIVED:
	case PORTOWNER_STATE_SHUTDOWN_ACK_SENT:
		command = xstrdup("sysctl net.sctp.association_max_retrans net.sctp.rto_max");
		report_advise(report, advice_in_netns(ctx, command),
			      "Or wait: the kernel drops the association once its peer has not answered this many retransmissions, at intervals of up to this many milliseconds:");
		break;
	default:
		break;
	}
}

/* One that was closed here: TIME_WAIT and those not yet accepted stay. */
static bool is_closing(const struct psock *sock)
{
	switch (sock->state) {
	case PORTOWNER_STATE_FIN_WAIT_1:
	case PORTOWNER_STATE_FIN_WAIT_2:
	case PORTOWNER_STATE_CLOSING:
	case PORTOWNER_STATE_LAST_ACK:
		return !psock_is_lasting(sock) && sock->peer_port;
	default:
		return false;
	}
}

/* "127.0.0.1:80", "[::1]:80"; ss finds IPv4 also where it is mapped to IPv6. */
static char *address_of(__u16 family, const unsigned char *bytes, __u16 port)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char addr[16];
	bool v6;

	memcpy(addr, bytes, sizeof(addr));
	addr_unmap(&family, addr);
	v6 = family == AF_INET6;
	inet_ntop(family, addr, text, sizeof(text));
	return xasprintf(v6 ? "[%s]:%u" : "%s:%u", text, port);
}

/*
 * Both ends are named in full, because others may have connections between the
 * same two ports. NULL if no way into the network namespace is known.
 */
static char *end_command(const struct context *ctx, const struct psock *sock)
{
	__u16 family = sock->ep.family;
	char *src = address_of(family, sock->ep.addr, sock->ep.port);
	char *dst = address_of(family, sock->peer_addr, sock->peer_port);
	char *command;

	command = advice_in_netns(ctx, xasprintf("ss -K -t 'src %s and dst %s'",
						 src, dst));
	free(dst);
	free(src);
	return command;
}

static char *add_line(char *lines, char *line)
{
	char *longer;

	if (!lines || !line)
		return lines ? lines : line;
	longer = xasprintf("%s\n%s", lines, line);
	free(lines);
	free(line);
	return longer;
}

/* The port is free only when the last one has gone. */
static void advise_end(const struct context *ctx, struct report *report)
{
	const struct psock_list *now = ctx->now;
	char *lines = NULL;
	size_t i, n = 0;

	for (i = 0; i < now->n; i++)
		if (is_closing(&now->v[i]) &&
		    context_is_in_the_way(ctx, &now->v[i]) &&
		    n++ < ORPHANS_MAX)
			lines = add_line(lines, end_command(ctx, &now->v[i]));
	if (n > ORPHANS_MAX)
		report_advise(report, lines,
			      "Or end these connections at once, the first %d "
			      "of %zu; ask again for the others:",
			      ORPHANS_MAX, n);
	else if (n)
		report_advise(report, lines, n > 1 ?
			      "Or end these connections at once:" :
			      "Or end this connection at once:");
}

/**
 * advice_orphans() - Wait for closed connections, or end them.
 * @ctx: the context; such a connection is in the way now
 * @report: where to add it
 */
void advice_orphans(const struct context *ctx, struct report *report)
{
	advise_wait(ctx, report);
	advise_end(ctx, report);
}
