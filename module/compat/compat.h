/* SPDX-License-Identifier: GPL-2.0 */
/* Differences between supported kernels; included before each source file. */

#ifndef _PO_COMPAT_H
#define _PO_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error "portowner needs Linux 5.10 or later"
#endif

#include <linux/cgroup.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/in.h>
#include <linux/mm_types.h>
#include <linux/mount.h>
#include <linux/net.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/coredump.h>
#ifndef SUID_DUMP_USER
#include <linux/sched/exec_state.h>
#endif
#include <linux/task_work.h>
#include <linux/user_namespace.h>
#include <net/addrconf.h>
#include <net/af_unix.h>
#include <net/genetlink.h>
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/raw.h>
#include <net/scm.h>
#include <net/udp.h>
/* UDP-Lite was removed in 7.3. */
#ifdef IS_UDPLITE
#include <net/udplite.h>
#define PO_UDPLITE
#endif

/* Before 6.2 there are no split ops; genl_ops has all members that we use. */
#ifndef PO_HAS_GENL_SPLIT_OPS
#define genl_split_ops	genl_ops
#define split_ops	ops
#define n_split_ops	n_ops
#endif

/* Before the flags there was a single bit, for CAP_SYS_ADMIN. */
#ifdef GENL_MCAST_CAP_NET_ADMIN
#define PO_MCGRP_NET_ADMIN	.flags = GENL_MCAST_CAP_NET_ADMIN
#else
#define PO_MCGRP_NET_ADMIN	.cap_sys_admin = 1
#endif

/* In 6.7 the parsed attributes of a dump moved into struct genl_info. */
static inline struct nlattr **po_dump_attrs(struct netlink_callback *cb)
{
#ifndef PO_HAS_GENL_INFO_DUMP
	return genl_dumpit_info(cb)->attrs;
#else
	return genl_info_dump(cb)->attrs;
#endif
}

/* From 6.2 on a network namespace may have its own UDP table. */
#ifndef PO_HAS_NET_UDP_TABLE
#define po_udp_table(net)	(&udp_table)
#else
#define po_udp_table(net)	((net)->ipv4.udp_table)
#endif

/* 5.15 renamed the indices of the BPF programs of a cgroup. */
#ifdef PO_HAS_CGROUP_BPF_TYPES
#define PO_BPF_INET4_BIND	CGROUP_INET4_BIND
#define PO_BPF_INET6_BIND	CGROUP_INET6_BIND
#define PO_BPF_INET4_POST_BIND	CGROUP_INET4_POST_BIND
#define PO_BPF_INET6_POST_BIND	CGROUP_INET6_POST_BIND
#else
#define PO_BPF_INET4_BIND	BPF_CGROUP_INET4_BIND
#define PO_BPF_INET6_BIND	BPF_CGROUP_INET6_BIND
#define PO_BPF_INET4_POST_BIND	BPF_CGROUP_INET4_POST_BIND
#define PO_BPF_INET6_POST_BIND	BPF_CGROUP_INET6_POST_BIND
#endif

/* From 5.14 on closed sockets may stay in their reuseport group. */
#ifndef PO_HAS_GROUP_CLOSED
#define po_group_closed(group)	0
#else
#define po_group_closed(group)	READ_ONCE((group)->num_closed_socks)
#endif

/* From 6.3 on a socket may have its own ephemeral port range. */
#ifdef PO_HAS_SK_PORT_RANGE
#define po_sk_port_range(sk, first, last) \
	inet_sk_get_local_port_range(sk, first, last)
#else
#define po_sk_port_range(sk, first, last) \
	inet_get_local_port_range(sock_net(sk), first, last)
#endif

/* From 6.1 on TCP also has a hash of bound sockets by address and port. */
#ifndef PO_HAS_ADDR_BUCKETS
#define PO_HASHES_ADDRS	0
#else
#define PO_HASHES_ADDRS	1
#endif

/* Before 6.8 it misses ::ffff:0.0.0.0 if both sockets are AF_INET6. */
#ifdef PO_HAS_ADDR_BUCKET_FAMILY
#define PO_MISSES_MAPPED_ANY	1
#else
#define PO_MISSES_MAPPED_ANY	0
#endif

/* With more sockets in a slot, UDP uses its hash by address and port. */
#define PO_UDP_MANY	10

/* Even for a wildcard address, before a fix that was also backported. */
#ifdef PO_HAS_ANY_HASHED_BY_PORT
#define PO_UDP_HASHES_ANY	0
#else
#define PO_UDP_HASHES_ANY	1
#endif

/*
 * Raw sockets: lock and hash changed in 6.0, in 6.3 and in 6.1.24. The kernels
 * in between, which use nulls lists, are not supported.
 */
#if defined(RAW_HTABLE_LOG)
#define PO_RAW
#define po_raw_hash(net, number)	raw_hashfunc(net, number)
#define po_raw_read_lock(info)		spin_lock_bh(&(info)->lock)
#define po_raw_read_unlock(info)	spin_unlock_bh(&(info)->lock)
#elif defined(PO_HAS_RAW_RWLOCK)
#define PO_RAW
#define po_raw_hash(net, number)	((number) & (RAW_HTABLE_SIZE - 1))
#define po_raw_read_lock(info)		read_lock_bh(&(info)->lock)
#define po_raw_read_unlock(info)	read_unlock_bh(&(info)->lock)
#endif

/* 5.13 replaced two arguments of file_open_root() by a struct path. */
static inline struct file *po_file_open_root(struct vfsmount *mnt,
					     const char *name)
{
#ifndef PO_HAS_FILE_OPEN_ROOT_MNT
	return file_open_root(mnt->mnt_root, mnt, name, O_RDONLY, 0);
#else
	return file_open_root_mnt(mnt, name, O_RDONLY, 0);
#endif
}

/* Later kernels renamed the workqueue that is not bound to a CPU. */
#ifndef PO_HAS_DFL_WQ
#define po_unbound_wq	system_unbound_wq
#else
#define po_unbound_wq	system_dfl_wq
#endif

/* From 6.2 on SCTP takes the device of a socket into account. */
#ifndef PO_HAS_SCTP_DEVICES
#define PO_SCTP_DEVICES	0
#else
#define PO_SCTP_DEVICES	1
#endif

/* 6.6 moved bitfields of struct inet_sock into inet_flags. */
#ifdef inet_test_bit
#define po_inet_freebind(sk)	inet_test_bit(FREEBIND, sk)
#define po_inet_transparent(sk)	inet_test_bit(TRANSPARENT, sk)
#else
#define po_inet_freebind(sk)	(inet_sk(sk)->freebind)
#define po_inet_transparent(sk)	(inet_sk(sk)->transparent)
#endif

/* Without CONFIG_IPV6 there is no net->ipv6, and there are no addresses. */
static inline bool po_v6_nonlocal_bind(const struct net *net)
{
#if IS_ENABLED(CONFIG_IPV6)
	return READ_ONCE(net->ipv6.sysctl.ip_nonlocal_bind);
#else
	return false;
#endif
}

static inline bool po_v6_has_addr(struct net *net, const struct in6_addr *addr,
				  const struct net_device *dev, int strict)
{
	return IS_ENABLED(CONFIG_IPV6) &&
	       ipv6_chk_addr(net, addr, dev, strict);
}

/*
 * Newer kernels return the length of what cgroup_path() wrote, even if that is
 * not the whole path: whatever fills the buffer may have been cut.
 */
static inline int po_whole_path(int len, size_t size)
{
	return len >= 0 && (size_t)len >= size - 1 ? -ENAMETOOLONG : len;
}

/**
 * po_task_cgroup_path() - get the path of a process in the cgroup v2 hierarchy
 * @task: process; the caller holds a reference
 * @buf: result
 * @size: size of @buf
 *
 * Context: any that may enter an RCU read-side section.
 * Return: length of the path, or negative; -ENAMETOOLONG if it may not be whole.
 */
static inline int po_task_cgroup_path(struct task_struct *task, char *buf,
				      size_t size)
{
#ifdef CONFIG_CGROUPS
	int len;

	rcu_read_lock();
	len = cgroup_path(task_dfl_cgroup(task), buf, size);
	rcu_read_unlock();

	return po_whole_path(len, size);
#else
	return -EOPNOTSUPP;
#endif
}

/**
 * po_root_cgroup() - get the root of the current process's cgroup namespace
 *
 * Context: process context; the process keeps the result alive.
 * Return: cgroup, or NULL if it is the root of the hierarchy.
 */
static inline struct cgroup *po_root_cgroup(void)
{
#ifdef CONFIG_CGROUPS
	struct cgroup *cgrp = current->nsproxy->cgroup_ns->root_cset->dfl_cgrp;

	return cgrp == &cgrp_dfl_root.cgrp ? NULL : cgrp;
#else
	return NULL;
#endif
}

/* Get the path of po_root_cgroup(). */
static inline int po_root_cgroup_path(struct cgroup *cgrp, char *buf,
				      size_t size)
{
#ifdef CONFIG_CGROUPS
	return po_whole_path(cgroup_path(cgrp, buf, size), size);
#else
	return -EOPNOTSUPP;
#endif
}

/* 5.10 has a second argument, for the errno. */
static inline struct socket *po_socket(struct file *file)
{
#ifdef PO_HAS_SOCK_FROM_FILE_ERR
	int err;

	return sock_from_file(file, &err);
#else
	return sock_from_file(file);
#endif
}

/**
 * po_sock_from_file() - get the socket of a file that is not referenced
 * @file: file, read from a descriptor table in this RCU read-side section
 *
 * From 6.7 on, the file may be freed and reused as another file at any moment.
 * Two lookups with the same result prove that it was the file of this socket at
 * some point in the RCU section, and RCU keeps the socket alive from there on.
 *
 * Context: under RCU.
 * Return: the socket, or NULL if the file is not a socket or is being reused.
 */
static inline struct socket *po_sock_from_file(struct file *file)
{
	struct socket *socket = po_socket(file);

	/* Each lookup reads f_op first; pairs with the release of a new file. */
	smp_rmb();

	return socket && po_socket(file) == socket ? socket : NULL;
}

/* From 6.8 on the sockets of a port are grouped by address. */
#ifndef PO_HAS_ADDR_BUCKET_OWNERS
static inline struct sock *po_tb_first(const struct inet_bind_bucket *tb)
{
	return hlist_entry_safe(tb->owners.first, struct sock, sk_bind_node);
}

static inline struct sock *po_tb_next(const struct sock *sk)
{
	return hlist_entry_safe(sk->sk_bind_node.next, struct sock,
				sk_bind_node);
}
#else
static inline struct sock *po_tb2_first(struct inet_bind2_bucket *tb2)
{
	hlist_for_each_entry_from(tb2, bhash_node)
		if (!hlist_empty(&tb2->owners))
			return hlist_entry(tb2->owners.first, struct sock,
					   sk_bind_node);

	return NULL;
}

static inline struct sock *po_tb_first(const struct inet_bind_bucket *tb)
{
	return po_tb2_first(hlist_entry_safe(tb->bhash2.first,
					      struct inet_bind2_bucket,
					      bhash_node));
}

static inline struct sock *po_tb_next(const struct sock *sk)
{
	const struct inet_bind2_bucket *tb2;

	if (sk->sk_bind_node.next)
		return hlist_entry(sk->sk_bind_node.next, struct sock,
				   sk_bind_node);

	tb2 = sk->sk_state == TCP_TIME_WAIT ? inet_twsk(sk)->tw_tb2 :
					      inet_csk(sk)->icsk_bind2_hash;

	return po_tb2_first(hlist_entry_safe(tb2->bhash_node.next,
					      struct inet_bind2_bucket,
					      bhash_node));
}
#endif

/**
 * po_addr_bucket() - get the key of a socket in TCP's hash by address
 * @sk: socket or time-wait socket that has a port
 * @l3mdev: result: VRF; unchanged on kernels without this hash
 * @family: result: family of the first socket of its hash entry; unchanged on
 *	kernels where that is irrelevant
 *
 * Context: called with the bucket of the port locked.
 */
static inline void po_addr_bucket(const struct sock *sk, int *l3mdev,
				  u16 *family)
{
#if PO_HASHES_ADDRS
	const struct inet_bind2_bucket *tb2;

	tb2 = sk->sk_state == TCP_TIME_WAIT ? inet_twsk(sk)->tw_tb2 :
					      inet_csk(sk)->icsk_bind2_hash;
	if (!tb2)
		return;

	*l3mdev = tb2->l3mdev;
#if PO_MISSES_MAPPED_ANY && IS_ENABLED(CONFIG_IPV6)
	*family = tb2->family;
#endif
#endif
}

/**
 * po_conflict_uid() - get the user that the kernel compares for SO_REUSEPORT
 * @sk: full socket that the caller keeps alive
 *
 * Older kernels take it from the inode: a socket without an inode is root's.
 *
 * Context: any but hard interrupts; may take sk_callback_lock.
 * Return: user.
 */
static inline kuid_t po_conflict_uid(struct sock *sk)
{
#ifdef PO_HAS_SOCK_I_UID
	return sock_i_uid(sk);
#else
	return READ_ONCE(sk->sk_uid);
#endif
}

/**
 * po_task_dumpable() - whether a process may be inspected by its own user
 * @task: any thread of the process; the caller holds a reference
 * @mm: its address space, or NULL for exiting processes and kernel threads
 * @ns: result: user namespace over which others need capabilities to inspect
 *	the process; referenced
 *
 * Context: process context.
 * Return: true if it may.
 */
static inline bool po_task_dumpable(struct task_struct *task,
				    struct mm_struct *mm,
				    struct user_namespace **ns)
{
#ifndef SUID_DUMP_USER
	struct task_exec_state *state;
	bool dumpable;

	rcu_read_lock();
	state = rcu_dereference(task->exec_state);
	dumpable = READ_ONCE(state->dumpable) == TASK_DUMPABLE_OWNER;
	*ns = get_user_ns(state->user_ns);
	rcu_read_unlock();

	return dumpable;
#else
	*ns = get_user_ns(mm ? mm->user_ns : &init_user_ns);

	return mm && get_dumpable(mm) == SUID_DUMP_USER;
#endif
}

/**
 * po_get_slot() - get a reference to the file in a slot
 * @slot: pointer in a descriptor table or an address space
 *
 * Context: under RCU.
 * Return: a referenced file, or NULL if there is none.
 */
static inline struct file *po_get_slot(struct file __rcu **slot)
{
#ifdef get_file_rcu
	struct file *file = rcu_dereference(*slot);

	return file && get_file_rcu(file) ? file : NULL;
#else
	return get_file_rcu(slot);
#endif
}

/**
 * po_mm_exe_file() - get the executable of an address space
 * @mm: address space; the caller holds a reference
 *
 * Context: any that may enter an RCU read-side section.
 * Return: a referenced file, or NULL if there is none.
 */
static inline struct file *po_mm_exe_file(struct mm_struct *mm)
{
	struct file *file;

	rcu_read_lock();
	file = po_get_slot(&mm->exe_file);
	rcu_read_unlock();

	return file;
}

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

/* Whether a thread has ever used an io_uring, and so may have one. */
static inline bool po_has_io_uring(const struct task_struct *task)
{
#ifdef CONFIG_IO_URING
	return READ_ONCE(task->io_uring);
#else
	return false;
#endif
}

/* 5.14 renamed task_struct.state. */
#ifndef task_is_running
#define task_is_running(task)	(READ_ONCE((task)->state) == TASK_RUNNING)
#endif

#endif /* _PO_COMPAT_H */
