#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Draw what it costs to find who owns one port, against the number of open descriptors on the
host, from the values of make bench: plot.py VALUES >SVG

Both axes are logarithmic. A program is drawn as far as it was measured.
"""
import math
import statistics
import sys

PROGRAMS = (
    ("who.command", "portowner 8080", "#0b6bcb", 3),
    ("who.fuser", "fuser", "#8a6d00", 1.5),
    ("who.netstat", "netstat", "#5c6570", 1.5),
    ("who.ss", "ss", "#b3261e", 1.5),
    ("who.lsof", "lsof", "#6b3fa0", 1.5),
    ("who.lsfd", "lsfd", "#1a7f37", 1.5),
)
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 400, 76, 130, 62, 52
BACK, TEXT, GRID = "#ffffff", "#24292f", "#d8dee4"


def read(path):
    found = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            words = line.split()
            if words[:1] == ["m"] and len(words) > 3:
                cost = statistics.median(int(word) for word in words[3:])
                found.setdefault(words[1], {})[int(words[2])] = cost
    return found


def words(number):
    """A power of ten as it is read aloud."""
    for size, unit in ((10 ** 9, "billion"), (10 ** 6, "million")):
        if number >= size:
            return f"{number // size} {unit}"
    return f"{number:,}"


def text(x, y, string, more=""):
    print(f'<text x="{x:.1f}" y="{y:.1f}" fill="{TEXT}" {more}>{string}</text>')


def spread(labels, room):
    """Labels by height, none nearer to the next than room."""
    last = -math.inf
    for y, *rest in sorted(labels):
        last = max(y, last + room)
        yield (last, *rest)


def main():
    found = read(sys.argv[1])
    if any(what not in found for what, *_ in PROGRAMS):
        sys.exit(f"{sys.argv[1]}: make bench has not measured all of the programs")
    sizes = sorted(found["who.command"])
    costs = [cost for what, *_ in PROGRAMS for cost in found[what].values()]
    x_of = lambda n: LEFT + (WIDTH - LEFT - RIGHT) * (
        (math.log10(n) - math.log10(sizes[0])) / (math.log10(sizes[-1]) - math.log10(sizes[0])))
    low, high = math.floor(math.log10(min(costs))), math.ceil(math.log10(max(costs)))
    y_of = lambda n: HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log10(n) - low) / (high - low)

    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
          f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
          'font-family="system-ui, Segoe UI, Helvetica, Arial, sans-serif" font-size="13">')
    print("<title>Instructions to find who owns a port, against open descriptors</title>")
    print(f'<rect width="100%" height="100%" rx="8" fill="{BACK}"/>')
    text(20, 28, "Who owns port 8080? Instructions of one run", 'font-size="16" font-weight="bold"')
    text(20, 47, "by the number of open file descriptors on the host; Linux 6.1, make bench")
    for power in range(low, high + 1):
        y = y_of(10 ** power)
        print(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GRID}"/>')
        text(LEFT - 8, y + 4, words(10 ** power), 'text-anchor="end" font-size="11"')
    for size in sizes:
        text(x_of(size), HEIGHT - BOTTOM + 22, f"{size:,}", 'text-anchor="middle"')
    labels = []
    for what, name, colour, stroke in PROGRAMS:
        points = [(x_of(size), y_of(cost)) for size, cost in sorted(found[what].items())]
        print(f'<path d="M{" L".join(f"{x:.1f} {y:.1f}" for x, y in points)}" fill="none" '
              f'stroke="{colour}" stroke-width="{stroke}" stroke-linejoin="round"/>')
        for x, y in points:
            print(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{stroke + 1.5}" fill="{colour}"/>')
        labels.append((points[-1][1], points[-1][0], name, colour))
    for end in sorted({x for _, x, *_ in labels}):
        for y, x, name, colour in spread([label for label in labels if label[1] == end], 15):
            print(f'<text x="{x + 9:.1f}" y="{y + 4:.1f}" fill="{colour}" font-weight="bold">'
                  f"{name}</text>")
    print("</svg>")


main()
