// SPDX-License-Identifier: GPL-2.0
/* portowner why: explain the last refusal, and suggest remedies. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#include "cmd/bind_request.h"
#include "cmd/check_answer.h"
#include "cmd/cmd.h"
#include "cmd/open.h"
#include "explain/explain.h"
#include "lib/host.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "model/target.h"

enum {
	KEY_FIX = OPTION_LONG_ONLY,
};

/**
 * struct why - The question, and what was found.
 * @options: the command line
 * @target: the only wanted target, or NULL
 * @source: the module, or sock_diag
 * @rejects: the reject, the only one in its list
 * @now: sockets on its port now
 * @servers: sockets that may need their ports again
 * @check: answer to the same bind now
 * @can_check: @check is set
 */
struct why {
	const struct options *options;
	const struct target *target;
	struct source *source;
	struct reject_list rejects;
	struct psock_list now;
	struct psock_list servers;
	struct check check;
	bool can_check;
};

static bool is_wanted(const struct reject *reject, const void *arg)
{
	const struct why *why = arg;

	return filter_wants_reject(&why->options->filter, reject) &&
	       (!why->target || target_matches(why->target, &reject->ep));
}

static bool is_last(const struct reject *reject, const void *last)
{
	return reject == last;
}

/* By time, because each namespace has its own sequence numbers. */
static const struct reject *last_of(struct reject_list *list)
{
	const struct reject *last;
	size_t i;

	reject_list_sort(list);
	last = list->n ? &list->v[list->n - 1] : NULL;
	for (i = 0; i < list->n; i++)
		if (list->v[i].netns == last->netns &&
		    list->v[i].seq > last->seq)
			last = &list->v[i];
	return last;
}

static int find_reject(struct why *why)
{
	const struct reject_query query = {
		.all_netns = why->options->filter.all_netns,
	};
	int status = source_rejects(why->source, &query, &why->rejects);

	if (status)
		return status;
	reject_list_keep(&why->rejects, is_wanted, why);
	reject_list_keep(&why->rejects, is_last, last_of(&why->rejects));
	return 0;
}

static bool is_in_netns(const struct psock *sock, const void *netns)
{
	return sock->netns == *(const __u32 *)netns;
}

static int find_sockets(struct why *why)
{
	const struct reject *reject = why->rejects.v;
	struct filter filter = {
		.port = reject->ep.port,
		.port_last = reject->ep.port,
		.states = STATES_ALL,
		.all_netns = reject->netns != host_netns(),
	};
	int status;

	if (reject->netns == host_netns()) {
		status = check_servers(why->source, reject, &why->servers);
		if (status)
			return status;
	}
	if (!reject->ep.port ||
	    (reject->err != EADDRINUSE && !reject->peer_port))
		return 0;
	/* MPTCP uses TCP ports: query both. */
	filter_add_proto(&filter, endpoint_transport(&reject->ep));
	status = source_ports(why->source, &filter, &why->now);
	psock_list_keep(&why->now, is_in_netns, &reject->netns);
	return status;
}

/*
 * Records lack the scope of a link-local address. For other protocols it is the
 * device that the socket is bound to; SCTP does not bind it to one.
 */
static bool has_lost_scope(const struct endpoint *ep)
{
	struct in6_addr addr;

	memcpy(&addr, ep->addr, sizeof(addr));
	return ep->proto == IPPROTO_SCTP && ep->family == AF_INET6 &&
	       IN6_IS_ADDR_LINKLOCAL(&addr);
}

/*
 * The module checks conflicts for another user, but not the permissions of the
 * program that was refused.
 */
static bool is_checkable(const struct reject *reject)
{
	if (has_lost_scope(&reject->ep))
		return false;
	switch (reject->rule) {
	case PORTOWNER_RULE_PRIVILEGED_PORT:
	case PORTOWNER_RULE_ALREADY_BOUND:
	case PORTOWNER_RULE_DENIED_BY_LSM:
	case PORTOWNER_RULE_DENIED_BY_BPF:
	case PORTOWNER_RULE_INVALID_ARGUMENT:
	case PORTOWNER_RULE_OTHER:
		return false;
	default:
		return reject->netns == host_netns() &&
		       reject->op != PORTOWNER_REJECT_OP_AUTOBIND;
	}
}

/* A socket with a link-local address is bound to the device of its scope. */
static void check_again(struct why *why)
{
	const struct reject *reject = why->rejects.v;
	struct bind_request request = {
		.ep = reject->ep,
		.has_uid = reject->uid != host_uid(),
		.uid = reject->uid,
		.listen = reject->op == PORTOWNER_REJECT_OP_LISTEN,
	};

	request.ep.flags &= ~(__u32)PORTOWNER_SOCK_FLAG_SELECTOR;
	if (reject->ep.dev)
		request.ifindex = host_ifindex(reject->ep.dev);
	request.scope = request.ifindex;
	if (is_checkable(reject) && (!reject->ep.dev || request.ifindex))
		why->can_check = source_can_check(why->source, &request,
						  &why->check);
}

static void print_text(const struct report *report, const struct style *style)
{
	printf("%s%s%s\n", style->color ? SGR_BOLD : "", report->title,
	       style->color ? SGR_RESET : "");
	report_print(report, "What can be done:");
}

/* To be read and pasted: these are alternatives, none of which is run here. */
static void print_commands(const struct report *report)
{
	if (!report_print_commands(report))
		complain(STATUS_YES,
			 "no command helps; without --fix, 'why' says what can be done");
	else if (report_begins_with_words(report))
		complain(STATUS_YES,
			 "the first remedy is no command; without --fix, 'why' says what it is");
	else if (report_has_setting(report))
		complain(STATUS_YES,
			 "instead, a setting can give the new program another port; without --fix, 'why' shows it");
}

static void explain(const struct why *why)
{
	const struct options *options = why->options;
	struct report report = { 0 };
	struct context ctx = {
		.reject = why->rejects.v,
		.now = &why->now,
		.servers = why->rejects.v->netns == host_netns() ?
				   &why->servers : NULL,
		.would = why->can_check ? &why->check.would : NULL,
		.numeric = options->style.numeric,
	};

	context_find(&ctx);
	explain_facts(&ctx, &report);
	explain_rule(&ctx, &report);
	if (options->fix)
		print_commands(&report);
	else if (options->json)
		report_print_json(&why->rejects, &report, &ctx,
				  why->source->ops->name);
	else
		print_text(&report, &options->style);
	context_forget(&ctx);
	report_free(&report);
}

/* Where else a refusal may be logged, if the user can look there. */
static const char *elsewhere(const struct why *why)
{
	if (why->options->filter.all_netns)
		return "";
	if (source_sees_all(why->source))
		return " in this network namespace; -A searches all of them";
	return host_has_root() ?
		" in this network namespace for you to see; as root, -A searches all of them" :
		" in this network namespace";
}

static int none_logged(const struct why *why)
{
	const struct options *options = why->options;
	char *hint = NULL;

	if (!options->quiet && options->json)
		report_print_json(&why->rejects, &(struct report){ 0 }, NULL,
				  why->source->ops->name);
	if (options->quiet)
		return STATUS_NO;
	/* Of the first kind is 'port is already allocated' of dockerd. */
	if (why->target && why->target->port)
		hint = xasprintf("; a program may also have refused the port by a list of its "
				 "own, a seccomp filter may have refused the call (EPERM), or it "
				 "happened before the module was loaded: 'portowner check %s' "
				 "tells whether the port is free now", options->args[0]);
	else if (!why->target)
		hint = xstrdup("; unix sockets, whose address is a path, are not looked at");
	complain(STATUS_NO, "no refusal%s%s is logged%s%s",
		 options->n_args ? " of " : "",
		 options->n_args ? options->args[0] : "",
		 elsewhere(why), hint ?: "");
	free(hint);
	return STATUS_NO;
}

static int answer(struct why *why)
{
	int status = find_reject(why);

	if (status)
		return status;
	if (!why->rejects.n)
		return none_logged(why);
	if (why->options->quiet)
		return STATUS_YES;
	status = find_sockets(why);
	if (status)
		return status;
	check_again(why);
	explain(why);
	return STATUS_YES;
}

/*
 * Even if the refusal was not seen, it is possible to say what is in the way
 * now, of an ordinary socket with the same request.
 */
static void print_now(const struct why *why, const struct bind_request *request,
		      const struct check *check)
{
	const struct options *options = why->options;
	const struct context ctx = {
		.would = check->undecided ? NULL : &check->would,
		.rule_unknown = check->rule_unknown,
	};
	struct report report = { 0 };
	struct columns columns;

	if (!options->fix && !options->json) {
		/* Cannot fail: there is no --output. */
		sockets_columns(options, true, &columns);
		check_print(options, &columns, request, check);
		return;
	}
	check_report(request, check, options->style.numeric, &report);
	if (options->fix)
		print_commands(&report);
	else
		report_print_json(&why->rejects, &report, &ctx,
				  why->source->ops->name);
	report_free(&report);
}

static bool is_free(const struct check *check)
{
	return !check->would.err && !check->undecided;
}

/*
 * Print what is in the way of a bind, or of the same one for IPv6. As text, the
 * answers before that are printed as well. Returns false if nothing is.
 */
static bool print_conflict(const struct why *why,
			   const struct bind_request *request,
			   const struct check *check)
{
	bool text = !why->options->fix && !why->options->json;
	struct check answer = { 0 };
	struct bind_request six;
	bool both = check_for_ipv6(why->source, request, check, &six, &answer);

	if (text || !is_free(check))
		print_now(why, request, check);
	if (both)
		print_now(why, &six, &answer);
	check_clear(&answer);
	return both || !is_free(check);
}

/* A port that is free for TCP may be needed for UDP. */
static int print_answers(const struct why *why,
			 const struct bind_request *request)
{
	bool text = !why->options->fix && !why->options->json;
	struct bind_request datagrams = *request;
	struct check check = { 0 };
	bool found;
	int status = 0;

	if (text)
		puts("Whether it was refused is not known: only the kernel module sees that. Now:");
	found = print_conflict(why, request, &why->check);
	datagrams.ep.proto = IPPROTO_UDP;
	if (!found && request->any_proto) {
		status = check_ask(why->source, &datagrams, &check);
		found = !status && print_conflict(why, &datagrams, &check);
		check_clear(&check);
	}
	if (!found && !text && !status)
		print_now(why, request, &why->check);
	return status ? status : STATUS_NO;
}

static int answer_now(struct why *why)
{
	struct bind_request request;
	int status = bind_request_of(&request, why->options);

	if (!status)
		status = check_ask(why->source, &request, &why->check);
	if (status)
		return status;
	return why->options->quiet ? STATUS_NO : print_answers(why, &request);
}

/* Does the command line say which bind to check? */
static bool is_one_bind(const struct filter *f, const struct target *target)
{
	__u16 family = filter_family(f);

	return target->port == target->port_last &&
	       (target->proto || !f->protos || filter_proto(f)) &&
	       (!f->families || (family && (!target->family ||
					    target->family == family ||
					    target->localhost)));
}

/* Only a source that sees refusals knows who was refused what. */
static __u32 needs_of(const struct options *options,
		      const struct target *target)
{
	const struct filter *f = &options->filter;

	return target && is_one_bind(f, target) && !f->pid && !f->has_uid &&
	       !f->comm && !f->unit ? KNOWS_CHECK : KNOWS_REFUSALS;
}

static int parse(struct options *o, int key, char *arg)
{
	(void)arg;
	if (key == KEY_FIX)
		o->fix = true;
	return 0;
}

static const struct option_set why_options = {
	.heading = "Options:",
	.options = (const struct argp_option[]) {
		{ "fix", KEY_FIX, 0, 0,
		  "print only commands that may help; run none of them", 0 },
		{ 0 }
	},
	.parse = parse,
};

static int run_why(const struct options *options)
{
	struct why why = { .options = options };
	struct target target;
	int status = 0;

	if (options->fix && options->json)
		return complain(STATUS_USAGE,
				"--fix prints no JSON; use --json alone, where \"advice\" has the \"commands\"");
	if (options->n_args) {
		status = options_target(options, options->args[0],
					target_parse_wanted, &target);
		why.target = &target;
	}
	if (!status)
		status = source_open(&why.source, options,
				     needs_of(options, why.target));
	if (status)
		return status;
	status = source_knows(why.source, KNOWS_REFUSALS) ? answer(&why) :
							    answer_now(&why);
	reject_list_clear(&why.rejects);
	psock_list_clear(&why.now);
	psock_list_clear(&why.servers);
	check_clear(&why.check);
	source_close(why.source);
	return status;
}

const struct command cmd_why = {
	.name = "why",
	.run = run_why,
	.sets = (const struct option_set * const[]) {
		&why_options, &refused_options, &proto_options, NULL
	},
	.max_args = 1,
	.args = "[TARGET]",
	.summary = "explain the last refusal, and suggest remedies",
	.help = "Explain the last refused bind, or the last one that matches TARGET: who asked\n"
		"for what, what was in the way, whether it still is, which rule applied, and\n"
		"what can be done, with commands to copy.\n",
	.exits = "  0  a refusal was found\n"
		 "  1  no refusal is logged\n",
	.examples = "  portowner why\n"
		    "  portowner why tcp/8080\n"
		    "  portowner why --unit nginx\n"
		    "  portowner why --fix 8080\n"
		    "  portowner why -A --json\n",
};
