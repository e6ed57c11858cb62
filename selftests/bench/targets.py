# SPDX-License-Identifier: GPL-2.0
"""Tables of the benchmark, and its targets."""
import statistics

# Title, unit of the sizes, rows: name, what, and what it is compared to. Ratios say how many times
# the row of the tool costs.
TABLES = (
    ("one port, instructions", "fds", (
        ("portowner's kernel side, owner in the first process", "who.kernel.first", None),
        ("- in a process in the middle", "who.kernel.middle", None),
        ("- in the last process", "who.kernel.last", None),
        ("- binder gone, owner unrelated: full walk", "who.kernel.gone", None),
        ("portowner who PORT", "who.command", None),
        ("portowner who PORT, binder gone", "who.command.gone", "who.command"),
        ("ss -H -ltnp sport = :PORT", "who.ss", "who.command"),
        ("fuser PORT/tcp", "who.fuser", "who.command"),
        ("netstat -ltnp", "who.netstat", "who.command"),
        ("lsof -nP -iTCP:PORT", "who.lsof", "who.command"),
        ("lsfd -Q 'NAME =~ \"TCP.*\"'", "who.lsfd", "who.command"),
    )),
    ("all listeners with owners, instructions", "fds", (
        ("portowner's kernel side", "list.kernel", None),
        ("portowner", "list.command", None),
        ("portowner -J", "list.json", "list.command"),
        ("ss -H -tulnp", "list.ss", "list.command"),
        ("netstat -tulnp", "list.netstat", "list.command"),
        ("lsof -nP -iTCP -sTCP:LISTEN", "list.lsof", "list.command"),
        ("ss -H -tuln, which names no owner", "list.ss-noowner", "list.command"),
    )),
    ("all sockets with owners, instructions", "sockets", (
        ("portowner's kernel side", "all.kernel", None),
        ("portowner list -a", "all.command", None),
        ("portowner list -a -J", "all.json", "all.command"),
        ("ss -H -tanp", "all.ss", "all.command"),
        ("ss -H -tan, which names no owner", "all.ss-noowner", "all.command"),
    )),
    ("all sockets with owners, nanoseconds by the clock", "sockets", (
        ("portowner list -a", "time.command", None),
        ("portowner list -a, after the others", "time.command-again", None),
        ("ss -H -tanp", "time.ss", "time.command"),
        ("ss -H -tan, which names no owner", "time.ss-noowner", "time.command"),
    )),
    ("bind() beside other bound sockets, instructions", "sockets", tuple(
        (f"{proto}, {kind}: {name}", f"{module}.live.{proto}.{what}", None)
        for proto in ("tcp", "udp")
        for what, name in (("median", "the call"), ("p99", "99th percentile"),
                           ("all", "with socket(), close() and all work"))
        for module, kind in (("without", "no module"), ("with", "module")))),
    ("longest time without a point to reschedule, ns at an instruction each", "fds or sockets", (
        ("nothing asked", "stall.idle", None),
    )),
    ("one port, full walk", "fds in one process", (
        ("longest time without a point to reschedule", "stall.walk", None),
        ("all listeners, likewise", "stall.list", None),
    )),
    ("all sockets", "sockets", (
        ("longest time without a point to reschedule", "stall.all", None),
        ("the same, of an answer that nobody reads", "stall.left", None),
    )),
    ("one port, full walk, instructions", "fds in one process", (
        ("portowner's kernel side", "one.kernel", None),
    )),
)

# The first sendto() of a UDP socket binds it.
BINDS = ("tcp-bind", "udp-bind", "udp-autobind")
UNTOUCHED = ("connect", "accept", "send", "recv", "close", "udp-send")
CALLS = ("tcp-bind", "tcp-bind+close", "tcp-listen", "udp-bind", "udp-bind+close",
         "udp-autobind") + UNTOUCHED + ("close-reset",)

# How much the same call may vary between two measurements without the module.
NOISE = 10


def median(values, what, size):
    return statistics.median(values[what, size])


def call(values, name):
    """Cost of a system call, with and without the module, or None if not measured."""
    cost = {}
    for kind in ("median", "mean"):
        for module in ("without", "with", "without-again"):
            runs = values.get((f"{module}.{name}.{kind}", 0))
            if not runs:
                return None
            cost[module, kind] = statistics.median(runs)
    return {
        "without": cost["without", "median"],
        "with": cost["with", "median"],
        "difference": round(cost["with", "median"] - cost["without", "median"]),
        "mean_difference": round(cost["with", "mean"] -
                                 (cost["without", "mean"] + cost["without-again", "mean"]) / 2),
    }


def all_work(values, name):
    """The additional cost of a bind with the module, including work done later by others."""
    cost = {module: median(values, f"{module}.{name}.all", 0)
            for module in ("without", "with", "without-again")}
    return round(cost["with"] - (cost["without"] + cost["without-again"]) / 2)


def who(values):
    """Flat, and cheap, wherever the owner is."""
    kinds = [f"who.kernel.{at}" for at in ("first", "middle", "last")]
    costs = [median(values, what, size) for what, size in values if what in kinds]
    sizes = sorted(size for what, size in values if what == kinds[0])
    yield ("one port: the same from %s to %s fds" % (f"{sizes[0]:,}", f"{sizes[-1]:,}"), "1.5x",
           f"{max(costs) / min(costs):.2f}x", max(costs) <= 1.5 * min(costs))
    yield "one port: kernel side", "60,000", f"{max(costs):,.0f}", max(costs) < 60000


def per_fd(values):
    """The cost added by each descriptor, from the smallest host to the largest."""
    sizes = sorted(size for what, size in values if what == "list.kernel")
    for what, name in (("list.kernel", "all listeners"), ("who.kernel.gone", "one port, full walk")):
        added = (median(values, what, sizes[-1]) - median(values, what, sizes[0])) / (
            sizes[-1] - sizes[0])
        yield f"{name}: kernel side, each fd", "25", f"{added:.1f}", added <= 25


def against_ss(values):
    for size, factor in ((100000, 400), (1000000, 800)):
        ratio = median(values, "list.ss", size) / median(values, "list.command", size)
        yield (f"all listeners: ss -H -tulnp / portowner at {size:,} fds", f"{factor}x",
               f"{ratio:.0f}x", ratio >= factor)


def by_the_clock(values):
    """Where ss waits for memory, which no instruction shows.

    What comes in between makes runs slower: the best of ss by what is usual of ours.
    """
    size = max(size for what, size in values if what == "time.command")
    ours = values["time.command", size] + values["time.command-again", size]
    ratio = min(values["time.ss", size]) / statistics.median(ours)
    yield (f"{size:,} sockets: ss -tanp / portowner list -a, by the clock", "20x",
           f"{ratio:.1f}x", ratio >= 20)


def all_sockets(values):
    size = max(size for what, size in values if what == "all.command")
    ours = median(values, "all.command", size)
    ratio = median(values, "all.ss", size) / ours
    yield (f"{size:,} sockets: ss -tanp / portowner list -a", "20x", f"{ratio:.1f}x", ratio >= 20)
    ratio = ours / median(values, "all.ss-noowner", size)
    yield (f"{size:,} sockets: portowner list -a / ss -tan", "2x", f"{ratio:.2f}x", ratio <= 2)
    ratio = median(values, "all.json", size) / ours
    yield (f"{size:,} sockets: portowner list -a with -J / without", "2x", f"{ratio:.2f}x",
           ratio <= 2)


def system_calls(values):
    for name in BINDS:
        cost = call(values, name)
        yield (f"{name}: the call", "+1,100", f"{cost['difference']:+,}",
               cost["difference"] <= 1100)
    for name in ("tcp-bind", "udp-bind"):
        added = all_work(values, name)
        yield (f"{name}: with all work it causes", "+1,300", f"{added:+,}", added <= 1300)
    worst = max((abs(call(values, name)["difference"]), name) for name in UNTOUCHED)
    yield (f"{', '.join(UNTOUCHED)}: not touched", f"{NOISE}", f"{worst[0]:+,} ({worst[1]})",
           worst[0] <= NOISE)
    cost = call(values, "close-reset")["difference"]
    yield "close-reset (SO_LINGER with no time)", "+50", f"{cost:+,}", abs(cost) <= 50


def live_binds(values):
    """bind() with other bound sockets: the worst of all numbers of sockets."""
    for proto in ("tcp", "udp"):
        sizes = sorted(size for what, size in values if what == f"with.live.{proto}.median")

        def more(what, size, proto=proto):
            return (median(values, f"with.live.{proto}.{what}", size) -
                    median(values, f"without.live.{proto}.{what}", size))

        beside = f"{proto}-bind beside {sizes[0]:,} to {sizes[-1]:,} sockets"
        for what, name, limit in (("median", "the call", 1100), ("all", "with all work", 1300)):
            worst = max((more(what, size), size) for size in sizes)
            yield (f"{beside}: {name}", f"+{limit:,}", f"{worst[0]:+,.0f} ({worst[1]:,})",
                   worst[0] <= limit)
        worst = max((median(values, f"with.live.{proto}.p99", size) /
                     median(values, f"with.live.{proto}.median", size), size) for size in sizes)
        yield (f"{beside}: p99 / median", "2x", f"{worst[0]:.2f}x ({worst[1]:,})", worst[0] <= 2)


def refusals(values):
    """A refused bind, whatever others do."""
    for (what, size), runs in values.items():
        if what.startswith("refused.") and what != "refused.without":
            yield (f"refused bind, {what[8:]} {size:,}", "300,000", f"{max(runs):,}",
                   max(runs) <= 300000)


def repeats(values):
    """A refused bind that is already in the log."""
    before = median(values, "refused.without", 0)
    ratio = ((median(values, "refused.again", 0) - before) /
             (median(values, "refused.quiet", 0) - before))
    yield "refused bind: what the module adds, again / first", "0.1x", f"{ratio:.2f}x", ratio <= 0.1


def stalls(values):
    for what, name in (("stall.walk", "one port, a process with a million fds"),
                       ("stall.list", "all listeners, likewise"), ("stall.all", "all sockets"),
                       ("stall.left", "all sockets, and nobody reads it")):
        for (key, _), runs in values.items():
            if key == what:
                yield (f"{name}: longest without a point to reschedule", "50,000 ns",
                       f"{max(runs):,} ns", max(runs) <= 50000)


def memory(values):
    load = median(values, "memory.load", 0)
    yield "memory: the module, idle", "393,216 B", f"{load:,.0f} B", load <= 384 * 1024
    size = max(size for what, size in values if what == "memory.bind")
    tracked = (median(values, "memory.bind", size) -
               median(values, "memory.bind-without", size)) / size
    yield "memory: a tracked socket", "128 B", f"{tracked:.0f} B", tracked <= 128
    size = max(size for what, size in values if what == "memory.reject")
    grown = median(values, "memory.reject", size)
    # Allowance for pages that other parts of the system allocate.
    yield (f"memory: growth by {size:,} refused binds", "64 KiB", f"{grown:,.0f} B",
           grown <= 64 * 1024)


RULES = (who, per_fd, against_ss, by_the_clock, all_sockets, system_calls, live_binds, refusals, repeats,
         stalls, memory)


def judge(values, names):
    """Each target with its limit, what was measured, and ok, MISSED or NOT MEASURED.

    Of the rules named, or of all.
    """
    results = []
    for rule in (rule for rule in RULES if not names or rule.__name__ in names):
        try:
            for target, limit, measured, good in rule(values):
                results.append({"target": target, "limit": limit, "measured": measured,
                                "verdict": "ok" if good else "MISSED"})
        except (LookupError, ArithmeticError, ValueError, TypeError) as error:
            results.append({"target": rule.__name__, "limit": "", "measured": f"no value: {error}",
                            "verdict": "NOT MEASURED"})
    return results
