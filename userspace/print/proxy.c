// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that hold a port on behalf of a container: readers look for the
 * container, which can be stopped. Its address is on their command line, if
 * they get it there.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/exe.h"
#include "lib/process.h"
#include "lib/util.h"
#include "print/phrase.h"
#include "print/proxy.h"
#include "print/words.h"

/* Command names are truncated to 15 bytes. */
static const struct {
	const char *comm;
	const char *engine;
} proxies[] = {
	{ "docker-proxy",	"docker" },
	{ "rootlesskit",	"docker" },
	{ "rootlesskit-doc",	"docker" },
	{ "rootlessport",	"podman" },
	{ "rootlessport-ch",	"podman" },
	{ "containers-root",	"podman" },
	{ "conmon",		"podman" },
	{ "pasta",		"podman" },
	{ "pasta.avx2",		"podman" },
	{ "passt",		"podman" },
	{ "passt.avx2",		"podman" },
	{ "slirp4netns",	"podman" },
};

/* By the name of the command, or of its executable. */
static bool is_called(const struct owner *owner, const char *name)
{
	const char *exe = exe_name(owner->exe);
	size_t len = strlen(name);

	if (owner->comm && !strcmp(owner->comm, name))
		return true;
	return exe && !strncmp(exe, name, len) &&
	       (!exe[len] || exe[len] == ' ');
}

/*
 * One program with two names: pasta is for containers, passt for virtual machines.
 * A child may have the name of the executable, the command line has the name that
 * it was called by.
 */
static bool serves_machine(const struct owner *owner, const char *name)
{
	const size_t len = strlen("passt");
	struct process_words args;
	const char *word;
	bool serves;

	if (strncmp(name, "passt", len))
		return false;
	args = process_args(owner->pid, owner->comm);
	word = process_next(&args, NULL);
	serves = word && !strncmp(exe_name(word), "passt", len);
	free(args.bytes);
	return serves;
}

/**
 * proxy_engine() - Engine of the container that a process is a proxy for.
 * @owner: the process
 *
 * Return: "docker" or "podman", or NULL if the process is not a proxy.
 */
const char *proxy_engine(const struct owner *owner)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(proxies); i++)
		if (is_called(owner, proxies[i].comm))
			return serves_machine(owner, proxies[i].comm) ?
				       NULL : proxies[i].engine;
	return NULL;
}

/**
 * proxy_of() - Is a socket held on behalf of a container?
 * @sock: the socket
 *
 * Return: the process that holds it, or NULL.
 */
const struct owner *proxy_of(const struct psock *sock)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++)
		if (proxy_engine(&sock->owners[i]))
			return &sock->owners[i];
	return NULL;
}

static char *option_of(const struct process_words *args, const char *name)
{
	const char *value = process_option(args, name);

	return value ? xstrdup(value) : NULL;
}

/* The name of the container, or else its id. */
static char *conmon_name(const struct process_words *args)
{
	char *name = option_of(args, "n");

	return name ? name : option_of(args, "name");
}

/**
 * proxy_forwarded() - Look up the container that a process is a proxy for.
 * @owner: the process
 * @to: set to what its command line reveals
 */
void proxy_forwarded(const struct owner *owner, struct forwarded *to)
{
	struct process_words args = process_args(owner->pid, owner->comm);

	*to = (struct forwarded){ 0 };
	to->addr = option_of(&args, "container-ip");
	if (to->addr)
		to->port = option_of(&args, "container-port");
	else if (owner->comm && !strcmp(owner->comm, "conmon"))
		to->name = conmon_name(&args);
	free(args.bytes);
}

/**
 * forwarded_clear() - Free what proxy_forwarded() found.
 * @to: the container
 */
void forwarded_clear(struct forwarded *to)
{
	free(to->addr);
	free(to->port);
	free(to->name);
}

static char *escaped(const char *text)
{
	return escape_text(text, strlen(text));
}

/**
 * proxy_target() - The container that a process is a proxy for.
 * @owner: the process
 *
 * Return: "container 172.17.0.2, port 80", "container web" or, if its command
 * line does not tell, "a container"; to be freed.
 */
char *proxy_target(const struct owner *owner)
{
	char *which, *port, *words;
	struct forwarded to;

	proxy_forwarded(owner, &to);
	if (!to.addr && !to.name)
		return xstrdup("a container");
	which = escaped(to.addr ? to.addr : to.name);
	port = escaped(to.port ? to.port : "");
	words = xasprintf("container %s%s%s", which, to.port ? ", port " : "",
			  port);
	free(port);
	free(which);
	forwarded_clear(&to);
	return words;
}

/**
 * proxy_print() - Print the container that a socket is held for.
 * @sock: the socket
 */
void proxy_print(const struct psock *sock)
{
	const struct owner *proxy = proxy_of(sock);
	char *target, *words;

	if (!proxy)
		return;
	target = proxy_target(proxy);
	words = xasprintf("%s, by %s", target, proxy_engine(proxy));
	print_fact("forwards", words);
	free(words);
	free(target);
}
