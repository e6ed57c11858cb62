/* SPDX-License-Identifier: GPL-2.0 */
/* A module that answers from messages that the test has given it. */
#ifndef PORTOWNER_TESTS_FAKE_CLIENT_H
#define PORTOWNER_TESTS_FAKE_CLIENT_H

#include <netlink/msg.h>

#include "filter.h"

/**
 * struct fake - The module.
 * @opened: how often the tool has asked for it
 * @closed: how often the tool has let go of it
 * @joined: the tool wants to be told of rejects
 * @deny: what to refuse with, or 0
 * @asked: the last filter
 * @events: how many messages are held back until the tool waits
 * @netns: network namespace of the tool
 * @range: net.ipv4.ip_local_port_range, or NULL
 * @reserved: net.ipv4.ip_local_reserved_ports, or NULL
 */
extern struct fake {
	int opened;
	int closed;
	bool joined;
	int deny;
	struct filter asked;
	size_t events;
	__u32 netns;
	const char *range;
	const char *reserved;
} fake;

void fake_reset(void);
void fake_add(struct nl_msg *msg);

#endif /* PORTOWNER_TESTS_FAKE_CLIENT_H */
