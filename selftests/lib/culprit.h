/* SPDX-License-Identifier: GPL-2.0 */
/* The one socket that is in the way of a bind. */
#ifndef SELFTEST_PORTOWNER_CULPRIT_H
#define SELFTEST_PORTOWNER_CULPRIT_H

#include <errno.h>
#include <unistd.h>

#include "die.h"
#include "pt.h"
#include "sock.h"

/* Get refused a TCP port of 127.0.0.1, and return the logged culprit. */
static inline struct pt_sock *culprit_of(struct nl *nl, int port)
{
	int fd = sock_new("127.0.0.1", SOCK_STREAM);
	struct pt_reject *r;

	if (sock_bind(fd, "127.0.0.1", port) != -EADDRINUSE)
		die("not refused");
	close(fd);
	r = pt_last_reject(nl);
	if (!r || r->n_culprits != 1)
		die("%d culprits", r ? r->n_culprits : -1);
	return r->culprits;
}

#endif
