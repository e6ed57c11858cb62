#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# portowner trace: each bind and listen as it happens.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"

# calls PROGRAM: Python with tcp, udp, bind() and listen(), which ignore errors
calls()
{
	check timeout 60 python3 - "$1" <<-EOT
		import sys, textwrap
		from socket import *
		def bind(s, *addr):
		    try:
		        s.bind(addr)
		    except OSError:
		        pass
		def listen(s):
		    try:
		        s.listen()
		    except OSError:
		        pass
		def tcp():
		    return socket(AF_INET, SOCK_STREAM)
		def udp(family=AF_INET):
		    return socket(family, SOCK_DGRAM)
		exec(textwrap.dedent(sys.argv[1]))
	EOT
}

# seen FILTER: jq's, of the calls so far, as an array
seen()
{
	jq -es "$1" "$dir/trace.out"
}

marked()
{
	calls 'bind(udp(), "127.0.0.1", 7999)'
	[ -s "$dir/trace.out" ]
}

# In the background, until it shows something.
trace()
{
	portowner -J trace >"$dir/trace.out" 2>"$dir/trace.err" &
	tracer=$!
	pids="$pids $tracer"
	trap end_children EXIT
	until_true marked
}

# The last call is seen last.
all_seen()
{
	calls 'bind(udp(), "127.0.0.1", 7998)'
	until_true seen 'any(.port == 7998)'
}

results()
{
	trace
	calls '
		a = tcp(); bind(a, "127.0.0.1", 8201); listen(a)
		b = tcp(); bind(b, "127.0.0.1", 8201)
		c = udp(); c.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1); bind(c, "", 0)
		d = udp(AF_INET6); bind(d, "::1", 8202)
		e = tcp(); bind(e, "192.0.2.1", 8203)
		f = tcp(); listen(f)'
	all_seen
	seen "map(select(.port != 7999 and .port != 7998)) |
		(map([.op, .proto, .addr, .port, .errno]) == [
			[\"bind\", \"tcp\", \"127.0.0.1\", 8201, null],
			[\"listen\", \"tcp\", \"127.0.0.1\", 8201, null],
			[\"bind\", \"tcp\", \"127.0.0.1\", 8201, \"EADDRINUSE\"],
			[\"bind\", \"udp\", \"0.0.0.0\", 0, null],
			[\"bind\", \"udp\", \"::1\", 8202, null],
			[\"bind\", \"tcp\", \"192.0.2.1\", 8203, \"EADDRNOTAVAIL\"],
			[\"listen\", \"tcp\", \"0.0.0.0\", .[6].port, null]]) and
		(.[0:3] | map(.bound_port) == [8201, 8201, null]) and
		(.[3] | .reuseaddr and .bound_port > 0) and
		.[4].family == \"inet6\" and .[6].port == .[6].bound_port and
		all(.comm == \"python3\" and .pid > 0 and .uid == 0 and
			.netns == $(stat -Lc %i /proc/self/ns/net) and
			(.time | test(\"^2.*Z$\")))" || fail "$(<"$dir/trace.out")"
	# none is lost, and none twice
	seen '[.[].seq] == [range(.[0].seq; .[0].seq + length)]'
	check [ ! -s "$dir/trace.err" ]
}

protocols()
{
	trace
	modprobe -q sctp
	calls '
		for args in [(AF_INET, SOCK_STREAM, 262), (AF_INET, SOCK_SEQPACKET, 132)]:
		    try:
		        s = socket(*args)
		    except OSError:
		        continue
		    bind(s, "127.0.0.1", 8204)
		    listen(s)
		s = socket(AF_INET, SOCK_RAW, 99); bind(s, "127.0.0.1", 0)'
	all_seen
	check seen 'map(select(.proto == "raw")) | length == 1 and .[0].bound_port == null'
	if grep -q '^MPTCP ' /proc/net/protocols; then
		check seen 'map(select(.proto == "mptcp") | [.op, .port]) == [["bind", 8204], ["listen", 8204]]'
	fi
	if grep -q '^SCTP ' /proc/net/protocols; then
		check seen 'map(select(.proto == "sctp") | [.op, .port]) == [["bind", 8204], ["listen", 8204]]'
	fi
}

# The caller is still running, so everything about it is known. But a user can stack mounts
# above an executable, and passing them could take long.
caller()
{
	trace
	serve 8205
	unshare --user --mount nc -lkn 127.0.0.1 8216 &
	pids="$pids $!"
	until_true listening 8216
	all_seen
	check seen "map(select(.port == 8205 and .op == \"listen\")) | length == 1 and
		(.[0] | .pid == $server and .comm == \"nc\" and
		.exe == \"$(readlink -f "$(command -v nc)")\" and (.cgroup | startswith(\"/\")))"
	check seen 'map(select(.port == 8216 and .op == "listen")) | length == 1 and
		(.[0] | .comm == "nc" and .exe == null and (.cgroup | startswith("/")))'
}

table()
{
	serve 8206
	timeout 60 portowner trace -o +FLAGS 8206 >"$dir/trace.out" &
	tracer=$!
	pids="$pids $tracer"
	until_true table_shows
	kill "$tracer"
	check wait "$tracer"
	run cat "$dir/trace.out"
	out_has RESULT
	out_has 'python3['
	out_lacks 8207
}

table_shows()
{
	calls 'bind(tcp(), "127.0.0.1", 8206); bind(tcp(), "127.0.0.1", 8207)'
	grep -q '127.0.0.1 *8206 .*EADDRINUSE' "$dir/trace.out"
}

# A reader that does not read loses the oldest calls, and is told how many.
lost()
{
	local shown lost

	trace
	kill -STOP "$tracer"
	check "$helpers/busy" bind 8208 3000
	kill -CONT "$tracer"
	all_seen
	shown=$(jq -s 'map(select(.port == 8208)) | length' "$dir/trace.out")
	lost=$(sed -n 's/^portowner: note: \([0-9]*\) calls are not shown: too many at once$/\1/p' \
		"$dir/trace.err" | paste -sd+)
	check [ "$((lost))" -gt 0 ]
	# bind and listen of the server, and what it refused
	check [ "$((shown + lost))" -eq 3002 ]
	check seen '.[-1].seq - .[0].seq + 1 > length'
}

# A user who traces and floods a namespace of their own makes nobody else lose calls,
# neither those who trace their own namespace nor those who trace all.
flooded()
{
	local i

	trace
	"${in_initial[@]}" portowner -AJ trace --uid 0 >"$dir/all.out" 2>"$dir/all.err" &
	pids="$pids $!"
	until_true all_marked
	# shellcheck disable=SC2016 # for the other shell
	timeout 60 "${as_user[@]}" unshare -Urn sh -c '
		ip link set lo up
		portowner -q trace 2>/dev/null &
		"$1" bind 8216 100000000 &
		exec "$1" bind 8215 100000000' sh "$helpers/busy" >"$dir/busy.out" </dev/null &
	pids="$pids $!"
	until_true grep -q ready "$dir/busy.out"
	for ((i = 0; i < 20; i++)); do
		calls "bind(udp(), '127.0.0.1', $((8220 + i)))"
	done
	all_seen
	check seen '[.[].port | select(. >= 8220 and . < 8240)] == [range(8220; 8240)]'
	check [ ! -s "$dir/trace.err" ]
	until_true grep -q '"port":7998,' "$dir/all.out"
	check jq -es '[.[].port | select(. >= 8220 and . < 8240)] == [range(8220; 8240)]' "$dir/all.out"
}

all_marked()
{
	calls 'bind(udp(), "127.0.0.1", 7999)'
	[ -s "$dir/all.out" ]
}

# Calls are counted only while they are traced, so there is no gap in between. A wait
# that is already satisfied does not trace.
switched_off()
{
	local last

	trace
	all_seen
	kill "$tracer"
	check wait "$tracer"
	last=$(jq -s '.[-1].seq' "$dir/trace.out")
	# longer than a reader has to come back
	sleep 6
	serve 8214
	exits 0 portowner wait 8214
	calls '
		for i in range(100):
		    bind(udp(), "127.0.0.1", 8209)'
	trace
	check seen ".[0].seq <= $last + 20"
}

# Nor for a user who listens in a namespace of their own.
heard_elsewhere()
{
	local last

	timeout 120 "${as_user[@]}" unshare -Urn portowner -q trace </dev/null &
	pids="$pids $!"
	trace
	all_seen
	kill "$tracer"
	check wait "$tracer"
	last=$(jq -s '.[-1].seq' "$dir/trace.out")
	# messages that reach nobody, for longer than a reader may be stopped
	sleep 4
	calls 'bind(udp(), "127.0.0.1", 8209)'
	sleep 34
	calls '
		for i in range(100):
		    bind(udp(), "127.0.0.1", 8209)'
	trace
	check seen ".[0].seq <= $last + 20"
}

# A waiting tool is notified, and hardly polls.
waiting()
{
	local switches

	# the first time, all is loaded
	exits 1 portowner -q wait 8213 --timeout 0
	portowner -q wait 8213 --timeout 60 &
	waiter=$!
	pids="$pids $waiter"
	trap end_children EXIT
	sleep 3
	switches=$(sed -n 's/^voluntary_ctxt_switches:\t//p' "/proc/$waiter/status")
	# otherwise it would have polled about 40 times
	check [ "$switches" -gt 0 ]
	check [ "$switches" -lt 20 ]
	serve 8213
	check wait "$waiter"
}

# Unloading the module is reported, and not delayed.
unloaded()
{
	local status

	trace
	check rmmod portowner
	wait "$tracer"
	status=$?
	check modprobe portowner
	check [ "$status" -eq 3 ]
	check [ "$(<"$dir/trace.err")" = 'portowner: the kernel module was unloaded' ]
}

all_namespaces()
{
	other_netns
	# Only there does the right to see everything include the right to listen.
	exits 4 timeout 60 portowner -A trace
	out_lacks 8101
	"${in_initial[@]}" portowner -AJ trace >"$dir/trace.out" 2>"$dir/trace.err" &
	tracer=$!
	pids="$pids $tracer"
	trap cleanup_other EXIT
	until_true marked
	in_other timeout 60 nc -lkun 127.0.0.1 8210 &
	pids="$pids $!"
	until_true seen "any(.port == 8210 and .netns == $other_ns)"
	check seen "any(.port == 7999 and .netns == $(stat -Lc %i /proc/self/ns/net))"
}

in_initial=(nsenter -t 1 -n)

rights()
{
	exits 3 "${as_user[@]}" timeout 60 portowner trace
	exits 3 "${as_user[@]}" timeout 60 portowner -A trace
	exits 3 timeout 60 portowner --source=diag trace
	exits 2 portowner trace 8080 8081
	exits 2 portowner trace 99999
}

# A user may trace their own user namespace, and sees nobody else.
own_namespace()
{
	local own

	own=$(mktemp -d)
	check chown 1000 "$own"
	# shellcheck disable=SC2016 # for the other shell
	timeout 60 "${as_user[@]}" unshare -Urn bash -c '
		portowner -J trace >"$1/out" &
		until grep -q 8211 "$1/out"; do
			python3 -c "import socket as s
s.socket(s.AF_INET, s.SOCK_DGRAM).bind((\"0.0.0.0\", 8211))"
		done
		kill $!
		wait $!' bash "$own" &
	tracer=$!
	pids="$pids $tracer"
	trap end_children EXIT
	while [ -e "/proc/$tracer/exe" ]; do
		calls 'bind(udp(), "127.0.0.1", 8212)'
	done
	check wait "$tracer"
	check grep -q 8211 "$own/out"
	check_not grep -q 8212 "$own/out"
}

ktap_plan 13
ktap_test results "success and failure, with what was asked for"
ktap_test protocols "MPTCP, SCTP and raw sockets"
ktap_test caller "executable and cgroup of the caller"
ktap_test table "a table, of one port"
ktap_test lost "what a slow reader loses is counted"
ktap_test flooded "a user who floods a namespace of their own"
ktap_test switched_off "nothing is traced when nobody listens"
ktap_test heard_elsewhere "nothing is traced for a listener elsewhere"
ktap_test all_namespaces "all network namespaces"
ktap_test waiting "wait is told of a port, in place of looking"
ktap_test rights "who may not, and what cannot be"
ktap_test own_namespace "a user in a namespace of their own"
ktap_test unloaded "unload while somebody listens"
ktap_exit
