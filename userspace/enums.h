/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers of the kernel and the words the tool has for them. */
#ifndef PORTOWNER_ENUMS_H
#define PORTOWNER_ENUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/* Bit N is state N; what the kernel takes as PORTOWNER_A_PORT_STATES. */
#define STATES_ALL	0xffeU

/* What proto_parse() takes, for those who wrote something else. */
#define PROTOS_ASKED	"tcp, udp, mptcp, udplite, sctp, icmp or raw"

const char *proto_name(__u16 proto);
bool proto_has_ports(__u16 proto);
__u16 proto_parse(const char *name, size_t len);
const char *family_name(__u16 family);
const char *state_name(__u32 state);
__u32 state_parse(const char *name, size_t len);
const char *share_name(__u32 share);
const char *op_name(__u32 op);
const char *rule_name(__u32 rule);
const char *errno_name(__u32 err);

#endif /* PORTOWNER_ENUMS_H */
