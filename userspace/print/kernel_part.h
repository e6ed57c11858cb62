/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of the kernel that open sockets, and how to show them. */
#ifndef PORTOWNER_KERNEL_PART_H
#define PORTOWNER_KERNEL_PART_H

#include <stdbool.h>

/**
 * struct kernel_part - A part of the kernel that opens sockets.
 * @prefix: start of its name: that of its module, or of a function
 * @what: purpose of the socket
 * @remedy: how to get rid of it, as part of a sentence
 * @show: command that shows it
 * @device: type of its network devices, as in struct host_tunnel; NULL if it
 *	has none
 */
struct kernel_part {
	const char *prefix;
	const char *what;
	const char *remedy;
	const char *show;
	const char *device;
};

const struct kernel_part *kernel_part_find(const char *owner);
bool kernel_part_has_type(const struct kernel_part *part);

#endif /* PORTOWNER_KERNEL_PART_H */
