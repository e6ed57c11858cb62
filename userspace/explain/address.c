// SPDX-License-Identifier: GPL-2.0
/* Addresses that cannot be bound, each for a reason of its own. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/explain.h"
#include "lib/escape.h"
#include "lib/host.h"
#include "lib/host_net.h"
#include "model/endpoint.h"
#include "model/names.h"
#include "print/phrase.h"

/* At most this many addresses of the host are named. */
#define ADDRESSES_MAX	8

/**
 * struct place - An address, and the device that it is about.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 * @family: AF_INET or AF_INET6
 * @address: what was to be bound
 * @dev: the device of the reason, escaped, or NULL
 * @word: the same for a command, or NULL if it is not safe there
 */
struct place {
	const struct context *ctx;
	struct report *report;
	FILE *out;
	int family;
	char *address;
	char *dev;
	const char *word;
};

/* A logged refusal is in the past, a check of a bind in the present. */
static bool is_past(const struct place *p)
{
	return p->ctx->reject->seq;
}

static struct in6_addr in6_of(const struct endpoint *ep)
{
	struct in6_addr addr;

	memcpy(&addr, ep->addr, sizeof(addr));
	return addr;
}

static char *in_netns(const struct place *p, char *command)
{
	return advice_in_netns(p->ctx, command);
}

/* A dot separates in the name of a sysctl, unless there are slashes. */
static char *conf_sysctl(const char *dev, const char *setting)
{
	return xasprintf(strchr(dev, '.') ?
				 "sysctl -w net/ipv6/conf/%s/%s" :
				 "sysctl -w net.ipv6.conf.%s.%s", dev, setting);
}

/* Addresses of this host, as "10.0.0.7 on eth0, 10.1.0.1 on eth1". */
static void put_addresses(FILE *out, const struct host_address *list, size_t n)
{
	char text[INET6_ADDRSTRLEN], *dev;
	size_t i;

	for (i = 0; i < n; i++) {
		inet_ntop(list[i].family, list[i].addr, text, sizeof(text));
		dev = escape_text(list[i].dev, strlen(list[i].dev));
		fprintf(out, "%s%s on %s", i ? ", " : "", text, dev);
		free(dev);
	}
}

/* Of a private network, or one that providers translate: RFC 1918 and 6598. */
static bool is_private(const unsigned char *addr)
{
	return addr[0] == 10 || (addr[0] == 172 && addr[1] >> 4 == 1) ||
	       (addr[0] == 192 && addr[1] == 168) ||
	       (addr[0] == 100 && addr[1] >> 6 == 1);
}

static bool is_public(const unsigned char *addr)
{
	return !is_private(addr) && addr[0] && addr[0] != 127 &&
	       (addr[0] != 169 || addr[1] != 254) && addr[0] < 224;
}

/* Nothing but private addresses, so that a public one is translated to one. */
static bool is_behind_nat(const struct place *p,
			  const struct host_address *list, size_t n)
{
	const struct endpoint *ep = &p->ctx->reject->ep;
	const unsigned char *addr = ep->addr;
	size_t i;

	if (p->family != AF_INET || !n)
		return false;
	if (!is_public(ep->family == AF_INET6 ? addr + 12 : addr))
		return false;
	for (i = 0; i < n; i++)
		if (!is_private(list[i].addr))
			return false;
	return true;
}

static void advise_nat(const struct place *p, const struct host_address *list)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(list->family, list->addr, text, sizeof(text));
	report_advise(p->report, NULL,
		      "Bind the private address (%s) or the wildcard 0.0.0.0 "
		      "instead; if the program tells its address to others, "
		      "set the public one there only (\"advertised\" or "
		      "\"external\" address).", text);
}

/* The address may be there later. */
static void advise_later(const struct place *p, bool boot)
{
	if (boot)
		report_sketch(p->report,
			      xstrdup("Wants=network-online.target\n"
				      "After=network-online.target"),
			      "If it fails only at boot, start the service after the "
			      "network: add this to [Unit] of its systemd unit:");
	report_advise(p->report,
		      in_netns(p, xasprintf("sysctl -w net.%s.ip_nonlocal_bind=1",
					    p->family == AF_INET6 ? "ipv6" : "ipv4")),
		      "If the address is meant to arrive later (failover), set "
		      "FreeBind=yes in a systemd socket unit or IP_FREEBIND in "
		      "the program; or let every program bind addresses that do "
		      "not exist yet:");
}

static void advise_wildcard(const struct place *p, const char *whose)
{
	report_advise(p->report, NULL,
		      "Or bind an address of %s, or the wildcard %s.", whose,
		      p->family == AF_INET6 ? "::" : "0.0.0.0");
}

static void put_no_interface(const struct place *p)
{
	const char *dev = p->ctx->reject->ep.dev;
	char *name;

	fprintf(p->out, "No interface of %s network namespace ",
		p->ctx->here ? "this" : "its");
	if (dev) {
		name = escape_text(dev, strlen(dev));
		fprintf(p->out, "that belongs to device %s, to which the socket is bound, ",
			name);
		free(name);
	}
	fprintf(p->out, "%s the address %s, so it cannot be bound.",
		is_past(p) ? "had" : "has", p->address);
}

/* Without IPv6, a device has no such address, whatever is configured. */
static bool put_without_ipv6(const struct place *p)
{
	char *dev = p->family == AF_INET6 && p->ctx->here ?
			    host_without_ipv6() : NULL;
	char *name;

	if (!dev)
		return false;
	name = escape_text(dev, strlen(dev));
	fprintf(p->out, " IPv6 is switched off on %s "
			"(net.ipv6.conf.%s.disable_ipv6), so the address "
			"cannot be there.", name, name);
	if (is_plain_word(dev, strlen(dev)))
		report_advise(p->report, conf_sysctl(dev, "disable_ipv6=0"),
			      "If %s is to have the address, switch IPv6 on "
			      "there, and add the address again:",
			      name);
	free(name);
	free(dev);
	return true;
}

static void not_configured(const struct place *p)
{
	struct host_address list[ADDRESSES_MAX];
	size_t n = p->ctx->here ? host_addresses(p->family, list,
						 ADDRESSES_MAX) : 0;

	put_no_interface(p);
	if (is_behind_nat(p, list, n)) {
		fputs(" It is a public address, and this host has only private "
		      "ones: ", p->out);
		put_addresses(p->out, list, n);
		fputs(". If it is the public address of this machine (cloud, "
		      "NAT), it belongs to the router in front, which "
		      "translates it to a private one.", p->out);
		advise_nat(p, list);
		return;
	}
	if (n) {
		fprintf(p->out, " The IPv%d addresses here are: ",
			p->family == AF_INET6 ? 6 : 4);
		put_addresses(p->out, list, n);
		fputs(n < ADDRESSES_MAX ? "." : " and others.", p->out);
	}
	if (!put_without_ipv6(p) && p->family == AF_INET6)
		fputs(" An interface loses its IPv6 addresses when it is taken down.",
		      p->out);
	if (host_uid())
		fputs(" Another network namespace, such as that of a container, may "
		      "have it; only root can see that.",
		      p->out);
	report_advise(p->report,
		      in_netns(p, xasprintf("ip address show to %s",
					    p->address)),
		      "Compare it with the configured addresses (ip address) "
		      "and check for typos; this prints nothing while the "
		      "address is missing:");
	advise_wildcard(p, "this host");
	advise_later(p, true);
}

static void interface_down(const struct place *p)
{
	if (!strcmp(p->dev, "lo"))
		fprintf(p->out, "The loopback interface lo %s down, as it is "
				"in a new network namespace; %s can be bound "
				"only while lo is up.",
			is_past(p) ? "was" : "is", p->address);
	else
		fprintf(p->out, "%s has the address %s, but %s down; the "
				"address can be bound once the interface is up.",
			p->dev, p->address, is_past(p) ? "was" : "is");
	if (p->word)
		report_advise(p->report,
			      in_netns(p, xasprintf("ip link set %s up",
						    p->word)),
			      "Bring the interface up:");
}

static bool is_without_carrier(const struct place *p)
{
	unsigned int flags = p->ctx->here ?
		host_dev_flags(p->ctx->reject->reason_dev) : 0;

	return flags & IFF_UP && !(flags & IFF_RUNNING);
}

static void while_tentative(const struct place *p)
{
	bool no_carrier = is_without_carrier(p);

	fprintf(p->out, "%s has the address %s, but it %s tentative: duplicate "
			"address detection (DAD) %s not finished, and until "
			"then the address cannot be bound.",
		p->dev, p->address, is_past(p) ? "was" : "is",
		is_past(p) ? "had" : "has");
	if (no_carrier)
		fprintf(p->out, " %s has no carrier, and without one DAD never "
				"finishes.", p->dev);
	if (no_carrier && p->word)
		report_advise(p->report, xasprintf("ip link show dev %s", p->word),
			      "Give %s a link (plug in the cable, bring up the "
			      "other end, or add a port to the bridge); NO-CARRIER "
			      "is shown until then:", p->dev);
	if (p->word)
		report_advise(p->report,
			      in_netns(p, xasprintf("ip -6 address show dev %s tentative",
						    p->word)),
			      "Wait until DAD has finished%s; until then this prints the address:",
			      no_carrier ? "" : ", which takes a second or two");
	report_advise(p->report, NULL,
		      "Where no other host can have the address, configure it "
		      "without DAD: the word nodad after ip address add, "
		      "DuplicateAddressDetection=none in systemd-networkd, "
		      "dad-attempts 0 in /etc/network/interfaces. With the "
		      "word optimistic it can be bound while DAD goes on.");
	advise_later(p, !no_carrier);
}

static void dad_failed(const struct place *p)
{
	fprintf(p->out, "%s has the address %s, but duplicate address "
			"detection failed (dadfailed): another host on that "
			"link uses the same address, so it cannot be bound "
			"here.", p->dev, p->address);
	report_advise(p->report,
		      xstrdup("journalctl -k -b | grep -i 'duplicate address'"),
		      "Find out who that is; the kernel log has the hardware address:");
	report_advise(p->report, p->word ?
		      in_netns(p, xasprintf("ip -6 address show dev %s dadfailed",
					    p->word)) : NULL,
		      "Give one of the two another address. If this host is to "
		      "keep it, remove it here and add it again once the other "
		      "is gone: the kernel does not try again. This shows it:");
}

static void ipv6_disabled(const struct place *p)
{
	bool loopback = !strcmp(p->address, "::1");

	if (p->dev)
		fprintf(p->out, "IPv6 is switched off on %s "
				"(net.ipv6.conf.%s.disable_ipv6), so it has no "
				"IPv6 address.", p->dev, p->dev);
	else
		fprintf(p->out, "IPv6 is switched off in %s network namespace "
				"(net.ipv6.conf.all.disable_ipv6), so no "
				"interface has an IPv6 address.",
			p->ctx->here ? "this" : "its");
	report_advise(p->report, p->dev && !p->word ? NULL :
		      in_netns(p, conf_sysctl(p->dev ? p->word : "all",
					      "disable_ipv6=0")),
		      loopback ? "Switch it on; ::1 is there again at once:" :
				 "Switch it on, and add the address again:");
	report_advise(p->report, NULL, "Or bind an IPv4 address: %s.",
		      loopback ? "127.0.0.1" : "0.0.0.0, or one of this host");
}

/* How a socket gets into a VRF. */
static void advise_enter_vrf(const struct place *p, const char *vrf)
{
	report_sketch(p->report, in_netns(p, xasprintf("ip vrf exec %s PROGRAM", vrf)),
		      "Run the program in the VRF:");
	report_sketch(p->report,
		      xasprintf("setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, \"%s\", %zu);",
				vrf, strlen(vrf) + 1),
		      "Or have it bind its socket to the VRF (BindToDevice= in "
		      "a systemd socket unit):");
}

/* The socket is in no VRF, but the address is. */
static void outside_vrf(const struct place *p)
{
	__u16 transport = endpoint_transport(&p->ctx->reject->ep);

	fprintf(p->out, "The address %s belongs to VRF %s, and only a socket "
			"that is bound to that VRF, or to a device in it, can "
			"bind it.", p->address, p->dev);
	if (p->word)
		advise_enter_vrf(p, p->word);
	if (transport == IPPROTO_TCP || transport == IPPROTO_UDP)
		report_advise(p->report,
			      in_netns(p, xasprintf("sysctl -w net.ipv4.%s_l3mdev_accept=1",
						    transport == IPPROTO_TCP ?
							    "tcp" : "udp")),
			      "Or bind the wildcard %s, and let such sockets serve all VRFs:",
			      p->family == AF_INET6 ? "::" : "0.0.0.0");
}

/* 127.0.0.1 and ::1 are on lo, which is in no VRF. */
static void loopback_in_vrf(const struct place *p, const char *vrf)
{
	bool v6 = p->family == AF_INET6;

	fprintf(p->out, " A VRF has loopback addresses only if its device is "
			"given some: those of lo do not count there.");
	if (vrf && is_plain_word(vrf, strlen(vrf)))
		report_advise(p->report,
			      in_netns(p, xasprintf("ip addr add %s dev %s",
						    v6 ? "::1/128" : "127.0.0.1/8",
						    vrf)),
			      "Give the VRF a loopback address:");
}

static bool is_loopback(const struct place *p)
{
	const struct endpoint *ep = &p->ctx->reject->ep;
	const unsigned char *addr = ep->addr;

	if (p->family == AF_INET6)
		return !strcmp(p->address, "::1");
	return (ep->family == AF_INET6 ? addr + 12 : addr)[0] == 127;
}

/* The socket is bound to a device, and the address is in another VRF, or none. */
static void inside_vrf(const struct place *p)
{
	const struct reject *reject = p->ctx->reject;
	bool here = p->ctx->here;
	char *own = here ? host_vrf(reject->ep.dev) : NULL;
	char *other = here ? host_vrf(reject->reason_dev) : NULL;
	const char *domain = own ? own : reject->ep.dev;
	char *name = escape_text(domain, strlen(domain));
	char *dev = escape_text(reject->ep.dev, strlen(reject->ep.dev));

	fprintf(p->out, "The socket is bound to %s%s%s", dev,
		own && strcmp(own, reject->ep.dev) ? ", which is in VRF " : "",
		own && strcmp(own, reject->ep.dev) ? name : "");
	if (other)
		fprintf(p->out, "; the address %s belongs to VRF %s.",
			p->address, p->dev);
	else
		fprintf(p->out, "; the address %s belongs to %s, which is %s.",
			p->address, p->dev,
			here ? "in no VRF" : "in another VRF, or in none");
	if (is_loopback(p))
		loopback_in_vrf(p, domain);
	else if (other && p->word)
		advise_enter_vrf(p, p->word);
	report_advise(p->report, NULL,
		      "%s not bind the socket to %s: without SO_BINDTODEVICE, "
		      "and not started by ip vrf exec.",
		      other ? "Or, to reach an address in no VRF, do" :
			      "To use the address outside the VRF, do", dev);
	if (is_plain_word(domain, strlen(domain)))
		report_advise(p->report,
			      in_netns(p, xasprintf(own ? "ip address show vrf %s" :
							  "ip address show dev %s",
						    domain)),
			      "Or bind one of the addresses that %s has:", name);
	free(own);
	free(other);
	free(name);
	free(dev);
}

/* A process in the namespace is a way into it. */
static void advise_enter_netns(const struct place *p, __u32 netns,
			       const char *name, __u32 pid)
{
	char *command = NULL;

	if (netns == host_netns())
		command = xstrdup("PROGRAM");
	else if (name && is_plain_word(name, strlen(name)))
		command = xasprintf("ip netns exec %s PROGRAM", name);
	else if (pid)
		command = xasprintf("nsenter -n -t %u PROGRAM", pid);
	report_sketch(p->report, command,
		      netns == host_netns() ?
			      "Run the program in this network namespace:" :
			      "Run the program in that network namespace:");
}

static void other_netns(const struct place *p)
{
	__u32 netns = p->ctx->reject->reason_netns, pid;
	const char *name = netns_name(netns);
	char *comm, *text;

	pid = host_netns_process(netns, &comm);
	put_no_interface(p);
	fputs(" But network namespace ", p->out);
	text = name ? escape_text(name, strlen(name)) : xasprintf("%u", netns);
	fputs(text, p->out);
	free(text);
	if (netns == host_netns()) {
		fputs(", the one of this shell,", p->out);
	} else if (!name && pid) {
		text = phrase_process(comm, pid);
		fprintf(p->out, ", in which %s runs,", text);
		free(text);
	}
	fputs(" has it.", p->out);
	advise_enter_netns(p, netns, name, pid);
	report_advise(p->report, NULL,
		      "Or bind the wildcard %s, or an address of the namespace "
		      "that it runs in; a container is then reached through "
		      "the ports it publishes.",
		      p->family == AF_INET6 ? "::" : "0.0.0.0");
	free(comm);
}

/* So many addresses that the kernel did not look at all of them. */
static void not_known(const struct place *p)
{
	fprintf(p->out, "The kernel does not take %s for an address of this "
			"host that can be bound; why was not found out.",
		p->address);
	report_advise(p->report,
		      in_netns(p, xasprintf("ip address show to %s",
					    p->address)),
		      "See whether an interface has it, and in which state "
		      "(tentative, dadfailed, down, or in a VRF):");
	advise_later(p, true);
}

static void other_vrf(const struct place *p)
{
	if (p->ctx->reject->ep.dev)
		inside_vrf(p);
	else
		outside_vrf(p);
}

static const struct {
	__u32 reason;
	bool needs_dev;
	void (*explain)(const struct place *p);
} reasons[] = {
	{ PORTOWNER_REASON_NOT_CONFIGURED, false, not_configured },
	{ PORTOWNER_REASON_INTERFACE_DOWN, true, interface_down },
	{ PORTOWNER_REASON_TENTATIVE, true, while_tentative },
	{ PORTOWNER_REASON_DUPLICATE_ADDRESS, true, dad_failed },
	{ PORTOWNER_REASON_IPV6_DISABLED, false, ipv6_disabled },
	{ PORTOWNER_REASON_OTHER_VRF, true, other_vrf },
	{ PORTOWNER_REASON_OTHER_NETNS, false, other_netns },
};

/**
 * explain_not_local() - The address is not one that can be bound.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_not_local(const struct context *ctx, struct report *report,
		       FILE *out)
{
	const char *dev = ctx->reject->reason_dev;
	struct place p = {
		.ctx = ctx, .report = report, .out = out,
		.family = endpoint_family(&ctx->reject->ep),
		.address = phrase_address(&ctx->reject->ep),
		.dev = dev ? escape_text(dev, strlen(dev)) : NULL,
		.word = dev && is_plain_word(dev, strlen(dev)) ? dev : NULL,
	};
	size_t i;

	if (ctx->would && !ctx->would->err)
		advice_start_again(ctx, report);
	for (i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].reason == ctx->reject->reason &&
		    (dev || !reasons[i].needs_dev))
			break;
	if (i < ARRAY_SIZE(reasons))
		reasons[i].explain(&p);
	else
		not_known(&p);
	free(p.address);
	free(p.dev);
}

/**
 * explain_without_device() - An address needs a device, which was not named.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_without_device(const struct context *ctx, struct report *report,
			    FILE *out)
{
	char *address = phrase_address(&ctx->reject->ep);
	struct in6_addr addr = in6_of(&ctx->reject->ep);
	bool group = IN6_IS_ADDR_MULTICAST(&addr);

	fprintf(out, "A%s address (%s) may exist on every network device, so "
		     "the device must be named too: %s%%eth0, or "
		     "sin6_scope_id in a program.",
		group ? " link-local multicast" : " link-local",
		group ? "ff02::" : "fe80::", address);
	if (group) {
		report_advise(report, advice_in_netns(ctx, xstrdup("ip -br link show up")),
			      "Name one of the devices that there are, as in %s%%eth0:",
			      address);
		report_advise(report, NULL,
			      "Or bind the wildcard ::, and join the group with "
			      "IPV6_JOIN_GROUP, which names the device as well.");
	} else {
		report_advise(report,
			      advice_in_netns(ctx, xasprintf("ip address show to %s",
							     address)),
			      "Find the device that has the address, and name it, as in %s%%eth0:",
			      address);
	}
	free(address);
}
