#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Ask the module for sockets and verdicts through the kernel's own netlink client, and compare its answers
with those of the tool.
"""

import errno
import os
import resource
import socket
import sys

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
# pylint: disable-next=wrong-import-position
from ynl_client import (Answer, NlError, agree, bound, by_cookie, culprits, dump, reason, refused,
                        run_tests, tool)

STATES = ["established", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2", "time-wait", "bound",
          "close-wait", "last-ack", "listen", "closing"]


def port_get(client, compact):
    """All sockets, in full or in compact form; with how many messages."""
    request = {"states": STATES}
    if compact:
        request["accept-compact"] = True
    messages = dump(client, "port-get", request)
    answer = Answer()
    for message in messages:
        answer.message(message)
    return by_cookie(answer.sockets), len(messages)


def list_all():
    """All sockets, as the tool has them."""
    return by_cookie(tool("list", "-a")["sockets"])


def some_sockets(count):
    """Sockets of many kinds, among them as many connections."""
    held = [bound("::", family=socket.AF_INET6), bound("127.0.0.1", kind=socket.SOCK_DGRAM),
            bound("::1", family=socket.AF_INET6, kind=socket.SOCK_DGRAM, IPV6_V6ONLY=1),
            bound("0.0.0.0", SO_BINDTODEVICE=b"lo")]
    for _ in range(3):
        held.append(bound("127.0.0.1", 6000, SO_REUSEPORT=1))
        held[-1].listen(8)
    for family, addr in (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"):
        listener = bound(addr, family=family)
        listener.listen(8)
        held.append(listener)
        for _ in range(count):
            held.append(socket.create_connection(listener.getsockname()[:2]))
            held.append(listener.accept()[0])
        # one with more owners, and one that is gone but for its time-wait
        held.append(held[-1].dup())
        gone = socket.create_connection(listener.getsockname()[:2])
        other = listener.accept()[0]
        gone.close()
        other.close()
    return held


def sockets_in_full(client):
    """port-get"""
    held = some_sockets(20)
    sockets = agree(lambda: port_get(client, False)[0], list_all)
    assert len(sockets) >= 90 and held


def sockets_in_compact_form(client):
    """port-get, accept-compact"""
    held = some_sockets(200)
    sockets = agree(lambda: port_get(client, True)[0], list_all)
    assert len(sockets) >= 800 and held
    messages = port_get(client, True)[1]
    assert messages < 200, messages


def owners_over_several_messages(client):
    """port-get, more-owners"""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    sock = bound("127.0.0.1")
    held = [os.dup(sock.fileno()) for _ in range(3000)]
    sockets = agree(lambda: port_get(client, False)[0], list_all)
    assert [len(s["owners"]) for s in sockets] == [3001]
    assert port_get(client, False)[1] > 2
    for descriptor in held:
        os.close(descriptor)


def bind_check(client, **request):
    """The verdict, as the tool has it."""
    messages = dump(client, "bind-check", {name.replace("_", "-"): value for name, value in request.items()})
    assert messages.pop(0) == {"more": True}
    first = messages[0]
    return {"verdict": "refused" if "op" in first else "ok",
            "errno": errno.errorcode[first["errno"]] if "op" in first else None,
            "rule": first.get("rule"), **reason(first), "culprits": by_cookie(culprits(messages))}


def check(*args):
    """The verdict of the tool, which has an order of its own for the culprits."""
    verdict = tool("check", *args)
    return {**verdict, "culprits": by_cookie(verdict["culprits"])}


def verdicts(client):
    """bind-check"""
    held = [bound("127.0.0.1", 7100, SO_REUSEADDR=1), bound("::", 7101, family=socket.AF_INET6)]
    held[0].listen(8)
    held += [bound("127.0.0.1", 7102, SO_REUSEPORT=1) for _ in range(3)]
    for args, request in (
            (["7199"], {"port": 7199, "addr": "0.0.0.0"}),
            (["7100"], {"port": 7100}),
            (["--reuseaddr", "127.0.0.1:7100"], {"port": 7100, "addr": "127.0.0.1", "flags": ["reuseaddr"]}),
            (["7101"], {"port": 7101}),
            (["--reuseport", "7102"], {"port": 7102, "flags": ["reuseport"]}),
            (["--reuseport", "--uid", "1000", "7102"], {"port": 7102, "flags": ["reuseport"], "uid": 1000}),
            (["--listen", "7102"], {"port": 7102, "listen": True}),
            (["192.0.2.1:80"], {"port": 80, "addr": "192.0.2.1"}),
            (["[::]:7101"], {"port": 7101, "family": socket.AF_INET6}),
    ):
        request = {"family": socket.AF_INET, "proto": socket.IPPROTO_TCP, **request}
        agree(lambda: bind_check(client, **request), lambda: check(*args))


def counters(client):
    """stats-get"""
    held = bound("127.0.0.1", 7100)
    refused(lambda: bound("127.0.0.1", 7100))
    held.close()

    def named():
        answer = client.do("stats-get", {})
        assert set(answer) == set(client.ops["stats-get"].yaml["do"]["reply"]["attributes"])
        return {key.replace("-", "_"): value for key, value in answer.items()}

    agree(named, lambda: tool("stats"))


def wrong_requests(client):
    """extack"""
    for operation, request, error in (
            ("port-get", {"proto": 5}, errno.EPROTONOSUPPORT),
            ("port-get", {"port-last": 80}, errno.EINVAL),
            ("reject-get", {"ancestor": 2**31 - 1}, errno.ESRCH),
            ("reject-get", {"since-all": 1}, errno.EINVAL),
            ("trace-get", {"all-netns": True}, errno.EOPNOTSUPP),
            ("bind-check", {"family": 2, "proto": 6}, errno.EINVAL),
    ):
        try:
            client.dump(operation, request)
        except NlError as refusal:
            assert refusal.error == error, refusal
            assert refusal.nl_msg.extack["msg"], refusal
        else:
            raise AssertionError(f"{operation} {request} was accepted")


def all_operations(client):
    """there are no other operations"""
    assert set(client.msgs) == {"port-get", "reject-get", "reject-ntf", "stats-get", "bind-check",
                                "trace-get", "trace-ntf"}


TESTS = [sockets_in_full, sockets_in_compact_form, owners_over_several_messages, counters, verdicts,
         wrong_requests, all_operations]


if __name__ == "__main__":
    sys.exit(run_tests(TESTS))
