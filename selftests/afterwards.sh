#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An attack leaves nothing behind, and a task that cannot continue does not keep the
# module from being unloaded. It is loaded before and after.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"
# shellcheck source=lib/reload.sh
. "$(dirname "$0")/lib/reload.sh"

# One of three refused tasks lingers in close() before its refusal is recorded, which
# shows here.
linger()
{
	start "$1" "$helpers/held" 3 1234 linger
	check stats_are '.rejects_seen == 2'
}

lingering()
{
	fresh
	linger first
	seen_here
	finish "$started" "$fifo"
	# it is recorded as soon as it can be
	check stats_are '.rejects_seen == 53 and .rejects_dropped == 0'
}

# Several such tasks, which continue long after the module is gone.
lingering_unload()
{
	local -a pids_lingering=() fds=()
	local i limit=5000

	fresh
	for i in 1 2 3; do
		start "linger$i" elsewhere "$helpers/held" 3 1234 linger
		pids_lingering+=("$started")
		fds+=("$fifo")
	done
	unload_in "$limit"
	check load
	linger last
	unload_in "$limit"
	finish "$started" "$fifo"
	finish "${pids_lingering[0]}" "${fds[0]}"
	check load
	finish "${pids_lingering[1]}" "${fds[1]}"
	seen_here
	unload_in "$limit"
	check load
	finish "${pids_lingering[2]}" "${fds[2]}"
	seen_here
}

# probes FILE: list all kprobes of this kernel
probes()
{
	sort /sys/kernel/debug/kprobes/list >"$1"
}

# Hundreds of simultaneous binds have no lasting effect on the probes.
binding()
{
	local first missed

	[ -r /sys/kernel/debug/kprobes/list ] || mount -t debugfs none /sys/kernel/debug ||
		skip "no debugfs in this kernel"
	fresh
	serve 8082
	first=$server
	probes "$dir/before"
	check grep -q inet_bind "$dir/before"
	start binding gently "$helpers/abuse" binding 400
	for _ in 1 2 3; do
		seen_here
	done
	finish "$started" "$fifo"
	missed=$(portowner -J stats | jq .probe_missed)
	seen_here
	check stats_are ".probe_missed == $missed"
	exits 0 portowner -J who 8082
	json ".sockets[0].binder.pid == $first"
	probes "$dir/after"
	check diff "$dir/before" "$dir/after"
}

loaded || load || exit 1
ktap_plan 3
reload_test lingering "one lingers before its refusal is recorded"
reload_test lingering_unload "unload while some linger"
reload_test binding "very many have bound at once"
ktap_exit
