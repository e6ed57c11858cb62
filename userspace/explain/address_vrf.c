// SPDX-License-Identifier: GPL-2.0
/* The socket and the address are not in the same VRF. */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/place_priv.h"
#include "lib/escape.h"
#include "lib/host_net.h"
#include "model/endpoint.h"

/* How to get a socket into a VRF. */
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

/* The address is in a VRF, but the socket is not. */
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

/**
 * address_other_vrf() - Socket and address are not in the same VRF.
 * @p: the address
 */
void address_other_vrf(const struct place *p)
{
	if (p->ctx->reject->ep.dev)
		inside_vrf(p);
	else
		outside_vrf(p);
}
