// SPDX-License-Identifier: GPL-2.0

#include "model/board.h"
#include "tests/unit.h"

#define LINGER	3000

static struct board board;

/* A row of two cells. */
static void put(__u64 id, const char *first, const char *second, __u64 now)
{
	struct board_row row = { .key = { id, 0 } };

	row.cells = xcalloc(2, sizeof(*row.cells));
	row.cells[0] = xstrdup(first);
	row.cells[1] = xstrdup(second);
	row.target = xstrdup(first);
	board_put(&board, &row, now);
}

/* The first cell of each row shown, with its mark. */
static void assert_shown(const char *filter, const char *expected)
{
	static const char marks[] = { ' ', '+', '-' };
	char text[256] = "";
	size_t i;

	board_arrange(&board, filter);
	for (i = 0; i < board.shown; i++) {
		const struct board_row *row = board_shown(&board, i);

		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%c%s", marks[row->mark], row->cells[0]);
	}
	assert_null(board_shown(&board, i));
	assert_string_equal(text, expected);
}

static int setup(void **state)
{
	(void)state;
	memset(&board, 0, sizeof(board));
	board.n_cells = 2;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	board_free(&board);
	return 0;
}

static void test_first_look(void **state)
{
	(void)state;
	board_begin(&board);
	board_end(&board, true, 1);
	assert_shown("", "");
	board.begun = false;
	board_begin(&board);
	put(2, "443", "b", 1);
	put(1, "80", "a", 1);
	board_end(&board, true, 1);
	/* Nothing is new the first time. */
	assert_shown("", " 80 443");
	assert_int_equal(board_next(&board, LINGER), 0);
}

static void look(__u64 now, const char *one, const char *other)
{
	board_begin(&board);
	if (one)
		put(1, one, "a", now);
	if (other)
		put(2, other, "b", now);
	board_end(&board, true, now);
}

static void test_marks(void **state)
{
	(void)state;
	look(1000, "1", NULL);
	board.changed = false;
	look(2000, "1", "2");
	assert_true(board.changed);
	assert_shown("", " 1+2");
	assert_int_equal(board_count(&board, BOARD_NEW), 1);
	assert_int_equal(board_next(&board, LINGER), 5000);
	assert_false(board_age(&board, 4999, LINGER));
	assert_true(board_age(&board, 5000, LINGER));
	assert_shown("", " 1 2");
	look(6000, NULL, "2");
	assert_shown("", "-1 2");
	/* A row that is gone does not go again. */
	look(7000, NULL, "2");
	assert_int_equal(board_next(&board, LINGER), 9000);
	assert_true(board_age(&board, 9000, LINGER));
	assert_shown("", " 2");
	assert_int_equal(board.n, 1);
}

static void test_unchanged(void **state)
{
	(void)state;
	look(1000, "1", "2");
	board.changed = false;
	look(2000, "1", "2");
	assert_false(board.changed);
	assert_false(board_age(&board, 2000, LINGER));
	assert_false(board.changed);
	/* Different text for the same row does not make it new. */
	look(3000, "1", "3");
	assert_true(board.changed);
	assert_shown("", " 1 3");
}

static void test_returns(void **state)
{
	(void)state;
	look(1000, "1", "2");
	look(2000, "1", NULL);
	assert_shown("", " 1-2");
	look(3000, "1", "2");
	assert_shown("", " 1+2");
	assert_int_equal(board.n, 2);
}

static void test_again(void **state)
{
	(void)state;
	board.again = true;
	board.by = BOARD_BY_ARRIVAL;
	put(1, "x1", "a", 1);
	put(2, "y1", "b", 1);
	board_end(&board, false, 1);
	assert_shown("", " y1 x1");
	put(1, "x2", "a", 2);
	board_end(&board, false, 2);
	/* The last one comes first, and rows that were not put stay. */
	assert_shown("", "+x2 y1");
}

static void test_order(void **state)
{
	(void)state;
	put(1, "eth10", "-", 1);
	put(2, "eth9", "7", 1);
	put(3, "-", "10", 1);
	board_end(&board, true, 1);
	assert_shown("", " eth9 eth10 -");
	board.by = 1;
	assert_shown("", " eth9 - eth10");
	board.reverse = true;
	assert_shown("", " eth10 - eth9");
}

static void test_filter(void **state)
{
	size_t place;

	(void)state;
	put(1, "nginx", "tcp", 1);
	put(2, "named", "tcp", 1);
	put(3, "named", "udp", 1);
	board_end(&board, true, 1);
	assert_shown("NAMED", " named named");
	assert_shown(" named  udp ", " named");
	assert_true(board_find(&board, &(struct board_key){ 3, 0 }, &place));
	assert_int_equal(place, 0);
	assert_false(board_find(&board, &(struct board_key){ 1, 0 }, &place));
	assert_shown("x y", "");
}

static void test_trim(void **state)
{
	char name[8];
	int i;

	(void)state;
	board.by = BOARD_BY_ARRIVAL;
	for (i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "%d", i);
		put(100 - i, name, "", 1);
	}
	board_end(&board, false, 1);
	board_trim(&board, 6);
	assert_int_equal(board.n, 6);
	board_trim(&board, 2);
	assert_shown("", " 5 4");
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct unit_case tests[] = {
		TEST(test_first_look),
		TEST(test_marks),
		TEST(test_unchanged),
		TEST(test_returns),
		TEST(test_again),
		TEST(test_order),
		TEST(test_filter),
		TEST(test_trim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
