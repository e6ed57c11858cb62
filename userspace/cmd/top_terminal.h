/* SPDX-License-Identifier: GPL-2.0 */
/* Is there a terminal that top can draw on? */
#ifndef PORTOWNER_TOP_TERMINAL_H
#define PORTOWNER_TOP_TERMINAL_H

/* Minimum size of the screen. */
#define TOP_LINES_MIN	10
#define TOP_COLUMNS_MIN	40

int top_terminal_check(void);

#endif /* PORTOWNER_TOP_TERMINAL_H */
