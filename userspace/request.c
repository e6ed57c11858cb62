// SPDX-License-Identifier: GPL-2.0
/* From the command line to a bind that is to be checked. */

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "enums.h"
#include "host.h"
#include "request.h"
#include "target.h"
#include "util.h"

static int find_scope(struct bind_request *request, const char *text,
		      const char *dev)
{
	if (!*dev)
		return 0;
	request->scope = host_ifindex(dev);
	if (!request->scope)
		return complain(STATUS_USAGE, "'%s': there is no device '%s'",
				text, dev);
	return 0;
}

/* The socket is one of IPv6 then, which makes a difference for the kernel. */
static void keep_mapped(struct endpoint *ep, char *text)
{
	char *open = strchr(text, '[');

	if (!open)
		return;
	open[strcspn(open, "%]")] = '\0';
	ep->family = AF_INET6;
	inet_pton(AF_INET6, open + 1, ep->addr);
}

static int parse_target(struct bind_request *request, const char *text)
{
	struct endpoint *ep = &request->ep;
	char *copy = xstrdup(text);
	struct target target;
	const char *why;
	int status;

	if (target_parse_wanted(&target, copy, &why))
		status = find_scope(request, text, target.dev);
	else
		status = complain(STATUS_USAGE, "'%s': %s", text, why);
	if (!status) {
		ep->proto = target.proto;
		ep->port = target.port;
		ep->family = target.family;
		memcpy(ep->addr, target.addr, sizeof(ep->addr));
		keep_mapped(ep, copy);
	}
	free(copy);
	return status;
}

/* What -t, -u, --proto say, and the target does not. */
static int choose_proto(struct endpoint *ep, const struct options *options)
{
	__u16 proto = filter_proto(&options->filter);

	if (!options->filter.protos)
		proto = ep->proto ? ep->proto : IPPROTO_TCP;
	else if (!proto)
		return complain(STATUS_USAGE,
				"'check' is about one protocol, not several");
	else if (ep->proto && ep->proto != proto)
		return complain(STATUS_USAGE, "'%s': --proto says otherwise",
				options->args[0]);
	ep->proto = proto;
	if (!proto_may_have(proto, ep->port))
		return complain(STATUS_USAGE, "'%s': " RAW_NUMBERS,
				options->args[0]);
	if (options->bind.listen && !endpoint_can_listen(ep))
		return complain(STATUS_USAGE,
				"--listen: only connections can be waited for, which the protocol has not");
	return 0;
}

/* What -4, -6 and --v6only say, and the target does not. */
static int choose_family(struct endpoint *ep, const struct options *options)
{
	bool v6only = options->bind.flags & PORTOWNER_SOCK_FLAG_V6ONLY;
	__u16 family = filter_family(&options->filter);

	if (options->filter.families && !family)
		return complain(STATUS_USAGE,
				"'check' is about one address, not several");
	if (!family)
		family = ep->family ? ep->family : v6only ? AF_INET6 : AF_INET;
	if (ep->family && ep->family != family)
		return complain(STATUS_USAGE, "'%s': not an address of IPv%d",
				options->args[0], family == AF_INET ? 4 : 6);
	if (v6only && family == AF_INET)
		return complain(STATUS_USAGE,
				"--v6only: an IPv4 socket has no such option");
	ep->family = family;
	return 0;
}

/* What a socket has that sets nothing. */
static void choose_v6only(struct endpoint *ep)
{
	char *v6only = host_sysctl("net/ipv6/bindv6only");

	if (ep->family == AF_INET6 && proto_has_ports(ep->proto) && v6only &&
	    strcmp(v6only, "0"))
		ep->flags |= PORTOWNER_SOCK_FLAG_V6ONLY;
	free(v6only);
}

static int choose_device(struct bind_request *request, char *name)
{
	if (!name)
		return 0;
	request->ep.dev = name;
	request->ifindex = host_ifindex(name);
	if (!request->ifindex)
		return complain(STATUS_USAGE, "--dev '%s': no such device",
				name);
	return 0;
}

/**
 * request_of() - The bind that a command line is about.
 * @request: set to it; its device belongs to the command line
 * @options: the command line
 *
 * Return: 0, or what to exit with.
 */
int request_of(struct bind_request *request, const struct options *options)
{
	int status;

	memset(request, 0, sizeof(*request));
	request->ep.flags = options->bind.flags;
	request->listen = options->bind.listen;
	request->has_uid = options->filter.has_uid;
	request->uid = options->filter.uid;
	status = parse_target(request, options->args[0]);
	if (!status)
		status = choose_proto(&request->ep, options);
	if (!status)
		status = choose_family(&request->ep, options);
	if (!status)
		status = choose_device(request, options->bind.dev);
	choose_v6only(&request->ep);
	return status;
}
