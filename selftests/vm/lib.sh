# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
# Shared by the scripts in this directory: paths, parameters, and how to fail. Sourced.

# Every script that sources this is two directories below the top.
top=$(cd "$(dirname "$0")/../.." && pwd -P)
vm=$top/selftests/vm
build=${BUILD:-$top/build}

# The guest runs programs built on this host, so its root must not be older.
root_suite()
{
	suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null) || suite=
	grep -qx 'ID=debian' /etc/os-release 2>/dev/null || suite=
	case $suite in
	'' | bullseye) suite=bookworm ;;
	esac
	echo "$suite"
}

# A kernel is named by the Debian suite it comes from, or "debug" or "kcsan" for those built from source; the
# guest root has its own suite.
KERNEL=${KERNEL:-bookworm}
FLAVOUR=${FLAVOUR:-cloud-amd64}
ROOTSUITE=${ROOTSUITE:-$(root_suite)}
kernel_name()
{
	case $1 in
	debug|kcsan) echo "$1-6.1" ;;
	*) echo "$1-$FLAVOUR" ;;
	esac
}
kname=$(kernel_name "$KERNEL")
kdir=$build/kernels/$kname
. "$vm/arch.sh"

# depmod and modprobe are not in an ordinary user's PATH.
PATH=$PATH:/usr/sbin:/sbin
export PATH LC_ALL=C.UTF-8

# Make the makes below behave the same, whether or not called from make.
unset MAKEFLAGS MFLAGS MAKELEVEL

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

say()
{
	echo "# ${0##*/}: $*" >&2
}
