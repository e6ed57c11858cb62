// SPDX-License-Identifier: GPL-2.0
/* Generic netlink on plain sockets. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/portowner.h>

#include "die.h"
#include "nl.h"

#ifndef NETLINK_EXT_ACK
#define NETLINK_EXT_ACK	11
#endif

/*
 * Small, so that most dumps take several messages, but larger than what the
 * kernel may put into one for any buffer: two paths and the rest.
 */
#define NL_ROOM	(16384 - 320)	/* see MESSAGE_ROOM of the tool */

/* Like FIRST_ROOM of the tool, for the controller. */
#define NL_ROOM_FIRST	3072

/* ---- attributes, reading ---- */

void nla_iter_init(struct nla_iter *iter, const void *pos, int len)
{
	iter->pos = pos;
	iter->len = len;
}

void nla_iter_msg(struct nla_iter *iter, const struct nlmsghdr *hdr)
{
	nla_iter_init(iter, (const char *)NLMSG_DATA(hdr) + GENL_HDRLEN,
		      hdr->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN));
}

void nla_iter_nest(struct nla_iter *iter, const struct nlattr *nest)
{
	if (!(nest->nla_type & NLA_F_NESTED))
		die("attribute %d is not marked as a nest", nla_id(nest));
	nla_iter_init(iter, nla_bytes(nest), nla_size(nest));
}

bool nla_next(struct nla_iter *iter, const struct nlattr **nla)
{
	const struct nlattr *next = (const struct nlattr *)iter->pos;

	if (iter->len < NLA_HDRLEN)
		return false;
	if (next->nla_len < NLA_HDRLEN || next->nla_len > iter->len)
		die("attribute of length %d in %d bytes", next->nla_len,
		    iter->len);
	iter->pos += NLA_ALIGN(next->nla_len);
	iter->len -= NLA_ALIGN(next->nla_len);
	*nla = next;
	return true;
}

int nla_id(const struct nlattr *nla)
{
	return nla->nla_type & NLA_TYPE_MASK;
}

int nla_size(const struct nlattr *nla)
{
	return nla->nla_len - NLA_HDRLEN;
}

const void *nla_bytes(const struct nlattr *nla)
{
	return (const char *)nla + NLA_HDRLEN;
}

static void nla_copy(const struct nlattr *nla, void *val, int size)
{
	if (nla_size(nla) != size)
		die("attribute %d has %d bytes, not %d", nla_id(nla),
		    nla_size(nla), size);
	memcpy(val, nla_bytes(nla), size);
}

__u8 nla_u8(const struct nlattr *nla)
{
	__u8 val;

	nla_copy(nla, &val, sizeof(val));
	return val;
}

__u16 nla_u16(const struct nlattr *nla)
{
	__u16 val;

	nla_copy(nla, &val, sizeof(val));
	return val;
}

__u32 nla_u32(const struct nlattr *nla)
{
	__u32 val;

	nla_copy(nla, &val, sizeof(val));
	return val;
}

__u64 nla_u64(const struct nlattr *nla)
{
	__u64 val;

	nla_copy(nla, &val, sizeof(val));
	return val;
}

char *nla_str(const struct nlattr *nla)
{
	int len = nla_size(nla);

	if (!len || strnlen(nla_bytes(nla), len) != (size_t)len - 1)
		die("attribute %d is not one NUL-terminated string",
		    nla_id(nla));
	return strdup(nla_bytes(nla));
}

/* ---- attributes, writing ---- */

void nl_put(struct nl_msg *msg, int type, const void *data, size_t len)
{
	size_t at = NLMSG_ALIGN(msg->hdr.nlmsg_len);
	struct nlattr *nla = (struct nlattr *)(msg->buf + at);

	if (at + NLA_HDRLEN + NLA_ALIGN(len) > sizeof(msg->buf))
		die("request too long");
	nla->nla_type = type;
	nla->nla_len = NLA_HDRLEN + len;
	memset(nla + 1, 0, NLA_ALIGN(len));
	if (len)
		memcpy(nla + 1, data, len);
	msg->hdr.nlmsg_len = at + NLA_HDRLEN + NLA_ALIGN(len);
}

void nl_put_u16(struct nl_msg *msg, int type, __u16 val)
{
	nl_put(msg, type, &val, sizeof(val));
}

void nl_put_u32(struct nl_msg *msg, int type, __u32 val)
{
	nl_put(msg, type, &val, sizeof(val));
}

void nl_put_u64(struct nl_msg *msg, int type, __u64 val)
{
	nl_put(msg, type, &val, sizeof(val));
}

void nl_put_flag(struct nl_msg *msg, int type)
{
	nl_put(msg, type, NULL, 0);
}

struct genlmsghdr *nl_msg_genl(struct nl_msg *msg)
{
	return NLMSG_DATA(&msg->hdr);
}

void nl_msg_init(struct nl_msg *msg, const struct nl *nl, int cmd, int flags)
{
	memset(msg, 0, sizeof(*msg));
	msg->hdr.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	msg->hdr.nlmsg_type = nl->family;
	msg->hdr.nlmsg_flags = NLM_F_REQUEST | flags;
	nl_msg_genl(msg)->cmd = cmd;
	nl_msg_genl(msg)->version = PORTOWNER_FAMILY_VERSION;
}

/* ---- requests ---- */

/* Read what an error or the end of a dump says besides its number. */
static void nl_read_extack(struct nl *nl, const struct nlmsghdr *hdr, int skip)
{
	const struct nlattr *nla;
	struct nla_iter iter;

	if (!(hdr->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	nla_iter_init(&iter, (const char *)NLMSG_DATA(hdr) + skip,
		      hdr->nlmsg_len - NLMSG_LENGTH(skip));
	while (nla_next(&iter, &nla)) {
		if (nla_id(nla) == NLMSGERR_ATTR_MSG)
			strncpy(nl->text, nla_bytes(nla),
				sizeof(nl->text) - 1);
		else if (nla_id(nla) == NLMSGERR_ATTR_OFFS)
			nl->offs = nla_u32(nla);
	}
}

static int nl_read_error(struct nl *nl, const struct nlmsghdr *hdr)
{
	const struct nlmsgerr *err = NLMSG_DATA(hdr);
	int skip = sizeof(*err);

	if (!(hdr->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(err->msg.nlmsg_len) - NLMSG_HDRLEN;
	nl_read_extack(nl, hdr, skip);
	return err->error;
}

/* Is this the message that precedes the answer? */
static bool nl_is_begin(const struct nl *nl, const struct nlmsghdr *hdr)
{
	const struct genlmsghdr *genl = NLMSG_DATA(hdr);
	const struct nlattr *nla = (const void *)(genl + 1);

	if (nl->begun || nl->messages || !(hdr->nlmsg_flags & NLM_F_MULTI))
		return false;
	if (genl->cmd != PORTOWNER_CMD_BIND_CHECK)
		return hdr->nlmsg_len == NLMSG_LENGTH(GENL_HDRLEN);
	return hdr->nlmsg_len == NLMSG_LENGTH(GENL_HDRLEN) + NLA_HDRLEN &&
	       nla_id(nla) == PORTOWNER_A_CHECK_MORE;
}

/* Returns true when the last message of the answer has been read. */
static bool nl_read_one(struct nl *nl, const struct nlmsghdr *hdr, int *err,
			nl_fn fn, void *arg)
{
	if (hdr->nlmsg_flags & NLM_F_DUMP_INTR)
		nl->interrupted = true;
	switch (hdr->nlmsg_type) {
	case NLMSG_ERROR:
		*err = nl_read_error(nl, hdr);
		return true;
	case NLMSG_DONE:
		*err = *(int *)NLMSG_DATA(hdr);
		nl_read_extack(nl, hdr, sizeof(int));
		return true;
	default:
		if (nl_is_begin(nl, hdr)) {
			nl->begun = true;
			return false;
		}
		nl->messages++;
		if (fn)
			fn(hdr, arg);
		return false;
	}
}

/**
 * nl_ask() - send a request
 * @nl: socket
 * @msg: request; gets its sequence number here
 *
 * Sent to an address, as libraries do.
 */
void nl_ask(struct nl *nl, struct nl_msg *msg)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	msg->hdr.nlmsg_seq = ++nl->seq;
	if (sendto(nl->fd, msg, msg->hdr.nlmsg_len, 0,
		   (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		die_errno("netlink send");
}

/**
 * nl_hear() - read the whole answer to the last request
 * @nl: socket
 * @fn: called for each message of the answer, or NULL
 * @arg: passed to @fn
 *
 * Return: 0, or the negative errno from the kernel.
 */
int nl_hear(struct nl *nl, nl_fn fn, void *arg)
{
	int room = nl->family == GENL_ID_CTRL ? NL_ROOM_FIRST : NL_ROOM;
	char *buf = malloc(room);
	struct nlmsghdr *hdr;
	bool done = false;
	int err = 0;
	int len;

	nl->messages = 0;
	nl->begun = false;
	nl->interrupted = false;
	nl->offs = 0;
	memset(nl->text, 0, sizeof(nl->text));

	while (!done) {
		len = recv(nl->fd, buf, room, MSG_TRUNC);
		if (len < 0)
			die_errno("netlink receive");
		if (len > room)
			die("answer of %d bytes does not fit", len);
		for (hdr = (void *)buf; NLMSG_OK(hdr, len) && !done;
		     hdr = NLMSG_NEXT(hdr, len)) {
			if (hdr->nlmsg_seq != nl->seq)
				continue;
			done = nl_read_one(nl, hdr, &err, fn, arg);
		}
	}
	free(buf);
	return err;
}

/* Both of the above. */
int nl_talk(struct nl *nl, struct nl_msg *msg, nl_fn fn, void *arg)
{
	nl_ask(nl, msg);
	return nl_hear(nl, fn, arg);
}

static void nl_read_mcgrp(struct nl *nl, const struct nlattr *grp)
{
	const struct nlattr *nla;
	struct nla_iter iter;
	const char *name = "";
	__u32 id = 0;

	/* the controller does not mark its nests */
	nla_iter_init(&iter, nla_bytes(grp), nla_size(grp));
	while (nla_next(&iter, &nla)) {
		if (nla_id(nla) == CTRL_ATTR_MCAST_GRP_ID)
			id = nla_u32(nla);
		else if (nla_id(nla) == CTRL_ATTR_MCAST_GRP_NAME)
			name = nla_bytes(nla);
	}
	if (!strcmp(name, PORTOWNER_MCGRP_REJECTS))
		nl->mcgrp = id;
	else if (!strcmp(name, PORTOWNER_MCGRP_CALLS))
		nl->mcgrp_calls = id;
}

static void nl_read_family(const struct nlmsghdr *hdr, void *arg)
{
	const struct nlattr *nla, *grp;
	struct nla_iter iter, grps;
	struct nl *nl = arg;

	nla_iter_msg(&iter, hdr);
	while (nla_next(&iter, &nla)) {
		if (nla_id(nla) == CTRL_ATTR_FAMILY_ID)
			nl->family = nla_u16(nla);
		if (nla_id(nla) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		nla_iter_init(&grps, nla_bytes(nla), nla_size(nla));
		while (nla_next(&grps, &grp))
			nl_read_mcgrp(nl, grp);
	}
}

/**
 * nl_open() - open a socket in this network namespace, resolve the family
 * @nl: filled in
 *
 * Return: 0, or a negative errno; -ENOENT when the module is not loaded.
 */
int nl_open(struct nl *nl)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	struct nl_msg msg;
	int one = 1;
	int err;

	memset(nl, 0, sizeof(*nl));
	nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (nl->fd < 0)
		die_errno("netlink socket");
	if (bind(nl->fd, (struct sockaddr *)&addr, sizeof(addr)))
		die_errno("netlink bind");
	if (setsockopt(nl->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one)))
		die_errno("NETLINK_EXT_ACK");

	nl->family = GENL_ID_CTRL;
	nl_msg_init(&msg, nl, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	nl_put(&msg, CTRL_ATTR_FAMILY_NAME, PORTOWNER_FAMILY_NAME,
	       sizeof(PORTOWNER_FAMILY_NAME));
	err = nl_talk(nl, &msg, nl_read_family, nl);
	if (err)
		nl_close(nl);
	return err;
}

void nl_close(struct nl *nl)
{
	close(nl->fd);
	nl->fd = -1;
}

/**
 * nl_join_group() - subscribe to a multicast group
 * @nl: socket
 * @mcgrp: group, one of those in a struct nl
 *
 * Return: 0 or a negative errno.
 */
int nl_join_group(struct nl *nl, __u32 mcgrp)
{
	if (setsockopt(nl->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &mcgrp,
		       sizeof(mcgrp)))
		return -errno;
	return 0;
}

/* The group of rejects. */
int nl_join(struct nl *nl)
{
	return nl_join_group(nl, nl->mcgrp);
}

/**
 * nl_next_event() - read one multicast message
 * @nl: subscribed socket
 * @fn: called for it
 * @arg: passed to @fn
 * @timeout_ms: how long to wait
 *
 * Return: true if there was one.
 */
int nl_next_event(struct nl *nl, nl_fn fn, void *arg, int timeout_ms)
{
	struct pollfd pfd = { .fd = nl->fd, .events = POLLIN };
	struct nl_msg msg;
	int len;

	if (poll(&pfd, 1, timeout_ms) != 1)
		return false;
	len = recv(nl->fd, &msg, sizeof(msg), 0);
	if (len < 0)
		die_errno("netlink receive");
	if (!NLMSG_OK(&msg.hdr, len) || msg.hdr.nlmsg_type != nl->family)
		die("event of type %d", msg.hdr.nlmsg_type);
	fn(&msg.hdr, arg);
	return true;
}
