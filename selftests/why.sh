#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The words of "portowner why": for each rule what happened, the evidence, and
# what can be done. That it is done, and helps, is tried where it is cheap.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
own_netns "$@"

here=$(dirname "$0")

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
	says 'bind of tcp 127.0.0.1:8090 was refused: EADDRINUSE (address-in-use)'
	says 'socat['
	says "nc?$server?, socket of uid 0 (root), listened on tcp 127.0.0.1:8090"
	says "The same socket is still there: nc?$server?"
	says 'The same bind would be refused again: EADDRINUSE (address-in-use).'
	out_has "    kill $server"
	exits 0 portowner -q why
	lines 0
	end_children
	exits 0 portowner why tcp/8090
	says 'It is gone since: nothing is in the way any more.'
	says 'The same bind would succeed now.'
	out_lacks 'kill'
	serve 8090
	exits 0 portowner why 8090
	says "That is gone, but another socket is in the way: nc?$server?"
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

# One that shares the address with the refused one is no obstacle.
why_shared()
{
	bind_udp alone 127.0.0.53
	check_not timeout 20 socat -u UDP4-RECV:5353,reuseaddr STDOUT
	end_children
	bind_udp sharing 127.0.0.53 SO_REUSEADDR
	exits 0 portowner why udp/5353
	says 'It is gone since: nothing is in the way any more. The same bind would succeed now.'
	says '- Nothing is in the way any more: start what socat'
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
		'keys == ["explanation","rejects","remedy"] and
		.rejects == $log[0].rejects and
		(.explanation | startswith("bind of tcp 127.0.0.1:8091 ")) and
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
	json '. == {"rejects":[],"explanation":null,"remedy":[]}'
}

# A client took the port that a server wants.
why_outgoing()
{
	serve 8093
	echo 33000,50000-50010 >/proc/sys/net/ipv4/ip_local_reserved_ports
	nc -dn -p 45000 127.0.0.1 8093 &
	pids="$pids $!"
	until_true sh -c 'ss -Htn state established sport = :45000 | grep -q .'
	refused 45000
	exits 0 portowner why 45000
	says 'connection of nc['
	out_has '    sysctl -w net.ipv4.ip_local_reserved_ports=33000,50000-50010,45000'
	echo >/proc/sys/net/ipv4/ip_local_reserved_ports
}

why_time_wait()
{
	check python3 - <<-EOT
		import socket
		s = socket.create_server(("127.0.0.1", 8094), reuse_port=False)
		c = socket.create_connection(("127.0.0.1", 8094))
		a, _ = s.accept()
		a.close()
		c.close()
	EOT
	until_true sh -c 'ss -Htan state time-wait sport = :8094 | grep -q .'
	refused 8094
	exits 0 portowner why 8094
	says 'in the way the rest of a closed connection (time-wait) had tcp 127.0.0.1:8094'
	says 'now The same socket is still there: tcp 127.0.0.1:8094 (time-wait), for another '
	says 'only the one in the way did'
	says '- Or wait: in '
	out_has 'SO_REUSEADDR'
	# a server that sets the option could have it
	exits 0 portowner wait 8094 --free --timeout 0
	exits 1 portowner check 127.0.0.1:8094
	says 'ask again with --reuseaddr'
	exits 0 portowner check 127.0.0.1:8094 --reuseaddr
}

why_privileged()
{
	timeout 20 "${as_user[@]}" socat -u TCP-LISTEN:82 STDOUT
	exits 0 portowner why 82
	says 'Ports below 1024'
	says 'uid 1000'
	out_has '    sysctl -w net.ipv4.ip_unprivileged_port_start=82'
}

# Lines for other network namespaces than the initial one, while the test runs.
kernel_log_of_all()
{
	echo 2 >/sys/module/portowner/parameters/log_printk
	trap 'echo 1 >/sys/module/portowner/parameters/log_printk; end_children' EXIT
}

# The limit of the kernel log may hold back a line, and there is none for what was
# refused before: refuse one program after the other until there is one.
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
	"$here/refuse" lsm socket_bind 13 true
	[ $? -ne "$KSFT_SKIP" ] || skip "no BPF security module: wants 6.1, and lsm=...,bpf"
	kernel_log_of_all
	until_true denied_in_kernel_log
}

denied_in_kernel_log()
{
	"$here/refuse" lsm socket_bind 13 socat -u TCP-LISTEN:8103 STDOUT
	[ "$(dmesg -t | grep -o ':8103 in netns .*' | sed 's/.* refused/refused/' |
		tail -n 1)" = 'refused: -EACCES' ]
}

dual_stack()
{
	listen_socat 8104 ipv6only=0
	refused 8104
	exits 0 portowner why
	says '[[]::] takes IPv4 as well unless IPV6_V6ONLY is set, and the socket in the way did not set it'
	says "Let socat?$server?, which asks for [[]::], set IPV6_V6ONLY before bind(), so that IPv4 is left to others: TCP6-LISTEN:8104,ipv6only"
	says 'sysctl -w net.ipv6.bindv6only=1'
	end_children
	listen_socat 8104 ipv6only=1
	exits 0 portowner check 127.0.0.1:8104
}

reuseport_one_side()
{
	listen_socat 8105 'ipv6only=0,reuseport'
	refused 8105
	exits 0 portowner why
	says 'both set SO_REUSEPORT and belong to the same user (here only the one in the way did)'
	says 'set SO_REUSEPORT before bind(), as the other side did: TCP-LISTEN:8105,reuseport'
	exits 0 portowner check --reuseport 127.0.0.1:8105
}

# What it advises helps, but costs the first one its datagrams.
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

# UDP does not tell if nobody is there yet.
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
	says 'the one in the way belongs to uid 0 (root), the new one to uid 1000'
	says 'It counts who made the socket'
	says '- Start both programs as the same user'
}

wildcard()
{
	serve 8107
	timeout 20 socat -u TCP4-LISTEN:8107,reuseaddr=0 STDOUT
	exits 0 portowner why
	says '0.0.0.0 stands for all IPv4 addresses of this machine, so tcp 0.0.0.0:8107 includes tcp 127.0.0.1:8107'
	says 'ask for the address that it needs, if it is another one than 127.0.0.1, in place of 0.0.0.0'
	exits 0 portowner check 127.0.0.2:8107
}

# Both sockets are those of one process: to end it helps nobody.
own_socket()
{
	python3 - <<-EOT >"$dir/twice" &
		import socket, signal
		a = socket.create_server(("127.0.0.1", 8108))
		try:
		    socket.create_server(("127.0.0.1", 8108))
		except OSError as e:
		    print(e, flush=True)
		signal.pause()
	EOT
	server=$!
	pids=$server
	trap end_children EXIT
	until_true grep -q Errno "$dir/twice"
	exits 0 portowner why
	says 'the very process that was refused'
	says "another one of python3?$server? does"
	says "python3?$server? itself has the port, by another socket"
	out_lacks '    kill'
}

bound_twice()
{
	check python3 - <<-EOT
		import socket
		s = socket.socket()
		s.bind(("127.0.0.1", 0))
		try:
		    s.bind(("127.0.0.1", 8109))
		except OSError:
		    pass
	EOT
	exits 0 portowner why
	says 'bind of tcp 127.0.0.1:8109 was refused: EINVAL (already-bound)'
	says 'The socket had a port already'
	says 'nobody else is involved'
	says '- Let the program make a new socket for each bind()'
	out_lacks 'in the way'
}

wrong_arguments()
{
	check_not timeout 20 socat -u 'TCP6-LISTEN:8110,bind=[fe80::1]' STDOUT
	exits 0 portowner why
	says 'was refused: EINVAL (invalid-argument)'
	says 'the device must be said as well: fe80::1%eth0'
	out_has '    ip address show to fe80::1'
	check_not timeout 20 socat -u 'TCP6-LISTEN:8110,ipv6only,bind=[::ffff:127.0.0.1]' STDOUT
	exits 0 portowner why
	says 'The socket is for IPv6 only (IPV6_V6ONLY), but the address is one of IPv4'
}

security_module()
{
	"$here/refuse" lsm socket_bind 13 socat -u TCP-LISTEN:8111,bind=127.0.0.1 STDOUT
	[ $? -ne "$KSFT_SKIP" ] || skip "no BPF security module: wants 6.1, and lsm=...,bpf"
	exits 0 portowner why
	says 'bind of tcp 127.0.0.1:8111 was refused: EACCES (denied-by-lsm)'
	says 'A security module refused before the kernel looked at the port; nobody was in the way.'
	says 'these have a say in bind(): '
	out_has '    bpftool prog list | grep -w lsm'
	out_lacks 'in the way '
	"$here/refuse" lsm socket_listen 1 socat -u TCP-LISTEN:8112,bind=127.0.0.1 STDOUT
	exits 0 portowner why
	says 'listen of tcp 127.0.0.1:8112 was refused: EPERM (denied-by-lsm)'
}

cgroup_program()
{
	local cgroup="/sys/fs/cgroup/why-$$.service"

	check mkdir "$cgroup"
	"$here/refuse" cgroup "$cgroup" 0 socat -u TCP4-LISTEN:8113,bind=127.0.0.1 STDOUT
	exits 0 portowner why
	rmdir "$cgroup"
	says 'bind of tcp 127.0.0.1:8113 was refused: EPERM (denied-by-bpf)'
	says "in why-$$.service, asked for it"
	says 'A BPF program that is attached to the cgroup of the process, or to one above it, refused; nobody was in the way.'
	out_has "    systemctl show -p SocketBindAllow -p SocketBindDeny why-$$.service"
	out_has '    SocketBindAllow=tcp:8113'
	out_has '    bpftool cgroup tree'
}

exhausted()
{
	echo '41000 41001' >/proc/sys/net/ipv4/ip_local_port_range
	serve 41000
	serve 41001
	check_not timeout 20 nc -dn 127.0.0.1 41000
	exits 0 portowner why
	echo '32768 60999' >/proc/sys/net/ipv4/ip_local_port_range
	if ! has "$out" 'automatic bind'; then
		end_children
		skip "connect() without a port is not seen before 6.1"
	fi
	says 'automatic bind of tcp '
	says 'EADDRNOTAVAIL (ephemeral-exhausted)'
	says 'A connect() left it to the kernel to choose a port'
	says 'Of the 2 ports from 41000 to 41001, 2 have a socket and 0 are reserved. Most of them are held by: nc['
	out_has '    sysctl -w net.ipv4.ip_local_port_range="1024 65535"'
	out_has '    sysctl -w net.ipv4.tcp_tw_reuse=1'
	out_has '    portowner list -a --pid'
}

foreign_address()
{
	check_not timeout 20 nc -ln 192.0.2.1 8114
	exits 0 portowner why
	says 'EADDRNOTAVAIL (address-not-local)'
	says 'No interface of this network namespace has the address 192.0.2.1'
	out_has '    sysctl -w net.ipv4.ip_nonlocal_bind=1'
	echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind
	exits 0 portowner check 192.0.2.1:8114
	echo 0 >/proc/sys/net/ipv4/ip_nonlocal_bind
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
	says 'Only the one in the way is bound to a device (why0), and one that is not is on all of them.'
	exits 0 portowner check --dev lo 8115
}

in_kernel()
{
	vxlan_module
	check ip link add why1 type vxlan id 2 dstport 8116 dev lo
	trap 'ip link del why1' EXIT
	check ip link set why1 up
	timeout 20 socat -u UDP4-RECV:8116 STDOUT
	exits 0 portowner why
	says 'the kernel itself (vxlan)'
	says 'Remove what uses the port in the kernel (vxlan), or give it another port; this shows it:'
	out_has '    ip -d link show type vxlan'
	out_lacks 'SO_REUSEPORT before'
}

# A client that has not closed: the rest has no process, and is no time-wait.
closed_on_one_side()
{
	check python3 - <<-EOT
		import socket, subprocess
		s = socket.create_server(("127.0.0.1", 8117))
		c = socket.create_connection(("127.0.0.1", 8117))
		a, _ = s.accept()
		a.close()
		s.close()
		subprocess.run(["socat", "-u", "TCP-LISTEN:8117,bind=127.0.0.1,reuseaddr=0", "STDOUT"])
		with open("$dir/why", "w") as f:
		    subprocess.run(["portowner", "why"], stdout=f)
	EOT
	run cat "$dir/why"
	says 'in the way a connection that was closed on this side, but not on the other yet had tcp 127.0.0.1:8117'
	says 'The same socket is still there: tcp 127.0.0.1:8117 (fin-wait-2).'
	says 'set SO_REUSEADDR before bind(), as the other side did'
	out_has '    sysctl net.ipv4.tcp_fin_timeout'
}

elsewhere()
{
	other_netns
	refused 8101 ip netns exec "$other"
	exits 0 portowner why -A 8101
	says "in network namespace $other, asked for it"
	says 'The same socket is still there: nc['
	check_not in_other timeout 20 nc -ln 192.0.2.1 8101
	exits 0 portowner why -A 8101
	says 'No interface of its network namespace has the address'
	out_has "    ip netns exec $other sysctl -w net.ipv4.ip_nonlocal_bind=1"
}

without_rights()
{
	serve 8118
	refused 8118 "${as_user[@]}"
	exits 0 "${as_user[@]}" portowner why
	says 'a process that you may not see, socket of uid 0 (root), listened on tcp 127.0.0.1:8118'
	out_has '    sudo portowner 8118'
	says 'and run both as the same user (now uid 0 (root) and uid 1000'
	out_lacks "$server"
}

ktap_plan 26
ktap_test why_words "what happened, then and now"
ktap_test why_shared "another socket that shares the port"
ktap_test why_json "JSON"
ktap_test why_nothing "nothing was refused"
ktap_test dual_stack "dual-stack-covers"
ktap_test wildcard "wildcard-covers"
ktap_test reuseport_one_side "SO_REUSEPORT on one side"
ktap_test udp_reuseaddr "SO_REUSEADDR on one side of UDP"
ktap_test users "reuseport-uid-differs"
ktap_test own_socket "another socket of the same process"
ktap_test why_outgoing "a client has the port"
ktap_test why_time_wait "time-wait"
ktap_test closed_on_one_side "a connection without a process"
ktap_test exhausted "ephemeral-exhausted"
ktap_test foreign_address "address-not-local"
ktap_test why_privileged "privileged-port"
ktap_test bound_twice "already-bound"
ktap_test wrong_arguments "invalid-argument"
ktap_test security_module "denied-by-lsm"
ktap_test cgroup_program "denied-by-bpf"
ktap_test device "a socket on a device"
ktap_test in_kernel "a socket of the kernel"
ktap_test elsewhere "in another network namespace"
ktap_test without_rights "a reader without rights"
ktap_test kernel_log "the kernel log names the holder"
ktap_test nobody_in_kernel_log "the kernel log names none if a security module refused"
ktap_exit
