// SPDX-License-Identifier: GPL-2.0
/*
 * Which refusals share a record: those that a reader of the log would consider
 * repetitions of the same event.
 */

#include <linux/cache.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/string.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "forecast/forecast.h"
#include "rejects/refusal.h"
#include "rejects/rejects.h"

/* Secret, so that nobody can choose refusals whose keys have the same hash. */
static hsiphash_key_t po_reject_hash_key __ro_after_init;

/**
 * po_reject_key_init() - choose how to hash keys
 *
 * Context: module init.
 */
void __init po_reject_key_init(void)
{
	get_random_bytes(&po_reject_hash_key, sizeof(po_reject_hash_key));
}

static u64 po_culprit_cookie(const struct po_reject *rej)
{
	const struct po_sock *culprit = po_main_culprit(rej->culprits);

	return culprit ? culprit->cookie : 0;
}

/**
 * po_reject_key_of() - get the key of a record
 * @key: filled with pointers into @rej
 * @rej: record that is not in a log yet
 *
 * Context: any.
 */
void po_reject_key_of(struct po_reject_key *key, const struct po_reject *rej)
{
	const struct po_proc *proc = rej->caller->proc;

	*key = (struct po_reject_key) {
		.want		= &rej->want,
		.op		= rej->op,
		.err		= rej->err,
		.rule		= rej->rule,
		.reason		= rej->reason,
		.prog		= rej->prog.id,
		.culprit	= po_culprit_cookie(rej),
		.cred		= proc->cred,
		.exe		= proc->exe,
		.reaper		= rej->caller->reaper,
		.pid		= proc->pid,
		.comm		= proc->comm,
	};
}

static u32 po_hash_string(const char *string)
{
	return string ? hsiphash(string, strlen(string), &po_reject_hash_key) : 0;
}

/**
 * po_reject_key_hash() - hash a key
 * @key: key
 *
 * Covers whatever a user can vary to get many records, so that different ones
 * are told apart without comparing long paths under the lock of the log.
 *
 * Context: any; takes time in proportion to the length of @key->exe.
 * Return: hash of the key.
 */
u32 po_reject_key_hash(const struct po_reject_key *key)
{
	const struct po_sock *want = &key->want->sock;
	const u64 reaper = (unsigned long)key->reaper;
	const u32 words[] = {
		(__force u32)want->addr.s6_addr32[0],
		(__force u32)want->addr.s6_addr32[1],
		(__force u32)want->addr.s6_addr32[2],
		(__force u32)want->addr.s6_addr32[3],
		(__force u32)want->peer.s6_addr32[0],
		(__force u32)want->peer.s6_addr32[1],
		(__force u32)want->peer.s6_addr32[2],
		(__force u32)want->peer.s6_addr32[3],
		want->port | (u32)want->proto << 16,
		want->peer_port | (u32)key->want->family << 16, want->ifindex,
		want->flags | (u32)key->op << 8 | (u32)key->rule << 16,
		from_kuid(&init_user_ns, key->cred->euid),
		lower_32_bits(key->culprit), upper_32_bits(key->culprit),
		lower_32_bits(reaper), upper_32_bits(reaper),
		po_hash_string(key->exe), key->err, key->prog,
	};

	return hsiphash(words, sizeof(words), &po_reject_hash_key);
}

static bool po_same_endpoint(const struct po_sock *a, const struct po_sock *b)
{
	return a->family == b->family && a->proto == b->proto &&
	       a->port == b->port && a->ifindex == b->ifindex &&
	       a->flags == b->flags && ipv6_addr_equal(&a->addr, &b->addr) &&
	       a->peer_port == b->peer_port && ipv6_addr_equal(&a->peer, &b->peer);
}

static bool po_same_string(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool po_same_reason(const struct po_reason *a, const struct po_reason *b)
{
	return a->value == b->value && !strcmp(a->dev, b->dev);
}

static bool po_same_user(const struct cred *a, const struct cred *b)
{
	return a == b || (a->user_ns == b->user_ns && uid_eq(a->euid, b->euid));
}

/**
 * po_reject_key_equal() - whether a refusal belongs to a record
 * @key: key of the refusal
 * @rej: record; compare hashes first, since paths may be long
 *
 * Context: under the lock of the log.
 * Return: true if it does.
 */
bool po_reject_key_equal(const struct po_reject_key *key, const struct po_reject *rej)
{
	const struct po_caller *caller = rej->caller;

	return key->op == rej->op && key->err == rej->err &&
	       key->rule == rej->rule && key->prog == rej->prog.id &&
	       key->reaper == caller->reaper &&
	       key->want->family == rej->want.family &&
	       po_same_reason(&key->reason, &rej->reason) &&
	       po_same_endpoint(&key->want->sock, &rej->want.sock) &&
	       po_same_user(key->cred, caller->proc->cred) &&
	       key->culprit == po_culprit_cookie(rej) &&
	       po_same_string(key->exe, caller->proc->exe);
}

/**
 * po_reject_key_same_caller() - whether a record describes the present caller
 * @key: key of the refusal
 * @rej: record that it belongs to
 *
 * Context: under the lock of the log.
 * Return: true if the record needs no new description of the caller.
 */
bool po_reject_key_same_caller(const struct po_reject_key *key, const struct po_reject *rej)
{
	const struct po_proc *proc = rej->caller->proc;

	return key->pid == proc->pid && key->cred == proc->cred &&
	       !strcmp(key->comm, proc->comm);
}
