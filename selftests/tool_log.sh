#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The portowner tool, against its contract: the log, and what unprivileged readers
# see.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
# shellcheck source-path=SCRIPTDIR source=lib/contract.sh
. "$(dirname "$0")/lib/contract.sh"
own_netns "$@"

reject_json()
{
	serve 8094
	refused 8094
	exits 0 portowner -J log
	json "(keys == [\"rejects\"]) and (.rejects | all(is_reject)) and
		(.rejects[-1] | .op == \"bind\" and .errno == \"EADDRINUSE\" and
		.proto == \"tcp\" and .family == \"inet\" and
		.addr == \"127.0.0.1\" and .port == 8094 and
		.netns == $(stat -Lc %i /proc/self/ns/net) and
		.comm == \"socat\" and .uid == 0 and .pid > 0 and
		.rule == \"address-in-use\" and
		(.culprits | length == 1) and (.culprits[0] |
		.port == 8094 and .state == \"listen\" and
		.owners[0].pid == $server and .owners[0].comm == \"nc\"))"
	exits 0 portowner log
	out_has 8094
	out_has nc
	out_has socat
}

log_filters()
{
	local now since

	serve 8090
	refused 8090
	exits 0 portowner -J log 8090
	json '.rejects | length == 1 and .[0].port == 8090'
	exits 0 portowner log --no-headings tcp/127.0.0.1:8090
	lines 1
	exits 0 portowner log --no-headings udp/8090
	lines 0
	printf -v now '%(%s)T'
	exits 0 portowner log --no-headings --since "@$((now + 3600))"
	lines 0
	exits 0 portowner log --no-headings --since "@$((now - 3600))" 8090
	lines 1
	for since in 60 1h30m 1w yesterday "$(date +%FT%H:%M -d '5 minutes ago')"; do
		exits 0 portowner log --no-headings --since "$since" 8090
		lines 1
	done
	refused 8090
	exits 0 portowner log --no-headings 8090
	lines 1
	exits 0 portowner -J log 8090
	json '.rejects[0] | .count == 2 and .first_time < .time'
}

# The refused process, by name, unit and user.
log_process()
{
	local option pid unit=/sys/fs/cgroup/po-log.service

	serve 8102
	check mkdir -p "$unit"
	(echo "$BASHPID" >"$unit/cgroup.procs" && refused 8102)
	exits 0 portowner -J log 8102
	pid=$(jq '.rejects[0].pid' "$dir/out")
	for option in "--pid=$pid" --comm=socat --unit=po-log \
			--unit=po-log.service --uid=root; do
		exits 0 portowner log --no-headings "$option" 8102
		lines 1
		exits 0 portowner why "$option" 8102
	done
	for option in "--pid=$$" --comm=nc --unit=po --uid=1000; do
		exits 0 portowner log --no-headings "$option" 8102
		lines 0
		exits 1 portowner why "$option" 8102
	done
}

# The clock is set back by 30 days, and forward again.
clock_is_set()
{
	local now month=2592000

	serve 8103
	refused 8103
	portowner log -f --no-headings --since 1m 8103 >"$dir/followed" &
	pids="$pids $!"
	until_true followed 1
	printf -v now '%(%s)T'
	check date -s "@$((now - month))"
	exits 0 portowner why 8103
	refused 8103
	until_true followed 2
	exits 0 portowner log --no-headings --since 1h 8103
	check date -s "@$now"
	lines 1
	exits 0 portowner why 8103
	says ' ago, at'
	says 'by a clock that has been set since'
	out_lacks d0h
	out_lacks ' 0.000s ago'
}

# followed COUNT: lines of log -f so far
followed()
{
	local -a all

	mapfile -t all <"$dir/followed"
	[ "${#all[@]}" -ge "$1" ]
}

log_follow()
{
	local follower

	serve 8091
	refused 8091
	portowner -J log -f 8091 >"$dir/followed" 2>"$dir/err" &
	follower=$!
	pids="$pids $follower"
	# first what was there before, then what comes
	until_true followed 1
	refused 8091
	until_true followed 2
	refused 8091
	until_true followed 3
	kill "$follower"
	wait "$follower"
	cp "$dir/followed" "$dir/out"
	lines 3
	# one object per line, in order, none twice
	jq_args=-s json 'all(is_reject and .port == 8091) and
		([.[].seq] | . == (unique | sort))'
}

# Every refusal is followed, or reported as dropped.
accounted()
{
	local -a all
	local n sum

	mapfile -t all <"$dir/followed"
	# the last line of each record counts
	sum=$(jq -s '[group_by(.first_time)[] | map(.count) | max] | add // 0' \
		"$dir/followed") || return 1
	while read -r n; do
		sum=$((sum + n))
	done < <(sed -n 's/.*: note: \([0-9]*\) refusals* w.* dropped .*/\1/p' "$dir/err")
	[ "$sum" -gt "${#all[@]}" ] && [ "$sum" -eq "$(portowner -J stats | jq .rejects_seen)" ]
}

log_slow_reader()
{
	local follower slow

	mkfifo "$dir/slow"
	portowner -J log -f >"$dir/slow" 2>"$dir/err" &
	follower=$!
	pids="$pids $follower"
	trap end_children EXIT
	exec {slow}<"$dir/slow"
	check "$helpers/busy" bind 8093 2000
	cat <&"$slow" >"$dir/followed" &
	pids="$pids $!"
	until_true accounted
	kill "$follower"
	check wait "$follower"
}

stats_json()
{
	exits 0 portowner -J stats
	json 'all(.rejects_seen, .rejects_kept, .rejects_dropped,
		.probe_missed, .binders, .binders_evicted, .binders_max,
		.missed_no_instance, .missed_nested, .missed_share,
		.dumps, .dumps_refused; n) and
		.probe_missed == .missed_no_instance + .missed_nested +
			.missed_share and
		.rejects_seen == .rejects_counted + .rejects_dropped and
		.rejects_seen == .rejects_unrecorded +
			(.rejects_by_rule | map(.count) | add // 0)'
	exits 0 portowner stats
	out_has seen
}

unprivileged()
{
	serve 8080
	refused 8080
	exits 0 "${as_user[@]}" portowner -J list
	json '.sockets | length == 1 and all(is_socket) and (.[0] |
		.owners == [] and .owners_hidden == true and .binder == null and
		.port == 8080 and .uid == 0)'
	exits 0 "${as_user[@]}" portowner list
	out_has 8080
	out_lacks " $server "
	exits 0 "${as_user[@]}" portowner who 8080
	out_has 'but root is'
	exits 1 "${as_user[@]}" portowner who 8079
	check has "${err[0]}" 'as root, -A looks'
	# root of a user namespace may not, nor may its other users
	exits 1 unshare --user --map-root-user portowner who 8079
	check_not has "${err[0]}" '-A looks'
	exits 1 unshare --user --map-user=5 portowner who 8079
	check_not has "${err[0]}" '-A looks'
	exits 0 "${as_user[@]}" portowner log --no-headings
	lines 0
	refused 8080 "${as_user[@]}"
	exits 0 "${as_user[@]}" portowner -J log
	json '.rejects | length == 1 and .[0].uid == 1000 and
		(.[0].culprits[0] | .owners == [] and .owners_hidden == true)'
	exits 0 "${as_user[@]}" portowner -J stats
}

not_permitted()
{
	exits 3 "${as_user[@]}" portowner -A list
	exits 3 "${as_user[@]}" portowner -J -A list
	exits 3 "${as_user[@]}" portowner log -f
}

# A program named to confuse a terminal, a JSON parser and a table.
hostile_names()
{
	local evil=$'\033[2J"\\\xff\n|\t' args

	cp "$(command -v nc)" "$dir/$evil"
	"$dir/$evil" -lkn 127.0.0.1 8092 &
	server=$!
	pids=$server
	trap end_children EXIT
	until_true listening 8092
	rm "$dir/$evil"
	cp "$(command -v socat)" "$dir/$evil"
	refused 8092 program "$dir/$evil"
	for args in list 'log 8092' 'who 8092' 'list --color=always'; do
		# shellcheck disable=SC2086 # these are several arguments
		exits 0 portowner $args
		out_lacks $'\033[2J'
		out_lacks $'\t'
		check iconv -f UTF-8 -t UTF-8 -o /dev/null "$dir/out"
	done
	exits 0 portowner list --no-headings
	lines 1
	exits 0 portowner log --no-headings 8092
	lines 1
	exits 0 portowner -J log 8092
	check iconv -f UTF-8 -t UTF-8 -o /dev/null "$dir/out"
	json '.rejects[0].comm | startswith("\u001b[2J\"\\")'
	exits 0 portowner -J list
	check iconv -f UTF-8 -t UTF-8 -o /dev/null "$dir/out"
	json '.sockets[0].owners[0].comm | startswith("\u001b[2J\"\\")'
}

ktap_plan 10
ktap_test reject_json "JSON of a reject"
ktap_test log_filters "filters of log"
ktap_test log_process "the process that was refused"
ktap_test clock_is_set "a clock that is set to another time"
ktap_test log_follow "log -f"
ktap_test log_slow_reader "log -f and a reader that is slower than refusals"
ktap_test stats_json "JSON of the counters"
ktap_test unprivileged "an ordinary user"
ktap_test not_permitted "what an ordinary user may not"
ktap_test hostile_names "hostile process names"
ktap_exit
