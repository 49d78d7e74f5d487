"""Runs `feedscope demo` and reads from the kernel what it takes: open files, threads, memory, listening sockets."""

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAM = os.environ.get("FEEDSCOPE", "feedscope")


class Figures:
    """What a process takes at one moment."""

    def __init__(self, files, threads, memory):
        self.files = files
        self.threads = threads
        self.memory = memory

    def __str__(self):
        return f"{self.files} files, {self.threads} threads, {self.memory >> 20} MB"


class Demo:
    """A run of `feedscope demo`; ended when it is left."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [PROGRAM, "demo"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env={**os.environ, "XDG_CONFIG_HOME": self._folder.name, "TMPDIR": self._folder.name},
            text=True,
        )
        urls = []
        while not urls or "/control?" not in urls[-1]:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("the demo server did not start")
            urls.append(line.strip())
        ports = {url.split(":")[0]: int(re.search(r":(\d+)/", url).group(1)) for url in urls}
        self.http, self.ws = ports["http"], ports["ws"]
        self.control = "/" + urls[-1].split("/", 3)[3]
        self._proc = Path("/proc") / str(self.process.pid)

    def is_alive(self):
        return self.process.poll() is None

    def figures(self):
        status = self._status()
        files = len(list((self._proc / "fd").iterdir()))
        return Figures(files, int(status["Threads"]), status["VmRSS"] << 10)

    def peak(self):
        """The most memory since `forget_peak`, as the kernel noted it."""
        return self._status()["VmHWM"] << 10

    def forget_peak(self):
        (self._proc / "clear_refs").write_text("5")

    def listeners(self):
        """The addresses at which the process listens: ports of the loopback interface, and sockets of the file system."""
        inodes = {
            os.readlink(link)[8:-1]
            for link in (self._proc / "fd").iterdir()
            if os.readlink(link).startswith("socket:[")
        }
        found = []
        for name in ("tcp", "tcp6"):
            for line in (self._proc / "net" / name).read_text().splitlines()[1:]:
                fields = line.split()
                # 0A is the state LISTEN.
                if fields[3] == "0A" and fields[9] in inodes:
                    found.append(int(fields[1].split(":")[1], 16))
        for line in (self._proc / "net" / "unix").read_text().splitlines()[1:]:
            fields = line.split()
            # The flag of a socket that listens.
            if int(fields[3], 16) & 0x10000 and fields[6] in inodes:
                found.append(fields[7] if len(fields) > 7 else "a socket without a name")
        return found

    def wait_until(self, is_so, seconds):
        """The last figures, and the time until they were as wanted; None where they never were."""
        start = time.monotonic()
        while True:
            figures = self.figures()
            took = time.monotonic() - start
            if is_so(figures):
                return figures, took
            if took > seconds:
                return figures, None
            time.sleep(0.05)

    def _status(self):
        lines = (self._proc / "status").read_text().splitlines()
        pairs = (line.split(":\t") for line in lines)
        numbers = {name: re.match(r"\s*(\d+)", value) for name, value in pairs}
        return {name: int(match.group(1)) for name, match in numbers.items() if match}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self._folder.cleanup()
