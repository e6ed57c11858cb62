#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Ask the module and, without it, the kernel for the same sockets, and compare all that both know.

Where sock_diag cannot know something, its answer has null. A socket that it does not list is of a kind that
is known for that.
"""

import errno
import json
import os
import platform
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import netns_tests  # pylint: disable=wrong-import-position

TCP, UDP, RAW, ICMP, SCTP, UDPLITE, MPTCP = 6, 17, 89, 1, 132, 136, 262
STREAM, DGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM
V4, V6 = socket.AF_INET, socket.AF_INET6
# From here on, TCP sockets that are only bound are listed.
LISTS_BOUND = tuple(int(n) for n in platform.release().split("-")[0].split(".")[:2]) >= (6, 8)
AS_USER = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"]
# A time is not the same twice.
TIMES = {"age_ns", "expires_ns"}

KEPT = []


def opened(family, kind, proto, addr, *options, listens=None):
    """A socket that is bound, and perhaps listens; KEPT until the test ends."""
    sock = socket.socket(family, kind, proto)
    KEPT.append(sock)
    for level, option, value in options:
        sock.setsockopt(level, option, value)
    sock.bind(addr)
    if listens is not None:
        sock.listen(listens)
    return sock


def connected(listener):
    """Both ends of a connection to a listener."""
    client = socket.socket(listener.family, STREAM, listener.proto)
    client.connect(listener.getsockname())
    server, _ = listener.accept()
    KEPT.extend([client, server])
    return client, server


def tool(source, *args, user=False):
    """What the tool prints as JSON, by socket."""
    command = (AS_USER if user else []) + ["portowner", "--json", f"--source={source}", *args]
    run = subprocess.run(command, capture_output=True, check=False)
    assert run.returncode in (0, 1), run
    answer = json.loads(run.stdout)
    assert answer["source"] == source, answer["source"]
    keys = ("proto", "family", "addr", "port", "state", "netns", "cookie")
    return {tuple(sock[key] for key in keys): sock for sock in answer["sockets"]}


def owners(sock):
    """Owners in any order, as both have them."""
    return sorted(json.dumps(owner, sort_keys=True) for owner in sock["owners"])


def may_be_missing(sock):
    """Whether sock_diag does not list such a socket."""
    proto, state = sock["proto"], sock["state"]
    return proto in ("icmp", "raw") or (state == "bound" and proto == "sctp") or (
        state == "bound" and proto in ("tcp", "mptcp") and not LISTS_BOUND)


def differences(module, diag):
    """Each key that both know differently."""
    for key, value in module.items():
        if key == "owners":
            if owners(module) != owners(diag):
                yield key, owners(module), owners(diag)
        elif key not in TIMES and diag[key] is not None and diag[key] != value:
            yield key, value, diag[key]


def compare(*args, least=1, user=False):
    """Both sources agree; returns the sockets of the one without the module."""
    module = tool("module", *args, user=user)
    diag = tool("diag", *args, user=user)
    missing = [sock for key, sock in module.items() if key not in diag and not may_be_missing(sock)]
    assert not missing, missing
    added = [sock for key, sock in diag.items() if key not in module]
    assert not added, added
    for key, sock in diag.items():
        wrong = list(differences(module[key], sock))
        assert not wrong, (key, wrong)
    assert len(diag) >= least, diag
    return list(diag.values())


def tcp():
    """TCP in every state that it may stay in"""
    listener = opened(V4, STREAM, TCP, ("127.0.0.1", 8080), (1, socket.SO_REUSEADDR, 1), listens=5)
    client, server = connected(listener)
    client.close()                          # CLOSE_WAIT and FIN_WAIT_2
    client, server = connected(listener)
    server.close()
    client.close()                          # TIME_WAIT
    connected(listener)
    opened(V6, STREAM, TCP, ("::", 8081), listens=0)
    opened(V6, STREAM, TCP, ("::", 8082), (41, socket.IPV6_V6ONLY, 1), listens=1)
    six = opened(V6, STREAM, TCP, ("::1", 8083), listens=1)
    connected(six)
    opened(V4, STREAM, TCP, ("0.0.0.0", 8084))
    full = opened(V4, STREAM, TCP, ("127.0.0.1", 8085), listens=0)
    for _ in range(3):                      # one is accepted, the last one waits
        late = socket.socket(V4, STREAM)
        late.setblocking(False)
        late.connect_ex(full.getsockname())
        KEPT.append(late)
    time.sleep(0.2)
    compare("list", "-a", least=10)
    compare("list")
    compare("list", "-6", "-a")
    compare("list", "--port", "8080-8082", least=2)
    states = {sock["state"] for sock in compare("8080", least=4)}
    assert {"listen", "established", "time-wait"} <= states, states


def mapped():
    """IPv4-mapped addresses, and both families on one port"""
    opened(V6, STREAM, TCP, ("::ffff:127.0.0.1", 8080), listens=1)
    opened(V6, STREAM, TCP, ("::1", 8080), listens=1)
    opened(V4, STREAM, TCP, ("127.0.0.2", 8080), listens=1)
    compare("list", "-a", least=3)
    compare("8080", least=3)


def udp():
    """UDP and UDP-Lite, connected, shared and with options"""
    reuse = (1, socket.SO_REUSEPORT, 1)
    for _ in range(3):
        opened(V4, DGRAM, UDP, ("0.0.0.0", 5353), reuse)
    for addr in ("0.0.0.0", "127.0.0.1"):
        opened(V4, DGRAM, UDP, (addr, 5354), (1, socket.SO_REUSEADDR, 1))
    opened(V6, DGRAM, UDP, ("::", 5355))
    opened(V4, DGRAM, UDP, ("127.0.0.1", 5356)).connect(("127.0.0.1", 5353))
    opened(V4, DGRAM, UDP, ("192.0.2.1", 5357), (0, 15, 1))         # IP_FREEBIND
    opened(V4, DGRAM, UDP, ("0.0.0.0", 5358), (0, 19, 1))           # IP_TRANSPARENT
    opened(V4, DGRAM, UDP, ("0.0.0.0", 5359), (1, 25, b"lo"))       # SO_BINDTODEVICE
    try:
        opened(V4, DGRAM, UDPLITE, ("127.0.0.1", 5353))
        lite = 1
    except OSError as error:
        # Linux 7.2 has none.
        assert error.errno == errno.EPROTONOSUPPORT, error
        lite = 0
    compare("list", "-a", least=8 + lite)
    for sock in compare("5353", least=3 + lite):
        assert sock["reuseport"] == (sock["proto"] == "udp"), sock
    if lite:
        compare("list", "--proto", "udplite")


def other_protocols():
    """raw sockets and SCTP, whose sockets have several addresses"""
    opened(V4, socket.SOCK_RAW, RAW, ("127.0.0.1", 0))
    opened(V6, socket.SOCK_RAW, RAW, ("::1", 0))
    try:
        listener = opened(V4, STREAM, SCTP, ("127.0.0.1", 8080), listens=5)
        connected(listener)
        opened(V6, STREAM, SCTP, ("::1", 8081), listens=1)
    except OSError as error:
        print("# no SCTP:", error)
    compare("list", "-a", least=0)


def mptcp():
    """MPTCP, whose subflows are sockets of TCP"""
    try:
        listener = opened(V4, STREAM, MPTCP, ("127.0.0.1", 8080), listens=5)
    except OSError as error:
        print("# no MPTCP:", error)
        return
    connected(listener)
    opened(V6, STREAM, MPTCP, ("::1", 8081), listens=1)
    opened(V4, STREAM, TCP, ("127.0.0.1", 8082), listens=1)
    compare("list", "-a", least=5)
    compare("8080", least=2)


def holders():
    """several descriptors, several processes, and threads' own tables"""
    sock = opened(V4, STREAM, TCP, ("127.0.0.1", 8080), listens=5)
    KEPT.append(sock.dup())
    child = os.fork()
    if not child:
        time.sleep(600)
    found = compare("8080")[0]
    assert len(found["owners"]) == 4 and found["share"] in ("inherited", None), found
    os.kill(child, 9)
    os.waitpid(child, 0)


def users():
    """what an unprivileged user may see"""
    opened(V4, STREAM, TCP, ("127.0.0.1", 8080), listens=5)
    server = subprocess.Popen(AS_USER + [sys.executable, "-c", """if True:
        import socket, time
        s = socket.create_server(("127.0.0.1", 8081))
        print("ready", flush=True)
        time.sleep(600)"""], stdout=subprocess.PIPE)
    server.stdout.readline()
    module = {sock["port"]: sock for sock in compare("list", user=True, least=2)}
    assert module[8080]["owners_hidden"] and not module[8080]["owners"]
    assert module[8081]["owners"][0]["pid"] == server.pid
    server.kill()
    server.wait()


def namespaces():
    """all network namespaces"""
    opened(V4, STREAM, TCP, ("127.0.0.1", 8080), listens=5)
    other = subprocess.Popen(["unshare", "-n", sys.executable, "-c", """if True:
        import socket, time
        s = socket.create_server(("", 8081))
        print("ready", flush=True)
        time.sleep(600)"""], stdout=subprocess.PIPE)
    other.stdout.readline()
    found = compare("list", "-A", least=2)
    assert len({sock["netns"] for sock in found}) >= 2, found
    other.kill()
    other.wait()


def answered(source, *args):
    """The object that a command prints."""
    run = subprocess.run(["portowner", "--json", f"--source={source}", *args], capture_output=True, check=False)
    return json.loads(run.stdout)


def verdicts():
    """check has the module's verdict and rule, or none"""
    opened(V4, STREAM, TCP, ("127.0.0.1", 8080), (1, socket.SO_REUSEADDR, 1), listens=5)
    opened(V6, STREAM, TCP, ("::", 8081), listens=5)
    opened(V4, DGRAM, UDP, ("0.0.0.0", 8082), (1, socket.SO_REUSEPORT, 1))
    for args in (["8080"], ["127.0.0.2:8080"], ["--reuseaddr", "8080"], ["8081"], ["[::]:8080"],
                 ["--v6only", "[::]:8080"], ["--reuseport", "udp/8082"], ["udp/8082"], ["192.0.2.1:80"],
                 ["--uid", "1000", "80"], ["[::1]:8083"], ["0"], ["mptcp/8080"],
                 ["--uid", "1000", "--reuseport", "udp/8082"]):
        answers = []
        for source in ("module", "diag"):
            answers.append(answered(source, "check", *args))
        module, diag = answers
        if diag["verdict"] is None:
            continue
        for key in ("verdict", "errno", "rule"):
            assert diag[key] == module[key], (args, key, module[key], diag[key])
        assert {sock["cookie"] for sock in diag["culprits"]} == \
            {sock["cookie"] for sock in module["culprits"]}, (args, answers)


def only_ipv6():
    """a port that a socket of IPv6 holds is not told as free"""
    opened(V6, STREAM, TCP, ("::", 8080), (41, socket.IPV6_V6ONLY, 1), listens=5)
    opened(V6, STREAM, TCP, ("::1", 8081), listens=5)
    for port in ("8080", "8081"):
        answer = answered("diag", "why", port)
        assert answer["now"]["verdict"] == "refused", answer
        assert f"tcp [::]:{port} would be refused: EADDRINUSE" in answer["explanation"], answer
        for source in ("module", "diag"):
            answer = answered(source, "check", port)
            assert answer["verdict"] == "ok" and f"tcp [::]:{port}" in answer["notes"][0], answer
            answer = answered(source, "check", "-4", port)
            assert answer["verdict"] == "ok" and not answer["notes"], answer


def only_udp():
    """why answers for UDP where TCP is free"""
    opened(V4, DGRAM, UDP, ("127.0.0.1", 8080))
    answer = answered("diag", "why", "8080")
    assert "udp 0.0.0.0:8080 would be refused: EADDRINUSE" in answer["explanation"], answer
    for target in ("tcp/8080", "8081"):
        answer = answered("diag", "why", target)
        assert answer["now"]["verdict"] == "ok" and answer["explanation"].startswith("tcp "), answer


def without_proc():
    """where proc is not mounted, a note says why there are no processes"""
    opened(V4, STREAM, TCP, ("127.0.0.1", 8080), listens=5)
    run = subprocess.run(["unshare", "-m", "sh", "-c", "mount -t tmpfs none /proc && exec portowner --source=diag"],
                         capture_output=True, text=True, check=False)
    assert run.returncode == 0 and "(hidden)" in run.stdout, run
    assert "proc is not mounted" in run.stderr, run


TESTS = [tcp, mapped, udp, other_protocols, mptcp, holders, users, namespaces, verdicts, only_ipv6, only_udp,
         without_proc]


if __name__ == "__main__":
    sys.exit(netns_tests.run(TESTS))
