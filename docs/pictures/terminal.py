#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Draw what a terminal shows, with bold and red, as SVG: terminal.py <TEXT >SVG"""
import html
import re
import sys

FONT, WIDTH, HEIGHT, MARGIN = 14, 8.43, 20, 18
BACK, TEXT, BOLD, RED = "#16181d", "#d5d9e0", "#ffffff", "#ff8276"
SGR = re.compile(r"\033\[([0-9;]*)m")


def runs(line):
    """Pieces of a line with one look each: (column, text, bold, red)."""
    bold = red = False
    column = start = 0
    for match in list(SGR.finditer(line)) + [None]:
        text = line[start:match.start() if match else None]
        if text:
            yield column, text, bold, red
            column += len(text)
        if match:
            for code in (match.group(1) or "0").split(";"):
                bold = code == "1" or bold and code != "0"
                red = code == "31" or red and code != "0"
            start = match.end()


def main():
    lines = [line.rstrip() for line in sys.stdin.read().strip("\n").split("\n")]
    columns = max(len(SGR.sub("", line)) for line in lines)
    width = columns * WIDTH + 2 * MARGIN
    height = len(lines) * HEIGHT + 2 * MARGIN
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
          f'viewBox="0 0 {width:.0f} {height:.0f}" role="img">')
    print(f"<title>{html.escape(SGR.sub('', lines[0]))}</title>")
    print(f'<rect width="100%" height="100%" rx="8" fill="{BACK}"/>')
    print(f'<g font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace" '
          f'font-size="{FONT}" xml:space="preserve">')
    for number, line in enumerate(lines):
        y = MARGIN + number * HEIGHT + FONT
        command = line.startswith("$ ")
        for column, text, bold, red in runs(line):
            look = f' fill="{RED if red else BOLD if bold or command else TEXT}"'
            if bold or command:
                look += ' font-weight="bold"'
            # The length keeps columns in line, whatever font there is.
            print(f'<text x="{MARGIN + column * WIDTH:.1f}" y="{y}" '
                  f'textLength="{len(text) * WIDTH:.1f}"{look}>{html.escape(text)}</text>')
    print("</g>\n</svg>")


main()
