#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Build the guest's root as an initramfs archive, build/rootfs/ROOTSUITE.cpio, from the package list
# next to this script. It is kept until that list, or this script, changes.
# The root of another architecture is ROOTSUITE-ARCHITECTURE.cpio. Beside it, .sysroot has what to cross-build with.
set -eu
. "$(dirname "$0")/lib.sh"

out=$guest_root.cpio
stamp=$(cat "$vm/packages" ${cross:+"$vm/host-packages"} "$0" | sha256sum)
if [ -e "$out" ] && [ "$(cat "$out.stamp" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi

mkdir -p "$build/rootfs"
include=$(sed "s/#.*//; s/^$ROOTSUITE://; /:/d" "$vm/packages" | tr -s '[:space:]' ',' | sed 's/^,//; s/,$//')
[ "$(id -u)" -eq 0 ] && mode=root || mode=unshare
[ ! "$cross" ] || FLAVOUR=amd64 "$0"
say "building the guest root of $ROOTSUITE${cross:+ for $arch} (about a minute)"
"$vm/apt.sh" "$ROOTSUITE" sources >"$build/rootfs/sources.list"

# Scripts of packages of another architecture cannot run here. What they leave is the same on each, and is taken
# from the host's root, over which the packages are unpacked.
if [ "$cross" ]; then
	libraries=$(sed -n 's/^build[[:space:]]//p' "$vm/host-packages" | tr ' ' '\n' | grep -e '-dev$' | paste -sd,)
	set -- --variant=extract --architectures="$arch" --include="$libraries"
else
	# Two ordinary users, for "another user" in tests; written in place of having package passwd.
	# shellcheck disable=SC2016 # for the shell of the hook
	set -- --variant=custom --customize-hook='for u in alice:1000 bob:1001; do
		echo $u | sed "s,\(.*\):\(.*\),\1:x:\2:\2::/tmp:/bin/bash," >>$1/etc/passwd
		echo $u | sed "s,\(.*\):\(.*\),\1:x:\2:," >>$1/etc/group
	done'
fi
# What no program reads at run time costs boot time: the kernel unpacks all of it into memory.
mmdebstrap --mode="$mode" --format=tar --quiet \
	--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
	--include="base-files,base-passwd,dash,debianutils,diffutils,findutils,grep,gzip,hostname" \
	--include="libc-bin,ncurses-base,ncurses-bin,perl-base,sed,tar,usr-is-merged,util-linux,$include" \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
	"$@" "$ROOTSUITE" "$guest_root.tar" - <"$build/rootfs/sources.list" \
	>"$build/rootfs/log" 2>&1 || {
	tail -n 20 "$build/rootfs/log" >&2
	[ "$mode" = root ] || say "without root this needs user namespaces and a range in /etc/subuid"
	die "mmdebstrap failed; the whole log: $build/rootfs/log"
}

set --
if [ "$cross" ]; then
	rm -rf "$guest_root.sysroot"
	mkdir "$guest_root.sysroot"
	bsdtar -C "$guest_root.sysroot" -xf "$guest_root.tar" --include ./lib --include ./usr/include \
		--include "./usr/lib/$triplet"
	set -- --exclude './usr/lib/x86_64-linux-gnu' --exclude ./usr/include --exclude './usr/lib/*/*.[ao]' \
		"@$build/rootfs/$ROOTSUITE.cpio"
fi
bsdtar -cf "$out.new" --format newc --exclude './var/cache/*' --exclude './var/lib/apt/*' \
	--exclude './var/lib/dpkg/info/*' --exclude './usr/share/zoneinfo/*' --exclude './dev/*' \
	--exclude './usr/lib/*/gconv/*' --exclude './usr/share/common-licenses/*' \
	--exclude './usr/bin/perl*' --exclude './usr/lib/*/perl-base/*' --exclude './usr/share/perl*' \
	--exclude './usr/lib/python3*/test/*' --exclude './usr/lib/python3*/pydoc_data/*' \
	--exclude './usr/bin/dpkg*' --exclude './usr/bin/localedef' --exclude './usr/sbin/tc' \
	"$@" "@$guest_root.tar"
rm "$guest_root.tar"
mv "$out.new" "$out"
echo "$stamp" >"$out.stamp"
