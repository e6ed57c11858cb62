/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where answers come from: the module and the plain kernel share one interface,
 * and each source declares what it can know.
 */
#ifndef PORTOWNER_SOURCE_H
#define PORTOWNER_SOURCE_H

#include <stdbool.h>
#include <linux/types.h>

#include "lib/progress.h"
#include "model/check.h"
#include "model/filter.h"
#include "model/model.h"

struct source;

/* What only some sources can know, as bits of @knows in struct source_ops. */
#define KNOWS_REFUSALS	1U	/* what the kernel refused */
#define KNOWS_CHECK	2U	/* whether a bind would succeed */
#define KNOWS_STATS	4U	/* counters */
#define KNOWS_OWNERS	8U	/* who holds a socket, without a search */
#define KNOWS_CALLS	16U	/* each bind and listen as it happens */

/**
 * enum source_event - Events to subscribe to.
 * @EVENT_REFUSAL: a bind was refused
 * @EVENT_CALL: a bind or listen has returned, with success or not
 */
enum source_event {
	EVENT_REFUSAL,
	EVENT_CALL,
};

/**
 * struct call_cursor - How far calls were read.
 * @all_netns: those in every network namespace
 * @begun: @seq is valid
 * @seq: number of the last call that was read or is known to be lost
 * @lost: number of calls lost between the last two reads
 */
struct call_cursor {
	bool all_netns;
	bool begun;
	__u64 seq;
	__u64 lost;
};

/**
 * struct reject_query - Which rejects to read.
 * @since: those with a higher number in their network namespace
 * @since_all: with @all_netns, those after this many refusals in all of them
 * @ancestor: those of this process and its descendants, or 0 for any
 * @all_netns: those of every network namespace, in turn
 */
struct reject_query {
	__u64 since;
	__u64 since_all;
	__u32 ancestor;
	bool all_netns;
};

/**
 * struct source_ops - Operations of a source.
 * @name: its name in JSON and after --source=
 * @knows: what it can know, KNOWS_*
 * @ports: fill an empty list with the sockets that match a filter, except its
 *	pid and uid, which the caller applies
 * @check: check whether a bind would succeed; sets an empty answer
 * @can_check: the same, if permitted; false if there is no answer, without a
 *	message
 * @stats: set the counters
 * @close: close the source
 * @rejects: fill an empty list with rejects, oldest first; like all operations
 *	below, only for sources with KNOWS_REFUSALS
 * @sees_all: may the rejects of all network namespaces be read?
 * @join: subscribe to events, of one or all network namespaces
 * @can_join: the same, if permitted; without a message if not
 * @events_fd: descriptor to poll for events, or -1 without a subscription
 * @drain: discard the events received so far
 * @calls: fill an empty list with the calls after a cursor, oldest first; none
 *	the first time, when tracing begins; needs KNOWS_CALLS
 * @wait: sleep until something was, or may have been, logged, which sets
 *	@event; or until @stop_fd is readable, @timeout_ms is over (-1 for
 *	never) or our output has no reader any more
 * @is_gone: the last operation failed because the source was unloaded
 * @rejoin: afterwards, wait until it is loaded again and subscribe to its
 *	events, which sets @back; or until @stop_fd is readable or our output
 *	has no reader any more
 *
 * Functions that return an int report errors themselves, in one line on stderr,
 * and return the exit status; 0 on success.
 */
struct source_ops {
	const char *name;
	__u32 knows;
	int (*ports)(struct source *source, const struct filter *filter,
		     struct psock_list *list);
	int (*check)(struct source *source, const struct bind_request *request,
		     struct check *check);
	bool (*can_check)(struct source *source,
			  const struct bind_request *request,
			  struct check *check);
	int (*stats)(struct source *source, struct counters *counters);
	void (*close)(struct source *source);
	int (*rejects)(struct source *source, const struct reject_query *query,
		       struct reject_list *list);
	bool (*sees_all)(struct source *source);
	int (*join)(struct source *source, enum source_event event,
		    bool all_netns);
	bool (*can_join)(struct source *source, enum source_event event,
			 bool all_netns);
	int (*events_fd)(const struct source *source);
	int (*drain)(struct source *source);
	int (*calls)(struct source *source, struct call_cursor *cursor,
		     struct reject_list *list);
	int (*wait)(struct source *source, int stop_fd, int timeout_ms,
		    bool *event);
	bool (*is_gone)(const struct source *source);
	int (*rejoin)(struct source *source, int stop_fd, bool *back);
};

/**
 * struct source - An open source; the first member of its private data.
 * @ops: its operations
 * @unlisted: protocols that @ports could not list, FILTER_*
 * @quiet: print no notes
 */
struct source {
	const struct source_ops *ops;
	unsigned int unlisted;
	bool quiet;
};

/* Polling interval for all namespaces, some of which send no events. */
#define LOOK_MS		1000

static inline bool source_knows(const struct source *source, __u32 what)
{
	return (source->ops->knows & what) == what;
}

/* Was nothing found of these protocols because they cannot be listed? */
static inline bool source_is_blind(const struct source *source,
				   unsigned int protos)
{
	return protos && !(protos & ~source->unlisted);
}

static inline int source_ports(struct source *source,
			       const struct filter *filter,
			       struct psock_list *list)
{
	int status;

	progress_begin();
	status = source->ops->ports(source, filter, list);
	progress_end();
	return status;
}

static inline int source_check(struct source *source,
			       const struct bind_request *request,
			       struct check *check)
{
	int status;

	progress_begin();
	status = source->ops->check(source, request, check);
	progress_end();
	return status;
}

static inline bool source_can_check(struct source *source,
				    const struct bind_request *request,
				    struct check *check)
{
	bool answered;

	progress_begin();
	answered = source->ops->can_check(source, request, check);
	progress_end();
	return answered;
}

static inline int source_stats(struct source *source,
			       struct counters *counters)
{
	int status;

	progress_begin();
	status = source->ops->stats(source, counters);
	progress_end();
	return status;
}

static inline void source_close(struct source *source)
{
	if (source)
		source->ops->close(source);
}

static inline int source_rejects(struct source *source,
				 const struct reject_query *query,
				 struct reject_list *list)
{
	int status;

	progress_begin();
	status = source->ops->rejects(source, query, list);
	progress_end();
	return status;
}

static inline bool source_sees_all(struct source *source)
{
	return source->ops->sees_all(source);
}

static inline int source_join(struct source *source, enum source_event event,
			      bool all_netns)
{
	return source->ops->join(source, event, all_netns);
}

static inline bool source_can_join(struct source *source,
				   enum source_event event, bool all_netns)
{
	return source->ops->can_join(source, event, all_netns);
}

static inline int source_calls(struct source *source,
			       struct call_cursor *cursor,
			       struct reject_list *list)
{
	return source->ops->calls(source, cursor, list);
}

static inline int source_events_fd(const struct source *source)
{
	return source->ops->events_fd(source);
}

static inline int source_drain(struct source *source)
{
	return source->ops->drain(source);
}

static inline int source_wait(struct source *source, int stop_fd,
			      int timeout_ms, bool *event)
{
	return source->ops->wait(source, stop_fd, timeout_ms, event);
}

static inline bool source_is_gone(const struct source *source)
{
	return source->ops->is_gone(source);
}

static inline int source_rejoin(struct source *source, int stop_fd, bool *back)
{
	return source->ops->rejoin(source, stop_fd, back);
}

void source_note(const struct source *source, const char *text);

#endif /* PORTOWNER_SOURCE_H */
