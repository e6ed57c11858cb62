/* SPDX-License-Identifier: GPL-2.0 */
/* A module that answers from messages that the test has given it. */
#ifndef PORTOWNER_TESTS_FAKE_CLIENT_H
#define PORTOWNER_TESTS_FAKE_CLIENT_H

#include <netlink/msg.h>

#include "check.h"
#include "client.h"

/**
 * struct fake - The module.
 * @opened: how often the tool has asked for it
 * @closed: how often the tool has let go of it
 * @joined: the tool wants to be told of rejects
 * @deny: what to refuse with, or 0
 * @asked: the last filter
 * @asks: how often sockets were asked for
 * @query: the last question for rejects
 * @looks: how often those of a process were asked for; the first time there are
 *	none
 * @request: the last bind that was to be checked
 * @stats_later: how often there are no counters yet
 * @sees_all: all network namespaces may be seen
 * @events: how many messages are held back until the tool waits, or asks for
 *	those of a process again
 * @netns: network namespace of the tool
 * @range: net.ipv4.ip_local_port_range, or NULL
 * @reserved: net.ipv4.ip_local_reserved_ports, or NULL
 * @unprivileged: net.ipv4.ip_unprivileged_port_start, or NULL
 * @bindv6only: net.ipv6.bindv6only, or NULL
 * @lsms: active security modules, or NULL
 * @uid: user that the tool runs as
 */
extern struct fake {
	int opened;
	int closed;
	bool joined;
	int deny;
	struct filter asked;
	int asks;
	struct reject_query query;
	int looks;
	struct bind_request request;
	int stats_later;
	bool sees_all;
	size_t events;
	__u32 netns;
	const char *range;
	const char *reserved;
	const char *unprivileged;
	const char *bindv6only;
	const char *lsms;
	__u32 uid;
} fake;

void fake_reset(void);
void fake_add(struct nl_msg *msg);

#endif /* PORTOWNER_TESTS_FAKE_CLIENT_H */
