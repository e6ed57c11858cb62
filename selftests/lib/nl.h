/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink on plain sockets, for the portowner family.
 *
 * Shares no code with the portowner tool or with a netlink library, so that
 * the tests do not see the family through the eyes of the client they test.
 */
#ifndef SELFTEST_PORTOWNER_NL_H
#define SELFTEST_PORTOWNER_NL_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/types.h>

#define NL_MSG_MAX	1024

struct nl {
	int fd;
	__u16 family;
	__u32 mcgrp;
	__u32 mcgrp_calls;
	__u32 seq;
	/*
	 * set by nl_hear(): number of messages received, whether one preceded
	 * them, and what an error said
	 */
	int messages;
	bool begun;
	bool interrupted;
	char text[256];
	__u32 offs;
};

struct nl_msg {
	union {
		struct nlmsghdr hdr;
		char buf[NL_MSG_MAX];
	};
};

typedef void (*nl_fn)(const struct nlmsghdr *hdr, void *arg);

int nl_open(struct nl *nl);
void nl_close(struct nl *nl);
void nl_ask(struct nl *nl, struct nl_msg *msg);
int nl_hear(struct nl *nl, nl_fn fn, void *arg);
int nl_talk(struct nl *nl, struct nl_msg *msg, nl_fn fn, void *arg);
int nl_join(struct nl *nl);
int nl_join_group(struct nl *nl, __u32 mcgrp);
int nl_next_event(struct nl *nl, nl_fn fn, void *arg, int timeout_ms);

void nl_msg_init(struct nl_msg *msg, const struct nl *nl, int cmd, int flags);
struct genlmsghdr *nl_msg_genl(struct nl_msg *msg);
void nl_put(struct nl_msg *msg, int type, const void *data, size_t len);
void nl_put_u16(struct nl_msg *msg, int type, __u16 val);
void nl_put_u32(struct nl_msg *msg, int type, __u32 val);
void nl_put_u64(struct nl_msg *msg, int type, __u64 val);
void nl_put_flag(struct nl_msg *msg, int type);

/* Attributes that remain to be read. */
struct nla_iter {
	const char *pos;
	int len;
};

void nla_iter_init(struct nla_iter *iter, const void *pos, int len);
void nla_iter_msg(struct nla_iter *iter, const struct nlmsghdr *hdr);
void nla_iter_nest(struct nla_iter *iter, const struct nlattr *nest);
bool nla_next(struct nla_iter *iter, const struct nlattr **nla);

/* The value of an attribute; one of the wrong size ends the test. */
int nla_id(const struct nlattr *nla);
int nla_size(const struct nlattr *nla);
const void *nla_bytes(const struct nlattr *nla);
__u8 nla_u8(const struct nlattr *nla);
__u16 nla_u16(const struct nlattr *nla);
__u32 nla_u32(const struct nlattr *nla);
__u64 nla_u64(const struct nlattr *nla);
char *nla_str(const struct nlattr *nla);

#endif
