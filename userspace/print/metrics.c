// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets and counters as metrics, in the Prometheus text format 0.0.4. No
 * label has a process id: each restart would begin a new series.
 */

#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/host.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "print/metrics.h"
#include "print/phrase.h"

#define PORTS	65536

/**
 * struct tally - Number of sockets of a protocol in a state.
 * @proto: IPPROTO_*
 * @state: enum portowner_state
 * @n: number of sockets
 */
struct tally {
	__u16 proto;
	__u32 state;
	__u64 n;
};

/**
 * struct lines - Lines of text.
 * @v: array; each to be freed
 * @n: elements in @v
 * @room: elements allocated
 */
struct lines {
	char **v;
	size_t n;
	size_t room;
};

static void print_head(FILE *out, const char *name, const char *type,
		       const char *help)
{
	fprintf(out, "# HELP " PROGRAM "_%s %s\n", name, help);
	fprintf(out, "# TYPE " PROGRAM "_%s %s\n", name, type);
}

/* In labels, these three are escaped; all else may be any UTF-8. */
static void write_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*text == '\\' || *text == '"')
			fputc('\\', out);
		fputc(*text, out);
	}
}

/* An unknown value is an empty label, which equals no label. */
static void write_value(FILE *out, const struct value *v)
{
	char *text;

	if (v->type == VALUE_NULL)
		return;
	text = v->type == VALUE_STRING ? escape_utf8(v->str, v->len) :
					 value_text(v);
	write_escaped(out, text);
	free(text);
}

/* Labels are named after columns. */
static void write_label(FILE *out, const struct field *field,
			const struct subject *s)
{
	struct value v = { 0 };
	const char *name;

	for (name = field->column; *name; name++)
		fputc(tolower(*name), out);
	fputs("=\"", out);
	field->get(s, &v);
	write_value(out, &v);
	fputc('"', out);
}

static void add_listener(struct lines *lines, const struct columns *labels,
			 const struct subject *s)
{
	char *text;
	size_t len, i;
	FILE *out = phrase_open(&text, &len);

	fputs(PROGRAM "_listener_info{", out);
	for (i = 0; i < labels->n; i++) {
		if (i)
			fputc(',', out);
		write_label(out, labels->v[i], s);
	}
	fputs("} 1", out);
	fclose(out);
	lines->v = xgrow(lines->v, lines->n, &lines->room, sizeof(*lines->v));
	lines->v[lines->n++] = text;
}

/*
 * A port chosen by the kernel changes with each start; a server there must tell
 * its clients in some other way.
 */
static bool is_listener(const struct psock *sock)
{
	return 1U << sock->state & STATES_DEFAULT &&
	       proto_has_ports(sock->ep.proto) &&
	       sock->port_origin != PORT_ORIGIN_KERNEL;
}

static void add_listeners(struct lines *lines, const struct metrics *metrics,
			  const struct psock *sock)
{
	struct subject s = {
		.ep = &sock->ep,
		.sock = sock,
		.numeric = metrics->numeric,
	};
	size_t i;

	if (!sock->n_owners)
		add_listener(lines, &metrics->labels, &s);
	for (i = 0; i < sock->n_owners; i++) {
		s.owner = &sock->owners[i];
		add_listener(lines, &metrics->labels, &s);
	}
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

/* Workers of one service differ only in their process id. */
static void print_listeners(FILE *out, const struct metrics *metrics)
{
	const struct psock_list *list = &metrics->sockets;
	struct lines lines = { 0 };
	size_t i;

	for (i = 0; i < list->n; i++)
		if (is_listener(&list->v[i]))
			add_listeners(&lines, metrics, &list->v[i]);
	if (lines.n)
		qsort(lines.v, lines.n, sizeof(*lines.v), compare_lines);
	print_head(out, "listener_info", "gauge",
		   "A listening or bound port, and its owner.");
	for (i = 0; i < lines.n; i++)
		if (!i || strcmp(lines.v[i], lines.v[i - 1]))
			fprintf(out, "%s\n", lines.v[i]);
	for (i = 0; i < lines.n; i++)
		free(lines.v[i]);
	free(lines.v);
}

static struct tally *tally_of(struct tally **v, size_t *n, size_t *room,
			      const struct psock *sock)
{
	struct tally *tally;
	size_t i;

	for (i = 0; i < *n; i++)
		if ((*v)[i].proto == sock->ep.proto &&
		    (*v)[i].state == sock->state)
			return &(*v)[i];
	*v = xgrow(*v, *n, room, sizeof(**v));
	tally = &(*v)[(*n)++];
	tally->proto = sock->ep.proto;
	tally->state = sock->state;
	tally->n = 0;
	return tally;
}

static int compare_tallies(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	return x->proto != y->proto ? compare(x->proto, y->proto) :
				      compare(x->state, y->state);
}

/* An SCTP socket occurs once per address, in succession. */
static bool is_again(const struct psock_list *list, size_t i)
{
	return i && list->v[i].ep.proto == IPPROTO_SCTP &&
	       list->v[i].cookie == list->v[i - 1].cookie;
}

static void print_tally(FILE *out, const struct tally *tally)
{
	const char *proto = proto_name(tally->proto);

	if (proto)
		fprintf(out, PROGRAM "_sockets{proto=\"%s\"", proto);
	else
		fprintf(out, PROGRAM "_sockets{proto=\"proto-%u\"",
			tally->proto);
	fprintf(out, ",state=\"%s\"} %llu\n", state_name(tally->state),
		(unsigned long long)tally->n);
}

static void print_sockets(FILE *out, const struct psock_list *list)
{
	struct tally *v = NULL;
	size_t n = 0, room = 0, i;

	for (i = 0; i < list->n; i++)
		if (!is_again(list, i))
			tally_of(&v, &n, &room, &list->v[i])->n++;
	if (n)
		qsort(v, n, sizeof(*v), compare_tallies);
	print_head(out, "sockets", "gauge", "Sockets that occupy a port.");
	for (i = 0; i < n; i++)
		print_tally(out, &v[i]);
	free(v);
}

/* All possible ones: a counter that begins with 1 has never been increased. */
static void print_rejects(FILE *out, const struct counters *counters)
{
	__u32 op, rule;
	__u64 n;

	print_head(out, "rejects_total", "counter",
		   "Refused binds, listens and automatic binds, by rule.");
	for (op = 0; op < COUNTED_OPS; op++) {
		for (rule = 0; rule < COUNTED_RULES; rule++) {
			n = counters->by_rule[op][rule];
			if (n || op <= PORTOWNER_REJECT_OP_MAX)
				fprintf(out, PROGRAM "_rejects_total{op=\"%s\",rule=\"%s\"} %llu\n",
					op_name(op), rule_name(rule),
					(unsigned long long)n);
		}
	}
	print_head(out, "rejects_dropped_total", "counter",
		   "Refusals without a record in the log.");
	fprintf(out, PROGRAM "_rejects_dropped_total %llu\n",
		(unsigned long long)counters->v[PORTOWNER_A_STATS_REJECTS_DROPPED]);
}

static bool takes_port(const struct psock *sock, __u16 proto)
{
	return endpoint_transport(&sock->ep) == proto &&
	       sock->netns == host_netns();
}

/* As the kernel counts: a reserved port is not taken, whoever holds it. */
static void print_range(FILE *out, const struct metrics *metrics, __u16 proto)
{
	enum { FREE, RESERVED, TAKEN, STATES };
	static const char * const names[] = { "free", "reserved", "taken" };
	const struct ephemeral *range = &metrics->ephemeral;
	bool *taken = xcalloc(PORTS, sizeof(*taken));
	unsigned int n[STATES] = { 0 }, port;
	size_t i;

	for (i = 0; i < metrics->sockets.n; i++)
		if (takes_port(&metrics->sockets.v[i], proto))
			taken[metrics->sockets.v[i].ep.port] = true;
	for (port = range->first; port <= range->last && port < PORTS; port++)
		n[ephemeral_reserves(range, port) ? RESERVED :
		  taken[port] ? TAKEN : FREE]++;
	for (i = 0; i < STATES; i++)
		fprintf(out, PROGRAM "_ephemeral_ports{proto=\"%s\",state=\"%s\"} %u\n",
			proto_name(proto), names[i], n[i]);
	free(taken);
}

static void print_ephemeral(FILE *out, const struct metrics *metrics)
{
	print_head(out, "ephemeral_ports", "gauge",
		   "Ports of the ephemeral range, by use.");
	if (!metrics->ephemeral.known)
		return;
	print_range(out, metrics, IPPROTO_TCP);
	print_range(out, metrics, IPPROTO_UDP);
}

/**
 * print_metrics() - Print metrics.
 * @out: output stream
 * @metrics: their data
 *
 * portowner_up tells scrapers that there is nothing else.
 */
void print_metrics(FILE *out, const struct metrics *metrics)
{
	print_head(out, "up", "gauge", "Whether the kernel module answered.");
	fprintf(out, PROGRAM "_up %d\n", metrics->up);
	print_head(out, "build_info", "gauge", "The version of the tool.");
	fprintf(out, PROGRAM "_build_info{version=\"%s\"} 1\n", PROGRAM_VERSION);
	if (!metrics->up)
		return;
	print_listeners(out, metrics);
	print_sockets(out, &metrics->sockets);
	print_rejects(out, &metrics->counters);
	print_ephemeral(out, metrics);
}
