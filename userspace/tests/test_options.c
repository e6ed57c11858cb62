// SPDX-License-Identifier: GPL-2.0

#include "model/enums.h"
#include "tests/harness.h"

static struct options options;
static int parse(const char *line)
{
	return parse_line(line, &options);
}

static void assert_usage_error(const char *line, const char *word)
{
	const char *end;

	if (parse(line) != STATUS_USAGE)
		fail_msg("'%s' is accepted", line);
	end = strchr(said, '\n');
	if (!end || end[1] || strncmp(said, "portowner: ", 11))
		fail_msg("'%s' does not say one line: %s", line, said);
	if (!strstr(said, word))
		fail_msg("'%s' does not name '%s': %s", line, word, said);
}

static void globals_anywhere(void **state)
{
	static const char * const lines[] = {
		"--json list -t", "list -t --json", "-J -t list", "list -Jt",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_int_equal(parse(lines[i]), 0);
		assert_true(options.json);
		assert_int_equal(options.filter.protos, FILTER_TCP);
		assert_int_equal(options.n_args, 1);
	}
}

static void everything(void **state)
{
	(void)state;
	assert_int_equal(parse("-nAq --no-headings -o pid -u6 --pid 7 log"), 0);
	assert_true(options.quiet && !options.style.headings);
	assert_true(options.style.numeric && options.filter.all_netns);
	assert_string_equal(options.columns, "pid");
	assert_int_equal(options.filter.protos, FILTER_UDP);
	assert_int_equal(options.filter.families, FILTER_INET6);
	assert_int_equal(options.filter.pid, 7);

	assert_int_equal(parse("--noheadings --raw --time=iso log"), 0);
	assert_true(!options.style.headings && options.style.raw);
	assert_true(options.style.iso_time);
	assert_int_equal(parse("--output-all list"), 0);
	assert_string_equal(options.columns, "all");
	assert_int_equal(parse("list --list-columns"), 0);
	assert_string_equal(options.columns, "help");

	assert_int_equal(parse("-p 1-9 --state listen --uid 0 --color=always"), 0);
	assert_true(options.style.color);
	assert_true(options.filter.has_uid);
	assert_int_equal(options.filter.uid, 0);
	assert_int_equal(options.filter.port_last, 9);
	assert_int_equal(parse("-p :8080"), 0);
	assert_int_equal(options.filter.port, 8080);
	assert_int_equal(parse("-p http"), 0);
	assert_int_equal(options.filter.port, 80);
	assert_int_equal(parse("-p 1-9 --state listen --uid 0 --color=always"), 0);
	assert_int_equal(options.filter.states, 1 << PORTOWNER_STATE_LISTEN);
}

static void states_repeated(void **state)
{
	(void)state;
	assert_int_equal(parse("--state listen --state bound,closing"), 0);
	assert_int_equal(options.filter.states,
			 1 << PORTOWNER_STATE_LISTEN |
			 1 << PORTOWNER_STATE_BOUND |
			 1 << PORTOWNER_STATE_CLOSING);
	assert_int_equal(parse("--state ESTAB --state listening"), 0);
	assert_int_equal(options.filter.states,
			 1 << PORTOWNER_STATE_ESTABLISHED |
			 1 << PORTOWNER_STATE_LISTEN);
	assert_int_equal(parse("--state unconn,unconnected,close,closed"), 0);
	assert_int_equal(options.filter.states, 1 << PORTOWNER_STATE_BOUND);
	assert_int_equal(parse("-a"), 0);
	assert_int_equal(options.filter.states, STATES_ALL);
}

static void help_and_version(void **state)
{
	(void)state;
	assert_int_equal(parse("list --help --no-such-option"), 0);
	assert_true(options.help);
	assert_int_equal(parse("--help check --no-such-option"), 0);
	assert_true(options.help);
	assert_int_equal(options.n_args, 1);
	assert_int_equal(parse("-h"), 0);
	assert_int_equal(options.n_args, 0);
	assert_int_equal(parse("-V"), 0);
	assert_true(options.version);
}

/* Everything after the name of a command to run belongs to that command. */
static void rest_of_run(void **state)
{
	(void)state;
	assert_int_equal(parse("run true -J --no-such-option"), 0);
	assert_false(options.json);
	assert_int_equal(options.n_args, 4);
	assert_int_equal(parse("who run -J"), 0);
	assert_true(options.json);
}

static void after_double_dash(void **state)
{
	(void)state;
	assert_int_equal(parse("who -- -J"), 0);
	assert_false(options.json);
	assert_int_equal(options.n_args, 2);
}

static void mistakes(void **state)
{
	(void)state;
	assert_usage_error("--no-such-option", "no-such-option");
	assert_usage_error("-x", "'x'");
	assert_usage_error("-p", "'p'");
	assert_usage_error("-p 0", "'0'");
	assert_usage_error("-p 9-1", "'9-1'");
	assert_usage_error("-p 80,443", "80 443");
	assert_usage_error("-p tcp/80", "without --port");
	assert_usage_error("-p 80/tcp", "without --port");
	assert_usage_error("-p 127.0.0.1:80", "without --port");
	assert_usage_error("-p tcp:80", "without --port");
	assert_usage_error("-p 1 -p 2", "--port");
	assert_usage_error("--pid 0", "--pid");
	assert_usage_error("--pid 1 --pid 2", "--pid");
	assert_usage_error("--pid 99999999999", "'99999999999'");
	assert_usage_error("--uid nobody-is-that", "'nobody-is-that'");
	assert_usage_error("--uid 4294967295", "'4294967295'");
	assert_usage_error("--state listen,foo", "'foo'");
	assert_usage_error("--proto dccp", "'dccp'");
	assert_usage_error("--color=x", "'x'");
	assert_usage_error("--source=x", "'x'");
	assert_usage_error("--time=x", "'x'");
	assert_usage_error("--comm a --comm b", "--comm");
	assert_usage_error("--unit a --unit b", "--unit");
	assert_usage_error("--since tomorrow", "'tomorrow'");
	assert_usage_error("--since 1900000000", "did you mean @1900000000");
	assert_usage_error("--timeout 5x", "5s");
	assert_usage_error("--json=1", "json");
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(globals_anywhere),
		cmocka_unit_test(everything),
		cmocka_unit_test(states_repeated),
		cmocka_unit_test(help_and_version),
		cmocka_unit_test(rest_of_run),
		cmocka_unit_test(after_double_dash),
		cmocka_unit_test(mistakes),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
