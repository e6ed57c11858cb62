/* SPDX-License-Identifier: GPL-2.0 */
/* Refusals for the tests of "why". */
#ifndef PORTOWNER_TESTS_REFUSAL_H
#define PORTOWNER_TESTS_REFUSAL_H

#include <linux/types.h>
#include <stdbool.h>

/**
 * struct refusal - A reject, with or without a culprit.
 * @addr: requested address
 * @port: requested port
 * @proto: IPPROTO_*, or 0 for TCP
 * @op: enum portowner_reject_op, or 0 for bind
 * @err: errno, or 0 for EADDRINUSE
 * @rule: enum portowner_rule
 * @flags: options of the socket
 * @moved_ms: milliseconds by which the clock was put back 65 seconds ago, or 0
 * @ahead_ms: milliseconds by which its only time stamp is in the future, or 0
 * @comm: name of the process, or NULL for one with a blank
 * @exe: executable, or NULL
 * @cgroup: cgroup, or NULL
 * @holder: address of the culprit, or NULL if there is none
 * @state: its state
 * @holder_flags: its options
 * @orphan: it has no file
 * @holder_uid: its user
 * @pid: its owner, or 0
 * @holder_comm: name of the owner, or NULL for one with a blank
 * @holder_cgroup: cgroup of the owner, or NULL
 * @origin: 1 if the kernel chose its port, -1 if a program did
 * @holder_peer: address of its peer, or NULL; the port is @peer_port
 * @dev: device that the socket is bound to, or NULL
 * @reason: enum portowner_reason
 * @reason_dev: device of the reason, or NULL
 * @reason_netns: network namespace of the reason, or 0
 * @prog: name of the BPF program, or NULL
 * @caller_flags: enum portowner_caller_flag
 * @peer: destination of connect(), or NULL
 * @peer_port: port of @peer or @holder_peer
 */
struct refusal {
	const char *addr;
	__u16 port;
	__u16 proto;
	__u32 op;
	__u32 err;
	__u32 rule;
	__u32 flags;
	__s64 moved_ms;
	__u64 ahead_ms;
	const char *comm;
	const char *exe;
	const char *cgroup;
	const char *holder;
	__u32 state;
	__u32 holder_flags;
	bool orphan;
	__u32 holder_uid;
	__u32 pid;
	const char *holder_comm;
	const char *holder_cgroup;
	int origin;
	const char *holder_peer;
	const char *dev;
	__u32 reason;
	const char *reason_dev;
	__u32 reason_netns;
	const char *prog;
	__u32 caller_flags;
	const char *peer;
	__u16 peer_port;
};

extern const struct refusal simple_refusal;

void add_reject(const struct refusal *r, __u64 seq);
void add_now(const struct refusal *r, __u64 cookie);
void refusal_start(void);
void why(const struct refusal *r, bool still);
void refusal_explain(const struct refusal *r);
void assert_command(const char *command);

#endif /* PORTOWNER_TESTS_REFUSAL_H */
