/* SPDX-License-Identifier: GPL-2.0 */
/* The module asked for sockets, and the answer received but not looked at. */
#ifndef BENCH_PORTOWNER_PORTS_H
#define BENCH_PORTOWNER_PORTS_H

#include "../lib/nl.h"

/* Port 0 is all ports, states 0 those that hold a port. */
void ports_get(struct nl *nl, int port, __u32 states);
/* All is there to be received, but we are gone. */
void ports_leave(int port, __u32 states);

#endif
