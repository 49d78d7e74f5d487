"""A stranger's suite for event streams: every case of decoding.py and life.py against `feedscope tail --reconnect browser`.

    FEEDSCOPE=path/to/feedscope python3 tests/peers/event_streams/run.py [PART OF A NAME]...

What is expected was written from the HTML standard and the Fetch standard, never from the program. Ends with status 1 where
something is not as they say.
"""

import base64
import os
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import decoding  # noqa: E402
import life  # noqa: E402
from program import Tail  # noqa: E402
from server import Server, stream  # noqa: E402

# Most of the time a case waits for a reconnection time to pass.
AT_ONCE = 8

STATUS = {"closed": 0, "failed": 1}


def decoding_cases():
    """Each body with a short reconnection time before it, which is no part of any event."""
    for group, large in ((decoding.CASES, False), (decoding.LARGE, True)):
        for name, body, events, last_id in group:
            mark, body = (decoding.BOM, body[1]) if isinstance(body, tuple) else (b"", body)
            body = mark + b"retry:100\n" + body
            ways = [("whole", body)]
            if not large:
                ways.append(("byte by byte", [bytes([byte]) for byte in body]))
            for way, pieces in ways:
                yield life.Case(f"{name}, {way}", [stream(pieces)], events, [None, last_id])


def short_of(text):
    text = repr(text)
    return text if len(text) < 600 else f"{text[:300]} … {text[-200:]}"


def judge(case):
    """What is wrong with how the program takes this case, or nothing."""
    server = Server(case.answers)
    try:
        with Tail(f"{server.url['a']}/feed?x=1", "--reconnect", "browser", *case.arguments) as run:
            status = run.end()
            return complaint(case, server.requests, run, status)
    finally:
        server.close()


def text_of(record):
    """The data of a record as a client of the standard decodes it. Data that is not UTF-8 is in base64."""
    if "data" in record:
        return record["data"]
    return base64.b64decode(record["data_base64"]).decode("utf-8", "replace")


def complaint(case, requests, run, status):
    if status is None:
        return "it did not end"
    if status != STATUS[case.ends]:
        return f"status {status}, not {STATUS[case.ends]}: {run.complaints}"
    states = [record["state"] for record in run.of_kind("state")]
    if not (states[-1] == case.ends or "--duration" in case.arguments):
        return f"ended {states[-1]}, not {case.ends}"
    if (case.ends == "failed") != bool(run.complaints):
        return f"said on standard error: {run.complaints!r}"
    events = [(record["event"], text_of(record), record["id"]) for record in run.of_kind("event")]
    if events != case.events:
        return f"events {short_of(events)}, not {short_of(case.events)}"
    asked = [request.header("Last-Event-ID") for request in requests]
    if case.asked is not None and asked != case.asked:
        return f"Last-Event-ID {short_of(asked)}, not {short_of(case.asked)}"
    return case.check(requests, run) if case.check else ""


def main(parts):
    cases = [*decoding_cases(), *life.CASES]
    cases = [case for case in cases if all(part in case.name for part in parts)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = [(case.name, said) for case, said in zip(cases, pool.map(judge, cases)) if said]
    for name, said in wrong:
        print(f"WRONG {name}: {said}")
    print(f"event streams: {len(cases)} cases, {len(wrong)} wrong")
    return 1 if wrong or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
