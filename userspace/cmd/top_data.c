// SPDX-License-Identifier: GPL-2.0
/* Data of top: ports and refusals as rows of text. */

#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/top_data.h"
#include "print/phrase.h"

/* Maximum size of the log of a network namespace. */
#define REFUSALS_MAX	256

/* FNV-1a, to distinguish addresses with the same number. */
#define HASH_BEGIN	0xcbf29ce484222325ULL
#define HASH_TIMES	0x100000001b3ULL

static __u64 hash(__u64 so_far, const void *bytes, size_t len)
{
	const __u8 *byte = bytes;

	while (len--)
		so_far = (so_far ^ *byte++) * HASH_TIMES;
	return so_far;
}

static __u64 hash_endpoint(const struct endpoint *ep, __u32 netns)
{
	__u64 place = hash(HASH_BEGIN, &netns, sizeof(netns));

	place = hash(place, &ep->family, sizeof(ep->family));
	place = hash(place, &ep->proto, sizeof(ep->proto));
	place = hash(place, &ep->port, sizeof(ep->port));
	return hash(place, ep->addr, sizeof(ep->addr));
}

/* "tcp/127.0.0.1:80" */
static char *target_of(const struct endpoint *ep)
{
	char *words = phrase_endpoint(ep), *blank = strchr(words, ' ');

	if (blank)
		*blank = '/';
	return words;
}

static char **cells_of(const struct columns *columns, struct subject *s,
		       const struct style *style)
{
	char **cells = xcalloc(columns->n, sizeof(*cells));
	struct value v;
	size_t i;

	s->numeric = style->numeric;
	s->iso_time = style->iso_time;
	for (i = 0; i < columns->n; i++) {
		v.type = VALUE_NULL;
		columns->v[i]->get(s, &v);
		cells[i] = value_text(&v);
	}
	return cells;
}

static void put_socket(struct top_data *data, const struct psock *sock,
		       __u64 now_ns)
{
	struct subject s = {
		.ep = &sock->ep,
		.sock = sock,
		.owner = psock_main_owner(sock),
		.whole = true,
	};
	const struct board_row row = {
		.key = { sock->cookie, hash_endpoint(&sock->ep, sock->netns) },
		.cells = cells_of(&data->port_columns, &s,
				  &data->options->style),
		.target = target_of(&sock->ep),
	};

	board_put(&data->ports, &row, now_ns);
}

static void put_refusal(struct top_data *data, const struct reject *reject,
			__u64 now_ns)
{
	struct subject s = { .ep = &reject->ep, .reject = reject };
	const struct board_row row = {
		.key = { reject->first_time_ns,
			 hash_endpoint(&reject->ep, reject->netns) },
		.cells = cells_of(&data->refusal_columns, &s,
				  &data->options->style),
		.target = target_of(&reject->ep),
		.pid = reject->pid,
	};

	board_put(&data->refusals, &row, now_ns);
}

/**
 * top_data_columns() - Choose the columns.
 * @data: the data, with the command line
 *
 * Return: 0, or the exit status after reporting the error.
 */
int top_data_columns(struct top_data *data)
{
	static const char ports[] =
		"NETNS,PROTO,ADDRESS,PORT,STATE,SHARE,USER,UNIT,PROCESS";
	static const char refusals[] =
		"NETNS,TIME,COUNT,OP,PROTO,ADDRESS,PORT,ERRNO,PROCESS,USER,RULE,CULPRIT";
	size_t skip = data->options->filter.all_netns ? 0 : strlen("NETNS,");
	size_t i;
	int status;

	status = columns_choose(&data->port_columns, socket_columns,
				ports + skip, data->options->columns);
	if (status)
		return status;
	/* Cannot fail: these are the defaults. */
	columns_choose(&data->refusal_columns, reject_columns, refusals + skip,
		       NULL);
	data->ports.n_cells = data->port_columns.n;
	data->refusals.n_cells = data->refusal_columns.n;
	/* A repeated refusal becomes the first again. */
	data->refusals.again = true;
	data->refusals.by = BOARD_BY_ARRIVAL;
	for (i = 0; i < data->port_columns.n; i++)
		if (!strcmp(data->port_columns.v[i]->column, "PORT"))
			data->ports.by = i;
	return 0;
}

/**
 * top_data_targets() - Parse the arguments.
 * @data: the data
 *
 * Return: 0, or STATUS_USAGE after reporting the error.
 */
int top_data_targets(struct top_data *data)
{
	data->targets = xcalloc(data->options->n_args + 1,
				sizeof(*data->targets));
	return options_targets(data->options, data->targets);
}

/**
 * top_data_open() - Open a source.
 * @data: the data, with columns chosen
 * @follow: subscribe to refusals, if permitted
 *
 * Return: 0 or the exit status.
 */
int top_data_open(struct top_data *data, bool follow)
{
	bool all_netns = data->options->filter.all_netns;
	int status = source_open(&data->source, data->options, 0);

	if (status)
		return status;
	data->reader.source = data->source;
	data->reader.query.all_netns = all_netns;
	if (follow && source_knows(data->source, KNOWS_REFUSALS))
		source_can_join(data->source, EVENT_REFUSAL, all_netns);
	return 0;
}

static bool is_wanted(const struct psock *sock, const void *arg)
{
	const struct top_data *data = arg;

	return filter_wants(sock, &data->options->filter) &&
	       targets_match(data->targets, data->options->n_args, &sock->ep);
}

static bool is_wanted_refusal(const struct reject *reject, const void *arg)
{
	const struct top_data *data = arg;

	return filter_wants_reject(&data->options->filter, reject) &&
	       targets_match(data->targets, data->options->n_args,
			     &reject->ep);
}

/**
 * top_data_read_ports() - Read the ports.
 * @data: the data, whose rows are updated
 * @now_ns: current time
 *
 * Return: 0 or the exit status.
 */
int top_data_read_ports(struct top_data *data, __u64 now_ns)
{
	struct filter filter = data->options->filter;
	struct psock_list list = { 0 };
	int status;
	size_t i;

	filter_span_targets(&filter, data->targets, data->options->n_args);
	status = source_ports(data->source, &filter, &list);
	if (!status) {
		psock_list_keep(&list, is_wanted, data);
		board_begin(&data->ports);
		for (i = 0; i < list.n; i++)
			put_socket(data, &list.v[i], now_ns);
		board_end(&data->ports, true, now_ns);
	}
	psock_list_clear(&list);
	return status;
}

/**
 * top_data_read_refusals() - Read what was refused since the last time.
 * @data: the data, whose rows are updated
 * @now_ns: current time
 *
 * Return: 0 or the exit status; 0 also if the source knows no refusals.
 */
int top_data_read_refusals(struct top_data *data, __u64 now_ns)
{
	struct reject_list list = { 0 };
	int status;
	size_t i;

	if (!source_knows(data->source, KNOWS_REFUSALS))
		return 0;
	status = log_reader_read(&data->reader, &list);
	if (!status) {
		data->lost += data->reader.lost;
		reject_list_keep(&list, is_wanted_refusal, data);
		reject_list_sort(&list);
		for (i = 0; i < list.n; i++)
			put_refusal(data, &list.v[i], now_ns);
		board_end(&data->refusals, false, now_ns);
		board_trim(&data->refusals, REFUSALS_MAX);
	}
	reject_list_clear(&list);
	return status;
}

/**
 * top_data_close() - Free the rows, and close the source.
 * @data: the data
 */
void top_data_close(struct top_data *data)
{
	board_free(&data->ports);
	board_free(&data->refusals);
	log_reader_free(&data->reader);
	free(data->targets);
	source_close(data->source);
	data->source = NULL;
}
