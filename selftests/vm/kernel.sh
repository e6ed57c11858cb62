#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Unpack the kernel named by KERNEL (a Debian suite) and FLAVOUR, with its headers, under
# build/kernels/; nothing is installed. Leaves there: release, vmlinuz, headers, modules (links).
# An existing kernel is kept; UPDATE=1 looks for a newer one.
set -eu
. "$(dirname "$0")/lib.sh"

case $KERNEL in debug|kcsan) exec "$vm/source-kernel.sh" ;; esac

apt()
{
	"$vm/apt.sh" "$KERNEL:$arch" "$@"
}

# All linux-* packages that the meta package depends on: how they are split differs between
# versions, but not how their names begin.
closure()
{
	todo=$1 seen=' '
	while [ "$todo" ]; do
		package=${todo%% *}
		todo=${todo#"$package"}
		todo=${todo#"${todo%%[! ]*}"}
		case $package in
		linux-image-*|linux-binary-*|linux-modules-*|linux-headers-*|linux-kbuild-*|linux-base-*) ;;
		*) continue ;;
		esac
		case $seen in *" $package "*) continue ;; esac
		seen="$seen$package "
		depends=$(apt depends "$package" | tr '\n' ' ')
		todo="$todo $depends"
	done
	# Packages without a version in their name only refer to others.
	echo "$seen" | tr ' ' '\n' | grep -e '-[0-9]' | tr '\n' ' '
}

if [ -e "$kdir/release" ] && [ -z "${UPDATE:-}" ]; then
	exit 0
fi
[ -z "${UPDATE:-}" ] || rm -f "$build/apt/$KERNEL/updated" "$build/apt/$KERNEL-$arch/updated"

say "looking for the newest linux-image-$FLAVOUR of $KERNEL"
packages=$(closure "linux-image-$FLAVOUR linux-headers-$FLAVOUR")
case $packages in *" linux-headers-"*) ;; *) die "no headers for $FLAVOUR in $KERNEL" ;; esac
say "downloading $packages"
debs=
for package in $packages; do
	case $package in
	linux-kbuild-*) from=$KERNEL ;; # programs that run on this host
	*) from=$KERNEL:$arch ;;
	esac
	debs="$debs $("$vm/apt.sh" "$from" fetch "$package")"
done

rm -rf "$kdir"
mkdir -p "$kdir/root"
for deb in $debs; do
	dpkg-deb -x "$deb" "$kdir/root"
done

# Since 12, /lib is a link to usr/lib; older packages still ship files in /lib.
for lib in "$kdir/root/lib/modules" "$kdir/root/usr/lib/modules"; do
	[ ! -d "$lib" ] || modules=$(find "$lib" -mindepth 1 -maxdepth 1 -name "*$FLAVOUR" | head -n1)
	[ -z "${modules:-}" ] || break
done
[ "${modules:-}" ] || die "no modules in:$packages"
release=${modules##*/}
headers=$kdir/root/usr/src/linux-headers-$release
[ -d "$headers" ] || die "no headers for $release in:$packages"

# Absolute paths in a header package: to itself, and to the part shared by all flavours.
grep -lr --include=Makefile -e '^include /usr/src/' -e '^KBUILD_OUTPUT=/usr/src/' "$headers" |
	while read -r makefile; do
		sed -i "s#^\(include \|KBUILD_OUTPUT=\)/usr/src/#\1$kdir/root/usr/src/#" "$makefile"
	done
vmlinuz=$(find "$kdir/root/" -path "*/boot/vmlinuz*" -o -path "$modules/vmlinuz*" | head -n1)
[ "$vmlinuz" ] || die "no vmlinuz in:$packages"
ln -s "${vmlinuz#"$kdir/"}" "$kdir/vmlinuz"
ln -s "${headers#"$kdir/"}" "$kdir/headers"
ln -s "${modules#"$kdir/"}" "$kdir/modules"
# depmod and modprobe only look in /lib.
[ -e "$kdir/root/lib" ] || ln -s usr/lib "$kdir/root/lib"
echo "$release" >"$kdir/release"
say "$release is in $kdir"
