"""Saved connections to Socket.IO and SignalR stay up with saved messages alone.

    FEEDSCOPE=… NODE_SERVER=… python3 tests/peers/saved_messages/run.py [SECONDS]

The servers end a client that does not answer their pings, or that sends none. Below 60 seconds, their intervals are short; from
then on they are those of the protocols. The same connections without the messages must end. Ends with status 1 where something
does not hold.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import Tail

SECONDS = 10.0

CONNECTIONS = r"""
[socket-io]
url = "ws://127.0.0.1:SOCKET_IO_PORT/socket.io/?EIO=4&transport=websocket"
send_on_connect = ["40"]
[[socket-io.messages]]
name = "pong"
text = "3"
when = '/^2$/'

[signalr]
url = "ws://127.0.0.1:SIGNALR_PORT/"
send_on_connect = ["{\"protocol\":\"json\",\"version\":1}\u001e"]
[[signalr.messages]]
name = "ping"
text = "{\"type\":6}\u001e"
every = "HEARTBEAT"

[socket-io-alone]
url = "ws://127.0.0.1:SOCKET_IO_PORT/socket.io/?EIO=4&transport=websocket"
send_on_connect = ["40"]

[signalr-alone]
url = "ws://127.0.0.1:SIGNALR_PORT/"
send_on_connect = ["{\"protocol\":\"json\",\"version\":1}\u001e"]
"""


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    # The intervals of the protocols' own defaults, or short ones.
    interval, limit, heartbeat = (25.0, 20.0, 15.0) if seconds >= 60 else (0.5, 1.5, 0.5)
    server = subprocess.Popen(
        ["node", os.environ["NODE_SERVER"], str(int(interval * 1000)), str(int(limit * 1000))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        ports = json.loads(server.stdout.readline())
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "feedscope" / "connections.toml"
            file.parent.mkdir()
            file.write_text(
                CONNECTIONS.replace("SOCKET_IO_PORT", str(ports["socketIo"]))
                .replace("SIGNALR_PORT", str(ports["signalR"]))
                .replace("HEARTBEAT", f"{int(heartbeat * 1000)}ms")
            )
            wrong = [problem for problem in results(folder, seconds, interval, limit) if problem]
    finally:
        server.stdin.close()
        server.wait(10)
    for problem in wrong:
        print(f"wrong  {problem}")
    print(f"saved messages: {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


def results(folder, seconds, interval, limit):
    """Runs all connections at the same time, and returns one problem or `None` for each."""
    found = []
    runs = [
        threading.Thread(target=lambda name=name: found.append(stays_up(folder, name, seconds, interval)))
        for name in ("socket-io", "signalr")
    ] + [
        threading.Thread(target=lambda name=name: found.append(ends(folder, name, interval, limit)))
        for name in ("socket-io-alone", "signalr-alone")
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    return found


def stays_up(folder, name, seconds, interval):
    """The connection is open for the whole time, and its messages arrive."""
    with Tail(name, "--reconnect", "never", environment={"XDG_CONFIG_HOME": folder}) as tail:
        if not tail.wait_for(lambda record: record.get("state") == "open"):
            return f"{name} did not open: {tail.complaints}"
        # The end would be a state. Nothing is waited for that takes as long as the whole time.
        end = tail.wait_for(lambda record: record.get("state") in ("closed", "failed"), seconds)
        if end:
            return f"{name} ended: {end}"
        prices = [record for record in tail.of_kind("text") if "price" in record.get("data", "")]
        sent = sum(record.get("direction") == "out" for record in tail.of_kind("text"))
        print(f"ok     {name} was open for {seconds:.0f} s: {len(prices)} prices, {sent} messages sent")
        if len(prices) < seconds / interval / 2:
            return f"{name} received {len(prices)} prices in {seconds} s"
        return None


def ends(folder, name, interval, limit):
    """Without its messages the server ends the connection."""
    started = time.monotonic()
    with Tail(name, "--reconnect", "never", environment={"XDG_CONFIG_HOME": folder}) as tail:
        if not tail.wait_for(lambda record: record.get("state") in ("closed", "failed"), 3 * (interval + limit) + 5):
            return f"{name} stayed open without messages"
        print(f"ok     {name} ended without messages after {time.monotonic() - started:.1f} s")
        return None


if __name__ == "__main__":
    main()
