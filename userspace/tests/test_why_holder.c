// SPDX-License-Identifier: GPL-2.0
/* Explanation and advice of "why" about the holder of the port. */

#include <locale.h>
#include <netinet/in.h>

#include "lib/time_fmt.h"
#include "tests/scene.h"

#define USER_SERVICES "/user.slice/user-1000.slice/user@1000.service/"

static void docker_proxy(void **state)
{
	static const struct fake_file files[] = {
		{ 5, "comm", "docker-proxy\n" },
		{ 5, "cmdline", "/usr/bin/docker-proxy\n-host-port\n80\n"
		  "-container-ip\n172.17.0.2\n-container-port\n8080\n" },
		{ 0 },
	};

	(void)state;
	scene_start();
	fake.files = files;
	scene.owners[0].comm = text("docker-proxy");
	scene.owners[0].cgroup = text("/system.slice/docker.service");
	scene_ask(true);
	says("docker-proxy[5] holds the port on behalf of container "
	     "172.17.0.2, port 8080. Stop that container (docker stop NAME)");
	says("docker ps --filter publish=80");
	says_not("systemctl");
	says_not("kill");
	says_not("setsockopt");
	/* The process may have ended, and its command line with it. */
	fake.files = NULL;
	scene.sock.ep.proto = IPPROTO_UDP;
	scene.reject.ep.proto = IPPROTO_UDP;
	scene_ask(true);
	says("on behalf of a container. Stop");
	says("docker ps --filter publish=80/udp");
}

static void rootless_podman(void **state)
{
	static const struct fake_file files[] = {
		{ 5, "comm", "conmon\n" },
		{ 5, "cmdline", "conmon\n-c\nabc\n-n\nweb\n" },
		{ 0 },
	};

	(void)state;
	scene_start();
	fake.files = files;
	scene.owners[0].comm = text("conmon");
	scene_ask(true);
	says("conmon[5] holds the port on behalf of container web. Stop that "
	     "container (podman stop NAME)");
	scene.owners[0].comm = text("rootlessport");
	scene.owners[0].uid = 1000;
	scene_ask(true);
	says("if run as uid 1000: podman port --all | grep ':80$'");
	says_not("kill");
}

static void in_container(void **state)
{
	static const char id[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	char path[300];

	(void)state;
	scene_start();
	scene.owners[0].cgroup = path;
	snprintf(path, sizeof(path), "/machine.slice/libpod-%s.scope/container", id);
	scene_ask(true);
	says("podman stop 0123456789ab");
	/* Only the inner container has to be stopped, which cannot be done from here. */
	snprintf(path, sizeof(path), "/docker/%s/docker/%s", id, id);
	scene_ask(true);
	says("- Stop container 0123456789ab");
	says_not("docker stop");
}

static void managers(void **state)
{
	(void)state;
	scene_start();
	scene.owners[0].comm = text("systemd");
	scene.owners[0].exe = text("/usr/lib/systemd/systemd");
	scene.owners[0].cgroup = text(USER_SERVICES "init.scope");
	scene_ask(true);
	says("systemctl --user --machine=1000@ list-sockets --all");
	says_not("kill");
	fake.uid = 1000;
	scene_ask(true);
	says("systemctl --user list-sockets --all");
	/* The process that it passed the socket to. */
	scene.owners[1] = (struct owner){
		.pid = 6, .cgroup = text(USER_SERVICES "app.slice/a.service"),
	};
	scene.sock.n_owners = 2;
	scene_ask(true);
	says("systemctl --user stop $(systemctl --user show --value -p "
	     "TriggeredBy a.service) a.service");
	scene.owners[0].pid = 1;
	scene.owners[0].cgroup = text("/init.scope");
	scene.owners[1].cgroup = text("/system.slice/b.service");
	scene_ask(true);
	says("systemctl stop $(systemctl show --value -p TriggeredBy b.service) b.service");
	says_not("kill");
}

/* The options of a socket unit are set there. */
static void socket_unit_options(void **state)
{
	(void)state;
	scene_start();
	scene.owners[0] = (struct owner){ .pid = 1, .comm = text("systemd") };
	scene.reject.ep.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	scene_ask(true);
	says("[Socket] ReusePort=yes");
}

static void services(void **state)
{
	(void)state;
	scene_start();
	scene.owners[0].cgroup = text("/system.slice/web.service");
	scene.owners[1] = scene.owners[0];
	scene.owners[1].pid = 6;
	scene.sock.n_owners = 2;
	scene_ask(true);
	says("systemctl stop web.service");
	scene.reject.cgroup = text("/system.slice/web.service");
	scene_ask(true);
	says("belong to the same service: restart that as a whole: systemctl restart web.service");
	/* A restart may leave what an earlier run has left. */
	scene.binder = (struct binder){ .pid = 4, .comm = text("old") };
	scene.sock.binder = &scene.binder;
	scene_ask(true);
	says("belong to the same service, but the process that bound the port has ended.");
	says("systemctl show -p KillMode web.service kill 5 6 "
	     "systemctl restart web.service");
	scene.sock.binder = NULL;
	/* Stopping one service would not free the port. */
	scene.owners[1].cgroup = text("/system.slice/other.service");
	scene_ask(true);
	says_not("systemctl");
	says("kill 5 6");
	scene.sock.n_owners = 1;
	scene.owners[0].cgroup = text(USER_SERVICES "app.slice/a.service");
	scene_ask(true);
	says("systemctl --user --machine=1000@ stop a.service");
	/* A job of cron is not the cron service. */
	scene.owners[0].cgroup = text("/system.slice/cron.service");
	scene_ask(true);
	says("not cron.service, which runs other programs as well: kill 5");
	scene.owners[0].cgroup = text("/system.slice/supervisor.service");
	scene_ask(true);
	says("supervisorctl status");
	says_not("systemctl");
	says_not("kill");
}

static void needed(void **state)
{
	(void)state;
	scene_start();
	scene.owners[0].comm = text("systemd-resolve");
	scene.owners[0].cgroup = text("/system.slice/systemd-resolved.service");
	scene.sock.ep.port = 53;
	scene.reject.ep.port = 53;
	scene_ask(true);
	says("DNSStubListener=no");
	says_not("kill");
	says_not("systemctl stop");
	scene.owners[0].comm = text("dnsmasq");
	scene.owners[0].cgroup = NULL;
	scene_ask(true);
	says("kill 5");
	scene.owners[0].cgroup = text("/system.slice/NetworkManager.service");
	scene_ask(true);
	says("dns=default");
	says_not("kill");
	scene.owners[0].comm = text("sshd");
	scene_ask(true);
	says("ListenAddress in /etc/ssh/sshd_config");
	says_not("kill");
	scene.owners[0].comm = text("dockerd");
	scene_ask(true);
	says("docker ps --filter publish=53");
}

static void add_workers(size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		scene.owners[i] = (struct owner){
			.pid = 100 + i, .comm = text("worker"),
		};
	scene.sock.n_owners = n;
}

/* One command ends all of them. */
static void workers(void **state)
{
	(void)state;
	scene_start();
	add_workers(12);
	scene_ask(true);
	says("kill 100 101 102 103 104 105 106 107 108 109 110 111");
	add_workers(100);
	scene_ask(true);
	/* Others may hold the port at other addresses. */
	says("portowner who tcp/0.0.0.0:80 --no-headings -o cookie,pid | "
	     "awk '$1 == \"9\" && $2 > 1 { print $2 }' | sort -u | xargs -r kill");
	says_not("-A");
	scene.owners[50].pid = 0;
	scene_ask(true);
	says_not("kill");
	/* Owners that were not found may be unrelated, unless they are in one unit. */
	add_workers(2);
	scene.sock.owners_incomplete = true;
	scene_ask(true);
	says("at least 1 more process");
	says_not("kill");
	scene.owners[0].cgroup = text("/user.slice/user-1000.slice/session-2.scope");
	scene_ask(true);
	says("| xargs -r kill");
	scene.owners[0].cgroup = text("/system.slice/docker.service");
	scene_ask(true);
	says_not("kill");
	/* In another network namespace, the command must not search this one. */
	add_workers(100);
	fake.netns = 2;
	fake.netns_pid = 12;
	scene.sock.owners_incomplete = false;
	scene_ask(true);
	says("nsenter -n -t 12 portowner who tcp/0.0.0.0:80 --no-headings");
	says_not("-A");
	fake.netns = 1;
	fake.netns_pid = 0;
	/* Process 1 is among them, so the rest would not be enough. */
	scene.sock.owners_incomplete = false;
	scene.owners[0].pid = 1;
	scene_ask(true);
	says_not("kill");
}

static void datagrams(void **state)
{
	(void)state;
	scene_start();
	scene.reject.ep.proto = IPPROTO_UDP;
	scene.sock.ep.proto = IPPROTO_UDP;
	scene.sock.state = PORTOWNER_STATE_BOUND;
	scene.reject.ep.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	scene.sock.ep.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	scene.reject.rule = PORTOWNER_RULE_REUSEPORT_UID_DIFFERS;
	scene.reject.uid = 1000;
	scene_ask(true);
	says("If both set SO_REUSEADDR, it does not matter who they belong to.");
	says("Set SO_REUSEADDR in both old[5] and new[777] before bind() (of two");
	says_not("onnection");
	set_address(&scene.reject.ep, "224.0.0.251");
	set_address(&scene.sock.ep, "224.0.0.251");
	scene_ask(true);
	says("(each gets a copy of what is sent to the group)");
}

static void not_searched(void **state)
{
	static const char * const untrue[] = {
		"gone", "free", "nobody", "Nothing is in the way",
		"identified", "start new", "exhausted,",
	};
	static const __u16 protos[] = { IPPROTO_DCCP, 115, 200 };
	size_t i, j;

	(void)state;
	for (i = 0; i < 2 * ARRAY_SIZE(protos); i++) {
		scene_start();
		scene.reject.ep.proto = protos[i / 2];
		scene.sock.cookie = 0;
		if (i & 1) {
			scene.reject.ep.port = 0;
			scene.reject.rule = PORTOWNER_RULE_EPHEMERAL_EXHAUSTED;
		}
		scene_ask(false);
		says("does not examine the sockets of");
		says("was not checked.");
		for (j = 0; j < ARRAY_SIZE(untrue); j++)
			says_not(untrue[j]);
	}
	scene_start();
	scene.sock.cookie = 0;
	scene.reject.culprits_incomplete = true;
	scene_ask(false);
	says("search for what was in the way was cut short");
}

/* The command that ends all of them relies on it. */
static void all_listed(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 9);
	struct nlattr *inner;
	const char *line;
	size_t i, n = 0;

	(void)state;
	put_socket(msg, "127.0.0.1", IPPROTO_TCP, 80, PORTOWNER_STATE_LISTEN);
	for (i = 0; i < 100; i++) {
		inner = nla_nest_start(msg, PORTOWNER_A_SOCKET_OWNER);
		nla_put_u32(msg, PORTOWNER_A_OWNER_PID, 100 + i);
		nla_put_string(msg, PORTOWNER_A_OWNER_COMM, "worker");
		nla_nest_end(msg, inner);
	}
	nla_nest_end(msg, nest);
	fake_add(msg);
	run(cmd_who, "tcp/127.0.0.1:80 --no-headings -o cookie,pid");
	for (line = output; (line = strchr(line, '\n')); line++)
		n++;
	assert_int_equal(n, 100);
	assert_words(output, "9 100 ");
	assert_words(output, "9 199 ");
}

/* The socket bound last gets unicast datagrams. */
static void last_bound(void **state)
{
	struct spec spec = {
		.proto = IPPROTO_UDP, .addr = "127.0.0.1", .port = 80,
		.flags = PORTOWNER_SOCK_FLAG_REUSEADDR, .group = 2,
		.share = PORTOWNER_SHARE_REUSEADDR, .pids = { 10 },
		.state = PORTOWNER_STATE_BOUND, .cookie = 1,
		.age_ns = 5 * NSEC_PER_SEC,
	};

	(void)state;
	fake_add(port_of(&spec));
	spec.cookie = 2;
	spec.pids[0] = 11;
	spec.age_ns = NSEC_PER_SEC;
	fake_add(port_of(&spec));
	run(cmd_who, "-n 80");
	assert_words(output, "choice p\\x20q[11] gets all unicast datagrams, "
			     "because it was bound last, and this one gets none");
	assert_words(output, "choice this socket gets all unicast datagrams, "
			     "because it was bound last");
	fake_reset();
	fake_add(port_of(&spec));
	spec.addr = "0.0.0.0";
	fake_add(port_of(&spec));
	run(cmd_who, "-n 80");
	assert_words(output, "choice datagrams to an address or device that another "
			     "socket is bound to go to that one");
	fake_reset();
	spec.addr = "224.0.0.1";
	fake_add(port_of(&spec));
	run(cmd_who, "-n 80");
	assert_words(output, "choice every socket gets a copy");
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(docker_proxy),
		TEST(rootless_podman),
		TEST(in_container),
		TEST(managers),
		TEST(socket_unit_options),
		TEST(services),
		TEST(needed),
		TEST(workers),
		TEST(all_listed),
		TEST(datagrams),
		TEST(not_searched),
		TEST(last_bound),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_holder", tests, NULL, NULL);
}
