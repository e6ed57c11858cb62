// SPDX-License-Identifier: GPL-2.0
/*
 * Decode sock_diag messages into the model. What a kernel does not report,
 * because it is too old or the socket too small, is marked as unknown.
 */

#include <linux/inet_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>

#include "diag/decode.h"
#include "lib/host.h"
#include "lib/util.h"
#include "model/endpoint.h"

#define ATTR_MAX	INET_DIAG_SOCKOPT

/* TCP_BOUND_INACTIVE, since Linux 6.8; older headers lack it. */
#define STATE_BOUND_INACTIVE	13

/* The TIME_WAIT timer, in idiag_timer. */
#define TIMER_TIME_WAIT	3

#define UNKNOWN_ALWAYS	(UNKNOWN_REUSE | UNKNOWN_SHARE | UNKNOWN_GROUP_SIZE | \
			 UNKNOWN_UNTRACKED)

static const struct nla_policy policy[ATTR_MAX + 1] = {
	[INET_DIAG_SHUTDOWN]	= { .type = NLA_U8 },
	[INET_DIAG_SKV6ONLY]	= { .type = NLA_U8 },
	[INET_DIAG_CGROUP_ID]	= { .type = NLA_U64 },
	[INET_DIAG_SOCKOPT]	= { .minlen = sizeof(struct inet_diag_sockopt) },
};

/* States of SCTP associations, as the kernel numbers them. */
static const __u32 sctp_states[] = {
	PORTOWNER_STATE_BOUND,
	PORTOWNER_STATE_SYN_SENT,
	PORTOWNER_STATE_SYN_SENT,
	PORTOWNER_STATE_ESTABLISHED,
	PORTOWNER_STATE_SHUTDOWN_PENDING,
	PORTOWNER_STATE_SHUTDOWN_SENT,
	PORTOWNER_STATE_SHUTDOWN_RECEIVED,
	PORTOWNER_STATE_SHUTDOWN_ACK_SENT,
};

/* An association has peer addresses, an endpoint does not. */
static __u32 state_of(const struct inet_diag_msg *msg, __u16 proto,
		      struct nlattr **tb)
{
	if (proto == IPPROTO_SCTP && tb[INET_DIAG_PEERS])
		return msg->idiag_state < ARRAY_SIZE(sctp_states) ?
			       sctp_states[msg->idiag_state] :
			       PORTOWNER_STATE_ESTABLISHED;
	if (msg->idiag_state == STATE_BOUND_INACTIVE)
		return PORTOWNER_STATE_BOUND;
	return msg->idiag_state;
}

/* An MPTCP subflow is a TCP socket with mptcp as its upper layer. */
static bool is_subflow(struct nlattr *ulp)
{
	struct nlattr *tb[INET_ULP_INFO_MAX + 1];

	return ulp &&
	       nla_parse_nested(tb, INET_ULP_INFO_MAX, ulp, NULL) >= 0 &&
	       tb[INET_ULP_INFO_NAME] &&
	       !strncmp(nla_data(tb[INET_ULP_INFO_NAME]), "mptcp",
			nla_len(tb[INET_ULP_INFO_NAME]));
}

static bool is_wanted(const struct diag_answer *answer,
		      const struct inet_diag_msg *msg, __u32 state, bool mini)
{
	const struct filter *f = answer->filter;
	__u16 port = ntohs(msg->id.idiag_sport);

	/* A connection request holds no port of its own. */
	if (mini && state == PORTOWNER_STATE_SYN_RECV)
		return false;
	/* The protocol number of a raw socket may be 0. */
	if (!port && answer->proto != IPPROTO_RAW)
		return false;
	return f->states & 1U << state &&
	       (!f->port || (port >= f->port && port <= f->port_last));
}

/* Only sockets that are listening or not connected report v6only. */
static void take_options(struct psock *sock, struct nlattr **tb, bool mini)
{
	const struct inet_diag_sockopt *sockopt = NULL;

	sock->unknown = UNKNOWN_ALWAYS;
	if (tb[INET_DIAG_SKV6ONLY]) {
		if (nla_get_u8(tb[INET_DIAG_SKV6ONLY]))
			sock->ep.flags |= PORTOWNER_SOCK_FLAG_V6ONLY;
	} else if (sock->ep.family == AF_INET6) {
		sock->unknown |= UNKNOWN_V6ONLY;
	}
	if (mini)
		sock->unknown |= UNKNOWN_UID;
	if (tb[INET_DIAG_SOCKOPT])
		sockopt = nla_data(tb[INET_DIAG_SOCKOPT]);
	if (!sockopt) {
		sock->unknown |= UNKNOWN_IP_OPTIONS;
		return;
	}
	if (sockopt->freebind)
		sock->ep.flags |= PORTOWNER_SOCK_FLAG_FREEBIND;
	if (sockopt->transparent)
		sock->ep.flags |= PORTOWNER_SOCK_FLAG_TRANSPARENT;
}

static void take_device(struct psock *sock, __u32 ifindex, bool elsewhere)
{
	char number[16], name[IF_NAMESIZE];

	if (!ifindex)
		return;
	snprintf(number, sizeof(number), "%u", ifindex);
	sock->ep.dev = !elsewhere && host_ifname(number, name) ?
			       xstrdup(name) : xasprintf("if%u", ifindex);
}

/* A connection that was reset leaves its peer in the socket. */
static void take_peer(struct psock *sock, const struct inet_diag_msg *msg)
{
	if (sock->state == PORTOWNER_STATE_BOUND ||
	    sock->state == PORTOWNER_STATE_LISTEN)
		return;
	sock->peer_port = ntohs(msg->id.idiag_dport);
	if (sock->peer_port)
		memcpy(sock->peer_addr, msg->id.idiag_dst,
		       sock->ep.family == AF_INET ? 4 : 16);
}

static void take_state(struct psock *sock, const struct inet_diag_msg *msg)
{
	if (sock->state == PORTOWNER_STATE_LISTEN) {
		sock->has_backlog = true;
		sock->backlog = msg->idiag_rqueue;
		sock->backlog_max = msg->idiag_wqueue;
	}
	if (sock->state == PORTOWNER_STATE_TIME_WAIT &&
	    msg->idiag_timer == TIMER_TIME_WAIT && msg->idiag_expires) {
		sock->has_expires = true;
		sock->expires_ns = msg->idiag_expires * 1000000ULL;
	}
}

static void add_socket(struct diag_answer *answer,
		       const struct inet_diag_msg *msg, struct nlattr **tb,
		       const unsigned char *addr)
{
	bool mini = !tb[INET_DIAG_SHUTDOWN];
	struct psock *sock;

	answer->facts = xgrow(answer->facts, answer->list->n, &answer->room,
			      sizeof(*answer->facts));
	answer->facts[answer->list->n].cgroup_id =
		tb[INET_DIAG_CGROUP_ID] ? nla_get_u64(tb[INET_DIAG_CGROUP_ID]) : 0;
	sock = psock_list_add(answer->list);
	sock->ep.family = msg->idiag_family;
	sock->ep.proto = is_subflow(tb[INET_DIAG_ULP_INFO]) ? IPPROTO_MPTCP :
							      answer->proto;
	sock->ep.port = ntohs(msg->id.idiag_sport);
	memcpy(sock->ep.addr, addr, msg->idiag_family == AF_INET ? 4 : 16);
	sock->state = state_of(msg, answer->proto, tb);
	sock->netns = answer->netns;
	sock->cookie = (__u64)msg->id.idiag_cookie[1] << 32 |
		       msg->id.idiag_cookie[0];
	sock->inode = msg->idiag_inode;
	sock->uid = msg->idiag_uid;
	sock->has_uid = !mini;
	/* The device of an association is on the path to its peer. */
	if (answer->proto != IPPROTO_SCTP || !tb[INET_DIAG_PEERS])
		take_device(sock, msg->id.idiag_if, answer->elsewhere);
	take_options(sock, tb, mini);
	take_peer(sock, msg);
	take_state(sock, msg);
}

/* An SCTP address, in the form used by the family of its socket. */
static void local_address(const void *entry, __u16 family,
			  unsigned char *addr)
{
	const struct sockaddr_in6 *six = entry;
	const struct sockaddr_in *four = entry;

	memset(addr, 0, 16);
	if (four->sin_family == AF_INET6) {
		memcpy(addr, &six->sin6_addr, 16);
	} else if (family == AF_INET) {
		memcpy(addr, &four->sin_addr, 4);
	} else {
		addr[10] = 0xff;
		addr[11] = 0xff;
		memcpy(addr + 12, &four->sin_addr, 4);
	}
}

/* An SCTP socket gets a row for each address that it is bound to. */
static void add_sockets(struct diag_answer *answer,
			const struct inet_diag_msg *msg, struct nlattr **tb)
{
	const char *entry = tb[INET_DIAG_LOCALS] ?
				    nla_data(tb[INET_DIAG_LOCALS]) : NULL;
	int left = entry ? nla_len(tb[INET_DIAG_LOCALS]) : 0;
	const int size = sizeof(struct sockaddr_storage);
	unsigned char addr[16];

	if (left < size)
		add_socket(answer, msg, tb,
			   (const unsigned char *)msg->id.idiag_src);
	for (; left >= size; left -= size, entry += size) {
		local_address(entry, msg->idiag_family, addr);
		add_socket(answer, msg, tb, addr);
	}
}

/* The kernel lists the endpoint of a connection besides its association. */
static bool is_repeated(const struct inet_diag_msg *msg, __u16 proto,
			struct nlattr **tb)
{
	return proto == IPPROTO_SCTP && !tb[INET_DIAG_PEERS] &&
	       msg->idiag_state != TCP_LISTEN && msg->idiag_state != TCP_CLOSE;
}

/**
 * diag_decode() - Decode a message of a sock_diag dump.
 * @nlh: the message
 * @answer: gets the socket, if it is wanted
 *
 * Return: 0, or a negative libnl error.
 */
int diag_decode(struct nlmsghdr *nlh, struct diag_answer *answer)
{
	struct nlattr *tb[ATTR_MAX + 1];
	const struct inet_diag_msg *msg;
	int err;

	if (nlmsg_datalen(nlh) < (int)sizeof(*msg))
		return -NLE_MSG_TOOSHORT;
	msg = nlmsg_data(nlh);
	if (msg->idiag_family != AF_INET && msg->idiag_family != AF_INET6)
		return -NLE_AF_NOSUPPORT;
	err = nlmsg_parse(nlh, sizeof(*msg), tb, ATTR_MAX, policy);
	if (err < 0)
		return err;
	if (!is_repeated(msg, answer->proto, tb) &&
	    is_wanted(answer, msg, state_of(msg, answer->proto, tb),
		      !tb[INET_DIAG_SHUTDOWN]))
		add_sockets(answer, msg, tb);
	return 0;
}
