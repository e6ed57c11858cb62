#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Pack what changes often into an archive that the kernel unpacks over the root: modules of the
# kernel under test, portowner.ko and its netlink specification, the tool, and the given directory as
# /selftests. Written to stdout.
set -eu
. "$(dirname "$0")/lib.sh"

release=$(cat "$kdir/release")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"		# becomes the mode of the guest's root
# lib is a link as in the root, or unpacking would replace it with a plain directory.
mkdir -p "$tree/usr/lib/modules" "$tree/usr/local/bin"
ln -s usr/lib "$tree/lib"

# modprobe on the host lists each wanted module and its dependencies, in order.
mods=$tree/lib/modules/$release
mkdir -p "$mods/updates"
cp "$kdir/modules/modules.order" "$kdir/modules/modules.builtin" "$mods/"
cp "$kdir/modules/modules.builtin.modinfo" "$mods/" 2>/dev/null || :
[ -e "$kdir/modules/modules.dep" ] || depmod -b "${kdir}/root" "$release"
sed 's/#.*//' "$vm/modules" | while read -r module; do
	[ -z "$module" ] || modprobe -S "$release" -d "$kdir/root" --show-depends "$module" 2>/dev/null || :
done | sed -n 's/^insmod //p' | awk '{ print $1 }' | sort -u | while read -r file; do
	dest=$mods/${file#*"/lib/modules/$release/"}
	mkdir -p "${dest%/*}"
	cp "$file" "$dest"
done
# Most of their size is debug information, which takes time to load.
for module in module/portowner kmod/kbind kmod/kgenl kmod/klisten; do
	# Not all are built for every kernel.
	[ -e "$build/module/$kname/$module.ko" ] || continue
	"${cross}strip" --strip-debug -o "$mods/updates/${module#*/}.ko" "$build/module/$kname/$module.ko"
done
depmod -b "$tree" "$release"

cp "$guest_tool" "$tree/usr/local/bin/"
install -D -m 644 -t "$tree/usr/share/ynl/specs" "$top/docs/netlink/specs/portowner.yaml"
install -D -m 644 -t "$tree/usr/local/share/man/man8" "$top/userspace/man/portowner.8"
[ $# -eq 0 ] || cp -a "$1" "$tree/selftests"
install -m 755 "$vm/init" "$tree/init"

bsdtar -C "$tree" -cf - --format newc --uid 0 --gid 0 --uname '' --gname '' .
