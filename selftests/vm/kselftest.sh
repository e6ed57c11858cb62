#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Build selftests/ as in a kernel tree: next to lib.mk and the harness of the kernel's own
# tools/testing/selftests, with its Makefile. Leaves build/kselftest/install/ARCHITECTURE, including
# run_kselftest.sh.
set -eu
. "$(dirname "$0")/lib.sh"

tree=$build/kselftest/tree
ksft=tools/testing/selftests
"$vm/tree.sh"
rsync -a --delete --exclude=/vm --exclude=/lint --exclude=/sharing.md "$top/selftests/" "$tree/$ksft/portowner/"
cp "$top/docs/sharing.md" "$tree/$ksft/portowner/"
install=$build/kselftest/install/$arch
rm -rf "$install"
# The Makefile does not know about this header, which belongs to the kernel in a kernel tree.
uapi=$top/module/uapi/linux/portowner.h
if ! cmp -s "$uapi" "$build/kselftest/portowner.h"; then
	rm -rf "$build/kselftest/obj"
	cp --remove-destination "$uapi" "$build/kselftest/"
fi
guest_make -C "$tree/$ksft" TARGETS=portowner FORCE_TARGETS=1 O="$build/kselftest/obj/$arch" \
	KSFT_INSTALL_PATH="$install" KHDR_INCLUDES="-isystem $top/module/uapi" install
# Where the kernel's own tests expect its netlink client once installed.
ynl=$("$vm/ynl.sh")
mkdir -p "$install/net/lib/ynl"
cp -r "$ynl/tools/net/ynl/pyynl" "$install/net/lib/ynl/"
