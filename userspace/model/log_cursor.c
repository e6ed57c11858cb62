// SPDX-License-Identifier: GPL-2.0
/*
 * How far a log has been read.
 *
 * Each network namespace numbers its rejects. A namespace that reuses the inode
 * number of one that ended counts from one again, as do all after the module
 * was reloaded, but later. So a reject is new if its number is, or its time.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/util.h"
#include "model/log_cursor.h"

/* First line of the file, with the boot to which all numbers belong. */
#define HEAD	PROGRAM " log 1 "

/**
 * log_cursor_of() - Find or add the element of a network namespace.
 * @cursor: the cursor
 * @netns: inode number of the namespace
 *
 * Return: the element; valid until the next one is added.
 */
struct newest *log_cursor_of(struct log_cursor *cursor, __u32 netns)
{
	struct newest *newest;
	size_t i;

	for (i = 0; i < cursor->n; i++)
		if (cursor->v[i].netns == netns)
			return &cursor->v[i];
	cursor->v = xgrow(cursor->v, cursor->n, &cursor->room,
			  sizeof(*cursor->v));
	newest = &cursor->v[cursor->n++];
	memset(newest, 0, sizeof(*newest));
	newest->netns = netns;
	return newest;
}

/**
 * log_cursor_last() - Number of the newest reject of a network namespace.
 * @cursor: the cursor
 * @netns: inode number of the namespace
 *
 * Return: the number, or 0 if none was read.
 */
__u64 log_cursor_last(const struct log_cursor *cursor, __u32 netns)
{
	size_t i;

	for (i = 0; i < cursor->n; i++)
		if (cursor->v[i].netns == netns)
			return cursor->v[i].seq;
	return 0;
}

/* Setting the clock cannot make a new reject look old. */
static __u64 time_of(const struct reject *reject)
{
	return reject->boot_ns ? reject->boot_ns : reject->time_ns;
}

/**
 * log_cursor_passed() - Was a reject read before?
 * @newest: newest reject of its network namespace
 * @reject: the reject
 *
 * Return: true if it was.
 */
bool log_cursor_passed(const struct newest *newest,
		       const struct reject *reject)
{
	return reject->seq <= newest->seq && time_of(reject) <= newest->time_ns;
}

/**
 * log_cursor_advance() - Record that a reject was read.
 * @newest: newest reject of its network namespace
 * @reject: the reject
 *
 * Return: how many numbers there were since the last one, including this one.
 */
__u64 log_cursor_advance(struct newest *newest, const struct reject *reject)
{
	__u64 time = time_of(reject), n;

	if (time > newest->time_ns && reject->seq <= newest->seq)
		newest->seq = 0;
	n = reject->seq - newest->seq;
	newest->seq = reject->seq;
	newest->loaded = false;
	if (time > newest->time_ns)
		newest->time_ns = time;
	return n;
}

/**
 * log_cursor_restart() - Start over: the reloaded module counts from one again.
 * @cursor: the cursor; times are kept, so that nothing is read twice
 */
void log_cursor_restart(struct log_cursor *cursor)
{
	size_t i;

	for (i = 0; i < cursor->n; i++)
		cursor->v[i].seq = 0;
}

static void load_lines(struct log_cursor *cursor, FILE *file)
{
	unsigned long long seq, time;
	struct newest *newest;
	unsigned int netns;

	while (fscanf(file, "%u %llu %llu\n", &netns, &seq, &time) == 3) {
		newest = log_cursor_of(cursor, netns);
		newest->seq = seq;
		newest->time_ns = time;
		newest->loaded = true;
	}
}

/**
 * log_cursor_load() - Continue where another run of the tool stopped.
 * @cursor: empty
 * @path: file from log_cursor_save(); need not exist
 * @boot: the current boot; what was read during another one is ignored
 */
void log_cursor_load(struct log_cursor *cursor, const char *path,
		     const char *boot)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return;
	if (getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, HEAD, strlen(HEAD)) &&
		    !strcmp(line + strlen(HEAD), boot))
			load_lines(cursor, file);
	}
	free(line);
	fclose(file);
}

/**
 * log_cursor_save() - Save how far the log has been read.
 * @cursor: the cursor
 * @path: file to write
 * @boot: the current boot
 *
 * Return: true on success; otherwise errno is set.
 */
bool log_cursor_save(const struct log_cursor *cursor, const char *path,
		     const char *boot)
{
	char *text;
	size_t len, i;
	FILE *out = open_memstream(&text, &len);
	bool done;

	if (!out)
		return false;
	fprintf(out, HEAD "%s\n", boot);
	for (i = 0; i < cursor->n; i++)
		fprintf(out, "%u %llu %llu\n", cursor->v[i].netns,
			(unsigned long long)cursor->v[i].seq,
			(unsigned long long)cursor->v[i].time_ns);
	fclose(out);
	done = file_replace(path, text, len, 0600);
	free(text);
	return done;
}

/**
 * log_cursor_free() - Free a cursor.
 * @cursor: the cursor
 */
void log_cursor_free(struct log_cursor *cursor)
{
	free(cursor->v);
	memset(cursor, 0, sizeof(*cursor));
}
