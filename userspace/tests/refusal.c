// SPDX-License-Identifier: GPL-2.0
/* Refusals for the tests of why. */

#include <errno.h>
#include <netinet/in.h>

#include "harness.h"
#include "refusal.h"
#include "when.h"

#define NETNS	4026531840U

static void put_holder(struct nl_msg *msg, int attr, const struct refusal *r,
		       __u64 cookie)
{
	struct nlattr *nest = socket_begin(msg, attr, cookie), *inner;

	put_socket(msg, r->holder, r->proto ? r->proto : IPPROTO_TCP, r->port,
		   r->state);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_FLAGS, r->holder_flags);
	if (r->state == PORTOWNER_STATE_TIME_WAIT)
		nla_put_u64(msg, PORTOWNER_A_SOCKET_EXPIRES, 41500000000ULL);
	else
		nla_put_u32(msg, PORTOWNER_A_SOCKET_UID, r->holder_uid);
	nla_put_u64(msg, PORTOWNER_A_SOCKET_AGE, 61000000000ULL);
	if (r->pid) {
		inner = nla_nest_start(msg, PORTOWNER_A_SOCKET_OWNER);
		nla_put_u32(msg, PORTOWNER_A_OWNER_PID, r->pid);
		nla_put_string(msg, PORTOWNER_A_OWNER_COMM, "h o");
		if (r->holder_cgroup)
			nla_put_string(msg, PORTOWNER_A_OWNER_CGROUP,
				       r->holder_cgroup);
		nla_nest_end(msg, inner);
	}
	nla_nest_end(msg, nest);
}

/**
 * add_reject() - Have a refusal in the log.
 * @r: the refusal
 * @seq: its number
 */
void add_reject(const struct refusal *r, __u64 seq)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_REJECT_GET);

	nla_put_u64(msg, PORTOWNER_A_REJECT_SEQ, seq);
	nla_put_u64(msg, PORTOWNER_A_REJECT_TIME, when_now() - 3700 * NSEC_PER_SEC);
	nla_put_u32(msg, PORTOWNER_A_REJECT_OP, PORTOWNER_OP_BIND);
	nla_put_u32(msg, PORTOWNER_A_REJECT_ERRNO, r->err ? r->err :
						   EADDRINUSE);
	put_addr(msg, PORTOWNER_A_REJECT_FAMILY, PORTOWNER_A_REJECT_ADDR,
		 r->addr);
	nla_put_u16(msg, PORTOWNER_A_REJECT_PROTO, r->proto ? r->proto :
						   IPPROTO_TCP);
	nla_put_u16(msg, PORTOWNER_A_REJECT_PORT, r->port);
	nla_put_u32(msg, PORTOWNER_A_REJECT_NETNS, NETNS);
	nla_put_u32(msg, PORTOWNER_A_REJECT_FLAGS, r->flags);
	nla_put_u32(msg, PORTOWNER_A_REJECT_PID, 777);
	nla_put_string(msg, PORTOWNER_A_REJECT_COMM, r->comm ? r->comm : "l e");
	if (r->exe)
		nla_put_string(msg, PORTOWNER_A_REJECT_EXE, r->exe);
	if (r->cgroup)
		nla_put_string(msg, PORTOWNER_A_REJECT_CGROUP, r->cgroup);
	nla_put_u32(msg, PORTOWNER_A_REJECT_UID, 1000);
	nla_put_u32(msg, PORTOWNER_A_REJECT_RULE, r->rule);
	if (r->rule == PORTOWNER_RULE_EPHEMERAL_EXHAUSTED)
		put_range(msg, PORTOWNER_A_REJECT_RANGE);
	if (r->holder)
		put_holder(msg, PORTOWNER_A_REJECT_CULPRIT, r, 99);
	fake_add(msg);
}

/**
 * add_now() - Have a socket there now.
 * @r: what it is the culprit of
 * @cookie: 99 for the same socket as then
 */
void add_now(const struct refusal *r, __u64 cookie)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);

	put_holder(msg, PORTOWNER_A_PORT_SOCKET, r, cookie);
	fake_add(msg);
}

/**
 * refusal_start() - Nothing is there, and nothing is logged.
 */
void refusal_start(void)
{
	fake_reset();
	fake.netns = NETNS;
	fake.uid = 1000;
	fake.range = "32768\t60999";
	fake.reserved = "";
}

/**
 * why() - Ask for the words of a refusal.
 * @r: the refusal
 * @still: what was in the way still is
 */
void why(const struct refusal *r, bool still)
{
	refusal_start();
	add_reject(r, 1);
	if (still)
		add_now(r, 99);
	run(cmd_why, "-n");
	assert_int_equal(status, STATUS_YES);
}

/* One with a culprit that listens. */
const struct refusal simple_refusal = {
	.addr = "127.0.0.1", .port = 8080,
	.rule = PORTOWNER_RULE_WILDCARD_COVERS,
	.holder = "0.0.0.0", .state = PORTOWNER_STATE_LISTEN, .pid = 555,
	.holder_flags = PORTOWNER_SOCK_FLAG_REUSEPORT,
};
