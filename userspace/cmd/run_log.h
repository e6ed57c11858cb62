/* SPDX-License-Identifier: GPL-2.0 */
/* Collect what a command and its descendants are refused while it runs. */
#ifndef PORTOWNER_RUN_LOG_H
#define PORTOWNER_RUN_LOG_H

#include "source/log_reader.h"

/**
 * struct run_log - What was refused since the command began.
 * @reader: reads the log
 * @rejects: refusals of the command and its descendants; @fresh is how many of
 *	them nobody was told of
 * @dropped: refusals beyond what @rejects may have
 * @lost: upper bound of those that the log dropped before they were read
 * @known: sequence number up to which all were read, or counted as lost
 * @dropped_before: what account.dropped was at the last read
 * @unrecorded_before: what account.unrecorded was at the last read
 * @failure: what to exit with because the log cannot be read any more, or 0
 */
struct run_log {
	struct log_reader reader;
	struct reject_list rejects;
	__u64 dropped;
	__u64 lost;
	__u64 known;
	__u64 dropped_before;
	__u64 unrecorded_before;
	int failure;
};

int run_log_begin(struct run_log *log);
int run_log_read(struct run_log *log);
void run_log_ends(struct run_log *log, int status);
char *run_log_dropped_note(const struct run_log *log);
char *run_log_lost_note(const struct run_log *log);
void run_log_free(struct run_log *log);

#endif /* PORTOWNER_RUN_LOG_H */
