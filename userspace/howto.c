// SPDX-License-Identifier: GPL-2.0
/* How a socket option is set in a program that everybody knows. */

#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "howto.h"
#include "util.h"

/* A program by the beginning of its name, as python of python3.11; %u is a TCP port. */
static const struct {
	const char *program;
	__u32 flag;
	const char *how;
} howtos[] = {
	{ "nginx", PORTOWNER_SOCK_FLAG_REUSEPORT, "listen %u reuseport;" },
	{ "nginx", PORTOWNER_SOCK_FLAG_V6ONLY, "listen [::]:%u ipv6only=on;" },
	{ "socat", PORTOWNER_SOCK_FLAG_REUSEADDR, "TCP-LISTEN:%u,reuseaddr" },
	{ "socat", PORTOWNER_SOCK_FLAG_REUSEPORT, "TCP-LISTEN:%u,reuseport" },
	{ "socat", PORTOWNER_SOCK_FLAG_V6ONLY, "TCP6-LISTEN:%u,ipv6only" },
	{ "node", PORTOWNER_SOCK_FLAG_REUSEPORT,
	  "server.listen({ port: %u, reusePort: true });" },
	{ "node", PORTOWNER_SOCK_FLAG_V6ONLY,
	  "server.listen({ port: %u, ipv6Only: true });" },
	{ "python", PORTOWNER_SOCK_FLAG_REUSEADDR,
	  "sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)" },
	{ "python", PORTOWNER_SOCK_FLAG_REUSEPORT,
	  "sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)" },
	{ "python", PORTOWNER_SOCK_FLAG_V6ONLY,
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

static const char *find_howto(const char *exe, __u32 flag, bool tcp)
{
	const char *base = exe ? strrchr(exe, '/') : NULL;
	size_t i;

	for (i = 0; base && i < ARRAY_SIZE(howtos); i++)
		if (howtos[i].flag == flag &&
		    !strncmp(base + 1, howtos[i].program,
			     strlen(howtos[i].program)) &&
		    (tcp || !strstr(howtos[i].how, "%u")))
			return howtos[i].how;
	return NULL;
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
	const char *how = find_howto(exe, flag, endpoint_can_listen(ep));
	const char *place;
	size_t i = 0;

	if (!how) {
		while (options[i].flag != flag)
			i++;
		return xasprintf("int on = 1; setsockopt(fd, %s, %s, &on, sizeof(on));",
				 options[i].level, options[i].name);
	}
	place = strstr(how, "%u");
	if (!place)
		return xstrdup(how);
	return xasprintf("%.*s%u%s", (int)(place - how), how, ep->port,
			 place + 2);
}
