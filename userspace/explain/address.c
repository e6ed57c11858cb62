// SPDX-License-Identifier: GPL-2.0
/* Addresses that cannot be bound, and why. */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/place_priv.h"
#include "explain/explain.h"
#include "lib/escape.h"
#include "model/endpoint.h"
#include "print/phrase.h"

static struct in6_addr in6_of(const struct endpoint *ep)
{
	struct in6_addr addr;

	memcpy(&addr, ep->addr, sizeof(addr));
	return addr;
}

/* The kernel did not look at all addresses, because there are too many. */
static void not_known(const struct place *p)
{
	fprintf(p->out, "The kernel does not take %s for an address of this "
			"host that can be bound; the reason was not found.",
		p->address);
	report_advise(p->report,
		      in_netns(p, xasprintf("ip address show to %s",
					    p->address)),
		      "See whether an interface has it, and in which state "
		      "(tentative, dadfailed, down, or in a VRF):");
	address_advise_later(p, true);
}

static const struct {
	__u32 reason;
	bool needs_dev;
	void (*explain)(const struct place *p);
} reasons[] = {
	{ PORTOWNER_REASON_NOT_CONFIGURED, false, address_not_configured },
	{ PORTOWNER_REASON_INTERFACE_DOWN, true, address_interface_down },
	{ PORTOWNER_REASON_TENTATIVE, true, address_tentative },
	{ PORTOWNER_REASON_DUPLICATE_ADDRESS, true, address_dad_failed },
	{ PORTOWNER_REASON_IPV6_DISABLED, false, address_ipv6_disabled },
	{ PORTOWNER_REASON_OTHER_VRF, true, address_other_vrf },
	{ PORTOWNER_REASON_OTHER_NETNS, false, address_other_netns },
};

/**
 * explain_not_local() - The address cannot be bound.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_not_local(const struct context *ctx, struct report *report,
		       FILE *out)
{
	const char *dev = ctx->reject->reason_dev;
	struct endpoint plain = ctx->reject->ep;
	struct place p = {
		.ctx = ctx, .report = report, .out = out,
		.family = endpoint_family(&ctx->reject->ep),
		.dev = dev ? escape_text(dev, strlen(dev)) : NULL,
		.word = dev && is_plain_word(dev, strlen(dev)) ? dev : NULL,
	};
	size_t i;

	/* An interface has the IPv4 address. */
	addr_unmap(&plain.family, plain.addr);
	p.address = phrase_address(&plain);
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
 * explain_without_device() - An address needs a device, but names none.
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
			      "Name one of the existing devices, as in %s%%eth0:",
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
