// SPDX-License-Identifier: GPL-2.0

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness.h"

static void log_json(void **state)
{
	struct json_object *json, *reject;

	(void)state;
	fake_add(simple_reject(1, 8080));
	run(cmd_log, "--json");
	assert_int_equal(status, 0);
	assert_false(fake.joined);
	json = parsed(output);
	assert_keys(json, (const char * const[]){ "rejects", NULL });
	reject = element(json, "rejects", 0);
	assert_keys(reject, reject_keys);
	assert_json(reject, "time", "\"2030-03-17T17:46:40.000000001Z\"");
	assert_json(reject, "op", "\"bind\"");
	assert_json(reject, "errno", "\"EADDRINUSE\"");
	assert_json(reject, "port", "8080");
	assert_json(reject, "reuseaddr", "true");
	assert_json(reject, "exe", "null");
	assert_json(reject, "cgroup", "null");
	assert_json(reject, "rule", "\"address-in-use\"");
	assert_keys(element(reject, "culprits", 0), socket_keys);
	json_object_put(json);
}

static void log_table(void **state)
{
	static const char heading[] =
		"COUNT OP   PROTO ADDRESS PORT ERRNO      PROCESS   USER RULE           CULPRIT\n";
	static const char rest[] =
		"    1 bind tcp   0.0.0.0 8080 EADDRINUSE "
		"late[777] 1000 address-in-use early[555]\n";
	char expected[512];

	(void)state;
	fake_add(simple_reject(1, 8080));
	run(cmd_log, "-n");
	snprintf(expected, sizeof(expected), "%-19s %s%-19s %s", "TIME",
		 heading, "2030-03-17T19:46:40", rest);
	assert_string_equal(output, expected);
	run(cmd_log, "-n --time=iso");
	snprintf(expected, sizeof(expected), "%-35s %s%-35s %s", "TIME",
		 heading, "2030-03-17T19:46:40.000000001+02:00", rest);
	assert_string_equal(output, expected);
	run(cmd_log, "--noheadings --time=iso -o first");
	assert_string_equal(output, "2030-03-17T19:46:40.000000001+02:00\n");
	run(cmd_log, "-J --time=iso");
	assert_non_null(strstr(output, "\"2030-03-17T17:46:40.000000001Z\""));
}

/* There is room for the longest rule and two processes, but not for details. */
static void log_fits_terminal(void **state)
{
	struct nl_msg *msg = simple_reject(1, 8080);
	struct nlattr *rule = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN,
					      PORTOWNER_A_REJECT_RULE);

	(void)state;
	*(__u32 *)nla_data(rule) = PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING;
	fake_add(msg);
	run_on_terminal(cmd_log, "-n", "80");
	assert_string_equal(output,
			    "TIME                PROTO ADDRESS PORT PROCESS   RULE                 CULPRIT\n"
			    "2030-03-17T19:46:40 tcp   0.0.0.0 8080 late[777] reuseaddr-holder-lis early[555]\n");
	run_on_terminal(cmd_log, "-n", "120");
	assert_string_equal(output,
			    "TIME                COUNT OP   PROTO ADDRESS PORT ERRNO      PROCESS   USER RULE                       CULPRIT\n"
			    "2030-03-17T19:46:40     1 bind tcp   0.0.0.0 8080 EADDRINUSE late[777] 1000 reuseaddr-holder-listening early[555]\n");
	/* Requested columns stay. */
	run_on_terminal(cmd_log, "-n --noheadings -o count,op,errno,rule,culprit",
			"40");
	assert_string_equal(output,
			    "1 bind EADDRINUSE reuseaddr-ho early[555\n");
}

static void log_filters(void **state)
{
	(void)state;
	fake_add(simple_reject(1, 8080));
	fake_add(simple_reject(2, 8081));
	run(cmd_log, "8081 --no-headings -o seq");
	assert_string_equal(output, "2\n");
	run(cmd_log, "udp/8081 --no-headings -o seq");
	assert_string_equal(output, "");
	assert_int_equal(status, 0);
	run(cmd_log, "-6 --no-headings -o seq");
	assert_string_equal(output, "");
	run(cmd_log, "--since @1900000000.000000002 --no-headings -o seq");
	assert_string_equal(output, "2\n");
	fake_add(simple_reject(3, 0));
	run(cmd_log, "0 --no-headings -o seq");
	assert_string_equal(output, "3\n");
	run(cmd_log, "tcp/0.0.0.0:0 --no-headings -o seq");
	assert_string_equal(output, "3\n");
	run(cmd_log, "udp/0 --no-headings -o seq");
	assert_string_equal(output, "");
	run(cmd_log, "65536");
	assert_int_equal(status, STATUS_USAGE);
}

/* The family is that of the socket, the address the requested one. */
/* What may be missing, and why. */
static void log_notes(void **state)
{
	(void)state;
	fake_add(simple_reject(1, 80));
	run_on_terminal(cmd_log, "--since 2100-01-01", "80");
	assert_int_equal(status, STATUS_YES);
	assert_string_equal(said, "portowner: note: --since is a time in the future\n");
	run_on_terminal(cmd_log, "-q --since 2100-01-01", "80");
	assert_string_equal(said, "");
	run(cmd_log, "--since 2100-01-01");
	assert_string_equal(said, "");
	fake.has_root = true;
	run_on_terminal(cmd_log, "", "80");
	assert_string_equal(said, "portowner: note: only refusals of your own are "
				  "shown, but root sees all\n");
	run(cmd_log, "");
	assert_string_equal(said, "");
	fake.sees_all = true;
	run_on_terminal(cmd_log, "", "80");
	assert_string_equal(said, "");
}

static void log_family(void **state)
{
	struct nl_msg *msg = simple_reject(1, 8080);
	struct nlattr *family = nlmsg_find_attr(nlmsg_hdr(msg),
						GENL_HDRLEN,
						PORTOWNER_A_REJECT_FAMILY);
	struct json_object *json, *reject;

	(void)state;
	*(__u16 *)nla_data(family) = AF_INET6;
	fake_add(msg);
	run(cmd_log, "-J -6");
	json = parsed(output);
	reject = element(json, "rejects", 0);
	assert_json(reject, "family", "\"inet6\"");
	assert_json(reject, "addr", "\"0.0.0.0\"");
	json_object_put(json);
	run(cmd_log, "-4 --no-headings -o seq");
	assert_string_equal(output, "");
	run(cmd_log, "[fe80::1%eth1]:80");
	assert_int_equal(status, STATUS_USAGE);
}

static void log_process(void **state)
{
	static const struct {
		const char *line;
		bool found;
	} asked[] = {
		{ "--pid 777", true }, { "--pid 778", false },
		{ "--comm late", true }, { "--comm lat", false },
		{ "--uid 1000", true }, { "--uid 0", false },
		{ "--unit web", true }, { "--unit web.service", true },
		{ "--unit we", false }, { "--unit web.socket", false },
		{ "--unit web --pid 777 --comm late --uid 1000", true },
		{ "--unit web --pid 778 --comm late --uid 1000", false },
		{ "--unit container:web", false },
	};
	struct nl_msg *msg = simple_reject(1, 8080);
	char line[128];
	size_t i;

	(void)state;
	nla_put_string(msg, PORTOWNER_A_REJECT_CGROUP,
		       "/system.slice/web.service");
	fake_add(msg);
	for (i = 0; i < ARRAY_SIZE(asked); i++) {
		snprintf(line, sizeof(line), "--no-headings -o seq %s",
			 asked[i].line);
		run(cmd_log, line);
		assert_int_equal(status, STATUS_YES);
		if (strcmp(output, asked[i].found ? "1\n" : ""))
			fail_msg("%s: %s", asked[i].line, output);
		run(cmd_why, asked[i].line);
		assert_int_equal(status,
				 asked[i].found ? STATUS_YES : STATUS_NO);
	}
}

static void log_container(void **state)
{
	struct nl_msg *msg = simple_reject(1, 8080);

	(void)state;
	nla_put_string(msg, PORTOWNER_A_REJECT_CGROUP,
		       "/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	fake_add(msg);
	run(cmd_log, "--unit container:0123 --no-headings -o seq");
	assert_string_equal(output, "1\n");
	run(cmd_log, "--unit container: --no-headings -o seq");
	assert_string_equal(output, "");
}

static void log_follow(void **state)
{
	struct json_object *json;
	char *line, *rest;
	int i;

	(void)state;
	for (i = 1; i <= 4; i++)
		fake_add(simple_reject(i, 8080));
	fake.events = 2;
	run(cmd_log, "-f -J");
	assert_int_equal(status, 0);
	assert_true(fake.joined);
	rest = output;
	for (i = 1; i <= 4; i++) {
		line = strsep(&rest, "\n");
		json = parsed(line);
		assert_keys(json, reject_keys);
		assert_int_equal(json_object_get_int(member(json, "seq")), i);
		json_object_put(json);
	}
	assert_string_equal(rest, "");
}

/* One heading, although the first read found nothing; columns stay. */
static void log_follow_table(void **state)
{
	(void)state;
	fake_add(simple_reject(1, 8080));
	fake_add(simple_reject(2, 80));
	fake_add(simple_reject(3, 10000));
	fake_add(simple_reject(4, 80));
	fake.events = 4;
	run(cmd_log, "-f -o port,errno");
	assert_string_equal(output,
			    "PORT ERRNO\n8080 EADDRINUSE\n  80 EADDRINUSE\n"
			    "10000 EADDRINUSE\n   80 EADDRINUSE\n");
}

static struct nl_msg *reject_elsewhere(__u64 seq)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_REJECT_GET);

	put_reject(msg, seq, "0.0.0.0", 8080);
	nla_put_u32(msg, PORTOWNER_A_REJECT_NETNS, 7);
	return msg;
}

/* Refusals dropped before the first read do not count as missed. */
static void log_follow_gap(void **state)
{
	(void)state;
	fake_add(simple_reject(5, 8080));
	fake_add(simple_reject(7, 8080));
	run(cmd_log, "");
	assert_string_equal(said, "");
	fake_add(simple_reject(8, 8080));
	fake_add(simple_reject(20, 8080));
	fake_add(simple_reject(21, 8080));
	fake_add(simple_reject(23, 8081));
	fake.events = 4;
	run(cmd_log, "-f 8081");
	assert_string_equal(said,
			    "portowner: note: 11 refusals were dropped before they were read\n"
			    "portowner: note: 1 refusal was dropped before it was read\n");
	fake.events = 4;
	run(cmd_log, "-f -q");
	assert_string_equal(said, "");
}

/* Each namespace has its own numbers, and a new one starts from 1. */
static void log_follow_gap_netns(void **state)
{
	(void)state;
	fake_add(simple_reject(30, 8080));
	fake_add(reject_elsewhere(4));
	fake_add(simple_reject(31, 8080));
	fake_add(reject_elsewhere(5));
	fake.events = 3;
	run(cmd_log, "-f -A");
	assert_string_equal(said,
			    "portowner: note: 3 refusals were dropped before they were read\n");
}

static struct nl_msg *reject_elsewhere_at(__u64 seq, __u64 time_ns)
{
	struct nl_msg *msg = reject_elsewhere(seq);

	/* The last one of an attribute counts. */
	nla_put_u64(msg, PORTOWNER_A_REJECT_TIME, time_ns);
	nla_put_u64(msg, PORTOWNER_A_REJECT_FIRST_TIME, time_ns);
	return msg;
}

/*
 * Several namespaces had the same inode number in succession. The records of
 * those that ended come last, and each read returns all of them again.
 */
static void log_follow_ended_netns(void **state)
{
	const char *at;
	int lines = 0;

	(void)state;
	fake_add(reject_elsewhere_at(1, 1900000000000000300));
	fake_add(reject_elsewhere_at(1, 1900000000000000100));
	fake_add(reject_elsewhere_at(1, 1900000000000000200));
	fake_add(reject_elsewhere_at(1, 1900000000000000300));
	fake.events = 4;
	run(cmd_log, "-fA -J");
	assert_int_equal(status, 0);
	for (at = output; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 3);
	assert_string_equal(said, "");
}

/* Follow into a pipe that nobody reads. */
static void follow_into(int out)
{
	struct options options;

	dup2(out, STDOUT_FILENO);
	alarm(20);
	parse_line("-f -J", &options);
	_exit(finish_output(cmd_log.run(&options)));
}

static void assert_ends_blocked(int signal)
{
	int ends[2], unread = 0, result;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) > 0);
	fflush(stdout);
	pid = fork();
	if (!pid)
		follow_into(ends[1]);
	while (!unread && !waitpid(pid, &result, WNOHANG))
		ioctl(ends[0], FIONREAD, &unread);
	assert_true(unread > 0);
	kill(pid, signal);
	assert_int_equal(waitpid(pid, &result, 0), pid);
	assert_int_equal(result, 0);
	close(ends[0]);
	close(ends[1]);
}

static void log_follow_slow_reader(void **state)
{
	int i;

	(void)state;
	for (i = 1; i <= 32; i++)
		fake_add(simple_reject(i, 8080));
	assert_ends_blocked(SIGTERM);
	assert_ends_blocked(SIGINT);
}

static void stats(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_STATS_GET);
	struct json_object *json;

	(void)state;
	nla_put_u64(msg, PORTOWNER_A_STATS_REJECTS_SEEN, 12);
	nla_put_u64(msg, PORTOWNER_A_STATS_REJECTS_KEPT, 5);
	nla_put_u64(msg, PORTOWNER_A_STATS_REJECTS_DROPPED, 7);
	put_rule_count(msg, PORTOWNER_REJECT_OP_BIND,
		       PORTOWNER_RULE_WILDCARD_COVERS, 9);
	fake_add(msg);
	run(cmd_stats, "-J");
	json = parsed(output);
	assert_keys(json, stats_keys);
	assert_json(json, "rejects_seen", "12");
	assert_json(json, "rejects_dropped", "7");
	assert_json(json, "binders", "0");
	assert_json(json, "rejects_by_rule",
		    "[{\"op\":\"bind\",\"rule\":\"wildcard-covers\",\"count\":9}]");
	json_object_put(json);
	run(cmd_stats, "");
	assert_non_null(strstr(output, "rejects_kept         5\n"));
	assert_non_null(strstr(output,
			       "\nrejects_by_rule      9 bind wildcard-covers\n"));
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(log_json),
		TEST(log_table),
		TEST(log_fits_terminal),
		TEST(log_filters),
		TEST(log_notes),
		TEST(log_family),
		TEST(log_process),
		TEST(log_container),
		TEST(log_follow),
		TEST(log_follow_table),
		TEST(log_follow_gap),
		TEST(log_follow_gap_netns),
		TEST(log_follow_ended_netns),
		TEST(log_follow_slow_reader),
		TEST(stats),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("TZ", "HERE-2", 1);
	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
