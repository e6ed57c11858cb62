#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Generate the netlink code from specs/portowner.yaml with the kernel's own generator, of Linux 7:
# older ones reject the spec. With --check only say whether the committed files are fresh.
set -eu
. "$(dirname "$0")/../../selftests/vm/lib.sh"

case ${1:-} in
'' | --check) ;;
*) die "usage: regen.sh [--check]" ;;
esac

"$vm/deps.sh" netlink
linux=$build/source/ynl
"$vm/source.sh" trixie-backports '7\.[0-9]+' "$linux" tools/net/ynl/pyynl/ Documentation/netlink/

# The generator looks for MAINTAINERS upwards from the spec, for ever if there is none, and for the
# schemas one directory above the spec.
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/docs/netlink/specs" "$stage/generated" "$stage/uapi/linux"
: >"$stage/MAINTAINERS"
cp "$linux"/Documentation/netlink/*.yaml "$stage/docs/netlink/"
cp "$top/docs/netlink/specs/portowner.yaml" "$stage/docs/netlink/specs/"

# The system's Python is the one that deps.sh gives the libraries to.
generate()
{
	out=$stage/$1
	shift
	/usr/bin/python3 "$linux/tools/net/ynl/pyynl/ynl_gen_c.py" \
		--spec "$stage/docs/netlink/specs/portowner.yaml" --function-prefix po "$@" -o "$out"
	sed -i 's#tools/net/ynl/ynl-regen.sh#docs/netlink/regen.sh#' "$out"
}

generate generated/netlink.h --mode kernel --header
generate generated/netlink.c --mode kernel --source
generate uapi/linux/portowner.h --mode uapi --header

status=0
for file in generated/netlink.h generated/netlink.c uapi/linux/portowner.h; do
	if [ "${1:-}" != --check ]; then
		cmp -s "$stage/$file" "$top/module/$file" || cp "$stage/$file" "$top/module/$file"
	elif ! diff -u "$top/module/$file" "$stage/$file"; then
		echo "module/$file is stale: run docs/netlink/regen.sh" >&2
		status=1
	fi
done
exit $status
