#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The whole source of Linux 6.1 in build/source/linux-6.1, from the linux-source package of bookworm.
# It is kept; UPDATE=1 gets the newest.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

version=6.1
source=$build/source/linux-$version
mkdir -p "$build/source"
exec 8>"$build/source/.lock"
flock 8
[ ! -e "$source/Makefile" ] || [ "${UPDATE:-}" ] || exit 0

[ -z "${UPDATE:-}" ] || rm -f "$build/apt/bookworm/updated"
say "downloading linux-source-$version"
deb=$("$vm/apt.sh" bookworm fetch "linux-source-$version")
say "unpacking it"
rm -rf "$source" "$source.new"
mkdir -p "$source.new"
dpkg-deb --fsys-tarfile "$deb" | tar -xOf - "./usr/src/linux-source-$version.tar.xz" | xz -dc -T0 |
	tar -C "$source.new" -xf - --strip-components=1
mv "$source.new" "$source"
