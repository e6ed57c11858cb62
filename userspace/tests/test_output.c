// SPDX-License-Identifier: GPL-2.0
/* Answers that cannot be written. */

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/child.h"
#include "tests/unit.h"

static char said[256];

/* The answer; more than a stream buffers is written immediately. */
static char answer[100000];
static size_t answer_len;

/* Print a message in the middle of the answer, as commands do. */
static void print_answer(int out, int err)
{
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	ignore_broken_pipes();
	write_output(answer, answer_len);
	complain(STATUS_NO, "no");
	_exit(finish_output(STATUS_NO));
}

/* Reads the messages, and returns the exit status. */
static int answer_to(int out, size_t len)
{
	int err[2], status;

	memset(answer, '\n', sizeof(answer));
	answer_len = len;
	assert_int_equal(pipe(err), 0);
	fflush(stdout);
	if (!fork())
		print_answer(out, err[1]);
	close(err[1]);
	assert_true(wait(&status) > 0);
	memset(said, 0, sizeof(said));
	assert_true(read(err[0], said, sizeof(said) - 1) > 0);
	close(err[0]);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void reader_gone(void **state)
{
	static const size_t lens[] = { 10, 5000, sizeof(answer) };
	int ends[2];
	size_t i;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		assert_int_equal(answer_to(ends[1], lens[i]), STATUS_NO);
		assert_string_equal(said, "portowner: no\n");
	}
	close(ends[1]);
}

static void disk_full(void **state)
{
	static const size_t lens[] = { 10, 5000, sizeof(answer) };
	int full = open("/dev/full", O_WRONLY);
	size_t i;

	(void)state;
	assert_true(full >= 0);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		assert_int_equal(answer_to(full, lens[i]), STATUS_FAILED);
		assert_string_equal(said,
				    "portowner: no\n"
				    "portowner: cannot write: No space left on device\n");
	}
	close(full);
}

/* A line is one datagram. */
static void one_write(void **state)
{
	int ends[2], saved = dup(STDERR_FILENO);
	ssize_t len;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	dup2(ends[1], STDERR_FILENO);
	assert_int_equal(complain(STATUS_NO, "%s %d", "one", 2), STATUS_NO);
	dup2(saved, STDERR_FILENO);
	close(saved);
	len = read(ends[0], said, sizeof(said) - 1);
	assert_true(len > 0);
	said[len] = '\0';
	assert_string_equal(said, "portowner: one 2\n");
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(reader_gone),
		cmocka_unit_test(disk_full),
		cmocka_unit_test(one_write),
	};

	return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
