/* SPDX-License-Identifier: GPL-2.0 */
/* Say what a command was refused between the lines that it prints. */
#ifndef PORTOWNER_RUN_KTAP_H
#define PORTOWNER_RUN_KTAP_H

#include "cmd/child.h"
#include "cmd/run_log.h"

/* As much as a pipe usually holds. */
#define KTAP_ROOM	65536

/**
 * struct run_ktap - What the command prints, on its way to our stdout.
 * @in: where it is read, or -1 after its end
 * @command_end: where the command writes it; closed when it has begun
 * @midline: the last byte that was passed on did not end a line
 * @deaf: nobody reads our stdout any more
 * @text: what was read and is not passed on yet
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
