/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink attributes without a function call per step: a list of 200,000
 * sockets has five million of them, and libnl takes 70 instructions for each.
 */
#ifndef PORTOWNER_ATTR_H
#define PORTOWNER_ATTR_H

#include <stdbool.h>
#include <string.h>
#include <linux/netlink.h>
#include <linux/types.h>
#include <netlink/attr.h>

static inline const void *attr_data(const struct nlattr *attr)
{
	return (const char *)attr + NLA_HDRLEN;
}

static inline int attr_len(const struct nlattr *attr)
{
	return attr->nla_len - NLA_HDRLEN;
}

static inline int attr_type(const struct nlattr *attr)
{
	return attr->nla_type & NLA_TYPE_MASK;
}

/* Do the remaining @left bytes contain an attribute? */
static inline bool attr_ok(const struct nlattr *attr, int left)
{
	return left >= NLA_HDRLEN && attr->nla_len >= NLA_HDRLEN &&
	       attr->nla_len <= left;
}

static inline struct nlattr *attr_next(struct nlattr *attr, int *left)
{
	int len = NLA_ALIGN(attr->nla_len);

	*left -= len;
	return (struct nlattr *)((char *)attr + len);
}

static inline __u16 attr_u16(const struct nlattr *attr)
{
	__u16 value;

	memcpy(&value, attr_data(attr), sizeof(value));
	return value;
}

static inline __u32 attr_u32(const struct nlattr *attr)
{
	__u32 value;

	memcpy(&value, attr_data(attr), sizeof(value));
	return value;
}

static inline __u64 attr_u64(const struct nlattr *attr)
{
	__u64 value;

	memcpy(&value, attr_data(attr), sizeof(value));
	return value;
}

/* A missing attribute counts as 0. */
static inline __u16 get_u16(const struct nlattr *attr)
{
	return attr ? attr_u16(attr) : 0;
}

static inline __u32 get_u32(const struct nlattr *attr)
{
	return attr ? attr_u32(attr) : 0;
}

static inline __u64 get_u64(const struct nlattr *attr)
{
	return attr ? attr_u64(attr) : 0;
}

int attr_check(const struct nlattr *attr, int type);
int attr_parse(struct nlattr **tb, int max, struct nlattr *attr, int left,
	       const struct nla_policy *policy);
int attr_parse_nested(struct nlattr **tb, int max, struct nlattr *nest,
		      const struct nla_policy *policy);

#endif /* PORTOWNER_ATTR_H */
