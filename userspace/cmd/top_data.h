/* SPDX-License-Identifier: GPL-2.0 */
/* What top shows: ports and refusals as rows of text. */
#ifndef PORTOWNER_TOP_DATA_H
#define PORTOWNER_TOP_DATA_H

#include "cmd/options.h"
#include "model/board.h"
#include "source/log_reader.h"

/* How long what is new or gone is marked as such. */
#define TOP_LINGER_NS	(3 * 1000000000ULL)

/**
 * struct top_data - What is shown, and where it is from.
 * @options: the command line
 * @source: whom to ask
 * @reader: reads the log
 * @port_columns: what is shown of ports
 * @refusal_columns: what is shown of refusals
 * @ports: the ports
 * @refusals: the refusals
 * @lost: refusals that were dropped before they were read
 */
struct top_data {
	const struct options *options;
	struct source *source;
	struct log_reader reader;
	struct columns port_columns;
	struct columns refusal_columns;
	struct board ports;
	struct board refusals;
	unsigned long long lost;
};

int top_data_columns(struct top_data *data);
int top_data_open(struct top_data *data, bool follow);
int top_data_read_ports(struct top_data *data, __u64 now_ns);
int top_data_read_refusals(struct top_data *data, __u64 now_ns);
void top_data_close(struct top_data *data);

#endif /* PORTOWNER_TOP_DATA_H */
