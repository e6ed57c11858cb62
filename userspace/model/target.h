/* SPDX-License-Identifier: GPL-2.0 */
/* TARGET: [PROTO/][ADDR[%DEVICE]:]PORT[-LAST], or the same with /PROTO at the end */
#ifndef PORTOWNER_TARGET_H
#define PORTOWNER_TARGET_H

#include <net/if.h>
#include <stdbool.h>
#include <linux/types.h>

#include "model/model.h"

/**
 * struct target - A port or range, optionally with a protocol and an address.
 * @proto: IPPROTO_*, or 0 for any
 * @port: in host byte order
 * @port_last: last port of the range; @port for a single port
 * @family: of @addr, or 0 for any address
 * @addr: 4 or 16 bytes in network order
 * @localhost: @addr is 127.0.0.1, and ::1 is meant as well
 * @dev: device of the address, by name or number, or empty
 */
struct target {
	__u16 proto;
	__u16 port;
	__u16 port_last;
	__u16 family;
	unsigned char addr[16];
	bool localhost;
	char dev[IF_NAMESIZE];
};

#define RAW_NUMBERS	"a protocol number is from 1 to 255"

/* target_parse() or target_parse_wanted(). */
typedef bool target_parser(struct target *target, const char *text,
			   const char **why);

bool proto_may_have(__u16 proto, __u16 port);
bool target_parse(struct target *target, const char *text, const char **why);
bool target_parse_wanted(struct target *target, const char *text,
			 const char **why);
bool target_find_dev(struct target *target);
bool target_binds_dev(const struct target *target);
bool target_localhost6(const struct target *target, struct target *six);
bool target_is_plain(const struct target *target, const char *text);
bool target_matches(const struct target *target, const struct endpoint *ep);
bool targets_match(const struct target *targets, size_t n,
		   const struct endpoint *ep);

#endif /* PORTOWNER_TARGET_H */
