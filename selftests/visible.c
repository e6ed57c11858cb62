// SPDX-License-Identifier: GPL-2.0
/*
 * Every combination of rights that matters, and for each whether a reader is
 * shown a process: exactly if the /proc of its pid namespace lets it look at
 * the process's descriptors, or if it has a capability over the process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include <linux/capability.h>

#include "../kselftest_harness.h"

#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"
#include "lib/spaces.h"
#include "lib/targets.h"

/* CAP_DAC_READ_SEARCH overrides the modes of /proc/PID/fd. */
static const unsigned long readers[] = {
	0,
	1 << CAP_DAC_READ_SEARCH,
	1 << CAP_DAC_READ_SEARCH | 1 << CAP_SYS_PTRACE,
	1 << CAP_DAC_READ_SEARCH | 1 << CAP_NET_ADMIN,
};

#define READERS		4

struct reader {
	enum place place;
	int user, net;
	unsigned long caps;
};

/* Shared by all processes, and how many comparisons they made. */
struct shared {
	struct target targets[TARGETS];
	int compared, visible, differ;
};

FIXTURE(visible)
{
	struct shared *shared;
	struct spaces spaces;
	struct proc places[PLACES];
};

/* For the children. */
static struct _test_data_visible *world;

/* ---- what they expect ---- */

static bool user_within(int user, int of)
{
	return user == of || of == FIRST;
}

/* USER has every capability in the namespace that it made. */
static bool over(const struct reader *r, int user, unsigned long caps)
{
	if (r->user == FIRST && user == OWN)
		return true;
	return (r->caps & caps) && user_within(user, r->user);
}

static bool capable(const struct reader *r, const struct target *t,
		    unsigned long caps)
{
	int mm = t->kind == UNREADABLE ? t->user : FIRST;

	return over(r, t->user, caps) &&
	       (t->kind == DUMPABLE || over(r, mm, caps));
}

static bool proc_shows(const char *fmt, pid_t pid, int fd)
{
	char path[64], buf[256];

	/* The first format does not use @fd. */
	/* cppcheck-suppress wrongPrintfScanfArgNum */
	snprintf(path, sizeof(path), fmt, pid, fd);
	if (readlink(path, buf, sizeof(buf)) >= 0)
		return true;
	if (errno != EACCES && errno != EPERM)
		die_errno(path);
	return false;
}

static bool in_proc(const struct reader *r, const struct target *t)
{
	pid_t pid = t->pid[r->place];
	bool exe, fd;

	if (!pid)
		return false;
	exe = proc_shows("/proc/%d/exe", pid, 0);
	fd = proc_shows("/proc/%d/fd/%d", pid, t->fd);
	/* a mode may be in the way */
	if (r->caps ? exe != fd : fd && !exe)
		die("/proc/%d: exe %d, fd %d", pid, exe, fd);
	return fd || exe;
}

static bool expected(const struct reader *r, const struct target *t)
{
	bool shown = in_proc(r, t);

	if (t->pid[r->place] && !shown &&
	    capable(r, t, 1UL << CAP_SYS_PTRACE))
		die("/proc does not know of a capability");
	return shown || capable(r, t, 1UL << CAP_SYS_PTRACE |
				      1UL << CAP_NET_ADMIN);
}

/* ---- what they are told ---- */

static void compare(const struct reader *r, const struct target *t,
		    const char *what, bool want, bool is)
{
	struct shared *shared = world->shared;

	shared->compared++;
	shared->visible += want;
	if (want == is)
		return;
	if (shared->differ++ < 20)
		fprintf(stderr, "# %s: %d instead of %d: reader place %d user %d "
			"net %d caps %#lx; place %d user %d kind %d, %d:%d cap %d\n",
			what, is, want, r->place, r->user, r->net, r->caps,
			t->place, t->user, t->kind, t->id->uid, t->id->gid,
			t->id->cap);
}

static void compare_sock(const struct reader *r, const struct target *t,
			 const struct pt_sock *s)
{
	bool want = expected(r, t), pid = true;
	int i;

	if (s->n_owners > 1)
		die("%d owners", s->n_owners);
	for (i = 0; i < s->n_owners; i++)
		pid = s->owners[i].pid == (__u32)t->pid[r->place];
	compare(r, t, "owner", want, s->n_owners);
	compare(r, t, "hidden", !want, s->owners_hidden);
	compare(r, t, "pid", true, pid);
	compare(r, t, "binder", want, s->binder.present);
}

static void compare_rejects(const struct reader *r, struct nl *nl)
{
	unsigned long caps = 1UL << CAP_NET_ADMIN;
	struct pt_reject *of[TARGETS] = {};
	struct pt_rejects rejects;
	const struct target *t;
	bool own, seen;
	int i;

	rejects = pt_rejects(nl, 0);
	if (rejects.err)
		die("rejects: %d", rejects.err);
	for (i = 0; i < rejects.n; i++)
		of[rejects.v[i].port - TARGET_PORT] = &rejects.v[i];
	for (i = 0; i < TARGETS; i++) {
		t = &world->shared->targets[i];
		if (t->net != r->net)
			continue;
		own = t->id->uid == USER && t->user == r->user &&
		      t->pid[r->place];
		seen = own || over(r, r->net, caps);
		compare(r, t, "reject", seen, of[i]);
		if (!seen || !of[i])
			continue;
		seen = own || over(r, t->user, caps | 1UL << CAP_SYS_PTRACE);
		compare(r, t, "caller", seen, of[i]->comm);
		compare(r, t, "caller's pid", seen && t->pid[r->place],
			of[i]->pid);
	}
}

static void look(struct proc *parent, void *arg)
{
	const struct reader *r = arg;
	struct pt_socks socks;
	struct nl nl;
	int i, port;

	spaces_enter(&world->spaces, r->user, r->net);
	become(USER, USER, r->caps);
	if (nl_open(&nl))
		die("no module");
	socks = pt_socks(&nl, NULL);
	if (socks.err || socks.n != TARGETS / SPACES)
		die("%d sockets, %d", socks.n, socks.err);
	for (i = 0; i < socks.n; i++) {
		port = socks.v[i].port - TARGET_PORT;
		compare_sock(r, &world->shared->targets[port], &socks.v[i]);
	}
	compare_rejects(r, &nl);
	proc_tell(parent);
	proc_await(parent);
}

/* ---- the places ---- */

static void own_proc(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, NULL))
		die_errno("/proc");
}

static void look_from(enum place place)
{
	struct reader r = { .place = place };
	struct proc child;
	int i;

	for (r.user = 0; r.user < SPACES; r.user++) {
		for (r.net = 0; r.net < SPACES; r.net++) {
			for (i = 0; i < READERS; i++) {
				r.caps = readers[i];
				proc_start(&child, look, &r);
				proc_await(&child);
				proc_end(&child);
			}
		}
	}
}

static void place(struct proc *parent, void *arg)
{
	enum place here = (struct proc *)arg - world->places;

	if (here != OUTSIDE)
		own_proc();
	targets_start(world->shared->targets, here);
	proc_tell(parent);
	proc_await(parent);
	if (here != BESIDE)
		look_from(here);
	proc_tell(parent);
	proc_await(parent);
}

FIXTURE_SETUP(visible)
{
	int i, here;

	world = self;
	ns_enter();
	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->shared);
	targets_init(self->shared->targets, &self->spaces);
	spaces_make(&self->spaces);

	here = space_open(getpid(), "pid");
	for (i = 0; i < PLACES; i++) {
		if (i != OUTSIDE)
			ASSERT_EQ(0, unshare(CLONE_NEWPID));
		proc_start(&self->places[i], place, &self->places[i]);
		ASSERT_EQ(0, setns(here, CLONE_NEWPID));
		proc_await(&self->places[i]);
	}
}

FIXTURE_TEARDOWN(visible)
{
	int i;

	targets_end(self->shared->targets);
	for (i = 0; i < PLACES; i++)
		proc_end(&self->places[i]);
	spaces_end(&self->spaces);
}

TEST_F_TIMEOUT(visible, as_proc_has_it, 240)
{
	struct shared *shared = self->shared;
	int i;

	for (i = 0; i < PLACES; i++) {
		proc_tell(&self->places[i]);
		proc_await(&self->places[i]);
	}
	EXPECT_EQ(0, shared->differ);
	/* owner, hidden, pid, binder, reject */
	EXPECT_LE(2 * SPACES * SPACES * READERS * 5 * TARGETS / SPACES,
		  shared->compared);
	EXPECT_LT(shared->compared / 5, shared->visible);
	TH_LOG("compared %d, visible %d, different %d", shared->compared,
	       shared->visible, shared->differ);
}

TEST_HARNESS_MAIN
