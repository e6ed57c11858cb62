// SPDX-License-Identifier: GPL-2.0
/* Holders in a frozen control group, which act on no signal but SIGKILL. */

#include <stdlib.h>
#include <string.h>

#include "explain/stop_priv.h"
#include "lib/cgroup.h"
#include "lib/escape.h"
#include "lib/host_services.h"
#include "lib/util.h"
#include "print/phrase.h"

/* Maximum number of owners to look at. */
#define OWNERS_MAX 64

/* The frozen control group is the first @len bytes of the path. */
static const struct owner *find_frozen(const struct psock *sock, size_t *len)
{
	const char *cgroup, *last = NULL;
	size_t i;

	for (i = 0; i < sock->n_owners && i < OWNERS_MAX; i++) {
		cgroup = sock->owners[i].cgroup;
		if (!cgroup || (last && !strcmp(cgroup, last)))
			continue;
		*len = host_frozen_cgroup(cgroup);
		if (*len)
			return &sock->owners[i];
		last = cgroup;
	}
	return NULL;
}

/* Is it a unit of the system, so that systemd can be told to thaw it? */
static bool is_unit(const char *cgroup, const struct slice *unit)
{
	static const char * const kinds[] = { ".service", ".scope", ".slice" };
	const char *dot = NULL;
	size_t i;

	for (i = 0; i < unit->len; i++)
		if (unit->str[i] == '.')
			dot = unit->str + i;
	for (i = 0; dot && i < ARRAY_SIZE(kinds); i++)
		if ((size_t)(unit->str + unit->len - dot) == strlen(kinds[i]) &&
		    !strncmp(dot, kinds[i], strlen(kinds[i])))
			return !strstr(cgroup, "/user@") &&
			       is_plain_word(unit->str, unit->len);
	return false;
}

/* NULL if the path is unsafe in a command. */
static char *thaw_command(const char *cgroup)
{
	const char *slash = strrchr(cgroup, '/');
	struct slice unit = { .str = slash + 1, .len = strlen(slash + 1) };
	char *command = container_thaw(cgroup);

	if (command)
		return command;
	if (is_unit(cgroup, &unit))
		return xasprintf("systemctl thaw %s", unit.str);
	if (!is_plain_word(cgroup, strlen(cgroup)))
		return NULL;
	return xasprintf("echo 0 >/sys/fs/cgroup%s/cgroup.freeze", cgroup);
}

/**
 * stop_frozen() - Thaw what holds a socket, so that it can be stopped.
 * @report: where to add it
 * @sock: the socket
 *
 * Nothing is added if it is not frozen.
 */
void stop_frozen(struct report *report, const struct psock *sock)
{
	size_t len;
	const struct owner *owner = find_frozen(sock, &len);
	char *cgroup, *name, *who;

	if (!owner)
		return;
	report->frozen = true;
	cgroup = xasprintf("%.*s", (int)len, owner->cgroup);
	name = escape_text(cgroup, len);
	who = phrase_process(owner->comm, owner->pid);
	report_advise(report, thaw_command(cgroup),
		      "%s is frozen with its control group (%s), as by docker "
		      "pause or systemctl freeze: it neither answers nor acts on "
		      "SIGTERM until it is thawed, so do that first:",
		      who, name);
	free(who);
	free(name);
	free(cgroup);
}
