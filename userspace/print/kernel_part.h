/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of the kernel that open sockets, and what shows these. */
#ifndef PORTOWNER_KERNEL_PART_H
#define PORTOWNER_KERNEL_PART_H

#include <stdbool.h>

/**
 * struct kernel_part - A part of the kernel that opens sockets.
 * @prefix: how its name begins: that of its module, or of a function
 * @what: what the socket is for
 * @remedy: how to be rid of it, as a part of a sentence
 * @show: command that shows it
 * @device: the kind of its network devices, as in struct host_tunnel; NULL if it
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
