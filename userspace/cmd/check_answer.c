// SPDX-License-Identifier: GPL-2.0
/* Check whether a bind would succeed, and print the answer. */

#include <errno.h>
#include <json-c/json.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/bind_request.h"
#include "cmd/check_answer.h"
#include "explain/explain.h"
#include "explain/lsm.h"
#include "lib/host.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "netlink/client.h"
#include "print/json.h"
#include "print/phrase.h"
#include "print/redirects.h"

static void put(FILE *out, const char *what)
{
	fprintf(out, "%s%s", ftell(out) ? "; " : "", what);
}

/*
 * Name what may still refuse. This is part of the answer, not a message: without
 * it the answer would claim too much.
 */
static void print_unchecked(const struct check *check)
{
	char *lsms = lsms_that_refuse(), *words;
	size_t len;
	FILE *out = phrase_open(&words, &len);

	if (check->unchecked & UNCHECKED_BOUND)
		put(out, "sockets that are bound and do not listen, which are not listed");
	if (lsms && *lsms)
		fprintf(out, "%ssecurity module%s %s", ftell(out) ? "; " : "",
			strchr(lsms, ',') ? "s" : "", lsms);
	if (check->unchecked & PORTOWNER_UNFORESEEN_CGROUP_BPF)
		put(out, "BPF program of this cgroup");
	if (check->unchecked & UNCHECKED_BPF)
		put(out, "a BPF program, if this cgroup has one");
	fclose(out);
	if (len)
		printf("note: not checked, but may still refuse: %s\n", words);
	free(words);
	free(lsms);
}

/* The answer in one sentence without a full stop; to be freed. */
static char *verdict_words(const struct bind_request *request,
			   const struct check *check)
{
	char scope[IF_NAMESIZE];
	struct endpoint ep = request->ep;
	char *where, *words;

	memcpy(scope, request->scope_dev, sizeof(scope));
	if (!ep.dev && *scope)
		ep.dev = scope;
	if (!check->undecided)
		return explain_verdict(&ep, &check->would, request->listen);
	where = phrase_wanted(&ep);
	words = xasprintf("%s: that depends on %s", where,
			  check->would.culprits.n ?
				  "options or the history of these sockets, which are not known" :
				  "sockets that are not listed");
	free(where);
	return words;
}

static void print_verdict(const struct bind_request *request,
			  const struct check *check)
{
	char *words = verdict_words(request, check);

	puts(words);
	free(words);
}

/* The rule, and what can be done. */
static void explain(const struct bind_request *request,
		    const struct check *check, bool numeric,
		    struct report *report)
{
	struct context ctx = {
		.reject = &check->would,
		.now = &check->would.culprits,
		.servers = &check->servers,
		.numeric = numeric,
		.listens = request->listen,
	};

	context_find(&ctx);
	explain_rule(&ctx, report);
	context_forget(&ctx);
}

static void print_reasons(const struct bind_request *request,
			  const struct check *check, bool numeric)
{
	struct report report = { 0 };

	explain(request, check, numeric, &report);
	putchar('\n');
	report_print(&report, "What can be done:");
	report_free(&report);
}

/* Rules that apply before packets reach a socket. */
static void find_redirects(const struct bind_request *request,
			   struct redirect_list *list)
{
	const struct endpoint *ep = &request->ep;
	const struct packet packet = {
		.family = endpoint_family(ep), .port = ep->port,
		.proto = endpoint_transport(ep),
		.addr = endpoint_is_any(ep) ? NULL : ep->addr,
	};

	if (ep->port && proto_has_ports(ep->proto))
		client_redirects(&packet, 1, list);
}

static void print_redirects(const struct bind_request *request)
{
	struct redirect_list list = { 0 };
	char *words;

	find_redirects(request, &list);
	words = redirects_note(&list);
	if (words)
		printf("note: what is sent to it may not arrive: %s\n", words);
	free(words);
	redirect_list_clear(&list);
}

/* NULL if they could not be read. */
static struct json_object *json_redirects(const struct bind_request *request,
					  const char *target)
{
	struct json_object *array = json_checked(json_object_new_array());
	struct redirect_list list = { 0 };

	find_redirects(request, &list);
	redirects_add_json(array, target, &list);
	if (!redirects_known(&list) && !list.n) {
		json_object_put(array);
		array = NULL;
	}
	redirect_list_clear(&list);
	return array;
}

/**
 * check_for_ipv6() - Ask about IPv6 what has been asked about IPv4.
 * @source: the source
 * @request: the bind to an IPv4 address
 * @check: the answer to it
 * @six: set to the bind to an IPv6 address; points to strings of @request
 * @answer: empty; set to the answer to that
 *
 * A port that is free for IPv4 need not be free for IPv6, which many programs
 * request.
 *
 * Return: true if both are meant, and only the one for IPv6 is, or may be,
 * refused because of another socket.
 */
bool check_for_ipv6(struct source *source, const struct bind_request *request,
		    const struct check *check, struct bind_request *six,
		    struct check *answer)
{
	if (check->would.err || check->undecided ||
	    !bind_request_other(request, six) || check_ask(source, six, answer))
		return false;
	return answer->undecided || answer->would.err == EADDRINUSE;
}

/**
 * check_note_ipv6() - Note that the answer is different for IPv6.
 * @six: what check_for_ipv6() asked
 * @answer: the answer
 *
 * Return: a sentence without a full stop; to be freed.
 */
char *check_note_ipv6(const struct bind_request *six, const struct check *answer)
{
	char *words = verdict_words(six, answer), *note;

	note = xasprintf("not so for IPv6: %s", words);
	free(words);
	return note;
}

/**
 * check_print() - Print an answer as text.
 * @options: the command line
 * @columns: columns of the table of culprits
 * @request: the bind
 * @check: the answer
 */
void check_print(const struct options *options, const struct columns *columns,
		 const struct bind_request *request, const struct check *check)
{
	const struct reject *would = &check->would;

	print_verdict(request, check);
	if (check->undecided) {
		if (would->culprits.n)
			print_sockets_table(&would->culprits, columns,
					    &options->style);
		return;
	}
	if (!would->err) {
		print_unchecked(check);
		print_redirects(request);
		return;
	}
	if (would->culprits.n)
		print_sockets_table(&would->culprits, columns, &options->style);
	if (!options->columns)
		print_reasons(request, check, options->style.numeric);
}

/* Names of what may still refuse; security modules as named by the kernel. */
static struct json_object *json_unchecked(const struct check *check)
{
	struct json_object *json = json_checked(json_object_new_array());
	char *lsms = lsms_that_refuse(), *rest = lsms, *name;

	while ((name = strsep(&rest, ", ")))
		if (*name)
			json_add_element(json, name);
	if (check->unchecked & UNCHECKED_BOUND)
		json_add_element(json, "bound-sockets");
	if (check->unchecked & (PORTOWNER_UNFORESEEN_CGROUP_BPF | UNCHECKED_BPF))
		json_add_element(json, "cgroup-bpf");
	free(lsms);
	return json;
}

/**
 * check_print_json() - Print an answer as JSON.
 * @options: the command line
 * @request: the bind
 * @check: the answer
 * @note: what check_note_ipv6() says, or NULL
 * @source: name of its source
 */
void check_print_json(const struct options *options,
		      const struct bind_request *request,
		      const struct check *check, const char *note,
		      const char *source)
{
	struct json_object *notes = json_checked(json_object_new_array());
	struct json_object *object = json_check(check, source);
	struct report report = { 0 };

	if (check->would.err && !check->undecided)
		explain(request, check, options->style.numeric, &report);
	report_add_json(object, &report);
	json_object_object_add(object, "unchecked", json_unchecked(check));
	json_object_object_add(object, "redirects",
			       json_redirects(request, options->args[0]));
	if (note)
		json_add_element(notes, note);
	json_object_object_add(object, "notes", notes);
	json_print(object);
	putchar('\n');
	report_free(&report);
}

/**
 * check_report() - Turn an answer into a report.
 * @request: the bind
 * @check: the answer
 * @numeric: omit names
 * @report: empty; filled
 */
void check_report(const struct bind_request *request, const struct check *check,
		  bool numeric, struct report *report)
{
	report->title = verdict_words(request, check);
	if (check->would.err)
		explain(request, check, numeric, report);
}

/* A link-local address binds the socket to its device, except for SCTP. */
static bool binds_to_scope(const struct bind_request *request)
{
	struct in6_addr addr;

	memcpy(&addr, request->ep.addr, sizeof(addr));
	return *request->scope_dev && request->ep.family == AF_INET6 &&
	       request->ep.proto != IPPROTO_SCTP &&
	       (IN6_IS_ADDR_LINKLOCAL(&addr) || IN6_IS_ADDR_MC_LINKLOCAL(&addr) ||
		IN6_IS_ADDR_MC_NODELOCAL(&addr));
}

/* What the module records of a process that is refused, for the tool itself. */
static __u32 own_flags(void)
{
	__u32 flags = 0;

	if (host_has_cap(CAP_NET_BIND_SERVICE))
		flags |= PORTOWNER_CALLER_FLAG_BIND_SERVICE;
	if (host_netns_is_foreign())
		flags |= PORTOWNER_CALLER_FLAG_FOREIGN_NETNS;
	return flags;
}

/* The module's answer does not repeat the request, which the report needs. */
static void complete(struct check *check, const struct bind_request *request)
{
	struct reject *would = &check->would;
	char *dev = would->ep.dev;

	would->ep = request->ep;
	free(dev);
	would->ep.dev = xstrdup(binds_to_scope(request) ? request->scope_dev :
							  request->ep.dev);
	would->uid = request->has_uid ? request->uid : host_uid();
	would->netns = host_netns();
	if (would->uid == host_uid() &&
	    would->rule == PORTOWNER_RULE_PRIVILEGED_PORT)
		would->caller_flags = own_flags();
}

/**
 * check_servers() - Find the sockets that may need their ports again.
 * @source: the source
 * @would: a refusal in the network namespace of the tool
 * @servers: set to these sockets; empty if that does not matter
 *
 * Return: 0 or the exit status.
 */
int check_servers(struct source *source, const struct reject *would,
		  struct psock_list *servers)
{
	/* What is below is never given away. */
	const struct filter filter = {
		.port = 1024, .port_last = 65535, .no_owners = true,
	};

	if (would->rule != PORTOWNER_RULE_EPHEMERAL_EXHAUSTED)
		return 0;
	return source_ports(source, &filter, servers);
}

/**
 * check_ask() - Ask whether a bind would succeed.
 * @source: the source
 * @request: the bind
 * @check: empty; set to the answer
 *
 * Return: 0 or the exit status.
 */
int check_ask(struct source *source, const struct bind_request *request,
	      struct check *check)
{
	int status = source_check(source, request, check);

	if (status)
		return status;
	complete(check, request);
	psock_list_sort(&check->would.culprits, ORDER_STATE);
	return check_servers(source, &check->would, &check->servers);
}
