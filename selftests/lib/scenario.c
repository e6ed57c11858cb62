// SPDX-License-Identifier: GPL-2.0
/* Random scenarios for a bind: generated, printed, simplified. */
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* The first ones clash with each other, and are used more often. */
#define ADDRS_COMMON	17

const char *const scenario_addrs[] = {
	"127.0.0.1", "127.0.0.1", "127.0.0.1",
	"0.0.0.0", "0.0.0.0", "0.0.0.0",
	"::", "::", "::", "::",
	"::1", "::1", "::1",
	"127.0.0.2",
	"::ffff:127.0.0.1", "::ffff:127.0.0.1",
	"::ffff:0.0.0.0",
	"10.0.0.1",		/* of d0 */
	"::ffff:10.0.0.1",
	"10.0.2.1",		/* of d2, in the VRF */
	"fd00::1",		/* of d0 */
	"fd02::1",		/* of d2 */
	"192.0.2.1",		/* of no device */
	"2001:db8::1",
	"fe80::1",		/* of d0 and d1 */
	"224.0.0.7",
	"ff02::7",
	"ff0e::7",
};

const char *const scenario_devs[N_DEVS] = {
	NULL, "lo", "d0", "d1", "red", "d2",
};

static const char *const protos[N_PROTOS] = {
	"tcp", "udp", "mptcp", "udplite", "sctp",
};

static const char *const users[N_USERS] = { "", " by 1000", " by 1001" };
static const char *const states[N_STATES] = {
	"bound", "listening", "connected", "autobound",
	"listening with a child", "listening with a child to be accepted",
	"a child without listener", "listening, a child in time-wait",
	"a child in time-wait", "an orphaned child", "disconnected",
	"listening no longer",
};

static const struct {
	int opt;
	const char *name;
} opts[] = {
	{ OPT_REUSEADDR, "reuseaddr" },
	{ OPT_REUSEPORT, "reuseport" },
	{ OPT_V6ONLY, "v6only" },
	{ OPT_FREEBIND, "freebind" },
	{ OPT_TRANSPARENT, "transparent" },
};

bool spec_is_dgram(const struct spec *spec)
{
	return spec->proto == UDP || spec->proto == UDPLITE;
}

bool spec_is_v4(const struct spec *spec)
{
	return !strchr(scenario_addrs[spec->addr], ':');
}

bool spec_is_wildcard(const struct spec *spec)
{
	const char *addr = scenario_addrs[spec->addr];

	return !strcmp(addr, "0.0.0.0") || !strcmp(addr, "::") ||
	       !strcmp(addr, "::ffff:0.0.0.0");
}

/* ---- generating ---- */

/* splitmix64 */
static __u64 next_random(__u64 *state)
{
	__u64 z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static int below(__u64 *state, int n)
{
	return next_random(state) % n;
}

static bool once_in(__u64 *state, int n)
{
	return !below(state, n);
}

static void spec_make(struct spec *spec, __u64 *rnd, int proto, int sharing)
{
	memset(spec, 0, sizeof(*spec));
	spec->proto = once_in(rnd, 8) ? below(rnd, N_PROTOS) : proto;
	spec->addr = below(rnd, once_in(rnd, 4) ? ARRAY_SIZE(scenario_addrs) :
						  ADDRS_COMMON);
	/* gives many sockets to a scenario whose sockets share */
	spec->opts = once_in(rnd, 3) ? below(rnd, 4) : sharing;
	if (once_in(rnd, strstr(scenario_addrs[spec->addr], "ffff") ? 16 : 4))
		spec->opts |= OPT_V6ONLY;
	if (once_in(rnd, 4))
		spec->opts |= OPT_FREEBIND;
	if (once_in(rnd, 24))
		spec->opts |= OPT_TRANSPARENT;
	if (once_in(rnd, 5))
		spec->dev = below(rnd, N_DEVS);
	if (!strcmp(scenario_addrs[spec->addr], "fe80::1"))
		spec->dev = once_in(rnd, 2) ? DEV_D0 : DEV_D1;
	/* It is unknown to which device such an SCTP address belongs. */
	if (!strcmp(scenario_addrs[spec->addr], "fe80::1") &&
	    spec->proto == SCTP)
		spec->dev = DEV_D0;
	spec->user = once_in(rnd, 4) ? below(rnd, N_USERS) : ROOT;
}

static int random_state(__u64 *rnd, int proto)
{
	if (proto == UDP || proto == UDPLITE) {
		switch (below(rnd, 8)) {
		case 0:
			return CONNECTED;
		case 1:
			return once_in(rnd, 3) ? AUTOBOUND : DISCONNECTED;
		default:
			return BOUND;
		}
	}
	if (proto == SCTP)
		return once_in(rnd, 3) ? LISTENS : BOUND;
	if (proto == MPTCP)
		return once_in(rnd, 6) ? ACCEPTED :
		       once_in(rnd, 3) ? LISTENS : BOUND;
	if (once_in(rnd, 2))
		return once_in(rnd, 2) ? LISTENS : BOUND;
	return below(rnd, N_STATES);
}

static void holder_make(struct spec *spec, __u64 *rnd, int proto, int sharing)
{
	spec_make(spec, rnd, proto, sharing);
	spec->state = random_state(rnd, spec->proto);
	spec->peer_v4 = below(rnd, 2);
	spec->other_ns = once_in(rnd, 24);
	if (once_in(rnd, 8))
		spec->late_opts = below(rnd, 4);
	if (once_in(rnd, 32))
		spec->late_dev = below(rnd, N_DEVS);
	/* The kernel warns about listening in another VRF than the bind. */
	spec->early = below(rnd, 2) &&
		      (!spec->late_dev || spec->state == CONNECTED ||
		       spec->state == DISCONNECTED);
	spec->gone = once_in(rnd, 16);
}

static void next_make(struct scenario *sc, __u64 *rnd, int proto, int sharing)
{
	int i;

	spec_make(&sc->next, rnd, proto, sharing);
	sc->identity = once_in(rnd, 4) ? below(rnd, 3) : AS_ROOT;
	if (sc->identity != AS_ROOT)
		sc->next.opts &= ~OPT_TRANSPARENT;
	sc->next.user = sc->identity == AS_ROOT ? ROOT : USER_A;
	if (!spec_is_dgram(&sc->next))
		sc->listen = below(rnd, 2);
	sc->again = once_in(rnd, 32);
	sc->l3mdev_accept = once_in(rnd, 3);
	sc->late_l3mdev = once_in(rnd, 32) ? 1 + below(rnd, sc->n + 1) : 0;

	if (once_in(rnd, 32)) {
		sc->port = LOW_PORT;
		/* such a port is not chosen automatically */
		for (i = 0; i < sc->n; i++)
			if (sc->holders[i].state == AUTOBOUND)
				sc->holders[i].state = BOUND;
	} else if (once_in(rnd, 16)) {
		sc->port = ANY_PORT;
		sc->range = 1 + below(rnd, PORTS_EACH);
		sc->reserved = once_in(rnd, 4);
		sc->autobind_reuse = once_in(rnd, 3);
		for (i = 0; i < sc->n; i++)
			sc->holders[i].offset = below(rnd, sc->range);
	}
}

/* So many UDP sockets that the kernel searches them differently. */
static void crowd_make(struct scenario *sc, __u64 *rnd, int sharing)
{
	struct spec *spec;

	sc->n = HOLDERS_MAX - below(rnd, 5);
	for (spec = sc->holders; spec < sc->holders + sc->n; spec++) {
		holder_make(spec, rnd, UDP, sharing);
		spec->proto = UDP;
		spec->opts |= once_in(rnd, 16) ? 0 : OPT_REUSEADDR;
		spec->other_ns = false;
		if (spec->state > AUTOBOUND)
			spec->state = BOUND;
	}
}

/**
 * scenario_make() - generate the scenario with a number
 * @sc: filled in
 * @seed: seed of the whole run
 * @nr: its number in the run
 */
void scenario_make(struct scenario *sc, __u64 seed, __u64 nr)
{
	__u64 rnd = seed * 0xff51afd7ed558ccd + nr;
	int i, proto, sharing;

	next_random(&rnd);
	memset(sc, 0, sizeof(*sc));
	sc->nr = nr;
	proto = once_in(&rnd, 5) ? below(&rnd, N_PROTOS) : below(&rnd, 2);
	sharing = below(&rnd, 4);
	sc->n = once_in(&rnd, 8) ? below(&rnd, HOLDERS_MAX + 1) :
				   below(&rnd, 5);
	for (i = 0; i < sc->n; i++)
		holder_make(&sc->holders[i], &rnd, proto, sharing);
	if (once_in(&rnd, 16))
		crowd_make(sc, &rnd, sharing);
	next_make(sc, &rnd, proto, sharing);
}

/* ---- printing ---- */

static void print_opts(const char *before, int bits)
{
	unsigned int i;

	if (bits)
		printf("%s", before);
	for (i = 0; i < ARRAY_SIZE(opts); i++)
		if (bits & opts[i].opt)
			printf(" %s", opts[i].name);
}

static void spec_print(const struct spec *spec, const char *port)
{
	printf("%s %s port %s", protos[spec->proto],
	       scenario_addrs[spec->addr], port);
	if (spec->offset)
		printf(" + %d", spec->offset);
	print_opts("", spec->opts);
	if (spec->dev)
		printf(" dev %s", scenario_devs[spec->dev]);
	printf("%s", users[spec->user]);
	if (spec->other_ns)
		printf(" in another namespace");
}

static void print_flip(const struct scenario *sc, int holders)
{
	if (sc->late_l3mdev == holders + 1)
		printf("# tcp_l3mdev_accept %d\n", !sc->l3mdev_accept);
}

/**
 * scenario_print() - print how to reproduce a scenario
 * @sc: scenario
 */
void scenario_print(const struct scenario *sc)
{
	static const char *const identities[] = {
		"", ", asked by that user", ", asked by root",
	};
	static const char *const ports[] = { "P", "0", "P" };
	const struct spec *spec;

	printf("# tcp_l3mdev_accept %d%s\n", sc->l3mdev_accept,
	       sc->port == LOW_PORT ? ", P is privileged" : "");
	if (sc->port == ANY_PORT)
		printf("# range P to P + %d%s%s\n", sc->range - 1,
		       sc->reserved ? ", P is reserved" : "",
		       sc->autobind_reuse ? ", ip_autobind_reuse" : "");
	for (spec = sc->holders; spec < sc->holders + sc->n; spec++) {
		print_flip(sc, spec - sc->holders);
		printf("# %td: ", spec - sc->holders);
		spec_print(spec, "P");
		printf(", %s", states[spec->state]);
		if (spec->state >= ACCEPTED && spec_is_wildcard(spec))
			printf(" by IPv%d", spec->peer_v4 ? 4 : 6);
		print_opts(", then toggles", spec->late_opts);
		if (spec->late_dev)
			printf(", then dev %s", scenario_devs[spec->late_dev]);
		if ((spec->late_opts || spec->late_dev) && spec->early)
			printf(" before that");
		printf("%s\n", spec->gone ? ", closed in the end" : "");
	}
	print_flip(sc, sc->n);
	printf("# bind%s: ", sc->listen ? " and listen" : "");
	spec_print(&sc->next, ports[sc->port]);
	printf("%s%s\n", identities[sc->identity], sc->again ? ", twice" : "");
}

/* ---- simplifying ---- */

/* Steps for one socket; each makes it simpler, or leaves it as it is. */
#define SPEC_STEPS	10

static void spec_simpler(struct spec *spec, int step)
{
	switch (step) {
	case 0:
		spec->late_dev = DEV_NONE;
		break;
	case 1:
		spec->late_opts = 0;
		break;
	case 2:
		spec->state = BOUND;
		break;
	case 3:
		spec->user = ROOT;
		break;
	case 4:
		spec->dev = DEV_NONE;
		break;
	case 5:
		spec->other_ns = false;
		break;
	case 6:
		spec->opts &= ~(OPT_FREEBIND | OPT_TRANSPARENT);
		break;
	case 7:
		spec->opts &= ~OPT_V6ONLY;
		break;
	case 8:
		if (spec->proto == MPTCP)
			spec->proto = TCP;
		else if (spec->proto == UDPLITE)
			spec->proto = UDP;
		break;
	case 9:
		spec->early = false;
		break;
	}
}

static void next_simpler(struct scenario *sc, int step)
{
	switch (step) {
	case 0:
		sc->listen = false;
		break;
	case 1:
		sc->again = false;
		break;
	case 2:
		sc->l3mdev_accept = false;
		break;
	case 3:
		sc->late_l3mdev = 0;
		break;
	case 4:
		sc->autobind_reuse = false;
		break;
	case 5:
		sc->reserved = false;
		break;
	case 6:
		sc->identity = AS_ROOT;
		sc->next.user = ROOT;
		break;
	case 7:
		sc->next.opts = 0;
		break;
	case 8:
		sc->next.dev = DEV_NONE;
		break;
	}
}

/**
 * scenario_simpler() - simplify a scenario by one step
 * @sc: scenario; changed
 * @step: number of the step, from 0 on
 *
 * A step may change nothing.
 *
 * Return: false if there are no more steps.
 */
bool scenario_simpler(struct scenario *sc, int step)
{
	int i;

	if (step < sc->n) {
		i = sc->n - 1 - step;
		sc->n--;
		memmove(&sc->holders[i], &sc->holders[i + 1],
			(sc->n - i) * sizeof(sc->holders[0]));
		return true;
	}
	step -= sc->n;
	if (step < SPEC_STEPS) {
		next_simpler(sc, step);
		return true;
	}
	step -= SPEC_STEPS;
	if (step >= sc->n * SPEC_STEPS)
		return false;

	spec_simpler(&sc->holders[step / SPEC_STEPS], step % SPEC_STEPS);
	return true;
}
