// SPDX-License-Identifier: GPL-2.0
/*
 * Copy the details of a socket into its record. Its owner may be changing options
 * and addresses at the same time, under a lock that cannot be taken here. Then the
 * record has the old or the new ones, and of an IPv6 address perhaps parts of both.
 */

#include <linux/netdevice.h>
#include <net/inet_timewait_sock.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/sctp/structs.h>
#include <net/sock_reuseport.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "sockets/sockets.h"
#include "sockets/tables.h"

static u8 po_sock_flags(const struct sock *sk, bool full)
{
	u8 flags = 0;

	if (sk->sk_reuse)
		flags |= PORTOWNER_SOCK_FLAG_REUSEADDR;
	/* SCTP_REUSE_PORT has the effect of SO_REUSEADDR. */
	if (full && po_proto_of(sk) == IPPROTO_SCTP && sctp_sk(sk)->reuse)
		flags |= PORTOWNER_SOCK_FLAG_REUSEADDR;
	if (sk->sk_reuseport)
		flags |= PORTOWNER_SOCK_FLAG_REUSEPORT;
	if (ipv6_only_sock(sk))
		flags |= PORTOWNER_SOCK_FLAG_V6ONLY;
	if (full && po_inet_freebind(sk))
		flags |= PORTOWNER_SOCK_FLAG_FREEBIND;
	if (full ? po_inet_transparent(sk) : inet_twsk(sk)->tw_transparent)
		flags |= PORTOWNER_SOCK_FLAG_TRANSPARENT;

	return flags;
}

/**
 * po_l3mdev() - get the VRF in which TCP looks for a port
 * @net: namespace
 * @ifindex: device, or 0
 *
 * The ports of each VRF are separate unless net.ipv4.tcp_l3mdev_accept is set.
 *
 * Context: any.
 * Return: ifindex of the VRF, or 0.
 */
int po_l3mdev(struct net *net, int ifindex)
{
#ifdef CONFIG_NET_L3_MASTER_DEV
	if (ifindex && !READ_ONCE(net->ipv4.sysctl_tcp_l3mdev_accept))
		return l3mdev_master_ifindex_by_index(net, ifindex);
#endif
	return 0;
}

/* Regardless of its bucket; bind() to port 0 sets no SOCK_BINDPORT_LOCK. */
static u8 po_sock_port_origin(const struct po_sock *rec, const struct sock *sk)
{
	if (rec->proto != IPPROTO_TCP && !po_is_udp(rec))
		return PO_PORT_UNKNOWN;

	/* Its word contains options that may be changing. */
	return data_race(sk->sk_userlocks & SOCK_BINDPORT_LOCK) ?
		       PO_PORT_BY_PROGRAM : PO_PORT_BY_KERNEL;
}

/**
 * po_sock_init() - copy the basic properties of a socket
 * @rec: record to fill; address, port, file and owners stay empty
 * @sk: socket or time-wait socket that the caller keeps alive
 *
 * Context: any.
 */
void po_sock_init(struct po_sock *rec, struct sock *sk)
{
	bool full = READ_ONCE(sk->sk_state) != TCP_TIME_WAIT;

	memset(rec, 0, sizeof(*rec));
	rec->sk = sk;
	rec->family = READ_ONCE(sk->sk_family);
	rec->netns = sock_net(sk)->ns.inum;
	rec->ifindex = READ_ONCE(sk->sk_bound_dev_if);
	/* Options may be changing. */
	rec->flags = data_race(po_sock_flags(sk, full));
	rec->proto = full ? po_proto_of(sk) : IPPROTO_TCP;
	rec->uid = full ? READ_ONCE(sk->sk_uid) : INVALID_UID;
	rec->conflict_uid = rec->uid;
	rec->l3mdev = po_l3mdev(sock_net(sk), rec->ifindex);
	rec->state = full ? READ_ONCE(sk->sk_state) : inet_twsk(sk)->tw_substate;
	if (full)
		rec->port_origin = po_sock_port_origin(rec, sk);
}

/**
 * po_sock_grouped() - whether a socket's reuseport group prevents a bind
 * @sk: socket that the caller keeps alive
 *
 * Attaching a BPF selector to an unbound socket creates a group for it, and the
 * kernel does not let a socket with a group join another one. TCP makes an
 * exception while the group has closed sockets that wait to be taken over.
 *
 * Context: any.
 * Return: true if it cannot share a port with other sockets by SO_REUSEPORT.
 */
bool po_sock_grouped(const struct sock *sk)
{
	const struct sock_reuseport *group;
	bool grouped;

	rcu_read_lock();
	group = rcu_dereference(sk->sk_reuseport_cb);
	grouped = group && (sk->sk_protocol != IPPROTO_TCP ||
			    !po_group_closed(group));
	rcu_read_unlock();

	return grouped;
}

/**
 * po_sock_peer() - copy the remote address and port of a socket
 * @rec: record to fill; its @peer_port is 0 if the socket is not connected
 * @sk: socket or time-wait socket that the caller keeps alive
 *
 * Context: any.
 */
void po_sock_peer(struct po_sock *rec, const struct sock *sk)
{
	rec->peer_port = ntohs(READ_ONCE(sk->sk_dport));
	if (!rec->peer_port)
		return;

#if IS_ENABLED(CONFIG_IPV6)
	if (READ_ONCE(sk->sk_family) == AF_INET6) {
		/* It may be connecting. */
		data_race(rec->peer = sk->sk_v6_daddr);
		return;
	}
#endif
	ipv6_addr_set_v4mapped(READ_ONCE(sk->sk_daddr), &rec->peer);
}

/**
 * po_sock_addr() - copy the addresses and ports of a socket
 * @rec: record to fill
 * @sk: socket or time-wait socket that the caller keeps alive
 *
 * Context: any.
 */
void po_sock_addr(struct po_sock *rec, const struct sock *sk)
{
	const struct in6_addr *addr = inet6_rcv_saddr(sk);

	if (addr) {
		/* It may be connecting, which chooses an address. */
		data_race(rec->addr = *addr);
	} else {
		ipv6_addr_set_v4mapped(READ_ONCE(sk->sk_rcv_saddr), &rec->addr);
	}
	rec->port = READ_ONCE(sk->sk_num);
	/* A reset connection leaves its peer address in the socket. */
	if (READ_ONCE(sk->sk_state) != TCP_CLOSE)
		po_sock_peer(rec, sk);
}

/**
 * po_sock_buckets() - copy VRF and family from the bind buckets of a TCP socket
 * @rec: record to correct: the socket may have changed since it was bound
 * @sk: the socket or time-wait socket, which has a port
 *
 * Context: called with the bucket of the port locked.
 */
void po_sock_buckets(struct po_sock *rec, const struct sock *sk)
{
	const struct inet_bind_bucket *tb;

	if (po_transport(rec) != IPPROTO_TCP)
		return;

	tb = po_tcp_tb(sk);
	rec->l3mdev = tb->l3mdev;
	/*
	 * Accepted connections have no SOCK_BINDPORT_LOCK either, but are in
	 * the bucket of their listener. fastreuse is negative only if connect()
	 * chose a port that nobody had bound.
	 */
	if (rec->proto == IPPROTO_TCP && !po_holds_port(rec) &&
	    rec->port_origin != PO_PORT_BY_PROGRAM)
		rec->port_origin = tb->fastreuse < 0 ? PO_PORT_BY_KERNEL :
						       PO_PORT_UNKNOWN;
	rec->hash_l3mdev = rec->l3mdev;
	rec->hash_family = rec->family;
	po_addr_bucket(sk, &rec->hash_l3mdev, &rec->hash_family);
}

/**
 * po_sock_dev() - look up the name of the device a socket is bound to
 * @rec: record with the ifindex; receives the name
 * @sk: the socket, which the caller keeps alive
 *
 * Context: any but hard interrupts.
 */
void po_sock_dev(struct po_sock *rec, const struct sock *sk)
{
	struct net_device *dev;

	if (!rec->ifindex)
		return;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(sock_net(sk), rec->ifindex);
	if (dev)
		strscpy(rec->dev, dev->name, sizeof(rec->dev));
	rcu_read_unlock();
}

/*
 * The receive handler that distinguishes a kernel socket with a file from one
 * of a process. kTLS sets one on connections of processes, too.
 */
static const void *po_file_handler(const struct po_sock *rec,
				   const struct sock *sk)
{
	/* Its word contains options that may be changing. */
	if (data_race(!!sk->sk_kern_sock))
		return po_kernel_handler(sk);

	return po_holds_port(rec) ? po_kernel_file_handler(sk) : NULL;
}

/* sk_callback_lock keeps sk_socket and its file alive. */
static void po_sock_file(struct po_sock *rec, struct sock *sk)
{
	struct file *file;

	read_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_socket) {
		file = READ_ONCE(sk->sk_socket->file);
		if (file) {
			rec->file = file;
			rec->refs = file_count(file);
			/* 0: being closed. Else at least 1 is a descriptor. */
			if (rec->refs > 1)
				rec->refs = max(rec->refs -
						po_poll_refs(sk, file), 1L);
			rec->inode = SOCK_INODE(sk->sk_socket)->i_ino;
			if (rec->proto == IPPROTO_TCP || po_is_udp(rec))
				rec->handler = po_file_handler(rec, sk);
		} else if (rec->proto == IPPROTO_MPTCP) {
			/* A subflow has its MPTCP socket's inode number. */
			rec->inode = SOCK_INODE(sk->sk_socket)->i_ino;
		} else {
			/* Unaccepted connections have no struct socket. */
			rec->handler = po_kernel_handler(sk);
		}
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

/* Whether a BPF program selects among the sockets of its reuseport group. */
static bool po_sock_has_selector(const struct sock *sk)
{
	const struct sock_reuseport *group;
	bool selected;

	rcu_read_lock();
	group = rcu_dereference(sk->sk_reuseport_cb);
	selected = group && rcu_access_pointer(group->prog);
	rcu_read_unlock();

	return selected;
}

static void po_sock_full(struct po_sock *rec, struct sock *sk)
{
	if (po_sock_has_selector(sk))
		rec->flags |= PORTOWNER_SOCK_FLAG_SELECTOR;
	if (rec->state == PORTOWNER_STATE_LISTEN) {
		rec->backlog = READ_ONCE(sk->sk_ack_backlog);
		rec->backlog_max = READ_ONCE(sk->sk_max_ack_backlog);
	}
	po_sock_file(rec, sk);
}

/* Leaves 0 if the timer has not started yet or is about to expire. */
static void po_sock_time_wait(struct po_sock *rec, const struct sock *sk)
{
	const struct timer_list *timer = &inet_twsk(sk)->tw_timer;
	long left = READ_ONCE(timer->expires) - jiffies;

	if (timer_pending(timer) && left > 0)
		rec->expires = jiffies_to_nsecs(left);
}

/**
 * po_sock_describe() - add the details that filters do not look at
 * @rec: record filled by po_sock_init() and po_sock_addr()
 * @sk: the socket or time-wait socket, which the caller keeps alive
 *
 * Context: any but hard interrupts; takes sk_callback_lock.
 */
void po_sock_describe(struct po_sock *rec, struct sock *sk)
{
	po_sock_dev(rec, sk);
	rec->cookie = po_sock_cookie(sk);
	if (sk->sk_state != TCP_TIME_WAIT)
		po_sock_full(rec, sk);
	else
		po_sock_time_wait(rec, sk);
}
