/* SPDX-License-Identifier: GPL-2.0 */
/* The ephemeral port range, once it is exhausted. */
#ifndef PORTOWNER_PORT_RANGE_H
#define PORTOWNER_PORT_RANGE_H

#include <stddef.h>
#include <linux/types.h>

/**
 * struct range_holder - A process that holds ports of the range.
 * @pid: 0 if it has none in the reader's pid namespace
 * @uid: effective user id
 * @ports: number of its sockets on ports of the range
 * @comm: command name, untrusted bytes
 */
struct range_holder {
	__u32 pid;
	__u32 uid;
	__u32 ports;
	char *comm;
};

/**
 * struct port_range - The range, and the use of its ports.
 * @first: lowest port
 * @last: highest port
 * @reserved: number of ports in ip_local_reserved_ports
 * @taken: number of other ports that are in use
 * @time: time of the count, in nanoseconds of CLOCK_REALTIME, or 0
 * @holders: array: the visible processes with most ports, in descending order
 * @n_holders: elements in @holders
 * @room: elements allocated
 */
struct port_range {
	__u16 first;
	__u16 last;
	__u32 reserved;
	__u32 taken;
	__u64 time;
	struct range_holder *holders;
	size_t n_holders;
	size_t room;
};

struct range_holder *port_range_add_holder(struct port_range *range);
void port_range_free(struct port_range *range);

#endif /* PORTOWNER_PORT_RANGE_H */
