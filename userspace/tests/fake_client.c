// SPDX-License-Identifier: GPL-2.0

#include <arpa/inet.h>
#include <errno.h>
#include <netlink/genl/genl.h>

#include "cmd/open.h"
#include "lib/host.h"
#include "lib/host_journal.h"
#include "lib/host_net.h"
#include "lib/host_netns.h"
#include "lib/host_services.h"
#include "lib/host_tunnels.h"
#include "netlink/client.h"
#include "netlink/decode.h"
#include "tests/fake_client.h"
#include "tests/unit.h"

struct fake fake;

static struct nl_msg *messages[64];
static size_t n_messages;

void fake_reset(void)
{
	while (n_messages)
		nlmsg_free(messages[--n_messages]);
	memset(&fake, 0, sizeof(fake));
}

void fake_add(struct nl_msg *msg)
{
	assert_true(n_messages < ARRAY_SIZE(messages));
	messages[n_messages++] = msg;
}

char *host_sysctl(const char *name)
{
	const struct {
		const char *name;
		const char *value;
	} sysctls[] = {
		{ "net/ipv4/ip_local_port_range", fake.range },
		{ "net/ipv4/ip_local_reserved_ports", fake.reserved },
		{ "net/ipv4/ip_unprivileged_port_start", fake.unprivileged },
		{ "net/ipv6/bindv6only", fake.bindv6only },
		{ "kernel/random/boot_id", fake.boot_id },
		{ "fs/nfs/nlm_tcpport", fake.lockd },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sysctls); i++)
		if (!strcmp(sysctls[i].name, name))
			return xstrdup(sysctls[i].value);
	return NULL;
}

bool host_journal_open(void)
{
	return true;
}

int host_journal_send(const struct iovec *fields, int n)
{
	FILE *out;
	int i;

	if (fake.journal_room && fake.n_entries == fake.journal_room)
		return -EIO;
	assert_true(fake.n_entries < ARRAY_SIZE(fake.entries));
	out = fmemopen(fake.entries[fake.n_entries++], sizeof(*fake.entries),
		       "w");
	for (i = 0; i < n; i++)
		fprintf(out, "[%.*s]", (int)fields[i].iov_len,
			(const char *)fields[i].iov_base);
	assert_int_equal(fclose(out), 0);
	return 0;
}

void host_journal_ready(void)
{
	fake.ready++;
}

char *host_lsms(void)
{
	return xstrdup(fake.lsms);
}

char *host_proc(__u32 pid, const char *file, size_t *len)
{
	const struct fake_file *known = fake.files;
	char *bytes;
	size_t i;

	for (; known && known->pid; known++) {
		if (known->pid != pid || strcmp(known->name, file))
			continue;
		bytes = xstrdup(known->text);
		*len = strlen(bytes);
		for (i = 0; i < *len; i++)
			if (bytes[i] == '\n' && strcmp(file, "status"))
				bytes[i] = '\0';
		return bytes;
	}
	return NULL;
}

char *host_link(__u32 pid, const char *name)
{
	size_t len;

	return host_proc(pid, name, &len);
}

bool host_has_unit(const char *name, bool user)
{
	const char *unit;
	size_t i;

	for (i = 0; (unit = fake.units[i]); i++)
		if (user == !strncmp(unit, "user/", strlen("user/")) &&
		    !strcmp(unit + (user ? strlen("user/") : 0), name))
			return true;
	return false;
}

char *host_cgroup_procs(const char *cgroup)
{
	bool known = fake.cgroup && !strcmp(fake.cgroup, cgroup);

	return xstrdup(known ? fake.procs : "");
}

size_t host_frozen_cgroup(const char *cgroup)
{
	size_t len = fake.frozen ? strlen(fake.frozen) : 0;

	return strncmp(cgroup, fake.frozen ?: "", len) ? 0 : len;
}

bool host_has_file_caps(__u32 pid, const char *exe)
{
	(void)pid;
	return fake.file_caps && (!fake.capable || !strcmp(fake.capable, exe));
}

bool host_lacks_module(void)
{
	return fake.unbuilt;
}

bool host_wants_signatures(void)
{
	return fake.signatures;
}

const char *host_signing_key(void)
{
	return fake.signing_key;
}

size_t host_addresses(__u16 family, struct host_address *addresses,
		      size_t room)
{
	size_t i, n = 0;

	for (i = 0; fake.addresses[i] && n < room; i++) {
		memset(&addresses[n], 0, sizeof(*addresses));
		if (inet_pton(family, fake.addresses[i],
			      addresses[n].addr) != 1)
			continue;
		addresses[n].family = family;
		addresses[n].prefix = family == AF_INET ? 24 : 0;
		strcpy(addresses[n++].dev, "d0");
	}
	return n;
}

char *host_names_of(__u16 family, const void *addr)
{
	(void)family;
	(void)addr;
	return xstrdup(fake.names);
}

char *host_address_dev(__u16 family, const void *addr)
{
	unsigned char other[16];
	size_t i;

	for (i = 0; fake.addresses[i]; i++)
		if (inet_pton(family, fake.addresses[i], other) == 1 &&
		    !memcmp(other, addr, family == AF_INET6 ? 16 : 4))
			return xstrdup("d0");
	return NULL;
}

unsigned int host_dev_flags(const char *device)
{
	(void)device;
	return fake.dev_flags;
}

char *host_vrf(const char *device)
{
	(void)device;
	return xstrdup(fake.vrf);
}

char *host_without_ipv6(void)
{
	return xstrdup(fake.without_ipv6);
}

__u32 host_netns_process(__u32 netns, char **comm)
{
	(void)netns;
	*comm = xstrdup(fake.netns_pid ? "p q" : NULL);
	return fake.netns_pid;
}

size_t host_tunnels(const struct host_tunnel **tunnels)
{
	*tunnels = fake.tunnels;
	return fake.n_tunnels;
}

__u32 host_ifindex(const char *device)
{
	return !strcmp(device, "eth0") || !strcmp(device, "7") ? 7 : 0;
}

bool host_ifname(const char *device, char *name)
{
	bool known = host_ifindex(device);

	if (known)
		snprintf(name, IF_NAMESIZE, "eth0");
	return known;
}

size_t netns_all(const struct netns **all)
{
	*all = NULL;
	return 0;
}

bool netns_incomplete(void)
{
	return false;
}

const char *netns_new(void)
{
	fake.new_netns++;
	errno = fake.netns_err;
	return errno ? "make a network namespace" : NULL;
}

struct nl_sock *netns_connect(const struct netns *netns, int protocol)
{
	(void)netns;
	(void)protocol;
	return NULL;
}

bool host_is_initial(void)
{
	return true;
}

bool host_has_root(void)
{
	return fake.has_root;
}

bool host_has_cap(int cap)
{
	(void)cap;
	return fake.capable_tool;
}

bool host_netns_is_foreign(void)
{
	return fake.foreign_netns;
}

__u32 host_uid(void)
{
	return fake.uid;
}

__u32 host_netns(void)
{
	return fake.netns;
}

static void fake_close(struct source *source)
{
	(void)source;
	fake.closed++;
}

static bool kernel_wants(const struct psock *sock, const void *arg)
{
	const struct filter *f = arg;
	__u32 states = f->states ? f->states :
		       1U << PORTOWNER_STATE_LISTEN |
		       1U << PORTOWNER_STATE_BOUND;

	if (f->port && (sock->ep.port < f->port ||
			sock->ep.port > f->port_last))
		return false;
	return filter_wants_endpoint(f, &sock->ep) && states & 1U << sock->state;
}

static struct nlmsghdr *sent(size_t i, int command)
{
	struct nlmsghdr *nlh = nlmsg_hdr(messages[i]);

	return genlmsg_hdr(nlh)->cmd == command ? nlh : NULL;
}

static int fake_ports(struct source *source, const struct filter *filter,
		      struct psock_list *list)
{
	struct nlmsghdr *nlh;
	size_t i;

	(void)source;
	fake.asked = *filter;
	fake.asks++;
	psock_list_clear(list);
	for (i = 0; i < n_messages; i++) {
		nlh = sent(i, PORTOWNER_CMD_PORT_GET);
		if (nlh)
			assert_int_equal(decode_port(nlh, list), 0);
	}
	psock_list_keep(list, kernel_wants, filter);
	return 0;
}

static bool is_news(const struct reject *reject, const void *since)
{
	return reject->seq > *(const __u64 *)since;
}

static int fake_rejects(struct source *source, const struct reject_query *query,
			struct reject_list *list)
{
	struct nlmsghdr *nlh;
	size_t i;

	(void)source;
	fake.query = *query;
	reject_list_clear(list);
	/* Refusals of a process arrive only while it runs. */
	if (query->ancestor && !fake.looks++)
		return 0;
	for (i = 0; i + fake.events < n_messages; i++) {
		nlh = sent(i, PORTOWNER_CMD_REJECT_GET);
		if (nlh)
			assert_int_equal(decode_reject(nlh, list), 0);
	}
	reject_list_keep(list, is_news, &query->since);
	if (query->ancestor && fake.events)
		fake.events--;
	return 0;
}

void client_redirects(const struct packet *packets, size_t n,
		      struct redirect_list *list)
{
	size_t i;

	list->denied = fake.no_rules;
	list->legacy = fake.legacy;
	for (i = 0; fake.nft && i < n; i++)
		nft_redirects(fake.nft, &packets[i], list);
}

static int fake_stats(struct source *source, struct counters *counters)
{
	struct nlmsghdr *nlh;
	size_t i;

	(void)source;
	memset(counters, 0, sizeof(*counters));
	if (fake.stats_later) {
		fake.stats_later--;
		return 0;
	}
	for (i = 0; i < n_messages; i++) {
		nlh = sent(i, PORTOWNER_CMD_STATS_GET);
		if (nlh)
			assert_int_equal(decode_stats(nlh, counters), 0);
	}
	return 0;
}

static bool fake_sees_all(struct source *source)
{
	(void)source;
	return fake.sees_all;
}

static bool answers(struct check *check)
{
	struct nlmsghdr *nlh;
	size_t i;

	check_clear(check);
	for (i = 0; i < n_messages; i++) {
		nlh = sent(i, PORTOWNER_CMD_BIND_CHECK);
		if (nlh)
			assert_int_equal(decode_check(nlh, check), 0);
	}
	return check->answered;
}

static int fake_check(struct source *source, const struct bind_request *request,
		      struct check *check)
{
	(void)source;
	*(fake.checks++ ? &fake.other : &fake.request) = *request;
	if (fake.free_ipv4 && request->ep.family == AF_INET) {
		check_clear(check);
		check->answered = true;
		return 0;
	}
	return answers(check) ? 0 : STATUS_DENIED;
}

static bool fake_can_check(struct source *source, const struct bind_request *request,
			   struct check *check)
{
	(void)source;
	fake.request = *request;
	return answers(check);
}

static bool fake_can_join(struct source *source, enum source_event event,
			  bool all_netns)
{
	(void)source;
	(void)event;
	(void)all_netns;
	return false;
}

static int fake_events_fd(const struct source *source)
{
	(void)source;
	return -1;
}

static int fake_drain(struct source *source)
{
	(void)source;
	return 0;
}

static int fake_join(struct source *source, enum source_event event,
		     bool all_netns)
{
	(void)source;
	(void)event;
	(void)all_netns;
	fake.joined = true;
	return 0;
}

/* One more message each time; after the last one, a signal. */
static int fake_wait(struct source *source, int stop_fd, int timeout_ms,
		     bool *event)
{
	(void)source;
	(void)timeout_ms;
	(void)stop_fd;
	*event = fake.events;
	if (fake.events)
		fake.events--;
	return 0;
}

static bool fake_is_gone(const struct source *source)
{
	(void)source;
	return fake.gone;
}

static int fake_rejoin(struct source *source, int stop_fd, bool *back)
{
	(void)source;
	(void)stop_fd;
	fake.gone = false;
	fake.rejoined++;
	*back = fake.events;
	return 0;
}

static const struct source_ops fake_ops = {
	.name = "module",
	.knows = KNOWS_REFUSALS | KNOWS_CHECK | KNOWS_STATS |
		 KNOWS_OWNERS,
	.ports = fake_ports,
	.check = fake_check,
	.can_check = fake_can_check,
	.stats = fake_stats,
	.close = fake_close,
	.rejects = fake_rejects,
	.sees_all = fake_sees_all,
	.join = fake_join,
	.can_join = fake_can_join,
	.events_fd = fake_events_fd,
	.drain = fake_drain,
	.wait = fake_wait,
	.is_gone = fake_is_gone,
	.rejoin = fake_rejoin,
};

int source_open(struct source **source, const struct options *options,
		__u32 needs)
{
	static struct source fake_source = { .ops = &fake_ops };

	(void)options;
	(void)needs;
	*source = &fake_source;
	fake.opened++;
	return fake.deny;
}
