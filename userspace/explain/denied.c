// SPDX-License-Identifier: GPL-2.0
/* Rules that involve no other socket: the bind is forbidden, or invalid. */

#include <errno.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/explain.h"
#include "explain/lsm.h"
#include "explain/refused.h"
#include "lib/cgroup.h"
#include "lib/escape.h"
#include "lib/exe.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "print/phrase.h"

/**
 * explain_already_bound() - The socket is bound already.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_already_bound(const struct context *ctx, struct report *report,
			   FILE *out)
{
	char *who = phrase_refused_process(ctx->reject);

	fprintf(out, "A socket can be bound only once, and not after connect() "
		     "or listen(). This is a bug in %s; no other process is "
		     "involved.",
		who);
	report_advise(report, NULL,
		      "Have the program create a new socket for each bind(), and "
		      "call bind() before connect().");
	free(who);
}

/* semanage(8) knows transport protocols only, so MPTCP counts as TCP. */
static const char *transport_of(const struct endpoint *ep)
{
	const char *name = proto_name(endpoint_transport(ep));

	return name ? name : "tcp";
}

/* Types of ports that programs may bind, by the name of the executable. */
static const char *port_type(const struct reject *reject)
{
	static const struct {
		const char *program;
		const char *type;
	} types[] = {
		{ "@(httpd|apache2|nginx|caddy|lighttpd|haproxy)", "http_port_t" },
		{ "sshd", "ssh_port_t" },
		{ "squid", "squid_port_t" },
		{ "@(mysqld|mariadbd)", "mysqld_port_t" },
		{ "postgres?(master)", "postgresql_port_t" },
		{ "mongod", "mongod_port_t" },
		{ "@(redis|valkey)-server", "redis_port_t" },
		{ "memcached", "memcache_port_t" },
		{ "named", "dns_port_t" },
		{ "vsftpd", "ftp_port_t" },
		{ "openvpn", "openvpn_port_t" },
		{ "zabbix_agent?(d|2)", "zabbix_agent_port_t" },
		{ "snmpd", "snmp_port_t" },
		{ "@(master|smtpd)", "smtp_port_t" },
	};
	const char *name = exe_name(reject->exe);
	size_t i;

	for (i = 0; name && i < ARRAY_SIZE(types); i++)
		if (!fnmatch(types[i].program, name, FNM_EXTMATCH))
			return types[i].type;
	return NULL;
}

static void advise_port_type(const struct context *ctx, struct report *report)
{
	const char *type = port_type(ctx->reject);
	char *command = xasprintf("semanage port -a -t %s -p %s %u",
				  type ? type : "TYPE",
				  transport_of(&ctx->reject->ep),
				  ctx->reject->ep.port);

	if (type)
		report_advise(report, command,
			      "With SELinux, give the port the type that such "
			      "a program may bind (-m in place of -a if it "
			      "has another type already):");
	else
		report_sketch(report, command,
			      "With SELinux, give the port a type that the "
			      "program may bind, such as http_port_t for a web "
			      "server (-m in place of -a if it has another "
			      "type already; semanage port -l lists the types):");
}

static void advise_selinux(const struct context *ctx, struct report *report)
{
	report_advise(report, xstrdup("ausearch -m AVC -ts recent"),
		      "With SELinux, this shows the denial and the types involved:");
	if (ctx->reject->ep.port)
		advise_port_type(ctx, report);
}

/* If the active ones are unknown, any may be. */
static bool may_be_active(const char *list, const char *name)
{
	return !list || strstr(list, name);
}

/**
 * explain_lsm() - A security module refused.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_lsm(const struct context *ctx, struct report *report, FILE *out)
{
	char *list = lsms_that_refuse();

	fputs("A security module refused the call before the kernel looked at "
	      "the port; no other socket was in the way.",
	      out);
	if (list && *list)
		fprintf(out, " Of the active ones, these can refuse bind(): %s.",
			list);
	report_advise(report, xstrdup("journalctl -k -b | grep -iE 'denied|avc|blockers='"),
		      "Look for its own log messages:");
	if (may_be_active(list, "selinux"))
		advise_selinux(ctx, report);
	if (may_be_active(list, "apparmor"))
		report_advise(report, xstrdup("aa-status"),
			      "With AppArmor, check which profile confines the "
			      "program; it needs a \"network\" rule:");
	if (may_be_active(list, "bpf"))
		report_advise(report, xstrdup("bpftool prog list | grep -w lsm"),
			      "With BPF, list the LSM programs and the processes "
			      "that loaded them:");
	if (may_be_active(list, "landlock"))
		report_advise(report, NULL,
			      "With Landlock, the program was confined by itself "
			      "or by whatever started it: allow the port there.");
	free(list);
}

static bool prog_is(const struct reject *reject, const char *prefix)
{
	return reject->prog_name &&
	       !strncmp(reject->prog_name, prefix, strlen(prefix));
}

/* systemd names its programs, so others can be told apart. */
static bool may_be_systemd(const struct reject *reject)
{
	return !reject->prog_id || prog_is(reject, "sd_");
}

static void advise_unit(const struct context *ctx, struct report *report)
{
	const char *cgroup = ctx->reject->cgroup;
	struct slice unit;

	if (!cgroup || !cgroup_unit(cgroup, &unit) ||
	    !is_plain_word(unit.str, unit.len))
		return;
	report_advise(report, xasprintf("systemctl show -p SocketBindAllow -p "
					"SocketBindDeny %.*s",
					(int)unit.len, unit.str),
		      "Check whether the unit forbids it:");
	if (ctx->reject->ep.port)
		report_sketch(report, xasprintf("SocketBindAllow=%s:%u",
						transport_of(&ctx->reject->ep),
						ctx->reject->ep.port),
			      "If it does, allow the port in its [Service] section:");
}

/* The name of the program, and its owner if known. */
static void put_prog(FILE *out, const struct reject *reject)
{
	const char *bytes = reject->prog_name ? reject->prog_name : "";
	char *name;

	if (!reject->prog_id) {
		fputs(" systemd attaches one for SocketBindDeny= and "
		      "SocketBindAllow=; container managers have their own.",
		      out);
		return;
	}
	name = escape_text(bytes, strlen(bytes));
	fprintf(out, " It is program %u%s%s%s", reject->prog_id,
		*name ? " (" : "", name, *name ? ")" : "");
	if (prog_is(reject, "sd_"))
		fputs(", which systemd attaches for SocketBindDeny= and "
		      "SocketBindAllow= of a unit", out);
	else if (prog_is(reject, "cil_"))
		fputs(", which Cilium attaches: it keeps the ports of "
		      "Kubernetes services (NodePort) from being bound "
		      "(nodePort.bindProtection)", out);
	fputc('.', out);
	free(name);
}

static void advise_prog(const struct reject *reject, struct report *report)
{
	if (prog_is(reject, "cil_"))
		report_advise(report, xstrdup("kubectl get services -A | grep -i nodeport"),
			      "Use a port that is not a NodePort; this lists the NodePorts:");
	if (reject->prog_id)
		report_advise(report, xasprintf("bpftool prog show id %u",
						reject->prog_id),
			      "See when the program was loaded, and by which processes it is held:");
	report_advise(report, xstrdup("bpftool cgroup tree"),
		      "See which programs are attached where:");
}

/**
 * explain_bpf() - A BPF program attached to the cgroup refused.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_bpf(const struct context *ctx, struct report *report, FILE *out)
{
	fputs("A BPF program attached to the cgroup of the process, or to one "
	      "above it, refused the call; no other socket was in the way.",
	      out);
	put_prog(out, ctx->reject);
	if (may_be_systemd(ctx->reject))
		advise_unit(ctx, report);
	advise_prog(ctx->reject, report);
}

static void advise_trace(struct report *report)
{
	report_sketch(report, xstrdup("strace -f -e trace=socket,setsockopt,bind,listen PROGRAM"),
		      "See what the program requests:");
}

static void explain_mapped(const struct context *ctx, struct report *report,
			   FILE *out)
{
	char *who = phrase_refused_process(ctx->reject);

	fputs("The socket is IPv6-only (IPV6_V6ONLY), but the address is an "
	      "IPv4 one (::ffff:A.B.C.D).",
	      out);
	report_advise(report, NULL,
		      "Use an IPv4 socket for this address in %s, or do not set IPV6_V6ONLY.",
		      who);
	free(who);
}

/* A check always uses a socket of the right family: the kernel lacks IPv6. */
static bool is_without_ipv6(const struct reject *reject)
{
	return !reject->seq && reject->err == EAFNOSUPPORT &&
	       reject->ep.family == AF_INET6;
}

static void explain_without_ipv6(struct report *report, FILE *out)
{
	fputs("This kernel runs without IPv6: it was booted with "
	      "ipv6.disable=1, or built without it.",
	      out);
	report_advise(report, NULL,
		      "Request an IPv4 address, such as 0.0.0.0 or 127.0.0.1.");
	report_advise(report, xstrdup("cat /proc/cmdline"),
		      "Boot a kernel that has IPv6, and without ipv6.disable=1; "
		      "this shows how it was booted:");
}

/* A group, which does not support connections. */
static bool is_group(const struct endpoint *ep)
{
	struct in6_addr addr;

	memcpy(&addr, ep->addr, sizeof(addr));
	return endpoint_can_listen(ep) && ep->family == AF_INET6 &&
	       IN6_IS_ADDR_MULTICAST(&addr);
}

/* A link-local address, unicast or multicast, without a device. */
static bool lacks_device(const struct reject *reject)
{
	const struct endpoint *ep = &reject->ep;
	struct in6_addr addr;

	memcpy(&addr, ep->addr, sizeof(addr));
	return ep->family == AF_INET6 && reject->err == EINVAL &&
	       !is_group(ep) &&
	       (reject->reason == PORTOWNER_REASON_DEVICE_MISSING ||
		IN6_IS_ADDR_LINKLOCAL(&addr));
}

static const char *what_is_invalid(const struct context *ctx)
{
	const struct endpoint *ep = &ctx->reject->ep;

	if (ctx->reject->err == EAFNOSUPPORT)
		return "The address family does not match the socket: an IPv4 "
		       "address was given to an IPv6 socket, or the other way "
		       "round.";
	if (ctx->reject->err == ENODEV)
		return "The address names a network device (the part after %) that does not exist.";
	if (ctx->reject->op == PORTOWNER_REJECT_OP_LISTEN)
		return "listen() works only on a socket that is neither "
		       "connected nor connecting; this one was.";
	if (is_group(ep))
		return "This is the address of a multicast group; a "
		       "connection-oriented socket cannot be bound to one.";
	if (reject_is_short(ctx->reject))
		return "The kernel did not look at the address, most likely "
		       "because its length, the third argument of bind(), is too small.";
	return "The arguments passed to bind() are not valid for this socket; "
	       "the address length may be wrong.";
}

/* A mistake in the program: say what the call should look like. */
static void advise_call(const struct context *ctx, struct report *report)
{
	const struct endpoint *ep = &ctx->reject->ep;
	const char *words = NULL;

	if (ctx->reject->err == EAFNOSUPPORT)
		words = "Create the socket with the family of the address: pass "
			"to socket() what getaddrinfo() returns in ai_family, "
			"and the address of the same entry to bind().";
	else if (ctx->reject->err == ENODEV)
		words = "Name one of the existing devices:";
	else if (ctx->reject->op == PORTOWNER_REJECT_OP_LISTEN)
		words = "Have the program listen on a socket of its own, and not "
			"on one that it connects or has accepted.";
	else if (is_group(ep))
		words = "Use a datagram socket (SOCK_DGRAM) for the group, and "
			"join it (IPV6_JOIN_GROUP); a TCP server binds an "
			"address of this host.";
	else if (reject_is_short(ctx->reject))
		words = "Pass the size of the structure that the address is in: "
			"sizeof(struct sockaddr_in) for IPv4, "
			"sizeof(struct sockaddr_in6) for IPv6, not that of a pointer.";
	if (words)
		report_advise(report, ctx->reject->err == ENODEV ?
			      advice_in_netns(ctx, xstrdup("ip -br link show up")) :
			      NULL, "%s", words);
}

static void put_invalid(const struct context *ctx, struct report *report,
			FILE *out)
{
	fputs(what_is_invalid(ctx), out);
	advise_call(ctx, report);
}

/**
 * explain_invalid() - The arguments are not valid.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_invalid(const struct context *ctx, struct report *report,
		     FILE *out)
{
	const struct endpoint *ep = &ctx->reject->ep;
	bool v6 = ep->family == AF_INET6, inval = ctx->reject->err == EINVAL;

	if (is_without_ipv6(ctx->reject)) {
		explain_without_ipv6(report, out);
		return;
	}
	if (v6 && inval && endpoint_family(ep) == AF_INET &&
	    ep->flags & PORTOWNER_SOCK_FLAG_V6ONLY)
		explain_mapped(ctx, report, out);
	else if (lacks_device(ctx->reject))
		explain_without_device(ctx, report, out);
	else
		put_invalid(ctx, report, out);
	advise_trace(report);
}

/**
 * explain_other() - No known rule applies.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_other(const struct context *ctx, struct report *report, FILE *out)
{
	fprintf(out, "No known rule explains this error: %s.",
		strerror(ctx->reject->err));
	advise_trace(report);
}
