# SPDX-License-Identifier: GPL-2.0
"""
The kernel's own netlink client, which knows nothing of the module but the specification, and what it
answers in the JSON of the tool.

That client, pyynl, is looked for where the kernel's own tests have it. It finds the specification where
"make install" puts it.
"""

import errno
import ipaddress
import json
import os
import socket
import subprocess
import sys
import time

import netns_tests

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "../../net/lib/ynl"), os.path.join(HERE, "../../../../net/ynl")]
try:
    from pyynl import NlError, YnlFamily  # pylint: disable=unused-import
except ImportError as error:
    print(f"KTAP version 1\n1..0 # SKIP {error}")
    sys.exit(4)

FAMILIES = {socket.AF_INET: "inet", socket.AF_INET6: "inet6"}
PROTOS = {1: "icmp", 6: "tcp", 17: "udp", 132: "sctp", 136: "udplite", 255: "raw", 262: "mptcp"}
NETNS = os.stat("/proc/self/ns/net").st_ino

# What the tool finds out by itself, or says of a socket in words or for who alone.
LOOKED_UP = {"netns_name", "unit", "container", "kernel_dev", "kernel_netns", "choice", "may_join", "covers",
             "backlog", "purpose", "forwards", "unseen", "explanation", "remedy", "advice", "relation",
             "restarter", "runner", "debugger", "suspended", "frozen", "ignores_sigterm", "unchecked",
             "redirects", "notes", "source"}


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


def run_tests(tests):
    """Run all tests, or the one that is named on the command line, each with a client."""
    return netns_tests.run(tests, lambda: (YnlFamily(family="portowner", process_unknown=False),))
