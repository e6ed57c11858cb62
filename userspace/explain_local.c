// SPDX-License-Identifier: GPL-2.0
/* Rules that settings of the machine are to blame for. */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "escape.h"
#include "explain.h"
#include "host.h"
#include "prose.h"
#include "range.h"
#include "remedy.h"

#define SYSCTL_UNPRIVILEGED	"net.ipv4.ip_unprivileged_port_start"

static void advise_range(const struct situation *sit, struct story *story)
{
	const struct port_range *range = sit->reject->range;

	if (!range || range->first > 1024 || range->last < 65535)
		story_advise(story,
			     remedy_there(sit, xstrdup("sysctl -w " SYSCTL_RANGE
						       "=\"1024 65535\"")),
			     "Let the kernel choose from more ports; those of "
			     "servers should be in " SYSCTL_RESERVED " then:");
	if (range && range->reserved > range->taken)
		story_advise(story,
			     remedy_there(sit, xstrdup("sysctl " SYSCTL_RESERVED)),
			     "Reserve fewer ports; this shows which are:");
}

static void advise_holders(const struct port_range *range, struct story *story)
{
	const struct range_holder *holder = range ? range->holders : NULL;
	char *who;

	if (!holder || !holder->pid)
		return;
	who = prose_process(holder->comm, holder->pid);
	story_advise(story, xasprintf("portowner list -a --pid %u",
				      holder->pid),
		     "See what %s uses so many ports for:", who);
	free(who);
}

/* A port serves for one connection to each destination. */
static void advise_time_wait(const struct situation *sit, struct story *story)
{
	story_advise(story,
		     remedy_there(sit, xstrdup("sysctl -w net.ipv4.tcp_tw_reuse=1")),
		     "If most are connections in time-wait to one destination "
		     "(ss -s counts them), let the kernel use their ports for "
		     "new ones; or let the program keep its connections:");
}

/**
 * explain_exhausted() - No port of the automatic range was free.
 * @sit: the situation
 * @story: for remedies
 * @out: for sentences
 */
void explain_exhausted(const struct situation *sit, struct story *story,
		       FILE *out)
{
	const struct port_range *range = sit->reject->range;

	fprintf(out, "%s left it to the kernel to choose a port, and the "
		     "kernel found none that is free in " SYSCTL_RANGE,
		sit->reject->op != PORTOWNER_OP_AUTOBIND ? "The program" :
		endpoint_can_listen(&sit->reject->ep) ? "A connect()" :
							"A sendto() or connect()");
	if (!range && sit->ephemeral.known)
		fprintf(out, " (%u to %u now)", sit->ephemeral.first,
			sit->ephemeral.last);
	fputc('.', out);
	if (range) {
		fputc(' ', out);
		range_put(out, range, sit->reject->time_ns);
	}
	advise_holders(range, story);
	advise_range(sit, story);
	if (sit->reject->op == PORTOWNER_OP_AUTOBIND &&
	    endpoint_can_listen(&sit->reject->ep))
		advise_time_wait(sit, story);
	if (sit->reject->op == PORTOWNER_OP_BIND && !sit->listens)
		story_advise(story, xstrdup("int on = 1; setsockopt(fd, "
					    "IPPROTO_IP, "
					    "IP_BIND_ADDRESS_NO_PORT, &on, "
					    "sizeof(on));"),
			     "If it is a client that binds to an address "
			     "before connect(), let it set this before "
			     "bind(), so that one port serves for several "
			     "destinations:");
}

static void put_no_interface(FILE *out, const struct situation *sit,
			     const char *address)
{
	const char *dev = sit->reject->ep.dev;
	char *name;

	fprintf(out, "No interface of %s network namespace ",
		sit->here ? "this" : "its");
	if (dev) {
		name = escape_text(dev, strlen(dev));
		fprintf(out, "that goes with device %s, to which the socket is bound, ",
			name);
		free(name);
	}
	fprintf(out, "has the address %s, so nothing can be bound to it.",
		address);
}

/* An address that comes later. */
static void advise_boot(const struct situation *sit, struct story *story)
{
	bool v6 = endpoint_family(&sit->reject->ep) == AF_INET6;

	story_advise(story, xstrdup("Wants=network-online.target\nAfter=network-online.target"),
		     "If it fails at boot only, let the service start after "
		     "the network; these go into [Unit] of its systemd unit:");
	story_advise(story,
		     remedy_there(sit, xasprintf("sysctl -w net.%s.ip_nonlocal_bind=1",
						 v6 ? "ipv6" : "ipv4")),
		     "If the address comes later on purpose (failover), let "
		     "programs bind to addresses that are not there; "
		     "FreeBind=yes in a systemd socket unit, or IP_FREEBIND "
		     "in the program, does so for one socket:");
}

/**
 * explain_not_local() - No interface has the address.
 * @sit: the situation
 * @story: for remedies
 * @out: for sentences
 */
void explain_not_local(const struct situation *sit, struct story *story,
		       FILE *out)
{
	const struct endpoint *ep = &sit->reject->ep;
	bool v6 = endpoint_family(ep) == AF_INET6;
	char *address = prose_address(ep);

	put_no_interface(out, sit, address);
	if (v6)
		fputs(" An IPv6 address that was added a moment ago counts "
		      "only when the kernel has made sure that nobody else "
		      "has it (tentative).",
		      out);
	fputs(" Another network namespace, such as that of a container, may "
	      "have it: that cannot be known here.",
	      out);
	story_advise(story,
		     remedy_there(sit, xasprintf("ip address show to %s",
						 address)),
		     "Compare with the addresses that there are (ip address), "
		     "and mind typing errors; this prints nothing as long as "
		     "the address is missing:");
	advise_boot(sit, story);
	free(address);
}

static void advise_capability(const struct reject *reject, struct story *story)
{
	const char *exe = reject->exe;

	story_advise(story, xstrdup("AmbientCapabilities=CAP_NET_BIND_SERVICE"),
		     "If systemd starts it, put this into [Service] of the unit:");
	if (exe && is_plain_word(exe, strlen(exe)))
		story_advise(story, xasprintf("setcap cap_net_bind_service=+ep %s",
					      exe),
			     "Give the program the right to such ports; if it "
			     "is an interpreter, then all scripts get it:");
}

/**
 * explain_privileged() - The port is for the privileged.
 * @sit: the situation
 * @story: for remedies
 * @out: for sentences
 */
void explain_privileged(const struct situation *sit, struct story *story,
			FILE *out)
{
	char *start = host_sysctl("net/ipv4/ip_unprivileged_port_start");
	unsigned int port = sit->reject->ep.port;
	__u64 first = 1024;
	char *who;

	if (sit->here && start)
		number_parse(start, strlen(start), 0, 65536, &first);
	who = newcomer(sit);
	fprintf(out, "Ports below %llu (" SYSCTL_UNPRIVILEGED ") are for root, and for processes "
		"with the capability CAP_NET_BIND_SERVICE; %s runs as ",
		(unsigned long long)first, who);
	prose_user(out, sit->reject->uid, sit->numeric);
	fputs(" without it.", out);
	if (!sit->reject->uid)
		fputs(" A root without it is one of a container, or of a user "
		      "namespace that does not own the network namespace.",
		      out);
	if (first <= port)
		fprintf(out, " The limit was lowered since: port %u would be free to all now.",
			port);
	advise_capability(sit->reject, story);
	if (first > port)
		story_advise(story,
			     remedy_there(sit, xasprintf("sysctl -w " SYSCTL_UNPRIVILEGED "=%u",
							 port)),
			     "Open the ports from this one on to everybody:");
	story_advise(story, NULL, "Let %s use a port from %llu on.", who,
		     (unsigned long long)(first > port ? first : 1024));
	free(start);
	free(who);
}
