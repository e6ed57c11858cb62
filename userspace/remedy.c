// SPDX-License-Identifier: GPL-2.0
/*
 * What can be done about a refused bind, as advice in a story.
 *
 * Commands are made to be pasted into the shell of root: no name that a process
 * or a directory chose for itself gets into one unless it is plain.
 */

#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "endpoint.h"
#include "escape.h"
#include "names.h"
#include "prose.h"
#include "remedy.h"

/* Processes that are ended by one command. */
#define KILL_MAX 8

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@:._/+-"

/**
 * is_plain_word() - Does some text mean just itself to a shell?
 * @text: the text
 * @len: its length
 *
 * Return: true if it does, and is no option either.
 */
bool is_plain_word(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!text[i] || !strchr(PLAIN, text[i]))
			return false;
	return len && text[0] != '-';
}

/**
 * newcomer() - Who was refused.
 * @sit: the situation
 *
 * Return: the words; to be freed.
 */
char *newcomer(const struct situation *sit)
{
	const struct reject *reject = sit->reject;

	return reject->comm ? prose_process(reject->comm, reject->pid) :
			      xstrdup("the new program");
}

/**
 * remedy_there() - A command for the network namespace of a refusal.
 * @sit: the situation
 * @command: what to run there; freed
 *
 * Return: the command, with what enters the namespace before it if it is another
 * one than that of the tool, to be freed; or NULL if no way into it is known.
 */
char *remedy_there(const struct situation *sit, char *command)
{
	const char *name = netns_name(sit->reject->netns);
	__u32 pid = sit->reject->pid;
	char *there = NULL;

	if (sit->here)
		return command;
	if (sit->there && sit->there->n_owners && sit->there->owners->pid)
		pid = sit->there->owners->pid;
	if (name && is_plain_word(name, strlen(name)))
		there = xasprintf("ip netns exec %s %s", name, command);
	else if (pid)
		there = xasprintf("nsenter -n -t %u %s", pid, command);
	free(command);
	return there;
}

/**
 * remedy_start_again() - If nothing is in the way any more.
 * @sit: the situation
 * @story: where
 */
void remedy_start_again(const struct situation *sit, struct story *story)
{
	char *who;

	if (sit->there || !sit->reject->seq)
		return;
	who = newcomer(sit);
	if (sit->holder && situation_is_own(sit, sit->holder))
		story_advise(story, NULL,
			     "To start it again will not help: %s itself had the port, by another socket; see whether its configuration names the port twice.",
			     who);
	else
		story_advise(story, NULL,
			     "Nothing is in the way any more: start what %s was to do again.",
			     who);
	free(who);
}

/* A service of the system; others are not stopped that way. */
static char *service_of(const struct owner *owner)
{
	static const char suffix[] = ".service";
	const size_t len = strlen(suffix);
	struct slice unit;

	if (!owner->cgroup || strstr(owner->cgroup, "/user@") ||
	    !cgroup_unit(owner->cgroup, &unit) ||
	    !is_plain_word(unit.str, unit.len) || unit.len <= len ||
	    strncmp(unit.str + unit.len - len, suffix, len))
		return NULL;
	return xasprintf("%.*s", (int)unit.len, unit.str);
}

static char *container_of_owner(const struct owner *owner)
{
	struct slice name;

	return owner->cgroup && cgroup_container(owner->cgroup, &name) ?
		       escape_text(name.str, name.len) : NULL;
}

/* The most frequent case: it was started twice. */
static bool is_same_program(const struct reject *reject,
			    const struct owner *owner)
{
	if (reject->exe && owner->exe)
		return !strcmp(reject->exe, owner->exe);
	return reject->comm && owner->comm &&
	       !strcmp(reject->comm, owner->comm);
}

/* All of them: a port is free when the last one has let go of it. */
static char *kill_command(const struct psock *sock)
{
	char *command = xstrdup("kill"), *longer;
	__u32 last = 0;
	size_t i;

	for (i = 0; i < sock->n_owners; i++) {
		if (!sock->owners[i].pid || sock->owners[i].pid == last)
			continue;
		last = sock->owners[i].pid;
		longer = xasprintf("%s %u", command, last);
		free(command);
		command = longer;
	}
	return command;
}

static void stop_owners(const struct situation *sit, struct story *story,
			const struct psock *sock, const char *who)
{
	const struct owner *owner = sock->owners;
	const char *words = is_same_program(sit->reject, owner) ?
		"Another process of the same program has the port; end %s, if it is not to go on:" :
		"End %s, if it should not have the port:";
	char *container = container_of_owner(owner);
	char *service = service_of(owner);

	if (container)
		story_advise(story, NULL,
			     "Stop container %.12s, in which %s runs, or have it publish another port.",
			     container, who);
	else if (service)
		story_advise(story, xasprintf("systemctl stop %s", service),
			     "Stop the service that has the port, if it should not have it:");
	else if (owner->pid && psock_processes(sock) <= KILL_MAX)
		story_advise(story, kill_command(sock), words, who);
	else if (owner->pid)
		story_advise(story, xasprintf("kill %u", owner->pid), words,
			     who);
	else
		story_advise(story, NULL,
			     "End %s, if it should not have the port.", who);
	free(container);
	free(service);
}

/* Those that have an interface, which tells them apart. */
static void stop_kernel(struct story *story, const char *part)
{
	static const char * const links[] = {
		"bareudp", "geneve", "gtp", "vxlan", "wireguard",
	};
	char *name = escape_text(part, strlen(part)), *command = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(links); i++)
		if (!strcmp(links[i], part))
			command = xasprintf("ip -d link show type %s", part);
	story_advise(story, command,
		     "Remove what uses the port in the kernel (%s), or give it another port%s",
		     name, command ? "; this shows it:" : ".");
	free(name);
}

/* Its own doing: ending it helps nobody. */
static void stop_itself(const struct situation *sit, struct story *story,
			const char *who)
{
	if (sit->still)
		story_advise(story, NULL,
			     "%s itself has the port, by another socket: see whether its configuration names the port twice.",
			     who);
	else
		story_advise(story, NULL,
			     "Nothing needs to be done: %s has the port by now.",
			     who);
}

/**
 * remedy_stop() - Make whoever is in the way now let go of the port.
 * @sit: the situation
 * @story: where
 */
void remedy_stop(const struct situation *sit, struct story *story)
{
	const struct psock *sock = sit->there;
	char *who;

	if (!sock || !psock_is_lasting(sock))
		return;
	who = prose_holder(sock);
	if (situation_is_own(sit, sock))
		stop_itself(sit, story, who);
	else if (sock->n_owners && sock->owners->pid == 1)
		story_advise(story, xstrdup("systemctl list-sockets --all"),
			     "Stop the socket unit for which systemd has the port; this lists them:");
	else if (sock->n_owners)
		stop_owners(sit, story, sock, who);
	else if (sock->kernel_owner)
		stop_kernel(story, sock->kernel_owner);
	else if (sock->owners_hidden)
		story_advise(story, xasprintf("sudo portowner %s%u",
					      sit->here ? "" : "-A ",
					      sock->ep.port),
			     "Ask who has the port, with the right to see it:");
	free(who);
}

/**
 * remedy_elsewhere() - Another port.
 * @sit: the situation
 * @story: where
 */
void remedy_elsewhere(const struct situation *sit, struct story *story)
{
	char *who = newcomer(sit);

	story_advise(story, NULL,
		     "Let %s use another port than %u.", who,
		     sit->reject->ep.port);
	free(who);
}

/**
 * remedy_address() - One address in place of the wildcard.
 * @sit: the situation, with a holder
 * @story: where
 */
void remedy_address(const struct situation *sit, struct story *story)
{
	bool held = endpoint_is_any(&sit->holder->ep);
	char *who = held ? prose_holder(sit->holder) : newcomer(sit);
	char *any = prose_address(held ? &sit->holder->ep : &sit->reject->ep);
	char *one = prose_address(held ? &sit->reject->ep : &sit->holder->ep);

	if (psock_is_passive(sit->holder) && !sit->holder->kernel_owner)
		story_advise(story, NULL,
			     "Let %s ask for the address that it needs, if it is another one than %s, in place of %s.",
			     who, one, any);
	free(who);
	free(any);
	free(one);
}

/**
 * remedy_reserve() - Keep the kernel from choosing the port again.
 * @sit: the situation
 * @story: where
 */
void remedy_reserve(const struct situation *sit, struct story *story)
{
	char *command;

	if (!sit->here)
		return;
	command = ephemeral_command(&sit->ephemeral, sit->reject->ep.port);
	if (command)
		story_advise(story, command,
			     "Keep the kernel from choosing this port for outgoing connections; put the setting into /etc/sysctl.d, too, to have it after the next boot:");
}
