// SPDX-License-Identifier: GPL-2.0

#include <ctype.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/escape.h"
#include "tests/harness.h"

/* The position after a name, or @text if there is none. */
static const char *skip_name(const char *text, bool colon)
{
	const char *c = text;

	while (isalpha(*c) || *c == '_' || (colon && *c == ':') ||
	       (c > text && isdigit(*c)))
		c++;
	return c;
}

/* The position after a name and its value, in which three characters are escaped. */
static const char *skip_label(const char *text)
{
	const char *c = skip_name(text, false);

	assert_true(c > text);
	assert_int_equal(*c++, '=');
	assert_int_equal(*c++, '"');
	for (; *c != '"'; c++) {
		assert_int_not_equal(*c, '\0');
		if (*c == '\\')
			assert_non_null(strchr("\\\"n", *++c));
	}
	return c + 1;
}

static const char *skip_labels(const char *text)
{
	if (*text != '{')
		return text;
	do
		text = skip_label(text + 1);
	while (*text == ',');
	assert_int_equal(*text, '}');
	return text + 1;
}

/* Counts and flags only; no timestamp. */
static void check_sample(const char *line, const char *family)
{
	const char *c = skip_name(line, true);
	char *end;

	assert_int_equal(c - line, strlen(family));
	assert_memory_equal(line, family, c - line);
	c = skip_labels(c);
	assert_int_equal(*c++, ' ');
	assert_true(isdigit(*c));
	strtoull(c, &end, 10);
	assert_int_equal(*end, '\0');
}

static void check_type(const char *line, const char *family)
{
	const char *type = strrchr(line, ' ') + 1;
	bool total = strlen(family) > 6 &&
		     !strcmp(family + strlen(family) - 6, "_total");

	assert_true(!strcmp(type, "counter") || !strcmp(type, "gauge"));
	assert_int_equal(total, !strcmp(type, "counter"));
}

/* "# HELP name " or "# TYPE name ", whose name becomes the family. */
static void read_head(const char *line, const char *keyword, char *family)
{
	const char *name = line + strlen("# HELP "), *end = skip_name(name, true);

	assert_memory_equal(line, keyword, strlen(keyword));
	assert_true(end > name && *end == ' ');
	snprintf(family, 64, "%.*s", (int)(end - name), name);
}

/* Each family comes once; no line comes twice. */
static void check_once(const char *text, const char *line)
{
	char *whole = xasprintf("%s\n", line);
	const char *found = strstr(text, whole);

	assert_non_null(found);
	assert_null(strstr(found + 1, whole));
	free(whole);
}

/* For other parsers: save each output that is checked here to a file. */
static void keep_output(void)
{
	static int nr;
	const char *directory = getenv("METRICS_DIR");
	char *name;
	FILE *file;

	if (!directory)
		return;
	name = xasprintf("%s/%d.prom", directory, ++nr);
	file = fopen(name, "w");
	assert_non_null(file);
	fputs(output, file);
	fclose(file);
	free(name);
}

/* Does the output conform to format 0.0.4? */
static void check_format(void)
{
	char family[64] = "", again[64];
	char *copy = xstrdup(output), *rest = copy, *line;
	char *valid = escape_utf8(output, strlen(output));

	assert_string_equal(output, valid);
	assert_int_equal(output[strlen(output) - 1], '\n');
	while ((line = strsep(&rest, "\n")) && *line) {
		check_once(output, line);
		if (!strncmp(line, "# HELP", 6)) {
			read_head(line, "# HELP ", family);
			line = strsep(&rest, "\n");
			read_head(line, "# TYPE ", again);
			assert_string_equal(again, family);
			check_type(line, family);
		} else {
			check_sample(line, family);
		}
	}
	assert_null(rest);
	keep_output();
	free(valid);
	free(copy);
}

static void has(const char *line)
{
	if (!strstr(output, line))
		fail_msg("no '%s' in:\n%s", line, output);
}

static void lacks(const char *words)
{
	if (strstr(output, words))
		fail_msg("'%s' in:\n%s", words, output);
}

static struct nl_msg *counters(void)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_STATS_GET);

	nla_put_u64(msg, PORTOWNER_A_STATS_REJECTS_SEEN, 12);
	nla_put_u64(msg, PORTOWNER_A_STATS_REJECTS_DROPPED, 7);
	put_rule_count(msg, PORTOWNER_REJECT_OP_LISTEN,
		       PORTOWNER_RULE_ADDRESS_IN_USE, 12);
	return msg;
}

static void module_is_missing(void **state)
{
	(void)state;
	fake.deny = STATUS_DENIED;
	run(cmd_metrics, "");
	assert_int_equal(status, STATUS_YES);
	check_format();
	has("\nportowner_up 0\n");
	has("\nportowner_build_info{version=\"");
	lacks("portowner_sockets");
	lacks("portowner_rejects");
}

static void listeners(void **state)
{
	const struct spec specs[] = {
		{ .cookie = 1, .addr = "0.0.0.0", .proto = IPPROTO_TCP,
		  .port = 80, .state = PORTOWNER_STATE_LISTEN, .uid = 33,
		  .pids = { 11, 12 }, .origin = -1 },
		{ .cookie = 2, .addr = "::1", .dev = "eth0",
		  .proto = IPPROTO_UDP, .port = 53,
		  .state = PORTOWNER_STATE_BOUND, .uid = 33, .hidden = true },
		{ .cookie = 3, .addr = "0.0.0.0", .proto = IPPROTO_UDP,
		  .port = 40123, .state = PORTOWNER_STATE_BOUND, .uid = 33,
		  .pids = { 11 }, .origin = 1 },
		{ .cookie = 4, .addr = "10.0.0.1", .proto = IPPROTO_TCP,
		  .port = 80, .state = PORTOWNER_STATE_ESTABLISHED, .uid = 33,
		  .pids = { 11 } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(specs); i++)
		fake_add(port_of(&specs[i]));
	fake_add(counters());
	run(cmd_metrics, "-n");
	assert_int_equal(status, STATUS_YES);
	assert_int_equal(fake.asked.states, 0xfffe);
	check_format();
	has("\nportowner_up 1\n");
	has("\nportowner_listener_info{proto=\"tcp\",address=\"0.0.0.0\",port=\"80\","
	    "state=\"listen\",share=\"exclusive\",");
	has("\nportowner_listener_info{proto=\"udp\",address=\"::1%eth0\",port=\"53\","
	    "state=\"bound\",share=\"exclusive\",user=\"33\",unit=\"\","
	    "command=\"(hidden)\"} 1\n");
	lacks("40123");
	lacks("10.0.0.1");
	lacks("pid");
	has("\nportowner_sockets{proto=\"tcp\",state=\"established\"} 1\n");
	has("\nportowner_sockets{proto=\"tcp\",state=\"listen\"} 1\n");
	has("\nportowner_sockets{proto=\"udp\",state=\"bound\"} 2\n");
}

/* Only with it are sockets of several namespaces told apart. */
static void namespaces(void **state)
{
	(void)state;
	fake_add(simple_port(1, "0.0.0.0", 80, 9, "nginx"));
	fake_add(counters());
	run(cmd_metrics, "-n");
	lacks("netns=");
	run(cmd_metrics, "-nA");
	assert_true(fake.asked.all_netns);
	check_format();
	has("_listener_info{netns=\"");
}

/* No name chosen by a process may end the label, or the line. */
static void hostile_names(void **state)
{
	static const struct {
		const char *comm;
		const char *label;
	} names[] = {
		{ "a\"} 1\nx 2", "command=\"a\\\"} 1\\nx 2\"} 1\n" },
		{ "back\\slash", "command=\"back\\\\slash\"} 1\n" },
		{ "\xff\xc3(", "command=\"\xef\xbf\xbd\xef\xbf\xbd(\"} 1\n" },
		{ "\xc3\xa9t\xc3\xa9", "command=\"\xc3\xa9t\xc3\xa9\"} 1\n" },
		{ "a\tb\rc", "command=\"a\tb\rc\"} 1\n" },
		{ "", "command=\"\"} 1\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		fake_add(simple_port(i + 1, "0.0.0.0", 80 + i, 9, names[i].comm));
	fake_add(counters());
	run(cmd_metrics, "");
	check_format();
	for (i = 0; i < ARRAY_SIZE(names); i++)
		has(names[i].label);
}

/* Workers have descriptors of one socket, or sockets of one group. */
static void equal_once(void **state)
{
	(void)state;
	fake_add(simple_port(1, "0.0.0.0", 80, 9, "nginx"));
	fake_add(simple_port(2, "0.0.0.0", 80, 10, "nginx"));
	fake_add(simple_port(3, "0.0.0.0", 80, 11, "other"));
	fake_add(counters());
	run(cmd_metrics, "");
	check_format();
	has("command=\"nginx\"} 1\n");
	has("command=\"other\"} 1\n");
	has("portowner_sockets{proto=\"tcp\",state=\"listen\"} 3\n");
}

static void no_port(void **state)
{
	const struct spec specs[] = {
		{ .cookie = 1, .addr = "0.0.0.0", .proto = IPPROTO_RAW,
		  .port = 89, .state = PORTOWNER_STATE_BOUND, .pids = { 11 } },
		{ .cookie = 2, .addr = "10.0.0.1", .proto = IPPROTO_SCTP,
		  .port = 80, .state = PORTOWNER_STATE_LISTEN, .pids = { 11 } },
		{ .cookie = 2, .addr = "10.0.0.2", .proto = IPPROTO_SCTP,
		  .port = 80, .state = PORTOWNER_STATE_LISTEN, .pids = { 11 } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(specs); i++)
		fake_add(port_of(&specs[i]));
	fake_add(counters());
	run(cmd_metrics, "");
	check_format();
	lacks("listener_info{proto=\"raw\"");
	has("portowner_sockets{proto=\"raw\",state=\"bound\"} 1\n");
	has("address=\"10.0.0.2\",port=\"80\"");
	has("portowner_sockets{proto=\"sctp\",state=\"listen\"} 1\n");
}

/* Counters start at 0, so that the first refusal is an increase. */
static void rejects(void **state)
{
	(void)state;
	fake_add(counters());
	run(cmd_metrics, "");
	check_format();
	has("\nportowner_rejects_total{op=\"listen\",rule=\"address-in-use\"} 12\n");
	has("\nportowner_rejects_total{op=\"bind\",rule=\"address-in-use\"} 0\n");
	has("\nportowner_rejects_total{op=\"autobind\",rule=\"ephemeral-exhausted\"} 0\n");
	lacks("unknown");
	has("\nportowner_rejects_dropped_total 7\n");
}

static void ephemeral(void **state)
{
	const struct spec mptcp = {
		.cookie = 9, .addr = "0.0.0.0", .proto = IPPROTO_MPTCP,
		.port = 109, .state = PORTOWNER_STATE_LISTEN, .pids = { 11 },
	};

	(void)state;
	fake.range = "100\t109";
	fake.reserved = "102-103,108";
	fake_add(simple_port(1, "0.0.0.0", 80, 9, "a"));
	fake_add(simple_port(2, "0.0.0.0", 100, 9, "a"));
	fake_add(simple_port(3, "127.0.0.1", 100, 9, "a"));
	fake_add(simple_port(4, "0.0.0.0", 103, 9, "a"));
	fake_add(port_of(&mptcp));
	fake_add(counters());
	fake.netns = 4026531840;
	run(cmd_metrics, "");
	check_format();
	has("\nportowner_ephemeral_ports{proto=\"tcp\",state=\"free\"} 5\n");
	has("\nportowner_ephemeral_ports{proto=\"tcp\",state=\"reserved\"} 3\n");
	has("\nportowner_ephemeral_ports{proto=\"tcp\",state=\"taken\"} 2\n");
	has("\nportowner_ephemeral_ports{proto=\"udp\",state=\"free\"} 7\n");
	has("\nportowner_ephemeral_ports{proto=\"udp\",state=\"taken\"} 0\n");
}

/* Anyone may read it, and finds either the old file or the new one. */
static void write_file(void **state)
{
	char name[] = "/tmp/portowner-test-XXXXXX", *copy, line[256];
	int fd = mkstemp(name);
	struct stat st;
	FILE *file;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	copy = xasprintf("--write %s", name);
	run(cmd_metrics, copy);
	assert_int_equal(status, STATUS_YES);
	assert_string_equal(output, "");
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	file = fopen(name, "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	assert_string_equal(line, "# HELP portowner_up Whether the kernel module answered.\n");
	fclose(file);
	unlink(name);
	free(copy);
	run(cmd_metrics, "-w /nonexistent/portowner.prom");
	assert_int_equal(status, STATUS_FAILED);
	assert_words(said, "cannot write /nonexistent/portowner.prom: No such file");
}

static void no_json(void **state)
{
	(void)state;
	run(cmd_metrics, "-J");
	assert_int_equal(status, STATUS_USAGE);
	assert_string_equal(output, "");
	run(cmd_metrics, "-q");
	assert_int_equal(status, STATUS_YES);
	assert_string_equal(output, "");
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(module_is_missing),
		TEST(listeners),
		TEST(namespaces),
		TEST(hostile_names),
		TEST(equal_once),
		TEST(no_port),
		TEST(rejects),
		TEST(ephemeral),
		TEST(write_file),
		TEST(no_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
