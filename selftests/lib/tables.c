// SPDX-License-Identifier: GPL-2.0
/* Threads with descriptor tables of their own. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "die.h"
#include "tables.h"

static pthread_barrier_t ready;

static void *own_table(void *arg)
{
	if (unshare(CLONE_FILES))
		die_errno("CLONE_FILES");
	pthread_barrier_wait(&ready);
	pause();
	return arg;
}

/* Each has a copy of what this process has open now, until it ends. */
void tables_start(int nr)
{
	pthread_attr_t attr;
	pthread_t thread;
	int i, err;

	pthread_barrier_init(&ready, NULL, nr + 1);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	for (i = 0; i < nr; i++) {
		err = pthread_create(&thread, &attr, own_table, NULL);
		if (err)
			die("pthread_create: %s", strerror(err));
	}
	pthread_barrier_wait(&ready);
}
