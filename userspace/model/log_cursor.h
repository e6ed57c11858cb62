/* SPDX-License-Identifier: GPL-2.0 */
/* How far a log has been read. */
#ifndef PORTOWNER_LOG_CURSOR_H
#define PORTOWNER_LOG_CURSOR_H

#include "model/model.h"

/**
 * struct newest - The newest reject read from a network namespace.
 * @netns: its inode number
 * @seq: highest number
 * @time_ns: latest time, in nanoseconds of CLOCK_BOOTTIME if reported
 * @loaded: read by an earlier run of the tool, and nothing since
 */
struct newest {
	__u32 netns;
	__u64 seq;
	__u64 time_ns;
	bool loaded;
};

/**
 * struct log_cursor - How far the logs of network namespaces have been read.
 * @v: array: one for each network namespace with rejects
 * @n: elements in @v
 * @room: elements allocated
 */
struct log_cursor {
	struct newest *v;
	size_t n;
	size_t room;
};

struct newest *log_cursor_of(struct log_cursor *cursor, __u32 netns);
__u64 log_cursor_last(const struct log_cursor *cursor, __u32 netns);
bool log_cursor_passed(const struct newest *newest,
		       const struct reject *reject);
__u64 log_cursor_advance(struct newest *newest, const struct reject *reject);
void log_cursor_restart(struct log_cursor *cursor);
void log_cursor_load(struct log_cursor *cursor, const char *path,
		     const char *boot);
bool log_cursor_save(const struct log_cursor *cursor, const char *path,
		     const char *boot);
void log_cursor_free(struct log_cursor *cursor);

#endif /* PORTOWNER_LOG_CURSOR_H */
