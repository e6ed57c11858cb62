/* SPDX-License-Identifier: GPL-2.0 */
/* Refusals for the tests of why. */
#ifndef PORTOWNER_TESTS_REFUSAL_H
#define PORTOWNER_TESTS_REFUSAL_H

#include <linux/types.h>
#include <stdbool.h>

/**
 * struct refusal - A reject with a culprit, or without.
 * @addr: address asked for
 * @port: port asked for
 * @proto: IPPROTO_*, or 0 for TCP
 * @err: errno, or 0 for EADDRINUSE
 * @rule: why
 * @flags: options of the socket
 * @comm: name of the process, or NULL for one with a blank
 * @exe: executable, or NULL
 * @cgroup: cgroup, or NULL
 * @holder: address of the culprit, or NULL if there is none
 * @state: its state
 * @holder_flags: its options
 * @holder_uid: its user
 * @pid: its owner, or 0
 * @holder_cgroup: cgroup of that, or NULL
 */
struct refusal {
	const char *addr;
	__u16 port;
	__u16 proto;
	__u32 err;
	__u32 rule;
	__u32 flags;
	const char *comm;
	const char *exe;
	const char *cgroup;
	const char *holder;
	__u32 state;
	__u32 holder_flags;
	__u32 holder_uid;
	__u32 pid;
	const char *holder_cgroup;
};

extern const struct refusal simple_refusal;

void add_reject(const struct refusal *r, __u64 seq);
void add_now(const struct refusal *r, __u64 cookie);
void refusal_start(void);
void why(const struct refusal *r, bool still);

#endif /* PORTOWNER_TESTS_REFUSAL_H */
