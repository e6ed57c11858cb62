// SPDX-License-Identifier: GPL-2.0
/* Rules by which nobody is in the way: others forbid it, or the call is wrong. */

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "endpoint.h"
#include "enums.h"
#include "explain.h"
#include "lsm.h"
#include "prose.h"
#include "remedy.h"

/**
 * explain_bound() - The socket has a port already.
 * @sit: the situation
 * @story: for remedies
 * @out: for sentences
 */
void explain_bound(const struct situation *sit, struct story *story, FILE *out)
{
	char *who = newcomer(sit);

	fprintf(out, "The socket had a port already: bind() works once for a "
		     "socket, and not after connect() or listen(). This is an "
		     "error in %s, nobody else is involved.",
		who);
	story_advise(story, NULL,
		     "Let the program make a new socket for each bind(), and "
		     "bind() before connect().");
	free(who);
}

/* semanage(8) knows these only, and what takes their ports. */
static const char *transport_of(const struct endpoint *ep)
{
	const char *name = proto_name(endpoint_transport(ep));

	return name ? name : "tcp";
}

static void advise_selinux(const struct situation *sit, struct story *story)
{
	story_advise(story, xstrdup("ausearch -m AVC -ts recent"),
		     "With SELinux, this is where the denial is, with the types of both:");
	if (sit->reject->ep.port)
		story_advise(story, xasprintf("semanage port -a -t http_port_t -p %s %u",
					      transport_of(&sit->reject->ep),
					      sit->reject->ep.port),
			     "With SELinux, allow the port to the type of the "
			     "service (here: of web servers):");
}

static bool is_or_may_be(const char *list, const char *name)
{
	return !list || strstr(list, name);
}

/**
 * explain_lsm() - A security module refused.
 * @sit: the situation
 * @story: for remedies
 * @out: for sentences
 */
void explain_lsm(const struct situation *sit, struct story *story, FILE *out)
{
	char *list = lsms_with_say();

	fputs("A security module refused before the kernel looked at the "
	      "port; nobody was in the way.",
	      out);
	if (list && *list)
		fprintf(out, " Of those that are active, these have a say in bind(): %s.",
			list);
	story_advise(story, xstrdup("journalctl -k -b | grep -iE 'denied|avc'"),
		     "Look for what it says itself:");
	if (is_or_may_be(list, "selinux"))
		advise_selinux(sit, story);
	if (is_or_may_be(list, "apparmor"))
		story_advise(story, xstrdup("aa-status"),
			     "With AppArmor, see which profile confines the "
			     "program; it needs a \"network\" rule:");
	if (is_or_may_be(list, "bpf"))
		story_advise(story, xstrdup("bpftool prog list | grep -w lsm"),
			     "With BPF, see which programs there are, and "
			     "which process loaded them:");
	if (is_or_may_be(list, "landlock"))
		story_advise(story, NULL,
			     "With Landlock, the program was confined by "
			     "itself or by what started it: allow the port "
			     "there.");
	free(list);
}

static void advise_unit(const struct situation *sit, struct story *story)
{
	if (sit->reject->ep.port)
		story_advise(story, xasprintf("SocketBindAllow=%s:%u",
					      transport_of(&sit->reject->ep),
					      sit->reject->ep.port),
			     "If so, allow the port; this goes into [Service]:");
}

/**
 * explain_bpf() - A program of the cgroup refused.
 * @sit: the situation
 * @story: for remedies
 * @out: for sentences
 */
void explain_bpf(const struct situation *sit, struct story *story, FILE *out)
{
	const char *cgroup = sit->reject->cgroup;
	struct slice unit;

	fputs("A BPF program that is attached to the cgroup of the process, "
	      "or to one above it, refused; nobody was in the way. systemd "
	      "attaches one for SocketBindDeny= and SocketBindAllow=, "
	      "container managers have their own.",
	      out);
	if (cgroup && cgroup_unit(cgroup, &unit) &&
	    is_plain_word(unit.str, unit.len)) {
		story_advise(story, xasprintf("systemctl show -p "
					      "SocketBindAllow -p "
					      "SocketBindDeny %.*s",
					      (int)unit.len, unit.str),
			     "See whether the unit forbids it:");
		advise_unit(sit, story);
	}
	story_advise(story, xstrdup("bpftool cgroup tree"),
		     "See which programs are attached where:");
}

static void advise_trace(struct story *story)
{
	story_advise(story, xstrdup("strace -f -e trace=socket,setsockopt,bind,listen PROGRAM"),
		     "See what the program asks for:");
}

static void explain_link_local(const struct situation *sit,
			       struct story *story, FILE *out)
{
	char *address = prose_address(&sit->reject->ep);

	fprintf(out, "A link-local address (fe80::) is the same on each "
		     "network device, so the device must be said as well: "
		     "%s%%eth0, or sin6_scope_id in a program.",
		address);
	story_advise(story,
		     remedy_there(sit, xasprintf("ip address show to %s",
						 address)),
		     "See which device has the address, and name it as in %s%%eth0:",
		     address);
	free(address);
}

static void explain_mapped(const struct situation *sit, struct story *story,
			   FILE *out)
{
	char *who = newcomer(sit);

	fputs("The socket is for IPv6 only (IPV6_V6ONLY), but the address is "
	      "one of IPv4 (::ffff:A.B.C.D).",
	      out);
	story_advise(story, NULL,
		     "Let %s use a socket of IPv4 for this address, or not set IPV6_V6ONLY.",
		     who);
	free(who);
}

/* A bind that is only thought of is of a socket of the right family. */
static bool is_without_ipv6(const struct reject *reject)
{
	return !reject->seq && reject->err == EAFNOSUPPORT &&
	       reject->ep.family == AF_INET6;
}

static void explain_without_ipv6(struct story *story, FILE *out)
{
	fputs("This kernel runs without IPv6: it was booted with "
	      "ipv6.disable=1, or built without it.",
	      out);
	story_advise(story, NULL,
		     "Ask for an IPv4 address, such as 0.0.0.0 or 127.0.0.1.");
	story_advise(story, xstrdup("cat /proc/cmdline"),
		     "Boot a kernel that has IPv6, without ipv6.disable=1; "
		     "this shows how it was booted:");
}

static const char *what_is_invalid(const struct situation *sit)
{
	const struct endpoint *ep = &sit->reject->ep;
	struct in6_addr addr;

	memcpy(&addr, ep->addr, sizeof(addr));
	if (sit->reject->err == EAFNOSUPPORT)
		return "The address is of another family than the socket: an "
		       "IPv4 address for an IPv6 socket, or the other way "
		       "round.";
	if (sit->reject->err == ENODEV)
		return "The address names a network device (the part after %) that does not exist.";
	if (sit->reject->op == PORTOWNER_OP_LISTEN)
		return "listen() is for a socket that is neither connected nor "
		       "connecting; this one was.";
	if (ep->family == AF_INET6 && IN6_IS_ADDR_MULTICAST(&addr))
		return "The address is one of a group (multicast), to which a "
		       "socket with connections cannot be bound.";
	return "What the program passed to bind() makes no sense for this "
	       "socket, such as a wrong length of the address.";
}

/**
 * explain_invalid() - The arguments make no sense.
 * @sit: the situation
 * @story: for remedies
 * @out: for sentences
 */
void explain_invalid(const struct situation *sit, struct story *story,
		     FILE *out)
{
	const struct endpoint *ep = &sit->reject->ep;
	bool v6 = ep->family == AF_INET6, inval = sit->reject->err == EINVAL;
	struct in6_addr addr;

	if (is_without_ipv6(sit->reject)) {
		explain_without_ipv6(story, out);
		return;
	}
	memcpy(&addr, ep->addr, sizeof(addr));
	if (v6 && inval && endpoint_family(ep) == AF_INET &&
	    ep->flags & PORTOWNER_SOCK_FLAG_V6ONLY)
		explain_mapped(sit, story, out);
	else if (v6 && inval && IN6_IS_ADDR_LINKLOCAL(&addr))
		explain_link_local(sit, story, out);
	else
		fputs(what_is_invalid(sit), out);
	advise_trace(story);
}

/**
 * explain_other() - None of the known rules.
 * @sit: the situation
 * @story: for remedies
 * @out: for sentences
 */
void explain_other(const struct situation *sit, struct story *story, FILE *out)
{
	fprintf(out, "None of the rules known here explains it; the error says: %s.",
		strerror(sit->reject->err));
	advise_trace(story);
}
