#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Everything at once: a minute for each test on the debug kernel, whose detectors
# (see vm/debug.config) report to the kernel log, and a few seconds on others. The
# log is checked elsewhere; here, nothing may hang, answers must stay well-formed
# and counters exact.
# PORTOWNER_KO names the file to load; without it, modprobe finds one.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"

# shellcheck source=lib/reload.sh
. "$(dirname "$0")/lib/reload.sh"

debugfs=/sys/kernel/debug
PORTOWNER_KO=${PORTOWNER_KO:-$(modinfo -n portowner)}
export PORTOWNER_KO
seconds=5
[ ! -e $debugfs/kmemleak ] && [ ! -e $debugfs/kcsan ] || seconds=60

# Jobs run until this file is gone.
go=$dir/go

# again COMMAND...: run it repeatedly until the test ends; it may fail
again()
{
	while [ -e "$go" ]; do
		"$@"
	done >/dev/null 2>&1
}

# Namespaces that end while their refusals are being recorded.
namespace()
{
	unshare --net sh -c "ip link set lo up; exec '$helpers/busy' bind 8080 20"
}

# A subscriber that leaves before it reads its messages.
deaf()
{
	"$helpers/busy" deaf <"$dir/never" &
	unshare --net sh -c "ip link set lo up; exec '$helpers/busy' bind 8080 300"
	"$helpers/busy" bind 8088 300
	kill -9 $!
	wait $!
}

# Refused because of a socket whose process is just ending.
short_lived()
{
	timeout 0.1 nc -lkn 127.0.0.1 8089 &
	refused 8089
	wait $!
}

# begin COMMAND...: run it repeatedly in the background
begin()
{
	touch "$go"
	again "$@" &
	jobs="$jobs $!"
}

# end_jobs: let each finish its current round
end_jobs()
{
	local pid

	rm -f "$go"
	for pid in $jobs; do
		wait "$pid"
	done
	jobs=
}

cleanup()
{
	rm -f "$go"
	loaded || load
}

background()
{
	trap 'rm -f "$go"; end_children' EXIT
	mkfifo "$dir/never" 2>/dev/null
	# shellcheck disable=SC2034 # so that it has a writer
	exec {never}<>"$dir/never"
	begin namespace
	begin deaf
}

exact()
{
	exits 0 portowner -J stats
	json '.rejects_seen == .rejects_counted + .rejects_dropped'
}

fuzz()
{
	background
	check "$helpers/fuzz" "$seconds"
	end_jobs
	exact
}

# Failures are silent, and may hit any allocation.
set_faults()
{
	local name

	[ -e /proc/self/fail-nth ] || skip "this kernel has no fault injection"
	for name in failslab fail_page_alloc fail_usercopy; do
		echo 0 >"$debugfs/$name/verbose"
	done
	for name in failslab fail_page_alloc; do
		echo N >"$debugfs/$name/ignore-gfp-wait"
	done
	echo N >"$debugfs/fail_page_alloc/ignore-gfp-highmem"
	echo 0 >"$debugfs/fail_page_alloc/min-order"
}

faults()
{
	set_faults
	background
	check unshare --net "$helpers/faults"
	end_jobs
	exact
}

# Loading may fail too; in any case, the module can be loaded afterwards.
faulty_load()
{
	set_faults
	check unshare --net "$helpers/faults" load
	loaded || check load
	exact
}

reload()
{
	local end=$((SECONDS + seconds))

	background
	start one "$helpers/busy" bind 8080
	start two "$helpers/busy" dump
	begin short_lived
	while [ "$SECONDS" -lt "$end" ]; do
		check "$helpers/busy" unload
		check load
	done
	end_jobs
	for pid in $pids; do
		[ -d "/proc/$pid" ] || fail "a job ended early"
	done
	end_children
	until_true "$helpers/busy" unload
	check load
	check "$helpers/busy" bind 8080 10
	exact
}

loaded || load || exit 1
ktap_plan 4
ktap_test fuzz "malformed requests"
ktap_test faults "allocations that fail"
ktap_test faulty_load "allocations that fail while the module is loaded"
ktap_test reload "load and unload while everything is busy"
ktap_exit
