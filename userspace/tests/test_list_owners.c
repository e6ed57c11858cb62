// SPDX-License-Identifier: GPL-2.0
/* Owners in a list. */

#include <locale.h>

#include "tests/harness.h"

static void list_hostile_names(void **state)
{
	static const char expected[] =
		"\"w\\x1b\xc3\xa9\\xff /bin/w\\x20(deleted) 4294967290 vxlan b\\xff[8]\n"
		"[vxlan]     -                   0          vxlan b\\xff[8]\n";

	(void)state;
	fake_add(rich_socket());
	run(cmd_list, "-n --no-headings -o command,exe,user,kernel,binder");
	assert_string_equal(output, expected);
}

static void list_owners(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest;

	(void)state;
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 1);
	put_socket(msg, "0.0.0.0", IPPROTO_TCP, 80, PORTOWNER_STATE_LISTEN);
	put_owner(msg, 10, 3, "a");
	put_owner(msg, 10, 4, "a");
	put_owner(msg, 11, 3, "b");
	put_owner(msg, 0, 3, "c");
	put_owner(msg, 0, 4, "c");
	nla_put_flag(msg, PORTOWNER_A_SOCKET_OWNERS_HIDDEN);
	nla_nest_end(msg, nest);
	fake_add(msg);
	run(cmd_list, "--no-headings -o port,pid,command");
	assert_string_equal(output,
			    "80 10 a\n80 11 b\n80  0 c\n80  0 c\n80  - (hidden)\n");
	run(cmd_list, "--no-headings -o pid,fd");
	assert_string_equal(output, "10 3\n10 4\n11 3\n 0 3\n 0 4\n - -\n");
}

static struct nl_msg *held_by(const __u32 *pids, size_t n, __u32 binder,
			      bool alive, bool hidden)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest, *inner;
	size_t i;

	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 1);
	put_socket(msg, "0.0.0.0", IPPROTO_TCP, 80, PORTOWNER_STATE_LISTEN);
	for (i = 0; i < n; i++)
		put_owner(msg, pids[i], 3, "n x");
	if (hidden)
		nla_put_flag(msg, PORTOWNER_A_SOCKET_OWNERS_HIDDEN);
	if (binder) {
		inner = nla_nest_start(msg, PORTOWNER_A_SOCKET_BINDER);
		nla_put_u32(msg, PORTOWNER_A_BINDER_PID, binder);
		nla_put_string(msg, PORTOWNER_A_BINDER_COMM, "n x");
		if (alive)
			nla_put_flag(msg, PORTOWNER_A_BINDER_ALIVE);
		nla_nest_end(msg, inner);
	}
	nla_nest_end(msg, nest);
	return msg;
}

static void assert_process(struct nl_msg *msg, const char *expected)
{
	fake_reset();
	fake_add(msg);
	run(cmd_list, "--noheadings -o process");
	assert_string_equal(output, expected);
}

/* The process that bound it, else the oldest, and the number of others. */
static void list_process(void **state)
{
	static const __u32 pids[] = { 30, 20, 20, 40 };

	(void)state;
	assert_process(held_by(pids, 4, 40, true, false), "n\\x20x[40] +2\n");
	assert_process(held_by(pids, 4, 40, false, false), "n\\x20x[20] +2\n");
	/* It has passed the socket on. */
	assert_process(held_by(pids, 4, 50, true, false), "n\\x20x[20] +2\n");
	assert_process(held_by(pids, 4, 0, false, false), "n\\x20x[20] +2\n");
	assert_process(held_by(pids, 1, 0, false, false), "n\\x20x[30]\n");
	assert_process(held_by(pids + 1, 2, 0, false, false), "n\\x20x[20]\n");
	/* There may be more owners. */
	assert_process(held_by(pids, 4, 0, false, true), "n\\x20x[20] +2?\n");
	assert_process(held_by(pids, 1, 0, false, true), "n\\x20x[30] +?\n");
	assert_process(held_by(pids, 0, 0, false, true), "(hidden)\n");
	run(cmd_list, "--noheadings --raw -o port,process");
	assert_string_equal(output, "80 (hidden)\n");
	fake_reset();
	fake_add(held_by(pids, 4, 0, false, false));
	run(cmd_list, "--noheadings --raw -o port,process");
	assert_string_equal(output, "80 n\\x20x[20]\\x20+2\n");
	/* With a column about processes, each process has a row. */
	run(cmd_list, "--noheadings -o process,pid");
	assert_string_equal(output,
			    "n\\x20x[30] 30\nn\\x20x[20] 20\nn\\x20x[40] 40\n");
	run(cmd_list, "-n --noheadings -o +fd");
	assert_string_equal(output,
			    "tcp 0.0.0.0 80 listen exclusive 30 n\\x20x 1000 - 3\n"
			    "tcp 0.0.0.0 80 listen exclusive 20 n\\x20x 1000 - 3\n"
			    "tcp 0.0.0.0 80 listen exclusive 20 n\\x20x 1000 - 3\n"
			    "tcp 0.0.0.0 80 listen exclusive 40 n\\x20x 1000 - 3\n");
}

/* A note for people says that root would see more; programs get none. */
static void list_hidden(void **state)
{
	(void)state;
	fake_add(held_by(NULL, 0, 0, false, true));
	fake.has_root = true;
	run_on_terminal(cmd_list, "", "80");
	assert_words(said, "note: some processes are hidden from you, but not from root");
	/* It may be the process that seems to hold nothing. */
	run_on_terminal(cmd_list, "--pid 20", "80");
	assert_words(said, "note: some processes are hidden from you, but not from root");
	run_on_terminal(cmd_list, "--uid 7", "80");
	assert_words(said, "note: some processes are hidden from you, but not from root");
	run_on_terminal(cmd_list, "--pid 20 udp/80", "80");
	assert_string_equal(said, "");
	run(cmd_list, "");
	assert_string_equal(said, "");
	fake.has_root = false;
	run_on_terminal(cmd_list, "", "80");
	assert_string_equal(said, "");
}

static void list_without_owner(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest;

	(void)state;
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 1);
	put_socket(msg, "0.0.0.0", IPPROTO_TCP, 80, PORTOWNER_STATE_TIME_WAIT);
	nla_nest_end(msg, nest);
	fake_add(msg);
	run(cmd_list, "-a --no-headings");
	assert_string_equal(output,
			    "tcp 0.0.0.0 80 - time-wait exclusive - - -\n");
	run(cmd_list, "-a --no-headings --owners");
	assert_string_equal(output,
			    "tcp 0.0.0.0 80 - time-wait exclusive - - - -\n");
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(list_hostile_names),
		TEST(list_owners),
		TEST(list_process),
		TEST(list_hidden),
		TEST(list_without_owner),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("list_owners", tests, NULL, NULL);
}
