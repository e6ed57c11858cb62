// SPDX-License-Identifier: GPL-2.0

#include <netinet/in.h>

#include "cmd/top_data.h"
#include "cmd/top_terminal.h"
#include "cmd/top_titles.h"
#include "cmd/top_view.h"
#include "tests/harness.h"

static struct options options;
static struct top_data data;
static struct top_view view;

static void show(size_t height, size_t width)
{
	view.ports.board = &data.ports;
	view.ports.columns = &data.port_columns;
	view.refusals.board = &data.refusals;
	view.refusals.columns = &data.refusal_columns;
	top_view_resize(&view, height, width);
}

static void add_port(__u64 cookie, __u16 port, const char *comm)
{
	fake_add(simple_port(cookie, "127.0.0.1", port, 100 + port, comm));
}

/* The screen after reading what was added. */
static int begin(void **state)
{
	setup(state);
	memset(&options, 0, sizeof(options));
	memset(&data, 0, sizeof(data));
	memset(&view, 0, sizeof(view));
	options.style.numeric = true;
	options.style.headings = true;
	data.options = &options;
	add_port(1, 80, "nginx");
	add_port(2, 443, "nginx");
	add_port(3, 53, "named");
	fake_add(simple_reject(1, 80));
	assert_int_equal(top_data_columns(&data), 0);
	assert_int_equal(top_data_open(&data, false), 0);
	assert_int_equal(top_data_read_ports(&data, 1), 0);
	assert_int_equal(top_data_read_refusals(&data, 1), 0);
	show(24, 80);
	return 0;
}

static int end(void **state)
{
	top_view_free(&view);
	top_data_close(&data);
	return teardown(state);
}

static void press(const char *keys)
{
	for (; *keys; keys++)
		assert_int_equal(top_view_key(&view, *keys), TOP_NOTHING);
}

/* The selected row. */
static void assert_row(const char *target)
{
	const struct board_row *row = top_view_row(&view);

	if (!target)
		assert_null(row);
	else
		assert_string_equal(row->target, target);
}

static void test_rows(void **state)
{
	(void)state;
	assert_int_equal(view.ports.n_lines, 4);
	assert_memory_equal(view.ports.lines[0], "  PROTO ADDRESS ", 16);
	assert_non_null(strstr(view.ports.lines[1], " 53 listen "));
	assert_non_null(strstr(view.ports.lines[3], " 443 listen "));
	assert_non_null(strstr(view.ports.lines[3], "nginx[543]"));
	assert_int_equal(view.refusals.n_lines, 2);
	assert_row("tcp/127.0.0.1:53");
}

static void test_moves(void **state)
{
	(void)state;
	press("jj");
	assert_row("tcp/127.0.0.1:443");
	press("j");
	assert_row("tcp/127.0.0.1:443");
	press("k");
	assert_row("tcp/127.0.0.1:80");
	top_view_key(&view, TOP_KEY_HOME);
	assert_row("tcp/127.0.0.1:53");
	top_view_key(&view, TOP_KEY_END);
	assert_row("tcp/127.0.0.1:443");
	press("\t");
	assert_true(view.on_refusals);
	assert_int_equal(top_view_row(&view)->pid, data.refusals.v->pid);
}

/* The row stays selected when it moves. */
static void test_selection(void **state)
{
	(void)state;
	press("j");
	assert_row("tcp/127.0.0.1:80");
	press("r");
	assert_row("tcp/127.0.0.1:80");
	press("/nginx\n");
	assert_row("tcp/127.0.0.1:80");
	assert_int_equal(view.ports.board->shown, 2);
	press("/xx\n");
	assert_row(NULL);
	press("\033");
	assert_int_equal(view.ports.board->shown, 3);
	assert_non_null(top_view_row(&view));
}

static void test_typing(void **state)
{
	(void)state;
	press("/q");
	assert_true(view.typing);
	assert_string_equal(view.filter, "q");
	top_view_key(&view, TOP_KEY_BACKSPACE);
	top_view_key(&view, TOP_KEY_BACKSPACE);
	assert_string_equal(view.filter, "");
	top_view_key(&view, TOP_KEY_NONE);
	press("named");
	assert_int_equal(view.ports.board->shown, 1);
	press("\033");
	assert_false(view.typing);
	assert_string_equal(view.filter, "");
}

static void test_long_filter(void **state)
{
	int i;

	(void)state;
	press("/");
	for (i = 0; i < 2 * TOP_FILTER_ROOM; i++)
		press("x");
	assert_int_equal(strlen(view.filter), TOP_FILTER_ROOM - 1);
}

static void test_actions(void **state)
{
	(void)state;
	assert_int_equal(top_view_key(&view, 'q'), TOP_QUIT);
	assert_int_equal(top_view_key(&view, 'w'), TOP_WHO);
	assert_int_equal(top_view_key(&view, '\r'), TOP_WHO);
	assert_int_equal(top_view_key(&view, 'y'), TOP_WHY);
	assert_int_equal(top_view_key(&view, ' '), TOP_READ);
	assert_int_equal(top_view_key(&view, 'x'), TOP_NOTHING);
}

static void test_sort(void **state)
{
	size_t i;

	(void)state;
	assert_string_equal(data.port_columns.v[data.ports.by]->column, "PORT");
	press("s");
	assert_string_equal(data.port_columns.v[data.ports.by]->column, "STATE");
	press("S");
	assert_string_equal(data.port_columns.v[data.ports.by]->column, "PORT");
	/* After all columns comes the order of arrival, then the first column again. */
	for (i = 0; i <= data.ports.n_cells; i++)
		press("s");
	assert_string_equal(data.port_columns.v[data.ports.by]->column, "PORT");
}

static void test_answer(void **state)
{
	char *title;

	(void)state;
	top_view_answer(&view, xstrdup("who x"), xstrdup("one\ntwo\n"));
	assert_int_equal(view.answer.n, 2);
	title = top_title_lower(&data, &view);
	assert_string_equal(title, "who x");
	free(title);
	/* Nothing to scroll. */
	press("j");
	assert_int_equal(view.answer.first, 0);
	press("\033");
	assert_null(view.answer.title);
}

static void test_folded(void **state)
{
	char *title;
	size_t i;

	(void)state;
	top_view_resize(&view, TOP_LINES_MIN, 40);
	top_view_answer(&view, xstrdup("who x"),
			xasprintf("%0100d\n\n%0300d", 1, 2));
	assert_int_equal(view.answer.n, 3 + 1 + 8);
	for (i = 0; i < view.answer.n; i++)
		assert_true(view.answer.lens[i] <= 40);
	title = top_title_lower(&data, &view);
	assert_string_equal(title, "who x (lines 1 to 4 of 12)");
	free(title);
	press("j");
	assert_int_equal(view.answer.first, 1);
	top_view_key(&view, TOP_KEY_END);
	assert_int_equal(view.answer.first, 12 - view.lower);
	/* Resizing folds it again. */
	top_view_resize(&view, 24, 100);
	assert_int_equal(view.answer.n, 1 + 1 + 3);
	assert_int_equal(view.answer.first, 0);
}

static void test_small(void **state)
{
	(void)state;
	top_view_resize(&view, 3, 80);
	assert_false(top_view_fits(&view));
	assert_int_equal(top_view_key(&view, 'w'), TOP_NOTHING);
	assert_int_equal(top_view_key(&view, 'q'), TOP_QUIT);
	top_view_resize(&view, TOP_LINES_MIN, 40);
	assert_true(top_view_fits(&view));
	/* Two titles, headings, help, and the rest for rows. */
	assert_int_equal(view.ports.room + view.lower + 4, TOP_LINES_MIN);
}

/* The source knows no refusals: all lines are for ports, until there is an answer. */
static void test_no_refusals(void **state)
{
	(void)state;
	view.no_refusals = true;
	top_view_update(&view);
	assert_int_equal(view.lower, 0);
	assert_int_equal(view.ports.room, 20);
	press("\t");
	assert_false(view.on_refusals);
	top_view_answer(&view, xstrdup("who x"), xstrdup("one\n"));
	assert_true(view.lower > 0);
}

/* There is room for few rows, including the selected one. */
static void test_scroll(void **state)
{
	(void)state;
	top_view_resize(&view, TOP_LINES_MIN, 80);
	view.ports.room = 2;
	press("j");
	top_view_key(&view, TOP_KEY_END);
	assert_true(view.ports.selected >= view.ports.first &&
		    view.ports.selected < view.ports.first + view.ports.room);
}

static void test_changes(void **state)
{
	(void)state;
	board_begin(&data.ports);
	board_end(&data.ports, true, 5);
	top_view_update(&view);
	assert_int_equal(*view.ports.lines[1], '-');
	assert_int_equal(top_data_read_ports(&data, 6), 0);
	top_view_update(&view);
	assert_int_equal(*view.ports.lines[1], '+');
	view.changed = false;
	data.ports.changed = false;
	assert_int_equal(top_data_read_ports(&data, 7), 0);
	assert_int_equal(top_data_read_refusals(&data, 7), 0);
	assert_false(data.ports.changed);
	assert_false(data.refusals.changed);
}

static void test_titles(void **state)
{
	char *title = top_title_screen(&data, &view);

	(void)state;
	assert_string_equal(title, "3 ports, by PORT (module)");
	free(title);
	press("/53\nr");
	title = top_title_screen(&data, &view);
	assert_string_equal(title, "3 ports, by PORT, reversed, 1 with '53' (module)");
	free(title);
	title = top_title_lower(&data, &view);
	assert_string_equal(title, "1 refusal, by arrival");
	free(title);
}

static void test_once(void **state)
{
	(void)state;
	add_port(1, 8080, "nginx");
	fake_add(simple_reject(1, 8080));
	run(cmd_top, "-n --once");
	assert_int_equal(status, 0);
	assert_string_equal(said, "");
	assert_memory_equal(output, "1 port\nPROTO ADDRESS ", 21);
	assert_non_null(strstr(output, " 8080 listen "));
	assert_non_null(strstr(output, "\n\n1 refusal\nTIME "));
	run(cmd_top, "-n -b -o PORT");
	assert_memory_equal(output, "1 port\nPORT\n8080\n\n1 refusal\n", 28);
	add_port(2, 443, "nginx");
	fake_add(simple_reject(2, 443));
	run(cmd_top, "-n -b -o PORT 400-500 udp/8080");
	assert_memory_equal(output, "1 port\nPORT\n 443\n\n1 refusal\n", 28);
	run(cmd_top, "-b 8080x");
	assert_int_equal(status, STATUS_USAGE);
	run(cmd_top, "-q -b");
	assert_string_equal(output, "");
	run(cmd_top, "-b --json");
	assert_int_equal(status, STATUS_USAGE);
	run(cmd_top, "-q");
	assert_int_equal(status, STATUS_USAGE);
	run(cmd_top, "");
	assert_int_equal(status, STATUS_USAGE);
	assert_non_null(strstr(said, "needs a terminal"));
}

static void test_arguments(void **state)
{
	struct options parsed_options;

	(void)state;
	assert_int_equal(parse_line("top -d 2", &parsed_options), 0);
	assert_int_equal(parsed_options.delay_ns, 2000000000);
	assert_int_equal(parse_line("top --batch", &parsed_options), 0);
	assert_true(parsed_options.once);
	assert_int_equal(parse_line("top -d 0.05", &parsed_options),
			 STATUS_USAGE);
	assert_non_null(strstr(said, "--delay '0.05'"));
	assert_int_equal(parse_line("top -d x", &parsed_options), STATUS_USAGE);
}

#define SCREEN(name)	cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct unit_case tests[] = {
		SCREEN(test_rows),
		SCREEN(test_moves),
		SCREEN(test_selection),
		SCREEN(test_typing),
		SCREEN(test_long_filter),
		SCREEN(test_actions),
		SCREEN(test_sort),
		SCREEN(test_answer),
		SCREEN(test_folded),
		SCREEN(test_small),
		SCREEN(test_no_refusals),
		SCREEN(test_scroll),
		SCREEN(test_changes),
		SCREEN(test_titles),
		TEST(test_once),
		TEST(test_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
