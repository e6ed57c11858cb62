// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets that no process opened: what in the kernel made them. It is behind
 * one of the functions that the socket calls when something arrives.
 */

#include <linux/kernel.h>
#include <linux/string.h>
#include <net/sock.h>
#include <net/udp.h>

#include "internal.h"

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

	return handler ?: READ_ONCE(sk->sk_data_ready);
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
