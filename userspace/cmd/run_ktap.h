/* SPDX-License-Identifier: GPL-2.0 */
/* Report refusals between the lines that a command prints. */
#ifndef PORTOWNER_RUN_KTAP_H
#define PORTOWNER_RUN_KTAP_H

#include "cmd/child.h"
#include "cmd/run_log.h"

/* As much as a pipe usually holds. */
#define KTAP_ROOM	65536

/**
 * struct run_ktap - Output of the command, on its way to our stdout.
 * @in: where it is read, or -1 after its end
 * @command_end: where the command writes it; closed once it was started
 * @midline: the last byte passed on did not end a line
 * @deaf: our stdout has no reader any more
 * @text: what was read but not passed on yet
 * @len: bytes in @text
 */
struct run_ktap {
	int in;
	int command_end;
	bool midline;
	bool deaf;
	char text[KTAP_ROOM];
	size_t len;
};

int run_ktap_begin(struct run_ktap *ktap, struct child *child);
void run_ktap_started(struct run_ktap *ktap);
void run_ktap_read(struct run_ktap *ktap);
void run_ktap_write(struct run_ktap *ktap, struct child *child,
		    struct run_log *log);
void run_ktap_end(struct run_ktap *ktap, struct child *child,
		  struct run_log *log);

#endif /* PORTOWNER_RUN_KTAP_H */
