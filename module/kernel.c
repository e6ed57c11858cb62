// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets that no process opened: what in the kernel made them. It is behind
 * one of the functions that the socket calls when something arrives.
 */

#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/udp.h>

#include "internal.h"

/* What sockets of TCP and UDP have until something in the kernel wants them. */
static const void *po_usual_ready __ro_after_init;

/**
 * po_kernel_keeper() - the function that gets what a socket with a file receives
 * @sk: full socket of TCP or UDP that cannot be freed meanwhile
 *
 * NFS and others give their sockets a file, which no process has.
 *
 * Context: any.
 * Return: a function, which may be gone by the time it is used, or NULL if it is
 * the usual one.
 */
const void *po_kernel_keeper(const struct sock *sk)
{
	const void *ready = READ_ONCE(sk->sk_data_ready);

	return ready == po_usual_ready ? NULL : ready;
}

/**
 * po_kernel_handler() - the function that gets what a kernel socket receives
 * @sk: full socket that has no file and cannot be freed meanwhile
 *
 * Context: any.
 * Return: a function, which may be gone by the time it is used.
 */
const void *po_kernel_handler(const struct sock *sk)
{
	const void *handler = NULL;

	/* A raw socket may have that number too. */
	if (sk->sk_protocol == IPPROTO_UDP && sk->sk_type == SOCK_DGRAM)
		handler = READ_ONCE(udp_sk(sk)->encap_rcv);

	return handler ?: (const void *)READ_ONCE(sk->sk_data_ready);
}

/**
 * po_kernel_name() - name what in the kernel has a function
 * @handler: function, which is not called
 * @name: result: the module, or the function if it is not in one
 * @size: bytes at @name
 *
 * Context: any.
 */
void po_kernel_name(const void *handler, char *name, size_t size)
{
	char *module;

	/* "function [module]", or the bare address of what is gone. */
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
 * po_kernel_init() - learn what sockets have that are nobody's in the kernel
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int __init po_kernel_init(void)
{
	struct socket *socket;
	int err;

	err = sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TCP,
			       &socket);
	if (err)
		return err;

	po_usual_ready = socket->sk->sk_data_ready;
	sock_release(socket);

	return 0;
}
