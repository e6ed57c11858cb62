/* SPDX-License-Identifier: GPL-2.0 */
/* What every unit test needs; cmocka wants these in this order. */
#ifndef PORTOWNER_TESTS_UNIT_H
#define PORTOWNER_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/util.h"

/* The kernel has no mixed case. */
#define unit_case	CMUnitTest

#endif /* PORTOWNER_TESTS_UNIT_H */
