/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTOWNER_FILE_H
#define PORTOWNER_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

bool file_replace(const char *path, const char *text, size_t len, mode_t mode);

#endif /* PORTOWNER_FILE_H */
