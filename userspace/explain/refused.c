// SPDX-License-Identifier: GPL-2.0
/*
 * Refused processes that bind on behalf of something else: systemd for a socket
 * unit, and what publishes the ports of a container. The port is not theirs to
 * change, and nobody starts them by hand.
 */

#include <stdlib.h>
#include <string.h>

#include "explain/refused.h"
#include "explain/systemd.h"
#include "lib/cgroup.h"
#include "lib/escape.h"
#include "lib/util.h"
#include "print/binder.h"
#include "print/phrase.h"
#include "print/proxy.h"

/*
 * Programs that publish ports, besides the proxies.
 * @comm: command name
 * @engine: runs the containers
 * @besides: what else of its own may have requested the port, or NULL
 */
static const struct {
	const char *comm;
	const char *engine;
	const char *besides;
} publishers[] = {
	{ "dockerd", "docker",
	  "; if the port is in the configuration of dockerd itself (hosts, "
	  "metrics-addr, or a swarm), change it there" },
	{ "podman", "podman", NULL },
};

/**
 * refused_as_owner() - The refused process, as if it held a socket.
 * @reject: the refusal
 *
 * Return: its description, which belongs to @reject.
 */
struct owner refused_as_owner(const struct reject *reject)
{
	return (struct owner){
		.pid = reject->pid, .comm = reject->comm, .exe = reject->exe,
		.cgroup = reject->cgroup,
	};
}

/**
 * refused_is_socket_unit() - Was the bind requested by a socket unit?
 * @reject: the refusal
 *
 * Return: true if systemd, or its helper, was refused.
 */
bool refused_is_socket_unit(const struct reject *reject)
{
	struct owner owner = refused_as_owner(reject);
	const struct psock sock = { .owners = &owner, .n_owners = 1 };

	return comm_is_systemd_helper(reject->comm) || systemd_holds(&sock);
}

/* Index in the table, or its size. */
static size_t find_publisher(const struct reject *reject)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(publishers); i++)
		if (reject->comm && !strcmp(publishers[i].comm, reject->comm))
			break;
	return i;
}

/**
 * refused_engine() - Was a port to be published for a container?
 * @reject: the refusal
 *
 * Return: "docker" or "podman" if one of its programs was refused, else NULL.
 */
const char *refused_engine(const struct reject *reject)
{
	struct owner owner = refused_as_owner(reject);
	size_t i = find_publisher(reject);

	return i < ARRAY_SIZE(publishers) ? publishers[i].engine :
					    proxy_engine(&owner);
}

/**
 * refused_besides() - What else of its own an engine of containers may bind.
 * @reject: the refusal of a program that publishes ports
 *
 * Return: the end of a sentence about publishing another port; may be empty.
 */
const char *refused_besides(const struct reject *reject)
{
	size_t i = find_publisher(reject);

	return i < ARRAY_SIZE(publishers) && publishers[i].besides ?
		       publishers[i].besides : "";
}

/**
 * refused_asks_kernel() - Did a tool have the kernel open a socket?
 * @reject: the refusal
 *
 * Return: true if it is known to.
 */
bool refused_asks_kernel(const struct reject *reject)
{
	static const char * const tools[] = {
		"ip", "wg", "tipc", "rpc.nfsd", "nfsdctl", "mount.nfs",
		"mount.nfs4", "rdma", "ovs-vswitchd",
	};
	const char *name = reject->exe ? strrchr(reject->exe, '/') : NULL;
	size_t i;

	name = name ? name + 1 : reject->comm;
	for (i = 0; name && i < ARRAY_SIZE(tools); i++)
		if (!strcmp(name, tools[i]))
			return true;
	return !reject->exe && name && !strncmp(name, "kworker", 7);
}

/**
 * refused_socket_unit() - The socket unit on whose behalf systemd's helper bound.
 * @reject: the refusal
 * @unit: set to its name, which is untrusted
 *
 * Return: false if it is not known.
 */
bool refused_socket_unit(const struct reject *reject, struct slice *unit)
{
	static const char suffix[] = ".socket";
	const size_t len = strlen(suffix);

	return cgroup_unit(reject->cgroup, unit) && unit->len > len &&
	       !memcmp(unit->str + unit->len - len, suffix, len);
}

/**
 * phrase_refused_process() - The process that was, or would be, refused.
 * @reject: the refusal
 *
 * Return: the phrase; to be freed.
 */
char *phrase_refused_process(const struct reject *reject)
{
	if (!reject->comm && !reject->pid)
		return xstrdup("the new program");
	return phrase_process(reject->comm, reject->pid);
}

/**
 * phrase_refused() - What requested the bind, for sentences about what to do.
 * @reject: the refusal
 *
 * Return: "socket unit web.socket" if systemd was refused for it, else the
 * process; to be freed.
 */
char *phrase_refused(const struct reject *reject)
{
	struct slice unit;
	char *name, *words;

	if (!refused_is_socket_unit(reject))
		return phrase_refused_process(reject);
	if (!refused_socket_unit(reject, &unit))
		return xstrdup("the socket unit");
	name = escape_text(unit.str, unit.len);
	words = xasprintf("socket unit %s", name);
	free(name);
	return words;
}
