// SPDX-License-Identifier: GPL-2.0
/* A command that is run as if we were not there. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "util.h"

/* As a shell has it. */
#define STATUS_NOT_EXECUTABLE	126
#define STATUS_NOT_FOUND	127
#define STATUS_SIGNALED		128

/* What is passed on to the command. */
static const int forwarded[] = {
	SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH,
};

static struct sigaction old_pipe = { .sa_handler = SIG_DFL };
static struct sigaction old_child = { .sa_handler = SIG_DFL };

/**
 * ignore_broken_pipes() - A reader that has seen enough is no reason to die.
 *
 * Commands that we run are not concerned.
 */
void ignore_broken_pipes(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGPIPE, &ignore, &old_pipe);
}

/* In the child; tells our parent why it did not become the command. */
static void become(const struct child *child, char **argv, int tell_fd)
{
	int err;

	sigaction(SIGPIPE, &old_pipe, NULL);
	sigaction(SIGCHLD, &old_child, NULL);
	sigprocmask(SIG_SETMASK, &child->mask, NULL);
	execvp(argv[0], argv);
	err = errno;
	if (write(tell_fd, &err, sizeof(err)) < 0)
		_exit(STATUS_FAILED);
}

/* What exec failed with; 0 if it did not. */
static int told(int fd)
{
	int err;
	ssize_t len;

	do {
		len = read(fd, &err, sizeof(err));
	} while (len < 0 && errno == EINTR);
	close(fd);
	return len == sizeof(err) ? err : 0;
}

static int not_run(const char *name, int err)
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

	/* Who ignores it is not told how children end. */
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
 * Return: 0, or what to exit with.
 */
int child_start(struct child *child, char **argv)
{
	int tell[2], err;

	if (catch_signals(child) < 0 || pipe2(tell, O_CLOEXEC))
		return complain(STATUS_FAILED, "cannot run '%s': %s", argv[0],
				strerror(errno));
	fflush(NULL);
	child->pid = fork();
	if (child->pid < 0)
		return complain(STATUS_FAILED, "cannot run '%s': %s", argv[0],
				strerror(errno));
	if (!child->pid) {
		become(child, argv, tell[1]);
		_exit(STATUS_NOT_FOUND);
	}
	close(tell[1]);
	err = told(tell[0]);
	if (!err)
		return 0;
	waitpid(child->pid, NULL, 0);
	return not_run(argv[0], err);
}

/* Orphans that became ours are ours to bury, too. */
static void reap(struct child *child)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != child->pid)
			continue;
		child->ended = true;
		child->status = status;
	}
}

/**
 * child_signal() - See to the signals that have come.
 * @child: the command; passed on those that are meant for it
 *
 * What the terminal sends, it sends to the command as well.
 */
void child_signal(struct child *child)
{
	struct signalfd_siginfo info;

	while (read(child->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(child);
		else if (info.ssi_code != SI_KERNEL && !child->ended &&
			 info.ssi_pid != (__u32)child->pid)
			kill(child->pid, info.ssi_signo);
	}
}

/**
 * child_end() - Be done with a command that has ended.
 * @child: the command
 *
 * Return: how it ended, as a shell has it.
 */
int child_end(struct child *child)
{
	/* What came too late for the command is not meant for us. */
	child_signal(child);
	close(child->signals);
	sigprocmask(SIG_SETMASK, &child->mask, NULL);
	sigaction(SIGCHLD, &old_child, NULL);
	if (WIFSIGNALED(child->status))
		return STATUS_SIGNALED + WTERMSIG(child->status);
	return WEXITSTATUS(child->status);
}
