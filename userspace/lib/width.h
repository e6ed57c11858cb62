/* SPDX-License-Identifier: GPL-2.0 */
/* Width of a terminal, and of text on it, where a character takes 0, 1 or 2 columns. */
#ifndef PORTOWNER_WIDTH_H
#define PORTOWNER_WIDTH_H

#include <stddef.h>

size_t text_width(const char *text, size_t len);
size_t text_fit(const char *text, size_t len, size_t *width);
size_t terminal_width(void);

#endif /* PORTOWNER_WIDTH_H */
