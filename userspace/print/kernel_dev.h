/* SPDX-License-Identifier: GPL-2.0 */
/* The network device behind a socket of the kernel. */
#ifndef PORTOWNER_KERNEL_DEV_H
#define PORTOWNER_KERNEL_DEV_H

#include "model/model.h"

struct host_tunnel;
struct kernel_part;

const struct host_tunnel *kernel_dev_find(const struct psock *sock);
char *kernel_dev_phrase(const struct host_tunnel *tunnel);
char *kernel_dev_command(const struct host_tunnel *tunnel);
char *kernel_purpose_command(const struct kernel_part *part,
			     const struct host_tunnel *tunnel);
void kernel_purpose_print(const struct psock *sock);

#endif /* PORTOWNER_KERNEL_DEV_H */
