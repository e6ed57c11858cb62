// SPDX-License-Identifier: GPL-2.0
/* A refusal in one line; untrusted bytes are escaped. */

#include <stdlib.h>

#include "lib/util.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "print/phrase.h"

static void write_process(FILE *out, const char *process, const char *cgroup)
{
	char *unit = phrase_unit(cgroup);

	fputs(process, out);
	if (unit)
		fprintf(out, " (%s)", unit);
	free(unit);
}

static void write_culprits(FILE *out, const struct psock_list *list)
{
	const struct psock *sock = list->v;
	bool orphan = !sock->n_owners && !sock->owners_hidden &&
		      !psock_is_passive(sock);
	char *holder = orphan ? xstrdup(phrase_orphan(sock)) :
				phrase_holder(sock);

	fputs("; in the way: ", out);
	write_process(out, holder, sock->n_owners ? sock->owners->cgroup : NULL);
	if (list->n > 1)
		fprintf(out, " and %zu more socket%s", list->n - 1,
			list->n > 2 ? "s" : "");
	free(holder);
}

/**
 * phrase_requested() - What a refused bind requested.
 * @reject: the refusal
 *
 * Return: as phrase_wanted(), unless it is not known; to be freed.
 */
char *phrase_requested(const struct reject *reject)
{
	const char *proto = proto_name(reject->ep.proto);

	if (!reject_is_short(reject))
		return phrase_wanted(&reject->ep);
	return xasprintf("an address of %s that was not read",
			 proto ? proto : "a socket");
}

/**
 * phrase_refusal() - "bind to tcp 0.0.0.0:80 by nc[9] was refused: ..."
 * @reject: what was refused
 *
 * Return: the refusal and what was in the way, in one line; to be freed.
 */
char *phrase_refusal(const struct reject *reject)
{
	char *wanted = phrase_requested(reject);
	char *who = phrase_process(reject->comm, reject->pid);
	char *error = phrase_error(reject->err), *text;
	size_t len;
	FILE *out = phrase_open(&text, &len);

	fprintf(out, "%s to %s by ", op_name(reject->op), wanted);
	write_process(out, who, reject->cgroup);
	fprintf(out, " was refused: %s (%s)", error, rule_name(reject->rule));
	if (reject->culprits.n)
		write_culprits(out, &reject->culprits);
	fclose(out);
	free(error);
	free(who);
	free(wanted);
	return text;
}
