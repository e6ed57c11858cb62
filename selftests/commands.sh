#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The commands check, wait and run of the portowner tool against their contract:
# exit statuses, JSON, and words.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"

usage_errors()
{
	local args

	while read -r args; do
		# shellcheck disable=SC2086 # these are several arguments
		exits 2 portowner $args
		[ -z "$out" ] || fail "output of: $args"
	done <<-EOT
		check
		check 80 81
		check 65536
		check bogus/80
		check --dev nodev 80
		check [fe80::1%nodev]:80
		check --uid nobody-is-that 80
		check --v6only 127.0.0.1:80
		check --listen udp/80
		check -f 80
		why 65536
		why 80 81
		why --listen
		wait
		wait 65536
		wait 80 --timeout x
		wait 80 --timeout -1
		wait 80 --free --bound
		wait 80 --reuseaddr
		run
		run --free true
		list --reuseaddr
	EOT
}

check_free()
{
	local opts

	exits 0 portowner check 8080
	# The second line, about what is not checked, depends on the kernel.
	check test "${out%%$'\n'*}" = "tcp 0.0.0.0:8080 can be bound"
	exits 0 portowner -J check 8080
	json '(.unchecked | all(type == "string")) and (del(.unchecked) ==
		{"source":"module","verdict":"ok","errno":null,"rule":null,"reason":null,
		"reason_dev":null,"reason_netns":null,"culprits":[],
		"explanation":null,"remedy":[],"advice":[],"relation":null,
		"restarter":null,"runner":null,"debugger":null,"suspended":false,
		"frozen":false,"ignores_sigterm":false,"redirects":[],"notes":[]})'
	exits 0 portowner -q check 8080
	lines 0
	for opts in udp/8080 tcp/0 udp/0 '[::1]:8080' '-6 8080' '--v6only 8080' \
		'--listen 8080' '127.0.0.1:http' '--dev lo 8080' \
		'--reuseaddr --reuseport --freebind 192.0.2.1:80' \
		'--uid 1000 8080'; do
		# shellcheck disable=SC2086 # these are several arguments
		exits 0 portowner check $opts
	done
	# it has bound nothing, and nothing was refused
	exits 0 portowner list --no-headings -a
	lines 0
	exits 0 portowner log --no-headings
	lines 0
}

check_taken()
{
	local keys

	serve 8080
	exits 0 portowner -J list
	keys=$(jq -c '.sockets[0] | keys' <"$dir/out")
	exits 1 portowner -J check 8080
	json "(keys == [\"advice\",\"culprits\",\"debugger\",\"errno\",
		\"explanation\",\"frozen\",\"ignores_sigterm\",\"notes\",\"reason\",
		\"reason_dev\",\"reason_netns\",\"redirects\",\"relation\",
		\"remedy\",\"restarter\",\"rule\",\"runner\",\"source\",\"suspended\",
		\"unchecked\",\"verdict\"]) and
		(.advice | any(.commands == [\"kill $server\"])) and
		(.explanation | contains(\"0.0.0.0 covers every IPv4 address\")) and
		(.remedy | any(contains(\"kill $server\"))) and
		(.unchecked | index(\"apparmor\")) and
		.verdict == \"refused\" and .errno == \"EADDRINUSE\" and
		.rule == \"wildcard-covers\" and (.culprits | length == 1) and
		(.culprits[0] | keys == $keys and .port == 8080 and
		.state == \"listen\" and .owners[0].pid == $server)"
	exits 1 portowner check 8080
	out_has 'would be refused: EADDRINUSE (wildcard-covers)'
	out_has " $server "
	exits 1 portowner -q check 8080
	lines 0
	exits 1 portowner check --no-headings -o PID 127.0.0.1:8080
	lines 2
	out_has "$server"
	exits 0 portowner check 127.0.0.2:8080
	exits 0 portowner check udp/8080
	exits 1 portowner check --reuseaddr 127.0.0.1:8080
	out_has reuseaddr-holder-listening
}

check_rules()
{
	socat -u 'TCP6-LISTEN:8081,ipv6only=0,reuseport' STDOUT &
	pids="$pids $!"
	trap end_children EXIT
	until_true listening 8081
	exits 1 portowner -J check 8081
	json '.rule == "dual-stack-covers"'
	exits 0 portowner check --reuseport 8081
	exits 1 portowner -J check --reuseport --uid 1000 8081
	json '.rule == "reuseport-uid-differs" and .culprits[0].uid == 0'
	exits 1 portowner -J check 192.0.2.1:8082
	json '.rule == "address-not-local" and .errno == "EADDRNOTAVAIL"'
	exits 1 portowner -J check --uid 1000 80
	json '.rule == "privileged-port" and .errno == "EACCES"'
	exits 1 portowner -J check '[fe80::1]:8082'
	json '.rule == "invalid-argument" and .errno == "EINVAL"'
}

check_bindv6only()
{
	serve 8084
	exits 1 portowner check '[::]:8084'
	exits 0 portowner check --v6only '[::]:8084'
	echo 1 >/proc/sys/net/ipv6/bindv6only
	exits 0 portowner check '[::]:8084'
	echo 0 >/proc/sys/net/ipv6/bindv6only
}

check_exhausted()
{
	echo '40000 40001' >/proc/sys/net/ipv4/ip_local_port_range
	serve 40000
	serve 40001
	exits 1 portowner -J check 127.0.0.1:0
	json '.rule == "ephemeral-exhausted" and .errno == "EADDRINUSE"'
	exits 1 portowner check 127.0.0.1:0
	says 'Of the 2 ports from 40000 to 40001, 2 are in use and 0 are reserved'
	out_has 'nc['
	echo '32768 60999' >/proc/sys/net/ipv4/ip_local_port_range
	exits 0 portowner check 127.0.0.1:0
}

check_unprivileged()
{
	serve 8080
	exits 0 "${as_user[@]}" portowner check 8081
	exits 1 "${as_user[@]}" portowner -J check 81
	json '.rule == "privileged-port"'
	exits 1 "${as_user[@]}" portowner -J check 8080
	json '.culprits[0] | .owners == [] and .owners_hidden == true'
	exits 0 "${as_user[@]}" portowner check --uid 1000 8081
	exits 3 "${as_user[@]}" portowner check --uid 0 8081
	# as root its capabilities are those of the caller, too
	exits 1 setpriv --bounding-set -net_bind_service portowner -J check --uid 0 81
	json '.rule == "privileged-port"'
	# a user that this user namespace does not have
	exits 0 unshare --user --map-root-user portowner check --uid 0 8081
	exits 2 unshare --user --map-root-user portowner check --uid 1000 8081
	check has "${err[0]}" "--uid '1000'"
}

wait_until()
{
	local waiter

	exits 1 portowner wait 8095 --timeout 0.05
	lines 0
	exits 0 portowner wait 8095 --free --timeout 0.05
	lines 0
	portowner wait 8095 --timeout 30 >"$dir/waited" &
	waiter=$!
	serve 8095
	check wait "$waiter"
	check has "$(cat "$dir/waited")" "tcp 127.0.0.1:8095 listen: nc?$server?"
	exits 0 portowner -q wait tcp/127.0.0.1:8095 --listening
	lines 0
	exits 0 portowner -J wait 8095 --bound
	json ".source == \"module\" and .sockets[0].owners[0].pid == $server"
	exits 1 portowner wait udp/8095 --timeout 0
	exits 1 portowner wait 0.0.0.0:8095 --free --timeout 0
	portowner wait 8095 --free --timeout 30 &
	waiter=$!
	end_children
	check wait "$waiter"
	nc -lkun 127.0.0.1 8096 &
	pids="$pids $!"
	exits 0 portowner wait udp/8096 --timeout 30
	out_has 'udp 127.0.0.1:8096 bound: nc['
}

# Everything that would make a server fail, in any protocol or family.
wait_refused()
{
	serve 8097
	exits 1 portowner wait mptcp/127.0.0.1:8097 --free --timeout 0
	exits 1 portowner wait --proto=mptcp 127.0.0.1:8097 --free --timeout 0
	exits 1 portowner wait -6 8097 --free --timeout 0
	exits 0 portowner wait '[::1]:8097' --free --timeout 0
	nc -6lkn :: 8098 &
	pids="$pids $!"
	exits 0 portowner wait '[::1]:8098' --timeout 30
	exits 1 portowner wait -4 8098 --free --timeout 0
	exits 1 portowner check -4 8098
	exits 0 portowner wait -4 8098 --timeout 0
	exits 0 portowner -4 8098
}

# An address with the number of its device, and without a device.
scopes()
{
	local index command

	check ip link add po0 type dummy
	check ip link set po0 up
	check ip address add fe80::1234/64 dev po0 nodad
	read -r index < <(ip -o link show po0 | cut -d: -f1)
	nc -6lkn fe80::1234%po0 8099 &
	pids="$pids $!"
	trap end_children EXIT
	exits 0 portowner wait "[fe80::1234%$index]:8099" --timeout 30
	exits 0 portowner "[fe80::1234%$index]:8099"
	exits 0 portowner '[fe80::1234%po0]:8099'
	exits 1 portowner wait "[fe80::1234%$index]:8099" --free --timeout 0
	exits 1 portowner check "[fe80::1234%$index]:8099"
	says 'tcp ?fe80::1234%po0?:8099 would be refused: EADDRINUSE'
	exits 0 portowner check -t 'mptcp/[fe80::1234%po0]:8100'
	says 'mptcp ?fe80::1234%po0?:8100 can be bound'
	for command in who check log why wait 'wait --free'; do
		# shellcheck disable=SC2086 # words on purpose
		exits 2 portowner $command '[fe80::1234%nosuch]:8099'
	done
}

run_status()
{
	exits 0 portowner run true
	exits 1 portowner run false
	run portowner run sh -c 'exit 42'
	check test "$rc" -eq 42
	# shellcheck disable=SC2016 # not this shell's
	run portowner run -- sh -c 'kill -KILL $$'
	check test "$rc" -eq 137
	run portowner run /nonexistent/program
	check test "$rc" -eq 127
	run portowner run /etc/passwd
	check test "$rc" -eq 126
	# options after the command belong to it
	exits 0 portowner run echo --json -q
	check test "$out" = "--json -q"$'\n'
	echo through >"$dir/in"
	exits 0 portowner run cat <"$dir/in"
	check test "$out" = through$'\n'
}

run_reports()
{
	local keys

	serve 8097
	refused 8097
	exits 0 portowner -J log
	keys=$(jq -c '.rejects[0] | keys' <"$dir/out")
	# its own refusal and an equal one of a child, but none of ours
	run portowner -J run sh -c "socat -u TCP-LISTEN:8097,reuseaddr=0 STDOUT 2>/dev/null
		(exec socat -u TCP-LISTEN:8097,reuseaddr=0 STDOUT 2>/dev/null)
		exit 5"
	check test "$rc" -eq 5
	check test -z "$out"
	cp "$dir/err" "$dir/out"
	json "keys == [\"rejects\",\"status\"] and .status == 5 and (.rejects | length == 1 and .[0].count == 2 and
		all(keys == $keys and .comm == \"socat\" and .port == 8097 and
		.culprits[0].owners[0].pid == $server))"
	run portowner run -o PORT,COMMAND --no-headings \
		sh -c 'socat -u TCP-LISTEN:8097,reuseaddr=0 STDOUT 2>/dev/null'
	check test "${err[*]}" = "8097 socat"
	run portowner -q run \
		sh -c 'socat -u TCP-LISTEN:8097,reuseaddr=0 STDOUT 2>/dev/null'
	check test "${#err[@]}" -eq 0
}

# A daemon that has lost its parent still counts as a descendant.
run_daemon()
{
	serve 8098
	mkfifo "$dir/done"
	run portowner run -o PORT --no-headings sh -c "
		(setsid sh -c 'socat -u TCP-LISTEN:8098,reuseaddr=0 STDOUT 2>/dev/null
			echo >\"$dir/done\"' &)
		read -r _ <\"$dir/done\""
	check test "$rc" -eq 0
	check test "${err[*]}" = 8098
}

run_signals()
{
	local runner signal

	mkfifo "$dir/up"
	for signal in TERM INT HUP QUIT USR1 USR2 WINCH; do
		portowner run python3 - "$dir/up" <<-EOF &
			import signal, sys
			signals = {signal.SIG$signal}
			signal.pthread_sigmask(signal.SIG_BLOCK, signals)
			open(sys.argv[1], "w").close()
			sys.exit(signal.sigwait(signals) + 40)
		EOF
		runner=$!
		: <"$dir/up"
		kill -s "$signal" "$runner"
		wait "$runner"
		check test $? -eq $(($(kill -l "$signal") + 40))
	done
}

# More refusals than the log can hold: all reported, or counted as lost.
run_many()
{
	local lost

	run portowner -J run "$helpers/busy" bind 8099 2000
	check test "$rc" -eq 0
	lost=$(sed -n 's/.*: note: the log dropped up to \([0-9]*\) .*/\1/p' "$dir/err")
	grep -v '^portowner: note: ' "$dir/err" >"$dir/out"
	json "[.rejects[].count] | add + ${lost:-0} >= 2000 and add <= 2000"
}

run_unprivileged()
{
	serve 8100
	run "${as_user[@]}" portowner run -o PORT,UID --no-headings \
		sh -c 'socat -u TCP-LISTEN:8100,reuseaddr=0 STDOUT 2>/dev/null'
	check test "$rc" -eq 1
	check test "${err[*]}" = "8100 1000"
}

# Other programs of the user leave as many answers unread as a user may have.
unfinished()
{
	local i

	for ((i = 0; i < 16; i++)); do
		start "stall$i" "${as_user[@]}" "$helpers/busy" stall
	done
	exits 0 portowner list
	exits 3 "${as_user[@]}" portowner list
	check has "${err[0]}" 'not permitted to list sockets now: too many dumps in progress'
	exits 3 "${as_user[@]}" portowner check 8104
	# One of them reads its answer while the tool waits for room.
	(sleep .5 && kill "$started") &
	pids="$pids $!"
	exits 0 "${as_user[@]}" portowner list
	out_has PROTO
}

# The status is the same if nobody reads the output, and a failure if it cannot be written.
unread()
{
	local gone reader

	serve 8102
	refused 8102
	# A pipe whose only reader has closed it.
	mkfifo "$dir/pipe"
	exec {reader}<>"$dir/pipe"
	exec {gone}>"$dir/pipe"
	exec {reader}>&-
	portowner -J wait 1 --timeout 0 >&"$gone"
	check test $? -eq 1
	portowner -J why 1 >&"$gone"
	check test $? -eq 1
	portowner check 8103 >&"$gone"
	check test $? -eq 0
	timeout 30 portowner log -f >&"$gone"
	check test $? -eq 0
	timeout 30 portowner -J log -f >&"$gone"
	check test $? -eq 0
	portowner -J why 1 >/dev/full 2>"$dir/err"
	check test $? -eq 4
	check grep -q 'cannot write: No space left on device' "$dir/err"
	timeout 30 portowner log -f >/dev/full 2>"$dir/err"
	check test $? -eq 4
}

all_netns()
{
	local follower

	other_netns
	portowner -J log -f -A 8101 >"$dir/followed" &
	follower=$!
	pids="$pids $follower"
	refused 8101 ip netns exec "$other"
	until_true test -s "$dir/followed"
	refused 8101 ip netns exec "$other"
	until_true sh -c "[ \"\$(wc -l <'$dir/followed')\" -ge 2 ]"
	exits 0 portowner -J log -A 8101
	json ".rejects | length == 1 and .[0].count == 2 and .[0].netns == $other_ns"
	exits 0 portowner log 8101 --no-headings
	lines 0
	cp "$dir/followed" "$dir/out"
	jq_args=-s json "length == 2 and all(.netns == $other_ns) and
		([.[].seq] == [1, 2])"
	exits 0 portowner why -A 8101
	says 'The same socket is still there: nc['
	exits 1 portowner why 8101
	check has "${err[*]}" '-A'
	exits 1 portowner why -A udp/8101
	check_not has "${err[*]}" '-A'
	exits 3 "${as_user[@]}" portowner log -A
	run portowner run --no-headings -o NETNS,PORT ip netns exec "$other" \
		sh -c 'socat -u TCP-LISTEN:8101,reuseaddr=0 STDOUT 2>/dev/null'
	check test "${err[*]}" = "$other_ns 8101"
}

ktap_plan 19
ktap_test usage_errors "usage errors exit with 2"
ktap_test check_free "check of a free port, which stays free"
ktap_test check_taken "check of a port that is taken"
ktap_test check_rules "check, by rule"
ktap_test check_bindv6only "check of an IPv6 socket that sets nothing"
ktap_test check_exhausted "check without a free port"
ktap_test check_unprivileged "check by an ordinary user"
ktap_test wait_until "wait"
ktap_test wait_refused "wait does not call free what would be refused"
ktap_test scopes "devices in targets"
ktap_test run_status "run passes on status, options and files"
ktap_test run_reports "run reports what its command was refused"
ktap_test run_daemon "run follows daemons"
ktap_test run_signals "run passes on signals"
ktap_test run_many "run and more refusals than the log holds"
ktap_test run_unprivileged "run by an ordinary user"
ktap_test unread "an answer that nobody reads"
ktap_test unfinished "answers that programs of the same user do not read"
ktap_test all_netns "refusals in another network namespace"
ktap_exit
