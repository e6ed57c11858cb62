// SPDX-License-Identifier: GPL-2.0

#include <ctype.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/harness.h"

#define ROOT	"/tmp/portowner-test-journal"
#define CURSOR	ROOT "/log.cursor"

/* The environment that a service manager provides, and one boot. */
static int setup_state(void **state)
{
	setup(state);
	mkdir(ROOT, 0700);
	setenv("STATE_DIRECTORY", ROOT ":/nonexistent", 1);
	fake.boot_id = "0c9a2b3e-boot";
	return 0;
}

static int teardown_state(void **state)
{
	unlink(CURSOR);
	rmdir(ROOT);
	unsetenv("STATE_DIRECTORY");
	return teardown(state);
}

/* What has been written to the journal is not written again. */
static void run_journal(const char *line)
{
	run_on_terminal(cmd_log, line, "80");
	assert_string_equal(output, "");
}

static void has(const char *field)
{
	char *quoted = xasprintf("[%s]", field);

	if (!strstr(fake.entries[0], quoted))
		fail_msg("no %s in %s", quoted, fake.entries[0]);
	free(quoted);
}

static void lacks(const char *word)
{
	if (strstr(fake.entries[0], word))
		fail_msg("%s in %s", word, fake.entries[0]);
}

static struct nl_msg *reject_at(__u64 seq, __u64 boot_ns)
{
	struct nl_msg *msg = simple_reject(seq, 8080);

	nla_put_u64(msg, PORTOWNER_A_REJECT_BOOTTIME, boot_ns);
	return msg;
}

static struct nl_msg *reject_in(const char *cgroup)
{
	struct nl_msg *msg = simple_reject(1, 8080);

	nla_put_string(msg, PORTOWNER_A_REJECT_CGROUP, cgroup);
	return msg;
}

static void fields(void **state)
{
	(void)state;
	fake_add(reject_in("/system.slice/web.service"));
	run_journal("--journal");
	assert_int_equal(status, STATUS_YES);
	assert_int_equal(fake.n_entries, 1);
	has("MESSAGE=bind to tcp 0.0.0.0:8080 by late[777] (web.service) was refused: "
	    "EADDRINUSE (address-in-use); in the way: early[555]");
	has("MESSAGE_ID=6511bdb342b34775bcfb1fc9bc821d4f");
	has("PRIORITY=4");
	has("SYSLOG_IDENTIFIER=portowner");
	has("ERRNO=98");
	has("OBJECT_PID=777");
	has("OBJECT_SYSTEMD_UNIT=web.service");
	lacks("USER_UNIT");
	has("PORTOWNER_RULE=address-in-use");
	has("PORTOWNER_PORT=8080");
	has("PORTOWNER_ADDR=0.0.0.0");
	has("PORTOWNER_REUSEADDR=true");
	has("PORTOWNER_TIME=2030-03-17T17:46:40.000000001Z");
	has("PORTOWNER_CGROUP=/system.slice/web.service");
	has("PORTOWNER_UNIT=web.service");
	has("PORTOWNER_CULPRIT_PID=555");
	lacks("PORTOWNER_EXE");
}

/* Each JSON key of a reject is a field; null is none. */
static void all_keys(void **state)
{
	struct json_object *json, *value;
	char *name, *c;
	size_t i;

	(void)state;
	fake_add(reject_in("/system.slice/web.service"));
	run_journal("--journal");
	run(cmd_log, "-J");
	json = parsed(output);
	for (i = 0; reject_keys[i]; i++) {
		value = member(element(json, "rejects", 0), reject_keys[i]);
		name = xasprintf("[PORTOWNER_%s=", reject_keys[i]);
		for (c = name; *c; c++)
			*c = toupper(*c);
		if (!value != !strstr(fake.entries[0], name))
			fail_msg("%s in %s", name, fake.entries[0]);
		free(name);
	}
	json_object_put(json);
}

static void units(void **state)
{
	static const struct {
		const char *cgroup;
		const char *system;
		const char *user;
	} known[] = {
		{ "/system.slice/web.service/worker",
		  "OBJECT_SYSTEMD_UNIT=web.service", NULL },
		{ "/system.slice/system-getty.slice/getty@tty1.service",
		  "OBJECT_SYSTEMD_UNIT=getty@tty1.service", NULL },
		{ "/user.slice/user-1000.slice/user@1000.service/app.slice/a.service",
		  "OBJECT_SYSTEMD_UNIT=user@1000.service",
		  "OBJECT_SYSTEMD_USER_UNIT=a.service" },
		{ "/init.scope", "OBJECT_SYSTEMD_UNIT=init.scope", NULL },
		{ "/lxc/web.service", NULL, NULL },
		{ "/", NULL, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		fake_reset();
		fake.boot_id = "0c9a2b3e-boot";
		unlink(CURSOR);
		fake_add(reject_in(known[i].cgroup));
		run_journal("--journal");
		if (known[i].system)
			has(known[i].system);
		else
			lacks("OBJECT_SYSTEMD");
		if (known[i].user)
			has(known[i].user);
		else
			lacks("USER_UNIT");
	}
}

/* journald would describe another process. */
static void reused_pid(void **state)
{
	static const struct fake_file files[] = {
		{ 777, "comm", "other\n" }, { 0 }
	};

	(void)state;
	fake.files = files;
	fake_add(simple_reject(1, 8080));
	run_journal("--journal");
	lacks("OBJECT_PID");
	has("PORTOWNER_PID=777");
}

/* A name chosen by a process stays in one field, and MESSAGE is one line. */
static void hostile_name(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_REJECT_GET);

	(void)state;
	put_reject(msg, 1, "0.0.0.0", 8080);
	nla_put_string(msg, PORTOWNER_A_REJECT_COMM, "a\nPRIORITY=0\xff");
	fake_add(msg);
	run_journal("--journal");
	has("PORTOWNER_COMM=a\nPRIORITY=0\xef\xbf\xbd");
	has("MESSAGE=bind to tcp 0.0.0.0:8080 by a\\x0aPRIORITY=0\\xff[777] was refused: "
	    "EADDRINUSE (address-in-use)");
}

static void nothing_twice(void **state)
{
	(void)state;
	fake_add(reject_at(1, 1000));
	fake_add(reject_at(2, 2000));
	run_journal("--journal");
	assert_int_equal(fake.n_entries, 2);
	run_journal("--journal");
	assert_int_equal(fake.n_entries, 2);
	/* The clock was set back, but CLOCK_BOOTTIME cannot be. */
	fake_add(reject_at(3, 3000));
	run_journal("--journal -f");
	assert_int_equal(fake.n_entries, 3);
	assert_true(fake.joined);
}

/* The next run continues where writing stopped. */
static void nothing_lost(void **state)
{
	(void)state;
	fake_add(reject_at(1, 1000));
	fake_add(reject_at(2, 2000));
	fake_add(reject_at(3, 3000));
	fake.journal_room = 1;
	run_journal("--journal -f");
	assert_int_equal(status, STATUS_FAILED);
	assert_non_null(strstr(said, "cannot write to the journal"));
	assert_int_equal(fake.n_entries, 1);
	assert_int_equal(fake.ready, 0);
	fake.journal_room = 0;
	run_journal("--journal");
	assert_int_equal(fake.n_entries, 3);
	assert_non_null(strstr(fake.entries[1], "[PORTOWNER_SEQ=2]"));
}

/* The module counts from one again after reloading, and after each boot. */
static void counts_anew(void **state)
{
	(void)state;
	fake_add(reject_at(8, 1000));
	run_journal("--journal");
	assert_int_equal(fake.n_entries, 1);
	fake_reset();
	fake.boot_id = "0c9a2b3e-boot";
	fake_add(reject_at(3, 2000));
	run_journal("--journal");
	assert_int_equal(fake.n_entries, 1);
	fake_reset();
	fake.boot_id = "another-boot";
	fake_add(reject_at(2, 500));
	run_journal("--journal");
	assert_int_equal(fake.n_entries, 1);
}

/* Even if the log was empty at first: it must not be read from 8 on. */
static void counts_anew_later(void **state)
{
	(void)state;
	fake_add(reject_at(8, 1000));
	run_journal("--journal");
	fake_reset();
	fake.boot_id = "0c9a2b3e-boot";
	fake_add(reject_at(3, 2000));
	fake.events = 1;
	run_journal("--journal -f");
	assert_int_equal(fake.n_entries, 1);
	assert_non_null(strstr(fake.entries[0], "[PORTOWNER_SEQ=3]"));
}

static void without_state(void **state)
{
	(void)state;
	unsetenv("STATE_DIRECTORY");
	fake_add(reject_at(1, 1000));
	fake_add(reject_at(2, 2000));
	fake.events = 1;
	run_journal("--journal -f");
	assert_int_equal(fake.n_entries, 1);
	assert_non_null(strstr(fake.entries[0], "[PORTOWNER_SEQ=2]"));
	assert_int_equal(fake.ready, 1);
}

static void spoilt_cursor(void **state)
{
	FILE *file = fopen(CURSOR, "w");

	(void)state;
	assert_non_null(file);
	fputs("portowner log 1 0c9a2b3e-boot\n\xff\xff 1", file);
	fclose(file);
	fake_add(reject_at(1, 1000));
	run_journal("--journal");
	assert_int_equal(fake.n_entries, 1);
	run_journal("--journal");
	assert_int_equal(fake.n_entries, 1);
}

#define STATE_TEST(f)	cmocka_unit_test_setup_teardown(f, setup_state, teardown_state)

int main(void)
{
	const struct unit_case tests[] = {
		STATE_TEST(fields),
		STATE_TEST(all_keys),
		STATE_TEST(units),
		STATE_TEST(reused_pid),
		STATE_TEST(hostile_name),
		STATE_TEST(nothing_twice),
		STATE_TEST(nothing_lost),
		STATE_TEST(counts_anew),
		STATE_TEST(counts_anew_later),
		STATE_TEST(without_state),
		STATE_TEST(spoilt_cursor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
