"""The lenses on the frames of other people's servers: `socket.io` with namespaces, acknowledgements and attachments, and
`graphql-ws`.

    FEEDSCOPE=… NODE_SERVER=… python3 tests/peers/lenses/run.py [SECONDS]

With --keep, the connections stay up for the whole time, although the servers end a client that does not answer their pings. Every
message is named, and every pair is right. Ends with status 1 where something does not hold.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import Tail

SECONDS = 6.0

SOCKET_IO = [
    "--send", "40/secret,", "--send", "40/admin,", "--answer-once",
    "--answer", r"/^40\/admin/", '42/admin,7["add",1,2]',
    "--answer", r"/^43\/admin,7/", '42/admin,8["photo"]',
]
GRAPHQL = [
    "--subprotocol", "graphql-transport-ws", "--answer-once",
    "--answer", '.type == "connection_ack"',
    '{"id":"1","type":"subscribe","payload":{"query":"subscription Count { count }"}}',
    "--answer", '.type == "complete"', '{"id":"2","type":"subscribe","payload":{"query":"{ nothing }"}}',
]


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    interval, limit = (25.0, 20.0) if seconds >= 60 else (0.5, 1.5)
    server = subprocess.Popen(
        ["node", os.environ["NODE_SERVER"], str(int(interval * 1000)), str(int(limit * 1000))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        ports = json.loads(server.stdout.readline())
        host = "ws://127.0.0.1"
        wrong = [
            *socket_io(f"{host}:{ports['socketIo']}/socket.io/?EIO=4&transport=websocket", seconds),
            *graphql(f"{host}:{ports['graphql']}/", seconds),
        ]
    finally:
        server.stdin.close()
        server.wait(10)
    for problem in wrong:
        print(f"wrong  {problem}")
    print(f"lenses: {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


def reads(url, options, seconds):
    """What was read of each message, in order, and the problems of the connection."""
    with Tail(url, "--lens", "auto", "--keep", "--duration", str(seconds), *options) as tail:
        status = tail.end(seconds + 30)
        problems = [] if status == 0 else [f"{url}: status {status}: {tail.complaints}"]
        states = [record["state"] for record in tail.of_kind("state")]
        if states != ["connecting", "open", "closing", "closed"]:
            problems.append(f"{url}: the connection did not stay up: {states}")
        found = []
        for record in tail.of_kind("text", "binary"):
            if "read" not in record:
                problems.append(f"{url}: {record} is not named")
                continue
            read = record["read"]
            found += read if isinstance(read, list) else [read]
    return found, problems


def expect(name, found, wanted):
    """The titles that are missing. The times are cut off, because they differ."""
    titles = [read["title"].split(" after ")[0] + read["title"].partition(":")[1] + read["title"].partition(":")[2] for read in found]
    for title in wanted:
        if title not in titles:
            yield f"{name}: no `{title}` in {titles}"


def socket_io(url, seconds):
    found, problems = reads(url, SOCKET_IO, seconds)
    yield from problems
    yield from expect("socket.io", found, [
        "open", "→ connect", "← connected (connect)", "→ connect [namespace /admin]",
        "← connected [namespace /admin] (connect)", "emit greeting", "→ emit add [namespace /admin] #7",
        "← answer [namespace /admin] to #7 (add)", "→ emit photo [namespace /admin] #8",
        "← answer [namespace /admin] to #8 (photo)", "emit photo [namespace /admin], 2 attachments follow",
        "attachment 1 of 2", "emit photo [namespace /admin]", "ping", "pong",
        "← connect refused [namespace /secret] (connect): not authorized",
    ])
    data = [read.get("data") for read in found if read["title"] == "emit photo [namespace /admin]"]
    if data != [[{"name": "a", "bytes": {"$bytes": "AQID"}}, {"$bytes": "BA=="}]]:
        yield f"socket.io: the attachments are {data}"
    sums = [read["data"] for read in found if read.get("answers") == 7]
    if sums != [[3]]:
        yield f"socket.io: the answer to #7 is {sums}"


def graphql(url, seconds):
    found, problems = reads(url, GRAPHQL, seconds)
    yield from problems
    yield from expect("graphql-ws", found, [
        "→ connection_init", "← connection_ack (connection_init)", "→ subscribe Count #1", "← next to #1 (subscribe)",
        "← complete to #1 (subscribe)", "→ subscribe nothing #2",
    ])
    counts = [read["data"]["data"]["count"] for read in found if read.get("name") == "next"]
    if counts != [1, 2, 3]:
        yield f"graphql-ws: the results are {counts}"
    errors = [read for read in found if read.get("answers") == "2" and "error" in read]
    if len(errors) != 1 or "nothing" not in errors[0]["error"]:
        yield f"graphql-ws: the errors are {errors}"


if __name__ == "__main__":
    main()
