/* SPDX-License-Identifier: GPL-2.0 */
/* Collect the refusals of a command and its descendants while it runs. */
#ifndef PORTOWNER_RUN_LOG_H
#define PORTOWNER_RUN_LOG_H

#include "source/log_reader.h"

/**
 * struct run_log - Refusals since the command began.
 * @reader: reads the log
 * @rejects: refusals of the command and its descendants; @fresh counts those
 *	not reported yet
 * @dropped: refusals for which @rejects had no room
 * @lost: upper bound of refusals that the log dropped before they were read
 * @known: sequence number up to which all were read, or counted as lost
 * @dropped_before: account.dropped at the last read
 * @unrecorded_before: account.unrecorded at the last read
 * @failure: exit status once the log cannot be read any more, or 0
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
