// SPDX-License-Identifier: GPL-2.0
/* Copy what is known of a socket. */

#include <linux/netdevice.h>
#include <linux/sock_diag.h>
#include <net/inet_timewait_sock.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/sctp/structs.h>
#include <net/sock_reuseport.h>

#include "internal.h"

static u8 po_sock_flags(const struct sock *sk, bool full)
{
	u8 flags = 0;

	if (sk->sk_reuse)
		flags |= PORTOWNER_SOCK_FLAG_REUSEADDR;
	/* SCTP_REUSE_PORT of SCTP is what SO_REUSEADDR is. */
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
 * po_l3mdev() - the routing domain (VRF) in which TCP looks for a port
 * @net: namespace
 * @ifindex: device, or 0
 *
 * TCP has the ports of each routing domain apart, unless told otherwise.
 *
 * Context: any.
 * Return: index of the device of the domain, or 0.
 */
int po_l3mdev(struct net *net, int ifindex)
{
#ifdef CONFIG_NET_L3_MASTER_DEV
	if (ifindex && !READ_ONCE(net->ipv4.sysctl_tcp_l3mdev_accept))
		return l3mdev_master_ifindex_by_index(net, ifindex);
#endif
	return 0;
}

/**
 * po_sock_init() - copy what a socket is, wherever it is bound
 * @rec: record to be filled; address, port, file and owners stay empty
 * @sk: a socket or a time-wait one that cannot be freed meanwhile
 *
 * Context: any.
 */
void po_sock_init(struct po_sock *rec, struct sock *sk)
{
	bool full = sk->sk_state != TCP_TIME_WAIT;

	memset(rec, 0, sizeof(*rec));
	rec->sk = sk;
	rec->family = sk->sk_family;
	rec->netns = sock_net(sk)->ns.inum;
	rec->ifindex = READ_ONCE(sk->sk_bound_dev_if);
	rec->flags = po_sock_flags(sk, full);
	rec->proto = full ? po_proto_of(sk) : IPPROTO_TCP;
	rec->uid = full ? READ_ONCE(sk->sk_uid) : INVALID_UID;
	rec->conflict_uid = rec->uid;
	rec->l3mdev = po_l3mdev(sock_net(sk), rec->ifindex);
	rec->state = full ? READ_ONCE(sk->sk_state) : inet_twsk(sk)->tw_substate;
}

/**
 * po_sock_grouped() - whether a socket is in a reuseport group that is full
 * @sk: socket that cannot be freed meanwhile
 *
 * A program that selects among sockets makes a group of the first one, which
 * the kernel does not let join that of others. TCP makes an exception while
 * closed sockets wait to be taken over.
 *
 * Context: any.
 * Return: true if it can share a port by SO_REUSEPORT with no other socket.
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
 * po_sock_addr() - copy where a socket is bound
 * @rec: record to be filled
 * @sk: a socket or a time-wait one that cannot be freed meanwhile
 *
 * Context: any.
 */
void po_sock_addr(struct po_sock *rec, const struct sock *sk)
{
	const struct in6_addr *addr = inet6_rcv_saddr(sk);

	if (addr)
		rec->addr = *addr;
	else
		ipv6_addr_set_v4mapped(sk->sk_rcv_saddr, &rec->addr);
	rec->port = sk->sk_num;
}

/**
 * po_sock_buckets() - by what TCP finds a socket that has a port
 * @rec: record to be corrected; what the socket is by now may be different
 * @sk: the socket or time-wait one
 *
 * Context: the bucket of the port is locked.
 */
void po_sock_buckets(struct po_sock *rec, const struct sock *sk)
{
	if (po_transport(rec) != IPPROTO_TCP)
		return;

	rec->l3mdev = sk->sk_state == TCP_TIME_WAIT ?
			      inet_twsk(sk)->tw_tb->l3mdev :
			      inet_csk(sk)->icsk_bind_hash->l3mdev;
	rec->hash_l3mdev = rec->l3mdev;
	rec->hash_family = rec->family;
	po_addr_bucket(sk, &rec->hash_l3mdev, &rec->hash_family);
}

/**
 * po_sock_dev() - look up the name of the device that a socket is bound to
 * @rec: record with its index, to which the name is added
 * @sk: the socket, which cannot be freed meanwhile
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

/* sk_callback_lock keeps sk_socket, and with it the file, from going away. */
static void po_sock_file(struct po_sock *rec, struct sock *sk)
{
	struct file *file;

	read_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_socket) {
		file = sk->sk_socket->file;
		if (file) {
			rec->file = file;
			rec->refs = file_count(file);
			/* None: it is being closed. One is a descriptor. */
			if (rec->refs > 1)
				rec->refs = max(rec->refs -
						po_waiters(sk, file), 1L);
			rec->inode = SOCK_INODE(sk->sk_socket)->i_ino;
			if (po_holds_port(rec) && (rec->proto == IPPROTO_TCP ||
						   po_is_udp(rec)))
				rec->handler = po_kernel_keeper(sk);
		} else if (rec->proto == IPPROTO_MPTCP) {
			/* It bears the number of the socket above it. */
			rec->inode = SOCK_INODE(sk->sk_socket)->i_ino;
		} else if (po_holds_port(rec)) {
			rec->handler = po_kernel_handler(sk);
		}
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void po_sock_cookie(struct po_sock *rec, struct sock *sk)
{
	u32 cookie[2];

	sock_diag_save_cookie(sk, cookie);
	rec->cookie = (u64)cookie[1] << 32 | cookie[0];
}

/* Whether a BPF program chooses among the sockets of its reuseport group. */
static bool po_sock_selected(const struct sock *sk)
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
	if (po_sock_selected(sk))
		rec->flags |= PORTOWNER_SOCK_FLAG_SELECTOR;
	if (rec->state == PORTOWNER_STATE_LISTEN) {
		rec->backlog = READ_ONCE(sk->sk_ack_backlog);
		rec->backlog_max = READ_ONCE(sk->sk_max_ack_backlog);
	}
	po_sock_file(rec, sk);
}

/* 0 for one whose timer is just running out, or was not started yet. */
static void po_sock_time_wait(struct po_sock *rec, const struct sock *sk)
{
	const struct timer_list *timer = &inet_twsk(sk)->tw_timer;
	long left = READ_ONCE(timer->expires) - jiffies;

	if (timer_pending(timer) && left > 0)
		rec->expires = jiffies_to_nsecs(left);
}

/**
 * po_sock_describe() - add to a record what no filter asks for
 * @rec: record that po_sock_init() and po_sock_addr() filled
 * @sk: the socket or time-wait socket, which cannot be freed meanwhile
 *
 * Context: any but hard interrupts; takes sk_callback_lock.
 */
void po_sock_describe(struct po_sock *rec, struct sock *sk)
{
	po_sock_dev(rec, sk);
	po_sock_cookie(rec, sk);
	if (sk->sk_state != TCP_TIME_WAIT)
		po_sock_full(rec, sk);
	else
		po_sock_time_wait(rec, sk);
}
