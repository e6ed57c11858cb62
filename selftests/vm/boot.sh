#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Boot the VM once and read its verdict: boot.sh INITRD [WORD…]; WORDs go to the kernel command line.
# INITRD is deleted.
# The job's output goes to stdout. Exit status: the job's own, or
#   124 timeout · 125 the guest died or never reported · 126 the kernel complained
# Parameters: KERNEL FLAVOUR ROOTSUITE, SMP, MEMORY, TIMEOUT (seconds), QEMU_ARGS, APPEND.
set -eu
. "$(dirname "$0")/lib.sh"

[ $# -ge 1 ] || die "usage: boot.sh INITRD [WORD…]"
initrd=$1
shift
mkdir -p "$build/vm/$kname"
run=$(mktemp -d "$build/vm/$kname/run.XXXXXX")
console=$run/console.log verdict=$run/verdict

# One host thread for all guest CPUs: with more, guests were seen to jump to address 0 while kretprobes
# on a busy function are armed, by whichever module; with one thread never.
# A bare /dev/kvm proves nothing: the CPU has to show the extension too.
accel=(-accel "tcg,thread=single" -cpu "$cpu")
# Counting instructions (-icount) takes an emulated CPU.
if [ ! "$cross" ] && [[ " ${QEMU_ARGS:-} " != *" -icount "* ]] && grep -qwE 'vmx|svm' /proc/cpuinfo && [ -w /dev/kvm ]; then
	accel=(-accel kvm -cpu host)
fi

# Debian's list since 12. The selftests need the last one, which is off by default in older kernels.
lsm=lsm=landlock,lockdown,yama,loadpin,safesetid,integrity,apparmor,selinux,smack,tomoyo,bpf
# The debug kernel needs memory to track what was freed, the KCSAN kernel for its log; both need time.
# KCSAN finds races of the kernel itself and must not panic on them; init looks for those of the module.
memory=${MEMORY:-1024} seconds=${TIMEOUT:-300} warn='panic_on_warn=1 log_buf_len=4M'
case $KERNEL in
debug) memory=$((memory * 3)) seconds=$((seconds * 6)) ;;
kcsan) memory=$((memory * 2)) seconds=$((seconds * 6)) warn='log_buf_len=64M' ;;
esac

out=stdio,id=out,signal=off
[[ " $* " == *" portowner.tty "* ]] || out=stdio,id=out
read -ra qemu <<<"$qemu"
read -d '' -ra serial <<<"$serial" || :
read -ra extra <<<"${QEMU_ARGS:-}"

# norandmaps: QEMU translates a program's code again for each address at which it is mapped. With the same addresses
# each time, programs start in a quarter of the time.
status=0
timeout --foreground "$seconds" "${qemu[@]}" "${accel[@]}" -smp "${SMP:-2}" -m "$memory" \
	-nodefaults -no-user-config -display none -no-reboot \
	-kernel "$kdir/vmlinuz" -initrd "$initrd" \
	-append "$cmdline norandmaps panic=-1 oops=panic $warn $lsm ${APPEND:-} $*" \
	-chardev "file,id=console,path=$console" -chardev "$out" -chardev "file,id=verdict,path=$verdict" \
	"${serial[@]}" "${extra[@]}" 2>"$run/qemu.log" || status=$?
rm -f "$initrd"

complaint='WARNING:|BUG:|Oops:|Kernel panic|INFO: (task|rcu)'
failed()
{
	echo
	echo "boot.sh: $2"
	echo "--- the console, from the first complaint on if there is one:"
	if grep -aqE "$complaint" "$console"; then
		sed -nE "/$complaint/,\$p" "$console" | head -n 60
	else
		tail -n 30 "$console"
	fi | tr -cd '\n\t -~'
	[ ! -s "$run/qemu.log" ] || cat "$run/qemu.log"
	echo "--- the whole console: $console"
	exit "$1"
} >&2

[ "$status" -ne 124 ] || failed 124 "no end after $seconds s"
[ "$status" -eq 0 ] || failed 125 "qemu failed with status $status"
code=$(sed -n 's/^exit \([0-9]*\)$/\1/p' "$verdict")
[ "$code" ] || failed 125 "the guest ended without a verdict"
if grep '^report: ' "$verdict" >&2; then
	failed 126 "the guest's kernel complained, see the reports above"
fi
rm -r "$run"
exit "$code"
