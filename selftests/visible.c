// SPDX-License-Identifier: GPL-2.0
/*
 * Every combination of rights that matters, and for each whether a reader is told
 * of a process: just if the /proc of its pid namespace lets it look at the
 * process' descriptors, or if it has a capability over the process.
 *
 * Those who are looked at hold a port each, by which they are known, and were
 * refused it a second time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>

#include "../kselftest_harness.h"

#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	8000
#define OTHER	1001
#define PROGRAM	"/tmp/portowner-visible"

/* Pid namespaces: that of the test, and two beside each other in it. */
enum place { OUTSIDE, INSIDE, BESIDE, PLACES };

/* User and network namespaces: the first ones, and those of USER. */
enum { FIRST, OWN, SPACES };

/* May its user look at a process; the last kind runs a program it may not read. */
enum { DUMPABLE, UNDUMPABLE, UNREADABLE, KINDS };

struct identity {
	uid_t uid;
	gid_t gid;
	int cap;
};

static const struct identity identities[] = {
	{ USER, USER, NO_CAP },
	{ USER, OTHER, NO_CAP },
	{ OTHER, USER, NO_CAP },
	{ OTHER, OTHER, NO_CAP },
	{ USER, USER, CAP_NET_RAW },
};

#define IDENTITIES	5
#define TARGETS		(PLACES * SPACES * SPACES * KINDS * IDENTITIES)

/* The modes of /proc/PID/fd are in nobody's way who has CAP_DAC_READ_SEARCH. */
static const unsigned long readers[] = {
	0,
	1 << CAP_DAC_READ_SEARCH,
	1 << CAP_DAC_READ_SEARCH | 1 << CAP_SYS_PTRACE,
	1 << CAP_DAC_READ_SEARCH | 1 << CAP_NET_ADMIN,
};

#define READERS		4

struct target {
	enum place place;
	int user, net, kind, fd;
	const struct identity *id;
	/* as the readers of each place have it, or 0 */
	pid_t pid[PLACES];
};

struct reader {
	enum place place;
	int user, net;
	unsigned long caps;
};

/* What all processes share, and what they compared. */
struct shared {
	struct target targets[TARGETS];
	int compared, visible, differ;
};

FIXTURE(visible)
{
	struct shared *shared;
	int proc;
	int user;
	int net[SPACES];
	struct proc owner;
	struct proc places[PLACES];
};

/* For the children. */
static struct _test_data_visible *world;

static void become(uid_t uid, gid_t gid, unsigned long caps)
{
	struct __user_cap_header_struct hdr = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {
		{ .permitted = caps, .effective = caps },
	};

	if (setgroups(0, NULL) || setresgid(gid, gid, gid) ||
	    prctl(PR_SET_KEEPCAPS, 1) || setresuid(uid, uid, uid) ||
	    syscall(SYS_capset, &hdr, data) || prctl(PR_SET_DUMPABLE, 1))
		die_errno("become");
}

static void enter(int user, int net)
{
	ns_switch(world->net[net]);
	if (user == OWN && setns(world->user, CLONE_NEWUSER))
		die_errno("setns(CLONE_NEWUSER)");
}

/* ---- those who are looked at ---- */

static void note_pids(struct target *t)
{
	char buf[16] = "";

	if (readlinkat(world->proc, "self", buf, sizeof(buf) - 1) < 0)
		die_errno("/proc/self");
	t->pid[OUTSIDE] = atoi(buf);
	t->pid[t->place] = getpid();
}

/* Answer once more, and then no more. */
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
	int port = PORT + (int)((struct target *)arg - world->shared->targets);
	struct target *t = arg;
	unsigned long caps = 0;
	int fd;

	note_pids(t);
	if (t->id->cap != NO_CAP)
		caps = 1UL << t->id->cap;
	enter(t->user, t->net);
	become(t->id->uid, t->id->gid, caps);
	t->fd = sock_listening("0.0.0.0", port);
	fd = sock_new("0.0.0.0", SOCK_STREAM);
	if (sock_bind(fd, "0.0.0.0", port) != -EADDRINUSE)
		die("not refused");
	close(fd);
	stay(parent, t->kind);
}

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

	/* The first format has no place for @fd. */
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
		of[rejects.v[i].port - PORT] = &rejects.v[i];
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

	enter(r->user, r->net);
	become(USER, USER, r->caps);
	if (nl_open(&nl))
		die("no module");
	socks = pt_socks(&nl, NULL);
	if (socks.err || socks.n != TARGETS / SPACES)
		die("%d sockets, %d", socks.n, socks.err);
	for (i = 0; i < socks.n; i++) {
		port = socks.v[i].port - PORT;
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

static void populate(enum place place)
{
	struct target *t = world->shared->targets;
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
	populate(here);
	proc_tell(parent);
	proc_await(parent);
	if (here != BESIDE)
		look_from(here);
	proc_tell(parent);
	proc_await(parent);
}

/* USER makes a user namespace, and in it a network namespace. */
static void own_spaces(struct proc *parent, void *arg)
{
	become(USER, USER, 0);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		die_errno("unshare(CLONE_NEWUSER)");
	proc_tell(parent);
	proc_await(parent);
}

static void map_all(pid_t pid, const char *what)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, what);
	file = fopen(path, "w");
	if (!file || fputs("0 0 65536", file) < 0 || fclose(file))
		die_errno(path);
}

static int space_open(pid_t pid, const char *what)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die_errno(path);
	return fd;
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

FIXTURE_SETUP(visible)
{
	int i, here;

	world = self;
	ns_enter();
	copy_program();
	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->shared);
	fill_targets(self->shared->targets);
	self->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	self->net[FIRST] = ns_open();

	proc_start(&self->owner, own_spaces, NULL);
	proc_await(&self->owner);
	map_all(self->owner.pid, "uid_map");
	map_all(self->owner.pid, "gid_map");
	self->user = space_open(self->owner.pid, "user");
	self->net[OWN] = space_open(self->owner.pid, "net");

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

	for (i = 0; i < TARGETS; i++)
		if (self->shared->targets[i].place == OUTSIDE)
			kill(self->shared->targets[i].pid[OUTSIDE], SIGKILL);
	for (i = 0; i < PLACES; i++)
		proc_end(&self->places[i]);
	proc_end(&self->owner);
	unlink(PROGRAM);
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
