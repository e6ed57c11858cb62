// SPDX-License-Identifier: GPL-2.0
/* Reading about other processes, which may block the reader. */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host.h"
#include "lib/host_services.h"
#include "tests/unit.h"

/* A second, and as much again as a busy machine may need for a fork. */
#define PATIENCE_MAX	20

static char dir[32];
static char path[64];

static int make_file(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/portowner.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/file", dir);
	return 0;
}

static int remove_file(void **state)
{
	(void)state;
	/* Not all leave it. */
	unlink(path);
	return rmdir(dir);
}

/* Any file, as if it were one of this process. */
static char *read_file(size_t *len)
{
	char *file = xasprintf("../..%s", path);
	char *bytes = host_proc(getpid(), file, len);

	free(file);
	return bytes;
}

/* A test that hangs is killed, which is a failure too. */
static void assert_gives_up(void)
{
	size_t len;

	alarm(PATIENCE_MAX);
	assert_null(read_file(&len));
	alarm(0);
}

/* Like a file system that does not respond to open(). */
static void open_hangs(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_gives_up();
}

/* Like memory of a process that a fault handler withholds. */
static void read_hangs(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_gives_up();
	close(fd);
}

static void what_there_is(void **state)
{
	static const char text[] = "a\0b\n";
	size_t len;
	char *bytes;
	FILE *file;

	(void)state;
	file = fopen(path, "w");
	assert_non_null(file);
	bytes = read_file(&len);
	assert_non_null(bytes);
	assert_int_equal(len, 0);
	assert_string_equal(bytes, "");
	free(bytes);
	fwrite(text, sizeof(text) - 1, 1, file);
	fclose(file);
	bytes = read_file(&len);
	assert_non_null(bytes);
	assert_int_equal(len, sizeof(text) - 1);
	assert_memory_equal(bytes, text, sizeof(text));
	free(bytes);
	unlink(path);
	assert_null(read_file(&len));
}

static void links(void **state)
{
	char *exe = host_link(getpid(), "exe");

	(void)state;
	assert_non_null(strstr(exe, "test_host"));
	free(exe);
	assert_null(host_link(getpid(), "no such link"));
	assert_null(host_link(0, "exe"));
}

static void units(void **state)
{
	char *procs = host_cgroup_procs("/no such group");

	(void)state;
	assert_string_equal(procs, "");
	free(procs);
	assert_false(host_has_unit("no-such.socket", false));
	assert_false(host_has_unit("no-such.socket", true));
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test_setup_teardown(open_hangs, make_file, remove_file),
		cmocka_unit_test_setup_teardown(read_hangs, make_file, remove_file),
		cmocka_unit_test_setup_teardown(what_there_is, make_file, remove_file),
		cmocka_unit_test(links),
		cmocka_unit_test(units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
