/* SPDX-License-Identifier: GPL-2.0 */
/* Labelled facts, and text folded into lines. */
#ifndef PORTOWNER_WORDS_H
#define PORTOWNER_WORDS_H

#include <stddef.h>

/* Before each line below a title. */
#define INDENT		"  "

void print_words(const char *words, size_t indent, size_t column);
void print_fact(const char *label, const char *words);

#endif /* PORTOWNER_WORDS_H */
