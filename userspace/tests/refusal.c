// SPDX-License-Identifier: GPL-2.0
/* Refusals for the tests of "why". */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "lib/time_fmt.h"
#include "tests/harness.h"
#include "tests/refusal.h"

#define NETNS	4026531840U

static void put_peer(struct nl_msg *msg, int attr, const char *ip)
{
	unsigned char addr[16];
	bool v6 = strchr(ip, ':');

	assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, ip, addr), 1);
	nla_put(msg, attr, v6 ? 16 : 4, addr);
}

/* Why an address is not available. */
static void put_reason(struct nl_msg *msg, const struct refusal *r)
{
	if (r->dev)
		nla_put_string(msg, PORTOWNER_A_REJECT_DEV, r->dev);
	if (r->reason)
		nla_put_u32(msg, PORTOWNER_A_REJECT_REASON, r->reason);
	if (r->reason_dev)
		nla_put_string(msg, PORTOWNER_A_REJECT_REASON_DEV,
			       r->reason_dev);
	if (r->reason_netns)
		nla_put_u32(msg, PORTOWNER_A_REJECT_REASON_NETNS,
			    r->reason_netns);
	if (r->prog) {
		nla_put_u32(msg, PORTOWNER_A_REJECT_BPF_PROG_ID, 31);
		nla_put_string(msg, PORTOWNER_A_REJECT_BPF_PROG_NAME, r->prog);
	}
	if (r->peer) {
		put_peer(msg, PORTOWNER_A_REJECT_PEER_ADDR, r->peer);
		nla_put_u16(msg, PORTOWNER_A_REJECT_PEER_PORT, r->peer_port);
	}
	nla_put_u32(msg, PORTOWNER_A_REJECT_CALLER_FLAGS, r->caller_flags);
}

static void put_holder(struct nl_msg *msg, int attr, const struct refusal *r,
		       __u64 cookie)
{
	struct nlattr *nest = socket_begin(msg, attr, cookie), *inner;

	put_socket(msg, r->holder, r->proto ? r->proto : IPPROTO_TCP, r->port,
		   r->state);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_FLAGS, r->holder_flags);
	if (r->orphan)
		nla_put_u64(msg, PORTOWNER_A_SOCKET_INODE, 0);
	if (r->state == PORTOWNER_STATE_TIME_WAIT)
		nla_put_u64(msg, PORTOWNER_A_SOCKET_EXPIRES, 41500000000ULL);
	else
		nla_put_u32(msg, PORTOWNER_A_SOCKET_UID, r->holder_uid);
	if (r->origin)
		nla_put_u8(msg, PORTOWNER_A_SOCKET_PORT_BY_KERNEL,
			   r->origin > 0);
	if (r->holder_peer) {
		put_peer(msg, PORTOWNER_A_SOCKET_PEER_ADDR, r->holder_peer);
		nla_put_u16(msg, PORTOWNER_A_SOCKET_PEER_PORT, r->peer_port);
	}
	nla_put_u64(msg, PORTOWNER_A_SOCKET_AGE, 61000000000ULL);
	if (r->pid) {
		inner = nla_nest_start(msg, PORTOWNER_A_SOCKET_OWNER);
		nla_put_u32(msg, PORTOWNER_A_OWNER_PID, r->pid);
		nla_put_string(msg, PORTOWNER_A_OWNER_COMM,
			       r->holder_comm ? r->holder_comm : "h o");
		if (r->holder_cgroup)
			nla_put_string(msg, PORTOWNER_A_OWNER_CGROUP,
				       r->holder_cgroup);
		nla_nest_end(msg, inner);
	}
	nla_nest_end(msg, nest);
}

static void put_when(struct nl_msg *msg, const struct refusal *r)
{
	/* This leaves the test half a second before the next second begins. */
	__u64 ago = (r->moved_ms ? 65500 : 3700000) * NSEC_PER_MSEC;
	__u64 time = time_fmt_now() - ago;

	if (r->moved_ms)
		nla_put_u64(msg, PORTOWNER_A_REJECT_BOOTTIME,
			    time - time_fmt_clock());
	time += r->moved_ms * NSEC_PER_MSEC;
	if (r->ahead_ms)
		time = time_fmt_now() + r->ahead_ms * NSEC_PER_MSEC;
	nla_put_u64(msg, PORTOWNER_A_REJECT_TIME, time);
}

/**
 * add_reject() - Log a refusal.
 * @r: the refusal
 * @seq: its number
 */
void add_reject(const struct refusal *r, __u64 seq)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_REJECT_GET);

	nla_put_u64(msg, PORTOWNER_A_REJECT_SEQ, seq);
	put_when(msg, r);
	nla_put_u32(msg, PORTOWNER_A_REJECT_OP, r->op ? r->op :
						PORTOWNER_REJECT_OP_BIND);
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
	put_reason(msg, r);
	if (r->rule == PORTOWNER_RULE_EPHEMERAL_EXHAUSTED)
		put_range(msg, PORTOWNER_A_REJECT_RANGE);
	if (r->holder)
		put_holder(msg, PORTOWNER_A_REJECT_CULPRIT, r, 99);
	fake_add(msg);
}

/**
 * add_now() - Add a socket that is on the port now.
 * @r: describes it as the culprit
 * @cookie: 99 for the culprit itself
 */
void add_now(const struct refusal *r, __u64 cookie)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);

	put_holder(msg, PORTOWNER_A_PORT_SOCKET, r, cookie);
	fake_add(msg);
}

/**
 * refusal_start() - Start without sockets, with an empty log.
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
 * why() - Log a refusal, and run "why".
 * @r: the refusal
 * @still: the culprit is still there
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

/**
 * refusal_explain() - Log a refusal, and run "why" with the present fake.
 * @r: the refusal, without a culprit
 */
void refusal_explain(const struct refusal *r)
{
	struct fake keep = fake;

	refusal_start();
	keep.netns = fake.netns;
	fake = keep;
	add_reject(r, 1);
	run(cmd_why, "-n");
	assert_int_equal(status, STATUS_YES);
}

/**
 * assert_command() - Look for a command that was suggested.
 * @command: the line
 */
void assert_command(const char *command)
{
	char *line = xasprintf("\n    %s\n", command);

	if (!strstr(output, line))
		fail_msg("no '%s' in:\n%s", command, output);
	free(line);
}

/* A refusal with a listening culprit. */
const struct refusal simple_refusal = {
	.addr = "127.0.0.1", .port = 8080,
	.rule = PORTOWNER_RULE_WILDCARD_COVERS,
	.holder = "0.0.0.0", .state = PORTOWNER_STATE_LISTEN, .pid = 555,
	.holder_flags = PORTOWNER_SOCK_FLAG_REUSEPORT,
};
