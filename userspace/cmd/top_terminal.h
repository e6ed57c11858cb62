/* SPDX-License-Identifier: GPL-2.0 */
/* Whether there is a terminal that top can draw on. */
#ifndef PORTOWNER_TOP_TERMINAL_H
#define PORTOWNER_TOP_TERMINAL_H

/* What there has to be room for. */
#define TOP_LINES_MIN	10
#define TOP_COLUMNS_MIN	40

int top_terminal_check(void);

#endif /* PORTOWNER_TOP_TERMINAL_H */
