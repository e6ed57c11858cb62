// SPDX-License-Identifier: GPL-2.0
/*
 * Why an address cannot be bound, as far as the host tells without the module:
 * other network namespaces are not searched.
 */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "diag/local.h"
#include "lib/host.h"
#include "lib/host_net.h"
#include "lib/util.h"
#include "model/endpoint.h"

static void set_reason(struct reject *would, __u32 reason, const char *dev)
{
	free(would->reason_dev);
	would->reason = reason;
	would->reason_dev = xstrdup(dev);
}

static bool is_off(const char *dev)
{
	char *name = xasprintf("net/ipv6/conf/%s/disable_ipv6", dev);
	char *value = host_sysctl(name);
	bool off = value && *value == '1';

	free(value);
	free(name);
	return off;
}

/* Why an address assigned to a device is not local; @own has the socket, or NULL. */
static void take_device(const char *own, const char *dev, struct reject *would)
{
	char *vrf = host_vrf(dev), *own_vrf = own ? host_vrf(own) : NULL;

	if (!(host_dev_flags(dev) & IFF_UP))
		set_reason(would, PORTOWNER_REASON_INTERFACE_DOWN, dev);
	else if (strcmp(vrf ? vrf : "", own_vrf ? own_vrf : ""))
		set_reason(would, PORTOWNER_REASON_OTHER_VRF, vrf ? vrf : dev);
	free(own_vrf);
	free(vrf);
}

/* The loopback device has no such address while it is down. */
static void ipv4_reason(const unsigned char *addr, const char *own,
			struct reject *would)
{
	char *dev = addr[0] == 127 ? xstrdup("lo") :
				     host_address_dev(AF_INET, addr);

	if (dev)
		take_device(own, dev, would);
	free(dev);
}

/* The address of a device that is down is tentative as well. */
static void take_place(const struct ipv6_place *place, const char *own,
		       struct reject *would)
{
	set_reason(would, PORTOWNER_REASON_NONE, NULL);
	if (!(host_dev_flags(place->dev) & IFF_UP) || diag_ipv6_is_usable(place))
		take_device(own, place->dev, would);
	else
		set_reason(would, place->flags & FLAG_DAD_FAILED ?
				  PORTOWNER_REASON_DUPLICATE_ADDRESS :
				  PORTOWNER_REASON_TENTATIVE, place->dev);
}

static void ipv6_reason(const unsigned char *addr, const char *own,
			struct reject *would)
{
	bool loopback = !memcmp(addr, &in6addr_loopback, 16), found;
	const char *dev = loopback ? "lo" : own;
	FILE *file = diag_ipv6_open();
	struct ipv6_place place;

	found = diag_ipv6_next(file, addr, &place);
	if (file)
		fclose(file);
	if (found)
		take_place(&place, own, would);
	else if (is_off("all"))
		set_reason(would, PORTOWNER_REASON_IPV6_DISABLED, NULL);
	else if (dev && is_off(dev))
		set_reason(would, PORTOWNER_REASON_IPV6_DISABLED, dev);
	else if (loopback)
		take_device(own, dev, would);
}

/**
 * diag_address_reason() - Find out why an address cannot be bound.
 * @request: the bind, to which diag_address_ok() says no
 * @would: gets the reason
 */
void diag_address_reason(const struct bind_request *request,
			 struct reject *would)
{
	const char *own = request->ep.dev;
	__u16 family = request->ep.family;
	unsigned char addr[16];

	memcpy(addr, request->ep.addr, sizeof(addr));
	addr_unmap(&family, addr);
	set_reason(would, PORTOWNER_REASON_NOT_CONFIGURED, NULL);
	if (family == AF_INET)
		ipv4_reason(addr, own, would);
	else
		ipv6_reason(addr, own, would);
}
