# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# KTAP and common functions for the shell tests of portowner.
#
# A test is a function that runs in a subshell. It fails with its first failing
# check, and then its output is shown.

KSFT_SKIP=4

# The directories of the tests and of the programs they start; for the caller.
# shellcheck disable=SC2034
here=${BASH_SOURCE[0]%/lib/*} helpers=${BASH_SOURCE[0]%/lib/*}/helpers

# Close what the runner left open, so that new descriptors have the usual numbers.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-

# Parameters of json(), for scripts to set.
jq_prelude=
jq_args=

ktap_count=0
ktap_failed=0

dir=$(mktemp -d) || exit 1
trap 'cleanup; rm -rf "$dir"' EXIT

# Tests with more to clean up define their own.
cleanup() { :; }

ktap_plan()
{
	echo "TAP version 13"
	echo "1..$1"
}

# ktap_test FUNCTION DESCRIPTION
ktap_test()
{
	local rc

	ktap_count=$((ktap_count + 1))
	("$1") >"$dir/log" 2>&1 </dev/null
	rc=$?
	if [ "$rc" -eq "$KSFT_SKIP" ]; then
		echo "ok $ktap_count $2 # SKIP $(tail -n 1 "$dir/log")"
		return
	fi
	if [ "$rc" -eq 0 ]; then
		echo "ok $ktap_count $2"
		return
	fi
	ktap_failed=$((ktap_failed + 1))
	cat -v "$dir/log" | sed 's/^/# /'
	echo "not ok $ktap_count $2"
}

ktap_exit()
{
	echo "# Totals: pass:$((ktap_count - ktap_failed)) fail:$ktap_failed"
	[ "$ktap_failed" -eq 0 ]
	exit
}

fail()
{
	echo "$*"
	exit 1
}

skip()
{
	echo "$*"
	exit "$KSFT_SKIP"
}

# The owner of a kernel socket is a module here; otherwise skip the test.
vxlan_module()
{
	modprobe vxlan
	grep -q '^vxlan ' /proc/modules || skip "vxlan is built in, and so named by a symbol"
}

# check COMMAND...: the command must succeed
check()
{
	"$@" || fail "failed ($?): $*"
}

# check_not COMMAND...: the command must fail
check_not()
{
	! "$@" || fail "succeeded: $*"
}

# until_true COMMAND...: poll until it succeeds; the deadline is generous
until_true()
{
	local end=$((SECONDS + 60))

	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || fail "waited in vain for: $*"
	done
}

# jq takes half a second to start on an emulated machine.
if command -v gojq >/dev/null; then
	jq() { gojq "$@"; }
fi

# Other programs take 20 to 100 ms: the functions below make do with the shell where
# they can.

# run COMMAND...: keep its output in $out and $dir/out, its errors in the lines of
# $err, its status in $rc
run()
{
	"$@" >"$dir/out" 2>"$dir/err"
	rc=$?
	IFS= read -rd '' out <"$dir/out"
	mapfile -t err <"$dir/err"
}

show_run()
{
	echo "status $rc, output:"
	echo "$out"
	printf 'error: %s\n' "${err[@]}"
}

# exits STATUS COMMAND...: check the exit status; a failure prints one line of
# error, a success none, and a "no" at most one
exits()
{
	local want=$1

	shift
	run "$@"
	case $want in
	0) [ "${#err[@]}" -eq 0 ] ;;
	1) [ "${#err[@]}" -le 1 ] ;;
	*) [ "${#err[@]}" -eq 1 ] ;;
	esac && [ "$rc" -eq "$want" ] && return
	show_run
	fail "expected status $want and a line of error, if any: $*"
}

# json FILTER: it must be true for the output of the last run; $jq_prelude may
# contain definitions for it, $jq_args an option
json()
{
	jq -e ${jq_args:+"$jq_args"} "$jq_prelude $1" <"$dir/out" \
		>"$dir/jq" 2>&1 && return
	cat "$dir/jq"
	show_run
	fail "not true: $1"
}

# has TEXT PATTERN: does TEXT contain a match of the glob?
has()
{
	# shellcheck disable=SC2053 # a pattern is wanted
	[[ $1 == *$2* ]]
}

out_has()
{
	has "$out" "$1" && return
	show_run
	fail "no '$1' in the output"
}

out_lacks()
{
	has "$out" "$1" || return 0
	show_run
	fail "'$1' in the output"
}

# says WORDS: the output contains them, wherever it is folded
says()
{
	local words

	read -rd '' -a words <"$dir/out"
	has "${words[*]}" "$1" && return
	show_run
	fail "it does not say '$1'"
}

# lines COUNT: number of lines in the last output
lines()
{
	local -a all

	mapfile -t all <"$dir/out"
	[ "${#all[@]}" -eq "$1" ] && return
	show_run
	fail "${#all[@]} lines instead of $1"
}

# in_state PROTO PORT STATE: as in /proc/net
in_state()
{
	local hex table

	printf -v hex '%04X' "$2"
	for table in "/proc/net/$1" "/proc/net/${1}6"; do
		IFS= read -rd '' table <"$table"
		has "$table" ":$hex *:0000 $3 " && return
	done
	return 1
}

listening()
{
	in_state tcp "$1" 0A
}

bound_udp()
{
	in_state udp "$1" 07
}

# Children of a test, which end with it.
pids=

end_children()
{
	local pid

	for pid in $pids; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
}

# serve PORT [OPTIONS OF NC]: start a TCP server on 127.0.0.1, its pid in $server
serve()
{
	local port=$1

	shift
	nc -lkn "$@" 127.0.0.1 "$port" &
	server=$!
	pids="$pids $server"
	trap end_children EXIT
	until_true listening "$port"
}

# start NAME COMMAND...: run it in the background until something is written to its
# stdin, $fifo; its pid is in $started. It prints "ready" first.
start()
{
	local name=$1

	shift
	rm -f "$dir/$name.in"
	mkfifo "$dir/$name.in"
	"$@" <"$dir/$name.in" >"$dir/$name.out" &
	started=$!
	pids="$pids $started"
	trap end_children EXIT
	# shellcheck disable=SC2034 # for the caller
	exec {fifo}>"$dir/$name.in"
	until_true grep -q ready "$dir/$name.out"
}

# finish PID FD: end a command of start(), which must succeed
finish()
{
	echo >&"$2"
	wait "$1" || fail "$1 ended with status $?"
}

# in_other COMMAND...: run it in another network namespace
in_other()
{
	ip netns exec "$other" "$@"
}

# other_netns: make that namespace, with a server on 127.0.0.1:8101
other_netns()
{
	other="portowner-$$"
	check ip netns add "$other"
	cleanup_other()
	{
		end_children
		ip netns del "$other"
	}
	trap cleanup_other EXIT
	check in_other ip link set lo up
	# Not through a function: the pid would be that of a shell.
	ip netns exec "$other" nc -lkn 127.0.0.1 8101 &
	pids="$pids $!"
	check in_other portowner -q wait 8101 --timeout 30
	# shellcheck disable=SC2034 # for the caller
	other_ns=$(stat -Lc %i "/run/netns/$other")
}

# refused PORT [program FILE] [COMMAND [ARG]...]: socat, or its copy FILE, run by
# COMMAND if given, is refused the port. Unlike nc it does not share.
refused()
{
	local port=$1 socat=socat

	shift
	if [ "$1" = program ]; then
		socat=$2
		shift 2
	fi
	timeout 20 "$@" "$socat" -u \
		"TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr=0" STDOUT
	[ $? -eq 1 ] || fail "$port was not refused"
}

# Command prefix to run as an ordinary user.
# shellcheck disable=SC2034
as_user=(setpriv --reuid 1000 --regid 1000 --clear-groups)

# Re-execute the script in a network namespace of its own.
own_netns()
{
	if [ -z "$PORTOWNER_OWN_NETNS" ]; then
		rm -rf "$dir"
		PORTOWNER_OWN_NETNS=1 exec unshare --net "$0" "$@"
	fi
	ip link set lo up
}
