// SPDX-License-Identifier: GPL-2.0
/* nftables answers, whose numbers are in network byte order. */

#include <arpa/inet.h>
#include <netlink/errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "lib/util.h"
#include "netlink/attr.h"
#include "netlink/nft.h"

/* NFT_SET_ELEM_CATCHALL; older headers lack it. */
#define CATCHES_ALL	0x2

/**
 * nft_text() - A string in an attribute.
 * @attr: the attribute, or NULL
 *
 * Return: the string; empty if it is missing or not terminated.
 */
const char *nft_text(const struct nlattr *attr)
{
	if (!attr || !memchr(attr_data(attr), '\0', attr_len(attr)))
		return "";
	return attr_data(attr);
}

/**
 * nft_number() - A number in an attribute.
 * @attr: the attribute, or NULL
 *
 * Return: the number; 0 if there is none.
 */
__u32 nft_number(const struct nlattr *attr)
{
	return attr && attr_len(attr) >= 4 ? ntohl(attr_u32(attr)) : 0;
}

static int parse(struct nlmsghdr *nlh, struct nlattr **tb, int max)
{
	return nlmsg_parse(nlh, sizeof(struct nfgenmsg), tb, max, NULL);
}

static __u8 family_of(struct nlmsghdr *nlh)
{
	const struct nfgenmsg *header = nlmsg_data(nlh);

	return header->nfgen_family;
}

/* Can the destination change here? For local packets, only in a NAT. */
static bool is_start(struct nlattr *const *hook, const struct nlattr *type)
{
	if (!hook[NFTA_HOOK_HOOKNUM])
		return false;
	switch (nft_number(hook[NFTA_HOOK_HOOKNUM])) {
	case NF_INET_PRE_ROUTING:
		return true;
	case NF_INET_LOCAL_OUT:
		return !strcmp(nft_text(type), "nat");
	default:
		return false;
	}
}

static int decode_chain(struct nlmsghdr *nlh, struct nft *nft)
{
	struct nlattr *tb[NFTA_CHAIN_MAX + 1], *hook[NFTA_HOOK_MAX + 1] = { NULL };
	struct nft_chain *chain;
	int err = parse(nlh, tb, NFTA_CHAIN_MAX);

	if (err >= 0 && tb[NFTA_CHAIN_HOOK])
		err = nla_parse_nested(hook, NFTA_HOOK_MAX, tb[NFTA_CHAIN_HOOK], NULL);
	if (err < 0)
		return err;
	nft->chains = xgrow(nft->chains, nft->n_chains, &nft->chains_room,
			    sizeof(*nft->chains));
	chain = &nft->chains[nft->n_chains++];
	*chain = (struct nft_chain){
		.family = family_of(nlh),
		.table = xstrdup(nft_text(tb[NFTA_CHAIN_TABLE])),
		.name = xstrdup(nft_text(tb[NFTA_CHAIN_NAME])),
		.starts = is_start(hook, tb[NFTA_CHAIN_TYPE]),
	};
	return 0;
}

static struct nlattr *copy_of(const struct nlattr *attr)
{
	struct nlattr *copy;

	if (!attr)
		return NULL;
	copy = xcalloc(1, NLA_ALIGN(attr->nla_len));
	memcpy(copy, attr, attr->nla_len);
	return copy;
}

static int decode_rule(struct nlmsghdr *nlh, struct nft *nft)
{
	struct nlattr *tb[NFTA_RULE_MAX + 1];
	struct nft_rule *rule;
	int err = parse(nlh, tb, NFTA_RULE_MAX);

	if (err < 0)
		return err;
	nft->rules = xgrow(nft->rules, nft->n_rules, &nft->rules_room,
			   sizeof(*nft->rules));
	rule = &nft->rules[nft->n_rules++];
	*rule = (struct nft_rule){
		.family = family_of(nlh),
		.table = xstrdup(nft_text(tb[NFTA_RULE_TABLE])),
		.chain = xstrdup(nft_text(tb[NFTA_RULE_CHAIN])),
		.exprs = copy_of(tb[NFTA_RULE_EXPRESSIONS]),
	};
	return 0;
}

static int decode_set(struct nlmsghdr *nlh, struct nft *nft)
{
	struct nlattr *tb[NFTA_SET_MAX + 1];
	struct nft_set *set;
	int err = parse(nlh, tb, NFTA_SET_MAX);

	if (err < 0)
		return err;
	nft->sets = xgrow(nft->sets, nft->n_sets, &nft->sets_room,
			  sizeof(*nft->sets));
	set = &nft->sets[nft->n_sets++];
	*set = (struct nft_set){
		.family = family_of(nlh),
		.table = xstrdup(nft_text(tb[NFTA_SET_TABLE])),
		.name = xstrdup(nft_text(tb[NFTA_SET_NAME])),
		.flags = nft_number(tb[NFTA_SET_FLAGS]),
		.key_len = nft_number(tb[NFTA_SET_KEY_LEN]),
	};
	return 0;
}

static size_t copy_value(struct nlattr *data, unsigned char *to, size_t room)
{
	struct nlattr *tb[NFTA_DATA_MAX + 1];
	size_t len;

	if (!data || nla_parse_nested(tb, NFTA_DATA_MAX, data, NULL) < 0 ||
	    !tb[NFTA_DATA_VALUE])
		return 0;
	len = attr_len(tb[NFTA_DATA_VALUE]);
	if (len > room)
		return 0;
	memcpy(to, attr_data(tb[NFTA_DATA_VALUE]), len);
	return len;
}

static void decode_data(struct nlattr *data, struct nft_element *element)
{
	struct nlattr *tb[NFTA_DATA_MAX + 1], *verdict[NFTA_VERDICT_MAX + 1];

	element->data_len = copy_value(data, element->data,
				       sizeof(element->data));
	if (element->data_len ||
	    nla_parse_nested(tb, NFTA_DATA_MAX, data, NULL) < 0 ||
	    !tb[NFTA_DATA_VERDICT] ||
	    nla_parse_nested(verdict, NFTA_VERDICT_MAX,
			     tb[NFTA_DATA_VERDICT], NULL) < 0)
		return;
	element->has_verdict = true;
	element->verdict = nft_number(verdict[NFTA_VERDICT_CODE]);
	if (verdict[NFTA_VERDICT_CHAIN])
		element->chain = xstrdup(nft_text(verdict[NFTA_VERDICT_CHAIN]));
}

static void decode_element(struct nlattr *attr, struct nft_set *set)
{
	struct nlattr *tb[NFTA_SET_ELEM_MAX + 1];
	struct nft_element *element;
	__u32 flags;

	if (nla_parse_nested(tb, NFTA_SET_ELEM_MAX, attr, NULL) < 0)
		return;
	flags = nft_number(tb[NFTA_SET_ELEM_FLAGS]);
	set->elements = xgrow(set->elements, set->n, &set->room,
			      sizeof(*set->elements));
	element = &set->elements[set->n++];
	*element = (struct nft_element){
		.ends = flags & NFT_SET_ELEM_INTERVAL_END,
		.catches_all = flags & CATCHES_ALL,
	};
	copy_value(tb[NFTA_SET_ELEM_KEY], element->key, sizeof(element->key));
	element->has_end = copy_value(tb[NFTA_SET_ELEM_KEY_END],
				      element->key_end,
				      sizeof(element->key_end));
	if (tb[NFTA_SET_ELEM_DATA])
		decode_data(tb[NFTA_SET_ELEM_DATA], element);
}

static int decode_elements(struct nlmsghdr *nlh, struct nft *nft)
{
	struct nlattr *tb[NFTA_SET_ELEM_LIST_MAX + 1], *list, *attr;
	struct nft_set *set;
	int err = parse(nlh, tb, NFTA_SET_ELEM_LIST_MAX), left;

	if (err < 0)
		return err;
	set = nft_set_find(nft, family_of(nlh),
			   nft_text(tb[NFTA_SET_ELEM_LIST_TABLE]),
			   nft_text(tb[NFTA_SET_ELEM_LIST_SET]));
	if (!set)
		return 0;
	set->loaded = true;
	list = tb[NFTA_SET_ELEM_LIST_ELEMENTS];
	if (!list)
		return 0;
	left = nla_len(list);
	for (attr = nla_data(list); attr_ok(attr, left);
	     attr = attr_next(attr, &left))
		decode_element(attr, set);
	return 0;
}

/**
 * nft_decode() - Decode an nftables answer.
 * @nlh: message
 * @nft: gets its contents
 *
 * Return: 0, or a negative libnl error.
 */
int nft_decode(struct nlmsghdr *nlh, struct nft *nft)
{
	if (nlmsg_datalen(nlh) < (int)sizeof(struct nfgenmsg))
		return -NLE_MSG_TRUNC;
	switch (NFNL_MSG_TYPE(nlh->nlmsg_type)) {
	case NFT_MSG_NEWCHAIN:
		return decode_chain(nlh, nft);
	case NFT_MSG_NEWRULE:
		return decode_rule(nlh, nft);
	case NFT_MSG_NEWSET:
		return decode_set(nlh, nft);
	case NFT_MSG_NEWSETELEM:
		return decode_elements(nlh, nft);
	default:
		return 0;
	}
}

/**
 * nft_set_find() - Find a set.
 * @nft: the rules
 * @family: NFPROTO_*
 * @table: name of its table
 * @name: its name
 *
 * Return: the set, or NULL if there is none.
 */
struct nft_set *nft_set_find(struct nft *nft, __u8 family, const char *table,
			     const char *name)
{
	size_t i;

	for (i = 0; i < nft->n_sets; i++)
		if (nft->sets[i].family == family &&
		    !strcmp(nft->sets[i].name, name) &&
		    !strcmp(nft->sets[i].table, table))
			return &nft->sets[i];
	return NULL;
}

/**
 * nft_chain_find() - Find a chain.
 * @nft: the rules
 * @family: NFPROTO_*
 * @table: name of its table
 * @name: its name
 *
 * Return: the chain, or NULL if there is none.
 */
const struct nft_chain *nft_chain_find(const struct nft *nft, __u8 family,
				       const char *table, const char *name)
{
	size_t i;

	for (i = 0; i < nft->n_chains; i++)
		if (nft->chains[i].family == family &&
		    !strcmp(nft->chains[i].name, name) &&
		    !strcmp(nft->chains[i].table, table))
			return &nft->chains[i];
	return NULL;
}

static void forget_set(struct nft_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		free(set->elements[i].chain);
	free(set->elements);
	free(set->table);
	free(set->name);
}

/**
 * nft_forget() - Free the rules.
 * @nft: the rules
 */
void nft_forget(struct nft *nft)
{
	size_t i;

	for (i = 0; i < nft->n_chains; i++) {
		free(nft->chains[i].table);
		free(nft->chains[i].name);
	}
	for (i = 0; i < nft->n_rules; i++) {
		free(nft->rules[i].table);
		free(nft->rules[i].chain);
		free(nft->rules[i].exprs);
	}
	for (i = 0; i < nft->n_sets; i++)
		forget_set(&nft->sets[i]);
	free(nft->chains);
	free(nft->rules);
	free(nft->sets);
	memset(nft, 0, sizeof(*nft));
}
