// SPDX-License-Identifier: GPL-2.0
/*
 * Services: how to end one without harm, and what to set instead.
 *
 * Stopping a service is right only if it exists for that one program. The host
 * cannot do without some services, and others run unrelated programs.
 */

#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/service.h"
#include "lib/escape.h"
#include "lib/host.h"
#include "lib/process.h"
#include "model/endpoint.h"
#include "print/phrase.h"

#define RESOLVED(setting)						\
	"mkdir -p /etc/systemd/resolved.conf.d\n"			\
	"printf '[Resolve]\\n" setting "=no\\n' "			\
	">/etc/systemd/resolved.conf.d/portowner.conf\n"

/*
 * @comm: command name, truncated to 15 bytes
 * @unit: service that it must belong to, or NULL
 * @port: port that the setting concerns, or 0
 * @words: what to set; %s is the process
 * @command: lines that set or show it, or NULL
 */
static const struct {
	const char *comm;
	const char *unit;
	__u16 port;
	const char *words;
	const char *command;
} needed[] = {
	{ "systemd-resolve", NULL, 53,
	  "%s answers the name lookups of this host: leave it running, but "
	  "switch its listener on port 53 off, and have resolv.conf name the real servers:",
	  RESOLVED("DNSStubListener")
	  "ln -sf /run/systemd/resolve/resolv.conf /etc/resolv.conf\n"
	  "systemctl restart systemd-resolved" },
	{ "systemd-resolve", NULL, 5353,
	  "%s answers the name lookups of this host: leave it running, but "
	  "switch multicast DNS off in it:",
	  RESOLVED("MulticastDNS") "systemctl restart systemd-resolved" },
	{ "systemd-resolve", NULL, 5355,
	  "%s answers the name lookups of this host: leave it running, but switch LLMNR off in it:",
	  RESOLVED("LLMNR") "systemctl restart systemd-resolved" },
	{ "systemd-resolve", NULL, 0,
	  "%s answers the name lookups of this host: leave it running.", NULL },
	{ "systemd-network", NULL, 67,
	  "%s configures the network of this host: leave it running, but set "
	  "DHCPServer=no in the .network file of the interface; this lists the files:",
	  "networkctl list\nls /etc/systemd/network /run/systemd/network" },
	{ "systemd-network", NULL, 0,
	  "%s configures the network of this host, and keeps its address: "
	  "leave it running, or set DHCP=no and a fixed Address= in the "
	  ".network file of the interface; this lists the interfaces:",
	  "networkctl list" },
	{ "dnsmasq", "NetworkManager.service", 0,
	  "%s belongs to NetworkManager: leave that running, but have it "
	  "start no dnsmasq of its own (dns=default in place of dns=dnsmasq, "
	  "in [main] of its configuration), or do not share the connection; this shows where:",
	  "grep -rn '^dns=' /etc/NetworkManager\nsystemctl reload NetworkManager" },
	{ "dnsmasq", "libvirtd.service", 0,
	  "%s serves a virtual network of libvirt: leave libvirt running, but "
	  "end that network or take its DNS away (<dns enable='no'/>); this lists them:",
	  "virsh net-list" },
	{ "NetworkManager", NULL, 0,
	  "%s configures the network of this host: leave it running, or give "
	  "the connection a fixed address (ipv4.method manual); this lists them:",
	  "nmcli connection show --active" },
	{ "dhclient", NULL, 0,
	  "%s keeps the address of this host: leave it running, or configure "
	  "a fixed address.", NULL },
	{ "dhcpcd", NULL, 0,
	  "%s keeps the address of this host: leave it running, or configure "
	  "a fixed address.", NULL },
	{ "sshd", NULL, 0,
	  "%s may be the way into this host: do not end it, but give it "
	  "another port or address (Port or ListenAddress in "
	  "/etc/ssh/sshd_config), and keep a session open until the new one works:",
	  "sshd -T | grep -E '^(port|listenaddress) '" },
	{ "dockerd", NULL, 0,
	  "%s runs all containers: leave it running. The port is in its own "
	  "configuration (hosts, metrics-addr, or a swarm), or published by a "
	  "container without a proxy; this shows both:",
	  "cat /etc/docker/daemon.json\ndocker ps --filter publish=%u" },
	{ "containerd", NULL, 0,
	  "%s runs all containers: leave it running, and change its configuration.",
	  "containerd config dump | grep -w address" },
	{ "kubelet", NULL, 0,
	  "%s runs the pods of this node: leave it running, or change its configuration.", NULL },
	{ "kube-proxy", NULL, 0,
	  "%s serves this node: leave it running. If the port is a NodePort, "
	  "give the service another one; this lists them:",
	  "kubectl get services --all-namespaces" },
	{ "k3s-server", NULL, 0,
	  "%s runs the pods of this node: leave it running, or change its configuration.", NULL },
	{ "libvirtd", NULL, 0,
	  "%s manages the virtual machines: leave it running, or change its configuration.", NULL },
	{ "systemd-logind", NULL, 0,
	  "%s keeps the sessions of this host: leave it running.", NULL },
	{ "dbus-daemon", NULL, 0,
	  "Other programs need %s: leave it running, or change its configuration.", NULL },
	{ "ovs-vswitchd", NULL, 0,
	  "%s is the network of this host or of its machines: leave it "
	  "running, or change its configuration:",
	  "ovs-vsctl show" },
};

/* Services that run unrelated programs. */
static const struct {
	const char *unit;
	const char *words;
	const char *command;
} supervisors[] = {
	{ "supervisor.service",
	  "Stop %s through supervisor, which would start it again; this lists "
	  "the names (supervisorctl stop NAME):",
	  "supervisorctl status" },
	{ "supervisord.service",
	  "Stop %s through supervisor, which would start it again; this lists "
	  "the names (supervisorctl stop NAME):",
	  "supervisorctl status" },
	{ "cron.service", NULL, NULL },
	{ "crond.service", NULL, NULL },
	{ "atd.service", NULL, NULL },
	{ "ssh.service", NULL, NULL },
	{ "sshd.service", NULL, NULL },
	{ "docker.service", NULL, NULL },
	{ "containerd.service", NULL, NULL },
	{ "podman.service", NULL, NULL },
	{ "crio.service", NULL, NULL },
	{ "kubelet.service", NULL, NULL },
	{ "k3s.service", NULL, NULL },
	{ "libvirtd.service", NULL, NULL },
	{ "NetworkManager.service", NULL, NULL },
	{ "dbus.service", NULL, NULL },
	{ "jenkins.service", NULL, NULL },
	{ "gitlab-runner.service", NULL, NULL },
	{ "nomad.service", NULL, NULL },
	{ "snapd.service", NULL, NULL },
	{ "gdm.service", NULL, NULL },
	{ "gdm3.service", NULL, NULL },
	{ "lightdm.service", NULL, NULL },
	{ "sddm.service", NULL, NULL },
	{ "display-manager.service", NULL, NULL },
};

static bool unit_is(const struct owner *owner, const char *name)
{
	struct slice unit;

	return cgroup_unit(owner->cgroup, &unit) &&
	       unit.len == strlen(name) && !memcmp(unit.str, name, unit.len);
}

static bool is_needed(size_t i, const struct owner *owner, __u16 port)
{
	return owner->comm && !strcmp(needed[i].comm, owner->comm) &&
	       (!needed[i].unit || unit_is(owner, needed[i].unit)) &&
	       (!needed[i].port || needed[i].port == port);
}

/* Index in the table, or its size. */
static size_t find_needed(const struct psock *sock)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(needed); i++)
		if (is_needed(i, sock->owners, sock->ep.port))
			break;
	return i;
}

/**
 * service_is_needed() - Does the host need the program that holds a socket?
 * @sock: the socket
 *
 * Return: true if it does.
 */
bool service_is_needed(const struct psock *sock)
{
	return sock->n_owners && find_needed(sock) < ARRAY_SIZE(needed);
}

/* A constant, in which %s or %u is replaced at most once. */
static char *fill_in(const char *text, const char *place, const char *value)
{
	const char *at = text ? strstr(text, place) : NULL;

	if (!at)
		return text ? xstrdup(text) : NULL;
	return xasprintf("%.*s%s%s", (int)(at - text), text, value,
			 at + strlen(place));
}

/**
 * advice_needed() - Say what to set if the host needs the holder of a port.
 * @report: where to add it
 * @sock: the socket
 *
 * Return: true if the host needs it, so that it must not be ended.
 */
bool advice_needed(struct report *report, const struct psock *sock)
{
	const struct owner *owner = sock->owners;
	size_t i = find_needed(sock);
	char *who, *words, *command;
	char port[8];

	if (i == ARRAY_SIZE(needed))
		return false;
	who = phrase_process(owner->comm, owner->pid);
	snprintf(port, sizeof(port), "%u", sock->ep.port);
	words = fill_in(needed[i].words, "%s", who);
	command = fill_in(needed[i].command, "%u", port);
	report_advise(report, command, "%s", words);
	free(words);
	free(who);
	return true;
}

/**
 * advice_supervised() - End a program without the service that runs it.
 * @report: where to add it
 * @sock: its socket
 * @kill: the command that ends just the program, or NULL; freed
 *
 * Return: true if the service runs other programs as well; if not, @kill is not
 * freed.
 */
bool advice_supervised(struct report *report, const struct psock *sock,
		       char *kill)
{
	const struct owner *owner = sock->owners;
	char *who, *words;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(supervisors); i++)
		if (unit_is(owner, supervisors[i].unit))
			break;
	if (i == ARRAY_SIZE(supervisors))
		return false;
	who = phrase_holder(sock);
	if (supervisors[i].words) {
		words = fill_in(supervisors[i].words, "%s", who);
		report_advise(report, xstrdup(supervisors[i].command), "%s",
			      words);
		free(words);
		free(kill);
	} else {
		report_advise(report, kill,
			      "Stop %s if it should not have the port, but "
			      "not %s, which runs other programs as well:",
			      who, supervisors[i].unit);
	}
	free(who);
	return true;
}

/* The user whose service manager a process belongs to. */
static bool user_manager(const char *cgroup, __u64 *uid)
{
	static const char before[] = "/user@";
	const char *at = strstr(cgroup, before);
	size_t digits;

	if (!at)
		return false;
	at += strlen(before);
	digits = strspn(at, "0123456789");
	return !strncmp(at + digits, ".service", strlen(".service")) &&
	       number_parse(at, digits, 0, 0xfffffffe, uid);
}

/**
 * service_systemctl() - How to talk to the manager of a service.
 * @owner: a process
 * @unit: set to the service that it belongs to; empty if it is part of the
 *	service manager itself
 *
 * Return: "systemctl", with options for the manager of a user if need be; to be
 * freed. NULL if no manager can end just the service.
 */
char *service_systemctl(const struct owner *owner, struct slice *unit)
{
	static const char suffix[] = ".service";
	const size_t len = strlen(suffix);
	__u64 uid;
	bool user;

	if (!cgroup_unit(owner->cgroup, unit))
		return NULL;
	user = user_manager(owner->cgroup, &uid);
	if (!is_plain_word(unit->str, unit->len) || unit->len <= len ||
	    strncmp(unit->str + unit->len - len, suffix, len) ||
	    !strncmp(unit->str, "user@", strlen("user@"))) {
		unit->len = 0;
		if (!user)
			return NULL;
	}
	if (!user)
		return xstrdup("systemctl");
	if (uid == host_uid())
		return xstrdup("systemctl --user");
	return xasprintf("systemctl --user --machine=%llu@",
			 (unsigned long long)uid);
}

/**
 * service_restart() - The command that restarts the service of a process.
 * @owner: the process
 *
 * Return: the command, to be freed; or NULL if it is in no service.
 */
char *service_restart(const struct owner *owner)
{
	struct slice unit;
	char *systemctl = service_systemctl(owner, &unit), *command;

	if (!systemctl || !unit.len) {
		free(systemctl);
		return NULL;
	}
	command = xasprintf("%s restart %.*s", systemctl, (int)unit.len,
			    unit.str);
	free(systemctl);
	return command;
}
