// SPDX-License-Identifier: GPL-2.0
/* portowner why: the last reject in words, and what can be done. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <netinet/in.h>

#include "check.h"
#include "client.h"
#include "cmd.h"
#include "endpoint.h"
#include "enums.h"
#include "explain.h"
#include "host.h"
#include "target.h"

/**
 * struct why - What was asked, and what was found.
 * @options: the command line
 * @target: only rejects of this, or NULL
 * @client: whom to ask
 * @rejects: the reject
 * @now: the sockets on its port
 * @check: what the same bind would meet now
 * @can_check: @check is known
 */
struct why {
	const struct options *options;
	const struct target *target;
	struct client *client;
	struct reject_list rejects;
	struct psock_list now;
	struct check check;
	bool can_check;
};

static bool is_wanted(const struct reject *reject, const void *arg)
{
	const struct why *why = arg;

	return filter_wants_endpoint(&why->options->filter, &reject->ep) &&
	       (!why->target || target_matches(why->target, &reject->ep));
}

static bool is_last(const struct reject *reject, const void *last)
{
	return reject == last;
}

/* Of several namespaces, each has its own numbers. */
static const struct reject *last_of(const struct reject_list *list)
{
	const struct reject *last = NULL;
	size_t i;

	for (i = 0; i < list->n; i++)
		if (!last || list->v[i].time_ns > last->time_ns ||
		    (list->v[i].netns == last->netns &&
		     list->v[i].seq > last->seq))
			last = &list->v[i];
	return last;
}

static int find_reject(struct why *why)
{
	const struct reject_query query = {
		.all_netns = why->options->filter.all_netns,
	};
	int status = client_rejects(why->client, &query, &why->rejects);

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

	if (!reject->ep.port || reject->err != EADDRINUSE)
		return 0;
	/* That of TCP has MPTCP, too; 0 is any. */
	filter_add_proto(&filter, endpoint_transport(&reject->ep));
	status = client_ports(why->client, &filter, &why->now);
	psock_list_keep(&why->now, is_in_netns, &reject->netns);
	return status;
}

/* Which device such an address named is in no record; for others see below. */
static bool has_lost_scope(const struct endpoint *ep)
{
	struct in6_addr addr;

	memcpy(&addr, ep->addr, sizeof(addr));
	return ep->proto == IPPROTO_SCTP && ep->family == AF_INET6 &&
	       IN6_IS_ADDR_LINKLOCAL(&addr);
}

/* Whether a program of another user may have such a port, is not asked. */
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
		       reject->op != PORTOWNER_OP_AUTOBIND;
	}
}

/* A link-local address is bound to its device, which thus is its scope. */
static void check_again(struct why *why)
{
	const struct reject *reject = why->rejects.v;
	struct bind_request request = {
		.ep = reject->ep,
		.has_uid = reject->uid != host_uid(),
		.uid = reject->uid,
		.listen = reject->op == PORTOWNER_OP_LISTEN,
	};

	request.ep.flags &= ~(__u32)PORTOWNER_SOCK_FLAG_SELECTOR;
	if (reject->ep.dev)
		request.ifindex = host_ifindex(reject->ep.dev);
	request.scope = request.ifindex;
	if (is_checkable(reject) && (!reject->ep.dev || request.ifindex))
		why->can_check = client_can_check(why->client, &request,
						  &why->check);
}

static void print_text(const struct story *story, const struct style *style)
{
	printf("%s%s%s\n", style->color ? "\033[1m" : "", story->title,
	       style->color ? "\033[0m" : "");
	story_print(story, "What can be done:");
}

static void tell(const struct why *why)
{
	const struct options *options = why->options;
	struct story story = { 0 };
	struct situation sit = {
		.reject = why->rejects.v,
		.now = &why->now,
		.would = why->can_check ? &why->check.would : NULL,
		.numeric = options->style.numeric,
	};

	situation_find(&sit);
	explain_facts(&sit, &story);
	explain_rule(&sit, &story);
	if (options->json)
		print_why_json(&why->rejects, &story);
	else
		print_text(&story, &options->style);
	situation_forget(&sit);
	story_free(&story);
}

static int none_logged(const struct why *why)
{
	const struct options *options = why->options;

	if (!options->quiet && options->json)
		print_why_json(&why->rejects, &(struct story){ 0 });
	if (options->quiet)
		return STATUS_NO;
	return complain(STATUS_NO, "nothing is logged%s%s%s",
			options->n_args ? " of " : "",
			options->n_args ? options->args[0] : "",
			options->filter.all_netns ? "" :
			" in this network namespace; -A looks in all");
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
	tell(why);
	return STATUS_YES;
}

/**
 * cmd_why() - Explain the last reject.
 * @options: the command line
 *
 * Return: what to exit with; STATUS_NO if there is none.
 */
int cmd_why(const struct options *options)
{
	struct why why = { .options = options };
	struct target target;
	const char *wrong;
	int status;

	if (options->n_args) {
		if (!target_parse_wanted(&target, options->args[0], &wrong))
			return complain(STATUS_USAGE, "'%s': %s",
					options->args[0], wrong);
		why.target = &target;
	}
	status = client_open(&why.client, options->quiet);
	if (status)
		return status;
	status = answer(&why);
	reject_list_clear(&why.rejects);
	psock_list_clear(&why.now);
	check_clear(&why.check);
	client_close(why.client);
	return status;
}
