// SPDX-License-Identifier: GPL-2.0
/* Services: how to talk to the manager of one. */

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "explain/service.h"
#include "lib/escape.h"
#include "lib/host.h"
#include "lib/process.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "print/phrase.h"

/**
 * service_is() - Does a process belong to a unit?
 * @owner: the process
 * @pattern: for the name of the unit
 *
 * Return: true if it does.
 */
bool service_is(const struct owner *owner, const char *pattern)
{
	struct slice unit;
	char *name;
	bool is;

	if (!cgroup_unit(owner->cgroup, &unit))
		return false;
	name = xasprintf("%.*s", (int)unit.len, unit.str);
	is = !fnmatch(pattern, name, FNM_EXTMATCH);
	free(name);
	return is;
}

/**
 * service_fill_in() - Put a word into a text.
 * @text: a constant, or NULL
 * @place: "%s" or "%u", where the word belongs; at most once in the text
 * @value: the word
 *
 * Return: the text, to be freed; NULL if there is none.
 */
char *service_fill_in(const char *text, const char *place, const char *value)
{
	const char *at = text ? strstr(text, place) : NULL;

	if (!at)
		return text ? xstrdup(text) : NULL;
	return xasprintf("%.*s%s%s", (int)(at - text), text, value,
			 at + strlen(place));
}

/**
 * service_user() - The user whose service manager a process belongs to.
 * @cgroup: cgroup of the process
 * @uid: set to the user
 *
 * Return: true if there is one.
 */
bool service_user(const char *cgroup, __u64 *uid)
{
	static const char before[] = "/user@";
	const char *at = strstr(cgroup, before);
	size_t digits;

	if (!at)
		return false;
	at += strlen(before);
	digits = strspn(at, "0123456789");
	return !strncmp(at + digits, ".service", strlen(".service")) &&
	       number_parse(at, digits, 0, 0xfffffffe, uid);
}

/**
 * service_systemctl() - How to talk to the manager of a service.
 * @owner: a process
 * @unit: set to the service that it belongs to; empty if it is part of the
 *	service manager itself
 *
 * Return: "systemctl", with options for the manager of a user if need be; to be
 * freed. NULL if no manager can end just the service.
 */
char *service_systemctl(const struct owner *owner, struct slice *unit)
{
	static const char suffix[] = ".service";
	const size_t len = strlen(suffix);
	__u64 uid;
	bool user;

	if (!cgroup_unit(owner->cgroup, unit))
		return NULL;
	user = service_user(owner->cgroup, &uid);
	if (!is_plain_word(unit->str, unit->len) || unit->len <= len ||
	    strncmp(unit->str + unit->len - len, suffix, len) ||
	    !strncmp(unit->str, "user@", strlen("user@"))) {
		unit->len = 0;
		if (!user)
			return NULL;
	}
	if (!user)
		return xstrdup("systemctl");
	if (uid == host_uid())
		return xstrdup("systemctl --user");
	return xasprintf("systemctl --user --machine=%llu@",
			 (unsigned long long)uid);
}

/**
 * service_restart() - The command that restarts the service of a process.
 * @owner: the process
 *
 * Return: the command, to be freed; or NULL if it is in no service.
 */
char *service_restart(const struct owner *owner)
{
	struct slice unit;
	char *systemctl = service_systemctl(owner, &unit), *command;

	if (!systemctl || !unit.len) {
		free(systemctl);
		return NULL;
	}
	command = xasprintf("%s restart %.*s", systemctl, (int)unit.len,
			    unit.str);
	free(systemctl);
	return command;
}

/**
 * service_as_user() - A command that only makes sense as some user.
 * @uid: the user
 * @session: it needs what belongs to a session of the user
 * @command: the command
 *
 * Return: the command, as root can paste it, to be freed.
 */
char *service_as_user(__u32 uid, bool session, const char *command)
{
	if (uid == host_uid())
		return xstrdup(command);
	if (session)
		return xasprintf("sudo -iu '#%u' XDG_RUNTIME_DIR=/run/user/%u %s",
				 uid, uid, command);
	return xasprintf("sudo -iu '#%u' %s", uid, command);
}
