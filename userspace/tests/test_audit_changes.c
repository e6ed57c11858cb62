// SPDX-License-Identifier: GPL-2.0
/* Changes since a saved audit. */

#include <locale.h>
#include <netinet/in.h>
#include <unistd.h>

#include "audit/json.h"
#include "tests/harness.h"
#include "tests/rows.h"
#include "tests/scratch.h"

#define DOCKER	"/docker/0123456789abcdef0123456789abcdef0123456789abcdef012345678"

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
	unlink(scratch_file);
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

/* Save the findings about the rows, and start again without rows. */
static void save_rows(void)
{
	struct scope scope = { .source = "module" };
	FILE *file = fopen(scratch_file, "w");

	assert_non_null(file);
	rows_audit(&audit);
	audit_json(file, &audit, &scope);
	fclose(file);
	forget();
	audit = new_audit();
}

/* Compare the saved findings with those about the rows. */
static void compare_rows(size_t n)
{
	assert_int_equal(baseline_read(&baseline, scratch_file), 0);
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

/* A restart changes only process ids. */
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

/* The kernel chooses a different port each time, for the same program. */
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

/* Unnamed namespace, container and session get new identifiers. */
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

/* One of two identical findings is gone. */
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

/* If the owner is hidden, it is not reported as a different one. */
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

/* A finding that is not checked now is not gone. */
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
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests_name("audit_changes", tests,
					   scratch_make, scratch_remove);
}
