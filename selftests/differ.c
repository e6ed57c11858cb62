// SPDX-License-Identifier: GPL-2.0
/*
 * Does bind-check predict what the kernel does, and does the log say the same?
 *
 * Random sockets are created, then one more is bound, and told to listen. The
 * prediction, the kernel's answer and the log must agree; and each culprit must
 * be in the way alone, and no other socket may be. A scenario in which they
 * differ is simplified as long as they do, and printed.
 *
 *   differ [-s SEED] [-n N]	N scenarios; SEED may be "random"
 *   differ -s SEED -o NR	only that one, which is printed
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <linux/portowner.h>

#include "../kselftest.h"

#include "lib/die.h"
#include "lib/play.h"

#define SEED		1
#define SCENARIOS	2000

/* Maximum number of mismatches to show. */
#define SHOWN		5

/* Scenarios whose records are read together, and failing calls in them. */
#define BATCH		64
#define REFUSED_MAX	100

/* Of this many refused binds, the culprits of one are tried one by one. */
#define PROVE_EACH	4

struct differ {
	struct world world;
	__u64 seed;
	__u64 seen;
	struct play plays[BATCH];
	int n;
	int mismatches;
	__u64 refused, proved;
	__u64 per_rule[PORTOWNER_RULE_INVALID_ARGUMENT + 1];
};

/* ---- comparing ---- */

/* The last record of a port is that of the last bind. */
static void find_play(const struct verdict *v, void *arg)
{
	struct differ *d = arg;
	struct play *play;
	int i;

	d->seen = v->seq;
	for (i = 0; i < d->n; i++) {
		play = &d->plays[i];
		if (play->real.err && play->real.port == v->port)
			play->log = *v;
	}
}

static void read_log(struct differ *d)
{
	verdicts_log(&d->world.nl, d->seen, find_play, d);
	d->world.refused = 0;
}

/* Play it again, without the others. */
static const char *replay(struct differ *d, struct play *play, bool proof)
{
	const char *why;

	d->n = 0;
	read_log(d);
	play_scenario(&d->world, play, proof);
	d->plays[0] = *play;
	d->n = 1;
	read_log(d);
	*play = d->plays[0];
	why = play_mismatch(play);
	d->n = 0;
	return why;
}

static void show(const struct differ *d, const struct play *play,
		 const char *why)
{
	ksft_print_msg("scenario %llu of seed %llu: %s\n", play->sc.nr,
		       d->seed, why ?: "all agree");
	scenario_print(&play->sc);
	if (play->asked)
		printf("# bind-check: %s\n", strerror(-play->asked));
	else
		verdict_print("foreseen", &play->check);
	printf("# kernel: %s%s\n", strerror(play->real.err),
	       play->real.op == PORTOWNER_REJECT_OP_LISTEN ? " of listen" : "");
	if (play->log.seq)
		verdict_print("logged", &play->log);
	if (play->doubtful)
		printf("# the doubtful socket is %d\n", play->doubtful_nr);
	fflush(stdout);
}

/* Remove whatever does not matter. */
static void shrink(struct differ *d, struct play *play)
{
	struct play simpler;
	bool changed;
	int step;

	do {
		changed = false;
		for (step = 0;; step++) {
			simpler = *play;
			if (!scenario_simpler(&simpler.sc, step))
				break;
			if (!memcmp(&simpler.sc, &play->sc,
				    sizeof(simpler.sc)) ||
			    !replay(d, &simpler, true))
				continue;
			*play = simpler;
			changed = true;
			step--;
		}
	} while (changed);
}

static void report(struct differ *d, const struct play *first, const char *why)
{
	struct play play = *first;
	int tries = 5;

	d->mismatches++;
	if (d->mismatches > SHOWN)
		return;
	show(d, &play, why);
	while (!replay(d, &play, true))
		if (!--tries) {
			ksft_print_msg("did not happen again\n");
			return;
		}
	shrink(d, &play);
	why = replay(d, &play, true);
	ksft_print_msg("made simpler:\n");
	show(d, &play, why);
}

/* Read the records of the scenarios since the last time, and compare. */
static void flush(struct differ *d)
{
	static struct play plays[BATCH];
	const char *why;
	int i, n;

	read_log(d);
	n = d->n;
	memcpy(plays, d->plays, n * sizeof(plays[0]));
	d->n = 0;
	for (i = 0; i < n; i++) {
		d->proved += plays[i].proved;
		if (plays[i].real.err) {
			d->refused++;
			d->per_rule[plays[i].log.rule]++;
		}
		why = play_mismatch(&plays[i]);
		if (why)
			report(d, &plays[i], why);
	}
}

static void differ_run(struct differ *d, __u64 first, __u64 n)
{
	struct play *play;
	__u64 nr;

	for (nr = first; nr < first + n; nr++) {
		play = &d->plays[d->n++];
		scenario_make(&play->sc, d->seed, nr);
		/* All of these have the same port in the log. */
		if (play->sc.port != THIS_PORT) {
			struct play other = *play;

			d->n--;
			flush(d);
			play = &d->plays[d->n++];
			*play = other;
		}
		play_scenario(&d->world, play, nr % PROVE_EACH == 0);
		if (world_worn(&d->world)) {
			flush(d);
			world_free(&d->world);
			world_init(&d->world);
			d->seen = 0;
		}
		if (d->n == BATCH || d->world.refused > REFUSED_MAX ||
		    play->sc.port != THIS_PORT)
			flush(d);
	}
	flush(d);
}

static void summary(const struct differ *d, __u64 n, time_t begun)
{
	int i;

	ksft_print_msg("%llu scenarios in %ld s, %llu refused, %llu holders tried alone\n",
		       n, (long)(time(NULL) - begun), d->refused, d->proved);
	ksft_print_msg("refused by rule:");
	for (i = 0; i <= PORTOWNER_RULE_INVALID_ARGUMENT; i++)
		printf(" %llu", d->per_rule[i]);
	printf("\n");
}

static __u64 parse(const char *text)
{
	__u64 nr;
	char *end;

	if (!strcmp(text, "random")) {
		if (getrandom(&nr, sizeof(nr), 0) != sizeof(nr))
			die_errno("getrandom");
		return nr >> 32;
	}
	nr = strtoull(text, &end, 0);
	if (*end || end == text)
		die("not a number: %s", text);
	return nr;
}

int main(int argc, char **argv)
{
	static struct differ d = { .seed = SEED };
	__u64 n = SCENARIOS, only = 0;
	time_t begun = time(NULL);
	bool one = false;
	int opt;

	while ((opt = getopt(argc, argv, "n:o:s:")) != -1) {
		switch (opt) {
		case 'n':
			n = parse(optarg);
			break;
		case 'o':
			one = true;
			only = parse(optarg);
			break;
		case 's':
			d.seed = parse(optarg);
			break;
		default:
			return KSFT_FAIL;
		}
	}
	ksft_print_header();
	ksft_set_plan(1);
	ksft_print_msg("seed %llu\n", d.seed);
	world_init(&d.world);
	if (one) {
		scenario_make(&d.plays[0].sc, d.seed, only);
		show(&d, &d.plays[0], replay(&d, &d.plays[0], true));
	} else {
		differ_run(&d, 0, n);
		summary(&d, n, begun);
	}
	ksft_test_result(!d.mismatches,
			 "foreseen, done and logged are the same, %d mismatches\n",
			 d.mismatches);
	ksft_finished();
}
