/* SPDX-License-Identifier: GPL-2.0 */
/* Private to this folder: the table of each protocol. */

#ifndef _PO_TABLES_H
#define _PO_TABLES_H

#include <linux/list.h>
#include <net/inet_connection_sock.h>
#include <net/inet_timewait_sock.h>

#include "sockets/sockets.h"

/* ---- tcp.c, udp.c, raw.c, ping.c, sctp.c ---- */

/*
 * Whether eight consecutive buckets are empty, at the cost of testing two: the
 * list of the first is at @list, each next one @size bytes after it.
 */
static inline bool po_eight_empty(const struct hlist_head *list, size_t size)
{
	unsigned long some = 0;
	int i;

#pragma GCC unroll 8
	for (i = 0; i < 8; i++) {
		some |= (unsigned long)READ_ONCE(list->first);
		list = (const void *)((const u8 *)list + size);
	}

	return !some;
}

/* The bucket of the port of a TCP socket or time-wait socket. */
static inline struct inet_bind_bucket *po_tcp_tb(const struct sock *sk)
{
	return sk->sk_state == TCP_TIME_WAIT ? inet_twsk(sk)->tw_tb :
					       inet_csk(sk)->icsk_bind_hash;
}

extern const struct po_table po_table_tcp;
extern const struct po_table po_table_udp;
extern const struct po_table po_table_udplite;
extern const struct po_table po_table_raw_v4;
extern const struct po_table po_table_raw_v6;
extern const struct po_table po_table_ping;
extern const struct po_table po_table_sctp;

int po_ping_init(void);

/* Counts of sockets read in a bounded walk: one per CPU and namespace. */
#define PO_COUNTS_MAX	4096

/* Estimated instructions to read one. */
#define PO_COST_COUNT	8

/* ---- sctp_count.c: how many SCTP sockets there are ---- */

/**
 * struct po_sctp_family - properties of all SCTP sockets of one address family
 * @prot: protocol, which counts its sockets
 * @ops: operations, by which its sockets are recognised
 */
struct po_sctp_family {
	struct proto *prot;
	const struct proto_ops *ops;
};

#ifdef PO_SCTP
void po_sctp_init(void);
void po_sctp_exit(void);
#else
static inline void po_sctp_init(void)
{
}

static inline void po_sctp_exit(void)
{
}
#endif

bool po_sctp_get_families(struct net *net, struct po_sctp_family *families,
			  bool learn);
int po_sctp_count(struct net *net, const struct po_sctp_family *families);
u32 po_sctp_count_all(struct net *net);
bool po_sctp_few(struct net *net, struct po_snap *snap);

/* ---- fd_sockets.c: find sockets through descriptors ---- */

/**
 * struct po_file_visitor - callbacks for the files of sockets
 * @wanted: whether to visit a socket; under RCU, the socket may be closing
 * @visit: visit a file and drop its reference; a value other than 0 ends the
 *	walk
 * @snap: snapshot that the walk fills, or NULL
 * @until: as in &struct po_sk_visitor
 */
struct po_file_visitor {
	bool (*wanted)(const struct po_file_visitor *visitor,
		       const struct socket *socket);
	int (*visit)(const struct po_file_visitor *visitor, struct file *file);
	struct po_snap *snap;
	u64 until;
};

int po_visit_sock_files(const struct po_file_visitor *visitor);

#endif /* _PO_TABLES_H */
