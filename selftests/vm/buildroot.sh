#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run a command where the tools of a newer release are: buildroot.sh SUITE COMMAND…
# Header packages bring programs (modpost, objtool) made for the libc of their release, and flags for
# its compiler. The command runs as root of build/roots/SUITE, with build/ where it is on the host, and
# nothing else of the host's but /dev and /proc. The root stays until the list of packages, or this script, changes.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

[ $# -ge 2 ] || die "usage: buildroot.sh SUITE COMMAND…"
suite=$1
shift
root=$build/roots/$suite
"$vm/deps.sh" buildroot

include=$(sed -n "s/^${suite}[[:space:]]//p" "$vm/root-packages" | tr -s '[:space:]' ',')
[ "$include" ] || die "no line for $suite in root-packages"

# Nobody else may see what is mounted here; without root, a user namespace gives the right.
own=(unshare --mount)
mode=root
if [ "$(id -u)" -ne 0 ]; then
	own=(unshare --user --map-root-user --mount)
	mode=unshare
fi

make_root()
{
	say "building a root of $suite for its build tools (about a minute)"
	rm -rf "$root" "$root.new"
	mkdir -p "$root.new"
	"$vm/apt.sh" "$suite" sources >"$root.sources"
	mmdebstrap --mode="$mode" --variant=essential --format=tar --quiet --include="$include" \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
		"$suite" - - <"$root.sources" 2>"$root.log" |
		tar -C "$root.new" --no-same-owner --exclude='./dev/*' --exclude='./var/cache/*' \
			--exclude='./var/lib/apt/*' -xf - || {
		tail -n 20 "$root.log" >&2
		die "mmdebstrap failed; the whole log: $root.log"
	}
	mv "$root.new" "$root"
	echo "$stamp" >"$root.stamp"
}

stamp=$(echo "$include" | cat - "$0" | sha256sum)
if [ ! -d "$root" ] || [ "$(cat "$root.stamp" 2>/dev/null)" != "$stamp" ]; then
	make_root
fi

# shellcheck disable=SC2016 # for the inner shell
exec "${own[@]}" sh -euc '
	root=$1 build=$2
	shift 2
	mount --rbind /dev "$root/dev"
	mount --rbind /proc "$root/proc"
	# Since the root was made all of this may have moved.
	mkdir -p "$root$build"
	mount --bind "$build" "$root$build"
	exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"
' sh "$root" "$build" "$@"
