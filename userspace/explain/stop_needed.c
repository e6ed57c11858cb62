// SPDX-License-Identifier: GPL-2.0
/* Programs that the host cannot do without, and what to set in them instead. */

#include <stdlib.h>
#include <string.h>

#include "explain/service.h"
#include "explain/stop_priv.h"
#include "lib/util.h"
#include "print/phrase.h"

#define RESOLVED(setting)						\
	"mkdir -p /etc/systemd/resolved.conf.d\n"			\
	"printf '[Resolve]\\n" setting "=no\\n' "			\
	">/etc/systemd/resolved.conf.d/portowner.conf\n"

#define DISPLAY								\
	"%s shows the desktop of a user, whose programs would all end with "	\
	"it: leave it running, or have it started without '-listen tcp'; "	\
	"this shows how it was started:",					\
	"ps -o user=,args= -C Xorg,Xwayland"

#define VNC								\
	"%s shows a desktop, whose programs would all end with it: use "	\
	"another display for the new one (vncserver :N has port 5900 and N), "	\
	"or end this one once nothing is open on it (vncserver -kill :N); this "	\
	"shows whose it is:",							\
	"ps -o user=,args= -C Xtigervnc,Xvnc,Xtightvnc"

#define PASST								\
	"%s is the network of a virtual machine: leave it running, but have "	\
	"it forward another port (<portForward> of its interface, with "	\
	"libvirt); this lists the machines that libvirt runs:",		\
	"virsh list --all"

#define INETD								\
	"%s opens ports for services that it starts on demand: leave it "	\
	"running, but take this port away from it (remove its line), and "	\
	"reload it; this shows what it opens:",				\
	"grep -v '^#' /etc/inetd.conf"

/*
 * @comm: command name, truncated to 15 bytes
 * @unit: pattern for the service that it must belong to, or NULL
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
	  "%s resolves names for this host: leave it running, but "
	  "switch off its listener on port 53, and have resolv.conf name the real servers:",
	  RESOLVED("DNSStubListener")
	  "grep -qE '^nameserver 127\\.0\\.0\\.5[34]' /etc/resolv.conf && "
	  "ln -sf /run/systemd/resolve/resolv.conf /etc/resolv.conf\n"
	  "systemctl restart systemd-resolved" },
	{ "systemd-resolve", NULL, 5353,
	  "%s resolves names for this host: leave it running, but "
	  "switch off its multicast DNS:",
	  RESOLVED("MulticastDNS") "systemctl restart systemd-resolved" },
	{ "systemd-resolve", NULL, 5355,
	  "%s resolves names for this host: leave it running, but switch off its LLMNR:",
	  RESOLVED("LLMNR") "systemctl restart systemd-resolved" },
	{ "systemd-resolve", NULL, 0,
	  "%s resolves names for this host: leave it running.", NULL },
	{ "systemd-network", NULL, 67,
	  "%s configures the network of this host: leave it running, but set "
	  "DHCPServer=no in the .network file of the interface; this lists the files:",
	  "networkctl list\nls /etc/systemd/network /run/systemd/network" },
	{ "systemd-network", NULL, 0,
	  "%s configures the network of this host, and maintains its address: "
	  "leave it running, or set DHCP=no and a fixed Address= in the "
	  ".network file of the interface; this lists the interfaces:",
	  "networkctl list" },
	{ "dnsmasq", "NetworkManager.service", 0,
	  "%s belongs to NetworkManager: leave that running, but have it "
	  "start no dnsmasq of its own (dns=default in place of dns=dnsmasq, "
	  "in [main] of its configuration), or do not share the connection; this shows where:",
	  "grep -rn '^dns=' /etc/NetworkManager\nsystemctl reload NetworkManager" },
	{ "dnsmasq", "@(incus|lxd|snap.lxd.daemon).service", 0,
	  "%s serves a bridge of Incus or LXD: leave it running, but take its "
	  "DNS or DHCP away from that network (raw.dnsmasq: port=0, "
	  "ipv4.dhcp: false); this lists them (for LXD: lxc network list):",
	  "incus network list" },
	{ "dnsmasq", "@(libvirtd|virtnetworkd).service", 67,
	  "%s serves a virtual network of libvirt: leave libvirt running, but "
	  "end that network or take its DHCP away (<dhcp>); this lists them:",
	  "virsh net-list" },
	{ "dnsmasq", "@(libvirtd|virtnetworkd).service", 0,
	  "%s serves a virtual network of libvirt: leave libvirt running, but "
	  "end that network or take its DNS away (<dns enable='no'/>); this lists them:",
	  "virsh net-list" },
	{ "aardvark-dns", NULL, 53,
	  "%s resolves names for podman's containers: leave it "
	  "running. It binds only the addresses of their networks: bind or "
	  "publish the other addresses one by one, or give it another port "
	  "(dns_bind_port, in [network] of containers.conf; takes effect with no container running); this lists its addresses:",
	  "portowner list -p 53" },
	{ "epmd", NULL, 0,
	  "%s serves all Erlang nodes of this host, whichever started it: leave "
	  "it running, since after a restart the nodes that run now are not found. A "
	  "node that finds it uses it, and starts none of its own; this lists the nodes:",
	  "epmd -names" },
	{ "NetworkManager", NULL, 0,
	  "%s configures the network of this host: leave it running, or give "
	  "the connection a fixed address (ipv4.method manual); this lists them:",
	  "nmcli connection show --active" },
	{ "connmand", NULL, 53,
	  "%s configures the network of this host: leave it running, but "
	  "switch off its DNS proxy (--nodnsproxy in ExecStart= of its unit); this shows it:",
	  "systemctl cat connman.service" },
	{ "connmand", NULL, 0,
	  "%s configures the network of this host: leave it running, or give "
	  "the connection a fixed address (connmanctl config SERVICE --ipv4 "
	  "manual ADDRESS NETMASK GATEWAY); this lists them:",
	  "connmanctl services" },
	{ "iwd", NULL, 0,
	  "%s configures the wireless network of this host: leave it running, "
	  "or have something else assign the address "
	  "(EnableNetworkConfiguration=false, in [General] of its configuration); this shows it:",
	  "cat /etc/iwd/main.conf" },
	{ "dhclient", NULL, 0,
	  "%s maintains the address of this host: leave it running, or configure "
	  "a fixed address.", NULL },
	{ "dhcpcd", NULL, 0,
	  "%s maintains the address of this host: leave it running, or configure "
	  "a fixed address.", NULL },
	{ "sshd", NULL, 0,
	  "%s may be your way into this host: do not end it, but give it "
	  "another port or address (Port or ListenAddress in "
	  "/etc/ssh/sshd_config), and keep a session open until the new one works:",
	  "sshd -T | grep -E '^(port|listenaddress) '" },
	{ "dropbear", NULL, 0,
	  "%s may be your way into this host: do not end it, but give it "
	  "another port or address (-p on its command line, which Debian "
	  "takes from /etc/default/dropbear), and keep a session open until "
	  "the new one works; this shows how it was started:",
	  "ps -o args= -C dropbear" },
	{ "Xorg", NULL, 0, DISPLAY },
	{ "Xwayland", NULL, 0, DISPLAY },
	{ "Xtigervnc", NULL, 0, VNC },
	{ "Xvnc", NULL, 0, VNC },
	{ "Xtightvnc", NULL, 0, VNC },
	{ "passt", NULL, 0, PASST },
	{ "passt.avx2", NULL, 0, PASST },
	{ "xinetd", NULL, 0,
	  "%s opens ports for services that it starts on demand: leave it "
	  "running, but take this port away from it (disable = yes), and "
	  "reload it; this shows what it opens:",
	  "grep -rE '^[[:space:]]*(service|port|disable)' /etc/xinetd.conf /etc/xinetd.d" },
	{ "inetd", NULL, 0, INETD },
	{ "inetutils-inetd", NULL, 0, INETD },
	{ "tailscaled", NULL, 0,
	  "%s may be your way into this host: leave it running; this shows what "
	  "it serves (tailscale serve reset ends that):",
	  "tailscale serve status" },
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
	{ "k3s-agent", NULL, 0,
	  "%s runs the pods of this node: leave it running, or change its configuration.", NULL },
	{ "rke2", NULL, 0,
	  "%s runs the pods of this node: leave it running, or change its configuration.", NULL },
	{ "incusd", NULL, 0,
	  "%s manages containers and virtual machines: leave it running, or "
	  "change its configuration (core.https_address is its port):",
	  "incus config show" },
	{ "lxd", NULL, 0,
	  "%s manages containers and virtual machines: leave it running, or "
	  "change its configuration (core.https_address is its port):",
	  "lxc config show" },
	{ "libvirtd", NULL, 0,
	  "%s manages the virtual machines: leave it running, or change its configuration.", NULL },
	{ "virtqemud", NULL, 0,
	  "%s manages the virtual machines: leave it running, or change its configuration.", NULL },
	{ "virtproxyd", NULL, 0,
	  "%s manages the virtual machines: leave it running, or change its configuration.", NULL },
	{ "systemd-logind", NULL, 0,
	  "%s manages the login sessions of this host: leave it running.", NULL },
	{ "dbus-daemon", NULL, 0,
	  "Other programs need %s: leave it running, or change its configuration.", NULL },
	{ "ovs-vswitchd", NULL, 0,
	  "%s connects this host or its virtual machines to the network: leave it "
	  "running, or change its configuration:",
	  "ovs-vsctl show" },
};

static bool is_needed(size_t i, const struct owner *owner, __u16 port)
{
	return owner->comm && !strcmp(needed[i].comm, owner->comm) &&
	       (!needed[i].unit || service_is(owner, needed[i].unit)) &&
	       (!needed[i].port || needed[i].port == port);
}

/* Index in the table, or its size; any owner may be the one, see @owner. */
static size_t find_needed(const struct psock *sock, const struct owner **owner)
{
	size_t i, n;

	for (n = 0; n < sock->n_owners; n++)
		for (i = 0; i < ARRAY_SIZE(needed); i++)
			if (is_needed(i, &sock->owners[n], sock->ep.port)) {
				*owner = &sock->owners[n];
				return i;
			}
	return ARRAY_SIZE(needed);
}

/**
 * service_is_needed() - Does the host need the program that holds a socket?
 * @sock: the socket
 *
 * A virtual machine, the session of a user and what somebody works with are not to
 * be restarted or changed in passing either.
 *
 * Return: true if it does.
 */
bool service_is_needed(const struct psock *sock)
{
	const struct owner *owner;

	return machine_holds(sock) || login_holds(sock) || ssh_master(sock) ||
	       socket_unit_is_way_in(sock) || runner_holds(sock) ||
	       reserved_holds(sock) || desktop_holds(sock) ||
	       find_needed(sock, &owner) < ARRAY_SIZE(needed);
}

/**
 * stop_needed() - Say what to set if the host needs the holder of a port.
 * @report: where to add it
 * @sock: the socket
 *
 * Return: true if the host needs it, so that it must not be ended.
 */
bool stop_needed(struct report *report, const struct psock *sock)
{
	const struct owner *owner;
	size_t i = find_needed(sock, &owner);
	char *who, *words, *command;
	char port[8];

	if (i == ARRAY_SIZE(needed))
		return false;
	who = phrase_process(owner->comm, owner->pid);
	snprintf(port, sizeof(port), "%u", sock->ep.port);
	words = service_fill_in(needed[i].words, "%s", who);
	command = service_fill_in(needed[i].command, "%u", port);
	report_advise(report, command, "%s", words);
	free(words);
	free(who);
	return true;
}
