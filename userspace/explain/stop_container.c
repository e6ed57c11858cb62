// SPDX-License-Identifier: GPL-2.0
/* Sockets of containers, and those held on behalf of one. */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/stop_priv.h"
#include "lib/cgroup.h"
#include "lib/escape.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "print/phrase.h"
#include "print/proxy.h"

#define ID_SHOWN 12

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
	const char *engine = proxy_engine(proxy);
	char *who = phrase_process(proxy->comm, proxy->pid);
	char *target = proxy_target(proxy), *user = NULL;
	size_t len;
	FILE *out;

	out = phrase_open(&user, &len);
	if (proxy->uid) {
		fputs(" as ", out);
		phrase_user(out, proxy->uid, ctx->numeric);
	}
	fclose(out);
	report_advise(report, list_published(engine, sock),
		      "%s holds the port on behalf of %s. Stop that container "
		      "(%s stop NAME), or have it publish another port; leave "
		      "%s and %s itself running. This shows which one it is%s%s:",
		      who, target, engine, who, engine,
		      proxy->uid ? ", if run" : "", user);
	free(user);
	free(target);
	free(who);
}

static bool ends_with(const char *path, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);

	return len >= n && !memcmp(path + len - n, suffix, n);
}

/* The command that stops a container, recognised by its cgroup path. */
static char *container_command(const char *cgroup)
{
	static const struct {
		const char *before;
		const char *command;
	} managers[] = {
		{ "/docker-",		"docker stop" },
		{ "/docker/",		"docker stop" },
		{ "/libpod-",		"podman stop" },
		{ "/systemd-nspawn@",	"machinectl poweroff" },
	};
	struct slice name, outer;
	char *above, *command = NULL;
	size_t i, len;

	if (!cgroup_container(cgroup, &name) ||
	    !is_plain_word(name.str, name.len))
		return NULL;
	len = name.str - cgroup;
	above = xasprintf("%.*s", (int)len, cgroup);
	*(strrchr(above, '/') + 1) = '\0';
	for (i = 0; i < ARRAY_SIZE(managers); i++)
		if (ends_with(cgroup, len, managers[i].before) &&
		    !cgroup_container(above, &outer))
			command = xasprintf("%s %.*s", managers[i].command,
					    i < 3 && name.len > ID_SHOWN ?
						    ID_SHOWN : (int)name.len,
					    name.str);
	free(above);
	return command;
}

/**
 * stop_container() - Stop the container that holds a socket.
 * @ctx: the context
 * @report: where to add it
 * @sock: the socket
 * @who: its holder
 *
 * Return: true if there is one, in which case neither a process nor a service
 * is to be stopped.
 */
bool stop_container(const struct context *ctx, struct report *report,
		    const struct psock *sock, const char *who)
{
	const struct owner *owner = sock->owners;
	const struct owner *proxy = proxy_of(sock);
	struct slice name;
	char *container;

	if (proxy) {
		stop_proxied(ctx, report, sock, proxy);
		return true;
	}
	if (!owner->cgroup || !cgroup_container(owner->cgroup, &name))
		return false;
	container = phrase_unit(owner->cgroup);
	report_advise(report, container_command(owner->cgroup),
		      "Stop %s, which runs %s, or have it publish another port:",
		      container, who);
	free(container);
	return true;
}
