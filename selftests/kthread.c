// SPDX-License-Identifier: GPL-2.0
/* Sockets bound by the kernel itself, refused like any other. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/die.h"
#include "lib/pt.h"
#include "lib/sock.h"

#define PORT	3400
/* How often to poll for what is about to happen. */
#define TRIES	100000

FIXTURE(kthread)
{
	struct nl nl;
};

FIXTURE_VARIANT(kthread)
{
	int type;
	int proto;
	const char *args;
};

FIXTURE_VARIANT_ADD(kthread, tcp) {
	.type = SOCK_STREAM,
	.proto = IPPROTO_TCP,
	.args = "port=3400 udp=0",
};

FIXTURE_VARIANT_ADD(kthread, udp) {
	.type = SOCK_DGRAM,
	.proto = IPPROTO_UDP,
	.args = "port=3400 udp=1",
};

FIXTURE_VARIANT_ADD(kthread, tcp_file) {
	.type = SOCK_STREAM,
	.proto = IPPROTO_TCP,
	.args = "port=3400 udp=0 file=1",
};

FIXTURE_VARIANT_ADD(kthread, udp_file) {
	.type = SOCK_DGRAM,
	.proto = IPPROTO_UDP,
	.args = "port=3400 udp=1 file=1",
};

FIXTURE_SETUP(kthread)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(kthread)
{
	nl_close(&self->nl);
}

/* Next to portowner.ko; its argument is the port. Returns its own errno. */
static int load(const char *args)
{
	struct utsname uts;
	char path[256];
	int fd, err;

	uname(&uts);
	snprintf(path, sizeof(path), "/lib/modules/%s/updates/kbind.ko",
		 uts.release);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		die_errno(path);
	err = syscall(SYS_finit_module, fd, args, 0) ? -errno : 0;
	close(fd);
	return err;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "kbind", 0) ? -errno : 0;
}

/* A work item makes the record, so it may come later than the answer. */
static struct pt_reject *await_reject(struct nl *nl)
{
	struct pt_reject *r = NULL;
	int tries = TRIES;

	while (!r && tries--)
		r = pt_last_reject(nl);
	return r;
}

/* A stopped thread is found by its id until it has been reaped. */
static struct pt_socks await_dead_binder(struct nl *nl)
{
	struct pt_socks socks;
	int tries = TRIES;

	do
		socks = pt_port(nl, PORT, PT_ALL_STATES);
	while (socks.n == 1 && socks.v[0].binder.alive && tries--);
	return socks;
}

TEST_F(kthread, refused)
{
	int holder = sock_bound("127.0.0.1", variant->type, PORT);
	struct pt_reject *r;

	ASSERT_EQ(-EADDRINUSE, load(variant->args));
	r = await_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(1, pt_stats(&self->nl).seen);
	EXPECT_EQ(PORTOWNER_REJECT_OP_BIND, r->op);
	EXPECT_EQ(EADDRINUSE, r->err);
	EXPECT_EQ(variant->proto, r->proto);
	EXPECT_EQ(PORT, r->port);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), *(__u32 *)r->addr);
	EXPECT_EQ(ns_inode(), r->netns);
	EXPECT_STREQ("kbind", r->comm);
	EXPECT_NE(getpid(), r->pid);
	EXPECT_EQ(NULL, r->exe);
	EXPECT_EQ(0, r->uid);
	EXPECT_EQ(PORTOWNER_RULE_ADDRESS_IN_USE, r->rule);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_EQ(sock_cookie(holder), r->culprits[0].cookie);
}

TEST_F(kthread, bound)
{
	struct pt_socks socks;
	int fd;

	ASSERT_EQ(0, load(variant->args));
	EXPECT_EQ(0, pt_stats(&self->nl).seen);
	socks = await_dead_binder(&self->nl);
	ASSERT_EQ(1, socks.n);
	EXPECT_TRUE(socks.v[0].binder.present);
	EXPECT_STREQ("kbind", socks.v[0].binder.comm);
	EXPECT_FALSE(socks.v[0].binder.alive);
	EXPECT_EQ(0, socks.v[0].n_owners);
	EXPECT_STREQ("kbind", socks.v[0].kernel_owner);
	EXPECT_EQ(0, socks.v[0].unseen_refs);
	EXPECT_EQ(0, socks.v[0].n_unseen);
	EXPECT_EQ(0, socks.v[0].peer_port);
	EXPECT_TRUE(socks.v[0].has_port_by_kernel);
	EXPECT_FALSE(socks.v[0].port_by_kernel);

	/* and is in the way of another one */
	fd = sock_new("127.0.0.1", variant->type);
	EXPECT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", PORT));
	ASSERT_EQ(1, pt_last_reject(&self->nl)->n_culprits);
	EXPECT_STREQ("kbind",
		     pt_last_reject(&self->nl)->culprits[0].kernel_owner);
	ASSERT_EQ(0, unload());
	EXPECT_EQ(0, sock_bind(fd, "127.0.0.1", PORT));
}

TEST_F(kthread, connected)
{
	int fd = sock_bound("127.0.0.1", variant->type, PORT + 1);
	struct pt_socks socks;
	char args[64];

	ASSERT_TRUE(variant->type == SOCK_DGRAM || !sock_listen(fd));
	snprintf(args, sizeof(args), "%s peer=%d", variant->args, PORT + 1);
	ASSERT_EQ(0, load(args));
	socks = await_dead_binder(&self->nl);
	ASSERT_EQ(1, socks.n);
	EXPECT_STREQ("kbind", socks.v[0].kernel_owner);
	EXPECT_EQ(0, socks.v[0].unseen_refs);
	EXPECT_EQ(PORTOWNER_STATE_ESTABLISHED, socks.v[0].state);
	EXPECT_EQ(PORT + 1, socks.v[0].peer_port);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), *(__u32 *)socks.v[0].peer_addr);
	ASSERT_EQ(0, unload());
}

TEST_HARNESS_MAIN
