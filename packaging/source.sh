# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# What packages are made from. Sourced, after selftests/vm/lib.sh.

# Packages are named after this.
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/module/dkms.conf")

# source_tree DIRECTORY: copy the tree without what builds leave in it, committed or not
source_tree()
{
	mkdir -p "$1"
	tar -C "$top" -c --exclude-vcs --exclude=./build --exclude=./userspace/build \
		--exclude=./userspace/portowner --exclude='*.o' --exclude='*.ko' --exclude='*.mod' \
		--exclude='*.mod.c' --exclude='.*.cmd' --exclude='.*.d' --exclude=modules.order \
		--exclude=Module.symvers --exclude=__pycache__ . | tar -C "$1" -x
}
