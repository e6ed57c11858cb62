/* SPDX-License-Identifier: GPL-2.0 */
/* Width of text on a terminal, where a character takes 0, 1 or 2 columns. */
#ifndef PORTOWNER_WIDTH_H
#define PORTOWNER_WIDTH_H

#include <stddef.h>

size_t text_width(const char *text, size_t len);
size_t text_fit(const char *text, size_t len, size_t *width);

#endif /* PORTOWNER_WIDTH_H */
