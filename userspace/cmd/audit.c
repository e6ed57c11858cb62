// SPDX-License-Identifier: GPL-2.0
/* portowner audit: what may be wrong with the ports of the host. */

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/json.h"
#include "audit/print.h"
#include "cmd/cmd.h"
#include "cmd/open.h"
#include "lib/file.h"
#include "lib/host.h"
#include "model/enums.h"
#include "model/target.h"
#include "print/phrase.h"

enum {
	KEY_SAVE = OPTION_LONG_ONLY,
	KEY_BASELINE,
};

#define FILTER_DATAGRAMS	(FILTER_UDP | FILTER_UDPLITE)

/**
 * struct inspection - State of the command.
 * @options: the command line
 * @targets: one of these must match, unless there are none
 * @scope: the same in words
 * @sockets: sockets from the source
 * @audit: the audit
 * @baseline: the audit to compare with, if given
 */
struct inspection {
	const struct options *options;
	struct target *targets;
	struct scope scope;
	struct psock_list sockets;
	struct audit audit;
	struct baseline baseline;
};

static bool is_wanted(const struct psock *sock, const void *arg)
{
	const struct inspection *in = arg;

	return filter_wants_endpoint(&in->options->filter, &sock->ep) &&
	       targets_match(in->targets, in->options->n_args, &sock->ep);
}

static void put_word(FILE *out, const char *word)
{
	fprintf(out, "%s%s", ftell(out) ? " " : "", word);
}

/* In a fixed order: that of the command line does not matter. */
static char *filter_words(const struct options *options)
{
	static const __u16 protos[] = {
		IPPROTO_TCP, IPPROTO_UDP, IPPROTO_MPTCP, IPPROTO_UDPLITE,
		IPPROTO_SCTP, IPPROTO_ICMP, IPPROTO_RAW,
	};
	struct filter one;
	char *words;
	size_t len, i;
	FILE *out = phrase_open(&words, &len);

	for (i = 0; i < ARRAY_SIZE(protos); i++) {
		one.protos = 0;
		filter_add_proto(&one, protos[i]);
		if (options->filter.protos & one.protos)
			put_word(out, proto_name(protos[i]));
	}
	if (options->filter.families & FILTER_INET)
		put_word(out, "ipv4");
	if (options->filter.families & FILTER_INET6)
		put_word(out, "ipv6");
	for (i = 0; i < options->n_args; i++)
		put_word(out, options->args[i]);
	fclose(out);
	if (*words)
		return words;
	free(words);
	return NULL;
}

static bool is_connected(const struct psock *sock, const void *arg)
{
	(void)arg;
	return sock->state == PORTOWNER_STATE_ESTABLISHED;
}

/* A connected UDP socket may keep others from joining the port. */
static int ask_connected(struct inspection *in, struct source *source,
			 struct filter filter)
{
	struct psock_list list = { 0 };
	int status;

	filter.protos = filter.protos ? filter.protos & FILTER_DATAGRAMS :
					FILTER_DATAGRAMS;
	if (!filter.protos)
		return 0;
	filter.states = 1U << PORTOWNER_STATE_ESTABLISHED;
	filter.no_owners = true;
	status = source_ports(source, &filter, &list);
	psock_list_keep(&list, is_connected, NULL);
	psock_list_move(&in->sockets, &list);
	return status;
}

/* Sockets of both families share ports, whichever is to be reported. */
static int ask(struct inspection *in)
{
	const struct options *options = in->options;
	struct filter filter = {
		.protos = options->filter.protos,
		.states = STATES_DEFAULT,
		.all_netns = options->filter.all_netns,
		.options = true,
	};
	struct source *source;
	int status = source_open(&source, options, 0);

	if (status)
		return status;
	in->scope.source = xstrdup(source->ops->name);
	in->audit.module = source_knows(source, KNOWS_REFUSALS);
	filter_span_targets(&filter, in->targets, options->n_args);
	status = source_ports(source, &filter, &in->sockets);
	if (!status)
		status = ask_connected(in, source, filter);
	source_close(source);
	return status;
}

static void read_sysctls(struct audit *audit)
{
	char *start = host_sysctl("net/ipv4/ip_unprivileged_port_start");
	__u64 num = 0;

	audit->has_unprivileged =
		start && number_parse(start, strlen(start), 0, 65535, &num);
	audit->unprivileged = num;
	free(start);
	ephemeral_read(&audit->ephemeral);
}

static void look(struct inspection *in)
{
	struct audit *audit = &in->audit;

	psock_list_sort(&in->sockets, ORDER_PORT);
	audit->all = &in->sockets;
	audit->wanted = is_wanted;
	audit->arg = in;
	audit->all_netns = in->options->filter.all_netns;
	audit->host = !in->scope.filter;
	audit->numeric = in->options->style.numeric;
	audit->root_sees = host_has_root();
	audit->netns = host_netns();
	read_sysctls(audit);
	audit_run(audit);
}

/* Audits of different scope differ, whether or not anything changed. */
static int compare_scopes(const struct inspection *in)
{
	const struct scope *was = &in->baseline.scope, *is = &in->scope;
	const char *file = in->options->baseline;

	if (strcmp(was->source, is->source))
		return complain(STATUS_USAGE,
				"--baseline '%s': saved with --source=%s, which sees different things from %s",
				file, was->source, is->source);
	if (was->all_netns != is->all_netns)
		return complain(STATUS_USAGE,
				"--baseline '%s': saved with%s --all-netns", file,
				was->all_netns ? "" : "out");
	if (strcmp(was->filter ?: "", is->filter ?: ""))
		return complain(STATUS_USAGE,
				"--baseline '%s': saved for %s, not for %s",
				file, was->filter ?: "all ports",
				is->filter ?: "all ports");
	return 0;
}

static int save(const struct inspection *in)
{
	const char *path = in->options->save;
	char *text;
	size_t len;
	FILE *out;
	bool done;

	if (!path)
		return 0;
	out = phrase_open(&text, &len);
	audit_json(out, &in->audit, &in->scope);
	fclose(out);
	/* It contains what only root may have been shown. */
	done = file_replace(path, text, len, 0600);
	free(text);
	if (done)
		return 0;
	return complain(STATUS_FAILED, "cannot write %s: %s", path,
			strerror(errno));
}

static void print(const struct inspection *in)
{
	const struct options *options = in->options;

	if (options->quiet)
		return;
	if (options->json)
		audit_json(stdout, &in->audit, &in->scope);
	else
		audit_print(&in->audit, &options->style);
}

/* STATUS_NO if anything changed. */
static int report_changes(const struct inspection *in)
{
	const struct baseline *baseline = &in->baseline;
	const struct options *options = in->options;
	struct change_list changes = { 0 };
	int status;

	changes_find(&changes, &baseline->findings, &in->audit.findings,
		     baseline->unchecked | in->audit.unchecked |
			     in->audit.partly);
	if (!options->quiet && options->json)
		audit_json_changes(stdout, &in->audit, &in->scope, baseline,
				   options->baseline, &changes);
	else if (!options->quiet)
		audit_print_changes(&in->audit, &changes, baseline->time,
				    &options->style);
	status = changes.n ? STATUS_NO : STATUS_YES;
	changes_clear(&changes);
	return status;
}

/* Check what was given before anything is queried or written. */
static int inspect(struct inspection *in)
{
	const struct options *options = in->options;
	int status = options_targets(options, in->targets);

	if (!status && options->baseline)
		status = baseline_read(&in->baseline, options->baseline);
	if (!status)
		status = ask(in);
	if (!status && options->baseline)
		status = compare_scopes(in);
	if (status)
		return status;
	look(in);
	status = save(in);
	if (status)
		return status;
	if (options->baseline)
		return report_changes(in);
	print(in);
	return STATUS_YES;
}

static int run_audit(const struct options *options)
{
	struct inspection in = {
		.options = options,
		.targets = xcalloc(options->n_args + 1, sizeof(*in.targets)),
		.scope = {
			.all_netns = options->filter.all_netns,
			.filter = filter_words(options),
		},
	};
	int status = inspect(&in);

	audit_clear(&in.audit);
	baseline_clear(&in.baseline);
	psock_list_clear(&in.sockets);
	free(in.scope.source);
	free(in.scope.filter);
	free(in.targets);
	return status;
}

static int parse(struct options *o, int key, char *arg)
{
	if (key == KEY_SAVE)
		o->save = arg;
	else if (key == KEY_BASELINE)
		o->baseline = arg;
	return 0;
}

static const struct option_set audit_options = {
	.heading = "Options:",
	.options = (const struct argp_option[]) {
		{ "save", KEY_SAVE, "FILE", 0,
		  "save the findings in FILE, for --baseline", 0 },
		{ "baseline", KEY_BASELINE, "FILE", 0,
		  "print only what changed since FILE was saved", 0 },
		{ 0 }
	},
	.parse = parse,
};

const struct command cmd_audit = {
	.name = "audit",
	.run = run_audit,
	.sets = (const struct option_set * const[]) {
		&audit_options, &proto_options, NULL
	},
	.max_args = -1,
	.args = "[TARGET...]",
	.summary = "find what may be wrong with the ports of this host",
	.help = "Look for problems with all ports, or with TARGETs, and print them, the worst\n"
		"first: ports that others may take or share, accidental owners, settings, and\n"
		"what other hosts can reach; each with the evidence and what to do about it.\n"
		"With --baseline, print only what changed, ignoring process ids.\n",
	.exits = "  0  success, whatever was found; with --baseline, nothing changed\n"
		 "  1  with --baseline: something changed\n",
	.examples = "  portowner audit\n"
		    "  portowner audit -A --json\n"
		    "  portowner audit --save /root/ports.json\n"
		    "  portowner audit --baseline /root/ports.json\n",
};
