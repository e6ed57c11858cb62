// SPDX-License-Identifier: GPL-2.0
/* An audit as text: by finding, worst first. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/print.h"
#include "lib/escape.h"
#include "lib/time_fmt.h"
#include "lib/util.h"
#include "print/phrase.h"
#include "print/print.h"
#include "print/words.h"

#define INDENT_WIDTH	(sizeof(INDENT) - 1)

/* Indent by @depth levels, and by one more from the second line on. */
static void put_words(const char *words, size_t depth)
{
	size_t indent = depth * INDENT_WIDTH;

	printf("%*s", (int)indent, "");
	print_words(words, indent + INDENT_WIDTH, indent);
}

/* Returns the length; nothing after the severity is in its style. */
static size_t put_severity(enum severity severity, const struct style *style)
{
	const char *name = severity_name(severity);

	if (style->color)
		fputs(severity == SEVERITY_HIGH ? SGR_BOLD SGR_RED : SGR_BOLD,
		      stdout);
	fputs(name, stdout);
	if (style->color)
		fputs(SGR_RESET, stdout);
	return strlen(name);
}

static void print_heading(const struct finding *finding,
			  const struct style *style)
{
	char *words = xasprintf("%s: %s", finding_name(finding->id),
				finding_title(finding->id));
	size_t column = put_severity(finding->severity, style);

	column += printf(": ");
	print_words(words, INDENT_WIDTH, column);
	free(words);
}

static bool same_heading(const struct finding *a, const struct finding *b)
{
	return a->id == b->id && a->severity == b->severity;
}

static bool same_group(const struct finding *a, const struct finding *b)
{
	return same_heading(a, b) && !who_compare_group(&a->who, &b->who);
}

/* Grouped by user and unit, one line per port. */
static void print_exposed(const struct audit *audit,
			  const struct finding *finding,
			  const struct finding *last)
{
	char *group = who_words_group(&finding->who, audit->numeric);
	char *where = finding_where(finding);
	char *holder = phrase_holder(finding->socks[0]);
	char *line = finding->n_socks > 1 ?
		xasprintf("%s  %s, %zu sockets", where, holder,
			  finding->n_socks) :
		xasprintf("%s  %s", where, holder);

	if (!last || !same_group(last, finding))
		put_words(group, 1);
	put_words(line, 2);
	free(line);
	free(holder);
	free(where);
	free(group);
}

static void print_finding(const struct finding *finding)
{
	char *where = finding_where(finding);

	put_words(where, 1);
	put_words(finding->text, 2);
	free(where);
}

/* Print a remedy shared by several findings once. */
static void print_remedy(const struct finding *finding,
			 const struct finding *next)
{
	char *words;

	if (next && same_heading(finding, next) &&
	    !strcmp(finding->remedy, next->remedy))
		return;
	words = xasprintf("-> %s", finding->remedy);
	put_words(words, finding->id == FINDING_EXPOSED ? 1 : 2);
	free(words);
}

static void put_item(FILE *out, const char *item)
{
	fprintf(out, "%s%s", ftell(out) ? ", " : "", item);
}

/* "kernel-owner, inherited-socket"; to be freed. */
static char *names_of(__u32 findings)
{
	char *names;
	size_t len, i;
	FILE *out = phrase_open(&names, &len);

	for (i = 0; i < FINDINGS; i++)
		if (findings & 1U << i)
			put_item(out, finding_name(i));
	fclose(out);
	return names;
}

static void print_note(char *words)
{
	print_words(words, INDENT_WIDTH, 0);
	free(words);
}

/* Part of the answer, which would otherwise claim too much. */
static void print_unchecked(const struct audit *audit)
{
	char *never = names_of(audit->unchecked & ~UNCHECKED_SYSCTLS);
	char *partly = names_of(audit->partly);

	if (*never)
		print_note(xasprintf("not checked%s: %s", audit->module ? "" :
				     " without the module", never));
	if (*partly)
		print_note(xasprintf("not checked everywhere, because %s: %s",
				     audit->hidden ? audit->root_sees ?
					     "some processes are hidden from you, "
					     "but not from root" :
					     "some processes are hidden" :
					     "options of sockets are not known",
				     partly));
	if (audit->unchecked & UNCHECKED_SYSCTLS)
		print_note(xstrdup("not checked: sysctls of other network namespaces"));
	free(partly);
	free(never);
}

static void print_totals(const struct finding_list *list)
{
	size_t n[SEVERITIES] = { 0 }, i;

	for (i = 0; i < list->n; i++)
		n[list->v[i].severity]++;
	for (i = 0; i < SEVERITIES; i++)
		printf("%s%zu %s", i ? ", " : "", n[i], severity_name(i));
	putchar('\n');
}

/**
 * audit_print() - Print the findings.
 * @audit: the audit
 * @style: output style
 */
void audit_print(const struct audit *audit, const struct style *style)
{
	const struct finding *finding = audit->findings.v, *last = NULL;
	size_t i, n = audit->findings.n;

	for (i = 0; i < n; i++, finding++) {
		if (last && !same_heading(last, finding))
			putchar('\n');
		if (!last || !same_heading(last, finding)) {
			print_heading(finding, style);
			last = NULL;
		}
		if (finding->id == FINDING_EXPOSED)
			print_exposed(audit, finding, last);
		else
			print_finding(finding);
		print_remedy(finding, i + 1 < n ? finding + 1 : NULL);
		last = finding;
	}
	if (n)
		putchar('\n');
	print_totals(&audit->findings);
	print_unchecked(audit);
}

static void print_who(const char *label, const struct finding *finding,
		      bool numeric)
{
	char *who, *words;

	if (!finding || (!finding->who.n && !finding->who.unknown))
		return;
	who = who_words(&finding->who, numeric);
	words = xasprintf("%s: %s", label, who);
	put_words(words, 2);
	free(words);
	free(who);
}

static void print_change(const struct audit *audit, const struct change *change,
			 const struct style *style)
{
	const struct finding *finding = change->is ?: change->was;
	char *where = finding_where(finding);
	char *words = xasprintf(": %s: %s", finding_name(finding->id), where);
	size_t column = printf("%s, ", change_name(change));

	column += put_severity(finding->severity, style);
	print_words(words, INDENT_WIDTH, column);
	print_who("was", change->was, audit->numeric);
	print_who("is", change->is, audit->numeric);
	if (change->is) {
		put_words(finding->text, 2);
		print_remedy(finding, NULL);
	}
	free(words);
	free(where);
}

/* In local time, as all times for people; it comes from a file, untrusted. */
static char *time_words(const char *time)
{
	char local[36];
	__u64 time_ns;

	if (!time_fmt_parse(time, time_fmt_now(), &time_ns))
		return escape_line(time);
	time_fmt_local(time_ns, local, sizeof(local));
	return xstrdup(local);
}

static void print_change_totals(const struct change_list *changes,
				const char *since)
{
	size_t i, new = 0, gone = 0;
	char *time = time_words(since);

	for (i = 0; i < changes->n; i++) {
		new += !changes->v[i].was;
		gone += !changes->v[i].is;
	}
	if (changes->n)
		printf("since %s: %zu new, %zu gone, %zu changed\n", time, new,
		       gone, changes->n - new - gone);
	else
		printf("nothing changed since %s\n", time);
	free(time);
}

/**
 * audit_print_changes() - Print the changes.
 * @audit: the audit
 * @changes: what changed
 * @since: time of the earlier audit
 * @style: output style
 */
void audit_print_changes(const struct audit *audit,
			 const struct change_list *changes, const char *since,
			 const struct style *style)
{
	size_t i;

	for (i = 0; i < changes->n; i++)
		print_change(audit, &changes->v[i], style);
	if (changes->n)
		putchar('\n');
	print_change_totals(changes, since);
	print_unchecked(audit);
}
