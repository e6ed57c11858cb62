/* SPDX-License-Identifier: GPL-2.0 */
/* Threads with descriptor tables of their own; see die.h for failures. */
#ifndef SELFTEST_PORTOWNER_TABLES_H
#define SELFTEST_PORTOWNER_TABLES_H

void tables_start(int nr);

#endif
