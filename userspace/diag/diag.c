// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel without the module, as a source: sock_diag reports sockets, and
 * /proc their owners. What neither reports is marked as unknown.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag/cgroups.h"
#include "diag/check.h"
#include "diag/diag.h"
#include "diag/owners.h"
#include "diag/peek.h"
#include "diag/query.h"
#include "diag/share.h"
#include "lib/host.h"
#include "lib/host_netns.h"
#include "lib/util.h"
#include "model/enums.h"

/**
 * struct diag - An open sock_diag source.
 * @source: what the rest of the tool sees of it
 * @channel: for sock_diag
 * @noted: a note about processes or threads that were skipped has been printed
 * @noted_netns: the note about missing namespaces has been printed
 * @noted_absent: protocols whose absence has been noted, FILTER_*
 */
struct diag {
	struct source source;
	struct channel channel;
	bool noted;
	bool noted_netns;
	unsigned int noted_absent;
};

static struct diag *diag_of(struct source *source)
{
	return (struct diag *)source;
}

static bool is_wanted(const struct psock *sock, const void *filter)
{
	const struct filter *f = filter;

	return filter_wants_endpoint(f, &sock->ep) &&
	       f->states & 1U << sock->state;
}

static bool has_unowned(const struct psock_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->v[i].inode && !list->v[i].n_owners)
			return true;
	return false;
}

static void find_owners(struct diag *diag, struct psock_list *list,
			const struct diag_fact *facts)
{
	struct owner_search search;

	diag_owners(list, &search);
	diag_cgroups(list, facts);
	if (diag->noted || !has_unowned(list))
		return;
	if (search.no_proc)
		source_note(&diag->source,
			    "no processes are shown: proc is not mounted on /proc");
	else if (search.threads && !search.hidden)
		source_note(&diag->source,
			    "threads that do not share the descriptors of their process were not checked");
	else
		return;
	diag->noted = true;
}

/* A socket queries the namespace that it was opened in. */
static int query_netns(const struct netns *netns, struct diag_answer *answer,
		       bool *entered)
{
	struct channel channel = {
		.sk = netns_connect(netns, NETLINK_SOCK_DIAG),
	};
	int status;

	*entered = channel.sk;
	if (!*entered)
		return 0;
	channel_prepare(&channel);
	channel_expect_dumps(&channel);
	answer->netns = netns->inode;
	answer->elsewhere = netns->inode != host_netns();
	status = diag_query(&channel, answer);
	nl_socket_free(channel.sk);
	return status;
}

/* A user who may not enter even its own namespace may enter no other. */
static int try_to_enter(void)
{
	static const char ours[] = "/proc/self/ns/net";
	int fd = open(ours, O_RDONLY | O_CLOEXEC);
	bool may;

	if (fd < 0)
		return complain(STATUS_FAILED,
				"cannot list sockets of other network namespaces: %s: %s",
				ours, strerror(errno));
	may = !setns(fd, CLONE_NEWNET);
	close(fd);
	if (may)
		return 0;
	return complain(STATUS_DENIED,
			"not permitted to list sockets of other network namespaces: "
			"CAP_SYS_ADMIN is required");
}

static int query_all(struct diag *diag, struct diag_answer *answer)
{
	size_t i, n, refused = 0;
	const struct netns *all;
	bool entered;
	int status = try_to_enter();

	if (status)
		return status;
	n = netns_all(&all);
	for (i = 0; i < n && !status; i++) {
		status = query_netns(&all[i], answer, &entered);
		refused += !entered;
	}
	refused += netns_incomplete();
	/* Root elsewhere has rights over few of them; here over nearly all. */
	if (refused && !status && !host_is_initial())
		return complain(STATUS_DENIED,
				"not permitted to list sockets of all network namespaces: "
				"some belong to another user namespace");
	if (refused && !diag->noted_netns)
		source_note(&diag->source,
			    "some network namespaces could not be entered, and are not covered");
	diag->noted_netns |= refused;
	return status;
}

static int query(struct diag *diag, struct diag_answer *answer)
{
	if (answer->filter->all_netns)
		return query_all(diag, answer);
	answer->netns = host_netns();
	return diag_query(&diag->channel, answer);
}

/* Name what is not listed, since an empty list would mislead. */
static void note_absent(struct diag *diag, unsigned int protos)
{
	unsigned int absent = (diag->source.unlisted | FILTER_SCTP) & protos &
			      ~diag->noted_absent;

	diag->noted_absent |= absent;
	if (absent & FILTER_SCTP)
		source_note(&diag->source,
			    "SCTP sockets that do not listen are not listed without the module");
	if (absent & FILTER_ICMP)
		source_note(&diag->source,
			    "ICMP sockets are not listed without the module");
	if (absent & FILTER_RAW)
		source_note(&diag->source,
			    "raw sockets are not listed: the kernel has no raw_diag");
}

static int read_ports(struct source *source, const struct filter *filter,
		      struct psock_list *list)
{
	struct diag *diag = diag_of(source);
	struct filter all = *filter;
	struct diag_answer answer = { .filter = &all, .list = list };
	int status;

	psock_list_clear(list);
	if (!all.states)
		all.states = STATES_DEFAULT;
	status = query(diag, &answer);
	if (!status && !filter->no_owners)
		find_owners(diag, list, answer.facts);
	if (!status && filter->options)
		diag_peek(list);
	free(answer.facts);
	if (status)
		return status;
	source->unlisted |= answer.absent;
	diag_share(list, diag_lists_bound_tcp());
	psock_list_keep(list, is_wanted, &all);
	return 0;
}

static int ports(struct source *source, const struct filter *filter,
		 struct psock_list *list)
{
	int status = read_ports(source, filter, list);

	if (!status)
		note_absent(diag_of(source), filter->protos);
	return status;
}

/* A link-local address binds the socket to its device, except for SCTP. */
static bool binds_to_scope(const struct bind_request *request)
{
	struct in6_addr addr;

	memcpy(&addr, request->ep.addr, sizeof(addr));
	return *request->scope_dev && request->ep.family == AF_INET6 &&
	       request->ep.proto != IPPROTO_SCTP &&
	       (IN6_IS_ADDR_LINKLOCAL(&addr) || IN6_IS_ADDR_MC_LINKLOCAL(&addr));
}

static int check(struct source *source, const struct bind_request *request,
		 struct check *check)
{
	const struct filter filter = diag_check_filter(request);
	struct bind_request wanted = *request;
	struct psock_list holders = { 0 };
	int status;

	check_clear(check);
	if (binds_to_scope(request))
		wanted.ep.dev = wanted.scope_dev;
	/* What is not listed is part of the answer, and so not noted. */
	status = read_ports(source, &filter, &holders);
	if (!status)
		diag_check(&wanted, &holders, check);
	psock_list_clear(&holders);
	return status;
}

static bool can_check(struct source *source,
		      const struct bind_request *request, struct check *answer)
{
	return !check(source, request, answer) && answer->answered;
}

static int stats(struct source *source, struct counters *counters)
{
	const struct filter all = { .states = STATES_ALL, .no_owners = true };
	struct psock_list list = { 0 };
	size_t i;
	int status;

	memset(counters, 0, sizeof(*counters));
	counters->only_sockets = true;
	status = ports(source, &all, &list);
	for (i = 0; i < list.n; i++)
		counters_count(counters, &list.v[i]);
	psock_list_clear(&list);
	return status;
}

static void close_diag(struct source *source)
{
	struct diag *diag = diag_of(source);

	if (diag->channel.sk)
		nl_socket_free(diag->channel.sk);
	free(diag);
}

static const struct source_ops diag_ops = {
	.name = "diag",
	.knows = DIAG_KNOWS,
	.ports = ports,
	.check = check,
	.can_check = can_check,
	.stats = stats,
	.close = close_diag,
};

/**
 * diag_open() - Open sock_diag as a source.
 * @source: set to the source
 * @quiet: print no notes
 *
 * Return: 0 or the exit status.
 */
int diag_open(struct source **source, bool quiet)
{
	struct diag *diag = xcalloc(1, sizeof(*diag));

	diag->source.ops = &diag_ops;
	diag->source.quiet = quiet;
	diag->channel.sk = channel_socket(NETLINK_SOCK_DIAG);
	if (!diag->channel.sk) {
		source_close(&diag->source);
		return STATUS_FAILED;
	}
	channel_expect_dumps(&diag->channel);
	*source = &diag->source;
	return 0;
}
