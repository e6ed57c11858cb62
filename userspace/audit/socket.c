// SPDX-License-Identifier: GPL-2.0
/* Findings about a single socket, whoever else is on the port. */

#include <stdlib.h>
#include <string.h>

#include "audit/audit_priv.h"
#include "explain/own.h"
#include "explain/service.h"
#include "lib/cgroup.h"
#include "lib/escape.h"
#include "lib/exe.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "print/kernel_dev.h"
#include "print/kernel_part.h"
#include "print/phrase.h"
#include "print/proxy.h"

/* Path prefix of executables that were never in a file system. */
#define MEMFD	"/memfd:"

/* A datagram socket whose port the kernel chose belongs to a client. */
static bool is_exposed(const struct psock *sock)
{
	if (endpoint_scope(&sock->ep) == SCOPE_LOCAL)
		return false;
	if (endpoint_can_listen(&sock->ep))
		return sock->state == PORTOWNER_STATE_LISTEN;
	return sock->port_origin != PORT_ORIGIN_KERNEL;
}

static void look_at_scope(struct audit *audit, const struct psock *sock)
{
	struct finding *finding;
	char *holder;

	if (!is_exposed(sock))
		return;
	finding = audit_found(audit, FINDING_EXPOSED, SEVERITY_INFO, sock);
	if (!finding)
		return;
	holder = audit_subject(audit, sock);
	finding->text = xasprintf("%s serves %s.", holder,
				  endpoint_scope(&sock->ep) == SCOPE_LINK ?
					  "hosts on the same link" :
					  "other hosts");
	finding->remedy = xstrdup("What only this host needs can be bound to "
				  "127.0.0.1 or [::1] instead.");
	free(holder);
}

/* The restart command, and when to run it: the host may need the service. */
static char *restart_words(const struct psock *sock, const struct owner *owner)
{
	char *command = owner->cgroup ? service_restart(owner) : NULL, *words;

	words = xasprintf("Restart it%s so that it runs the installed version%s%s.",
			  service_is_needed(sock) ?
				  " when the host can do without it," :
				  " at a convenient time,",
			  command ? ": " : "", command ?: "");
	free(command);
	return words;
}

static void look_at_executable(struct audit *audit, const struct psock *sock,
			       const struct owner *owner)
{
	bool memfd = !strncmp(owner->exe, MEMFD, strlen(MEMFD));
	struct finding *finding;
	char *who, *path;

	finding = audit_found(audit, FINDING_DELETED_BINARY,
			      memfd ? SEVERITY_HIGH : SEVERITY_MEDIUM, sock);
	if (!finding)
		return;
	who = phrase_process(owner->comm, owner->pid);
	path = escape_text(owner->exe, exe_len(owner->exe));
	finding->text = memfd ?
		xasprintf("%s runs code that is in memory only (%s), and in no "
			  "file system.",
			  who, path) :
		xasprintf("%s runs %s, which was deleted or replaced after its start.",
			  who, path);
	finding->remedy = memfd ?
		xasprintf("Find out what it is: ls -l /proc/%u/exe /proc/%u/cwd",
			  owner->pid, owner->pid) :
		restart_words(sock, owner);
	free(path);
	free(who);
}

static void look_at_executables(struct audit *audit, const struct psock *sock)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++) {
		if (!who_is_deleted(&sock->owners[i]))
			continue;
		look_at_executable(audit, sock, &sock->owners[i]);
		return;
	}
}

static void look_at_heir(struct audit *audit, const struct psock *sock)
{
	struct finding *finding = audit_found(audit, FINDING_INHERITED_SOCKET,
					      SEVERITY_MEDIUM, sock);
	char *who, *heir, *command;

	if (!finding)
		return;
	command = audit_command(finding);
	who = phrase_process(sock->binder->comm, sock->binder->pid);
	heir = audit_subject(audit, sock);
	finding->text = xasprintf("%s bound it and has since ended; %s inherited "
				  "the socket from it.",
				  who, heir);
	finding->remedy = xasprintf("If that does not serve the port, have the "
				    "program that bound it set close-on-exec on "
				    "the socket; %s shows both.",
				    command);
	free(command);
	free(heir);
	free(who);
}

static void look_at_orphan(struct audit *audit, const struct psock *sock)
{
	struct finding *finding = audit_found(audit, FINDING_BINDER_GONE,
					      SEVERITY_MEDIUM, sock);
	char *who, *command;

	if (!finding)
		return;
	command = audit_command(finding);
	who = phrase_process(sock->binder->comm, sock->binder->pid);
	finding->text = xasprintf("%s bound it and has since ended, and no process "
				  "has a descriptor of the socket.",
				  who);
	finding->remedy = xasprintf("See where it may be, in flight over a unix "
				    "socket for example: %s",
				    command);
	free(command);
	free(who);
}

static void look_at_binder(struct audit *audit, const struct psock *sock)
{
	if (!sock->binder || sock->binder->alive || sock->kernel_owner ||
	    who_is_hidden(sock))
		return;
	if (holder_is_heir(sock))
		look_at_heir(audit, sock);
	else if (!sock->n_owners)
		look_at_orphan(audit, sock);
}

static void look_at_kernel(struct audit *audit, const struct psock *sock)
{
	const struct host_tunnel *tunnel = kernel_dev_find(sock);
	const struct kernel_part *part = kernel_part_find(sock->kernel_owner);
	char *name, *device, *command;
	struct finding *finding;

	finding = audit_found(audit, FINDING_KERNEL_OWNER, SEVERITY_INFO, sock);
	if (!finding)
		return;
	name = escape_text(sock->kernel_owner, strlen(sock->kernel_owner));
	device = tunnel ? kernel_dev_phrase(tunnel) : NULL;
	command = part ? kernel_purpose_command(part, tunnel) : NULL;
	finding->text = xasprintf("The kernel itself (%s) holds it%s%s%s%s.", name,
				  part ? ", for " : "", part ? part->what : "",
				  device ? ", " : "", device ?: "");
	if (command) {
		finding->remedy = xasprintf("To see what it serves: %.*s",
					    (int)strcspn(command, "\n"), command);
	} else {
		command = audit_command(finding);
		finding->remedy = xasprintf("To see what is known about it: %s",
					    command);
	}
	free(command);
	free(device);
	free(name);
}

static const struct owner *contained(const struct psock *sock)
{
	struct slice name;
	size_t i;

	for (i = 0; i < sock->n_owners; i++)
		if (cgroup_container(sock->owners[i].cgroup, &name))
			return &sock->owners[i];
	return NULL;
}

/* Describe how a container holds the socket; NULL if none does. */
static char *container_words(const struct psock *sock)
{
	const struct owner *proxy = proxy_of(sock), *owner = contained(sock);
	const char *cgroup = owner ? owner->cgroup : sock->cgroup;
	struct slice name;
	char *who, *which, *words;

	if (proxy) {
		who = phrase_process(proxy->comm, proxy->pid);
		which = proxy_target(proxy);
		words = xasprintf("%s holds it on behalf of %s, by %s.", who,
				  which, proxy_engine(proxy));
	} else if (cgroup_container(cgroup, &name)) {
		who = owner ? phrase_process(owner->comm, owner->pid) :
			      phrase_holder(sock);
		which = phrase_unit(cgroup);
		words = xasprintf("%s holds it in %s.", who, which);
	} else {
		return NULL;
	}
	free(which);
	free(who);
	return words;
}

static void look_at_container(struct audit *audit, const struct psock *sock)
{
	char *words = container_words(sock);
	struct finding *finding;

	if (!words)
		return;
	finding = audit_found(audit, FINDING_CONTAINER_PORT, SEVERITY_INFO,
			      sock);
	if (!finding) {
		free(words);
		return;
	}
	finding->text = words;
	/* What it holds in its own namespace is published by something else. */
	finding->remedy = proxy_of(sock) || finding->elsewhere ?
		xstrdup("A container can publish a port on 127.0.0.1 only, where "
			"that is enough.") :
		xstrdup("It shares this network namespace and publishes nothing: "
			"have the program in it bind 127.0.0.1, where that is enough.");
}

/**
 * audit_socket() - Check a single socket.
 * @audit: the audit
 * @sock: a listening or bound socket that is wanted
 */
void audit_socket(struct audit *audit, const struct psock *sock)
{
	look_at_scope(audit, sock);
	look_at_executables(audit, sock);
	look_at_binder(audit, sock);
	if (sock->kernel_owner)
		look_at_kernel(audit, sock);
	look_at_container(audit, sock);
	audit_fixed_port(audit, sock);
}
