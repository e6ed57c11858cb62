// SPDX-License-Identifier: GPL-2.0
/* Applications of a desktop, such as an editor that forwards ports. */

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "explain/service.h"
#include "explain/stop_priv.h"
#include "lib/cgroup.h"
#include "lib/util.h"
#include "print/phrase.h"

#define NAME_MAX_LEN 256

/* Patterns for the units that desktops make for applications. */
#define APPLICATION "app-*@(.scope|@*.service)"

/* What was started in a terminal may be in the unit of the terminal. */
static bool is_application(const struct owner *owner)
{
	char room[NAME_MAX_LEN], *name, *comm;
	struct slice unit;
	size_t i;
	bool is;

	if (!owner->cgroup || !owner->comm || !*owner->comm ||
	    !service_is(owner, APPLICATION) ||
	    !cgroup_unit(owner->cgroup, &unit))
		return false;
	cgroup_unescape(&unit, room, sizeof(room));
	name = xasprintf("%.*s", (int)unit.len, unit.str);
	comm = xstrdup(owner->comm);
	for (i = 0; name[i]; i++)
		name[i] = tolower((unsigned char)name[i]);
	for (i = 0; comm[i]; i++)
		comm[i] = tolower((unsigned char)comm[i]);
	is = strstr(name, comm);
	free(comm);
	free(name);
	return is;
}

/* The part of an editor that runs where its files are, with all extensions. */
static bool is_editor_server(const struct owner *owner)
{
	return owner->exe &&
	       !fnmatch("*/.@(vscode|vscodium|cursor|windsurf)-server*/*",
			owner->exe, FNM_EXTMATCH);
}

/**
 * desktop_holds() - Is a socket held by an application that somebody works with?
 * @sock: the socket
 *
 * Return: true if one of a desktop, or the server of an editor, is known to.
 */
bool desktop_holds(const struct psock *sock)
{
	return sock->n_owners && (is_application(sock->owners) ||
				  is_editor_server(sock->owners));
}

/**
 * stop_desktop() - Have an application of a desktop give up its port.
 * @report: where to add it
 * @sock: the socket
 *
 * Return: true if such an application holds the socket.
 */
bool stop_desktop(struct report *report, const struct psock *sock)
{
	const struct owner *owner = sock->owners;
	char *who;

	if (!desktop_holds(sock))
		return false;
	who = phrase_process(owner->comm, owner->pid);
	if (is_editor_server(owner)) {
		report_advise(report, NULL,
			      "%s belongs to the server of an editor that is used "
			      "from elsewhere: have it give up the port there (what "
			      "an extension serves or debugs can be stopped); ending "
			      "it from here interrupts whoever uses the editor.",
			      who);
		free(who);
		return true;
	}
	report_advise(report, NULL,
		      "%s is an application on somebody's desktop: have it give "
		      "up the port there (an editor forwards ports, and lists "
		      "these), or close it; ending it from here may lose what "
		      "has not been saved.",
		      who);
	free(who);
	return true;
}
