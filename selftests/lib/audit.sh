# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Programs that hold ports, and what "portowner audit" finds. Sourced after lib.sh.

# Command prefix of the program that holds a port.
before=()
held=0

# hold PROTO ADDR PORT [OPTION]...: have a program hold the port until the test
# ends, with its pid in $started; an option is reuseaddr or reuseport
hold()
{
	held=$((held + 1))
	start "hold$held" "${before[@]}" "${program:-python3}" -c '
import socket, sys
proto, addr, port, *options = sys.argv[1:]
family = socket.AF_INET6 if ":" in addr else socket.AF_INET
sock = socket.socket(family, socket.SOCK_STREAM if proto == "tcp" else socket.SOCK_DGRAM)
for option in options:
    sock.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_" + option.upper()), 1)
sock.bind((addr, int(port)))
if proto == "tcp":
    sock.listen()
print("ready", sock.getsockname()[1], flush=True)
sys.stdin.read()
' "$@"
}

# audit ARGUMENT...: run an audit with JSON output
audit()
{
	exits 0 portowner -J audit "$@"
}

# found ID PORT [FILTER]: there is exactly one such finding, and FILTER is true for it
found()
{
	json "[.findings[] | select(.id == \"$1\" and .port == $2)] |
		length == 1 and (.[0] | ${3:-true})"
}

not_found()
{
	json ".findings | all(.id != \"$1\" or .port != $2)"
}
