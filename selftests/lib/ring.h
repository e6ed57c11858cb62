/* SPDX-License-Identifier: GPL-2.0 */
/* An io_uring to test with; see die.h for failures. */
#ifndef SELFTEST_PORTOWNER_RING_H
#define SELFTEST_PORTOWNER_RING_H

#include <linux/io_uring.h>

/* Since 6.11; the headers may be older. */
#define OP_BIND		56
#define OP_LISTEN	57

struct ring {
	int fd;
	struct io_uring_params params;
	char *sq;
	char *cq;
	struct io_uring_sqe *sqes;
	/* number of prepared requests */
	unsigned int nr;
};

int ring_open(struct ring *ring, unsigned int entries);
void ring_register(struct ring *ring, int fd);
struct io_uring_sqe *ring_prepare(struct ring *ring, int op, int fd);
void ring_submit(struct ring *ring);
int ring_result(struct ring *ring);

#endif
