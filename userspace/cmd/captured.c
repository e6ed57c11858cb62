// SPDX-License-Identifier: GPL-2.0
/*
 * Capture what functions print on stdout and stderr, so that the output of a
 * command can be shown elsewhere than below the last line.
 */

#include <stdlib.h>

#include "cmd/captured.h"
#include "print/phrase.h"

/**
 * captured_begin() - Start to capture.
 * @captured: the capture; to be ended
 */
void captured_begin(struct captured *captured)
{
	captured->out = stdout;
	captured->err = stderr;
	stdout = phrase_open(&captured->text, &captured->text_len);
	stderr = phrase_open(&captured->said, &captured->said_len);
}

/**
 * captured_end() - Stop capturing.
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
 * @captured: the capture, after captured_end()
 */
void captured_free(struct captured *captured)
{
	free(captured->text);
	free(captured->said);
	captured->text = NULL;
	captured->said = NULL;
}
