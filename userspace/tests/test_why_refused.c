// SPDX-License-Identifier: GPL-2.0
/* Advice of "why" if the refused process bound on behalf of something else. */

#include <locale.h>
#include <netinet/in.h>

#include "lib/time_fmt.h"
#include "tests/scene.h"

#define USER_SERVICES "/user.slice/user-1000.slice/user@1000.service/"

static void published(void **state)
{
	static const char * const docker[] = {
		"docker-proxy", "dockerd", "rootlesskit",
	};
	static const char * const podman[] = {
		"rootlessport", "conmon", "pasta", "slirp4netns", "podman",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(docker); i++) {
		scene_start();
		scene.reject.comm = text(docker[i]);
		scene_ask(true);
		says("Stop old[5] if it should not have the port: kill 5");
		says("Publish another port of this host for the container "
		     "(docker run -p PORT:CONTAINER-PORT, or ports: in compose.yaml)");
		says_not("Use a port");
		says_not("in both");
		scene_ask(false);
		says("Nothing is in the way any more: start the container again.");
	}
	for (i = 0; i < ARRAY_SIZE(podman); i++) {
		scene.reject.comm = text(podman[i]);
		scene_ask(true);
		says("for the container (podman run -p PORT:CONTAINER-PORT, or");
		says_not("setsockopt");
	}
	scene.reject.comm = text("dockerd");
	scene_ask(true);
	says("if the port is in the configuration of dockerd itself (hosts,");
}

/* It binds the ports of all containers, so it is not in its own way. */
static void published_twice(void **state)
{
	(void)state;
	scene_start();
	scene.reject.comm = text("rootlesskit");
	scene.owners[0] = (struct owner){
		.pid = 777, .comm = text("rootlesskit"),
		.cgroup = text(USER_SERVICES "app.slice/docker.service"),
	};
	scene_ask(true);
	says("rootlesskit[777] holds the port on behalf of a container. Stop that");
	says_not("itself had bound");
	says_not("restart");
}

static void published_wildcard(void **state)
{
	(void)state;
	scene_start();
	scene.reject.rule = PORTOWNER_RULE_WILDCARD_COVERS;
	scene.reject.comm = text("docker-proxy");
	set_address(&scene.sock.ep, "127.0.0.1");
	scene_ask(true);
	says("If the container need not be reached at 127.0.0.1, publish a "
	     "single address (docker run -p ADDRESS:80:CONTAINER-PORT).");
	says_not("can make do with");
	scene.reject.comm = text("new");
	scene.owners[0].comm = text("docker-proxy");
	set_address(&scene.sock.ep, "0.0.0.0");
	set_address(&scene.reject.ep, "127.0.0.1");
	scene_ask(true);
	says("If the container need not be reached at 127.0.0.1, publish");
	says_not("can make do with");
	scene.owners[0] = (struct owner){ .pid = 1, .comm = text("systemd") };
	scene_ask(true);
	says("If the socket unit can make do with an address other than 127.0.0.1");
}

static void start_unit(void)
{
	scene_start();
	scene.reject.comm = text("(sd-listen)");
	scene.reject.exe = text("/usr/lib/systemd/systemd");
	scene.reject.cgroup = text("/system.slice/cockpit.socket");
}

static void socket_unit(void **state)
{
	(void)state;
	start_unit();
	scene_ask(true);
	says("(sd-listen)[777], run by uid 0 from /usr/lib/systemd/systemd, in "
	     "cockpit.socket, requested it");
	says("Give socket unit cockpit.socket another port (in [Socket] an "
	     "empty ListenStream=, then the new one): systemctl edit cockpit.socket");
	says("Set SO_REUSEPORT in both old[5] and socket unit cockpit.socket");
	says("[Socket] ReusePort=yes");
	says_not("Use a port");
	scene.reject.ep.flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	scene.sock.ep.flags = PORTOWNER_SOCK_FLAG_REUSEPORT;
	scene_ask(true);
	says("Set SO_REUSEPORT in socket unit cockpit.socket before bind(), as "
	     "the other side did; the kernel then divides the connections "
	     "between the two: [Socket] ReusePort=yes");
	scene_ask(false);
	says("Nothing is in the way any more; start socket unit cockpit.socket "
	     "again: systemctl start cockpit.socket");
	scene.reject.ep.proto = IPPROTO_UDP;
	scene.sock.ep.proto = IPPROTO_UDP;
	scene.sock.state = PORTOWNER_STATE_BOUND;
	scene_ask(true);
	says("an empty ListenDatagram=");
}

/* Only systemd knows which of its units it was. */
static void unknown_unit(void **state)
{
	(void)state;
	start_unit();
	scene.reject.comm = text("systemd");
	scene.reject.pid = 1;
	scene.reject.cgroup = text("/init.scope");
	scene_ask(true);
	says("Give the socket unit another port (in [Socket] an empty "
	     "ListenStream=, then the new one); this lists the socket units "
	     "that failed: systemctl list-units --failed --type=socket");
	scene_ask(false);
	says("start the socket unit again; this lists the socket units that "
	     "failed: systemctl list-units --failed --type=socket");
}

/* systemctl edits no unit of another user's manager. */
static void unit_of_user(void **state)
{
	(void)state;
	start_unit();
	scene.reject.cgroup = text(USER_SERVICES "app.slice/a.socket");
	scene_ask(true);
	says("Give socket unit a.socket another port (in [Socket] an empty "
	     "ListenStream=, then the new one).");
	says_not("edit");
	scene_ask(false);
	says("systemctl --user --machine=1000@ start a.socket");
	fake.uid = 1000;
	scene_ask(true);
	says("systemctl --user edit a.socket");
	/* Not to be pasted. */
	scene.reject.cgroup = text("/system.slice/$(reboot).socket");
	scene_ask(false);
	says_not("systemctl");
}

/* Process 1 holds and requests the sockets of all units. */
static void two_units(void **state)
{
	(void)state;
	start_unit();
	scene.reject.comm = text("systemd");
	scene.reject.pid = 1;
	scene.reject.cgroup = text("/init.scope");
	scene.owners[0] = (struct owner){ .pid = 1, .comm = text("systemd") };
	scene_ask(true);
	says("Stop the socket unit on whose behalf systemd holds the port");
	says_not("passed the socket");
	says_not("sd_listen_fds");
	says_not("same process");
	says_not("inherited");
	start_unit();
	scene.owners[0] = (struct owner){ .pid = 1, .comm = text("systemd") };
	scene_ask(true);
	says("Stop the socket unit on whose behalf systemd holds the port");
	says_not("sd_listen_fds");
}

/* In a message between processes, for example. */
static void unseen(void **state)
{
	static const unsigned char local[16] = { [15] = 1 };

	(void)state;
	scene_start();
	scene.sock.n_owners = 0;
	scene.reject.rule = PORTOWNER_RULE_WILDCARD_COVERS;
	set_address(&scene.reject.ep, "127.0.0.1");
	scene_ask(true);
	says("No descriptor of the socket was found: it may be in a message "
	     "between processes, or in an io_uring; this shows where: "
	     "portowner who tcp/0.0.0.0:80");
	says_not("SO_REUSEPORT in");
	says_not("can make do with");
	scene.sock.ep.family = AF_INET6;
	memcpy(scene.sock.ep.addr, local, sizeof(local));
	scene_ask(true);
	says("portowner who 'tcp/[::1]:80'");
	/* A thread may wait on the socket that another one has closed. */
	scene.sock.binder = &scene.binder;
	scene.binder = (struct binder){
		.pid = 300, .comm = text("srv"), .alive = true,
	};
	scene.sock.untracked_refs = 1;
	scene_ask(true);
	says("srv[300], which bound the port, is still running. If it has "
	     "closed the socket while one of its threads was waiting in "
	     "accept(), the port is in use until that call returns: have it "
	     "call shutdown() before close(), or end it.");
	scene.binder.alive = false;
	scene_ask(true);
	says_not("shutdown()");
	/* A process has a descriptor, but the reader may not see it. */
	scene.sock.owners_hidden = true;
	scene_ask(true);
	says_not("No descriptor");
	says("Set SO_REUSEPORT in both");
	scene.sock.owners_hidden = false;
	scene.sock.owners_incomplete = true;
	scene_ask(true);
	says_not("No descriptor");
}

/* A drop-in adds to the list of a unit, which then conflicts with itself. */
static void listed_twice(void **state)
{
	(void)state;
	start_unit();
	scene.owners[0] = (struct owner){ .pid = 1, .comm = text("systemd") };
	scene_ask(false);
	says_not("list the port twice");
	scene.sock.age_ns = NSEC_PER_SEC / 100;
	scene_ask(false);
	says("systemctl start cockpit.socket");
	says("If that fails again, socket unit cockpit.socket may list the port "
	     "twice: a drop-in adds to ListenStream=, unless an empty one "
	     "comes first. Look for both: systemctl cat cockpit.socket");
}

/* The port belongs to the device that the tool sets up. */
static void asks_kernel(void **state)
{
	(void)state;
	scene_start();
	scene.reject.comm = text("ip");
	scene.reject.exe = text("/usr/sbin/ip");
	scene_ask(true);
	says("Use a port other than 80 for what ip[777] was to set up in the kernel.");
	/* The kernel opens the socket of lockd, with the address it wants. */
	scene.reject.comm = text("mount.nfs");
	scene.reject.exe = text("/usr/sbin/mount.nfs");
	scene.reject.rule = PORTOWNER_RULE_WILDCARD_COVERS;
	set_address(&scene.sock.ep, "127.0.0.1");
	scene_ask(true);
	says_not("lockd");
	says_not("can make do with");
	says_not("SO_REUSEPORT in");
	fake.lockd = "80";
	scene_ask(true);
	says("Port 80 is a fixed port of the NFS lock manager (lockd), which "
	     "the kernel opened for mount.nfs[777]. Give lockd another one "
	     "(port and udp-port in [lockd] of /etc/nfs.conf), outside "
	     "net.ipv4.ip_local_port_range; this shows both: sysctl "
	     "fs.nfs.nlm_tcpport fs.nfs.nlm_udpport");
	says_not("80 for ip");
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(published),
		TEST(published_twice),
		TEST(published_wildcard),
		TEST(socket_unit),
		TEST(unknown_unit),
		TEST(unit_of_user),
		TEST(two_units),
		TEST(unseen),
		TEST(listed_twice),
		TEST(asks_kernel),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why_refused", tests, NULL, NULL);
}
