#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Parameters of the module: the effect of each, set when it is loaded or later. The
# module is loaded before and after.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"

# shellcheck source=lib/reload.sh
. "$(dirname "$0")/lib/reload.sh"

params=/sys/module/portowner/parameters

reload()
{
	check rmmod portowner
	check load "$@"
}

# Before each test, the parameters have their defaults.
param_test()
{
	rmmod portowner
	load
	ktap_test "$@"
}

# set_to NAME VALUE
set_to()
{
	echo "$2" >"$params/$1"
}

# is NAME VALUE
is()
{
	[ "$(<"$params/$1")" = "$2" ]
}

# All six, with their defaults.
defaults=(log:Y log_size:256 log_printk:1 refusal_owners:Y binders:Y binders_max:131072)

listed()
{
	local -a files=("$params"/*)
	local name param

	run modinfo -p "${PORTOWNER_KO:-portowner}"
	check [ "$rc" -eq 0 ]
	for param in "${defaults[@]}"; do
		name=${param%:*}
		check grep -q "^$name:.*default" "$dir/out"
		check is "$name" "${param#*:}"
		check [ "$(stat -c %a "$params/$name")" = 644 ]
	done
	check [ ${#files[@]} -eq ${#defaults[@]} ]
}

# complaints NAME: lines of the module about it in the kernel log
complaints()
{
	dmesg -t | grep -c "^portowner: parameter $1 must be"
}

# refuses NAME VALUE
refuses()
{
	local before after

	before=$(<"$params/$1")
	check_not set_to "$1" "$2" 2>"$dir/errors"
	check grep -q 'Invalid argument' "$dir/errors"
	after=$(<"$params/$1")
	check [ "$before" = "$after" ]
}

out_of_range()
{
	local lines param

	refuses log 2
	refuses log_size 0
	refuses log_size 257
	refuses log_printk 3
	refuses log_printk -1
	refuses log_printk yes
	refuses refusal_owners maybe
	refuses binders ''
	refuses binders_max 1023
	refuses binders_max 131073
	lines=$(complaints binders_max)
	refuses binders_max 4294967297
	check [ "$(complaints binders_max)" -eq $((lines + 1)) ]
	check rmmod portowner
	for param in log=2 log_size=0 log_printk=3 binders_max=1; do
		check_not load "$param"
	done
	check load binders_max=1024
}

as_user()
{
	check_not "${as_user[@]}" sh -c "echo 0 >$params/log" 2>/dev/null
	check is log Y
}

# seen COUNT: refusals
seen()
{
	exits 0 portowner -J stats
	json ".rejects_seen == $1"
}

log()
{
	check "$helpers/busy" bind 8080 3
	seen 3
	check set_to log 0
	check "$helpers/busy" bind 8080 3
	seen 3
	check set_to log 1
	check "$helpers/busy" bind 8080 3
	seen 6
	reload log=0
	check "$helpers/busy" bind 8080 3
	seen 0
	check set_to log 1
	check "$helpers/busy" bind 8080 3
	seen 3
}

# Each to another port: equal refusals may be one record.
refuse_many()
{
	python3 - "$1" <<-EOT
		import socket, sys
		for port in range(9000, 9000 + int(sys.argv[1])):
		    holder, other = socket.socket(), socket.socket()
		    holder.bind(("127.0.0.1", port))
		    try:
		        other.bind(("127.0.0.1", port))
		    except OSError:
		        continue
		    sys.exit("not refused")
	EOT
}

# kept COUNT MAX
kept()
{
	exits 0 portowner -J stats
	json ".rejects_kept == $1 and .rejects_max == $2 and
		.rejects_seen == .rejects_kept + .rejects_dropped"
	exits 0 portowner -J log
	json ".rejects | length == $1"
}

log_size()
{
	check refuse_many 30
	kept 30 256
	check set_to log_size 10
	check refuse_many 1
	kept 10 10
	check set_to log_size 20
	check refuse_many 30
	kept 20 20
	reload log_size=1
	check refuse_many 3
	kept 1 1
}

# printed FROM: lines about port 8080 after that mark
printed()
{
	dmesg -t | sed -n "/mark $1\$/,\$p" | grep -c '^portowner: .*:8080 '
}

mark()
{
	echo "portowner-selftest: mark $1" >/dev/kmsg
}

# In the initial namespaces, where init is; and here.
in_initial()
{
	nsenter -t 1 -n "$helpers/busy" bind 8080 1
}

# printed_is FROM COUNT
printed_is()
{
	[ "$(printed "$1")" -eq "$2" ]
}

# Lines are printed a little later, but in order: an unwanted line would appear
# before the next expected one.
log_printk()
{
	mark initial
	check in_initial
	check "$helpers/busy" bind 8080 1
	check nsenter -t 1 -n unshare -fp "$helpers/busy" bind 8080 1
	check nsenter -t 1 -n unshare -U "$helpers/busy" bind 8080 1
	until_true printed_is initial 1
	check set_to log_printk 0
	mark off
	check in_initial
	check set_to log_printk 2
	check in_initial
	check "$helpers/busy" bind 8080 1
	until_true printed_is off 2
	# pending lines are printed before the module is gone
	reload log_printk=0
	check printed_is initial 3
	mark loaded
	check in_initial
	reload
	check printed_is loaded 0
}

# The holder and the refused process are in different pid namespaces.
holder_not_named()
{
	nsenter -t 1 -n unshare -fp --kill-child nc -lkn 127.0.0.1 8080 &
	# not local: the trap comes when this function has returned
	holder=$!
	# unshare ignores a mere SIGTERM, and takes its child with it
	trap 'kill -9 $holder' EXIT
	until_true nsenter -t 1 -n portowner -q wait 8080 --timeout 10
	mark holder
	nsenter -t 1 -n timeout 20 socat -u TCP-LISTEN:8080,bind=127.0.0.1,reuseaddr=0 STDOUT
	until_true printed_is holder 1
	check [ "$(dmesg -t | grep -c 'held by a process in another namespace')" -ge 1 ]
}

# owners PORT COUNT INCOMPLETE: while the holder lives, the reader still finds it
owners()
{
	serve "$1"
	refused "$1"
	kill "$server"
	wait "$server" || :
	exits 0 portowner -J log "$1"
	json ".rejects[-1].culprits[0] | (.owners | length == $2) and
		.owners_incomplete == $3 and .binder.pid == $server and
		.unseen_refs == 0 and .kernel_owner == null"
}

refusal_owners()
{
	owners 8080 1 false
	check set_to refusal_owners N
	owners 8081 0 true
	# readers still get the answer
	serve 8082
	exits 0 portowner -J who 8082
	json ".sockets[0].owners[0].pid == $server"
	check set_to refusal_owners Y
	owners 8083 1 false
	end_children
	reload refusal_owners=0
	owners 8084 0 true
}

# binder_of PORT FILTER
binder_of()
{
	exits 0 portowner -J who "$1"
	json ".sockets[0].binder | $2"
}

binders()
{
	serve 8081
	binder_of 8081 ".pid == $server"
	check set_to binders 0
	serve 8082
	binder_of 8082 '. == null'
	binder_of 8081 '.alive'
	check set_to binders 1
	serve 8083
	binder_of 8083 ".pid == $server"
	end_children
	reload binders=0
	serve 8081
	binder_of 8081 '. == null'
}

# bound COUNT FILTER: check the counters while COUNT sockets are bound; records are
# made, and dropped, a moment later
bound()
{
	start bound python3 -c '
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
all = []
for port in range(10000, 10000 + int(sys.argv[1])):
    all.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    all[-1].bind(("127.0.0.1", port))
print("ready", flush=True)
sys.stdin.readline()' "$1"
	until_true counted "$2"
	finish "$started" "$fifo"
}

counted()
{
	portowner -J stats >"$dir/out" && jq -e "$1" <"$dir/out"
}

binders_max()
{
	reload binders_max=1024
	bound 3000 '.binders <= 2400 and .binders_evicted >= 600'
	reload
	bound 3000 '.binders >= 2700'
	reload binders_max=1024
	check set_to binders_max 131072
	bound 3000 '.binders >= 2700'
}

ktap_plan 11
param_test listed "modinfo and sysfs list all, with their defaults"
param_test out_of_range "what is out of range is refused, in a line"
param_test as_user "nobody but root sets them"
param_test log "log: on or off"
param_test log_size "log_size: records that are kept"
param_test log_printk "log_printk: lines in the kernel log"
param_test holder_not_named "log_printk: holders of other namespaces have no name there"
param_test refusal_owners "refusal_owners: on or off"
param_test binders "binders: on or off"
param_test binders_max "binders_max: most records"
param_test listed "and all are as before"
ktap_exit
