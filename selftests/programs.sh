#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Widely used programs, refused in every way: the log, "why" and "run" report it,
# and the advice of "why" helps.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"

# Programs of other users read their configuration there.
chmod 755 "$dir"

# background COMMAND...: its pid in $started
background()
{
	"$@" >"$dir/background" 2>&1 &
	started=$!
	pids="$pids $started"
	trap end_children EXIT
}

# serving PORT COMMAND...: in the background, until it listens there
serving()
{
	local port=$1

	shift
	background "$@"
	until_true listening "$port"
}

# Command prefix for a program that would run forever if it were not refused.
bounded=(timeout 60)
web=(python3 -m http.server)

# nginx_conf NAME LISTEN: where nginx listens, in $dir/NAME.conf
nginx_conf()
{
	local module paths=

	for module in client_body proxy fastcgi uwsgi scgi; do
		paths+=" ${module}_temp_path /tmp/nginx-$module;"
	done
	cat >"$dir/$1.conf" <<-EOT
		daemon off;
		pid /tmp/nginx-$1.pid;
		events {}
		http {
			access_log off;$paths
			server { listen $2; }
		}
	EOT
}

# Command prefix of nginx, to be followed by the path of a configuration.
nginx=(nginx -e stderr -c)

# rejected COUNT COMMAND PORT RULE [CULPRIT]: the records of that port in the log
rejected()
{
	exits 0 portowner -J log "$3"
	json ".rejects | ([.[].count] | add) == $1 and all(.comm == \"$2\" and
		.rule == \"$4\"${5:+ and .culprits[0].owners[0].comm == \"$5\"})"
}

# do_as_told: run the command of "why" that ends the holder
do_as_told()
{
	local -a words

	read -ra words <<<"$(grep '^    kill ' "$dir/out")"
	check "${words[@]}"
}

web_twice()
{
	serving 8200 "${web[@]}" 8200
	check_not "${bounded[@]}" "${web[@]}" 8200
	rejected 1 python3 8200 reuseaddr-holder-listening python3
	exits 0 portowner why
	says "Both sockets set SO_REUSEADDR, but that does not help here"
	# Two programs of one interpreter may differ.
	says "- Stop python3?$started? if it should not have the port:"
	exits 0 portowner why --fix 8200
	check test "${out%%$'\n'*}" = "kill $started"
	out_lacks Stop
	exits 0 portowner why
	do_as_told
	exits 0 portowner wait 8200 --free --timeout 30
	serving 8200 "${web[@]}" 8200
	exits 0 portowner -q wait 8200 --timeout 30
}

# nginx tries five times, half a second apart, and each is a refusal.
nginx_retries()
{
	serving 8201 "${web[@]}" 8201
	nginx_conf a 8201
	run "${bounded[@]}" portowner -J run -- "${nginx[@]}" "$dir/a.conf"
	check test "$rc" -eq 1
	sed -n '/^{"rejects"/,$p' "$dir/err" >"$dir/out"
	json "(.rejects | length == 1 and .[0].count == 5 and all(.comm == \"nginx\" and
		.addr == \"0.0.0.0\" and .rule == \"reuseaddr-holder-listening\" and
		.culprits[0].owners[0].pid == $started)) and
		([.rejects[].pid] | unique | length == 1)"
	rejected 5 nginx 8201 reuseaddr-holder-listening python3
	exits 0 portowner why
	says "Stop python3?$started? if it should not have the port:"
	says 'listen 0.0.0.0:8201 reuseport;'
}

# A daemon with several processes: the port is free when the last one has ended.
nginx_holds()
{
	nginx_conf a 8202
	serving 8202 "${nginx[@]}" "$dir/a.conf"
	until_true sh -c "portowner list --no-headings -o pid -p 8202 |
		sort -u | sed -n '2q; \$q1'"
	check_not "${bounded[@]}" socat -u TCP4-LISTEN:8202,reuseaddr=0 STDOUT
	rejected 1 socat 8202 address-in-use nginx
	exits 0 portowner why
	says 'in the way nginx?'"$started"'? and '
	do_as_told
	exits 0 portowner wait 8202 --free --timeout 30
}

nginx_on_wildcard()
{
	background socat -u TCP4-LISTEN:8203,bind=127.0.0.1,reuseaddr=0 STDOUT
	until_true listening 8203
	nginx_conf a 8203
	check_not "${bounded[@]}" "${nginx[@]}" "$dir/a.conf"
	rejected 5 nginx 8203 wildcard-covers socat
	exits 0 portowner why
	says '0.0.0.0 covers every IPv4 address of this host'
	says 'If nginx?'
	says 'can make do with an address other than 127.0.0.1, bind that one instead of 0.0.0.0: listen ADDRESS:8203;'
	nginx_conf a 127.0.0.2:8203
	background "${nginx[@]}" "$dir/a.conf"
	exits 0 portowner wait 127.0.0.2:8203 --timeout 30
}

nginx_dual_stack()
{
	serving 8204 socat -u TCP4-LISTEN:8204,reuseaddr=0 STDOUT
	nginx_conf a '[::]:8204 ipv6only=off'
	check_not "${bounded[@]}" "${nginx[@]}" "$dir/a.conf"
	rejected 5 nginx 8204 dual-stack-covers socat
	exits 0 portowner why
	says '[[]::] also covers IPv4 unless IPV6_V6ONLY is set, and the new socket did not set it'
	out_has '    listen [[]::]:8204 ipv6only=on;'
	nginx_conf a '[::]:8204 ipv6only=on'
	background "${nginx[@]}" "$dir/a.conf"
	exits 0 portowner wait '[::]:8204' --timeout 30
}

web_dual_stack()
{
	serving 8205 "${web[@]}" --bind :: 8205
	check_not "${bounded[@]}" socat -u TCP4-LISTEN:8205,reuseaddr=0 STDOUT
	rejected 1 socat 8205 dual-stack-covers python3
	exits 0 portowner why
	says "Set IPV6_V6ONLY on the [[]::] socket of python3?$started? before bind(), so that it leaves IPv4 to others: sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)"
}

# One process with two sockets: IPv4 first, then a wildcard that covers it.
nginx_itself()
{
	nginx_conf a '8206; listen [::]:8206 ipv6only=off'
	check_not "${bounded[@]}" "${nginx[@]}" "$dir/a.conf"
	exits 0 portowner -J log 8206
	json '.rejects | length > 0 and all(.comm == "nginx" and
		.culprits[0].owners[0].pid == .pid)'
	exits 0 portowner why
	says '[[]::] also covers IPv4 unless IPV6_V6ONLY is set'
	says '- Restarting will not help: nginx?'
	out_has '    listen [[]::]:8206 ipv6only=on;'
	out_lacks '    kill'
}

in_state_time_wait()
{
	local hex

	printf -v hex '%04X' "$1"
	grep -q ":$hex [0-9A-F]*:[0-9A-F]* 06 " /proc/net/tcp
}

# The web server closes first, so TIME_WAIT is on its side.
rest_of_web()
{
	serving 8207 "${web[@]}" --directory "$dir" 8207
	check python3 - <<-EOT
		import socket
		c = socket.create_connection(("127.0.0.1", 8207))
		c.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
		while c.recv(4096):
		    pass
	EOT
	end_children
	until_true in_state_time_wait 8207
	check_not "${bounded[@]}" socat -u TCP4-LISTEN:8207,reuseaddr=0 STDOUT
	exits 0 portowner -J log 8207
	json '.rejects | length == 1 and .[0].rule == "time-wait" and
		.[0].culprits[0].state == "time-wait"'
	exits 0 portowner why
	says 'No listening socket is in the way:'
	says 'here only the existing socket did'
	says '- Or wait: '
	out_has '    TCP-LISTEN:8207,reuseaddr'
	serving 8207 socat -u TCP4-LISTEN:8207,reuseaddr STDOUT
}

nginx_reuseport()
{
	nginx_conf a '8208 reuseport'
	nginx_conf b 8208
	serving 8208 "${nginx[@]}" "$dir/a.conf"
	check_not "${bounded[@]}" "${nginx[@]}" "$dir/b.conf"
	rejected 5 nginx 8208 reuseaddr-holder-listening nginx
	exits 0 portowner why
	says 'before bind(), as the other side did: listen 0.0.0.0:8208 reuseport;'
	nginx_conf b '8208 reuseport'
	background "${nginx[@]}" "$dir/b.conf"
	until_true shared_by_two 8208
	# and nobody else may join
	check_not "${bounded[@]}" "${as_user[@]}" socat -u \
		TCP4-LISTEN:8208,reuseaddr=0,reuseport STDOUT
	rejected_last socat reuseport-uid-differs
	exits 0 portowner why
	says 'belongs to uid 0 (root), the new one to uid 1000'
}

# Two masters, each with a socket of its own.
shared_by_two()
{
	[ "$(portowner -J list -p "$1" | jq '[.sockets[].cookie] | unique | length')" -ge 2 ]
}

rejected_last()
{
	exits 0 portowner -J log
	json ".rejects[-1] | .comm == \"$1\" and .rule == \"$2\""
}

privileged()
{
	nginx_conf a 83
	check_not "${bounded[@]}" "${as_user[@]}" "${web[@]}" 81
	rejected 1 python3 81 privileged-port
	check_not "${bounded[@]}" "${as_user[@]}" nc -ln 82
	rejected 1 nc 82 privileged-port
	check_not "${bounded[@]}" "${as_user[@]}" "${nginx[@]}" "$dir/a.conf"
	exits 0 portowner -J log 83
	json '.rejects | length > 0 and all(.comm == "nginx" and
		.rule == "privileged-port" and .errno == "EACCES" and .uid == 1000)'
	exits 0 "${as_user[@]}" portowner why 81
	says 'Ports below 1024'
	out_has '    sysctl -w net.ipv4.ip_unprivileged_port_start=81'
	echo 81 >/proc/sys/net/ipv4/ip_unprivileged_port_start
	serving 81 "${as_user[@]}" "${web[@]}" 81
	echo 1024 >/proc/sys/net/ipv4/ip_unprivileged_port_start
}

foreign()
{
	nginx_conf a 192.0.2.1:8209
	check_not "${bounded[@]}" "${web[@]}" --bind 192.0.2.1 8209
	rejected 1 python3 8209 address-not-local
	check_not "${bounded[@]}" "${nginx[@]}" "$dir/a.conf"
	rejected_last nginx address-not-local
	check_not "${bounded[@]}" socat -u UDP4-RECV:8209,bind=192.0.2.1 STDOUT
	rejected_last socat address-not-local
	exits 0 portowner why udp/8209
	says 'No interface of this network namespace had the address 192.0.2.1'
}

client_has_it()
{
	serving 8210 "${web[@]}" 8210
	echo '45001 45001' >/proc/sys/net/ipv4/ip_local_port_range
	background socat -u TCP4:127.0.0.1:8210 STDOUT
	until_true sh -c 'ss -Htn state established sport = :45001 | grep -q .'
	echo '32768 60999' >/proc/sys/net/ipv4/ip_local_port_range
	check_not "${bounded[@]}" "${web[@]}" 45001
	rejected 1 python3 45001 wildcard-covers socat
	exits 0 portowner why
	says "No listening socket is in the way: an outgoing connection of socat?$started? holds the port."
	out_has '    sysctl -w net.ipv4.ip_local_reserved_ports=45001'
	do_as_told
}

range_is_full()
{
	echo '41000 41001' >/proc/sys/net/ipv4/ip_local_port_range
	background socat -u UDP4-RECV:41000 STDOUT
	background socat -u UDP4-RECV:41001 STDOUT
	serving 41000 "${web[@]}" 41000
	serving 41001 "${web[@]}" 41001
	until_true bound_udp 41000
	until_true bound_udp 41001
	check_not "${bounded[@]}" "${web[@]}" 0
	rejected_last python3 ephemeral-exhausted
	exits 0 portowner why
	says 'Of the 2 ports from 41000 to 41001, 2 are in use and 0 are reserved. Most of them are held by python3['
	echo full | check_not "${bounded[@]}" socat -u STDIN UDP4:127.0.0.1:41000
	rejected_last socat ephemeral-exhausted
	exits 0 portowner why
	echo '32768 60999' >/proc/sys/net/ipv4/ip_local_port_range
	says 'automatic bind to udp '
	says 'held by socat['
	exits 0 portowner check tcp/0
}

datagrams()
{
	background socat -u UDP4-RECV:8211,bind=127.0.0.1 STDOUT
	until_true bound_udp 8211
	check_not "${bounded[@]}" nc -lun 127.0.0.1 8211
	rejected 1 nc 8211 address-in-use socat
	exits 0 portowner why
	says 'Another socket already held udp 127.0.0.1:8211. Two sockets can share a port only if both set SO_REUSEADDR (here only the new socket did), or both set SO_REUSEPORT and belong to the same user (here only the new socket did).'
	do_as_told
	exits 0 portowner wait udp/8211 --free --timeout 30
}

waited_for()
{
	local waiter

	portowner wait 8212 --timeout 60 >"$dir/waited" &
	waiter=$!
	nginx_conf a 8212
	background "${nginx[@]}" "$dir/a.conf"
	check wait "$waiter"
	check has "$(cat "$dir/waited")" "tcp 0.0.0.0:8212 listen: nginx?$started?"
}

# It is called docker-proxy, and its command line names the container.
docker_proxy()
{
	local python

	python=$(readlink -f "$(command -v python3)")
	check install -m 755 "$python" "$dir/docker-proxy"
	serving 8213 "$dir/docker-proxy" -c '
import signal, socket
s = socket.create_server(("0.0.0.0", 8213))
signal.pause()' -proto tcp -host-ip 0.0.0.0 -host-port 8213 -container-ip 172.17.0.2 -container-port 80
	check_not "${bounded[@]}" socat -u TCP4-LISTEN:8213,reuseaddr=0 STDOUT
	exits 0 portowner why
	says 'on behalf of container 172.17.0.2, port 80'
	out_has '    docker ps --filter publish=8213'
	out_lacks '    kill'
	out_lacks 'Set SO_'
	exits 0 portowner who 8213
	says 'container 172.17.0.2, port 80'
	exits 0 portowner -J who 8213
	json '.sockets[0].forwards ==
		{ engine: "docker", container: null, addr: "172.17.0.2", port: 80 }'
}

# older_than NS PORT: it was bound so long ago that its holder cannot just be starting
older_than()
{
	[ "$(portowner --json who "$2" | jq '.sockets[0].age_ns')" -gt "$1" ]
}

# From all addresses to one: nginx is in its own way.
nginx_narrows()
{
	nginx_conf a 8214
	serving 8214 "${nginx[@]}" "$dir/a.conf"
	until_true older_than 500000000 8214
	nginx_conf a 127.0.0.1:8214
	check kill -HUP "$started"
	until_true portowner -q why tcp/127.0.0.1:8214
	exits 0 portowner why tcp/127.0.0.1:8214
	says 'under an older configuration'
	says 'a reload cannot replace tcp 0.0.0.0:8214 with tcp 127.0.0.1:8214, but a restart can'
	out_lacks '    kill'
}

ktap_plan 17
ktap_test web_twice "http.server, started twice"
ktap_test nginx_retries "nginx tries five times, and run reports it"
ktap_test nginx_holds "nginx has the port, with all its processes"
ktap_test nginx_on_wildcard "nginx on all addresses, another on one"
ktap_test nginx_dual_stack "nginx on [::] and IPv4"
ktap_test web_dual_stack "http.server on [::] covers IPv4"
ktap_test nginx_itself "nginx, in the way of itself"
ktap_test rest_of_web "what http.server has left behind"
ktap_test nginx_reuseport "nginx with reuseport and without, and another user"
ktap_test privileged "privileged ports"
ktap_test foreign "addresses of others"
ktap_test client_has_it "socat as a client has the port"
ktap_test range_is_full "no port is left to choose"
ktap_test datagrams "UDP: socat and nc"
ktap_test waited_for "waiting for nginx"
ktap_test docker_proxy "what forwards to a container"
ktap_test nginx_narrows "nginx, reloaded with another address"
ktap_exit
