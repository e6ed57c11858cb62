// SPDX-License-Identifier: GPL-2.0
/* What "why" says and advises about who holds the port. */

#include <arpa/inet.h>
#include <errno.h>
#include <locale.h>
#include <netinet/in.h>

#include "explain/explain.h"
#include "lib/host_tunnels.h"
#include "lib/process.h"
#include "lib/time_fmt.h"
#include "print/kernel_part.h"
#include "print/phrase.h"
#include "print/proxy.h"
#include "tests/harness.h"

#define USER_SERVICES "/user.slice/user-1000.slice/user@1000.service/"

/* A refusal, what was in the way, and who holds that. */
static struct scene {
	struct reject reject;
	struct psock sock;
	struct owner owners[100];
	struct binder binder;
} scene;

static char *text(const char *constant)
{
	/* The model's strings are not constant, but nothing here changes them. */
	return (char *)constant;
}

static void set_address(struct endpoint *ep, const char *addr)
{
	ep->family = AF_INET;
	assert_int_equal(inet_pton(AF_INET, addr, ep->addr), 1);
}

/* A listening socket of one process, which was bound a minute before. */
static void start(void)
{
	fake_reset();
	fake.netns = 1;
	memset(&scene, 0, sizeof(scene));
	scene.reject = (struct reject){
		.seq = 1, .err = EADDRINUSE, .op = PORTOWNER_REJECT_OP_BIND,
		.ep = { .proto = IPPROTO_TCP, .port = 80 }, .netns = 1,
		.pid = 777, .comm = text("new"), .exe = text("/bin/new"),
		.rule = PORTOWNER_RULE_ADDRESS_IN_USE, .count = 1,
		.time_ns = 3600 * NSEC_PER_SEC,
		.first_time_ns = 3600 * NSEC_PER_SEC,
	};
	set_address(&scene.reject.ep, "0.0.0.0");
	scene.sock = (struct psock){
		.ep = scene.reject.ep, .state = PORTOWNER_STATE_LISTEN,
		.netns = 1, .cookie = 9, .inode = 9, .has_uid = true,
		.has_age = true, .age_ns = 60 * NSEC_PER_SEC,
		.owners = scene.owners, .n_owners = 1,
	};
	scene.owners[0] = (struct owner){
		.pid = 5, .comm = text("old"), .exe = text("/bin/old"),
	};
}

/* The report, its sentences and its advice in one text. */
static void ask(bool still)
{
	struct psock_list now = { .v = &scene.sock, .n = still };
	struct context ctx = {
		.reject = &scene.reject, .now = &now, .numeric = true,
	};
	struct report report = { 0 };
	char *part, *all;
	size_t i;

	scene.reject.culprits.v = &scene.sock;
	scene.reject.culprits.n = !!scene.sock.cookie;
	context_find(&ctx);
	explain_facts(&ctx, &report);
	explain_rule(&ctx, &report);
	free(output);
	output = report_text(&report);
	for (i = 0; i < report.n_advice; i++) {
		part = report_advice_text(&report.advice[i]);
		all = xasprintf("%s\n- %s", output, part);
		free(part);
		free(output);
		output = all;
	}
	context_forget(&ctx);
	report_free(&report);
}

static void says(const char *words)
{
	assert_words(output, words);
}

static void says_not(const char *words)
{
	if (strstr(output, words))
		fail_msg("'%s' in: %s", words, output);
}

static void held_by_kernel(void **state)
{
	(void)state;
	start();
	scene.sock.n_owners = 0;
	scene.sock.kernel_owner = text("l2tp_core");
	scene.sock.state = PORTOWNER_STATE_ESTABLISHED;
	scene.sock.ep.proto = IPPROTO_UDP;
	scene.reject.ep.proto = IPPROTO_UDP;
	ask(true);
	says("A connected socket of the kernel itself (l2tp_core) holds");
	says("this shows it: ip l2tp show tunnel");
	says_not("accepted");
	says_not("kill");
	says_not("setsockopt");
	scene.sock.kernel_owner = text("wireguard");
	ask(true);
	says("another network namespace: wg show ip -all netns exec ip -d "
	     "link show type wireguard");
	scene.sock.kernel_owner = text("something");
	ask(true);
	says("Remove what uses the port inside the kernel (something)");
}

/* The devices of its type are searched for the one with its port. */
static void kernel_device(void **state)
{
	struct host_tunnel tunnels[] = {
		{ .kind = "vxlan", .dev = "vx0", .port = 1, .netns = 1,
		  .sock_netns = 1 },
		{ .kind = "geneve", .dev = "gen0", .port = 80, .netns = 1,
		  .sock_netns = 1 },
		{ .kind = "vxlan", .dev = "vx1", .port = 80, .netns = 1,
		  .sock_netns = 2 },
		{ .kind = "vxlan", .dev = "vx2", .port = 80, .netns = 3,
		  .sock_netns = 1 },
		{ .kind = "wireguard", .dev = "wg0", .port = 80, .netns = 1 },
		{ .kind = "wireguard", .dev = "wg1", .port = 80, .netns = 3 },
	};

	(void)state;
	start();
	fake.tunnels = tunnels;
	fake.n_tunnels = ARRAY_SIZE(tunnels);
	scene.sock.n_owners = 0;
	scene.sock.kernel_owner = text("vxlan");
	ask(true);
	says("it is vx2, in network namespace 3");
	says_not("ip -d link");
	fake.netns_pid = 333;
	ask(true);
	says("nsenter -n -t 333 ip -d link show dev vx2");
	tunnels[3].netns = 1;
	ask(true);
	says("it is vx2: ip -d link show dev vx2");
	/* One that is where the socket is, rather than elsewhere. */
	scene.sock.kernel_owner = text("wireguard");
	ask(true);
	says("it is wg0: wg show wg0");
	/* Nobody can tell which of the two it is. */
	tunnels[4].netns = 2;
	ask(true);
	says("another network namespace: wg show");
	fake.n_tunnels--;
	ask(true);
	says("it is wg0, in network namespace 2:");
	scene.sock.kernel_owner = text("l2tp_core");
	ask(true);
	says("this shows it: ip l2tp show tunnel");
}

/* Entered where it is another one. */
static void kernel_elsewhere(void **state)
{
	(void)state;
	start();
	fake.netns = 2;
	scene.sock.n_owners = 0;
	scene.sock.kernel_owner = text("fou");
	ask(true);
	says("this shows it: nsenter -n -t 777 ip fou show");
}

static void kernel_parts(void **state)
{
	static const char * const names[] = {
		"l2tp_udp_encap_recv", "wg_receive", "geneve", "gtp", "gue_udp_recv",
		"svc_tcp_listen_data_ready", "xs_data_ready", "lockd", "rxrpc",
		"rds_tcp", "smc", "tipc", "nfsd", "bareudp", "nvmet_tcp",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!kernel_part_find(names[i]))
			fail_msg("%s", names[i]);
	assert_null(kernel_part_find("tun"));
}

static void docker_proxy(void **state)
{
	static const struct fake_file files[] = {
		{ 5, "comm", "docker-proxy\n" },
		{ 5, "cmdline", "/usr/bin/docker-proxy\n-host-port\n80\n"
		  "-container-ip\n172.17.0.2\n-container-port\n8080\n" },
		{ 0 },
	};

	(void)state;
	start();
	fake.files = files;
	scene.owners[0].comm = text("docker-proxy");
	scene.owners[0].cgroup = text("/system.slice/docker.service");
	ask(true);
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
	ask(true);
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
	start();
	fake.files = files;
	scene.owners[0].comm = text("conmon");
	ask(true);
	says("conmon[5] holds the port on behalf of container web. Stop that "
	     "container (podman stop NAME)");
	scene.owners[0].comm = text("rootlessport");
	scene.owners[0].uid = 1000;
	ask(true);
	says("if run as uid 1000: podman port --all | grep ':80$'");
	says_not("kill");
}

static void in_container(void **state)
{
	static const char id[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	char path[300];

	(void)state;
	start();
	scene.owners[0].cgroup = path;
	snprintf(path, sizeof(path), "/machine.slice/libpod-%s.scope/container", id);
	ask(true);
	says("podman stop 0123456789ab");
	/* Only the inner one has to end, and that is not managed from here. */
	snprintf(path, sizeof(path), "/docker/%s/docker/%s", id, id);
	ask(true);
	says("- Stop container 0123456789ab");
	says_not("docker stop");
}

static void managers(void **state)
{
	(void)state;
	start();
	scene.owners[0].comm = text("systemd");
	scene.owners[0].exe = text("/usr/lib/systemd/systemd");
	scene.owners[0].cgroup = text(USER_SERVICES "init.scope");
	ask(true);
	says("systemctl --user --machine=1000@ list-sockets --all");
	says_not("kill");
	fake.uid = 1000;
	ask(true);
	says("systemctl --user list-sockets --all");
	/* What it has passed the socket to. */
	scene.owners[1] = (struct owner){
		.pid = 6, .cgroup = text(USER_SERVICES "app.slice/a.service"),
	};
	scene.sock.n_owners = 2;
	ask(true);
	says("systemctl --user stop $(systemctl --user show --value -p "
	     "TriggeredBy a.service) a.service");
	scene.owners[0].pid = 1;
	scene.owners[0].cgroup = text("/init.scope");
	scene.owners[1].cgroup = text("/system.slice/b.service");
	ask(true);
	says("systemctl stop $(systemctl show --value -p TriggeredBy b.service) b.service");
	says_not("kill");
}

/* The options of a socket unit are set there. */
static void socket_unit_options(void **state)
{
	(void)state;
	start();
	scene.owners[0] = (struct owner){ .pid = 1, .comm = text("systemd") };
	scene.reject.ep.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	ask(true);
	says("[Socket] ReusePort=yes");
}

static void services(void **state)
{
	(void)state;
	start();
	scene.owners[0].cgroup = text("/system.slice/web.service");
	scene.owners[1] = scene.owners[0];
	scene.owners[1].pid = 6;
	scene.sock.n_owners = 2;
	ask(true);
	says("systemctl stop web.service");
	scene.reject.cgroup = text("/system.slice/web.service");
	ask(true);
	says("the same service: restart that as a whole: systemctl restart web.service");
	/* Stopping one service would not free the port. */
	scene.owners[1].cgroup = text("/system.slice/other.service");
	ask(true);
	says_not("systemctl");
	says("kill 5 6");
	scene.sock.n_owners = 1;
	scene.owners[0].cgroup = text(USER_SERVICES "app.slice/a.service");
	ask(true);
	says("systemctl --user --machine=1000@ stop a.service");
	/* A job of cron is not all of cron. */
	scene.owners[0].cgroup = text("/system.slice/cron.service");
	ask(true);
	says("not cron.service, which runs other programs as well: kill 5");
	scene.owners[0].cgroup = text("/system.slice/supervisor.service");
	ask(true);
	says("supervisorctl status");
	says_not("systemctl");
	says_not("kill");
}

static void needed(void **state)
{
	(void)state;
	start();
	scene.owners[0].comm = text("systemd-resolve");
	scene.owners[0].cgroup = text("/system.slice/systemd-resolved.service");
	scene.sock.ep.port = 53;
	scene.reject.ep.port = 53;
	ask(true);
	says("DNSStubListener=no");
	says_not("kill");
	says_not("systemctl stop");
	scene.owners[0].comm = text("dnsmasq");
	scene.owners[0].cgroup = NULL;
	ask(true);
	says("kill 5");
	scene.owners[0].cgroup = text("/system.slice/NetworkManager.service");
	ask(true);
	says("dns=default");
	says_not("kill");
	scene.owners[0].comm = text("sshd");
	ask(true);
	says("ListenAddress in /etc/ssh/sshd_config");
	says_not("kill");
	scene.owners[0].comm = text("dockerd");
	ask(true);
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
	start();
	add_workers(12);
	ask(true);
	says("kill 100 101 102 103 104 105 106 107 108 109 110 111");
	add_workers(100);
	ask(true);
	says("portowner list -t -p 80 --no-headings -o pid | sort -u | xargs -r kill");
	add_workers(2);
	scene.sock.owners_incomplete = true;
	ask(true);
	says("at least 1 more process");
	says("| xargs -r kill");
	/* Process 1 is among them, so the rest would not be enough. */
	scene.sock.owners_incomplete = false;
	scene.owners[0].pid = 1;
	ask(true);
	says_not("kill");
}

static void heir(void **state)
{
	(void)state;
	start();
	scene.sock.binder = &scene.binder;
	scene.binder = (struct binder){ .pid = 4, .comm = text("new") };
	scene.reject.rule = PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING;
	ask(true);
	says("new[4] bound the port and has since ended; old[5] inherited the "
	     "socket from it, because close-on-exec was not set on it.");
	says("Stop old[5], which only inherited the socket, if it should not have it: kill 5");
	says("have new[4] set close-on-exec on its socket (SOCK_CLOEXEC");
	says_not("setsockopt");
	says_not("Another instance");
	/* A fork of the program itself, perhaps. */
	scene.owners[0].exe = text("/bin/new");
	ask(true);
	says("inherited the socket from it, by fork() or because");
	/* It has become a daemon. */
	scene.owners[0].comm = text("new");
	ask(true);
	says_not("inherited");
	says("Another instance of the same program holds the port");
}

static void add_itself(void)
{
	scene.owners[0] = (struct owner){
		.pid = 777, .comm = text("new"), .exe = text("/bin/new"),
		.cgroup = text("/system.slice/web.service"),
	};
}

static void reloaded(void **state)
{
	(void)state;
	start();
	add_itself();
	set_address(&scene.reject.ep, "127.0.0.1");
	scene.reject.rule = PORTOWNER_RULE_WILDCARD_COVERS;
	ask(true);
	says("new[777] itself had bound tcp 0.0.0.0:80 1m0s before, under an "
	     "older configuration: a reload opens the new socket while");
	says("a reload cannot replace tcp 0.0.0.0:80 with tcp 127.0.0.1:80, "
	     "but a restart can: systemctl restart web.service");
	says_not("twice");
	says_not("kill");
	ask(false);
	says("Start new[777] again: it was in its own way");
	says_not("setsockopt");
	scene.sock.age_ns = NSEC_PER_SEC / 100;
	ask(true);
	says("its configuration seems to list both tcp 0.0.0.0:80 and tcp 127.0.0.1:80");
	set_address(&scene.reject.ep, "0.0.0.0");
	ask(true);
	says("check whether its configuration lists the port twice");
	scene.sock.age_ns = 60 * NSEC_PER_SEC;
	ask(true);
	says("had not closed that socket when it bound the port again");
}

static void passed_socket(void **state)
{
	static const struct fake_file files[] = {
		{ 777, "comm", "new\n" },
		{ 777, "environ", "A=B\nLISTEN_FDS=1\nLISTEN_PID=777\n" },
		{ 0 },
	};

	(void)state;
	start();
	add_itself();
	scene.owners[1] = (struct owner){ .pid = 1, .comm = text("systemd") };
	scene.sock.n_owners = 2;
	scene.reject.cgroup = text("/system.slice/web.service");
	ask(true);
	says("systemd opened tcp 0.0.0.0:80 and passed the socket to new[777]");
	says("Have new[777] use the socket that systemd passes to it (sd_listen_fds");
	says("systemctl disable --now $(systemctl show --value -p TriggeredBy "
	     "web.service) systemctl restart web.service");
	says_not("twice");
	/* It has closed it, but systemd has told it. */
	scene.owners[0] = scene.owners[1];
	scene.sock.n_owners = 1;
	fake.files = files;
	ask(true);
	says("Have new[777] use");
	fake.files = NULL;
	ask(true);
	says("If that socket unit is meant for this program, have new[777] use");
}

static void relatives(void **state)
{
	static const struct fake_file child[] = {
		{ 777, "status", "Name:\tx\nPPid:\t5\nUid:\t0\n" }, { 0 },
	};
	static const struct fake_file parent[] = {
		{ 5, "status", "Name:\tx\nPPid:\t777\nUid:\t0\n" }, { 0 },
	};

	(void)state;
	start();
	fake.files = child;
	ask(true);
	says("old[5] is the parent process of new[777]: one program");
	says("bind the port in one process only");
	says_not("Another instance");
	fake.files = parent;
	ask(true);
	says("old[5] is a child process of new[777]");
}

static void scripts(void **state)
{
	static const struct fake_file same[] = {
		{ 5, "comm", "python3\n" },
		{ 5, "cmdline", "python3\n-u\na.py\n80\n" },
		{ 777, "comm", "python3\n" },
		{ 777, "cmdline", "python3\na.py\n" },
		{ 0 },
	};
	static const struct fake_file different[] = {
		{ 5, "comm", "python3\n" },
		{ 5, "cmdline", "python3\n-m\nhttp.server\n80\n" },
		{ 777, "comm", "python3\n" },
		{ 777, "cmdline", "python3\n-m\nmusic.server\n" },
		{ 0 },
	};

	(void)state;
	start();
	scene.owners[0].comm = text("python3");
	scene.reject.comm = text("python3");
	scene.owners[0].exe = text("/usr/bin/python3.11");
	scene.reject.exe = text("/usr/bin/python3.11");
	ask(true);
	says_not("Another instance");
	fake.files = same;
	ask(true);
	says("Another instance of the same program");
	fake.files = different;
	ask(true);
	says_not("Another instance");
}

/* A tool that has the kernel open a socket cannot set options on it. */
static void kernel_refused(void **state)
{
	(void)state;
	start();
	scene.reject.exe = text("/usr/sbin/ip");
	scene.reject.ep.proto = IPPROTO_UDP;
	scene.sock.ep.proto = IPPROTO_UDP;
	scene.sock.state = PORTOWNER_STATE_BOUND;
	ask(true);
	says_not("setsockopt");
}

static void datagrams(void **state)
{
	(void)state;
	start();
	scene.reject.ep.proto = IPPROTO_UDP;
	scene.sock.ep.proto = IPPROTO_UDP;
	scene.sock.state = PORTOWNER_STATE_BOUND;
	scene.reject.ep.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	scene.sock.ep.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	scene.reject.rule = PORTOWNER_RULE_REUSEPORT_UID_DIFFERS;
	scene.reject.uid = 1000;
	ask(true);
	says("If both set SO_REUSEADDR, it does not matter who they belong to.");
	says("Set SO_REUSEADDR in both old[5] and new[777] before bind() (of two");
	says_not("onnection");
	set_address(&scene.reject.ep, "224.0.0.251");
	set_address(&scene.sock.ep, "224.0.0.251");
	ask(true);
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
		start();
		scene.reject.ep.proto = protos[i / 2];
		scene.sock.cookie = 0;
		if (i & 1) {
			scene.reject.ep.port = 0;
			scene.reject.rule = PORTOWNER_RULE_EPHEMERAL_EXHAUSTED;
		}
		ask(false);
		says("does not look into the sockets of");
		says("was not looked at.");
		for (j = 0; j < ARRAY_SIZE(untrue); j++)
			says_not(untrue[j]);
	}
	start();
	scene.sock.cookie = 0;
	scene.reject.culprits_incomplete = true;
	ask(false);
	says("search for what was in the way was cut short");
}

/* Process ids are used again. */
static void command_lines(void **state)
{
	static const struct fake_file files[] = {
		{ 5, "comm", "a\n" },
		{ 5, "cmdline", "a\n--name=b\n-c\nd\n" },
		{ 0 },
	};
	struct process_words args;

	(void)state;
	fake.files = files;
	assert_null(process_args(5, "b").bytes);
	assert_null(process_args(5, NULL).bytes);
	assert_null(process_args(0, "a").bytes);
	args = process_args(5, "a");
	assert_string_equal(process_option(&args, "name"), "b");
	assert_string_equal(process_option(&args, "c"), "d");
	assert_null(process_option(&args, "nam"));
	assert_null(process_option(&args, "a"));
	free(args.bytes);
	assert_int_equal(process_parent(5), 0);
	assert_int_equal(process_parent(0), 0);
}

/* The last one bound gets what is sent to a single host. */
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
	assert_words(output, "choice datagrams to an address that another "
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
		TEST(held_by_kernel),
		TEST(kernel_elsewhere),
		TEST(kernel_device),
		TEST(kernel_parts),
		TEST(docker_proxy),
		TEST(rootless_podman),
		TEST(in_container),
		TEST(managers),
		TEST(socket_unit_options),
		TEST(services),
		TEST(needed),
		TEST(workers),
		TEST(heir),
		TEST(reloaded),
		TEST(passed_socket),
		TEST(relatives),
		TEST(scripts),
		TEST(kernel_refused),
		TEST(datagrams),
		TEST(not_searched),
		TEST(command_lines),
		TEST(last_bound),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_holder", tests, NULL, NULL);
}
