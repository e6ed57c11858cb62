// SPDX-License-Identifier: GPL-2.0
/* An io_uring to test with. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "die.h"
#include "ring.h"

static void *ring_map(int fd, size_t size, off_t offset)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, fd, offset);

	if (p == MAP_FAILED)
		die_errno("io_uring map");
	return p;
}

/* Returns 0, or a negative errno if this kernel does not permit a ring. */
int ring_open(struct ring *ring, unsigned int entries)
{
	struct io_uring_params *p = &ring->params;

	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(SYS_io_uring_setup, entries, p);
	if (ring->fd < 0)
		return -errno;
	ring->sq = ring_map(ring->fd, p->sq_off.array + p->sq_entries *
			    sizeof(__u32), IORING_OFF_SQ_RING);
	ring->cq = ring_map(ring->fd, p->cq_off.cqes + p->cq_entries *
			    sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	ring->sqes = ring_map(ring->fd, p->sq_entries * sizeof(*ring->sqes),
			      IORING_OFF_SQES);
	return 0;
}

/* The ring holds @fd from then on, whether or not a descriptor is left. */
void ring_register(struct ring *ring, int fd)
{
	if (syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_FILES,
		    &fd, 1))
		die_errno("IORING_REGISTER_FILES");
}

static __u32 *ring_word(char *base, __u32 offset)
{
	return (__u32 *)(base + offset);
}

/* Add a request, for the caller to fill. */
struct io_uring_sqe *ring_prepare(struct ring *ring, int op, int fd)
{
	const struct io_uring_params *p = &ring->params;
	__u32 tail = *ring_word(ring->sq, p->sq_off.tail) + ring->nr;
	__u32 slot = tail & *ring_word(ring->sq, p->sq_off.ring_mask);
	struct io_uring_sqe *sqe = &ring->sqes[slot];

	if (ring->nr++ == p->sq_entries)
		die("too many requests for the ring");
	ring_word(ring->sq, p->sq_off.array)[slot] = slot;
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = op;
	sqe->fd = fd;
	return sqe;
}

/* Submit all prepared requests by one call, and wait until all are done. */
void ring_submit(struct ring *ring)
{
	__u32 *tail = ring_word(ring->sq, ring->params.sq_off.tail);

	__atomic_store_n(tail, *tail + ring->nr, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring->fd, ring->nr, ring->nr,
		    IORING_ENTER_GETEVENTS, NULL, 0) != ring->nr)
		die_errno("io_uring_enter");
	ring->nr = 0;
}

/* Result of the next request, in the order of completion. */
int ring_result(struct ring *ring)
{
	const struct io_uring_params *p = &ring->params;
	__u32 *head = ring_word(ring->cq, p->cq_off.head);
	__u32 mask = *ring_word(ring->cq, p->cq_off.ring_mask);
	struct io_uring_cqe *cqes = (void *)(ring->cq + p->cq_off.cqes);
	int res;

	if (*head == __atomic_load_n(ring_word(ring->cq, p->cq_off.tail),
				     __ATOMIC_ACQUIRE))
		die("nothing came of a request");
	res = cqes[*head & mask].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return res;
}
