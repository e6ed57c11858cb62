/* SPDX-License-Identifier: GPL-2.0 */
/* Paths of executables, as the kernel reports them. */
#ifndef PORTOWNER_EXE_H
#define PORTOWNER_EXE_H

#include <stddef.h>

const char *exe_name(const char *exe);
size_t exe_len(const char *exe);

#endif /* PORTOWNER_EXE_H */
