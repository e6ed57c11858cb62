// SPDX-License-Identifier: GPL-2.0
/* Explanation and advice of "why", rule by rule. */

#include <errno.h>
#include <locale.h>
#include <netinet/in.h>

#include "explain/advice.h"
#include "explain/explain.h"
#include "lib/time_fmt.h"
#include "model/port_range.h"
#include "print/phrase.h"
#include "tests/harness.h"
#include "tests/refusal.h"
#include "tests/scene.h"

static void dual_stack(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 80,
		.rule = PORTOWNER_RULE_DUAL_STACK_COVERS,
		.holder = "::", .state = PORTOWNER_STATE_LISTEN, .pid = 5,
	};

	(void)state;
	why(&r, true);
	assert_words(output, "[::] also covers IPv4 unless IPV6_V6ONLY is set, "
			     "and the existing socket did not set it, so tcp "
			     "[::]:80 and tcp 0.0.0.0:80 conflict.");
	assert_words(output, "- Set IPV6_V6ONLY on the [::] socket of "
			     "h\\x20o[5] before bind(), so that it leaves IPv4 "
			     "to others: int on = 1; setsockopt(fd, "
			     "IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));");
	/* That would change every program of the host. */
	assert_null(strstr(output, "bindv6only"));
}

static void uid_differs(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.rule = PORTOWNER_RULE_REUSEPORT_UID_DIFFERS;
	r.pid = 1;
	r.holder_comm = "systemd";
	why(&r, true);
	assert_words(output, "the existing one belongs to uid 0, the new one to uid 1000.");
	assert_words(output, "sd_listen_fds");
	assert_non_null(strstr(output, "\n    systemctl list-sockets --all | grep ':8080 '\n"));
	/* In a container, process 1 is another program, and must not be killed. */
	r.holder_comm = "nginx";
	why(&r, true);
	assert_null(strstr(output, "sd_listen_fds"));
	assert_null(strstr(output, "systemctl"));
	assert_words(output, "- Stop nginx[1] if it should not have the port. -");
}

/* Most servers set both options: the user is what can be changed. */
static void uid_differs_too(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.addr = "0.0.0.0";
	r.holder = "0.0.0.0";
	r.state = PORTOWNER_STATE_LISTEN;
	r.rule = PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING;
	r.flags = PORTOWNER_SOCK_FLAG_REUSEADDR | PORTOWNER_SOCK_FLAG_REUSEPORT;
	r.holder_flags = r.flags;
	r.holder_uid = 1001;
	why(&r, true);
	assert_words(output, "SO_REUSEPORT, which both set as well, lets only "
			     "sockets of the same user share a port: the "
			     "existing one belongs to uid 1001");
	assert_words(output, "Start both programs as the same user;");
	r.holder_flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	why(&r, true);
	assert_null(strstr(output, "same user; in a systemd"));
	/* systemd opens the sockets of its units as root. */
	r.holder_flags = r.flags;
	r.pid = 1;
	r.holder_comm = "systemd";
	why(&r, true);
	assert_null(strstr(output, "Start both programs"));
	assert_words(output, "systemd creates that socket as root");
}

static void holder_listens(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.rule = PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING;
	r.flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	r.holder_flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	why(&r, true);
	assert_words(output, "only while neither is listening, and the one of h\\x20o[555] is.");
	assert_words(output, "Set SO_REUSEPORT in both h\\x20o[555] and "
			     "l\\x20e[777] before bind(), and run both as the "
			     "same user (now uid 0 and uid 1000);");
}

/* Explanation and advice do not mention TCP. */
static void sctp(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.proto = IPPROTO_SCTP;
	r.rule = PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING;
	r.flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	r.holder_flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	why(&r, true);
	assert_words(output, "while neither is listening");
	assert_null(strcasestr(output, "tcp"));
	r = (struct refusal){
		.addr = "0.0.0.0", .proto = IPPROTO_SCTP,
		.op = PORTOWNER_REJECT_OP_AUTOBIND,
		.rule = PORTOWNER_RULE_EPHEMERAL_EXHAUSTED,
	};
	why(&r, false);
	assert_words(output, "A connect() asked the kernel to choose a port");
	assert_null(strcasestr(output, "tcp"));
	r.op = PORTOWNER_REJECT_OP_BIND;
	why(&r, false);
	assert_null(strstr(output, "IP_BIND_ADDRESS_NO_PORT"));
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
	assert_words(output, "in the way a closed connection in TIME_WAIT held "
			     "tcp 10.0.0.1:8080. now The same socket is still "
			     "there: tcp 10.0.0.1:8080 (time-wait), for "
			     "another 41.500s.");
	assert_words(output, "both set SO_REUSEADDR before bind(); here only the new socket did.");
	assert_words(output, "- Set SO_REUSEADDR in the server that ended "
			     "before bind(), as the new socket did:");
	assert_words(output, "- Or wait: it expires in 41.500s.");
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
	/* It may have been accepted, by a server on that port. */
	assert_words(output, "No listening socket is in the way: a "
			     "connection of h\\x20o[9] holds the port. The "
			     "kernel may have picked the port automatically, "
			     "because it lies in net.ipv4.ip_local_port_range "
			     "(32768 to 60999).");
	assert_non_null(strstr(output, "\n    sysctl -w "
				       "net.ipv4.ip_local_reserved_ports=30,50000-50009,40000\n"));
	r.origin = 1;
	why(&r, true);
	assert_words(output, "in the way: an outgoing connection of h\\x20o[9] holds");
	r.origin = 0;
	r.port = 8080;
	why(&r, true);
	assert_words(output, "in the way: a connection of h\\x20o[9] holds");
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
	assert_words(output, "Of the 100 ports from 40000 to 40099, 93 are in "
			     "use and 7 are reserved. Most of them are held "
			     "by a\\x20b[10]: 60, b[11]: 33.");
	assert_non_null(strstr(output, "\n    sysctl -w "
				       "net.ipv4.ip_local_port_range=\"1024 "
				       "65535\"\n"));
	assert_null(strstr(output, "in the way"));
	/* The refusal is an hour old, and the fake counted the ports now. */
	assert_words(output, "This was counted 1h1m after the refusal.");
}

/* One port for several destinations is only for TCP, and if any is to be had. */
static void exhausted_by_connections(void **state)
{
	struct port_range range = {
		.first = 40000, .last = 40009, .taken = 10,
	};

	(void)state;
	scene_start();
	scene.sock.cookie = 0;
	scene.reject.err = EADDRNOTAVAIL;
	scene.reject.op = PORTOWNER_REJECT_OP_AUTOBIND;
	scene.reject.rule = PORTOWNER_RULE_EPHEMERAL_EXHAUSTED;
	scene.reject.ep.port = 0;
	scene.reject.range = &range;
	scene_ask(false);
	says("A port serves connections to several destinations, but only one to each.");
	says("If all go to one destination, spread them:");
	says("tcp_tw_reuse=1");
	says_not("Reserve fewer");
	range.taken = 0;
	range.reserved = 10;
	scene_ask(false);
	says("- Reserve fewer ports; this lists the reserved ones:");
	says_not("spread");
	says_not("tcp_tw_reuse");
	scene.reject.op = PORTOWNER_REJECT_OP_BIND;
	scene_ask(false);
	says_not("IP_BIND_ADDRESS_NO_PORT");
	range.taken = 10;
	range.reserved = 0;
	scene_ask(false);
	says("IP_BIND_ADDRESS_NO_PORT");
	scene.reject.ep.proto = IPPROTO_UDP;
	scene_ask(false);
	says_not("IP_BIND_ADDRESS_NO_PORT");
}

/* A larger range must not give the ports of servers away. */
static void exhausted_beside_servers(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0",
		.rule = PORTOWNER_RULE_EPHEMERAL_EXHAUSTED,
	};
	struct refusal server = {
		.port = 8080, .holder = "0.0.0.0", .origin = -1,
		.state = PORTOWNER_STATE_LISTEN, .pid = 5,
	};

	(void)state;
	refusal_start();
	fake.reserved = "30,9000-9009";
	add_reject(&r, 1);
	add_now(&server, 1);
	server.port = 8081;
	server.origin = 0;
	add_now(&server, 2);
	/* Not: reserved, never given away, chosen by the kernel, or perhaps. */
	server.port = 9001;
	add_now(&server, 3);
	server.port = 80;
	add_now(&server, 4);
	server.port = 50001;
	add_now(&server, 5);
	server.origin = 1;
	server.port = 9500;
	add_now(&server, 6);
	run(cmd_why, "--fix");
	assert_non_null(strstr(output, "\nsysctl -w "
				       "net.ipv4.ip_local_reserved_ports=30,9000-9009,8080-8081 "
				       "net.ipv4.ip_local_port_range=\"1024 "
				       "65535\"\n"));
	/* Without the list, the range would be enlarged for nothing else. */
	fake.reserved = NULL;
	run(cmd_why, "--fix");
	assert_null(strstr(output, "-w net.ipv4.ip_local"));
	assert_non_null(strstr(output, "\nsysctl net.ipv4.ip_local_port_range "
				       "net.ipv4.ip_local_reserved_ports\n"));
}

/* Processes that have no pid here, or may not be seen, still hold ports. */
static void range_of_others(void **state)
{
	char comm[] = "a b", other[] = "b";
	struct range_holder holders[] = {
		{ .ports = 60, .comm = comm },
		{ .ports = 20 },
		{ .ports = 5, .comm = other, .pid = 11 },
	};
	struct port_range range = {
		.first = 40000, .last = 40099, .taken = 100,
		.holders = holders, .n_holders = 3,
	};
	const struct reject reject = {
		.err = EADDRINUSE, .rule = PORTOWNER_RULE_EPHEMERAL_EXHAUSTED,
		.ep.proto = IPPROTO_TCP, .range = &range,
	};
	const struct context ctx = { .reject = &reject };
	struct report report = { 0 };

	(void)state;
	explain_rule(&ctx, &report);
	assert_words(report.facts->words,
		     "Most of them are held by a\\x20b (outside this pid "
		     "namespace): 60, a process outside this pid namespace: "
		     "20, b[11]: 5.");
	report_free(&report);
	range.n_holders = 1;
	holders[0].ports = 50;
	explain_rule(&ctx, &report);
	assert_words(report.facts->words, "Some of them are held by a");
	/* A check has no time, so the ports were counted neither before nor after. */
	range.time = 3600 * NSEC_PER_SEC;
	report_free(&report);
	report = (struct report){ 0 };
	explain_rule(&ctx, &report);
	assert_null(strstr(report.facts->words, "counted"));
	report_free(&report);
}

static void local_rules(void **state)
{
	struct refusal r = { .addr = "192.0.2.1", .port = 80 };

	(void)state;
	r.err = EADDRNOTAVAIL;
	r.rule = PORTOWNER_RULE_ADDRESS_NOT_LOCAL;
	r.reason = PORTOWNER_REASON_NOT_CONFIGURED;
	why(&r, false);
	assert_words(output, "had the address 192.0.2.1, so");
	assert_non_null(strstr(output, "\n    sysctl -w net.ipv4.ip_nonlocal_bind=1\n"));
	r.addr = "2001:db8::1";
	why(&r, false);
	assert_non_null(strstr(output, "\n    sysctl -w net.ipv6.ip_nonlocal_bind=1\n"));
	r.err = EINVAL;
	r.rule = PORTOWNER_RULE_ALREADY_BOUND;
	why(&r, false);
	assert_words(output, "A socket can be bound only once");
	r.rule = PORTOWNER_RULE_INVALID_ARGUMENT;
	r.addr = "fe80::1";
	why(&r, false);
	assert_words(output, "fe80::1%eth0");
	r.err = EAFNOSUPPORT;
	why(&r, false);
	assert_words(output, "The address family does not match the socket");
	assert_words(output, "Create the socket with the family of the address");
	r.err = EINVAL;
	r.addr = "0.0.0.0";
	r.port = 0;
	why(&r, false);
	assert_words(output, "bind to an address of tcp that was not read was refused: EINVAL");
	assert_words(output, "because its length, the third argument of bind(), is too small.");
	assert_words(output, "Pass the size of the structure that the address is in");
	assert_null(strstr(output, "kernel-chosen"));
	run(cmd_why, "-J");
	assert_non_null(strstr(output, "\"reason\":\"address-not-read\""));
	run(cmd_log, "--no-headings -o address,port,reason");
	assert_words(output, "- - address-not-read");
	r.op = PORTOWNER_REJECT_OP_LISTEN;
	why(&r, false);
	assert_words(output, "Have the program listen on a socket of its own");
	r.op = PORTOWNER_REJECT_OP_BIND;
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
			     "(net.ipv4.ip_unprivileged_port_start) are "
			     "reserved for root and for processes with the "
			     "capability CAP_NET_BIND_SERVICE; l\\x20e[777] "
			     "runs as uid 1000 without it.");
	assert_non_null(strstr(output, "\n    setcap cap_net_bind_service=+ep /usr/bin/nc\n"));
	assert_non_null(strstr(output, "\n    sysctl -w net.ipv4.ip_unprivileged_port_start=80\n"));
	refusal_start();
	fake.unprivileged = "80";
	add_reject(&r, 1);
	run(cmd_why, "");
	assert_words(output, "The limit has since been lowered: any user may bind port 80 now.");
	assert_words(output, "start l\\x20e[777] again.");
	assert_null(strstr(output, "port_start="));
	assert_null(strstr(output, "setcap"));
}

static void add_orphan(const char *addr, const char *peer, __u16 peer_port,
		       __u64 cookie)
{
	const struct refusal r = {
		.port = 8081, .holder = addr, .orphan = true,
		.state = PORTOWNER_STATE_FIN_WAIT_2,
		.holder_peer = peer, .peer_port = peer_port,
	};

	add_now(&r, cookie);
}

/* Each by both of its ends: others may use the same two ports. */
static void several_orphans(void **state)
{
	struct refusal r = {
		.addr = "::", .port = 8081,
		.rule = PORTOWNER_RULE_ADDRESS_IN_USE,
		.holder = "127.0.0.1", .orphan = true,
		.state = PORTOWNER_STATE_FIN_WAIT_2,
		.holder_peer = "127.0.0.2", .peer_port = 51235,
	};
	size_t i;

	(void)state;
	why(&r, true);
	assert_words(output, "- Or end this connection at once: ss -K -t "
			     "'src 127.0.0.1:8081 and dst 127.0.0.2:51235'");
	assert_null(strstr(output, "sport"));
	refusal_start();
	add_reject(&r, 1);
	add_orphan("127.0.0.1", "127.0.0.2", 51235, 99);
	add_orphan("::ffff:127.0.0.1", "::ffff:127.0.0.3", 51236, 98);
	add_orphan("2001:db8::1", "2001:db8::2", 51237, 97);
	run(cmd_why, "-n");
	assert_words(output, "- Or end these connections at once: ss -K -t "
			     "'src 127.0.0.1:8081 and dst 127.0.0.2:51235' "
			     "ss -K -t 'src 127.0.0.1:8081 and dst 127.0.0.3:51236' "
			     "ss -K -t 'src [2001:db8::1]:8081 and dst [2001:db8::2]:51237'");
	refusal_start();
	add_reject(&r, 1);
	for (i = 0; i < 9; i++)
		add_orphan("127.0.0.1", "127.0.0.2", 51240 + i, 99 - i);
	run(cmd_why, "-n");
	assert_words(output, "Or end these connections at once, the first 8 of 9; ask");
	assert_non_null(strstr(output, ":51247'"));
	assert_null(strstr(output, ":51248'"));
}

/* Only a living process is a way into its namespace, and the refused one may be gone. */
static void elsewhere(void **state)
{
	const struct refusal r = {
		.addr = "0.0.0.0", .port = 80, .err = EACCES,
		.rule = PORTOWNER_RULE_PRIVILEGED_PORT,
	};
	const struct reject hidden = { .netns = 1 };
	const struct context ctx = { .reject = &hidden };
	struct report report = { 0 };

	(void)state;
	refusal_start();
	fake.netns = 1;
	add_reject(&r, 1);
	run(cmd_why, "-A");
	assert_null(strstr(output, "nsenter"));
	assert_words(output, "in network namespace 4026531840, requested it");
	fake.uid = 0;
	run(cmd_why, "-A");
	assert_words(output, "in network namespace 4026531840, which no "
			     "process uses any more, requested it");
	fake.netns_pid = 12;
	run(cmd_why, "-A");
	assert_non_null(strstr(output, "\n    nsenter -n -t 12 sysctl -w "));
	assert_null(strstr(output, "uses any more"));
	fake.netns_pid = 0;
	assert_null(advice_in_netns(&ctx, xstrdup("true")));
	report_advise(&report, NULL, "Do %s:", "it");
	assert_string_equal(report.advice->words, "Do it.");
	report_free(&report);
}

static void assert_holder(const struct psock *sock, const char *words)
{
	char *holder = phrase_holder(sock);

	assert_string_equal(holder, words);
	free(holder);
}

/* Everything that may be known about the holder of a socket. */
static void holders(void **state)
{
	char a[] = "a", b[] = "b", part[] = "x y";
	struct owner owners[] = {
		{ .pid = 5, .comm = a }, { .pid = 6, .comm = b }, { .comm = b },
	};
	struct psock sock = { .owners = owners, .n_owners = 1 };

	(void)state;
	assert_holder(&sock, "a[5]");
	sock.owners_incomplete = true;
	assert_holder(&sock, "a[5] (the search for others was cut short)");
	sock.n_owners = 2;
	assert_holder(&sock, "a[5] and at least 1 more process");
	sock.owners_incomplete = false;
	sock.n_owners = 3;
	assert_holder(&sock, "a[5] and 2 more processes");
	sock.owners = owners + 2;
	sock.n_owners = 1;
	assert_holder(&sock, "b (outside this pid namespace)");
	owners[2].comm = NULL;
	assert_holder(&sock, "a process outside this pid namespace");
	sock.n_owners = 0;
	assert_holder(&sock, "an unknown holder");
	sock.kernel_owner = part;
	assert_holder(&sock, "the kernel itself (x\\x20y)");
	sock.owners_incomplete = true;
	assert_holder(&sock, "a process that could not be found in time");
	sock.owners_hidden = true;
	assert_holder(&sock, "a process you are not permitted to see");
}

/* A closed connection expires on its own; the setting that limits it is named. */
static void orphans(void **state)
{
	static const struct {
		__u16 proto;
		__u32 state;
		const char *words;
	} cases[] = {
		{ IPPROTO_TCP, PORTOWNER_STATE_FIN_WAIT_1,
		  "sysctl net.ipv4.tcp_orphan_retries" },
		{ IPPROTO_TCP, PORTOWNER_STATE_FIN_WAIT_2,
		  "sysctl net.ipv4.tcp_fin_timeout" },
		{ IPPROTO_TCP, PORTOWNER_STATE_LAST_ACK,
		  "sysctl net.ipv4.tcp_orphan_retries" },
		{ IPPROTO_SCTP, PORTOWNER_STATE_SHUTDOWN_PENDING,
		  "sysctl net.sctp.association_max_retrans" },
		{ IPPROTO_SCTP, PORTOWNER_STATE_SHUTDOWN_ACK_SENT,
		  "sysctl net.sctp.association_max_retrans" },
	};
	struct refusal r = {
		.addr = "127.0.0.1", .port = 8080,
		.rule = PORTOWNER_RULE_ADDRESS_IN_USE, .holder = "127.0.0.1",
		.orphan = true,
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		r.proto = cases[i].proto;
		r.state = cases[i].state;
		why(&r, true);
		assert_words(output, "a connection that was closed on this side");
		assert_words(output, cases[i].words);
		assert_null(strstr(output, "was bound to"));
	}
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
	assert_words(output, "Of the active ones, these can refuse bind(): selinux.");
	assert_words(output, "a type that the program may bind, such as "
			     "http_port_t for a web server");
	assert_non_null(strstr(output, "\n    semanage port -a -t TYPE -p tcp 8080\n"));
	assert_null(strstr(output, "aa-status"));
	run(cmd_why, "--fix");
	assert_null(strstr(output, "semanage"));
	r.exe = "/usr/sbin/sshd";
	refusal_start();
	fake.lsms = "lockdown,selinux";
	add_reject(&r, 1);
	run(cmd_why, "--fix");
	assert_non_null(strstr(output, "semanage port -a -t ssh_port_t -p tcp 8080\n"));
	r.exe = NULL;
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
		TEST(uid_differs_too),
		TEST(holder_listens),
		TEST(sctp),
		TEST(time_wait),
		TEST(taken_by_client),
		TEST(exhausted),
		TEST(exhausted_by_connections),
		TEST(exhausted_beside_servers),
		TEST(range_of_others),
		TEST(local_rules),
		TEST(privileged),
		TEST(several_orphans),
		TEST(elsewhere),
		TEST(holders),
		TEST(orphans),
		TEST(denied),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_rules", tests, NULL, NULL);
}
