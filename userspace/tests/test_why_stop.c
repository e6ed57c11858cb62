// SPDX-License-Identifier: GPL-2.0
/* What "why" advises to stop, and how, without harming anything else. */

#include <locale.h>

#include "tests/scene.h"

#define USER_SERVICES "/user.slice/user-1000.slice/user@1000.service/"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2 "f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void hold(const char *comm, const char *exe, const char *cgroup)
{
	scene.owners[0] = (struct owner){
		.pid = 900, .comm = text(comm), .exe = text(exe),
		.cgroup = text(cgroup),
	};
}

/* Ending the process is like pulling the plug. */
static void machines(void **state)
{
	static const char plug[] =
		"qemu-system-x86[900] is a virtual machine: ending the process "
		"is like pulling its plug.";

	(void)state;
	scene_start();
	hold("qemu-system-x86", "/usr/bin/qemu-system-x86_64",
	     "/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator");
	scene.reject.ep.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	scene_ask(true);
	says(plug);
	says("(port= of <graphics>, -vnc, hostfwd), or shut the machine down "
	     "(virsh shutdown NAME, if libvirt runs it); this lists those that libvirt runs: virsh list --all");
	says_not("kill");
	says_not("setsockopt");
	/* The refused program is another machine. */
	scene.reject.exe = text("/usr/bin/qemu-system-x86_64");
	scene_ask(true);
	says(plug);
	says_not("Another instance");
	/* Replaced by an upgrade; nothing else is known. */
	hold("qemu-system-x86", "/usr/bin/qemu-system-x86_64 (deleted)", NULL);
	scene_ask(true);
	says(plug);
	hold("qemu-system-x86", NULL, "/qemu.slice/100.scope");
	scene_ask(true);
	says("(qm shutdown VMID); this lists them: qm list");
	hold("qemu-system-x86", "/usr/bin/qemu-system-x86_64",
	     USER_SERVICES "app.slice/virtqemud.service");
	scene.owners[0].uid = 1000;
	scene_ask(true);
	says("sudo -iu '#1000' XDG_RUNTIME_DIR=/run/user/1000 virsh -c qemu:///session list --all");
	fake.uid = 1000;
	scene_ask(true);
	says(": virsh -c qemu:///session list --all");
	says_not("sudo");
}

static void other_machines(void **state)
{
	(void)state;
	scene_start();
	hold("VBoxHeadless", "/usr/lib/virtualbox/VBoxHeadless",
	     "/system.slice/vboxautostart.service");
	scene.owners[0].uid = 1000;
	scene_ask(true);
	says("is a virtual machine");
	says("(VBoxManage controlvm NAME acpipowerbutton); this lists them: "
	     "sudo -iu '#1000' VBoxManage list runningvms");
	says_not("systemctl");
	hold("firecracker", "/usr/bin/firecracker", NULL);
	scene_ask(true);
	says("or shut the machine down from within.");
	says_not("kill");
	/* These are not virtual machines. */
	hold("qemu-nbd", "/usr/bin/qemu-nbd", NULL);
	scene_ask(true);
	says("kill 900");
	hold("qemu-x86_64-sta", "/usr/bin/qemu-x86_64-static", NULL);
	scene_ask(true);
	says("kill 900");
}

/* A socket unit of the system, and a process that it was passed to. */
static void activate(const char *comm, const char *service)
{
	scene.owners[0] = (struct owner){ .pid = 1, .comm = text("systemd") };
	scene.owners[1] = (struct owner){
		.pid = 900, .comm = text(comm), .cgroup = text(service),
	};
	scene.sock.n_owners = comm ? 2 : 1;
}

static void way_in_on_demand(void **state)
{
	static const char move[] =
		"systemd holds the port for ssh.service, which may be your way "
		"into this host: do not stop it, but give its socket unit another port (in [Socket] "
		"an empty ListenStream=, then the new one; where sshd_config "
		"sets the port of the socket unit, change Port there), restart that unit, and keep a session open until the new port works: "
		"systemctl edit $(systemctl show --value -p TriggeredBy ssh.service)";

	(void)state;
	scene_start();
	activate("sshd", "/system.slice/ssh.service");
	scene.reject.ep.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	scene_ask(true);
	says(move);
	says_not("systemctl stop");
	says_not("ReusePort");
	/* Only the unit tells, however it was started. */
	activate("x", "/system.slice/ssh.service");
	scene_ask(true);
	says(move);
	/* A connection has a service of its own. */
	activate("sshd", "/system.slice/system-sshd.slice/sshd@1-2.service");
	scene_ask(true);
	says("may be your way into this host");
	says_not("kill");
	activate(NULL, NULL);
	scene.sock.ep.port = 22;
	scene.reject.ep.port = 22;
	scene_ask(true);
	says("systemd holds the port, perhaps for your way into this host: do "
	     "not stop its socket unit");
	says("systemctl list-sockets --all");
	says_not("systemctl stop");
	says_not("ReusePort");
	/* It would take containers with it. */
	scene_start();
	activate("dockerd", "/system.slice/docker.service");
	scene_ask(true);
	says("systemctl edit $(systemctl show --value -p TriggeredBy docker.service)");
	says_not("systemctl stop");
}

static void ways_in(void **state)
{
	(void)state;
	scene_start();
	hold("dropbear", "/usr/sbin/dropbear", "/system.slice/dropbear.service");
	scene_ask(true);
	says("dropbear[900] may be your way into this host: do not end it");
	says_not("systemctl stop");
	hold("tailscaled", "/usr/sbin/tailscaled",
	     "/system.slice/tailscaled.service");
	scene_ask(true);
	says("leave it running; this shows what it serves (tailscale serve "
	     "reset ends that): tailscale serve status");
	says_not("systemctl");
	hold("connmand", "/usr/sbin/connmand", "/system.slice/connman.service");
	scene_ask(true);
	says("connmanctl services");
	says_not("systemctl stop");
	hold("iwd", "/usr/libexec/iwd", "/system.slice/iwd.service");
	scene_ask(true);
	says("EnableNetworkConfiguration=false");
	says_not("systemctl stop");
	/* Not only the first owner counts. */
	scene.owners[1] = scene.owners[0];
	scene.owners[0].comm = text("x");
	scene.sock.n_owners = 2;
	scene_ask(true);
	says("iwd[900] configures the wireless network");
}

/* Ports are forwarded by the session of a user, not by the server. */
static void sessions(void **state)
{
	static const struct fake_file server[] = {
		{ 900, "comm", "sshd\n" },
		{ 900, "cmdline", "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups\n" },
		{ 0 },
	};
	static const struct fake_file by_hand[] = {
		{ 900, "comm", "sshd\n" },
		{ 900, "cmdline", "/usr/sbin/sshd\n-p\n2222\n" },
		{ 0 },
	};
	static const struct fake_file session[] = {
		{ 900, "comm", "sshd\n" },
		{ 900, "cmdline", "sshd: alice@pts/0\n" },
		{ 0 },
	};
	static const char words[] =
		"[900] is a login session of uid 1000, which forwards this "
		"port (ssh -R, or X11), not the server: end that session, if it is not your own, or have its client "
		"forward another port: kill 900";

	(void)state;
	scene_start();
	scene.reject.ep.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	hold("sshd", NULL, "/user.slice/user-1000.slice/session-5.scope");
	scene.owners[0].uid = 1000;
	scene_ask(true);
	says(words);
	says_not("ListenAddress");
	says_not("setsockopt");
	fake.files = server;
	scene_ask(true);
	says("sshd_config");
	says_not("kill");
	fake.files = by_hand;
	scene_ask(true);
	says_not("kill");
	fake.files = NULL;
	scene.owners[0].cgroup = text("/system.slice/system-ssh.slice/ssh@1-2.service");
	scene_ask(true);
	says(words);
	says_not("systemctl");
	scene.owners[0].cgroup = text("/system.slice/ssh.service");
	scene_ask(true);
	says_not("kill");
	/* Without PAM it stays in the unit of the server. */
	fake.files = session;
	scene_ask(true);
	says(words);
	fake.files = NULL;
	scene.owners[0].comm = text("sshd-session");
	scene_ask(true);
	says(words);
	says_not("systemctl");
}

/* A session that is refused chose no port itself. */
static void sessions_refused(void **state)
{
	(void)state;
	scene_start();
	hold("sshd-session", NULL, "/user.slice/user-1000.slice/session-5.scope");
	scene.reject.comm = text("sshd-session");
	scene.reject.ep.port = 8080;
	scene.sock.ep.port = 8080;
	scene_ask(true);
	says("Have the client of sshd-session[777] forward another port (ssh -R");
	says("set ClientAliveInterval (to 30 seconds, for example) in sshd_config");
	says_not("Use a port other");
	/* X11: the session takes the next display. */
	scene.reject.ep.port = 6010;
	scene.sock.ep.port = 6010;
	scene_ask(true);
	says("If this was to forward X11, nothing needs to be done");
	says_not("kill");
	scene.reject.comm = text("new");
	scene_ask(true);
	says("kill 900");
}

/* What runs in it may not have been saved. */
static void desktops_over_vnc(void **state)
{
	(void)state;
	scene_start();
	hold("Xtigervnc", "/usr/bin/Xtigervnc",
	     "/user.slice/user-1000.slice/session-5.scope");
	scene.reject.exe = text("/usr/bin/Xtigervnc");
	scene_ask(true);
	says("Xtigervnc[900] shows a desktop, whose programs would all end with it");
	says("(vncserver -kill :N)");
	says("Use a port other than 80 for new[777] (5900 and the number of the "
	     "display): vncserver :DISPLAY");
	says_not("kill 900");
}

static void editor_servers(void **state)
{
	(void)state;
	scene_start();
	hold("node", "/home/u/.vscode-server/cli/servers/Stable-1/server/node",
	     "/user.slice/user-1000.slice/session-5.scope");
	scene_ask(true);
	says("node[900] belongs to the server of an editor that is used from elsewhere");
	says_not("kill");
	says_not("SO_REUSEPORT in");
	hold("node", "/home/u/vscode-server/node", NULL);
	scene_ask(true);
	says("kill 900");
}

/* A proxy may outlive its container. */
static void proxies(void **state)
{
	(void)state;
	scene_start();
	hold("docker-proxy", "/usr/bin/docker-proxy", "/system.slice/docker.service");
	scene_ask(true);
	says("docker ps --filter publish=80");
	says("If that lists none, docker-proxy[900] is left over from a container "
	     "that has ended: remove that one if nothing in it is needed (docker ps -a lists");
	says("restart docker as soon as all containers can be interrupted.");
	says_not("kill");
	hold("rootlessport", "/usr/bin/rootlessport", NULL);
	scene_ask(true);
	says_not("left over");
}

#define POD "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/"

static void pods(void **state)
{
	static const char other[] =
		"/kubepods.slice/kubepods-pod2.slice/cri-containerd-" ID2 ".scope";

	(void)state;
	scene_start();
	hold("app", "/app", POD "cri-containerd-" ID ".scope");
	scene.reject.cgroup = text(POD "cri-containerd-" ID2 ".scope");
	scene_ask(true);
	says("new[777] is in the same pod as app[900] (container 0123456789ab), and the "
	     "containers of a pod share its ports: have one of the two use another port.");
	says_not("crictl");
	scene.reject.cgroup = text(other);
	scene_ask(true);
	says("Change the pod of container 0123456789ab");
	/* The node is in use already. */
	hold("kubelet", "/usr/bin/kubelet", "/system.slice/kubelet.service");
	scene.reject.comm = text("kubeadm");
	scene.reject.cgroup = NULL;
	scene_ask(true);
	says("kubeadm[777] only tried whether the port is free: this node runs "
	     "a part of Kubernetes already.");
	says_not("Use a port other");
	hold("nginx", "/usr/sbin/nginx", "/system.slice/nginx.service");
	scene_ask(true);
	says("Use a port other than 80 for kubeadm[777].");
}

/* A program that a service runs is stopped without the others. */
static void supervised(void **state)
{
	static const char * const units[] = {
		"/system.slice/system-code\\x2dserver.slice/code-server@coder.service",
		USER_SERVICES "app.slice/emacs.service",
		"/system.slice/jupyter-ada.service",
		"/system.slice/system-vncserver.slice/vncserver@:1.service",
		"/system.slice/actions.runner.org-repo.host.service",
		"/system.slice/incus.service",
		"/system.slice/lxd.service",
		"/system.slice/snap.lxd.daemon.service",
		"/system.slice/virtqemud.service",
		"/system.slice/k3s-agent.service",
		"/system.slice/rke2-server.service",
	};
	char words[128];
	size_t i;

	(void)state;
	scene_start();
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		hold("node", "/usr/bin/node", units[i]);
		/* Both are in one terminal. */
		scene.reject.cgroup = text(units[i]);
		snprintf(words, sizeof(words),
			 "but not %s, which runs other programs as well: kill 900",
			 strrchr(units[i], '/') + 1);
		scene_ask(true);
		says(words);
		says_not("systemctl");
	}
	hold("node", "/usr/bin/node", "/system.slice/pm2-deploy.service");
	scene.owners[0].uid = 1000;
	scene_ask(true);
	says("Stop node[900] through pm2, which would start it again; as uid "
	     "1000, this lists the names (pm2 stop NAME): sudo -iu '#1000' pm2 list");
	says_not("systemctl");
	fake.uid = 1000;
	scene_ask(true);
	says("(pm2 stop NAME): pm2 list");
}

/* libvirt and Incus start it for their networks. */
static void dnsmasq(void **state)
{
	(void)state;
	scene_start();
	hold("dnsmasq", "/usr/sbin/dnsmasq", "/system.slice/virtnetworkd.service");
	scene_ask(true);
	says("virsh net-list");
	says("take its DNS away");
	says_not("kill");
	scene.sock.ep.port = 67;
	scene.reject.ep.port = 67;
	scene_ask(true);
	says("end that network or take its DHCP away (<dhcp>)");
	says_not("DNS");
	hold("dnsmasq", "/usr/sbin/dnsmasq", "/system.slice/incus.service");
	scene_ask(true);
	says("incus network list");
	says_not("kill");
}

static void mixed_service(void **state)
{
	static const struct fake_file files[] = {
		{ 900, "exe", "/usr/bin/node" },
		{ 901, "exe", "/usr/bin/node (deleted)" },
		{ 902, "exe", "/usr/bin/python3.11" },
		{ 0 },
	};

	(void)state;
	scene_start();
	fake.files = files;
	fake.cgroup = "/system.slice/web.service";
	fake.procs = "900\n901\n902\n903\n";
	hold("node", "/usr/bin/node", "/system.slice/web.service/app");
	scene_ask(true);
	says("Stop web.service if it should not have the port; that ends all "
	     "4 processes in it, which systemd-cgls -u web.service lists: systemctl stop web.service");
	fake.units[0] = "web.socket";
	scene_ask(true);
	says("Stop web.service, together with the units that would start it "
	     "again, if it should not have the port; that ends all 4 processes");
	/* The refused program would end as well. */
	scene.reject.cgroup = text("/system.slice/web.service");
	scene_ask(true);
	says("but not web.service, which runs other programs as well: kill 900");
	says_not("restart");
	/* One program, which was replaced while it ran; another is unknown. */
	fake.procs = "900\n901\n903\n";
	scene_ask(true);
	says("restart that as a whole: systemctl restart web.service");
	scene.reject.cgroup = NULL;
	scene.owners[0].cgroup = text(USER_SERVICES "app.slice/web.service");
	fake.cgroup = USER_SERVICES "app.slice/web.service";
	fake.procs = "900\n902\n";
	scene_ask(true);
	says("that ends all 2 processes in it: systemctl --user --machine=1000@ stop web.service");
	fake.uid = 1000;
	scene_ask(true);
	says("which systemd-cgls --user-unit web.service lists: systemctl --user stop web.service");
}

static void triggered(void **state)
{
	static const char words[] =
		"Stop the service together with the units that would start it "
		"again, if it should not have the port: ";

	(void)state;
	scene_start();
	fake.units[0] = "cups.path";
	fake.units[1] = "vnc@.socket";
	fake.units[2] = "user/web.socket";
	hold("cupsd", "/usr/sbin/cupsd", "/system.slice/cups.service");
	scene_ask(true);
	says(words);
	says("systemctl stop $(systemctl show --value -p TriggeredBy cups.service) cups.service");
	scene.owners[0].cgroup = text("/system.slice/system-vnc.slice/vnc@1.service");
	scene_ask(true);
	says("TriggeredBy vnc@1.service) vnc@1.service");
	scene.owners[0].cgroup = text("/system.slice/web.service");
	scene_ask(true);
	says("at boot): systemctl stop web.service");
	says_not("TriggeredBy");
	scene.owners[0].cgroup = text(USER_SERVICES "app.slice/web.service");
	fake.uid = 1000;
	scene_ask(true);
	says(words);
	says("systemctl --user stop $(systemctl --user show --value -p "
	     "TriggeredBy web.service) web.service");
}

/* A file that never named the stub belongs to something else. */
static void resolv_conf(void **state)
{
	(void)state;
	scene_start();
	hold("systemd-resolve", "/usr/lib/systemd/systemd-resolved",
	     "/system.slice/systemd-resolved.service");
	scene.sock.ep.port = 53;
	scene.reject.ep.port = 53;
	scene_ask(true);
	says("grep -qE '^nameserver 127\\.0\\.0\\.5[34]' /etc/resolv.conf && ln "
	     "-sf /run/systemd/resolve/resolv.conf /etc/resolv.conf systemctl restart systemd-resolved");
}

/* Stopping the container would end the program that was to be started in it. */
static void same_container(void **state)
{
	(void)state;
	scene_start();
	hold("nginx", "/usr/sbin/nginx", "/system.slice/docker-" ID ".scope");
	scene.reject.cgroup = text("/system.slice/docker-" ID ".scope");
	scene_ask(true);
	says("new[777] and nginx[900] run in the same container "
	     "(0123456789ab): have only one of them bind the port there.");
	says_not("docker stop");
	says_not("kill");
	scene.reject.cgroup = text("/system.slice/docker-f" ID ".scope");
	scene_ask(true);
	says("Stop container 0123456789ab, which runs nginx[900], or have the "
	     "program in it listen on another port (both use this network "
	     "namespace, so it does not matter what is published): docker stop 0123456789ab");
}

static void rootless_container(void **state)
{
	(void)state;
	scene_start();
	hold("nginx", "/usr/sbin/nginx",
	     USER_SERVICES "user.slice/libpod-" ID ".scope/container");
	scene_ask(true);
	says(": sudo -iu '#1000' XDG_RUNTIME_DIR=/run/user/1000 podman stop 0123456789ab");
	fake.uid = 1000;
	scene_ask(true);
	says(": podman stop 0123456789ab");
	fake.uid = 0;
	scene.owners[0].cgroup = text(USER_SERVICES "user.slice/docker-" ID ".scope");
	scene_ask(true);
	says(": docker -H unix:///run/user/1000/docker.sock stop 0123456789ab");
	fake.uid = 1000;
	scene_ask(true);
	says(": docker stop 0123456789ab");
}

static void kubernetes(void **state)
{
	(void)state;
	scene_start();
	hold("nginx", "/usr/sbin/nginx",
	     "/kubepods.slice/kubepods-burstable.slice/cri-containerd-" ID ".scope");
	scene_ask(true);
	says("Change the pod of container 0123456789ab, which runs nginx[900], "
	     "since kubelet would start it again; this shows which pod it is: crictl ps --id 0123456789ab");
	/* The container of a node that is itself a container. */
	scene.owners[0].cgroup =
		text("/docker/" ID "/kubelet/kubepods/burstable/pod1/" ID);
	scene_ask(true);
	says("this shows which pod it is.");
	says_not("crictl");
	says_not("docker stop");
}

/* SIGTERM is delivered to a process that is suspended when it goes on. */
static void by_ctrl_z(void **state)
{
	static const struct fake_file files[] = {
		{ 900, "status", "Name:\tx\nState:\tT (stopped)\nPPid:\t1\n" },
		{ 0 },
	};
	static const struct fake_file traced[] = {
		{ 900, "status", "Name:\tx\nState:\tt (tracing stop)\nPPid:\t1\n" },
		{ 0 },
	};

	(void)state;
	scene_start();
	hold("flask", "/usr/bin/flask", NULL);
	scene_ask(true);
	says_not("suspended");
	fake.files = files;
	scene_ask(true);
	says("Stop flask[900] if it should not have the port; it is suspended, "
	     "as by Ctrl-Z (fg continues it), and ends only when it is "
	     "continued: kill 900 kill -CONT 900");
	scene.reject.exe = text("/usr/bin/flask");
	scene_ask(true);
	says("Another instance of the same program");
	says("it is suspended");
	scene.owners[1] = (struct owner){ .pid = 901, .comm = text("flask") };
	scene.sock.n_owners = 2;
	scene_ask(true);
	says("some are suspended");
	says("kill 900 901 kill -CONT 900 901");
	fake.files = traced;
	scene_ask(true);
	says_not("CONT");
}

/* SIGTERM alone would not end them. */
static void deaf(void **state)
{
	static const struct fake_file ignores[] = {
		{ 900, "status", "Name:\tx\nState:\tS (sleeping)\nSigIgn:\t0000000000005000\n" },
		{ 901, "status", "Name:\tx\nState:\tS (sleeping)\nSigIgn:\t0000000000001000\n" },
		{ 0 },
	};
	static const struct fake_file debugged[] = {
		{ 900, "status", "Name:\tx\nState:\tt (tracing stop)\nTracerPid:\t55\n" },
		{ 55, "comm", "gdb\n" },
		{ 0 },
	};
	static const struct fake_file traced[] = {
		{ 900, "status", "Name:\tx\nState:\tS (sleeping)\nPPid:\t1\nTracerPid:\t55\n" },
		{ 0 },
	};

	(void)state;
	scene_start();
	hold("game", "/usr/bin/game", NULL);
	fake.files = ignores;
	scene_ask(true);
	says("Stop game[900] if it should not have the port; game[900] ignores "
	     "SIGTERM, the signal that kill sends, so end it in a way of its own if it has one, since SIGKILL leaves it no time to save anything: kill -KILL 900");
	scene.owners[1] = (struct owner){ .pid = 901, .comm = text("game") };
	scene.sock.n_owners = 2;
	scene_ask(true);
	says("kill 901 kill -KILL 900");
	scene.sock.n_owners = 1;
	fake.files = debugged;
	scene_ask(true);
	says("gdb[55] has stopped game[900], as a debugger does, so rather end "
	     "it there: kill -KILL 900");
	/* strace does not keep it from ending. */
	fake.files = traced;
	scene_ask(true);
	says("port: kill 900");
}

/* To end it may lose what is not saved. */
static void on_desktop(void **state)
{
	(void)state;
	scene_start();
	hold("code", "/usr/share/code/code",
	     USER_SERVICES "app.slice/app-gnome-code-1234.scope");
	scene_ask(true);
	says("code[900] is an application on somebody's desktop: have it give "
	     "up the port there");
	says_not("kill");
	hold("firefox-esr", "/usr/lib/firefox-esr/firefox-esr",
	     USER_SERVICES "app.slice/app-firefox\\x2desr@5f.service");
	scene_ask(true);
	says("firefox-esr[900] is an application");
	says_not("systemctl");
	/* Started in a terminal. */
	hold("python3", "/usr/bin/python3",
	     USER_SERVICES "app.slice/app-org.kde.konsole-99.scope");
	scene_ask(true);
	says("Stop python3[900] if it should not have the port: kill 900");
}

/* A frozen process acts on SIGTERM once it is thawed. */
static void while_frozen(void **state)
{
	(void)state;
	scene_start();
	hold("web", "/usr/bin/web", "/system.slice/web.service");
	scene_ask(true);
	says_not("frozen");
	fake.frozen = "/system.slice/web.service";
	scene_ask(true);
	says("- web[900] is frozen with its control group "
	     "(/system.slice/web.service), as by docker pause or systemctl "
	     "freeze: it neither answers nor acts on SIGTERM until it is "
	     "thawed, so do that first: systemctl thaw web.service - Stop the service");
	/* By a control group above its own. */
	fake.frozen = "/system.slice";
	scene_ask(true);
	says("systemctl thaw system.slice");
	fake.frozen = "/system.slice/docker-" ID ".scope";
	hold("web", "/usr/bin/web", fake.frozen);
	scene_ask(true);
	says("docker unpause 0123456789ab");
	says("docker stop 0123456789ab");
	fake.frozen = USER_SERVICES "app.slice/libpod-" ID ".scope";
	hold("web", "/usr/bin/web", fake.frozen);
	scene_ask(true);
	says("sudo -iu '#1000' XDG_RUNTIME_DIR=/run/user/1000 podman unpause 0123456789ab");
	/* The system's manager knows no units of users. */
	fake.frozen = USER_SERVICES "app.slice/web.service";
	hold("web", "/usr/bin/web", fake.frozen);
	scene_ask(true);
	says(": echo 0 >/sys/fs/cgroup" USER_SERVICES "app.slice/web.service/cgroup.freeze");
	fake.frozen = "/batch/$(x)";
	hold("web", "/usr/bin/web", fake.frozen);
	scene_ask(true);
	says("so do that first. -");
}

/* What others depend on, and who would not think of them. */
static void shared_daemons(void **state)
{
	(void)state;
	scene_start();
	hold("epmd", "/usr/bin/epmd", "/system.slice/ejabberd.service");
	scene.reject.exe = text("/usr/bin/epmd");
	scene_ask(true);
	says("epmd[900] serves all Erlang nodes of this host");
	says_not("kill");
	says_not("systemctl stop");
	hold("aardvark-dns", "/usr/lib/podman/aardvark-dns",
	     "/system.slice/run-r5f.scope");
	scene.sock.ep.port = 53;
	scene.reject.ep.port = 53;
	scene_ask(true);
	says("dns_bind_port");
	says_not("kill");
}

/* Root is named only where it would see more than the user does. */
static void hidden_owner(void **state)
{
	(void)state;
	scene_start();
	scene.sock.n_owners = 0;
	scene.sock.owners_hidden = true;
	scene_ask(true);
	says("Ask someone who can see all processes of this host which of them holds port 80.");
	says_not("sudo");
	fake.has_root = true;
	scene_ask(true);
	says("Ask again with enough privilege to see the owner: sudo portowner 80");
}

/* Ended alone, it would be started again. */
static void restarted(void **state)
{
	static const struct fake_file files[] = {
		{ 900, "status", "Name:\tx\nState:\tS (sleeping)\nPPid:\t899\n" },
		{ 899, "status", "Name:\tx\nState:\tS (sleeping)\nPPid:\t898\n" },
		{ 899, "comm", "sh\n" },
		{ 899, "cmdline", "sh\n-c\nnode nodemon\n" },
		{ 898, "status", "Name:\tx\nState:\tS (sleeping)\nPPid:\t5\n" },
		{ 898, "comm", "node\n" },
		{ 898, "cmdline", "node\n/usr/bin/nodemon\nserver.js\n" },
		{ 0 },
	};

	(void)state;
	scene_start();
	hold("node", "/usr/bin/node", NULL);
	fake.files = files;
	scene_ask(true);
	says("Stop node[900] if it should not have the port; node[898], which "
	     "started it, may start it again, so stop that first: kill 898 kill 900");
	/* It has started the refused program in its place, and goes on. */
	scene.reject.pid = 899;
	scene_ask(true);
	says_not("start it again");
	says_not("kill 898");
	scene.reject.pid = 777;
	fake.files = files + 1;
	scene_ask(true);
	says_not("start it again");
}

/* To end the program alone would not free the port, so no command does that. */
static void restarted_by(const char *comm, const char *title,
			 const char *directory, const char *advice)
{
	char *args = xasprintf("%s\n", title);
	const struct fake_file files[] = {
		{ 900, "status", "Name:\tx\nState:\tS (sleeping)\nPPid:\t899\n" },
		{ 899, "status", "Name:\tx\nState:\tS (sleeping)\nPPid:\t5\n" },
		{ 899, "comm", comm },
		{ 899, "cmdline", args },
		{ 899, "cwd", directory },
		{ 0 },
	};

	scene_start();
	hold("node", "/usr/bin/node", NULL);
	scene.owners[0].uid = 1000;
	fake.files = files;
	scene_ask(true);
	says(advice);
	says_not("kill 900");
	free(args);
}

static void restarters(void **state)
{
	(void)state;
	restarted_by("PM2 v5\n", "PM2 v5.3: God Daemon (/home/me/.pm2)", "/",
		     "so stop it there (pm2 stop NAME); this lists the names: sudo -iu '#1000' pm2 list");
	restarted_by("supervisord\n", "/usr/bin/supervisord", "/",
		     "(supervisorctl stop NAME); this lists the names: supervisorctl status");
	restarted_by("runsv\n", "runsv\nweb", "/etc/sv/web",
		     "runsv[899], which started it, may start it again, so stop it there: sv down /etc/sv/web");
	restarted_by("runsv\n", "runsv\nweb", "/etc/sv/$(x)",
		     "so stop it there.");
	restarted_by("foreman\n", "foreman", "/", "so stop it there.");
	restarted_by("supervise-daemo\n", "supervise-daemon\nweb\n--start", "/",
		     "so stop it there (rc-service NAME stop); this lists the names: rc-status --supervised");
}

/* Each runs only one program, so it is ended first. */
static void restarted_alone(const char *comm, const char *args)
{
	const struct fake_file files[] = {
		{ 900, "status", "Name:\tx\nState:\tS (sleeping)\nPPid:\t899\n" },
		{ 899, "status", "Name:\tx\nState:\tS (sleeping)\nPPid:\t5\n" },
		{ 899, "comm", comm },
		{ 899, "cmdline", args },
		{ 0 },
	};

	scene_start();
	hold("x", "/usr/bin/x", NULL);
	fake.files = files;
	scene_ask(true);
	says("so stop that first: kill 899 kill 900");
}

static void runners(void **state)
{
	(void)state;
	restarted_alone("autossh\n", "/usr/lib/autossh/autossh\n-M\n0\nhost\n");
	restarted_alone("node\n", "node\n--watch\nserver.js\n");
	restarted_alone("node\n", "node\n--watch-path=src\nserver.js\n");
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(machines),
		TEST(other_machines),
		TEST(way_in_on_demand),
		TEST(ways_in),
		TEST(sessions),
		TEST(sessions_refused),
		TEST(desktops_over_vnc),
		TEST(editor_servers),
		TEST(proxies),
		TEST(pods),
		TEST(supervised),
		TEST(dnsmasq),
		TEST(mixed_service),
		TEST(triggered),
		TEST(resolv_conf),
		TEST(same_container),
		TEST(rootless_container),
		TEST(kubernetes),
		TEST(shared_daemons),
		TEST(by_ctrl_z),
		TEST(deaf),
		TEST(on_desktop),
		TEST(while_frozen),
		TEST(hidden_owner),
		TEST(restarted),
		TEST(restarters),
		TEST(runners),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_stop", tests, NULL, NULL);
}
