// SPDX-License-Identifier: GPL-2.0
/* Single values as netlink attributes: addresses, users and processes. */

#include <linux/pid.h>
#include <linux/user_namespace.h>
#include <net/netlink.h>

#include "core/core.h"
#include "netlink/fill.h"
#include "netlink/netlink.h"

static int po_put_inet(struct sk_buff *skb, int attrtype, u16 family,
		       const struct in6_addr *addr)
{
	bool v4 = family == AF_INET;
	int len = v4 ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	void *data = po_reserve(skb, attrtype, len);

	if (!data)
		return -EMSGSIZE;

	if (v4)
		*(__be32 *)data = addr->s6_addr32[3];
	else
		memcpy(data, addr, sizeof(*addr));

	return 0;
}

/**
 * po_put_addr() - put an address
 * @skb: message
 * @attrtype: attribute, 4 or 16 bytes long
 * @sock: socket with the address
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int po_put_addr(struct sk_buff *skb, int attrtype, const struct po_sock *sock)
{
	return po_put_inet(skb, attrtype, sock->family, &sock->addr);
}

/**
 * po_put_peer() - put the remote address
 * @skb: message
 * @attrtype: attribute, 4 or 16 bytes long
 * @sock: socket with the address
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int po_put_peer(struct sk_buff *skb, int attrtype, const struct po_sock *sock)
{
	return po_put_inet(skb, attrtype, sock->family, &sock->peer);
}

static u32 po_uid(const struct po_viewer *viewer, kuid_t uid)
{
	/* Nothing to translate; nearly all readers are there. */
	if (viewer->user_ns == &init_user_ns)
		return __kuid_val(uid);

	return from_kuid_munged(viewer->user_ns, uid);
}

/**
 * po_put_uid() - put a user id
 * @skb: message
 * @attrtype: attribute
 * @viewer: reader, in whose user namespace the id is given
 * @uid: user
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int po_put_uid(struct sk_buff *skb, int attrtype,
	       const struct po_viewer *viewer, kuid_t uid)
{
	return po_put_u32(skb, attrtype, po_uid(viewer, uid));
}

/**
 * po_put_pid() - put a process id
 * @skb: message
 * @attrtype: attribute, omitted if the process has no id in the reader's pid
 *	namespace
 * @viewer: reader
 * @proc: process
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int po_put_pid(struct sk_buff *skb, int attrtype,
	       const struct po_viewer *viewer, const struct po_proc *proc)
{
	pid_t nr = pid_nr_ns(proc->pid, viewer->pid_ns);

	return nr ? nla_put_u32(skb, attrtype, nr) : 0;
}
