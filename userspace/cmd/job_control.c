// SPDX-License-Identifier: GPL-2.0
/*
 * Be stopped and continued by a shell together with a command.
 *
 * The shell waits for us, not for the command: what happens to the command must
 * happen to us, or the shell would not take back the terminal, or would go on
 * with a script that was interrupted.
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
 * When its terminal hangs up, the kernel signals only the leader.
 *
 * Return: true if we are.
 */
bool job_leads_session(void)
{
	return getsid(0) == getpid();
}

/*
 * Is our parent a shell that made us a job? Only then will it notice that we
 * are stopped, and continue us.
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

/* The command does not need the SIGCONT that continued us. */
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
 * A shell continues the whole job; other senders perhaps only us.
 *
 * Return: true the first time it is asked.
 */
bool job_was_continued(pid_t pid)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, pid, &info, WCONTINUED | WNOHANG) && info.si_pid;
}

/**
 * job_stop_with() - Stop together with a command, and continue it with us.
 * @pid: the command, which is our child
 * @signal: signal that stopped it
 *
 * Does nothing if no shell would continue us. Then the command, too, resumes
 * only when it is continued itself.
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
 * A script goes on after a command that exits, but not if it died of ^C.
 */
void job_die_of(int signal)
{
	const struct rlimit no_core = { 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	take_signal(signal);
}
