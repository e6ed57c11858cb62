#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The examples of the man page and of the help of each command, as a person would paste them. userspace/tests/cli.sh
# has those that end without the module, up to their first pipe.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"

cleanup()
{
	rm -f /root/ports.json
}

# What the examples call besides the tool.
# program NAME LINES
program()
{
	printf '#!/bin/bash\n%s\n' "$2" >"$dir/bin/$1"
	chmod +x "$dir/bin/$1"
}

mkdir "$dir/bin"
mkfifo "$dir/keys"
PATH="$dir/bin:$PATH"
tool=$(type -P portowner)
# For those that run until a signal ends them.
program portowner "echo \$\$ >$dir/pid
exec $tool \"\$@\""
program clash 'timeout 20 socat -u TCP-LISTEN:8080,bind=127.0.0.1,reuseaddr=0 STDOUT 2>/dev/null'
program server 'timeout 5 socat -u TCP-LISTEN:8080,bind=127.0.0.1,reuseaddr=0 STDOUT 2>/dev/null; exit 0'
program make 'clash; exit 0'
program run_kselftest.sh 'printf "TAP version 13\n1..1\n"; clash; echo "ok 1 net: bind"'
program promtool 'cat'
program mail 'cat'
program java 'clash'

# man_examples: those of the man page
man_examples()
{
	local page

	for page in /usr/local/share/man/man8/portowner.8 /usr/share/man/man8/portowner.8.gz; do
		[ ! -e "$page" ] || zcat -f "$page"
	done | sed -n '/portowner/{ s/^\.Dl //; T; s/\\(dq/"/g; p }'
}

# help_examples: those of all commands; what follows two blanks describes them
help_examples()
{
	local command

	"$tool" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | while read -r command; do
		"$tool" "$command" --help
	done | sed -n '/^Examples:/,/^$/{ s/^  //; T; s/  .*//; p }'
}

# What they are about. Each of these runs in a shell of its own.
prepare()
{
	cd "$dir/bin" || exit 1
	serve 8080
	serve 443
	serve 80
	nc -6lkun ::1 53 &
	pids="$pids $!"
	until_true bound_udp 53
	refused 8080
	check "$tool" -q audit --save /root/ports.json
}

# ends STATUS EXAMPLE: it does by itself
ends()
{
	run bash -c "$2"
	[ "$rc" -eq "$1" ] && return
	show_run
	fail "expected status $1: $2"
}

# Where -A may trace.
in_initial()
{
	nsenter --net=/proc/1/ns/net "$@"
}

# followed EXAMPLE [FUNCTION]: end it, called through the function, once it had something to show, and see that it did
followed()
{
	local shell

	rm -f "$dir/pid"
	"${2:-env}" bash -c "$1" >"$dir/out" 2>"$dir/err" &
	shell=$!
	until_true test -s "$dir/pid"
	clash
	clash
	kill "$(cat "$dir/pid")"
	wait "$shell" || fail "status $?: $(cat "$dir/err")"
	[ ! -s "$dir/err" ] || fail "$(cat "$dir/err")"
	[ -s "$dir/out" ]
}

# on_screen EXAMPLE: on a terminal, until it has drawn something
on_screen()
{
	local shell

	# What another example has printed would do as well.
	rm -f "$dir/pid" "$dir/out"
	TERM=linux script -qfec "stty rows 24 columns 80; $1" "$dir/out" >"$dir/screen" 2>&1 <>"$dir/keys" &
	shell=$!
	until_true grep -q 'nc\[' "$dir/out"
	kill "$(cat "$dir/pid")"
	wait "$shell" || fail "status $?: $1"
}

# example LINE: run it, and see that it does what it is there for
example()
{
	echo "$1"
	case $1 in
	*"-A trace"*) followed "$1" in_initial || : ;;
	*" top" | *" top -t"* | *" top "[0-9]*) on_screen "$1" ;;
	*trace* | *log*-f*)
		case $1 in
		# No such unit does anything.
		*nginx*) followed "$1" || : ;;
		*) until_true followed "$1" ;;
		esac ;;
	*why*nginx* | *why*udp/53*) ends 1 "$1" ;;
	*"-q tcp/8080;"*) ends 1 "$1" ;;
	*" check "*80) ends 1 "$1" ;;
	*"run"*--netns*) ends 0 "$1" ;;
	*"run"*--fail*) ends 1 "$1" ;;
	*"run"*--ktap*) ends 0 "$1" && out_has '# portowner: bind to tcp 127.0.0.1:8080 ' ;;
	*"run"*refused.json*) ends 0 "$1" && check jq -e '.rejects | length == 1' refused.json ;;
	*"run"*) ends 0 "$1" && check has "${err[*]}" 8080 ;;
	*"wait --free"*)
		# It comes last.
		end_children
		ends 0 "$1" ;;
	*) ends 0 "$1" ;;
	esac
}

# all LINES-OF: all that the function prints
all()
{
	local line

	"$1" | sort -u >"$dir/sorted"
	{ grep -v 'wait --free' "$dir/sorted"; grep 'wait --free' "$dir/sorted"; } >"$dir/examples"
	[ "$(wc -l <"$dir/examples")" -ge 30 ] || fail "these are not all: $(cat "$dir/examples")"
	prepare
	while read -r line; do
		(example "$line") || fail "not as it says: $line"
	done 3<&- <"$dir/examples"
}

man_page()
{
	[ -n "$(man_examples)" ] || skip "no man page"
	all man_examples
}

help_pages()
{
	all help_examples
}

ktap_plan 2
ktap_test man_page "examples of the man page"
ktap_test help_pages "examples of the help"
ktap_exit
