#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What is shown on a terminal while many sockets are read, and that nothing is shown elsewhere."""

import os
import re
import resource
import socket
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import netns_tests  # pylint: disable=wrong-import-position

# Long enough to be sure that something is shown, and sockets that are not too many for a small machine.
LONG = 1.8
FIRST, MOST = 5000, 160000
LINE = rb"\rportowner: reading (?:sockets|processes): \d{1,3}(?:,\d{3})* *"

KEPT = []


def more_sockets(number):
    """UDP sockets on ports of many addresses of the loopback device."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST + 100, MOST + 100))
    while len(KEPT) < number:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((f"127.0.{len(KEPT) // 20000}.1", 10000 + len(KEPT) % 20000))
        KEPT.append(sock)


def on_terminal(*args, **streams):
    """What the tool prints on a terminal, but for what goes elsewhere, and how long it takes."""
    master, slave = os.openpty()
    data = []

    def read():
        try:
            while (part := os.read(master, 65536)):
                data.append(part)
        except OSError:
            pass

    reader = threading.Thread(target=read)
    reader.start()
    begun = time.monotonic()
    with subprocess.Popen(["portowner", *args], stdin=subprocess.DEVNULL, stdout=streams.get("stdout", slave),
                          stderr=streams.get("stderr", slave)) as tool:
        os.close(slave)
        for stream in (tool.stdout, tool.stderr):
            if stream:
                while stream.read(1 << 20):
                    pass
    spent = time.monotonic() - begun
    reader.join()
    os.close(master)
    assert tool.returncode == 0, tool.returncode
    return b"".join(data), spent


def enough_sockets(source):
    """As many as take long to read here, or None where reading is too fast for that."""
    number = FIRST
    while number <= MOST:
        more_sockets(number)
        _, spent = on_terminal(f"--source={source}", "-q", "-a")
        if spent > LONG:
            return number
        if number == MOST:
            break
        number = min(MOST, int(number * 1.5 * LONG / spent) + 1)
    return None


def shown(source):
    """What is shown while this source is read is erased before the answer, and absent where it must be"""
    number = enough_sockets(source)
    if not number:
        print(f"# {MOST} sockets are read in less than {LONG} s")
        return
    long = (f"--source={source}", "list", "-a", "-n")
    data, _ = on_terminal(*long)
    first = data.index(b"PROTO")
    before = data[:first]
    assert re.search(LINE, before), before
    # A note of the source, then lines of progress, blanks over the last one, the table.
    assert re.fullmatch(rb"(portowner: note: [^\r]*\r\n)?(" + LINE + rb")+\r +\r", before), before
    assert b"reading" not in data[first:], data[first:first + 1000]
    counts = [int(n.replace(b",", b"")) for n in re.findall(rb"reading sockets: ([\d,]+)", before)]
    assert counts == sorted(counts) and counts[-1:] <= [number], counts
    data, _ = on_terminal(*long, stdout=subprocess.PIPE)
    assert b"reading" not in data, data
    data, _ = on_terminal(*long, stderr=subprocess.PIPE)
    assert b"reading" not in data[:data.index(b"PROTO")], data[:1000]
    data, _ = on_terminal("-q", *long)
    assert data == b"", data[:1000]


def module():
    """of the module: progress is shown on a terminal, erased, and nowhere else"""
    shown("module")


def diag():
    """of sock_diag and /proc: the same"""
    shown("diag")


def short():
    """of few sockets: nothing is shown"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 5353))
        data, _ = on_terminal("-n", "--source=module")
        assert b"reading" not in data and b"5353" in data, data


if __name__ == "__main__":
    sys.exit(netns_tests.run([module, diag, short]))
