/* SPDX-License-Identifier: GPL-2.0 */
/* Data of top: ports and refusals as rows of text. */
#ifndef PORTOWNER_TOP_DATA_H
#define PORTOWNER_TOP_DATA_H

#include "cmd/options.h"
#include "model/board.h"
#include "model/target.h"
#include "source/log_reader.h"

/* How long new and gone rows stay marked. */
#define TOP_LINGER_NS	(3 * 1000000000ULL)

/**
 * struct top_data - What is shown, and where it comes from.
 * @options: the command line
 * @targets: its arguments, parsed; one of these must match, unless there are none
 * @source: the source
 * @reader: reads the log
 * @port_columns: columns of ports
 * @refusal_columns: columns of refusals
 * @ports: the ports
 * @refusals: the refusals
 * @lost: refusals dropped before they were read
 */
struct top_data {
	const struct options *options;
	struct target *targets;
	struct source *source;
	struct log_reader reader;
	struct columns port_columns;
	struct columns refusal_columns;
	struct board ports;
	struct board refusals;
	unsigned long long lost;
};

int top_data_columns(struct top_data *data);
int top_data_targets(struct top_data *data);
int top_data_open(struct top_data *data, bool follow);
int top_data_read_ports(struct top_data *data, __u64 now_ns);
int top_data_read_refusals(struct top_data *data, __u64 now_ns);
void top_data_close(struct top_data *data);

#endif /* PORTOWNER_TOP_DATA_H */
