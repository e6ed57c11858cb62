#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The words of "portowner why": for each rule what happened, the evidence, and
# what can be done. That it is done, and helps, is tried where it is cheap.

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
		'keys == ["explanation","now","rejects","remedy"] and
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
	json '. == {"rejects":[],"explanation":null,"remedy":[],"now":null}'
}

# A client took the port that a server wants.
why_outgoing()
{
	serve 8093
	echo 33000,50000-50010 >/proc/sys/net/ipv4/ip_local_reserved_ports
	echo '45000 45000' >/proc/sys/net/ipv4/ip_local_port_range
	nc -dn 127.0.0.1 8093 &
	pids="$pids $!"
	until_true sh -c 'ss -Htn state established sport = :45000 | grep -q .'
	echo '32768 60999' >/proc/sys/net/ipv4/ip_local_port_range
	refused 45000
	exits 0 portowner why 45000
	says 'to 127.0.0.1:8093'
	says 'an outgoing connection of nc['
	says 'The kernel picked the port automatically'
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
	says 'in the way a closed connection in TIME_WAIT held tcp 127.0.0.1:8094'
	says 'now The same socket is still there: tcp 127.0.0.1:8094 (time-wait), for another '
	says 'only the existing socket did'
	says '- Or wait: it expires in '
	out_has 'SO_REUSEADDR'
	# a server that sets the option could have it
	exits 0 portowner wait 8094 --free --timeout 0
	exits 1 portowner check 127.0.0.1:8094
	says 'try again with --reuseaddr'
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
	says 'both set SO_REUSEPORT and belong to the same user (here only the existing socket did)'
	says 'before bind(), as the other side did: TCP-LISTEN:8105,reuseport'
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
	says 'can do with an address other than 127.0.0.1, bind that one instead of 0.0.0.0'
	exits 0 portowner check 127.0.0.2:8107
}

# Both sockets belong to one process, so stopping it would not help.
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
	says 'the same process that was refused'
	says "another one of python3?$server? is"
	says "python3?$server? itself holds the port through another socket"
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
	out_has '    sysctl -w net.ipv4.ip_local_port_range="1024 65535"'
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
	says 'Only the existing socket is bound to a device (why0); a socket without one covers all devices.'
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
	says 'Remove the vxlan device that uses the port, or give it another port; it is why1:'
	out_has '    ip -d link show dev why1'
	out_lacks 'Set SO_REUSEPORT'
	exits 0 portowner -J who udp/8116
	json '.sockets[0].purpose ==
		{ what: "a vxlan device", command: "ip -d link show dev why1" }'
}

# moved_device TYPE [ARG…]: one whose socket stays in the namespace it was made in
moved_device()
{
	local type=$1 port

	# Not local: the trap is run when this function has returned.
	ns="portowner-$$"
	modprobe "$type" 2>/dev/null || skip "wants $type"
	check ip netns add "$ns"
	trap 'ip netns del "$ns"' EXIT
	check ip link add why2 type "$@"
	check ip link set why2 netns "$ns"
	check ip -n "$ns" link set why2 up
	port=$(portowner -J list -u | jq "[.sockets[] |
		select(.kernel_owner == \"$type\")][0].port")
	exits 0 portowner -J who "udp/$port"
	json ".sockets | length >= 1 and
		all(.kernel_owner == \"$type\" and .kernel_dev == \"why2\" and
		.kernel_netns == $(stat -Lc %i "/run/netns/$ns"))"
	exits 0 portowner who "udp/$port"
	says "why2, in network namespace $ns; to see it: ip netns exec $ns "
}

vxlan_moved()
{
	moved_device vxlan id 3 remote 127.0.0.1 dstport 8117
}

geneve_moved()
{
	moved_device geneve id 3 remote 127.0.0.1 dstport 8118
}

# The kernel chooses its port.
wireguard_moved()
{
	moved_device wireguard
}

# The peer has not closed yet: no process holds the connection, and it is not in TIME_WAIT.
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
	says 'in the way a connection that was closed on this side and is still shutting down held tcp 127.0.0.1:8117'
	says 'The same socket is still there: tcp 127.0.0.1:8117 (fin-wait-2), for another '
	says 'before bind(), as the other side did'
	out_has '    sysctl net.ipv4.tcp_fin_timeout'
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

# A tunnel has a connected socket that no process knows of.
kernel_tunnel()
{
	modprobe l2tp_netlink
	grep -q '^l2tp_core ' /proc/modules || skip "wants L2TP as a module"
	check ip l2tp add tunnel tunnel_id 7 peer_tunnel_id 8 encap udp \
		local 127.0.0.1 remote 127.0.0.1 udp_sport 1701 udp_dport 1702
	trap 'ip l2tp del tunnel tunnel_id 7' EXIT
	check_not timeout 20 socat -u UDP4-RECV:1701 STDOUT
	exits 0 portowner why udp/1701
	says 'the kernel itself (l2tp_core)'
	out_has '    ip l2tp show tunnel'
	out_lacks 'accepted'
	out_lacks 'setsockopt'
}

# A mount has a connection with a file that no process has. Its server never answers, so
# that it is not mounted yet either.
nfs_mount()
{
	local options

	modprobe nfsv3 2>/dev/null || skip "wants an NFS client"
	serve 8119
	options=addr=127.0.0.1,port=8119,mountaddr=127.0.0.1,mountport=8119
	mount -i -t nfs -o "$options,vers=3,proto=tcp,mountproto=tcp,nolock" \
		127.0.0.1:/srv /mnt &
	mounting=$!
	trap 'kill -9 $mounting; end_children' EXIT
	until_true nfs_connection
	refused "$local_port"
	exits 0 portowner why "$local_port"
	says 'the kernel itself (sunrpc)'
	out_has '    findmnt -t nfs,nfs4'
	out_lacks 'accepted'
	out_lacks 'no process'
	out_lacks 'setsockopt'
	exits 0 portowner who "$local_port"
	says 'the kernel itself (sunrpc)'
	out_lacks 'no process'
}

# The port on our side of the connection to the NFS server.
nfs_connection()
{
	local_port=$(ss -Htn state established 'dport = :8119' |
		sed -n 's/.*127.0.0.1:\([0-9]*\) *127.0.0.1:8119.*/\1/p')
	[ "$local_port" ]
}

# bequeath PORT COUNT: a server that has ended, and COUNT programs with its socket
bequeath()
{
	check python3 - "$@" <<-EOT
		import socket, subprocess, sys
		s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
		s.set_inheritable(True)
		with open("$dir/heirs", "w") as f:
		    for i in range(int(sys.argv[2])):
		        p = subprocess.Popen(["sleep", "999"], close_fds=False, start_new_session=True,
		                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
		        print(p.pid, file=f)
	EOT
	pids=$(tr '\n' ' ' <"$dir/heirs")
	trap end_children EXIT
}

# do_as_told: the command of "why" that ends the holders
do_as_told()
{
	local -a words

	read -ra words <<<"$(grep '^    kill ' "$dir/out")"
	check "${words[@]}"
}

inherited()
{
	bequeath 8119 1
	refused 8119
	exits 0 portowner why
	says 'bound the port and has since ended; sleep'
	says 'inherited the socket'
	says 'close-on-exec'
	out_lacks 'Set SO_REUSEPORT'
	do_as_told
	exits 0 portowner wait 8119 --free --timeout 30
}

# One command ends them all.
many_heirs()
{
	bequeath 8120 12
	refused 8120
	exits 0 portowner why
	says 'and 11 more processes'
	do_as_told
	exits 0 portowner wait 8120 --free --timeout 30
}

# widen PAUSE: a server that binds one address, then all
widen()
{
	python3 - "$1" <<-EOT >"$dir/widen" &
		import signal, socket, sys, time
		s = socket.create_server(("127.0.0.1", 8121))
		time.sleep(float(sys.argv[1]))
		try:
		    socket.create_server(("0.0.0.0", 8121))
		except OSError as e:
		    print(e, flush=True)
		signal.pause()
	EOT
	pids="$pids $!"
	trap end_children EXIT
	until_true grep -q Errno "$dir/widen"
	exits 0 portowner why
	end_children
}

reloaded()
{
	widen 2
	says 'under an older configuration'
	says 'a reload cannot replace tcp 127.0.0.1:8121 with tcp 0.0.0.0:8121, but a restart can'
	out_lacks 'lists'
	out_lacks '    kill'
}

# hold_in CGROUP PORT: a server there
hold_in()
{
	check mkdir -p "/sys/fs/cgroup$1"
	# shellcheck disable=SC2016
	sh -c 'echo $$ >"$0/cgroup.procs"; exec nc -lkn 127.0.0.1 "$1"' "/sys/fs/cgroup$1" "$2" &
	pids="$pids $!"
	trap end_children EXIT
	until_true listening "$2"
}

# The service of a user, and the job of a service that runs others as well.
other_services()
{
	hold_in /user.slice/user-1000.slice/user@1000.service/app.slice/web.service 8122
	refused 8122
	exits 0 portowner why
	out_has '    systemctl --user --machine=1000@ stop web.service'
	hold_in /system.slice/cron.service 8123
	refused 8123
	exits 0 portowner why
	out_lacks 'systemctl stop'
	do_as_told
	exits 0 portowner wait 8123 --free --timeout 30
}

# Whoever they belong to.
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
	says 'was not looked at'
	out_lacks 'gone'
	out_lacks 'in the way'
}

# bind_to FAMILY ADDRESS PORT [DEVICE]: try to
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

# It is of no help to wait for an address that is there, or is never to come.
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

# A group of a link, and a datagram socket that has no connections.
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

# An unlucky client: the kernel gave it what a server, or the kernel, needs.
chosen_by_kernel()
{
	start chosen python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("127.0.0.1", 9))
print("ready", s.getsockname()[1], flush=True)
sys.stdin.readline()'
	port=$(cut -d" " -f2 "$dir/chosen.out")
	timeout 20 socat -u "UDP4-RECV:$port,bind=127.0.0.1" STDOUT
	exits 0 portowner why "udp/$port"
	says 'The kernel picked the port automatically: it lies in net.ipv4.ip_local_port_range'
	out_has "    sysctl -w net.ipv4.ip_local_reserved_ports=$port"
	exits 0 portowner -J who "udp/$port"
	json '.sockets[0].port_by_kernel and .sockets[0].peer.port == 9'
}

# A client that tries again and again meets itself.
connected_to_itself()
{
	echo '47010 47010' >/proc/sys/net/ipv4/ip_local_port_range
	start itself python3 -c '
import socket, sys
s = socket.create_connection(("127.0.0.1", 47010))
print("ready", flush=True)
sys.stdin.readline()'
	echo '32768 60999' >/proc/sys/net/ipv4/ip_local_port_range
	refused 47010
	exits 0 portowner why 47010
	says 'to 127.0.0.1:47010, that is, to itself'
	says 'That connection is one to itself: '
	out_has '    sysctl -w net.ipv4.ip_local_reserved_ports=47010'
	exits 0 portowner 47010
	says 'A connection is one to itself'
	exits 0 portowner -J 47010
	json '.notes | length == 1 and (.[0] | contains("A connection is one to itself") and
		endswith("sysctl -w net.ipv4.ip_local_reserved_ports=47010"))'
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

# Those of a script have none for anybody.
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

ktap_plan 50
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
ktap_test vxlan_moved "a vxlan device in another network namespace"
ktap_test geneve_moved "a geneve device in another network namespace"
ktap_test wireguard_moved "a WireGuard device in another network namespace"
ktap_test kernel_tunnel "a connected socket of the kernel"
ktap_test nfs_mount "a connected socket of the kernel, with a file"
ktap_test inherited "a socket that was inherited"
ktap_test many_heirs "a socket that many processes inherited"
ktap_test reloaded "a reload that widens an address"
ktap_test other_services "services that are not to be stopped as a whole"
ktap_test udp_users "UDP and several users"
ktap_test udp_last "UDP: the one bound last"
ktap_test not_looked_into "a protocol that is not looked into"
ktap_test on_down_device "an address of a device that is down"
ktap_test on_tentative_address "a tentative address"
ktap_test switched_off_ipv6 "IPv6 is switched off"
ktap_test across_vrfs "an address of another VRF"
ktap_test in_other_netns "an address of another network namespace"
ktap_test public_address "a public address on a host with private ones"
ktap_test group_without_device "a multicast group without a device"
ktap_test chosen_by_kernel "the kernel chose the port"
ktap_test connected_to_itself "a connection with itself"
ktap_test same_connection "tuple-in-use"
ktap_test useless_capabilities "file capabilities without effect"
ktap_test capable_script "a script with file capabilities"
ktap_exit
