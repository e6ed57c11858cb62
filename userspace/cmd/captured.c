// SPDX-License-Identifier: GPL-2.0
/*
 * Keep what functions print on stdout and stderr, in place of printing it, so
 * that what a command says can be shown elsewhere than below the last line.
 */

#include <stdlib.h>

#include "cmd/captured.h"
#include "print/phrase.h"

/**
 * captured_begin() - Begin to keep what is printed.
 * @captured: what to remember; to be ended
 */
void captured_begin(struct captured *captured)
{
	captured->out = stdout;
	captured->err = stderr;
	stdout = phrase_open(&captured->text, &captured->text_len);
	stderr = phrase_open(&captured->said, &captured->said_len);
}

/**
 * captured_end() - Print again.
 * @captured: its texts are set; to be freed
 */
void captured_end(struct captured *captured)
{
	fclose(stdout);
	fclose(stderr);
	stdout = captured->out;
	stderr = captured->err;
}

/**
 * captured_free() - Free the texts.
 * @captured: ended
 */
void captured_free(struct captured *captured)
{
	free(captured->text);
	free(captured->said);
	captured->text = NULL;
	captured->said = NULL;
}
