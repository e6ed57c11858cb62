// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <locale.h>
#include <netinet/in.h>

#include "harness.h"
#include "refusal.h"
#include "remedy.h"

static void dual_stack(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 80,
		.rule = PORTOWNER_RULE_DUAL_STACK_COVERS,
		.holder = "::", .state = PORTOWNER_STATE_LISTEN, .pid = 5,
	};

	(void)state;
	why(&r, true);
	assert_words(output, "[::] takes IPv4 as well unless IPV6_V6ONLY is "
			     "set, and the socket in the way did not set it: "
			     "so tcp [::]:80 and tcp 0.0.0.0:80 are in each "
			     "other's way.");
	assert_words(output, "- Let h\\x20o[5], which asks for [::], set "
			     "IPV6_V6ONLY before bind(), so that IPv4 is left "
			     "to others: int on = 1; setsockopt(fd, "
			     "IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));");
	assert_non_null(strstr(output, "\n    sysctl -w net.ipv6.bindv6only=1\n"));
}

static void uid_differs(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.rule = PORTOWNER_RULE_REUSEPORT_UID_DIFFERS;
	r.pid = 1;
	why(&r, true);
	assert_words(output, "the one in the way belongs to uid 0, the new one to uid 1000.");
	assert_words(output, "sd_listen_fds");
	assert_non_null(strstr(output, "\n    systemctl list-sockets --all\n"));
}

static void holder_listens(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.rule = PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING;
	r.flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	r.holder_flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	why(&r, true);
	assert_words(output, "while one of them listens, and that of h\\x20o[555] does.");
	assert_words(output, "Let h\\x20o[555] and l\\x20e[777] both set "
			     "SO_REUSEPORT before bind(), and run both as the "
			     "same user (now uid 0 and uid 1000):");
}

static void time_wait(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 8080,
		.rule = PORTOWNER_RULE_TIME_WAIT,
		.flags = PORTOWNER_SOCK_FLAG_REUSEADDR,
		.holder = "10.0.0.1", .state = PORTOWNER_STATE_TIME_WAIT,
	};

	(void)state;
	why(&r, true);
	assert_words(output, "in the way the rest of a closed connection "
			     "(time-wait) had tcp 10.0.0.1:8080. now The same "
			     "socket is still there: tcp 10.0.0.1:8080 "
			     "(time-wait), for another 41.500s.");
	assert_words(output, "both set SO_REUSEADDR before bind(); here only the new one did.");
	assert_words(output, "- Let the server that ended set SO_REUSEADDR "
			     "before bind(), as the new socket did:");
	assert_words(output, "- Or wait: in 41.500s it is gone.");
	why(&r, false);
	assert_null(strstr(output, "41.5"));
	assert_words(output, "- Nothing is in the way any more");
}

static void taken_by_client(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 40000,
		.rule = PORTOWNER_RULE_WILDCARD_COVERS,
		.holder = "10.0.0.1", .state = PORTOWNER_STATE_ESTABLISHED,
		.pid = 9,
	};

	(void)state;
	refusal_start();
	fake.reserved = "30,50000-50009";
	add_reject(&r, 1);
	add_now(&r, 99);
	run(cmd_why, "");
	assert_words(output, "Nobody serves on the port: it is an outgoing "
			     "connection of h\\x20o[9] that has it. The "
			     "kernel may choose such a port by itself, for it "
			     "lies in net.ipv4.ip_local_port_range (32768 to "
			     "60999).");
	assert_non_null(strstr(output, "\n    sysctl -w "
				       "net.ipv4.ip_local_reserved_ports=30,50000-50009,40000\n"));
	r.port = 8080;
	why(&r, true);
	assert_words(output, "it is a connection of h\\x20o[9]");
	assert_null(strstr(output, "reserved_ports"));
}

static void exhausted(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0",
		.rule = PORTOWNER_RULE_EPHEMERAL_EXHAUSTED,
	};

	(void)state;
	why(&r, false);
	assert_words(output, "Of the 100 ports from 40000 to 40099, 93 have a "
			     "socket and 7 are reserved. Most of them are "
			     "held by: a\\x20b[10] (60), b[11] (33).");
	assert_non_null(strstr(output, "\n    sysctl -w "
				       "net.ipv4.ip_local_port_range=\"1024 "
				       "65535\"\n"));
	assert_null(strstr(output, "in the way"));
	/* The refusal is an hour old, and the fake counted the ports now. */
	assert_words(output, "This was counted 1h1m after the refusal.");
}

static void local_rules(void **state)
{
	struct refusal r = { .addr = "192.0.2.1", .port = 80 };

	(void)state;
	r.err = EADDRNOTAVAIL;
	r.rule = PORTOWNER_RULE_ADDRESS_NOT_LOCAL;
	why(&r, false);
	assert_words(output, "has the address 192.0.2.1, so");
	assert_non_null(strstr(output, "\n    sysctl -w net.ipv4.ip_nonlocal_bind=1\n"));
	r.addr = "2001:db8::1";
	why(&r, false);
	assert_non_null(strstr(output, "\n    sysctl -w net.ipv6.ip_nonlocal_bind=1\n"));
	r.err = EINVAL;
	r.rule = PORTOWNER_RULE_ALREADY_BOUND;
	why(&r, false);
	assert_words(output, "bind() works once for a socket");
	r.rule = PORTOWNER_RULE_INVALID_ARGUMENT;
	r.addr = "fe80::1";
	why(&r, false);
	assert_words(output, "fe80::1%eth0");
	r.err = EAFNOSUPPORT;
	why(&r, false);
	assert_words(output, "of another family");
	r.err = ENOMEM;
	r.rule = PORTOWNER_RULE_OTHER;
	why(&r, false);
	assert_words(output, "Cannot allocate memory");
}

static void privileged(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 80, .err = EACCES,
		.rule = PORTOWNER_RULE_PRIVILEGED_PORT, .exe = "/usr/bin/nc",
	};

	(void)state;
	why(&r, false);
	assert_words(output, "Ports below 1024 "
			     "(net.ipv4.ip_unprivileged_port_start) are for "
			     "root, and for processes with the capability "
			     "CAP_NET_BIND_SERVICE; l\\x20e[777] runs as uid "
			     "1000 without it.");
	assert_non_null(strstr(output, "\n    setcap cap_net_bind_service=+ep /usr/bin/nc\n"));
	assert_non_null(strstr(output, "\n    sysctl -w net.ipv4.ip_unprivileged_port_start=80\n"));
	refusal_start();
	fake.unprivileged = "80";
	add_reject(&r, 1);
	run(cmd_why, "");
	assert_words(output, "The limit was lowered since: port 80 would be free to all now.");
	assert_null(strstr(output, "port_start="));
}

/* A process that has no number here is no way into its namespace. */
static void elsewhere(void **state)
{
	const struct refusal r = {
		.addr = "0.0.0.0", .port = 80, .err = EACCES,
		.rule = PORTOWNER_RULE_PRIVILEGED_PORT,
	};
	const struct reject hidden = { .netns = 1 };
	const struct situation sit = { .reject = &hidden };
	struct story story = { 0 };

	(void)state;
	refusal_start();
	fake.netns = 1;
	add_reject(&r, 1);
	run(cmd_why, "-A");
	assert_non_null(strstr(output, "\n    nsenter -n -t 777 sysctl -w "));
	assert_null(remedy_there(&sit, xstrdup("true")));
	story_advise(&story, NULL, "Do %s:", "it");
	assert_string_equal(story.advice->words, "Do it.");
	story_free(&story);
}

/* As the programs write it, with the address that the socket has. */
static void known_programs(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.exe = "/usr/sbin/nginx";
	why(&r, true);
	assert_non_null(strstr(output, "\n    listen 127.0.0.1:8080 reuseport;\n"));
	r.addr = "::";
	why(&r, true);
	assert_non_null(strstr(output, "\n    listen [::]:8080 reuseport;\n"));
	r.exe = "/usr/bin/node";
	why(&r, true);
	assert_non_null(strstr(output, "reusePort: true }); // from Node.js 22.12 and 23.1 on\n"));
	r.exe = "/usr/bin/socat";
	why(&r, true);
	assert_non_null(strstr(output, "\n    TCP-LISTEN:8080,reuseport\n"));
	r.proto = IPPROTO_UDP;
	why(&r, true);
	assert_non_null(strstr(output, "\n    UDP-RECV:8080,reuseport\n"));
	r.proto = IPPROTO_SCTP;
	why(&r, true);
	assert_null(strstr(output, "LISTEN"));
}

/* With the option on both sides, UDP sockets may share, at a price. */
static void shared_datagrams(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.proto = IPPROTO_UDP;
	r.state = PORTOWNER_STATE_BOUND;
	r.exe = "/usr/bin/socat";
	why(&r, true);
	assert_null(strstr(output, "reuseaddr"));
	r.holder_flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	why(&r, true);
	assert_words(output, "- Let l\\x20e[777] set SO_REUSEADDR before "
			     "bind(), as the other side did (of two with the "
			     "same address, the one bound last gets the "
			     "datagrams): UDP-RECV:8080,reuseaddr");
	r.holder_flags = 0;
	r.flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	why(&r, true);
	assert_words(output, "- Let h\\x20o[555] set SO_REUSEADDR before "
			     "bind(), as the new socket did (of two");
	r.proto = IPPROTO_TCP;
	why(&r, true);
	assert_null(strstr(output, "datagrams"));
}

static void denied(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 8080, .err = EACCES,
		.rule = PORTOWNER_RULE_DENIED_BY_LSM,
	};

	(void)state;
	refusal_start();
	fake.lsms = "lockdown,selinux";
	add_reject(&r, 1);
	run(cmd_why, "");
	assert_words(output, "these have a say in bind(): selinux.");
	assert_non_null(strstr(output, "\n    semanage port -a -t http_port_t -p tcp 8080\n"));
	assert_null(strstr(output, "aa-status"));
	r.err = EPERM;
	r.rule = PORTOWNER_RULE_DENIED_BY_BPF;
	r.cgroup = "/system.slice/web.service";
	why(&r, false);
	assert_non_null(strstr(output, "\n    bpftool cgroup tree\n"));
	assert_non_null(strstr(output, "SocketBindDeny web.service\n"));
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(dual_stack),
		TEST(uid_differs),
		TEST(holder_listens),
		TEST(time_wait),
		TEST(taken_by_client),
		TEST(exhausted),
		TEST(local_rules),
		TEST(privileged),
		TEST(elsewhere),
		TEST(known_programs),
		TEST(shared_datagrams),
		TEST(denied),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_rules", tests, NULL, NULL);
}
