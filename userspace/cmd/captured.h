/* SPDX-License-Identifier: GPL-2.0 */
/* Capture what functions print on stdout and stderr. */
#ifndef PORTOWNER_CAPTURED_H
#define PORTOWNER_CAPTURED_H

#include <stdio.h>

/**
 * struct captured - Captured output.
 * @out: the original stdout
 * @err: the original stderr
 * @text: output on stdout; to be freed
 * @said: output on stderr; to be freed
 * @text_len: length of @text
 * @said_len: length of @said
 */
struct captured {
	FILE *out;
	FILE *err;
	char *text;
	char *said;
	size_t text_len;
	size_t said_len;
};

void captured_begin(struct captured *captured);
void captured_end(struct captured *captured);
void captured_free(struct captured *captured);

#endif /* PORTOWNER_CAPTURED_H */
