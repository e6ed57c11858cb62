#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The newest kernel's own netlink tools in build/source/ynl: the specification schemas, the generator, and
# the clients in Python and C. Prints that directory, with the layout of the kernel source.
set -eu
. "$(dirname "$0")/lib.sh"

dest=$build/source/ynl
"$vm/source.sh" trixie-backports '7\.[0-9]+' "$dest" tools/net/ynl/lib/ tools/net/ynl/pyynl/ \
	Documentation/netlink/ >&2
echo "$dest"
