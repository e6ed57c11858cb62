#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The binary itself: exit status and messages of what needs no module.
# Usage: cli.sh PORTOWNER

tool=$1
tests=0
failed=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

case $tool in
*/*) ;;
*) tool=./$tool ;;
esac

result() {
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
	else
		echo "not ok $tests - $2"
		sed 's/^/# /' "$dir/out" "$dir/err"
		failed=1
	fi
}

# expect STATUS STDOUT-LINES STDERR-LINES WORD ARGS...
# LINES is none, one or some; WORD must be on stdout or stderr.
expect() {
	status=$1 out=$2 err=$3 word=$4
	shift 4
	"$tool" "$@" >"$dir/out" 2>"$dir/err"
	got=$?
	[ "$got" -eq "$status" ] &&
		has_lines "$out" "$dir/out" &&
		has_lines "$err" "$dir/err" &&
		cat "$dir/out" "$dir/err" | grep -qFe "$word"
	result $? "portowner $* exits $status and says $word"
}

has_lines() {
	lines=$(wc -l <"$2")
	case $1 in
	none) [ "$lines" -eq 0 ] ;;
	one) [ "$lines" -eq 1 ] ;;
	some) [ "$lines" -gt 1 ] ;;
	esac
}

expect 0 some none "Usage: portowner" --help
expect 0 some none "Usage: portowner" -h
expect 0 some none "Usage: portowner" list -h
expect 0 one none "portowner " --version
expect 0 one none "portowner " who -V
expect 0 some none "COMMAND" list -o help
expect 0 some none "COMMAND" -J -o help
expect 0 some none "COMMAND" who -o help
expect 0 some none "COMMAND" -o help check
expect 0 some none "COMMAND" check -o help 80
expect 0 some none "CULPRIT" log -o help
expect 0 some none "CULPRIT" -o help run
expect 0 some none "CULPRIT" run -o help true

expect 2 none one "'nonsense'" nonsense
expect 2 none one "'99999'" 99999
expect 2 none one "'who'" who
expect 2 none one "'0'" who 0
expect 2 none one "'[::1]'" who '[::1]'
expect 2 none one "'dccp/80'" who dccp/80
expect 2 none one "'8080'" list 8080
expect 2 none one "'x'" stats x
expect 2 none one "'2'" log 1 2
expect 2 none one "unrecognized" --nonsense
expect 2 none one "'x'" -x
expect 2 none one "'nonsense'" -o nonsense
expect 2 none one "--pid" who 80 --pid 1
expect 2 none one "--follow" list -f
expect 2 none one "'5'" log --since 5
expect 2 none one "'check'" check
expect 2 none one "'81'" check 80 81
expect 2 none one "'nodev'" check --dev nodev 80
expect 2 none one "--v6only" check --v6only 127.0.0.1:80
expect 2 none one "--listen" why --listen
expect 2 none one "'wait'" wait
expect 2 none one "'x'" wait 80 --timeout x
expect 2 none one "--free" wait 80 --bound --free
expect 2 none one "'run'" run
expect 2 none one "'run'" run --
expect 2 none one "--free" run --free true
expect 4 none one "diag" --source=diag

if "$tool" stats -q 2>/dev/null; then
	tests=$((tests + 1))
	echo "ok $tests - without the module # SKIP the module is loaded"
else
	for args in "" "list --json" "8080" "log" "log -f" "stats" why \
		"check 80" "wait 80" "run echo ran" \
		"stats -A" "-A stats" "check 80 -A" "run -A true" \
		"stats -o help" "-o pid why" "wait 80 -o x" "-J -o x"; do
		# shellcheck disable=SC2086 # words on purpose
		expect 3 none one "modprobe portowner" $args
	done
fi

"$tool" --help >/dev/full 2>"$dir/err"
[ $? -eq 4 ] && grep -q "cannot write" "$dir/err"
result $? "a full disk is a failure"

"$tool" --help >&- 2>"$dir/err"
[ $? -eq 4 ] && grep -q "cannot write" "$dir/err"
result $? "no output at all is a failure"

mkfifo "$dir/fifo"
: <"$dir/fifo" &
{ wait; "$tool" --help; echo $? >"$dir/status"; } >"$dir/fifo" 2>"$dir/err"
[ "$(cat "$dir/status")" -eq 0 ] && ! [ -s "$dir/err" ]
result $? "a reader that went away is none"

echo "1..$tests"
exit $failed
