#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "portowner audit --baseline": changes since the baseline, and files that are none.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
# shellcheck source-path=SCRIPTDIR source=lib/audit.sh
. "$(dirname "$0")/lib/audit.sh"
own_netns "$@"

# changed COUNT: check the number of changes in the last comparison
changed()
{
	if [ "$1" -eq 0 ]; then
		exits 0 portowner -J audit --baseline "$dir/base"
	else
		exits 1 portowner -J audit --baseline "$dir/base"
	fi
	json ".changes | length == $1"
}

stop()
{
	kill "$1"
	wait "$1"
}

baseline()
{
	local first second

	hold tcp 0.0.0.0 5000
	first=$started
	exits 0 portowner -q audit --save "$dir/base"
	lines 0
	check test "$(stat -c %a "$dir/base")" = 600
	check jq -e '.findings[0].port == 5000' "$dir/base"
	check_not test -e "$dir/base.new"
	changed 0
	# A restart, as the same user.
	stop "$first"
	changed 1
	json '.changes[0] | .change == "gone" and .port == 5000 and .is == null'
	hold tcp 0.0.0.0 5000
	second=$started
	check test "$first" != "$second"
	changed 0
	exits 0 portowner audit --baseline "$dir/base"
	says 'nothing changed since 20'
	# Another user.
	stop "$second"
	before=("${as_user[@]}")
	hold tcp 0.0.0.0 5000
	changed 1
	json '.changes[0] | .change == "changed" and .was[0].uid == 0 and .is[0].uid == 1000'
	exits 1 portowner -n audit --baseline "$dir/base"
	says 'changed, info: exposed: tcp 0.0.0.0:5000 was: uid 0'
	says 'is: uid 1000'
	# One more user; after that, both are in the baseline.
	hold udp 0.0.0.0 5001 reuseaddr
	changed 3
	json '[.changes[].change] == ["new", "changed", "new"] and
		.changes[0].id == "udp-open-to-hijack"'
	exits 1 portowner -q audit --baseline "$dir/base" --save "$dir/base"
	lines 0
	changed 0
}

# A port chosen by the kernel is a different one each time.
baseline_automatic()
{
	local first second

	check sysctl -qw net.ipv4.ip_local_port_range="40000 40010"
	hold tcp 0.0.0.0 0
	read -r _ first <"$dir/hold1.out"
	exits 0 portowner -q audit --save "$dir/base"
	stop "$started"
	check sysctl -qw net.ipv4.ip_local_port_range="50000 50010"
	hold tcp 0.0.0.0 0
	read -r _ second <"$dir/hold2.out"
	check test "$first" -lt 50000 -a "$second" -ge 50000
	changed 0
	check sysctl -qw net.ipv4.ip_local_port_range="32768 60999"
}

bad_baselines()
{
	local file

	echo '{"sockets":[]}' >"$dir/foreign"
	echo '{"sour' >"$dir/cut"
	: >"$dir/empty"
	echo '{"format":1,"findings":[7]}' >"$dir/damaged"
	for file in missing foreign cut empty damaged ''; do
		exits 2 portowner audit --baseline "$dir/$file"
		lines 0
		check has "${err[0]}" "$dir/$file"
	done
	exits 0 portowner -q audit -t --save "$dir/base"
	exits 2 portowner audit --baseline "$dir/base"
	check has "${err[0]}" "saved for tcp"
	exits 2 portowner audit -A -t --baseline "$dir/base"
	exits 2 portowner audit -t --baseline "$dir/base" --source=diag -q
	check has "${err[0]}" "--source=module"
	exits 0 portowner audit -t --baseline "$dir/base"
	exits 4 portowner audit --save /nowhere/base
	check has "${err[0]}" /nowhere/base
	exits 2 portowner audit bogus
}

ktap_plan 3
ktap_test baseline "what changed since a baseline"
ktap_test baseline_automatic "ports that the kernel chose"
ktap_test bad_baselines "baselines that are none"
ktap_exit
