// SPDX-License-Identifier: GPL-2.0
/* Explanation and advice of "why" if a program is in its own way. */

#include <locale.h>

#include "lib/process.h"
#include "lib/time_fmt.h"
#include "tests/scene.h"

static void heir(void **state)
{
	(void)state;
	scene_start();
	scene.sock.binder = &scene.binder;
	scene.binder = (struct binder){ .pid = 4, .comm = text("new") };
	scene.reject.rule = PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING;
	scene_ask(true);
	says("new[4] bound the port and has since ended; old[5] has it now: it "
	     "inherited the socket, because close-on-exec was not set on it.");
	says("Stop old[5], which did not bind the socket itself, if it should not have it: kill 5");
	says("have new[4] set close-on-exec on its socket (SOCK_CLOEXEC");
	says_not("setsockopt");
	says_not("Another instance");
	scene.owners[1] = (struct owner){ .pid = 6, .comm = text("old") };
	scene.sock.n_owners = 2;
	scene_ask(true);
	says("old[5] and 1 more process have it now: they inherited the socket");
	scene.sock.n_owners = 1;
	/* A fork of the program itself, perhaps. */
	scene.owners[0].exe = text("/srv/new");
	scene_ask(true);
	says("old[5] has it now: it inherited the socket, by fork() or because "
	     "close-on-exec was not set on it, or was given it in a message.");
	/* It has become a daemon. */
	scene.owners[0].comm = text("new");
	scene_ask(true);
	says_not("inherited");
	says("Another instance of the same program holds the port");
}

static void add_itself(void)
{
	scene.owners[0] = (struct owner){
		.pid = 777, .comm = text("new"), .exe = text("/srv/new"),
		.cgroup = text("/system.slice/web.service"),
	};
}

static void reloaded(void **state)
{
	(void)state;
	scene_start();
	add_itself();
	set_address(&scene.reject.ep, "127.0.0.1");
	scene.reject.rule = PORTOWNER_RULE_WILDCARD_COVERS;
	scene_ask(true);
	says("new[777] itself had bound tcp 0.0.0.0:80 1m0s before, under an "
	     "older configuration: a reload opens the new socket while");
	says("a reload cannot replace tcp 0.0.0.0:80 with tcp 127.0.0.1:80, "
	     "but a restart can: systemctl restart web.service");
	says_not("twice");
	says_not("kill");
	scene_ask(false);
	says("Start new[777] again: it was in its own way");
	says_not("setsockopt");
	scene.sock.age_ns = NSEC_PER_SEC / 100;
	scene_ask(true);
	says("its configuration seems to list both tcp 0.0.0.0:80 and tcp 127.0.0.1:80");
	set_address(&scene.reject.ep, "0.0.0.0");
	scene_ask(true);
	says("check whether its configuration lists the port twice");
	scene.sock.age_ns = 60 * NSEC_PER_SEC;
	scene_ask(true);
	says("had not closed that socket when it bound the port again");
}

/* Seconds after the start, either may be the case. */
static void slow_start(void **state)
{
	(void)state;
	scene_start();
	add_itself();
	set_address(&scene.sock.ep, "127.0.0.1");
	scene.reject.rule = PORTOWNER_RULE_WILDCARD_COVERS;
	scene.sock.age_ns = 2 * NSEC_PER_SEC;
	scene_ask(true);
	says("new[777] itself had bound tcp 127.0.0.1:80 2.000s before, and "
	     "still had it: either it was starting, and is meant to bind both, or "
	     "its configuration was reloaded, and it had bound that one under "
	     "an older configuration.");
	says("If it fails like this at every start, have new[777] bind only "
	     "one of tcp 127.0.0.1:80 and tcp 0.0.0.0:80; if only at a "
	     "reload, stop it and start it again: a reload cannot replace tcp "
	     "127.0.0.1:80 with tcp 0.0.0.0:80, but a restart can: systemctl "
	     "restart web.service");
	says_not("kill");
	says_not("lists");
	scene_ask(false);
	says("Start new[777] again: it was in its own way. If it fails again");
	set_address(&scene.sock.ep, "0.0.0.0");
	scene_ask(true);
	says("either it was starting, and is meant to bind the port more than once, or");
	says("have new[777] bind the port only once; if only at a reload, have "
	     "it close the old socket first, or restart it: systemctl restart "
	     "web.service");
	scene.sock.age_ns = 31 * NSEC_PER_SEC;
	scene_ask(true);
	says_not("was starting");
}

static void passed_socket(void **state)
{
	static const struct fake_file files[] = {
		{ 777, "comm", "new\n" },
		{ 777, "environ", "A=B\nLISTEN_FDS=1\nLISTEN_PID=777\n" },
		{ 0 },
	};

	(void)state;
	scene_start();
	add_itself();
	scene.owners[1] = (struct owner){ .pid = 1, .comm = text("systemd") };
	scene.sock.n_owners = 2;
	scene.reject.cgroup = text("/system.slice/web.service");
	scene_ask(true);
	says("systemd opened tcp 0.0.0.0:80 and passed the socket to new[777]");
	says("Have new[777] use the socket that systemd passes to it (sd_listen_fds");
	says("systemctl disable --now $(systemctl show --value -p TriggeredBy "
	     "web.service) systemctl restart web.service");
	says_not("twice");
	/* It has closed it, but systemd has told it. */
	scene.owners[0] = scene.owners[1];
	scene.sock.n_owners = 1;
	fake.files = files;
	scene_ask(true);
	says("Have new[777] use");
	fake.files = NULL;
	scene_ask(true);
	says("If that socket unit is meant for this program, have new[777] use");
}

/* A server that opens some of its sockets after it has changed its user. */
static void dropped_privileges(void **state)
{
	static const char advice[] =
		"Have new[777] open all its sockets before it changes its user "
		"(drops privileges), or start it as that user";

	(void)state;
	scene_start();
	add_itself();
	scene.reject.rule = PORTOWNER_RULE_REUSEPORT_UID_DIFFERS;
	scene.reject.uid = 953;
	scene.reject.ep.proto = IPPROTO_UDP;
	scene.reject.ep.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	scene.sock.ep = scene.reject.ep;
	scene.sock.state = PORTOWNER_STATE_BOUND;
	scene_ask(true);
	says("Both are sockets of one program: new[777] opened the new one as "
	     "another user than the first.");
	says(advice);
	says_not("both programs");
	says_not("twice");
	says_not("Set SO_REUSEADDR");
	scene_ask(false);
	says(advice);
	says_not("twice");
	/* Both options are set, as by most servers. */
	scene.reject.ep.proto = IPPROTO_TCP;
	scene.reject.ep.flags |= PORTOWNER_SOCK_FLAG_REUSEADDR;
	scene.sock.ep = scene.reject.ep;
	scene.sock.state = PORTOWNER_STATE_LISTEN;
	scene.reject.rule = PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING;
	scene_ask(true);
	says(advice);
	says_not("twice");
}

/* Process @pid is a child of the other one. */
static void set_parent(__u32 pid)
{
	static struct fake_file files[2];

	files[0] = (struct fake_file){
		pid, "status", pid == 777 ? "Name:\tx\nPPid:\t5\nUid:\t0\n" :
					    "Name:\tx\nPPid:\t777\nUid:\t0\n",
	};
	fake.files = files;
}

static void relatives(void **state)
{
	(void)state;
	scene_start();
	scene.owners[0].exe = scene.reject.exe;
	set_parent(777);
	scene_ask(true);
	says("old[5] is the parent process of new[777]: one program");
	says("bind the port in one process only");
	says_not("Another instance");
	set_parent(5);
	scene_ask(true);
	says("old[5] is a child process of new[777]: one program");
	/* Of several processes, only one is. */
	scene.owners[1] = scene.owners[0];
	scene.owners[1].pid = 6;
	scene.sock.n_owners = 2;
	set_parent(6);
	scene_ask(true);
	says("old[6] is a child process of new[777]: one program");
	scene.sock.n_owners = 1;
	fake.files = NULL;
	scene.sock.binder = &scene.binder;
	scene.binder = (struct binder){
		.pid = 777, .comm = text("new"), .alive = true,
	};
	scene_ask(true);
	says("old[5] inherited the socket from new[777]: one program");
}

/* A supervisor starts any program, perhaps with the same interpreter. */
static void starters(void **state)
{
	(void)state;
	scene_start();
	scene.owners[0].comm = text("supervisord");
	set_parent(777);
	scene_ask(true);
	says("supervisord[5], which started new[777], holds the port itself.");
	says("Leave supervisord[5] running, which starts new[777], but have it "
	     "use another port if new[777] is to have this one. If it listens "
	     "on behalf of new[777], as inetd does, have new[777] take the "
	     "connection that it passes, instead of calling bind().");
	says_not("one program");
	says_not("before it forks");
	says_not("kill");
	scene.owners[0].exe = text("/usr/bin/python3.11");
	scene.reject.exe = text("/usr/bin/python3.11");
	scene_ask(true);
	says("supervisord[5], which started new[777], holds the port itself.");
	set_parent(5);
	scene_ask(true);
	says("supervisord[5], which was started by new[777], holds the port.");
	says_not("one program");
	fake.files = NULL;
	scene.sock.binder = &scene.binder;
	scene.binder = (struct binder){
		.pid = 777, .comm = text("new"), .alive = true,
	};
	scene_ask(true);
	says("new[777] had bound the port itself; its socket is now held by "
	     "supervisord[5]: it was passed on, or inherited");
	says_not("one program");
}

/* One script that starts another is not one program. */
static void script_starts_script(void **state)
{
	static const struct fake_file files[] = {
		{ 5, "comm", "python3\n" },
		{ 5, "cmdline", "python3\na.py\n" },
		{ 777, "comm", "python3\n" },
		{ 777, "cmdline", "python3\nb.py\n" },
		{ 777, "status", "Name:\tx\nPPid:\t5\nUid:\t0\n" },
		{ 0 },
	};
	static const struct fake_file with_options[] = {
		{ 5, "comm", "python3\n" },
		{ 5, "cmdline", "python3\n-W\nerror\na.py\n" },
		{ 777, "comm", "python3\n" },
		{ 777, "cmdline", "python3\n-W\nerror\nb.py\n" },
		{ 777, "status", "Name:\tx\nPPid:\t5\nUid:\t0\n" },
		{ 0 },
	};

	(void)state;
	scene_start();
	scene.owners[0].comm = text("python3");
	scene.reject.comm = text("python3");
	scene.owners[0].exe = text("/usr/bin/python3.11");
	scene.reject.exe = text("/usr/bin/python3.11");
	set_parent(777);
	scene_ask(true);
	says("one program");
	fake.files = files;
	scene_ask(true);
	says("python3[5], which started python3[777], holds the port itself.");
	says_not("one program");
	fake.files = with_options;
	scene_ask(true);
	says("python3[5], which started python3[777], holds the port itself.");
}

/* An orphaned process gets another parent. */
static void adopted(void **state)
{
	static const struct fake_file files[] = {
		{ 777, "status", "Name:\tx\nPPid:\t1\nUid:\t0\n" },
		{ 6, "status", "Name:\tx\nPPid:\t5\nUid:\t0\n" },
		{ 0 },
	};

	(void)state;
	scene_start();
	fake.files = files;
	scene.owners[0] = (struct owner){
		.pid = 1, .comm = text("systemd"),
		.exe = text("/usr/lib/systemd/systemd"),
	};
	scene_ask(true);
	says("systemd[1], with a socket");
	says_not("parent");
	says_not("which started");
	says_not("before it forks");
	/* In a container, any program can be process 1. */
	scene.owners[0].comm = text("new");
	scene.owners[0].exe = scene.reject.exe;
	scene_ask(true);
	says_not("parent");
	scene.owners[0].pid = 6;
	scene.reject.pid = 5;
	scene.reject.comm = text("tini");
	scene_ask(true);
	says_not("child");
	says_not("started by");
}

/* systemd's helper binds the sockets of socket units, and ends. */
static void socket_unit(void **state)
{
	(void)state;
	scene_start();
	scene.sock.binder = &scene.binder;
	scene.binder = (struct binder){ .pid = 300, .comm = text("(sd-listen)") };
	scene.owners[0] = (struct owner){ .pid = 1, .comm = text("systemd") };
	scene_ask(true);
	says("bound by systemd 1m0s earlier");
	says_not("sd-listen");
	says_not("gone since");
	says_not("inherited");
	says_not("close-on-exec");
	/* Only the service holds it. */
	scene.owners[0] = (struct owner){ .pid = 5, .comm = text("web") };
	scene_ask(true);
	says_not("inherited");
	says_not("close-on-exec");
	/* On older kernels, systemd itself binds them. */
	scene.binder.comm = text("init");
	scene.owners[0] = (struct owner){ .pid = 1, .comm = text("systemd") };
	scene_ask(true);
	says_not("inherited");
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
	scene_start();
	scene.owners[0].comm = text("python3");
	scene.reject.comm = text("python3");
	scene.owners[0].exe = text("/usr/bin/python3.11");
	scene.reject.exe = text("/usr/bin/python3.11");
	scene_ask(true);
	says_not("Another instance");
	fake.files = same;
	scene_ask(true);
	says("Another instance of the same program");
	fake.files = different;
	scene_ask(true);
	says_not("Another instance");
}

/**
 * struct two - Command lines of the refused program and of the holder.
 * @exe: the executable of both
 * @one: one of them
 * @other: the other
 * @same: they run the same program
 */
struct two {
	const char *exe;
	const char *one;
	const char *other;
	bool same;
};

/* Words after an option, or before the program, are not the program. */
static void what_they_run(void **state)
{
	static const struct two twos[] = {
		{ "/usr/bin/java", "java\n-cp\na.jar\norg.ZooKeeper\n",
		  "java\n-cp\na.jar\nkafka.Kafka\n", false },
		{ "/usr/bin/java", "java\n-Xmx1g\n-cp\na.jar\nkafka.Kafka\na\n",
		  "java\n-classpath\nb.jar\nkafka.Kafka\nb\n", true },
		{ "/usr/bin/java", "java\n--add-opens\na=b\n-jar\na.jar\n",
		  "java\n--add-opens\na=b\n-jar\nb.jar\n", false },
		{ "/usr/bin/deno", "deno\nrun\n-A\na.ts\n",
		  "deno\nrun\n-A\nb.ts\n", false },
		{ "/usr/bin/deno", "deno\nrun\n-A\na.ts\n",
		  "deno\nrun\na.ts\n", true },
		{ "/usr/bin/node", "node\n-r\nts-node/register\napi.ts\n",
		  "node\n-r\nts-node/register\nweb.ts\n", false },
		{ "/usr/bin/node", "node\n--require=x\napi.ts\n",
		  "node\n-r\ny\napi.ts\n", true },
		{ "/usr/bin/python3.11", "python3\n-W\nignore\na.py\n",
		  "python3\n-W\nignore\nb.py\n", false },
		{ "/usr/bin/python3.11", "python3\n-m\na\n",
		  "python3\n-X\ndev\n-m\na\n", true },
		{ "/usr/bin/python3.11", "python3\n-\na\n",
		  "python3\n-\na\n", false },
		{ "/usr/bin/perl", "perl\n-I\nlib\na.pl\n",
		  "perl\n-I\nlib\nb.pl\n", false },
		{ "/usr/bin/ruby", "ruby\n-I\nlib\na.rb\n",
		  "ruby\n-I\nlib\nb.rb\n", false },
		{ "/usr/bin/php8.2", "php\n-d\na=1\na.php\n",
		  "php\n-d\na=1\nb.php\n", false },
		{ "/usr/bin/php8.2", "php\n-S\n0.0.0.0:80\n-t\na\n",
		  "php\n-S\n0.0.0.0:80\n-t\nb\n", false },
		{ "/usr/bin/dotnet", "dotnet\nexec\na.dll\n",
		  "dotnet\nexec\nb.dll\n", false },
		{ "/usr/bin/bun", "bun\nrun\na.ts\n", "bun\na.ts\n", true },
		{ "/bin/busybox", "busybox\nnc\n-l\n", "busybox\nhttpd\n",
		  false },
		{ "/bin/busybox", "nc\n-l\n", "httpd\n", false },
		{ "/bin/busybox", "/bin/nc\n-l\n", "busybox\nnc\n", true },
		/* Its options are unknown. */
		{ "/usr/lib/erlang/bin/beam.smp", "beam.smp\n-W\nw\n--\na\n",
		  "beam.smp\n-W\nw\n--\nb\n", false },
		{ "/usr/bin/tclsh8.6", "tclsh\na.tcl\n", "tclsh\na.tcl\n",
		  true },
	};
	static struct fake_file files[] = {
		{ 5, "comm", "x\n" }, { 5, "cmdline", NULL },
		{ 777, "comm", "x\n" }, { 777, "cmdline", NULL }, { 0 },
	};
	size_t i;

	(void)state;
	scene_start();
	scene.owners[0].comm = text("x");
	scene.reject.comm = text("x");
	fake.files = files;
	for (i = 0; i < ARRAY_SIZE(twos); i++) {
		scene.owners[0].exe = text(twos[i].exe);
		scene.reject.exe = text(twos[i].exe);
		files[1].text = twos[i].one;
		files[3].text = twos[i].other;
		scene_ask(true);
		says(twos[i].same ? "Another instance of the same program" :
				    "Stop x[5] if it should not have the port: kill 5");
	}
}

/* Projects that have a file of the same name. */
static void where_they_run(void **state)
{
	static const struct fake_file files[] = {
		{ 5, "comm", "node\n" }, { 5, "cmdline", "node\na.js\n" },
		{ 5, "cwd", "/srv/one" },
		{ 777, "comm", "node\n" }, { 777, "cmdline", "node\na.js\n" },
		{ 777, "cwd", "/srv/two" },
		{ 0 },
	};

	(void)state;
	scene_start();
	scene.owners[0].comm = text("node");
	scene.reject.comm = text("node");
	scene.owners[0].exe = text("/usr/bin/node");
	scene.reject.exe = text("/usr/bin/node");
	fake.files = files;
	scene_ask(true);
	says_not("Another instance");
}

/* Process ids are reused. */
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

int main(void)
{
	const struct unit_case tests[] = {
		TEST(heir),
		TEST(reloaded),
		TEST(slow_start),
		TEST(passed_socket),
		TEST(dropped_privileges),
		TEST(relatives),
		TEST(starters),
		TEST(script_starts_script),
		TEST(adopted),
		TEST(socket_unit),
		TEST(scripts),
		TEST(what_they_run),
		TEST(where_they_run),
		TEST(command_lines),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_own", tests, NULL, NULL);
}
