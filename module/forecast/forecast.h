/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a bind would succeed. */

#ifndef _PO_FORECAST_H
#define _PO_FORECAST_H

#include <linux/if.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include <uapi/linux/portowner.h>

struct net;
struct po_proc;
struct po_snap;
struct po_sock;
struct po_want;
struct sock;

/* ---- port_range.c: the ephemeral port range, and who uses most of it ---- */

#define PO_RANGE_HOLDERS	5

/**
 * struct po_range_holder - a process that holds ports of the range
 * @proc: process
 * @ports: number of its sockets with a port of the range
 */
struct po_range_holder {
	struct po_proc *proc;
	u32 ports;
};

/**
 * struct po_range - usage of an ephemeral port range
 * @refs: references, of records and readers
 * @time: when the ports were counted, in nanoseconds of CLOCK_REALTIME
 * @proto: IPPROTO_* of the sockets that were counted
 * @first: first port
 * @last: last port
 * @reserved: number of ports in ip_local_reserved_ports, which are never chosen
 * @taken: number of other ports in use
 * @holders: processes with the most ports, in descending order
 * @nr: number of @holders
 *
 * Immutable after creation, except for @refs.
 */
struct po_range {
	refcount_t refs;
	u64 time;
	u16 proto;
	u16 first;
	u16 last;
	u32 reserved;
	u32 taken;
	struct po_range_holder holders[PO_RANGE_HOLDERS];
	u32 nr;
};

struct po_range *po_range_new(struct net *net, u16 proto);
struct po_range *po_range_between(struct net *net, u16 proto, int first,
				  int last);
struct po_range *po_range_get(struct po_range *range);
bool po_range_seems_full(const struct sock *sk, u16 proto);
void po_range_put(struct po_range *range);

/* ---- reason.c: why an address cannot be bound to ---- */

/**
 * struct po_reason - why an address is not available
 * @value: the reason
 * @dev: name of the device concerned, "" if none
 */
struct po_reason {
	enum portowner_reason value;
	char dev[IFNAMSIZ];
};

bool po_addr_is_global(const struct po_sock *sock);
bool po_addr_is_up(struct net *net, const struct po_sock *sock);
void po_reason_of(struct net *net, const struct po_want *want,
		  enum portowner_rule rule, int err, struct po_reason *reason);

/* ---- bind.c: whether a bind would succeed ---- */

u32 po_unchecked(u16 family);
int po_forecast(struct net *net, const struct po_want *want, bool privileged,
		bool listen, struct po_snap *culprits, enum portowner_reject_op *op);

#endif /* _PO_FORECAST_H */
