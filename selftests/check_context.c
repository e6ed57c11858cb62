// SPDX-License-Identifier: GPL-2.0
/* What bind-check makes of the caller, the ephemeral range and BPF programs. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/bpf.h>
#include <linux/capability.h>

#include "../kselftest_harness.h"

#include "lib/agree.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	5000

FIXTURE(context)
{
	struct nl nl;
};

FIXTURE_SETUP(context)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	sysctl_write("ipv4/ip_unprivileged_port_start", "1024");
}

FIXTURE_TEARDOWN(context)
{
	nl_close(&self->nl);
}

/* ---- the caller ---- */

static int open_by(uid_t uid, const char *ip, int port)
{
	int fd;

	proc_fs_uid(uid);
	fd = sock_new(ip, SOCK_STREAM);
	proc_fs_uid(0);
	sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	return sock_bind(fd, ip, port) ? -1 : fd;
}

TEST_F(context, another_user)
{
	struct question q = TCP(.ip = "127.0.0.1", .flags = FLAG(REUSEPORT));
	int holder = open_by(USER, "127.0.0.1", PORT);
	struct pt_check c;

	ASSERT_LE(0, holder);
	c = agree(_metadata, &self->nl, &q, EADDRINUSE,
		  RULE(REUSEPORT_UID_DIFFERS));
	ASSERT_EQ(1, c.n_culprits);
	EXPECT_EQ(sock_cookie(holder), c.culprits[0].cookie);
	EXPECT_EQ(USER, c.culprits[0].uid);

	q.for_uid = true;
	q.uid = USER;
	EXPECT_EQ(0, pt_check(&self->nl, &q).err);
	q.uid = USER + 1;
	EXPECT_EQ(RULE(REUSEPORT_UID_DIFFERS), pt_check(&self->nl, &q).rule);
	/* its privileges are those of its user */
	q.port = 80;
	EXPECT_EQ(RULE(PRIVILEGED_PORT), pt_check(&self->nl, &q).rule);
	q.uid = 0;
	EXPECT_EQ(0, pt_check(&self->nl, &q).err);
}

TEST_F(context, without_privilege)
{
	struct question q = TCP(.ip = "127.0.0.1");
	int holder = sock_bound("127.0.0.1", SOCK_STREAM, PORT);
	struct pt_check c;
	struct nl nl;

	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, nl_open(&nl));
	c = agree(_metadata, &nl, &q, EADDRINUSE, RULE(ADDRESS_IN_USE));
	ASSERT_EQ(1, c.n_culprits);
	EXPECT_EQ(sock_cookie(holder), c.culprits[0].cookie);

	q.for_uid = true;
	q.uid = USER;
	EXPECT_EQ(EADDRINUSE, pt_check(&nl, &q).err);
	q.uid = 0;
	EXPECT_EQ(-EPERM, pt_check(&nl, &q).failed);
	EXPECT_NE(NULL, strstr(nl.text, "CAP_NET_ADMIN"));
}

TEST_F(context, privileged_port)
{
	static const struct question questions[] = {
		TCP_AT(80, .ip = "127.0.0.1"), TCP_AT(80, .ip = "::"),
		UDP_AT(80, .ip = "127.0.0.1"), UDP_AT(80, .ip = "::"),
	};
	/* which of the two checks comes first depends on the family */
	const struct question elsewhere = TCP_AT(80, .ip = "192.0.2.1");
	const struct question elsewhere6 = TCP_AT(80, .ip = "2001:db8::1");
	struct nl nl;
	int i;

	for (i = 0; i < ARRAY_SIZE(questions); i++)
		agree(_metadata, &self->nl, &questions[i], 0, 0);
	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, nl_open(&nl));
	for (i = 0; i < ARRAY_SIZE(questions); i++)
		agree(_metadata, &nl, &questions[i], EACCES,
		      RULE(PRIVILEGED_PORT));
	agree(_metadata, &nl, &elsewhere, EADDRNOTAVAIL,
	      RULE(ADDRESS_NOT_LOCAL));
	agree(_metadata, &nl, &elsewhere6, EACCES, RULE(PRIVILEGED_PORT));
}

TEST_F(context, with_cap_net_bind_service)
{
	const struct question q = TCP_AT(80, .ip = "127.0.0.1");
	struct nl nl;

	proc_become(USER, CAP_NET_BIND_SERVICE);
	ASSERT_EQ(0, nl_open(&nl));
	agree(_metadata, &nl, &q, 0, 0);
}

TEST_F(context, privileged_ports_moved)
{
	struct question q = TCP_AT(80, .ip = "127.0.0.1");
	struct nl nl;

	sysctl_write("ipv4/ip_unprivileged_port_start", "80");
	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, nl_open(&nl));
	agree(_metadata, &nl, &q, 0, 0);
	q.port = 79;
	agree(_metadata, &nl, &q, EACCES, RULE(PRIVILEGED_PORT));
}

/* ---- the ephemeral range ---- */

static void hold_range(int type, int opt, int first, int last)
{
	int fd;

	for (; first <= last; first++) {
		fd = sock_new("127.0.0.1", type);
		if (opt)
			sock_set(fd, SOL_SOCKET, opt, 1);
		if (sock_bind(fd, "127.0.0.1", first))
			abort();
	}
}

TEST_F(context, exhausted)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	struct question q = TCP_AT(0, .ip = "127.0.0.1");
	struct pt_check c;
	int i;

	sysctl_write("ipv4/ip_local_port_range", "40000 40003");
	for (i = 0; i < 2; i++) {
		q.proto = i ? IPPROTO_UDP : IPPROTO_TCP;
		hold_range(types[i], 0, 40000, 40002);
		agree(_metadata, &self->nl, &q, 0, 0);
		hold_range(types[i], 0, 40003, 40003);
		c = agree(_metadata, &self->nl, &q, EADDRINUSE,
			  RULE(EPHEMERAL_EXHAUSTED));
		EXPECT_EQ(0, c.n_culprits);
		ASSERT_TRUE(c.range.present);
		EXPECT_EQ(40000, c.range.first);
		EXPECT_EQ(40003, c.range.last);
		EXPECT_EQ(0, c.range.reserved);
		EXPECT_EQ(4, c.range.taken);
		ASSERT_EQ(1, c.range.n_holders);
		EXPECT_EQ(getpid(), c.range.holders[0].pid);
		EXPECT_EQ(4, c.range.holders[0].ports);
		/* what counts are the ports of the address */
		q.ip = "127.0.0.2";
		agree(_metadata, &self->nl, &q, 0, 0);
		q.ip = "127.0.0.1";
	}
}

TEST_F(context, reserved_ports)
{
	struct question q = TCP_AT(0, .ip = "127.0.0.1");
	struct pt_check c;

	sysctl_write("ipv4/ip_local_port_range", "40000 40003");
	sysctl_write("ipv4/ip_local_reserved_ports", "40000,40002-40003,50000");
	agree(_metadata, &self->nl, &q, 0, 0);
	hold_range(SOCK_STREAM, 0, 40001, 40002);
	c = agree(_metadata, &self->nl, &q, EADDRINUSE,
		  RULE(EPHEMERAL_EXHAUSTED));
	EXPECT_EQ(3, c.range.reserved);
	EXPECT_EQ(1, c.range.taken);
	/* requesting such a port is fine */
	q.port = 40003;
	agree(_metadata, &self->nl, &q, 0, 0);
}

/* TCP never picks the last of an odd number of ports. */
TEST_F(context, last_port_of_an_odd_number)
{
	struct question q = TCP_AT(0, .ip = "127.0.0.1");

	sysctl_write("ipv4/ip_local_port_range", "40000 40002");
	hold_range(SOCK_STREAM, 0, 40000, 40001);
	agree(_metadata, &self->nl, &q, EADDRINUSE, RULE(EPHEMERAL_EXHAUSTED));
	q.proto = IPPROTO_UDP;
	hold_range(SOCK_DGRAM, 0, 40000, 40001);
	agree(_metadata, &self->nl, &q, 0, 0);
	sysctl_write("ipv4/ip_local_port_range", "40005 40005");
	q.proto = IPPROTO_TCP;
	agree(_metadata, &self->nl, &q, 0, 0);
}

TEST_F(context, autobind_reuse)
{
	struct question q = TCP_AT(0, .ip = "127.0.0.1",
				   .flags = FLAG(REUSEADDR));

	sysctl_write("ipv4/ip_local_port_range", "40000 40001");
	hold_range(SOCK_STREAM, SO_REUSEADDR, 40000, 40001);
	agree(_metadata, &self->nl, &q, EADDRINUSE, RULE(EPHEMERAL_EXHAUSTED));
	sysctl_write("ipv4/ip_autobind_reuse", "1");
	agree(_metadata, &self->nl, &q, 0, 0);
	q.listen = true;
	agree(_metadata, &self->nl, &q, 0, 0);
	q.flags = 0;
	agree(_metadata, &self->nl, &q, EADDRINUSE, RULE(EPHEMERAL_EXHAUSTED));
}

/* ---- BPF ---- */

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* A program that returns @verdict, 0 to refuse. */
static int prog_load(int type, int attach_type, int verdict)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = verdict },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	static const char license[] = "GPL";
	union bpf_attr attr = {
		.prog_type = type,
		.insn_cnt = ARRAY_SIZE(insns),
		.insns = (uintptr_t)insns,
		.license = (uintptr_t)license,
		.expected_attach_type = attach_type,
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

static int prog_attach(int cgroup, int prog, int type)
{
	union bpf_attr attr = {
		.target_fd = cgroup,
		.attach_bpf_fd = prog,
		.attach_type = type,
	};

	return bpf(BPF_PROG_ATTACH, &attr);
}

static int prog_detach(int cgroup, int type)
{
	union bpf_attr attr = { .target_fd = cgroup, .attach_type = type };

	return bpf(BPF_PROG_DETACH, &attr);
}

/* Enter a new cgroup; it stays behind, empty and without programs. */
static int cgroup_enter(void)
{
	char path[64];
	int fd, procs;

	snprintf(path, sizeof(path), "/sys/fs/cgroup/check-%d", getpid());
	if (mkdir(path, 0755))
		return -1;
	fd = open(path, O_RDONLY | O_DIRECTORY);
	procs = openat(fd, "cgroup.procs", O_WRONLY);
	if (write(procs, "0", 1) != 1)
		return -1;
	close(procs);
	return fd;
}

TEST_F(context, bpf_is_unforeseen)
{
	static const struct {
		int type, attach_type;
		const char *ip, *other;
		int err;
	} cases[] = {
		{ BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND,
		  "127.0.0.1", "::1", EPERM },
		{ BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_BIND,
		  "::1", "127.0.0.1", EPERM },
		{ BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET4_POST_BIND,
		  "127.0.0.1", "::1", EPERM },
		{ BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET6_POST_BIND,
		  "::1", "127.0.0.1", EPERM },
	};
	struct question q = { .proto = IPPROTO_TCP, .port = PORT };
	int i, cgroup, prog, op;
	struct pt_check c;

	cgroup = cgroup_enter();
	ASSERT_LE(0, cgroup);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		q.ip = cases[i].ip;
		EXPECT_EQ(0, pt_check(&self->nl, &q).unforeseen);
		prog = prog_load(cases[i].type, cases[i].attach_type, 0);
		ASSERT_LE(0, prog);
		ASSERT_EQ(0, prog_attach(cgroup, prog, cases[i].attach_type));
		c = pt_check(&self->nl, &q);
		EXPECT_EQ(PORTOWNER_UNFORESEEN_CGROUP_BPF, c.unforeseen);
		EXPECT_FALSE(c.refused);
		EXPECT_EQ(cases[i].err, question_try(&q, &op));
		q.ip = cases[i].other;
		EXPECT_EQ(0, pt_check(&self->nl, &q).unforeseen);
		EXPECT_EQ(0, question_try(&q, &op));
		ASSERT_EQ(0, prog_detach(cgroup, cases[i].attach_type));
		close(prog);
	}
}

TEST_HARNESS_MAIN
