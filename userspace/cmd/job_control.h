/* SPDX-License-Identifier: GPL-2.0 */
/* Be stopped and continued by a shell together with a command. */
#ifndef PORTOWNER_JOB_CONTROL_H
#define PORTOWNER_JOB_CONTROL_H

#include <stdbool.h>
#include <sys/types.h>

bool job_leads_session(void);
bool job_was_continued(pid_t pid);
void job_stop_with(pid_t pid, int signal);
void job_die_of(int signal);

#endif /* PORTOWNER_JOB_CONTROL_H */
