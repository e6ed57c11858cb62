// SPDX-License-Identifier: GPL-2.0
/* Run a command as if it had been started directly. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/child.h"
#include "cmd/job_control.h"
#include "lib/util.h"

/* Exit statuses as in a shell. */
#define STATUS_NOT_EXECUTABLE	126
#define STATUS_NOT_FOUND	127
#define STATUS_SIGNALED		128

/*
 * Signals passed on to the command. Those that stop a process stop us only if
 * they stop the command, which may handle them differently.
 */
static const int forwarded[] = {
	SIGINT,	 SIGTERM, SIGHUP,  SIGQUIT, SIGUSR1, SIGUSR2,
	SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT,
};

static struct sigaction old_pipe = { .sa_handler = SIG_DFL };
static struct sigaction old_child = { .sa_handler = SIG_DFL };

/**
 * ignore_broken_pipes() - Do not die when a reader has closed the pipe.
 *
 * Commands run by child_start() get the old disposition.
 */
void ignore_broken_pipes(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGPIPE, &ignore, &old_pipe);
}

/* In the child: exec, and report to the parent if that fails. */
static void exec_command(const struct child *child, char **argv, int error_fd)
{
	int err;

	sigaction(SIGPIPE, &old_pipe, NULL);
	sigaction(SIGCHLD, &old_child, NULL);
	sigprocmask(SIG_SETMASK, &child->mask, NULL);
	if (child->output)
		dup2(child->output, STDOUT_FILENO);
	if (child->output && child->errors_too)
		dup2(child->output, STDERR_FILENO);
	execvp(argv[0], argv);
	err = errno;
	if (write(error_fd, &err, sizeof(err)) < 0)
		_exit(STATUS_FAILED);
}

/* The errno of a failed exec, or 0. */
static int read_exec_error(int fd)
{
	int err;
	ssize_t len;

	do {
		len = read(fd, &err, sizeof(err));
	} while (len < 0 && errno == EINTR);
	close(fd);
	return len == sizeof(err) ? err : 0;
}

static int exec_failed(const char *name, int err)
{
	return complain(err == ENOENT ? STATUS_NOT_FOUND :
					STATUS_NOT_EXECUTABLE,
			"cannot run '%s': %s", name, strerror(err));
}

static int catch_signals(struct child *child)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t signals;
	size_t i;

	/* If SIGCHLD were ignored, wait() would not report how children end. */
	sigaction(SIGCHLD, &standard, &old_child);
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	for (i = 0; i < ARRAY_SIZE(forwarded); i++)
		sigaddset(&signals, forwarded[i]);
	sigprocmask(SIG_BLOCK, &signals, &child->mask);
	child->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return child->signals;
}

/**
 * child_start() - Run a command.
 * @child: set to it
 * @argv: the command, found by PATH, and its arguments
 *
 * Return: 0, or the exit status after reporting the error.
 */
int child_start(struct child *child, char **argv)
{
	int error[2], err;

	if (catch_signals(child) < 0 || pipe2(error, O_CLOEXEC))
		return complain(STATUS_FAILED, "cannot run '%s': %s", argv[0],
				strerror(errno));
	fflush(NULL);
	child->pid = fork();
	if (child->pid < 0)
		return complain(STATUS_FAILED, "cannot run '%s': %s", argv[0],
				strerror(errno));
	if (!child->pid) {
		exec_command(child, argv, error[1]);
		_exit(STATUS_NOT_FOUND);
	}
	close(error[1]);
	err = read_exec_error(error[0]);
	if (!err)
		return 0;
	waitpid(child->pid, NULL, 0);
	return exec_failed(argv[0], err);
}

/* Also reaps orphans that became our children. */
static void reap(struct child *child)
{
	int status, stopped_by = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != child->pid)
			continue;
		if (WIFSTOPPED(status)) {
			stopped_by = WSTOPSIG(status);
			continue;
		}
		child->ended = true;
		child->status = status;
	}
	if (stopped_by && !child->ended)
		job_stop_with(child->pid, stopped_by);
}

/*
 * Signals from the terminal (SI_KERNEL) have already reached the command,
 * except on a hangup: that sends SIGHUP, and SIGCONT so that it is noticed,
 * only to the session leader.
 */
static bool is_for_command(const struct child *child,
			   const struct signalfd_siginfo *info)
{
	if (child->ended || info->ssi_pid == (__u32)child->pid)
		return false;
	/* A shell continues the whole job, including the command. */
	if (info->ssi_signo == SIGCONT && job_was_continued(child->pid))
		return false;
	if (info->ssi_code != SI_KERNEL)
		return true;
	return job_leads_session() && getsid(child->pid) == getsid(0) &&
	       (info->ssi_signo == SIGHUP || info->ssi_signo == SIGCONT);
}

/* ^C or ^\ at the terminal, which is meant for us, too. */
static bool is_interrupt(const struct signalfd_siginfo *info)
{
	return info->ssi_code == SI_KERNEL &&
	       (info->ssi_signo == SIGINT || info->ssi_signo == SIGQUIT);
}

/* It may be meant for the command, but the sender wants us to end. */
static bool is_to_end(const struct signalfd_siginfo *info)
{
	return info->ssi_signo == SIGINT || info->ssi_signo == SIGTERM ||
	       info->ssi_signo == SIGHUP || info->ssi_signo == SIGQUIT;
}

/**
 * child_signal() - Handle pending signals.
 * @child: the command; signals meant for it are passed on
 */
void child_signal(struct child *child)
{
	struct signalfd_siginfo info;

	while (read(child->signals, &info, sizeof(info)) == sizeof(info)) {
		if (is_to_end(&info))
			child->told_to_end = true;
		if (info.ssi_signo == SIGCHLD)
			reap(child);
		else if (is_for_command(child, &info))
			kill(child->pid, info.ssi_signo);
		else if (is_interrupt(&info) && !child->ended)
			child->interrupt = info.ssi_signo;
	}
}

/**
 * child_status() - The status that a shell would report.
 * @child: the command, which has ended
 *
 * Return: its exit status, or 128 plus the number of the signal that ended it.
 */
int child_status(const struct child *child)
{
	if (WIFSIGNALED(child->status))
		return STATUS_SIGNALED + WTERMSIG(child->status);
	return WEXITSTATUS(child->status);
}

/**
 * child_end() - Clean up after a command that has ended.
 * @child: the command
 *
 * If ^C or ^\ ended it, we end in the same way, for those who wait for us.
 *
 * Return: its exit status, as from child_status().
 */
int child_end(struct child *child)
{
	/* Discard signals that arrived too late for the command. */
	child_signal(child);
	close(child->signals);
	sigprocmask(SIG_SETMASK, &child->mask, NULL);
	sigaction(SIGCHLD, &old_child, NULL);
	if (WIFSIGNALED(child->status) && child->interrupt == WTERMSIG(child->status))
		job_die_of(child->interrupt);
	return child_status(child);
}
