// SPDX-License-Identifier: GPL-2.0
/* End on SIGINT and SIGTERM, with whole lines. */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cmd/stop.h"
#include "lib/util.h"

/* Time for a slow reader to read the rest after a signal. */
#define GRACE_S	1

/* An eventfd that signal handlers write to when we have to end. */
static int fd = -1;

static void on_stop(int signal)
{
	int err = errno;

	(void)signal;
	eventfd_write(fd, 1);
	alarm(GRACE_S);
	errno = err;
}

/* The reader is too slow; ending the log is not a failure. */
static void on_alarm(int signal)
{
	(void)signal;
	_exit(STATUS_YES);
}

/*
 * SA_RESTART: a write() continues after a signal, so that no line is cut off.
 * SIGALRM ends it if the reader never reads.
 */
static int catch_signals(void)
{
	struct sigaction stop = { .sa_handler = on_stop,
				  .sa_flags = SA_RESTART };
	struct sigaction give_up = { .sa_handler = on_alarm };
	sigset_t signals;

	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return -1;
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGALRM, &give_up, NULL);
	/* Our parent may have blocked them. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGALRM);
	return sigprocmask(SIG_UNBLOCK, &signals, NULL);
}

/**
 * stop_on_signals() - End on signals once everything has been printed.
 *
 * Return: 0 or the exit status.
 */
int stop_on_signals(void)
{
	if (catch_signals())
		return complain(STATUS_FAILED, "cannot catch signals: %s",
				strerror(errno));
	return 0;
}

/**
 * stop_fd() - The descriptor that is readable once we have to end.
 *
 * Return: the descriptor, or -1 before stop_on_signals().
 */
int stop_fd(void)
{
	return fd;
}
