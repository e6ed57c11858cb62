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
#include "lib/spaces.h"

#include <linux/portowner.h>

#define PORT		5000
/* Namespaces that have something new all the time. */
#define BUSY		64
/*
 * Listeners elsewhere, whom the kernel looks at for each message. With fewer, many messages
 * are sent before this process runs again on an emulated machine.
 */
#define CROWD		8000
/* Messages to one of the busy while another namespace waits for its first. */
#define TURNS_MAX	20
/* Messages to all of the busy while another user waits, and some that were on their way. */
#define OTHERS_MAX	(BUSY / 4)

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
	struct space another;
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

/* Listen in this namespace. */
static void listen_here(struct space *space, bool calls)
{
	struct nl_msg msg;

	memset(space, 0, sizeof(*space));
	space->fd = sock_bound("127.0.0.1", SOCK_DGRAM, PORT);
	if (nl_open(&space->nl))
		die("no portowner family");
	nl_msg_init(&msg, &space->nl, PORTOWNER_CMD_TRACE_GET, NLM_F_DUMP);
	if (calls && nl_talk(&space->nl, &msg, NULL, NULL))
		die("calls cannot be traced");
	if (nl_join_group(&space->nl, calls ? space->nl.mcgrp_calls : space->nl.mcgrp))
		die("the group cannot be joined");
}

static void listen_in_new(struct space *space, bool calls)
{
	ns_enter();
	listen_here(space, calls);
}

/* In a namespace of USER. */
static void listen_as_another(struct space *space, bool calls)
{
	struct spaces spaces;

	spaces_make(&spaces);
	ns_switch(spaces.net[OWN]);
	spaces_end(&spaces);
	proc_run("ip link set lo up");
	listen_here(space, calls);
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

	listen_as_another(&self->another, variant->calls);
	crowd(variant->calls);
	for (i = 0; i < BUSY; i++)
		listen_in_new(&self->busy[i], variant->calls);
	listen_in_new(&self->last, variant->calls);
}

FIXTURE_TEARDOWN(turns)
{
	int i;

	for (i = 0; i < BUSY; i++)
		nl_close(&self->busy[i].nl);
	nl_close(&self->last.nl);
	nl_close(&self->another.nl);
}

/* A call that is refused is new to both groups. */
static void something_new(struct space *space)
{
	if (sock_bind(space->fd, "127.0.0.1", PORT) != -EINVAL)
		die("bound twice");
}

/* The others may use up the slots for calls of their user. */
static void new_to_another(struct space *space)
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
	new_to_another(&self->last);
	while (!self->last.events && self->busy[0].events < before + TURNS_MAX) {
		all_busy(self->busy);
		read_events(&self->last);
	}
	EXPECT_EQ(1, self->last.events);
	TH_LOG("%d messages to others", self->busy[0].events - before);
}

/* Messages to all of the busy. */
static int busy_events(struct space *busy)
{
	int i, n = 0;

	for (i = 0; i < BUSY; i++) {
		read_events(&busy[i]);
		n += busy[i].events;
	}
	return n;
}

/* However many namespaces one user has, another one is next. */
TEST_F_TIMEOUT(turns, users_in_turn, 120)
{
	int i, before;

	while (self->busy[BUSY - 1].events < 3 && self->busy[0].events < TURNS_MAX)
		all_busy(self->busy);
	before = busy_events(self->busy);
	new_to_another(&self->another);
	for (i = 0; !self->another.events && i < TURNS_MAX * BUSY; i++) {
		something_new(&self->busy[i % BUSY]);
		read_events(&self->another);
	}
	EXPECT_EQ(1, self->another.events);
	before = busy_events(self->busy) - before;
	/* Calls are looked at from time to time only, when all of the others get a message. */
	if (!variant->calls)
		EXPECT_GE(OTHERS_MAX, before);
	TH_LOG("%d messages to others", before);
}

TEST_HARNESS_MAIN
