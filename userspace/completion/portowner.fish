# SPDX-License-Identifier: GPL-2.0
# fish completion for portowner: commands, options and their values come from the help of the tool, so
# that they are those of the one that is installed; ports, processes and units from the running system.

# The options on a help page, one a line: NAME|LETTER|ARGUMENT|DESCRIPTION
function __portowner_options
    $argv --help 2>/dev/null | sed -nE 's/^ +(-(.), )?--([a-z0-9-]+)(=([^ ]+))? +(.*)/\3|\2|\5|\6/p'
end

function __portowner_commands --argument-names tool
    $tool --help 2>/dev/null | sed -nE 's/^  ([a-z]+)  *(\[?[-A-Z].*  +)?(.*)/\1\t\3/p'
end

# __portowner_live TOOL COMMAND COLUMNS: rows of the table that the command prints
function __portowner_live --argument-names tool command columns
    $tool $command -n --no-headings -o $columns 2>/dev/null | sort -u
end

# Ports in use, or those that were refused; with their protocols, unless a number was begun.
function __portowner_targets --argument-names tool command word
    set -l from list
    set -l format '\1/\2'
    contains -- "$command" log why; and set from log
    string match -qr '^[0-9]' -- "$word"; and set format '\2'
    __portowner_live $tool $from PROTO,PORT,COMMAND | sed -E "s#^([^ ]+) +([0-9]+) +(.*)#$format\t\3#" |
        sort -u -k1,1
end

# What an option takes. Of a list the last item is completed, and "+COLS" is a list, too.
function __portowner_values --argument-names tool command name argument text word
    set -l before (string match -r '^.*,|^\+' -- $word)
    switch $name
        case state
            $tool list --state help 2>/dev/null | sed "s/^/$before/"
        case unit
            __portowner_live $tool log UNIT
        case comm
            __portowner_live $tool log COMMAND
        case '*'
            switch $argument
                case 'PORT*'
                    __portowner_targets $tool list 0
                case PID
                    __portowner_live $tool list PID,COMMAND | sed -E 's/^([0-9]+) +/\1\t/'
                case UID
                    __fish_complete_users
                case IF
                    __fish_print_interfaces
                case FILE
                    __fish_complete_path $word
                case COLS
                    $tool (string split --no-empty ' ' -- $command) -o help 2>/dev/null | sed -E "s/ +/\t/; s/^/$before/"
                case '*'
                    echo $text | sed -nE 's/^(.*: )?(([a-z]+, )+[a-z]+ or [a-z]+)$/\2/p' |
                        sed 's/ or /, /; s/, /\n/g' | sed "s/^/$before/"
            end
    end
end

function __portowner_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l tool $words[1]
    set -l commands (__portowner_commands $tool)
    set -l command
    for i in $words[2..-1]
        if string match -q -- "$i"\t'*' $commands
            set command $i
            break
        end
    end

    # The command that is to be run, and what belongs to it.
    if test "$command" = run
        set -l takes
        for option in (__portowner_options $tool run; __portowner_options $tool)
            set -l part (string split '|' -- $option)
            test -n "$part[3]"; and set -a takes --$part[1] -$part[2]
        end
        set -l rest $words[(math (contains -i -- run $words) + 1)..-1]
        set -l is_value no
        while string match -q -- '-?*' "$rest[1]"; and test "$rest[1]" != --
            if contains -- $rest[1] $takes
                set -q rest[2]; or set is_value yes
                set -e rest[1]
            end
            set -e rest[1]
        end
        test "$rest[1]" = --; and set -e rest[1]
        if set -q rest[1]; or not string match -q -- '-*' $word; and test $is_value = no
            __fish_complete_subcommand --fcs-skip=(math (count $words) - (count $rest))
            return
        end
    end

    # A command is optional, and that is list.
    set -l page $command
    set -q page[1]; or set page list
    set -l options (__portowner_options $tool $page; __portowner_options $tool)
    for option in $options
        set -l part (string split '|' -- $option)
        test -n "$part[3]"; or continue
        if string match -q -- "--$part[1]=*" $word
            set -l value (string replace -- "--$part[1]=" '' $word)
            __portowner_values $tool "$command" $part[1] $part[3] $part[4] $value | sed "s/^/--$part[1]=/"
            return
        else if contains -- $words[-1] --$part[1] -$part[2]
            __portowner_values $tool "$command" $part[1] $part[3] $part[4] $word
            return
        end
    end

    switch $word
        case '-*'
            for option in $options
                set -l part (string split '|' -- $option)
                set -l sign ''
                test -n "$part[3]"; and set sign =
                printf '%s\t%s\n' --$part[1]$sign $part[4]
                test -n "$part[2]"; and printf '%s\t%s\n' -$part[2] $part[4]
            end
        case '*'
            set -q command[1]; or printf '%s\n' $commands
            $tool $command --help 2>/dev/null | string match -qr '^Usage:.*(TARGET|COMMAND)'
            and __portowner_targets $tool "$command" $word
    end
end

complete -c portowner -f -a '(__portowner_complete)'
