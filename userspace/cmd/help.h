/* SPDX-License-Identifier: GPL-2.0 */
/* The help: one screen for the tool, a page for each command. */
#ifndef PORTOWNER_HELP_H
#define PORTOWNER_HELP_H

#include "cmd/options.h"

void help_print(const struct command * const *commands);
void help_print_command(const struct command *command);

#endif /* PORTOWNER_HELP_H */
