/* SPDX-License-Identifier: GPL-2.0 */
/* Labelled facts, and text folded into lines. */
#ifndef PORTOWNER_WORDS_H
#define PORTOWNER_WORDS_H

#include "print/field.h"

/* Before each line below a title. */
#define INDENT		"  "

char *column_text(const struct subject *s, const char *name);
void print_words(const char *words, size_t indent, size_t column);
void print_fact(const char *label, const char *words);

#endif /* PORTOWNER_WORDS_H */
