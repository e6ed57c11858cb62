#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Ask the module for refusals and calls through the kernel's own netlink client, and compare its answers
with those of the tool.
"""

import errno
import json
import os
import select
import socket
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
# pylint: disable-next=wrong-import-position
from ynl_client import (NETNS, YnlFamily, agree, bound, culprits, dump, endpoint, flags, reason,
                        refused, rfc3339, run_tests, tool, without_lookups)


def reject(messages):
    """A reject, from the messages that it came in."""
    first = messages[0]
    return {
        **endpoint(first), **flags(first, "reuseaddr", "reuseport", "v6only"), **reason(first),
        "seq": first["seq"], "time": rfc3339(first["time"]), "first_time": rfc3339(first["first-time"]),
        "count": first["count"], "op": first["op"], "errno": errno.errorcode[first["errno"]],
        "rule": first["rule"], "pid": first.get("pid", 0), "comm": first.get("comm"), "exe": first.get("exe"),
        "uid": first["uid"], "cgroup": first.get("cgroup"), "bpf_prog": None,
        "culprits_incomplete": first.get("culprits-incomplete", False), "culprits": culprits(messages),
    }


def reject_get(client, **request):
    """The log."""
    records = {}
    for message in dump(client, "reject-get", request):
        if message:
            records.setdefault(message["seq"], []).append(message)
    return [reject(messages) for messages in records.values()]


def refusals(client):
    """reject-get"""
    holder = bound("127.0.0.1", 7000)
    for _ in range(2):
        refused(lambda: bound("0.0.0.0", 7000, SO_REUSEADDR=1))
    holder.listen(8)
    refused(lambda: bound("127.0.0.1", 7000, kind=socket.SOCK_STREAM, SO_REUSEADDR=1))
    group = [bound("::", 7001, family=socket.AF_INET6, kind=socket.SOCK_DGRAM, SO_REUSEPORT=1)
             for _ in range(200)]
    refused(lambda: bound("127.0.0.1", 7001, kind=socket.SOCK_DGRAM))
    log = agree(lambda: reject_get(client), lambda: tool("log")["rejects"])
    assert [record["count"] for record in log] == [2, 1, 1], log
    assert len(log[-1]["culprits"]) > 1 and group
    assert reject_get(client, since=log[0]["seq"]) == log[1:]
    assert reject_get(client, ancestor=os.getpid()) == log


def exhausted_range(client):
    """reject-get, range: what the tool has no JSON for is what the test did"""
    path = "/proc/sys/net/ipv4/ip_local_port_range"
    with open(path, encoding="ascii") as old:
        before = old.read()
    with open(path, "w", encoding="ascii") as new:
        new.write("40000 40007")
    held = [bound("127.0.0.1", port) for port in range(40000, 40008)]
    refused(lambda: bound("127.0.0.1"))
    with open(path, "w", encoding="ascii") as new:
        new.write(before)
    record = dump(client, "reject-get", {})[-1]
    assert (record["op"], record["rule"]) == ("bind", "ephemeral-exhausted"), record
    ports, holders = record["range"], record["range"]["holder"]
    assert (ports["first"], ports["last"], ports["taken"]) == (40000, 40007, len(held)), ports
    assert [(holder["pid"], holder["ports"]) for holder in holders] == [(os.getpid(), len(held))], ports


def notifications(client):
    """reject-ntf"""
    listener = YnlFamily(family="portowner", process_unknown=False)
    listener.ntf_subscribe("rejects")
    held = bound("127.0.0.1", 7200)
    refused(lambda: bound("127.0.0.1", held.getsockname()[1]))
    seq = reject_get(client)[-1]["seq"]
    event = next(listener.poll_ntf(duration=60))
    assert event == {"name": "reject-ntf", "msg": {"seq": seq, "netns": NETNS}}, event
    listener.close()


def since_all(client):
    """reject-get, since-all"""
    held = bound("127.0.0.1", 7210)
    refused(lambda: bound("127.0.0.1", 7210))
    first, *records = dump(client, "reject-get", {"all-netns": True, "since-all": 0})
    assert set(first) == {"seq-all"} and NETNS in [record.get("netns") for record in records], first
    assert dump(client, "reject-get", {"all-netns": True, "since-all": first["seq-all"]}) == [first]
    refused(lambda: bound("127.0.0.1", held.getsockname()[1], SO_REUSEADDR=1))
    news = dump(client, "reject-get", {"all-netns": True, "since-all": first["seq-all"]})
    assert news[0] == {"seq-all": first["seq-all"] + 1} and len(news) == 2, news


def call(attrs):
    """A call as the tool has it."""
    result = endpoint(attrs)
    del result["peer"]
    return {
        **result, **flags(attrs, "reuseaddr", "reuseport", "v6only", "freebind", "transparent"),
        "seq": attrs["seq"], "time": rfc3339(attrs["time"]), "op": attrs["op"],
        "errno": errno.errorcode[attrs["errno"]] if attrs["errno"] else None,
        "bound_port": attrs.get("bound-port"), "pid": attrs.get("pid", 0), "comm": attrs.get("comm"),
        "exe": attrs.get("exe"), "uid": attrs["uid"], "cgroup": attrs.get("cgroup"),
    }


def trace_get(client, since):
    """Calls, and the number of the last one."""
    *messages, end = dump(client, "trace-get", {"since": since})
    assert set(end) == {"seq"}, end
    return [call(message) for message in messages if message], end["seq"]


def calls(client):
    """trace-get and trace-ntf"""
    listener = YnlFamily(family="portowner", process_unknown=False)
    listener.ntf_subscribe("calls")
    begin = dump(client, "trace-get", {})[-1]["seq"]
    with subprocess.Popen(["portowner", "--json", "trace"], stdout=subprocess.PIPE, text=True) as trace:
        # What the tool shows first is of after it has begun.
        while not select.select([trace.stdout], [], [], 0.2)[0]:
            bound("127.0.0.1", 7300).close()
        shown = [json.loads(trace.stdout.readline())]
        held = bound("127.0.0.1", 7310, SO_REUSEADDR=1)
        held.listen()
        refused(lambda: bound("127.0.0.1", 7310))
        bound("::1", 0, family=socket.AF_INET6, kind=socket.SOCK_DGRAM, SO_REUSEPORT=1)
        last = trace_get(client, begin)[1]
        while shown[-1]["seq"] < last:
            shown.append(json.loads(trace.stdout.readline()))
        trace.terminate()
    told, end = trace_get(client, shown[0]["seq"] - 1)
    assert [without_lookups(line) for line in shown] == told and end == last, (shown, told)
    assert [(line["op"], line["port"], line["errno"]) for line in told[-4:]] == [
        ("bind", 7310, None), ("listen", 7310, None), ("bind", 7310, "EADDRINUSE"), ("bind", 0, None)], told
    event = next(listener.poll_ntf(duration=60))
    assert event == {"name": "trace-ntf", "msg": {"netns": NETNS}}, event
    listener.close()


TESTS = [refusals, exhausted_range, notifications, since_all, calls]


if __name__ == "__main__":
    sys.exit(run_tests(TESTS))
