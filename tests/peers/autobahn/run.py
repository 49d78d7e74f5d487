"""The Autobahn test suite against `feedscope tail --echo`.

    FEEDSCOPE=… AUTOBAHN=… python3 tests/peers/autobahn/run.py [SECTION]...

AUTOBAHN is the folder that tests/peers.sh made: Python 2.7, for which the suite was written, and its packages. Without sections it is 1 to 7, 9, 10, 12 and 13: framing, pings, reserved bits, opcodes,
fragments, UTF-8, closes, limits, auto-fragmentation, compression. Prints how many cases went how, and ends with status 1 where
one failed.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from program import Tail  # noqa: E402

SECTIONS = ["1", "2", "3", "4", "5", "6", "7", "9", "10", "12", "13"]

# The server has one thread; what one case waits for, another can use.
AT_ONCE = 4

# The longest cases send a thousand messages of 128 KiB, and the server is slow, most of all on a busy machine.
LIMIT = 1200.0

AGENT = "feedscope"

# How a case may end. Non-strict is what the RFC allows and the suite would not choose; it is shown.
FINE = ("OK", "NON-STRICT", "INFORMATIONAL")


class FuzzingServer:
    def __init__(self, work, sections):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"ws://127.0.0.1:{port}"
        self.reports = work / "reports"
        spec = {
            "url": self.url,
            "outdir": str(self.reports),
            "cases": [section if section.count(".") == 2 else f"{section}.*" for section in sections],
            "exclude-cases": [],
            "exclude-agent-cases": {},
        }
        (work / "spec.json").write_text(json.dumps(spec))
        self.log = work / "wstest.log"
        suite = Path(os.environ["AUTOBAHN"])
        self.process = subprocess.Popen(
            [
                suite / "usr/bin/python2.7",
                Path(__file__).resolve().parent / "wstest.py",
                suite / "packages",
                *("-m", "fuzzingserver", "-s", work / "spec.json", "-u", "0"),
            ],
            cwd=work,
            env={"PYTHONHOME": str(suite / "usr"), "LD_LIBRARY_PATH": str(suite / "lib"), "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
        )
        while not self.listens(port):
            if self.process.poll() is not None:
                sys.exit(f"the fuzzing server ended: {self.log.read_text()}")
            time.sleep(0.05)

    def listens(self, port):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        except OSError:
            return False

    def ask(self, path):
        """What it says to this path, which is one message, or nothing."""
        with Tail(f"{self.url}{path}", "--reconnect", "never") as run:
            run.end()
            return [record["data"] for record in run.of_kind("text")]

    def close(self):
        self.process.kill()
        self.process.wait()


def play(server, number):
    """Plays one case; true where the client ended by itself."""
    url = f"{server.url}/runCase?case={number}&agent={AGENT}"
    # What the suite makes of it is what counts: the messages themselves need not be printed.
    with Tail(url, "--echo", "--count-only", "--reconnect", "never", "--keepalive", "0") as run:
        return run.end(LIMIT) is not None


def judge(reports):
    """How many cases ended how, and those that are wrong or not strict."""
    results = json.loads((reports / "index.json").read_text())[AGENT]
    counts, wrong, loose = Counter(), [], []
    for case, result in sorted(results.items(), key=lambda item: [int(part) for part in item[0].split(".")]):
        ends = (result["behavior"], result["behaviorClose"])
        counts[ends[0]] += 1
        if any(end not in FINE for end in ends):
            why = json.loads((reports / result["reportfile"]).read_text())["result"]
            wrong.append(f"{case}: {ends[0]}, close {ends[1]}, after {result['duration'] / 1000:.1f} s: {why}")
        elif "NON-STRICT" in ends:
            loose.append(case)
    return counts, wrong, loose


def main(sections):
    with tempfile.TemporaryDirectory() as folder:
        server = FuzzingServer(Path(folder), sections or SECTIONS)
        try:
            count = int(server.ask("/getCaseCount")[0])
            started = time.monotonic()
            with ThreadPoolExecutor(AT_ONCE) as pool:
                ended = list(pool.map(lambda number: play(server, number), range(1, count + 1)))
            server.ask(f"/updateReports?agent={AGENT}")
        finally:
            server.close()
        counts, wrong, loose = judge(server.reports)
    wrong += [f"case {number} of {count}: the client did not end" for number, good in enumerate(ended, 1) if not good]
    if sum(counts.values()) != count:
        wrong.append(f"{count} cases, but {sum(counts.values())} results")
    for what in wrong:
        print(f"WRONG {what}")
    if loose:
        print(f"not strict: {', '.join(loose)}")
    told = ", ".join(f"{number} {how.lower()}" for how, number in counts.most_common())
    print(f"Autobahn: {count} cases in {time.monotonic() - started:.0f} s, {told}; {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
