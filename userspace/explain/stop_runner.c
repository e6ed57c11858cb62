// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that run others: to end one would end all of these. It may hold a
 * socket for itself, or to pass it on.
 */

#include <stdlib.h>

#include "explain/restarter.h"
#include "explain/stop_priv.h"
#include "lib/util.h"
#include "print/phrase.h"

/* Maximum number of owners to look at. */
#define OWNERS_MAX 64

static bool find_runner(const struct psock *sock, struct restarter *runner)
{
	size_t i;

	for (i = 0; i < sock->n_owners && i < OWNERS_MAX; i++)
		if (restarter_is(&sock->owners[i], runner))
			return true;
	return false;
}

/**
 * runner_holds() - Is a socket held by a program that runs others?
 * @sock: the socket
 *
 * Return: true if one of the owners does.
 */
bool runner_holds(const struct psock *sock)
{
	struct restarter runner;
	bool holds = find_runner(sock, &runner);

	if (holds)
		restarter_forget(&runner);
	return holds;
}

/**
 * stop_runner() - Leave a program alone that runs others.
 * @report: where to add it
 * @sock: its socket
 *
 * Return: true if such a program holds the socket.
 */
bool stop_runner(struct report *report, const struct psock *sock)
{
	struct restarter runner;
	char *who;

	if (!find_runner(sock, &runner))
		return false;
	who = phrase_process(runner.comm, runner.pid);
	report->runner.pid = runner.pid;
	report->runner.comm = xstrdup(runner.comm);
	report_advise(report, runner.command,
		      "%s runs other programs: leave it running. If it has the "
		      "port for itself, give it another one in its "
		      "configuration; if for one of them, stop or change that "
		      "one there%s:",
		      who, runner.hint);
	runner.command = NULL;
	free(who);
	restarter_forget(&runner);
	return true;
}
