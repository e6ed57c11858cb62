/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets and counters as Prometheus metrics. */
#ifndef PORTOWNER_METRICS_H
#define PORTOWNER_METRICS_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/ephemeral.h"
#include "print/print.h"

/**
 * struct metrics - Data for metrics.
 * @up: the rest is known
 * @sockets: all sockets, in order of arrival
 * @counters: statistics
 * @ephemeral: the ephemeral port range
 * @labels: columns that become labels of a listener
 * @numeric: omit names of users and namespaces
 */
struct metrics {
	bool up;
	struct psock_list sockets;
	struct counters counters;
	struct ephemeral ephemeral;
	struct columns labels;
	bool numeric;
};

void print_metrics(FILE *out, const struct metrics *metrics);

#endif /* PORTOWNER_METRICS_H */
