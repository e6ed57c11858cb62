// SPDX-License-Identifier: GPL-2.0
/* The same tables for a pipe, for a terminal, and in colours. */

#include <fcntl.h>
#include <locale.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "print/print.h"
#include "tests/unit.h"

static char *output;

static void get_comm(const struct subject *s, struct value *v)
{
	value_string(v, s->owner->comm);
}

static void get_exe(const struct subject *s, struct value *v)
{
	value_string(v, s->owner->exe);
}

static void get_pid(const struct subject *s, struct value *v)
{
	value_number(v, s->owner->pid);
}

static const struct field left = {
	.column = "LEFT", .get = get_comm
};

static const struct field right = {
	.column = "RIGHT", .flags = FIELD_RIGHT, .get = get_comm
};

static const struct field bold = {
	.column = "BOLD", .color = SGR_BOLD, .get = get_comm
};

static const struct field bold_right = {
	.column = "BOLD", .flags = FIELD_RIGHT, .color = SGR_BOLD,
	.get = get_comm
};

static const struct field red_cut = {
	.column = "RED", .flags = FIELD_CUT, .color = SGR_RED, .get = get_exe
};

static const struct field cut = {
	.column = "CUT", .flags = FIELD_CUT, .get = get_exe
};

static const struct field other_cut = {
	.column = "OTHER", .flags = FIELD_CUT, .get = get_comm
};

static const struct field number = {
	.column = "N", .flags = FIELD_RIGHT, .get = get_pid
};

static const struct style for_pipe = { .headings = true };
static const struct style in_color = { .headings = true, .color = true };
static const struct style on_terminal = { .headings = true, .terminal = true };
static const struct style all = {
	.headings = true, .terminal = true, .color = true
};

static void set_terminal(const char *width)
{
	if (width)
		setenv("COLUMNS", width, 1);
	else
		unsetenv("COLUMNS");
}

static struct table *new_table(const struct style *style,
			       const struct field *first,
			       const struct field *second,
			       const struct field *third)
{
	struct columns columns = { .v = { first, second, third }, .n = 3 };

	return table_new(&columns, style);
}

static void add(struct table *table, __u32 pid, char *comm, char *exe)
{
	struct owner owner = { .pid = pid, .comm = comm, .exe = exe };
	struct subject subject = { .owner = &owner };

	table_add(table, &subject);
}

static void assert_printed(struct table *table, const char *indent,
			   const char *expected)
{
	FILE *real = stdout;
	size_t len;

	fflush(stdout);
	free(output);
	stdout = open_memstream(&output, &len);
	table_print(table, indent);
	fclose(stdout);
	stdout = real;
	assert_string_equal(output, expected);
}

static void print_names(const struct style *style, const char *expected)
{
	struct table *table = new_table(style, &left, &right, &number);

	set_terminal("1000");
	add(table, 1, "nginx", NULL);
	add(table, 22, "\u6f22\u5b57", NULL);
	add(table, 333, "caf\u00e9", NULL);
	add(table, 4, "cafe\u0301", NULL);
	add(table, 5, "\U0001f600", NULL);
	add(table, 6, "\u1112\u1161\u11ab", NULL);
	add(table, 7, "\u2800", NULL);
	assert_printed(table, "", expected);
	table_free(table);
}

static void width_of_names(void **state)
{
	static const char expected[] =
		"LEFT                RIGHT   N\n"
		"nginx               nginx   1\n"
		"\u6f22\u5b57                 \u6f22\u5b57  22\n"
		"caf\u00e9                 caf\u00e9 333\n"
		"cafe\u0301                 cafe\u0301   4\n"
		"\U0001f600                     \U0001f600   5\n"
		"\u1112\u1161\u11ab                     \u1112\u1161\u11ab   6\n"
		"\\xe2\\xa0\\x80 \\xe2\\xa0\\x80   7\n";

	(void)state;
	print_names(&for_pipe, expected);
	print_names(&on_terminal, expected);
	print_names(&in_color, expected);
	print_names(&all, expected);
}

static void print_cut(const struct style *style, const char *width,
		      const char *expected)
{
	struct table *table = new_table(style, &cut, &other_cut, &number);

	set_terminal(width);
	add(table, 1, "short", "0123456789abcdef");
	add(table, 2, "a", "\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22");
	add(table, 3, "b", "0123456789ae\u0301\u0323bcd");
	add(table, 4, "c", "a\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22");
	assert_printed(table, "", expected);
	table_free(table);
}

/* Cut by columns, not by bytes or characters; a mark stays with its letter. */
static void cut_to_columns(void **state)
{
	static const char whole[] =
		"CUT              OTHER N\n"
		"0123456789abcdef short 1\n"
		"\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22 a     2\n"
		"0123456789ae\u0301\u0323bcd  b     3\n"
		"a\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22  c     4\n";
	static const char least[] =
		"CUT          OTHER N\n"
		"0123456789ab short 1\n"
		"\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22 a     2\n"
		"0123456789ae\u0301\u0323 b     3\n"
		"a\u6f22\u6f22\u6f22\u6f22\u6f22  c     4\n";

	(void)state;
	print_cut(&for_pipe, "20", whole);
	print_cut(&on_terminal, "24", whole);
	print_cut(&on_terminal, NULL, whole);
	print_cut(&on_terminal, "nonsense", whole);
	print_cut(&on_terminal, "23",
		  "CUT             OTHER N\n"
		  "0123456789abcde short 1\n"
		  "\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22  a     2\n"
		  "0123456789ae\u0301\u0323bcd b     3\n"
		  "a\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22 c     4\n");
	print_cut(&on_terminal, "20", least);
	/* Anything shorter is useless. */
	print_cut(&on_terminal, "10", least);
	print_cut(&on_terminal, "1", least);
}

static void print_colored(const struct style *style, const char *width,
			  const char *expected)
{
	struct table *table = new_table(style, &bold, &red_cut, &bold_right);

	set_terminal(width);
	add(table, 1, "nginx", "0123456789abcdef");
	add(table, 2, "\u6f22", "x");
	assert_printed(table, "", expected);
	table_free(table);
}

/* Text is cut only on a terminal. */
static void colors(void **state)
{
	static const char whole[] =
		"\033[1mBOLD \033[0m \033[31mRED             \033[0m  \033[1mBOLD\033[0m\n"
		"\033[1mnginx\033[0m \033[31m0123456789abcdef\033[0m \033[1mnginx\033[0m\n"
		"\033[1m\u6f22   \033[0m \033[31mx               \033[0m    \033[1m\u6f22\033[0m\n";

	(void)state;
	print_colored(&in_color, "20", whole);
	print_colored(&all, "28", whole);
	print_colored(&all, "26",
		      "\033[1mBOLD \033[0m \033[31mRED           \033[0m  \033[1mBOLD\033[0m\n"
		      "\033[1mnginx\033[0m \033[31m0123456789abcd\033[0m \033[1mnginx\033[0m\n"
		      "\033[1m\u6f22   \033[0m \033[31mx             \033[0m    \033[1m\u6f22\033[0m\n");
	print_colored(&on_terminal, "28",
		      "BOLD  RED               BOLD\n"
		      "nginx 0123456789abcdef nginx\n"
		      "\u6f22    x                   \u6f22\n");
}

/* The last column is not padded, coloured or not. */
static void last_column(void **state)
{
	struct table *table = new_table(&in_color, &number, &left, &bold);

	(void)state;
	add(table, 1, "a", NULL);
	add(table, 2, "bcdefg", NULL);
	assert_printed(table, "",
		       "N LEFT   \033[1mBOLD\033[0m\n"
		       "1 a      \033[1ma\033[0m\n"
		       "2 bcdefg \033[1mbcdefg\033[0m\n");
	table_free(table);
}

/* Later rows are aligned with earlier ones, but may be wider. */
static void print_again(const struct style *style)
{
	struct table *table = new_table(style, &number, &left, &cut);

	set_terminal("32");
	assert_printed(table, "  ", "");
	add(table, 100, "abcdef", "0123456789abcdef");
	assert_printed(table, "  ",
		       "    N LEFT   CUT\n"
		       "  100 abcdef 0123456789abcdef\n");
	add(table, 1, "a", "x");
	assert_printed(table, "  ", "    1 a      x\n");
	add(table, 2000, "b", "x");
	assert_printed(table, "  ", "  2000 b      x\n");
	table_free(table);
}

static void again(void **state)
{
	(void)state;
	print_again(&for_pipe);
	print_again(&on_terminal);
	print_again(&in_color);
	print_again(&all);
}

static void indent_takes_room(void **state)
{
	struct table *table = new_table(&on_terminal, &number, &left, &cut);

	(void)state;
	set_terminal("20");
	add(table, 1, "a", "0123456789abcdef");
	assert_printed(table, "  ",
		       "  N LEFT CUT\n"
		       "  1 a    0123456789ab\n");
	set_terminal("22");
	add(table, 1, "a", "0123456789abcdef");
	assert_printed(table, "  ", "  1 a    0123456789abc\n");
	table_free(table);
}

static const struct style plain = { .terminal = true };

static void no_headings(void **state)
{
	struct table *table = new_table(&plain, &number, &left, &cut);

	(void)state;
	set_terminal("16");
	add(table, 1, "a", "0123456789abcdef");
	assert_printed(table, "", "1 a 0123456789ab\n");
	table_free(table);
}

static const struct field brief = {
	.column = "BRIEF", .flags = FIELD_CUT_SHORT | FIELD_DROP, .get = get_exe
};

static const struct field late_cut = {
	.column = "LATE", .flags = FIELD_CUT_LATE, .get = get_comm
};

static const struct field last_cut = {
	.column = "LAST", .flags = FIELD_CUT_LAST, .get = get_comm
};

static void print_narrow(bool standard, const char *width, const char *expected)
{
	struct columns columns = {
		.v = { &number, &brief, &late_cut, &last_cut }, .n = 4,
		.standard = standard,
	};
	struct table *table = table_new(&columns, &plain);

	set_terminal(width);
	add(table, 1, "abcdefghijklmnopqrst", "0123456789");
	assert_printed(table, "", expected);
	table_free(table);
}

/* In order: guessable columns, columns that were not requested, the rest. */
static void fitting(void **state)
{
	(void)state;
	print_narrow(false, "54",
		     "1 0123456789 abcdefghijklmnopqrst abcdefghijklmnopqrst\n");
	print_narrow(false, "50",
		     "1 012345 abcdefghijklmnopqrst abcdefghijklmnopqrst\n");
	print_narrow(true, "50",
		     "1 012345 abcdefghijklmnopqrst abcdefghijklmnopqrst\n");
	print_narrow(true, "49", "1 abcdefghijklmnopqrst abcdefghijklmnopqrst\n");
	print_narrow(false, "49",
		     "1 012345 abcdefghijklmnopqrs abcdefghijklmnopqrst\n");
	print_narrow(true, "42", "1 abcdefghijklmnopqrs abcdefghijklmnopqrst\n");
	print_narrow(false, "40", "1 012345 abcdefghijkl abcdefghijklmnopqr\n");
}

static const struct field empty = {
	.column = "EMPTY", .flags = FIELD_CUT | FIELD_DROP, .get = get_exe
};

static const struct field whole = {
	.column = "WHOLE", .flags = FIELD_CUT_SHORT | FIELD_DROP,
	.get = get_comm
};

static void print_empty(char *exe, const char *width, const char *expected)
{
	struct columns columns = {
		.v = { &number, &empty, &whole }, .n = 3, .standard = true,
	};
	struct table *table = table_new(&columns, &plain);

	set_terminal(width);
	add(table, 1, "0123456789012345678901234567890123456789", NULL);
	add(table, 2, "x", exe);
	assert_printed(table, "", expected);
	table_free(table);
}

/* A column that says nothing goes before another is cut. */
static void empty_first(void **state)
{
	(void)state;
	print_empty(NULL, "44",
		    "1 - 0123456789012345678901234567890123456789\n"
		    "2 - x\n");
	print_empty(NULL, "43",
		    "1 0123456789012345678901234567890123456789\n"
		    "2 x\n");
	print_empty("y", "43",
		    "1 - 012345678901234567890123456789012345678\n"
		    "2 y x\n");
}

/* No line is wider than the terminal, and no number is cut. */
static void clipped(void **state)
{
	struct columns columns = {
		.v = { &left, &left, &number, &left }, .n = 4,
	};
	struct table *table = table_new(&columns, &plain);

	(void)state;
	set_terminal("45");
	add(table, 1234567, "abcdefghijklmnopqrst", NULL);
	assert_printed(table, "",
		       "abcdefghijklmnopqrst abcdefghijklmnopqrst\n");
	table_free(table);
}

/* For programs: one blank between cells, and none in them. */
static void raw(void **state)
{
	static const struct style style = {
		.raw = true, .headings = true, .terminal = true
	};
	struct table *table = new_table(&style, &number, &left, &cut);

	(void)state;
	set_terminal("40");
	add(table, 1, "a b", "0123456789012345678901234567890123456789");
	add(table, 1000, NULL, "x");
	assert_printed(table, "",
		       "N LEFT CUT\n"
		       "1 a\\x20b 0123456789012345678901234567890123456789\n"
		       "1000 - x\n");
	table_free(table);
}

static char *print_sockets(const struct style *style, __u32 template_id)
{
	static const struct field * const sets[] = {
		socket_fields, owner_fields, NULL
	};
	struct owner owner = {
		.pid = 10, .fd = 3, .comm = "\u6f22\u5b57",
		.exe = "/usr/lib/postgresql/15/bin/postgres",
	};
	struct psock sock = {
		.ep = { .family = AF_INET, .proto = IPPROTO_TCP },
		.owners = &owner, .n_owners = 1, .template_id = template_id,
	};
	struct columns columns;
	struct table *table;
	FILE *real = stdout;
	char *printed;
	size_t i, len;

	assert_int_equal(columns_choose(&columns, sets,
					"COMMAND,PORT,EXE,FD,USER,COOKIE",
					NULL), 0);
	table = table_new(&columns, style);
	for (i = 0; i < 50; i++) {
		sock.ep.port = i * 97;
		sock.cookie = i * i * i * i * i * i;
		owner.fd = i;
		table_add_socket(table, &sock);
	}
	stdout = open_memstream(&printed, &len);
	table_print(table, "  ");
	fclose(stdout);
	stdout = real;
	table_free(table);
	return printed;
}

/* Sockets of one template take another code path, and must look the same. */
static void templates(void **state)
{
	static const struct style * const styles[] = {
		&for_pipe, &on_terminal, &in_color, &all, &plain
	};
	char *one, *other;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * ARRAY_SIZE(styles); i++) {
		/* On a narrow terminal, some columns are omitted. */
		set_terminal(i % 2 ? "80" : "40");
		one = print_sockets(styles[i / 2], 0);
		other = print_sockets(styles[i / 2], 1);
		assert_string_equal(one, other);
		free(one);
		free(other);
	}
}

/* The size reported by the terminal counts. */
static void terminal_says(void **state)
{
	static const char expected[] =
		"N LEFT CUT\r\n"
		"1 a    0123456789abc\r\n";
	struct winsize size = { .ws_row = 25, .ws_col = 20 };
	struct table *table = new_table(&on_terminal, &number, &left, &cut);
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	char printed[sizeof(expected) + 1] = { 0 };
	FILE *real = stdout;
	size_t len = 0;
	ssize_t got;

	(void)state;
	assert_int_equal(grantpt(terminal), 0);
	assert_int_equal(unlockpt(terminal), 0);
	assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
	set_terminal("1000");
	add(table, 1, "a", "0123456789abcdef");
	stdout = fopen(ptsname(terminal), "w");
	assert_non_null(stdout);
	table_print(table, "");
	fflush(stdout);
	/* The terminal may deliver lines one by one. */
	while (len < strlen(expected)) {
		got = read(terminal, printed + len, sizeof(printed) - 1 - len);
		assert_true(got > 0);
		len += got;
	}
	fclose(stdout);
	stdout = real;
	assert_string_equal(printed, expected);
	close(terminal);
	table_free(table);
}

static int free_output(void **state)
{
	(void)state;
	free(output);
	return 0;
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(width_of_names),
		cmocka_unit_test(cut_to_columns),
		cmocka_unit_test(colors),
		cmocka_unit_test(last_column),
		cmocka_unit_test(again),
		cmocka_unit_test(indent_takes_room),
		cmocka_unit_test(no_headings),
		cmocka_unit_test(fitting),
		cmocka_unit_test(empty_first),
		cmocka_unit_test(clipped),
		cmocka_unit_test(raw),
		cmocka_unit_test(templates),
		cmocka_unit_test(terminal_says),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("table", tests, NULL, free_output);
}
