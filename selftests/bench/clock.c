// SPDX-License-Identifier: GPL-2.0
/*
 * Does this machine's clock count instructions? Prints how many nanoseconds a
 * million of them took, several times. Usage: clock RUNS
 */
#include <stdio.h>
#include <stdlib.h>

#include "ticks.h"

#define INSTRUCTIONS	1000000UL

static void spin(unsigned long instructions)
{
	unsigned long rounds = instructions / 2;

	asm volatile("1: dec %0\n\tjnz 1b" : "+r"(rounds) : : "cc");
}

int main(int argc, char **argv)
{
	int runs = argc > 1 ? atoi(argv[1]) : 5;
	__u64 start;

	while (runs-- > 0) {
		start = ticks();
		spin(INSTRUCTIONS);
		printf("%llu ", ticks() - start);
	}
	printf("\n");
	return 0;
}
