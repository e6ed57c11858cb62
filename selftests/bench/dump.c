// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of an answer in the kernel, on a new socket, as the tool uses.
 * Usage: dump RUNS [PORT [STATES]]; port 0 means all, STATES is a mask. One number
 * per run, after one run that is not counted.
 */
#include <stdlib.h>

#include "../lib/die.h"
#include "ports.h"
#include "ticks.h"

int main(int argc, char **argv)
{
	int port = argc > 2 ? atoi(argv[2]) : 0;
	__u32 states = argc > 3 ? strtoul(argv[3], NULL, 0) : 0;
	int run, runs = argc > 1 ? atoi(argv[1]) : 1;
	struct nl nl;
	__u64 start;

	for (run = 0; run <= runs; run++) {
		if (nl_open(&nl))
			die("the module is not loaded");
		start = ticks();
		ports_get(&nl, port, states);
		if (run)
			printf("%llu ", ticks() - start);
		nl_close(&nl);
	}
	printf("\n");
	return 0;
}
