// SPDX-License-Identifier: GPL-2.0
/* Build the bind to check from the command line. */

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/bind_request.h"
#include "lib/host.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "model/target.h"

/*
 * target_parse() turns an IPv4-mapped address into an IPv4 one. The socket is
 * still an IPv6 socket, which conflicts with other ones.
 */
static void keep_mapped(struct endpoint *ep, char *text)
{
	char *open = strchr(text, '[');

	if (!open)
		return;
	open[strcspn(open, "%]")] = '\0';
	ep->family = AF_INET6;
	inet_pton(AF_INET6, open + 1, ep->addr);
}

/* As written by ss: the device is not part of the address. */
static void bind_to_scope(struct bind_request *request)
{
	request->ep.dev = request->scope_dev;
	request->ifindex = request->scope;
	request->scope = 0;
}

/* localhost is 127.0.0.1, unless IPv6 is requested. */
static void choose_localhost(struct target *target,
			     const struct options *options)
{
	struct target six;

	if (filter_family(&options->filter) == AF_INET6 &&
	    target_localhost6(target, &six))
		*target = six;
}

static int parse_target(struct bind_request *request,
			const struct options *options)
{
	const char *text = options->args[0];
	struct endpoint *ep = &request->ep;
	/* -A is ignored. */
	const struct options here = { 0 };
	char *copy = xstrdup(text);
	struct target target;
	int status;

	status = options_target_single(&here, text, target_parse_wanted,
				       &target);
	if (!status) {
		choose_localhost(&target, options);
		memcpy(request->scope_dev, target.dev, sizeof(target.dev));
		request->scope = host_ifindex(target.dev);
		if (target_binds_dev(&target))
			bind_to_scope(request);
		ep->proto = target.proto;
		ep->port = target.port;
		ep->family = target.family;
		request->any_family = !target.family || target.localhost;
		request->any_proto = !target.proto &&
				     !options->filter.protos;
		memcpy(ep->addr, target.addr, sizeof(ep->addr));
		keep_mapped(ep, copy);
	}
	free(copy);
	return status;
}

/* The protocol, from TARGET or from -t, -u and --proto; -t includes MPTCP. */
static int choose_proto(struct endpoint *ep, const struct options *options)
{
	const struct filter protos = { .protos = options->filter.protos };

	if (ep->proto && !filter_wants_endpoint(&protos, ep))
		return complain(STATUS_USAGE, "'%s' contradicts --proto",
				options->args[0]);
	if (!ep->proto)
		ep->proto = protos.protos ? filter_proto(&protos) : IPPROTO_TCP;
	if (!ep->proto)
		return complain(STATUS_USAGE,
				"'check' takes only one protocol");
	if (!proto_may_have(ep->proto, ep->port))
		return complain(STATUS_USAGE, "'%s': " RAW_NUMBERS,
				options->args[0]);
	if (options->bind.listen && !endpoint_can_listen(ep))
		return complain(STATUS_USAGE,
				"--listen: this protocol has no connections to listen for");
	return 0;
}

/* The address family, from TARGET or from -4, -6 and --v6only. */
static int choose_family(struct bind_request *request,
			 const struct options *options)
{
	struct endpoint *ep = &request->ep;
	bool v6only = options->bind.flags & PORTOWNER_SOCK_FLAG_V6ONLY;
	__u16 family = filter_family(&options->filter);

	if (options->filter.families && !family)
		return complain(STATUS_USAGE,
				"'check' takes only one address family");
	request->any_family &= !family && !v6only && ep->port &&
			       proto_has_ports(ep->proto);
	if (!family)
		family = ep->family ? ep->family : v6only ? AF_INET6 : AF_INET;
	if (ep->family && ep->family != family)
		return complain(STATUS_USAGE, "'%s': not an IPv%d address",
				options->args[0], family == AF_INET ? 4 : 6);
	if (v6only && family == AF_INET)
		return complain(STATUS_USAGE,
				"--v6only: an IPv4 socket has no such option");
	ep->family = family;
	return 0;
}

/**
 * bind_request_default() - The default of IPV6_V6ONLY.
 * @ep: address of a socket that does not set it; gets the flag
 */
void bind_request_default(struct endpoint *ep)
{
	char *v6only = host_sysctl("net/ipv6/bindv6only");

	if (ep->family == AF_INET6 && proto_has_ports(ep->proto) && v6only &&
	    strcmp(v6only, "0"))
		ep->flags |= PORTOWNER_SOCK_FLAG_V6ONLY;
	free(v6only);
}

/* A device may be given by its number; sockets have its name. */
static int choose_device(struct bind_request *request, const char *name)
{
	if (!name)
		return 0;
	request->ifindex = host_ifindex(name);
	if (!request->ifindex || !host_ifname(name, request->dev))
		return complain(STATUS_USAGE, "--dev '%s': no such device",
				name);
	if (request->ep.dev && strcmp(request->ep.dev, request->dev))
		return complain(STATUS_USAGE,
				"--dev '%s' contradicts '%%%s'", name,
				request->ep.dev);
	request->ep.dev = request->dev;
	return 0;
}

/**
 * bind_request_of() - Build the request for check.
 * @request: set to it; points to strings of the command line
 * @options: the command line
 *
 * Return: 0, or the exit status after reporting the error.
 */
int bind_request_of(struct bind_request *request,
		    const struct options *options)
{
	int status;

	memset(request, 0, sizeof(*request));
	request->ep.flags = options->bind.flags;
	request->listen = options->bind.listen;
	request->has_uid = options->filter.has_uid;
	request->uid = options->filter.uid;
	status = parse_target(request, options);
	if (!status)
		status = choose_proto(&request->ep, options);
	if (!status)
		status = choose_family(request, options);
	if (!status)
		status = choose_device(request, options->bind.dev);
	bind_request_default(&request->ep);
	return status;
}

/**
 * bind_request_other() - The same bind for IPv6.
 * @request: what bind_request_of() has set
 * @other: set to it; points to strings of @request
 *
 * Return: false if only one family is meant.
 */
bool bind_request_other(const struct bind_request *request,
			struct bind_request *other)
{
	if (!request->any_family)
		return false;
	*other = *request;
	other->ep.family = AF_INET6;
	memcpy(other->ep.addr, endpoint_is_any(&request->ep) ?
		       &in6addr_any : &in6addr_loopback, 16);
	bind_request_default(&other->ep);
	return true;
}
