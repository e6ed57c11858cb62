#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The part of a kernel tree needed by tests and lint, in build/kselftest/tree.
set -eu
. "$(dirname "$0")/lib.sh"

ksft=tools/testing/selftests
"$vm/source.sh" bookworm '6\.1' "$build/kselftest/tree" \
	$ksft/Makefile $ksft/lib.mk $ksft/kselftest.h $ksft/kselftest_harness.h $ksft/kselftest/ \
	$ksft/run_kselftest.sh $ksft/net/reuseaddr_conflict.c scripts/subarch.include \
	scripts/checkpatch.pl scripts/spelling.txt scripts/const_structs.checkpatch scripts/kernel-doc
