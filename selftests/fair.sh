#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# No user can blind the module to others, or keep it from being unloaded; and it
# works alongside other users of the same functions. It is loaded before and after.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"
# shellcheck source=lib/reload.sh
. "$(dirname "$0")/lib/reload.sh"

tracing=/sys/kernel/tracing

# Asleep in the middle of bind(), more than one user may be.
asleep()
{
	fresh
	start held elsewhere "$helpers/held" 600 1234
	until_true stats_are '.missed_share > 50 and .missed_no_instance == 0 and
		.probe_missed == .missed_share + .missed_nested'
	seen_here
	check stats_are '.missed_no_instance == 0'
	finish "$started" "$fifo"
	# all charges of that user have been released
	fresh
	start held elsewhere "$helpers/held" 100 1234
	finish "$started" "$fifo"
	check stats_are '.probe_missed == 0'
}

# Refused in a loop.
flood()
{
	fresh
	start flood gently "$helpers/abuse" refused 8080 150
	seen_here
	finish "$started" "$fifo"
}

# Stopped by a tracer before they come back.
traced()
{
	fresh
	start traced elsewhere "$helpers/abuse" traced 8080 100
	seen_here
	finish "$started" "$fifo"
}

apart()
{
	[ "$(readlink /proc/self/ns/user)" != "$(readlink "/proc/$box/ns/user")" ]
}

# In a user namespace made by root for others, as by container engines, a user binds
# more sockets than can be recorded: root loses no records.
contained()
{
	local box

	check rmmod portowner
	check load binders_max=1024
	unshare --user --net sleep 600 &
	box=$!
	pids="$pids $box"
	trap end_children EXIT
	until_true apart
	echo '0 100000 65536' >"/proc/$box/gid_map"
	echo '0 100000 65536' >"/proc/$box/uid_map"
	serve 8082
	start contained nsenter -t "$box" --user --net --setuid 0 --setgid 0 python3 -c '
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
held = [socket.socket(type=socket.SOCK_DGRAM) for i in range(4000)]
for s in held:
    s.bind(("", 0))
print("ready", flush=True)
sys.stdin.readline()'
	until_true stats_are '.binders_evicted > 500'
	exits 0 portowner -J who 8082
	json ".sockets[0].binder.pid == $server"
	seen_here
	finish "$started" "$fifo"
	fresh
}

# Two user namespaces made by root, without a root of their own: two users.
rootless()
{
	local id box

	check rmmod portowner
	# the second refusal drops the first
	check load log_size=1
	for id in 100000 200000; do
		unshare --user sleep 600 &
		box=$!
		pids="$pids $box"
		trap end_children EXIT
		until_true apart
		echo "1000 $id 1" >"/proc/$box/gid_map"
		echo "1000 $id 1" >"/proc/$box/uid_map"
		exits 0 nsenter -t "$box" --user --setuid 1000 --setgid 1000 python3 -c '
import socket, subprocess
try:
    socket.socket().bind(("192.0.2.8", 1234))
except OSError:
    pass
print(subprocess.check_output(["portowner", "-J", "stats"]).decode())'
		json '.rejects_dropped_own == 0'
	done
	check stats_are '.rejects_dropped == 1'
	fresh
}

# Pending refusals are dropped, even of tasks that cannot continue. The limit of two
# seconds is for a real CPU: an emulated one may take more than twice as long.
unload()
{
	local traced fd_traced held fd_held limit=5000

	fresh
	for _ in 1 2 3; do
		start traced elsewhere "$helpers/abuse" traced 8080 20
		traced=$started
		fd_traced=$fifo
		start held elsewhere "$helpers/held" 20 1234
		held=$started
		fd_held=$fifo
		start flood gently "$helpers/abuse" refused 8080 40
		unload_in "$limit"
		check load
		unload_in "$limit"
		finish "$started" "$fifo"
		finish "$traced" "$fd_traced"
		finish "$held" "$fd_held"
		check load
	done
	seen_here
}

# Pending refusals are dropped, even of a task that runs in the kernel for very long.
unload_busy()
{
	fresh
	start busy elsewhere "$helpers/abuse" busy
	unload_in 5000
	finish "$started" "$fifo"
	check load
	seen_here
}

# Makes a sweep slow: SCTP sockets are found by descriptors only, and these, in fifty namespaces, have none
# since they are in flight, so a sweep searches 20 tables of a million descriptors for each namespace.
crowd()
{
	python3 -c '
import array, ctypes, os, resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 20, 1 << 20))
box = socket.socketpair()
for i in range(50):
    if ctypes.CDLL(None).unshare(0x40000000):
        sys.exit("unshare")
    s = socket.socket(proto=132)
    s.bind(("", 8086))
    box[0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [s.fileno()]))])
    s.close()
os.dup2(0, (1 << 20) - 1)
pipe = os.pipe()
for i in range(20):
    if not os.fork():
        os.close(pipe[1])
        os.read(pipe[0], 1)
        os._exit(0)
print("ready", flush=True)
sys.stdin.readline()'
}

# A sweep over the records of binders ends when the module is unloaded, however long it would have taken.
sweep()
{
	modprobe sctp 2>/dev/null || skip "no SCTP in this kernel"
	fresh
	start crowd crowd
	# enough to need more records, which starts a sweep
	check python3 -c 'import socket
for i in range(2000): socket.socket(type=socket.SOCK_DGRAM).bind(("", 0))'
	unload_in 5000
	finish "$started" "$fifo"
	check load
	seen_here
}

# MPTCP binds for a user in a work item, which runs as root: the user is charged.
mptcp()
{
	# shellcheck disable=SC2016 # for the other shell
	local user='
		ip link set lo up
		ip mptcp limits set subflow 1 && ip mptcp endpoint add 192.0.2.7 subflow || exit 4
		exec python3 - <<-EOT
			import json, socket, subprocess, sys
			def portowner(what):
			    return json.loads(subprocess.check_output(["portowner", "-J", what]))
			def new(proto=262):
			    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, proto)
			def wanted(addr):
			    return any(r["addr"] == addr for r in portowner("log")["rejects"])
			listener, client = new(), new()
			listener.bind(("127.0.0.1", 8087))
			listener.listen()
			client.connect(("127.0.0.1", 8087))
			server = listener.accept()[0]
			for a, b in [(client, server), (server, client)] * 2:
			    a.send(b"x")
			    b.recv(1)
			while not wanted("192.0.2.7"):
			    pass
			before = portowner("stats")["rejects_dropped"]
			try:
			    new(0).bind(("192.0.2.8", 1024))
			except OSError:
			    pass
			while not wanted("192.0.2.8"):
			    pass
			# MPTCP may have tried more than once.
			after = portowner("stats")
			sys.exit(not before < after["rejects_dropped"] == after["rejects_dropped_own"])
		EOT'

	grep -q '^MPTCP ' /proc/net/protocols || skip "no MPTCP in this kernel"
	check rmmod portowner
	# the second one drops the first
	check load log_size=1
	run timeout 60 "${as_user[@]}" unshare -Urn sh -c "$user"
	[ "$rc" -ne 4 ] || skip "this kernel does not let users set up more paths"
	show_run
	check [ "$rc" -eq 0 ]
	fresh
}

# Very many calls at once, then as before.
binding()
{
	fresh
	start binding gently "$helpers/abuse" binding 100
	seen_here
	finish "$started" "$fifo"
	check stats_are '.probe_missed == 0'
}

tracer()
{
	echo "$1" >"$tracing"/current_tracer
}

# with_tracer NAME: also load the module while the tracer is active
with_tracer()
{
	[ -w "$tracing"/current_tracer ] || mount -t tracefs none "$tracing" ||
		skip "no tracefs in this kernel"
	grep -qw "$1" "$tracing"/available_tracers || skip "no tracer $1"
	fresh
	trap 'tracer nop; echo >"$tracing"/set_ftrace_filter' EXIT
	# to patch all functions keeps an emulated CPU busy for so long that the kernel complains
	echo '*inet* security_socket_* *kretprobe* *rethook*' >"$tracing"/set_ftrace_filter
	tracer "$1"
	seen_here
	fresh
	seen_here
	tracer nop
	seen_here
	check stats_are '.probe_missed == 0'
}

function_tracer()
{
	with_tracer function
}

graph_tracer()
{
	with_tracer function_graph
}

# Probes of others on the same functions.
other_probes()
{
	local symbol events="$tracing"/kprobe_events

	[ -w "$events" ] || mount -t tracefs none "$tracing" ||
		skip "no tracefs in this kernel"
	fresh
	trap 'echo 0 >"$tracing"/events/kprobes/enable; echo >"$tracing"/kprobe_events' EXIT
	for symbol in __sys_bind security_socket_bind inet_bind inet_listen; do
		echo "p:p_$symbol $symbol" >>"$events"
		echo "r:r_$symbol $symbol" >>"$events"
	done
	echo 1 >"$tracing"/events/kprobes/enable
	seen_here
	fresh
	seen_here
	echo 0 >"$tracing"/events/kprobes/enable
	echo >"$events"
	trap - EXIT
	seen_here
	check stats_are '.probe_missed == 0'
}

patch=/sys/kernel/livepatch/klisten

# The idle task of a CPU is switched over when it runs: leave it some time.
patched()
{
	[ "$(cat "$patch"/enabled)" = "$1" ] && [ "$(cat "$patch"/transition)" = 0 ] && return
	sleep 0.2
	return 1
}

# It is gone once no task is in a patched function.
unpatched()
{
	rmmod klisten && return
	sleep 0.2
	return 1
}

unpatch()
{
	echo 0 >"$patch"/enabled
	until_true unpatched
}

# listens: succeed, or fail with the EXDEV of the patch; both are seen
listens_not()
{
	python3 - <<-EOT || fail "listen() is not as it is patched"
		import errno, socket
		s = socket.socket()
		s.bind(("127.0.0.1", 8084))
		try:
		    s.listen()
		except OSError as e:
		    raise SystemExit(e.errno != errno.EXDEV)
		raise SystemExit(1)
	EOT
	exits 0 portowner -J log 8084
	json '.rejects[-1] | .op == "listen" and .errno == "EXDEV"'
}

# A livepatch of a function that is probed, which is there before or after.
livepatch()
{
	local ko

	ko=/lib/modules/$(uname -r)/updates/klisten.ko
	[ -e "$ko" ] || skip "no livepatches in this kernel"
	fresh
	trap '[ ! -e "$patch" ] || unpatch' EXIT
	check insmod "$ko"
	until_true patched 1
	listens_not
	check rmmod portowner
	check load
	listens_not
	unpatch
	seen_here
	check insmod "$ko"
	until_true patched 1
	listens_not
	check rmmod portowner
	unpatch
	check load
	seen_here
}

sctp_listens_not()
{
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
}

# The module with the probed function is unloaded and loaded, and so is ours.
sctp()
{
	local nr=1

	modprobe sctp 2>/dev/null || skip "no SCTP in this kernel"
	fresh
	sctp_listens_not
	# most kernels never let go of it once it is there
	while [ "$nr" -le 2 ] && modprobe -r sctp 2>/dev/null; do
		check modprobe sctp
		sctp_listens_not
		nr=$((nr + 1))
	done
	check stats_are ".rejects_seen == $nr"
	fresh
	check modprobe sctp
	fresh
	sctp_listens_not
	check stats_are '.rejects_seen == 1 and .probe_missed == 0'
}

loaded || load || exit 1
ktap_plan 15
reload_test asleep "one user has many asleep in bind()"
reload_test flood "one user is refused in a loop"
reload_test traced "one user has many stopped before they come back"
reload_test contained "a container made by root binds very many"
reload_test rootless "containers made by root that have no root"
reload_test unload "unload while many are refused, and some cannot go on"
reload_test unload_busy "unload while a refused task stays in the kernel"
reload_test sweep "unload during a sweep that has very much to look at"
reload_test mptcp "MPTCP binds for a user"
reload_test binding "very many bind at once"
reload_test function_tracer "the function tracer"
reload_test graph_tracer "the function graph tracer"
reload_test other_probes "probes of others"
reload_test livepatch "a livepatch of what is probed"
reload_test sctp "SCTP comes and goes"
ktap_exit
