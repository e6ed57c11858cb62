#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""How soon portowner wait returns, and how often it looks until then, with the module and without."""

import os
import socket
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import netns_tests  # pylint: disable=wrong-import-position

PORT = 8000
STREAM, DATAGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM
NAMES = {STREAM: "tcp", DATAGRAM: "udp"}
AS_USER = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"]
TRIES = 7
# If it missed events, it would take 500 ms at the median. An emulated machine that has little of the CPU takes a
# large part of the limit.
LIMIT_MS = 250


def opened(kind):
    """A socket with the options of a server."""
    sock = socket.socket(socket.AF_INET, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return sock


def bound(kind=STREAM):
    """A socket that has the port."""
    sock = opened(kind)
    sock.bind(("127.0.0.1", PORT))
    return sock


def serving(kind):
    """A socket that serves the port."""
    sock = bound(kind)
    if kind == STREAM:
        sock.listen(1)
    return sock


def subscribed():
    """Whether a netlink socket of this network namespace is in a multicast group."""
    with open("/proc/net/netlink", encoding="ascii") as file:
        return any(int(line.split()[3], 16) for line in list(file)[1:])


def started(*command):
    """The tool, once it does nothing but wait."""
    tool = subprocess.Popen([*command, "--timeout", "60"])  # pylint: disable=consider-using-with
    while not subscribed():
        assert tool.poll() is None, (command, tool.returncode)
    # What it does next is to look once more.
    time.sleep(0.1)
    return tool


def soon(what, prepare, change, *command):
    """It returns soon after a socket was changed."""
    times = []
    for _ in range(TRIES):
        with prepare() as sock:
            tool = started(*command)
            begun = change(sock) or time.monotonic()
            status = tool.wait()
            times.append((time.monotonic() - begun) * 1000)
            assert status == 0, command
    median = statistics.median(times)
    print(f"# {what}: {median:.1f} ms at the median, {max(times):.1f} at most")
    assert median < LIMIT_MS, times


def switches(pid):
    """How often a process has slept."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches"))


def idle(*command):
    """While nothing happens, it looks once a second, and may sleep once or twice for the answers."""
    tool = started(*command)
    before = switches(tool.pid)
    time.sleep(4)
    slept = switches(tool.pid) - before
    tool.terminate()
    tool.wait()
    assert slept <= 20, (command, slept)


def until_bound():
    """wait --bound returns when a socket is bound"""
    def change(sock):
        begun = time.monotonic()
        sock.bind(("127.0.0.1", PORT))
        return begun

    for kind, name in NAMES.items():
        command = ["portowner", "-q", "wait", "--bound", f"{name}/{PORT}"]
        soon(f"{name} bound", lambda kind=kind: opened(kind), change, *command)
        idle(*command)


def until_listening():
    """wait returns when a socket listens, however long after its bind"""
    command = ["portowner", "-q", "wait", f"tcp/{PORT}"]
    for gap in 0, 2, 6:
        def change(sock, gap=gap):
            sock.bind(("127.0.0.1", PORT))
            time.sleep(gap / 1000)
            begun = time.monotonic()
            sock.listen(1)
            return begun

        soon(f"listening {gap} ms after the bind", lambda: opened(STREAM), change, *command)
    idle(*command)


def until_free(*prefix, options=()):
    """wait --free returns when the socket in the way is closed"""
    def change(sock):
        begun = time.monotonic()
        sock.close()
        return begun

    for kind, name in NAMES.items():
        command = [*prefix, "portowner", "-q", *options, "wait", "--free", f"{name}/{PORT}"]
        soon(f"{name} free", lambda kind=kind: serving(kind), change, *command)
        with serving(kind):
            idle(*command)


def until_free_as_user():
    """likewise for an ordinary user"""
    until_free(*AS_USER)


def until_free_without_module():
    """likewise without the module"""
    until_free(options=["--source=diag"])


def until_ended():
    """wait --free returns when the last process that has the socket ends"""
    holders = []

    def prepare():
        sock = serving(STREAM)
        holders.append(subprocess.Popen(["sleep", "1000"],  # pylint: disable=consider-using-with
                                        pass_fds=[sock.fileno()]))
        sock.close()
        return sock

    def change(_):
        begun = time.monotonic()
        holders[-1].kill()
        return begun

    soon("free after the end of a process", prepare, change, "portowner", "-q", "wait", "--free", str(PORT))
    for holder in holders:
        holder.wait()


TESTS = [until_bound, until_listening, until_free, until_free_as_user, until_free_without_module, until_ended]


if __name__ == "__main__":
    sys.exit(netns_tests.run(TESTS))
