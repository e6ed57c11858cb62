// SPDX-License-Identifier: GPL-2.0
/* One table of names for each kernel enumeration. */

#include <netinet/in.h>
#include <string.h>
#include <linux/portowner.h>

#include "lib/util.h"
#include "model/enums.h"
#include "model/model.h"

struct word {
	__u32 value;
	const char *name;
};

/* Users may name the first ones only; a reject may have any of them. */
static const struct word protos[] = {
	{ IPPROTO_TCP,		"tcp" },
	{ IPPROTO_UDP,		"udp" },
	{ IPPROTO_MPTCP,	"mptcp" },
	{ IPPROTO_UDPLITE,	"udplite" },
	{ IPPROTO_SCTP,		"sctp" },
	{ IPPROTO_ICMP,		"icmp" },
	{ IPPROTO_RAW,		"raw" },
	{ IPPROTO_DCCP,		"dccp" },
	{ IPPROTO_ICMPV6,	"icmpv6" },
};

#define N_PROTOS_ASKED	7

#define N_STATES	15

/* The first name of a state is printed; the others are accepted too. */
static const struct word states[] = {
	{ PORTOWNER_STATE_ESTABLISHED,	"established" },
	{ PORTOWNER_STATE_SYN_SENT,	"syn-sent" },
	{ PORTOWNER_STATE_SYN_RECV,	"syn-recv" },
	{ PORTOWNER_STATE_FIN_WAIT_1,	"fin-wait-1" },
	{ PORTOWNER_STATE_FIN_WAIT_2,	"fin-wait-2" },
	{ PORTOWNER_STATE_TIME_WAIT,	"time-wait" },
	{ PORTOWNER_STATE_BOUND,	"bound" },
	{ PORTOWNER_STATE_CLOSE_WAIT,	"close-wait" },
	{ PORTOWNER_STATE_LAST_ACK,	"last-ack" },
	{ PORTOWNER_STATE_LISTEN,	"listen" },
	{ PORTOWNER_STATE_CLOSING,	"closing" },
	{ PORTOWNER_STATE_SHUTDOWN_PENDING,	"shutdown-pending" },
	{ PORTOWNER_STATE_SHUTDOWN_SENT,	"shutdown-sent" },
	{ PORTOWNER_STATE_SHUTDOWN_RECEIVED,	"shutdown-received" },
	{ PORTOWNER_STATE_SHUTDOWN_ACK_SENT,	"shutdown-ack-sent" },
	{ PORTOWNER_STATE_LISTEN,	"listening" },
	{ PORTOWNER_STATE_ESTABLISHED,	"estab" },
	{ PORTOWNER_STATE_BOUND,	"unconn" },
	{ PORTOWNER_STATE_BOUND,	"unconnected" },
	{ PORTOWNER_STATE_BOUND,	"close" },
	{ PORTOWNER_STATE_BOUND,	"closed" },
};

static const struct word shares[] = {
	{ PORTOWNER_SHARE_EXCLUSIVE,	"exclusive" },
	{ PORTOWNER_SHARE_REUSEPORT,	"reuseport" },
	{ PORTOWNER_SHARE_REUSEADDR,	"reuseaddr" },
	{ PORTOWNER_SHARE_INHERITED,	"inherited" },
};

static const struct word ops[] = {
	{ PORTOWNER_REJECT_OP_BIND,	"bind" },
	{ PORTOWNER_REJECT_OP_LISTEN,	"listen" },
	{ PORTOWNER_REJECT_OP_AUTOBIND,	"autobind" },
};

static const struct word reasons[] = {
	{ PORTOWNER_REASON_NOT_CONFIGURED,	"not-configured" },
	{ PORTOWNER_REASON_INTERFACE_DOWN,	"interface-down" },
	{ PORTOWNER_REASON_TENTATIVE,		"tentative" },
	{ PORTOWNER_REASON_DUPLICATE_ADDRESS,	"duplicate-address" },
	{ PORTOWNER_REASON_IPV6_DISABLED,	"ipv6-disabled" },
	{ PORTOWNER_REASON_OTHER_VRF,		"other-vrf" },
	{ PORTOWNER_REASON_OTHER_NETNS,		"other-netns" },
	{ PORTOWNER_REASON_DEVICE_MISSING,	"device-missing" },
	{ REASON_FILE_CAPS_IGNORED,		"file-capabilities-ignored" },
	{ REASON_CAP_ELSEWHERE,			"capability-elsewhere" },
	{ REASON_CAP_DENIED,			"capability-denied" },
	{ REASON_ADDRESS_NOT_READ,		"address-not-read" },
	{ PORTOWNER_REASON_TUPLE_IN_USE,	"tuple-in-use" },
};

static const struct word rules[] = {
	{ PORTOWNER_RULE_OTHER,			"other" },
	{ PORTOWNER_RULE_ADDRESS_IN_USE,	"address-in-use" },
	{ PORTOWNER_RULE_REUSEPORT_UID_DIFFERS,	"reuseport-uid-differs" },
	{ PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING,
						"reuseaddr-holder-listening" },
	{ PORTOWNER_RULE_TIME_WAIT,		"time-wait" },
	{ PORTOWNER_RULE_WILDCARD_COVERS,	"wildcard-covers" },
	{ PORTOWNER_RULE_DUAL_STACK_COVERS,	"dual-stack-covers" },
	{ PORTOWNER_RULE_EPHEMERAL_EXHAUSTED,	"ephemeral-exhausted" },
	{ PORTOWNER_RULE_ADDRESS_NOT_LOCAL,	"address-not-local" },
	{ PORTOWNER_RULE_PRIVILEGED_PORT,	"privileged-port" },
	{ PORTOWNER_RULE_ALREADY_BOUND,		"already-bound" },
	{ PORTOWNER_RULE_DENIED_BY_LSM,		"denied-by-lsm" },
	{ PORTOWNER_RULE_DENIED_BY_BPF,		"denied-by-bpf" },
	{ PORTOWNER_RULE_INVALID_ARGUMENT,	"invalid-argument" },
};

static const char *name_of(const struct word *words, size_t n, __u32 value)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (words[i].value == value)
			return words[i].name;
	return NULL;
}

static __u32 value_of(const struct word *words, size_t n, const char *name,
		      size_t len)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strlen(words[i].name) == len &&
		    !strncasecmp(words[i].name, name, len))
			return words[i].value;
	return 0;
}

/**
 * proto_name() - Name of a protocol.
 * @proto: IPPROTO_*
 *
 * Return: the name, or NULL.
 */
const char *proto_name(__u16 proto)
{
	return name_of(protos, ARRAY_SIZE(protos), proto);
}

/**
 * proto_has_ports() - Does a protocol have ports?
 * @proto: IPPROTO_*
 *
 * Instead of a port, a ping socket has an ICMP identifier, and a raw socket a
 * protocol number.
 *
 * Return: true if it does.
 */
bool proto_has_ports(__u16 proto)
{
	return proto != IPPROTO_ICMP && proto != IPPROTO_RAW;
}

/**
 * proto_is_searched() - Does the module look up sockets of a protocol?
 * @proto: IPPROTO_*
 *
 * Refusals are logged for every protocol, but the holder of a DCCP port or an
 * L2TP identifier is not looked up.
 *
 * Return: true if it does.
 */
bool proto_is_searched(__u16 proto)
{
	size_t i;

	for (i = 0; i < N_PROTOS_ASKED; i++)
		if (protos[i].value == proto)
			return true;
	return proto == IPPROTO_ICMPV6;
}

/**
 * proto_parse() - Number of a protocol that users may name.
 * @name: name, case-insensitive
 * @len: its length
 *
 * Return: IPPROTO_*, or 0.
 */
__u16 proto_parse(const char *name, size_t len)
{
	return value_of(protos, N_PROTOS_ASKED, name, len);
}

/**
 * family_name() - Name of an address family.
 * @family: AF_*
 *
 * Return: the name.
 */
const char *family_name(__u16 family)
{
	return family == AF_INET6 ? "inet6" : "inet";
}

/**
 * state_name() - Name of a socket state, as printed by ss.
 * @state: enum portowner_state
 *
 * Return: the name, or "unknown".
 */
const char *state_name(__u32 state)
{
	const char *name = name_of(states, ARRAY_SIZE(states), state);

	return name ? name : "unknown";
}

/**
 * state_parse() - Number of a socket state.
 * @name: name, case-insensitive
 * @len: its length
 *
 * Return: enum portowner_state, or 0.
 */
__u32 state_parse(const char *name, size_t len)
{
	return value_of(states, ARRAY_SIZE(states), name, len);
}

/**
 * state_listed() - Name of a socket state, to list them all.
 * @nr: index from 0
 *
 * Return: the name, as from state_name(); NULL after the last.
 */
const char *state_listed(size_t nr)
{
	return nr < N_STATES ? states[nr].name : NULL;
}

/**
 * share_name() - Name of a way to share a port.
 * @share: enum portowner_share
 *
 * Return: the name, or "unknown".
 */
const char *share_name(__u32 share)
{
	const char *name = name_of(shares, ARRAY_SIZE(shares), share);

	return name ? name : "unknown";
}

/**
 * op_name() - Name of the refused operation.
 * @op: enum portowner_reject_op
 *
 * Return: the name, or "unknown".
 */
const char *op_name(__u32 op)
{
	const char *name = name_of(ops, ARRAY_SIZE(ops), op);

	return name ? name : "unknown";
}

/**
 * reason_name() - Name of the reason why an address is not available.
 * @reason: enum portowner_reason
 *
 * Return: the name, or NULL without a reason or for one of a newer module.
 */
const char *reason_name(__u32 reason)
{
	return reason ? name_of(reasons, ARRAY_SIZE(reasons), reason) : NULL;
}

/**
 * rule_name() - Name of the rule that applied.
 * @rule: enum portowner_rule
 *
 * Return: the name; "other" for a rule of a newer module.
 */
const char *rule_name(__u32 rule)
{
	const char *name = name_of(rules, ARRAY_SIZE(rules), rule);

	return name ? name : "other";
}

/**
 * errno_name() - Name of an error number, such as "EADDRINUSE".
 * @err: positive errno
 *
 * Return: the name, or NULL.
 */
const char *errno_name(__u32 err)
{
	return strerrorname_np(err);
}
