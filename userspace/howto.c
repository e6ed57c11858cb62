// SPDX-License-Identifier: GPL-2.0
/* How a socket option is set in a program that everybody knows. */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "howto.h"
#include "prose.h"
#include "util.h"

/*
 * A program by the beginning of its name, as python of python3.11; of one
 * protocol, or of all if that is 0; %u is the port, %s the address with it.
 */
static const struct {
	const char *program;
	__u32 flag;
	__u16 proto;
	const char *how;
} howtos[] = {
	{ "nginx", PORTOWNER_SOCK_FLAG_REUSEPORT, IPPROTO_TCP,
	  "listen %s reuseport;" },
	{ "nginx", PORTOWNER_SOCK_FLAG_V6ONLY, IPPROTO_TCP,
	  "listen %s ipv6only=on;" },
	{ "socat", PORTOWNER_SOCK_FLAG_REUSEADDR, IPPROTO_TCP,
	  "TCP-LISTEN:%u,reuseaddr" },
	{ "socat", PORTOWNER_SOCK_FLAG_REUSEPORT, IPPROTO_TCP,
	  "TCP-LISTEN:%u,reuseport" },
	{ "socat", PORTOWNER_SOCK_FLAG_V6ONLY, IPPROTO_TCP,
	  "TCP6-LISTEN:%u,ipv6only" },
	{ "socat", PORTOWNER_SOCK_FLAG_REUSEADDR, IPPROTO_UDP,
	  "UDP-RECV:%u,reuseaddr" },
	{ "socat", PORTOWNER_SOCK_FLAG_REUSEPORT, IPPROTO_UDP,
	  "UDP-RECV:%u,reuseport" },
	{ "socat", PORTOWNER_SOCK_FLAG_V6ONLY, IPPROTO_UDP,
	  "UDP6-RECV:%u,ipv6only" },
	{ "node", PORTOWNER_SOCK_FLAG_REUSEPORT, IPPROTO_TCP,
	  "server.listen({ port: %u, reusePort: true }); // from Node.js 22.12 and 23.1 on" },
	{ "node", PORTOWNER_SOCK_FLAG_V6ONLY, IPPROTO_TCP,
	  "server.listen({ port: %u, ipv6Only: true });" },
	{ "python", PORTOWNER_SOCK_FLAG_REUSEADDR, 0,
	  "sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)" },
	{ "python", PORTOWNER_SOCK_FLAG_REUSEPORT, 0,
	  "sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)" },
	{ "python", PORTOWNER_SOCK_FLAG_V6ONLY, 0,
	  "sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)" },
};

static const struct {
	__u32 flag;
	const char *level;
	const char *name;
} options[] = {
	{ PORTOWNER_SOCK_FLAG_REUSEADDR, "SOL_SOCKET", "SO_REUSEADDR" },
	{ PORTOWNER_SOCK_FLAG_REUSEPORT, "SOL_SOCKET", "SO_REUSEPORT" },
	{ PORTOWNER_SOCK_FLAG_V6ONLY, "IPPROTO_IPV6", "IPV6_V6ONLY" },
};

static const char *find_howto(const char *exe, __u32 flag, __u16 proto)
{
	const char *base = exe ? strrchr(exe, '/') : NULL;
	size_t i;

	for (i = 0; base && i < ARRAY_SIZE(howtos); i++)
		if (howtos[i].flag == flag &&
		    !strncmp(base + 1, howtos[i].program,
			     strlen(howtos[i].program)) &&
		    (!howtos[i].proto || howtos[i].proto == proto))
			return howtos[i].how;
	return NULL;
}

/* A line with the place of its socket. */
static char *fill_in(const char *how, const struct endpoint *ep)
{
	const char *place = strchr(how, '%');
	bool v6 = ep->family == AF_INET6;
	char *address, *line;

	if (!place)
		return xstrdup(how);
	if (place[1] == 'u')
		return xasprintf("%.*s%u%s", (int)(place - how), how, ep->port,
				 place + 2);
	address = prose_address(ep);
	line = xasprintf("%.*s%s%s%s:%u%s", (int)(place - how), how,
			 v6 ? "[" : "", address, v6 ? "]" : "", ep->port,
			 place + 2);
	free(address);
	return line;
}

/**
 * howto_set() - How to set an option.
 * @exe: executable that is to set it, or NULL
 * @flag: enum portowner_sock_flag: reuseaddr, reuseport or v6only
 * @ep: what is bound
 *
 * Return: a line of its configuration or source, of C if the program is not
 * known; to be freed.
 */
char *howto_set(const char *exe, __u32 flag, const struct endpoint *ep)
{
	const char *how = find_howto(exe, flag, endpoint_transport(ep));
	size_t i = 0;

	if (how)
		return fill_in(how, ep);
	while (options[i].flag != flag)
		i++;
	return xasprintf("int on = 1; setsockopt(fd, %s, %s, &on, sizeof(on));",
			 options[i].level, options[i].name);
}
