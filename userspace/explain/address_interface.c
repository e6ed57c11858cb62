// SPDX-License-Identifier: GPL-2.0
/* The address is configured, but its interface is not ready for it. */

#include <stdlib.h>
#include <string.h>

#include "explain/place_priv.h"
#include "lib/host_net.h"

/**
 * address_interface_down() - The interface of the address is down.
 * @p: the address
 */
void address_interface_down(const struct place *p)
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

/**
 * address_tentative() - Duplicate address detection has not finished.
 * @p: the address
 */
void address_tentative(const struct place *p)
{
	bool no_carrier = is_without_carrier(p);
	char *sysctl = address_sysctl_name(p->dev, "optimistic_dad");

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
		      "word optimistic it can be bound while DAD goes on, but "
		      "only if %s is 1; otherwise the kernel ignores that "
		      "word.", sysctl);
	free(sysctl);
	address_advise_later(p, !no_carrier);
}

/**
 * address_dad_failed() - Another host on the link has the address.
 * @p: the address
 */
void address_dad_failed(const struct place *p)
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

/**
 * address_ipv6_disabled() - There are no IPv6 addresses, at all or on a device.
 * @p: the address
 */
void address_ipv6_disabled(const struct place *p)
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
		      in_netns(p, address_sysctl(p->dev ? p->word : "all",
						 "disable_ipv6=0")),
		      loopback ? "Switch it on; ::1 is then back immediately:" :
				 "Switch it on, and add the address again:");
	report_advise(p->report, NULL, "Or bind an IPv4 address: %s.",
		      loopback ? "127.0.0.1" : "0.0.0.0, or one of this host");
}
