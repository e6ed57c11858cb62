// SPDX-License-Identifier: GPL-2.0
/* Lists of sockets: grow, choose, free. */

#include <stdlib.h>
#include <string.h>

#include "known.h"
#include "model.h"
#include "text.h"
#include "util.h"

/* A few KiB. */
#define BLOCK_OWNERS	64

/**
 * struct owner_block - Owners of several sockets.
 * @next: another block, or NULL
 * @n: owners in @v
 * @v: the owners
 */
struct owner_block {
	struct owner_block *next;
	size_t n;
	struct owner v[BLOCK_OWNERS];
};

static struct owner *block_owner(struct owner_block **blocks)
{
	struct owner_block *block = *blocks;

	if (!block || block->n == BLOCK_OWNERS) {
		block = xcalloc(1, sizeof(*block));
		block->next = *blocks;
		*blocks = block;
	}
	return &block->v[block->n++];
}

static void free_blocks(struct owner_block *block)
{
	struct owner_block *next;

	for (; block; block = next) {
		next = block->next;
		free(block);
	}
}

static void move_blocks(struct owner_block **to, struct owner_block **from)
{
	struct owner_block **end = from;

	while (*end)
		end = &(*end)->next;
	*end = *to;
	*to = *from;
	*from = NULL;
}

static void release_owners(struct psock *sock)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++) {
		text_free(sock->owners[i].comm);
		text_free(sock->owners[i].exe);
		text_free(sock->owners[i].cgroup);
	}
	if (sock->room)
		free(sock->owners);
}

static void psock_release(struct psock *sock)
{
	size_t i;

	release_owners(sock);
	for (i = 0; i < sock->n_unseen; i++)
		free(sock->unseen[i].comm);
	free(sock->unseen);
	if (sock->binder)
		free(sock->binder->comm);
	free(sock->binder);
	free(sock->kernel_owner);
	free(sock->ep.dev);
}

/**
 * psock_list_add() - Append an empty socket.
 * @list: where
 *
 * Return: the socket; it moves when the list grows again.
 */
struct psock *psock_list_add(struct psock_list *list)
{
	struct psock *sock;

	list->v = xgrow(list->v, list->n, &list->room, sizeof(*list->v));
	sock = &list->v[list->n++];
	memset(sock, 0, sizeof(*sock));
	sock->group_size = 1;
	return sock;
}

/**
 * psock_list_set_kind() - Let the last socket be the one of a kind.
 * @list: where
 * @nr: number of the kind
 */
void psock_list_set_kind(struct psock_list *list, size_t nr)
{
	size_t room = list->n_kinds;

	if (nr >= room) {
		list->n_kinds = nr + 256;
		list->kinds = xrealloc(list->kinds,
				       list->n_kinds * sizeof(*list->kinds));
		memset(list->kinds + room, 0,
		       (list->n_kinds - room) * sizeof(*list->kinds));
	}
	list->kinds[nr] = list->n;
	list->v[list->n - 1].kind = ++list->last_kind;
}

/**
 * psock_list_add_kind() - Append a copy of the socket of a kind.
 * @list: where
 * @nr: number of the kind
 *
 * Return: the socket, as psock_list_add(), or NULL if there is no such kind.
 */
struct psock *psock_list_add_kind(struct psock_list *list, size_t nr)
{
	size_t index = nr < list->n_kinds ? list->kinds[nr] : 0;
	struct owner *owner;
	struct psock *sock;

	if (!index)
		return NULL;
	list->v = xgrow(list->v, list->n, &list->room, sizeof(*list->v));
	sock = &list->v[list->n++];
	*sock = list->v[index - 1];
	owner = block_owner(&list->blocks);
	*owner = *sock->owners;
	text_share(owner->comm);
	text_share(owner->exe);
	text_share(owner->cgroup);
	sock->owners = owner;
	return sock;
}

/**
 * psock_list_drop_last() - Take back the last psock_list_add().
 * @list: where
 */
void psock_list_drop_last(struct psock_list *list)
{
	psock_release(&list->v[--list->n]);
}

/**
 * psock_list_keep() - Drop the sockets that are not wanted.
 * @list: from where
 * @keep: says whether a socket is wanted
 * @arg: passed to @keep
 */
void psock_list_keep(struct psock_list *list,
		     bool (*keep)(const struct psock *sock, const void *arg),
		     const void *arg)
{
	size_t i, n = 0;

	for (i = 0; i < list->n; i++) {
		if (!keep(&list->v[i], arg))
			psock_release(&list->v[i]);
		else if (n++ != i)
			list->v[n - 1] = list->v[i];
	}
	list->n = n;
}

/**
 * psock_list_partition() - Bring the sockets that are wanted to the front.
 * @list: the sockets
 * @want: says whether a socket is wanted
 * @arg: passed to @want
 *
 * Return: how many are wanted.
 */
size_t psock_list_partition(struct psock_list *list,
			    bool (*want)(const struct psock *sock,
					 const void *arg),
			    const void *arg)
{
	struct psock swap;
	size_t i, n = 0;

	for (i = 0; i < list->n; i++) {
		if (!want(&list->v[i], arg))
			continue;
		swap = list->v[n];
		list->v[n++] = list->v[i];
		list->v[i] = swap;
	}
	return n;
}

/**
 * psock_list_move() - Append all sockets of a list to another.
 * @to: the other
 * @from: the list, empty afterwards
 */
void psock_list_move(struct psock_list *to, struct psock_list *from)
{
	size_t i;

	for (i = 0; i < from->n; i++) {
		*psock_list_add(to) = from->v[i];
		to->v[to->n - 1].kind = 0;
	}
	from->n = 0;
	move_blocks(&to->blocks, &from->blocks);
	psock_list_clear(from);
}

/**
 * psock_is_passive() - Is this a socket that serves, not a connection?
 * @sock: the socket
 *
 * Return: true if it listens or is bound.
 */
bool psock_is_passive(const struct psock *sock)
{
	return sock->state == PORTOWNER_STATE_LISTEN ||
	       sock->state == PORTOWNER_STATE_BOUND;
}

static int by_pid(const void *left, const void *right)
{
	const __u32 *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/**
 * psock_processes() - Count the processes that own a socket.
 * @sock: the socket
 *
 * Return: how many; those without a number here count for one each.
 */
size_t psock_processes(const struct psock *sock)
{
	__u32 *pids = xcalloc(sock->n_owners + 1, sizeof(*pids));
	size_t i, n = 0;

	for (i = 0; i < sock->n_owners; i++)
		pids[i] = sock->owners[i].pid;
	qsort(pids, sock->n_owners, sizeof(*pids), by_pid);
	for (i = 0; i < sock->n_owners; i++)
		n += !i || !pids[i] || pids[i] != pids[i - 1];
	free(pids);
	return n;
}

/**
 * psock_list_clear() - Free all sockets of a list.
 * @list: the list, empty and usable afterwards
 */
void psock_list_clear(struct psock_list *list)
{
	while (list->n)
		psock_list_drop_last(list);
	known_free(list->known);
	free_blocks(list->blocks);
	free(list->kinds);
	free(list->v);
	memset(list, 0, sizeof(*list));
}

/* Give a socket an array of its own. */
static void leave_block(struct psock *sock)
{
	const struct owner *single = sock->owners;

	sock->room = 4;
	sock->owners = xcalloc(sock->room, sizeof(*sock->owners));
	sock->owners[0] = *single;
}

/**
 * psock_add_owner() - Append an empty owner.
 * @list: where the socket is
 * @sock: whose
 *
 * Return: the owner; it moves when a further one is added.
 */
struct owner *psock_add_owner(struct psock_list *list, struct psock *sock)
{
	struct owner *owner;

	/* Most sockets have just one. */
	if (!sock->n_owners) {
		sock->n_owners = 1;
		sock->owners = block_owner(&list->blocks);
		return sock->owners;
	}
	if (!sock->room)
		leave_block(sock);
	sock->owners = xgrow(sock->owners, sock->n_owners, &sock->room,
			     sizeof(*sock->owners));
	owner = &sock->owners[sock->n_owners++];
	memset(owner, 0, sizeof(*owner));
	return owner;
}

/**
 * psock_take_owners() - Let a socket have the owners of another.
 * @list: where the socket is
 * @sock: the socket
 * @from: the other, in another list
 */
void psock_take_owners(struct psock_list *list, struct psock *sock,
		       const struct psock *from)
{
	struct owner *owner;
	size_t i;

	release_owners(sock);
	sock->owners = NULL;
	sock->n_owners = 0;
	sock->room = 0;
	for (i = 0; i < from->n_owners; i++) {
		owner = psock_add_owner(list, sock);
		*owner = from->owners[i];
		text_share(owner->comm);
		text_share(owner->exe);
		text_share(owner->cgroup);
	}
	sock->owners_hidden = from->owners_hidden;
	sock->owners_incomplete = from->owners_incomplete;
	sock->unseen_refs = from->unseen_refs;
}

/**
 * psock_add_unseen() - Append an empty place of an unseen reference.
 * @sock: whose
 *
 * Return: the place; it moves when a further one is added.
 */
struct unseen *psock_add_unseen(struct psock *sock)
{
	struct unseen *unseen;

	sock->unseen = xgrow(sock->unseen, sock->n_unseen, &sock->unseen_room,
			     sizeof(*sock->unseen));
	unseen = &sock->unseen[sock->n_unseen++];
	memset(unseen, 0, sizeof(*unseen));
	return unseen;
}
