// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <locale.h>
#include <net/if.h>
#include <netinet/in.h>

#include "tests/harness.h"
#include "tests/refusal.h"

static struct refusal not_local(const char *addr, __u32 reason, const char *dev)
{
	return (struct refusal){
		.addr = addr, .port = 80, .err = EADDRNOTAVAIL,
		.rule = PORTOWNER_RULE_ADDRESS_NOT_LOCAL,
		.reason = reason, .reason_dev = dev,
	};
}

/* No advice to wait for the address, or to let every program bind it. */
static void assert_nothing_later(void)
{
	assert_null(strstr(output, "network-online"));
	assert_null(strstr(output, "nonlocal_bind"));
	assert_null(strstr(output, "No interface"));
}

static void device_down(void **state)
{
	struct refusal r = not_local("10.0.0.1", PORTOWNER_REASON_INTERFACE_DOWN,
				     "eth0");

	(void)state;
	refusal_explain(&r);
	assert_words(output, "eth0 has the address 10.0.0.1, but was down;");
	assert_command("ip link set eth0 up");
	assert_nothing_later();
	r.addr = "127.0.0.1";
	r.reason_dev = "lo";
	refusal_explain(&r);
	assert_words(output, "The loopback interface lo was down, as it is in "
			     "a new network namespace;");
	assert_command("ip link set lo up");
	/* A name that is not a plain word for a shell. */
	r.reason_dev = "$(id)";
	refusal_explain(&r);
	assert_null(strstr(output, "ip link set"));
}

/* With IPv6, the device counts that the socket is bound to, or names. */
static void other_device(void **state)
{
	struct refusal r = not_local("fe80::15", PORTOWNER_REASON_NOT_CONFIGURED,
				     NULL);

	(void)state;
	r.dev = "e1";
	fake.addresses[0] = "fe80::15";
	refusal_explain(&r);
	assert_words(output, "had the address fe80::15, so it cannot be bound. d0 has it.");
	assert_words(output, "Name d0 as the device of the address (fe80::15%d0, "
			     "or sin6_scope_id), or bind the socket to d0 or to no device.");
	assert_null(strstr(output, "nonlocal_bind"));
	r.dev = NULL;
	refusal_explain(&r);
	assert_null(strstr(output, "has it"));
}

/* The address is in the configuration of a container. */
static void published_address(void **state)
{
	struct refusal r = not_local("192.168.77.5",
				     PORTOWNER_REASON_NOT_CONFIGURED, NULL);

	(void)state;
	r.comm = "docker-proxy";
	refusal_explain(&r);
	assert_words(output, "Publish the port at an address of this host, or at "
			     "all of them (docker run -p PORT:CONTAINER-PORT, "
			     "or ports: in compose.yaml).");
	assert_null(strstr(output, "FreeBind"));
}

static void tentative_address(void **state)
{
	struct refusal r = not_local("2001:db8::1", PORTOWNER_REASON_TENTATIVE,
				     "eth0");

	(void)state;
	fake.dev_flags = IFF_UP;
	refusal_explain(&r);
	assert_words(output, "eth0 has the address 2001:db8::1, but it was tentative");
	assert_words(output, "eth0 has no carrier, and without one DAD never finishes.");
	assert_null(strstr(output, "network-online"));
	assert_null(strstr(output, "No interface"));
	fake.dev_flags = IFF_UP | IFF_RUNNING;
	refusal_explain(&r);
	assert_null(strstr(output, "carrier"));
	assert_non_null(strstr(output, "network-online"));
	assert_command("ip -6 address show dev eth0 tentative");
	assert_words(output, "nodad");
	assert_words(output, "With the word optimistic it can be bound while "
			     "DAD goes on, but only if "
			     "net.ipv6.conf.eth0.optimistic_dad is 1; otherwise "
			     "the kernel ignores that word.");
	r.reason_dev = "eth0.5";
	refusal_explain(&r);
	assert_words(output, "only if net/ipv6/conf/eth0.5/optimistic_dad is 1");
}

static void duplicate_address(void **state)
{
	struct refusal r = not_local("2001:db8::1",
				     PORTOWNER_REASON_DUPLICATE_ADDRESS, "eth0");

	(void)state;
	refusal_explain(&r);
	assert_words(output, "another host on that link uses the same address");
	assert_command("ip -6 address show dev eth0 dadfailed");
	assert_nothing_later();
}

static void without_ipv6(void **state)
{
	struct refusal r = not_local("::1", PORTOWNER_REASON_IPV6_DISABLED, "lo");

	(void)state;
	refusal_explain(&r);
	assert_words(output, "IPv6 is switched off on lo (net.ipv6.conf.lo.disable_ipv6)");
	assert_command("sysctl -w net.ipv6.conf.lo.disable_ipv6=0");
	assert_nothing_later();
	r.reason_dev = "eth0.5";
	refusal_explain(&r);
	assert_command("sysctl -w net/ipv6/conf/eth0.5/disable_ipv6=0");
	r.reason_dev = NULL;
	refusal_explain(&r);
	assert_words(output, "IPv6 is switched off in this network namespace");
	assert_command("sysctl -w net.ipv6.conf.all.disable_ipv6=0");
	/* It is unknown on which device the address would be. */
	r = not_local("2001:db8::1", PORTOWNER_REASON_NOT_CONFIGURED, NULL);
	fake.without_ipv6 = "eth1";
	refusal_explain(&r);
	assert_words(output, "IPv6 is switched off on eth1");
}

static void other_vrf(void **state)
{
	struct refusal r = not_local("10.0.0.1", PORTOWNER_REASON_OTHER_VRF,
				     "red");

	(void)state;
	refusal_explain(&r);
	assert_words(output, "The address 10.0.0.1 belongs to VRF red, and "
			     "only a socket that is bound to that VRF,");
	assert_command("ip vrf exec red PROGRAM");
	assert_words(output, "SO_BINDTODEVICE, \"red\", 4);");
	assert_nothing_later();
	/* The other direction. */
	r.dev = "red";
	r.reason_dev = "eth0";
	refusal_explain(&r);
	assert_words(output, "The socket is bound to red; the address 10.0.0.1 "
			     "belongs to eth0, which is in no VRF.");
	assert_words(output, "do not bind the socket to red");
	assert_nothing_later();
	r.addr = "127.0.0.1";
	r.reason_dev = "lo";
	refusal_explain(&r);
	assert_command("ip addr add 127.0.0.1/8 dev red");
	r.addr = "::1";
	refusal_explain(&r);
	assert_command("ip addr add ::1/128 dev red");
}

static void other_netns(void **state)
{
	struct refusal r = not_local("10.0.0.1", PORTOWNER_REASON_OTHER_NETNS,
				     NULL);

	(void)state;
	r.reason_netns = 4026530000U;
	fake.netns_pid = 12;
	refusal_explain(&r);
	assert_words(output, "But network namespace 4026530000, in which "
			     "p\\x20q[12] runs, has it.");
	assert_command("nsenter -n -t 12 PROGRAM");
	assert_null(strstr(output, "network-online"));
	assert_null(strstr(output, "nonlocal_bind"));
	/* Of a service that systemd gave another one than that of the host. */
	r.reason_netns = fake.netns;
	r.cgroup = "/system.slice/web.service";
	refusal_explain(&r);
	assert_words(output, "If its unit has PrivateNetwork=yes, systemd gave it "
			     "a network namespace of its own; set in its "
			     "[Service]: PrivateNetwork=no");
	r.cgroup = "/user.slice/user-0.slice/session-1.scope";
	refusal_explain(&r);
	assert_null(strstr(output, "PrivateNetwork"));
}

/* The name of the host stands for an address that it no longer has. */
static void host_name(void **state)
{
	struct refusal r = not_local("192.168.1.20",
				     PORTOWNER_REASON_NOT_CONFIGURED, NULL);

	(void)state;
	fake.names = "node\\1 node1.example";
	refusal_explain(&r);
	assert_words(output, "/etc/hosts has it as the address of "
			     "node\\\\1 node1.example, which is what a program "
			     "gets that looks up this name.");
	assert_words(output, "correct its address in /etc/hosts; this shows both: "
			     "hostname grep -nF '192.168.1.20' /etc/hosts");
	fake.names = NULL;
	refusal_explain(&r);
	assert_null(strstr(output, "/etc/hosts"));
}

static void nat(void **state)
{
	static const char * const others[] = {
		"192.168.1.1", "127.9.9.9", "169.254.0.9",
	};
	struct refusal r = not_local("34.228.254.167",
				     PORTOWNER_REASON_NOT_CONFIGURED, NULL);
	size_t i;

	(void)state;
	fake.addresses[0] = "10.5.0.7";
	fake.addresses[1] = "100.64.0.1";
	refusal_explain(&r);
	assert_words(output, "this host has only private ones: 10.5.0.7 on d0, 100.64.0.1 on d0.");
	assert_words(output, "(cloud, NAT)");
	assert_words(output, "Bind the private address (10.5.0.7) or the wildcard 0.0.0.0 instead");
	assert_null(strstr(output, "network-online"));
	assert_null(strstr(output, "nonlocal_bind"));
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		r.addr = others[i];
		refusal_explain(&r);
		assert_null(strstr(output, "NAT"));
		assert_words(output, "The IPv4 addresses here are: 10.5.0.7 on "
				     "d0, 100.64.0.1 on d0.");
	}
	r.addr = "34.228.254.167";
	fake.addresses[2] = "1.1.1.1";
	refusal_explain(&r);
	assert_null(strstr(output, "NAT"));
	assert_non_null(strstr(output, "network-online"));
}

/* What no host has, no network will bring. */
static void no_host(void **state)
{
	static const char * const reserved[] = { "0.1.2.3", "240.0.0.1" };
	struct refusal r = not_local("10.5.0.0",
				     PORTOWNER_REASON_NOT_CONFIGURED, NULL);
	size_t i;

	(void)state;
	fake.addresses[0] = "10.5.0.7";
	refusal_explain(&r);
	assert_words(output, "It is the address of the network 10.5.0.0/24 itself, "
			     "in which this host has the address 10.5.0.7.");
	assert_words(output, "Bind 10.5.0.7 or the wildcard 0.0.0.0 instead.");
	assert_null(strstr(output, "network-online"));
	assert_null(strstr(output, "nonlocal_bind"));
	for (i = 0; i < ARRAY_SIZE(reserved); i++) {
		r.addr = reserved[i];
		refusal_explain(&r);
		assert_words(output, "are reserved, so it is probably a mistake.");
		assert_null(strstr(output, "network-online"));
		assert_null(strstr(output, "nonlocal_bind"));
	}
	r.addr = "10.5.0.1";
	refusal_explain(&r);
	assert_null(strstr(output, "itself"));
	assert_non_null(strstr(output, "network-online"));
}

/* A privacy address is replaced every day. */
static void temporary_address(void **state)
{
	struct refusal r = {
		.addr = "2001:db8:1:2:a1b2:c3d4:e5f6:789", .port = 80,
		.err = EADDRNOTAVAIL, .rule = PORTOWNER_RULE_ADDRESS_NOT_LOCAL,
		.reason = PORTOWNER_REASON_NOT_CONFIGURED,
	};

	(void)state;
	refusal_start();
	fake.addresses[0] = "2001:db8:1:3::5";
	refusal_explain(&r);
	assert_null(strstr(output, "temporary"));
	fake.addresses[1] = "2001:db8:1:2::5";
	refusal_explain(&r);
	assert_words(output, "If it was a temporary address (privacy "
			     "extensions), it has expired, and the host has "
			     "another one instead.");
	assert_command("ip -6 address show dev d0 primary");
	/* Mistaken for ::ffff:127.0.0.1. */
	r.addr = "::127.0.0.1";
	refusal_explain(&r);
	assert_words(output, "It is not the IPv4 address 127.0.0.1.");
	assert_words(output, "Write ::ffff:127.0.0.1 for an IPv4 address in an IPv6 socket.");
	assert_null(strstr(output, "network-online"));
}

static void not_looked_at(void **state)
{
	struct refusal r = not_local("10.0.0.1", 0, NULL);

	(void)state;
	refusal_explain(&r);
	assert_null(strstr(output, "No interface"));
	assert_words(output, "the reason was not found");
}

/* As Java writes them; no interface has an address in this form. */
static void mapped(void **state)
{
	struct refusal r = {
		.addr = "::ffff:10.0.0.9", .port = 8080, .err = EADDRNOTAVAIL,
		.rule = PORTOWNER_RULE_ADDRESS_NOT_LOCAL,
		.reason = PORTOWNER_REASON_NOT_CONFIGURED,
	};

	(void)state;
	refusal_explain(&r);
	assert_command("ip address show to 10.0.0.9");
	assert_words(output, "the address 10.0.0.9, so it cannot be bound");
}

static void device_missing(void **state)
{
	struct refusal r = {
		.addr = "ff02::fb", .port = 5353, .proto = IPPROTO_UDP,
		.err = EINVAL, .rule = PORTOWNER_RULE_INVALID_ARGUMENT,
		.reason = PORTOWNER_REASON_DEVICE_MISSING,
	};

	(void)state;
	refusal_explain(&r);
	assert_words(output, "the device must be named too: ff02::fb%eth0, or sin6_scope_id");
	assert_null(strstr(output, "connection-oriented"));
	r.proto = IPPROTO_TCP;
	refusal_explain(&r);
	assert_words(output, "a multicast group; a connection-oriented socket "
			     "cannot be bound to one");
	assert_words(output, "Use a datagram socket (SOCK_DGRAM) for the group");
}

static void check_says_so(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_BIND_CHECK);

	(void)state;
	put_verdict(msg, PORTOWNER_REJECT_OP_BIND, EADDRNOTAVAIL,
		    PORTOWNER_RULE_ADDRESS_NOT_LOCAL);
	nla_put_u32(msg, PORTOWNER_A_CHECK_REASON, PORTOWNER_REASON_TENTATIVE);
	nla_put_string(msg, PORTOWNER_A_CHECK_REASON_DEV, "eth0");
	fake_add(msg);
	run(cmd_check, "[2001:db8::1]:80");
	assert_words(output, "eth0 has the address 2001:db8::1, but it is tentative");
}

/* The kernel chose the port, which another program needs. */
static void chosen(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 40000,
		.rule = PORTOWNER_RULE_WILDCARD_COVERS,
		.holder = "127.0.0.1", .state = PORTOWNER_STATE_LISTEN,
		.pid = 9, .origin = 1,
	};

	(void)state;
	why(&r, true);
	assert_words(output, "listened on tcp 127.0.0.1:40000 (a port that the kernel chose)");
	assert_words(output, "The kernel picked the port automatically: it "
			     "lies in net.ipv4.ip_local_port_range (32768 to "
			     "60999); no program asked for it.");
	assert_command("sysctl -w net.ipv4.ip_local_reserved_ports=40000");
	r.proto = IPPROTO_UDP;
	r.state = PORTOWNER_STATE_BOUND;
	why(&r, true);
	assert_command("sysctl -w net.ipv4.ip_local_reserved_ports=40000");
	r.origin = -1;
	why(&r, true);
	assert_null(strstr(output, "reserved_ports"));
	/* A program chose a port of the range. */
	r.proto = IPPROTO_TCP;
	r.state = PORTOWNER_STATE_ESTABLISHED;
	why(&r, true);
	assert_null(strstr(output, "reserved_ports"));
	assert_null(strstr(output, "picked"));
}

static void self_connected(void **state)
{
	struct refusal r = {
		.addr = "127.0.0.1", .port = 40000,
		.rule = PORTOWNER_RULE_ADDRESS_IN_USE,
		.holder = "127.0.0.1", .state = PORTOWNER_STATE_ESTABLISHED,
		.pid = 9, .origin = 1,
		.holder_peer = "127.0.0.1", .peer_port = 40000,
	};

	(void)state;
	why(&r, true);
	assert_words(output, "had a connection on tcp 127.0.0.1:40000 (a port "
			     "that the kernel chose) to 127.0.0.1:40000, that "
			     "is, to itself");
	assert_words(output, "That socket is connected to itself: h\\x20o[9] "
			     "tried to connect to port 40000");
	assert_words(output, "getsockname() equals getpeername()");
	r.holder_peer = "10.0.0.9";
	r.origin = 0;
	why(&r, true);
	assert_words(output, "had a connection on tcp 127.0.0.1:40000 with 10.0.0.9:40000");
	assert_null(strstr(output, "itself"));
}

static void tuple(void **state)
{
	struct refusal r = {
		.addr = "127.0.0.1", .port = 3001, .err = EADDRNOTAVAIL,
		.op = PORTOWNER_REJECT_OP_AUTOBIND,
		.rule = PORTOWNER_RULE_ADDRESS_IN_USE,
		.reason = PORTOWNER_REASON_TUPLE_IN_USE,
		.peer = "127.0.0.1", .peer_port = 3999,
		.holder = "127.0.0.1", .state = PORTOWNER_STATE_ESTABLISHED,
		.pid = 9, .origin = -1, .holder_peer = "127.0.0.1",
	};

	(void)state;
	why(&r, true);
	assert_words(output, "connect() from tcp 127.0.0.1:3001 to "
			     "127.0.0.1:3999 was refused: EADDRNOTAVAIL");
	assert_words(output, "The same socket is still there: h\\x20o[9]");
	assert_words(output, "A connection from tcp 127.0.0.1:3001 to "
			     "127.0.0.1:3999 already exists, held by "
			     "h\\x20o[9].");
	assert_words(output, "have l\\x20e[777] call connect() without bind()");
	assert_words(output, "Or close the existing connection in h\\x20o[9] first");
	why(&r, false);
	assert_words(output, "Nothing is in the way any more");
	r.rule = PORTOWNER_RULE_TIME_WAIT;
	r.state = PORTOWNER_STATE_TIME_WAIT;
	r.pid = 0;
	why(&r, true);
	assert_words(output, "already existed: a closed connection in TIME_WAIT.");
	assert_words(output, "Or wait: it expires in 41.500s.");
}

static void bpf(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 8080, .err = EPERM,
		.rule = PORTOWNER_RULE_DENIED_BY_BPF, .prog = "sd_bind4",
		.cgroup = "/system.slice/web.service",
	};

	(void)state;
	refusal_explain(&r);
	assert_words(output, "It is program 31 (sd_bind4), which systemd "
			     "attaches for SocketBindDeny=");
	assert_command("SocketBindAllow=tcp:8080");
	assert_command("bpftool prog show id 31");
	r.prog = "cil_sock4_post_";
	refusal_explain(&r);
	assert_words(output, "which Cilium attaches");
	assert_null(strstr(output, "SocketBind"));
	r.prog = "a b";
	refusal_explain(&r);
	assert_words(output, "It is program 31 (a\\x20b).");
	assert_null(strstr(output, "SocketBind"));
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(device_down),
		TEST(other_device),
		TEST(published_address),
		TEST(tentative_address),
		TEST(duplicate_address),
		TEST(without_ipv6),
		TEST(other_vrf),
		TEST(other_netns),
		TEST(host_name),
		TEST(nat),
		TEST(no_host),
		TEST(temporary_address),
		TEST(not_looked_at),
		TEST(mapped),
		TEST(device_missing),
		TEST(check_says_so),
		TEST(chosen),
		TEST(self_connected),
		TEST(tuple),
		TEST(bpf),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_reasons", tests, NULL, NULL);
}
