/* SPDX-License-Identifier: GPL-2.0 */
/* Reload the module: to be included once per program. */
#ifndef SELFTEST_PORTOWNER_RELOAD_H
#define SELFTEST_PORTOWNER_RELOAD_H

#include <stdlib.h>

#include "die.h"

/* Like reload.sh: the file is named where modprobe does not find one. */
static inline void reload(void)
{
	if (system("rmmod portowner && if [ -n \"$PORTOWNER_KO\" ]; then "
		   "insmod \"$PORTOWNER_KO\"; else modprobe portowner; fi"))
		die("the module is not loaded anew");
}

#endif
