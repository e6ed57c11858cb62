#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Make sure the host has the packages for the given tasks: deps.sh build vm tests lint
# As root, install what is missing; otherwise, print the command to run.
set -eu
. "$(dirname "$0")/lib.sh"

[ $# -gt 0 ] || die "usage: deps.sh TASK…"
command -v apt-get >/dev/null || die "this needs a Debian host: apt-get not found"

missing=
for task in "$@"; do
	list=$(sed -n "s/^${task}[[:space:]]//p" "$vm/host-packages")
	[ "$list" ] || die "no task '$task' in host-packages"
	for package in $list; do
		case " $missing " in *" $package "*) continue ;; esac
		state=$(dpkg-query -W -f '${db:Status-Status} ' "$package" 2>/dev/null) || state=
		case " $state" in *" installed "*) ;; *) missing="$missing $package" ;; esac
	done
done

# Without lists, apt knows neither the packages nor which of its sources are Debian's.
# shellcheck disable=SC2016
lists=$(apt-get indextargets --format '$(ORIGIN)' 'Created-By: Packages' 'Origin: Debian')
[ -z "$lists" ] || [ "$missing" ] || exit 0

install="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" -ne 0 ]; then
	echo "${0##*/}: packages or package lists are missing on this host; run this one line:" >&2
	echo "  sudo apt-get update${missing:+ && sudo $install}" >&2
	exit 1
fi

export DEBIAN_FRONTEND=noninteractive
say "apt-get update"
apt-get update -q >&2
if [ "$missing" ]; then
	say "$install"
	$install -q >&2
fi
