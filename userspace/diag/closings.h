/* SPDX-License-Identifier: GPL-2.0 */
/* The ends of sockets, as they happen. */
#ifndef PORTOWNER_DIAG_CLOSINGS_H
#define PORTOWNER_DIAG_CLOSINGS_H

#include <linux/types.h>

int closings_open(__u16 transport, __u16 port);
void closings_drain(int fd);

#endif /* PORTOWNER_DIAG_CLOSINGS_H */
