/* SPDX-License-Identifier: GPL-2.0 */
/* TARGET: [PROTO/][ADDR:]PORT, or [PROTO/][ADDR%DEVICE]:PORT */
#ifndef PORTOWNER_TARGET_H
#define PORTOWNER_TARGET_H

#include <net/if.h>
#include <stdbool.h>
#include <linux/types.h>

#include "model.h"

/**
 * struct target - A port, and perhaps a protocol and an address.
 * @proto: IPPROTO_*, or 0 for any
 * @port: host byte order
 * @family: of @addr, or 0 for any address
 * @addr: 4 or 16 bytes in network order
 * @dev: device that the address is one of, or empty
 */
struct target {
	__u16 proto;
	__u16 port;
	__u16 family;
	unsigned char addr[16];
	char dev[IF_NAMESIZE];
};

#define RAW_NUMBERS	"the number of a protocol is from 1 to 255"

bool proto_may_have(__u16 proto, __u16 port);
bool target_parse(struct target *target, const char *text, const char **why);
bool target_parse_wanted(struct target *target, const char *text,
			 const char **why);
bool target_parse_port(struct target *target, const char *text,
		       const char **why);
bool target_matches(const struct target *target, const struct endpoint *ep);

#endif /* PORTOWNER_TARGET_H */
