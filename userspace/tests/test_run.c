// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <unistd.h>

#include "tests/harness.h"

static void assert_ends(const char *line, int expected)
{
	fake.looks = 0;
	run(cmd_run, line);
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

/* Without the module nothing is started. */
static void no_module(void **state)
{
	(void)state;
	fake.deny = STATUS_DENIED;
	run(cmd_run, "run sh -c echo\tran\t>&2");
	assert_int_equal(status, STATUS_DENIED);
	assert_string_equal(said, "");
}

/* Options after the command belong to the command. */
static void own_options(void **state)
{
	(void)state;
	run(cmd_run, "run sh -c printf\t%s\t$1\t>&2 x --json");
	assert_string_equal(said, "--json");
	run(cmd_run, "run -- sh -c printf\t%s\t$1\t>&2 x -q");
	assert_string_equal(said, "-q");
	run(cmd_run, "run -q -- sh -c printf\t%s\t$1\t>&2 x --nonsense");
	assert_string_equal(said, "--nonsense");
}

/* A signal sent to us is meant for the command. */
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

/* The fake has rejects from the second read on, each of them once. */
static void reports(void **state)
{
	struct json_object *json;

	(void)state;
	fake.netns = 4026531840U;
	fake_add(simple_reject(1, 8080));
	fake_add(simple_reject(2, 8081));
	fake.looks = 0;
	run_on_terminal(cmd_run, "run -n -o port,rule,culprit sh -c exit\t3",
			"1000");
	assert_int_equal(status, 3);
	assert_string_equal(output,
			    "PORT RULE           CULPRIT\n"
			    "8080 address-in-use early[555]\n"
			    "8081 address-in-use early[555]\n");
	fake.looks = 0;
	run_on_terminal(cmd_run, "run -J true", "1000");
	json = parsed(output);
	assert_keys(json, (const char * const[]){ "rejects", "status", NULL });
	assert_json(json, "status", "0");
	assert_int_equal(count(json, "rejects"), 2);
	assert_keys(element(json, "rejects", 0), reject_keys);
	json_object_put(json);
	fake.looks = 0;
	run_on_terminal(cmd_run, "run -q true", "1000");
	assert_string_equal(output, "");
	/* A reject of another network namespace is distinguished. */
	fake.netns = 1;
	fake.looks = 0;
	run_on_terminal(cmd_run, "run true", "1000");
	assert_int_equal(strncmp(output, "     NETNS ", 11), 0);
}

/* The status of a command that was not found is in JSON, too. */
static void json_status(void **state)
{
	struct json_object *json;

	(void)state;
	fake_add(simple_reject(1, 8080));
	run_on_terminal(cmd_run, "run -J sh -c exit\t3", "1000");
	json = parsed(output);
	assert_json(json, "status", "3");
	json_object_put(json);
	fake.looks = 0;
	run_on_terminal(cmd_run, "run -J sh -c kill\t-KILL\t$$", "1000");
	json = parsed(output);
	assert_json(json, "status", "137");
	json_object_put(json);
	fake.looks = 0;
	run_on_terminal(cmd_run, "run -J /nonexistent/program", "1000");
	json = parsed(output);
	assert_json(json, "status", "127");
	assert_int_equal(count(json, "rejects"), 0);
	json_object_put(json);
}

static void fails(void **state)
{
	(void)state;
	assert_ends("run --fail true", 0);
	assert_ends("run --fail false", 1);
	fake_add(simple_reject(1, 8080));
	fake.looks = 0;
	run_on_terminal(cmd_run, "run --fail true", "1000");
	assert_int_equal(status, STATUS_NO);
	fake.looks = 0;
	run_on_terminal(cmd_run, "run --fail -q true", "1000");
	assert_int_equal(status, STATUS_NO);
	assert_string_equal(output, "");
	fake.looks = 0;
	run_on_terminal(cmd_run, "run --fail sh -c exit\t3", "1000");
	assert_int_equal(status, 3);
	fake.looks = 0;
	run_on_terminal(cmd_run, "run true", "1000");
	assert_int_equal(status, 0);
}

/* The contents of a temporary file, which is closed. */
static char *contents(FILE *file)
{
	static char text[4096];
	size_t len;

	rewind(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	return text;
}

static void writes(void **state)
{
	FILE *file = tmpfile();
	struct json_object *json;
	char line[64];

	(void)state;
	fake_add(simple_reject(1, 8080));
	snprintf(line, sizeof(line), "run -w /dev/fd/%d -J true", fileno(file));
	fake.looks = 0;
	run_on_terminal(cmd_run, line, "1000");
	assert_string_equal(output, "");
	json = parsed(contents(file));
	assert_int_equal(count(json, "rejects"), 1);
	json_object_put(json);
	file = tmpfile();
	snprintf(line, sizeof(line), "run -q --write=/dev/fd/%d -o port true",
		 fileno(file));
	fake.looks = 0;
	run_on_terminal(cmd_run, line, "1000");
	assert_string_equal(contents(file), "PORT\n8080\n");
	/* Detected before the command is run. */
	assert_ends("run -w /nonexistent/file sh -c echo\tran\t>&2", STATUS_FAILED);
	assert_string_equal(said, "portowner: cannot write /nonexistent/file: "
				  "No such file or directory\n");
	run_on_terminal(cmd_run, "run -w /dev/full sh -c exit\t3", "1000");
	assert_int_equal(status, 3);
	assert_string_equal(said, "portowner: cannot write /dev/full: "
				  "No space left on device\n");
}

static void new_netns(void **state)
{
	(void)state;
	assert_ends("run true", 0);
	assert_int_equal(fake.new_netns, 0);
	assert_ends("run --netns sh -c exit\t3", 3);
	assert_int_equal(fake.new_netns, 2);
	fake.netns_err = EPERM;
	assert_ends("run --netns sh -c echo\tran\t>&2", STATUS_DENIED);
	assert_string_equal(said, "portowner: not permitted to make a network "
				  "namespace: Operation not permitted\n");
	fake.netns_err = ENOSPC;
	assert_ends("run --netns sh -c echo\tran\t>&2", STATUS_DENIED);
	assert_non_null(strstr(said, "user.max_net_namespaces"));
	fake.netns_err = ENOMEM;
	assert_ends("run --netns sh -c echo\tran\t>&2", STATUS_FAILED);
	assert_string_equal(said, "portowner: cannot make a network namespace: "
				  "Cannot allocate memory\n");
}

/* Our output, with stdout redirected to a file. */
static char *ktap(const char *line)
{
	FILE *file = tmpfile();
	int saved = dup(STDOUT_FILENO);

	dup2(fileno(file), STDOUT_FILENO);
	fake.looks = 0;
	run_on_terminal(cmd_run, line, "1000");
	dup2(saved, STDOUT_FILENO);
	close(saved);
	assert_string_equal(output, "");
	return contents(file);
}

#define REMARK \
	"# portowner: bind to tcp 0.0.0.0:8080 by late[777] was refused: " \
	"EADDRINUSE (address-in-use); in the way: early[555]\n"

static void ktap_lines(void **state)
{
	(void)state;
	/* Nothing is added if nothing was refused. */
	assert_string_equal(ktap("run --ktap printf ok\\0401\\nok\\0402\\n"),
			    "ok 1\nok 2\n");
	fake_add(simple_reject(1, 8080));
	assert_string_equal(ktap("run --ktap printf not\\040ok\\0401\\nok\\0402\\n"),
			    REMARK "not ok 1\nok 2\n");
	assert_int_equal(status, 0);
	assert_string_equal(said, "");
	/* The line is finished first, by us if necessary. */
	assert_string_equal(ktap("run --ktap sh -c printf\tok;sleep\t1;printf\t'\\0401\\n'"),
			    REMARK "ok 1\n");
	fake.events = 1;
	assert_string_equal(ktap("run --ktap printf ok\\0401"),
			    "ok 1\n" REMARK);
	assert_string_equal(ktap("run --ktap true"), REMARK);
	assert_string_equal(ktap("run --ktap -q printf ok\\0401\\n"), "ok 1\n");
	assert_string_equal(ktap("run --ktap --fail printf ok\\0401\\n"), REMARK "ok 1\n");
	assert_int_equal(status, STATUS_NO);
	ktap("run --ktap /nonexistent/program");
	assert_int_equal(status, 127);
}

/* The report goes to stderr, whatever stdout is. */
static void colors(void **state)
{
	(void)state;
	fake_add(simple_reject(1, 8080));
	fake.looks = 0;
	run_on_terminal(cmd_run, "run --color=always true", "1000");
	assert_non_null(strstr(output, "\033["));
	fake.looks = 0;
	run_on_terminal(cmd_run, "run --color=never true", "1000");
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
	/* An empty variable has no effect, see no-color.org. */
	setenv("NO_COLOR", "", 1);
	assert_true(options_style(&options, terminal).color);
	setenv("TERM", "dumb", 1);
	assert_false(options_style(&options, terminal).color);
	assert_true(options_style(&options, terminal).terminal);
	setenv("TERM", "xterm", 1);
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

	run_on_terminal(cmd_run, "run -n -o port true", "1000");
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
	/* Between two reads, and during one. */
	assert_lost_after(2);
	assert_lost_after(3);
}

/* Dropped refusals are counted, unless they were read. */
static void counts_unread(void **state)
{
	(void)state;
	fake.netns = 4026531840U;
	add_counters(300, 256, 0);
	fake_add(simple_reject(1, 8080));
	fake_add(simple_reject(2, 8081));
	/* First one is there, then a second one, then many. */
	fake.looks = 1;
	fake.events = 1;
	fake.stats_later = 3;
	assert_lost(42);
	assert_string_equal(output, "PORT\n8081\n");
	/* One of the dropped refusals comes with the newest record. */
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
		TEST(json_status),
		TEST(fails),
		TEST(writes),
		TEST(new_netns),
		TEST(ktap_lines),
		TEST(colors),
		TEST(styles),
		TEST(counts_lost),
		TEST(counts_unread),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
