// SPDX-License-Identifier: GPL-2.0
/* What bind-check makes of devices, of sockets and of addresses. */
#define _GNU_SOURCE
#include <net/if.h>

#include "../kselftest_harness.h"

#include "lib/agree.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	5000

FIXTURE(device)
{
	struct nl nl;
};

FIXTURE_SETUP(device)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(device)
{
	nl_close(&self->nl);
}

static __u32 device_make(const char *name, const char *options)
{
	char command[128];

	snprintf(command, sizeof(command),
		 "ip link add %s type %s && ip link set %s up", name, options,
		 name);
	return system(command) ? 0 : if_nametoindex(name);
}

static int bound_on(const char *dev, const char *ip, int type)
{
	int fd = sock_new(ip, type);

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev, strlen(dev)) ||
	    sock_bind(fd, ip, PORT))
		return -1;
	return fd;
}

TEST_F(device, of_the_socket)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	struct question q = TCP(.ip = "0.0.0.0");
	__u32 d0 = device_make("d0", "dummy");
	struct pt_check c;
	int i, holder;

	ASSERT_NE(0, d0);
	for (i = 0; i < 2; i++) {
		holder = bound_on("lo", "127.0.0.1", types[i]);
		ASSERT_LE(0, holder);
		q.proto = i ? IPPROTO_UDP : IPPROTO_TCP;
		q.ifindex = d0;
		agree(_metadata, &self->nl, &q, 0, 0);
		q.ifindex = 1;
		c = agree(_metadata, &self->nl, &q, EADDRINUSE,
			  RULE(WILDCARD_COVERS));
		ASSERT_EQ(1, c.n_culprits);
		EXPECT_EQ(sock_cookie(holder), c.culprits[0].cookie);
		EXPECT_STREQ("lo", c.culprits[0].dev);
		q.ifindex = 0;
		agree(_metadata, &self->nl, &q, EADDRINUSE,
		      RULE(WILDCARD_COVERS));
	}
}

/* TCP has separate ports in a VRF unless told otherwise; UDP does not. */
TEST_F(device, vrf)
{
	struct question tcp = TCP(.ip = "0.0.0.0");
	struct question udp = UDP(.ip = "0.0.0.0");
	struct question inside = TCP(.ip = "10.0.2.1");

	tcp.ifindex = device_make("red", "vrf table 10");
	udp.ifindex = tcp.ifindex;
	inside.ifindex = device_make("d2", "dummy");
	ASSERT_NE(0, tcp.ifindex);
	ASSERT_NE(0, inside.ifindex);
	ASSERT_EQ(0, system("ip link set d2 master red && ip addr add 10.0.2.1/24 dev d2"));

	sock_bound("0.0.0.0", SOCK_STREAM, PORT);
	sock_bound("0.0.0.0", SOCK_DGRAM, PORT);
	agree(_metadata, &self->nl, &tcp, 0, 0);
	agree(_metadata, &self->nl, &inside, 0, 0);
	agree(_metadata, &self->nl, &udp, EADDRINUSE, RULE(ADDRESS_IN_USE));
	/* only the VRF has the address */
	inside.ifindex = 0;
	inside.port = PORT + 1;
	agree(_metadata, &self->nl, &inside, EADDRNOTAVAIL,
	      RULE(ADDRESS_NOT_LOCAL));
	/* the holder stays in the domain where it was bound */
	sysctl_write("ipv4/tcp_l3mdev_accept", "1");
	agree(_metadata, &self->nl, &tcp, EADDRINUSE, RULE(ADDRESS_IN_USE));
}

TEST_F(device, scope)
{
	struct question q = TCP(.ip = "fe80::1");

	sysctl_write("ipv6/conf/default/accept_dad", "0");
	ASSERT_NE(0, device_make("d0", "dummy"));
	ASSERT_NE(0, device_make("d1", "dummy"));
	ASSERT_EQ(0, system("ip addr add fe80::1/64 dev d0 nodad"));

	agree(_metadata, &self->nl, &q, EINVAL, RULE(INVALID_ARGUMENT));
	q.scope = if_nametoindex("d0");
	agree(_metadata, &self->nl, &q, 0, 0);
	q.scope = if_nametoindex("d1");
	agree(_metadata, &self->nl, &q, EADDRNOTAVAIL,
	      RULE(ADDRESS_NOT_LOCAL));
	q.scope = 9999;
	agree(_metadata, &self->nl, &q, ENODEV, RULE(INVALID_ARGUMENT));
	/* without that need it does not matter */
	q.ip = "::1";
	agree(_metadata, &self->nl, &q, 0, 0);
}

/* For SCTP, the device of an address is not that of the socket. */
TEST_F(device, scope_of_sctp)
{
	struct question q = {
		.proto = IPPROTO_SCTP, .ip = "fe80::1", .port = PORT,
	};
	int holder, d0, d1;

	sysctl_write("ipv6/conf/default/accept_dad", "0");
	d0 = device_make("d0", "dummy");
	d1 = device_make("d1", "dummy");
	ASSERT_EQ(0, system("ip addr add fe80::1/64 dev d0 nodad"));

	agree(_metadata, &self->nl, &q, EADDRNOTAVAIL,
	      RULE(ADDRESS_NOT_LOCAL));
	q.ifindex = d0;
	agree(_metadata, &self->nl, &q, EADDRNOTAVAIL,
	      RULE(ADDRESS_NOT_LOCAL));
	q.scope = d0;
	agree(_metadata, &self->nl, &q, 0, 0);
	q.scope = d1;
	agree(_metadata, &self->nl, &q, EADDRNOTAVAIL,
	      RULE(ADDRESS_NOT_LOCAL));
	q.scope = 9999;
	agree(_metadata, &self->nl, &q, EADDRNOTAVAIL,
	      RULE(ADDRESS_NOT_LOCAL));

	q.scope = d0;
	q.ifindex = 0;
	holder = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
	ASSERT_LE(0, holder);
	ASSERT_EQ(0, setsockopt(holder, SOL_SOCKET, SO_BINDTODEVICE, "d1", 2));
	ASSERT_EQ(0, sock_bind(holder, "0.0.0.0", PORT));
	agree(_metadata, &self->nl, &q, EADDRINUSE, RULE(WILDCARD_COVERS));
	close(holder);
}

/* They check the device of any address, but not that of the socket. */
TEST_F(device, ping)
{
	static const char *const nobodys[] = {
		"224.0.0.1", "255.255.255.255", "127.255.255.255", "192.0.2.1",
	};
	struct question q = { .proto = IPPROTO_ICMP, .port = PORT };
	int i, d0, d1;

	sysctl_write("ipv4/ping_group_range", "0 2147483647");
	sysctl_write("ipv6/conf/default/accept_dad", "0");
	d0 = device_make("d0", "dummy");
	d1 = device_make("d1", "dummy");
	ASSERT_EQ(0, system("ip addr add fe80::1/64 dev d0 nodad"));

	for (i = 0; i < ARRAY_SIZE(nobodys); i++) {
		q.ip = nobodys[i];
		agree(_metadata, &self->nl, &q, EADDRNOTAVAIL,
		      RULE(ADDRESS_NOT_LOCAL));
	}
	q.flags = FLAG(FREEBIND);
	agree(_metadata, &self->nl, &q, 0, 0);
	q.flags = 0;
	q.ip = "127.0.0.1";
	agree(_metadata, &self->nl, &q, 0, 0);
	q.ip = "ff02::1";
	agree(_metadata, &self->nl, &q, EINVAL, RULE(INVALID_ARGUMENT));
	q.ip = "::1";
	agree(_metadata, &self->nl, &q, 0, 0);
	q.scope = d0;
	agree(_metadata, &self->nl, &q, EADDRNOTAVAIL,
	      RULE(ADDRESS_NOT_LOCAL));
	q.scope = 9999;
	agree(_metadata, &self->nl, &q, ENODEV, RULE(INVALID_ARGUMENT));

	q.ip = "fe80::1";
	q.scope = 0;
	q.ifindex = d0;
	agree(_metadata, &self->nl, &q, EINVAL, RULE(INVALID_ARGUMENT));
	q.ifindex = 0;
	q.scope = d0;
	agree(_metadata, &self->nl, &q, 0, 0);
	q.scope = d1;
	agree(_metadata, &self->nl, &q, EADDRNOTAVAIL,
	      RULE(ADDRESS_NOT_LOCAL));
}

/* An identifier is shared unless a socket clears SO_REUSEADDR. */
TEST_F(device, ping_twice)
{
	struct question q = {
		.proto = IPPROTO_ICMP, .port = PORT, .ip = "127.0.0.2",
	};
	struct pt_check c;
	int fd;

	sysctl_write("ipv4/ping_group_range", "0 2147483647");
	fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sock_bind(fd, "127.0.0.1", PORT));
	agree(_metadata, &self->nl, &q, 0, 0);
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 0);
	c = agree(_metadata, &self->nl, &q, EADDRINUSE, RULE(ADDRESS_IN_USE));
	ASSERT_EQ(1, c.n_culprits);
	EXPECT_EQ(sock_cookie(fd), c.culprits[0].cookie);
}

TEST_HARNESS_MAIN
