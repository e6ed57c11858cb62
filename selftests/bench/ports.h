/* SPDX-License-Identifier: GPL-2.0 */
/* Requests for sockets, whose answer is received but not examined. */
#ifndef BENCH_PORTOWNER_PORTS_H
#define BENCH_PORTOWNER_PORTS_H

#include "../lib/nl.h"

/* Port 0 means all ports, states 0 listening and bound sockets. */
void ports_get(struct nl *nl, int port, __u32 states);
/* The answer is complete, but never received. */
void ports_leave(int port, __u32 states);

#endif
