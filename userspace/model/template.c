// SPDX-License-Identifier: GPL-2.0
/* Sockets of one template, which differ in a few numbers only. */

#include <string.h>

#include "lib/util.h"
#include "model/model.h"

/*
 * Do two sockets with one owner differ only as sockets of one template may? All
 * members are compared at once, so that none is forgotten. If only the padding
 * differs, there is just another template.
 */
static bool is_like(const struct psock *sock, const struct psock *other)
{
	struct psock same;

	memcpy(&same, sock, sizeof(same));
	same.ep.port = other->ep.port;
	same.cookie = other->cookie;
	same.inode = other->inode;
	same.peer_port = other->peer_port;
	memcpy(same.peer_addr, other->peer_addr, sizeof(same.peer_addr));
	same.owners = other->owners;
	same.template_id = other->template_id;
	return !memcmp(&same, other, sizeof(same)) &&
	       owner_same_process(sock->owners, other->owners);
}

/**
 * psock_list_set_template() - Make the last socket a template.
 * @list: the list
 * @nr: number of the template in the dump
 *
 * Each message of a dump has its own templates, most of them like the previous
 * one with that number. These share its template id.
 */
void psock_list_set_template(struct psock_list *list, size_t nr)
{
	struct psock *sock = &list->v[list->n - 1], *previous;
	size_t room = list->n_templates;

	if (nr >= room) {
		list->n_templates = nr + 256;
		list->templates = xrealloc(list->templates,
					   list->n_templates *
						   sizeof(*list->templates));
		memset(list->templates + room, 0,
		       (list->n_templates - room) * sizeof(*list->templates));
	}
	previous = list->templates[nr] ? &list->v[list->templates[nr] - 1] :
					 NULL;
	if (previous && is_like(sock, previous))
		sock->template_id = previous->template_id;
	else
		sock->template_id = ++list->last_template_id;
	list->templates[nr] = list->n;
}
