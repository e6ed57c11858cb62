/* SPDX-License-Identifier: GPL-2.0 */
/* Files of sockets and of executables. */

#ifndef _PO_COMPAT_FILE_H
#define _PO_COMPAT_FILE_H

#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/mount.h>
#include <linux/net.h>
#include <linux/rcupdate.h>

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

	/* Each lookup reads f_op first; pairs with the release of new files. */
	smp_rmb();

	return socket && po_socket(file) == socket ? socket : NULL;
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

#endif /* _PO_COMPAT_FILE_H */
