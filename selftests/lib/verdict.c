// SPDX-License-Identifier: GPL-2.0
/* Does a bind succeed, as bind-check predicts and as the log says? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/portowner.h>

#include "die.h"
#include "sock.h"
#include "verdict.h"

static const char *const rules[] = {
	"other", "address-in-use", "reuseport-uid-differs",
	"reuseaddr-holder-listening", "time-wait", "wildcard-covers",
	"dual-stack-covers", "ephemeral-exhausted", "address-not-local",
	"privileged-port", "already-bound", "denied-by-lsm", "denied-by-bpf",
	"invalid-argument",
};

static const char *const ops[] = { "bind", "listen", "autobind" };

static void read_culprit(const struct nlattr *nest, struct verdict *v)
{
	struct culprit culprit = {};
	const struct nlattr *nla;
	struct nla_iter iter;

	nla_iter_nest(&iter, nest);
	while (nla_next(&iter, &nla)) {
		if (nla_id(nla) == PORTOWNER_A_SOCKET_COOKIE)
			culprit.cookie = nla_u64(nla);
		else if (nla_id(nla) == PORTOWNER_A_SOCKET_INODE)
			culprit.inode = nla_u64(nla);
	}
	/* more owners of the last culprit */
	if (v->n && v->culprits[v->n - 1].cookie == culprit.cookie)
		return;
	if (v->n == CULPRITS_MAX)
		die("more than %d culprits", CULPRITS_MAX);
	v->culprits[v->n++] = culprit;
}

static int by_cookie(const void *a, const void *b)
{
	const struct culprit *x = a, *y = b;

	return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

static void sort_culprits(struct verdict *v)
{
	qsort(v->culprits, v->n, sizeof(v->culprits[0]), by_cookie);
}

/* ---- bind-check ---- */

/**
 * question_put() - build a request
 * @msg: filled in
 * @nl: socket
 * @q: question
 */
void question_put(struct nl_msg *msg, struct nl *nl, const struct question *q)
{
	unsigned char addr[16];
	int len = sock_addr_bytes(q->ip, addr);

	nl_msg_init(msg, nl, PORTOWNER_CMD_BIND_CHECK, NLM_F_DUMP);
	nl_put_u16(msg, PORTOWNER_A_CHECK_FAMILY,
		   len == 4 ? AF_INET : AF_INET6);
	nl_put_u16(msg, PORTOWNER_A_CHECK_PROTO, q->proto);
	nl_put(msg, PORTOWNER_A_CHECK_ADDR, addr, len);
	nl_put_u16(msg, PORTOWNER_A_CHECK_PORT, q->port);
	if (q->ifindex)
		nl_put_u32(msg, PORTOWNER_A_CHECK_IFINDEX, q->ifindex);
	if (q->scope)
		nl_put_u32(msg, PORTOWNER_A_CHECK_SCOPE, q->scope);
	if (q->flags)
		nl_put_u32(msg, PORTOWNER_A_CHECK_FLAGS, q->flags);
	if (q->for_uid)
		nl_put_u32(msg, PORTOWNER_A_CHECK_UID, q->uid);
	if (q->listen)
		nl_put_flag(msg, PORTOWNER_A_CHECK_LISTEN);
}

/* For nl_talk(): a message of the answer, into a struct verdict. */
void verdict_read(const struct nlmsghdr *hdr, void *arg)
{
	struct verdict *v = arg;
	const struct nlattr *nla;
	struct nla_iter iter;

	nla_iter_msg(&iter, hdr);
	while (nla_next(&iter, &nla)) {
		switch (nla_id(nla)) {
		case PORTOWNER_A_CHECK_OP:
			v->op = nla_u32(nla);
			break;
		case PORTOWNER_A_CHECK_ERRNO:
			v->err = nla_u32(nla);
			break;
		case PORTOWNER_A_CHECK_RULE:
			v->rule = nla_u32(nla);
			break;
		case PORTOWNER_A_CHECK_CULPRIT:
			read_culprit(nla, v);
			break;
		}
	}
}

/**
 * verdict_check() - predict a bind
 * @nl: socket
 * @q: the bind
 * @v: filled in
 *
 * Return: 0 or a negative errno, if the request was refused.
 */
int verdict_check(struct nl *nl, const struct question *q, struct verdict *v)
{
	struct nl_msg msg;
	int err;

	memset(v, 0, sizeof(*v));
	v->port = q->port;
	question_put(&msg, nl, q);
	err = nl_talk(nl, &msg, verdict_read, v);
	if (!err && !nl->messages)
		die("bind-check: no answer");
	sort_culprits(v);
	return err;
}

/* ---- the log ---- */

struct log_reader {
	verdict_fn fn;
	void *arg;
	struct verdict v;
};

static void finish_record(struct log_reader *reader)
{
	if (!reader->v.seq)
		return;
	sort_culprits(&reader->v);
	reader->fn(&reader->v, reader->arg);
}

static void read_record_attr(const struct nlattr *nla, struct verdict *v)
{
	switch (nla_id(nla)) {
	case PORTOWNER_A_REJECT_PORT:
		v->port = nla_u16(nla);
		break;
	case PORTOWNER_A_REJECT_OP:
		v->op = nla_u32(nla);
		break;
	case PORTOWNER_A_REJECT_ERRNO:
		v->err = nla_u32(nla);
		break;
	case PORTOWNER_A_REJECT_RULE:
		v->rule = nla_u32(nla);
		break;
	case PORTOWNER_A_REJECT_COUNT:
		v->count = nla_u64(nla);
		break;
	case PORTOWNER_A_REJECT_CULPRIT:
		read_culprit(nla, v);
		break;
	}
}

/* The seq comes first, also in a further message of the same record. */
static void read_record(const struct nlmsghdr *hdr, void *arg)
{
	struct log_reader *reader = arg;
	const struct nlattr *nla;
	struct nla_iter iter;
	__u64 seq;

	nla_iter_msg(&iter, hdr);
	while (nla_next(&iter, &nla)) {
		if (nla_id(nla) != PORTOWNER_A_REJECT_SEQ) {
			read_record_attr(nla, &reader->v);
			continue;
		}
		seq = nla_u64(nla);
		if (seq == reader->v.seq)
			continue;
		finish_record(reader);
		memset(&reader->v, 0, sizeof(reader->v));
		reader->v.seq = seq;
	}
}

/**
 * verdicts_log() - read the records of refused binds
 * @nl: socket
 * @since: only those with a higher number
 * @fn: called for each
 * @arg: passed to @fn
 */
void verdicts_log(struct nl *nl, __u64 since, verdict_fn fn, void *arg)
{
	struct log_reader reader = { .fn = fn, .arg = arg };
	struct nl_msg msg;
	int err;

	nl_msg_init(&msg, nl, PORTOWNER_CMD_REJECT_GET, NLM_F_DUMP);
	nl_put_u64(&msg, PORTOWNER_A_REJECT_SINCE, since);
	err = nl_talk(nl, &msg, read_record, &reader);
	if (err)
		die("reject-get: %s", strerror(-err));
	finish_record(&reader);
}

/* ---- both ---- */

static bool share_culprit(const struct verdict *a, const struct verdict *b)
{
	int i, j;

	for (i = 0; i < a->n; i++)
		for (j = 0; j < b->n; j++)
			if (a->culprits[i].cookie == b->culprits[j].cookie)
				return true;
	return !a->n && !b->n;
}

/*
 * Do two verdicts agree in all but their numbers? The culprits in a record of
 * several refusals are those of the first one, which has the same main culprit.
 */
bool verdict_same(const struct verdict *a, const struct verdict *b)
{
	int i;

	if (a->err != b->err || a->op != b->op || a->rule != b->rule)
		return false;
	if (a->count > 1 || b->count > 1)
		return share_culprit(a, b);
	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (a->culprits[i].cookie != b->culprits[i].cookie)
			return false;
	return true;
}

void verdict_print(const char *what, const struct verdict *v)
{
	int i;

	if (!v->err) {
		printf("# %s: ok\n", what);
		return;
	}
	printf("# %s: %s of %s: %s, %d culprits", what, strerror(v->err),
	       ops[v->op], rules[v->rule], v->n);
	for (i = 0; i < v->n; i++)
		printf("%c%#llx", i ? ',' : ' ', v->culprits[i].cookie);
	printf("\n");
}
