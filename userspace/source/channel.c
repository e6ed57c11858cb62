// SPDX-License-Identifier: GPL-2.0
/* Requests and dumps, and the kernel's explanation of a refusal. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netlink/msg.h>

#include "lib/util.h"
#include "source/channel.h"

/*
 * Maximum size of one read of a dump. The kernel allocates as much, plus some
 * 320 bytes of its own: more than this takes a 32 KiB buffer, and clearing that
 * alone may cost more than the whole answer.
 */
#define MESSAGE_ROOM	(16384 - 320)

/*
 * Size of a read until a dump has begun. The first message is nearly empty, but
 * the kernel allocates as much for it as the previous read had room for.
 */
#define FIRST_ROOM	3072

/**
 * struct exchange - A request in progress.
 * @channel: its channel
 * @decode: decodes a reply into @result
 * @result: result for the caller
 * @seq: sequence number of the request
 * @interrupted: the dump is not a consistent snapshot
 * @done: the last message was received
 */
struct exchange {
	struct channel *channel;
	int (*decode)(struct nlmsghdr *nlh, void *result);
	void *result;
	__u32 seq;
	bool interrupted;
	bool done;
};

/* Keep the errno of a refusal, and the kernel's message if it sent one. */
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

/* A dump that fails half-way reports that in its last message only. */
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
 * Like nl_recvmsgs(), but without copying each message, which costs more than
 * decoding it.
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
 * channel_exchange() - Send a request, and decode the replies.
 * @channel: where to send it; gets the reason if the kernel refuses
 * @msg: the request; freed
 * @decode: decodes a reply into @result
 * @result: result for the caller
 *
 * Return: 0, or a negative libnl error, for channel_report().
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
 * channel_report() - Report why a request failed.
 * @channel: the channel
 * @err: negative libnl error, or 0
 * @what: the attempted action, to follow "cannot"
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
 * channel_expect_dumps() - Enlarge the receive buffer for dumps.
 * @channel: the channel, once it is known whom to ask
 */
void channel_expect_dumps(struct channel *channel)
{
	nl_socket_set_msg_buf_size(channel->sk, MESSAGE_ROOM);
}

static void prepare(struct nl_sock *sk)
{
	int fd = nl_socket_get_fd(sk), on = 1;

	/* Both only improve messages. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	nl_socket_set_msg_buf_size(sk, FIRST_ROOM);
	nl_socket_disable_msg_peek(sk);
}

/**
 * channel_prepare() - Enable the kernel's messages on a socket made elsewhere.
 * @channel: the channel
 */
void channel_prepare(struct channel *channel)
{
	prepare(channel->sk);
}

/**
 * channel_socket() - Open a netlink socket with the kernel's messages enabled.
 * @protocol: NETLINK_*
 *
 * Return: the socket, or NULL after reporting the error.
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
