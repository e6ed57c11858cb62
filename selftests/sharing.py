#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Replay the transcripts of docs/sharing.md, each section a test."""

import doctest
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DOC = os.path.join(HERE, "sharing.md")
FLAGS = doctest.ELLIPSIS | doctest.REPORT_ONLY_FIRST_FAILURE

SETUP = """
ip link set lo up
ip link add dummy0 type dummy
ip link add vrf0 type vrf table 10
ip link set dummy0 up
ip link set vrf0 up
"""


def sections(text):
    """(title, line, text) of each part of the document that has a transcript."""
    starts = [m.start() for m in re.finditer(r"^#+ ", text, re.M)] + [len(text)]
    for begin, end in zip(starts, starts[1:]):
        part = text[begin:end]
        if ">>>" in part:
            title = part.splitlines()[0].lstrip("# ")
            yield title, text.count("\n", 0, begin), part.replace("```", "")


def main():
    if os.environ.get("SHARING_NETNS") != "own":
        os.environ["SHARING_NETNS"] = "own"
        os.execvp("unshare", ["unshare", "-n", sys.executable] + sys.argv)
    subprocess.run(["sh", "-ec", SETUP], check=True)

    with open(DOC, encoding="utf-8") as doc:
        tests = list(sections(doc.read()))
    print("KTAP version 1")
    print(f"1..{len(tests)}")
    names, failed = {}, 0
    for number, (title, line, text) in enumerate(tests, 1):
        test = doctest.DocTestParser().get_doctest(text, {}, title, DOC, line)
        test.globs = names
        report = []
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        runner.run(test, out=report.append, clear_globs=False)
        bad = runner.failures > 0
        failed += bad
        for text_line in "".join(report).splitlines():
            print("#", text_line)
        print("not ok" if bad else "ok", number, "-", title)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
