#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Build selftests/ the way a kernel tree does: next to the lib.mk and the harness of the kernel's own
# tools/testing/selftests, by its Makefile. Leaves build/kselftest/install, run_kselftest.sh included.
set -eu
. "$(dirname "$0")/lib.sh"

tree=$build/kselftest/tree
ksft=tools/testing/selftests
"$vm/tree.sh"
rsync -a --delete --exclude=/vm --exclude=/lint --exclude=/sharing.md "$top/selftests/" "$tree/$ksft/portowner/"
cp "$top/docs/sharing.md" "$tree/$ksft/portowner/"
rm -rf "$build/kselftest/install"
${MAKE:-make} -s --no-print-directory -C "$tree/$ksft" TARGETS=portowner FORCE_TARGETS=1 \
	O="$build/kselftest/obj" KSFT_INSTALL_PATH="$build/kselftest/install" \
	KHDR_INCLUDES="-isystem $top/module/uapi" install >&2
