// SPDX-License-Identifier: GPL-2.0
/* Requests and dumps, and what the kernel has to say when it refuses. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netlink/msg.h>

#include "lib/util.h"
#include "source/channel.h"

/*
 * What one read of a dump may have at most. The kernel allocates as much, and
 * adds some 320 bytes of its own: more than this takes a buffer of 32 KiB, whose
 * clearing alone may cost more than the whole answer.
 */
#define MESSAGE_ROOM	(16384 - 320)

/*
 * Till a dump has begun. The first message has next to nothing in it, and the
 * kernel allocates for it what was read with before.
 */
#define FIRST_ROOM	3072

/**
 * struct exchange - A request under way.
 * @channel: whose
 * @decode: reads a reply into @result
 * @result: what the caller wants
 * @seq: number of the request
 * @interrupted: the dump is not of one moment
 * @done: the last message has come
 */
struct exchange {
	struct channel *channel;
	int (*decode)(struct nlmsghdr *nlh, void *result);
	void *result;
	__u32 seq;
	bool interrupted;
	bool done;
};

/* Keep what the kernel refused with, and its own words if it has any. */
static void set_refusal(struct channel *channel, int err, struct nlmsghdr *nlh,
			size_t tlv_offset)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	char *tlv = (char *)nlh + tlv_offset;

	channel->refusal = err;
	channel->explained = false;
	snprintf(channel->words, sizeof(channel->words), "%s", strerror(err));
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    tlv_offset > nlh->nlmsg_len)
		return;
	if (nla_parse(tb, NLMSGERR_ATTR_MAX, (struct nlattr *)tlv,
		      nlh->nlmsg_len - tlv_offset, NULL) < 0)
		return;
	channel->explained = tb[NLMSGERR_ATTR_MSG];
	if (channel->explained)
		nla_strlcpy(channel->words, tb[NLMSGERR_ATTR_MSG],
			    sizeof(channel->words));
}

/* An error of 0 is an acknowledgment. */
static int on_error(struct exchange *exchange, struct nlmsghdr *nlh)
{
	size_t offset = NLMSG_HDRLEN + sizeof(struct nlmsgerr);
	const struct nlmsgerr *e = nlmsg_data(nlh);

	if (nlmsg_datalen(nlh) < (int)sizeof(*e))
		return -NLE_MSG_TRUNC;
	exchange->done = true;
	if (!e->error)
		return 0;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += NLMSG_ALIGN(e->msg.nlmsg_len) - NLMSG_HDRLEN;
	set_refusal(exchange->channel, -e->error, nlh, offset);
	return 0;
}

/* A dump that fails half-way says so in its last message only. */
static void on_finish(struct exchange *exchange, struct nlmsghdr *nlh)
{
	int err;

	exchange->done = true;
	if (nlmsg_datalen(nlh) < (int)sizeof(err))
		return;
	memcpy(&err, nlmsg_data(nlh), sizeof(err));
	if (err < 0)
		set_refusal(exchange->channel, -err, nlh,
			    NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(err)));
}

static int on_message(struct exchange *exchange, struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_seq != exchange->seq)
		return -NLE_SEQ_MISMATCH;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		exchange->interrupted = true;
	switch (nlh->nlmsg_type) {
	case NLMSG_DONE:
		on_finish(exchange, nlh);
		return 0;
	case NLMSG_ERROR:
		return on_error(exchange, nlh);
	case NLMSG_NOOP:
		return 0;
	case NLMSG_OVERRUN:
		return -NLE_MSG_OVERFLOW;
	default:
		return exchange->decode(nlh, exchange->result);
	}
}

/*
 * As nl_recvmsgs(), but without a copy of each message, which costs more than
 * to read it.
 */
static int receive(struct exchange *exchange)
{
	struct sockaddr_nl from;
	unsigned char *buf = NULL;
	struct nlmsghdr *nlh;
	int err = 0, len;

	len = nl_recv(exchange->channel->sk, &from, &buf, NULL);
	if (len <= 0)
		return len < 0 ? len : -NLE_FAILURE;
	nlh = (struct nlmsghdr *)buf;
	/* Only the kernel may answer. */
	for (; !from.nl_pid && err >= 0 && nlmsg_ok(nlh, len);
	     nlh = nlmsg_next(nlh, &len))
		err = on_message(exchange, nlh);
	free(buf);
	return err;
}

static int exchange_run(struct exchange *exchange, struct nl_msg *msg)
{
	struct channel *channel = exchange->channel;
	int err;

	channel->refusal = 0;
	exchange->done = false;
	exchange->interrupted = false;
	err = nl_send_auto(channel->sk, msg);
	exchange->seq = nlmsg_hdr(msg)->nlmsg_seq;
	while (err >= 0 && !exchange->done)
		err = receive(exchange);
	if (err >= 0 && exchange->interrupted)
		err = -NLE_DUMP_INTR;
	return err < 0 ? err : 0;
}

/**
 * channel_exchange() - Send a request, and read what comes back.
 * @channel: whom to ask; has the reason if the kernel refuses
 * @msg: the request; freed
 * @decode: reads a reply into @result
 * @result: what the caller wants
 *
 * Return: 0, or a negative error of libnl; for channel_report().
 */
int channel_exchange(struct channel *channel, struct nl_msg *msg,
		     int (*decode)(struct nlmsghdr *nlh, void *result),
		    void *result)
{
	struct exchange exchange = {
		.channel = channel,
		.decode = decode,
		.result = result,
	};
	int err = exchange_run(&exchange, msg);

	nlmsg_free(msg);
	return err;
}

/**
 * channel_report() - Say why a request failed.
 * @channel: where
 * @err: negative error of libnl, or 0
 * @what: what was being done
 *
 * Return: the exit status; 0 if nothing failed.
 */
int channel_report(const struct channel *channel, int err, const char *what)
{
	switch (channel->refusal) {
	case 0:
		break;
	case EPERM:
	case EACCES:
		return complain(STATUS_DENIED, "not permitted to %s: %s", what,
				channel->words);
	default:
		return complain(STATUS_FAILED, "cannot %s: %s", what,
				channel->words);
	}
	if (err >= 0)
		return 0;
	return complain(STATUS_FAILED, "cannot %s: %s", what, nl_geterror(err));
}

/**
 * channel_expect_dumps() - Make room for what dumps send.
 * @channel: that has found out whom to ask
 */
void channel_expect_dumps(struct channel *channel)
{
	nl_socket_set_msg_buf_size(channel->sk, MESSAGE_ROOM);
}

static void prepare(struct nl_sock *sk)
{
	int fd = nl_socket_get_fd(sk), on = 1;

	/* Both help with messages only. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	nl_socket_set_msg_buf_size(sk, FIRST_ROOM);
	nl_socket_disable_msg_peek(sk);
}

/**
 * channel_prepare() - Let the kernel explain, on a socket made elsewhere.
 * @channel: where
 */
void channel_prepare(struct channel *channel)
{
	prepare(channel->sk);
}

/**
 * channel_socket() - A netlink socket that lets the kernel explain.
 * @protocol: NETLINK_*
 *
 * Return: the socket, or NULL after having said what is wrong.
 */
struct nl_sock *channel_socket(int protocol)
{
	struct nl_sock *sk = nl_socket_alloc();
	int err;

	if (!sk) {
		complain(STATUS_FAILED, "out of memory");
		return NULL;
	}
	err = nl_connect(sk, protocol);
	if (err < 0) {
		complain(STATUS_FAILED, "cannot open a netlink socket: %s",
			 nl_geterror(err));
		nl_socket_free(sk);
		return NULL;
	}
	prepare(sk);
	return sk;
}
