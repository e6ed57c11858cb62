// SPDX-License-Identifier: GPL-2.0
/* Sockets of containers, and those held on behalf of one. */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/refused.h"
#include "explain/service.h"
#include "explain/stop_priv.h"
#include "lib/cgroup.h"
#include "lib/escape.h"
#include "lib/host.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "print/phrase.h"
#include "print/proxy.h"

#define ID_SHOWN 12

/* The daemon of a user has a socket of its own. */
#define DOCKER_OF_USER "docker -H unix:///run/user/%u/docker.sock"

/* The command that shows which container publishes the port. */
static char *list_published(const char *engine, const struct psock *sock)
{
	bool udp = endpoint_transport(&sock->ep) == IPPROTO_UDP;

	if (!strcmp(engine, "docker"))
		return xasprintf("docker ps --filter publish=%u%s",
				 sock->ep.port, udp ? "/udp" : "");
	return xasprintf("podman port --all | grep ':%u$'", sock->ep.port);
}

/* Ending the proxy would leave its container unreachable. */
static void stop_proxied(const struct context *ctx, struct report *report,
			 const struct psock *sock, const struct owner *proxy)
{
	char *user = proxy->uid ? phrase_uid(proxy->uid, ctx->numeric) : NULL;
	char *who = phrase_process(proxy->comm, proxy->pid);
	const char *engine = proxy_engine(proxy);
	char *target = proxy_target(proxy);

	report_advise(report, list_published(engine, sock),
		      "%s holds the port on behalf of %s. Stop that container "
		      "(%s stop NAME), or have it publish another port; leave "
		      "%s and %s itself running. This shows which one it is%s%s:",
		      who, target, engine, who, engine,
		      user ? ", if run as " : "", user ? user : "");
	if (proxy->comm && !strcmp(proxy->comm, "docker-proxy"))
		report_advise(report, NULL,
			      "If that lists none, %s is left over from a "
			      "container that has ended: remove that one if "
			      "nothing in it is needed (docker ps -a lists "
			      "those that have ended, docker rm NAME removes "
			      "one). If there is no such container either, "
			      "restart docker as soon as all containers can be "
			      "interrupted.", who);
	free(target);
	free(who);
	free(user);
}

static bool ends_with(const char *path, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);

	return len >= n && !memcmp(path + len - n, suffix, n);
}

/* Containers inside others are not managed from here. */
static bool is_nested(const char *cgroup, const struct slice *name)
{
	char *above = xasprintf("%.*s", (int)(name->str - cgroup), cgroup);
	char *slash = strrchr(above, '/');
	struct slice outer;
	bool nested;

	if (slash)
		slash[1] = '\0';
	nested = cgroup_container(above, &outer);
	free(above);
	return nested;
}

/*
 * @before: what the identifier or name follows in the path of the cgroup
 * @tool: manages the container
 * @of_user: the same for one of a user, %u, or NULL
 * @stop: its command that stops the container
 * @thaw: its command that continues a container that is paused, or NULL
 * @is_id: the name is an identifier, and may be shortened
 */
static const struct manager {
	const char *before;
	const char *tool;
	const char *of_user;
	const char *stop;
	const char *thaw;
	bool is_id;
} managers[] = {
	{ "/docker-", "docker", DOCKER_OF_USER, "stop", "unpause", true },
	{ "/docker/", "docker", DOCKER_OF_USER, "stop", "unpause", true },
	{ "/libpod-", "podman", NULL, "stop", "unpause", true },
	{ "/systemd-nspawn@", "machinectl", NULL, "poweroff", NULL, false },
};

static const struct manager *manager_of(const char *cgroup,
					const struct slice *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(managers); i++)
		if (ends_with(cgroup, name->str - cgroup, managers[i].before))
			return &managers[i];
	return NULL;
}

/* The engine of a user does not show its containers to that of root. */
static char *as_its_user(const struct manager *manager, __u32 uid,
			 const char *verb, const char *id)
{
	char number[12], *tool, *command;

	snprintf(number, sizeof(number), "%u", uid);
	tool = service_fill_in(manager->of_user ? manager->of_user :
						  manager->tool, "%u", number);
	command = xasprintf("%s %s %s", tool, verb, id);
	free(tool);
	if (!manager->of_user) {
		tool = command;
		command = service_as_user(uid, true, tool);
		free(tool);
	}
	return command;
}

/* A command about a container, recognised by its cgroup path. */
static char *container_command(const char *cgroup, const struct slice *name,
			       bool thaw)
{
	const struct manager *manager = manager_of(cgroup, name);
	const char *verb;
	char *id, *command;
	__u64 uid;

	if (!manager || is_nested(cgroup, name) ||
	    !is_plain_word(name->str, name->len))
		return NULL;
	verb = thaw ? manager->thaw : manager->stop;
	if (!verb)
		return NULL;
	id = xasprintf("%.*s", manager->is_id && name->len > ID_SHOWN ?
			       ID_SHOWN : (int)name->len, name->str);
	if (service_user(cgroup, &uid) && uid != host_uid())
		command = as_its_user(manager, uid, verb, id);
	else
		command = xasprintf("%s %s %s", manager->tool, verb, id);
	free(id);
	return command;
}

/**
 * container_thaw() - The command that continues a container that is paused.
 * @cgroup: path of a control group
 *
 * Return: the command, to be freed; NULL if it is not that of a container, or
 * no command is known.
 */
char *container_thaw(const char *cgroup)
{
	struct slice name;

	return cgroup_container(cgroup, &name) ?
		       container_command(cgroup, &name, true) : NULL;
}

static bool is_same_container(const char *cgroup, const struct slice *name)
{
	struct slice other;

	return cgroup && cgroup_container(cgroup, &other) &&
	       other.len == name->len && !memcmp(other.str, name->str, name->len);
}

/* To stop the container would end the program that was to be started. */
static void keep_container(const struct context *ctx, struct report *report,
			   const char *container, const char *who)
{
	char *refused = phrase_refused_process(ctx->reject);
	const char *id = strchr(container, ' ');

	report_advise(report, NULL,
		      "%s and %s run in the same container (%s): have only one "
		      "of them bind the port there.",
		      refused, who, id ? id + 1 : container);
	free(refused);
}

/* The containers of a pod share its network namespace, and so its ports. */
static bool is_same_pod(const char *cgroup, const struct slice *name,
			const char *other)
{
	size_t len = name->str - cgroup;

	while (len && cgroup[len - 1] != '/')
		len--;
	return other && !strncmp(cgroup, other, len) &&
	       !strchr(other + len, '/');
}

static void share_pod(const struct context *ctx, struct report *report,
		      const char *container, const char *who)
{
	char *refused = phrase_refused_process(ctx->reject);

	report_advise(report, NULL,
		      "%s is in the same pod as %s (%s), and the containers of "
		      "a pod share its ports: have one of the two use another port.",
		      refused, who, container);
	free(refused);
}

/* What serves the node runs in a pod as well. */
static void keep_pod(struct report *report, const struct psock *sock,
		     const struct slice *name, const char *container,
		     const char *who)
{
	char *command = NULL;

	if (stop_needed(report, sock))
		return;
	if (name->len > ID_SHOWN && is_plain_word(name->str, name->len) &&
	    !is_nested(sock->owners->cgroup, name))
		command = xasprintf("crictl ps --id %.*s", ID_SHOWN, name->str);
	report_advise(report, command,
		      "Change the pod of %s, which runs %s, since kubelet "
		      "would start it again; this shows which pod it is:",
		      container, who);
}

/**
 * stop_container() - Stop the container that holds a socket.
 * @ctx: the context
 * @report: where to add it
 * @sock: the socket
 * @who: its holder
 *
 * A socket in another network namespace is in nobody's way: what is published
 * does not matter, as the two share one.
 *
 * Return: true if there is one, in which case neither a process nor a service
 * is to be stopped.
 */
bool stop_container(const struct context *ctx, struct report *report,
		    const struct psock *sock, const char *who)
{
	const char *cgroup = sock->owners->cgroup;
	const struct owner *proxy = proxy_of(sock);
	struct slice name;
	char *container;

	if (proxy) {
		stop_proxied(ctx, report, sock, proxy);
		return true;
	}
	if (!cgroup || !cgroup_container(cgroup, &name))
		return false;
	container = phrase_unit(cgroup);
	if (is_same_container(ctx->reject->cgroup, &name))
		keep_container(ctx, report, container, who);
	else if (strstr(cgroup, "kubepods") &&
		 is_same_pod(cgroup, &name, ctx->reject->cgroup))
		share_pod(ctx, report, container, who);
	else if (strstr(cgroup, "kubepods"))
		keep_pod(report, sock, &name, container, who);
	else
		report_advise(report, container_command(cgroup, &name, false),
			      "Stop %s, which runs %s, or have the program in "
			      "it listen on another port (both use this "
			      "network namespace, so it does not matter what "
			      "is published):",
			      container, who);
	free(container);
	return true;
}
