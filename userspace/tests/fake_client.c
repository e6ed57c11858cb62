// SPDX-License-Identifier: GPL-2.0

#include <netlink/genl/genl.h>

#include "check.h"
#include "client.h"
#include "decode.h"
#include "fake_client.h"
#include "host.h"
#include "unit.h"

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
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sysctls); i++)
		if (!strcmp(sysctls[i].name, name))
			return xstrdup(sysctls[i].value);
	return NULL;
}

char *host_lsms(void)
{
	return xstrdup(fake.lsms);
}

__u32 host_ifindex(const char *device)
{
	return !strcmp(device, "eth0") ? 7 : 0;
}

__u32 host_uid(void)
{
	return fake.uid;
}

__u32 host_netns(void)
{
	return fake.netns;
}

int client_open(struct client **client, bool quiet)
{
	(void)quiet;
	*client = NULL;
	fake.opened++;
	return fake.deny;
}

void client_close(struct client *client)
{
	(void)client;
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

int client_ports(struct client *client, const struct filter *filter,
		 struct psock_list *list)
{
	struct nlmsghdr *nlh;
	size_t i;

	(void)client;
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

int client_rejects(struct client *client, const struct reject_query *query,
		   struct reject_list *list)
{
	struct nlmsghdr *nlh;
	size_t i;

	(void)client;
	fake.query = *query;
	reject_list_clear(list);
	/* What a process was refused comes only as it runs. */
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

int client_stats(struct client *client, struct counters *counters)
{
	struct nlmsghdr *nlh;
	size_t i;

	(void)client;
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

bool client_sees_all(struct client *client)
{
	(void)client;
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

int client_check(struct client *client, const struct bind_request *request,
		 struct check *check)
{
	(void)client;
	fake.request = *request;
	return answers(check) ? 0 : STATUS_DENIED;
}

bool client_can_check(struct client *client, const struct bind_request *request,
		      struct check *check)
{
	(void)client;
	fake.request = *request;
	return answers(check);
}

bool client_can_join(struct client *client, bool all_netns)
{
	(void)client;
	(void)all_netns;
	return false;
}

int client_events_fd(const struct client *client)
{
	(void)client;
	return -1;
}

int client_drain(struct client *client)
{
	(void)client;
	return 0;
}

int client_join(struct client *client, bool all_netns)
{
	(void)client;
	(void)all_netns;
	fake.joined = true;
	return 0;
}

/* One message more each time; when there is no further, a signal. */
int client_wait(struct client *client, int stop_fd, int timeout_ms,
		bool *event)
{
	(void)client;
	(void)timeout_ms;
	(void)stop_fd;
	*event = fake.events;
	if (fake.events)
		fake.events--;
	return 0;
}
