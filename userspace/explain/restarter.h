/* SPDX-License-Identifier: GPL-2.0 */
/* Programs that start others again when these end. */
#ifndef PORTOWNER_RESTARTER_H
#define PORTOWNER_RESTARTER_H

#include <stdbool.h>

#include "model/model.h"

/**
 * struct restarter - What would start a process again if it ended.
 * @pid: its process id, or 0 if nothing is known to
 * @comm: its command name
 * @hint: how to stop the process there, in words
 * @command: the command for that, or NULL
 * @alone: it runs nothing else, so it is to be ended as well
 */
struct restarter {
	__u32 pid;
	char *comm;
	const char *hint;
	char *command;
	bool alone;
};

bool restarter_is(const struct owner *owner, struct restarter *restarter);
void restarter_find(const struct owner *owner, struct restarter *restarter);
void restarter_forget(struct restarter *restarter);

#endif /* PORTOWNER_RESTARTER_H */
