// SPDX-License-Identifier: GPL-2.0
/* What "why" advises if the holder is to run again, or goes on to run. */

#include <arpa/inet.h>
#include <locale.h>
#include <netinet/in.h>

#include "tests/scene.h"

static void hold(const char *cgroup)
{
	scene_start();
	scene.owners[0].cgroup = text(cgroup);
}

/* Started by hand while its service runs. */
static void second_instance(void **state)
{
	(void)state;
	hold("/system.slice/old.service");
	scene.reject.exe = text("/srv/old");
	scene_ask(true);
	says("old.service runs the same program, so a second instance may not "
	     "be needed (systemctl restart old.service has it read its "
	     "configuration again); stop the service if it should not keep "
	     "running: systemctl stop old.service");
	scene.reject.exe = text("/srv/new");
	scene_ask(true);
	says("Stop the service if it should not have the port (disable --now in place of "
	     "stop also keeps it from starting at boot): systemctl stop old.service");
	says_not("same program");
}

/* A program may do without the port, or take another one. */
static void survivor(void **state)
{
	static const struct fake_file files[] = {
		{ 777, "comm", "new\n" },
		{ 777, "status", "Name:\tnew\nState:\tS (sleeping)\n" },
		{ 0 },
	};
	static const struct fake_file zombie[] = {
		{ 777, "comm", "new\n" },
		{ 777, "status", "Name:\tnew\nState:\tZ (zombie)\n" },
		{ 0 },
	};
	static const struct fake_file dockerd[] = {
		{ 777, "comm", "dockerd\n" },
		{ 777, "status", "Name:\tdockerd\nState:\tS (sleeping)\n" },
		{ 0 },
	};

	(void)state;
	hold(NULL);
	scene_ask(true);
	says_not("still running");
	fake.files = files;
	scene_ask(true);
	says("listen). new[777] is still running.");
	fake.files = zombie;
	scene_ask(true);
	says_not("still running");
	fake.files = files;
	/* Its pid has been reused. */
	scene.reject.comm = text("newer");
	scene_ask(true);
	says_not("still running");
	/* It was to publish the port of a container. */
	scene.reject.comm = text("dockerd");
	fake.files = dockerd;
	scene_ask(true);
	says_not("still running");
	/* It has the port itself. */
	fake.files = files;
	scene.reject.comm = text("new");
	scene.owners[0].pid = 777;
	scene_ask(true);
	says_not("still running");
}

/* Instances of a template have configurations of their own. */
static void sibling(void **state)
{
	(void)state;
	hold("/system.slice/system-db.slice/db@a.service");
	scene.reject.exe = text("/srv/old");
	scene.reject.cgroup = text("/system.slice/system-db.slice/db@b.service");
	scene_ask(true);
	says("db@a.service is another instance of the same unit: give one of the two "
	     "a port other than 80 in its configuration, or stop this one if "
	     "it should not keep running: systemctl stop db@a.service");
	says_not("may not be needed");
	scene.reject.cgroup = text("/system.slice/db.service");
	scene_ask(true);
	says("db@a.service runs the same program");
}

/* Two programs may have one interpreter: neither can serve the other's clients. */
static void one_interpreter(void **state)
{
	static const char divides[] =
		"the kernel then divides the connections between the two";

	(void)state;
	hold(NULL);
	scene.reject.exe = text("/srv/old");
	scene_ask(true);
	says("Set SO_REUSEPORT in both");
	says_not(divides);
	scene.reject.exe = text("/usr/bin/python3.11");
	scene.owners[0].exe = text("/usr/bin/python3.11");
	scene_ask(true);
	says(divides);
}

/* It may have been started to stop the other. */
static void control_process(void **state)
{
	(void)state;
	hold("/system.slice/tomcat.service");
	scene.reject.cgroup = text("/system.slice/tomcat.service");
	scene_ask(true);
	says("old[5] belongs to the same service: restart that as a whole: "
	     "systemctl restart tomcat.service");
	scene.reject.exe = text("/srv/old");
	scene_ask(true);
	says("restart that as a whole; if new[777] was only to stop or reload it "
	     "(ExecStop=, ExecReload=), start that without the options that open the port");
}

/* A client that got the port by chance does not need it. */
static void chosen_port(void **state)
{
	(void)state;
	hold("/system.slice/resolver.service");
	scene.sock.port_origin = PORT_ORIGIN_KERNEL;
	scene_ask(true);
	says("old[5] can make do with another port, since the kernel chose this "
	     "one: restart the service: systemctl restart resolver.service");
	says_not("systemctl stop");
	hold(NULL);
	scene.sock.port_origin = PORT_ORIGIN_KERNEL;
	scene_ask(true);
	says("old[5] can make do with another port, since the kernel chose this "
	     "one: stop it, and start it again: kill 5");
	scene.sock.port_origin = PORT_ORIGIN_PROGRAM;
	scene_ask(true);
	says("Stop old[5] if it should not have the port: kill 5");
}

/* Programs that pick a port below 1024 at their start, by bindresvport(). */
static void reserved_port(void **state)
{
	(void)state;
	hold("/system.slice/rpc-statd.service");
	scene.owners[0].comm = text("rpc.statd");
	scene.sock.ep.port = 631;
	scene.reject.ep.port = 631;
	scene_ask(true);
	says("rpc.statd[5] has this port by chance, unless it was configured: "
	     "RPC programs pick one below 1024 when they start. Keep them from picking "
	     "this one (libtirpc reads that file), and have another picked: "
	     "echo 631 >>/etc/bindresvport.blacklist systemctl restart rpc-statd.service");
	says_not("systemctl stop");
	says_not("SO_REUSEPORT in");
	/* A port that is its own. */
	scene.owners[0].comm = text("rpcbind");
	scene.sock.ep.port = 111;
	scene_ask(true);
	says("systemctl stop");
	/* Not started as a service. */
	hold(NULL);
	scene.owners[0].comm = text("ypbind");
	scene.sock.ep.port = 993;
	scene.reject.ep.port = 993;
	scene_ask(true);
	says("has this port by chance");
	says_not("restart");
	says_not("kill");
}

static void hold_dual(void)
{
	hold(NULL);
	scene.sock.ep.family = AF_INET6;
	memset(scene.sock.ep.addr, 0, sizeof(scene.sock.ep.addr));
	scene.reject.rule = PORTOWNER_RULE_DUAL_STACK_COVERS;
}

/* Only one program would divide the port by the IP version. */
static void divided(void **state)
{
	const char *stop, *v6only;

	(void)state;
	hold_dual();
	scene_ask(true);
	stop = strstr(output, "kill 5");
	v6only = strstr(output, "Set IPV6_V6ONLY");
	assert_true(stop && v6only && stop < v6only);
	hold_dual();
	scene.reject.pid = 5;
	scene.sock.age_ns = 0;
	scene_ask(true);
	v6only = strstr(output, "Set IPV6_V6ONLY");
	stop = strstr(output, "keep one of them");
	assert_true(stop && v6only && v6only < stop);
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(second_instance),
		TEST(sibling),
		TEST(survivor),
		TEST(one_interpreter),
		TEST(control_process),
		TEST(chosen_port),
		TEST(reserved_port),
		TEST(divided),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_again", tests, NULL, NULL);
}
