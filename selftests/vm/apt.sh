#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Query a Debian suite for packages without touching the host's apt: apt.sh SUITE[:ARCHITECTURE] COMMAND
#   sources            sources.list of the suite, derived from the host's own Debian sources
#   depends PACKAGE    dependencies of the newest version of PACKAGE, one name per line
#   names REGEX [N]    newest package whose whole name matches, or the N newest, newest last
#   fetch PACKAGE…     download into build/downloads, print the path of each .deb
set -eu
. "$(dirname "$0")/lib.sh"

[ $# -ge 2 ] || die "usage: apt.sh SUITE[:ARCHITECTURE] sources|depends|names|fetch [ARG…]"
suite=${1%:*} command=$2
architecture=amd64
[ "$suite" = "$1" ] || architecture=${1#*:}
shift 2
root=$build/apt/$suite
[ "$architecture" = amd64 ] || root=$root-$architecture
downloads=$build/downloads
# Backports are not chosen automatically; elsewhere the security archive has to win by version.
pin=
[ "$suite" = "${suite%-backports}" ] || pin=APT::Default-Release=$suite
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Use the mirror of this machine: the base of the index files that apt already knows.
base()
{
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' |
		sed -n "s/^$1|//p" | head -n1
}

sources()
{
	main=$(base Debian)
	security=$(base Debian-Security)
	[ "$main" ] || die "apt on this host has no Debian source with lists: run apt-get update"
	release=${suite%-backports}
	echo "deb [signed-by=$keyring] $main $suite main"
	[ "$suite" = "$release" ] || echo "deb [signed-by=$keyring] $main $release main"
	[ -z "$security" ] || echo "deb [signed-by=$keyring] $security $release-security main"
}

# Proxies and the like come from the host's apt.conf; sources, lists, state and cache are private.
apt()
{
	tool=$1
	shift
	"$tool" -q -o Dir::Etc::SourceList="$root/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::State="$root/state" -o Dir::State::status="$root/status" \
		-o Dir::Cache="$root/cache" -o APT::Sandbox::User= -o APT::Get::List-Cleanup=0 \
		-o Acquire::Languages=none -o APT::Architecture="$architecture" \
		-o APT::Architectures="$architecture" ${pin:+-o "$pin"} "$@"
}

# The signature of an archived suite remains valid, but its expiry date has passed, so skip that check.
update()
{
	mkdir -p "$root/state/lists/partial" "$root/cache/archives/partial" "$downloads"
	[ ! -e "$root/updated" ] || return 0
	sources >"$root/sources.list"
	: >"$root/status"
	say "reading the package lists of $suite"
	apt apt-get update -o Acquire::Check-Valid-Until=false >"$root/update.log" 2>&1 || {
		cat "$root/update.log" >&2
		die "no package lists for $suite"
	}
	touch "$root/updated"
}

# apt-get download leaves a complete file alone.
fetch()
{
	(cd "$downloads" && apt apt-get download "$@" >"$root/download.log" 2>&1) || {
		cat "$root/download.log" >&2
		die "cannot download from $suite: $*"
	}
	for package in "$@"; do
		file=$(apt apt-cache show --no-all-versions "$package" | sed -n 's/^Version: //p' | head -n1 |
			sed 's/:/%3a/')
		file=$downloads/${package}_${file}
		set -- "${file}_$architecture.deb" "${file}_all.deb"
		[ -e "$1" ] || shift
		[ -e "$1" ] || die "$package: downloaded, yet not in $downloads"
		echo "$1"
	done
}

# Two at a time would interfere with each other.
mkdir -p "$root"
exec 7>"$root/lock"
flock 7

case $command in
sources)
	sources
	;;
depends)
	update
	apt apt-cache show --no-all-versions "$1" | sed -n 's/^Depends: //p' | head -n1 |
		tr ',' '\n' | sed 's/|.*//; s/(.*//; s/[[:space:]]//g'
	;;
names)
	update
	apt apt-cache pkgnames | grep -xE "$1" | sort -V | tail -n "${2:-1}"
	;;
fetch)
	update
	fetch "$@"
	;;
*)
	die "unknown command '$command'"
	;;
esac
