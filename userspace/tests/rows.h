/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets for an audit, built by hand, and the findings about them. */
#ifndef PORTOWNER_TESTS_ROWS_H
#define PORTOWNER_TESTS_ROWS_H

#include "audit/audit.h"

#define HERE	4026531840U

/**
 * struct row - A socket.
 * @addr: local address
 * @proto: IPPROTO_*, or 0 for TCP
 * @port: local port
 * @state: enum portowner_state, or 0 for that of a server
 * @flags: enum portowner_sock_flag
 * @uid: user
 * @pid: owner, or 0 for none
 * @comm: its name, or NULL for "server"
 * @exe: its executable, or NULL
 * @cgroup: its cgroup, or NULL
 * @binder: name of the binder, or NULL if it is not known
 * @binder_pid: its pid
 * @binder_lives: it is still running
 * @kernel: part of the kernel that holds it, or NULL
 * @hidden: there are unknown processes
 * @by_kernel: the kernel chose the port
 * @unknown: what is not known, UNKNOWN_*; if anything, also who chose the port
 * @netns: namespace, or 0 for that of the tool
 */
struct row {
	const char *addr;
	__u16 proto;
	__u16 port;
	__u32 state;
	__u32 flags;
	__u32 uid;
	__u32 pid;
	const char *comm;
	const char *exe;
	const char *cgroup;
	const char *binder;
	__u32 binder_pid;
	bool binder_lives;
	const char *kernel;
	bool hidden;
	bool by_kernel;
	__u32 unknown;
	__u32 netns;
};

void rows_add(struct row row);

/* Add a socket with these members. */
#define ROW(...)	rows_add((struct row){ __VA_ARGS__ })

void rows_audit(struct audit *audit);
void rows_clear(void);

/* The N-th finding with an identifier, or NULL. */
const struct finding *rows_finding(const struct audit *audit,
				   enum finding_id id, size_t nr);
size_t rows_count(const struct audit *audit, enum finding_id id);

#endif /* PORTOWNER_TESTS_ROWS_H */
