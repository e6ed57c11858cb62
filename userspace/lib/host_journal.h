/* SPDX-License-Identifier: GPL-2.0 */
/* The journal and the service manager. */
#ifndef PORTOWNER_HOST_JOURNAL_H
#define PORTOWNER_HOST_JOURNAL_H

#include <stdbool.h>
#include <sys/uio.h>

bool host_journal_open(void);
int host_journal_send(const struct iovec *fields, int n);
void host_journal_ready(void);

#endif /* PORTOWNER_HOST_JOURNAL_H */
