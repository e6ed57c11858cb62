#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What bash, zsh and fish offer after a part of a command line, against the tool's own help.
# Usage: completion.sh PORTOWNER

tool=$(realpath "$1")
here=$(cd "$(dirname "$0")/.." && pwd)/completion
tests=0
failed=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
# Nothing of whoever runs the tests.
export HOME="$dir" XDG_CONFIG_HOME="$dir" XDG_DATA_HOME="$dir" TERM=dumb LC_ALL=C.UTF-8
export PORTOWNER_REAL="$tool" PATH="$dir/bin:$PATH"
unset ZDOTDIR

# The tool, with live data made up. What is asked of it has to be something that it understands.
mkdir "$dir/bin"
: >"$dir/diff"
cat >"$dir/bin/portowner" <<'TOOL'
#!/bin/sh
[ "$2 $3 $4" = "-n --no-headings -o" ] || exec "$PORTOWNER_REAL" "$@"
"$PORTOWNER_REAL" "$@" >/dev/null 2>&1
[ $? -ne 2 ] || exit 2
case "$1 $5" in
"list PROTO,PORT") printf '%s\n' "tcp   8080" "tcp   8080" "udp   5353" ;;
"list PROTO,PORT,COMMAND") printf '%s\n' "tcp   8080 python3" "tcp   8080 nginx" "udp   5353 avahi" ;;
"list PID") printf '%s\n' 4711 ;;
"list PID,COMMAND") printf '%s\n' "4711 python3" ;;
"log PROTO,PORT") printf '%s\n' "tcp   9090" ;;
"log PROTO,PORT,COMMAND") printf '%s\n' "tcp   9090 nc" ;;
"log UNIT") echo web.service ;;
"log COMMAND") echo nc ;;
*) echo "unexpected: $*" >&2; exit 2 ;;
esac
TOOL
chmod +x "$dir/bin/portowner"

# As bash does: words end at blanks and before and after "=".
cat >"$dir/in.bash" <<'BASH'
. "$1/portowner.bash"
complete -p portowner >/dev/null || exit 1
line=$2
line=${line//=/ = }
read -ra COMP_WORDS <<<"$line"
[[ $line != *' ' || $line == *'= ' ]] || COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_portowner portowner "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
BASH

# zsh completes at a terminal only. There compadd is told what is offered.
cat >"$dir/in.zsh" <<'ZSH'
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "source $HOME/setup.zsh"
zpty -r -m z line '*ready*' || exit 1
zpty -w -n z "$1"$'\t'
zpty -r -m z line $'*<end>*' || exit 1
zpty -d z
[[ ! -e $HOME/offered ]] || cat $HOME/offered
ZSH
cat >"$dir/setup.zsh" <<ZSH
PROMPT= PS2= RPROMPT=
fpath=($here \$fpath)
autoload -Uz compinit
compinit -u -d $dir/compdump
bindkey '^I' complete-word
zstyle ':completion:*' insert-tab false
zstyle ':completion:*' list-separator ''
compadd()
{
	local -a found
	if [[ \${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
		builtin compadd -A found "\$@"
		print -rl -- \$found >>$dir/offered
	fi
	builtin compadd "\$@"
}
finished()
{
	print '<end>'
}
comppostfuncs=(finished)
print rea''dy
ZSH

# offers SHELL LINE: what stands there after it, one a line, without descriptions
offers()
{
	rm -f "$dir/offered"
	case $1 in
	bash) bash --norc "$dir/in.bash" "$here" "$2" ;;
	zsh) timeout 60 zsh -f "$dir/in.zsh" "$2" ;;
	fish) fish --no-config -c "source $here/portowner.fish; complete -C '$2'" | sed 's/	.*//' ;;
	esac 2>"$dir/err" | sed -E 's/^--[a-z-]+=(.)/\1/; s/=$//; s/ $//' | sort -u
}

result()
{
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
	else
		echo "not ok $tests - $2"
		sed 's/^/# /' "$dir/diff" "$dir/err"
		: >"$dir/diff"
		failed=1
	fi
}

# same SHELL LINE COMMAND...: what is offered is what the command prints
same()
{
	shell=$1 line=$2
	shift 2
	"$@" | sort -u >"$dir/want"
	offers "$shell" "$line" >"$dir/got"
	[ -s "$dir/want" ] && diff "$dir/want" "$dir/got" >"$dir/diff"
	result $? "$shell: $line<Tab> offers the right words"
}

# words SHELL LINE WORD...: the same, with the words named here
words()
{
	shell=$1 line=$2
	shift 2
	same "$shell" "$line" printf '%s\n' "$@"
}

commands()
{
	"$tool" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p'
}

commands_and_ports()
{
	commands
	printf '%s\n' tcp/8080 udp/5353
}

# columns COMMAND
columns()
{
	"$tool" "$1" -o help | sed 's/ .*//'
}

# The long options of a command, and those of all.
long_options()
{
	{ "$tool" "$1" --help; "$tool" --help; } | grep -oE '^ +(-., )?--[a-z0-9-]+' | grep -oE -- '--.*'
}

for shell in bash zsh fish; do
	if ! command -v "$shell" >/dev/null; then
		tests=$((tests + 1))
		echo "ok $tests - $shell # SKIP it is not installed"
		continue
	fi
	same "$shell" "portowner " commands_and_ports
	for command in $(commands); do
		same "$shell" "portowner $command --" long_options "$command"
	done
	same "$shell" "portowner --" long_options list
	words "$shell" "portowner who " tcp/8080 udp/5353
	words "$shell" "portowner -n who 8" 8080
	words "$shell" "portowner list " tcp/8080 udp/5353
	words "$shell" "portowner audit 8" 8080
	offers "$shell" "portowner metrics " | grep -q 8080
	result $((!$?)) "$shell: no port where none is taken"
	words "$shell" "portowner log " tcp/9090
	words "$shell" "portowner why --comm nc 9" 9090
	words "$shell" "portowner -p " 5353 8080
	words "$shell" "portowner list --port=8" 8080
	words "$shell" "portowner list --pid " 4711
	words "$shell" "portowner why --unit=" web.service
	words "$shell" "portowner --color=" always auto never
	words "$shell" "portowner --source " auto diag module
	words "$shell" "portowner check --proto udp" udp udplite
	same "$shell" "portowner list --state " "$tool" list --state help
	same "$shell" "portowner -o " columns list
	same "$shell" "portowner log --output=" columns log

	# Each shell has a way of its own to show the rest of a list.
	offers "$shell" "portowner list --state listen,es" | grep -qE '^(listen,)?established$'
	result $? "$shell: the next state of a list"
	offers "$shell" "portowner list -o +EX" | grep -qE '^\+?EXE$'
	result $? "$shell: a column more"
	offers "$shell" "portowner run -- portown" | grep -qx portowner
	result $? "$shell: the command that is run"
	offers "$shell" "portowner run --ktap -o PORT portown" | grep -qx portowner
	result $? "$shell: the command that is run, behind options"
	offers "$shell" "portowner run --ktap -w $dir/bi" | grep -q '/bin\|^bin'
	result $? "$shell: a file that is written"
	offers "$shell" "portowner run --ktap cat $dir/bi" | grep -q '/bin\|^bin'
	result $? "$shell: a file that belongs to the command"
done

echo "1..$tests"
exit $failed
