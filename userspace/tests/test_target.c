// SPDX-License-Identifier: GPL-2.0

#include <arpa/inet.h>

#include "model/target.h"
#include "tests/unit.h"

static struct target parsed(const char *text)
{
	struct target target;
	const char *why = "";

	if (!target_parse(&target, text, &why))
		fail_msg("'%s' is refused: %s", text, why);
	return target;
}

static void assert_refused(const char *text)
{
	struct target target;
	const char *why = NULL;

	if (target_parse(&target, text, &why))
		fail_msg("'%s' is accepted", text);
	assert_non_null(why);
}

/* The message contains a hint. */
static void assert_hint(const char *text, const char *hint)
{
	struct target target;
	const char *why = "";

	if (target_parse(&target, text, &why))
		fail_msg("'%s' is accepted", text);
	if (!strstr(why, hint))
		fail_msg("'%s' has no hint '%s': %s", text, hint, why);
}

static struct endpoint bound(const char *addr, __u16 port, __u32 flags)
{
	struct endpoint ep = {
		.family = strchr(addr, ':') ? AF_INET6 : AF_INET,
		.proto = IPPROTO_TCP,
		.port = port,
		.flags = flags,
	};

	assert_int_equal(inet_pton(ep.family, addr, ep.addr), 1);
	return ep;
}

static void port_alone(void **state)
{
	struct target t = parsed("8080");

	(void)state;
	assert_int_equal(t.port, 8080);
	assert_int_equal(t.proto, 0);
	assert_int_equal(t.family, 0);
	assert_int_equal(parsed("1").port, 1);
	assert_int_equal(parsed("65535").port, 65535);
}

static void protocol(void **state)
{
	(void)state;
	assert_int_equal(parsed("tcp/80").proto, IPPROTO_TCP);
	assert_int_equal(parsed("UDP/53").proto, IPPROTO_UDP);
	assert_int_equal(parsed("mptcp/[::]:90").proto, IPPROTO_MPTCP);
	assert_int_equal(parsed("sctp/80").proto, IPPROTO_SCTP);
	assert_int_equal(parsed("udplite/127.0.0.1:53").proto, IPPROTO_UDPLITE);
	assert_int_equal(parsed("icmp/65535").proto, IPPROTO_ICMP);
	assert_int_equal(parsed("raw/255").proto, IPPROTO_RAW);
	assert_int_equal(parsed("raw/255").port, 255);
}

static void addresses(void **state)
{
	static const unsigned char loopback[16] = { [15] = 1 };
	struct target t = parsed("udp/[::1]:53");

	(void)state;
	assert_int_equal(t.proto, IPPROTO_UDP);
	assert_int_equal(t.family, AF_INET6);
	assert_int_equal(t.port, 53);
	assert_memory_equal(t.addr, loopback, 16);

	t = parsed("127.0.0.1:65535");
	assert_int_equal(t.family, AF_INET);
	assert_memory_equal(t.addr, "\x7f\0\0\1", 4);
}

/* Common spellings, and those of ss(8) and services(5). */
static void spellings(void **state)
{
	struct target t = parsed("8080/tcp");

	(void)state;
	assert_int_equal(t.proto, IPPROTO_TCP);
	assert_int_equal(t.port, 8080);
	assert_int_equal(parsed("53/UDP").proto, IPPROTO_UDP);
	assert_int_equal(parsed("http/tcp").port, 80);
	assert_int_equal(parsed("UDP:53").proto, IPPROTO_UDP);
	assert_int_equal(parsed("tcp:[::1]:80-90").port_last, 90);
	t = parsed("udp://localhost:53");
	assert_int_equal(t.proto, IPPROTO_UDP);
	assert_int_equal(t.port, 53);
	assert_true(t.localhost);
	t = parsed("[::1]:53/udp");
	assert_int_equal(t.family, AF_INET6);
	assert_int_equal(t.proto, IPPROTO_UDP);
	t = parsed(":8080");
	assert_int_equal(t.port, 8080);
	assert_int_equal(t.family, 0);
	t = parsed("tcp/*:8080");
	assert_int_equal(t.port, 8080);
	assert_int_equal(t.proto, IPPROTO_TCP);
	assert_int_equal(t.family, 0);
	t = parsed("localhost:8080");
	assert_int_equal(t.family, AF_INET);
	assert_memory_equal(t.addr, "\x7f\0\0\1", 4);
	assert_true(t.localhost);
	assert_false(parsed("127.0.0.1:8080").localhost);
	assert_true(parsed("LocalHost:http/tcp").localhost);
	t = parsed("0.0.0.0%eth0:80");
	assert_int_equal(t.family, AF_INET);
	assert_string_equal(t.dev, "eth0");
	assert_true(target_binds_dev(&t));
	t = parsed("*%eth0:80");
	assert_int_equal(t.family, 0);
	assert_true(target_binds_dev(&t));
	t = parsed("[::]%eth0:80");
	assert_string_equal(t.dev, "eth0");
	assert_true(target_binds_dev(&t));
	t = parsed("[fe80::1%eth0]:80");
	assert_false(target_binds_dev(&t));
}

static void ranges(void **state)
{
	struct target t = parsed("8000-8100");

	(void)state;
	assert_int_equal(t.port, 8000);
	assert_int_equal(t.port_last, 8100);
	assert_int_equal(parsed("80").port_last, 80);
	assert_int_equal(parsed("http").port_last, 80);
	t = parsed("127.0.0.1:1-65535/udp");
	assert_int_equal(t.port_last, 65535);
	assert_int_equal(parsed("5-5").port_last, 5);
	assert_hint("90-80", "ends before");
	assert_hint("0-80", "from 1 to 65535");
	assert_hint("80-65536", "from 1 to 65535");
	assert_refused("raw/1-256");
	assert_refused("80-");
	assert_refused("-80");
	assert_refused("80-90-100");
}

/* Invalid spellings get a hint. */
static void hints(void **state)
{
	(void)state;
	assert_hint("127.0.0.1", "127.0.0.1:80");
	assert_hint("localhost", "127.0.0.1:80");
	assert_hint("80,443", "80 443");
	assert_hint("8000:8100", "8000-8100");
	assert_hint("http://localhost:8080/", "as in localhost:8080");
	assert_hint("tcp6/8080", "-6 tcp/8080");
	assert_hint("udp6:53", "-6 tcp/8080");
	assert_hint("[::1]", "[::1]:80");
	assert_hint(":::8080", "[ADDR]:PORT");
	assert_hint("80/http", "protocol");
	assert_hint("80/", "protocol");
	assert_hint("08080", "leading zeros");
	assert_hint("8000-08100", "leading zeros");
	assert_hint("099999", "leading zeros");
	assert_hint("raw/0", "from 1 to 255");
	assert_hint("raw/256", "from 1 to 255");
	assert_hint("raw/70000", "from 1 to 255");
}

/* A port that a bind may request, but no socket can have. */
static void any_port(void **state)
{
	struct target t;
	const char *why;

	(void)state;
	assert_true(target_parse_wanted(&t, "0", &why));
	assert_int_equal(t.port, 0);
	assert_true(target_parse_wanted(&t, "icmp/[::1]:0", &why));
	assert_true(target_parse_wanted(&t, "80", &why));
	assert_false(target_parse_wanted(&t, "raw/0", &why));
	assert_false(target_parse_wanted(&t, "00", &why));
	assert_false(target_parse_wanted(&t, "65536", &why));
	assert_refused("0");
}

static void scope(void **state)
{
	struct target t = parsed("tcp/[fe80::1%eth0]:80");
	struct endpoint ep = bound("fe80::1", 80, 0);
	char eth0[] = "eth0", eth1[] = "eth1";

	(void)state;
	assert_int_equal(t.family, AF_INET6);
	assert_string_equal(t.dev, "eth0");
	assert_string_equal(parsed("[fe80::1]:80").dev, "");
	assert_true(target_matches(&t, &ep));
	ep.dev = eth0;
	assert_true(target_matches(&t, &ep));
	ep.dev = eth1;
	assert_false(target_matches(&t, &ep));
	ep = bound("fe80::2", 80, 0);
	ep.dev = eth0;
	assert_false(target_matches(&t, &ep));
	ep = bound("::", 80, 0);
	assert_true(target_matches(&t, &ep));
}

/* A device is given by name, or by number as in sin6_scope_id. */
static void device(void **state)
{
	struct target t = parsed("[fe80::1%7]:80");

	(void)state;
	assert_true(target_find_dev(&t));
	assert_string_equal(t.dev, "eth0");
	assert_true(target_find_dev(&t));
	t = parsed("[fe80::1%8]:80");
	assert_false(target_find_dev(&t));
	t = parsed("[fe80::1]:80");
	assert_true(target_find_dev(&t));
}

static void mapped_address_is_ipv4(void **state)
{
	struct target t = parsed("[::ffff:10.0.0.1]:80");

	(void)state;
	assert_int_equal(t.family, AF_INET);
	assert_memory_equal(t.addr, "\x0a\0\0\1", 4);
}

static void services(void **state)
{
	(void)state;
	assert_int_equal(parsed("http").port, 80);
	assert_int_equal(parsed("127.0.0.1:http").port, 80);
	assert_int_equal(parsed("tcp/http").proto, IPPROTO_TCP);
	assert_int_equal(parsed("mptcp/http").proto, IPPROTO_MPTCP);
	assert_int_equal(parsed("mptcp/http").port, 80);
	assert_int_equal(parsed("udplite/domain").port, 53);
	assert_int_equal(parsed("udplite/domain").proto, IPPROTO_UDPLITE);
	assert_refused("sctp/no-such-service");
	assert_refused("icmp/http");
	assert_refused("raw/http");
	assert_refused("http ");
}

static void junk(void **state)
{
	static const char * const texts[] = {
		"", "0", "65536", "99999999999999999999", "-1", "+80", " 80",
		"80 ", "0x50", "080", "80a", "8 0", "/80", "tcp/", "tcp/0",
		"tcp//80", "dccp/80", "icmpv6/1", "raw/256", "tcpx/80", "tc/80",
		"tcp/udp/80", ":", "80/tcp/udp", "127.0.0.1:", "127.0.0.1:0",
		"127.0.0.1", "127.1:80", "256.0.0.1:80", "1.2.3.4.5:80",
		"::1:80", "[::1]", "[::1]80", "[::1]:", "[::1:80", "::1]:80",
		"[]:80", "[1.2.3.4]:80", "[::1%]:80", "[[::1]]:80",
		"[%lo]:80", "[::1%longer-than-any-is]:80", "10.0.0.1%:80",
		"localhost:", "localhosts:80", "no-such-service", "**:80",
		"10.0.0.1%longer-than-any-is:80", "[::1]%:80",
		"[::1%lo]%lo:80", "[::1]lo:80",
		"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:80",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		assert_refused(texts[i]);
}

static bool matches(const char *text, const char *addr, __u32 flags)
{
	struct endpoint ep = bound(addr, 80, flags);
	struct target target = parsed(text);

	return target_matches(&target, &ep);
}

static void match_port_and_protocol(void **state)
{
	struct endpoint ep = bound("10.0.0.1", 80, 0);
	struct target t = parsed("80");

	(void)state;
	assert_true(target_matches(&t, &ep));
	t = parsed("81");
	assert_false(target_matches(&t, &ep));
	t = parsed("tcp/80");
	assert_true(target_matches(&t, &ep));
	t = parsed("udp/80");
	assert_false(target_matches(&t, &ep));
	t = parsed("mptcp/80");
	assert_false(target_matches(&t, &ep));
	/* MPTCP uses the ports of TCP. */
	ep.proto = IPPROTO_MPTCP;
	assert_true(target_matches(&t, &ep));
	t = parsed("tcp/80");
	assert_true(target_matches(&t, &ep));
	t = parsed("udp/80");
	assert_false(target_matches(&t, &ep));
}

/* Numbers that are not ports match only if the protocol is named. */
static void match_numbers(void **state)
{
	struct endpoint ep = bound("0.0.0.0", 89, 0);
	struct target t = parsed("89");

	(void)state;
	ep.proto = IPPROTO_RAW;
	assert_false(target_matches(&t, &ep));
	ep.proto = IPPROTO_ICMP;
	assert_false(target_matches(&t, &ep));
	ep.proto = IPPROTO_SCTP;
	assert_true(target_matches(&t, &ep));
	t = parsed("raw/89");
	assert_false(target_matches(&t, &ep));
	ep.proto = IPPROTO_RAW;
	assert_true(target_matches(&t, &ep));
	/* A raw IPv6 socket receives no IPv4 packets. */
	t = parsed("raw/127.0.0.1:89");
	assert_true(target_matches(&t, &ep));
	ep.family = AF_INET6;
	assert_false(target_matches(&t, &ep));
}

static void match_ipv4(void **state)
{
	(void)state;
	assert_true(matches("10.0.0.1:80", "10.0.0.1", 0));
	assert_true(matches("10.0.0.1:80", "0.0.0.0", 0));
	assert_false(matches("10.0.0.1:80", "10.0.0.2", 0));
	assert_false(matches("0.0.0.0:80", "10.0.0.2", 0));
	assert_true(matches("10.0.0.1:80", "::ffff:10.0.0.1", 0));
	assert_true(matches("10.0.0.1:80", "::ffff:0.0.0.0", 0));
	assert_false(matches("10.0.0.1:80", "::ffff:10.0.0.2", 0));
}

static void match_localhost(void **state)
{
	(void)state;
	assert_true(matches("localhost:80", "127.0.0.1", 0));
	assert_true(matches("localhost:80", "::1", 0));
	assert_true(matches("localhost:80", "0.0.0.0", 0));
	assert_true(matches("localhost:80", "::", PORTOWNER_SOCK_FLAG_V6ONLY));
	assert_false(matches("localhost:80", "127.0.0.2", 0));
	assert_false(matches("localhost:80", "::2", 0));
}

static void match_range(void **state)
{
	struct endpoint ep = bound("10.0.0.1", 80, 0);
	struct target t = parsed("79-81");

	(void)state;
	assert_true(target_matches(&t, &ep));
	t = parsed("80-80");
	assert_true(target_matches(&t, &ep));
	t = parsed("81-90");
	assert_false(target_matches(&t, &ep));
	t = parsed("1-79");
	assert_false(target_matches(&t, &ep));
}

static void match_dual_stack(void **state)
{
	(void)state;
	assert_true(matches("10.0.0.1:80", "::", 0));
	assert_false(matches("10.0.0.1:80", "::",
			     PORTOWNER_SOCK_FLAG_V6ONLY));
	assert_false(matches("10.0.0.1:80", "::1", 0));
}

static void match_ipv6(void **state)
{
	(void)state;
	assert_true(matches("[::1]:80", "::1", 0));
	assert_true(matches("[::1]:80", "::", PORTOWNER_SOCK_FLAG_V6ONLY));
	assert_false(matches("[::1]:80", "::2", 0));
	assert_false(matches("[::1]:80", "0.0.0.0", 0));
	assert_true(matches("[::ffff:10.0.0.1]:80", "10.0.0.1", 0));
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(port_alone),
		cmocka_unit_test(protocol),
		cmocka_unit_test(addresses),
		cmocka_unit_test(spellings),
		cmocka_unit_test(ranges),
		cmocka_unit_test(hints),
		cmocka_unit_test(any_port),
		cmocka_unit_test(scope),
		cmocka_unit_test(device),
		cmocka_unit_test(mapped_address_is_ipv4),
		cmocka_unit_test(services),
		cmocka_unit_test(junk),
		cmocka_unit_test(match_port_and_protocol),
		cmocka_unit_test(match_numbers),
		cmocka_unit_test(match_ipv4),
		cmocka_unit_test(match_localhost),
		cmocka_unit_test(match_range),
		cmocka_unit_test(match_dual_stack),
		cmocka_unit_test(match_ipv6),
	};

	return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
