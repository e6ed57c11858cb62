// SPDX-License-Identifier: GPL-2.0

#include <unistd.h>

#include "model/names.h"
#include "tests/harness.h"

const char * const socket_keys[] = {
	"proto", "family", "addr", "port", "dev", "state", "netns",
	"netns_name", "cookie", "inode", "uid", "reuseaddr", "reuseport",
	"v6only", "freebind", "transparent", "share", "group_size",
	"choice", "may_join", "covers", "backlog", "expires_ns", "peer",
	"port_by_kernel", "kernel_owner", "kernel_dev", "kernel_netns",
	"purpose", "forwards",
	"owners_incomplete", "unseen_refs", "unseen", "owners_hidden",
	"age_ns",
	"binder", "owners", NULL
};

const char * const owner_keys[] = {
	"pid", "fd", "comm", "exe", "uid", "cgroup", "unit", "container", NULL
};

const char * const binder_keys[] = {
	"pid", "comm", "uid", "alive", NULL
};

const char * const reject_keys[] = {
	"seq", "time", "op", "errno", "proto", "family", "addr", "port", "dev",
	"netns", "reuseaddr", "reuseport", "v6only", "pid", "comm", "exe",
	"uid", "cgroup", "rule", "reason", "reason_dev", "reason_netns",
	"bpf_prog", "peer", "culprits_incomplete", "culprits", "count",
	"first_time", NULL
};

const char * const stats_keys[] = {
	"source", "rejects_seen", "rejects_kept", "rejects_dropped",
	"rejects_max", "probe_missed", "binders", "binders_evicted",
	"missed_no_instance", "missed_nested", "missed_share",
	"rejects_counted", "rejects_unrecorded", "rejects_dropped_own",
	"rejects_dropped_last", "binders_max",
	"dumps", "dumps_refused", "rejects_by_rule", NULL
};

char *output;
char said[1024];
int status;

/* Redirect stderr to a file, which restore_stderr() reads. */
static FILE *divert_stderr(int *saved)
{
	FILE *file = tmpfile();

	assert_non_null(file);
	fflush(stderr);
	*saved = dup(STDERR_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	return file;
}

static void restore_stderr(FILE *file, int saved)
{
	size_t len;

	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	len = fread(said, 1, sizeof(said) - 1, file);
	said[len] = '\0';
	fclose(file);
}

static int split_and_parse(char *line, const struct command * const *commands,
			   struct options *options)
{
	char *argv[32] = { "tool" };
	int argc = 1;
	char *word;

	while ((word = strsep(&line, " ")) && *word)
		argv[argc++] = word;
	return options_parse(options, commands, argc, argv);
}

/**
 * parse_line() - Parse a command line.
 * @line: words separated by single blanks
 * @options: set to the result, except for the arguments
 *
 * Output on stderr is left in said.
 *
 * Return: what options_parse() returns.
 */
int parse_line(const char *line, struct options *options)
{
	/* The options point into it until the next call. */
	static char copy[512];
	int saved, result;
	FILE *file;

	snprintf(copy, sizeof(copy), "%s", line);
	file = divert_stderr(&saved);
	result = split_and_parse(copy, all_commands, options);
	restore_stderr(file, saved);
	options_free(options);
	return result;
}

/* The name of the command is not one of its arguments. */
static bool is_named(const struct options *options,
		     const struct command *command)
{
	return options->n_args && !strcmp(options->args[0], command->name);
}

static char *run_once(const struct command *command, const char *line,
		      bool terminal)
{
	const struct command * const commands[] = { command, NULL };
	char *copy = xstrdup(line), *printed, **args;
	struct options options;
	FILE *real = stdout;
	FILE *file;
	size_t len;
	int saved;

	assert_int_equal(split_and_parse(copy, commands, &options), 0);
	args = options.args;
	if (is_named(&options, command)) {
		options.args++;
		options.n_args--;
	}
	options.style.terminal = terminal;
	fake.checks = 0;
	fflush(stdout);
	file = divert_stderr(&saved);
	stdout = open_memstream(&printed, &len);
	status = command->run(&options);
	fclose(stdout);
	stdout = real;
	restore_stderr(file, saved);
	options.args = args;
	options_free(&options);
	free(copy);
	/* Whatever was opened was closed. */
	if (!fake.deny)
		assert_int_equal(fake.opened, fake.closed);
	return printed;
}

/**
 * run() - Run a command.
 * @command: the command
 * @line: words after its name, separated by single blanks; may include the name
 *
 * Its output is left in output, its messages in said. It is run for a terminal,
 * too, where it must print the same as long as everything fits.
 */
void run(struct command command, const char *line)
{
	size_t events = fake.events;
	char *wide;

	setenv("COLUMNS", "1000", 1);
	wide = run_once(&command, line, true);
	fake.events = events;
	free(output);
	output = run_once(&command, line, false);
	assert_string_equal(wide, output);
	free(wide);
}

/**
 * run_on_terminal() - Run a command as on a terminal.
 * @command: the command
 * @line: words after its name, separated by single blanks
 * @columns: width of the terminal
 *
 * Its output is left in output, its messages in said.
 */
void run_on_terminal(struct command command, const char *line,
		     const char *columns)
{
	setenv("COLUMNS", columns, 1);
	free(output);
	output = run_once(&command, line, true);
}

void assert_keys(struct json_object *json, const char * const *keys)
{
	struct json_object_iterator it = json_object_iter_begin(json);
	struct json_object_iterator end = json_object_iter_end(json);

	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it))
		assert_string_equal(json_object_iter_peek_name(&it), *keys++);
	assert_null(*keys);
}

struct json_object *member(struct json_object *json, const char *key)
{
	struct json_object *value;

	assert_true(json_object_object_get_ex(json, key, &value));
	return value;
}

struct json_object *element(struct json_object *json, const char *key,
			    size_t i)
{
	return json_object_array_get_idx(member(json, key), i);
}

int count(struct json_object *json, const char *key)
{
	return json_object_array_length(member(json, key));
}

void assert_json(struct json_object *json, const char *key,
		 const char *expected)
{
	struct json_object *value = member(json, key);

	assert_string_equal(json_object_to_json_string_ext(value, 0), expected);
}

struct json_object *parsed(const char *text)
{
	struct json_object *json = json_tokener_parse(text);

	if (!json)
		fail_msg("not JSON: %s", text);
	return json;
}

void assert_words(const char *text, const char *words)
{
	char *folded = xstrdup(text), *out = folded;
	const char *in;

	for (in = text; *in; in++)
		if (!(*in == ' ' || *in == '\n'))
			*out++ = *in;
		else if (out > folded && out[-1] != ' ')
			*out++ = ' ';
	*out = '\0';
	if (!strstr(folded, words))
		fail_msg("no '%s' in: %s", words, text);
	free(folded);
}

int setup(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

int teardown(void **state)
{
	(void)state;
	fake_reset();
	names_forget();
	free(output);
	output = NULL;
	return 0;
}
