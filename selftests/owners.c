// SPDX-License-Identifier: GPL-2.0
/* Who holds a socket: one process, its heirs, and those it was passed to. */
#define _GNU_SOURCE
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

FIXTURE(owners)
{
	struct nl nl;
	int fd;
};

FIXTURE_VARIANT(owners)
{
	const char *ip;
	int type;
};

FIXTURE_VARIANT_ADD(owners, tcp4) {
	.ip = "127.0.0.1", .type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(owners, tcp6) {
	.ip = "::1", .type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(owners, udp4) {
	.ip = "127.0.0.1", .type = SOCK_DGRAM,
};

FIXTURE_VARIANT_ADD(owners, udp6) {
	.ip = "::1", .type = SOCK_DGRAM,
};

FIXTURE_SETUP(owners)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->fd = sock_bound(variant->ip, variant->type, 0);
}

FIXTURE_TEARDOWN(owners)
{
	nl_close(&self->nl);
}

/* Keeps all that it inherited until told to go. */
static void hold(struct proc *parent, void *arg)
{
	if (arg)
		proc_name(arg);
	proc_tell(parent);
	proc_await(parent);
}

TEST_F(owners, own_process)
{
	char exe[PATH_MAX] = {};
	struct pt_owner *o;
	struct pt_sock *s;

	ASSERT_LT(0, readlink("/proc/self/exe", exe, sizeof(exe) - 1));
	proc_name("a name");
	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	ASSERT_EQ(1, s->n_owners);
	EXPECT_FALSE(s->owners_hidden);
	o = s->owners;
	EXPECT_EQ(getpid(), o->pid);
	EXPECT_EQ(self->fd, o->fd);
	EXPECT_EQ(0, o->uid);
	ASSERT_NE(NULL, o->comm);
	EXPECT_STREQ("a name", o->comm);
	ASSERT_NE(NULL, o->exe);
	EXPECT_STREQ(exe, o->exe);
}

TEST_F(owners, forked)
{
	struct proc child;
	struct pt_owner *o;
	struct pt_sock *s;

	proc_start(&child, hold, "heir");
	proc_await(&child);
	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(2, s->n_owners);
	EXPECT_NE(NULL, pt_owner_of(s, getpid()));
	o = pt_owner_of(s, child.pid);
	ASSERT_NE(NULL, o);
	EXPECT_EQ(self->fd, o->fd);
	EXPECT_STREQ("heir", o->comm);

	proc_end(&child);
	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(1, s->n_owners);
}

/* The binder is alive, but closed its descriptor after a fork. */
TEST_F(owners, left_to_the_child)
{
	__u64 cookie = sock_cookie(self->fd);
	int port = sock_port(self->fd);
	struct pt_socks socks;
	struct proc child;
	struct pt_sock *s;

	proc_start(&child, hold, NULL);
	proc_await(&child);
	close(self->fd);
	socks = pt_port(&self->nl, port, 0);
	s = pt_by_cookie(&socks, cookie);
	ASSERT_NE(NULL, s);
	ASSERT_EQ(1, s->n_owners);
	EXPECT_EQ(child.pid, s->owners[0].pid);
	proc_end(&child);
	EXPECT_EQ(0, pt_port(&self->nl, port, PT_ALL_STATES).n);
}

TEST_F(owners, duplicated)
{
	int high = dup2(self->fd, 700);
	struct pt_sock *s = pt_sock_of(&self->nl, self->fd);

	ASSERT_EQ(700, high);
	ASSERT_NE(NULL, s);
	ASSERT_EQ(2, s->n_owners);
	EXPECT_EQ(getpid(), s->owners[0].pid);
	EXPECT_EQ(getpid(), s->owners[1].pid);
	EXPECT_EQ(self->fd + 700, s->owners[0].fd + s->owners[1].fd);
	EXPECT_NE(s->owners[0].fd, s->owners[1].fd);
}

static void receive_and_hold(struct proc *parent, void *arg)
{
	fd_receive(*(int *)arg);
	hold(parent, NULL);
}

struct binder {
	int via;
	const char *ip;
	int type;
};

static void bind_and_pass(struct proc *parent, void *arg)
{
	struct binder *b = arg;

	fd_send(b->via, sock_bound(b->ip, b->type, 1500));
	hold(parent, NULL);
}

/* Bound by one child, passed to another; the first then ends. */
TEST_F(owners, passed)
{
	struct proc from, to;
	struct binder b = { .ip = variant->ip, .type = variant->type };
	struct pt_socks socks;
	int via[2];

	close(self->fd);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, via));
	b.via = via[0];
	proc_start(&from, bind_and_pass, &b);
	proc_start(&to, receive_and_hold, &via[1]);
	proc_await(&from);
	proc_await(&to);

	socks = pt_port(&self->nl, 1500, 0);
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(2, socks.v[0].n_owners);
	EXPECT_NE(NULL, pt_owner_of(&socks.v[0], from.pid));
	EXPECT_NE(NULL, pt_owner_of(&socks.v[0], to.pid));

	proc_end(&from);
	socks = pt_port(&self->nl, 1500, 0);
	ASSERT_EQ(1, socks.n);
	ASSERT_EQ(1, socks.v[0].n_owners);
	EXPECT_EQ(to.pid, socks.v[0].owners[0].pid);
	proc_end(&to);
}

/* In flight over a unix socket it has no owner, but keeps its port. */
TEST_F(owners, in_flight)
{
	__u64 cookie = sock_cookie(self->fd);
	int port = sock_port(self->fd);
	struct pt_socks socks;
	struct pt_sock *s;
	int via[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, via));
	fd_send(via[0], self->fd);
	close(self->fd);
	socks = pt_port(&self->nl, port, 0);
	s = pt_by_cookie(&socks, cookie);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_FALSE(s->owners_hidden);
	self->fd = fd_receive(via[1]);
	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	ASSERT_EQ(1, s->n_owners);
	EXPECT_EQ(self->fd, s->owners[0].fd);
}

/* A name is any 15 bytes; the family reports them as they are. */
TEST_F(owners, hostile_name)
{
	static const char * const names[] = {
		"\x1b[31m\xff\n\r\t", "\"},{\"pid\":1", "\xc0\x80\xed\xa0\x80",
		"", "\\x41%s%n",
	};
	struct pt_sock *s;
	int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		proc_name(names[i]);
		s = pt_sock_of(&self->nl, self->fd);
		ASSERT_NE(NULL, s);
		ASSERT_EQ(1, s->n_owners);
		ASSERT_NE(NULL, s->owners[0].comm);
		EXPECT_STREQ(names[i], s->owners[0].comm);
	}
}

static void hold_as_user(struct proc *parent, void *arg)
{
	if (setresuid(0, USER, 0))
		_exit(1);
	hold(parent, NULL);
}

/* The uid of an owner is the process's effective one, not the socket's. */
TEST_F(owners, other_user)
{
	struct pt_owner *o;
	struct proc child;
	struct pt_sock *s;

	proc_start(&child, hold_as_user, NULL);
	proc_await(&child);
	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(0, s->uid);
	o = pt_owner_of(s, getpid());
	ASSERT_NE(NULL, o);
	EXPECT_EQ(0, o->uid);
	o = pt_owner_of(s, child.pid);
	ASSERT_NE(NULL, o);
	EXPECT_EQ(USER, o->uid);
	proc_end(&child);
}

struct view {
	int fd;
	int outer;
	int outer_seen;
	int inner_pid;
	int n_owners;
};

static void look(struct proc *parent, void *arg)
{
	struct view *view = arg;
	struct pt_sock *s;
	struct nl nl;
	int i;

	if (nl_open(&nl))
		_exit(1);
	s = pt_sock_of(&nl, view->fd);
	if (!s)
		_exit(2);
	view->n_owners = s->n_owners;
	for (i = 0; i < s->n_owners; i++) {
		if (!s->owners[i].has_pid)
			view->outer_seen++;
		else
			view->inner_pid = s->owners[i].pid;
	}
	hold(parent, NULL);
}

/* A reader in a pid namespace sees no pids from outside. */
TEST_F(owners, pid_namespace)
{
	struct view *view;
	struct proc child;

	view = mmap(NULL, sizeof(*view), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, view);
	view->fd = self->fd;
	ASSERT_EQ(0, unshare(CLONE_NEWPID));
	proc_start(&child, look, view);
	proc_await(&child);
	EXPECT_EQ(2, view->n_owners);
	EXPECT_EQ(1, view->outer_seen);
	EXPECT_EQ(1, view->inner_pid);
	proc_end(&child);
}

static void enter_cgroup(struct proc *parent, void *arg)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/cgroup.procs", (char *)arg);
	file = fopen(path, "w");
	if (!file || fprintf(file, "%d\n", getpid()) < 0 || fclose(file))
		_exit(1);
	hold(parent, NULL);
}

TEST_F(owners, cgroup)
{
	char dir[] = "/tmp/portowner-XXXXXX", group[64];
	struct proc child;
	struct pt_sock *s;

	ASSERT_EQ(0, unshare(CLONE_NEWNS));
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_NE(NULL, mkdtemp(dir));
	ASSERT_EQ(0, mount("none", dir, "cgroup2", 0, NULL));
	snprintf(group, sizeof(group), "%s/portowner-%d", dir, getpid());
	ASSERT_EQ(0, mkdir(group, 0700));
	proc_start(&child, enter_cgroup, group);
	proc_await(&child);

	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	ASSERT_NE(NULL, pt_owner_of(s, child.pid));
	ASSERT_NE(NULL, pt_owner_of(s, child.pid)->cgroup);
	EXPECT_STREQ(strrchr(group, '/'), pt_owner_of(s, child.pid)->cgroup);
	ASSERT_NE(NULL, pt_owner_of(s, getpid())->cgroup);
	EXPECT_STRNE(strrchr(group, '/'), pt_owner_of(s, getpid())->cgroup);

	proc_end(&child);
	EXPECT_EQ(0, rmdir(group));
	EXPECT_EQ(0, umount(dir));
	EXPECT_EQ(0, rmdir(dir));
}

TEST_HARNESS_MAIN
