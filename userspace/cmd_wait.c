// SPDX-License-Identifier: GPL-2.0
/* portowner wait: return when a port is served, bound or free. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "cmd.h"
#include "endpoint.h"
#include "enums.h"
#include "prose.h"
#include "target.h"
#include "when.h"

/*
 * How long to sleep between two looks: an eighth of what it took so far, so
 * that nobody waits for long in vain, nor does the kernel answer for nothing.
 */
#define PAUSE_MIN_NS	(5 * NSEC_PER_MSEC)
#define PAUSE_MAX_NS	(100 * NSEC_PER_MSEC)
#define PAUSE_SHARE	8

/**
 * struct wait - What is waited for.
 * @options: the command line
 * @target: where
 * @client: whom to ask
 * @list: sockets that were found
 */
struct wait {
	const struct options *options;
	struct target target;
	struct client *client;
	struct psock_list list;
};

static __u64 clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static void pause_ns(__u64 ns)
{
	struct timespec time = {
		.tv_sec = ns / NSEC_PER_SEC,
		.tv_nsec = ns % NSEC_PER_SEC,
	};

	nanosleep(&time, NULL);
}

/* Where there is no listen(), a bound socket is one that serves. */
static bool serves(const struct psock *sock)
{
	return sock->state == PORTOWNER_STATE_LISTEN ||
	       !endpoint_can_listen(&sock->ep);
}

/* A socket on one address is in the way of the wildcard, too. */
static bool is_in_the_way(const struct target *target,
			  const struct psock *sock)
{
	struct endpoint ep = {
		.family = target->family,
		.proto = sock->ep.proto,
		.port = target->port,
	};

	if (!psock_is_passive(sock) &&
	    sock->ep.flags & PORTOWNER_SOCK_FLAG_REUSEADDR)
		return false;
	if (!target->family)
		return true;
	memcpy(ep.addr, target->addr, sizeof(ep.addr));
	return endpoint_overlaps(&ep, &sock->ep);
}

static bool is_wanted(const struct psock *sock, const void *arg)
{
	const struct wait *wait = arg;
	struct target port = wait->target;

	if (!filter_wants_endpoint(&wait->options->filter, &sock->ep))
		return false;
	if (wait->options->wait_for != WAIT_FREE)
		return target_matches(&wait->target, &sock->ep) &&
		       (wait->options->wait_for == WAIT_BOUND || serves(sock));
	port.family = 0;
	return target_matches(&port, &sock->ep) &&
	       is_in_the_way(&wait->target, sock);
}

static int find(struct wait *wait, __u32 states)
{
	struct filter filter = wait->options->filter;
	int status;

	filter.port = wait->target.port;
	filter.port_last = wait->target.port;
	filter.states = states;
	if (wait->target.proto) {
		filter.protos = 0;
		filter_add_proto(&filter, wait->target.proto);
	}
	status = client_ports(wait->client, &filter, &wait->list);
	psock_list_keep(&wait->list, is_wanted, wait);
	return status;
}

/* Connections may be many, and are looked at if nothing else is left only. */
static int look(struct wait *wait, bool *is_so)
{
	bool free = wait->options->wait_for == WAIT_FREE;
	int status = find(wait, 0);

	if (!status && free && !wait->list.n)
		status = find(wait, STATES_ALL);
	*is_so = free == (wait->list.n == 0);
	return status;
}

static void print_who(const struct psock_list *list)
{
	char *where, *who;

	if (!list->n)
		return;
	where = prose_endpoint(&list->v->ep);
	who = prose_holder(list->v);
	printf("%s %s: %s", where, state_name(list->v->state), who);
	if (list->n > 1)
		printf(", and %zu socket%s more", list->n - 1,
		       list->n > 2 ? "s" : "");
	putchar('\n');
	free(where);
	free(who);
}

static int answer(const struct wait *wait, bool is_so)
{
	static const char * const words[] = {
		[WAIT_LISTENING] = "nobody listens on",
		[WAIT_BOUND] = "nobody is bound to",
		[WAIT_FREE] = "somebody still has",
	};
	const struct options *options = wait->options;

	if (options->quiet)
		return is_so ? STATUS_YES : STATUS_NO;
	if (options->json)
		print_sockets_json(&wait->list);
	else
		print_who(&wait->list);
	if (is_so)
		return STATUS_YES;
	return complain(STATUS_NO, "timed out: %s %s",
			words[options->wait_for], options->args[0]);
}

static int wait_for(struct wait *wait)
{
	const struct options *options = wait->options;
	__u64 start = clock_ns(), spent = 0, ns;
	bool is_so;
	int status;

	do {
		status = look(wait, &is_so);
		if (status)
			return status;
		spent = clock_ns() - start;
		if (is_so || (options->has_timeout &&
			      spent >= options->timeout_ns))
			return answer(wait, is_so);
		ns = spent / PAUSE_SHARE;
		if (ns < PAUSE_MIN_NS)
			ns = PAUSE_MIN_NS;
		if (ns > PAUSE_MAX_NS)
			ns = PAUSE_MAX_NS;
		if (options->has_timeout && ns > options->timeout_ns - spent)
			ns = options->timeout_ns - spent;
		pause_ns(ns);
	} while (true);
}

/**
 * cmd_wait() - Wait for a port.
 * @options: the command line
 *
 * Return: what to exit with; STATUS_NO if it took too long.
 */
int cmd_wait(const struct options *options)
{
	struct wait wait = { .options = options };
	const char *why;
	int status;

	if (!target_parse(&wait.target, options->args[0], &why))
		return complain(STATUS_USAGE, "'%s': %s", options->args[0],
				why);
	status = client_open(&wait.client, options->quiet);
	if (status)
		return status;
	status = wait_for(&wait);
	psock_list_clear(&wait.list);
	client_close(wait.client);
	return status;
}
