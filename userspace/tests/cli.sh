#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The binary itself: exit status and messages of what needs no module.
# Usage: cli.sh PORTOWNER

tool=$1
man=$(dirname "$0")/../man/portowner.8
commands="list who log why check wait run trace top audit stats metrics"
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
# LINES is none, one, some or any; WORD, if any, must be on stdout or stderr.
expect() {
	status=$1 out=$2 err=$3 word=$4
	shift 4
	"$tool" "$@" >"$dir/out" 2>"$dir/err"
	got=$?
	[ "$got" -eq "$status" ] &&
		has_lines "$out" "$dir/out" &&
		has_lines "$err" "$dir/err" &&
		{ [ -z "$word" ] ||
			cat "$dir/out" "$dir/err" | grep -qFe "$word"; }
	result $? "portowner $* exits $status and says $word"
}

has_lines() {
	lines=$(wc -l <"$2")
	case $1 in
	none) [ "$lines" -eq 0 ] ;;
	one) [ "$lines" -eq 1 ] ;;
	some) [ "$lines" -gt 1 ] ;;
	any) ;;
	esac
}

expect 0 some none "Usage: portowner" --help
expect 0 some none "Usage: portowner" -h
expect 0 some none "Usage: portowner list" list -h
expect 0 some none "Usage: portowner list" --help list
expect 0 some none "Usage: portowner [OPTION...] [COMMAND]" --help nonsense
expect 0 some none "Usage: portowner run" run --help
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
expect 0 some none "time-wait" list --state help
expect 0 some none "CULPRIT" log --list-columns

# Nothing is printed wider than a terminal, and the first page fits on one.
"$tool" --help >"$dir/out"
[ "$(wc -l <"$dir/out")" -le 24 ] && ! grep '.\{80\}' "$dir/out"
result $? "the help fits on one screen"

# What the help and the man page say of options is compared in one form, such as
# "-p --port=PORT[-LAST]".
# help_options HEADING: of the page in $dir/out
help_options() {
	awk -v heading="$1:" '
		/^[A-Z].*:$/ { inside = $0 == heading }
		/^ +(-., )?--/ && (inside || heading == ":") {
			sub(/,/, "", $1)
			print $1 ($2 ~ /^--/ ? " " $2 : "")
		}' "$dir/out"
}

# man_options SUBSECTION
man_options() {
	awk -v section="$1" '
		/^\.S[hs] / { inside = $0 == ".Ss " section }
		inside && /^\.It Fl / {
			line = " " $0
			sub(/ \.It/, "", line)
			gsub(/ (Ns|Ar)/, "", line)
			gsub(/ Oo /, "[", line)
			gsub(/ Oc/, "]", line)
			gsub(/ Fl Fl /, " --", line)
			gsub(/ Fl /, " -", line)
			gsub(/ ,/, "", line)
			gsub(/ = /, "=", line)
			sub(/^ /, "", line)
			gsub(/\[- /, "[-", line)
			print line
		}' "$man"
}

# same_options HEADING SUBSECTION: there are some, and they are the same
same_options() {
	help_options "$1" >"$dir/help"
	man_options "$2" >"$dir/man"
	[ -s "$dir/man" ] && diff "$dir/help" "$dir/man" >"$dir/err"
}

same_options "" "Options of every command"
result $? "options of every command are those of the man page"

takers=
for command in $commands; do
	"$tool" "$command" --help >"$dir/out" 2>"$dir/err"
	! grep '.\{80\}' "$dir/out" &&
		grep -q "^Usage: portowner $command " "$dir/out" &&
		grep -q "^Exit status:" "$dir/out" &&
		grep -q "^Examples:" "$dir/out"
	result $? "portowner $command --help is a page of its own"
	if grep -q "^Options:" "$dir/out" || [ -n "$(man_options "$command")" ]; then
		same_options Options "$command"
		result $? "options of $command are those of the man page"
	fi
	if grep -q "^Protocol and address family:" "$dir/out"; then
		same_options "Protocol and address family" \
			"Protocol and address family"
		result $? "$command describes its target as the man page does"
		takers="$takers $command"
	fi
	for section in Tables Times; do
		grep -q "^$section:" "$dir/out" || continue
		same_options "$section" "$section"
		result $? "$section of $command are those of the man page"
	done
	if grep -q "^The process that asked:" "$dir/out"; then
		same_options "The process that asked" \
			"The process that asked"
		result $? "$command describes the process as the man page does"
	fi
done

# The man page names the commands before the list of these options.
sed -n '/^\.Ss Protocol and/,/^\.Bl/s/^\.Cm \([a-z]*\).*/\1/p' "$man" |
	sort >"$dir/man"
# shellcheck disable=SC2086 # words on purpose
printf '%s\n' $takers | sort | diff "$dir/man" - >"$dir/out"
result $? "the man page names all commands that take a protocol"

"$tool" --help >"$dir/out"
sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' "$dir/out" | tr '\n' ' ' >"$dir/help"
echo "$commands " | tr -d '\n' | cmp -s - "$dir/help"
result $? "the help lists all commands"

expect 0 some none "Usage: portowner [OPTION...] [COMMAND]" help
expect 0 some none "Usage: portowner why" help why
expect 2 none one "'nonsense' is not a command" help nonsense
expect 2 none one "'lits' is not a command; did you mean 'list'?" help lits
expect 2 none one "'nonsense' is neither a command nor a TARGET: " nonsense
expect 2 none one "did you mean 'list'?" lsit
expect 2 none one "did you mean 'stats'?" stat
expect 2 none one "did you mean 'who'?" whop 80
expect 2 none one "'why 8080'" why -p 80
expect 2 none one "'--state help'" list --state lisen
expect 2 none one "'99999'" 99999
expect 2 none one "'who'" who
expect 2 none one "'0'" who 0
expect 2 none one "'[::1]'" who '[::1]'
expect 2 none one "'dccp/80'" who dccp/80
expect 2 none one "'nonsense'" list nonsense
expect 2 none one "[ADDR]:PORT" list ::1:80
expect 2 none one "80 443" 80,443
expect 2 none one "localhost:8080" http://localhost:8080/
expect 2 none one "range" wait 80-90
expect 2 none one "without --port" list -p tcp/80
expect 2 none one "'x'" stats x
expect 2 none one "'2'" log 1 2
expect 2 none one "unrecognized" --nonsense
# What an argument has in it does nothing to the terminal.
esc=$(printf '\033[31m')
expect 2 none one '\x1b[31m' "--$esc"
expect 2 none one '\x1b[31m' "$esc"
expect 2 none one '\x1b[31m' list -o "$esc"
expect 2 none one '\x1b[31m' log --since "$esc"
expect 2 none one 'a\x0ab' "a
b"
expect 2 none one 'a\x0ab' "--a
b"
expect 2 none one "'x'" -x
expect 2 none one "'nonsense'" -o nonsense
expect 2 none one "--pid" who 80 --pid 1
expect 2 none one "--pid" check 80 --pid 1 --uid 0
expect 2 none one "--pid" --pid 1 -J check --uid 0 80
expect 2 none one "--tcp" run -t true
expect 2 none one "--follow" list -f
expect 2 none one "'5x'" log --since 5x
expect 2 none one "@1900000000" log --since 1900000000
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
expect 2 none one "'x'" --source=x
expect 2 none one "JSON" metrics --json
expect 2 none one "JSON" top --json
expect 2 none one "quiet" top -q
expect 2 none one "needs a terminal" top
expect 2 none one "--delay '0.01'" top -d 0.01 --once
expect 2 none one "'x'" audit x
expect 2 none one "requires an argument" audit --save
expect 2 none one "'udp/80' contradicts" who -t udp/80
expect 2 none one "'udp/80' contradicts" wait udp/80 --proto tcp,sctp
expect 0 none any "" --source=diag list tcp/1 --proto mptcp
expect 2 none one "--save" list --save x
expect 2 none one "No such file" audit --baseline "$dir/none"
expect 2 none one "Is a directory" audit --baseline "$dir"
expect 2 none one "not JSON" audit --baseline "$0"

# Without the module, whether it is loaded or not.
expect 0 any any '"source":"diag"' --source=diag -J
expect 0 any any "without the module" --source=diag list -a
expect 0 none none "" --source=diag -q
expect 0 some any "not checked without the module: " --source=diag audit
expect 0 some any '"unchecked":["inherited-socket",' --source=diag audit -J
expect 0 none none "" --source=diag audit -q udp/1
expect 3 none one "modprobe portowner" --source=diag log
expect 3 none one "this needs the kernel module: run modprobe portowner" run --source=diag true
expect 3 none one "modprobe portowner" why --source=diag
expect 3 none one "modprobe portowner" why --source=diag --uid 0 udplite/1
expect 3 none one "modprobe portowner" why --source=diag 8000-8100
expect 3 none one "modprobe portowner" why --source=diag -t -u 8000
expect 1 some any "only the kernel module sees" why --source=diag udplite/1
expect 0 any any "ICMP sockets are not listed" --source=diag --proto icmp
expect 0 none some "ICMP sockets are not listed" --source=diag list icmp/9
expect 4 none some "cannot tell without the module whether 'icmp/9' is in use" --source=diag who icmp/9
expect 4 none any "" --source=diag who -q --proto icmp 9
expect 1 none some "udp/1 is not in use" --source=diag who icmp/9 udp/1
expect 4 none some "cannot tell without the module whether 'icmp/9' is in use" --source=diag wait --free icmp/9
expect 4 none some "ICMP sockets are not listed" --source=diag wait --bound icmp/9
expect 0 none some "SCTP sockets that do not listen are not listed" --source=diag list --proto sctp
expect 0 any any '"rejects_seen":null' --source=diag -J stats
expect 0 some any "only the kernel module sees them" --source=diag top --once
expect 0 none none "" --source=diag top -b -q
expect 0 some any "can be bound" --source=diag check udp/0
expect 0 any any '"verdict":"ok"' --source=diag -J check 127.0.0.1:0
expect 1 some any "address-not-local" --source=diag check 192.0.2.1:8080
expect 4 any any '"verdict":null' --source=diag -J check icmp/9
expect 0 any any '{"source":"diag","verdict":"ok"' --source=diag -J check 127.0.0.1:0
expect 0 any any '{"source":"diag","rejects_seen"' --source=diag -J stats
expect 1 any any '{"source":"diag","rejects":[]' --source=diag -J why 192.0.2.1:8080
expect 1 any any '"now":{"still":null,"others":null,"verdict":"refused","errno":"EADDRNOTAVAIL","rule":"address-not-local"}' --source=diag -J why 192.0.2.1:8080
if setarch --uname-2.6 true 2>/dev/null; then
	setarch --uname-2.6 "$tool" --source=diag list >"$dir/out" 2>"$dir/err"
	grep -q "also knows TCP sockets that are only bound" "$dir/err"
	result $? "list says that an old kernel does not list sockets that are only bound"
	setarch --uname-2.6 "$tool" --source=diag who -n 9 2>"$dir/err"
	grep -q "9 is not in use, unless by a TCP socket that is only bound" "$dir/err"
	result $? "who does not say that there is no such socket there"
	setarch --uname-2.6 "$tool" --source=diag who -n udp/9 2>"$dir/err"
	grep -q "udp/9 is not in use: " "$dir/err"
	result $? "who says nothing of TCP where UDP is meant"
fi

# Root of a user namespace may enter only the network namespaces that belong to it. As with the module, a list of
# these is not one of all; unless no others can be seen.
if unshare -Urnpf --mount-proc true 2>/dev/null; then
	for args in list "who 9" "wait --free 9" audit "top -b"; do
		# shellcheck disable=SC2086 # words on purpose
		unshare -Urn "$tool" --source=diag -q -A $args >"$dir/out" 2>"$dir/err"
		[ $? -eq 3 ] && has_lines none "$dir/out" && has_lines one "$dir/err" && grep -q "not permitted" "$dir/err"
		result $? "-A $args exits 3 where other namespaces cannot be entered"
	done
	unshare -Urnpf --mount-proc "$tool" --source=diag -q -A >"$dir/out" 2>"$dir/err" && has_lines none "$dir/err"
	result $? "-A exits 0 where there are no others"
fi

# Nothing is known of processes where proc is not mounted, which is nobody's lack of permission.
# without_proc ARGS...: prints the exit status
without_proc() {
	# shellcheck disable=SC2016 # not this shell's
	unshare -mn sh -c 'mount -t tmpfs none /proc && exec "$@"' - "$tool" --source=diag "$@" \
		>"$dir/out" 2>"$dir/err"
	echo $?
}

if unshare -mn true 2>/dev/null; then
	# The search for leaks at exit (SANITIZE=1) needs proc, too, and then decides the status.
	{ [ "$(without_proc -A)" -eq 4 ] || grep -q LeakSanitizer "$dir/err"; } &&
		grep -q "/proc/self/ns/net: No such file" "$dir/err"
	result $? "-A without proc fails"
fi

if "$tool" --source=module stats -q 2>/dev/null; then
	tests=$((tests + 1))
	echo "ok $tests - without the module # SKIP the module is loaded"
else
	for args in "" "-a --no-headings" "list --json" "-o pid,command"; do
		# shellcheck disable=SC2086 # words on purpose
		expect 0 any any "run modprobe portowner as root" $args
	done
	expect 1 none some "run modprobe portowner as root" udplite/1
	expect 1 none none "" -q wait --timeout 0 udplite/1
	for args in log "log -f" why "why --comm x 80" "run echo ran" "run echo --help" "run -A true"; do
		# shellcheck disable=SC2086 # words on purpose
		expect 3 none one "modprobe portowner" $args
	done
	for args in "" "list --json" "8080" "log" "log -f" "stats" why \
		"check 80" "wait 80" "run echo ran" "run echo --help" \
		"check 80 --uid 0 -t" "--uid 0 list -t" \
		"stats -A" "-A stats" "check 80 -A" "run -A true" \
		"stats -o help" "-o pid why" "wait 80 -o x" "-J -o x"; do
		# shellcheck disable=SC2086 # words on purpose
		expect 3 none one "modprobe portowner" \
			--source=module $args
	done

	# What scrapes keeps nothing that is wrong now, see metrics.c.
	expect 0 some one "portowner_up 0" metrics
	expect 0 some one "modprobe portowner" metrics -A

	# Examples, up to where a shell or a description goes on, are valid.
	for command in $commands; do
		"$tool" "$command" --help
	done | sed -n 's/^  .*\(portowner\)/\1/p' >"$dir/examples"
	sed -n 's/^\.Dl .*\(portowner\)/\1/p' "$man" >>"$dir/examples"
	sed 's/ *\(  \|&&\||\|;\).*//; s/^portowner *//; s/www-data/nobody/' \
		"$dir/examples" | sort -u >"$dir/lines"
	awk 'END { exit NR <= 20 }' "$dir/lines"
	result $? "there are examples"
	while read -r args; do
		case $args in
		metrics*) set -- 0 some one "modprobe portowner" ;;
		top | "top -t"* | "top "[0-9]*) set -- 2 none one "needs a terminal" ;;
		# The file is looked at first.
		audit*--baseline*) set -- 2 none one "No such file" ;;
		*) set -- 3 none one "modprobe portowner" ;;
		esac
		# shellcheck disable=SC2086 # words on purpose
		expect "$@" --source=module $args
	done <"$dir/lines"
fi

# What another program has left there decides nothing.
: >"$dir/saved.new"
chmod 644 "$dir/saved.new"
"$tool" --source=diag audit -q --save "$dir/saved" >"$dir/out" 2>"$dir/err" &&
	[ "$(stat -c %a "$dir/saved")" = 600 ]
result $? "only the owner may read what audit saves"

# As /dev/null and /dev/stdout have to outlive a root who names them.
mkfifo "$dir/pipe"
: >"$dir/file"
ln -s file "$dir/link"
{
	"$tool" --source=diag metrics -w "$dir/pipe" &&
		[ -p "$dir/pipe" ] && read -r line <&3 && [ -n "$line" ] &&
		"$tool" --source=diag metrics -w "$dir/link" &&
		[ ! -L "$dir/link" ] && [ ! -s "$dir/file" ]
} 3<>"$dir/pipe" >"$dir/out" 2>"$dir/err"
result $? "a pipe is written to, and no link is followed to a file"

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
