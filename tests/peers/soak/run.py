"""Servers that drop their client every few moments, for as long as one likes: nothing lost, nothing twice, nothing leaked.

    FEEDSCOPE=… python3 tests/peers/soak/run.py [SECONDS]

The event stream numbers its events and goes on behind the Last-Event-ID that it is sent; connections end in order, in the middle
of an event, in the middle of a chunk and with a reset, in turns. The WebSocket's end without a close frame, between messages and
in the middle of one. Every number has to arrive once, in order, over one connection at a time, while memory, threads and open
files stay what they were. Prints the figures; ends with status 1 where something does not hold.
"""

import itertools
import os
import signal
import socket
import struct
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "web_sockets")]

from program import DEADLINE, Tail  # noqa: E402
from server import TEXT, Gone, Peer, frame  # noqa: E402

SECONDS = 20.0

# How long a connection lives, and how many events or messages a second it is worth.
LIFE = 0.3
RATE = 500

# Until then a program fills what it will go on using. Afterwards it may keep this much more: a leak of a few hundred bytes a
# connection or a record is far past it within minutes.
WARM = 0.4
MORE_MEMORY = 2 << 20
MORE_FILES = 4


class Dropper:
    """Serves one connection after the other, and counts those that come while another one lives."""

    def __init__(self, serve):
        self._serve = serve
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self.connections = 0
        self.together = 0
        self._living = 0
        self._lock = threading.Lock()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(client,), daemon=True).start()

    def _one(self, client):
        with self._lock:
            self.connections += 1
            self.together += self._living > 0
            self._living += 1
        try:
            self._serve(client, self.connections)
        except (OSError, Gone):
            pass  # It was faster.
        finally:
            # Before it closes: who is told that it ended may come again at once.
            with self._lock:
                self._living -= 1
            client.close()

    def close(self):
        self._door.close()


def reset(client):
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Numbers:
    """As many numbers as the time that has passed is worth."""

    def __init__(self):
        self.started = time.monotonic()

    def newest(self):
        return int((time.monotonic() - self.started) * RATE)


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


class EventStream:
    ENDS = ("in order", "in an event", "in a chunk", "reset")

    def __init__(self):
        self.numbers = Numbers()
        self._ends = itertools.cycle(self.ENDS)

    def serve(self, client, _number):
        client.settimeout(DEADLINE)
        head = b""
        while b"\r\n\r\n" not in head:
            more = client.recv(4096)
            if not more:
                return
            head += more
        ids = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"last-event-id:")]
        next_id = int(ids[0]) + 1 if ids else 1
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(b"retry:100\n\n"))
        until = time.monotonic() + LIFE
        while time.monotonic() < until:
            newest = self.numbers.newest()
            if newest >= next_id:
                client.sendall(chunk(b"".join(self.event(number) for number in range(next_id, newest + 1))))
                next_id = newest + 1
            time.sleep(0.01)
        self.end(client, next_id)

    def event(self, number):
        return b"id: %d\ndata: %d %s\n\n" % (number, number, b"x" * (number % 200))

    def end(self, client, next_id):
        how = next(self._ends)
        half = self.event(next_id)[:-8]
        if how == "in order":
            client.sendall(b"0\r\n\r\n")
        elif how == "in an event":
            client.sendall(chunk(half) + b"0\r\n\r\n")
        elif how == "in a chunk":
            client.sendall(b"fff\r\n" + half)
        else:
            client.sendall(b"fff\r\n" + half)
            reset(client)


class Messages:
    """What has been sent before the end arrives: TCP sees to that, if nobody reads too little."""

    def __init__(self):
        self.numbers = Numbers()
        self.next = 1

    def serve(self, client, connection):
        peer = Peer(client)
        peer.shake()
        until = time.monotonic() + LIFE
        while time.monotonic() < until:
            newest = self.numbers.newest()
            for number in range(self.next, newest + 1):
                peer.send(frame(TEXT, b"%d %s" % (number, b"x" * (number % 200))))
                self.next = number + 1
            time.sleep(0.01)
        if connection % 2:
            peer.send(frame(TEXT, b"%d" % self.next, length=500, form=3))
        peer.end()
        peer.wait_for_end()


class Soak:
    """One feed under way, and what is wrong with it so far."""

    def __init__(self, name, scheme, server):
        self.name = name
        self.dropper = Dropper(server.serve)
        self.last = 0
        self.wrong = []
        self.reconnections = 0
        # Reconnections of which the program said that nothing was lost; only ids can tell.
        self.resumes = 0
        self.samples = []
        self.run = Tail(f"{scheme}://127.0.0.1:{self.dropper.port}/", listener=self.hear)

    def hear(self, record):
        kind = record["kind"]
        if kind in ("event", "text"):
            number = int(record["data"].split(" ")[0])
            if number != self.last + 1:
                self.note(f"{number} came after {self.last}")
            self.last = number
        elif kind == "gap":
            self.resumes += 1
            if record["missing"] or record["repeated"]:
                self.note(f"a gap was told: {record}")
        elif kind == "state" and record["state"] == "reconnecting":
            self.reconnections += 1
        elif kind == "state" and record["state"] == "failed":
            self.note(f"failed: {record['reason']}")

    def note(self, what):
        if len(self.wrong) < 10:
            self.wrong.append(what)

    def sample(self):
        """Memory in bytes, threads and open files: now."""
        process = Path(f"/proc/{self.run.process.pid}")
        try:
            status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
            files = len(list((process / "fd").iterdir()))
        except OSError:
            return
        self.samples.append((int(status["VmRSS"].split()[0]) * 1024, int(status["Threads"]), files))

    def end(self):
        self.run.process.send_signal(signal.SIGINT)
        status = self.run.end()
        if status != 130:
            self.note(f"ended with status {status}: {self.run.complaints}")
        self.dropper.close()
        if self.dropper.together:
            self.note(f"{self.dropper.together} connections came while another one lived")
        if self.last == 0 or self.reconnections < 3:
            self.note(f"{self.last} records, {self.reconnections} reconnections: that is no test")
        if self.name == "event stream" and abs(self.resumes - self.reconnections) > 1:
            self.note(f"{self.resumes} resumes were told after {self.reconnections} reconnections")
        self.judge_samples()

    def judge_samples(self):
        if not self.samples:
            return  # No such figures on this system.
        later = self.samples[int(len(self.samples) * WARM) :]
        for what, at, more in (("bytes of memory", 0, MORE_MEMORY), ("threads", 1, MORE_FILES), ("open files", 2, MORE_FILES)):
            grown = max(sample[at] for sample in later[len(later) // 2 :]) - max(sample[at] for sample in later[: len(later) // 2])
            if grown > more:
                self.note(f"{grown} more {what} than before")

    def figures(self):
        first, last = (self.samples[int(len(self.samples) * WARM)], self.samples[-1]) if self.samples else ((0,) * 3,) * 2
        return (
            f"{self.name}: {self.last} records over {self.dropper.connections} connections, "
            f"memory {first[0] >> 10} to {last[0] >> 10} KiB, threads {first[1]} to {last[1]}, files {first[2]} to {last[2]}"
        )


def main(arguments):
    seconds = float(arguments[0]) if arguments else SECONDS
    soaks = [Soak("event stream", "http", EventStream()), Soak("WebSocket", "ws", Messages())]
    until = time.monotonic() + seconds
    every = min(1.0, seconds / 100)
    while time.monotonic() < until and all(soak.run.process.poll() is None for soak in soaks):
        time.sleep(every)
        for soak in soaks:
            soak.sample()
    for soak in soaks:
        soak.end()
        soak.run.__exit__()
        print(soak.figures())
        for what in soak.wrong:
            print(f"WRONG {soak.name}: {what}")
    wrong = sum(len(soak.wrong) for soak in soaks)
    print(f"soak: {seconds:.0f} s, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
