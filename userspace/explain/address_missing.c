// SPDX-License-Identifier: GPL-2.0
/* No interface of the network namespace has the address. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/place_priv.h"
#include "explain/refused.h"
#include "explain/service.h"
#include "lib/cgroup.h"
#include "lib/escape.h"
#include "lib/host.h"
#include "lib/host_net.h"
#include "model/names.h"
#include "print/phrase.h"

/* Maximum number of host addresses to name. */
#define ADDRESSES_MAX	8

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

/* A private network (RFC 1918), or one that providers translate (RFC 6598). */
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

/* The four bytes of an IPv4 address, which may be in an IPv6 one. */
static const unsigned char *address4(const struct place *p)
{
	const struct endpoint *ep = &p->ctx->reject->ep;

	return ep->family == AF_INET6 ? ep->addr + 12 : ep->addr;
}

/* With only private addresses, a public one is translated to one of them. */
static bool is_behind_nat(const struct place *p,
			  const struct host_address *list, size_t n)
{
	size_t i;

	if (p->family != AF_INET || !n || !is_public(address4(p)))
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

static void advise_wildcard(const struct place *p, const char *whose)
{
	const char *engine = refused_engine(p->ctx->reject);

	if (engine) {
		report_advise(p->report, NULL,
			      "Publish the port at an address of %s, or at "
			      "all of them (%s run -p PORT:CONTAINER-PORT, or "
			      "ports: in compose.yaml).", whose, engine);
		return;
	}
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

/* Without IPv6, a device has no IPv6 address, whatever is configured. */
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
		report_advise(p->report, address_sysctl(dev, "disable_ipv6=0"),
			      "If %s is to have the address, switch IPv6 on "
			      "there, and add the address again:",
			      name);
	free(name);
	free(dev);
	return true;
}

/* IPv6 requires the very device that the socket is bound to, or names. */
static bool put_other_device(const struct place *p)
{
	const struct endpoint *ep = &p->ctx->reject->ep;
	char *dev = p->ctx->here && ep->dev && ep->family == AF_INET6 ?
			    host_address_dev(AF_INET6, ep->addr) : NULL;
	char *name;

	if (!dev || !strcmp(dev, ep->dev)) {
		free(dev);
		return false;
	}
	name = escape_text(dev, strlen(dev));
	fprintf(p->out, " %s has it.", name);
	report_advise(p->report, NULL,
		      "Name %s as the device of the address (%s%%%s, or "
		      "sin6_scope_id), or bind the socket to %s or to no device.",
		      name, p->address, name, name);
	free(name);
	free(dev);
	return true;
}

/* Is it that of the network itself, of which the host has another address? */
static bool is_network_of(const unsigned char *addr,
			  const struct host_address *host)
{
	struct in_addr wanted, has;

	memcpy(&wanted, addr, sizeof(wanted));
	memcpy(&has, host->addr, sizeof(has));
	/* With 31 bits, both addresses are hosts. */
	return host->prefix && host->prefix < 31 &&
	       ntohl(wanted.s_addr) ==
		       (ntohl(has.s_addr) & ~0U << (32 - host->prefix));
}

/* "::127.0.0.1", an old form that is mistaken for the one for IPv4 addresses. */
static bool put_compatible(const struct place *p)
{
	if (!strncmp(p->address, "::", 2) && strchr(p->address, '.')) {
		fprintf(p->out, " It is not the IPv4 address %s.", p->address + 2);
		report_advise(p->report, NULL,
			      "Write ::ffff:%s for an IPv4 address in an IPv6 socket.",
			      p->address + 2);
		return true;
	}
	return false;
}

/* Addresses that hosts do not normally have, now or later. */
static bool put_no_host(const struct place *p, const struct host_address *list,
			size_t n)
{
	const unsigned char *addr = address4(p);
	char text[INET6_ADDRSTRLEN];
	size_t i;

	if (p->family != AF_INET)
		return put_compatible(p);
	if (!addr[0] || addr[0] >= 240) {
		fprintf(p->out, " All addresses in %s are reserved, so it is "
				"probably a mistake.",
			addr[0] ? "240.0.0.0/4" : "0.0.0.0/8");
		report_advise(p->report, in_netns(p, xstrdup("ip address")),
			      "Compare it with the configured addresses:");
		advise_wildcard(p, "this host");
		return true;
	}
	for (i = 0; i < n && !is_network_of(addr, &list[i]); i++)
		;
	if (i == n)
		return false;
	inet_ntop(AF_INET, list[i].addr, text, sizeof(text));
	fprintf(p->out, " It is the address of the network %s/%u itself, in "
			"which this host has the address %s.",
		p->address, list[i].prefix, text);
	report_advise(p->report, NULL, "Bind %s or the wildcard 0.0.0.0 instead.",
		      text);
	return true;
}

/* Temporary addresses differ from lasting ones in the last half only. */
static void put_temporary(const struct place *p,
			  const struct host_address *list, size_t n)
{
	const unsigned char *addr = p->ctx->reject->ep.addr;
	size_t i;

	for (i = 0; i < n && memcmp(list[i].addr, addr, 8); i++)
		;
	if (p->family != AF_INET6 || i == n)
		return;
	fputs(" If it was a temporary address (privacy extensions), it has "
	      "expired, and the host has another one instead.", p->out);
	report_advise(p->report, is_plain_word(list[i].dev, strlen(list[i].dev)) ?
		      xasprintf("ip -6 address show dev %s primary",
				list[i].dev) : NULL,
		      "Bind an address that lasts, or the wildcard ::; this "
		      "lists those that are not temporary:");
}

static void put_each(FILE *out, char *names)
{
	char *name, *text;

	while ((name = strsep(&names, " \t"))) {
		text = escape_text(name, strlen(name));
		fprintf(out, "%s%s", text, names && *name ? " " : "");
		free(text);
	}
}

/* A program that looks up such a name requests the address. */
static void put_names(const struct place *p)
{
	const struct endpoint *ep = &p->ctx->reject->ep;
	char *names = NULL;

	if (p->ctx->here)
		names = host_names_of(p->family, p->family == AF_INET ?
						 address4(p) : ep->addr);
	if (!names)
		return;
	fputs(" /etc/hosts has it as the address of ", p->out);
	put_each(p->out, names);
	fputs(", which is what a program gets that looks up this name.", p->out);
	report_advise(p->report,
		      xasprintf("hostname\ngrep -nF '%s' /etc/hosts", p->address),
		      "If that is a name of this host, correct its address "
		      "in /etc/hosts; this shows both:");
	free(names);
}

/**
 * address_not_configured() - No interface has the address.
 * @p: the address
 */
void address_not_configured(const struct place *p)
{
	struct host_address list[ADDRESSES_MAX];
	size_t n = p->ctx->here ? host_addresses(p->family, list,
						 ADDRESSES_MAX) : 0;

	put_no_interface(p);
	if (put_other_device(p) || put_no_host(p, list, n))
		return;
	put_names(p);
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
	put_temporary(p, list, n);
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
	address_advise_later(p, true);
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

/* A service outside the network namespace of the host, and in no container. */
static bool is_private_service(const struct place *p)
{
	struct owner owner = refused_as_owner(p->ctx->reject);
	struct slice container;

	return p->ctx->reject->reason_netns == host_netns() && owner.cgroup &&
	       !cgroup_container(owner.cgroup, &container) &&
	       service_is(&owner, "*.service");
}

/**
 * address_other_netns() - Another network namespace has the address.
 * @p: the address
 */
void address_other_netns(const struct place *p)
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
	if (is_private_service(p))
		report_sketch(p->report, xstrdup("PrivateNetwork=no"),
			      "If its unit has PrivateNetwork=yes, systemd gave it "
			      "a network namespace of its own; set in its [Service]:");
	advise_enter_netns(p, netns, name, pid);
	report_advise(p->report, NULL,
		      "Or bind the wildcard %s, or an address of the namespace "
		      "that it runs in; a container is then reached through "
		      "the ports it publishes.",
		      p->family == AF_INET6 ? "::" : "0.0.0.0");
	free(comm);
}
