#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Load and unload the module, idle and busy. It is loaded before and after.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"

# shellcheck source=lib/reload.sh
. "$(dirname "$0")/lib/reload.sh"

params=/sys/module/portowner/parameters

# The kernel's own verdict: oops, bad page, machine check, lockup, warning.
tainted()
{
	echo $(($(cat /proc/sys/kernel/tainted) &
		(1 << 4 | 1 << 5 | 1 << 7 | 1 << 9 | 1 << 14)))
}

idle()
{
	for _ in {1..20}; do
		check rmmod portowner
		check_not loaded
		check load
		check loaded
	done
	exits 0 portowner -J stats
}

not_loaded()
{
	check rmmod portowner
	exits 3 portowner --source=module list
	exits 3 portowner --source=module who 80
	exits 3 portowner --source=module 80
	exits 3 portowner -J log
	exits 3 portowner log -f
	exits 3 portowner --source=module stats
	check has "${err[0]}" module
	# a line on stderr names what only the module knows
	run portowner -J stats
	check test "$rc" -eq 0
	json .
	check has "${err[0]}" "modprobe portowner"
	# usage errors and help are the same with or without it
	exits 2 portowner who bogus/80
	exits 0 portowner --help
	exits 0 portowner --version
	# what the kernel knows is still answered, and the rest is named
	serve 8080
	run portowner who 80
	check test "$rc" -eq 1
	run portowner -J 8080
	check test "$rc" -eq 0
	json ".source == \"diag\" and (.sockets | length == 1) and
		.sockets[0].owners[0].pid == $server and
		.sockets[0].unseen_refs == null and
		.sockets[0].owners_hidden == false"
	check has "${err[0]}" "modprobe portowner"
	check load
	exits 0 portowner -J 8080
	json '.source == "module" and .sockets[0].unseen_refs == 0'
	# a protocol that this kernel may lack does not mean that the module is going
	run portowner list --proto udplite,mptcp
	check_not has "${err[*]}" 'kernel module'
	run portowner list --proto udplite
	check_not has "${err[*]}" 'kernel module'
}

# A query during unloading gets a clear message.
unloading()
{
	local args asked=0

	(for _ in {1..20}; do rmmod portowner; load; done) 2>/dev/null &
	pids=$!
	trap 'end_children; cleanup' EXIT
	while kill -0 "$pids" 2>/dev/null; do
		for args in list '-J log' stats 'check 80' 'who 80'; do
			# shellcheck disable=SC2086 # these are several arguments
			run portowner $args
			asked=$((asked + 1))
			case $rc in
			0 | 1) ;;
			3) check has "${err[0]}" 'kernel module' ;;
			*) show_run; fail "status $rc while the module is unloaded: $args" ;;
			esac
		done
	done
	check test "$asked" -gt 10
}

counters()
{
	check "$helpers/busy" bind 8080 5
	exits 0 portowner -J stats
	json '.rejects_seen >= 5'
	check rmmod portowner
	check load
	exits 0 portowner -J stats
	json '.rejects_seen == 0 and .rejects_kept == 0 and
		.rejects_dropped == 0 and .probe_missed == 0'
	exits 0 portowner -J log
	json '.rejects == []'
}

# Sockets that are older than the module are found like any other.
older_sockets()
{
	check rmmod portowner
	serve 8080
	check load
	exits 0 portowner -J who 8080
	json ".sockets[0].owners[0].pid == $server and
		.sockets[0].binder == null and .sockets[0].age_ns == null"
	refused 8080
	exits 0 portowner -J log
	json ".rejects[-1].culprits[0].owners[0].pid == $server"
}

reload_while()
{
	for _ in {1..5}; do
		check "$helpers/busy" unload
		check load
	done
}

refused_binds()
{
	local one two fd_one

	start one "$helpers/busy" bind 8080
	one=$started
	fd_one=$fifo
	start two "$helpers/busy" bind 8081
	two=$started
	reload_while
	finish "$one" "$fd_one"
	finish "$two" "$fifo"
	exits 0 portowner -J stats
	json '.rejects_seen == .rejects_counted + .rejects_dropped'
}

automatic_binds()
{
	start one unshare --net sh -c "ip link set lo up; exec '$helpers/busy' exhaust"
	reload_while
	finish "$started" "$fifo"
}

# SCTP was loaded before. In the other tests it is loaded later.
sctp()
{
	modprobe sctp 2>/dev/null || skip "no SCTP in this kernel"
	check rmmod portowner
	check load
	python3 - <<-EOT || fail "SCTP: both listen, or neither does"
		import errno, socket
		socks = []
		for i in range(2):
		    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP)
		    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		    s.bind(("127.0.0.1", 8082))
		    socks.append(s)
		socks[0].listen()
		try:
		    socks[1].listen()
		except OSError as e:
		    raise SystemExit(e.errno != errno.EADDRINUSE)
		raise SystemExit(1)
	EOT
	exits 0 portowner -J stats
	json '.rejects_seen == 1'
}

dumps()
{
	serve 8080
	start one "$helpers/busy" dump
	reload_while
	finish "$started" "$fifo"
	exits 0 portowner who 8080
}

# Half a dump has been read: the module stays, or is unloaded cleanly.
stalled_dump()
{
	start stall "$helpers/busy" stall
	if rmmod portowner 2>"$dir/err"; then
		check_not loaded
		check load
	else
		check grep -qi 'in use' "$dir/err"
		check loaded
	fi
	finish "$started" "$fifo"
	check "$helpers/busy" unload
	check load
}

followed()
{
	refused 8080
	[ -s "$dir/out" ]
}

# follow OPTION: run log -f, with output in $dir/out
follow()
{
	portowner -J "$1" log -f >"$dir/out" 2>"$dir/err" &
	follower=$!
	pids="$pids $follower"
	trap end_children EXIT
	serve 8080
	until_true followed
}

# shows FILTER: log -f has printed such a refusal
shows()
{
	jq -se "any($1)" <"$dir/out" >"$dir/jq"
}

alias=/etc/modprobe.d/portowner-selftest.conf

# In poll(), so the tool has finished its setup. On 5.10, wchan does not tell.
waits()
{
	grep -q poll "/proc/$follower/stack"
}

# Waiting does not load the module that somebody has unloaded, even if asking for it would.
stays_unloaded()
{
	echo 'alias net-pf-16-proto-16-family-portowner portowner' >"$alias"
	follow -n
	trap 'end_children; rm -f "$alias"' EXIT
	check "$helpers/busy" unload
	until_true grep -q 'note: waiting until it is loaded again' "$dir/err"
	until_true waits
	check_not loaded
	check kill "$follower"
	check wait "$follower"
	exits 0 portowner --source=module stats
	check loaded
}

# It continues with everything logged since the module was loaded again.
follower()
{
	local option

	for option in -n -nA; do
		follow "$option"
		check "$helpers/busy" unload
		until_true grep -q 'note: waiting until it is loaded again' "$dir/err"
		check load
		check "$helpers/busy" bind 8081 20
		until_true shows '.port == 8081 and .count == 20 and .seq == 20'
		check grep -qx 'portowner: note: the kernel module is loaded again' "$dir/err"
		# twice, and quickly
		check "$helpers/busy" unload
		check load
		check "$helpers/busy" unload
		check load
		refused 8080
		until_true shows '.port == 8080 and .count == 1 and .seq == 1'
		check_not grep -q dropped "$dir/err"
		check kill "$follower"
		check wait "$follower"
		follow "$option"
		check "$helpers/busy" unload
		until_true grep -q 'note: waiting until it is loaded again' "$dir/err"
		check kill "$follower"
		check wait "$follower"
		check load
		kill "$server"
		wait "$server" || :
	done
}

namespaces()
{
	for _ in {1..5}; do
		unshare --net sh -c "ip link set lo up
			exec '$helpers/busy' bind 8080 20" &
		pids="$pids $!"
	done
	trap end_children EXIT
	reload_while
	end_children
}

mark()
{
	echo "portowner-selftest: mark $1" >/dev/kmsg
}

# kernel_log MARK: the module's lines since then, bytes as they are, which
# neither dmesg nor /dev/kmsg shows
kernel_log()
{
	python3 - "$1" <<-EOT
		import ctypes, os, sys
		READ_ALL = 3
		buf = ctypes.create_string_buffer(1 << 20)
		size = ctypes.CDLL(None).klogctl(READ_ALL, buf, len(buf))
		mark = b"portowner-selftest: mark " + os.fsencode(sys.argv[1])
		text = buf.raw[:size].rpartition(mark)[2]
		for line in text.split(b"\n")[1:]:
		    if b"portowner" in line:
		        sys.stdout.buffer.write(line + b"\n")
	EOT
}

# Lines are printed a little later than binds are refused.
logged()
{
	[ "$(kernel_log "$1")" ]
}

# A fresh module, since the lines of earlier tests count towards its limit.
fresh_mark()
{
	fresh
	mark "$1"
}

log_line()
{
	local evil=$'\033[2J\n\x9bfoo'

	serve 8080
	cp "$(command -v socat)" "$dir/$evil"
	fresh_mark line
	# not in the initial network namespace
	echo 2 >"$params/log_printk"
	refused 8080 program "$dir/$evil"
	until_true logged line
	run kernel_log line
	lines 1
	out_has '127.0.0.1:8080'
	out_has EADDRINUSE
	out_has "nc?$server?"
	out_has foo
	# neither control characters nor those of the upper half
	check_not env LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f-\x9f]' \
		"$dir/out"
}

log_rate()
{
	local -a printed

	fresh_mark rate
	echo 2 >"$params/log_printk"
	check "$helpers/busy" bind 8081 2000
	exits 0 portowner -J stats
	json '.rejects_seen >= 2000'
	# all is printed before the module is gone
	fresh
	mapfile -t printed < <(kernel_log rate)
	if [ "${#printed[@]}" -lt 1 ] || [ "${#printed[@]}" -gt 200 ]; then
		fail "${#printed[@]} lines for 2000 refusals"
	fi
}

# Every refusal of user 1000 is a new record; lines count up to its share of them.
log_fair()
{
	local -a printed
	local began=$SECONDS most

	fresh_mark fair
	echo 2 >"$params/log_printk"
	check "${as_user[@]}" python3 -c '
import errno, socket
for port in range(9000, 9200):
    try:
        socket.socket(type=socket.SOCK_DGRAM).bind(("192.0.2.1", port))
    except OSError as e:
        if e.errno == errno.EADDRNOTAVAIL:
            continue
    raise SystemExit("not refused")'
	serve 8082
	refused 8082
	fresh
	mapfile -t printed < <(kernel_log fair | grep refused)
	# ten in each interval of five seconds, and the line of the other user
	most=$((((SECONDS - began) / 5 + 2) * 10 + 1))
	printf '%s\n' "${printed[@]}"
	if [ "${#printed[@]}" -lt 11 ] || [ "${#printed[@]}" -gt "$most" ]; then
		fail "${#printed[@]} lines for 201 refusals, not 11 to $most"
	fi
	has "${printed[-1]}" '127.0.0.1:8082 ' || fail "no line for the other user"
	has "${printed[*]}" 'lines left out' || fail "no line says that others are missing"
}

sockets_are()
{
	[ "$(sed -n 's/^sockets: used //p' /proc/net/sockstat)" -eq "$1" ]
}

# A socket that is closed during bind() is freed, even if no probe sees the call
# return.
held_binds()
{
	local before

	before=$(sed -n 's/^sockets: used //p' /proc/net/sockstat)
	start held "$helpers/held"
	check rmmod portowner
	finish "$started" "$fifo"
	until_true sockets_are "$before"
	check load
	start held "$helpers/held"
	finish "$started" "$fifo"
	until_true sockets_are "$before"
	exits 0 portowner -J log 1025
	json '.rejects | length == 1 and
		(.[0] | .rule == "already-bound" and .comm == "held")'
}

# calls_are FILTER: true for $seen, $missed and their sum, $both
calls_are()
{
	portowner -J stats >"$dir/out" &&
		jq -e ".rejects_seen as \$seen | .probe_missed as \$missed |
			(\$seen + \$missed) as \$both | $1" <"$dir/out"
}

# More than one user's share.
many_binds()
{
	fresh_mark many
	start held "$helpers/held" 300
	finish "$started" "$fifo"
	until_true calls_are "\$seen == 300 and \$missed == 0"
	start held "$helpers/held" 700
	finish "$started" "$fifo"
	until_true calls_are "\$both == 1000 and .missed_share == \$missed and
		\$missed > 100 and \$missed < 300"
}

updates=/lib/modules/$(uname -r)/updates

# A kernel thread is refused a port.
kbind_refused()
{
	check_not insmod "$updates/kbind.ko" port=8083 "$@"
}

# Few calls at a time, each of which is seen.
past_kernel_bind()
{
	fresh_mark past
	serve 8083
	kbind_refused
	kbind_refused past=1
	kbind_refused past=1
	refused 8083
	until_true calls_are "\$seen == 4 and \$missed == 0"
	check "$here/refusals"
	check "$here/denied"
}

# Without ftrace no probe would see anything, unless probes are breakpoints, as on arm64.
# A module that fails to load is freed even if somebody uses it: nobody could until then.
ftrace_off()
{
	local switch=/proc/sys/kernel/ftrace_enabled

	[ -e "$switch" ] || skip "this kernel has no ftrace"
	grep -q ' inet_bind.*\[FTRACE\]' /sys/kernel/debug/kprobes/list ||
		skip "the probes of this kernel are breakpoints"
	trap 'echo 1 >/proc/sys/kernel/ftrace_enabled' EXIT
	check rmmod portowner
	# Newer kernels do not.
	echo 0 >"$switch" || skip "this kernel does not switch it off"
	mark ftrace
	start early "$helpers/busy" early
	trap 'end_children; echo 1 >/proc/sys/kernel/ftrace_enabled' EXIT
	check_not load
	finish "$started" "$fifo"
	run kernel_log ftrace
	lines 1
	out_has 'ftrace_enabled is 0'
	echo 1 >"$switch"
	check load
}

clean()
{
	check test "$(tainted)" -eq "$taint_before"
}

loaded || load || exit 1
taint_before=$(tainted)
ktap_plan 22
reload_test idle "load and unload twenty times"
reload_test not_loaded "without the module the tool exits with 3"
reload_test unloading "what the tool says while the module is unloaded"
reload_test counters "counters start from zero"
reload_test older_sockets "sockets older than the module"
reload_test refused_binds "reload during refused binds"
reload_test automatic_binds "reload during automatic binds"
reload_test sctp "SCTP is there already"
reload_test dumps "reload during dumps"
reload_test stalled_dump "unload during a dump that is not read"
reload_test stays_unloaded "log -f does not load the module"
reload_test follower "log -f goes on when the module is loaded again"
reload_test namespaces "reload while namespaces end"
reload_test held_binds "unload during a bind that waits"
reload_test many_binds "more binds at once than usual"
reload_test past_kernel_bind "binds of the kernel, past kernel_bind()"
reload_test log_line "one line in the kernel log, escaped"
reload_test log_rate "lines in the kernel log are limited"
reload_test log_fair "one user cannot use up all lines"
reload_test ftrace_off "no ftrace, no module"
ktap_test cleanup "loaded again"
reload_test clean "no warning and no oops"
ktap_exit
