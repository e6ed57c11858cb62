// SPDX-License-Identifier: GPL-2.0
/*
 * How widely used programs are given another port, or a single address: on the
 * command line if it suffices there, else in their configuration.
 */

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "explain/port_syntax.h"
#include "explain/service.h"
#include "lib/escape.h"
#include "lib/exe.h"
#include "lib/interpreter.h"
#include "lib/util.h"

/*
 * @program: pattern for the name of the executable, or of a script
 * @only: the port that is meant, or 0 for any
 * @port: line that sets the port, PORT; %s is the name; NULL if no other port
 *	would do
 * @besides: what else it needs or where the line belongs, or NULL
 * @address: line that sets the address, ADDRESS; %u is the port; or NULL
 */
static const struct syntax {
	const char *program;
	__u16 only;
	const char *port;
	const char *besides;
	const char *address;
} syntaxes[] = {
	{ "postgres?(master)", 0, "%s -D DIRECTORY -p PORT",
	  ", with a data directory of its own (in postgresql.conf: port)",
	  "listen_addresses = 'ADDRESS'" },
	{ "mysqld", 33060, "%s --mysqlx-port=PORT", NULL, NULL },
	{ "@(mysqld|mariadbd)", 0,
	  "%s --port=PORT --socket=FILE --datadir=DIRECTORY",
	  ", with a socket and a data directory of its own (in my.cnf: the same names)",
	  "bind-address = ADDRESS" },
	{ "@(redis|valkey)-server", 16379, "cluster-port PORT",
	  " (in its configuration)", NULL },
	{ "@(redis|valkey)-server", 0, "%s --port PORT --dir DIRECTORY",
	  ", with a directory of its own (in its configuration: port, dir)",
	  "bind ADDRESS" },
	{ "mongod", 0, "%s --port PORT --dbpath DIRECTORY",
	  ", with a data directory of its own (in mongod.conf: net.port, storage.dbPath)",
	  "mongod --bind_ip ADDRESS" },
	{ "memcached", 0, "%s -p PORT", NULL, "memcached -l ADDRESS" },
	{ "nginx", 0, "listen PORT;", " (in its configuration)",
	  "listen ADDRESS:%u;" },
	{ "@(apache2|httpd)", 0, "Listen PORT", " (in its configuration)",
	  "Listen ADDRESS:%u" },
	{ "lighttpd", 0, "server.port = PORT", " (in its configuration)",
	  "server.bind = \"ADDRESS\"" },
	{ "haproxy", 0, "bind :PORT", " (in its configuration)",
	  "bind ADDRESS:%u" },
	{ "squid", 0, "http_port PORT", " (in its configuration)",
	  "http_port ADDRESS:%u" },
	{ "varnishd", 0, "%s -a :PORT", NULL, "varnishd -a ADDRESS:%u" },
	{ "sshd", 0, "Port PORT", " (in sshd_config)", "ListenAddress ADDRESS" },
	{ "dnsmasq", 53, "port=0",
	  ": it needs none if it serves only DHCP or TFTP (in dnsmasq.conf)",
	  "bind-interfaces\nlisten-address=ADDRESS" },
	{ "named", 53, NULL, NULL, "listen-on { ADDRESS; };" },
	{ "unbound", 53, NULL, NULL, "interface: ADDRESS" },
	{ "openvpn", 1194, "nobind",
	  " (port in its configuration); a client needs no fixed one", NULL },
	{ "chronyd", 123, "port 0",
	  ": it needs none unless it serves the time to other hosts (in chrony.conf)",
	  NULL },
	{ "tor", 9050, "SocksPort PORT", " (in torrc)", NULL },
	{ "mosquitto", 0, "listener PORT", " (in mosquitto.conf)",
	  "listener %u ADDRESS" },
	{ "vsftpd", 21, "listen_port=PORT", " (in vsftpd.conf)",
	  "listen_address=ADDRESS" },
	{ "zabbix_agent*", 0, "ListenPort=PORT", " (in its configuration)",
	  "ListenIP=ADDRESS" },
	{ "grafana*", 0, "http_port = PORT", " (in [server] of grafana.ini)",
	  "http_addr = ADDRESS" },
	{ "@(prometheus*|*_exporter|alertmanager)", 0,
	  "%s --web.listen-address=:PORT", NULL, NULL },
	{ "gunicorn*", 0, "gunicorn -b ADDRESS:PORT", NULL, NULL },
	{ "uvicorn", 0, "uvicorn --port PORT", NULL, NULL },
	{ "flask", 0, "flask run --port PORT", NULL, NULL },
	{ "kubectl", 0, "%s port-forward RESOURCE PORT:REMOTE-PORT", NULL, NULL },
	{ "ssh", 0, "%s -L PORT:HOST:REMOTE-PORT", NULL, NULL },
	{ "iperf3", 0, "%s -s -p PORT", " (its clients take -p as well)", NULL },
	{ "gdbserver", 0, "%s :PORT PROGRAM", NULL, NULL },
	{ "X@(tiger|tight|)vnc", 0, "vncserver :DISPLAY",
	  " (5900 and the number of the display)", NULL },
};

/* Scripts have the name of their file, others that of the executable. */
static char *name_of(const struct owner *owner)
{
	const char *name = exe_name(owner->exe);

	if (!name || interpreter_is(owner->exe))
		return xstrdup(owner->comm);
	return xasprintf("%.*s", (int)exe_len(name), name);
}

static const struct syntax *find_syntax(const char *name, __u16 port)
{
	size_t i;

	if (!name || !is_plain_word(name, strlen(name)))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(syntaxes); i++)
		if ((!syntaxes[i].only || syntaxes[i].only == port) &&
		    !fnmatch(syntaxes[i].program, name, FNM_EXTMATCH))
			return &syntaxes[i];
	return NULL;
}

/**
 * port_syntax_port() - How a program is given another port.
 * @owner: the process
 * @port: the port that it must not have
 * @besides: set to what has to be said besides, or to NULL
 *
 * Return: a line with the placeholder PORT, to be freed; NULL if none is known.
 */
char *port_syntax_port(const struct owner *owner, __u16 port,
		       const char **besides)
{
	char *name = name_of(owner), *line = NULL;
	const struct syntax *syntax = find_syntax(name, port);

	if (syntax) {
		*besides = syntax->besides;
		line = service_fill_in(syntax->port, "%s", name);
	}
	free(name);
	return line;
}

/**
 * port_syntax_address() - How a program is given a single address.
 * @owner: the process
 * @port: the port that it has there
 *
 * Return: lines with the placeholder ADDRESS, to be freed; NULL if none are
 * known.
 */
char *port_syntax_address(const struct owner *owner, __u16 port)
{
	char *name = name_of(owner), *lines = NULL;
	const struct syntax *syntax = find_syntax(name, port);
	char number[8];

	snprintf(number, sizeof(number), "%u", port);
	if (syntax)
		lines = service_fill_in(syntax->address, "%u", number);
	free(name);
	return lines;
}
