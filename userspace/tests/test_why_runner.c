// SPDX-License-Identifier: GPL-2.0
/* What "why" advises if a program that runs others has the port. */

#include <locale.h>

#include "tests/scene.h"

static void hold(const char *comm, const char *cgroup)
{
	scene_start();
	scene.reject.ep.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	scene.owners[0] = (struct owner){
		.pid = 900, .comm = text(comm), .cgroup = text(cgroup),
		.uid = 1000,
	};
}

static void leaves_it(void)
{
	says_not("kill");
	says_not("systemctl stop");
	says_not("SO_REUSEPORT in");
}

/* To end it would end all the programs that it runs. */
static void supervisors(void **state)
{
	static const struct fake_file pm2[] = {
		{ 900, "comm", "PM2 v5.3.0: God\n" },
		{ 900, "cmdline", "PM2 v5.3.0: God Daemon (/home/me/.pm2)\n" },
		{ 0 },
	};
	static const struct fake_file supervisord[] = {
		{ 900, "comm", "supervisord\n" },
		{ 900, "cmdline", "/usr/bin/python3\n/usr/bin/supervisord\n-n\n" },
		{ 0 },
	};
	static const struct fake_file nodemon[] = {
		{ 900, "comm", "node\n" },
		{ 900, "cmdline", "node\n/usr/bin/nodemon\n" },
		{ 0 },
	};

	(void)state;
	hold("PM2 v5.3.0: God", "/user.slice/user-1000.slice/session-3.scope");
	fake.files = pm2;
	scene_ask(true);
	says("God[900] runs other programs: leave it running. If it has the "
	     "port for itself, give it another one in its configuration; if for one "
	     "of them, stop or change that one there (pm2 stop NAME); this "
	     "lists the names: sudo -iu '#1000' pm2 list");
	leaves_it();
	hold("supervisord", "/system.slice/supervisor.service");
	fake.files = supervisord;
	scene_ask(true);
	says("supervisord[900] runs other programs: leave it running.");
	says("(supervisorctl stop NAME); this lists the names: supervisorctl status");
	says_not("start it again");
	leaves_it();
	/* A worker may have the socket as well. */
	scene.owners[1] = scene.owners[0];
	scene.owners[0].pid = 901;
	scene.owners[0].comm = text("worker");
	scene.sock.n_owners = 2;
	scene_ask(true);
	says("supervisord[900] runs other programs: leave it running.");
	leaves_it();
	/* This one runs nothing else. */
	hold("node", NULL);
	fake.files = nodemon;
	scene_ask(true);
	says("kill 900");
}

/* They open the ports of services that may not even run. */
static void superservers(void **state)
{
	(void)state;
	hold("xinetd", "/system.slice/xinetd.service");
	scene_ask(true);
	says("xinetd[900] opens ports for services that it starts on demand: "
	     "leave it running, but take this port away from it (disable = yes), and reload it");
	leaves_it();
	hold("inetd", "/system.slice/inetd.service");
	scene_ask(true);
	says("inetd[900] opens ports for services that it starts on demand");
	says("/etc/inetd.conf");
	leaves_it();
}

static void screens(void **state)
{
	(void)state;
	hold("Xorg", "/user.slice/user-1000.slice/session-2.scope");
	scene_ask(true);
	says("Xorg[900] shows the desktop of a user, whose programs would all "
	     "end with it: leave it running");
	leaves_it();
}

/* What serves a node of Kubernetes runs in a pod itself. */
static void in_a_pod(void **state)
{
	static const char pod[] =
		"/kubepods.slice/kubepods-pod1.slice/cri-containerd-"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope";

	(void)state;
	hold("kube-proxy", pod);
	scene_ask(true);
	says("kube-proxy[900] serves this node: leave it running. If the port "
	     "is a NodePort, give the service another one");
	says_not("kubelet would start it again");
	hold("web", pod);
	scene_ask(true);
	says("kubelet would start it again");
}

static void hold_titled(const char *comm, const struct fake_file *files)
{
	hold(comm, "/user.slice/user-1000.slice/session-3.scope");
	fake.files = files;
	scene_ask(true);
}

/* The forwarding is of one session, the connection of several. */
static void shared_connection(void **state)
{
	static const struct fake_file master[] = {
		{ 900, "comm", "ssh\n" },
		{ 900, "cmdline", "ssh: /home/me/.ssh/cm-host [mux]\n" },
		{ 0 },
	};
	static const struct fake_file client[] = {
		{ 900, "comm", "ssh\n" },
		{ 900, "cmdline", "ssh\n-L\n80:db:80\nhost\n" },
		{ 0 },
	};

	(void)state;
	hold_titled("ssh", master);
	says("ssh[900] has an SSH connection that other sessions may share "
	     "(ControlMaster): rather than ending it, take the forwarding back (ssh -O cancel");
	leaves_it();
	hold_titled("ssh", client);
	says("kill 900");
}

/* The same executable, for virtual machines and for containers. */
static void networks(void **state)
{
	static const struct fake_file passt[] = {
		{ 900, "comm", "passt.avx2\n" },
		{ 900, "cmdline", "/usr/bin/passt\n--one-off\n--socket\n/run/x\n" },
		{ 0 },
	};
	static const struct fake_file pasta[] = {
		{ 900, "comm", "passt.avx2\n" },
		{ 900, "cmdline", "/usr/bin/pasta\n--config-net\n" },
		{ 0 },
	};

	(void)state;
	hold_titled("passt.avx2", passt);
	says("passt.avx2[900] is the network of a virtual machine: leave it running");
	says_not("container");
	leaves_it();
	hold_titled("passt.avx2", pasta);
	says("on behalf of a container");
	leaves_it();
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(supervisors),
		TEST(superservers),
		TEST(screens),
		TEST(in_a_pod),
		TEST(shared_connection),
		TEST(networks),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_runner", tests, NULL, NULL);
}
