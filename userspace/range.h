/* SPDX-License-Identifier: GPL-2.0 */
/* The automatic range of ports, when none of it was free. */
#ifndef PORTOWNER_RANGE_H
#define PORTOWNER_RANGE_H

#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>

/**
 * struct range_holder - A process that holds ports of the range.
 * @pid: 0 if the reader's pid namespace can't see it
 * @uid: effective user id
 * @ports: its sockets there
 * @comm: command name, untrusted bytes
 */
struct range_holder {
	__u32 pid;
	__u32 uid;
	__u32 ports;
	char *comm;
};

/**
 * struct port_range - The range, and where its ports have gone.
 * @first: lowest port
 * @last: highest port
 * @reserved: ports that ip_local_reserved_ports keeps free
 * @taken: other ports that have a socket
 * @time: when they were counted, in nanoseconds of CLOCK_REALTIME, or 0
 * @holders: who holds most of them, that with most first
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

struct range_holder *range_add_holder(struct port_range *range);
void range_free(struct port_range *range);
void range_put(FILE *out, const struct port_range *range, __u64 refused);

#endif /* PORTOWNER_RANGE_H */
