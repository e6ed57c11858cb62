// SPDX-License-Identifier: GPL-2.0
/*
 * Detect a TCP connect() that finds no free port, or its 4-tuple in use.
 *
 * connect() chooses the port itself, and must not be slowed down by a probe. On
 * failure, from 6.1 on, it resets the source address it has chosen by calling
 *
 *	void inet_bhash2_reset_saddr(struct sock *sk)
 *
 * which otherwise is called only when a connection is dropped, for example by
 * close() with a linger time of 0.
 */

#include <linux/in.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <net/inet_sock.h>

#include "probes/call.h"

/*
 * The port of the peer is still set if connect() fails at or after choosing a
 * port, but not if a connection is dropped. If the socket has no port, there
 * was none left. If it has one, possibly from an earlier attempt, only the
 * error returned by the system call can tell.
 */
static int po_reset_saddr_handler(struct kprobe *probe, struct pt_regs *regs)
{
	struct sock *sk = (void *)regs_get_kernel_argument(regs, 0);
	const struct inet_sock *inet = inet_sk(sk);

	if (!inet->inet_dport || sk->sk_protocol != IPPROTO_TCP)
		return 0;

	if (sk->sk_userlocks & SOCK_BINDPORT_LOCK)
		po_connect_refused(sk);
	else
		po_autobind_refused(sk, inet->inet_sport ? 0 : -EADDRNOTAVAIL);

	return 0;
}

/*
 * ftrace would be cheaper for close(), but unregistering waits until every task
 * of the host has been in user space or slept.
 */
static struct kprobe po_connect_probe = {
	.symbol_name	= "inet_bhash2_reset_saddr",
	.pre_handler	= po_reset_saddr_handler,
};

/* Whether the probe is registered; accessed only by init and exit. */
static bool po_connect_probed;

/**
 * po_connect_init() - start watching for connect() failures
 *
 * Context: may sleep.
 * Return: 0, or a negative errno if it cannot be watched.
 */
int po_connect_init(void)
{
	int err = register_kprobe(&po_connect_probe);

	po_connect_probed = !err;

	return err;
}

/**
 * po_connect_exit() - stop watching connect()
 *
 * Context: may sleep. No handler runs any more when it returns.
 */
void po_connect_exit(void)
{
	if (po_connect_probed)
		unregister_kprobe(&po_connect_probe);
}

/**
 * po_connect_missed() - calls missed while another probe handler was running
 *
 * Context: any.
 * Return: number of calls since the module was loaded.
 */
u64 po_connect_missed(void)
{
	/* As in po_missed_add(). */
	return data_race(po_connect_probe.nmissed);
}
