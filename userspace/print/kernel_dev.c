// SPDX-License-Identifier: GPL-2.0
/*
 * The network device behind a socket of the kernel. The kernel does not link
 * the socket to it, so the devices of that type are searched.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/host.h"
#include "lib/host_net.h"
#include "lib/host_tunnels.h"
#include "lib/util.h"
#include "model/names.h"
#include "print/kernel_dev.h"
#include "print/kernel_part.h"
#include "print/words.h"

static bool may_be(const struct host_tunnel *tunnel, const char *kind,
		   const struct psock *sock)
{
	return tunnel->port == sock->ep.port && !strcmp(tunnel->kind, kind) &&
	       (!tunnel->sock_netns || tunnel->sock_netns == sock->netns);
}

/**
 * kernel_dev_find() - Find the device that a socket of the kernel belongs to.
 * @sock: the socket
 *
 * Several devices can share a socket, and for some the namespace of the socket
 * is unknown: a certain match is preferred, then the only device in the
 * namespace of the socket, then the only one at all.
 *
 * Return: the device; NULL if there is none, or it is ambiguous.
 */
const struct host_tunnel *kernel_dev_find(const struct psock *sock)
{
	const struct host_tunnel *tunnels, *near = NULL, *far = NULL;
	const struct kernel_part *part;
	size_t i, n, n_near = 0, n_far = 0;

	if (!sock->kernel_owner)
		return NULL;
	part = kernel_part_find(sock->kernel_owner);
	if (!part || !part->device)
		return NULL;
	n = host_tunnels(&tunnels);
	for (i = 0; i < n; i++) {
		if (!may_be(&tunnels[i], part->device, sock))
			continue;
		if (tunnels[i].sock_netns)
			return &tunnels[i];
		if (tunnels[i].netns == sock->netns) {
			near = &tunnels[i];
			n_near++;
		} else {
			far = &tunnels[i];
			n_far++;
		}
	}
	if (n_near)
		return n_near == 1 ? near : NULL;
	return n_far == 1 ? far : NULL;
}

/* A prefix that enters a network namespace; NULL if no way into it is known. */
static char *enter(__u32 netns)
{
	const char *name = netns_name(netns);
	char *comm;
	__u32 pid;

	if (netns == host_netns())
		return xstrdup("");
	if (name && is_plain_word(name, strlen(name)))
		return xasprintf("ip netns exec %s ", name);
	pid = host_netns_process(netns, &comm);
	free(comm);
	return pid ? xasprintf("nsenter -n -t %u ", pid) : NULL;
}

/* The command that shows a device, or its owner, in its network namespace. */
static char *shown_by(const struct host_tunnel *tunnel)
{
	if (!strcmp(tunnel->kind, TUNNEL_L2TP))
		return xstrdup("ip l2tp show tunnel");
	return xasprintf("%s %s", strcmp(tunnel->kind, TUNNEL_WIREGUARD) ?
				 "ip -d link show dev" : "wg show",
			 tunnel->dev);
}

/**
 * kernel_dev_command() - A command that shows a device, wherever it is.
 * @tunnel: the device
 *
 * Return: the command, to be freed; NULL if none is known.
 */
char *kernel_dev_command(const struct host_tunnel *tunnel)
{
	char *prefix, *shown, *command;

	if (!is_plain_word(tunnel->dev, strlen(tunnel->dev)))
		return NULL;
	prefix = enter(tunnel->netns);
	if (!prefix)
		return NULL;
	shown = shown_by(tunnel);
	command = xasprintf("%s%s", prefix, shown);
	free(shown);
	free(prefix);
	return command;
}

/**
 * kernel_dev_phrase() - "vx0, in network namespace blue"
 * @tunnel: the device
 *
 * Return: the device, and its namespace unless that is ours; to be freed.
 */
char *kernel_dev_phrase(const struct host_tunnel *tunnel)
{
	char *dev = escape_text(tunnel->dev, strlen(tunnel->dev));
	const char *name = netns_name(tunnel->netns);
	char *escaped, *words;

	if (tunnel->netns == host_netns())
		return dev;
	if (name) {
		escaped = escape_text(name, strlen(name));
		words = xasprintf("%s, in network namespace %s", dev, escaped);
		free(escaped);
	} else {
		words = xasprintf("%s, in network namespace %u", dev,
				  tunnel->netns);
	}
	free(dev);
	return words;
}

/**
 * kernel_purpose_command() - Show the purpose of a socket of the kernel.
 * @part: owner of the socket
 * @tunnel: device that it belongs to, or NULL
 *
 * Return: shell commands; to be freed.
 */
char *kernel_purpose_command(const struct kernel_part *part,
			     const struct host_tunnel *tunnel)
{
	char *command = tunnel ? kernel_dev_command(tunnel) : NULL;

	return command ? command : xstrdup(part->show);
}

/**
 * kernel_purpose_print() - Print the purpose of a socket of the kernel.
 * @sock: the socket; nothing is printed if its purpose is unknown
 */
void kernel_purpose_print(const struct psock *sock)
{
	const struct host_tunnel *tunnel = kernel_dev_find(sock);
	const struct kernel_part *part;
	char *which, *command, *words;

	part = sock->kernel_owner ? kernel_part_find(sock->kernel_owner) : NULL;
	if (!part)
		return;
	which = tunnel ? kernel_dev_phrase(tunnel) : NULL;
	command = kernel_purpose_command(part, tunnel);
	words = xasprintf("%s%s%s; to see it: %.*s", part->what,
			  which ? ", " : "", which ?: "",
			  (int)strcspn(command, "\n"), command);
	print_fact("purpose", words);
	free(words);
	free(command);
	free(which);
}
