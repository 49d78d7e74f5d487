"""Recordings that are killed at random moments, and recordings that other software reads from `serve`.

    FEEDSCOPE=… FEEDSCOPE_DEMO=… python3 tests/peers/recordings/run.py [SECONDS]

Records slow and fast feeds of the demo server, whose connections drop, and sends SIGKILL after a random time. What `tail` printed
until then is compared with what the file has: the same records in the same order, and at most the last second is missing. Then a
recording is served: curl and our own `tail` get the records that arrived. Prints the figures; ends with status 1 where something
does not hold.
"""

import base64
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from datetime import datetime
from pathlib import Path

FEEDSCOPE = os.environ["FEEDSCOPE"]
DEMO = os.environ["FEEDSCOPE_DEMO"]
SECONDS = 20.0
DEADLINE = 60
# The recorder writes at least once in this time. A busy machine may hold it up a little.
MOST_MISSING = 1.25
ARRIVING = {"event", "comment", "retry", "text", "binary"}


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    seed = random.randrange(1 << 32)
    random.seed(seed)
    print(f"recordings: seed {seed}")
    with tempfile.TemporaryDirectory() as folder, Demo() as demo:
        kills = kill_at_random_moments(Path(folder), demo, seconds)
        served = serve_to_clients(Path(folder), demo)
    print(f"recordings: {kills} kills, {served} records served, nothing wrong")


class Demo:
    """The demo server as a process."""

    def __enter__(self):
        self._process = subprocess.Popen([DEMO], stdout=subprocess.PIPE, text=True)
        self.urls = []
        while not self.urls or "/control" not in self.urls[-1]:
            self.urls.append(self._process.stdout.readline().strip())
            check(self.urls[-1], "the demo server ended")
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def url(self, scheme, path):
        return next(url for url in self.urls if url.startswith(scheme) and url.split("?")[0].endswith(path))

    def drop(self):
        control = next(url for url in self.urls if "/control" in url)
        request = urllib.request.Request(control + "&do=drop", method="POST")
        urllib.request.urlopen(request, timeout=10).read()


def kill_at_random_moments(folder, demo, seconds):
    """Kills recordings until the time is over. Returns the number of kills."""
    feeds = [
        ("slow event stream", [demo.url("http", "/events")]),
        ("fast event stream", [demo.url("http", "/flood") + "?n=100000000&rate=20000"]),
        ("WebSockets and events", [demo.url("http", "/events"), demo.url("ws", "/ticker"), demo.url("ws", "/chat")]),
        ("fast WebSocket", [demo.url("ws", "/flood") + "?n=100000000&rate=20000"]),
    ]
    end = time.monotonic() + seconds
    kills = 0
    worst = 0.0
    while kills < len(feeds) or time.monotonic() < end:
        name, urls = feeds[kills % len(feeds)]
        file = folder / f"{kills}.feedscope"
        lines = record_and_kill(file, urls, demo, random.uniform(0.2, 3.5))
        worst = max(worst, compare(name, file, lines))
        kills += 1
        file.unlink()
    print(f"recordings: at most {worst:.2f} s missing")
    return kills


def record_and_kill(file, urls, demo, life):
    """Runs `tail --record` for a while, with drops, and kills it. Returns its complete lines."""
    # A file takes the lines without ever holding up the program.
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen([FEEDSCOPE, "tail", *urls, "--record", str(file)], stdout=out)
        dropper = threading.Timer(life / 2, demo.drop)
        dropper.start()
        time.sleep(life)
        process.send_signal(signal.SIGKILL)
        process.wait()
        dropper.join()
        out.seek(0)
        data = out.read()
    return data[: data.rfind(b"\n") + 1].decode().splitlines()


def compare(name, file, lines):
    """Checks the file against the lines. Returns the number of seconds that are missing."""
    read = run([FEEDSCOPE, "tail", str(file)])
    check(read.returncode == 0, f"{name}: status {read.returncode}: {read.stderr}")
    records = [json.loads(line) for line in read.stdout.splitlines()]
    notes = [record for record in records if record.get("code") in ("torn_end", "damaged", "not_recorded")]
    check([note["code"] for note in notes] == ["torn_end"], f"{name}: {notes}")
    records.remove(notes[0])
    printed = [json.loads(line) for line in lines]
    missing = 0.0
    names = {record.get("feed") for record in printed}
    for feed in names:
        own = [record for record in printed if record.get("feed") == feed]
        found = [record for record in records if record.get("feed") == feed]
        common = min(len(own), len(found))
        check(own[:common] == found[:common], f"{name}: the file differs from what was printed")
        if len(found) < len(own):
            # The first record that is missing arrived at most a second before the end.
            missing = max(missing, at(own[-1]) - at(own[len(found)]))
    check(missing <= MOST_MISSING, f"{name}: {missing:.2f} s are missing")
    return missing


def serve_to_clients(folder, demo):
    """Serves a recording to clients. Returns the number of records of one client."""
    file = folder / "served.feedscope"
    urls = [demo.url("http", "/events"), demo.url("ws", "/ticker")]
    done = run([FEEDSCOPE, "record", *urls, "-O", str(file), "--duration", "4"])
    check(done.returncode == 0 and not done.stdout, f"record: {done}")
    total = 0
    server = subprocess.Popen(
        [FEEDSCOPE, "serve", str(file), "--end", "--speed", "4"], stdout=subprocess.PIPE, text=True
    )
    try:
        for name in ("events", "ticker"):
            url = server.stdout.readline().strip()
            check(url.endswith("/" + name), f"serve printed {url!r}")
            recorded = arrived(run([FEEDSCOPE, "tail", str(file), "--feed", name]).stdout)
            played = arrived(run([FEEDSCOPE, "tail", url, "--reconnect", "never"]).stdout)
            check(played == recorded, f"{name}: `tail` of `serve` differs from the recording")
            total += len(played)
            if url.startswith("http"):
                check_curl(url, recorded)
                check_pace(url, file, name)
    finally:
        server.send_signal(signal.SIGINT)
        check(server.wait(DEADLINE) == 130, "serve did not end as interrupted")
    return total


def check_curl(url, recorded):
    """Reads the stream with curl and a parser of a few lines."""
    text = run(["curl", "-sS", "-N", "--max-time", str(DEADLINE), url]).stdout
    events = []
    fields = {}
    for line in text.splitlines():
        if not line:
            if "data" in fields:
                events.append((fields.get("event", "message"), fields.get("id", ""), fields["data"]))
            fields = {}
        elif match := re.match(r"(event|id|data): ?(.*)", line):
            name, value = match.groups()
            fields[name] = f"{fields[name]}\n{value}" if name == "data" and name in fields else value
    expected = [(record["event"], record["id"], record["data"]) for record in recorded if record["kind"] == "event"]
    check(events == expected, "curl got other events")


def check_pace(url, file, name):
    """Compares the time between the first and the last event, at four times the pace."""
    first = last = None
    process = subprocess.Popen([FEEDSCOPE, "tail", url, "--reconnect", "never"], stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if json.loads(line)["kind"] == "event":
            last = at(json.loads(line))
            first = first or last
    process.wait()
    lines = run([FEEDSCOPE, "tail", str(file), "--feed", name]).stdout.splitlines()
    times = [at(record) for record in map(json.loads, lines) if record["kind"] == "event"]
    ratio = (times[-1] - times[0]) / (last - first)
    print(f"recordings: played {ratio:.2f} times as fast, 4 was asked for")
    check(3.6 <= ratio <= 4.4, f"the pace is {ratio:.2f}, not 4")


def arrived(text):
    """The records that a server sent, without what differs from one connection to the next."""
    out = []
    for record in map(json.loads, text.splitlines()):
        if record["kind"] in ARRIVING and record.get("direction", "in") == "in":
            if "data_base64" in record:
                base64.b64decode(record["data_base64"])
            out.append({key: value for key, value in record.items() if key not in VARYING})
    return out


VARYING = {"at", "connection", "feed", "frames", "compressed_bytes"}


def at(record):
    return datetime.fromisoformat(record["at"].replace("Z", "+00:00")).timestamp()


def run(command):
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False)


def check(holds, otherwise):
    if not holds:
        print(f"recordings: {otherwise}")
        sys.exit(1)


if __name__ == "__main__":
    main()
