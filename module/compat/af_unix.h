/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors in the messages of unix sockets. */

#ifndef _PO_COMPAT_AF_UNIX_H
#define _PO_COMPAT_AF_UNIX_H

#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/skbuff.h>
#include <net/af_unix.h>
#include <net/scm.h>

/**
 * po_unix_trylock() - keep receivers from removing descriptors from messages
 * @sk: unix socket; the caller holds a reference
 *
 * Context: process context.
 * Return: true if locked; false while another task receives, and always on
 * kernels where modules cannot find the descriptors in a message.
 */
static inline bool po_unix_trylock(struct sock *sk)
{
#ifdef UNIXCB
	return mutex_trylock(&unix_sk(sk)->iolock);
#else
	return false;
#endif
}

static inline void po_unix_unlock(struct sock *sk)
{
#ifdef UNIXCB
	mutex_unlock(&unix_sk(sk)->iolock);
#endif
}

/**
 * po_unix_fds() - get the descriptors passed with a message of a unix socket
 * @skb: message in a receive queue; the caller holds po_unix_trylock() and the
 *	lock of the queue
 *
 * From 7.0 on the layout is private to the unix sockets.
 *
 * Return: list, or NULL.
 */
static inline const struct scm_fp_list *po_unix_fds(const struct sk_buff *skb)
{
#ifdef UNIXCB
	return UNIXCB(skb).fp;
#else
	return NULL;
#endif
}

#endif /* _PO_COMPAT_AF_UNIX_H */
