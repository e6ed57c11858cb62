#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the kernel named by KERNEL (debug or kcsan) from the source of 6.1, source.config and its own
# .config, once, where kernel.sh would unpack one: release, vmlinuz, headers (the build itself) and modules.
# It stays until these files change; UPDATE=1 takes the newest source.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

config=$vm/$KERNEL.config
mkdir -p "$kdir"
exec 8>"$kdir/.lock"
flock 8
stamp=$(cat "$vm/source.config" "$config" "$0" | sha256sum)
if [ -e "$kdir/release" ] && [ "$(cat "$kdir/stamp" 2>/dev/null)" = "$stamp" ] && [ -z "${UPDATE:-}" ]; then
	exit 0
fi
"$vm/deps.sh" source
"$vm/linux-source.sh"

out=$kdir/build log=$kdir/log
kmake()
{
	nice make -s --no-print-directory -C "$build/source/linux-6.1" O="$out" -j"$(nproc)" "$@" >"$log" 2>&1 || {
		tail -n 30 "$log" >&2
		die "make $* failed; the whole log: $log"
	}
}

mkdir -p "$out"
rm -f "$kdir/stamp"
cat "$vm/source.config" "$config" >"$kdir/config"
kmake KCONFIG_ALLCONFIG="$kdir/config" allnoconfig
missing=$(grep -E '^(CONFIG_|# CONFIG_.* is not set)' "$kdir/config" | grep -vxFf "$out/.config" || :)
[ -z "$missing" ] || die "this kernel does not take: ${missing//$'\n'/, }"

say "building the $KERNEL kernel (about 15 minutes of CPU time)"
kmake bzImage modules
rm -rf "$kdir/root"
kmake INSTALL_MOD_PATH="$kdir/root" modules_install
release=$(cat "$out/include/config/kernel.release")
ln -sfn build/arch/x86/boot/bzImage "$kdir/vmlinuz"
ln -sfn build "$kdir/headers"
ln -sfn "root/lib/modules/$release" "$kdir/modules"
echo "$release" >"$kdir/release"
echo "$stamp" >"$kdir/stamp"
say "$release is in $kdir"
