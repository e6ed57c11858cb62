#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
portowner top on a terminal of its own: what is on the screen as ports come and go, as binds are refused, and
after keys.
"""

import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time

import pyte

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import netns_tests  # pylint: disable=wrong-import-position

# Generous: machines that are emulated are slow.
DEADLINE = 60
AS_USER = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"]
ENTER, ESCAPE, DOWN, TAB = "\r", "\033", "\033[B", "\t"


class Top:
    """The program on a terminal, and the screen that it has drawn."""

    def __init__(self, *args, lines=24, columns=80, prefix=()):
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ["TERM"] = "linux"
            os.environ["LC_ALL"] = "C.UTF-8"
            # The size is set before the program looks for it.
            os.read(0, 1)
            command = [*prefix, "portowner", "top", *args]
            os.execvp(command[0], command)
        self.resize(lines, columns)
        os.write(self.fd, b"\n")
        self.drawn = 0

    def resize(self, lines, columns):
        """Another size, of which the program is told by a signal."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)

    def read(self, seconds):
        """Draw what comes within some time; False once the program has ended."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.drawn += len(data)
        self.stream.feed(data)
        return bool(data)

    def text(self):
        """What is on the screen."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, pattern, absent=False):
        """Wait for something on the screen, or for it to be gone."""
        end = time.monotonic() + DEADLINE
        while bool(re.search(pattern, self.text(), re.M)) == absent:
            assert time.monotonic() < end and self.read(0.2), f"no {pattern!r}:\n{self.text()}"
        return self.text()

    def press(self, keys):
        """Type."""
        os.write(self.fd, keys.encode())

    def ends(self, status):
        """It has ended, or will at once, with this status."""
        while self.read(DEADLINE):
            pass
        _, found = os.waitpid(self.pid, 0)
        assert os.waitstatus_to_exitcode(found) == status, (found, self.text())

    def quit(self):
        """By its key."""
        self.press("q")
        self.ends(0)


def served(port, addr="127.0.0.1"):
    """A socket that listens, without SO_REUSEADDR."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind((addr, port))
    sock.listen(1)
    return sock


def refused(port):
    """A bind that is refused."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        return
    finally:
        sock.close()
    raise AssertionError(f"{port} was not refused")


def tool(*args, **options):
    """Run the tool without a terminal."""
    return subprocess.run(["portowner", *args], capture_output=True, text=True, check=False, **options)


def ports():
    """ports that come are marked, and so are those that go"""
    with served(8001):
        top = Top("-n")
        top.until(r"^   ?tcp +127\.0\.0\.1 +8001 listen .*python3\[\d+\]$")
        top.until(r"^1 port, by PORT \(module\)")
        late = served(8002)
        top.until(r"^\+ tcp +127\.0\.0\.1 +8002 ")
        top.until(r"^2 ports, 1 new")
        top.until(r"^  tcp +127\.0\.0\.1 +8002 ")
        late.close()
        top.until(r"^- tcp +127\.0\.0\.1 +8002 ")
        top.until(r"^1 port, 1 gone")
        top.until(r"8002", absent=True)
        top.quit()


def refusals():
    """refusals are shown as they happen, and looks at the ports do not wait for them"""
    with served(8001):
        top = Top("-n", "-d", "1h", columns=140)
        top.until(r"^0 refusals$")
        refused(8001)
        top.until(r"^1 refusal, 1 new, by arrival")
        top.until(r"^\+ .* bind +tcp +127\.0\.0\.1 +8001 .*python3\[\d+\]$")
        refused(8001)
        top.until(r"^\+ .* +2 bind ")
        # Nothing is looked at for an hour, unless that is asked for.
        with served(8003):
            time.sleep(2)
            top.read(0)
            assert "8003" not in top.text(), top.text()
            top.press(" ")
            top.until(r"^\+ tcp .* 8003 ")
        top.quit()


def answers():
    """who and why say the same of a row as the commands do"""
    with served(8001):
        refused(8001)
        top = Top("-n")
        top.until(r"8001 listen")
        top.press("w")
        top.until(r"^who tcp/127\.0\.0\.1:8001")
        top.until(r"^  binder +python3\[\d+\]")
        says = tool("-n", "who", "tcp/127.0.0.1:8001").stdout
        wanted = next(line for line in says.splitlines() if "share" in line)
        assert wanted in top.text(), (wanted, top.text())
        top.press(ESCAPE)
        top.until(r"^1 refusal")
        top.press("y")
        top.until(r"^why tcp/127\.0\.0\.1:8001")
        top.until(r"^bind to tcp 127\.0\.0\.1:8001 was refused: EADDRINUSE \(address-in-use\)")
        # There is more than has room.
        top.until(r"\(lines 1 to \d+ of \d+\)")
        top.press(DOWN)
        top.until(r"\(lines 2 to ")
        top.press(ESCAPE)
        top.press(TAB + ENTER)
        top.until(r"^who tcp/127\.0\.0\.1:8001")
        top.quit()


def filters():
    """words that are typed narrow what is shown"""
    with served(8001), served(8002):
        top = Top("-n")
        top.until(r"8002 listen")
        top.press("/")
        top.until(r"^filter:")
        top.press("8001")
        top.until(r"8002 listen", absent=True)
        top.press("\b" * 4 + "8002 PYTHON" + ENTER)
        top.until(r"8001 listen", absent=True)
        top.until(r"8002 listen")
        top.until(r"1 with '8002 PYTHON'")
        top.press(ESCAPE)
        top.until(r"8001 listen")
        top.press("r")
        screen = top.until(r"by PORT, reversed")
        assert screen.index("8002 listen") < screen.index("8001 listen"), screen
        top.press("s")
        top.until(r"by STATE")
        top.quit()


def sizes():
    """the screen follows the terminal, down to one that is too small"""
    with served(8001):
        top = Top("-n", lines=12, columns=44)
        top.until(r"8001")
        # What is drawn at once may be read in parts.
        top.until(r"^q quit")
        assert top.screen.display[11].startswith("q quit"), top.text()
        top.resize(40, 120)
        top.until(r"8001 listen")
        end = time.monotonic() + DEADLINE
        while not top.screen.display[39].startswith("q quit"):
            assert time.monotonic() < end and top.read(0.2), top.text()
        top.resize(5, 30)
        top.until(r"^too small: needs 40x10")
        top.resize(24, 80)
        top.until(r"8001 listen")
        top.quit()
        top = Top(lines=9, columns=80)
        top.until(r"^portowner: top needs a terminal of 40 columns and 10 lines, not 80 and 9")
        top.ends(2)
        run = tool("top", stdin=subprocess.DEVNULL)
        assert run.returncode == 2 and not run.stdout, run
        assert run.stderr == "portowner: top needs a terminal; --once prints one frame\n", run.stderr


def signals():
    """SIGTERM and ^\\ end it, and the terminal is as it was"""
    for end_it in (lambda top: os.kill(top.pid, signal.SIGTERM),
                   lambda top: top.press("\x1c")):
        top = Top()
        before = termios.tcgetattr(top.fd)
        top.until(r"^0 ports")
        assert termios.tcgetattr(top.fd)[3] != before[3]
        end_it(top)
        # Before the other end is closed.
        end = time.monotonic() + DEADLINE
        while termios.tcgetattr(top.fd)[3] != before[3]:
            assert time.monotonic() < end
            top.read(0.1)
        top.ends(0)


def quiet():
    """nothing is drawn while nothing happens, and 200 listeners cost next to nothing"""
    socks = [served(9000 + i) for i in range(200)]
    top = Top("-n")
    top.until(r"^200 ports, by PORT")
    top.until(r"9003 listen")
    top.read(2)
    drawn = top.drawn
    used = cpu_ns(top.pid)
    begun = time.monotonic()
    while time.monotonic() < begun + 10:
        assert top.read(1)
    used = cpu_ns(top.pid) - used
    assert top.drawn == drawn, top.drawn - drawn
    share = used / 1e9 / (time.monotonic() - begun)
    print(f"# a look a second at 200 listeners takes {100 * share:.2f}% of a CPU of this machine")
    # A machine that is emulated may take twenty times as long.
    assert share < 0.2, share
    top.quit()
    for sock in socks:
        sock.close()


def cpu_ns(pid):
    """CPU time of a process."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0])


def once():
    """--once prints a frame as text"""
    with served(8001):
        refused(8001)
        run = tool("-n", "top", "--once")
        assert run.returncode == 0 and not run.stderr, run
        lines = run.stdout.splitlines()
        assert lines[0] == "1 port", lines
        assert re.match(r"PROTO ADDRESS +PORT STATE ", lines[1]), lines
        assert re.match(r"tcp +127\.0\.0\.1 8001 listen exclusive 0 +\S+ +python3\[\d+\]$", lines[2]), lines
        assert lines[3:5] == ["", "1 refusal"], lines
        assert "8001 EADDRINUSE python3" in lines[6] and "address-in-use" in lines[6], lines
        assert tool("top", "-b", "--json").returncode == 2
        assert tool("top", "-d", "0").returncode == 2
        assert tool("top", "8001").returncode == 2
        run = subprocess.run([*AS_USER, "portowner", "top", "-b"], capture_output=True, text=True, check=False)
        assert run.returncode == 0 and "(hidden)" in run.stdout and "0 refusals" in run.stdout, run


def unprivileged():
    """who may not follow the log sees refusals of their own within a second"""
    with served(8001):
        top = Top("-n", prefix=AS_USER)
        top.until(r"^0 refusals$")
        top.until(r"8001 listen .*\(hidden\)")
        refused(8001)
        code = "import socket; socket.socket().bind(('127.0.0.1', 8001))"
        run = subprocess.run([*AS_USER, sys.executable, "-c", code], capture_output=True, check=False)
        assert run.returncode == 1, run
        top.until(r"^1 refusal, 1 new")
        top.quit()


def unloaded():
    """without its module it gives the terminal back, and says why"""
    top = Top()
    top.until(r"^0 ports")
    # Stopped, it cannot look while the module is on its way out, which has words of its own. If it was stopped in the
    # middle of a look, the module is in use.
    unloading = ["modprobe", "-r", "portowner"]
    end = time.monotonic() + DEADLINE
    os.kill(top.pid, signal.SIGSTOP)
    while subprocess.run(unloading, stderr=subprocess.DEVNULL, check=False).returncode:
        assert time.monotonic() < end
        os.kill(top.pid, signal.SIGCONT)
        top.read(0.1)
        os.kill(top.pid, signal.SIGSTOP)
    os.kill(top.pid, signal.SIGCONT)
    try:
        top.ends(3)
        assert re.search(r"^portowner: the kernel module was unloaded$", top.text(), re.M), top.text()
    finally:
        path = os.environ.get("PORTOWNER_KO")
        subprocess.run(["insmod", path] if path else ["modprobe", "portowner"], check=True)


def without_module():
    """without the module it looks again and again, and says that refusals are not seen"""
    with served(8001):
        top = Top("-n", "--source=diag", "-d", "0.5")
        top.until(r"^1 port, by PORT \(diag\)")
        top.until(r"^refusals: only the kernel module sees them")
        late = served(8002)
        top.until(r"^\+ tcp .* 8002 listen .*python3")
        late.close()
        top.until(r"^- tcp .* 8002 ")
        top.press("y")
        top.until(r"Whether it was refused is not known")
        top.quit()


TESTS = [ports, refusals, answers, filters, sizes, signals, quiet, once, unprivileged, unloaded, without_module]


if __name__ == "__main__":
    sys.exit(netns_tests.run(TESTS))
