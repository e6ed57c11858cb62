#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Build the guest's root as an initramfs archive, build/rootfs/ROOTSUITE.cpio, from the package list
# next to this script. It is kept until that list, or this script, changes.
set -eu
. "$(dirname "$0")/lib.sh"

out=$build/rootfs/$ROOTSUITE.cpio
stamp=$(cat "$vm/packages" "$0" | sha256sum)
if [ -e "$out" ] && [ "$(cat "$out.stamp" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi

mkdir -p "$build/rootfs"
include=$(sed "s/#.*//; s/^$ROOTSUITE://; /:/d" "$vm/packages" | tr -s '[:space:]' ',' | sed 's/^,//; s/,$//')
[ "$(id -u)" -eq 0 ] && mode=root || mode=unshare
say "building the guest root of $ROOTSUITE (about a minute)"
"$vm/apt.sh" "$ROOTSUITE" sources >"$build/rootfs/sources.list"

# Two ordinary users, for "another user" in tests; written in place of having package passwd.
# What no program reads at run time costs boot time: the kernel unpacks all of it into memory.
mmdebstrap --mode="$mode" --variant=custom --format=tar --quiet \
	--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
	--include="base-files,base-passwd,dash,debianutils,diffutils,findutils,grep,gzip,hostname" \
	--include="libc-bin,ncurses-base,ncurses-bin,perl-base,sed,tar,usr-is-merged,util-linux,$include" \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
	--customize-hook="for u in alice:1000 bob:1001; do
		echo \$u | sed 's,\(.*\):\(.*\),\1:x:\2:\2::/tmp:/bin/bash,' >>\$1/etc/passwd
		echo \$u | sed 's,\(.*\):\(.*\),\1:x:\2:,' >>\$1/etc/group
	done" \
	"$ROOTSUITE" "$build/rootfs/$ROOTSUITE.tar" - <"$build/rootfs/sources.list" \
	>"$build/rootfs/log" 2>&1 || {
	tail -n 20 "$build/rootfs/log" >&2
	[ "$mode" = root ] || say "without root this needs user namespaces and a range in /etc/subuid"
	die "mmdebstrap failed; the whole log: $build/rootfs/log"
}

bsdtar -cf "$out.new" --format newc --exclude './var/cache/*' --exclude './var/lib/apt/*' \
	--exclude './var/lib/dpkg/info/*' --exclude './usr/share/zoneinfo/*' --exclude './dev/*' \
	--exclude './usr/lib/*/gconv/*' --exclude './usr/share/common-licenses/*' \
	--exclude './usr/bin/perl*' --exclude './usr/lib/*/perl-base/*' --exclude './usr/share/perl*' \
	--exclude './usr/lib/python3*/test/*' --exclude './usr/lib/python3*/pydoc_data/*' \
	--exclude './usr/bin/dpkg*' --exclude './usr/bin/localedef' --exclude './usr/sbin/tc' \
	"@$build/rootfs/$ROOTSUITE.tar"
rm "$build/rootfs/$ROOTSUITE.tar"
mv "$out.new" "$out"
echo "$stamp" >"$out.stamp"
