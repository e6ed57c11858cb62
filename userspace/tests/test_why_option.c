// SPDX-License-Identifier: GPL-2.0
/* How "why" says to set an option, by program. */

#include <locale.h>
#include <netinet/in.h>

#include "tests/harness.h"
#include "tests/refusal.h"
#include "tests/scene.h"

static void assert_syntax(const char *exe, const char *line)
{
	struct refusal r = simple_refusal;

	r.exe = exe;
	why(&r, true);
	if (!strstr(output, line))
		fail_msg("%s: no '%s' in:\n%s", exe, line, output);
}

/* Versions are the same program; other names with the same beginning are not. */
static void program_names(void **state)
{
	static const char node[] = "\n    server.listen({ port: 8080, ";
	static const char nginx[] = "\n    listen 127.0.0.1:8080 reuseport;\n";
	static const char python[] = "\n    sock.setsockopt(";
	static const char socat[] = "\n    TCP-LISTEN:8080,reuseport\n";
	static const char c[] = "\n    int on = 1; setsockopt(";

	(void)state;
	assert_syntax("/usr/bin/node", node);
	assert_syntax("/usr/bin/nodejs", node);
	assert_syntax("/opt/node-22.12/bin/node (deleted)", node);
	assert_syntax("/usr/bin/node22", node);
	assert_syntax("/srv/node_exporter", c);
	assert_syntax("/srv/node-problem-detector", c);
	assert_syntax("/srv/nodejsd", c);
	assert_syntax("/usr/sbin/nginx", nginx);
	assert_syntax("/usr/sbin/nginx-debug", nginx);
	assert_syntax("/srv/nginx-prometheus-exporter", c);
	assert_syntax("/srv/nginx-agent", c);
	assert_syntax("/usr/bin/python3.11", python);
	assert_syntax("/usr/bin/python3.13t (deleted)", python);
	assert_syntax("/usr/bin/python3.11-dbg", python);
	assert_syntax("/srv/python-agent", c);
	assert_syntax("/srv/pythonista3", c);
	assert_syntax("/usr/bin/socat", socat);
	assert_syntax("/usr/bin/socat1", socat);
	assert_syntax("/srv/socat-proxy", c);
	assert_syntax("node", c);
}

static void asserts_no_sharing(const char *exe)
{
	struct refusal r = simple_refusal;

	r.exe = exe;
	why(&r, true);
	assert_words(output, "Use a port other than 8080");
	assert_null(strstr(output, "Set SO_REUSEPORT"));
}

/* Of two databases, each would get a part of the clients. */
static void not_for_sharing(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	asserts_no_sharing("/usr/sbin/mysqld");
	asserts_no_sharing("/usr/lib/postgresql/15/bin/postgres");
	asserts_no_sharing("/usr/local/bin/redis-server (deleted)");
	asserts_no_sharing("/opt/etcd/etcd");
	asserts_no_sharing("/usr/lib/jvm/java-17/bin/java");
	/* Of two time servers, the one bound last would get all. */
	r.proto = IPPROTO_UDP;
	r.state = PORTOWNER_STATE_BOUND;
	r.exe = "/usr/sbin/ntpd";
	why(&r, true);
	assert_null(strstr(output, "Set SO_REUSE"));
	r.exe = "/srv/ntpd";
	why(&r, true);
	assert_words(output, "Set SO_REUSEADDR in both");
}

/* In the syntax of each program, with the address of the socket. */
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
	assert_words(output, "- Set SO_REUSEADDR in both h\\x20o[555] and "
			     "l\\x20e[777] before bind() (of two");
	r.holder_flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	why(&r, true);
	assert_words(output, "- Set SO_REUSEADDR in l\\x20e[777] before "
			     "bind(), as the other side did (of two sockets "
			     "with the same address, the one bound last gets "
			     "the datagrams): UDP-RECV:8080,reuseaddr");
	r.holder_flags = 0;
	r.flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	why(&r, true);
	assert_words(output, "- Set SO_REUSEADDR in h\\x20o[555] before "
			     "bind(), as the new socket did (of two");
	r.proto = IPPROTO_TCP;
	why(&r, true);
	assert_null(strstr(output, "datagrams"));
}

static size_t place(const char *words)
{
	const char *at = strstr(output, words);

	assert_non_null(at);
	return at - output;
}

/* A responder that shares the port is not to be ended for one that does not. */
static void discovery(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.proto = IPPROTO_UDP;
	r.state = PORTOWNER_STATE_BOUND;
	r.holder_comm = "avahi-daemon";
	r.holder_cgroup = "/system.slice/avahi-daemon.service";
	r.holder_flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	r.addr = "0.0.0.0";
	r.port = 5353;
	why(&r, true);
	assert_words(output, "Set SO_REUSEADDR in ");
	assert_null(strstr(output, "Stop"));
	assert_null(strstr(output, "Use a port other"));
	run(cmd_why, "--fix");
	assert_string_equal(output, "");
	/* So it is if both set another option, but belong to two users. */
	r.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	r.holder_flags |= PORTOWNER_SOCK_FLAG_REUSEPORT;
	r.holder_uid = 110;
	r.rule = PORTOWNER_RULE_REUSEPORT_UID_DIFFERS;
	why(&r, true);
	assert_words(output, "Set SO_REUSEADDR in ");
	assert_null(strstr(output, "Stop"));
	r = simple_refusal;
	r.proto = IPPROTO_UDP;
	r.state = PORTOWNER_STATE_BOUND;
	r.holder_comm = "avahi-daemon";
	r.holder_cgroup = "/system.slice/avahi-daemon.service";
	r.addr = "0.0.0.0";
	r.port = 5353;
	/* Here it is the holder that excludes others. */
	r.holder_flags = 0;
	why(&r, true);
	assert_words(output, "Stop the service");
	run(cmd_why, "--fix");
	assert_words(said, "the first remedy is no command");
	why(&r, true);
	assert_null(strstr(output, "Use a port other"));
	/* The host needs it; it has a setting for that. */
	r.holder_comm = "systemd-resolve";
	r.holder_flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	why(&r, true);
	assert_words(output, "MulticastDNS");
	/* Any other port is just a port. */
	r.holder_comm = "avahi-daemon";
	r.port = 5000;
	why(&r, true);
	assert_words(output, "Stop the service");
	assert_words(output, "Use a port other than 5000");
}

/* These datagrams are for all listeners, so nothing has to be stopped. */
static void group_datagrams(void **state)
{
	static const __u16 ports[] = { 67, 68, 1900, 3702, 5353, 5355 };
	struct refusal r = simple_refusal;
	size_t i;

	(void)state;
	r.proto = IPPROTO_UDP;
	r.state = PORTOWNER_STATE_BOUND;
	r.holder_flags = 0;
	r.addr = "0.0.0.0";
	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		r.port = ports[i];
		why(&r, true);
		assert_words(output, "(of two sockets with the same address, "
				     "the one bound last gets all unicast "
				     "datagrams; multicast and broadcast go to "
				     "every socket):");
		assert_words(output, "divides the unicast datagrams between "
				     "the two, while multicast and broadcast "
				     "go to both:");
		assert_int_equal(place("Set SO_REUSEADDR in") < place("- Stop"),
				 ports[i] > 68);
	}
	/* Each of the two sockets has an address of its own. */
	r.addr = "127.0.0.53";
	r.holder = "127.0.0.53";
	why(&r, true);
	assert_words(output, "the one bound last gets the datagrams)");
	r.addr = "224.0.0.251";
	r.holder = "224.0.0.251";
	why(&r, true);
	assert_words(output, "(each gets a copy of what is sent to the group)");
	assert_null(strstr(output, "divides"));
	assert_true(place("Set SO_REUSEADDR in") < place("- Stop"));
	/* A server needs the wildcard to get what is sent to a group. */
	r.holder = "0.0.0.0";
	r.rule = PORTOWNER_RULE_WILDCARD_COVERS;
	why(&r, true);
	assert_null(strstr(output, "can make do with an address"));
}

/* An accepted connection has the options of its listener. */
static void accepted_connection(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.addr = "127.0.0.1";
	r.holder = "127.0.0.1";
	r.port = 8071;
	r.state = PORTOWNER_STATE_ESTABLISHED;
	r.holder_flags = 0;
	r.flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	r.holder_comm = "sleep";
	r.pid = 341;
	r.holder_peer = "127.0.0.1";
	r.peer_port = 40604;
	why(&r, true);
	assert_words(output, "Set SO_REUSEADDR in the server that listened on "
			     "the port before bind(), as the new socket did:");
	assert_null(strstr(output, "or connect()"));
	assert_null(strstr(output, "SO_REUSEADDR in sleep"));
	r.origin = 1;
	why(&r, true);
	assert_words(output, "Set SO_REUSEADDR in sleep[341] before bind() or connect()");
}

/* The program does not close what its peers have closed. */
static void half_closed(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.state = PORTOWNER_STATE_CLOSE_WAIT;
	r.holder_peer = "127.0.0.1";
	r.peer_port = 40604;
	why(&r, true);
	assert_words(output, "Its peer has closed it (CLOSE_WAIT), but "
			     "h\\x20o[555] has not; if that lasts, the program fails to close it.");
	assert_words(output, "have h\\x20o[555] close a connection when recv() "
			     "returns 0: its peer has closed it.");
	r.state = PORTOWNER_STATE_ESTABLISHED;
	why(&r, true);
	assert_null(strstr(output, "CLOSE_WAIT"));
}

/* Only one of the two sockets is bound to a device. */
static void one_device(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.proto = IPPROTO_UDP;
	r.state = PORTOWNER_STATE_BOUND;
	r.holder_flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	r.addr = "0.0.0.0";
	r.holder = "0.0.0.0";
	r.port = 67;
	r.dev = "br0";
	why(&r, true);
	assert_words(output, "serves another device than br0, bind it to that "
			     "one (SO_BINDTODEVICE): sockets on two devices "
			     "do not conflict.");
	assert_words(output, "(the one that is bound to a device gets the "
			     "datagrams that arrive there, and the other the rest)");
	assert_null(strstr(output, "bound last"));
}

/* A second database does not replace the first one. */
static void other_ports(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.exe = "/usr/local/bin/redis-server";
	why(&r, true);
	assert_words(output, "- Use a port other than 8080 for l\\x20e[777], with a "
			     "directory of its own (in its configuration: "
			     "port, dir): redis-server --port PORT --dir DIRECTORY");
	run(cmd_why, "--fix");
	assert_string_equal(output, "kill 555\n");
	assert_words(said, "instead, a setting can give the new program another port");
	r.exe = "/usr/sbin/mysqld (deleted)";
	why(&r, true);
	assert_words(output, ": mysqld --port=PORT --socket=FILE --datadir=DIRECTORY");
	r.port = 33060;
	why(&r, true);
	assert_words(output, ": mysqld --mysqlx-port=PORT");
	/* A script has a name of its own. */
	r.exe = "/usr/bin/python3.11";
	r.comm = "gunicorn";
	why(&r, true);
	assert_words(output, "Use a port other than 33060 for gunicorn[777]: "
			     "gunicorn -b ADDRESS:PORT");
	r.exe = "/srv/redis-server-exporter";
	why(&r, true);
	assert_words(output, "Use a port other than 33060 for gunicorn[777].");
	run(cmd_why, "--fix");
	assert_null(strstr(output, "#"));
}

/* A server that was started twice is not to share its own port. */
static void started_twice(void **state)
{
	(void)state;
	scene_start();
	scene.owners[0].exe = text("/usr/sbin/nginx");
	scene.reject.exe = text("/usr/sbin/nginx");
	scene_ask(true);
	says("Another instance of the same program holds the port");
	says_not("SO_REUSEPORT in");
	scene.sock.ep.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	scene_ask(true);
	says("Set SO_REUSEPORT in new[777] before bind(), as the other side did: "
	     "listen 0.0.0.0:80 reuseport;");
	scene.sock.ep.flags = 0;
	scene.reject.exe = text("/usr/bin/node");
	scene_ask(true);
	says("SO_REUSEPORT in both");
}

/* One has the group, the other the wildcard: both get what is sent to the group. */
static void group_and_wildcard(void **state)
{
	(void)state;
	scene_start();
	scene.sock.ep.proto = IPPROTO_UDP;
	scene.sock.state = PORTOWNER_STATE_BOUND;
	scene.sock.ep.flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	scene.reject.ep.proto = IPPROTO_UDP;
	scene.reject.rule = PORTOWNER_RULE_WILDCARD_COVERS;
	scene.reject.exe = text("/usr/bin/ffmpeg");
	set_address(&scene.sock.ep, "239.1.1.1");
	scene_ask(true);
	says("Set SO_REUSEADDR in new[777] before bind(), as the other side did "
	     "(each gets a copy of what is sent to the group): udp://0.0.0.0:80?reuse=1");
	says_not("Stop");
	says_not("make do with an address");
}

/* DHCP has its ports. */
static void only_port(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.proto = IPPROTO_UDP;
	r.state = PORTOWNER_STATE_BOUND;
	r.port = 68;
	r.exe = "/usr/sbin/dhcpcd";
	why(&r, true);
	assert_null(strstr(output, "Use a port other"));
	r.port = 123;
	r.exe = "/usr/sbin/chronyd";
	why(&r, true);
	assert_words(output, "it needs none unless it serves the time to other "
			     "hosts (in chrony.conf): port 0");
	r.proto = 0;
	r.exe = "/usr/sbin/x";
	why(&r, true);
	assert_words(output, "Use a port other than 123");
}

/* One of several addresses may do. */
static void single_addresses(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.addr = "0.0.0.0";
	r.holder = "127.0.0.53";
	r.rule = PORTOWNER_RULE_WILDCARD_COVERS;
	r.port = 53;
	r.exe = "/usr/sbin/dnsmasq";
	why(&r, true);
	assert_words(output, "can make do with an address other than 127.0.0.53, bind that "
			     "one instead of 0.0.0.0: bind-interfaces "
			     "listen-address=ADDRESS");
	assert_words(output, "it needs none if it serves only DHCP or TFTP (in "
			     "dnsmasq.conf): port=0");
	r.exe = "/usr/sbin/apache2";
	why(&r, true);
	assert_words(output, "instead of 0.0.0.0: Listen ADDRESS:53");
	r.exe = "/srv/new";
	why(&r, true);
	assert_words(output, "bind that one instead of 0.0.0.0.");
}

/* Only one of several processes has to set it: the one that bound the socket. */
static void workers(void **state)
{
	size_t i;

	(void)state;
	scene_start();
	for (i = 0; i < 4; i++)
		scene.owners[i] = (struct owner){
			.pid = 5 + i, .comm = text("old"), .exe = text("/srv/old"),
		};
	scene.sock.n_owners = 4;
	scene_ask(true);
	says("Set SO_REUSEPORT in both old[5] and new[777] before bind()");
	says("Stop old[5] and 3 more processes if they");
	scene.sock.binder = &scene.binder;
	scene.binder = (struct binder){
		.pid = 7, .comm = text("old"), .alive = true,
	};
	scene_ask(true);
	says("Set SO_REUSEPORT in both old[7] and new[777] before bind()");
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(program_names),
		TEST(not_for_sharing),
		TEST(known_programs),
		TEST(shared_datagrams),
		TEST(discovery),
		TEST(group_datagrams),
		TEST(accepted_connection),
		TEST(half_closed),
		TEST(one_device),
		TEST(other_ports),
		TEST(started_twice),
		TEST(group_and_wildcard),
		TEST(only_port),
		TEST(single_addresses),
		TEST(workers),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_option", tests, NULL, NULL);
}
