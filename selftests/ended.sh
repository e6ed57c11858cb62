#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Refusals in network namespaces that have ended.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"

times=10

# clash PORT SECONDS [COUNT]: a command that is refused binds of COUNT ports (1) from
# PORT on, and keeps its network namespace alive for SECONDS more
clash()
{
	echo python3 "$tmp/clash" "$@"
}

write_clash()
{
	cat >"$tmp/clash" <<-EOT
		import sys, time
		from socket import *
		port, count = int(sys.argv[1]), int((sys.argv[3:] or [1])[0])
		for port in range(port, port + count):
		    a = socket()
		    a.bind(("0.0.0.0", port))
		    a.listen()
		    try:
		        socket().bind(("0.0.0.0", port))
		        sys.exit("not refused")
		    except OSError:
		        pass
		time.sleep(float(sys.argv[2]))
	EOT
}

# run_reports COMMAND...: every time it is run
run_reports()
{
	local i

	for ((i = 0; i < times; i++)); do
		portowner -J run "$@" 2>"$dir/out" || fail "status $?"
		json '.rejects | length == 1 and .[0].port == 8301'
	done
}

# The namespace ends with the command; or before.
with_command()
{
	# shellcheck disable=SC2046 # words
	run_reports unshare -n $(clash 8301 0)
}

soon_after()
{
	# shellcheck disable=SC2046 # words
	run_reports unshare -n $(clash 8301 0.1)
}

before_command()
{
	run_reports sh -c "unshare -n $(clash 8301 0); sleep .3"
}

followed()
{
	[ "$(jq -s 'map(select(.port == 8302)) | length' "$dir/followed")" -eq "$1" ]
}

followed_all()
{
	local i

	portowner -AJ log -f >"$dir/followed" 2>"$dir/errors" &
	pids="$pids $!"
	trap end_children EXIT
	for ((i = 0; i < times; i++)); do
		# shellcheck disable=SC2046 # words
		check unshare -n $(clash 8302 0)
	done
	until_true followed "$times"
	check [ ! -s "$dir/errors" ]
	check jq -es 'map(select(.port == 8302) | .time) | unique | length == 10' "$dir/followed"
}

# Afterwards, and only for readers of all namespaces.
afterwards()
{
	# shellcheck disable=SC2046 # words
	check unshare -n $(clash 8303 0)
	until_true gone
	exits 0 portowner -AJ log 8303
	json '.rejects | length == 1 and (.[0] | .comm == "python3" and .errno == "EADDRINUSE" and
		.rule == "address-in-use" and (.culprits | length == 1))'
	exits 0 portowner -A why 8303
	exits 0 portowner -J log 8303
	json '.rejects == []'
	exits 3 "${as_user[@]}" portowner -A log
}

# Only the initial namespace and ours are left.
gone()
{
	[ "$(lsns -t net -no ns | wc -l)" -le 2 ]
}

# A user who fills the log of ended namespaces loses only their own records.
fair()
{
	# shellcheck disable=SC2046 # words
	check unshare -n $(clash 8304 0)
	# shellcheck disable=SC2046 # words
	check "${as_user[@]}" unshare -Urn $(clash 20000 0 400)
	# shellcheck disable=SC2046 # words
	check "${as_user[@]}" unshare -Urn $(clash 20000 0 400)
	until_true gone
	exits 0 portowner -AJ log
	json '(.rejects | map(select(.port == 8304)) | length == 1) and
		(.rejects | map(select(.port >= 20000)) | length | . > 100 and . <= 256)'
}

# Namespaces end while all logs are read, and while the module is unloaded.
busy()
{
	local i reader

	(while :; do portowner -AJ log >/dev/null 2>&1; done) &
	reader=$!
	pids="$pids $reader"
	trap end_children EXIT
	for ((i = 0; i < times; i++)); do
		# shellcheck disable=SC2046 # words
		check "${as_user[@]}" unshare -Urn $(clash 20000 0 100)
	done
	until_true rmmod portowner
	kill "$reader"
	check modprobe portowner
	exits 0 portowner -AJ log
	json '.rejects == []'
}

tmp=$(mktemp -d)
chmod 755 "$tmp"
write_clash

ktap_plan 7
ktap_test with_command "run: a namespace that ends with the command"
ktap_test soon_after "run: a namespace that lives a little"
ktap_test before_command "run: a namespace that ends before the command"
ktap_test followed_all "log -fA: namespaces that end at once"
ktap_test afterwards "the log of a namespace outlives it, for who may read all"
ktap_test fair "the records of other users stay"
ktap_test busy "namespaces end while logs are read and the module goes"
ktap_exit
