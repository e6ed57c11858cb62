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

/* "why", with the fake as the test has set it. */
static void explain(const struct refusal *r)
{
	struct fake keep = fake;

	refusal_start();
	keep.netns = fake.netns;
	fake = keep;
	add_reject(r, 1);
	run(cmd_why, "-n");
	assert_int_equal(status, STATUS_YES);
}

/* Neither comes the address later, nor does any program get it. */
static void assert_nothing_later(void)
{
	assert_null(strstr(output, "network-online"));
	assert_null(strstr(output, "nonlocal_bind"));
	assert_null(strstr(output, "No interface"));
}

static void assert_command(const char *command)
{
	char *line = xasprintf("\n    %s\n", command);

	if (!strstr(output, line))
		fail_msg("no '%s' in:\n%s", command, output);
	free(line);
}

static void device_down(void **state)
{
	struct refusal r = not_local("10.0.0.1", PORTOWNER_REASON_INTERFACE_DOWN,
				     "eth0");

	(void)state;
	explain(&r);
	assert_words(output, "eth0 has the address 10.0.0.1, but was down;");
	assert_command("ip link set eth0 up");
	assert_nothing_later();
	r.addr = "127.0.0.1";
	r.reason_dev = "lo";
	explain(&r);
	assert_words(output, "The loopback interface lo was down, as it is in "
			     "a new network namespace;");
	assert_command("ip link set lo up");
	/* A name that a shell would not take for one. */
	r.reason_dev = "$(id)";
	explain(&r);
	assert_null(strstr(output, "ip link set"));
}

static void tentative_address(void **state)
{
	struct refusal r = not_local("2001:db8::1", PORTOWNER_REASON_TENTATIVE,
				     "eth0");

	(void)state;
	fake.dev_flags = IFF_UP;
	explain(&r);
	assert_words(output, "eth0 has the address 2001:db8::1, but it was tentative");
	assert_words(output, "eth0 has no carrier, and without one DAD never finishes.");
	assert_null(strstr(output, "network-online"));
	assert_null(strstr(output, "No interface"));
	fake.dev_flags = IFF_UP | IFF_RUNNING;
	explain(&r);
	assert_null(strstr(output, "carrier"));
	assert_non_null(strstr(output, "network-online"));
	assert_command("ip -6 address show dev eth0 tentative");
	assert_words(output, "nodad");
	assert_words(output, "With the word optimistic it can be bound while "
			     "DAD goes on, but only if "
			     "net.ipv6.conf.eth0.optimistic_dad is 1; otherwise "
			     "the kernel ignores that word.");
	r.reason_dev = "eth0.5";
	explain(&r);
	assert_words(output, "only if net/ipv6/conf/eth0.5/optimistic_dad is 1");
}

static void duplicate_address(void **state)
{
	struct refusal r = not_local("2001:db8::1",
				     PORTOWNER_REASON_DUPLICATE_ADDRESS, "eth0");

	(void)state;
	explain(&r);
	assert_words(output, "another host on that link uses the same address");
	assert_command("ip -6 address show dev eth0 dadfailed");
	assert_nothing_later();
}

static void without_ipv6(void **state)
{
	struct refusal r = not_local("::1", PORTOWNER_REASON_IPV6_DISABLED, "lo");

	(void)state;
	explain(&r);
	assert_words(output, "IPv6 is switched off on lo (net.ipv6.conf.lo.disable_ipv6)");
	assert_command("sysctl -w net.ipv6.conf.lo.disable_ipv6=0");
	assert_nothing_later();
	r.reason_dev = "eth0.5";
	explain(&r);
	assert_command("sysctl -w net/ipv6/conf/eth0.5/disable_ipv6=0");
	r.reason_dev = NULL;
	explain(&r);
	assert_words(output, "IPv6 is switched off in this network namespace");
	assert_command("sysctl -w net.ipv6.conf.all.disable_ipv6=0");
	/* Nobody knows on which device the address would be. */
	r = not_local("2001:db8::1", PORTOWNER_REASON_NOT_CONFIGURED, NULL);
	fake.without_ipv6 = "eth1";
	explain(&r);
	assert_words(output, "IPv6 is switched off on eth1");
}

static void other_vrf(void **state)
{
	struct refusal r = not_local("10.0.0.1", PORTOWNER_REASON_OTHER_VRF,
				     "red");

	(void)state;
	explain(&r);
	assert_words(output, "The address 10.0.0.1 belongs to VRF red, and "
			     "only a socket that is bound to that VRF,");
	assert_command("ip vrf exec red PROGRAM");
	assert_words(output, "SO_BINDTODEVICE, \"red\", 4);");
	assert_nothing_later();
	/* The other direction. */
	r.dev = "red";
	r.reason_dev = "eth0";
	explain(&r);
	assert_words(output, "The socket is bound to red; the address 10.0.0.1 "
			     "belongs to eth0, which is in no VRF.");
	assert_words(output, "do not bind the socket to red");
	assert_nothing_later();
	r.addr = "127.0.0.1";
	r.reason_dev = "lo";
	explain(&r);
	assert_command("ip addr add 127.0.0.1/8 dev red");
	r.addr = "::1";
	explain(&r);
	assert_command("ip addr add ::1/128 dev red");
}

static void other_netns(void **state)
{
	struct refusal r = not_local("10.0.0.1", PORTOWNER_REASON_OTHER_NETNS,
				     NULL);

	(void)state;
	r.reason_netns = 4026530000U;
	fake.netns_pid = 12;
	explain(&r);
	assert_words(output, "But network namespace 4026530000, in which "
			     "p\\x20q[12] runs, has it.");
	assert_command("nsenter -n -t 12 PROGRAM");
	assert_null(strstr(output, "network-online"));
	assert_null(strstr(output, "nonlocal_bind"));
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
	explain(&r);
	assert_words(output, "this host has only private ones: 10.5.0.7 on d0, 100.64.0.1 on d0.");
	assert_words(output, "(cloud, NAT)");
	assert_words(output, "Bind the private address (10.5.0.7) or the wildcard 0.0.0.0 instead");
	assert_null(strstr(output, "network-online"));
	assert_null(strstr(output, "nonlocal_bind"));
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		r.addr = others[i];
		explain(&r);
		assert_null(strstr(output, "NAT"));
		assert_words(output, "The IPv4 addresses here are: 10.5.0.7 on "
				     "d0, 100.64.0.1 on d0.");
	}
	r.addr = "34.228.254.167";
	fake.addresses[2] = "1.1.1.1";
	explain(&r);
	assert_null(strstr(output, "NAT"));
	assert_non_null(strstr(output, "network-online"));
}

static void not_looked_at(void **state)
{
	struct refusal r = not_local("10.0.0.1", 0, NULL);

	(void)state;
	explain(&r);
	assert_null(strstr(output, "No interface"));
	assert_words(output, "why was not found out");
}

static void device_missing(void **state)
{
	struct refusal r = {
		.addr = "ff02::fb", .port = 5353, .proto = IPPROTO_UDP,
		.err = EINVAL, .rule = PORTOWNER_RULE_INVALID_ARGUMENT,
		.reason = PORTOWNER_REASON_DEVICE_MISSING,
	};

	(void)state;
	explain(&r);
	assert_words(output, "the device must be named too: ff02::fb%eth0, or sin6_scope_id");
	assert_null(strstr(output, "connection-oriented"));
	r.proto = IPPROTO_TCP;
	explain(&r);
	assert_words(output, "a multicast group; a connection-oriented socket "
			     "cannot be bound to one");
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

/* The kernel chose the port, which somebody else needs. */
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
	assert_words(output, "That connection is one to itself: h\\x20o[9] "
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

static void file_caps(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 80, .err = EACCES,
		.rule = PORTOWNER_RULE_PRIVILEGED_PORT, .exe = "/usr/bin/nc",
		.caller_flags = PORTOWNER_CALLER_FLAG_NO_NEW_PRIVS,
	};

	(void)state;
	explain(&r);
	assert_words(output, "File capabilities (setcap) would be ignored: it "
			     "runs with no_new_privs");
	assert_null(strstr(output, "setcap cap_net"));
	assert_command("AmbientCapabilities=CAP_NET_BIND_SERVICE");
	assert_command("ListenStream=80");
	fake.file_caps = true;
	explain(&r);
	assert_words(output, "Its executable has file capabilities, but they "
			     "are ignored: it runs with no_new_privs");
	run(cmd_why, "-J");
	assert_non_null(strstr(output, "\"reason\":\"file-capabilities-ignored\""));
	r.caller_flags = PORTOWNER_CALLER_FLAG_NOSUID;
	explain(&r);
	assert_words(output, "its executable is on a mount with the option nosuid");
	r.caller_flags = 0;
	explain(&r);
	assert_command("getcap /usr/bin/nc");
	assert_null(strstr(output, "setcap cap_net"));
	run(cmd_why, "-J");
	assert_non_null(strstr(output, "\"reason\":null"));
}

/* Capabilities of the script, and none of its interpreter. */
static void script_caps(void **state)
{
	static const struct fake_file files[] = {
		{ 777, "comm", "serve.py\n" },
		{ 777, "cmdline", "python3\n-u\n./serve.py\n80\n" },
		{ 0 }
	};
	struct refusal r = {
		.addr = "0.0.0.0", .port = 80, .err = EACCES,
		.rule = PORTOWNER_RULE_PRIVILEGED_PORT, .comm = "serve.py",
		.exe = "/usr/bin/python3.11",
	};

	(void)state;
	explain(&r);
	fake.files = files;
	fake.file_caps = true;
	fake.capable = "/proc/777/cwd/./serve.py";
	run(cmd_why, "");
	assert_words(output, "The script ./serve.py has file capabilities, but "
			     "those of a script have no effect: only its "
			     "interpreter's count, which has none.");
	assert_null(strstr(output, "setcap cap_net"));
	assert_null(strstr(output, "getcap"));
	assert_command("AmbientCapabilities=CAP_NET_BIND_SERVICE");
	run(cmd_why, "-J");
	assert_non_null(strstr(output, "\"reason\":\"file-capabilities-ignored\""));
	fake.capable = "/bin/true";
	run(cmd_why, "");
	assert_words(output, "Its executable is an interpreter: file "
			     "capabilities of a script have no effect.");
	run(cmd_why, "-J");
	assert_non_null(strstr(output, "\"reason\":null"));
}

static void interpreters(void **state)
{
	static const char * const them[] = {
		"/usr/bin/python3.11", "/usr/bin/node", "/bin/sh", "/bin/perl",
	};
	struct refusal r = {
		.addr = "0.0.0.0", .port = 80, .err = EACCES,
		.rule = PORTOWNER_RULE_PRIVILEGED_PORT,
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(them); i++) {
		r.exe = them[i];
		explain(&r);
		assert_words(output, "Its executable is an interpreter: file "
				     "capabilities of a script have no effect");
		assert_null(strstr(output, "setcap cap_net"));
	}
	r.exe = "/usr/bin/node_exporter";
	explain(&r);
	assert_command("setcap cap_net_bind_service=+ep /usr/bin/node_exporter");
}

static void bpf(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 8080, .err = EPERM,
		.rule = PORTOWNER_RULE_DENIED_BY_BPF, .prog = "sd_bind4",
		.cgroup = "/system.slice/web.service",
	};

	(void)state;
	explain(&r);
	assert_words(output, "It is program 31 (sd_bind4), which systemd "
			     "attaches for SocketBindDeny=");
	assert_command("SocketBindAllow=tcp:8080");
	assert_command("bpftool prog show id 31");
	r.prog = "cil_sock4_post_";
	explain(&r);
	assert_words(output, "which Cilium attaches");
	assert_null(strstr(output, "SocketBind"));
	r.prog = "a b";
	explain(&r);
	assert_words(output, "It is program 31 (a\\x20b).");
	assert_null(strstr(output, "SocketBind"));
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(device_down),
		TEST(tentative_address),
		TEST(duplicate_address),
		TEST(without_ipv6),
		TEST(other_vrf),
		TEST(other_netns),
		TEST(nat),
		TEST(not_looked_at),
		TEST(device_missing),
		TEST(check_says_so),
		TEST(chosen),
		TEST(self_connected),
		TEST(tuple),
		TEST(file_caps),
		TEST(script_caps),
		TEST(interpreters),
		TEST(bpf),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_reasons", tests, NULL, NULL);
}
