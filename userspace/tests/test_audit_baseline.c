// SPDX-License-Identifier: GPL-2.0
/* An audit that was saved, read back and compared. */

#include <locale.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/json.h"
#include "tests/harness.h"
#include "tests/rows.h"

#define DOCKER	"/docker/0123456789abcdef0123456789abcdef0123456789abcdef012345678"

static char *directory;
static char *path;

static const struct row web = {
	.addr = "0.0.0.0", .port = 80, .pid = 9, .exe = "/usr/bin/web",
	.cgroup = "/system.slice/web.service",
};

static struct audit audit;
static struct baseline baseline;
static struct change_list changes;

static struct audit new_audit(void)
{
	return (struct audit){
		.module = true, .has_unprivileged = true, .unprivileged = 1024,
		.host = true,
		.ephemeral = { .known = true, .first = 32768, .last = 60999,
			       .reserved = xstrdup("") },
	};
}

static int prepare(void **state)
{
	setup(state);
	unlink(path);
	audit = new_audit();
	return 0;
}

static void forget(void)
{
	changes_clear(&changes);
	baseline_clear(&baseline);
	memset(&baseline, 0, sizeof(baseline));
	audit_clear(&audit);
	rows_clear();
}

static int finish(void **state)
{
	forget();
	return teardown(state);
}

#define CASE(name)	cmocka_unit_test_setup_teardown(name, prepare, finish)

/* Save what is found of the rows, and begin again without any. */
static void save_rows(void)
{
	struct scope scope = { .source = "module" };
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	rows_audit(&audit);
	audit_json(file, &audit, &scope);
	fclose(file);
	forget();
	audit = new_audit();
}

/* Compare what was saved with what is found of the rows. */
static void compare_rows(size_t n)
{
	assert_int_equal(baseline_read(&baseline, path), 0);
	assert_string_equal(baseline.scope.source, "module");
	assert_null(baseline.scope.filter);
	rows_audit(&audit);
	changes_find(&changes, &baseline.findings, &audit.findings,
		     baseline.unchecked | audit.unchecked | audit.partly);
	assert_int_equal(changes.n, n);
}

static void change(size_t i, const char *name, enum finding_id id)
{
	const struct change *c = &changes.v[i];

	assert_string_equal(change_name(c), name);
	assert_int_equal((c->is ?: c->was)->id, id);
}

/* A restart changes process ids, and nothing else. */
static void restarted(void **state)
{
	struct row row = web;

	(void)state;
	rows_add(row);
	ROW(.addr = "::", .port = 90, .pid = 12, .comm = "x", .binder = "y",
	    .binder_pid = 11);
	ROW(.addr = "0.0.0.0", .proto = IPPROTO_UDP, .port = 4789,
	    .kernel = "vxlan");
	save_rows();
	row.pid = 10;
	rows_add(row);
	ROW(.addr = "::", .port = 90, .pid = 22, .comm = "x", .binder = "y",
	    .binder_pid = 21);
	ROW(.addr = "0.0.0.0", .proto = IPPROTO_UDP, .port = 4789,
	    .kernel = "vxlan");
	compare_rows(0);
	assert_int_equal(audit.findings.n, 5);
}

static void new_port(void **state)
{
	(void)state;
	rows_add(web);
	save_rows();
	rows_add(web);
	ROW(.addr = "0.0.0.0", .port = 81, .pid = 9);
	compare_rows(1);
	change(0, "new", FINDING_EXPOSED);
	assert_int_equal(changes.v->is->port, 81);
}

static void gone_port(void **state)
{
	(void)state;
	rows_add(web);
	save_rows();
	compare_rows(1);
	change(0, "gone", FINDING_EXPOSED);
	assert_int_equal(changes.v->was->port, 80);
	assert_string_equal(changes.v->was->who.v->unit, "web.service");
}

static void other_user(void **state)
{
	struct row row = web;

	(void)state;
	rows_add(row);
	save_rows();
	row.uid = 1000;
	rows_add(row);
	compare_rows(1);
	change(0, "changed", FINDING_EXPOSED);
	assert_int_equal(changes.v->was->who.v->uid, 0);
	assert_int_equal(changes.v->is->who.v->uid, 1000);
}

static void other_program(void **state)
{
	struct row row = web;

	(void)state;
	rows_add(row);
	save_rows();
	row.exe = "/tmp/web";
	rows_add(row);
	compare_rows(1);
	change(0, "changed", FINDING_EXPOSED);
}

/* An upgrade is a finding of its own, but the owner is the same. */
static void upgraded(void **state)
{
	struct row row = web;

	(void)state;
	rows_add(row);
	save_rows();
	row.exe = "/usr/bin/web (deleted)";
	rows_add(row);
	compare_rows(1);
	change(0, "new", FINDING_DELETED_BINARY);
}

/* The kernel chooses another one each time, for the same program. */
static void automatic_port(void **state)
{
	struct row row = web;

	(void)state;
	row.by_kernel = true;
	row.port = 40000;
	rows_add(row);
	save_rows();
	row.port = 40001;
	rows_add(row);
	compare_rows(0);
	forget();
	audit = new_audit();
	row.exe = "/tmp/web";
	rows_add(row);
	compare_rows(2);
	change(0, "gone", FINDING_EXPOSED);
	change(1, "new", FINDING_EXPOSED);
}

/* A namespace without a name, a container and a session are made anew. */
static void made_anew(void **state)
{
	struct row one = web, other = web;

	(void)state;
	one.netns = 5;
	one.cgroup = DOCKER "9abcdef";
	other.port = 81;
	other.cgroup = "/user.slice/user-0.slice/session-3.scope";
	rows_add(one);
	rows_add(other);
	save_rows();
	one.netns = 6;
	one.cgroup = DOCKER "0000000";
	other.cgroup = "/user.slice/user-0.slice/session-4.scope";
	rows_add(one);
	rows_add(other);
	compare_rows(0);
}

/* Of two that are alike, one is gone. */
static void one_of_two(void **state)
{
	struct row row = web;

	(void)state;
	row.netns = 5;
	rows_add(row);
	row.netns = 6;
	rows_add(row);
	save_rows();
	row.netns = 7;
	rows_add(row);
	compare_rows(1);
	change(0, "gone", FINDING_EXPOSED);
}

/* Whoever cannot see who it is does not say that it is another. */
static void hidden_owner(void **state)
{
	struct row row = web;

	(void)state;
	rows_add(row);
	save_rows();
	row.pid = 0;
	row.hidden = true;
	rows_add(row);
	compare_rows(0);
}

/* What is not looked at now is not gone. */
static void less_is_known(void **state)
{
	(void)state;
	ROW(.addr = "127.0.0.1", .port = 40000, .pid = 9);
	save_rows();
	audit.module = false;
	ROW(.addr = "127.0.0.1", .port = 40000, .pid = 9,
	    .unknown = UNKNOWN_REUSE);
	compare_rows(0);
}

static void other_setting(void **state)
{
	(void)state;
	audit.unprivileged = 80;
	save_rows();
	audit.unprivileged = 80;
	compare_rows(0);
	forget();
	audit = new_audit();
	audit.unprivileged = 0;
	compare_rows(2);
	forget();
	audit = new_audit();
	compare_rows(1);
	change(0, "gone", FINDING_PRIVILEGED_RANGE);
}

static void write_text(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* The command itself, whose only argument has the name of the file. */
static void audit_with(const char *option, const char *more)
{
	char *line = xasprintf("--%s %s%s", option, path, more);

	run_on_terminal(cmd_audit, line, "80");
	free(line);
}

static void refused(const char *words)
{
	audit_with("baseline", "");
	assert_int_equal(status, STATUS_USAGE);
	assert_string_equal(output, "");
	assert_non_null(strstr(said, path));
	if (!strstr(said, words))
		fail_msg("no '%s' in: %s", words, said);
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

#define HEAD	"{\"source\":\"module\",\"format\":1,\"time\":\"then\","	\
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
	char *old = path;

	(void)state;
	path = directory;
	refused("directory");
	path = old;
}

/* The two that are fine are taken, so the others are refused for a reason. */
static void good_files(void **state)
{
	(void)state;
	fake.range = "32768 60999";
	fake.reserved = "";
	fake.unprivileged = "1024";
	write_text(HEAD "]}");
	audit_with("baseline", "");
	assert_int_equal(status, STATUS_YES);
	assert_string_equal(said, "");
	assert_words(output, "nothing changed since then");
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
	refused("of --source=diag");
	write_text("{\"source\":\"fake\",\"format\":1,\"time\":\"then\","
		   "\"all_netns\":true,\"filter\":null,\"unchecked\":[],"
		   "\"partly_checked\":[],\"findings\":[]}");
	refused("source");
	audit_with("save", "");
	assert_int_equal(status, STATUS_YES);
	audit_with("baseline", " -4 -t 80");
	assert_int_equal(status, STATUS_USAGE);
	assert_words(said, "saved for all ports, and not for tcp ipv4 80");
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
	assert_int_equal(stat(path, &st), 0);
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

/* What is compared is read before it is replaced. */
static void both(void **state)
{
	char *line = xasprintf("--baseline %s --save %s", path, path);

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

/* On a terminal nothing is wider than that. */
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
		CASE(restarted),
		CASE(new_port),
		CASE(gone_port),
		CASE(other_user),
		CASE(other_program),
		CASE(upgraded),
		CASE(automatic_port),
		CASE(made_anew),
		CASE(one_of_two),
		CASE(hidden_owner),
		CASE(less_is_known),
		CASE(other_setting),
		CASE(bad_files),
		CASE(bad_directory),
		CASE(good_files),
		CASE(other_scope),
		CASE(command),
		CASE(both),
		CASE(cannot_write),
		CASE(fits),
	};
	int failed;

	setlocale(LC_ALL, "C.UTF-8");
	directory = xstrdup("/tmp/portowner-audit-XXXXXX");
	if (!mkdtemp(directory))
		return 1;
	path = xasprintf("%s/audit.json", directory);
	failed = cmocka_run_group_tests_name("audit_baseline", tests, NULL, NULL);
	unlink(path);
	rmdir(directory);
	free(path);
	free(directory);
	return failed;
}
