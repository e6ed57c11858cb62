// SPDX-License-Identifier: GPL-2.0
/* Lists of sockets and rejects: grow, choose, sort, free. */

#include <stdlib.h>
#include <string.h>

#include "known.h"
#include "model.h"
#include "range.h"
#include "text.h"
#include "util.h"

static void psock_release(struct psock *sock)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++) {
		text_free(sock->owners[i].comm);
		text_free(sock->owners[i].exe);
		text_free(sock->owners[i].cgroup);
	}
	free(sock->owners);
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
		if (keep(&list->v[i], arg))
			list->v[n++] = list->v[i];
		else
			psock_release(&list->v[i]);
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

	for (i = 0; i < from->n; i++)
		*psock_list_add(to) = from->v[i];
	from->n = 0;
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

static int compare(__u64 a, __u64 b)
{
	return (a > b) - (a < b);
}

static int by_port(const void *left, const void *right)
{
	const struct psock *a = left, *b = right;
	int order = compare(a->ep.port, b->ep.port);

	if (!order)
		order = compare(a->ep.proto, b->ep.proto);
	if (!order)
		order = compare(a->netns, b->netns);
	if (!order)
		order = compare(a->ep.family, b->ep.family);
	if (!order)
		order = memcmp(a->ep.addr, b->ep.addr, sizeof(a->ep.addr));
	if (!order)
		order = compare(a->cookie, b->cookie);
	return order;
}

static int by_state(const void *left, const void *right)
{
	int order = compare(psock_is_passive(right), psock_is_passive(left));

	return order ? order : by_port(left, right);
}

/**
 * struct place - Where a socket stands.
 * @key: what comes first in by_port()
 * @sock: the socket
 */
struct place {
	__u64 key;
	const struct psock *sock;
};

static int by_key(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return by_port(a->sock, b->sock);
}

/* Sockets are large: sort small things, and move each socket once. */
static void sort_by_port(struct psock_list *list)
{
	struct place *places = xcalloc(list->n, sizeof(*places));
	struct psock *sorted = xcalloc(list->n, sizeof(*sorted));
	const struct psock *sock = list->v;
	size_t i;

	for (i = 0; i < list->n; i++, sock++) {
		places[i].key = (__u64)sock->ep.port << 48 |
				(__u64)sock->ep.proto << 32 | sock->netns;
		places[i].sock = sock;
	}
	qsort(places, list->n, sizeof(*places), by_key);
	for (i = 0; i < list->n; i++)
		sorted[i] = *places[i].sock;
	/* Not in exchange for the array: this may be a part of a list. */
	memcpy(list->v, sorted, list->n * sizeof(*sorted));
	free(sorted);
	free(places);
}

/**
 * psock_list_sort() - Bring sockets into a stable, readable order.
 * @list: the sockets
 * @order: which
 */
void psock_list_sort(struct psock_list *list, enum psock_order order)
{
	size_t i = 1;

	if (order == ORDER_STATE && list->n) {
		qsort(list->v, list->n, sizeof(*list->v), by_state);
		return;
	}
	while (i < list->n && by_port(&list->v[i - 1], &list->v[i]) < 0)
		i++;
	if (i < list->n)
		sort_by_port(list);
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
	free(list->v);
	memset(list, 0, sizeof(*list));
}

/**
 * psock_add_owner() - Append an empty owner.
 * @sock: whose
 *
 * Return: the owner; it moves when a further one is added.
 */
struct owner *psock_add_owner(struct psock *sock)
{
	struct owner *owner;

	/* Most sockets have just one. */
	if (!sock->room) {
		sock->owners = xcalloc(1, sizeof(*sock->owners));
		sock->room = 1;
	}
	sock->owners = xgrow(sock->owners, sock->n_owners, &sock->room,
			     sizeof(*sock->owners));
	owner = &sock->owners[sock->n_owners++];
	memset(owner, 0, sizeof(*owner));
	return owner;
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

/**
 * reject_list_add() - Append an empty reject.
 * @list: where
 *
 * Return: the reject; it moves when the list grows again.
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
 * reject_clear() - Free what a reject has.
 * @reject: the reject, empty afterwards
 */
void reject_clear(struct reject *reject)
{
	psock_list_clear(&reject->culprits);
	range_free(reject->range);
	free(reject->ep.dev);
	free(reject->comm);
	free(reject->exe);
	free(reject->cgroup);
	memset(reject, 0, sizeof(*reject));
}

/**
 * reject_list_keep() - Drop the rejects that are not wanted.
 * @list: from where
 * @keep: says whether a reject is wanted
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
	int order = compare(a->time_ns, b->time_ns);

	if (!order)
		order = compare(a->netns, b->netns);
	return order ? order : compare(a->seq, b->seq);
}

/**
 * reject_list_sort() - Bring rejects of several namespaces into one order.
 * @list: the rejects, the oldest first afterwards
 */
void reject_list_sort(struct reject_list *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_time);
}

/**
 * reject_list_move() - Append rejects of a list to another.
 * @to: the other
 * @from: the list, empty afterwards
 * @max: as many as @to may have; the rest is freed
 */
void reject_list_move(struct reject_list *to, struct reject_list *from,
		      size_t max)
{
	size_t i;

	for (i = 0; i < from->n; i++) {
		if (to->n < max)
			*reject_list_add(to) = from->v[i];
		else
			reject_clear(&from->v[i]);
	}
	from->n = 0;
	reject_list_clear(from);
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
