// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's side of an answer costs, on a socket that is ready.
 * Usage: dump RUNS [PORT [STATES]]; port 0 is all, STATES a mask. One number a
 * run, after one run that is not counted.
 */
#include <stdlib.h>

#include "../die.h"
#include "ports.h"
#include "ticks.h"

int main(int argc, char **argv)
{
	int port = argc > 2 ? atoi(argv[2]) : 0;
	__u32 states = argc > 3 ? strtoul(argv[3], NULL, 0) : 0;
	int runs = argc > 1 ? atoi(argv[1]) : 1;
	struct nl nl;
	__u64 start;

	if (nl_open(&nl))
		die("the module is not loaded");
	ports_get(&nl, port, states);
	while (runs-- > 0) {
		start = ticks();
		ports_get(&nl, port, states);
		printf("%llu ", ticks() - start);
	}
	printf("\n");
	return 0;
}
