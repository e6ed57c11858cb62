// SPDX-License-Identifier: GPL-2.0
/* portowner wait: wait until a port is listening, bound or free. */

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/bind_request.h"
#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/unlisted.h"
#include "diag/closings.h"
#include "lib/time_fmt.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "model/target.h"
#include "print/phrase.h"

/*
 * Poll at intervals of an eighth of the time elapsed: soon enough after a short
 * wait, and rarely during a long one.
 */
#define PAUSE_MIN_NS	(5 * NSEC_PER_MSEC)
#define PAUSE_MAX_NS	(100 * NSEC_PER_MSEC)
#define PAUSE_SHARE	8

/*
 * After this time, have events reported, if permitted: that makes them more
 * expensive for everyone, so a short wait does without. Even then poll now and
 * then: connect() or sendto() may choose a port, and TIME_WAIT end.
 */
#define PATIENCE_NS	(40 * NSEC_PER_MSEC)
#define PAUSE_TOLD_NS	(1000 * NSEC_PER_MSEC)

/*
 * The module reports calls in batches, at most one in 10 ms, and a listen()
 * mostly comes soon after its bind(): poll more often for this long.
 */
#define BURST_NS	(20 * NSEC_PER_MSEC)

/* Minimum interval, however many events there are. */
#define PAUSE_EVENTS_NS	NSEC_PER_MSEC

enum {
	KEY_LISTENING = OPTION_LONG_ONLY,
	KEY_BOUND,
	KEY_FREE,
	KEY_TIMEOUT,
};

/**
 * struct wait - State of the command.
 * @options: the command line
 * @target: the port to wait for
 * @transport: protocol whose ports @target uses, or 0
 * @ep: address that a server would bind; its protocol is set for each socket
 * @ep6: address that it would also bind; without a family if none
 * @filter: filter for queries
 * @source: the module, or sock_diag
 * @list: sockets found in the last poll
 * @asked: a subscription to events was attempted
 * @told: binds and listens are reported
 * @cursor: how far these were read
 * @burst_end_ns: poll more often until then
 * @closings: descriptor for the ends of sockets, or -1
 */
struct wait {
	const struct options *options;
	struct target target;
	__u16 transport;
	struct endpoint ep;
	struct endpoint ep6;
	struct filter filter;
	struct source *source;
	struct psock_list list;
	bool asked;
	bool told;
	struct call_cursor cursor;
	__u64 burst_end_ns;
	int closings;
};

static __u64 clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/* The calls themselves do not matter, but reading them keeps them traced. */
static int hear(struct wait *wait)
{
	struct reject_list list = { 0 };
	int status = source_calls(wait->source, &wait->cursor, &list);

	reject_list_clear(&list);
	return status;
}

static int subscribe(struct wait *wait)
{
	wait->asked = true;
	if (wait->filter.all_netns)
		return 0;
	if (wait->options->wait_for == WAIT_FREE) {
		wait->closings = closings_open(wait->transport,
					       wait->target.port);
		return 0;
	}
	wait->told = source_knows(wait->source, KNOWS_CALLS) &&
		     source_can_join(wait->source, EVENT_CALL, false);
	return wait->told ? hear(wait) : 0;
}

static struct timespec timespec_of(__u64 ns)
{
	return (struct timespec){
		.tv_sec = ns / NSEC_PER_SEC,
		.tv_nsec = ns % NSEC_PER_SEC,
	};
}

/* The events that have come. */
static int take_events(struct wait *wait)
{
	const struct timespec time = timespec_of(PAUSE_EVENTS_NS);
	int status;

	ppoll(NULL, 0, &time, NULL);
	if (!wait->told) {
		closings_drain(wait->closings);
		return 0;
	}
	wait->burst_end_ns = clock_ns() + BURST_NS;
	status = source_drain(wait->source);
	return status ? status : hear(wait);
}

/* Wait this long, or for an event. */
static int pause_ns(struct wait *wait, __u64 ns)
{
	const struct timespec time = timespec_of(ns);
	struct pollfd event = {
		.fd = wait->told ? source_events_fd(wait->source) :
				   wait->closings,
		.events = POLLIN,
	};

	return ppoll(&event, 1, &time, NULL) > 0 ? take_events(wait) : 0;
}

/* Is the end of everything that is in the way reported? */
static bool hears_ends(const struct wait *wait)
{
	const struct psock *sock = wait->list.v;
	size_t i;

	for (i = 0; i < wait->list.n; i++, sock++)
		if (sock->state == PORTOWNER_STATE_TIME_WAIT ||
		    (sock->ep.proto != IPPROTO_TCP &&
		     sock->ep.proto != IPPROTO_UDP))
			return false;
	return wait->closings >= 0;
}

/* How long to wait before the next poll. */
static __u64 next_pause(const struct wait *wait, __u64 spent)
{
	bool told = wait->told || hears_ends(wait);
	__u64 max = told ? PAUSE_TOLD_NS : PAUSE_MAX_NS;
	__u64 ns = told ? max : spent / PAUSE_SHARE;

	if (ns < PAUSE_MIN_NS || clock_ns() < wait->burst_end_ns)
		ns = PAUSE_MIN_NS;
	if (ns > max)
		ns = max;
	if (wait->options->has_timeout &&
	    ns > wait->options->timeout_ns - spent)
		ns = wait->options->timeout_ns - spent;
	return ns;
}

/* A protocol without listen() serves as soon as it is bound. */
static bool is_serving(const struct psock *sock)
{
	return sock->state == PORTOWNER_STATE_LISTEN ||
	       !endpoint_can_listen(&sock->ep);
}

static void plan_endpoint(struct wait *wait, const struct target *target,
			  struct endpoint *ep)
{
	struct in6_addr addr;

	ep->port = target->port;
	ep->family = target->family;
	if (!ep->family)
		ep->family = filter_family(&wait->options->filter);
	memcpy(ep->addr, target->addr, sizeof(ep->addr));
	memcpy(&addr, ep->addr, sizeof(addr));
	if (target_binds_dev(target) ||
	    (*target->dev && IN6_IS_ADDR_LINKLOCAL(&addr)))
		ep->dev = wait->target.dev;
	ep->proto = IPPROTO_TCP;
	bind_request_default(ep);
}

/*
 * The addresses that a server would bind; without a family, all of them. On
 * localhost it would bind both, unless an option selects one.
 */
static void plan_bind(struct wait *wait)
{
	__u16 family = filter_family(&wait->options->filter);
	struct target six;

	plan_endpoint(wait, &wait->target, &wait->ep);
	if (family == AF_INET || !target_localhost6(&wait->target, &six))
		return;
	plan_endpoint(wait, &six, family ? &wait->ep : &wait->ep6);
}

static bool overlaps(struct endpoint ep, const struct psock *sock)
{
	ep.proto = sock->ep.proto;
	return endpoint_blocks(&sock->ep, &ep);
}

/* A socket on one address also blocks the wildcard address. */
static bool is_in_the_way(const struct wait *wait, const struct psock *sock)
{
	if (!psock_is_passive(sock) &&
	    sock->ep.flags & PORTOWNER_SOCK_FLAG_REUSEADDR)
		return false;
	return !wait->ep.family || overlaps(wait->ep, sock) ||
	       (wait->ep6.family && overlaps(wait->ep6, sock));
}

static bool is_wanted(const struct psock *sock, const void *arg)
{
	const struct wait *wait = arg;
	const struct target port = {
		.port = wait->target.port,
		.port_last = wait->target.port,
		.proto = wait->transport,
	};

	if (wait->options->wait_for == WAIT_FREE)
		return filter_wants_endpoint(&wait->filter, &sock->ep) &&
		       target_matches(&port, &sock->ep) &&
		       is_in_the_way(wait, sock);
	return filter_wants_server(&wait->options->filter, &sock->ep) &&
	       target_matches(&wait->target, &sock->ep) &&
	       (wait->options->wait_for == WAIT_BOUND || is_serving(sock));
}

/*
 * What to query the module for, which cannot tell an IPv6 socket that takes
 * IPv4. MPTCP uses the ports of TCP: what has one of these is in its way.
 */
static void choose_filter(struct wait *wait)
{
	const struct endpoint ep = { .proto = wait->target.proto };
	struct filter *filter = &wait->filter;

	wait->transport = endpoint_transport(&ep);
	*filter = wait->options->filter;
	filter->families = 0;
	filter->port = wait->target.port;
	filter->port_last = wait->target.port;
	if (wait->target.proto) {
		filter->protos = 0;
		filter_add_proto(filter, wait->transport);
	} else if (filter->protos & FILTER_MPTCP) {
		filter->protos |= FILTER_TCP;
	}
}

static int find(struct wait *wait, __u32 states, bool owners)
{
	int status;

	wait->filter.states = states;
	wait->filter.no_owners = !owners;
	status = source_ports(wait->source, &wait->filter, &wait->list);
	psock_list_keep(&wait->list, is_wanted, wait);
	return status;
}

/* There may be many connections: query them only once nothing else is left. */
static int poll_port(struct wait *wait, bool *done)
{
	bool free = wait->options->wait_for == WAIT_FREE;
	int status = find(wait, 0, false);

	if (!status && free && !wait->list.n)
		status = find(wait, STATES_ALL, false);
	*done = free == (wait->list.n == 0);
	/* Neither condition could ever be met for certain. */
	if (!status && source_is_blind(wait->source, wait->filter.protos))
		return say_unlisted(wait->options, wait->options->args[0]);
	return status;
}

static void print_who(const struct psock_list *list)
{
	char *where, *who;

	if (!list->n)
		return;
	where = phrase_endpoint(&list->v->ep);
	who = phrase_holder(list->v);
	printf("%s %s: %s", where, state_name(list->v->state), who);
	if (list->n > 1)
		printf(", and %zu more socket%s", list->n - 1,
		       list->n > 2 ? "s" : "");
	putchar('\n');
	free(where);
	free(who);
}

/* If owners take a search, search once and not with each poll. */
static int find_owners(struct wait *wait)
{
	if (!wait->list.n || wait->options->quiet ||
	    source_knows(wait->source, KNOWS_OWNERS))
		return 0;
	return find(wait, wait->filter.states, true);
}

static int answer(const struct wait *wait, bool done)
{
	static const char * const reasons[] = {
		[WAIT_LISTENING] = "nothing is listening on",
		[WAIT_BOUND] = "nothing is bound to",
		[WAIT_FREE] = "a server could not bind",
	};
	const struct options *options = wait->options;

	if (options->quiet)
		return done ? STATUS_YES : STATUS_NO;
	if (options->json)
		print_sockets_json(&wait->list, wait->source->ops->name);
	else
		print_who(&wait->list);
	if (done)
		return STATUS_YES;
	return complain(STATUS_NO, "timed out: %s %s",
			reasons[options->wait_for], options->args[0]);
}

static int wait_for(struct wait *wait)
{
	const struct options *options = wait->options;
	__u64 start = clock_ns(), spent = 0;
	bool done;
	int status;

	do {
		status = poll_port(wait, &done);
		if (status)
			return status;
		spent = clock_ns() - start;
		if (done || (options->has_timeout &&
			     spent >= options->timeout_ns)) {
			status = find_owners(wait);
			return status ? status : answer(wait, done);
		}
		/* ORDER: poll again afterwards, or a bind may be missed. */
		if (!wait->asked && spent >= PATIENCE_NS)
			status = subscribe(wait);
		else
			status = pause_ns(wait, next_pause(wait, spent));
	} while (!status);
	return status;
}

static int parse_wait_for(struct options *o, enum wait_for wait_for)
{
	if (o->has_wait_for && o->wait_for != wait_for)
		return complain(STATUS_USAGE,
				"--listening, --bound and --free are mutually exclusive");
	o->wait_for = wait_for;
	o->has_wait_for = true;
	return 0;
}

static int parse(struct options *o, int key, char *arg)
{
	switch (key) {
	case KEY_LISTENING:
		return parse_wait_for(o, WAIT_LISTENING);
	case KEY_BOUND:
		return parse_wait_for(o, WAIT_BOUND);
	case KEY_FREE:
		return parse_wait_for(o, WAIT_FREE);
	case KEY_TIMEOUT:
		if (!time_fmt_parse_duration(arg, &o->timeout_ns))
			return complain(STATUS_USAGE,
					"--timeout '%s': must be a time such as 10, 0.5, 5s or 1m30s",
					arg);
		o->has_timeout = true;
		break;
	}
	return 0;
}

static const struct option_set wait_options = {
	.heading = "Options:",
	.options = (const struct argp_option[]) {
		{ "listening", KEY_LISTENING, 0, 0,
		  "wait until a socket is listening (default)", 0 },
		{ "bound", KEY_BOUND, 0, 0, "wait until a socket is bound", 0 },
		{ "free", KEY_FREE, 0, 0, "wait until a server could bind it",
		  0 },
		{ "timeout", KEY_TIMEOUT, "TIME", 0,
		  "give up after TIME: seconds, or 5s, 1m30s; 0 checks once",
		  0 },
		{ 0 }
	},
	.parse = parse,
};

static int run_wait(const struct options *options)
{
	struct wait wait = { .options = options, .closings = -1 };
	int status;

	status = options_target_single(options, options->args[0], target_parse,
				       &wait.target);
	if (status)
		return status;
	choose_filter(&wait);
	plan_bind(&wait);
	status = source_open(&wait.source, options, 0);
	if (status)
		return status;
	status = wait_for(&wait);
	if (wait.closings >= 0)
		close(wait.closings);
	psock_list_clear(&wait.list);
	source_close(wait.source);
	return status;
}

const struct command cmd_wait = {
	.name = "wait",
	.run = run_wait,
	.sets = (const struct option_set * const[]) {
		&wait_options, &proto_options, NULL
	},
	.min_args = 1,
	.max_args = 1,
	.args = "TARGET",
	.summary = "wait until a port is listening, bound or free",
	.help = "Wait until something is listening on TARGET, or for the condition that an\n"
		"option names, and print the socket and its process. For protocols without\n"
		"listen(), such as UDP, a bound socket counts as listening.\n",
	.exits = "  0  the condition is met\n"
		 "  1  timed out\n",
	.examples = "  server & portowner wait tcp/8080 --timeout 10 || exit\n"
		    "  portowner wait --free 8080 && server\n",
};
