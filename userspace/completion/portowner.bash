# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# bash completion for portowner: commands, options and their values come from the help of the tool, so
# that they are those of the one that is installed; ports, processes and units from the running system.

# The options on a help page, one a line: NAME LETTER ARGUMENT DESCRIPTION, with - for what is not there.
_portowner_options()
{
	"$@" --help 2>/dev/null | sed -nE \
		's/^ +(-(.), )?--([a-z0-9-]+)(=([^ ]+))? +(.*)/--\3 -\2 -\5 \6/p'
}

_portowner_commands()
{
	"$1" --help 2>/dev/null | sed -nE 's/^  ([a-z]+)  *.*/\1/p'
}

# _portowner_live TOOL COMMAND COLUMNS: rows of the table that the command prints
_portowner_live()
{
	"$1" "$2" -n --no-headings -o "$3" 2>/dev/null | sort -u
}

# Ports in use, or those that were refused; with their protocols, unless a number was begun.
_portowner_targets()
{
	local from=list format='\1/\2'
	case $2 in log|why) from=log ;; esac
	[[ $3 != [0-9]* ]] || format='\2'
	_portowner_live "$1" "$from" PROTO,PORT | sed -E "s#^([^ ]+) +([0-9]+).*#$format#" | sort -u
}

# _portowner_values TOOL COMMAND OPTION ARGUMENT DESCRIPTION WORD: what the option takes
_portowner_values()
{
	case $3 in
	--state) "$1" list --state help 2>/dev/null ;;
	--unit) _portowner_live "$1" log UNIT ;;
	--comm) _portowner_live "$1" log COMMAND ;;
	esac
	case $4 in
	-PORT*) _portowner_targets "$1" list 0 ;;
	-PID) _portowner_live "$1" list PID ;;
	-UID) compgen -u ;;
	-IF) compgen -W "$(cd /sys/class/net 2>/dev/null && echo *)" ;;
	-FILE) compgen -f -- "$6" ;;
	-COLS) "$1" ${2:+"$2"} -o help 2>/dev/null | sed 's/ .*//' ;;
	*) sed -nE 's/^(.*: )?(([a-z]+, )+[a-z]+ or [a-z]+)$/\2/p' <<<"$5" | sed 's/ or /, /; s/, /\n/g' ;;
	esac
}

# Complete what follows an option, if the word before is one that takes an argument. Of a list it is the
# last item, and "+COLS" is a list, too.
_portowner_argument()
{
	local tool=$1 command=$2 option=$3 cur=$4 before='' name letter argument text
	while read -r name letter argument text; do
		[[ $argument != - && ( $option == "$name" || $option == "$letter" ) ]] || continue
		case $argument in
		-LIST|-COLS)
			[[ $cur != *,* ]] || before=${cur%,*},
			[[ $argument$before != -COLS || $cur != +* ]] || before=+
			cur=${cur#"$before"}
			compopt -o nospace 2>/dev/null
			;;
		esac
		mapfile -t COMPREPLY < <(compgen -P "$before" -W "$(_portowner_values \
			"$tool" "$command" "$name" "$argument" "$text" "$cur")" -- "$cur")
		return 0
	done < <(_portowner_options "$tool" "${command:-list}"; _portowner_options "$tool")
	return 1
}

_portowner()
{
	local tool=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command='' commands words takes i
	COMPREPLY=()
	commands=$(_portowner_commands "$tool")
	for ((i = 1; i < COMP_CWORD; i++)); do
		if grep -qxFe "${COMP_WORDS[i]}" <<<"$commands"; then
			command=${COMP_WORDS[i]}
			break
		fi
	done

	# The command that is to be run, and what belongs to it.
	if [[ $command == run ]]; then
		takes=$({ _portowner_options "$tool" run; _portowner_options "$tool"; } |
			sed -nE 's/^([^ ]+) ([^ ]+) -[^ ].*/\1\n\2/p')
		for ((i++; i < COMP_CWORD; i++)); do
			[[ ${COMP_WORDS[i]} == -?* && ${COMP_WORDS[i]} != -- ]] || break
			grep -qxFe "${COMP_WORDS[i]}" <<<"$takes" || continue
			[[ ${COMP_WORDS[i + 1]} != '=' ]] || ((i++))
			((i++))
		done
		[[ ${COMP_WORDS[i]} != -- || $i -ge $COMP_CWORD ]] || ((i++))
		if ((i < COMP_CWORD)); then
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
		elif ((i == COMP_CWORD)) && [[ $cur != -* ]]; then
			mapfile -t COMPREPLY < <(compgen -c -- "$cur")
			return
		fi
	fi

	# bash splits "--name=value" at the sign.
	if [[ $cur == '=' ]]; then
		_portowner_argument "$tool" "$command" "$prev" "" && return
	elif [[ $prev == '=' ]]; then
		_portowner_argument "$tool" "$command" "${COMP_WORDS[COMP_CWORD - 2]}" "$cur" && return
	elif [[ $prev == -* ]]; then
		_portowner_argument "$tool" "$command" "$prev" "$cur" && return
	fi

	if [[ $cur == -* ]]; then
		words=$({ _portowner_options "$tool" "${command:-list}"; _portowner_options "$tool"; } |
			sed -E 's/^([^ ]+) [^ ]+ - .*/\1/; s/^([^ ]+) .*/\1=/')
	elif [[ $command ]]; then
		! "$tool" "$command" --help 2>/dev/null | grep -q '^Usage:.*TARGET' ||
			words=$(_portowner_targets "$tool" "$command" "$cur")
	else
		words=$commands$'\n'$(_portowner_targets "$tool" who "$cur")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	[[ ${COMPREPLY[0]:-} != *= || ${#COMPREPLY[@]} -ne 1 ]] || compopt -o nospace 2>/dev/null
}

complete -F _portowner portowner
