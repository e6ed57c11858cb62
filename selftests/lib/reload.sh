# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Load and unload the module while others are busy; sourced after lib.sh.
# PORTOWNER_KO names the file to load; without it, modprobe finds one.

# Set by lib.sh.
# shellcheck disable=SC2154

# load [NAME=VALUE...]
# shellcheck disable=SC2119,SC2120
load()
{
	if [ -n "$PORTOWNER_KO" ]; then
		insmod "$PORTOWNER_KO" "$@"
	else
		modprobe portowner "$@"
	fi
}

loaded()
{
	[ -d /sys/module/portowner ]
}

cleanup()
{
	loaded || load
}

# A test that fails half-way must not fail those after it.
reload_test()
{
	cleanup
	ktap_test "$@"
}

fresh()
{
	check rmmod portowner
	check load
}

# In a network namespace of its own, from where the module looks at no other.
elsewhere()
{
	unshare --net sh -c "ip link set lo up; exec \"\$@\"" elsewhere "$@"
}

# The same at low priority, or a hundred of them would slow this script down.
gently()
{
	elsewhere nice -n 19 "$@"
}

# stats_are FILTER: check the counters of this namespace
stats_are()
{
	portowner -J stats >"$dir/out" && jq -e "$1" <"$dir/out"
}

# seen_here: fifty refusals of this user are logged, and so is the binder of the port
seen_here()
{
	local before

	before=$(portowner -J stats | jq .rejects_seen)
	check "$helpers/busy" bind 8080 50
	check stats_are ".rejects_seen == $before + 50 and .rejects_dropped == 0"
	serve 8081
	exits 0 portowner -J who 8081
	json ".sockets[0].binder.pid == $server"
	kill "$server"
	wait "$server" || :
}

# unload_in MILLISECONDS: unload the module within that time
unload_in()
{
	local before after

	before=$(cut -d. -f1,2 /proc/uptime | cut -d' ' -f1 | tr -d .)
	check timeout 60 rmmod portowner
	after=$(cut -d. -f1,2 /proc/uptime | cut -d' ' -f1 | tr -d .)
	echo "unloaded in $(((after - before) * 10)) ms"
	check test $(((after - before) * 10)) -le "$1"
}
