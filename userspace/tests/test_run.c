// SPDX-License-Identifier: GPL-2.0

#include <fcntl.h>
#include <locale.h>
#include <unistd.h>

#include "harness.h"

/* The harness leaves the name of the command, which the parser must know. */
static int run_command(const struct options *options)
{
	struct options rest = *options;

	rest.args++;
	rest.n_args--;
	return cmd_run(&rest);
}

static void assert_ends(const char *line, int expected)
{
	fake.looks = 0;
	run(run_command, line);
	if (status != expected)
		fail_msg("'%s' ends with %d: %s", line, status, said);
}

static void statuses(void **state)
{
	(void)state;
	assert_ends("run true", 0);
	assert_string_equal(output, "");
	assert_string_equal(said, "");
	assert_true(fake.query.ancestor);
	assert_ends("run false", 1);
	assert_ends("run -- sh -c exit\t42", 42);
	assert_ends("run sh -c kill\t-KILL\t$$", 128 + 9);
	assert_ends("run sh -c kill\t-TERM\t$$", 128 + 15);
	assert_ends("run /nonexistent/program", 127);
	assert_non_null(strstr(said, "'/nonexistent/program'"));
	assert_ends("run /etc/passwd", 126);
}

/* Without the module nothing is begun. */
static void no_module(void **state)
{
	(void)state;
	fake.deny = STATUS_DENIED;
	run(run_command, "run sh -c echo\tran\t>&2");
	assert_int_equal(status, STATUS_DENIED);
	assert_string_equal(said, "");
}

/* Options behind the command are those of the command. */
static void own_options(void **state)
{
	(void)state;
	run(run_command, "run sh -c printf\t%s\t$1\t>&2 x --json");
	assert_string_equal(said, "--json");
	run(run_command, "run -- sh -c printf\t%s\t$1\t>&2 x -q");
	assert_string_equal(said, "-q");
	run(run_command, "run -q -- sh -c printf\t%s\t$1\t>&2 x --nonsense");
	assert_string_equal(said, "--nonsense");
}

/* Somebody sends us one, which is meant for the command. */
static void signals(void **state)
{
	static const char * const names[] = { "TERM", "USR1", "USR2", "WINCH" };
	char line[256];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(line, sizeof(line),
			 "run sh -c trap\t'exit\t43'\t%s;(kill\t-%s\t$PPID);"
			 "n=0;while\t[\t$n\t-lt\t500\t];do\tn=$((n+1));sleep\t.01;done",
			 names[i], names[i]);
		assert_ends(line, 43);
	}
}

/* The fake has rejects from the second look on, each time once only. */
static void reports(void **state)
{
	struct json_object *json;

	(void)state;
	fake.netns = 4026531840U;
	fake_add(simple_reject(1, 8080));
	fake_add(simple_reject(2, 8081));
	fake.looks = 0;
	run_on_terminal(run_command, "run -n -o port,rule,culprit sh -c exit\t3",
			"1000");
	assert_int_equal(status, 3);
	assert_string_equal(output,
			    "PORT RULE           CULPRIT\n"
			    "8080 address-in-use early[555]\n"
			    "8081 address-in-use early[555]\n");
	fake.looks = 0;
	run_on_terminal(run_command, "run -J true", "1000");
	json = parsed(output);
	assert_keys(json, (const char * const[]){ "rejects", NULL });
	assert_int_equal(count(json, "rejects"), 2);
	assert_keys(element(json, "rejects", 0), reject_keys);
	json_object_put(json);
	fake.looks = 0;
	run_on_terminal(run_command, "run -q true", "1000");
	assert_string_equal(output, "");
	/* One of another network namespace: they are told apart. */
	fake.netns = 1;
	fake.looks = 0;
	run_on_terminal(run_command, "run true", "1000");
	assert_int_equal(strncmp(output, "     NETNS ", 11), 0);
}

/* What is reported goes to stderr, whatever stdout is. */
static void colors(void **state)
{
	(void)state;
	fake_add(simple_reject(1, 8080));
	fake.looks = 0;
	run_on_terminal(run_command, "run --color=always true", "1000");
	assert_non_null(strstr(output, "\033["));
	fake.looks = 0;
	run_on_terminal(run_command, "run --color=never true", "1000");
	assert_null(strstr(output, "\033["));
}

static void styles(void **state)
{
	struct options options;
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	int other = open("/dev/null", O_RDWR);

	(void)state;
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	parse_line("run true", &options);
	assert_true(options_style(&options, terminal).color);
	assert_true(options_style(&options, terminal).terminal);
	assert_false(options_style(&options, other).color);
	assert_false(options_style(&options, other).terminal);
	parse_line("--color=always run true", &options);
	assert_true(options_style(&options, other).color);
	assert_false(options_style(&options, other).terminal);
	parse_line("--color=never run true", &options);
	assert_false(options_style(&options, terminal).color);
	setenv("NO_COLOR", "1", 1);
	parse_line("run true", &options);
	assert_false(options_style(&options, terminal).color);
	unsetenv("NO_COLOR");
	close(terminal);
	close(other);
}

static void add_counters(__u64 seen, __u64 kept, __u64 unrecorded)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_STATS_GET);

	nla_put_u64(msg, PORTOWNER_A_STATS_REJECTS_SEEN, seen);
	nla_put_u64(msg, PORTOWNER_A_STATS_REJECTS_KEPT, kept);
	nla_put_u64(msg, PORTOWNER_A_STATS_REJECTS_DROPPED, seen - kept);
	nla_put_u64(msg, PORTOWNER_A_STATS_REJECTS_UNRECORDED, unrecorded);
	nla_put_u64(msg, PORTOWNER_A_STATS_REJECTS_DROPPED_LAST,
		    seen - kept - unrecorded);
	fake_add(msg);
}

static void assert_lost(int n)
{
	char note[128];

	run_on_terminal(run_command, "run -n -o port true", "1000");
	snprintf(note, sizeof(note), "portowner: note: the log dropped up to "
				     "%d refusals of this network namespace "
				     "before they were read\n", n);
	assert_string_equal(said, note);
}

static void assert_lost_after(int looks)
{
	fake.stats_later = looks;
	assert_lost(44);
}

static void counts_lost(void **state)
{
	(void)state;
	add_counters(300, 256, 0);
	/* Between two looks, and while one is taken. */
	assert_lost_after(2);
	assert_lost_after(3);
}

/* What was dropped is counted, but where it was read. */
static void counts_unread(void **state)
{
	(void)state;
	fake.netns = 4026531840U;
	add_counters(300, 256, 0);
	fake_add(simple_reject(1, 8080));
	fake_add(simple_reject(2, 8081));
	/* The first is there in the beginning, the second then, then many. */
	fake.looks = 1;
	fake.events = 1;
	fake.stats_later = 3;
	assert_lost(42);
	assert_string_equal(output, "PORT\n8081\n");
	/* One of those that were dropped is there with the newest. */
	fake_reset();
	fake.netns = 4026531840U;
	add_counters(300, 256, 0);
	fake_add(simple_reject(44, 8080));
	fake_add(simple_reject(45, 8081));
	fake_add(simple_reject(300, 8082));
	fake.stats_later = 3;
	assert_lost(43);
	/* Ten more got no number. */
	add_counters(310, 262, 10);
	fake.looks = 0;
	fake.stats_later = 3;
	assert_lost(48);
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(statuses),
		TEST(no_module),
		TEST(own_options),
		TEST(signals),
		TEST(reports),
		TEST(colors),
		TEST(styles),
		TEST(counts_lost),
		TEST(counts_unread),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
