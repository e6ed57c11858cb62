// SPDX-License-Identifier: GPL-2.0
/*
 * Notifications are sent in turn: whoever has something new all the time keeps nobody
 * waiting, not even if each message takes long since the group has many listeners.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/die.h"
#include "lib/nl.h"
#include "lib/sock.h"

#include <linux/portowner.h>

#define PORT		5000
#define USER		1234
/* Namespaces that have something new all the time. */
#define BUSY		64
/* Listeners elsewhere, whom the kernel looks at for each message. */
#define CROWD		2000
/* Messages to one of the busy while another namespace waits for its first. */
#define TURNS_MAX	20

/* A network namespace: who listens there, and a socket that is bound already. */
struct space {
	struct nl nl;
	int fd;
	int events;
};

FIXTURE(turns)
{
	struct space busy[BUSY];
	struct space last;
};

FIXTURE_VARIANT(turns)
{
	bool calls;
};

FIXTURE_VARIANT_ADD(turns, refusals) {
	.calls = false,
};

FIXTURE_VARIANT_ADD(turns, calls) {
	.calls = true,
};

static void space_open(struct space *space, bool calls)
{
	struct nl_msg msg;

	memset(space, 0, sizeof(*space));
	ns_enter();
	space->fd = sock_bound("127.0.0.1", SOCK_DGRAM, PORT);
	if (nl_open(&space->nl))
		die("no portowner family");
	nl_msg_init(&msg, &space->nl, PORTOWNER_CMD_TRACE_GET, NLM_F_DUMP);
	if (calls && nl_talk(&space->nl, &msg, NULL, NULL))
		die("calls cannot be traced");
	if (nl_join_group(&space->nl, calls ? space->nl.mcgrp_calls : space->nl.mcgrp))
		die("the group cannot be joined");
}

static void crowd(bool calls)
{
	const struct rlimit limit = { CROWD + 1024, CROWD + 1024 };
	struct nl first, nl;
	int i;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		die_errno("RLIMIT_NOFILE");
	ns_enter();
	if (nl_open(&first))
		die("no portowner family");
	for (i = 0; i < CROWD; i++) {
		nl = first;
		nl.fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
		if (nl.fd < 0 || nl_join_group(&nl, calls ? nl.mcgrp_calls : nl.mcgrp))
			die_errno("listener");
	}
}

FIXTURE_SETUP(turns)
{
	int i;

	crowd(variant->calls);
	for (i = 0; i < BUSY; i++)
		space_open(&self->busy[i], variant->calls);
	space_open(&self->last, variant->calls);
}

FIXTURE_TEARDOWN(turns)
{
	int i;

	for (i = 0; i < BUSY; i++)
		nl_close(&self->busy[i].nl);
	nl_close(&self->last.nl);
}

/* A call that is refused is new to both groups. */
static void something_new(struct space *space)
{
	if (sock_bind(space->fd, "127.0.0.1", PORT) != -EINVAL)
		die("bound twice");
}

/* The others may use up the slots for calls of their user. */
static void another_user(struct space *space)
{
	if (setresuid(USER, -1, -1))
		die_errno("setresuid");
	something_new(space);
	if (setresuid(0, -1, -1))
		die_errno("setresuid");
}

static void count_event(const struct nlmsghdr *hdr, void *arg)
{
	++*(int *)arg;
}

static void read_events(struct space *space)
{
	while (nl_next_event(&space->nl, count_event, &space->events, 0))
		;
}

static void all_busy(struct space *busy)
{
	int i;

	for (i = 0; i < BUSY; i++) {
		something_new(&busy[i]);
		read_events(&busy[i]);
	}
}

TEST_F_TIMEOUT(turns, nobody_waits, 120)
{
	int before;

	/* All of them wait for their next one. */
	while (self->busy[BUSY - 1].events < 3 && self->busy[0].events < TURNS_MAX)
		all_busy(self->busy);
	EXPECT_LE(3, self->busy[BUSY - 1].events);

	before = self->busy[0].events;
	another_user(&self->last);
	while (!self->last.events && self->busy[0].events < before + TURNS_MAX) {
		all_busy(self->busy);
		read_events(&self->last);
	}
	EXPECT_EQ(1, self->last.events);
	TH_LOG("%d messages to others", self->busy[0].events - before);
}

TEST_HARNESS_MAIN
