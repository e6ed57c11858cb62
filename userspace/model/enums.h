/* SPDX-License-Identifier: GPL-2.0 */
/* Names of the values of kernel enumerations. */
#ifndef PORTOWNER_ENUMS_H
#define PORTOWNER_ENUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/* Bit N is state N, as in PORTOWNER_A_PORT_STATES. */
#define STATES_ALL	0xfffeU
/* Listening and bound. */
#define STATES_DEFAULT	0x480U

/* What proto_parse() accepts, for error messages. */
#define PROTOS_ASKED	"tcp, udp, mptcp, udplite, sctp, icmp or raw"

const char *proto_name(__u16 proto);
bool proto_has_ports(__u16 proto);
bool proto_is_searched(__u16 proto);
__u16 proto_parse(const char *name, size_t len);
const char *family_name(__u16 family);
const char *state_name(__u32 state);
__u32 state_parse(const char *name, size_t len);
const char *state_listed(size_t nr);
const char *share_name(__u32 share);
const char *op_name(__u32 op);
const char *reason_name(__u32 reason);
const char *rule_name(__u32 rule);
const char *errno_name(__u32 err);

#endif /* PORTOWNER_ENUMS_H */
