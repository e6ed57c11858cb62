// SPDX-License-Identifier: GPL-2.0
/* Messages about refusals, one by one and counted. */

#include <errno.h>
#include <netinet/in.h>

#include "netlink/decode.h"
#include "tests/messages.h"
#include "tests/unit.h"

static void reject(void **state)
{
	struct reject_list list = { 0 };
	struct reject *r;

	(void)state;
	assert_int_equal(take_reject(simple_reject(5, 8080), &list), 0);
	assert_int_equal(take_reject(simple_reject(6, 8081), &list), 0);
	assert_int_equal(list.n, 2);
	r = &list.v[0];
	assert_int_equal(r->seq, 5);
	assert_int_equal(r->time_ns, 1900000000000000005ULL);
	assert_int_equal(r->err, EADDRINUSE);
	assert_int_equal(r->ep.port, 8080);
	assert_int_equal(r->pid, 777);
	assert_string_equal(r->comm, "late");
	assert_null(r->exe);
	assert_int_equal(r->culprits.n, 1);
	assert_int_equal(r->culprits.v[0].cookie, 105);
	assert_string_equal(r->culprits.v[0].owners[0].comm, "early");
	reject_list_clear(&list);
}

static void put_culprit(struct nl_msg *msg, __u64 cookie, bool first,
			__u32 pid, bool more)
{
	struct nlattr *nest;

	nest = socket_begin(msg, PORTOWNER_A_REJECT_CULPRIT, cookie);
	if (first)
		put_socket(msg, "0.0.0.0", IPPROTO_TCP, 80,
			   PORTOWNER_STATE_LISTEN);
	put_owner(msg, pid, 3, "x");
	if (more)
		nla_put_flag(msg, PORTOWNER_A_SOCKET_MORE_OWNERS);
	nla_nest_end(msg, nest);
}

/* Two culprits over three messages, the first with owners over two. */
static void split_reject(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_REJECT_GET);
	struct reject_list list = { 0 };

	(void)state;
	put_reject(msg, 9, "::", 80);
	put_culprit(msg, 1, true, 10, true);
	nla_put_flag(msg, PORTOWNER_A_REJECT_MORE);
	assert_int_equal(take_reject(msg, &list), 0);

	msg = message_new(PORTOWNER_CMD_REJECT_GET);
	nla_put_u64(msg, PORTOWNER_A_REJECT_SEQ, 9);
	put_culprit(msg, 1, false, 11, false);
	put_culprit(msg, 2, true, 20, false);
	nla_put_flag(msg, PORTOWNER_A_REJECT_MORE);
	assert_int_equal(take_reject(msg, &list), 0);

	msg = message_new(PORTOWNER_CMD_REJECT_GET);
	nla_put_u64(msg, PORTOWNER_A_REJECT_SEQ, 9);
	put_culprit(msg, 3, true, 30, false);
	assert_int_equal(take_reject(msg, &list), 0);

	assert_int_equal(list.n, 1);
	assert_int_equal(list.v[0].culprits.n, 3);
	assert_int_equal(list.v[0].culprits.v[0].n_owners, 2);
	assert_int_equal(list.v[0].culprits.v[0].owners[1].pid, 11);
	assert_int_equal(list.v[0].culprits.v[1].owners[0].pid, 20);
	assert_int_equal(list.v[0].culprits.v[2].cookie, 3);
	assert_false(list.v[0].more);
	reject_list_clear(&list);
}

static void malformed_reject(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_REJECT_GET);
	struct reject_list list = { 0 };

	(void)state;
	nla_put_u32(msg, PORTOWNER_A_REJECT_ERRNO, 98);
	assert_true(take_reject(msg, &list) < 0);
	/* A continuation without a beginning. */
	msg = message_new(PORTOWNER_CMD_REJECT_GET);
	nla_put_u64(msg, PORTOWNER_A_REJECT_SEQ, 9);
	assert_true(take_reject(msg, &list) < 0);
	reject_list_clear(&list);
}

static void stats(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_STATS_GET);
	struct counters counters;

	(void)state;
	nla_put_u64(msg, PORTOWNER_A_STATS_REJECTS_SEEN, 1ULL << 40);
	nla_put_u32(msg, PORTOWNER_A_STATS_REJECTS_MAX, 256);
	nla_put_u64(msg, PORTOWNER_A_STATS_MISSED_NO_INSTANCE, 1ULL << 41);
	nla_put_u64(msg, PORTOWNER_A_STATS_MISSED_NESTED, 1ULL << 42);
	nla_put_u64(msg, PORTOWNER_A_STATS_MISSED_SHARE, 1ULL << 43);
	nla_put_u64(msg, PORTOWNER_A_STATS_BINDERS_MAX, 131072);
	assert_int_equal(decode_stats(nlmsg_hdr(msg), &counters), 0);
	nlmsg_free(msg);
	assert_int_equal(counters.v[PORTOWNER_A_STATS_REJECTS_SEEN],
			 1ULL << 40);
	assert_int_equal(counters.v[PORTOWNER_A_STATS_REJECTS_MAX], 256);
	assert_int_equal(counters.v[PORTOWNER_A_STATS_BINDERS], 0);
	assert_int_equal(counters.v[PORTOWNER_A_STATS_MISSED_NO_INSTANCE],
			 1ULL << 41);
	assert_int_equal(counters.v[PORTOWNER_A_STATS_MISSED_NESTED],
			 1ULL << 42);
	assert_int_equal(counters.v[PORTOWNER_A_STATS_MISSED_SHARE],
			 1ULL << 43);
	assert_int_equal(counters.v[PORTOWNER_A_STATS_BINDERS_MAX], 131072);
}

/* Values of a newer module are counted under a general name. */
static void stats_by_rule(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_STATS_GET);
	struct counters counters;

	(void)state;
	memset(&counters, 0xff, sizeof(counters));
	put_rule_count(msg, PORTOWNER_REJECT_OP_LISTEN, PORTOWNER_RULE_TIME_WAIT, 3);
	nla_put_u64(msg, PORTOWNER_A_STATS_REJECTS_SEEN, 8);
	put_rule_count(msg, PORTOWNER_REJECT_OP_BIND, PORTOWNER_RULE_OTHER, 1);
	put_rule_count(msg, PORTOWNER_REJECT_OP_BIND, PORTOWNER_RULE_MAX + 1, 2);
	put_rule_count(msg, 99, PORTOWNER_RULE_OTHER, 2);
	assert_int_equal(decode_stats(nlmsg_hdr(msg), &counters), 0);
	nlmsg_free(msg);
	assert_int_equal(counters.by_rule[PORTOWNER_REJECT_OP_LISTEN]
					 [PORTOWNER_RULE_TIME_WAIT], 3);
	assert_int_equal(counters.by_rule[PORTOWNER_REJECT_OP_BIND]
					 [PORTOWNER_RULE_OTHER], 3);
	assert_int_equal(counters.by_rule[COUNTED_OPS - 1]
					 [PORTOWNER_RULE_OTHER], 2);
	assert_int_equal(counters.by_rule[PORTOWNER_REJECT_OP_AUTOBIND]
					 [PORTOWNER_RULE_OTHER], 0);
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(reject),
		cmocka_unit_test(split_reject),
		cmocka_unit_test(malformed_reject),
		cmocka_unit_test(stats),
		cmocka_unit_test(stats_by_rule),
	};

	return cmocka_run_group_tests_name("decode_reject", tests, NULL, NULL);
}
