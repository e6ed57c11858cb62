#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "portowner why" about sockets in the way that do not belong to another server: of
# the kernel, a client, an heir, a service, and those that no process holds any more.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"

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
	# a server that sets the option could bind it
	exits 0 portowner wait 8094 --free --timeout 0
	exits 1 portowner check 127.0.0.1:8094
	says 'try again with --reuseaddr'
	exits 0 portowner check 127.0.0.1:8094 --reuseaddr
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

# moved_device TYPE [ARG…]: a device that is moved away from its socket's namespace
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
	exits 0 portowner -J who udp/1701
	json '.sockets[0].kernel_dev == null'
	modprobe l2tp_eth
	check ip l2tp add session name why2 tunnel_id 7 session_id 1 peer_session_id 2
	exits 0 portowner why udp/1701
	says 'another udp_sport; it is why2:'
	out_has '    ip l2tp show tunnel'
	exits 0 portowner -J who udp/1701
	json ".sockets[0].kernel_dev == \"why2\" and
		.sockets[0].kernel_netns == $(stat -Lc %i /proc/self/ns/net)"
	# its destination is not known
	other_netns
	trap 'ip l2tp del tunnel tunnel_id 7; cleanup_other' EXIT
	check ip link set why2 netns "$other"
	exits 0 portowner -J who udp/1701
	json '.sockets[0].kernel_dev == null'
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

# do_as_told: run the command of "why" that ends the holders
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
	says 'either it was starting, and is meant to bind both, or its configuration was reloaded'
	says 'under an older configuration'
	says 'a reload cannot replace tcp 127.0.0.1:8121 with tcp 0.0.0.0:8121, but a restart can'
	out_lacks 'lists'
	out_lacks '    kill'
}

# hold_in CGROUP PORT: start a server in the cgroup
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
	end_children
	check cd /sys/fs/cgroup
	check rmdir -p user.slice/user-1000.slice/user@1000.service/app.slice/web.service \
		system.slice/cron.service
}

# A client that got a port, $port, which another program needs.
unlucky_client()
{
	start chosen python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("127.0.0.1", 9))
print("ready", s.getsockname()[1], flush=True)
sys.stdin.readline()'
	port=$(cut -d" " -f2 "$dir/chosen.out")
}

# The kernel itself is refused, for a device; it can set no option.
kernel_refused()
{
	unlucky_client
	vxlan_module
	check ip link add why3 type vxlan id 4 dstport "$port" dev lo
	check_not ip link set why3 up
	check ip link del why3
	exits 0 portowner why "udp/$port"
	says "udp 127.0.0.1:$port (a port that the kernel chose)"
	out_has "    sysctl -w net.ipv4.ip_local_reserved_ports=$port"
	out_lacks 'setsockopt'
	out_lacks 'Set SO_'
}

chosen_by_kernel()
{
	unlucky_client
	timeout 20 socat -u "UDP4-RECV:$port,bind=127.0.0.1" STDOUT
	exits 0 portowner why "udp/$port"
	says 'The kernel picked the port automatically: it lies in net.ipv4.ip_local_port_range'
	out_has "    sysctl -w net.ipv4.ip_local_reserved_ports=$port"
	exits 0 portowner -J who "udp/$port"
	json '.sockets[0].port_by_kernel and .sockets[0].peer.port == 9'
}

# A client that tries repeatedly connects to itself.
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
	says 'That socket is connected to itself: '
	out_has '    sysctl -w net.ipv4.ip_local_reserved_ports=47010'
	exits 0 portowner 47010
	says 'One socket is connected to itself'
	exits 0 portowner -J 47010
	json '.notes | length == 1 and (.[0] | contains("One socket is connected to itself") and
		endswith("sysctl -w net.ipv4.ip_local_reserved_ports=47010"))'
}

# It ends only after what froze it is undone.
frozen_holder()
{
	local cgroup="/sys/fs/cgroup/why-$$"

	check mkdir "$cgroup"
	serve 8121
	echo "$server" >"$cgroup/cgroup.procs"
	echo 1 >"$cgroup/cgroup.freeze"
	refused 8121
	exits 0 portowner -J why 8121
	json .frozen
	exits 0 portowner why 8121
	says "nc?$server? is frozen with its control group (/why-$$)"
	exits 0 portowner why --fix 8121
	check sh -c "$(head -n 2 "$dir/out")"
	exits 0 portowner wait 8121 --free --timeout 30
	until_true rmdir "$cgroup"
}

ktap_plan 18
ktap_test own_socket "another socket of the same process"
ktap_test why_outgoing "a client has the port"
ktap_test why_time_wait "time-wait"
ktap_test closed_on_one_side "a connection without a process"
ktap_test in_kernel "a socket of the kernel"
ktap_test vxlan_moved "a vxlan device in another network namespace"
ktap_test geneve_moved "a geneve device in another network namespace"
ktap_test wireguard_moved "a WireGuard device in another network namespace"
ktap_test kernel_tunnel "a connected socket of the kernel"
ktap_test nfs_mount "a connected socket of the kernel, with a file"
ktap_test inherited "a socket that was inherited"
ktap_test many_heirs "a socket that many processes inherited"
ktap_test reloaded "a reload that widens an address"
ktap_test other_services "services that are not to be stopped as a whole"
ktap_test kernel_refused "a bind of the kernel is refused"
ktap_test chosen_by_kernel "the kernel chose the port"
ktap_test connected_to_itself "a connection with itself"
ktap_test frozen_holder "a holder that is frozen"
ktap_exit
