#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A terminal, a shell with job control, and a program for them: terminal.py WAY RUNNER...

The program is run by RUNNER, such as "env". What happened is printed, a line for each event in
their order: what the program noticed, and what a shell would notice of RUNNER. WAY says what is
done to them. In hangup, hangup-stopped and hangup-below there is no shell: RUNNER, or a script
that waits for it, is the leader of the session, and it is printed whether the program "ended" or
"lives". In the others the shell continues what is stopped, in the foreground; in stop-below its
job is a script that waits for RUNNER.
"""
import fcntl
import os
import pty
import signal
import struct
import sys
import tempfile
import termios
import time

# What is typed when the program is ready.
KEYS = {"stop": b"\x1a", "stop-below": b"\x1a", "stop-late": b"\x1a", "stop-never": b"\x1a", "interrupt": b"\x03",
        "quit": b"\x1c", "interrupt-caught": b"\x03"}
PATIENCE = 30


class Report:
    """Lines that several processes append to one file."""

    def __init__(self, path):
        self.path = path

    def add(self, line):
        fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(fd, (line + "\n").encode())
        os.close(fd)

    def lines(self):
        try:
            with open(self.path, encoding="ascii") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def wait_for(self, start):
        """The first line that starts so."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for line in self.lines():
                if line.startswith(start):
                    return line
            time.sleep(.05)
        sys.exit(f"waited in vain for '{start}': {self.lines()}")


def program(way, report):
    """What RUNNER runs."""
    counts = {signal.SIGCONT: 0, signal.SIGWINCH: 0}

    def count(number, _frame):
        counts[number] += 1

    def clean_up(number, _frame):
        time.sleep(.5)
        report.add("cleaned up")
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if way == "interrupt-caught":
        signal.signal(signal.SIGINT, lambda number, frame: os._exit(7))
    if way == "stop-late":
        signal.signal(signal.SIGTSTP, clean_up)
    if way == "stop-never":
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    if not way.startswith("hangup"):
        signal.signal(signal.SIGCONT, count)
        signal.signal(signal.SIGWINCH, count)
    report.add(f"ready {os.getpid()}")
    if way in ("hangup-stopped", "stop-itself"):
        os.kill(os.getpid(), signal.SIGSTOP)
    if way == "background":
        with open("/dev/tty", "rb", buffering=0) as tty:
            report.add(f"read {tty.read(10)}")
    end = time.monotonic() + (PATIENCE if way in ("interrupt", "quit") or way.startswith("hangup") else 2)
    while time.monotonic() < end:
        time.sleep(.1)
    report.add(f"continued {counts[signal.SIGCONT]}, resized {counts[signal.SIGWINCH]}")
    os._exit(5)


def shell(way, words, report):
    """Run words as a job, as bash does; never returns."""
    tty = os.open("/dev/tty", os.O_RDWR)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if not job:
        os.setpgid(0, 0)
        if way != "background":
            os.tcsetpgrp(tty, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execvp(words[0], words)
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            break
        report.add(f"stopped by {os.WSTOPSIG(status)}")
        os.tcsetpgrp(tty, os.getpgrp())
        time.sleep(.3)
        os.tcsetpgrp(tty, job)
        os.killpg(job, signal.SIGCONT)
    report.add(f"died of {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else
               f"returned {os.WEXITSTATUS(status)}")
    os._exit(0)


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(") ", 1)[1][0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def hang_up(terminal, report, way):
    """Close the terminal when the program is ready; what becomes of it?"""
    pid = int(report.wait_for("ready").split()[1])
    while way == "hangup-stopped":
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            if file.read().rsplit(") ", 1)[1][0] == "T":
                break
        time.sleep(.05)
    os.close(terminal)
    end = time.monotonic() + 3
    while time.monotonic() < end and is_alive(pid):
        time.sleep(.05)
    print("lives" if is_alive(pid) else "ended")
    if is_alive(pid):
        os.kill(pid, signal.SIGKILL)


def main(way, runner):
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        report = Report(folder + "/report")
        words = runner + [sys.executable, os.path.abspath(PROGRAM), "--program", way, report.path]
        leader, terminal = pty.fork()
        if not leader:
            if way.endswith("-below"):
                words = ["sh", "-c", '"$@"; exit $?', "sh"] + words
            if not way.startswith("hangup"):
                shell(way, words, report)
            os.execvp(words[0], words)
        if way.startswith("hangup"):
            hang_up(terminal, report, way)
            os.waitpid(leader, 0)
            return
        report.wait_for("ready")
        # Python sets its handlers before, but the terminal has to be the job's.
        if way in KEYS:
            os.write(terminal, KEYS[way])
        if way == "resize":
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 10, 0, 0))
        if way == "background":
            report.wait_for("stopped")
            os.write(terminal, b"x\n")
        os.waitpid(leader, 0)
        print("\n".join(line for line in report.lines() if not line.startswith("ready")))


PROGRAM = os.path.abspath(__file__)
if __name__ == "__main__":
    if sys.argv[1] == "--program":
        program(sys.argv[2], Report(sys.argv[3]))
    main(sys.argv[1], sys.argv[2:])
