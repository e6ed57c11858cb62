#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "portowner audit": for each finding, a real socket with it and one without it;
# and the findings that remain without the module.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
# shellcheck source-path=SCRIPTDIR source=lib/audit.sh
. "$(dirname "$0")/lib/audit.sh"
own_netns "$@"

# Programs of other users are started there.
chmod 755 "$dir"

# binds PORT [OPTION]: whether user 1000 may bind a UDP port
binds()
{
	"${as_user[@]}" python3 -c '
import socket, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
if sys.argv[2:]:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(("0.0.0.0", int(sys.argv[1])))' "$@"
}

# The finding agrees with the kernel.
hijack()
{
	local fields

	hold udp 0.0.0.0 5000 reuseaddr
	hold udp 0.0.0.0 5001 reuseport
	hold udp 127.0.0.1 5002 reuseaddr
	hold udp 0.0.0.0 500 reuseaddr
	# A socket in the way protects the whole port.
	hold udp 127.0.0.1 5003 reuseaddr
	hold udp 127.0.0.2 5003
	audit
	fields='.proto == "udp" and .addr == "0.0.0.0" and
		.evidence.who[0].uid == 0 and
		(.evidence.sockets | length == 1) and
		(.evidence.sockets[0].reuseaddr)'
	found udp-open-to-hijack 5000 ".severity == \"high\" and $fields"
	found udp-open-to-hijack 5002 '.severity == "medium"'
	found udp-open-to-hijack 500 ".severity == \"low\" and $fields"
	not_found udp-open-to-hijack 5001
	json '[.findings[] | select(.id == "udp-open-to-hijack" and
		.port == 5003) | .addr] == ["127.0.0.1"]'
	check binds 5000 reuseaddr
	check_not binds 5001 reuseaddr
	check_not binds 500 reuseaddr
	# The wildcard can be joined, although 127.0.0.1 cannot.
	check_not binds 5003 reuseaddr
}

# A client that is connected from the port is in the way, too.
hijack_client()
{
	start client python3 -c '
import socket, sys
one, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
for sock in one, other:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("0.0.0.0", 5000))
other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
other.connect(("127.0.0.1", 9))
print("ready", flush=True)
sys.stdin.read()'
	audit 5000
	not_found udp-open-to-hijack 5000
	check_not binds 5000 reuseaddr
}

shared_by_users()
{
	hold udp 0.0.0.0 5000 reuseaddr
	before=("${as_user[@]}")
	hold udp 0.0.0.0 5000 reuseaddr
	hold udp 0.0.0.0 5001 reuseaddr
	# Side by side, without overlap.
	hold tcp 127.0.0.1 5002
	before=()
	hold tcp 127.0.0.2 5002
	audit
	found shared-by-users 5000 '.severity == "high" and
		([.evidence.who[].uid] == [0, 1000]) and
		(.evidence.sockets | length == 2) and
		(.text | contains("goes to python3["))'
	not_found shared-by-users 5001
	not_found shared-by-users 5002
}

shared_by_programs()
{
	local python

	python=$(readlink -f "$(command -v python3)")
	check install -m 755 "$python" "$dir/other"
	hold tcp 127.0.0.1 5000 reuseport
	program=$dir/other
	hold tcp 127.0.0.1 5000 reuseport
	hold tcp 127.0.0.1 5001 reuseport
	hold tcp 127.0.0.1 5001 reuseport
	audit
	found shared-by-programs 5000 ".severity == \"medium\" and
		([.evidence.who[].program] | sort == ([\"$python\", \"$dir/other\"] | sort))"
	not_found shared-by-programs 5001
	not_found shared-by-users 5000
}

deleted()
{
	local python

	python=$(readlink -f "$(command -v python3)")
	check install -m 755 "$python" "$dir/gone"
	check install -m 755 "$python" "$dir/replaced"
	program=$dir/gone
	hold tcp 127.0.0.1 5000
	program=$dir/replaced
	hold tcp 127.0.0.1 5001
	program=
	hold tcp 127.0.0.1 5002
	check rm "$dir/gone" "$dir/replaced"
	check install -m 755 "$python" "$dir/replaced"
	audit
	found deleted-binary 5000 ".severity == \"medium\" and
		.evidence.who[0].program == \"$dir/gone\" and
		(.text | contains(\"$dir/gone, which was deleted or replaced\"))"
	found deleted-binary 5001
	not_found deleted-binary 5002
	# An executable in memory only.
	start memfd python3 -c '
import os, shutil, sys
fd = os.memfd_create("nothing", 0)
with open("/proc/self/exe", "rb") as program, os.fdopen(os.dup(fd), "wb") as copy:
    shutil.copyfileobj(program, copy)
os.execve(f"/proc/self/fd/{fd}", ["python3", "-c", """
import socket, sys
sock = socket.create_server(("127.0.0.1", 5003))
print("ready", flush=True)
sys.stdin.read()"""], os.environ)'
	audit 5003
	found deleted-binary 5003 '.severity == "high" and (.text | contains("/memfd:nothing"))'
}

# A program that ends leaves its port to a program that it started.
inherited()
{
	python3 -c '
import os, socket, subprocess
left = socket.create_server(("127.0.0.1", 5000))
os.set_inheritable(left.fileno(), True)
print(subprocess.Popen(["sleep", "600"], close_fds=False).pid)' >"$dir/heir"
	pids="$pids $(<"$dir/heir")"
	trap end_children EXIT
	# A daemon that forks, and keeps its name.
	python3 -c '
import os, socket, time
sock = socket.create_server(("127.0.0.1", 5001))
pid = os.fork()
if pid:
    print(pid, flush=True)
    os._exit(0)
os.close(1)
time.sleep(600)' >"$dir/daemon"
	pids="$pids $(<"$dir/daemon")"
	audit
	found inherited-socket 5000 "(.text | contains(\"sleep[$(<"$dir/heir")]\")) and
		.severity == \"medium\" and (.evidence.sockets[0].binder.alive == false)"
	not_found inherited-socket 5001
	not_found binder-gone 5000
}

# In flight over a unix socket that another process holds.
binder_gone()
{
	python3 -c '
import os, socket, subprocess
one, other = socket.socketpair(socket.AF_UNIX)
sock = socket.create_server(("127.0.0.1", 5000))
socket.send_fds(one, [b"x"], [sock.fileno()])
for kept in one, other:
    os.set_inheritable(kept.fileno(), True)
sock.close()
print(subprocess.Popen(["sleep", "600"], close_fds=False).pid)' >"$dir/holder"
	pids="$pids $(<"$dir/holder")"
	trap end_children EXIT
	hold tcp 127.0.0.1 5001
	audit
	found binder-gone 5000 '.severity == "medium" and
		(.evidence.sockets[0].owners == [])'
	not_found inherited-socket 5000
	not_found binder-gone 5001
}

privileged_range()
{
	audit
	json '.findings | all(.id != "privileged-range-changed")'
	check sysctl -qw net.ipv4.ip_unprivileged_port_start=80
	audit
	json '.findings | any(.id == "privileged-range-changed" and
		.severity == "medium" and .port == null and .evidence.sysctl ==
		{"name": "net.ipv4.ip_unprivileged_port_start", "value": "80"})'
	check binds 80
	# With a TARGET, the settings of the host are not checked.
	audit 80
	json '.findings == []'
	check sysctl -qw net.ipv4.ip_unprivileged_port_start=1024
}

# The suggested command has the promised effect.
fixed_port()
{
	local chosen command

	check sysctl -qw net.ipv4.ip_local_reserved_ports=45000
	hold tcp 127.0.0.1 40000
	hold udp 127.0.0.1 40001
	hold tcp 127.0.0.1 45000
	hold tcp 127.0.0.1 8080
	hold tcp 127.0.0.1 0
	read -r _ chosen <"$dir/hold5.out"
	audit
	found fixed-port-in-automatic-range 40000 '.severity == "low" and
		.evidence.sysctl.name == "net.ipv4.ip_local_port_range"'
	found fixed-port-in-automatic-range 40001
	not_found fixed-port-in-automatic-range 45000
	not_found fixed-port-in-automatic-range 8080
	not_found fixed-port-in-automatic-range "$chosen"
	command=$(jq -r '.findings[0].remedy | sub(".*: "; "")' <"$dir/out")
	# shellcheck disable=SC2086 # it has several words
	check $command
	check test "$(sysctl -n net.ipv4.ip_local_reserved_ports)" = 40000-40001,45000
	audit
	json '.findings == []'
	check sysctl -qw net.ipv4.ip_local_reserved_ports=
}

kernel_owner()
{
	vxlan_module
	check ip link add vx0 type vxlan id 1 dstport 4789
	check ip link set vx0 up
	hold udp 127.0.0.1 4790
	audit
	found kernel-owner 4789 '.severity == "info" and
		(.text | contains("(vxlan)")) and (.text | contains("vx0")) and
		.remedy == "To see what it serves: ip -d link show dev vx0"'
	not_found kernel-owner 4790
	found exposed 4789 '.evidence.who[0].program == "kernel:vxlan"'
	check ip link del vx0
}

# in_cgroup NAME COMMAND...
in_cgroup()
{
	mkdir -p "/sys/fs/cgroup/$1" || return
	echo "$BASHPID" >"/sys/fs/cgroup/$1/cgroup.procs" || return
	shift
	exec "$@"
}

container=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

containers()
{
	before=(in_cgroup "docker/$container")
	hold tcp 127.0.0.1 5000
	before=(in_cgroup system.slice/web.service)
	hold tcp 0.0.0.0 5001
	audit
	found container-port 5000 '.severity == "info" and
		(.text | contains("in container 0123456789ab")) and
		.evidence.who[0].unit == "container:0123456789ab"'
	not_found container-port 5001
	found exposed 5001 '.evidence.who[0].unit == "web.service"'
	end_children
	rmdir "/sys/fs/cgroup/docker/$container" /sys/fs/cgroup/docker \
		/sys/fs/cgroup/system.slice/web.service /sys/fs/cgroup/system.slice
}

exposed()
{
	hold tcp 0.0.0.0 5000
	hold tcp 127.0.0.1 5001
	hold udp :: 5002
	hold udp 0.0.0.0 0
	audit
	found exposed 5000 '.severity == "info" and .proto == "tcp" and
		(.text | contains("serves other hosts"))'
	not_found exposed 5001
	found exposed 5002 '.addr == "::"'
	# The port of a client is not a service.
	json '[.findings[] | select(.id == "exposed")] | length == 2'
}

in_words()
{
	local line

	hold udp 0.0.0.0 5000 reuseaddr
	hold tcp 0.0.0.0 40000
	exits 0 portowner -n audit
	says 'high: udp-open-to-hijack: another program may take over these UDP ports udp 0.0.0.0:5000 python3['
	says 'low: fixed-port-in-automatic-range:'
	says 'info: exposed:'
	says '1 high, 0 medium, 1 low, 2 info'
	out_lacks 'not checked'
	while IFS= read -r line; do
		[ "${#line}" -lt 80 ] || fail "wide: $line"
	done <"$dir/out"
	exits 0 portowner -q audit
	lines 0
}

filters()
{
	hold tcp 0.0.0.0 5000
	hold udp 0.0.0.0 5001
	hold tcp :: 5002
	audit 5001-5002
	json '([.findings[].port] | sort) == [5001, 5002] and .filter == "5001-5002"'
	audit -t
	json '[.findings[].port] == [5000, 5002] and .filter == "tcp"'
	audit -6
	json '[.findings[].port] == [5002]'
	audit --proto udp -4 0.0.0.0:5001
	json '[.findings[].port] == [5001]'
	audit 5999
	json '.findings == []'
}

other_namespaces()
{
	other_netns
	ip netns exec "$other" nc -lkn 0.0.0.0 8102 &
	pids="$pids $!"
	check in_other portowner -q wait 8102 --timeout 30
	audit
	not_found exposed 8102
	audit -A 8102
	found exposed 8102 ".netns == $other_ns and .netns_name == \"$other\" and .other_netns"
	json '.unchecked == ["sysctls-of-other-netns"] and .all_netns'
	exits 0 portowner audit -A 8102
	says "tcp 0.0.0.0:8102, in network namespace $other nc["
	says 'not checked: sysctls of other network namespaces'
}

# It says what it cannot know, and does not guess.
without_module()
{
	check sysctl -qw net.ipv4.ip_unprivileged_port_start=80
	hold udp 0.0.0.0 5000 reuseaddr
	before=("${as_user[@]}")
	hold udp 0.0.0.0 5000 reuseaddr
	hold udp 0.0.0.0 5001 reuseaddr
	before=()
	hold tcp 0.0.0.0 40000
	exits 0 portowner -qJ audit --source=diag
	run portowner -J audit --source=diag
	json '.source == "diag" and .unchecked == ["inherited-socket",
		"binder-gone", "fixed-port-in-automatic-range", "kernel-owner"]'
	found shared-by-users 5000 '[.evidence.who[].uid] == [0, 1000]'
	found exposed 40000
	not_found fixed-port-in-automatic-range 40000
	# The options of another user's socket are not read.
	not_found udp-open-to-hijack 5001
	json '.partly_checked == ["udp-open-to-hijack"]'
	json '.findings | any(.id == "privileged-range-changed")'
	run portowner audit --source=diag
	says 'not checked without the module: inherited-socket, binder-gone, fixed-port-in-automatic-range, kernel-owner'
	run portowner -q audit --source=diag --save "$dir/base"
	check test "$rc" -eq 0
	run portowner -q audit --source=diag --baseline "$dir/base"
	check test "$rc" -eq 0
	check sysctl -qw net.ipv4.ip_unprivileged_port_start=1024
}

as_another_user()
{
	hold tcp 0.0.0.0 5000
	exits 0 "${as_user[@]}" portowner -J audit
	found exposed 5000 '.evidence.who == null and .text ==
		"a process you are not permitted to see, uid 0 (root), serves other hosts."'
	json '.hidden == 1 and (.partly_checked | index("deleted-binary"))'
	exits 0 "${as_user[@]}" portowner audit
	says 'not checked everywhere, because some processes are hidden from you, but not from root:'
	# It is known that the socket is shared, but not by whom.
	exits 0 portowner -q audit --save "$dir/base"
	chmod 644 "$dir/base"
	exits 0 "${as_user[@]}" portowner -q audit --baseline "$dir/base"
}

ktap_plan 17
ktap_test hijack "UDP ports that any user may join"
ktap_test hijack_client "a connected client keeps others from joining"
ktap_test shared_by_users "ports shared by users"
ktap_test shared_by_programs "ports shared by programs"
ktap_test deleted "executables that were deleted, replaced or never there"
ktap_test inherited "sockets inherited by accident"
ktap_test binder_gone "sockets that no process has"
ktap_test privileged_range "a changed privileged range"
ktap_test fixed_port "fixed ports in the automatic range"
ktap_test kernel_owner "ports of the kernel"
ktap_test containers "ports of containers, and units"
ktap_test exposed "what other hosts reach"
ktap_test in_words "in words, within 80 columns"
ktap_test filters "TARGETs, protocols and families"
ktap_test other_namespaces "all network namespaces"
ktap_test without_module "without the module"
ktap_test as_another_user "as a user who may see less"
ktap_exit
