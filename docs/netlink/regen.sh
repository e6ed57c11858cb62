#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Generate the netlink code from specs/portowner.yaml with the kernel's own generator, of Linux 7:
# older ones reject the spec. With --check, change nothing: say whether the spec is valid by that kernel's
# schema, whether the committed files are fresh, and whether a user-mode C client made from the spec compiles.
set -eu
. "$(dirname "$0")/../../selftests/vm/lib.sh"

case ${1:-} in
'' | --check) ;;
*) die "usage: regen.sh [--check]" ;;
esac

"$vm/deps.sh" netlink
linux=$("$vm/ynl.sh")
ynl=$linux/tools/net/ynl

# The generator looks for MAINTAINERS upwards from the spec, for ever if there is none, and for the
# schemas one directory above the spec.
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
spec=$stage/docs/netlink/specs/portowner.yaml
mkdir -p "${spec%/*}" "$stage/generated" "$stage/uapi/linux"
: >"$stage/MAINTAINERS"
cp "$linux"/Documentation/netlink/*.yaml "$stage/docs/netlink/"
cp "$top/docs/netlink/specs/portowner.yaml" "$spec"

# The system's Python is the one that deps.sh gives the libraries to.
generate()
{
	out=$stage/$1
	shift
	/usr/bin/python3 "$ynl/pyynl/ynl_gen_c.py" --spec "$spec" "$@" -o "$out"
	sed -i 's#tools/net/ynl/ynl-regen.sh#docs/netlink/regen.sh#' "$out"
}

generate generated/netlink.h --mode kernel --header --function-prefix po
generate generated/netlink.c --mode kernel --source --function-prefix po
generate uapi/linux/portowner.h --mode uapi --header --function-prefix po

# Nothing here uses that client; others may want one.
compile_client()
{
	mkdir -p "$stage/client"
	generate client/portowner-user.h --mode user --header
	generate client/portowner-user.c --mode user --source
	${CC:-gcc} -std=gnu11 -O2 -Wall -Wextra -Wno-unused-parameter -Werror \
		-I"$stage/uapi" -I"$ynl/lib" -c -o "$stage/client/portowner-user.o" \
		"$stage/client/portowner-user.c"
}

status=0
if [ "${1:-}" = --check ]; then
	/usr/bin/python3 "$ynl/pyynl/cli.py" --spec "$spec" --validate || status=1
	compile_client || { echo "the client made from the spec does not compile" >&2; status=1; }
fi
for file in generated/netlink.h generated/netlink.c uapi/linux/portowner.h; do
	if [ "${1:-}" != --check ]; then
		cmp -s "$stage/$file" "$top/module/$file" || cp "$stage/$file" "$top/module/$file"
	elif ! diff -u "$top/module/$file" "$stage/$file"; then
		echo "module/$file is stale: run docs/netlink/regen.sh" >&2
		status=1
	fi
done
exit $status
