// SPDX-License-Identifier: GPL-2.0
/*
 * Learn that something was logged, or called. A notification only wakes us;
 * what happened is then read from the log, so that a lost one does no harm.
 */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <netlink/cache.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/family.h>
#include <netlink/genl/genl.h>

#include "lib/util.h"
#include "netlink/client_priv.h"

#define RECEIVE_ROOM	(1024 * 1024)

static void enlarge_buffer(int fd)
{
	int size = RECEIVE_ROOM;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/* Without this, unloading the module would leave us waiting forever. */
static int on_event(struct nl_msg *msg, void *arg)
{
	struct client *client = arg;
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct nlattr *tb[CTRL_ATTR_MAX + 1];

	if (nlh->nlmsg_type != GENL_ID_CTRL ||
	    genlmsg_hdr(nlh)->cmd != CTRL_CMD_DELFAMILY)
		return NL_OK;
	if (genlmsg_parse(nlh, 0, tb, CTRL_ATTR_MAX, NULL) < 0 ||
	    !tb[CTRL_ATTR_FAMILY_ID])
		return NL_OK;
	if (nla_get_u16(tb[CTRL_ATTR_FAMILY_ID]) == client->family)
		client->unloaded = true;
	return NL_OK;
}

static int join_group(struct nl_sock *sk, const char *family,
		      const char *group)
{
	int id = genl_ctrl_resolve_grp(sk, family, group);

	return id < 0 ? id : nl_socket_add_membership(sk, id);
}

/* Multicast groups, and what is not permitted if we may not join. */
static const struct {
	const char *group;
	const char *what;
} groups[] = {
	[EVENT_REFUSAL] = { PORTOWNER_MCGRP_REJECTS, "follow the log" },
	[EVENT_CALL] = { PORTOWNER_MCGRP_CALLS, "trace calls" },
};

static int join(struct client *client, enum source_event event, bool all_netns)
{
	struct nl_sock *sk = client->events;
	int fd = nl_socket_get_fd(sk), err, on = 1;

	enlarge_buffer(fd);
	/*
	 * Covers namespaces that have an id here; the others are polled. Calls
	 * in all of them are reported here.
	 */
	if (all_netns && event == EVENT_REFUSAL)
		setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on,
			   sizeof(on));
	err = join_group(sk, "nlctrl", "notify");
	if (err >= 0)
		err = join_group(sk, PORTOWNER_FAMILY_NAME,
				 groups[event].group);
	if (err < 0)
		return err;
	client->joined = event;
	nl_socket_disable_seq_check(sk);
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_event, client);
	return nl_socket_set_nonblocking(sk);
}

/**
 * client_join() - Subscribe to events.
 * @source: the module
 * @event: which events
 * @all_netns: those of other network namespaces, too, as far as possible
 *
 * Return: 0 or the exit status.
 */
int client_join(struct source *source, enum source_event event, bool all_netns)
{
	struct client *client = client_of(source);
	int err;

	client->events = channel_socket(NETLINK_GENERIC);
	if (!client->events)
		return STATUS_FAILED;
	err = join(client, event, all_netns);
	if (err == -NLE_PERM)
		return complain(STATUS_DENIED, "not permitted to %s: %s",
				groups[event].what,
				"CAP_NET_ADMIN over the network namespace is required");
	if (err == -NLE_OBJ_NOTFOUND)
		return complain(STATUS_DENIED, "the kernel module was unloaded");
	if (err < 0)
		return complain(STATUS_FAILED, "cannot %s: %s",
				groups[event].what, nl_geterror(err));
	return 0;
}

/**
 * client_can_join() - Subscribe to events, if permitted.
 * @source: the module
 * @event: which events
 * @all_netns: those of other network namespaces, too, as far as possible
 *
 * Return: true if it is; no message is printed if not.
 */
bool client_can_join(struct source *source, enum source_event event,
		     bool all_netns)
{
	struct client *client = client_of(source);

	client->events = channel_socket(NETLINK_GENERIC);
	if (!client->events)
		return false;
	if (join(client, event, all_netns) >= 0)
		return true;
	nl_socket_free(client->events);
	client->events = NULL;
	return false;
}

/**
 * client_events_fd() - The descriptor to poll for events.
 * @source: the module
 *
 * Return: the descriptor, or -1 without a subscription.
 */
int client_events_fd(const struct source *source)
{
	const struct client *client = (const struct client *)source;

	return client->events ? nl_socket_get_fd(client->events) : -1;
}

/* Return: 0, or a negative libnl error. */
static int read_events(struct client *client)
{
	int err;

	do {
		err = nl_recvmsgs_default(client->events);
		/* Lost notifications are notifications, too. */
		if (err == -NLE_NOMEM)
			err = 0;
	} while (err >= 0 && !client->unloaded);
	return err == -NLE_AGAIN || err == -NLE_INTR ? 0 : err;
}

static int cannot_read(int err)
{
	return complain(STATUS_FAILED, "cannot read notifications: %s",
			nl_geterror(err));
}

/**
 * client_drain() - Discard the events received so far.
 * @source: the module, with a subscription
 *
 * Return: 0 or the exit status.
 */
int client_drain(struct source *source)
{
	struct client *client = client_of(source);
	int err = read_events(client);

	if (client->unloaded)
		return complain(STATUS_DENIED, "the kernel module was unloaded");
	return err < 0 ? cannot_read(err) : 0;
}

/* Only the reader of a pipe can go away. */
static bool stdout_is_pipe(void)
{
	struct stat st;

	return !fstat(STDOUT_FILENO, &st) &&
	       (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

/*
 * Sleep until there are events or the time is over, which set @event to true,
 * or until it is time to end, which sets it to false.
 */
static int sleep_until_event(const struct client *client, int stop_fd,
			     int timeout_ms, bool *event)
{
	struct pollfd fds[] = {
		{ .fd = nl_socket_get_fd(client->events), .events = POLLIN },
		{ .fd = stop_fd, .events = POLLIN },
		{ .fd = stdout_is_pipe() ? STDOUT_FILENO : -1 },
	};

	*event = false;
	while (poll(fds, ARRAY_SIZE(fds), timeout_ms) < 0)
		if (errno != EINTR)
			return complain(STATUS_FAILED, "cannot wait: %s",
					strerror(errno));
	*event = !fds[1].revents && !fds[2].revents;
	return 0;
}

/**
 * client_wait() - Sleep until something was logged.
 * @source: the module, with a subscription
 * @stop_fd: readable when it has to end
 * @timeout_ms: wake up after this time in any case; -1 for never
 * @event: set to true if something was logged, or may have been; to false if
 *	@stop_fd is readable or our output has no reader any more
 *
 * Return: 0 or the exit status.
 */
int client_wait(struct source *source, int stop_fd, int timeout_ms,
		bool *event)
{
	int status = sleep_until_event(client_of(source), stop_fd, timeout_ms,
				       event);

	return status || !*event ? status : client_drain(source);
}

/*
 * The family id, or a negative error. All families are listed, because to ask
 * for one by name may load its module, which somebody has just unloaded.
 */
static int find_family(void)
{
	struct nl_sock *sk = nl_socket_alloc();
	struct genl_family *family;
	struct nl_cache *cache;
	int err;

	if (!sk)
		return -NLE_NOMEM;
	err = genl_connect(sk);
	if (!err)
		err = genl_ctrl_alloc_cache(sk, &cache);
	nl_socket_free(sk);
	if (err < 0)
		return err;
	family = genl_ctrl_search_by_name(cache, PORTOWNER_FAMILY_NAME);
	err = family ? (int)genl_family_get_id(family) : -NLE_OBJ_NOTFOUND;
	if (family)
		genl_family_put(family);
	nl_cache_free(cache);
	return err;
}

/*
 * Is the module back, under an id that it did not have before? Sets @err to a
 * negative error if that is unknown.
 */
static bool is_back(struct client *client, int *err)
{
	int family = find_family();

	*err = 0;
	if (family == -NLE_OBJ_NOTFOUND)
		client->unloaded = true;
	else if (family < 0)
		*err = family;
	if (family < 0 || (!client->unloaded && family == client->family))
		return false;
	client->family = family;
	client->unloaded = false;
	*err = join_group(client->events, PORTOWNER_FAMILY_NAME,
			  groups[client->joined].group);
	if (*err != -NLE_OBJ_NOTFOUND)
		return !*err;
	/* It was unloaded again in between. */
	client->unloaded = true;
	*err = 0;
	return false;
}

/**
 * client_rejoin() - Wait until the module is loaded again, and subscribe.
 * @source: the module, with a subscription
 * @stop_fd: readable when it has to end
 * @back: set to true if the module is back, and its events subscribed to; to
 *	false if @stop_fd is readable or our output has no reader any more
 *
 * The kernel reports each generic netlink family that comes or goes.
 *
 * Return: 0 or the exit status.
 */
int client_rejoin(struct source *source, int stop_fd, bool *back)
{
	struct client *client = client_of(source);
	bool event = true;
	int err, status;

	for (;;) {
		*back = is_back(client, &err);
		if (err < 0)
			return complain(STATUS_FAILED,
					"cannot find the kernel module: %s",
					nl_geterror(err));
		if (*back)
			return 0;
		status = sleep_until_event(client, stop_fd, -1, &event);
		if (status || !event)
			return status;
		err = read_events(client);
		if (err < 0)
			return cannot_read(err);
	}
}
