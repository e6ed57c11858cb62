// SPDX-License-Identifier: GPL-2.0
/* Requests and dumps, and what the kernel has to say when it refuses. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "client_priv.h"
#include "complete.h"
#include "decode.h"
#include "util.h"

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

/* How often a dump is read again because the table changed meanwhile. */
#define DUMP_TRIES	3

/**
 * struct exchange - A request under way.
 * @client: whose
 * @decode: reads a reply into @result
 * @result: what the caller wants
 * @seq: number of the request
 * @interrupted: the dump is not of one moment
 * @done: the last message has come
 */
struct exchange {
	struct client *client;
	int (*decode)(struct nlmsghdr *nlh, void *result);
	void *result;
	__u32 seq;
	bool interrupted;
	bool done;
};

static int decode_port_cb(struct nlmsghdr *nlh, void *result)
{
	return decode_port(nlh, result);
}

static int decode_reject_cb(struct nlmsghdr *nlh, void *result)
{
	return decode_reject(nlh, result);
}

static int decode_stats_cb(struct nlmsghdr *nlh, void *result)
{
	return decode_stats(nlh, result);
}

/* Keep what the kernel refused with, and its own words if it has any. */
static void set_refusal(struct client *client, int err, struct nlmsghdr *nlh,
			size_t tlv_offset)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	char *tlv = (char *)nlh + tlv_offset;

	client->refusal = err;
	snprintf(client->words, sizeof(client->words), "%s", strerror(err));
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    tlv_offset > nlh->nlmsg_len)
		return;
	if (nla_parse(tb, NLMSGERR_ATTR_MAX, (struct nlattr *)tlv,
		      nlh->nlmsg_len - tlv_offset, NULL) < 0)
		return;
	if (tb[NLMSGERR_ATTR_MSG])
		nla_strlcpy(client->words, tb[NLMSGERR_ATTR_MSG],
			    sizeof(client->words));
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
	set_refusal(exchange->client, -e->error, nlh, offset);
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
		set_refusal(exchange->client, -err, nlh,
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

	len = nl_recv(exchange->client->sk, &from, &buf, NULL);
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
	struct client *client = exchange->client;
	int err;

	client->refusal = 0;
	exchange->done = false;
	exchange->interrupted = false;
	err = nl_send_auto(client->sk, msg);
	exchange->seq = nlmsg_hdr(msg)->nlmsg_seq;
	while (err >= 0 && !exchange->done)
		err = receive(exchange);
	if (err >= 0 && exchange->interrupted)
		err = -NLE_DUMP_INTR;
	return err < 0 ? err : 0;
}

/**
 * client_report() - Say why a request failed.
 * @client: whose
 * @err: negative error of libnl, or 0
 * @what: what was being done
 *
 * Return: the exit status; 0 if nothing failed.
 */
int client_report(const struct client *client, int err, const char *what)
{
	switch (client->refusal) {
	case 0:
		break;
	case ENOENT:
		return complain(STATUS_DENIED, "the kernel module was unloaded");
	case EPERM:
	case EACCES:
		return complain(STATUS_DENIED, "not permitted to %s: %s", what,
				client->words);
	default:
		return complain(STATUS_FAILED, "cannot %s: %s", what,
				client->words);
	}
	if (err >= 0)
		return 0;
	return complain(STATUS_FAILED, "cannot %s: %s", what, nl_geterror(err));
}

/**
 * client_request() - Begin a request.
 * @client: whom to ask
 * @command: PORTOWNER_CMD_*
 * @flags: NLM_F_DUMP, or 0
 *
 * Return: a message without attributes.
 */
struct nl_msg *client_request(const struct client *client, __u8 command,
			      int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ,
				 client->family, 0, flags, command,
				 PORTOWNER_FAMILY_VERSION))
		exit(complain(STATUS_FAILED, "out of memory"));
	return msg;
}

/**
 * client_exchange() - Send a request, and read what comes back.
 * @client: whom to ask; has the reason if the kernel refuses
 * @msg: the request; freed
 * @decode: reads a reply into @result
 * @result: what the caller wants
 *
 * Return: 0, or a negative error of libnl; for client_report().
 */
int client_exchange(struct client *client, struct nl_msg *msg,
		    int (*decode)(struct nlmsghdr *nlh, void *result),
		    void *result)
{
	struct exchange exchange = {
		.client = client,
		.decode = decode,
		.result = result,
	};
	int err = exchange_run(&exchange, msg);

	nlmsg_free(msg);
	return err;
}

/**
 * client_ports() - Ask for sockets.
 * @client: where
 * @filter: which; its pid and uid are left to the caller
 * @list: empty; filled with the sockets
 *
 * Return: 0, or what to exit with.
 */
int client_ports(struct client *client, const struct filter *filter,
		 struct psock_list *list)
{
	struct exchange exchange = {
		.client = client,
		.decode = decode_port_cb,
		.result = list,
	};
	__u16 family = filter_family(filter), proto = filter_proto(filter);
	struct nl_msg *msg;
	int err, tries = 0;

	do {
		psock_list_clear(list);
		msg = client_request(client, PORTOWNER_CMD_PORT_GET, NLM_F_DUMP);
		if (family)
			nla_put_u16(msg, PORTOWNER_A_PORT_FAMILY, family);
		if (proto)
			nla_put_u16(msg, PORTOWNER_A_PORT_PROTO, proto);
		if (filter->port)
			nla_put_u16(msg, PORTOWNER_A_PORT_PORT, filter->port);
		if (filter->port_last > filter->port)
			nla_put_u16(msg, PORTOWNER_A_PORT_PORT_LAST,
				    filter->port_last);
		if (filter->states)
			nla_put_u32(msg, PORTOWNER_A_PORT_STATES,
				    filter->states);
		if (filter->all_netns)
			nla_put_flag(msg, PORTOWNER_A_PORT_ALL_NETNS);
		nla_put_flag(msg, PORTOWNER_A_PORT_BRIEF);
		err = exchange_run(&exchange, msg);
		nlmsg_free(msg);
	} while (err == -NLE_DUMP_INTR && ++tries < DUMP_TRIES);

	if (err == -NLE_DUMP_INTR && !client->refusal) {
		client_note(client, "sockets came and went meanwhile; the list may be incomplete");
		err = 0;
	}
	return client_report(client, err, "list sockets");
}

static struct nl_msg *rejects_request(const struct client *client,
				      const struct reject_query *query)
{
	struct nl_msg *msg = client_request(client, PORTOWNER_CMD_REJECT_GET,
					    NLM_F_DUMP);

	if (query->since)
		nla_put_u64(msg, PORTOWNER_A_REJECT_SINCE, query->since);
	if (query->ancestor)
		nla_put_u32(msg, PORTOWNER_A_REJECT_ANCESTOR, query->ancestor);
	if (query->all_netns)
		nla_put_flag(msg, PORTOWNER_A_REJECT_ALL_NETNS);
	return msg;
}

/**
 * client_rejects() - Ask for rejects.
 * @client: where
 * @query: which
 * @list: empty; filled with the rejects, oldest first
 *
 * Return: 0, or what to exit with.
 */
int client_rejects(struct client *client, const struct reject_query *query,
		   struct reject_list *list)
{
	int err, tries = 0;

	do {
		reject_list_clear(list);
		err = client_exchange(client, rejects_request(client, query),
				      decode_reject_cb, list);
	} while (err == -NLE_DUMP_INTR && ++tries < DUMP_TRIES);

	if (err == -NLE_DUMP_INTR && !client->refusal) {
		client_note(client, "the log changed meanwhile; some rejects may be missing");
		err = 0;
	}
	err = client_report(client, err, "read the log");
	if (!err)
		complete_owners(client, list);
	return err;
}

/**
 * client_sees_all() - May the rejects of all network namespaces be read?
 * @client: where
 *
 * Return: true if they may.
 */
bool client_sees_all(struct client *client)
{
	const struct reject_query query = { .since = ~0ULL, .all_netns = true };
	struct reject_list list = { 0 };
	int err;

	err = client_exchange(client, rejects_request(client, &query),
			      decode_reject_cb, &list);
	reject_list_clear(&list);
	return !err && !client->refusal;
}

/**
 * client_stats() - Ask for the counters.
 * @client: where
 * @counters: set to them
 *
 * Return: 0, or what to exit with.
 */
int client_stats(struct client *client, struct counters *counters)
{
	struct exchange exchange = {
		.client = client,
		.decode = decode_stats_cb,
		.result = counters,
	};
	struct nl_msg *msg;
	int err;

	memset(counters, 0, sizeof(*counters));
	msg = client_request(client, PORTOWNER_CMD_STATS_GET, 0);
	err = exchange_run(&exchange, msg);
	nlmsg_free(msg);
	return client_report(client, err, "read the counters");
}

/**
 * client_note() - Say something that changes no exit status.
 * @client: which may have been told to be quiet
 * @text: one line
 */
void client_note(const struct client *client, const char *text)
{
	if (!client->quiet)
		complain(STATUS_YES, "note: %s", text);
}

/**
 * client_socket() - A generic netlink socket that lets the kernel explain.
 *
 * Return: the socket, or NULL after having said what is wrong.
 */
struct nl_sock *client_socket(void)
{
	struct nl_sock *sk = nl_socket_alloc();
	int err, on = 1, fd;

	if (!sk) {
		complain(STATUS_FAILED, "out of memory");
		return NULL;
	}
	err = genl_connect(sk);
	if (err < 0) {
		complain(STATUS_FAILED, "cannot open a netlink socket: %s",
			 nl_geterror(err));
		nl_socket_free(sk);
		return NULL;
	}
	/* Both help with messages only. */
	fd = nl_socket_get_fd(sk);
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	nl_socket_set_msg_buf_size(sk, FIRST_ROOM);
	nl_socket_disable_msg_peek(sk);
	return sk;
}

/**
 * client_open() - Get in contact with the module.
 * @client: set to the contact
 * @quiet: no notes
 *
 * Return: 0, or what to exit with.
 */
int client_open(struct client **client, bool quiet)
{
	struct client *c = xcalloc(1, sizeof(*c));

	c->quiet = quiet;
	c->sk = client_socket();
	if (!c->sk) {
		client_close(c);
		return STATUS_FAILED;
	}
	c->family = genl_ctrl_resolve(c->sk, PORTOWNER_FAMILY_NAME);
	if (c->family < 0) {
		int err = c->family;

		client_close(c);
		if (err == -NLE_OBJ_NOTFOUND)
			return complain(STATUS_DENIED,
					"the kernel module is not loaded: run modprobe portowner as root");
		return complain(err == -NLE_PERM ? STATUS_DENIED : STATUS_FAILED,
				"cannot find the kernel module: %s",
				nl_geterror(err));
	}
	nl_socket_set_msg_buf_size(c->sk, MESSAGE_ROOM);
	*client = c;
	return 0;
}

/**
 * client_close() - End the contact.
 * @client: which, or NULL
 */
void client_close(struct client *client)
{
	if (!client)
		return;
	if (client->events)
		nl_socket_free(client->events);
	if (client->sk)
		nl_socket_free(client->sk);
	free(client);
}
