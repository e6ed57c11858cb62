# SPDX-License-Identifier: GPL-2.0
"""Tests that are functions, each run in a process and a network namespace of its own."""

import subprocess
import sys
import traceback


def _all(tests):
    print(f"KTAP version 1\n1..{len(tests)}", flush=True)
    failed = 0
    for number, test in enumerate(tests, 1):
        run = subprocess.run(["unshare", "-n", sys.executable, sys.argv[0], test.__name__], check=False)
        failed += run.returncode != 0
        print("not ok" if run.returncode else "ok", number, "-", test.__doc__, flush=True)
    return 1 if failed else 0


def _one(tests, name, arguments):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    test = next(test for test in tests if test.__name__ == name)
    try:
        test(*arguments())
    except Exception:  # pylint: disable=broad-except
        for line in traceback.format_exc().splitlines():
            print("#", line)
        return 1
    return 0


def run(tests, arguments=lambda: ()):
    """Run all tests, or the one that is named on the command line; arguments() has those of a test."""
    return _one(tests, sys.argv[1], arguments) if len(sys.argv) > 1 else _all(tests)
