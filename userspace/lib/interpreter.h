/* SPDX-License-Identifier: GPL-2.0 */
/* Executables that run programs written by others. */
#ifndef PORTOWNER_INTERPRETER_H
#define PORTOWNER_INTERPRETER_H

#include <stdbool.h>
#include <linux/types.h>

bool interpreter_is(const char *exe);
bool interpreter_is_multi_call(const char *exe);
char *interpreter_program(const char *exe, __u32 pid, const char *comm);

#endif /* PORTOWNER_INTERPRETER_H */
