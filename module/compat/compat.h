/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between the kernels portowner builds for; force-included. */

#ifndef _PO_COMPAT_H
#define _PO_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error "portowner needs Linux 5.10 or later"
#endif

#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/net.h>
#include <linux/rcupdate.h>
#include <linux/sched/coredump.h>
#include <linux/task_work.h>
#include <net/genetlink.h>
#include <net/inet_connection_sock.h>
#include <net/inet_timewait_sock.h>
#include <net/udp.h>

/* Before 6.2 a table of commands with one mode each is a genl_ops table. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define genl_split_ops	genl_ops
#define split_ops	ops
#define n_split_ops	n_ops
#endif

/* 5.10 has one bit, for CAP_SYS_ADMIN, where later kernels have flags. */
#ifdef GENL_MCAST_CAP_NET_ADMIN
#define PO_MCGRP_NET_ADMIN	.flags = GENL_MCAST_CAP_NET_ADMIN
#else
#define PO_MCGRP_NET_ADMIN	.cap_sys_admin = 1
#endif

/* The parsed attributes of a dump moved into struct genl_info in 6.7. */
static inline struct nlattr **po_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	return genl_dumpit_info(cb)->attrs;
#else
	return genl_info_dump(cb)->attrs;
#endif
}

/* The per-namespace UDP table came with 6.2; before, there is one for all. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define po_udp_table(net)	(&udp_table)
#else
#define po_udp_table(net)	((net)->ipv4.udp_table)
#endif

/* Bits of struct inet_sock became bits of inet_flags in 6.6. */
#ifdef inet_test_bit
#define po_inet_freebind(sk)	inet_test_bit(FREEBIND, sk)
#define po_inet_transparent(sk)	inet_test_bit(TRANSPARENT, sk)
#else
#define po_inet_freebind(sk)	(inet_sk(sk)->freebind)
#define po_inet_transparent(sk)	(inet_sk(sk)->transparent)
#endif

/* 5.10 reports through a second argument why a file is no socket. */
static inline struct socket *po_sock_from_file(struct file *file)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
	int err;

	return sock_from_file(file, &err);
#else
	return sock_from_file(file);
#endif
}

/**
 * po_mm_exe_file() - the executable of an address space
 * @mm: address space; the caller holds a reference
 *
 * Context: any that may enter an RCU read-side section.
 * Return: a referenced file, or NULL if there is none.
 */
static inline struct file *po_mm_exe_file(struct mm_struct *mm)
{
	struct file *file;

	rcu_read_lock();
#ifdef get_file_rcu
	file = rcu_dereference(mm->exe_file);
	if (file && !get_file_rcu(file))
		file = NULL;
#else
	file = get_file_rcu(&mm->exe_file);
#endif
	rcu_read_unlock();

	return file;
}

#endif /* _PO_COMPAT_H */
