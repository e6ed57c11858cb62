// SPDX-License-Identifier: GPL-2.0

#include <netinet/in.h>
#include <string.h>

#include "model/enums.h"
#include "model/filter.h"
#include "model/target.h"
#include "tests/unit.h"

static void protocols(void **state)
{
	struct filter f = { 0 };

	(void)state;
	assert_int_equal(filter_proto(&f), 0);
	assert_true(filter_add_protos(&f, "tcp"));
	assert_int_equal(filter_proto(&f), IPPROTO_TCP);
	assert_true(filter_add_protos(&f, "udp,tcp"));
	assert_int_equal(filter_proto(&f), 0);
	assert_true(filter_add_protos(&f, "mptcp"));
	assert_int_equal(filter_proto(&f), 0);
	f.protos = FILTER_MPTCP;
	assert_int_equal(filter_proto(&f), IPPROTO_MPTCP);
	f.protos = FILTER_MPTCP | FILTER_TCP;
	assert_int_equal(filter_proto(&f), IPPROTO_TCP);
	assert_false(filter_add_protos(&f, "tcp,"));
	assert_false(filter_add_protos(&f, "dccp"));
	assert_false(filter_add_protos(&f, "icmpv6"));
	assert_false(filter_add_protos(&f, ""));
}

static void each_protocol(void **state)
{
	static const struct {
		const char *name;
		__u16 proto;
	} all[] = {
		{ "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP },
		{ "mptcp", IPPROTO_MPTCP }, { "udplite", IPPROTO_UDPLITE },
		{ "sctp", IPPROTO_SCTP }, { "icmp", IPPROTO_ICMP },
		{ "raw", IPPROTO_RAW },
	};
	struct filter f;
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		memset(&f, 0, sizeof(f));
		assert_true(filter_add_protos(&f, all[i].name));
		assert_int_equal(filter_proto(&f), all[i].proto);
		assert_string_equal(proto_name(all[i].proto), all[i].name);
		for (j = 0; j < i; j++)
			assert_true(filter_add_protos(&f, all[j].name));
		/* TCP includes MPTCP. */
		assert_int_equal(filter_proto(&f), i ? 0 : IPPROTO_TCP);
	}
}

static bool wants(unsigned int protos, __u16 proto)
{
	struct filter f = { .protos = protos };
	struct psock sock = { .ep = { .proto = proto, .family = AF_INET } };

	return filter_wants(&sock, &f);
}

static void endpoints(void **state)
{
	(void)state;
	assert_true(wants(0, IPPROTO_MPTCP));
	assert_true(wants(0, IPPROTO_SCTP));
	assert_true(wants(FILTER_TCP, IPPROTO_TCP));
	assert_true(wants(FILTER_TCP, IPPROTO_MPTCP));
	assert_false(wants(FILTER_TCP, IPPROTO_UDP));
	assert_false(wants(FILTER_TCP, IPPROTO_SCTP));
	assert_true(wants(FILTER_SCTP | FILTER_RAW, IPPROTO_SCTP));
	assert_true(wants(FILTER_SCTP | FILTER_RAW, IPPROTO_RAW));
	assert_false(wants(FILTER_SCTP | FILTER_RAW, IPPROTO_ICMP));
	assert_false(wants(FILTER_UDP, IPPROTO_UDPLITE));
	assert_true(wants(FILTER_MPTCP, IPPROTO_MPTCP));
	assert_false(wants(FILTER_MPTCP, IPPROTO_TCP));
	assert_false(wants(FILTER_MPTCP | FILTER_UDP, IPPROTO_TCP));
	assert_true(wants(FILTER_MPTCP | FILTER_UDP, IPPROTO_UDP));
}

static void families(void **state)
{
	struct filter f = { .families = FILTER_INET6 };

	(void)state;
	assert_int_equal(filter_family(&f), AF_INET6);
	f.families |= FILTER_INET;
	assert_int_equal(filter_family(&f), 0);
}

static void states(void **state)
{
	struct filter f = { 0 };
	const char *bad;
	size_t len;

	(void)state;
	assert_true(filter_add_states(&f, "listen,time-wait", &bad, &len));
	assert_true(filter_add_states(&f, "UNCONN", &bad, &len));
	assert_int_equal(f.states, 1 << PORTOWNER_STATE_LISTEN |
			 1 << PORTOWNER_STATE_TIME_WAIT |
			 1 << PORTOWNER_STATE_BOUND);
	assert_false(filter_add_states(&f, "listen,foo,bar", &bad, &len));
	assert_int_equal(len, 3);
	assert_memory_equal(bad, "foo", 3);
	assert_false(filter_add_states(&f, "listen,", &bad, &len));
	assert_false(filter_add_states(&f, "unknown", &bad, &len));
}

static void every_state_has_a_name(void **state)
{
	const char *name;
	__u32 i;

	(void)state;
	for (i = 0; i < 32; i++) {
		name = state_name(i);
		if (STATES_ALL & 1U << i)
			assert_int_equal(state_parse(name, strlen(name)), i);
		else
			assert_string_equal(name, "unknown");
	}
}

static void ports(void **state)
{
	static const char * const junk[] = {
		"", "0", "65536", "1-", "-1", "1-2-3", "2-1", "0-5",
		"1-65536", "1 - 2", "a-b", "1-b",
	};
	struct filter f = { 0 };
	const char *why;
	size_t i;

	(void)state;
	assert_true(filter_set_port(&f, "80", &why));
	assert_int_equal(f.port, 80);
	assert_int_equal(f.port_last, 80);
	assert_true(filter_set_port(&f, "1000-2000", &why));
	assert_int_equal(f.port, 1000);
	assert_int_equal(f.port_last, 2000);
	assert_true(filter_set_port(&f, "1-65535", &why));
	for (i = 0; i < ARRAY_SIZE(junk); i++)
		if (filter_set_port(&f, junk[i], &why))
			fail_msg("'%s' is accepted", junk[i]);
}

static unsigned int protos_of(const char *one, const char *other)
{
	struct target targets[2];
	struct filter f = { 0 };
	const char *why;

	assert_true(target_parse(&targets[0], one, &why));
	assert_true(target_parse(&targets[1], other, &why));
	filter_span_targets(&f, targets, ARRAY_SIZE(targets));
	assert_int_equal(f.port, targets[0].port);
	assert_int_equal(f.port_last, targets[1].port_last);
	return f.protos;
}

static void protocols_of_targets(void **state)
{
	(void)state;
	assert_int_equal(protos_of("icmp/5", "raw/89"), FILTER_ICMP | FILTER_RAW);
	assert_int_equal(protos_of("udp/53", "80"), 0);
	assert_int_equal(protos_of("53", "udp/80"), 0);
	assert_int_equal(protos_of("mptcp/80", "mptcp/81"),
			 FILTER_MPTCP | FILTER_TCP);
}

static void holders(void **state)
{
	struct owner owners[] = {
		{ .pid = 10, .uid = 33 },
		{ .pid = 11, .uid = 34 },
	};
	struct psock sock = {
		.has_uid = true,
		.uid = 5,
		.owners = owners,
		.n_owners = 2,
	};
	struct filter f = { 0 };

	(void)state;
	assert_true(filter_wants_holders(&sock, &f));
	f.pid = 11;
	assert_true(filter_wants_holders(&sock, &f));
	f.pid = 12;
	assert_false(filter_wants_holders(&sock, &f));
	f = (struct filter){ .has_uid = true, .uid = 5 };
	assert_true(filter_wants_holders(&sock, &f));
	f.uid = 34;
	assert_true(filter_wants_holders(&sock, &f));
	f.uid = 0;
	assert_false(filter_wants_holders(&sock, &f));
}

/* The kernel keeps no user for TIME_WAIT, so it is not root's. */
static void unknown_user_is_not_root(void **state)
{
	struct psock sock = { .state = PORTOWNER_STATE_TIME_WAIT };
	struct filter f = { .has_uid = true, .uid = 0 };

	(void)state;
	assert_false(filter_wants_holders(&sock, &f));
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(protocols),
		cmocka_unit_test(each_protocol),
		cmocka_unit_test(endpoints),
		cmocka_unit_test(families),
		cmocka_unit_test(states),
		cmocka_unit_test(every_state_has_a_name),
		cmocka_unit_test(ports),
		cmocka_unit_test(protocols_of_targets),
		cmocka_unit_test(holders),
		cmocka_unit_test(unknown_user_is_not_root),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
