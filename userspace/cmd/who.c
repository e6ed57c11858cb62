// SPDX-License-Identifier: GPL-2.0
/* portowner who: who owns these ports, in detail. */

#include <json-c/json.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/unlisted.h"
#include "diag/query.h"
#include "lib/host.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "model/target.h"
#include "netlink/client.h"
#include "print/json.h"
#include "print/redirects.h"

enum {
	KEY_OWNERS = OPTION_LONG_ONLY,
};

/**
 * struct who - The question, and the answer.
 * @options: the command line
 * @source: the source
 * @targets: its arguments, parsed
 * @found: for each target, whether a socket occupies it
 * @all: all sockets on the ports of the targets
 * @redirects: for each target, where its packets go if no socket occupies it
 * @columns: columns of tables
 */
struct who {
	const struct options *options;
	struct source *source;
	struct target *targets;
	bool *found;
	struct psock_list all;
	struct redirect_list *redirects;
	struct columns columns;
};

static bool is_wanted(const struct psock *sock, const void *arg)
{
	const struct who *who = arg;
	bool wanted = false;
	size_t i;

	if (!filter_wants_server(&who->options->filter, &sock->ep))
		return false;
	for (i = 0; i < who->options->n_args; i++) {
		if (!target_matches(&who->targets[i], &sock->ep))
			continue;
		who->found[i] = true;
		wanted = true;
	}
	return wanted;
}

/* No socket holds this single port, but its packets may be redirected. */
static bool is_redirected(const struct who *who, size_t i)
{
	const struct target *target = &who->targets[i];

	return !who->found[i] && target->port == target->port_last &&
	       (!target->proto || proto_has_ports(target->proto));
}

static bool may_be_meant(const struct who *who, const struct target *target,
			 const struct endpoint *ep)
{
	return (!target->proto || endpoint_transport(&(struct endpoint){
			.proto = target->proto }) == ep->proto) &&
	       (!target->family || target->family == ep->family) &&
	       filter_wants_endpoint(&who->options->filter, ep);
}

static bool overlaps(const struct target *t, const struct filter *ports)
{
	return t->port <= ports->port_last && ports->port <= t->port_last;
}

/*
 * Protocols to query for some ports, 0 for all. The answer also shows which
 * sockets share a port, so MPTCP is not enough without TCP, and neither address
 * nor family narrows the query.
 */
static unsigned int protos_of(const struct who *who, const struct filter *ports)
{
	struct filter filter = { 0 };
	const struct target *t = who->targets;
	size_t i;

	for (i = 0; i < who->options->n_args; i++, t++) {
		if (!overlaps(t, ports))
			continue;
		if (t->proto)
			filter_add_proto(&filter, t->proto);
		else if (who->options->filter.protos)
			filter.protos |= who->options->filter.protos;
		else
			return 0;
	}
	if (filter.protos & FILTER_MPTCP)
		filter.protos |= FILTER_TCP;
	return filter.protos;
}

/*
 * Merge the ports of a target and of all that overlap it into one range, so
 * that no socket is found twice. Returns false if an earlier target had them.
 */
static bool merge_ports(const struct who *who, size_t index,
			struct filter *ports)
{
	const struct target *t = &who->targets[index];
	size_t i = 0;

	ports->port = t->port;
	ports->port_last = t->port_last;
	while (i < who->options->n_args) {
		t = &who->targets[i++];
		if (!overlaps(t, ports))
			continue;
		if (i - 1 < index)
			return false;
		if (t->port >= ports->port && t->port_last <= ports->port_last)
			continue;
		if (t->port < ports->port)
			ports->port = t->port;
		if (t->port_last > ports->port_last)
			ports->port_last = t->port_last;
		i = 0;
	}
	return true;
}

/* Query the ports of a target. */
static int query(struct who *who, size_t index)
{
	struct filter filter = { 0 };
	struct psock_list some = { 0 };
	int status;

	if (!merge_ports(who, index, &filter))
		return 0;
	filter.protos = protos_of(who, &filter);
	filter.states = STATES_ALL;
	filter.all_netns = who->options->filter.all_netns;
	filter.no_owners = who->options->quiet;
	filter.options = !who->options->quiet;
	status = source_ports(who->source, &filter, &some);
	psock_list_move(&who->all, &some);
	return status;
}

/* NULL if something could not be read, or nothing had to be. */
static struct json_object *json_redirects(const struct who *who)
{
	struct json_object *array = json_checked(json_object_new_array());
	bool asked = false, known = true;
	size_t i;

	for (i = 0; i < who->options->n_args; i++) {
		if (!is_redirected(who, i))
			continue;
		asked = true;
		known &= redirects_known(&who->redirects[i]) ||
			 who->redirects[i].n;
		redirects_add_json(array, who->options->args[i],
				   &who->redirects[i]);
	}
	if (asked && known)
		return array;
	json_object_put(array);
	return NULL;
}

static void print(const struct who *who, const struct psock_list *list,
		  const struct psock_list *rest)
{
	const struct options *options = who->options;

	if (options->json)
		print_who_json(list, rest, &who->all, who->source->ops->name,
			       json_redirects(who));
	else if (options->columns && list->n)
		print_sockets_table(list, &who->columns, &options->style);
	else
		print_sockets_full(list, &who->all, &who->columns,
				   &options->style, options->owners);
}

/* Does the source not list the protocols that a target may mean? */
static bool is_unlisted(const struct who *who, const struct target *target)
{
	struct filter filter = { .protos = who->options->filter.protos };

	if (target->proto) {
		filter.protos = 0;
		filter_add_proto(&filter, target->proto);
	}
	return source_is_blind(who->source, filter.protos);
}

/* Where else a socket may be, if the user can look there. */
static const char *elsewhere(const struct who *who)
{
	if (who->options->json || who->options->filter.all_netns)
		return "";
	if (source_knows(who->source, KNOWS_REFUSALS) &&
	    source_sees_all(who->source))
		return "; -A looks in all network namespaces";
	return host_has_root() ?
		       "; as root, -A looks in all network namespaces" : "";
}

/* What else may be on the port, though the source does not list it. */
static const char *bound_only(const struct who *who, size_t i)
{
	static const struct endpoint tcp4 = {
		.proto = IPPROTO_TCP, .family = AF_INET,
	};
	static const struct endpoint tcp6 = {
		.proto = IPPROTO_TCP, .family = AF_INET6,
	};

	if (source_knows(who->source, KNOWS_REFUSALS) || diag_lists_bound_tcp())
		return "";
	return may_be_meant(who, &who->targets[i], &tcp4) ||
	       may_be_meant(who, &who->targets[i], &tcp6) ?
		       ", unless by a TCP socket that is only bound" : "";
}

/* A port may be served without a socket, by rules that redirect its packets. */
static void say_unused(const struct who *who, size_t i)
{
	const struct options *options = who->options;
	char *words;

	if (options->quiet)
		return;
	if (options->json || !is_redirected(who, i)) {
		complain(STATUS_NO, "%s is not in use%s%s", options->args[i],
			 bound_only(who, i), elsewhere(who));
		return;
	}
	words = redirects_words(&who->redirects[i]);
	complain(STATUS_NO, "%s is not in use%s%s%s%s", options->args[i],
		 *bound_only(who, i) ? bound_only(who, i) : ": no socket holds it", words,
		 options->filter.all_netns ? " (in this network namespace)" : "",
		 elsewhere(who));
	free(words);
}

static void ask_redirects(const struct who *who, size_t i)
{
	static const __u16 protos[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };
	static const __u16 families[] = { AF_INET, AF_INET6 };
	struct endpoint ep = { .port = who->targets[i].port };
	const struct target *target = &who->targets[i];
	struct packet packets[ARRAY_SIZE(protos) * ARRAY_SIZE(families)];
	size_t f, p, n = 0;
	bool any;

	ep.family = target->family;
	memcpy(ep.addr, target->addr, sizeof(ep.addr));
	any = !target->family || endpoint_is_any(&ep);
	for (f = 0; f < ARRAY_SIZE(families); f++) {
		for (p = 0; p < ARRAY_SIZE(protos); p++) {
			ep.family = families[f];
			ep.proto = protos[p];
			if (!may_be_meant(who, target, &ep))
				continue;
			packets[n++] = (struct packet){
				.family = ep.family, .proto = ep.proto,
				.port = ep.port,
				.addr = any ? NULL : target->addr,
			};
		}
	}
	/* Redirects of UDP-Lite, for example, are not looked up. */
	who->redirects[i].failed = !n;
	client_redirects(packets, n, &who->redirects[i]);
}

/*
 * STATUS_NO if one of the targets is not in use, else STATUS_FAILED if that
 * cannot be told of one.
 */
static int answer(struct who *who)
{
	struct psock_list list = { 0 }, rest = { 0 };
	int status = STATUS_YES, unlisted = STATUS_YES;
	size_t i;

	list.v = who->all.v;
	list.n = psock_list_partition(&who->all, is_wanted, who);
	rest.v = list.v + list.n;
	rest.n = who->all.n - list.n;
	for (i = 0; i < who->options->n_args; i++) {
		if (who->found[i])
			continue;
		if (is_unlisted(who, &who->targets[i])) {
			unlisted = say_unlisted(who->options,
						who->options->args[i]);
			continue;
		}
		status = STATUS_NO;
		if (is_redirected(who, i) && !who->options->quiet)
			ask_redirects(who, i);
		say_unused(who, i);
	}
	if (!who->options->quiet) {
		psock_list_sort(&list, ORDER_STATE);
		psock_list_sort(&rest, ORDER_PORT);
		print(who, &list, &rest);
	}
	return status ? status : unlisted;
}

static int answer_targets(struct who *who)
{
	int status;
	size_t i;

	status = sockets_columns(who->options, true, &who->columns);
	if (!status)
		status = options_targets(who->options, who->targets);
	if (!status)
		status = source_open(&who->source, who->options, 0);
	if (status)
		return status;
	for (i = 0; i < who->options->n_args && !status; i++)
		status = query(who, i);
	if (!status)
		status = answer(who);
	psock_list_clear(&who->all);
	source_close(who->source);
	return status;
}

static int parse(struct options *o, int key, char *arg)
{
	(void)arg;
	if (key == KEY_OWNERS)
		o->owners = true;
	return 0;
}

static const struct option_set who_options = {
	.heading = "Options:",
	.options = (const struct argp_option[]) {
		{ "owners", KEY_OWNERS, 0, 0,
		  "all sockets and processes, however many there are", 0 },
		{ 0 }
	},
	.parse = parse,
};

static int run_who(const struct options *options)
{
	struct who who = { .options = options };
	int status;
	size_t i;

	who.targets = xcalloc(options->n_args, sizeof(*who.targets));
	who.found = xcalloc(options->n_args, sizeof(*who.found));
	who.redirects = xcalloc(options->n_args, sizeof(*who.redirects));
	status = answer_targets(&who);
	for (i = 0; i < options->n_args; i++)
		redirect_list_clear(&who.redirects[i]);
	free(who.redirects);
	free(who.targets);
	free(who.found);
	return status;
}

const struct command cmd_who = {
	.name = "who",
	.run = run_who,
	.sets = (const struct option_set * const[]) {
		&who_options, &proto_options, &table_options, NULL
	},
	.columns = socket_columns,
	.min_args = 1,
	.max_args = -1,
	.args = "TARGET...",
	.summary = "show in detail who owns ports ('who' can be omitted)",
	.help = "Show in detail who owns each TARGET: the processes that hold its sockets, the\n"
		"process that bound it and when, and who may share the port. Connections that\n"
		"use the port follow in a table. For a port that no socket holds, it says which\n"
		"rules redirect its packets. The word 'who' can be omitted.\n",
	.exits = "  0  all of the ports are in use\n"
		 "  1  at least one of them is not in use\n",
	.examples = "  portowner 8080\n"
		    "  portowner who udp/[::1]:53 127.0.0.1:http\n"
		    "  portowner 443 --no-headings -o pid | sort -u\n",
};
