#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 32-bit callers: their refusals are logged like those of others, once each.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"

EADDRINUSE=98

# The file exists, so this is the kernel's verdict on its format.
run_it()
{
	[ "$(uname -m)" = x86_64 ] || skip "compat32 is a program for x86"
	[ -x "$helpers/compat32" ] || fail "compat32 was not built"
	"$helpers/compat32"
	rc=$?
	[ "$rc" -ne 126 ] || skip "this kernel runs no 32-bit programs"
}

refusals()
{
	serve 8080
	run_it
	check test "$rc" -eq "$EADDRINUSE"
	exits 0 portowner -J log
	json ".rejects | length == 1 and .[0].count == 2 and all(.op == \"bind\" and
		.errno == \"EADDRINUSE\" and .comm == \"compat32\" and
		.addr == \"127.0.0.1\" and .port == 8080 and
		.culprits[0].owners[0].pid == $server)"
	exits 0 portowner -J stats
	json '.rejects_seen == 2'
}

ktap_plan 1
ktap_test refusals "refused binds of a 32-bit program"
ktap_exit
