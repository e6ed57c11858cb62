// SPDX-License-Identifier: GPL-2.0
/* Messages of sock_diag, and which sockets in them share a port. */

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <netlink/msg.h>

#include "diag/decode.h"
#include "diag/share.h"
#include "model/enums.h"
#include "tests/unit.h"

/**
 * struct answered - An answer under test.
 * @filter: all states, unless a test changes it
 * @list: the sockets
 * @answer: where they are decoded to
 */
struct answered {
	struct filter filter;
	struct psock_list list;
	struct diag_answer answer;
};

static void answered_init(struct answered *a, __u16 proto)
{
	memset(a, 0, sizeof(*a));
	a->filter.states = STATES_ALL;
	a->answer.proto = proto;
	a->answer.filter = &a->filter;
	a->answer.netns = 77;
	a->answer.list = &a->list;
}

static void answered_free(struct answered *a)
{
	psock_list_clear(&a->list);
	free(a->answer.facts);
}

static struct nl_msg *message(int family, int state)
{
	struct inet_diag_msg diag = {
		.idiag_family = family,
		.idiag_state = state,
		.idiag_inode = 4711,
		.idiag_uid = 33,
		.idiag_rqueue = 3,
		.idiag_wqueue = 128,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(20, 0);

	diag.id.idiag_sport = htons(8080);
	diag.id.idiag_src[0] = htonl(0x7f000001);
	diag.id.idiag_cookie[0] = 5;
	diag.id.idiag_cookie[1] = 1;
	nlmsg_append(msg, &diag, sizeof(diag), NLMSG_ALIGNTO);
	return msg;
}

/* Attributes that all but the smallest sockets have. */
static void put_full(struct nl_msg *msg)
{
	struct inet_diag_sockopt sockopt = { .freebind = 1 };

	nla_put_u8(msg, INET_DIAG_SHUTDOWN, 0);
	nla_put_u64(msg, INET_DIAG_CGROUP_ID, 99);
	nla_put(msg, INET_DIAG_SOCKOPT, sizeof(sockopt), &sockopt);
}

static const struct psock *take(struct answered *a, struct nl_msg *msg)
{
	assert_int_equal(diag_decode(nlmsg_hdr(msg), &a->answer), 0);
	nlmsg_free(msg);
	return a->list.n ? &a->list.v[a->list.n - 1] : NULL;
}

static void reads_a_listener(void **state)
{
	struct answered a;
	const struct psock *sock;
	struct nl_msg *msg = message(AF_INET, PORTOWNER_STATE_LISTEN);

	(void)state;
	answered_init(&a, IPPROTO_TCP);
	put_full(msg);
	sock = take(&a, msg);
	assert_int_equal(sock->ep.proto, IPPROTO_TCP);
	assert_int_equal(sock->ep.port, 8080);
	assert_memory_equal(sock->ep.addr, "\x7f\0\0\1", 4);
	assert_int_equal(sock->state, PORTOWNER_STATE_LISTEN);
	assert_int_equal(sock->netns, 77);
	assert_true(sock->cookie == 0x100000005ULL);
	assert_int_equal(sock->inode, 4711);
	assert_true(sock->has_uid && sock->uid == 33);
	assert_true(sock->has_backlog);
	assert_int_equal(sock->backlog, 3);
	assert_int_equal(sock->backlog_max, 128);
	assert_int_equal(sock->ep.flags, PORTOWNER_SOCK_FLAG_FREEBIND);
	assert_int_equal(sock->unknown, UNKNOWN_REUSE | UNKNOWN_SHARE |
			 UNKNOWN_GROUP_SIZE | UNKNOWN_UNTRACKED);
	assert_int_equal(a.answer.facts[0].cgroup_id, 99);
	answered_free(&a);
}

/* An older kernel reports less; the rest is unknown, not false. */
static void older_kernels_tell_less(void **state)
{
	struct nl_msg *msg = message(AF_INET6, PORTOWNER_STATE_ESTABLISHED);
	const struct psock *sock;
	struct answered a;

	(void)state;
	answered_init(&a, IPPROTO_TCP);
	nla_put_u8(msg, INET_DIAG_SHUTDOWN, 0);
	sock = take(&a, msg);
	assert_true(sock->unknown & UNKNOWN_IP_OPTIONS);
	assert_true(sock->unknown & UNKNOWN_V6ONLY);
	assert_false(sock->unknown & UNKNOWN_UID);
	assert_int_equal(a.answer.facts[0].cgroup_id, 0);
	answered_free(&a);
}

static void reads_v6only(void **state)
{
	struct nl_msg *msg = message(AF_INET6, PORTOWNER_STATE_LISTEN);
	const struct psock *sock;
	struct answered a;

	(void)state;
	answered_init(&a, IPPROTO_TCP);
	put_full(msg);
	nla_put_u8(msg, INET_DIAG_SKV6ONLY, 1);
	sock = take(&a, msg);
	assert_true(sock->ep.flags & PORTOWNER_SOCK_FLAG_V6ONLY);
	assert_false(sock->unknown & UNKNOWN_V6ONLY);
	answered_free(&a);
}

/* A TIME_WAIT connection has no user, and a connection request no port. */
static void knows_small_sockets(void **state)
{
	const struct psock *sock;
	struct answered a;

	(void)state;
	answered_init(&a, IPPROTO_TCP);
	sock = take(&a, message(AF_INET, PORTOWNER_STATE_TIME_WAIT));
	assert_true(sock->unknown & UNKNOWN_UID);
	assert_false(sock->has_uid);
	assert_ptr_equal(take(&a, message(AF_INET, PORTOWNER_STATE_SYN_RECV)),
			 sock);
	assert_int_equal(a.list.n, 1);
	answered_free(&a);
}

static void bound_only_is_bound(void **state)
{
	struct nl_msg *msg = message(AF_INET, 13);
	struct answered a;

	(void)state;
	answered_init(&a, IPPROTO_TCP);
	put_full(msg);
	assert_int_equal(take(&a, msg)->state, PORTOWNER_STATE_BOUND);
	answered_free(&a);
}

static void subflows_are_mptcp(void **state)
{
	struct nl_msg *msg = message(AF_INET, PORTOWNER_STATE_LISTEN);
	struct nlattr *nest;
	struct answered a;

	(void)state;
	answered_init(&a, IPPROTO_TCP);
	put_full(msg);
	nest = nla_nest_start(msg, INET_DIAG_ULP_INFO);
	nla_put_string(msg, INET_ULP_INFO_NAME, "mptcp");
	nla_nest_end(msg, nest);
	assert_int_equal(take(&a, msg)->ep.proto, IPPROTO_MPTCP);
	answered_free(&a);
}

static void sctp_has_a_row_per_address(void **state)
{
	struct nl_msg *msg = message(AF_INET6, PORTOWNER_STATE_LISTEN);
	struct sockaddr_storage addrs[2] = { 0 };
	struct sockaddr_in *four = (void *)&addrs[0];
	struct sockaddr_in6 *six = (void *)&addrs[1];
	struct answered a;

	(void)state;
	answered_init(&a, IPPROTO_SCTP);
	four->sin_family = AF_INET;
	four->sin_addr.s_addr = htonl(0x0a000001);
	six->sin6_family = AF_INET6;
	six->sin6_addr.s6_addr[15] = 1;
	put_full(msg);
	nla_put(msg, INET_DIAG_LOCALS, sizeof(addrs), addrs);
	take(&a, msg);
	assert_int_equal(a.list.n, 2);
	assert_memory_equal(a.list.v[0].ep.addr,
			    "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\1", 16);
	assert_memory_equal(a.list.v[1].ep.addr, &six->sin6_addr, 16);
	answered_free(&a);
}

static void leaves_out_what_is_not_wanted(void **state)
{
	struct answered a;

	(void)state;
	answered_init(&a, IPPROTO_TCP);
	a.filter.states = STATES_DEFAULT;
	assert_null(take(&a, message(AF_INET, PORTOWNER_STATE_ESTABLISHED)));
	a.filter.port = 8081;
	a.filter.port_last = 9000;
	assert_null(take(&a, message(AF_INET, PORTOWNER_STATE_LISTEN)));
	a.filter.port = 8080;
	assert_non_null(take(&a, message(AF_INET, PORTOWNER_STATE_LISTEN)));
	answered_free(&a);
}

static void refuses_short_messages(void **state)
{
	struct nl_msg *msg = nlmsg_alloc_simple(20, 0);
	struct answered a;

	(void)state;
	answered_init(&a, IPPROTO_TCP);
	assert_true(diag_decode(nlmsg_hdr(msg), &a.answer) < 0);
	nlmsg_free(msg);
	answered_free(&a);
}

/* Two overlapping sockets share a port by some option; a single one by none. */
static void share_needs_options(void **state)
{
	struct psock *sock;
	struct answered a;
	int i;

	(void)state;
	answered_init(&a, IPPROTO_UDP);
	for (i = 0; i < 2; i++)
		take(&a, message(AF_INET, PORTOWNER_STATE_BOUND));
	diag_share(&a.list, true);
	sock = a.list.v;
	assert_int_equal(sock->group_size, 2);
	assert_false(sock->unknown & UNKNOWN_GROUP_SIZE);
	assert_true(sock->unknown & UNKNOWN_SHARE);
	for (i = 0; i < 2; i++) {
		sock[i].unknown &= ~UNKNOWN_REUSE;
		sock[i].ep.flags |= PORTOWNER_SOCK_FLAG_REUSEPORT;
	}
	diag_share(&a.list, true);
	assert_false(sock->unknown & UNKNOWN_SHARE);
	assert_int_equal(sock->share, PORTOWNER_SHARE_REUSEPORT);
	psock_list_drop_last(&a.list);
	diag_share(&a.list, true);
	assert_int_equal(sock->share, PORTOWNER_SHARE_EXCLUSIVE);
	answered_free(&a);
}

/* Where TCP sockets that are only bound are not listed, one may be there. */
static void share_needs_all_sockets(void **state)
{
	struct nl_msg *msg = message(AF_INET, PORTOWNER_STATE_LISTEN);
	const struct psock *sock;
	struct answered a;

	(void)state;
	answered_init(&a, IPPROTO_TCP);
	put_full(msg);
	sock = take(&a, msg);
	diag_share(&a.list, false);
	assert_true(sock->unknown & UNKNOWN_SHARE);
	assert_true(sock->unknown & UNKNOWN_GROUP_SIZE);
	answered_free(&a);
}

/* Comparing them in pairs would take too long; this is another reason. */
static void share_of_too_many(void **state)
{
	struct answered a;
	int i;

	(void)state;
	answered_init(&a, IPPROTO_UDP);
	for (i = 0; i < 1025; i++)
		take(&a, message(AF_INET, PORTOWNER_STATE_BOUND));
	diag_share(&a.list, true);
	assert_true(a.list.v->unknown & UNKNOWN_GROUP_SIZE);
	assert_true(a.list.v->unknown & UNKNOWN_LARGE);
	psock_list_drop_last(&a.list);
	a.list.v->unknown &= ~UNKNOWN_LARGE;
	diag_share(&a.list, true);
	assert_int_equal(a.list.v->group_size, 1024);
	assert_false(a.list.v->unknown & UNKNOWN_LARGE);
	answered_free(&a);
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(reads_a_listener),
		cmocka_unit_test(older_kernels_tell_less),
		cmocka_unit_test(reads_v6only),
		cmocka_unit_test(knows_small_sockets),
		cmocka_unit_test(bound_only_is_bound),
		cmocka_unit_test(subflows_are_mptcp),
		cmocka_unit_test(sctp_has_a_row_per_address),
		cmocka_unit_test(leaves_out_what_is_not_wanted),
		cmocka_unit_test(refuses_short_messages),
		cmocka_unit_test(share_needs_options),
		cmocka_unit_test(share_needs_all_sockets),
		cmocka_unit_test(share_of_too_many),
	};

	return cmocka_run_group_tests_name("diag_decode", tests, NULL, NULL);
}
