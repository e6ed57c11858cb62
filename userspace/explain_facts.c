// SPDX-License-Identifier: GPL-2.0
/* What happened: who wanted what, who was in the way, who is now. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "enums.h"
#include "escape.h"
#include "explain.h"
#include "field.h"
#include "names.h"
#include "print.h"
#include "prose.h"
#include "remedy.h"
#include "when.h"

/* Sockets in the way that are described each. */
#define CULPRITS_MAX	4

static void put_options(FILE *out, const struct endpoint *ep)
{
	static const struct {
		__u32 flag;
		const char *name;
	} options[] = {
		{ PORTOWNER_SOCK_FLAG_REUSEADDR, "SO_REUSEADDR" },
		{ PORTOWNER_SOCK_FLAG_REUSEPORT, "SO_REUSEPORT" },
		{ PORTOWNER_SOCK_FLAG_V6ONLY, "IPV6_V6ONLY" },
		{ PORTOWNER_SOCK_FLAG_FREEBIND, "IP_FREEBIND" },
		{ PORTOWNER_SOCK_FLAG_TRANSPARENT, "IP_TRANSPARENT" },
	};
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (ep->flags & options[i].flag)
			fprintf(out, "%s%s", n++ ? " and " : ", with ",
				options[i].name);
}

static void put_escaped(FILE *out, const char *before, const char *bytes)
{
	char *text;

	if (!bytes)
		return;
	text = escape_text(bytes, strlen(bytes));
	fprintf(out, "%s%s", before, text);
	free(text);
}

static void put_age(FILE *out, __u64 ns)
{
	char age[16];

	when_format_age(ns, age, sizeof(age));
	fputs(age, out);
}

static void put_title(FILE *out, const struct reject *reject)
{
	const char *name = errno_name(reject->err);
	char *where = prose_wanted(&reject->ep);
	bool automatic = reject->op == PORTOWNER_OP_AUTOBIND;

	fprintf(out, "%s of %s was refused: %s (%s)",
		automatic ? "automatic bind" : op_name(reject->op), where,
		name ? name : "an error", rule_name(reject->rule));
	free(where);
}

static void put_unit(FILE *out, const char *cgroup)
{
	struct value unit = { 0 };
	char *text;

	if (!cgroup)
		return;
	value_unit(&unit, cgroup);
	if (unit.type != VALUE_STRING)
		return;
	text = value_text(&unit);
	fprintf(out, ", in %s", text);
	free(text);
}

static void put_netns(FILE *out, const struct situation *sit)
{
	const char *name = netns_name(sit->reject->netns);

	if (sit->here)
		return;
	fputs(", in network namespace ", out);
	if (name)
		put_escaped(out, "", name);
	else
		fprintf(out, "%u", sit->reject->netns);
}

static void put_who(FILE *out, const struct situation *sit)
{
	const struct reject *reject = sit->reject;
	char *who = newcomer(sit);

	fprintf(out, "%s of ", who);
	prose_user(out, reject->uid, sit->numeric);
	put_escaped(out, ", running ", reject->exe);
	put_unit(out, reject->cgroup);
	put_netns(out, sit);
	fputs(", asked for it", out);
	put_options(out, &reject->ep);
	fputc('.', out);
	free(who);
}

/* Of a record that has several, what was said is about the last. */
static void put_count(FILE *out, const struct reject *reject, __u64 now)
{
	__u64 first = reject->first_time_ns;
	char date[40];

	if (reject->count < 2)
		return;
	when_format(first, date, sizeof(date));
	fprintf(out, " It was refused so %llu times, for the first time ",
		(unsigned long long)reject->count);
	put_age(out, now > first ? now - first : 0);
	fprintf(out, " ago, at %s.", date);
}

static void put_when(FILE *out, const struct situation *sit)
{
	__u64 now = when_now(), then = sit->reject->time_ns;
	char date[40];

	when_format(then, date, sizeof(date));
	fprintf(out, "That was ");
	put_age(out, now > then ? now - then : 0);
	fprintf(out, " ago, at %s.", date);
	put_count(out, sit->reject, now);
}

static const char *doing(const struct psock *sock)
{
	switch (sock->state) {
	case PORTOWNER_STATE_LISTEN:
		return "listened on ";
	case PORTOWNER_STATE_BOUND:
		return "was bound to ";
	default:
		return "had a connection from ";
	}
}

/* Who bound it, unless that is who holds it. */
static void put_binder(FILE *out, const struct psock *sock)
{
	const struct binder *binder = sock->binder;
	char *who;

	if (!binder && !sock->has_age)
		return;
	if (sock->state != PORTOWNER_STATE_BOUND)
		fputs(", bound", out);
	if (binder && (!binder->pid || !sock->n_owners ||
		       binder->pid != sock->owners->pid)) {
		who = prose_process(binder->comm, binder->pid);
		fprintf(out, " by %s%s", who,
			binder->alive ? "" : " (which has ended)");
		free(who);
	}
	if (!sock->has_age)
		return;
	fputc(' ', out);
	put_age(out, sock->age_ns);
	fputs(" earlier", out);
}

static void put_culprit(FILE *out, const struct situation *sit,
			const struct psock *sock)
{
	char *who = prose_holder(sock), *where = prose_endpoint(&sock->ep);

	if (!psock_is_passive(sock) && !psock_is_lasting(sock)) {
		fprintf(out, "%s had %s", prose_left_over(sock), where);
	} else {
		fputs(who, out);
		if (sock->has_uid) {
			fputs(", socket of ", out);
			prose_user(out, sock->uid, sit->numeric);
			fputc(',', out);
		}
		fprintf(out, " %s%s", doing(sock), where);
	}
	if (psock_is_passive(sock))
		put_binder(out, sock);
	put_options(out, &sock->ep);
	fputc('.', out);
	free(where);
	free(who);
}

static void put_culprits(FILE *out, const struct situation *sit)
{
	const struct psock_list *list = &sit->reject->culprits;
	size_t i;

	if (!situation_is_conflict(sit))
		return;
	for (i = 0; i < list->n && i < CULPRITS_MAX; i++) {
		fputs(i ? " " : "", out);
		put_culprit(out, sit, &list->v[i]);
	}
	if (list->n > i)
		fprintf(out, " And %zu socket%s more.", list->n - i,
			list->n - i > 1 ? "s" : "");
	if (!list->n)
		fputs("What was in the way is not known: it was gone at once.",
		      out);
}

static void put_there(FILE *out, const struct situation *sit)
{
	const struct psock *sock = sit->there;
	char *who = prose_holder(sock), *where = prose_endpoint(&sock->ep);

	if (!psock_is_passive(sock) && !psock_is_lasting(sock))
		fprintf(out, "%s (%s)", where, state_name(sock->state));
	else
		fprintf(out, "%s (%s, %s)", who, where,
			state_name(sock->state));
	if (situation_is_own(sit, sock))
		fputs(", the very process that was refused", out);
	free(where);
	free(who);
}

static void put_still(FILE *out, const struct situation *sit)
{
	size_t were = sit->reject->culprits.n;

	if (sit->still && sit->still == were) {
		fputs(were == 1 ? "The same socket is still there: " :
				  "They are all still there, among them ", out);
		put_there(out, sit);
	} else if (sit->still) {
		fprintf(out, "%zu of %zu are still there, among them ",
			sit->still, were);
		put_there(out, sit);
	} else if (sit->others) {
		fputs(were ? "That is gone, but another socket is in the way: " :
			     "A socket is in the way: ", out);
		put_there(out, sit);
	} else {
		fputs("It is gone since: nothing is in the way any more", out);
	}
	if (sit->still && sit->there->has_expires) {
		fputs(", for another ", out);
		put_age(out, sit->there->expires_ns);
	}
	fputc('.', out);
}

/* What the kernel itself would say to the same bind now. */
static void put_verdict(FILE *out, const struct reject *would, bool listen)
{
	const char *name;

	if (!would)
		return;
	name = errno_name(would->err);
	fprintf(out, "%sThe same bind%s would ", ftell(out) ? " " : "",
		listen ? " and listen" : "");
	if (!would->err)
		fputs("succeed now.", out);
	else
		fprintf(out, "be refused again: %s (%s).",
			name ? name : "an error", rule_name(would->rule));
}

static void put_now(FILE *out, const struct situation *sit)
{
	if (situation_is_conflict(sit))
		put_still(out, sit);
	put_verdict(out, sit->would, sit->reject->op == PORTOWNER_OP_LISTEN);
}

static void add(struct story *story, const char *label,
		const struct situation *sit,
		void (*put)(FILE *out, const struct situation *sit))
{
	size_t len;
	char *text;
	FILE *out;

	out = prose_open(&text, &len);
	put(out, sit);
	fclose(out);
	story_add(story, label, text);
}

/**
 * explain_facts() - Tell what happened, and what has become of it.
 * @sit: the situation
 * @story: where
 */
void explain_facts(const struct situation *sit, struct story *story)
{
	size_t len;
	FILE *out;

	out = prose_open(&story->title, &len);
	put_title(out, sit->reject);
	fclose(out);
	add(story, "who", sit, put_who);
	add(story, "when", sit, put_when);
	add(story, "in the way", sit, put_culprits);
	add(story, "now", sit, put_now);
}
