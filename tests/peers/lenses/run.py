"""The lenses on the frames of other people's servers: `socket.io` with namespaces, acknowledgements and attachments, as clients of
Engine.IO 4 and 3, `graphql-ws`, RabbitMQ's web-stomp, `aiosignalr`, and servers that keep to the documents of SignalR and Phoenix.

    FEEDSCOPE=… NODE_SERVER=… STOMP_PORT=… HUB_PYTHON=… python3 tests/peers/lenses/run.py [SECONDS]

With --keep, all connections stay up for the whole time, although the servers end a client that does not send what they require. Every
message is named, and every pair is right. Ends with status 1 where something does not hold. STOMP_PORT is empty if there is no RabbitMQ, and HUB_PYTHON if
there is no Python with `aiosignalr`.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import Tail

# The messages of SignalR and Phoenix come every 15 and 30 seconds, so that this form has one of the former.
SECONDS = 20.0

SOCKET_IO = [
    "--send", "40/secret,", "--send", "40/admin,", "--answer-once",
    "--answer", r"/^40\/admin/", '42/admin,7["add",1,2]',
    "--answer", r"/^43\/admin,7/", '42/admin,8["photo"]',
]
# In Engine.IO 3, the server joins the main namespace by itself.
SOCKET_IO_3 = ["--answer-once", "--answer", "/^42/", "40/admin,", "--answer", r"/^40\/admin/", '42/admin,7["add",1,2]']
GRAPHQL = [
    "--subprotocol", "graphql-transport-ws", "--answer-once",
    "--answer", '.type == "connection_ack"',
    '{"id":"1","type":"subscribe","payload":{"query":"subscription Count { count }"}}',
    "--answer", '.type == "complete"', '{"id":"2","type":"subscribe","payload":{"query":"{ nothing }"}}',
]
END = "\u001e"
SIGNALR = [
    "--lens", "signalr", "--answer-once",
    "--answer", "text:price", f'{{"type":1,"invocationId":"7","target":"Add","arguments":[1,2]}}{END}',
    "--answer", "text:\"\\\"invocationId\\\":\\\"7\\\"\"", f'{{"type":1,"invocationId":"8","target":"Nothing","arguments":[]}}{END}',
]
# The hub of `aiosignalr` sends nothing by itself, so that its answer to the handshake starts the calls.
HUB = [
    "--lens", "signalr", "--answer-once",
    "--answer", "is:in", f'{{"type":1,"invocationId":"7","target":"Add","arguments":[1,2]}}{END}',
    "--answer", r'/"invocationId":"7"/', f'{{"type":4,"invocationId":"8","target":"Count","arguments":[2]}}{END}',
    "--answer", r'/"type":3,"invocationId":"8"|"invocationId":"8","type":3/',
    f'{{"type":1,"invocationId":"9","target":"Nothing","arguments":[]}}{END}',
]
PHOENIX = [
    "--send", '["1","1","room:lobby","phx_join",{}]', "--send", '["2","2","room:secret","phx_join",{}]',
]
# A command line cannot contain NUL, which ends each frame of STOMP. A file can.
STOMP = r"""
[stomp]
url = "{url}"
subprotocols = ["v12.stomp"]

[[stomp.messages]]
when = "text:CONNECTED"
once = true
text = "SUBSCRIBE\nid:0\ndestination:/topic/prices\nreceipt:r1\n\n\u0000"

[[stomp.messages]]
when = "text:r1"
once = true
text = "SEND\ndestination:/topic/prices\ncontent-type:application/json\n\n{{\"price\":101.5}}\u0000"
"""


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    interval, limit = (25.0, 20.0) if seconds >= 60 else (0.5, 1.5)
    server = subprocess.Popen(
        ["node", os.environ["NODE_SERVER"], str(int(interval * 1000)), str(int(limit * 1000))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    started = [server]
    try:
        ports = json.loads(server.stdout.readline())
        host = "ws://127.0.0.1"
        engine = f"{host}:{ports['socketIo']}/socket.io/?transport=websocket&EIO"
        cases = [
            (socket_io, f"{engine}=4"),
            (socket_io_3, f"{engine}=3"),
            (graphql, f"{host}:{ports['graphql']}/"),
            (signalr, f"{host}:{ports['signalR']}/"),
            (phoenix, f"{host}:{ports['phoenix']}/socket/websocket?vsn=2.0.0"),
        ]
        if os.environ.get("STOMP_PORT"):
            cases.append((stomp, f"{host}:{os.environ['STOMP_PORT']}/ws"))
        else:
            print("lenses: RabbitMQ is left out")
        if os.environ.get("HUB_PYTHON"):
            # A client pings every 15 seconds.
            hub = subprocess.Popen(
                [os.environ["HUB_PYTHON"], str(Path(__file__).parent / "hub.py"), "20"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            started.append(hub)
            cases.append((hub_of_python, f"{host}:{int(hub.stdout.readline())}/hub"))
        else:
            print("lenses: aiosignalr is left out")
        # All connections last for the whole time, so that they run at the same time.
        with ThreadPoolExecutor(len(cases)) as pool:
            results = list(pool.map(lambda case: list(case[0](case[1], seconds)), cases))
    finally:
        for program in started:
            program.stdin.close()
            program.wait(10)
    wrong = [problem for problems in results for problem in problems]
    for problem in wrong:
        print(f"wrong  {problem}")
    print(f"lenses: {len(cases)} servers for {seconds:.0f} s, {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


def reads(url, options, seconds):
    """What was read of each message, in order, and the problems of the connection."""
    lens = [] if "--lens" in options else ["--lens", "auto"]
    with Tail(url, *lens, "--keep", "--duration", str(seconds), *options) as tail:
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
    """The titles that are missing. The times are cut out, because they differ."""
    titles = [re.sub(r" after [0-9.]+ m?s", "", read["title"]) for read in found]
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


def socket_io_3(url, seconds):
    found, problems = reads(url, SOCKET_IO_3, seconds)
    yield from problems
    yield from expect("socket.io 3", found, [
        "open", "emit greeting", "← connected [namespace /admin] (connect)", "→ emit add [namespace /admin] #7",
        "← answer [namespace /admin] to #7 (add)", "ping", "pong",
    ])


def signalr(url, seconds):
    found, problems = reads(url, SIGNALR, seconds)
    yield from problems
    yield from expect("signalr", found, [
        "→ handshake", "← handshake (handshake)", "call price", "→ call Add #7", "← answer to #7 (Add)", "→ call Nothing #8",
        "← answer to #8 (Nothing): Unknown hub method 'Nothing'", "ping",
    ])
    sums = [read.get("data") for read in found if read.get("answers") == "7"]
    if sums != [3]:
        yield f"signalr: the answer to #7 is {sums}"
    errors = [read.get("error") for read in found if read.get("answers") == "8"]
    if errors != ["Unknown hub method 'Nothing'"]:
        yield f"signalr: the answer to #8 is {errors}"


def hub_of_python(url, seconds):
    found, problems = reads(url, HUB, seconds)
    yield from problems
    yield from expect("aiosignalr", found, [
        "→ handshake", "← handshake (handshake)", "→ call Add #7", "call price", "← answer to #7 (Add)", "→ stream Count #8",
        "← item to #8 (Count)", "← answer to #8 (Count)", "→ call Nothing #9", "ping",
    ])
    answers = [read.get("data") for read in found if read.get("answers") in ('7', '8')]
    if answers != [3, 0, 1, None]:
        yield f"aiosignalr: the answers are {answers}"
    errors = [read.get("error") for read in found if read.get("answers") == "9"]
    if len(errors) != 1 or not errors[0]:
        yield f"aiosignalr: the answer to #9 is {errors}"


def phoenix(url, seconds):
    found, problems = reads(url, PHOENIX, seconds)
    yield from problems
    wanted = ["→ phx_join room:lobby #1", "← answer [room:lobby] to #1 (phx_join)", "new_msg room:lobby"]
    yield from expect("phoenix", found, wanted + (["heartbeat"] if seconds > 35 else []))
    errors = [read.get("error") for read in found if read.get("answers") == "2"]
    if len(errors) != 1 or "unauthorized" not in str(errors[0]):
        yield f"phoenix: the answer to #2 is {errors}"


def stomp(url, seconds):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "connections.toml"
        file.write_text(STOMP.format(url=url))
        found, problems = reads("stomp", ["--connections", str(file), "--allow-project"], seconds)
    yield from problems
    yield from expect("stomp", found, [
        "→ CONNECT", "← CONNECTED (CONNECT)", "→ SUBSCRIBE /topic/prices #r1", "← RECEIPT to #r1 (SUBSCRIBE)", "SEND /topic/prices", "heartbeat",
    ])
    prices = [read.get("data") for read in found if read.get("name") == "MESSAGE"]
    if prices != [{"price": 101.5}]:
        yield f"stomp: the messages are {prices}"


if __name__ == "__main__":
    main()
