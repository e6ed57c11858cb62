// SPDX-License-Identifier: GPL-2.0
/* Explanation and advice of "why" about privileged ports. */

#include <errno.h>
#include <locale.h>

#include "tests/harness.h"
#include "tests/refusal.h"
#include "tests/scene.h"

static void file_caps(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 80, .err = EACCES,
		.rule = PORTOWNER_RULE_PRIVILEGED_PORT, .exe = "/usr/bin/nc",
		.caller_flags = PORTOWNER_CALLER_FLAG_NO_NEW_PRIVS,
	};

	(void)state;
	refusal_explain(&r);
	assert_words(output, "File capabilities (setcap) would be ignored: it "
			     "runs with no_new_privs");
	assert_null(strstr(output, "setcap cap_net"));
	assert_command("AmbientCapabilities=CAP_NET_BIND_SERVICE");
	assert_command("ListenStream=80");
	fake.file_caps = true;
	refusal_explain(&r);
	assert_words(output, "Its executable has file capabilities, but they "
			     "are ignored: it runs with no_new_privs");
	run(cmd_why, "-J");
	assert_non_null(strstr(output, "\"reason\":\"file-capabilities-ignored\""));
	r.caller_flags = PORTOWNER_CALLER_FLAG_NOSUID;
	refusal_explain(&r);
	assert_words(output, "its executable is on a mount with the option nosuid");
	r.caller_flags = 0;
	refusal_explain(&r);
	assert_command("getcap /usr/bin/nc");
	assert_null(strstr(output, "setcap cap_net"));
	run(cmd_why, "-J");
	assert_non_null(strstr(output, "\"reason\":null"));
}

/* The script has file capabilities, its interpreter has none. */
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
	refusal_explain(&r);
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
		refusal_explain(&r);
		assert_words(output, "Its executable is an interpreter: file "
				     "capabilities of a script have no effect");
		assert_null(strstr(output, "setcap cap_net"));
	}
	r.exe = "/usr/bin/node_exporter";
	refusal_explain(&r);
	assert_command("setcap cap_net_bind_service=+ep /usr/bin/node_exporter");
}

#define CONTAINER "/system.slice/docker-0123456789abcdef0123456789abcdef"	\
	"0123456789abcdef0123456789abcdef.scope"

/* The path is inside the container, and so is whatever starts the program. */
static void in_container(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 80, .err = EACCES,
		.rule = PORTOWNER_RULE_PRIVILEGED_PORT,
		.exe = "/usr/sbin/nginx", .cgroup = CONTAINER,
	};

	(void)state;
	refusal_explain(&r);
	assert_words(output, "- Set the capability where the image is built, "
			     "and do not drop it from the container (cap_add: "
			     "NET_BIND_SERVICE): RUN setcap "
			     "cap_net_bind_service=+ep /usr/sbin/nginx");
	assert_command("sysctl -w net.ipv4.ip_unprivileged_port_start=80");
	assert_words(output, "Use port 1024 or higher");
	assert_null(strstr(output, "\n    setcap"));
	assert_null(strstr(output, "AmbientCap"));
	assert_null(strstr(output, "ListenStream"));
	fake.file_caps = true;
	run(cmd_why, "--fix");
	assert_null(strstr(output, "getcap"));
	fake.file_caps = false;
	r.cgroup = "/lxc.payload.web/system.slice/nginx.service";
	refusal_explain(&r);
	assert_words(output, "run this in the container: setcap cap_net_bind");
	assert_command("AmbientCapabilities=CAP_NET_BIND_SERVICE");
	run(cmd_why, "--fix");
	assert_null(strstr(output, "setcap"));
}

static void of_user(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 80, .err = EACCES,
		.rule = PORTOWNER_RULE_PRIVILEGED_PORT,
		.exe = "/usr/sbin/nginx",
		.cgroup = "/user.slice/user-1000.slice/user@1000.service/"
			  "app.slice/a.service",
	};

	(void)state;
	refusal_explain(&r);
	assert_words(output, "- The service manager of a user has no such "
			     "right to pass on, neither by "
			     "AmbientCapabilities= nor by a socket unit. Make "
			     "it a system unit with User=, and add this to its "
			     "[Service]: AmbientCapabilities=CAP_NET_BIND_SERVICE");
	assert_command("setcap cap_net_bind_service=+ep /usr/sbin/nginx");
	assert_null(strstr(output, "ListenStream"));
	assert_null(strstr(output, "If systemd starts it"));
	/* Not for the executable of systemd. */
	r.comm = "(sd-listen)";
	r.exe = "/usr/lib/systemd/systemd";
	refusal_explain(&r);
	assert_null(strstr(output, "setcap"));
	r.comm = "rootlesskit";
	r.exe = "/usr/bin/rootlesskit";
	refusal_explain(&r);
	assert_command("setcap cap_net_bind_service=+ep /usr/bin/rootlesskit");
	assert_words(output, "Publish port 1024 or higher of this host for "
			     "the container (docker run -p");
	assert_null(strstr(output, "AmbientCap"));
	r.comm = "rootlessport";
	r.exe = "/usr/libexec/podman/rootlessport";
	refusal_explain(&r);
	assert_null(strstr(output, "setcap"));
}

/* Root of a user namespace, in the network namespace of the host. */
static void in_user_namespace(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 80, .err = EACCES,
		.rule = PORTOWNER_RULE_PRIVILEGED_PORT,
		.exe = "/usr/sbin/nginx",
		.caller_flags = PORTOWNER_CALLER_FLAG_BIND_SERVICE |
				PORTOWNER_CALLER_FLAG_FOREIGN_NETNS |
				PORTOWNER_CALLER_FLAG_NO_NEW_PRIVS,
	};

	(void)state;
	refusal_explain(&r);
	assert_words(output, "l\\x20e[777] has it in its user namespace, but "
			     "that one does not own the network namespace that "
			     "the process uses, so no capability it has counts there.");
	assert_words(output, "- Give it a network namespace that belongs to "
			     "its user namespace: start the rootless container "
			     "without --network=host, and publish its port 80 as "
			     "a port of 1024 or higher (-p PORT:80), or add -n to unshare -U.");
	assert_command("sysctl -w net.ipv4.ip_unprivileged_port_start=80");
	assert_null(strstr(output, "setcap"));
	assert_null(strstr(output, "AmbientCap"));
	assert_null(strstr(output, "without it"));
	run(cmd_why, "-J");
	assert_non_null(strstr(output, "\"reason\":\"capability-elsewhere\""));
	r.caller_flags = PORTOWNER_CALLER_FLAG_FOREIGN_NETNS;
	refusal_explain(&r);
	assert_words(output, "could only get it in its user namespace");
	r.comm = "rootlessport";
	refusal_explain(&r);
	assert_null(strstr(output, "Give it a network namespace"));
	assert_words(output, "Publish port 1024 or higher");
}

/* It has the right, so something else has refused. */
static void with_capability(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 80, .err = EACCES,
		.rule = PORTOWNER_RULE_PRIVILEGED_PORT,
		.exe = "/usr/sbin/nginx",
		.caller_flags = PORTOWNER_CALLER_FLAG_BIND_SERVICE,
	};

	(void)state;
	refusal_explain(&r);
	assert_words(output, "l\\x20e[777] has it, so a security module kept "
			     "it from using it, such as AppArmor with a "
			     "profile that lacks that capability.");
	assert_command("journalctl -k -b | grep -iE 'denied|avc'");
	assert_command("capability net_bind_service,");
	assert_null(strstr(output, "setcap"));
	assert_null(strstr(output, "AmbientCap"));
	run(cmd_why, "-J");
	assert_non_null(strstr(output, "\"reason\":\"capability-denied\""));
}

/* File capabilities do not count for root, nor does a unit give what it drops. */
static void of_root(void **state)
{
	(void)state;
	scene_start();
	scene.sock.cookie = 0;
	scene.reject.err = EACCES;
	scene.reject.rule = PORTOWNER_RULE_PRIVILEGED_PORT;
	scene.reject.exe = text("/usr/bin/python3.11");
	scene_ask(false);
	says("new[777] runs as uid 0 without it. Root may lack it in a container");
	says("Let it keep the capability: add CAP_NET_BIND_SERVICE to "
	     "CapabilityBoundingSet= of its unit if that is set");
	says_not("setcap");
	says_not("AmbientCap");
	says_not("interpreter");
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(file_caps),
		TEST(script_caps),
		TEST(interpreters),
		TEST(in_container),
		TEST(of_user),
		TEST(in_user_namespace),
		TEST(with_capability),
		TEST(of_root),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_privileged", tests, NULL, NULL);
}
