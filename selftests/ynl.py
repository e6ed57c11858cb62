#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Ask the module through the kernel's own netlink client, which knows nothing of it but the specification,
and compare its answers with those of the tool.

That client, pyynl, is looked for where the kernel's own tests have it. It finds the specification where
"make install" puts it.
"""

import errno
import ipaddress
import json
import os
import resource
import select
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path += [os.path.join(HERE, "lib"), os.path.join(HERE, "../net/lib/ynl"), os.path.join(HERE, "../../../net/ynl")]
import netns_tests  # pylint: disable=wrong-import-position
try:
    from pyynl import NlError, YnlFamily
except ImportError as error:
    print(f"KTAP version 1\n1..0 # SKIP {error}")
    sys.exit(4)

FAMILIES = {socket.AF_INET: "inet", socket.AF_INET6: "inet6"}
PROTOS = {1: "icmp", 6: "tcp", 17: "udp", 132: "sctp", 136: "udplite", 255: "raw", 262: "mptcp"}
NETNS = os.stat("/proc/self/ns/net").st_ino
STATES = ["established", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2", "time-wait", "bound",
          "close-wait", "last-ack", "listen", "closing"]

# What the tool finds out by itself, or says of a socket in words or for who alone.
LOOKED_UP = {"netns_name", "unit", "container", "kernel_dev", "kernel_netns", "choice", "may_join", "covers",
             "backlog", "purpose", "forwards", "unseen", "explanation", "remedy", "unchecked", "redirects"}


def tool(*args):
    """What the tool prints as JSON; 0 is yes and 1 is no."""
    run = subprocess.run(["portowner", "--json", *args], capture_output=True, check=False)
    assert run.returncode in (0, 1), run
    return without_lookups(json.loads(run.stdout))


def without_lookups(value):
    """The answer of the module in the JSON of the tool. A time is not the same twice."""
    if isinstance(value, list):
        return [without_lookups(element) for element in value]
    if not isinstance(value, dict):
        return value
    result = {key: without_lookups(element) for key, element in value.items() if key not in LOOKED_UP}
    for key in ("age_ns", "expires_ns"):
        if key in result:
            result[key] = result[key] is not None
    return result


def flags(attrs, *names):
    """Each flag as the tool has it."""
    return {name: name in attrs["flags"] for name in names}


def peer(attrs):
    """The other end of a connection."""
    if "peer-port" not in attrs:
        return None
    return {"addr": attrs["peer-addr"], "port": attrs["peer-port"]}


def endpoint(attrs):
    """What sockets and rejects have in common."""
    return {
        "proto": PROTOS[attrs["proto"]], "family": FAMILIES[attrs["family"]], "addr": attrs["addr"],
        "port": attrs["port"], "dev": attrs.get("dev"), "netns": attrs["netns"], "peer": peer(attrs),
    }


class Answer:
    """The messages of a dump, put together as the specification says."""

    def __init__(self):
        self.sockets = []
        self.templates = {}
        self.procs = {}

    def owner(self, attrs):
        """An owner, who may have been described before."""
        if attrs.get("repeated"):
            attrs = {**self.procs[attrs["pid"]], "fd": attrs["fd"]}
        else:
            self.procs[attrs.get("pid")] = attrs
        return {"pid": attrs.get("pid", 0), "fd": attrs["fd"], "comm": attrs["comm"], "exe": attrs.get("exe"),
                "uid": attrs["uid"], "cgroup": attrs.get("cgroup")}

    def socket(self, attrs):
        """A socket, or further owners of the last one."""
        owners = [self.owner(owner) for owner in attrs.get("owner", [])]
        if "family" not in attrs:
            assert self.sockets[-1]["cookie"] == attrs["cookie"]
            self.sockets[-1]["owners"] += owners
            return
        binder = attrs.get("binder")
        by_kernel = attrs.get("port-by-kernel")
        self.sockets.append({
            **endpoint(attrs), **flags(attrs, "reuseaddr", "reuseport", "v6only", "freebind", "transparent"),
            "state": attrs["state"], "cookie": attrs["cookie"], "inode": attrs["inode"],
            "uid": attrs.get("uid", 0), "share": attrs["share"], "group_size": attrs["group-size"],
            "port_by_kernel": None if by_kernel is None else bool(by_kernel),
            "kernel_owner": attrs.get("kernel-owner"), "unseen_refs": attrs.get("unseen-refs", 0),
            "owners_incomplete": attrs.get("owners-incomplete", False),
            "owners_hidden": attrs.get("owners-hidden", False), "age_ns": "age" in attrs,
            "expires_ns": "expires" in attrs,
            "binder": binder and {"pid": binder.get("pid", 0), "comm": binder["comm"], "uid": binder["uid"],
                                  "alive": binder.get("alive", False)},
            "owners": owners,
        })

    def compact(self, arrays):
        """Sockets that are like a template."""
        addrs = arrays.pop("peer-addr")
        count = len(arrays["template-id"])
        assert count and len(addrs) == 16 * count
        assert all(len(array) == count for array in arrays.values()), arrays
        for number, name in enumerate(arrays["template-id"]):
            like = dict(self.templates[name])
            like.update((key, arrays[key][number]) for key in ("cookie", "inode", "port"))
            like["owners"] = [{**like["owners"][0], "fd": arrays["fd"][number]}]
            if arrays["peer-port"][number]:
                addr = ipaddress.IPv6Address(addrs[16 * number:16 * number + 16])
                like["peer"] = {"addr": str(addr.ipv4_mapped or addr), "port": arrays["peer-port"][number]}
            self.sockets.append(like)

    def message(self, attrs):
        """A message of port-get."""
        if "socket" in attrs:
            self.socket(attrs["socket"])
        if "template-id" in attrs:
            self.templates[attrs["template-id"]] = self.sockets[-1]
        if "compact" in attrs:
            self.compact(attrs["compact"])


def by_cookie(sockets):
    """Sockets in an order that does not depend on who lists them."""
    return sorted(sockets, key=lambda sock: sock["cookie"])


def differ(one, other, where=""):
    """Where two answers first differ, or None."""
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(f"{where}[{i}]", *pair) for i, pair in enumerate(zip(one, other))]
    elif isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(f"{where}.{key}", one[key], other[key]) for key in one]
    elif isinstance(one, dict) and isinstance(other, dict):
        return f"{where}: only one has {one.keys() ^ other.keys()}"
    else:
        return None if one == other else f"{where}: client {str(one)[:1000]}, tool {str(other)[:1000]}"
    return next(filter(None, (differ(first, second, place) for place, first, second in pairs)), None)


def agree(ask_client, ask_tool):
    """Both give the same answer, while nothing changes; returns it."""
    for _ in range(50):
        before = ask_tool()
        answer = ask_client()
        if ask_tool() == before:
            problem = differ(answer, before)
            assert not problem, problem
            return answer
        time.sleep(0.1)
    raise AssertionError("the answer never stayed the same")


def refused(action):
    """The action is refused, with EADDRINUSE."""
    try:
        action()
    except OSError as refusal:
        assert refusal.errno == errno.EADDRINUSE, refusal
        return
    raise AssertionError("it was not refused")


def bound(addr, port=0, family=socket.AF_INET, kind=socket.SOCK_STREAM, **options):
    """A bound socket with the options named."""
    sock = socket.socket(family, kind)
    for option, value in options.items():
        level = socket.IPPROTO_IPV6 if option == "IPV6_V6ONLY" else socket.SOL_SOCKET
        sock.setsockopt(level, getattr(socket, option), value)
    sock.bind((addr, port))
    return sock


def dump(client, operation, request):
    """The messages of an answer, which has what the specification lists and nothing else."""
    messages = client.dump(operation, request)
    listed = client.ops[operation].yaml["dump"]["reply"]["attributes"]
    assert set().union(*messages) <= set(listed), set().union(*messages) - set(listed)
    return messages


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


def rfc3339(nanoseconds):
    """A time as the tool prints it."""
    seconds, rest = divmod(nanoseconds, 10**9)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{rest:09}Z"


def culprits(messages):
    """The sockets in the way, over several messages."""
    answer = Answer()
    for message in messages:
        for culprit in message.get("culprit", []):
            answer.socket(culprit)
    return answer.sockets


def reason(attrs):
    """Why an address is not available."""
    return {"reason": attrs.get("reason"), "reason_dev": attrs.get("reason-dev"),
            "reason_netns": attrs.get("reason-netns")}


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


TESTS = [sockets_in_full, sockets_in_compact_form, owners_over_several_messages, counters, refusals,
         exhausted_range, verdicts, notifications, since_all, calls, wrong_requests, all_operations]


if __name__ == "__main__":
    sys.exit(netns_tests.run(TESTS, lambda: (YnlFamily(family="portowner", process_unknown=False),)))
