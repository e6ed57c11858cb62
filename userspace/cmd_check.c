// SPDX-License-Identifier: GPL-2.0
/* portowner check: would a bind, and a listen, succeed now. */

#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "cmd.h"
#include "enums.h"
#include "explain.h"
#include "host.h"
#include "lsm.h"
#include "prose.h"
#include "range.h"
#include "request.h"

/*
 * One line, and none if nothing else can refuse. It belongs to the answer, which
 * says more than it knows without it.
 */
static void say_unforeseen(const struct check *check)
{
	bool bpf = check->unforeseen & PORTOWNER_UNFORESEEN_CGROUP_BPF;
	char *lsms = lsms_with_say();
	bool lsm = lsms && *lsms;

	if (lsm || bpf)
		printf("note: not foreseen, may refuse nevertheless: %s%s%s%s\n",
		       lsm ? "security module " : "", lsm ? lsms : "",
		       lsm && bpf ? ", " : "",
		       bpf ? "BPF program of this cgroup" : "");
	free(lsms);
}

static void print_verdict(const struct bind_request *request,
			  const struct reject *would)
{
	const char *name = errno_name(would->err);
	bool bound = would->op == PORTOWNER_OP_LISTEN;
	char *words = prose_wanted(&request->ep);

	fputs(words, stdout);
	if (!would->err)
		puts(request->listen ? " can be bound and listened on" :
				       " can be bound");
	else if (name)
		printf(" %s: %s (%s)\n", bound ?
		       "can be bound, but listen() would be refused" :
		       "would be refused", name, rule_name(would->rule));
	else
		printf(" would be refused: errno %u (%s)\n", would->err,
		       rule_name(would->rule));
	free(words);
}

static void print_reasons(const struct bind_request *request,
			  const struct reject *would, bool numeric)
{
	struct story story = { 0 };
	struct situation sit = {
		.reject = would,
		.now = &would->culprits,
		.numeric = numeric,
		.listens = request->listen,
	};

	situation_find(&sit);
	explain_rule(&sit, &story);
	putchar('\n');
	story_print(&story, "What can be done:");
	situation_forget(&sit);
	story_free(&story);
}

static void print_text(const struct options *options,
		       const struct columns *columns,
		       const struct bind_request *request,
		       const struct check *check)
{
	const struct reject *would = &check->would;

	print_verdict(request, would);
	if (!would->err) {
		say_unforeseen(check);
		return;
	}
	if (would->culprits.n)
		print_sockets_table(&would->culprits, columns, &options->style);
	if (!options->columns)
		print_reasons(request, would, options->style.numeric);
}

/* The rule is about what was asked for, which the answer does not repeat. */
static void complete(struct check *check, const struct bind_request *request)
{
	struct reject *would = &check->would;
	char *dev = would->ep.dev;

	would->ep = request->ep;
	free(dev);
	would->ep.dev = xstrdup(request->ep.dev);
	would->uid = request->has_uid ? request->uid : host_uid();
	would->netns = host_netns();
}

static int answer(const struct options *options, const struct columns *columns,
		  const struct bind_request *request, struct check *check)
{
	complete(check, request);
	psock_list_sort(&check->would.culprits, ORDER_STATE);
	if (!options->quiet && options->json)
		print_check_json(&check->would);
	else if (!options->quiet)
		print_text(options, columns, request, check);
	return check->would.err ? STATUS_NO : STATUS_YES;
}

/**
 * cmd_check() - Tell if a bind would succeed.
 * @options: the command line
 *
 * Return: what to exit with; STATUS_NO if it would be refused.
 */
int cmd_check(const struct options *options)
{
	struct bind_request request;
	struct check check = { 0 };
	struct columns columns;
	struct client *client;
	int status;

	status = sockets_columns(options, &columns);
	if (!status)
		status = request_of(&request, options);
	if (!status)
		status = client_open(&client, options->quiet);
	if (status)
		return status;
	status = client_check(client, &request, &check);
	if (!status)
		status = answer(options, &columns, &request, &check);
	check_clear(&check);
	client_close(client);
	return status;
}
