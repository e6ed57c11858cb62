/* SPDX-License-Identifier: GPL-2.0 */
/* Play a scenario: make its sockets, then bind one more. */
#ifndef SELFTEST_PORTOWNER_PLAY_H
#define SELFTEST_PORTOWNER_PLAY_H

#include "scenario.h"
#include "verdict.h"
#include "world.h"

/**
 * struct play - a scenario, as it was played
 * @sc: scenario
 * @port: its first port
 * @asked: result of bind-check itself, 0 or a negative errno
 * @check: its prediction
 * @real: what the kernel did; only errno, operation and port
 * @log: the record of that
 * @proved: number of holders that were tried alone
 * @doubtful: why the culprits of @check are wrong, or NULL
 * @doubtful_nr: the holder concerned
 */
struct play {
	struct scenario sc;
	int port;
	int asked;
	struct verdict check;
	struct verdict real;
	struct verdict log;
	int proved;
	const char *doubtful;
	int doubtful_nr;
};

void play_scenario(struct world *world, struct play *play, bool proof);
const char *play_mismatch(const struct play *play);

#endif
