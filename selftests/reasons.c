// SPDX-License-Identifier: GPL-2.0
/* Why an address is not local: the log and bind-check say the same. */
#define _GNU_SOURCE
#include <net/if.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <linux/capability.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "../kselftest_harness.h"

#include "lib/agree.h"
#include "lib/die.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	5100

FIXTURE(reasons)
{
	struct nl nl;
};

FIXTURE_SETUP(reasons)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(reasons)
{
	nl_close(&self->nl);
}

static void expect_reason(struct __test_metadata *_metadata,
			  const struct pt_reason *r, int reason,
			  const char *dev, __u32 netns)
{
	EXPECT_EQ(reason, r->value);
	EXPECT_STREQ(dev ?: "", r->dev ?: "");
	EXPECT_EQ(netns, r->netns);
}

/* Predict it, do it, and look into the log. */
static void refused(struct __test_metadata *_metadata, struct nl *nl,
		    const struct question *q, int err, int rule, int reason,
		    const char *dev)
{
	struct pt_check c = agree(_metadata, nl, q, err, rule);
	const struct pt_reject *r = pt_last_reject(nl);

	ASSERT_NE(NULL, r);
	EXPECT_EQ(q->port, r->port);
	EXPECT_EQ(rule, r->rule);
	expect_reason(_metadata, &c.reason, reason, dev, 0);
	expect_reason(_metadata, &r->reason, reason, dev, 0);
}

#define NOT_LOCAL(q, reason, dev) \
	refused(_metadata, &self->nl, q, EADDRNOTAVAIL, \
		RULE(ADDRESS_NOT_LOCAL), PORTOWNER_REASON_##reason, dev)
#define INVALID(q, err, reason) \
	refused(_metadata, &self->nl, q, err, RULE(INVALID_ARGUMENT), \
		PORTOWNER_REASON_##reason, NULL)
#define GRANTED(q)	agree(_metadata, &self->nl, q, 0, 0)

/* Each reason has a record of its own, in which it is counted. */
TEST_F(reasons, down)
{
	const struct question q = UDP(.ip = "2001:db8::7");
	struct pt_rejects log;

	NOT_LOCAL(&q, NOT_CONFIGURED, NULL);
	proc_run("ip link add d0 type dummy && ip link set d0 up");
	sysctl_write("ipv6/conf/d0/keep_addr_on_down", "1");
	proc_run("ip addr add 2001:db8::7/64 dev d0");
	GRANTED(&q);
	proc_run("ip link set d0 down");
	NOT_LOCAL(&q, INTERFACE_DOWN, "d0");
	NOT_LOCAL(&q, INTERFACE_DOWN, "d0");
	proc_run("ip link set d0 up");
	GRANTED(&q);
	log = pt_rejects(&self->nl, 0);
	ASSERT_EQ(2, log.n);
	EXPECT_EQ(1, log.v[0].count);
	EXPECT_EQ(2, log.v[1].count);
}

/* Without its addresses lo has nothing to say. */
TEST_F(reasons, no_loopback)
{
	struct question q = TCP(.ip = "::1");

	proc_run("ip addr del ::1/128 dev lo");
	NOT_LOCAL(&q, NOT_CONFIGURED, NULL);
	proc_run("ip addr del 127.0.0.1/8 dev lo");
	q.ip = "127.0.0.1";
	NOT_LOCAL(&q, NOT_CONFIGURED, NULL);
}

/* IPv4 does not care, whatever the device is. */
TEST_F(reasons, down_v4)
{
	const struct question q = TCP(.ip = "192.0.2.7");

	NOT_LOCAL(&q, NOT_CONFIGURED, NULL);
	proc_run("ip link add d0 type dummy && ip addr add 192.0.2.7/24 dev d0");
	GRANTED(&q);
	proc_run("ip link set d0 up && ip link set d0 down");
	GRANTED(&q);
}

/* In a new namespace lo has no address yet, and IPv4 no table of addresses. */
TEST_F(reasons, loopback_down)
{
	const struct question v4 = TCP(.ip = "127.0.0.1");
	const struct question v6 = TCP(.ip = "::1");

	nl_close(&self->nl);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
	GRANTED(&v4);
	proc_run("ip link add d0 type dummy && ip addr add 192.0.2.7/24 dev d0");
	NOT_LOCAL(&v4, INTERFACE_DOWN, "lo");
	NOT_LOCAL(&v6, INTERFACE_DOWN, "lo");
}

/* Without the other end there is no carrier, and no address detection. */
TEST_F(reasons, tentative)
{
	const struct question q = TCP(.ip = "2001:db8::7");

	proc_run("ip link add t0 type veth peer name t1 && ip link set t0 up");
	proc_run("ip addr add 2001:db8::7/64 dev t0");
	NOT_LOCAL(&q, TENTATIVE, "t0");
}

/* Events of addresses in this namespace from now on. */
static int address_events(void)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV6_IFADDR,
	};
	struct timeval patience = { .tv_sec = 60 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		die_errno("rtnetlink");
	return fd;
}

static bool is_duplicate(const struct nlmsghdr *nlh)
{
	const struct ifaddrmsg *ifa = NLMSG_DATA(nlh);

	return nlh->nlmsg_type == RTM_NEWADDR && ifa->ifa_flags & IFA_F_DADFAILED;
}

static void await_duplicate(int events)
{
	union {
		struct nlmsghdr first;
		char bytes[8192];
	} buf;
	struct nlmsghdr *nlh;
	int len;

	for (;;) {
		len = recv(events, &buf, sizeof(buf), 0);
		if (len < 0)
			die_errno("no duplicate address");
		for (nlh = &buf.first; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len))
			if (is_duplicate(nlh))
				return;
	}
}

TEST_F(reasons, duplicate)
{
	const struct question q = TCP(.ip = "2001:db8::7");
	int ns = ns_open(), events;
	char command[128];

	ns_enter();
	/* the only reference to it */
	if (ns_open() < 0)
		die_errno("namespace");
	snprintf(command, sizeof(command),
		 "ip link set t0 netns /proc/%d/fd/%d", getpid(), ns);
	proc_run("ip link add t0 type veth peer name t1 && ip link set t1 up");
	proc_run("ip addr add 2001:db8::7/64 dev t1 nodad");
	proc_run(command);
	ns_switch(ns);
	events = address_events();
	proc_run("ip link set t0 up && ip addr add 2001:db8::7/64 dev t0");
	await_duplicate(events);
	close(events);
	NOT_LOCAL(&q, DUPLICATE_ADDRESS, "t0");
}

TEST_F(reasons, ipv6_disabled)
{
	struct question q = TCP(.ip = "2001:db8::7");
	struct question loopback = TCP(.ip = "::1");

	proc_run("ip link add d0 type dummy && ip link set d0 up");
	sysctl_write("ipv6/conf/d0/disable_ipv6", "1");
	NOT_LOCAL(&q, NOT_CONFIGURED, NULL);
	q.ifindex = if_nametoindex("d0");
	NOT_LOCAL(&q, IPV6_DISABLED, "d0");
	GRANTED(&loopback);
	sysctl_write("ipv6/conf/lo/disable_ipv6", "1");
	NOT_LOCAL(&loopback, IPV6_DISABLED, "lo");
	sysctl_write("ipv6/conf/all/disable_ipv6", "1");
	NOT_LOCAL(&loopback, IPV6_DISABLED, NULL);
	q.ifindex = 0;
	NOT_LOCAL(&q, IPV6_DISABLED, NULL);
}

TEST_F(reasons, other_vrf)
{
	static const char *const inside[] = { "10.0.2.1", "fd02::1" };
	static const char *const outside[][2] = {
		{ "10.0.0.1", "d0" }, { "fd00::1", "d0" },
		{ "127.0.0.1", "lo" }, { "::1", "lo" },
	};
	struct question q = TCP();
	int i, red, blue;

	proc_run("ip link add red type vrf table 10 && ip link set red up");
	proc_run("ip link add blue type vrf table 11 && ip link set blue up");
	proc_run("ip link add d0 type dummy && ip link set d0 up");
	proc_run("ip link add d2 type dummy && ip link set d2 master red up");
	proc_run("ip addr add 10.0.0.1/24 dev d0");
	proc_run("ip addr add 10.0.2.1/24 dev d2");
	proc_run("ip addr add fd00::1/64 dev d0 nodad");
	proc_run("ip addr add fd02::1/64 dev d2 nodad");
	red = if_nametoindex("red");
	blue = if_nametoindex("blue");

	for (i = 0; i < ARRAY_SIZE(inside); i++) {
		q.ip = inside[i];
		q.ifindex = 0;
		NOT_LOCAL(&q, OTHER_VRF, "red");
		q.ifindex = blue;
		NOT_LOCAL(&q, OTHER_VRF, "red");
		q.ifindex = red;
		GRANTED(&q);
	}
	for (i = 0; i < ARRAY_SIZE(outside); i++) {
		q.ip = outside[i][0];
		NOT_LOCAL(&q, OTHER_VRF, outside[i][1]);
	}
}

/* A device has it, but not the one of the socket. */
TEST_F(reasons, other_device)
{
	struct question loopback = TCP(.ip = "::1");
	struct question link = TCP(.ip = "fe80::1");

	proc_run("ip link add d0 type dummy && ip link set d0 up");
	proc_run("ip link add d1 type dummy && ip link set d1 up");
	proc_run("ip addr add fe80::1/64 dev d0 nodad");
	loopback.ifindex = if_nametoindex("d0");
	NOT_LOCAL(&loopback, NONE, NULL);
	link.ifindex = if_nametoindex("d1");
	NOT_LOCAL(&link, NOT_CONFIGURED, NULL);
	link.ifindex = 0;
	link.scope = if_nametoindex("d1");
	NOT_LOCAL(&link, NOT_CONFIGURED, NULL);
}

TEST_F(reasons, device_missing)
{
	struct question link = TCP(.ip = "fe80::1");
	struct question multicast = UDP(.ip = "ff02::1");
	struct question mapped = TCP(.ip = "::ffff:127.0.0.1");

	INVALID(&link, EINVAL, DEVICE_MISSING);
	link.scope = 9999;
	INVALID(&link, ENODEV, DEVICE_MISSING);
	INVALID(&multicast, EINVAL, DEVICE_MISSING);
	multicast.scope = 1;
	GRANTED(&multicast);
	/* invalid for another reason */
	mapped.flags = FLAG(V6ONLY);
	INVALID(&mapped, EINVAL, NONE);
}

/* ---- of another network namespace ---- */

/* Unique to this test: namespaces of others may be there for a while. */
static const char *v4_elsewhere(void)
{
	static char ip[32];

	snprintf(ip, sizeof(ip), "198.18.%d.%d", getpid() / 250 % 250,
		 1 + getpid() % 250);
	return ip;
}

static const char *v6_elsewhere(void)
{
	static char ip[32];

	snprintf(ip, sizeof(ip), "2001:db8:77::%x", getpid() & 0xffff);
	return ip;
}

/* Make a namespace with these addresses; returns its inode number. */
static __u32 elsewhere(void)
{
	char command[256];
	int ns = ns_open();
	__u32 inode;

	ns_enter();
	inode = ns_inode();
	snprintf(command, sizeof(command),
		 "ip link add d0 type dummy && ip link set d0 up\n"
		 "ip addr add %s/32 dev d0 && ip addr add %s/128 dev d0 nodad",
		 v4_elsewhere(), v6_elsewhere());
	proc_run(command);
	/* the only reference to it */
	if (ns_open() < 0)
		die_errno("namespace");
	ns_switch(ns);
	return inode;
}

/* What the log and bind-check say about both to the current user. */
static void expect_told(struct __test_metadata *_metadata, struct nl *nl,
			int reason, __u32 netns)
{
	const struct question qs[] = {
		TCP(.ip = v4_elsewhere()), UDP(.ip = v6_elsewhere()),
	};
	const struct pt_reject *r;
	struct pt_check c;
	int i;

	for (i = 0; i < ARRAY_SIZE(qs); i++) {
		c = agree(_metadata, nl, &qs[i], EADDRNOTAVAIL,
			  RULE(ADDRESS_NOT_LOCAL));
		expect_reason(_metadata, &c.reason, reason, NULL, netns);
		r = pt_last_reject(nl);
		ASSERT_NE(NULL, r);
		EXPECT_EQ(qs[i].proto, r->proto);
		expect_reason(_metadata, &r->reason, reason, NULL, netns);
	}
}

TEST_F(reasons, other_netns)
{
	__u32 inode = elsewhere();

	expect_told(_metadata, &self->nl, PORTOWNER_REASON_OTHER_NETNS, inode);
}

/* It is looked up when the log is read. */
TEST_F(reasons, other_netns_later)
{
	const char *ip = v4_elsewhere();
	int fd = sock_new(ip, SOCK_STREAM);
	struct pt_reject *r;
	__u32 inode;

	ASSERT_EQ(-EADDRNOTAVAIL, sock_bind(fd, ip, PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_REASON_NOT_CONFIGURED, r->reason.value);
	inode = elsewhere();
	r = pt_only_reject(&self->nl);
	EXPECT_EQ(PORTOWNER_REASON_OTHER_NETNS, r->reason.value);
	EXPECT_EQ(inode, r->reason.netns);
}

/* A log of so many addresses, in more namespaces than one dump asks about all of them. */
#define ADDRS	256	/* PO_LOG_RECORDS */
#define SPACES	70	/* PO_NETNS_ASKED / ADDRS, and some */

static int count_reasons(const struct pt_rejects *log, __u32 value)
{
	int i, n = 0;

	for (i = 0; i < log->n; i++)
		n += log->v[i].reason.value == value;
	return n;
}

/* One dump asks a limited number of namespaces, not all of them about each address. */
TEST_F(reasons, other_netns_of_many)
{
	int i, told, fds[SPACES], here = ns_open(), fd = sock_new("0.0.0.0", SOCK_DGRAM);
	struct pt_rejects log;
	char ip[32];

	for (i = 0; i < SPACES; i++) {
		ns_enter();
		fds[i] = ns_open();
	}
	/* The last one is asked last. */
	proc_run("ip route add local 198.18.0.0/24 dev lo");
	ns_switch(here);
	for (i = 0; i < ADDRS; i++) {
		snprintf(ip, sizeof(ip), "198.18.0.%d", i);
		ASSERT_EQ(-EADDRNOTAVAIL, sock_bind(fd, ip, PORT));
	}
	log = pt_rejects(&self->nl, 0);
	ASSERT_EQ(ADDRS, log.n);
	told = count_reasons(&log, PORTOWNER_REASON_OTHER_NETNS);
	EXPECT_LT(ADDRS / 2, told);
	EXPECT_GT(ADDRS, told);
	EXPECT_EQ(ADDRS - told, count_reasons(&log, PORTOWNER_REASON_NOT_CONFIGURED));
	EXPECT_EQ(PORTOWNER_REASON_NOT_CONFIGURED, log.v[ADDRS - 1].reason.value);

	/* The next dump begins anew. */
	log = pt_rejects(&self->nl, log.v[told - 1].seq);
	ASSERT_EQ(ADDRS - told, log.n);
	EXPECT_EQ(log.n, count_reasons(&log, PORTOWNER_REASON_OTHER_NETNS));
	for (i = 0; i < SPACES; i++)
		close(fds[i]);
}

TEST_F(reasons, other_netns_of_admin)
{
	__u32 inode = elsewhere();

	nl_close(&self->nl);
	proc_become(USER, CAP_NET_ADMIN);
	ASSERT_EQ(0, nl_open(&self->nl));
	expect_told(_metadata, &self->nl, PORTOWNER_REASON_OTHER_NETNS, inode);
}

TEST_F(reasons, other_netns_of_user)
{
	elsewhere();
	nl_close(&self->nl);
	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, nl_open(&self->nl));
	expect_told(_metadata, &self->nl, PORTOWNER_REASON_NOT_CONFIGURED, 0);
}

/* ---- of the process ---- */

static const struct pt_reject *below_1024(struct nl *nl)
{
	if (sock_bind(sock_new("127.0.0.1", SOCK_STREAM), "127.0.0.1", 80) !=
	    -EACCES)
		return NULL;
	return pt_last_reject(nl);
}

TEST_F(reasons, no_new_privs)
{
	const struct pt_reject *r;

	nl_close(&self->nl);
	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, nl_open(&self->nl));
	r = below_1024(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(0, r->caller_flags & ~PORTOWNER_CALLER_FLAG_NOSUID);
	EXPECT_EQ(PORTOWNER_RULE_PRIVILEGED_PORT, r->rule);
	EXPECT_EQ(PORTOWNER_REASON_NONE, r->reason.value);
}

TEST_F(reasons, no_new_privs_set)
{
	const struct pt_reject *r;

	ASSERT_EQ(0, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	nl_close(&self->nl);
	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, nl_open(&self->nl));
	r = below_1024(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_NE(0, r->caller_flags & PORTOWNER_CALLER_FLAG_NO_NEW_PRIVS);
}

/* Bind in a child, as root of a user namespace of its own. */
static bool refused_in_userns(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		if (unshare(CLONE_NEWUSER))
			_exit(2);
		_exit(sock_bind(sock_new("127.0.0.1", SOCK_STREAM), "127.0.0.1",
				80) != -EACCES);
	}
	return child > 0 && waitpid(child, &status, 0) == child && !status;
}

/* Root there, but the network namespace belongs to another user namespace. */
TEST_F(reasons, foreign_netns)
{
	const __u32 both = PORTOWNER_CALLER_FLAG_BIND_SERVICE |
			   PORTOWNER_CALLER_FLAG_FOREIGN_NETNS;
	const struct pt_reject *r;

	ASSERT_TRUE(refused_in_userns());
	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_RULE_PRIVILEGED_PORT, r->rule);
	EXPECT_EQ(both, r->caller_flags & both);
}

TEST_HARNESS_MAIN
