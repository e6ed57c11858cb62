/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTOWNER_CGROUP_H
#define PORTOWNER_CGROUP_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct slice - A part of a string owned elsewhere.
 * @str: first byte
 * @len: number of bytes
 */
struct slice {
	const char *str;
	size_t len;
};

bool cgroup_unit(const char *path, struct slice *unit);
bool cgroup_system_unit(const char *path, struct slice *unit);
bool cgroup_container(const char *path, struct slice *container);
bool cgroup_is_image(const struct slice *container);
void cgroup_unescape(struct slice *name, char *buf, size_t size);

#endif /* PORTOWNER_CGROUP_H */
