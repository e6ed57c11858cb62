# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# What depends on the guest's architecture, which is the end of FLAVOUR. Sourced by lib.sh.
# amd64 is that of the host; for others, programs and the module are cross-built, and the CPU is emulated.

# The serial lines are ttyS0 to ttyS2 on each machine; where the kernel's console has a line of its own, ttyS0 is
# connected to nothing. Five-level page tables and pointer authentication only cost time when emulated.
case $FLAVOUR in
*arm64)
	arch=arm64 triplet=aarch64-linux-gnu cross=aarch64-linux-gnu- tasks='vm arm64'
	qemu='qemu-system-aarch64 -machine virt' cpu=max,pauth-impdef=on cmdline=console=ttyAMA0
	serial='-serial chardev:console -chardev null,id=none -device pci-serial,chardev=none
		-device pci-serial,chardev=out -device pci-serial,chardev=verdict'
	guest_root=$build/rootfs/$ROOTSUITE-arm64 guest_tool=$top/userspace/build/arm64/portowner
	;;
*)
	arch=amd64 triplet=x86_64-linux-gnu cross='' tasks=vm
	# On a busy host, the timer of an emulated machine may miss the first interrupts, and the kernel gives up.
	qemu='qemu-system-x86_64 -machine pc' cpu=max,la57=off cmdline='console=ttyS0,115200 no_timer_check'
	serial='-device isa-serial,index=0,chardev=console -device isa-serial,index=1,chardev=out
		-device isa-serial,index=2,irq=5,chardev=verdict'
	guest_root=$build/rootfs/$ROOTSUITE guest_tool=$top/userspace/portowner
	;;
esac

# guest_make ARG…: make programs for the guest, from headers and libraries that rootfs.sh left if it is another's.
guest_make()
{
	if [ "$cross" ]; then
		sysroot=$guest_root.sysroot
		set -- "$@" ARCH="$arch" CC="${cross}gcc --sysroot=$sysroot"
		export PKG_CONFIG_LIBDIR="$sysroot/usr/lib/$triplet/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$sysroot"
	fi
	${MAKE:-make} -s -j"$(nproc)" --no-print-directory "$@" >&2
}
