// SPDX-License-Identifier: GPL-2.0
/* Is there a terminal that top can draw on? Checked beforehand. */

#include <curses.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/top_terminal.h"
#include "lib/util.h"

/* Its macros have names such as columns and lines. */
#include <term.h>

static int too_small(size_t height, size_t width)
{
	return complain(STATUS_USAGE,
			"top needs a terminal of %d columns and %d lines, not %zu and %zu; --once prints one frame",
			TOP_COLUMNS_MIN, TOP_LINES_MIN, width, height);
}

/**
 * top_terminal_check() - Can top draw on this terminal?
 *
 * Return: 0, or the exit status after reporting the error.
 */
int top_terminal_check(void)
{
	const char *name = getenv("TERM");
	struct winsize size = { 0 };
	int err;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return complain(STATUS_USAGE,
				"top needs a terminal; --once prints one frame");
	if (setupterm(NULL, STDOUT_FILENO, &err) != OK || !cursor_address)
		return complain(STATUS_USAGE,
				"top cannot draw on a terminal of type '%s' (TERM); --once prints one frame",
				name ? name : "");
	/* A terminal of unknown size gets that of its type. */
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row)
		size.ws_row = lines > 0 ? lines : 0;
	if (!size.ws_col)
		size.ws_col = columns > 0 ? columns : 0;
	if (size.ws_row < TOP_LINES_MIN || size.ws_col < TOP_COLUMNS_MIN)
		return too_small(size.ws_row, size.ws_col);
	return 0;
}
