// SPDX-License-Identifier: GPL-2.0
/*
 * Which part of the kernel owns a socket that no process opened, identified by
 * the function that the socket calls when data arrives.
 */

#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/udp.h>

#include "sockets/sockets.h"

/* The sk_data_ready of ordinary TCP and UDP sockets. */
static const void *po_default_data_ready __ro_after_init;

/**
 * po_kernel_file_handler() - get the receive handler of a socket with a file
 * @sk: full TCP or UDP socket that the caller keeps alive
 *
 * NFS and others give their sockets a file that no process holds.
 *
 * Context: any.
 * Return: function, whose module may be unloaded at any time, or NULL if the
 * socket has the default one.
 */
const void *po_kernel_file_handler(const struct sock *sk)
{
	const void *ready = READ_ONCE(sk->sk_data_ready);

	return ready == po_default_data_ready ? NULL : ready;
}

/**
 * po_kernel_handler() - get the receive handler of a socket without a file
 * @sk: full socket that the caller keeps alive
 *
 * Context: any.
 * Return: function, whose module may be unloaded at any time.
 */
const void *po_kernel_handler(const struct sock *sk)
{
	const void *handler = NULL;

	/* A raw socket may have the protocol number of UDP. */
	if (sk->sk_protocol == IPPROTO_UDP && sk->sk_type == SOCK_DGRAM)
		handler = READ_ONCE(udp_sk(sk)->encap_rcv);

	return handler ?: (const void *)READ_ONCE(sk->sk_data_ready);
}

/**
 * po_kernel_name() - get a name for the owner of a receive handler
 * @handler: function; never called
 * @name: result: name of its module, or of the function if it is built in
 * @size: size of @name in bytes
 *
 * Context: any.
 */
void po_kernel_name(const void *handler, char *name, size_t size)
{
	char *module;

	/* "function [module]", or "0x..." if the module is gone. */
	snprintf(name, size, "%ps", handler);
	if (!strncmp(name, "0x", 2))
		strscpy(name, "unknown", size);
	module = strchr(name, '[');
	if (module) {
		strreplace(module, ']', '\0');
		memmove(name, module + 1, strlen(module + 1) + 1);
	}
}

/**
 * po_kernel_owner_init() - learn the default sk_data_ready from a new socket
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int __init po_kernel_owner_init(void)
{
	struct socket *socket;
	int err;

	err = sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TCP,
			       &socket);
	if (err)
		return err;

	po_default_data_ready = socket->sk->sk_data_ready;
	sock_release(socket);

	return 0;
}
