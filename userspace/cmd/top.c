// SPDX-License-Identifier: GPL-2.0
/* portowner top: ports, owners and refusals, as they come and go. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "cmd/captured.h"
#include "cmd/cmd.h"
#include "cmd/top_data.h"
#include "cmd/top_screen.h"
#include "cmd/top_terminal.h"
#include "cmd/top_titles.h"
#include "lib/progress.h"
#include "lib/time_fmt.h"

/* Refresh interval, unless --delay sets another. */
#define DELAY_NS	NSEC_PER_SEC
#define DELAY_MIN_NS	(100 * NSEC_PER_MSEC)

/* Refreshing may take 1/SHARE of the time, unless --delay is set. */
#define SHARE		20

/**
 * struct top - State of the command.
 * @data: what is shown
 * @view: how it is shown
 * @ports_ns: when to read the ports
 * @refusals_ns: when to read the refusals, if there is reason to
 * @stop_fd: readable when it has to end
 * @mask: signals blocked while it waits
 * @pending: something was refused, or may have been
 * @said: error message for after the screen, or NULL
 */
struct top {
	struct top_data data;
	struct top_view view;
	__u64 ports_ns;
	__u64 refusals_ns;
	int stop_fd;
	sigset_t mask;
	bool pending;
	char *said;
};

static __u64 now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* Refusals are not reported without a right, nor for all namespaces. */
static bool must_look(const struct top_data *data)
{
	return source_knows(data->source, KNOWS_REFUSALS) &&
	       (source_events_fd(data->source) < 0 ||
		data->options->filter.all_netns);
}

/* The longer a refresh takes, the later the next one. */
static __u64 pause_after(const struct options *options, __u64 cost_ns)
{
	if (options->delay_ns)
		return options->delay_ns;
	return cost_ns * SHARE > DELAY_NS ? cost_ns * SHARE : DELAY_NS;
}

static int read_ports(struct top *top)
{
	__u64 begun = now(), ended;
	int status = top_data_read_ports(&top->data, begun);

	ended = now();
	top->ports_ns = ended + pause_after(top->data.options, ended - begun);
	top->pending |= must_look(&top->data);
	return status;
}

static int read_refusals(struct top *top)
{
	int status = 0;

	top->pending = false;
	if (source_knows(top->data.source, KNOWS_REFUSALS) &&
	    source_events_fd(top->data.source) >= 0)
		status = source_drain(top->data.source);
	if (!status)
		status = top_data_read_refusals(&top->data, now());
	top->refusals_ns = now() + DELAY_NS;
	return status;
}

/* Do what is due. Messages would disturb the screen. */
static int look(struct top *top)
{
	struct captured captured;
	__u64 time_ns = now();
	int status = 0;

	captured_begin(&captured);
	if (time_ns >= top->ports_ns)
		status = read_ports(top);
	if (!status && top->pending && time_ns >= top->refusals_ns)
		status = read_refusals(top);
	captured_end(&captured);
	if (status) {
		top->said = captured.said;
		captured.said = NULL;
	}
	captured_free(&captured);
	board_age(&top->data.ports, now(), TOP_LINGER_NS);
	board_age(&top->data.refusals, now(), TOP_LINGER_NS);
	return status;
}

/* Run a command as if it had been called for the row. */
static void ask(struct top *top, const struct command *command, bool of_pid)
{
	const struct board_row *row = top_view_row(&top->view);
	struct options options = *top->data.options;
	struct captured captured;
	char *args[2] = { 0 };
	bool silent;

	if (!row)
		return;
	args[0] = row->target;
	options.args = args;
	options.n_args = 1;
	options.columns = NULL;
	options.style = top->view.style;
	options.style.numeric = top->data.options->style.numeric;
	options.filter = (struct filter){
		.all_netns = options.filter.all_netns,
		.pid = of_pid ? row->pid : 0,
	};
	captured_begin(&captured);
	command->run(&options);
	captured_end(&captured);
	silent = !captured.text_len;
	top_view_answer(&top->view,
			xasprintf("%s %s", command->name, row->target),
			silent ? captured.said : captured.text);
	free(silent ? captured.text : captured.said);
}

/* Returns false to end. */
static bool take_keys(struct top *top)
{
	wint_t key;

	while (top_screen_key(&top->view, &key)) {
		switch (top_view_key(&top->view, key)) {
		case TOP_NOTHING:
			break;
		case TOP_QUIT:
			return false;
		case TOP_READ:
			top->ports_ns = 0;
			break;
		case TOP_WHO:
			ask(top, &cmd_who, false);
			break;
		case TOP_WHY:
			ask(top, &cmd_why, true);
			break;
		}
	}
	return true;
}

static void draw(struct top *top)
{
	if (top->data.ports.changed || top->data.refusals.changed)
		top_view_update(&top->view);
	if (top->view.changed)
		top_screen_draw(&top->data, &top->view);
	top->view.changed = false;
}

static void take_earlier(__u64 *time_ns, __u64 other_ns)
{
	if (other_ns && other_ns < *time_ns)
		*time_ns = other_ns;
}

/* Time until something is due, for ppoll(). */
static struct timespec time_left(const struct top *top)
{
	__u64 next = top->ports_ns, time_ns = now();

	if (top->pending)
		take_earlier(&next, top->refusals_ns);
	take_earlier(&next, board_next(&top->data.ports, TOP_LINGER_NS));
	take_earlier(&next, board_next(&top->data.refusals, TOP_LINGER_NS));
	next = next > time_ns ? next - time_ns : 0;
	return (struct timespec){ .tv_sec = next / NSEC_PER_SEC,
				  .tv_nsec = next % NSEC_PER_SEC };
}

/*
 * Sleep until a key is pressed, something was refused or something is due.
 * SIGWINCH is unblocked only meanwhile, so that no resize is missed. Returns
 * false to end, or if there is no terminal any more.
 */
static bool wait_for_change(struct top *top)
{
	struct timespec timeout = time_left(top);
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = top->stop_fd, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};

	/* A pending refusal is read when it is due. */
	if (!top->pending && source_knows(top->data.source, KNOWS_REFUSALS))
		fds[2].fd = source_events_fd(top->data.source);
	if (ppoll(fds, ARRAY_SIZE(fds), &timeout, &top->mask) < 0)
		return errno == EINTR;
	top->pending |= fds[2].revents;
	return !fds[1].revents &&
	       !(fds[0].revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* A descriptor reports the signals to end, so that the terminal is restored. */
static int catch_signals(struct top *top)
{
	sigset_t stop, blocked;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGHUP);
	sigaddset(&stop, SIGQUIT);
	blocked = stop;
	sigaddset(&blocked, SIGWINCH);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	top->mask = stop;
	top->stop_fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
	if (top->stop_fd >= 0)
		return 0;
	return complain(STATUS_FAILED, "cannot catch signals: %s",
			strerror(errno));
}

static int watch(struct top *top)
{
	int status = catch_signals(top);

	if (status)
		return status;
	progress_forbid();
	top->view.no_refusals = !source_knows(top->data.source, KNOWS_REFUSALS);
	status = top_screen_open(&top->view, top->data.options->style.color);
	if (status)
		return status;
	do {
		draw(top);
		if (!wait_for_change(top) || !take_keys(top))
			break;
		status = look(top);
	} while (!status);
	top_screen_close();
	close(top->stop_fd);
	if (top->said)
		fputs(top->said, stderr);
	return status;
}

static void print_board(struct board *board, const struct columns *columns,
			const struct style *style)
{
	struct table *table = table_new(columns, style);
	size_t i;

	board_arrange(board, "");
	for (i = 0; i < board->shown; i++)
		table_add_texts(table, board_shown(board, i)->cells);
	table_print(table, "");
	table_free(table);
}

static void print_title(char *title)
{
	puts(title);
	free(title);
}

static void print_frame(struct top_data *data)
{
	const struct style *style = &data->options->style;

	print_title(top_title_ports(data));
	print_board(&data->ports, &data->port_columns, style);
	putchar('\n');
	print_title(top_title_refusals(data));
	print_board(&data->refusals, &data->refusal_columns, style);
}

static int read_and_show(struct top *top)
{
	const struct options *options = top->data.options;
	int status = top_data_open(&top->data, !options->once);

	if (!status)
		status = read_ports(top);
	if (!status)
		status = read_refusals(top);
	if (!status && !options->once)
		status = watch(top);
	else if (!status && !options->quiet)
		print_frame(&top->data);
	return status;
}

static int check_options(const struct options *options)
{
	if (options->json)
		return complain(STATUS_USAGE,
				"top prints no JSON; list and log do");
	if (options->once)
		return 0;
	if (options->quiet)
		return complain(STATUS_USAGE,
				"top cannot be quiet, except with --once");
	return top_terminal_check();
}

static int run_top(const struct options *options)
{
	struct top top = {
		.data.options = options,
		.view.ports.board = &top.data.ports,
		.view.ports.columns = &top.data.port_columns,
		.view.refusals.board = &top.data.refusals,
		.view.refusals.columns = &top.data.refusal_columns,
	};
	int status = check_options(options);

	if (!status)
		status = top_data_columns(&top.data);
	if (!status)
		status = top_data_targets(&top.data);
	if (!status)
		status = read_and_show(&top);
	top_view_free(&top.view);
	top_data_close(&top.data);
	free(top.said);
	return status;
}

static int parse(struct options *o, int key, char *arg)
{
	switch (key) {
	case 'b':
		o->once = true;
		break;
	case 'd':
		if (!time_fmt_parse_duration(arg, &o->delay_ns) ||
		    o->delay_ns < DELAY_MIN_NS)
			return complain(STATUS_USAGE,
					"--delay '%s': must be a time of 0.1 seconds or more, such as 2, 0.5 or 1m",
					arg);
		break;
	}
	return 0;
}

static const struct option_set top_options = {
	.heading = "Options:",
	.options = (const struct argp_option[]) {
		{ "once", 'b', 0, 0, "print one frame as text and exit", 0 },
		{ "batch", 0, 0, OPTION_ALIAS, 0, 0 },
		{ "delay", 'd', "TIME", 0,
		  "refresh interval: seconds, or 5s, 1m30s", 0 },
		{ 0 }
	},
	.parse = parse,
};

const struct command cmd_top = {
	.name = "top",
	.run = run_top,
	.sets = (const struct option_set * const[]) {
		&top_options, &proto_options, &table_options, &time_options,
		NULL
	},
	.columns = socket_columns,
	.max_args = -1,
	.args = "[TARGET...]",
	.summary = "watch ports, their owners and refusals come and go",
	.help = "Show ports on the whole terminal, and below them the binds that were refused;\n"
		"with TARGETs, only these. What is new (+) or gone (-) is marked for three\n"
		"seconds. Keys:\n"
		"  up, down, Page Up, Page Down, Home, End    select a row\n"
		"  Tab          go to the other pane\n"
		"  w, Enter     show who owns the port of the row; Esc closes that\n"
		"  y            explain the refusal of the row, or the last one of its port\n"
		"  /            filter rows by words; Enter keeps the filter, Esc discards it\n"
		"  s, S, r      sort by the next or the previous column; reverse\n"
		"  Space, q     read the ports now; quit\n",
	.exits = "  0  success\n",
	.examples = "  portowner top\n"
		    "  portowner top -t -d 5\n"
		    "  portowner top 8000-8100 udp/53\n"
		    "  portowner top --once | mail -s ports root\n",
};
