/* SPDX-License-Identifier: GPL-2.0 */
/* Load the module anew: to be included once in a program. */
#ifndef SELFTEST_PORTOWNER_RELOAD_H
#define SELFTEST_PORTOWNER_RELOAD_H

#include <stdlib.h>

#include "die.h"

/* As reload.sh: the file is named where there is no modprobe for it. */
static inline void reload(void)
{
	if (system("rmmod portowner && if [ -n \"$PORTOWNER_KO\" ]; then "
		   "insmod \"$PORTOWNER_KO\"; else modprobe portowner; fi"))
		die("the module is not loaded anew");
}

#endif
