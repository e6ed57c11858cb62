#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Extract single files from a kernel source package: source.sh SUITE VERSION DEST PATH…
# PATHs are as in the tree, directories end in a slash. The pass over the archive is slow, so
# it is done once: DEST is kept until the list of paths changes.
set -eu
. "$(dirname "$0")/lib.sh"

[ $# -ge 4 ] || die "usage: source.sh SUITE VERSION DEST PATH…"
suite=$1 version=$2 dest=$3
shift 3

# Two at a time would interfere with each other.
mkdir -p "${dest%/*}"
exec 8>"$dest.lock"
flock 8
if [ "$(cat "$dest/.paths" 2>/dev/null)" = "$version $*" ]; then
	exit 0
fi

name=$("$vm/apt.sh" "$suite" names "linux-source-$version")
[ "$name" ] || die "no package linux-source-$version in $suite"
say "downloading $name of $suite"
deb=$("$vm/apt.sh" "$suite" fetch "$name")
say "taking files out of $name (about half a minute)"
rm -rf "$dest"
mkdir -p "$dest"
paths=$version\ $*
for path in "$@"; do
	set -- "$@" "$name/${path%/}"
	shift
done
dpkg-deb --fsys-tarfile "$deb" | tar -xOf - "./usr/src/$name.tar.xz" |
	xz -dc -T0 | tar -xf - -C "$dest" --strip-components=1 "$@"
echo "$paths" >"$dest/.paths"
