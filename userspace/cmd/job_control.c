// SPDX-License-Identifier: GPL-2.0
/*
 * Be stopped and continued by a shell together with a command.
 *
 * The shell waits for us, not for the command: what happens to the command has
 * to happen to us, or the shell would not take the terminal back, or go on with
 * a script that was interrupted.
 */

#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/job_control.h"

/**
 * job_leads_session() - Are we the leader of our session?
 *
 * When its terminal hangs up, only the leader is told by the kernel.
 *
 * Return: true if we are.
 */
bool job_leads_session(void)
{
	return getsid(0) == getpid();
}

/*
 * Is our parent a shell that has made a job of us? Only then does anybody notice
 * that we are stopped, and continue us.
 */
static bool is_job(void)
{
	pid_t parent = getppid();

	return getsid(parent) == getsid(0) && getpgid(parent) != getpgrp();
}

/* Die of a signal, or be stopped by it; it is blocked before and after. */
static void take_signal(int signal)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };
	struct sigaction old = standard;
	sigset_t only;

	sigemptyset(&only);
	sigaddset(&only, signal);
	sigaction(signal, &standard, &old);
	raise(signal);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	sigprocmask(SIG_BLOCK, &only, NULL);
	sigaction(signal, &old, NULL);
}

/* What continued us is not news for the command any more. */
static void forget_continue(void)
{
	const struct timespec now = { 0 };
	sigset_t only;

	sigemptyset(&only);
	sigaddset(&only, SIGCONT);
	sigtimedwait(&only, NULL, &now);
}

/**
 * job_was_continued() - Was a command continued since it was stopped?
 * @pid: the command, which is our child
 *
 * A shell continues the whole job, somebody else perhaps only us.
 *
 * Return: true the first time that this is asked.
 */
bool job_was_continued(pid_t pid)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, pid, &info, WCONTINUED | WNOHANG) && info.si_pid;
}

/**
 * job_stop_with() - Be stopped because a command is; continue it with us.
 * @pid: the command, which is our child
 * @signal: what stopped it
 *
 * Does nothing if nobody would continue us. Then the command, too, goes on only
 * when it is continued itself.
 */
void job_stop_with(pid_t pid, int signal)
{
	if (!is_job())
		return;
	take_signal(signal);
	forget_continue();
	if (!job_was_continued(pid))
		kill(pid, SIGCONT);
}

/**
 * job_die_of() - Die of the signal that a command died of.
 * @signal: SIGINT or SIGQUIT, from the terminal
 *
 * A script whose command returns a status goes on; when it died of ^C it is ended.
 */
void job_die_of(int signal)
{
	const struct rlimit no_core = { 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	take_signal(signal);
}
