#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the module for the kernel named by KERNEL in build/module/<kernel>/, so that objects of two
# kernels never mix and the source tree stays clean; or in OUT. Arguments go to make (W=1, C=2).
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

[ -e "$top/module/Kbuild" ] || die "module/Kbuild is not there"
out=${OUT:-$build/module/$kname}
mkdir -p "$out"
# Keep build output in the copy, delete what was removed from the source.
rsync -a --delete --exclude='*.o' --exclude='*.ko' --exclude='*.mod' --exclude='*.mod.c' \
	--exclude='.*.cmd' --exclude='.*.d' --exclude='modules.order' --exclude='Module.symvers' \
	"$top/Kbuild" "$top/module" "$top/selftests/kmod" "$out/"
echo "obj-m += kmod/		# what the selftests load" >>"$out/Kbuild"
# The headers request the compiler of their release by name, which this host may lack. Their programs
# may need a newer libc than this host's: then everything is run in a root of that release.
make=("${MAKE:-make}" CC="${CC:-${cross}gcc}" ${cross:+ARCH="$arch" CROSS_COMPILE="$cross"})
needs=$(ldd "$kdir"/headers/{scripts/mod/modpost*,tools/objtool/objtool*} 2>&1) || :
if [[ $needs == *GLIBC_*"not found"* ]]; then
	make=("$vm/buildroot.sh" "${KERNEL%-backports}" make)
fi
# In older releases they come without vmlinux; the module needs no BTF.
"${make[@]}" -s -j"$(nproc)" --no-print-directory -C "$kdir/headers" M="$out" "$@" modules 2>&1 |
	{ grep -v '^Skipping BTF generation' || :; } >&2
