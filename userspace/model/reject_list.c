// SPDX-License-Identifier: GPL-2.0
/* Lists of rejects: grow, choose, sort, free. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/host.h"
#include "lib/interpreter.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "model/model.h"
#include "model/port_range.h"

/**
 * reject_list_add() - Append an empty reject.
 * @list: where to add it
 *
 * Return: the reject; valid until the next one is added.
 */
struct reject *reject_list_add(struct reject_list *list)
{
	struct reject *reject;

	list->v = xgrow(list->v, list->n, &list->room, sizeof(*list->v));
	reject = &list->v[list->n++];
	memset(reject, 0, sizeof(*reject));
	return reject;
}

/**
 * reject_capable_script() - A script whose file capabilities have no effect.
 * @reject: the refusal of the process that runs it
 *
 * Return: the path on the command line of the process, to be freed; NULL if it
 * runs no script, or that has no capabilities, or the process has ended.
 */
char *reject_capable_script(const struct reject *reject)
{
	char *script, *path;
	bool capable;

	if (!reject->exe || !interpreter_is(reject->exe))
		return NULL;
	script = interpreter_program(reject->exe, reject->pid, reject->comm);
	if (!script)
		return NULL;
	/* As the process sees it, which may have its own root. */
	path = xasprintf("/proc/%u/%s/%s", reject->pid,
			 *script == '/' ? "root" : "cwd", script);
	capable = host_has_file_caps(0, path);
	free(path);
	if (capable)
		return script;
	free(script);
	return NULL;
}

/* Does the executable have ineffective capabilities, or the script it runs? */
static bool has_useless_caps(const struct reject *reject)
{
	char *script;
	bool has;

	if (!reject->exe)
		return false;
	if (reject->caller_flags & (PORTOWNER_CALLER_FLAG_NO_NEW_PRIVS |
				    PORTOWNER_CALLER_FLAG_NOSUID) &&
	    host_has_file_caps(reject->pid, reject->exe))
		return true;
	script = reject_capable_script(reject);
	has = script;
	free(script);
	return has;
}

/**
 * reject_is_short() - Was the address too short for the kernel to look at?
 * @reject: the refusal
 *
 * No socket is refused the wildcard and port 0 for their value.
 *
 * Return: true if it was, so that it is not known.
 */
bool reject_is_short(const struct reject *reject)
{
	return reject->op == PORTOWNER_REJECT_OP_BIND &&
	       reject->err == EINVAL &&
	       reject->rule == PORTOWNER_RULE_INVALID_ARGUMENT &&
	       proto_has_ports(reject->ep.proto) && !reject->ep.port &&
	       endpoint_is_any(&reject->ep);
}

/**
 * reject_reason() - Why a refusal happened, in addition to its rule.
 * @reject: the refusal
 *
 * Return: the reason given by the kernel, or one that the tool detects itself;
 * 0 if there is none.
 */
__u32 reject_reason(const struct reject *reject)
{
	if (reject_is_short(reject))
		return REASON_ADDRESS_NOT_READ;
	if (reject->reason || reject->rule != PORTOWNER_RULE_PRIVILEGED_PORT)
		return reject->reason;
	if (reject->caller_flags & PORTOWNER_CALLER_FLAG_FOREIGN_NETNS)
		return REASON_CAP_ELSEWHERE;
	if (reject->caller_flags & PORTOWNER_CALLER_FLAG_BIND_SERVICE)
		return REASON_CAP_DENIED;
	return has_useless_caps(reject) ? REASON_FILE_CAPS_IGNORED : 0;
}

/**
 * reject_clear() - Free the contents of a reject.
 * @reject: the reject, empty afterwards
 */
void reject_clear(struct reject *reject)
{
	psock_list_clear(&reject->culprits);
	port_range_free(reject->range);
	free(reject->ep.dev);
	free(reject->comm);
	free(reject->exe);
	free(reject->reason_dev);
	free(reject->prog_name);
	free(reject->cgroup);
	memset(reject, 0, sizeof(*reject));
}

/**
 * reject_list_keep() - Drop the rejects that do not match.
 * @list: the rejects
 * @keep: returns whether a reject matches
 * @arg: passed to @keep
 */
void reject_list_keep(struct reject_list *list,
		      bool (*keep)(const struct reject *reject,
				   const void *arg),
		      const void *arg)
{
	size_t i, n = 0;

	for (i = 0; i < list->n; i++) {
		if (keep(&list->v[i], arg))
			list->v[n++] = list->v[i];
		else
			reject_clear(&list->v[i]);
	}
	list->n = n;
}

static int by_time(const void *left, const void *right)
{
	const struct reject *a = left, *b = right;
	int order = compare(a->boot_ns, b->boot_ns);

	if (!order)
		order = compare(a->time_ns, b->time_ns);
	if (!order)
		order = compare(a->netns, b->netns);
	return order ? order : compare(a->seq, b->seq);
}

/**
 * reject_list_sort() - Sort rejects of several namespaces by time.
 * @list: the rejects, oldest first afterwards
 */
void reject_list_sort(struct reject_list *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_time);
}

/**
 * reject_list_find() - Find an earlier state of a record.
 * @list: the list
 * @reject: the record
 *
 * Return: the earlier state, or NULL.
 */
struct reject *reject_list_find(struct reject_list *list,
				const struct reject *reject)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->v[i].netns == reject->netns &&
		    list->v[i].first_time_ns == reject->first_time_ns &&
		    list->v[i].ep.port == reject->ep.port &&
		    list->v[i].err == reject->err)
			return &list->v[i];
	return NULL;
}

/**
 * reject_list_clear() - Free all rejects of a list.
 * @list: the list, empty and usable afterwards
 */
void reject_list_clear(struct reject_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		reject_clear(&list->v[i]);
	free(list->v);
	memset(list, 0, sizeof(*list));
}
