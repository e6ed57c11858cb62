#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# portowner run, around programs that use a terminal, and around tests.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
# shellcheck source=lib/contract.sh
. "$(dirname "$0")/lib/contract.sh"
own_netns "$@"
mountpoint -q /dev/pts || mount -t devpts devpts /dev/pts

# on_terminal COMMAND...: the output of lib/terminal.py
on_terminal()
{
	run timeout 120 python3 "$here/lib/terminal.py" "$@"
	check test "$rc" -eq 0
}

# The same with env, for comparison.
hangup()
{
	local way

	for way in hangup hangup-stopped hangup-below; do
		on_terminal "$way" env
		check test "$out" = "ended"$'\n'
		on_terminal "$way" portowner run
		check test "$out" = "ended"$'\n'
	done
	# A process that ignores the hangup may live on.
	on_terminal hangup env nohup
	check test "$out" = "lives"$'\n'
	on_terminal hangup portowner run nohup
	check test "$out" = "lives"$'\n'
}

same_as_env()
{
	local way=$1 with_env

	shift
	on_terminal "$way" env "$@"
	with_env=$out
	on_terminal "$way" portowner run "$@"
	[ "$out" = "$with_env" ] && return
	echo "with env:"
	echo "$with_env"
	show_run
	fail "$way: not as with env"
}

job_control()
{
	same_as_env stop
	out_has 'stopped by 20'
	same_as_env stop-below
	out_has 'continued 1,'
	same_as_env stop-itself
	out_has 'stopped by 19'
	same_as_env stop-late
	out_has 'cleaned up'
	same_as_env stop-never
	out_lacks stopped
	same_as_env background
	out_has 'stopped by 21'
}

interrupts()
{
	same_as_env interrupt
	out_has 'died of 2'
	same_as_env quit
	out_has 'died of 3'
	same_as_env interrupt-caught
	out_has 'returned 7'
	same_as_env resize
	out_has 'resized'
}

# The command alone is stopped and continued, not us.
stopped_alone()
{
	# shellcheck disable=SC2016 # not this shell's
	exits 0 timeout 60 portowner run sh -c '(sleep .3; kill -CONT $$) & kill -STOP $$'
}

# Shell words: a bind that is refused
try()
{
	echo "socat -u TCP-LISTEN:$1,reuseaddr=0 STDOUT 2>/dev/null"
}

fails()
{
	exits 0 portowner run --fail true
	exits 0 portowner run --fail -- sh -c "exit 0"
	serve 8110
	run portowner run --fail --no-headings -o PORT sh -c "$(try 8110); true"
	check test "$rc" -eq 1
	check test "${err[*]}" = 8110
	run portowner run --fail -q sh -c "$(try 8110); true"
	check test "$rc" -eq 1
	check test "${#err[@]}" -eq 0
	run portowner run --fail sh -c "$(try 8110); exit 42"
	check test "$rc" -eq 42
	run portowner run sh -c "$(try 8110); true"
	check test "$rc" -eq 0
}

writes()
{
	serve 8111
	run portowner -J run --write "$dir/report" sh -c "$(try 8111); exit 5"
	check test "${#err[@]}" -eq 0
	cp "$dir/report" "$dir/out"
	json "has_just([\"rejects\",\"status\"]) and .status == 5 and
		(.rejects | length == 1 and all(is_reject and .port == 8111))"
	run portowner run -J -w "$dir/report" sh -c 'kill -TERM $$'
	cp "$dir/report" "$dir/out"
	json '. == {"rejects":[],"status":143}'
	check rm "$dir/report"
	exits 4 portowner run -w "$dir/no/report" touch "$dir/ran"
	check_not test -e "$dir/ran"
}

# netns_of WORDS...: check "run --netns" when called through WORDS
netns_of()
{
	# The port is free there, lo is up, and a refusal is reported. A newer socat warns if nobody connects.
	exits 0 "$@" portowner run --netns --fail sh -c '
		exec socat -u TCP-LISTEN:8112,reuseaddr=0,accept-timeout=1 STDOUT 2>/dev/null'
	exits 0 "$@" portowner run --netns sh -c '
		id -u; readlink /proc/self/ns/net; ip -o link'
	out_has '<LOOPBACK,UP,LOWER_UP>'
	out_lacks "$(readlink /proc/self/ns/net)"
	lines 3
	check test "${out%%$'\n'*}" = "$("$@" id -u)"
	run "$@" portowner run --netns -o PORT,PROCESS --no-headings sh -c "
		nc -lkn 127.0.0.1 8113 & server=\$!
		portowner -q wait 8113 --timeout 30
		$(try 8113)
		kill \$server"
	check test "${#err[@]}" -eq 1
	check has "${err[0]}" '8113 socat'
}

new_netns()
{
	serve 8112
	netns_of env
	netns_of "${as_user[@]}"
	# Only root is still permitted to.
	trap 'end_children; echo 1000 >/proc/sys/user/max_user_namespaces' EXIT
	echo 0 >/proc/sys/user/max_user_namespaces
	exits 3 "${as_user[@]}" portowner run --netns touch "$dir/ran"
	check has "${err[0]}" 'not permitted to make a network namespace: No space left on device'
	check_not test -e "$dir/ran"
	exits 0 portowner run --netns true
}

# remarks_of WORDS...: the diagnostics of "run --ktap" when called through WORDS
remarks_of()
{
	local remark

	run "$@" portowner run --ktap sh -c "
		echo TAP version 13; echo 1..3
		echo ok 1
		$(try 8114) || echo not ok 2
		printf 'not '; $(try 8114) || echo ok 3
		$(try 8114)"
	check test "$rc" -eq 1
	check test "${#err[@]}" -eq 0
	lines 8
	# Three pids, and three times the same refusal.
	remark='# portowner: bind to tcp 0.0.0.0:8114 by socat\[[0-9]*\].* was refused: '
	remark+="EADDRINUSE (wildcard-covers); in the way: $holder.*"
	sed "s/^$remark\$/# refused/" "$dir/out" >"$dir/plain"
	check cmp - "$dir/plain" <<-EOT
		TAP version 13
		1..3
		ok 1
		# refused
		not ok 2
		not ok 3
		# refused
		# refused
	EOT
}

remarks()
{
	local holder

	serve 8114
	holder="nc\[$server\]"
	remarks_of env
	holder='a process you are not permitted to see'
	remarks_of "${as_user[@]}"
	# stderr stays in order if it is the same file, and is left alone if not.
	run sh -c "portowner run --ktap sh -c 'echo 1; echo 2 >&2; echo 3' 2>&1"
	check test "$out" = $'1\n2\n3\n'
	run portowner run --ktap sh -c 'echo 1; echo 2 >&2; echo 3'
	check test "$out$(<"$dir/err")" = $'1\n3\n2'
	# Much output at once, and lines without an end.
	run portowner run --ktap sh -c 'seq 100000; printf end'
	check cmp "$dir/out" <(seq 100000; printf end)
}

# The reader of the output is slow, or has gone.
remarks_unread()
{
	local runner status reader

	mkfifo "$dir/slow"
	exec {reader}<>"$dir/slow"
	portowner run --ktap yes >"$dir/slow" {reader}>&- &
	runner=$!
	pids="$pids $runner"
	trap end_children EXIT
	until_true in_pipe "$runner"
	kill "$runner"
	wait "$runner"
	check test $? -eq 143
	timeout 60 env yes | head -n 1
	status=${PIPESTATUS[0]}
	timeout 60 portowner run --ktap yes | head -n 1
	check test "${PIPESTATUS[0]}" -eq "$status"
}

# in_pipe PID: it waits for the reader of its stdout, and its child waits for it
in_pipe()
{
	local child

	child=$(pgrep -P "$1" -x yes) &&
		grep -qs pipe_write "/proc/$child/stack" &&
		grep -qs poll "/proc/$1/stack"
}

# One of the kernel's own tests, by the kernel's own runner.
kernel_test()
{
	local ksft=$dir/ksft

	[ -e "$helpers/reuseaddr_conflict" ] || skip "no source of the kernel's net tests"
	mkdir -p "$ksft/net"
	cp -r "$here/../run_kselftest.sh" "$here/../kselftest" "$ksft/"
	cp "$helpers/reuseaddr_conflict" "$ksft/net/"
	echo net:reuseaddr_conflict >"$ksft/kselftest-list.txt"
	# It passes: the refusals are what it tests.
	run portowner run --ktap "$ksft/run_kselftest.sh" -c net
	check test "$rc" -eq 0
	out_has $'\nok 1 selftests: net: reuseaddr_conflict\n'
	# Another program holds its port.
	serve 9999
	run portowner run --ktap "$ksft/run_kselftest.sh" -c net
	echo "$out"
	out_has $'\nnot ok 1 selftests: net: reuseaddr_conflict # exit=1\n'
	out_has "
# portowner: bind to tcp 127.0.0.1:9999 by reuseaddr_confl*was refused: EADDRINUSE (*); in the way: nc*$server*
*not ok 1 "
	lines_of '^# portowner: ' 1
	# Not in a namespace of its own.
	run portowner run --ktap --netns "$ksft/run_kselftest.sh" -c net
	out_has $'\nok 1 selftests: net: reuseaddr_conflict\n'
}

# lines_of PATTERN COUNT: of the last output
lines_of()
{
	local count

	count=$(grep -c "$1" "$dir/out")
	[ "$count" -eq "$2" ] && return
	show_run
	fail "$count lines of '$1' instead of $2"
}

ktap_plan 10
ktap_test hangup "a hangup of the terminal ends the command"
ktap_test job_control "the command is stopped and continued as with env"
ktap_test interrupts "signals of the terminal are as with env"
ktap_test stopped_alone "a command that is stopped without us goes on"
ktap_test fails "run --fail"
ktap_test writes "run --json, into a file"
ktap_test new_netns "run --netns"
ktap_test remarks "run --ktap: refusals between lines"
ktap_test remarks_unread "run --ktap and a reader that does not read"
ktap_test kernel_test "run --ktap around a selftest of the kernel"
ktap_exit
