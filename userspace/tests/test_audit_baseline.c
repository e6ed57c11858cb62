// SPDX-License-Identifier: GPL-2.0
/* Audits that are saved and read back, and files that are not audits. */

#include <locale.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/harness.h"
#include "tests/scratch.h"

static int prepare(void **state)
{
	setup(state);
	unlink(scratch_file);
	return 0;
}

#define CASE(name)	cmocka_unit_test_setup_teardown(name, prepare, teardown)

static void write_text(const char *text)
{
	FILE *file = fopen(scratch_file, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* The command itself; its only argument is the name of the file. */
static void audit_with(const char *option, const char *more)
{
	char *line = xasprintf("--%s %s%s", option, scratch_file, more);

	run_on_terminal(cmd_audit, line, "80");
	free(line);
}

static void refused(const char *words)
{
	audit_with("baseline", "");
	assert_int_equal(status, STATUS_USAGE);
	assert_string_equal(output, "");
	assert_non_null(strstr(said, scratch_file));
	if (!strstr(said, words))
		fail_msg("no '%s' in: %s", words, said);
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

#define HEAD	HEAD_OF("then")

#define HEAD_OF(time)								\
		"{\"source\":\"module\",\"format\":1,\"time\":\"" time "\","	\
		"\"all_netns\":false,\"filter\":null,\"unchecked\":[],"		\
		"\"partly_checked\":[],\"findings\":["

static void bad_files(void **state)
{
	(void)state;
	refused("No such file");
	write_text("");
	refused("not JSON");
	write_text("{\"source\":\"mod");
	refused("not JSON");
	write_text(HEAD "]} ]");
	refused("not JSON");
	write_text(HEAD "]}\n" HEAD "]}\n");
	refused("not JSON");
	write_text("[]");
	refused("not what 'portowner audit --save' writes");
	write_text("{\"source\":\"module\",\"sockets\":[]}");
	refused("not what 'portowner audit --save' writes");
	write_text("{\"format\":2,\"findings\":[]}");
	refused("in format 2");
	write_text("{\"format\":1,\"findings\":[]}");
	refused("damaged");
	write_text(HEAD "5]}");
	refused("damaged");
	write_text(HEAD "{\"id\":\"exposed\",\"severity\":\"info\"}]}");
	refused("damaged");
	write_text(HEAD "{\"id\":\"unheard-of\",\"severity\":\"info\","
		   "\"proto\":null,\"addr\":null,\"dev\":null,\"netns_name\":null,"
		   "\"evidence\":{\"who\":[],\"sysctl\":{\"value\":\"80\"}},"
		   "\"text\":\"\",\"remedy\":\"\"}]}");
	refused("damaged");
	write_text(HEAD "{\"id\":\"exposed\",\"severity\":\"info\","
		   "\"proto\":\"tcp\",\"addr\":\"::\",\"dev\":null,"
		   "\"netns_name\":null,\"port\":65536,\"netns\":1,"
		   "\"port_automatic\":false,\"other_netns\":false,"
		   "\"evidence\":{\"who\":[],\"sysctl\":null},"
		   "\"text\":\"\",\"remedy\":\"\"}]}");
	refused("damaged");
}

static void bad_directory(void **state)
{
	char *old = scratch_file;

	(void)state;
	scratch_file = scratch_folder;
	refused("directory");
	scratch_file = old;
}

/* The two good files are accepted, so the others are refused for a reason. */
static void good_files(void **state)
{
	(void)state;
	fake.range = "32768 60999";
	fake.reserved = "";
	fake.unprivileged = "1024";
	write_text(HEAD "]}\n\n");
	audit_with("baseline", "");
	assert_int_equal(status, STATUS_YES);
	assert_string_equal(said, "");
	assert_words(output, "nothing changed since then");
	/* As log and why show it. */
	setenv("TZ", "HERE-5:30", 1);
	tzset();
	write_text(HEAD_OF("2030-03-17T17:46:40.000000001Z") "]}");
	audit_with("baseline", "");
	assert_words(output, "since 2030-03-17T23:16:40.000000001+05:30");
	setenv("TZ", "UTC", 1);
	tzset();
	write_text(HEAD "{\"id\":\"exposed\",\"severity\":\"info\","
		   "\"proto\":\"tcp\",\"addr\":\"::\",\"dev\":null,"
		   "\"netns_name\":null,\"port\":65535,\"netns\":1,"
		   "\"port_automatic\":false,\"other_netns\":false,"
		   "\"evidence\":{\"who\":[],\"sysctl\":null},"
		   "\"text\":\"\",\"remedy\":\"\"}]}");
	audit_with("baseline", "");
	assert_int_equal(status, STATUS_NO);
	assert_words(output, "gone, info: exposed: tcp [::]:65535");
}

static void other_scope(void **state)
{
	(void)state;
	write_text("{\"source\":\"diag\",\"format\":1,\"time\":\"then\","
		   "\"all_netns\":false,\"filter\":null,\"unchecked\":[],"
		   "\"partly_checked\":[],\"findings\":[]}");
	refused("with --source=diag");
	write_text("{\"source\":\"fake\",\"format\":1,\"time\":\"then\","
		   "\"all_netns\":true,\"filter\":null,\"unchecked\":[],"
		   "\"partly_checked\":[],\"findings\":[]}");
	refused("source");
	audit_with("save", "");
	assert_int_equal(status, STATUS_YES);
	audit_with("baseline", " -4 -t 80");
	assert_int_equal(status, STATUS_USAGE);
	assert_words(said, "saved for all ports, not for tcp ipv4 80");
	audit_with("baseline", " -A");
	assert_int_equal(status, STATUS_USAGE);
	assert_words(said, "saved without --all-netns");
	audit_with("baseline", "");
	assert_int_equal(status, STATUS_YES);
}

static void command(void **state)
{
	static const char * const keys[] = {
		"source", "format", "time", "all_netns", "filter", "hidden",
		"unchecked", "partly_checked", "findings", NULL
	};
	static const char * const finding_keys[] = {
		"id", "severity", "proto", "addr", "port", "port_automatic",
		"dev", "netns", "netns_name", "other_netns", "evidence",
		"text", "remedy", NULL
	};
	static const char * const evidence_keys[] = {
		"who", "sysctl", "sockets", NULL
	};
	struct json_object *json, *finding;
	struct stat st;

	(void)state;
	fake_add(simple_port(1, "0.0.0.0", 80, 9, "nginx"));
	audit_with("save", " -J");
	assert_int_equal(status, STATUS_YES);
	assert_int_equal(stat(scratch_file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	json = parsed(output);
	assert_keys(json, keys);
	finding = element(json, "findings", 0);
	assert_keys(finding, finding_keys);
	assert_json(finding, "id", "\"exposed\"");
	assert_keys(member(finding, "evidence"), evidence_keys);
	assert_keys(element(member(finding, "evidence"), "sockets", 0),
		    socket_keys);
	json_object_put(json);
	audit_with("baseline", " -J");
	assert_int_equal(status, STATUS_YES);
	json = parsed(output);
	assert_int_equal(count(json, "changes"), 0);
	json_object_put(json);
	fake_reset();
	fake_add(simple_port(1, "0.0.0.0", 80, 9, "lighttpd"));
	audit_with("baseline", " -J");
	assert_int_equal(status, STATUS_NO);
	json = parsed(output);
	assert_int_equal(count(json, "changes"), 1);
	assert_json(element(json, "changes", 0), "change", "\"changed\"");
	json_object_put(json);
	audit_with("baseline", " -n");
	assert_words(output, "was: uid 0, nginx");
	assert_words(output, "is: uid 0, lighttpd");
	audit_with("baseline", " -q");
	assert_int_equal(status, STATUS_NO);
	assert_string_equal(output, "");
}

/* The baseline is read before it is replaced. */
static void both(void **state)
{
	char *line = xasprintf("--baseline %s --save %s", scratch_file,
			       scratch_file);

	(void)state;
	audit_with("save", "");
	fake_add(simple_port(1, "0.0.0.0", 80, 9, "nginx"));
	run_on_terminal(cmd_audit, line, "80");
	assert_int_equal(status, STATUS_NO);
	run_on_terminal(cmd_audit, line, "80");
	assert_int_equal(status, STATUS_YES);
	free(line);
}

static void cannot_write(void **state)
{
	(void)state;
	run_on_terminal(cmd_audit, "--save /nowhere/audit.json", "80");
	assert_int_equal(status, STATUS_FAILED);
	assert_string_equal(output, "");
	assert_words(said, "cannot write /nowhere/audit.json");
}

/* On a terminal no line is wider than that. */
static void fits(void **state)
{
	const char *line, *end;

	(void)state;
	fake_add(rich_socket());
	fake_add(port_in_container());
	fake_add(simple_port(1, "0.0.0.0", 80, 9, "nginx"));
	run_on_terminal(cmd_audit, "", "80");
	for (line = output; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		if (end - line > 80)
			fail_msg("too wide: %.*s", (int)(end - line), line);
	}
	assert_words(output, "info: kernel-owner:");
}

int main(void)
{
	const struct unit_case tests[] = {
		CASE(bad_files),
		CASE(bad_directory),
		CASE(good_files),
		CASE(other_scope),
		CASE(command),
		CASE(both),
		CASE(cannot_write),
		CASE(fits),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests_name("audit_baseline", tests,
					   scratch_make, scratch_remove);
}
