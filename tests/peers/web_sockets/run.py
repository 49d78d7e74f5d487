"""Ways to botch a handshake, a frame or a close: every case of handshakes.py and frames.py against `feedscope tail`.

    FEEDSCOPE=path/to/feedscope python3 tests/peers/web_sockets/run.py [PART OF A NAME]...

Each is to end in time, with the exit status, the sentence, the close code on the wire and the messages that the case names, and
never with a second connection. Ends with status 1 where one does not.
"""

import base64
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import frames  # noqa: E402
import handshakes  # noqa: E402
from program import Tail  # noqa: E402
from server import PATIENCE, Server  # noqa: E402

# Some of them wait for a time limit to pass.
AT_ONCE = 8

# A busy machine is not what is measured; a client that hangs is.
MERCY = 5.0


def judge(case):
    """What is wrong with how the program takes this case, or nothing."""
    server = Server(case.serve)
    try:
        url = f"ws://127.0.0.1:{server.port}/feed?x=1"
        with Tail(url, "--reconnect", "browser", *case.arguments) as run:
            status = run.end(case.within + MERCY)
            took = time.monotonic() - run.started
            server.done.wait(PATIENCE)
            return complaint(case, server, run, status, took)
    finally:
        server.close()


def complaint(case, server, run, status, took):
    if server.complaint:
        return server.complaint
    if status is None:
        return f"it did not end within {took:.1f} s"
    if status != case.status:
        return f"status {status}, not {case.status}: {run.complaints}"
    return said(case, run) or on_the_wire(case, server) or (case.check(server.peer, run) if case.check else "")


def said(case, run):
    if (case.status == 1) != bool(run.complaints):
        return f"said on standard error: {run.complaints!r}"
    for part in case.says:
        if part.lower() not in run.complaints.lower():
            return f"no {part!r} in {run.complaints!r}"
    if len(run.complaints) > 400 or "\n" in run.complaints:
        return f"more than a sentence: {run.complaints!r}"
    states = [record["state"] for record in run.of_kind("state")]
    if ("open" in states) != case.opens:
        return f"states {states}"
    if states[-1] != ("failed" if case.status else "closed"):
        return f"states {states}"
    got = [
        record["data"] if "data" in record else base64.b64decode(record["data_base64"])
        for record in run.of_kind("text", "binary")
        if record["direction"] == "in"
    ]
    if case.messages is not None and got != case.messages:
        return f"messages {str(got)[:300]}, not {str(case.messages)[:300]}"
    return ""


def on_the_wire(case, server):
    if server.connections != 1:
        return f"{server.connections} connections"
    code = server.peer.close_code
    allowed = case.code if isinstance(case.code, tuple) else (case.code,)
    return "" if case.code == "any" or code in allowed else f"closed with {code}, not {case.code}"


def main(parts):
    cases = [*handshakes.CASES, *frames.CASES]
    cases = [case for case in cases if all(part in case.name for part in parts)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = [(case.name, what) for case, what in zip(cases, pool.map(judge, cases)) if what]
    for name, what in wrong:
        print(f"WRONG {name}: {what}")
    print(f"WebSockets: {len(cases)} cases, {len(wrong)} wrong")
    return 1 if wrong or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
