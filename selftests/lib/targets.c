// SPDX-License-Identifier: GPL-2.0
/* Processes to look at, one for each combination of rights that matters. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/capability.h>

#include "die.h"
#include "sock.h"
#include "targets.h"

#define OTHER	1001
#define PROGRAM	"/tmp/portowner-visible"

static const struct identity identities[] = {
	{ USER, USER, NO_CAP },
	{ USER, OTHER, NO_CAP },
	{ OTHER, USER, NO_CAP },
	{ OTHER, OTHER, NO_CAP },
	{ USER, USER, CAP_NET_RAW },
};

/* For the children: the namespaces, and the /proc that contains them all. */
static const struct spaces *all_spaces;
static int outside;

static void note_pids(struct target *t)
{
	char buf[16] = "";

	if (readlinkat(outside, "self", buf, sizeof(buf) - 1) < 0)
		die_errno("/proc/self");
	t->pid[OUTSIDE] = atoi(buf);
	t->pid[t->place] = getpid();
}

/* Answer once more, then never again. */
static void stay(struct proc *parent, int kind)
{
	if (kind == UNREADABLE) {
		if (dup2(parent->in, 0) || dup2(parent->out, 1) != 1)
			die_errno("dup2");
		execl(PROGRAM, "cat", NULL);
		die_errno(PROGRAM);
	}
	if (prctl(PR_SET_DUMPABLE, kind == DUMPABLE))
		die_errno("PR_SET_DUMPABLE");
	proc_await(parent);
	proc_tell(parent);
	for (;;)
		pause();
}

static void be_looked_at(struct proc *parent, void *arg)
{
	unsigned long caps = 0;
	struct target *t = arg;
	int fd;

	note_pids(t);
	if (t->id->cap != NO_CAP)
		caps = 1UL << t->id->cap;
	spaces_enter(all_spaces, t->user, t->net);
	become(t->id->uid, t->id->gid, caps);
	t->fd = sock_listening("0.0.0.0", t->port);
	fd = sock_new("0.0.0.0", SOCK_STREAM);
	if (sock_bind(fd, "0.0.0.0", t->port) != -EADDRINUSE)
		die("not refused");
	close(fd);
	stay(parent, t->kind);
}

/* Start those of a place, from a process there: each then holds its port. */
void targets_start(struct target *targets, enum place place)
{
	struct target *t = targets;
	struct proc child;
	int i;

	for (i = 0; i < TARGETS; i++, t++) {
		if (t->place != place)
			continue;
		proc_start(&child, be_looked_at, t);
		proc_tell(&child);
		proc_await(&child);
	}
}

static void copy_program(void)
{
	int from = open("/bin/cat", O_RDONLY | O_CLOEXEC), to;
	struct stat st;

	unlink(PROGRAM);
	to = open(PROGRAM, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0711);
	if (from < 0 || to < 0 || fstat(from, &st) ||
	    sendfile(to, from, NULL, st.st_size) != st.st_size ||
	    fchmod(to, 0711))
		die_errno(PROGRAM);
	close(from);
	close(to);
}

static void fill_targets(struct target *targets)
{
	struct target *t;
	int i, nr;

	for (i = 0; i < TARGETS; i++) {
		t = &targets[i];
		nr = i;
		t->port = TARGET_PORT + i;
		t->place = nr % PLACES;
		nr /= PLACES;
		t->user = nr % SPACES;
		nr /= SPACES;
		t->net = nr % SPACES;
		nr /= SPACES;
		t->kind = nr % KINDS;
		t->id = &identities[nr / KINDS];
	}
}

/* To be called before any process of the places is started. */
void targets_init(struct target *targets, const struct spaces *spaces)
{
	all_spaces = spaces;
	copy_program();
	fill_targets(targets);
	outside = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The others end with their pid namespaces. */
void targets_end(struct target *targets)
{
	int i;

	for (i = 0; i < TARGETS; i++)
		if (targets[i].place == OUTSIDE)
			kill(targets[i].pid[OUTSIDE], SIGKILL);
	unlink(PROGRAM);
}
