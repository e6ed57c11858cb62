// SPDX-License-Identifier: GPL-2.0
/*
 * Remedies for what binds on behalf of something else: the port is not its own to
 * change, and nobody starts it by hand.
 */

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "explain/advice_refused.h"
#include "explain/refused.h"
#include "explain/service.h"
#include "explain/systemd.h"
#include "lib/escape.h"
#include "lib/host.h"
#include "lib/time_fmt.h"
#include "model/endpoint.h"
#include "print/binder.h"

#define LIST_FAILED	"list-units --failed --type=socket"

/*
 * A command about the socket unit; if it is not known which one that is, one
 * that lists those that failed. NULL if its name is unsafe.
 */
static char *unit_command(const struct reject *reject, const char *verb)
{
	struct owner owner = refused_as_owner(reject);
	char *systemctl = NULL, *command = NULL;
	struct slice unit, ignored;

	if (owner.cgroup)
		systemctl = service_systemctl(&owner, &ignored);
	if (!systemctl)
		systemctl = xstrdup("systemctl");
	if (!refused_socket_unit(reject, &unit))
		command = xasprintf("%s " LIST_FAILED, systemctl);
	else if (is_plain_word(unit.str, unit.len))
		command = xasprintf("%s %s %.*s", systemctl, verb,
				    (int)unit.len, unit.str);
	free(systemctl);
	return command;
}

/* systemctl(1) edits no unit of the manager of another user. */
static char *edit_command(const struct reject *reject)
{
	char *command = unit_command(reject, "edit");

	if (command && strstr(command, " --machine=") &&
	    !strstr(command, LIST_FAILED)) {
		free(command);
		return NULL;
	}
	return command;
}

static const char *or_list(const struct reject *reject, const char *known)
{
	struct slice unit;

	return refused_socket_unit(reject, &unit) ? known :
		"; this lists the socket units that failed:";
}

/*
 * systemd closes all sockets of a unit that failed, so one that it had bound
 * just before may have been of the same unit.
 */
static void advise_listed_twice(const struct context *ctx,
				struct report *report)
{
	const struct psock *sock = ctx->holder;
	char *who;

	if (!sock || !sock->has_age || sock->age_ns > NSEC_PER_SEC ||
	    !(systemd_holds(sock) || binder_is_systemd(sock->binder)))
		return;
	who = phrase_refused(ctx->reject);
	report_advise(report, unit_command(ctx->reject, "cat"),
		      "If that fails again, %s may list the port twice: a "
		      "drop-in adds to Listen%s=, unless an empty one comes "
		      "first. Look for both%s", who,
		      endpoint_can_listen(&ctx->reject->ep) ? "Stream" :
							      "Datagram",
		      or_list(ctx->reject, ":"));
	free(who);
}

/**
 * advice_refused_start() - Nothing is in the way any more: start it again.
 * @ctx: the context
 * @report: where to add it
 *
 * Return: true if something else than the refused process has to be started.
 */
bool advice_refused_start(const struct context *ctx, struct report *report)
{
	const struct reject *reject = ctx->reject;
	char *who;

	if (refused_engine(reject)) {
		report_advise(report, NULL,
			      "Nothing is in the way any more: start the container again.");
		return true;
	}
	if (!refused_is_socket_unit(reject))
		return false;
	who = phrase_refused(ctx->reject);
	report_advise(report, unit_command(reject, "start"),
		      "Nothing is in the way any more; start %s again%s", who,
		      or_list(reject, ":"));
	free(who);
	advise_listed_twice(ctx, report);
	return true;
}

static void publish_other_port(const struct reject *reject,
			       struct report *report)
{
	report_advise(report, NULL,
		      "Publish another port of this host for the container "
		      "(%s run -p PORT:CONTAINER-PORT, or ports: in compose.yaml)%s.",
		      refused_engine(reject), refused_besides(reject));
}

/* A fixed port of the lock manager of NFS, which the kernel opens. */
static bool is_lockd_port(const struct context *ctx)
{
	static const char * const names[] = {
		"fs/nfs/nlm_tcpport", "fs/nfs/nlm_udpport",
	};
	__u64 port = 0;
	char *value;
	size_t i;

	for (i = 0; ctx->here && i < ARRAY_SIZE(names); i++) {
		value = host_sysctl(names[i]);
		if (value)
			number_parse(value, strlen(value), 0, 65535, &port);
		free(value);
		if (port && port == ctx->reject->ep.port)
			return true;
	}
	return false;
}

static void advise_kernel_port(const struct context *ctx, struct report *report)
{
	char *who = phrase_refused(ctx->reject);

	if (is_lockd_port(ctx))
		report_advise(report, xstrdup("sysctl fs.nfs.nlm_tcpport fs.nfs.nlm_udpport"),
			      "Port %u is a fixed port of the NFS lock manager "
			      "(lockd), which the kernel opened for %s. Give "
			      "lockd another one (port and udp-port in [lockd] "
			      "of /etc/nfs.conf), outside "
			      "net.ipv4.ip_local_port_range; this shows both:",
			      ctx->reject->ep.port, who);
	else
		report_advise(report, NULL,
			      "Use a port other than %u for what %s was to set up in the kernel.",
			      ctx->reject->ep.port, who);
	free(who);
}

static bool is_kubernetes(const struct psock *sock)
{
	return sock && sock->n_owners && sock->owners->comm &&
	       !fnmatch("@(kube*|etcd)", sock->owners->comm, FNM_EXTMATCH);
}

/* kubeadm binds ports to see whether they are free for the parts of Kubernetes. */
static bool advise_joined(const struct context *ctx, struct report *report)
{
	const struct reject *reject = ctx->reject;
	char *who;

	if (!reject->comm || strcmp(reject->comm, "kubeadm") ||
	    !is_kubernetes(ctx->holder))
		return false;
	who = phrase_refused(reject);
	report_advise(report, NULL,
		      "%s only tried whether the port is free: this node runs a "
		      "part of Kubernetes already. If it is to be set up anew, "
		      "take it out of its present cluster first: kubeadm reset "
		      "does that, and ends what runs there.", who);
	free(who);
	return true;
}

/* The client of the session chose the port. */
static void forward_other_port(const struct reject *reject,
			       struct report *report)
{
	char *who = phrase_refused(reject);

	report_advise(report, NULL,
		      "Have the client of %s forward another port (ssh -R "
		      "PORT:HOST:HOST-PORT; 0 has the server choose one).", who);
	free(who);
}

/**
 * advice_refused_port() - Request another port.
 * @ctx: the context
 * @report: where to add it
 *
 * Return: true if it is not the refused process that has to.
 */
bool advice_refused_port(const struct context *ctx, struct report *report)
{
	const struct reject *reject = ctx->reject;
	char *who;

	if (refused_engine(reject)) {
		publish_other_port(reject, report);
		return true;
	}
	if (refused_asks_kernel(reject)) {
		advise_kernel_port(ctx, report);
		return true;
	}
	if (advise_joined(ctx, report))
		return true;
	if (refused_is_session(reject)) {
		forward_other_port(reject, report);
		return true;
	}
	if (!refused_is_socket_unit(reject))
		return false;
	who = phrase_refused(ctx->reject);
	report_advise(report, edit_command(reject),
		      "Give %s another port (in [Socket] an empty Listen%s=, "
		      "then the new one)%s", who,
		      endpoint_can_listen(&reject->ep) ? "Stream" : "Datagram",
		      or_list(reject, ":"));
	free(who);
	return true;
}
