// SPDX-License-Identifier: GPL-2.0
/*
 * Which refusals count as one: those that somebody who looks at the log would
 * take for the same thing that happened again.
 */

#include <linux/jhash.h>
#include <linux/string.h>

#include "internal.h"

static u64 po_culprit_of(const struct po_reject *rej)
{
	const struct po_sock *culprit = po_main_culprit(rej->culprits);

	return culprit ? culprit->cookie : 0;
}

/**
 * po_key_of() - what makes others equal to a record
 * @key: result; points into the record
 * @rej: record that is in no log yet
 */
void po_key_of(struct po_key *key, const struct po_reject *rej)
{
	const struct po_proc *proc = rej->caller->proc;

	*key = (struct po_key) {
		.want		= &rej->want,
		.op		= rej->op,
		.err		= rej->err,
		.rule		= rej->rule,
		.culprit	= po_culprit_of(rej),
		.cred		= proc->cred,
		.exe		= proc->exe,
		.reaper		= rej->caller->reaper,
		.pid		= proc->pid,
		.comm		= proc->comm,
	};
}

/**
 * po_key_hash() - hash of what makes refusals equal
 * @key: key
 *
 * Return: the hash; not all of the key is in it.
 */
u32 po_key_hash(const struct po_key *key)
{
	const struct po_sock *want = &key->want->sock;
	const u32 words[] = {
		(__force u32)want->addr.s6_addr32[0],
		(__force u32)want->addr.s6_addr32[1],
		(__force u32)want->addr.s6_addr32[2],
		(__force u32)want->addr.s6_addr32[3],
		want->port | (u32)want->proto << 16, want->ifindex,
		want->flags | (u32)key->op << 8 | (u32)key->rule << 16,
		from_kuid(&init_user_ns, key->cred->euid),
		lower_32_bits(key->culprit),
	};

	return jhash2(words, ARRAY_SIZE(words), key->err);
}

static bool po_same_endpoint(const struct po_sock *a, const struct po_sock *b)
{
	return a->family == b->family && a->proto == b->proto &&
	       a->port == b->port && a->ifindex == b->ifindex &&
	       a->flags == b->flags && ipv6_addr_equal(&a->addr, &b->addr);
}

static bool po_same_string(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool po_same_user(const struct cred *a, const struct cred *b)
{
	return a == b || (a->user_ns == b->user_ns && uid_eq(a->euid, b->euid));
}

/**
 * po_key_equal() - whether a refusal counts in a record
 * @key: what of the refusal matters
 * @rej: record
 *
 * Context: under the lock of the log.
 * Return: true if it does.
 */
bool po_key_equal(const struct po_key *key, const struct po_reject *rej)
{
	const struct po_caller *caller = rej->caller;

	return key->op == rej->op && key->err == rej->err &&
	       key->rule == rej->rule && key->reaper == caller->reaper &&
	       po_same_endpoint(&key->want->sock, &rej->want.sock) &&
	       po_same_user(key->cred, caller->proc->cred) &&
	       key->culprit == po_culprit_of(rej) &&
	       po_same_string(key->exe, caller->proc->exe);
}

/**
 * po_key_same_caller() - whether a record names the one who asks
 * @key: who asks
 * @rej: record that is equal
 *
 * Context: under the lock of the log.
 * Return: true if it needs no new description.
 */
bool po_key_same_caller(const struct po_key *key, const struct po_reject *rej)
{
	const struct po_proc *proc = rej->caller->proc;

	return key->pid == proc->pid && key->cred == proc->cred &&
	       !strcmp(key->comm, proc->comm);
}
