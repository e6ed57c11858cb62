// SPDX-License-Identifier: GPL-2.0
/* Play a scenario: make its sockets, then bind one more. */
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include <linux/portowner.h>

#include "die.h"
#include "play.h"
#include "proc.h"
#include "sock.h"

/* ---- the predicted bind ---- */

static __u32 flags_of(const struct spec *spec)
{
	__u32 flags = 0;

	if (spec->opts & OPT_REUSEADDR)
		flags |= PORTOWNER_SOCK_FLAG_REUSEADDR;
	if (spec->opts & OPT_REUSEPORT)
		flags |= PORTOWNER_SOCK_FLAG_REUSEPORT;
	if (spec->opts & OPT_V6ONLY)
		flags |= PORTOWNER_SOCK_FLAG_V6ONLY;
	if (spec->opts & OPT_FREEBIND)
		flags |= PORTOWNER_SOCK_FLAG_FREEBIND;
	if (spec->opts & OPT_TRANSPARENT)
		flags |= PORTOWNER_SOCK_FLAG_TRANSPARENT;
	return flags;
}

static int next_port(const struct scenario *sc, int port)
{
	return sc->port == ANY_PORT ? 0 : port + sc->next.offset;
}

static void ask(struct world *world, const struct scenario *sc,
		const struct spec *spec, int port, struct play *play)
{
	struct question q = {
		.proto = spec_proto(world, spec),
		.ip = scenario_addrs[spec->addr],
		.port = next_port(sc, port),
		.flags = flags_of(spec),
		.for_uid = sc->identity == ROOT_FOR_USER,
		.uid = USER,
		.listen = sc->listen,
	};

	if (!strncmp(q.ip, "fe80:", 5))
		q.scope = world->ifindex[spec->dev];
	else
		q.ifindex = world->ifindex[spec->dev];
	play->asked = verdict_check(&world->nl, &q, &play->check);
}

static void become(uid_t uid)
{
	if (seteuid(uid))
		die_errno("seteuid");
}

/* What the kernel does; binds @fd. */
static void next_real(struct world *world, const struct scenario *sc, int fd,
		      int port, struct verdict *real)
{
	real->port = next_port(sc, port);
	real->op = PORTOWNER_REJECT_OP_BIND;
	real->err = spec_bind(world, &sc->next, fd, real->port);
	if (!real->err && sc->listen) {
		real->op = PORTOWNER_REJECT_OP_LISTEN;
		real->err = listen(fd, 8) ? errno : 0;
	}
	world->refused += !!real->err;
}

/* Binding a bound socket again always fails, which has to be logged as such. */
static void next_again(struct world *world, const struct scenario *sc, int fd,
		       int port, struct play *play)
{
	play->real.op = PORTOWNER_REJECT_OP_BIND;
	play->real.err = spec_bind(world, &sc->next, fd, play->real.port);
	play->check.op = PORTOWNER_REJECT_OP_BIND;
	play->check.err = EINVAL;
	play->check.rule = PORTOWNER_RULE_ALREADY_BOUND;
	world->refused++;
}

/* Bind, after a bind-check if @play is set; returns what the kernel did. */
static struct verdict next_play(struct world *world, const struct scenario *sc,
				int port, struct play *play)
{
	struct verdict real = {};
	struct spec spec = sc->next;
	int fd;

	world_go(world, 0);
	if (sc->identity == AS_USER)
		become(USER);
	if (play)
		ask(world, sc, &spec, port, play);
	if (sc->identity == ROOT_FOR_USER)
		become(USER);
	fd = spec_open(world, &spec);
	if (fd < 0)
		die_errno("socket");
	next_real(world, sc, fd, port, &real);
	if (play) {
		play->real = real;
		if (!real.err && sc->again && sc->port == THIS_PORT)
			next_again(world, sc, fd, port, play);
	}
	if (sc->identity != AS_ROOT)
		become(0);
	close(fd);
	return real;
}

/* ---- the sockets around it ---- */

static void knobs_turn(struct world *world, const struct scenario *sc,
		       int port)
{
	char value[16] = "\n";

	knob_set(&world->autobind_reuse, sc->autobind_reuse ? "1" : "0");
	if (sc->port != ANY_PORT)
		return;
	knob_range(world, port, port + sc->range - 1);
	if (sc->reserved)
		snprintf(value, sizeof(value), "%d", port);
	knob_set(&world->reserved, value);
}

static struct verdict play_holders(struct world *world,
				   const struct scenario *sc, int port,
				   struct holder *holders, struct play *play)
{
	struct verdict real;
	int i;

	knob_set(&world->l3mdev_accept, sc->l3mdev_accept ? "1" : "0");
	for (i = 0; i <= sc->n; i++) {
		if (sc->late_l3mdev == i + 1)
			knob_set(&world->l3mdev_accept,
				 sc->l3mdev_accept ? "0" : "1");
		if (i < sc->n)
			holder_build(world, &holders[i], &sc->holders[i],
				     port);
	}
	for (i = 0; i < sc->n; i++)
		if (sc->holders[i].gone)
			holder_destroy(world, &holders[i]);
	world_settle(world);
	knobs_turn(world, sc, port);
	real = next_play(world, sc, port, play);
	knob_range(world, 60000, 65535);
	for (i = 0; i < sc->n; i++)
		holder_destroy(world, &holders[i]);
	return real;
}

/* ---- the proof of the culprits ---- */

/*
 * Is a socket in the way alone if it is in the way together with others? Not an
 * orphan, which counts as root's, nor a child that was not accepted: if it is
 * alone, the kernel remembers the listener, as an SCTP port remembers one that
 * has both options. Before 6.8, the first of 0.0.0.0 and its mapped form
 * decides whether both are in the way of IPv6.
 */
static bool provable(const struct scenario *sc, const struct spec *spec)
{
	if (!spec_is_v4(&sc->next) && spec_is_wildcard(spec) &&
	    strcmp(scenario_addrs[spec->addr], "::"))
		return false;
	if (spec->proto == SCTP && spec->state == LISTENS &&
	    spec->opts & OPT_REUSEADDR && spec->opts & OPT_REUSEPORT)
		return false;
	return !spec->late_opts && !spec->late_dev && spec->state != ORPHAN &&
	       spec->state != UNACCEPTED && spec->state != AUTOBOUND &&
	       !spec->gone && !sc->late_l3mdev;
}

static bool same_fate(const struct holder *a, const struct holder *b)
{
	return a->bind_err == b->bind_err && a->listen_err == b->listen_err &&
	       a->connect_err == b->connect_err &&
	       a->accept_err == b->accept_err;
}

static bool is_culprit(const struct verdict *v, const struct holder *h)
{
	int i;

	for (i = 0; i < v->n; i++)
		if (holder_has(h, v->culprits[i].cookie,
			       v->culprits[i].inode))
			return true;
	return false;
}

/* A socket that permits the bind, but not the listen, is not in its way. */
static bool in_the_way(const struct play *play, const struct verdict *alone)
{
	return alone->err && alone->op <= play->real.op;
}

/* Is each culprit in the way alone, and none of the other holders? */
static void prove(struct world *world, struct play *play,
		  struct holder *holders)
{
	struct scenario alone = play->sc;
	struct verdict real;
	struct holder h;
	int i;

	alone.n = 1;
	for (i = 0; i < play->sc.n; i++) {
		if (!provable(&play->sc, &play->sc.holders[i]))
			continue;
		alone.holders[0] = play->sc.holders[i];
		real = play_holders(world, &alone, world_port(world, &alone),
				    &h, NULL);
		if (!same_fate(&h, &holders[i]))
			continue;
		play->proved++;
		if (in_the_way(play, &real) ==
		    is_culprit(&play->check, &holders[i]))
			continue;
		play->doubtful_nr = i;
		play->doubtful = in_the_way(play, &real) ?
			"a socket in the way is no culprit" :
			"a culprit is not in the way";
	}
}

/**
 * play_scenario() - play a scenario, with a bind-check before
 * @world: where to play it
 * @play: its scenario is set, all else but the record gets filled in
 * @proof: whether to try the holders of a refused port one by one
 */
void play_scenario(struct world *world, struct play *play, bool proof)
{
	struct holder holders[HOLDERS_MAX];

	play->doubtful = NULL;
	play->proved = 0;
	play->port = world_port(world, &play->sc);
	memset(&play->log, 0, sizeof(play->log));
	play_holders(world, &play->sc, play->port, holders, play);
	if (play->real.err == EADDRINUSE && play->sc.port == THIS_PORT &&
	    proof)
		prove(world, play, holders);
}

/**
 * play_mismatch() - do prediction, outcome and record agree?
 * @play: played, with its record read
 *
 * Return: what does not agree, or NULL.
 */
const char *play_mismatch(const struct play *play)
{
	if (play->asked)
		return "the question was refused";
	if (play->check.err != play->real.err)
		return "the kernel did not do what was foreseen";
	if (!play->real.err)
		return NULL;
	if (play->check.op != play->real.op)
		return "another call was refused than was foreseen";
	if (!play->log.seq)
		return "the refusal is not in the log";
	if (!verdict_same(&play->check, &play->log))
		return "the log says something else";
	return play->doubtful;
}
