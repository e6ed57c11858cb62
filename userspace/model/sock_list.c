// SPDX-License-Identifier: GPL-2.0
/* Lists of sockets: add, filter, free. */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "model/endpoint.h"
#include "model/model.h"
#include "model/proc_cache.h"
#include "model/refstr.h"

/* A block takes a few KiB. */
#define BLOCK_OWNERS	64

/**
 * struct owner_block - Owners of several sockets, allocated together.
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
		refstr_free(sock->owners[i].comm);
		refstr_free(sock->owners[i].exe);
		refstr_free(sock->owners[i].cgroup);
	}
	if (sock->room)
		free(sock->owners);
}

static void psock_release(struct psock *sock)
{
	size_t i;

	release_owners(sock);
	for (i = 0; i < sock->n_untracked; i++)
		free(sock->untracked[i].comm);
	free(sock->untracked);
	if (sock->binder)
		free(sock->binder->comm);
	free(sock->binder);
	free(sock->kernel_owner);
	refstr_free(sock->cgroup);
	free(sock->ep.dev);
}

/**
 * psock_list_add() - Append an empty socket.
 * @list: where to add it
 *
 * Return: the socket; valid until the next one is added.
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
 * psock_list_add_like() - Append a copy of a template.
 * @list: the list
 * @nr: number of the template in the dump
 *
 * Return: the socket, valid until the next one is added; or NULL if there is no
 * such template.
 */
struct psock *psock_list_add_like(struct psock_list *list, size_t nr)
{
	size_t index = nr < list->n_templates ? list->templates[nr] : 0;
	struct owner *owner;
	struct psock *sock;

	if (!index)
		return NULL;
	list->v = xgrow(list->v, list->n, &list->room, sizeof(*list->v));
	sock = &list->v[list->n++];
	*sock = list->v[index - 1];
	owner = block_owner(&list->blocks);
	*owner = *sock->owners;
	refstr_share(owner->comm);
	refstr_share(owner->exe);
	refstr_share(owner->cgroup);
	sock->owners = owner;
	return sock;
}

/**
 * psock_list_drop_last() - Remove the last socket.
 * @list: the list
 */
void psock_list_drop_last(struct psock_list *list)
{
	psock_release(&list->v[--list->n]);
}

/**
 * psock_list_keep() - Drop the sockets that do not match.
 * @list: the sockets
 * @keep: returns whether a socket matches
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
 * psock_list_partition() - Move the sockets that match to the front.
 * @list: the sockets
 * @want: returns whether a socket matches
 * @arg: passed to @want
 *
 * Return: how many match.
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
 * psock_list_move() - Move all sockets of a list to the end of another.
 * @to: destination
 * @from: source; empty afterwards
 */
void psock_list_move(struct psock_list *to, struct psock_list *from)
{
	size_t i;

	for (i = 0; i < from->n; i++) {
		*psock_list_add(to) = from->v[i];
		to->v[to->n - 1].template_id = 0;
	}
	from->n = 0;
	move_blocks(&to->blocks, &from->blocks);
	psock_list_clear(from);
}

/**
 * psock_is_passive() - Could this be the socket of a server?
 * @sock: the socket
 *
 * Return: true if it is listening, or bound but not connected.
 */
bool psock_is_passive(const struct psock *sock)
{
	return sock->state == PORTOWNER_STATE_LISTEN ||
	       sock->state == PORTOWNER_STATE_BOUND;
}

/**
 * psock_is_self_connected() - Is a socket connected to itself?
 * @sock: the socket
 *
 * Return: true if its peer is its own address and port.
 */
bool psock_is_self_connected(const struct psock *sock)
{
	size_t len = sock->ep.family == AF_INET6 ? 16 : 4;

	return sock->peer_port && sock->peer_port == sock->ep.port &&
	       !memcmp(sock->peer_addr, sock->ep.addr, len);
}

/**
 * counters_count() - Count a socket by its protocol.
 * @counters: the counters
 * @sock: the socket
 */
void counters_count(struct counters *counters, const struct psock *sock)
{
	size_t i;

	for (i = 0; i < COUNTED_PROTOS; i++) {
		if (counters->sockets[i].proto == sock->ep.proto ||
		    !counters->sockets[i].proto)
			break;
	}
	if (i == COUNTED_PROTOS)
		return;
	counters->sockets[i].proto = sock->ep.proto;
	counters->sockets[i].n++;
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
 * Return: number of processes; owners without a pid count as one process each.
 */
size_t psock_processes(const struct psock *sock)
{
	size_t i, n = 0;
	__u32 *pids;

	/* True of most sockets, and there may be many. */
	if (sock->n_owners < 2)
		return sock->n_owners;
	pids = xcalloc(sock->n_owners, sizeof(*pids));
	for (i = 0; i < sock->n_owners; i++)
		pids[i] = sock->owners[i].pid;
	qsort(pids, sock->n_owners, sizeof(*pids), by_pid);
	for (i = 0; i < sock->n_owners; i++)
		n += !i || !pids[i] || pids[i] != pids[i - 1];
	free(pids);
	return n;
}

/**
 * owner_same_process() - Are two owners one process?
 * @a: an owner
 * @b: another owner in the same list
 *
 * Return: true if they differ in the descriptor only. The owners of a process
 * share its strings, so these are not compared letter by letter.
 */
bool owner_same_process(const struct owner *a, const struct owner *b)
{
	return a->pid == b->pid && a->uid == b->uid && a->comm == b->comm &&
	       a->exe == b->exe && a->cgroup == b->cgroup;
}

/* The process that bound the socket, if it still runs and holds it. */
static const struct owner *binding_owner(const struct psock *sock)
{
	const struct binder *binder = sock->binder;
	size_t i;

	if (!binder || !binder->alive || !binder->pid)
		return NULL;
	for (i = 0; i < sock->n_owners; i++)
		if (sock->owners[i].pid == binder->pid)
			return &sock->owners[i];
	return NULL;
}

/**
 * psock_main_owner() - The most relevant owner of a socket.
 * @sock: the socket
 *
 * Return: the process that bound it, or else the one with the lowest pid,
 * usually the oldest; NULL if no owner is known.
 */
const struct owner *psock_main_owner(const struct psock *sock)
{
	const struct owner *oldest = sock->owners, *binding;
	size_t i;

	if (sock->n_owners < 2)
		return sock->n_owners ? oldest : NULL;
	binding = binding_owner(sock);
	if (binding)
		return binding;
	for (i = 1; i < sock->n_owners; i++)
		if (sock->owners[i].pid &&
		    (!oldest->pid || sock->owners[i].pid < oldest->pid))
			oldest = &sock->owners[i];
	return oldest;
}

/* Do the same processes hold both sockets, as far as known? */
static bool same_holders(const struct psock *a, const struct psock *b)
{
	const struct owner *one = psock_main_owner(a);
	const struct owner *other = psock_main_owner(b);

	if (a->owners_hidden || b->owners_hidden || a->owners_incomplete ||
	    b->owners_incomplete || !text_equal(a->kernel_owner, b->kernel_owner))
		return false;
	if (!one || !other)
		return !one && !other && a->kernel_owner;
	return one->pid && one->pid == other->pid &&
	       psock_processes(a) == psock_processes(b);
}

/**
 * psock_is_twin() - Do two sockets differ only in their family?
 * @sock: an IPv4 socket
 * @other: another socket
 *
 * Return: true if both serve the wildcard address, or both localhost, on the
 * same port for the same processes.
 */
bool psock_is_twin(const struct psock *sock, const struct psock *other)
{
	const struct endpoint *a = &sock->ep, *b = &other->ep;

	return a->family == AF_INET && b->family == AF_INET6 &&
	       a->proto == b->proto && a->port == b->port &&
	       endpoint_is_any(a) == endpoint_is_any(b) &&
	       (endpoint_is_any(a) || (endpoint_is_localhost(a) &&
				       endpoint_is_localhost(b))) &&
	       endpoint_family(b) == AF_INET6 && text_equal(a->dev, b->dev) &&
	       sock->netns == other->netns && sock->state == other->state &&
	       sock->share == other->share &&
	       sock->has_uid == other->has_uid && sock->uid == other->uid &&
	       psock_is_passive(sock) && same_holders(sock, other);
}

/**
 * psock_list_clear() - Free all sockets of a list.
 * @list: the list, empty and usable afterwards
 */
void psock_list_clear(struct psock_list *list)
{
	while (list->n)
		psock_list_drop_last(list);
	proc_cache_free(list->proc_cache);
	free_blocks(list->blocks);
	free(list->templates);
	free(list->v);
	memset(list, 0, sizeof(*list));
}

/* Move the single owner of a socket from its block to an array. */
static void leave_block(struct psock *sock)
{
	const struct owner *single = sock->owners;

	sock->room = 4;
	sock->owners = xcalloc(sock->room, sizeof(*sock->owners));
	sock->owners[0] = *single;
}

/**
 * psock_add_owner() - Append an empty owner.
 * @list: the list that the socket is in
 * @sock: the socket
 *
 * Return: the owner; valid until the next one is added.
 */
struct owner *psock_add_owner(struct psock_list *list, struct psock *sock)
{
	struct owner *owner;

	/* Most sockets have a single owner. */
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
 * psock_take_owners() - Replace the owners of a socket by those of another.
 * @list: the list that the socket is in
 * @sock: the socket
 * @from: the other socket, in another list
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
		refstr_share(owner->comm);
		refstr_share(owner->exe);
		refstr_share(owner->cgroup);
	}
	sock->owners_hidden = from->owners_hidden;
	sock->owners_incomplete = from->owners_incomplete;
	sock->untracked_refs = from->untracked_refs;
}

/**
 * psock_add_untracked() - Append an empty untracked reference.
 * @sock: the socket
 *
 * Return: the reference; valid until the next one is added.
 */
struct untracked *psock_add_untracked(struct psock *sock)
{
	struct untracked *untracked;

	sock->untracked = xgrow(sock->untracked, sock->n_untracked,
				&sock->untracked_room,
				sizeof(*sock->untracked));
	untracked = &sock->untracked[sock->n_untracked++];
	memset(untracked, 0, sizeof(*untracked));
	return untracked;
}
