#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "portowner why" where no single socket is in the way: unavailable addresses, invalid
# arguments, missing rights, and denials.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"

why_privileged()
{
	timeout 20 "${as_user[@]}" socat -u TCP-LISTEN:82 STDOUT
	exits 0 portowner why 82
	says 'Ports below 1024'
	says 'uid 1000'
	out_has '    sysctl -w net.ipv4.ip_unprivileged_port_start=82'
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
	says 'bind to tcp 127.0.0.1:8109 was refused: EINVAL (already-bound)'
	says 'A socket can be bound only once'
	says 'no other process is involved'
	says '- Have the program create a new socket for each bind()'
	out_lacks 'in the way'
}

wrong_arguments()
{
	check_not timeout 20 socat -u 'TCP6-LISTEN:8110,bind=[fe80::1]' STDOUT
	exits 0 portowner why
	says 'was refused: EINVAL (invalid-argument)'
	says 'the device must be named too: fe80::1%eth0'
	out_has '    ip address show to fe80::1'
	check_not timeout 20 socat -u 'TCP6-LISTEN:8110,ipv6only,bind=[::ffff:127.0.0.1]' STDOUT
	exits 0 portowner why
	says 'The socket is IPv6-only (IPV6_V6ONLY), but the address is an IPv4 one'
}

security_module()
{
	"$helpers/refuse" lsm socket_bind 13 socat -u TCP-LISTEN:8111,bind=127.0.0.1 STDOUT
	[ $? -ne "$KSFT_SKIP" ] || skip "no BPF security module: wants 6.1, and lsm=...,bpf"
	exits 0 portowner why
	says 'bind to tcp 127.0.0.1:8111 was refused: EACCES (denied-by-lsm)'
	says 'A security module refused the call before the kernel looked at the port; no other socket was in the way.'
	says 'these can refuse bind(): '
	out_has '    bpftool prog list | grep -w lsm'
	out_lacks '  in the way '
	"$helpers/refuse" lsm socket_listen 1 socat -u TCP-LISTEN:8112,bind=127.0.0.1 STDOUT
	exits 0 portowner why
	says 'listen on tcp 127.0.0.1:8112 was refused: EPERM (denied-by-lsm)'
}

cgroup_program()
{
	local cgroup="/sys/fs/cgroup/why-$$.service"

	check mkdir "$cgroup"
	"$helpers/refuse" cgroup "$cgroup" 0 socat -u TCP4-LISTEN:8113,bind=127.0.0.1 STDOUT
	exits 0 portowner why
	rmdir "$cgroup"
	says 'bind to tcp 127.0.0.1:8113 was refused: EPERM (denied-by-bpf)'
	says "in why-$$.service, requested it"
	says 'A BPF program attached to the cgroup of the process, or to one above it, refused the call; no other socket was in the way.'
	says 'It is program '
	out_has '    bpftool prog show id '
	out_lacks 'SocketBind'
	out_has '    bpftool cgroup tree'
}

exhausted()
{
	echo '41000 41001' >/proc/sys/net/ipv4/ip_local_port_range
	serve 41000
	serve 41001
	serve 8117
	check_not timeout 20 nc -dn 127.0.0.1 41000
	exits 0 portowner why
	echo '32768 60999' >/proc/sys/net/ipv4/ip_local_port_range
	if ! has "$out" 'automatic bind'; then
		end_children
		skip "connect() without a port is not seen before 6.1"
	fi
	says 'automatic bind to tcp '
	says 'EADDRNOTAVAIL (ephemeral-exhausted)'
	says 'A connect() asked the kernel to choose a port'
	says 'Of the 2 ports from 41000 to 41001, 2 are in use and 0 are reserved. Most of them are held by nc['
	out_has '    sysctl -w net.ipv4.ip_local_reserved_ports='
	out_matches '=(.*,)?8117(-[0-9]+)?(,.*)? net.ipv4.ip_local_port_range="1024 65535"$'
	out_has '    sysctl -w net.ipv4.tcp_tw_reuse=1'
	out_has '    portowner list -a --pid'
}

foreign_address()
{
	check_not timeout 20 nc -ln 192.0.2.1 8114
	exits 0 portowner why
	says 'EADDRNOTAVAIL (address-not-local)'
	says 'No interface of this network namespace had the address 192.0.2.1'
	out_has '    sysctl -w net.ipv4.ip_nonlocal_bind=1'
	out_lacks '/etc/hosts'
	echo '192.0.2.1	elsewhere elsewhere.example # the old address' >>/etc/hosts
	exits 0 portowner why
	sed -i '$d' /etc/hosts
	says '/etc/hosts has it as the address of elsewhere elsewhere.example, which'
	echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind
	exits 0 portowner check 192.0.2.1:8114
	echo 0 >/proc/sys/net/ipv4/ip_nonlocal_bind
}

# Refusals are logged for all protocols, but not all have their sockets looked up.
not_looked_into()
{
	modprobe dccp_ipv4
	python3 - <<-EOT || skip "no DCCP"
		import socket
		a, b = (socket.socket(socket.AF_INET, 6, 33) for i in range(2))
		a.bind(("127.0.0.1", 8124))
		try:
		    b.bind(("127.0.0.1", 8124))
		except OSError:
		    pass
	EOT
	exits 0 portowner why 8124
	says 'bind to dccp 127.0.0.1:8124 was refused: EADDRINUSE'
	says 'was not checked'
	out_lacks 'gone'
	out_lacks 'in the way'
}

# bind_to FAMILY ADDRESS PORT [DEVICE]: try to bind
bind_to()
{
	check_not python3 - "$@" <<-EOT
		import socket, sys
		family, addr, port = sys.argv[1:4]
		s = socket.socket(getattr(socket, family), socket.SOCK_STREAM)
		for dev in sys.argv[4:]:
		    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, dev.encode())
		s.bind((addr, int(port)))
	EOT
}

# Waiting does not help for an address that is present, or will never appear.
lacks_hopes()
{
	out_lacks 'network-online'
	out_lacks 'ip_nonlocal_bind'
	out_lacks 'No interface'
}

# An IPv6 address of a device that is down, which IPv4 does not mind; and ::1.
on_down_device()
{
	check ip link add why2 type veth peer name why3
	trap 'ip link del why2; ip link set lo up' EXIT
	check ip addr add 2001:db8::9/64 dev why2
	bind_to AF_INET6 2001:db8::9 8220
	exits 0 portowner why 8220
	says 'why2 has the address 2001:db8::9, but was down'
	out_has '    ip link set why2 up'
	lacks_hopes
	exits 1 portowner check '[2001:db8::9]:8220'
	says 'why2 has the address 2001:db8::9, but is down'
	exits 1 portowner check -J '[2001:db8::9]:8220'
	json '.reason == "interface-down" and .reason_dev == "why2"'
	check ip link set why3 up
	check ip link set why2 up
	until_true portowner -q check '[2001:db8::9]:8220'
	exits 0 portowner why 8220
	says 'The same bind would succeed now.'
	says 'start python3['
	check ip link set lo down
	bind_to AF_INET6 ::1 8221
	exits 0 portowner why 8221
	check ip link set lo up
	says 'The loopback interface lo was down'
	out_has '    ip link set lo up'
	lacks_hopes
}

# Duplicate address detection cannot finish without a carrier.
on_tentative_address()
{
	check ip link add why2 type veth peer name why3
	trap 'ip link del why2' EXIT
	check ip link set why2 up
	check ip addr add 2001:db8::9/64 dev why2
	until_true sh -c 'ip link show why2 | grep -q NO-CARRIER'
	bind_to AF_INET6 2001:db8::9 8222
	exits 0 portowner why 8222
	says 'why2 has the address 2001:db8::9, but it was tentative'
	says 'why2 has no carrier'
	out_has '    ip -6 address show dev why2 tentative'
	out_lacks 'network-online'
	exits 0 portowner log -J 8222
	json '.rejects[-1].reason == "tentative" and .rejects[-1].reason_dev == "why2"'
	check ip addr del 2001:db8::9/64 dev why2
	check ip addr add 2001:db8::9/64 dev why2 nodad
	exits 0 portowner check '[2001:db8::9]:8222'
}

switched_off_ipv6()
{
	echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6
	bind_to AF_INET6 ::1 8223
	exits 0 portowner why 8223
	echo 0 >/proc/sys/net/ipv6/conf/lo/disable_ipv6
	says 'IPv6 is switched off on lo'
	out_has '    sysctl -w net.ipv6.conf.lo.disable_ipv6=0'
	lacks_hopes
	exits 0 portowner check '[::1]:8223'
	echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
	exits 1 portowner check '[::1]:8223'
	echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6
	says 'IPv6 is switched off in this network namespace'
	out_has '    sysctl -w net.ipv6.conf.all.disable_ipv6=0'
}

across_vrfs()
{
	ip link add why4 type vrf table 1004 || skip "no VRF in this kernel"
	trap 'ip link del why2; ip link del why4' EXIT
	check ip link set why4 up
	check ip link add why2 type dummy
	check ip link set why2 master why4
	check ip link set why2 up
	check ip addr add 192.0.2.10/24 dev why2
	bind_to AF_INET 192.0.2.10 8224
	exits 0 portowner why 8224
	says 'The address 192.0.2.10 belongs to VRF why4'
	out_has '    ip vrf exec why4 PROGRAM'
	lacks_hopes
	exits 0 portowner check --dev why4 192.0.2.10:8224
	bind_to AF_INET 127.0.0.1 8225 why4
	exits 0 portowner why 8225
	says 'The socket is bound to why4; the address 127.0.0.1 belongs to lo, which is in no VRF.'
	out_has '    ip addr add 127.0.0.1/8 dev why4'
	lacks_hopes
	check ip addr add 127.0.0.1/8 dev why4
	exits 0 portowner check --dev why4 127.0.0.1:8225
}

in_other_netns()
{
	other_netns
	check ip -n "$other" link add why5 type dummy
	check ip -n "$other" link set why5 up
	check ip -n "$other" addr add 192.0.2.11/24 dev why5
	bind_to AF_INET 192.0.2.11 8226
	exits 0 portowner why 8226
	says "But network namespace $other has it."
	out_has "    ip netns exec $other PROGRAM"
	out_lacks 'network-online'
	exits 0 "${as_user[@]}" portowner check 8227
	exits 1 "${as_user[@]}" portowner check 192.0.2.11:8226
	out_lacks "$other"
}

public_address()
{
	check ip link add why2 type dummy
	trap 'ip link del why2' EXIT
	check ip link set why2 up
	check ip addr add 10.5.0.7/24 dev why2
	bind_to AF_INET 34.228.254.167 8228
	exits 0 portowner why 8228
	says 'this host has only private ones: 10.5.0.7 on why2'
	says 'NAT'
	says 'Bind the private address (10.5.0.7) or the wildcard 0.0.0.0 instead'
	out_lacks 'network-online'
	out_lacks 'ip_nonlocal_bind'
}

# A link-local group, and a connectionless socket.
group_without_device()
{
	check_not python3 -c '
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("ff02::fb", 8229))'
	exits 0 portowner why udp/8229
	says 'the device must be named too: ff02::fb%eth0, or sin6_scope_id'
	out_lacks 'connection-oriented'
	exits 1 portowner check 'udp/[ff02::fb]:8229'
	says 'the device must be named too'
	exits 0 portowner check 'udp/[ff02::fb%lo]:8229'
}

same_connection()
{
	start same python3 -c '
import socket, sys
l = socket.create_server(("127.0.0.1", 8230))
def connect():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", 8231))
    s.connect(("127.0.0.1", 8230))
    return s
s = connect()
try:
    connect()
except OSError:
    print("ready", flush=True)
sys.stdin.readline()'
	exits 0 portowner log 8231
	if ! has "$out" 'EADDRNOTAVAIL'; then
		skip "connect() from a port of its own is not seen before 6.1"
	fi
	exits 0 portowner why 8231
	says 'connect() from tcp 127.0.0.1:8231 to 127.0.0.1:8230 was refused: EADDRNOTAVAIL'
	says 'A connection from tcp 127.0.0.1:8231 to 127.0.0.1:8230 already exists, held by python3['
	says 'call connect() without bind()'
	exits 0 portowner -J why 8231
	json '.rejects[0].reason == "tuple-in-use" and .rejects[0].peer.port == 8230'
}

# Capabilities of a file have no effect for a process that gave up new privileges.
useless_capabilities()
{
	local program="$dir/nc"

	check cp "$(readlink -f "$(command -v nc)")" "$program"
	check python3 -c '
import os, struct, sys
os.setxattr(sys.argv[1], "security.capability", struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0))' "$program"
	check chmod 755 "$dir" "$program"
	check_not "${as_user[@]}" setpriv --no-new-privs "$program" -l 127.0.0.1 81
	exits 0 portowner why 81
	says 'Its executable has file capabilities, but they are ignored: it runs with no_new_privs'
	out_lacks 'setcap cap_net'
	out_has '    AmbientCapabilities=CAP_NET_BIND_SERVICE'
	exits 0 portowner -J why 81
	json '.rejects[0].reason == "file-capabilities-ignored"'
	check_not "${as_user[@]}" python3 -c '
import socket
socket.create_server(("127.0.0.1", 82))'
	exits 0 portowner why 82
	says 'Its executable is an interpreter'
	out_lacks 'setcap cap_net'
}

# File capabilities of a script never have an effect.
capable_script()
{
	local script="$dir/serve"

	cat >"$script" <<-'END'
		#!/usr/bin/python3
		import socket, sys
		try:
		    socket.create_server(("127.0.0.1", 84))
		except OSError:
		    print("ready", flush=True)
		sys.stdin.readline()
	END
	check chmod 755 "$dir" "$script"
	check python3 -c '
import os, struct, sys
os.setxattr(sys.argv[1], "security.capability", struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0))' "$script"
	start capable "${as_user[@]}" "$script"
	exits 0 portowner why 84
	says "The script $script has file capabilities, but those of a script have no effect"
	out_lacks 'setcap cap_net'
	exits 0 portowner -J why 84
	json '.rejects[0].reason == "file-capabilities-ignored"'
}

# Root of a user namespace, in a network namespace that belongs to another one.
other_user_namespace()
{
	check_not unshare -Ur nc -l 127.0.0.1 85
	exits 0 portowner why 85
	says 'has it in its user namespace, but that one does not own the network namespace'
	says '- Give it a network namespace that belongs to its user namespace'
	out_has '    sysctl -w net.ipv4.ip_unprivileged_port_start=85'
	out_lacks 'setcap cap_net'
	out_lacks AmbientCapabilities
	exits 0 portowner -J why 85
	json '.rejects[0].reason == "capability-elsewhere"'
}

ktap_plan 19
ktap_test exhausted "ephemeral-exhausted"
ktap_test foreign_address "address-not-local"
ktap_test why_privileged "privileged-port"
ktap_test bound_twice "already-bound"
ktap_test wrong_arguments "invalid-argument"
ktap_test security_module "denied-by-lsm"
ktap_test cgroup_program "denied-by-bpf"
ktap_test not_looked_into "a protocol that is not looked into"
ktap_test on_down_device "an address of a device that is down"
ktap_test on_tentative_address "a tentative address"
ktap_test switched_off_ipv6 "IPv6 is switched off"
ktap_test across_vrfs "an address of another VRF"
ktap_test in_other_netns "an address of another network namespace"
ktap_test public_address "a public address on a host with private ones"
ktap_test group_without_device "a multicast group without a device"
ktap_test same_connection "tuple-in-use"
ktap_test useless_capabilities "file capabilities without effect"
ktap_test capable_script "a script with file capabilities"
ktap_test other_user_namespace "a privileged port in another user namespace"
ktap_exit
