/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors in the messages of unix sockets. */

#ifndef _PO_COMPAT_AF_UNIX_H
#define _PO_COMPAT_AF_UNIX_H

#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/preempt.h>
#include <linux/skbuff.h>
#include <net/af_unix.h>
#include <net/scm.h>

/*
 * Modules can find the descriptors in a message until 7.0, which made the layout
 * private to the unix sockets. A real-time kernel would let a holder of iolock
 * be preempted, and its receivers wait.
 */
#if defined(UNIXCB) && !defined(CONFIG_PREEMPT_RT)
#define PO_UNIX_FDS
#endif

/**
 * po_unix_trylock() - keep receivers from removing descriptors from messages
 * @sk: unix socket; the caller holds a reference
 *
 * A receiver that comes now waits until po_unix_unlock(). So preemption is
 * disabled until then: it would let any other task delay the receiver.
 *
 * Context: process context. On success the caller must not sleep.
 * Return: true if locked; false while another task receives, and always on
 * kernels without PO_UNIX_FDS.
 */
static inline bool po_unix_trylock(struct sock *sk)
{
#ifdef PO_UNIX_FDS
	preempt_disable();
	if (mutex_trylock(&unix_sk(sk)->iolock))
		return true;
	preempt_enable();
#endif
	return false;
}

static inline void po_unix_unlock(struct sock *sk)
{
#ifdef PO_UNIX_FDS
	mutex_unlock(&unix_sk(sk)->iolock);
	preempt_enable();
#endif
}

/**
 * po_unix_fds() - get the descriptors passed with a message of a unix socket
 * @skb: message in a receive queue; the caller holds po_unix_trylock() and the
 *	lock of the queue
 *
 * Context: atomic.
 * Return: list, or NULL.
 */
static inline const struct scm_fp_list *po_unix_fds(const struct sk_buff *skb)
{
#ifdef PO_UNIX_FDS
	return UNIXCB(skb).fp;
#else
	return NULL;
#endif
}

#endif /* _PO_COMPAT_AF_UNIX_H */
