/* SPDX-License-Identifier: GPL-2.0 */
/* Names from the kernel are bytes chosen by some process. */
#ifndef PORTOWNER_ESCAPE_H
#define PORTOWNER_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

bool escape_is_plain(const char *bytes, size_t len);
char *escape_text(const char *bytes, size_t len);
char *escape_line(const char *text);
char *escape_utf8(const char *bytes, size_t len);
bool is_plain_word(const char *text, size_t len);
void escape_json_print(FILE *out, const char *json);

#endif /* PORTOWNER_ESCAPE_H */
