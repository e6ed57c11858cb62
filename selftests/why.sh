#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The words of "portowner why": for each rule about conflicting sockets, what happened,
# the evidence, and the remedies, which are tried where that is cheap.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"

# listen_socat PORT OPTIONS: a server that sets just these; its pid in $server
listen_socat()
{
	socat -u "TCP6-LISTEN:$1,reuseaddr=0,$2" STDOUT &
	server=$!
	pids="$pids $server"
	trap end_children EXIT
	until_true listening "$1"
}

why_words()
{
	serve 8090
	refused 8090
	exits 0 portowner why
	says 'bind to tcp 127.0.0.1:8090 was refused: EADDRINUSE (address-in-use)'
	says 'socat['
	says "nc?$server?, with a socket owned by uid 0 (root), listened on tcp 127.0.0.1:8090"
	says "The same socket is still there: nc?$server?"
	says 'The same bind would be refused again: EADDRINUSE (address-in-use).'
	out_has "    kill $server"
	exits 0 portowner -q why
	lines 0
	end_children
	exits 0 portowner why tcp/8090
	says 'It has gone: nothing is in the way any more.'
	says 'The same bind would succeed now.'
	out_lacks 'kill'
	serve 8090
	exits 0 portowner why 8090
	says "It has gone, but another socket is in the way now: nc?$server?"
}

# bind_udp NAME ADDRESS [OPTION OF socket]: hold 5353
bind_udp()
{
	start "$1" python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for option in sys.argv[2:]:
    s.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
s.bind((sys.argv[1], 5353))
print("ready", flush=True)
sys.stdin.readline()' "${@:2}"
}

# A socket that shares the address with the refused one is not in the way.
why_shared()
{
	bind_udp alone 127.0.0.53
	check_not timeout 20 socat -u UDP4-RECV:5353,reuseaddr STDOUT
	end_children
	bind_udp sharing 127.0.0.53 SO_REUSEADDR
	exits 0 portowner why udp/5353
	says 'It has gone: nothing is in the way any more. The same bind would succeed now.'
	says '- Nothing is in the way any more: start socat'
	out_lacks '    kill'
}

why_json()
{
	serve 8091
	refused 8091
	exits 0 portowner -J log 8091
	cp "$dir/out" "$dir/log.json"
	exits 0 portowner -J why 8091
	# shellcheck disable=SC2016 # a variable of jq
	check jq -e --slurpfile log "$dir/log.json" \
		'keys == ["advice","debugger","explanation","frozen","ignores_sigterm",
			"now","rejects","relation","remedy","restarter","runner",
			"source","suspended"] and
		(.advice | length > 0 and all(keys == ["commands","sketch","words"])) and
		.now == { still: 1, others: 0, verdict: "refused",
			errno: "EADDRINUSE", rule: "address-in-use" } and
		.rejects == $log[0].rejects and
		(.explanation | startswith("bind to tcp 127.0.0.1:8091 ")) and
		(.remedy | length > 0 and all(type == "string"))' "$dir/out"
}

why_nothing()
{
	exits 1 portowner why 8092
	lines 0
	check test "${#err[@]}" -eq 1
	exits 1 portowner -q why 8092
	check test "${#err[@]}" -eq 0
	exits 1 portowner -J why 8092
	json '. == {"source":"module","rejects":[],"explanation":null,"remedy":[],"advice":[],
		"relation":null,"restarter":null,"runner":null,"debugger":null,
		"suspended":false,"frozen":false,"ignores_sigterm":false,"now":null}'
}

# Lines for other network namespaces than the initial one, while the test runs.
kernel_log_of_all()
{
	echo 2 >/sys/module/portowner/parameters/log_printk
	trap 'echo 1 >/sys/module/portowner/parameters/log_printk; end_children' EXIT
}

# The rate limit may suppress a line, and a repeated refusal has none: refuse one
# program after another until there is a line.
logged_by_kernel()
{
	local program text

	program=$(mktemp "$dir/socat.XXXXXX")
	install -m 755 "$(command -v socat)" "$program"
	refused "$1" program "$program" >/dev/null 2>&1
	text=$(dmesg -t | grep ":$1 in netns .* refused: " | tail -n 1)
	has "$text" "$2"
}

kernel_log()
{
	serve 8102
	kernel_log_of_all
	until_true logged_by_kernel 8102 "refused: -EADDRINUSE, held by nc?$server?"
}

nobody_in_kernel_log()
{
	"$helpers/refuse" lsm socket_bind 13 true
	[ $? -ne "$KSFT_SKIP" ] || skip "no BPF security module: wants 6.1, and lsm=...,bpf"
	kernel_log_of_all
	until_true denied_in_kernel_log
}

denied_in_kernel_log()
{
	"$helpers/refuse" lsm socket_bind 13 socat -u TCP-LISTEN:8103 STDOUT
	[ "$(dmesg -t | grep -o ':8103 in netns .*' | sed 's/.* refused/refused/' |
		tail -n 1)" = 'refused: -EACCES' ]
}

dual_stack()
{
	listen_socat 8104 ipv6only=0
	refused 8104
	exits 0 portowner why
	says '[[]::] also covers IPv4 unless IPV6_V6ONLY is set, and the existing socket did not set it'
	says "Set IPV6_V6ONLY on the [[]::] socket of socat?$server? before bind(), so that it leaves IPv4 to others: TCP6-LISTEN:8104,ipv6only"
	out_lacks bindv6only
	end_children
	listen_socat 8104 ipv6only=1
	exits 0 portowner check 127.0.0.1:8104
}

reuseport_one_side()
{
	listen_socat 8105 'ipv6only=0,reuseport'
	refused 8105
	exits 0 portowner why
	says 'both set SO_REUSEPORT and belong to the same user (here only the existing socket did)'
	says 'before bind(), as the other side did: TCP-LISTEN:8105,reuseport'
	exits 0 portowner check --reuseport 127.0.0.1:8105
}

# The advice helps, but costs the first socket its datagrams.
udp_reuseaddr()
{
	bind_udp first 127.0.0.53 SO_REUSEADDR
	check_not timeout 20 socat -u UDP4-RECV:5353,bind=127.0.0.53 STDOUT
	exits 0 portowner why
	says 'the one bound last gets the datagrams): UDP-RECV:5353,reuseaddr'
	exits 0 portowner check --reuseaddr udp/127.0.0.53:5353
	timeout 20 socat -u UDP4-RECV:5353,bind=127.0.0.53,reuseaddr STDOUT >"$dir/last" &
	pids="$pids $!"
	until_true udp_to_last
}

# UDP does not report that nothing is listening yet.
udp_to_last()
{
	echo datagram | socat -u STDIN UDP4-SENDTO:127.0.0.53:5353
	grep -q datagram "$dir/last"
}

users()
{
	listen_socat 8106 'ipv6only=0,reuseport'
	timeout 20 "${as_user[@]}" socat -u TCP-LISTEN:8106,reuseaddr=0,reuseport STDOUT
	exits 0 portowner why
	says 'the existing one belongs to uid 0 (root), the new one to uid 1000'
	says 'What counts is the user who created the socket'
	says '- Start both programs as the same user'
}

wildcard()
{
	serve 8107
	timeout 20 socat -u TCP4-LISTEN:8107,reuseaddr=0 STDOUT
	exits 0 portowner why
	says '0.0.0.0 covers every IPv4 address of this host, so tcp 0.0.0.0:8107 includes tcp 127.0.0.1:8107'
	says 'can make do with an address other than 127.0.0.1, bind that one instead of 0.0.0.0'
	exits 0 portowner check 127.0.0.2:8107
}

device()
{
	check ip link add why0 type dummy
	check ip link set why0 up
	socat -u TCP4-LISTEN:8115,reuseaddr=0,so-bindtodevice=why0 STDOUT &
	pids=$!
	trap 'end_children; ip link del why0' EXIT
	until_true listening 8115
	refused 8115
	exits 0 portowner why
	says 'Only the existing socket is bound to a device (why0); a socket without one covers all devices.'
	exits 0 portowner check --dev lo 8115
}

elsewhere()
{
	other_netns
	refused 8101 ip netns exec "$other"
	exits 0 portowner why -A 8101
	says "in network namespace $other, requested it"
	says 'The same socket is still there: nc['
	check_not in_other timeout 20 nc -ln 192.0.2.1 8101
	exits 0 portowner why -A 8101
	says 'No interface of its network namespace had the address'
	out_has "    ip netns exec $other sysctl -w net.ipv4.ip_nonlocal_bind=1"
}

without_rights()
{
	serve 8118
	refused 8118 "${as_user[@]}"
	exits 0 "${as_user[@]}" portowner why
	says 'a process you are not permitted to see, with a socket owned by uid 0 (root), listened on tcp 127.0.0.1:8118'
	out_has '    sudo portowner 8118'
	says 'and run both as the same user (now uid 0 (root) and uid 1000'
	out_lacks "$server"
}

# Regardless of their users.
udp_users()
{
	bind_udp first 127.0.0.53 SO_REUSEPORT
	check_not timeout 20 "${as_user[@]}" socat -u UDP4-RECV:5353,bind=127.0.0.53,reuseport STDOUT
	exits 0 portowner why udp/5353
	says 'EADDRINUSE (reuseport-uid-differs)'
	says 'Set SO_REUSEADDR in both '
}

udp_last()
{
	bind_udp one 127.0.0.53 SO_REUSEADDR
	bind_udp two 127.0.0.53 SO_REUSEADDR
	exits 0 portowner who udp/5353
	says "python3?$started? gets all unicast datagrams, because it was bound last"
	exits 0 portowner -J who udp/5353
	json "(.sockets | length == 2) and
		(.sockets[] | select(.owners[0].pid == $started).cookie) as \$last |
		.sockets | all(.choice == { by: \"bound-last\", cookie: \$last } and
			.may_join == [{ uid: null, reuseaddr: true, reuseport: false }])"
}

ktap_plan 16
ktap_test why_words "what happened, then and now"
ktap_test why_shared "another socket that shares the port"
ktap_test why_json "JSON"
ktap_test why_nothing "nothing was refused"
ktap_test dual_stack "dual-stack-covers"
ktap_test wildcard "wildcard-covers"
ktap_test reuseport_one_side "SO_REUSEPORT on one side"
ktap_test udp_reuseaddr "SO_REUSEADDR on one side of UDP"
ktap_test users "reuseport-uid-differs"
ktap_test device "a socket on a device"
ktap_test elsewhere "in another network namespace"
ktap_test without_rights "a reader without rights"
ktap_test kernel_log "the kernel log names the holder"
ktap_test nobody_in_kernel_log "the kernel log names none if a security module refused"
ktap_test udp_users "UDP and several users"
ktap_test udp_last "UDP: the one bound last"
ktap_exit
