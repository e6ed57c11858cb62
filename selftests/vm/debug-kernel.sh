#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the debug kernel from the linux-source package of bookworm and debug.config, once, where
# kernel.sh would unpack one: release, vmlinuz, headers (the build itself) and modules.
# It stays until debug.config changes; UPDATE=1 takes the newest source.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

version=6.1
stamp=$(cat "$vm/debug.config" "$0" | sha256sum)
if [ -e "$kdir/release" ] && [ "$(cat "$kdir/stamp" 2>/dev/null)" = "$stamp" ] && [ -z "${UPDATE:-}" ]; then
	exit 0
fi
"$vm/deps.sh" debug

source=$kdir/source
if [ ! -e "$source/Makefile" ] || [ "${UPDATE:-}" ]; then
	[ -z "${UPDATE:-}" ] || rm -f "$build/apt/bookworm/updated"
	say "downloading linux-source-$version"
	deb=$("$vm/apt.sh" bookworm fetch "linux-source-$version")
	say "unpacking it"
	rm -rf "$kdir"
	mkdir -p "$source.new"
	dpkg-deb --fsys-tarfile "$deb" | tar -xOf - "./usr/src/linux-source-$version.tar.xz" | xz -dc -T0 |
		tar -C "$source.new" -xf - --strip-components=1
	mv "$source.new" "$source"
fi

out=$kdir/build log=$kdir/log
kmake()
{
	nice make -s --no-print-directory -C "$source" O="$out" -j"$(nproc)" "$@" >"$log" 2>&1 || {
		tail -n 30 "$log" >&2
		die "make $* failed; the whole log: $log"
	}
}

mkdir -p "$out"
kmake KCONFIG_ALLCONFIG="$vm/debug.config" allnoconfig
missing=$(grep -E '^(CONFIG_|# CONFIG_.* is not set)' "$vm/debug.config" | grep -vxFf "$out/.config" || :)
[ -z "$missing" ] || die "this kernel does not take: ${missing//$'\n'/, }"

say "building the debug kernel (about 20 minutes of CPU time)"
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
