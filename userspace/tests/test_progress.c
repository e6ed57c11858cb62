// SPDX-License-Identifier: GPL-2.0
/* Progress of long work, with and without a terminal. */

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/progress.h"
#include "tests/unit.h"

/* Bytes printed on the terminal. */
static char shown[4096];

static void wait_ms(unsigned int ms)
{
	usleep(ms * 1000);
}

/* The other end of a terminal of this width. */
static int open_terminal(unsigned short columns, int *slave)
{
	struct winsize size = { .ws_row = 24, .ws_col = columns };
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	*slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(*slave >= 0);
	assert_int_equal(ioctl(*slave, TIOCSWINSZ, &size), 0);
	return master;
}

static void read_all(int master)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(master, shown + len, sizeof(shown) - 1 - len)) > 0)
		len += n;
	shown[len] = '\0';
}

/* Run some work with the given stdout and stderr; sets shown. */
static void work(void (*function)(void), unsigned short columns, bool pipe_out)
{
	int slave, master = open_terminal(columns, &slave);
	int fds[2], status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		dup2(pipe_out ? fds[1] : slave, STDOUT_FILENO);
		dup2(slave, STDERR_FILENO);
		progress_allow();
		function();
		_exit(0);
	}
	close(slave);
	close(fds[1]);
	read_all(master);
	close(fds[0]);
	close(master);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void count_long(void)
{
	progress_begin();
	progress_count("reading sockets", 1);
	wait_ms(1100);
	progress_count("reading sockets", 1234567);
	wait_ms(150);
	progress_count("reading", 12);
	progress_end();
}

static void on_terminal(void **state)
{
	(void)state;
	work(count_long, 80, false);
	assert_string_equal(shown,
			    "\rportowner: reading sockets: 1,234,567"
			    "\rportowner: reading: 12               "
			    "\r                                     \r");
}

static void count_short(void)
{
	progress_begin();
	progress_count("reading sockets", 1000);
	wait_ms(500);
	progress_count("reading sockets", 2000);
	progress_end();
	/* Time between two pieces of work does not count. */
	wait_ms(600);
	progress_begin();
	progress_count("reading sockets", 3000);
	progress_end();
}

static void short_work(void **state)
{
	(void)state;
	work(count_short, 80, false);
	assert_string_equal(shown, "");
}

static void no_place(void **state)
{
	(void)state;
	work(count_long, 80, true);
	assert_string_equal(shown, "");
	/* A line that wraps could not be erased. */
	work(count_long, 20, false);
	assert_string_equal(shown, "");
}

static void count_forbidden(void)
{
	progress_forbid();
	count_long();
}

static void forbidden(void **state)
{
	(void)state;
	work(count_forbidden, 80, false);
	assert_string_equal(shown, "");
}

static void complain_meanwhile(void)
{
	progress_begin();
	wait_ms(1100);
	progress_count("x", 1);
	complain(STATUS_YES, "no");
	progress_end();
}

/* A message begins on an empty line. */
static void erased_first(void **state)
{
	(void)state;
	work(complain_meanwhile, 80, false);
	assert_string_equal(shown,
			    "\rportowner: x: 1\r               \rportowner: no\r\n");
}

static void count_within(void)
{
	progress_begin();
	wait_ms(1100);
	progress_begin();
	progress_count("inner", 1);
	progress_end();
	progress_count("outer", 7);
	progress_end();
}

static void nested(void **state)
{
	(void)state;
	work(count_within, 80, false);
	assert_string_equal(shown,
			    "\rportowner: outer: 7\r                   \r");
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(on_terminal),
		cmocka_unit_test(short_work),
		cmocka_unit_test(no_place),
		cmocka_unit_test(forbidden),
		cmocka_unit_test(erased_first),
		cmocka_unit_test(nested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
