// SPDX-License-Identifier: GPL-2.0
/* How widely used programs set a socket option. */

#include <fnmatch.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/option_syntax.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "print/phrase.h"

/*
 * Names of executables as fnmatch(3) patterns. They match versions, debug
 * builds, and files replaced by an upgrade, but no program whose name merely
 * begins alike, such as node_exporter.
 */
#define REPLACED	"?( [(]deleted[)])"
#define NGINX		"nginx?(-debug)" REPLACED
#define NODE		"node?(js)?(-)*([0-9.])" REPLACED
#define PYTHON		"python*([0-9.])?([dt])?(-dbg)" REPLACED
#define SOCAT		"socat*([0-9.])" REPLACED

/*
 * @program: pattern for the name of the executable
 * @proto: transport protocol, or 0 for any
 * @line: %u is replaced by the port, %s by address and port
 */
static const struct {
	const char *program;
	__u32 flag;
	__u16 proto;
	const char *line;
} syntaxes[] = {
	{ NGINX, PORTOWNER_SOCK_FLAG_REUSEPORT, IPPROTO_TCP,
	  "listen %s reuseport;" },
	{ NGINX, PORTOWNER_SOCK_FLAG_V6ONLY, IPPROTO_TCP,
	  "listen %s ipv6only=on;" },
	{ "ff@(mpeg|play|probe)" REPLACED, PORTOWNER_SOCK_FLAG_REUSEADDR,
	  IPPROTO_UDP, "udp://%s?reuse=1" },
	{ SOCAT, PORTOWNER_SOCK_FLAG_REUSEADDR, IPPROTO_TCP,
	  "TCP-LISTEN:%u,reuseaddr" },
	{ SOCAT, PORTOWNER_SOCK_FLAG_REUSEPORT, IPPROTO_TCP,
	  "TCP-LISTEN:%u,reuseport" },
	{ SOCAT, PORTOWNER_SOCK_FLAG_V6ONLY, IPPROTO_TCP,
	  "TCP6-LISTEN:%u,ipv6only" },
	{ SOCAT, PORTOWNER_SOCK_FLAG_REUSEADDR, IPPROTO_UDP,
	  "UDP-RECV:%u,reuseaddr" },
	{ SOCAT, PORTOWNER_SOCK_FLAG_REUSEPORT, IPPROTO_UDP,
	  "UDP-RECV:%u,reuseport" },
	{ SOCAT, PORTOWNER_SOCK_FLAG_V6ONLY, IPPROTO_UDP,
	  "UDP6-RECV:%u,ipv6only" },
	{ NODE, PORTOWNER_SOCK_FLAG_REUSEPORT, IPPROTO_TCP,
	  "server.listen({ port: %u, reusePort: true }); // from Node.js 22.12 and 23.1 on" },
	{ NODE, PORTOWNER_SOCK_FLAG_V6ONLY, IPPROTO_TCP,
	  "server.listen({ port: %u, ipv6Only: true });" },
	{ PYTHON, PORTOWNER_SOCK_FLAG_REUSEADDR, 0,
	  "sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)" },
	{ PYTHON, PORTOWNER_SOCK_FLAG_REUSEPORT, 0,
	  "sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)" },
	{ PYTHON, PORTOWNER_SOCK_FLAG_V6ONLY, 0,
	  "sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)" },
};

static const struct {
	__u32 flag;
	const char *level;
	const char *name;
	const char *unit;
} options[] = {
	/* systemd sets it for every socket unit. */
	{ PORTOWNER_SOCK_FLAG_REUSEADDR, "SOL_SOCKET", "SO_REUSEADDR", NULL },
	{ PORTOWNER_SOCK_FLAG_REUSEPORT, "SOL_SOCKET", "SO_REUSEPORT",
	  "ReusePort=yes" },
	{ PORTOWNER_SOCK_FLAG_V6ONLY, "IPPROTO_IPV6", "IPV6_V6ONLY",
	  "BindIPv6Only=ipv6-only" },
};

static const char *find_syntax(const char *exe, __u32 flag, __u16 proto)
{
	const char *slash = exe ? strrchr(exe, '/') : NULL;
	size_t i;

	for (i = 0; slash && i < ARRAY_SIZE(syntaxes); i++)
		if (syntaxes[i].flag == flag &&
		    (!syntaxes[i].proto || syntaxes[i].proto == proto) &&
		    !fnmatch(syntaxes[i].program, slash + 1, FNM_EXTMATCH))
			return syntaxes[i].line;
	return NULL;
}

/**
 * option_syntax_is_installed() - Is a program not to be changed by who runs it?
 * @exe: path of the executable, or NULL
 *
 * Return: true if it is where packages put their programs.
 */
bool option_syntax_is_installed(const char *exe)
{
	return exe && !fnmatch("/@(bin|sbin|lib*|usr|opt|snap|nix|gnu)/*", exe,
			       FNM_EXTMATCH);
}

/**
 * option_syntax_exists() - May a user have a program set an option?
 * @exe: path of the executable, or NULL
 * @flag: enum portowner_sock_flag: reuseaddr, reuseport or v6only
 * @ep: address of the socket
 *
 * Return: false if only its authors could: it is installed, and no setting is
 * known.
 */
bool option_syntax_exists(const char *exe, __u32 flag,
			  const struct endpoint *ep)
{
	return !option_syntax_is_installed(exe) ||
	       find_syntax(exe, flag, endpoint_transport(ep));
}

/* Replace %u or %s in a line. */
static char *fill_in(const char *line, const struct endpoint *ep)
{
	const char *place = strchr(line, '%');
	bool v6 = ep->family == AF_INET6;
	char *address, *filled;

	if (!place)
		return xstrdup(line);
	if (place[1] == 'u')
		return xasprintf("%.*s%u%s", (int)(place - line), line,
				 ep->port, place + 2);
	address = phrase_address(ep);
	filled = xasprintf("%.*s%s%s%s:%u%s", (int)(place - line), line,
			   v6 ? "[" : "", address, v6 ? "]" : "", ep->port,
			   place + 2);
	free(address);
	return filled;
}

/**
 * option_syntax_unit() - How to set an option in a systemd socket unit.
 * @flag: enum portowner_sock_flag: reuseaddr, reuseport or v6only
 *
 * Return: lines of the unit, to be freed; NULL if there is no such setting.
 */
char *option_syntax_unit(__u32 flag)
{
	size_t i = 0;

	while (options[i].flag != flag)
		i++;
	return options[i].unit ? xasprintf("[Socket]\n%s", options[i].unit) :
				 NULL;
}

/**
 * option_syntax_set() - How to set an option.
 * @exe: path of the executable that has to set it, or NULL
 * @flag: enum portowner_sock_flag: reuseaddr, reuseport or v6only
 * @ep: address of the socket
 *
 * Return: a line of the program's configuration, command line or source, or of
 * C if the program is unknown; to be freed.
 */
char *option_syntax_set(const char *exe, __u32 flag, const struct endpoint *ep)
{
	const char *line = find_syntax(exe, flag, endpoint_transport(ep));
	size_t i = 0;

	if (line)
		return fill_in(line, ep);
	while (options[i].flag != flag)
		i++;
	return xasprintf("int on = 1; setsockopt(fd, %s, %s, &on, sizeof(on));",
			 options[i].level, options[i].name);
}
