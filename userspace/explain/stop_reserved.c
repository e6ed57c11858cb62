// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that pick a port below 1024 when they start, as bindresvport(3) does:
 * they can do with any other, but a server may be known for the one they took.
 */

#include <fnmatch.h>
#include <stdlib.h>

#include "explain/service.h"
#include "explain/stop_priv.h"
#include "lib/util.h"
#include "print/phrase.h"

/* What bindresvport() of any library picks from. */
#define FIRST	512
#define LAST	1023

static bool picks_port(const struct owner *owner)
{
	return owner->comm &&
	       !fnmatch("@(rpc.*|rpcbind|portmap|ypbind|ypserv)", owner->comm,
			FNM_EXTMATCH);
}

/**
 * reserved_holds() - May a program have picked its port by chance?
 * @sock: the socket
 *
 * Return: true if it may, from those below 1024.
 */
bool reserved_holds(const struct psock *sock)
{
	return sock->n_owners && sock->ep.port >= FIRST &&
	       sock->ep.port <= LAST && picks_port(sock->owners);
}

/**
 * stop_reserved() - Have a program pick another port.
 * @report: where to add it
 * @sock: the socket
 *
 * Return: true if it picked the one that it has.
 */
bool stop_reserved(struct report *report, const struct psock *sock)
{
	const struct owner *owner = sock->owners;
	char *who, *restart;

	if (!reserved_holds(sock))
		return false;
	who = phrase_holder(sock);
	restart = owner->cgroup ? service_restart(owner) : NULL;
	report_advise(report,
		      xasprintf("echo %u >>/etc/bindresvport.blacklist%s%s",
				sock->ep.port, restart ? "\n" : "",
				restart ? restart : ""),
		      "%s %s this port by chance, unless it was configured: RPC "
		      "programs pick one below 1024 when they start. Keep them "
		      "from picking this one (libtirpc reads that file), and "
		      "have another picked:",
		      who, psock_processes(sock) > 1 ? "have" : "has");
	free(restart);
	free(who);
	return true;
}
