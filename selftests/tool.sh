#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The portowner tool, against its contract for sockets: exit statuses, JSON,
# filters, tables and messages.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
# shellcheck source-path=SCRIPTDIR source=lib/contract.sh
. "$(dirname "$0")/lib/contract.sh"
own_netns "$@"
shopt -s extglob

help_and_version()
{
	exits 0 portowner --help
	out_has list
	exits 0 portowner -h
	exits 0 portowner -V
	out_has portowner
	exits 0 portowner --version
	exits 0 portowner list --help
	out_has 'portowner list'
	exits 0 portowner --help log
	out_has 'portowner log'
}

# One of each kind; the unit tests of the tool have more.
usage_errors()
{
	local args

	while read -r args; do
		# shellcheck disable=SC2086 # these are several arguments
		exits 2 portowner $args
		[ -z "$out" ] || fail "output of: $args"
	done <<-EOT
		--bogus
		bogus
		list bogus
		list --proto bogus
		list --state bogus
		list -p 90-80
		list -p 0
		list --pid x
		list --uid -1
		list -o BOGUS
		who
		who 65536
		who bogus/80
		who 1.2.3.4.5:80
		who [::1:80
		log --since yesterdayish
		stats bogus
		--source=bogus
		--color=bogus
		70000
	EOT
}

# The message names what was wrong.
usage_messages()
{
	exits 2 portowner who 65536
	check has "${err[0]}" 65536
	exits 2 portowner list --state bogus
	check has "${err[0]}" bogus
	exits 2 portowner who sctpx/80
	check has "${err[0]}" sctpx
}

empty()
{
	exits 0 portowner
	exits 0 portowner list
	exits 0 portowner -J list
	json '. == {"source": "module", "sockets": []}'
	exits 0 portowner log
	exits 0 portowner -J log
	json '. == {"rejects": []}'
}

socket_json()
{
	serve 8080
	exits 0 portowner --json list
	json ".source == \"module\" and (keys == [\"sockets\",\"source\"]) and
		(.sockets | length == 1 and all(is_socket)) and (.sockets[0] |
		.proto == \"tcp\" and .family == \"inet\" and
		.addr == \"127.0.0.1\" and .port == 8080 and .dev == null and
		.state == \"listen\" and .uid == 0 and
		.netns == $(stat -Lc %i /proc/self/ns/net) and
		.inode == $(readlink "/proc/$server/fd/3" | tr -dc 0-9) and
		(.owners | length == 1) and (.owners[0] | .pid == $server and
		.fd == 3 and .comm == \"nc\" and .uid == 0 and
		.exe == \"$(readlink "/proc/$server/exe")\"))"
}

inet6_json()
{
	nc -lkun ::1 5353 &
	pids=$!
	trap end_children EXIT
	until_true bound_udp 5353
	exits 0 portowner -J who 'udp/[::1]:5353'
	json '(.sockets | length == 1 and all(is_socket)) and (.sockets[0] |
		.family == "inet6" and .addr == "::1" and .proto == "udp" and
		.state == "bound" and .v6only == true)'
}

who_exit()
{
	serve 8080
	exits 0 portowner who 8080
	out_has nc
	out_has "$server"
	exits 0 portowner 8080
	out_has "$server"
	exits 0 portowner -J 8080
	json "(keys == [\"notes\",\"others\",\"redirects\",\"sockets\",\"source\"]) and
		(.sockets | length == 1 and .[0].owners[0].pid == $server and
		all(is_socket) and .[0].backlog.waiting == 0 and
		.[0].may_join == [{ uid: 0, reuseaddr: false, reuseport: true }]) and
		.notes == [] and .others == [] and .redirects == null"
	exits 1 portowner who 8081
	exits 1 portowner 8081
	exits 1 portowner -J who 8081
	json '.sockets == []'
	exits 1 portowner who 8081 8080
	out_has 8080
	exits 0 portowner who 8080 tcp/8080
}

targets()
{
	local target

	serve 8080
	for target in tcp/8080 127.0.0.1:8080 tcp/127.0.0.1:8080 8080/tcp :8080 \
		'*:8080' localhost:8080 8000-8100 127.0.0.1%lo:8080; do
		exits 0 portowner who "$target"
		exits 0 portowner "$target"
		exits 0 portowner log "$target"
		exits 1 portowner -q why "$target"
		list_as 8080 "$target"
	done
	for target in udp/8080 127.0.0.2:8080 '[::1]:8080' 8079 8080/udp \
		8081-8100; do
		exits 1 portowner who "$target"
		list_as '' "$target"
	done
	for target in 8080/tcp :8080 localhost:8080 127.0.0.1%lo:8080; do
		exits 1 portowner check "$target"
		exits 0 portowner wait "$target" --timeout 5s
		exits 1 portowner wait --free "$target" --timeout 10ms
	done
	exits 2 portowner check 8000-8100
	exits 2 portowner 127.0.0.1
	check has "${err[0]}" 127.0.0.1:80
	serve 80
	exits 0 portowner who 127.0.0.1:http
	exits 0 portowner tcp/http
}

# list_as PORTS ARG...: list must show exactly these ports, in any order
list_as()
{
	local want=$1

	shift
	exits 0 portowner list -n -o PORT --no-headings "$@"
	# shellcheck disable=SC2046 # one line of them
	set -- $(sort -n "$dir/out")
	[ "$*" = "$want" ] || fail "listed: $*; expected: $want"
}

filters()
{
	serve 8080
	nc -lkun 127.0.0.1 8081 &
	pids="$pids $!"
	nc -lkn ::1 8082 &
	pids="$pids $!"
	until_true bound_udp 8081
	until_true listening 8082

	list_as '8080 8082' -t
	list_as 8081 -u
	list_as '8080 8081 8082' -tu
	list_as '8080 8081' -4
	list_as 8082 -6
	list_as '8080 8081 8082' -46
	list_as 8081 --proto udp
	list_as 8081 -p 8081
	list_as '8081 8082' --port 8081-9000
	list_as 8080 --pid "$server"
	list_as '' --uid 1
	list_as '8080 8081 8082' --uid 0
	list_as '8080 8082' --state listen
	list_as 8081 --state bound
	exits 0 portowner -t -J
	json '[.sockets[].port] == [8080,8082]'
}

states()
{
	serve 8080
	nc -dn 127.0.0.1 8080 &
	pids="$pids $!"
	until_true sh -c 'ss -Htn state established | grep -q .'
	list_as 8080
	exits 0 portowner -J list -a
	json '(.sockets | length == 3 and all(is_socket)) and
		([.sockets[] | select(.state == "established")] |
		length == 2 and all(.owners[0].comm == "nc"))'
	exits 0 portowner list --no-headings --state established
	lines 2
	exits 0 portowner list --no-headings --all -p 8080
	lines 2
}

# One row for a socket, however many processes hold it, or for both families.
whole_sockets()
{
	local row words

	# "first" is not local: the trap is run when this function has returned.
	setsid python3 -c '
import os, signal, socket
held = []
for family in socket.AF_INET, socket.AF_INET6:
    s = socket.socket(family)
    held.append(s)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind(("", 8083))
    s.listen()
    os.set_inheritable(s.fileno(), True)
for i in range(3):
    if not os.fork():
        signal.pause()
signal.pause()' &
	first=$!
	end_family()
	{
		kill -- "-$first"
	}
	trap end_family EXIT
	until_true sh -c "[ \"\$(portowner list --owners --noheadings 8083 | wc -l)\" -eq 8 ]"
	exits 0 portowner list --noheadings 8083
	lines 1
	row="open tcp * 8083 listen inherited root"
	read -ra words <<<"$out"
	check test "${words[*]:0:7}" = "$row"
	out_has "python3\[$first\] +3"
	exits 0 portowner list --noheadings -o PORT,ADDRESS 8083
	lines 2
	exits 0 portowner list --noheadings -o PORT,PID 8083
	lines 8
	exits 0 portowner -J list 8083
	json '.sockets | length == 2 and all(.owners | length == 4)'
	# ports that only this host can reach come first
	serve 9083
	trap 'end_children; end_family' EXIT
	exits 0 portowner list --noheadings -t
	check has "${out%%$'\n'*}" local
}

# columns_of WIDTH COMMAND: width of its widest line on a terminal of WIDTH columns
columns_of()
{
	script -qec "stty cols $1; $2" /dev/null </dev/null >"$dir/typescript" || fail "no terminal"
	# colours take no room
	sed 's/\r//g; s/\x1b\[[0-9;]*m//g' "$dir/typescript" | wc -L
}

terminals()
{
	local width args

	serve 8080
	refused 8080
	for width in 80 120; do
		for args in '' -a -A --owners log 'log -A' 'log --time=iso' \
			'who 8080' 'list -o all'; do
			check test "$(columns_of "$width" "portowner $args")" -le "$width"
		done
	done
	check test "$(columns_of 80 'NO_COLOR=1 TERM=xterm portowner list')" -gt 20
	check_not grep -q $'\033' "$dir/typescript"
	columns_of 80 'TERM=dumb portowner list' >"$dir/out"
	check_not grep -q $'\033' "$dir/typescript"
	columns_of 80 'TERM=xterm portowner list' >"$dir/out"
	check grep -q $'\033' "$dir/typescript"
}

option_places()
{
	local first

	serve 8080
	exits 0 portowner list --no-headings -o PORT,PID -t
	first=$out
	exits 0 portowner --no-headings -o PORT,PID list -t
	check test "$first" = "$out"
	exits 0 portowner -J list -t
	first=${out//\"age_ns\":+([0-9])/}
	exits 0 portowner list -t -J
	check test "$first" = "${out//\"age_ns\":+([0-9])/}"
	out_has '"port":8080'
}

table()
{
	serve 8080
	exits 0 portowner list
	lines 2
	out_has '127.0.0.1'
	out_has " nc\[$server\]"
	out_has 'local '
	exits 0 portowner list --owners
	lines 2
	out_has " $server "
	out_has ' nc '
	# no colour in a pipe unless asked for
	out_lacks $'\033'
	exits 0 portowner list --no-headings
	lines 1
	out_has 8080
	exits 0 portowner -n list -o PORT,PID --no-headings
	# shellcheck disable=SC2086 # blanks do not matter
	set -- $out
	check test "$*" = "8080 $server"
}

all_netns()
{
	local name="portowner-$$" pid ns

	serve 8080
	check ip netns add "$name"
	cleanup_netns()
	{
		end_children
		ip netns del "$name"
	}
	trap cleanup_netns EXIT
	check ip netns exec "$name" ip link set lo up
	ip netns exec "$name" nc -lkn 127.0.0.1 8080 &
	pid=$!
	pids="$pids $pid"
	until_true ip netns exec "$name" sh -c 'ss -Hltn | grep -q 8080'
	ns=$(stat -Lc %i "/run/netns/$name")
	list_as 8080 -p 8080
	exits 0 portowner -J -A list -p 8080
	json "(.sockets | length == 2 and all(is_socket)) and
		([.sockets[] | select(.netns == $ns)] | length == 1 and
		.[0].netns_name == \"$name\" and .[0].owners[0].pid == $pid) and
		([.sockets[] | select(.netns != $ns)] | length == 1 and
		.[0].netns_name == null and .[0].owners[0].pid == $server)"
}

# A socket that the kernel opened: its owner is a module.
kernel_owner()
{
	vxlan_module
	check ip link add vx0 type vxlan id 1 dstport 4789 dev lo
	trap 'ip link del vx0' EXIT
	check ip link set vx0 up
	exits 0 portowner -J who udp/4789
	json '.sockets | length >= 1 and all(is_socket) and
		all(.kernel_owner == "vxlan" and .owners == [] and
		.owners_hidden == false)'
	exits 0 portowner who udp/4789
	out_has vxlan
}

# Protocols without ports, which have to be named.
protocols()
{
	socat SCTP-LISTEN:8089,bind=127.0.0.1,backlog=7 /dev/null &
	pids=$!
	socat -u IP4-RECV:89 OPEN:/dev/null &
	pids="$pids $!"
	trap end_children EXIT
	until_true portowner -q sctp/8089
	until_true portowner -q raw/89
	list_as 8089 --proto sctp
	list_as 89 --proto raw
	list_as "89 8089" --proto sctp,raw
	list_as "" --proto icmp,udplite
	exits 1 portowner who 89
	exits 0 portowner -J who raw/89
	json '(.sockets | length == 1 and all(is_socket)) and
		.sockets[0].proto == "raw"'
	exits 0 portowner who 8089
	out_has "0 of 7 connections"
	exits 0 portowner -J who 8089
	json '(.sockets | length == 1 and all(is_socket)) and
		.sockets[0].proto == "sctp" and .sockets[0].state == "listen"'
	exits 2 portowner who raw/256
	exits 2 portowner who icmp/http
}

output_lost()
{
	local status

	serve 8080
	for args in list '-J list' 'who 8080' stats -V; do
		run sh -c "portowner $args >/dev/full"
		[ "$rc" -eq 4 ] || fail "status $rc with a full device: $args"
		[ "${#err[@]}" -eq 1 ] || fail "no one line of error: $args"
	done
	run sh -c 'portowner list >&-'
	[ "$rc" -eq 4 ] || fail "status $rc with no output at all"
	# a reader that has gone ends it, with SIGPIPE or with a message
	portowner -J list | true
	status=${PIPESTATUS[0]}
	case $status in
	0 | 4 | 141) ;;
	*) fail "status $status with a closed pipe" ;;
	esac
}

# As in clusters in containers: complete, even if they fill a buffer.
long_cgroups()
{
	local part path length

	printf -v part '%046d' 0
	trap end_children EXIT
	for length in 254 255 256 300 4000; do
		end_children
		path=
		while [ "${#path}" -lt "$length" ]; do
			path+=/$part
		done
		path=${path:0:length}
		check mkdir -p "/sys/fs/cgroup$path"
		(echo "$BASHPID" >"/sys/fs/cgroup$path/cgroup.procs" &&
			exec nc -lkn 127.0.0.1 8105) &
		server=$!
		pids="$pids $server"
		until_true listening 8105
		exits 0 portowner -J 8105
		json ".sockets[0].owners[0].cgroup == \"$path\""
		refused 8105
		exits 0 portowner -J log 8105
		json ".rejects[-1].culprits[0].owners[0].cgroup == \"$path\""
	done
}

many()
{
	local port ports=

	for port in {9000..9014}; do
		nc -lkun 127.0.0.1 "$port" &
		pids="$pids $!"
		ports="$ports $port"
	done
	trap end_children EXIT
	for port in $ports; do
		until_true bound_udp "$port"
	done
	list_as "${ports# }" -u
	exits 0 portowner -J list -u
	json '(.sockets | length == 15 and all(is_socket)) and
		([.sockets[].owners[].pid] | unique | length == 15)'
}

ktap_plan 20
ktap_test help_and_version "help and version"
ktap_test usage_errors "usage errors exit with 2"
ktap_test usage_messages "usage errors name what was wrong"
ktap_test empty "nothing to list is no failure"
ktap_test socket_json "JSON of a socket"
ktap_test inet6_json "JSON of an IPv6 socket"
ktap_test who_exit "who, and its exit status"
ktap_test targets "forms of a target"
ktap_test filters "filters of list"
ktap_test states "connected sockets on demand"
ktap_test whole_sockets "one row for each socket"
ktap_test terminals "tables on a terminal"
ktap_test option_places "options before and after the command"
ktap_test table "tables"
ktap_test all_netns "all network namespaces"
ktap_test kernel_owner "a socket of the kernel"
ktap_test protocols "protocols other than TCP and UDP"
ktap_test output_lost "output that cannot be written"
ktap_test long_cgroups "long paths of cgroups"
ktap_test many "many sockets"
ktap_exit
