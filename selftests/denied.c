// SPDX-License-Identifier: GPL-2.0
/* Refused by rules that others made: security modules, cgroups. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/bpf.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	3200

FIXTURE(denied)
{
	struct nl nl;
	char cgroup[64];
};

FIXTURE_VARIANT(denied)
{
	const char *ip;
	int bind;
	int post_bind;
};

FIXTURE_VARIANT_ADD(denied, ipv4) {
	.ip = "127.0.0.1",
	.bind = BPF_CGROUP_INET4_BIND,
	.post_bind = BPF_CGROUP_INET4_POST_BIND,
};

FIXTURE_VARIANT_ADD(denied, ipv6) {
	.ip = "::1",
	.bind = BPF_CGROUP_INET6_BIND,
	.post_bind = BPF_CGROUP_INET6_POST_BIND,
};

static int write_pid(const char *cgroup)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	file = fopen(path, "w");
	if (!file)
		return -1;
	fprintf(file, "%d", getpid());
	return fclose(file);
}

FIXTURE_SETUP(denied)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	snprintf(self->cgroup, sizeof(self->cgroup),
		 "/sys/fs/cgroup/denied-%d", getpid());
	ASSERT_EQ(0, mkdir(self->cgroup, 0755));
	ASSERT_EQ(0, write_pid(self->cgroup));
}

FIXTURE_TEARDOWN(denied)
{
	nl_close(&self->nl);
	write_pid("/sys/fs/cgroup");
	rmdir(self->cgroup);
}

static void expect_denied(struct __test_metadata *_metadata,
			  const struct pt_reject *r, int op, int err,
			  const char *ip, int rule)
{
	unsigned char asked[16];

	EXPECT_EQ(op, r->op);
	EXPECT_EQ(err, r->err);
	EXPECT_EQ(PORT, r->port);
	EXPECT_EQ(sock_addr_bytes(ip, asked), r->addr_len);
	EXPECT_EQ(0, memcmp(asked, r->addr, r->addr_len));
	EXPECT_EQ(getpid(), r->pid);
	EXPECT_EQ(rule, r->rule);
	EXPECT_EQ(0, r->n_culprits);
}

#define EXPECT_DENIED(r, op, err, ip, rule) \
	expect_denied(_metadata, r, PORTOWNER_REJECT_OP_##op, err, ip, \
		      PORTOWNER_RULE_DENIED_BY_##rule)

#define NO_LSM "no BPF security module: wants 6.1, and lsm=...,bpf"

TEST_F(denied, lsm_bind)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	struct pt_reject *r;
	int i, fd, link;

	link = bpf_lsm_refuse("socket_bind", EACCES);
	if (link < 0)
		SKIP(return, NO_LSM);
	for (i = 0; i < 2; i++) {
		fd = sock_new(variant->ip, types[i]);
		ASSERT_EQ(-EACCES, sock_bind(fd, variant->ip, PORT));
		ASSERT_EQ(i + 1, pt_stats(&self->nl).seen);
		r = pt_last_reject(&self->nl);
		EXPECT_DENIED(r, BIND, EACCES, variant->ip, LSM);
	}
	close(link);
	EXPECT_EQ(0, sock_bind(fd, variant->ip, PORT));
}

/* Whatever the errno is: it is not mistaken for another rule. */
TEST_F(denied, lsm_errno)
{
	struct pt_reject *r;
	int fd;

	sock_bound(variant->ip, SOCK_STREAM, PORT);
	if (bpf_lsm_refuse("socket_bind", EADDRINUSE) < 0)
		SKIP(return, NO_LSM);
	fd = sock_new(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, variant->ip, PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_DENIED(r, BIND, EADDRINUSE, variant->ip, LSM);
}

TEST_F(denied, lsm_listen)
{
	struct pt_reject *r;
	int fd;

	if (bpf_lsm_refuse("socket_listen", EPERM) < 0)
		SKIP(return, NO_LSM);
	fd = sock_bound(variant->ip, SOCK_STREAM, PORT);
	ASSERT_EQ(-EPERM, sock_listen(fd));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_DENIED(r, LISTEN, EPERM, variant->ip, LSM);
}

/* A security module is asked about sockets that have no ports, too. */
TEST_F(denied, lsm_other_families)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (bpf_lsm_refuse("socket_bind", EACCES) < 0 ||
	    bpf_lsm_refuse("socket_listen", EACCES) < 0)
		SKIP(return, NO_LSM);
	snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1, "denied-%d",
		 getpid());
	ASSERT_EQ(-1, bind(fd, (void *)&addr, sizeof(addr)));
	ASSERT_EQ(EACCES, errno);
	ASSERT_EQ(-EACCES, sock_listen(fd));
	EXPECT_EQ(0, pt_stats(&self->nl).seen);
}

/* connect() is not a bind. */
TEST_F(denied, lsm_connect)
{
	int fd;

	if (bpf_lsm_refuse("socket_connect", EADDRNOTAVAIL) < 0)
		SKIP(return, NO_LSM);
	fd = sock_new(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	EXPECT_EQ(0, pt_stats(&self->nl).seen);
}

static void by_cgroup(struct __test_metadata *_metadata, struct nl *nl,
		      const char *path, const char *ip, int type, int err)
{
	int cgroup = open(path, O_RDONLY | O_DIRECTORY);
	struct pt_reject *r;
	int fd, prog;

	ASSERT_LE(0, cgroup);
	prog = bpf_cgroup_refuse(cgroup, type, err == EPERM ? 0 : err);
	if (prog < 0)
		SKIP(return, "programs cannot set the errno before 5.18");
	fd = sock_new(ip, SOCK_STREAM);
	ASSERT_EQ(-err, sock_bind(fd, ip, PORT));
	r = pt_only_reject(nl);
	ASSERT_NE(NULL, r);
	EXPECT_DENIED(r, BIND, err, ip, BPF);
	EXPECT_EQ(prog, r->prog_id);
	EXPECT_STREQ(BPF_NAME, r->prog_name);
}

TEST_F(denied, bpf_bind)
{
	by_cgroup(_metadata, &self->nl, self->cgroup, variant->ip,
		  variant->bind, EPERM);
}

TEST_F(denied, bpf_post_bind)
{
	by_cgroup(_metadata, &self->nl, self->cgroup, variant->ip,
		  variant->post_bind, EPERM);
}

TEST_F(denied, bpf_errno)
{
	by_cgroup(_metadata, &self->nl, self->cgroup, variant->ip,
		  variant->bind, EACCES);
}

TEST_F(denied, bpf_errno_unknown)
{
	by_cgroup(_metadata, &self->nl, self->cgroup, variant->ip,
		  variant->post_bind, EUSERS);
}

/* Which of the two it was is unknown. */
TEST_F(denied, bpf_two)
{
	int cgroup = open(self->cgroup, O_RDONLY | O_DIRECTORY);
	struct pt_reject *r;
	int fd;

	ASSERT_LT(0, bpf_cgroup_refuse(cgroup, variant->bind, 0));
	ASSERT_LT(0, bpf_cgroup_refuse(cgroup, variant->post_bind, 0));
	fd = sock_new(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-EPERM, sock_bind(fd, variant->ip, PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_DENIED(r, BIND, EPERM, variant->ip, BPF);
	EXPECT_EQ(0, r->prog_id);
	EXPECT_EQ(NULL, r->prog_name);
}

/* Equal refusals by different programs: each record names its own. */
TEST_F(denied, bpf_replaced)
{
	int cgroup = open(self->cgroup, O_RDONLY | O_DIRECTORY);
	struct pt_rejects rejects;
	int i, k, prog[2];

	for (i = 0; i < 2; i++) {
		/* The second one replaces the first one. */
		prog[i] = bpf_cgroup_refuse(cgroup, variant->bind, 0);
		ASSERT_LT(0, prog[i]);
		for (k = 0; k < 2; k++)
			ASSERT_EQ(-EPERM, sock_bind(sock_new(variant->ip, SOCK_STREAM),
						    variant->ip, PORT));
	}
	rejects = pt_rejects(&self->nl, 0);
	ASSERT_EQ(2, rejects.n);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(prog[i], rejects.v[i].prog_id);
		EXPECT_EQ(2, rejects.v[i].count);
	}
}

/* The presence of a program does not make each refusal its work. */
TEST_F(denied, bpf_not_guilty)
{
	int cgroup = open(self->cgroup, O_RDONLY | O_DIRECTORY);
	struct pt_reject *r;
	int fd;

	sock_bound(variant->ip, SOCK_STREAM, PORT);
	ASSERT_LT(0, bpf_cgroup_refuse(cgroup, variant->post_bind, 0));
	fd = sock_new(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, variant->ip, PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_RULE_ADDRESS_IN_USE, r->rule);
	EXPECT_EQ(0, r->prog_id);
	EXPECT_EQ(1, r->n_culprits);
}

TEST_HARNESS_MAIN
