// SPDX-License-Identifier: GPL-2.0
/*
 * See TCP connect() fail for want of a port.
 *
 * It gets its port on the way, and is not to be slowed down by who watches. But
 * only if it fails it forgets the address that it chose: void
 * inet_bhash2_reset_saddr(struct sock *sk), from 6.1 on. Nobody else calls that
 * but who gives a connection up, close() without lingering among them.
 */

#include <linux/in.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <net/inet_sock.h>

#include "calls.h"
#include "internal.h"

/*
 * As connect() fails after it came to choose a port the peer's is still there;
 * as a connection is given up it is not. Without a port of its own the socket
 * got none. With one that may be left from an earlier attempt, and nobody knows
 * before the system call returns its error.
 */
static int po_forgets(struct kprobe *probe, struct pt_regs *regs)
{
	struct sock *sk = (void *)regs_get_kernel_argument(regs, 0);
	const struct inet_sock *inet = inet_sk(sk);

	if (inet->inet_dport && sk->sk_protocol == IPPROTO_TCP &&
	    !(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		po_autobind_refused(sk, inet->inet_sport ? 0 : -EADDRNOTAVAIL);

	return 0;
}

/*
 * Not by ftrace, which would cost close() less: a module that unregisters there
 * waits until each task of the host was in user space or slept.
 */
static struct kprobe po_connect_probe = {
	.symbol_name	= "inet_bhash2_reset_saddr",
	.pre_handler	= po_forgets,
};

/* Whether it is in place; init and exit alone touch it. */
static bool po_connect_probed;

/**
 * po_connect_init() - begin to see connect() fail
 *
 * Context: may sleep.
 * Return: 0 or a negative errno; then it is not seen.
 */
int po_connect_init(void)
{
	int err = register_kprobe(&po_connect_probe);

	po_connect_probed = !err;

	return err;
}

/**
 * po_connect_exit() - see it no more
 *
 * Context: may sleep. No handler runs when it returns, nor will one.
 */
void po_connect_exit(void)
{
	if (po_connect_probed)
		unregister_kprobe(&po_connect_probe);
}

/**
 * po_connect_missed() - calls that came while another probe was under way
 *
 * Return: their number since the module was loaded.
 */
u64 po_connect_missed(void)
{
	return po_connect_probe.nmissed;
}
