// SPDX-License-Identifier: GPL-2.0

#include <netlink/genl/genl.h>

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
	const char *value = !strcmp(name, "net/ipv4/ip_local_port_range") ?
				    fake.range :
			    !strcmp(name, "net/ipv4/ip_local_reserved_ports") ?
				    fake.reserved : NULL;

	return xstrdup(value);
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
	reject_list_clear(list);
	for (i = 0; i + fake.events < n_messages; i++) {
		nlh = sent(i, PORTOWNER_CMD_REJECT_GET);
		if (nlh)
			assert_int_equal(decode_reject(nlh, list), 0);
	}
	reject_list_keep(list, is_news, &query->since);
	return 0;
}

int client_stats(struct client *client, struct counters *counters)
{
	struct nlmsghdr *nlh;
	size_t i;

	(void)client;
	memset(counters, 0, sizeof(*counters));
	for (i = 0; i < n_messages; i++) {
		nlh = sent(i, PORTOWNER_CMD_STATS_GET);
		if (nlh)
			assert_int_equal(decode_stats(nlh, counters), 0);
	}
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
