// SPDX-License-Identifier: GPL-2.0
/*
 * See TCP connect() fail for want of a port.
 *
 * It gets its port on the way, and is not to be slowed down by who watches. But
 * only if it fails it forgets the address that it chose: void
 * inet_bhash2_reset_saddr(struct sock *sk), from 6.1 on. Nobody else calls that
 * but who gives a connection up, close() without lingering among them.
 */

#include <linux/ftrace.h>
#include <linux/in.h>
#include <linux/kprobes.h>
#include <linux/preempt.h>
#include <linux/ptrace.h>
#include <net/inet_sock.h>

#include "calls.h"
#include "internal.h"

#define PO_FORGETS	"inet_bhash2_reset_saddr"

/*
 * As connect() fails after it came to choose a port the peer's is still there;
 * as a connection is given up it is not. Without a port of its own the socket
 * got none. With one that may be left from an earlier attempt, and nobody knows
 * before the system call returns its error.
 */
static void po_connect_forgets(struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);

	if (inet->inet_dport && sk->sk_protocol == IPPROTO_TCP &&
	    !(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		po_autobind_refused(sk, inet->inet_sport ? 0 : -EADDRNOTAVAIL);
}

static int po_forgets_probe(struct kprobe *probe, struct pt_regs *regs)
{
	po_connect_forgets((void *)regs_get_kernel_argument(regs, 0));

	return 0;
}

static struct kprobe po_connect_probe = {
	.symbol_name	= PO_FORGETS,
	.pre_handler	= po_forgets_probe,
};

/* Whether it is in place; init and exit alone touch it. */
static bool po_connect_probed;

#ifdef PO_ENTRY_FLAGS

static void po_forgets(unsigned long ip, unsigned long parent_ip,
		       struct ftrace_ops *ops, struct po_entry_regs *regs)
{
	po_connect_forgets((void *)po_entry_arg(regs, 0));
}

static struct ftrace_ops po_forgets_ops = {
	.func	= po_forgets,
	.flags	= PO_ENTRY_FLAGS,
};

#ifdef PO_CALLED_DIRECTLY

/* Not preempted, as the other is not that ftrace calls. */
static PO_CALLED_DIRECTLY noinline notrace void po_forgets_peer(struct sock *sk)
{
	preempt_disable_notrace();
	po_connect_forgets(sk);
	preempt_enable_notrace();
}

/* Connections that are given up get no further: see po_connect_forgets(). */
static PO_CALLED_DIRECTLY noinline notrace void po_forgets_direct(struct sock *sk)
{
	if (inet_sk(sk)->inet_dport)
		po_forgets_peer(sk);
}

static struct ftrace_ops po_forgets_direct_ops;

#endif

/* The cheapest first. */
static struct po_entry po_forgets_entries[] = {
#ifdef PO_CALLED_DIRECTLY
	{ &po_forgets_direct_ops, { PO_FORGETS }, (unsigned long)po_forgets_direct },
#endif
	{ &po_forgets_ops, { PO_FORGETS } },
};

static int po_connect_entry_init(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(po_forgets_entries); i++) {
		err = po_entry_add(&po_forgets_entries[i]);
		if (!err)
			break;
	}

	return err;
}

static void po_connect_entry_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(po_forgets_entries); i++)
		po_entry_remove(&po_forgets_entries[i]);
}

#else

static int po_connect_entry_init(void)
{
	return -EOPNOTSUPP;
}

static void po_connect_entry_exit(void)
{
}

#endif

/**
 * po_connect_init() - begin to see connect() fail
 *
 * Context: may sleep.
 * Return: 0 or a negative errno; then it is not seen.
 */
int po_connect_init(void)
{
	int err;

	if (!po_connect_entry_init())
		return 0;

	err = register_kprobe(&po_connect_probe);
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
	po_connect_entry_exit();
}

/**
 * po_connect_missed() - calls that the probe missed
 *
 * Return: their number since the module was loaded.
 */
u64 po_connect_missed(void)
{
	return po_connect_probe.nmissed;
}
